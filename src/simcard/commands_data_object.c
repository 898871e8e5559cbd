/*
 * commands_data_object - GET DATA and PUT DATA.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clause 11.4 (even instructions: the tag in P1-P2; odd ones: a tag
 *           list), table 64; NIST SP 800-73-4 part 2, 3.1.2 and 3.3.2 (contents in 53).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/control_info.h"
#include "simcard/security.h"
#include "simcard/tlv.h"

/* The odd instructions: P1-P2 names the DF, the data field the objects. */
#define DF_CURRENT       0x3FFF
#define DF_CURRENT_TOO   0x0000
#define DO_TAG_LIST      0x5C
#define DO_DISCRETIONARY 0x53
/* PIV's own templates. */
#define DO_DISCOVERY          0x7E
#define DO_BIOMETRIC_TEMPLATE 0x7F61

/* Tags in P1-P2: BER-TLV of one byte, proprietary, SIMPLE-TLV, BER-TLV of two bytes. */
static bool is_tag(uint16_t tag)
{
    return (tag >= 0x0040 && tag <= 0x01FF) || (tag > 0x0200 && tag < 0x02FF) || tag >= 0x4000;
}

static bool is_control_template(uint16_t tag)
{
    return tag == DO_FCP || tag == DO_FMD || tag == DO_FCI;
}

/* The object in the current DF, or else in the MF. */
static struct data_object *find(struct card *card, uint32_t tag, struct card_file **df)
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
        control_info_encode(session->current_ef ? session->current_ef : session->current_df,
                            &card->style.quirks, tag, out);
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

/* Replaces an object. One that is not there yet is made in the current DF, as an EF would be. */
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

static bool is_current_df(const struct command_apdu *command)
{
    unsigned df = (unsigned)(command->p1 << 8 | command->p2);
    return df == DF_CURRENT || df == DF_CURRENT_TOO;
}

static uint16_t not_found(const struct card *card)
{
    return card->style.profile == PROFILE_PIV ? SW_FILE_NOT_FOUND : SW_REFERENCE_NOT_FOUND;
}

/* The tag under which an object's contents travel: PIV has 53 for all but its two templates. */
static uint32_t tag_outside(const struct card *card, uint32_t tag)
{
    bool is_template = tag == DO_DISCOVERY || tag == DO_BIOMETRIC_TEMPLATE;
    return card->style.profile == PROFILE_PIV && !is_template ? DO_DISCRETIONARY : tag;
}

static uint32_t read_tag(struct byte_reader *reader)
{
    uint32_t tag = byte_reader_u8(reader);
    if ((tag & 0x1F) != 0x1F) return tag;
    uint8_t next;
    do
    {
        next = byte_reader_u8(reader);
        tag = tag << 8 | next;
    } while (!reader->failed && next & 0x80 && tag <= 0xFFFF);
    return tag;
}

static uint16_t give_object(struct card *card, uint32_t tag, struct byte_writer *out)
{
    struct card_file *df;
    struct data_object *object = find(card, tag, &df);
    if (!object) return not_found(card);
    uint16_t sw = check_alive(df);
    if (sw != SW_OK) return sw;
    if (!security_is_satisfied(card, &object->get, df)) return SW_SECURITY_STATUS;
    tlv_put(out, tag_outside(card, tag), bytes_of(object->value, object->len));
    return SW_OK;
}

uint16_t command_get_data_odd(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv list;
    uint16_t sw = SW_OK;
    if (!is_current_df(command)) return SW_BAD_P1_P2;
    if (!tlv_next(&reader, &list) || list.tag != DO_TAG_LIST || reader.rest.len || !list.value.len)
        return SW_BAD_DATA;
    reader = byte_reader_of(list.value);
    while (sw == SW_OK && reader.rest.len)
    {
        uint32_t tag = read_tag(&reader);
        sw = reader.failed ? SW_BAD_DATA : give_object(card, tag, out);
    }
    return sw;
}

/* The data field is a tag list with one tag and the contents in 53, or the object itself. */
uint16_t command_put_data_odd(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv first, contents;
    if (!is_current_df(command)) return SW_BAD_P1_P2;
    if (!tlv_next(&reader, &first)) return SW_BAD_DATA;
    uint32_t tag = first.tag;
    contents = first;
    if (first.tag == DO_TAG_LIST)
    {
        struct byte_reader tags = byte_reader_of(first.value);
        tag = read_tag(&tags);
        if (tags.failed || tags.rest.len) return SW_BAD_DATA;
        if (!tlv_next(&reader, &contents) || contents.tag != DO_DISCRETIONARY) return SW_BAD_DATA;
    }
    if (reader.rest.len) return SW_BAD_DATA;

    struct card_file *df;
    struct data_object *object = find(card, tag, &df);
    if (!object) return not_found(card);
    uint16_t sw = check_alive(df);
    if (sw != SW_OK) return sw;
    if (!security_is_satisfied(card, &object->put, df)) return SW_SECURITY_STATUS;
    if (!card_has_memory(card, contents.value.len, object->len)) return SW_NOT_ENOUGH_MEMORY;
    return data_object_set(object, contents.value) ? SW_OK : SW_MEMORY_FAILURE;
}
