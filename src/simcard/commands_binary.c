/*
 * commands_binary - READ, UPDATE, WRITE and ERASE BINARY, by offset in P1-P2 or in a data object.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clause 11.3 (11.3.2 for the meaning of P1-P2 and odd instructions).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/security.h"
#include "simcard/session.h"
#include "simcard/tlv.h"

#define P1_SHORT_ID          0x80
#define P1_SHORT_ID_RESERVED 0x60
#define SHORT_ID_MASK        0x1F

#define DO_OFFSET        0x54
#define DO_DISCRETIONARY 0x53

static bool is_short_id(uint8_t short_id)
{
    return short_id >= 1 && short_id <= FILE_SHORT_ID_MAX;
}

/* Makes the EF of a short identifier current. */
static uint16_t select_short(struct card *card, uint8_t short_id)
{
    if (!is_short_id(short_id)) return SW_BAD_P1_P2;
    struct card_file *file = file_child_with_short_id(card->session.current_df, short_id);
    if (!file) return SW_FILE_NOT_FOUND;
    session_select(card, file);
    return SW_OK;
}

/* The transparent EF an operation is allowed on. */
static uint16_t check_current(struct card *card, enum access_operation operation,
                              struct card_file **file)
{
    *file = card->session.current_ef;
    if (!*file) return SW_NO_CURRENT_EF;
    if ((*file)->kind != FILE_TRANSPARENT) return SW_WRONG_FILE_STRUCTURE;
    return security_check(card, *file, operation);
}

/* Even instructions: 15 bits of offset into the current EF, or a short identifier and 8 bits. */
static uint16_t locate_even(struct card *card, const struct command_apdu *command,
                            enum access_operation operation, struct card_file **file,
                            size_t *offset)
{
    *offset = (size_t)command->p1 << 8 | command->p2;
    if (command->p1 & P1_SHORT_ID)
    {
        if (command->p1 & P1_SHORT_ID_RESERVED) return SW_BAD_P1_P2;
        uint16_t sw = select_short(card, command->p1 & SHORT_ID_MASK);
        if (sw != SW_OK) return sw;
        *offset = command->p2;
    }
    return check_current(card, operation, file);
}

/* Odd instructions: P1-P2 is a file identifier, or a short one in its low bits, or 0 (current). */
static uint16_t locate_odd(struct card *card, const struct command_apdu *command,
                           enum access_operation operation, struct card_file **file)
{
    uint16_t id = (uint16_t)(command->p1 << 8 | command->p2);
    if (id && (id & ~SHORT_ID_MASK) == 0 && is_short_id((uint8_t)id))
    {
        uint16_t sw = select_short(card, (uint8_t)id);
        if (sw != SW_OK) return sw;
    }
    else if (id)
    {
        struct card_file *found = file_child(card->session.current_df, id);
        if (!found) return SW_FILE_NOT_FOUND;
        if (file_is_df(found)) return SW_WRONG_FILE_STRUCTURE;
        session_select(card, found);
    }
    return check_current(card, operation, file);
}

static bool read_offset(const struct tlv *object, size_t *offset)
{
    if (object->tag != DO_OFFSET || object->value.len > 4) return false;
    *offset = 0;
    for (size_t i = 0; i < object->value.len; i++)
        *offset = *offset << 8 | object->value.data[i];
    return true;
}

uint16_t command_read_binary(struct card *card, const struct command_apdu *command,
                             struct byte_writer *out)
{
    struct card_file *file;
    size_t offset, give;
    uint16_t sw = locate_even(card, command, ACCESS_READ, &file, &offset);
    if (sw != SW_OK) return sw;
    if (offset >= file->size) return SW_WRONG_OFFSET;
    uint32_t read_max = card->style.quirks.read_max;
    if (read_max && command->ne > read_max) return SW_WRONG_LENGTH;
    sw = card_apply_le(card, command, file->size - offset, &give);
    byte_writer_put(out, bytes_of(file->data + offset, give));
    return sw;
}

/* The longest value that fits a room together with its tag and length. */
static size_t room_for_value(size_t room)
{
    size_t header_len = tlv_header_len(DO_DISCRETIONARY, 0);
    while (header_len < room && tlv_header_len(DO_DISCRETIONARY, room - header_len) > header_len)
        header_len++;
    return header_len < room ? room - header_len : 0;
}

uint16_t command_read_binary_odd(struct card *card, const struct command_apdu *command,
                                 struct byte_writer *out)
{
    struct card_file *file;
    uint16_t sw = locate_odd(card, command, ACCESS_READ, &file);
    if (sw != SW_OK) return sw;

    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv object;
    size_t offset;
    if (!tlv_next(&reader, &object) || !read_offset(&object, &offset) || reader.rest.len)
        return SW_BAD_DATA;
    if (offset >= file->size) return SW_WRONG_OFFSET;

    /* Le counts the data object's tag and length too. T=0 has no Le here and gives what fits. */
    size_t room = command->has_le ? card_answer_limit(card, command) : APDU_SHORT_NE_MAX;
    size_t available = file->size - offset;
    size_t give = room_for_value(room);
    if (give == 0) return SW_WRONG_LENGTH;
    sw = SW_OK;
    if (give > available)
    {
        if (command->has_le && !command->is_le_open) sw = SW_END_BEFORE_LE;
        give = available;
    }
    tlv_put(out, DO_DISCRETIONARY, bytes_of(file->data + offset, give));
    return sw;
}

/* Whether `len` bytes can go to `offset`. */
static uint16_t check_range(const struct card_file *file, size_t offset, size_t len)
{
    if (offset > file->size || (offset == file->size && file->size)) return SW_WRONG_OFFSET;
    return len <= file->size - offset ? SW_OK : SW_NOT_ENOUGH_MEMORY;
}

static uint16_t update(struct card_file *file, size_t offset, struct bytes data)
{
    uint16_t sw = check_range(file, offset, data.len);
    if (sw == SW_OK && data.len) memcpy(file->data + offset, data.data, data.len);
    return sw;
}

/* WRITE does what the file's data coding byte says. */
static uint16_t write(struct card_file *file, size_t offset, struct bytes data)
{
    uint16_t sw = check_range(file, offset, data.len);
    if (sw != SW_OK) return sw;
    uint8_t *target = data.len ? file->data + offset : NULL;
    if (file->write_mode == FILE_WRITE_ONCE)
        for (size_t i = 0; i < data.len; i++)
            if (target[i] != file->erased_value) return SW_CONDITIONS_OF_USE;
    for (size_t i = 0; i < data.len; i++)
    {
        if (file->write_mode == FILE_WRITE_OR)
            target[i] |= data.data[i];
        else if (file->write_mode == FILE_WRITE_AND)
            target[i] &= data.data[i];
        else
            target[i] = data.data[i];
    }
    return SW_OK;
}

static uint16_t erase(struct card_file *file, size_t from, size_t to)
{
    if (from >= file->size || to > file->size) return SW_WRONG_OFFSET;
    if (to <= from) return SW_BAD_DATA;
    memset(file->data + from, file->erased_value, to - from);
    return SW_OK;
}

typedef uint16_t change_function(struct card_file *file, size_t offset, struct bytes data);

static uint16_t change_even(struct card *card, const struct command_apdu *command,
                            enum access_operation operation, change_function *change)
{
    struct card_file *file;
    size_t offset;
    uint16_t sw = locate_even(card, command, operation, &file, &offset);
    return sw == SW_OK ? change(file, offset, command->data) : sw;
}

/* The data field has two data objects: the offset, and the data as discretionary data. */
static uint16_t change_odd(struct card *card, const struct command_apdu *command,
                           enum access_operation operation, change_function *change)
{
    struct card_file *file;
    uint16_t sw = locate_odd(card, command, operation, &file);
    if (sw != SW_OK) return sw;

    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv where, what;
    size_t offset;
    if (!tlv_next(&reader, &where) || !read_offset(&where, &offset)) return SW_BAD_DATA;
    if (!tlv_next(&reader, &what) || what.tag != DO_DISCRETIONARY || reader.rest.len)
        return SW_BAD_DATA;
    return change(file, offset, what.value);
}

uint16_t command_update_binary(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    (void)out;
    return change_even(card, command, ACCESS_UPDATE, update);
}

uint16_t command_update_binary_odd(struct card *card, const struct command_apdu *command,
                                   struct byte_writer *out)
{
    (void)out;
    return change_odd(card, command, ACCESS_UPDATE, update);
}

uint16_t command_write_binary(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    return change_even(card, command, ACCESS_WRITE, write);
}

uint16_t command_write_binary_odd(struct card *card, const struct command_apdu *command,
                                  struct byte_writer *out)
{
    (void)out;
    return change_odd(card, command, ACCESS_WRITE, write);
}

/* From the offset in P1-P2 to the offset in the data field, or to the end of the file. */
uint16_t command_erase_binary(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    struct card_file *file;
    size_t from;
    uint16_t sw = locate_even(card, command, ACCESS_UPDATE, &file, &from);
    if (sw != SW_OK) return sw;
    if (command->data.len == 0) return erase(file, from, file->size);
    if (command->data.len > 2) return SW_WRONG_LENGTH;
    size_t to = command->data.data[0];
    if (command->data.len == 2) to = to << 8 | command->data.data[1];
    return erase(file, from, to);
}

/* Erases the whole file; with one offset to the end; with two from the first to the second. */
uint16_t command_erase_binary_odd(struct card *card, const struct command_apdu *command,
                                  struct byte_writer *out)
{
    (void)out;
    struct card_file *file;
    uint16_t sw = locate_odd(card, command, ACCESS_UPDATE, &file);
    if (sw != SW_OK) return sw;

    struct byte_reader reader = byte_reader_of(command->data);
    struct tlv object;
    size_t bounds[2] = { 0, file->size };
    size_t count = 0;
    while (tlv_next(&reader, &object))
        if (count == 2 || !read_offset(&object, &bounds[count++])) return SW_BAD_DATA;
    return reader.failed ? SW_BAD_DATA : erase(file, bounds[0], bounds[1]);
}
