/*
 * commands_files - CREATE, DELETE, ACTIVATE, DEACTIVATE FILE, TERMINATE.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-9:2017 clauses 6 and 7; ISO/IEC 7816-4:2013 clause 7.4.10 (life cycle).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/control_info.h"
#include "simcard/security.h"
#include "simcard/session.h"
#include "simcard/tlv.h"

#define FILE_MEMORY_MIN 16 /* file_memory of an empty file */

static bool is_name_taken(struct card *card, const struct card_file *made)
{
    struct bytes name = bytes_of(made->name, made->name_len);
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
        if (name.len && bytes_equal(name, bytes_of(file->name, file->name_len))) return true;
    return false;
}

/* Whether a new file agrees with what is around it. */
static uint16_t check_new(struct card *card, struct card_file *parent, struct card_file *made)
{
    if (file_child(parent, made->id) || made->id == parent->id) return SW_FILE_EXISTS;
    if (is_name_taken(card, made)) return SW_NAME_EXISTS;
    if (made->short_id && file_child_with_short_id(parent, made->short_id)) return SW_FILE_EXISTS;
    if (file_depth(parent) + 1 > FILE_DEPTH_MAX) return SW_NOT_ENOUGH_MEMORY;
    if (!card_has_memory(card, file_memory(made), 0)) return SW_NOT_ENOUGH_MEMORY;
    return security_check(card, parent, file_is_df(made) ? ACCESS_CREATE_DF : ACCESS_CREATE_EF);
}

uint16_t command_create_file(struct card *card, const struct command_apdu *command,
                             struct byte_writer *out)
{
    (void)out;
    if (command->p1 || command->p2) return SW_BAD_P1_P2; /* the parameters say everything */
    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv template;
    if (!tlv_next(&reader, &template) || reader.rest.len || template.tag != DO_FCP)
        return SW_BAD_DATA;

    struct card_file *parent = card->session.current_df, *made;
    size_t used = file_memory(card->mf) + FILE_MEMORY_MIN;
    size_t left = used < card->style.memory ? card->style.memory - used : 0;
    uint16_t sw = control_info_decode(template.value, left, &made);
    if (sw != SW_OK) return sw;
    sw = check_new(card, parent, made);
    if (sw != SW_OK)
    {
        file_free(made);
        return sw;
    }
    file_attach(parent, made);
    session_select(card, made);
    return SW_OK;
}

/*
 * The file that a command of this family is about. An identifier in the data field names a child of
 * the current DF. Without data it is the current EF, or else the current DF.
 */
static uint16_t find_target(struct card *card, const struct command_apdu *command,
                            struct card_file **file)
{
    struct card_session *session = &card->session;
    *file = session->current_ef ? session->current_ef : session->current_df;
    if (command->p2) return SW_BAD_P1_P2;
    if (command->p1 > 0x02) return SW_BAD_P1_P2;
    if (command->data.len == 0) return command->p1 ? SW_LC_NOT_P1_P2 : SW_OK;
    if (command->data.len != 2) return SW_LC_NOT_P1_P2;

    uint16_t id = (uint16_t)(command->data.data[0] << 8 | command->data.data[1]);
    *file = file_child(session->current_df, id);
    if (!*file && command->p1 == 0x00 && (id == session->current_df->id || id == FILE_ID_MF))
        *file = id == FILE_ID_MF ? card->mf : session->current_df;
    if (!*file) return SW_FILE_NOT_FOUND;
    bool is_df_asked = command->p1 == 0x01, is_ef_asked = command->p1 == 0x02;
    if ((is_df_asked && !file_is_df(*file)) || (is_ef_asked && file_is_df(*file)))
        return SW_FILE_NOT_FOUND;
    return SW_OK;
}

uint16_t command_delete_file(struct card *card, const struct command_apdu *command,
                             struct byte_writer *out)
{
    (void)out;
    const struct card_quirks *quirks = &card->style.quirks;
    struct card_file *file;
    if (command->data.len && quirks->is_deleting_current) return SW_WRONG_LENGTH;
    uint16_t sw = find_target(card, command, &file);
    if (sw != SW_OK) return sw;
    if (command->data.len == 0 && quirks->is_deleting_current_df) file = card->session.current_df;
    if (file_is_mf(file)) return SW_CONDITIONS_OF_USE;
    if (file->first_child && !card->style.has_recursive_delete) return SW_CONDITIONS_OF_USE;
    sw = security_check(card, file, ACCESS_DELETE);
    if (sw == SW_OK) sw = security_check(card, file->parent, ACCESS_DELETE_CHILD);
    if (sw != SW_OK) return sw;

    /* The current file never lies in what is gone. */
    struct card_file *current =
        card->session.current_ef ? card->session.current_ef : card->session.current_df;
    if (file_is_within(current, file)) session_select(card, file->parent);
    file_detach(file);
    file_free(file);
    return SW_OK;
}

static uint16_t change_life_cycle(struct card *card, const struct command_apdu *command,
                                  enum access_operation operation, enum file_life_cycle life_cycle)
{
    struct card_file *file;
    uint16_t sw = find_target(card, command, &file);
    if (sw == SW_OK) sw = security_check(card, file, operation);
    if (sw == SW_OK) file->life_cycle = life_cycle;
    return sw;
}

uint16_t command_activate_file(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    (void)out;
    return change_life_cycle(card, command, ACCESS_ACTIVATE, LIFE_ACTIVATED);
}

/* A deactivated file can be deactivated again: it stays what it is. */
uint16_t command_deactivate_file(struct card *card, const struct command_apdu *command,
                                 struct byte_writer *out)
{
    (void)out;
    struct card_file *file;
    uint16_t sw = find_target(card, command, &file);
    if (sw != SW_OK) return sw;
    if (file->life_cycle == LIFE_DEACTIVATED) return SW_OK;
    return change_life_cycle(card, command, ACCESS_DEACTIVATE, LIFE_DEACTIVATED);
}

static uint16_t terminate(struct card *card, const struct command_apdu *command, bool is_df)
{
    struct card_file *file;
    uint16_t sw = find_target(card, command, &file);
    if (sw != SW_OK) return sw;
    if (file_is_df(file) != is_df) return SW_WRONG_FILE_STRUCTURE;
    return change_life_cycle(card, command, ACCESS_TERMINATE, LIFE_TERMINATED);
}

uint16_t command_terminate_df(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    return terminate(card, command, true);
}

uint16_t command_terminate_ef(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    return terminate(card, command, false);
}

uint16_t command_terminate_card_usage(struct card *card, const struct command_apdu *command,
                                      struct byte_writer *out)
{
    (void)out;
    if (command->p1 || command->p2) return SW_BAD_P1_P2;
    uint16_t sw = security_check(card, card->mf, ACCESS_TERMINATE);
    if (sw == SW_OK) card->mf->life_cycle = LIFE_TERMINATED;
    return sw;
}
