/*
 * commands_data_object - GET DATA and PUT DATA.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clause 11.4 (even instructions: the tag in P1-P2), table 64.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card_state.h"
#include "simcard/control_info.h"
#include "simcard/security.h"

/* What P1-P2 can be: BER-TLV tags of one byte, proprietary, SIMPLE-TLV tags, BER-TLV of two. */
static bool is_tag(uint16_t tag)
{
    return (tag >= 0x0040 && tag <= 0x01FF) || (tag > 0x0200 && tag < 0x02FF) || tag >= 0x4000;
}

static bool is_control_template(uint16_t tag)
{
    return tag == DO_FCP || tag == DO_FMD || tag == DO_FCI;
}

/* The object in the current DF, or else in the MF. */
static struct data_object *find(struct card *card, uint16_t tag, struct card_file **df)
{
    *df = card->session.current_df;
    struct data_object *object = file_object_find(*df, tag);
    if (object || file_is_mf(*df)) return object;
    *df = card->mf;
    return file_object_find(*df, tag);
}

static uint16_t check_alive(const struct card_file *df)
{
    for (; df; df = df->parent)
        if (df->life_cycle == LIFE_DEACTIVATED || df->life_cycle == LIFE_TERMINATED)
            return SW_CONDITIONS_OF_USE;
    return SW_OK;
}

uint16_t command_get_data(struct card *card, const struct command_apdu *command,
                          struct byte_writer *out)
{
    uint16_t tag = (uint16_t)(command->p1 << 8 | command->p2);
    if (!is_tag(tag)) return SW_BAD_P1_P2;
    if (is_control_template(tag))
    {
        const struct card_session *session = &card->session;
        control_info_encode(session->current_ef ? session->current_ef : session->current_df, tag,
                            out);
        return SW_OK;
    }
    struct card_file *df;
    struct data_object *object = find(card, tag, &df);
    if (!object) return SW_REFERENCE_NOT_FOUND;
    uint16_t sw = check_alive(df);
    if (sw != SW_OK) return sw;
    if (!security_is_satisfied(card, &object->get, df)) return SW_SECURITY_STATUS;
    byte_writer_put(out, bytes_of(object->value, object->len));
    return SW_OK;
}

/* Replaces an object; one that is not there yet is made in the current DF, as an EF would be. */
uint16_t command_put_data(struct card *card, const struct command_apdu *command,
                          struct byte_writer *out)
{
    (void)out;
    uint16_t tag = (uint16_t)(command->p1 << 8 | command->p2);
    if (!is_tag(tag) || is_control_template(tag)) return SW_BAD_P1_P2;

    struct card_file *df;
    struct data_object *object = find(card, tag, &df);
    if (!object) df = card->session.current_df;
    uint16_t sw = check_alive(df);
    if (sw != SW_OK) return sw;
    if (object && !security_is_satisfied(card, &object->put, df)) return SW_SECURITY_STATUS;
    if (!object) sw = security_check(card, df, ACCESS_CREATE_EF);
    if (sw != SW_OK) return sw;
    if (!card_has_memory(card, command->data.len, object ? object->len : 0))
        return SW_NOT_ENOUGH_MEMORY;
    if (!object) object = file_object_add(df, tag);
    return object && data_object_set(object, command->data) ? SW_OK : SW_MEMORY_FAILURE;
}
