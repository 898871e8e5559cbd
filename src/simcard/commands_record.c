/*
 * commands_record - READ, UPDATE, WRITE, APPEND, ERASE and SEARCH RECORD.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clause 11.4 (tables 54 to 61), 7.3.3 (record identifiers, pointer).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card.h"
#include "simcard/commands.h"
#include "simcard/security.h"
#include "simcard/session.h"

/* P2. Bits 8-4: a short identifier. Bit 3: P1 is a number, or an identifier. Bits 2-1: which. */
#define P2_SHORT_ID_SHIFT   3
#define P2_SHORT_ID_INVALID 31
#define P2_MODE_MASK        0x07
#define BY_ID_FIRST         0x00
#define BY_ID_LAST          0x01
#define BY_ID_NEXT          0x02
#define BY_ID_PREVIOUS      0x03
#define BY_NUMBER           0x04
#define FROM_P1_TO_LAST     0x05
#define FROM_LAST_TO_P1     0x06
#define SEARCH_ENHANCED     0x07

#define P1_INVALID 0xFF

#define SIMPLE_TLV_LONG_LENGTH 0xFF

/* Makes the EF that P2 means current and checks that it has records and allows the operation. */
static uint16_t locate(struct card *card, const struct command_apdu *command,
                       enum access_operation operation, struct card_file **file)
{
    uint8_t short_id = command->p2 >> P2_SHORT_ID_SHIFT;
    *file = card->session.current_ef;
    if (short_id == P2_SHORT_ID_INVALID) return SW_BAD_P1_P2;
    if (short_id)
    {
        *file = file_child_with_short_id(card->session.current_df, short_id);
        if (!*file) return SW_FILE_NOT_FOUND;
        session_select(card, *file);
    }
    if (!*file) return SW_NO_CURRENT_EF;
    if (!file_has_records(*file)) return SW_WRONG_FILE_STRUCTURE;
    return security_check(card, *file, operation);
}

/* A SIMPLE-TLV object, alone: tag 01 to FE, length in one byte or FF and two. */
static bool is_simple_tlv(struct bytes record)
{
    struct byte_reader reader = byte_reader_of(record);
    uint8_t tag = byte_reader_u8(&reader);
    size_t len = byte_reader_u8(&reader);
    if (len == SIMPLE_TLV_LONG_LENGTH) len = byte_reader_u16(&reader);
    return !reader.failed && tag != 0x00 && tag != 0xFF && reader.rest.len == len;
}

/* Whether a record carries an identifier; 00 asks for none and fits every record. */
static bool has_identifier(const struct card_file *file, size_t number, uint8_t identifier)
{
    if (identifier == 0) return true;
    const struct record *record = &file->records[number - 1];
    return file->has_tlv_records && record->len > 0 && record->data[0] == identifier;
}

/* The number of the record that has this identifier, by the occurrence asked for; or 0. */
static size_t find_by_identifier(const struct card *card, const struct card_file *file,
                                 uint8_t identifier, uint8_t occurrence)
{
    size_t count = file->record_count, current = card->session.current_record;
    bool is_upward = occurrence == BY_ID_FIRST || occurrence == BY_ID_NEXT;
    size_t number = is_upward ? 1 : count;
    if (current && occurrence == BY_ID_NEXT) number = current + 1;
    if (current && occurrence == BY_ID_PREVIOUS) number = current - 1;
    while (number >= 1 && number <= count)
    {
        if (has_identifier(file, number, identifier)) return number;
        number = is_upward ? number + 1 : number - 1;
    }
    return 0;
}

/*
 * The record that a command addresses, and where the record pointer goes. A number leaves the
 * pointer alone; an identifier moves it to the record found.
 */
static uint16_t find_record(const struct card *card, const struct command_apdu *command,
                            const struct card_file *file, size_t *number, size_t *pointer)
{
    const struct card_quirks *quirks = &card->style.quirks;
    uint16_t missing = quirks->record_missing_sw ? quirks->record_missing_sw : SW_RECORD_NOT_FOUND;
    uint8_t mode = command->p2 & P2_MODE_MASK;
    if (mode >= BY_NUMBER && quirks->has_records_in_turn) return SW_BAD_P1_P2;
    *pointer = card->session.current_record;
    if (command->p1 == P1_INVALID || mode == SEARCH_ENHANCED) return SW_BAD_P1_P2;
    if (mode < BY_NUMBER)
    {
        *number = find_by_identifier(card, file, command->p1, mode);
        *pointer = *number;
    }
    else
        *number = command->p1 ? command->p1 : card->session.current_record;
    return *number >= 1 && *number <= file->record_count ? SW_OK : missing;
}

static struct bytes content_of(const struct card_file *file, size_t number)
{
    return bytes_of(file->records[number - 1].data, file->records[number - 1].len);
}

/* Applies Le to records. An open Le asks for whole records, however many answers that takes. */
static uint16_t apply_le(const struct card *card, const struct command_apdu *command,
                         size_t available, size_t *give)
{
    bool is_t0 = card->style.protocol == 0 && !command->is_extended;
    if (is_t0 && command->ne < available)
    {
        *give = 0;
        return available < APDU_SHORT_NE_MAX ? (uint16_t)(SW_WRONG_LE | available) : SW_WRONG_LE;
    }
    uint16_t sw = card_apply_le(card, command, available, give);
    size_t limit = card->style.max_answer_data;
    if (!is_t0 && command->is_le_open) *give = available < limit ? available : limit;
    return sw;
}

static uint16_t read_one(struct card *card, const struct command_apdu *command,
                         const struct card_file *file, struct byte_writer *out)
{
    size_t number, pointer, give;
    uint16_t sw = find_record(card, command, file, &number, &pointer);
    if (sw != SW_OK) return sw;
    struct bytes record = content_of(file, number);
    sw = apply_le(card, command, record.len, &give);
    if (sw >> 8 == SW_WRONG_LE >> 8) return sw; /* nothing was read: the pointer stays */
    card->session.current_record = pointer;
    byte_writer_put(out, bytes_slice(record, 0, give));
    return sw;
}

/* Several records one after the other, upwards or downwards. */
static uint16_t read_range(struct card *card, const struct command_apdu *command,
                           const struct card_file *file, struct byte_writer *out)
{
    size_t first = command->p1 ? command->p1 : card->session.current_record;
    size_t count = file->record_count;
    bool is_upward = (command->p2 & P2_MODE_MASK) == FROM_P1_TO_LAST;
    if (command->p1 == P1_INVALID || card->style.quirks.has_records_in_turn) return SW_BAD_P1_P2;
    if (first < 1 || first > count) return SW_RECORD_NOT_FOUND;

    size_t available = 0, give;
    for (size_t number = first; number <= count; number++)
        available += file->records[number - 1].len;
    uint16_t sw = apply_le(card, command, available, &give);
    for (size_t i = 0; i <= count - first && give > 0; i++)
    {
        struct bytes record = content_of(file, is_upward ? first + i : count - i);
        record = bytes_slice(record, 0, give);
        byte_writer_put(out, record);
        give -= record.len;
    }
    return sw;
}

uint16_t command_read_record(struct card *card, const struct command_apdu *command,
                             struct byte_writer *out)
{
    struct card_file *file;
    uint16_t sw = locate(card, command, ACCESS_READ, &file);
    if (sw != SW_OK) return sw;
    uint8_t mode = command->p2 & P2_MODE_MASK;
    return mode == FROM_P1_TO_LAST || mode == FROM_LAST_TO_P1 ? read_range(card, command, file, out)
                                                              : read_one(card, command, file, out);
}

static uint16_t outcome_sw(enum record_outcome outcome)
{
    switch (outcome)
    {
    case RECORD_STORED:
        return SW_OK;
    case RECORD_NO_ROOM:
        return SW_NOT_ENOUGH_MEMORY;
    case RECORD_WRONG_LEN:
        return SW_WRONG_LENGTH;
    default:
        return SW_MEMORY_FAILURE;
    }
}

/* Adds a record and points at it. */
static uint16_t append(struct card *card, struct card_file *file, struct bytes content)
{
    if (file->has_tlv_records && !is_simple_tlv(content)) return SW_LC_NOT_TLV;
    uint16_t sw = outcome_sw(file_record_append(file, content));
    if (sw == SW_OK)
        card->session.current_record = file->kind == FILE_CYCLIC ? 1 : file->record_count;
    return sw;
}

/* What WRITE makes of a record, by the file's data coding byte. */
static uint16_t combine(const struct card_file *file, struct bytes old, struct bytes written,
                        uint8_t *room)
{
    if (file->write_mode == FILE_WRITE_ONCE)
        for (size_t i = 0; i < old.len; i++)
            if (old.data[i] != file->erased_value) return SW_CONDITIONS_OF_USE;
    bool is_logical = file->write_mode == FILE_WRITE_OR || file->write_mode == FILE_WRITE_AND;
    if (is_logical && old.len != written.len) return SW_WRONG_LENGTH;
    for (size_t i = 0; i < written.len; i++)
    {
        room[i] = written.data[i];
        if (file->write_mode == FILE_WRITE_OR) room[i] |= old.data[i];
        if (file->write_mode == FILE_WRITE_AND) room[i] &= old.data[i];
    }
    return SW_OK;
}

static uint16_t change(struct card *card, const struct command_apdu *command,
                       enum access_operation operation)
{
    struct card_file *file;
    uint8_t mode = command->p2 & P2_MODE_MASK;
    if (mode > BY_NUMBER || command->p1 == P1_INVALID) return SW_BAD_P1_P2;
    if (mode < BY_NUMBER && command->p1) return SW_BAD_P1_P2; /* the identifier is in the data */
    uint16_t sw = locate(card, command, operation, &file);
    if (sw != SW_OK) return sw;

    /* In a cyclic file the oldest record comes before the first; written, it becomes number 1. */
    if (file->kind == FILE_CYCLIC && mode == BY_ID_PREVIOUS)
        return append(card, file, command->data);

    /* A SIMPLE-TLV record replaces the one with its tag; without tags any record is meant. */
    struct command_apdu search = *command;
    if (file->has_tlv_records)
    {
        if (!is_simple_tlv(command->data)) return SW_LC_NOT_TLV;
        if (mode < BY_NUMBER) search.p1 = command->data.data[0];
    }
    size_t number, pointer;
    sw = find_record(card, &search, file, &number, &pointer);
    if (sw != SW_OK) return sw;

    struct bytes content = command->data;
    if (operation == ACCESS_WRITE)
    {
        if (content.len > CARD_ANSWER_MAX) return SW_WRONG_LENGTH;
        sw = combine(file, content_of(file, number), content, card->answer_room);
        if (sw != SW_OK) return sw;
        content.data = card->answer_room;
    }
    sw = outcome_sw(file_record_replace(file, number - 1, content));
    if (sw == SW_OK) card->session.current_record = pointer;
    return sw;
}

uint16_t command_update_record(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    (void)out;
    return change(card, command, ACCESS_UPDATE);
}

uint16_t command_write_record(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    return change(card, command, ACCESS_WRITE);
}

uint16_t command_append_record(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    (void)out;
    struct card_file *file;
    if (command->p1 || command->p2 & P2_MODE_MASK) return SW_BAD_P1_P2;
    uint16_t sw = locate(card, command, ACCESS_WRITE, &file);
    return sw == SW_OK ? append(card, file, command->data) : sw;
}

/* Erased records keep their place and number: their bytes become the erased value. */
uint16_t command_erase_record(struct card *card, const struct command_apdu *command,
                              struct byte_writer *out)
{
    (void)out;
    struct card_file *file;
    uint8_t mode = command->p2 & P2_MODE_MASK;
    if (mode != BY_NUMBER && mode != FROM_P1_TO_LAST) return SW_BAD_P1_P2;
    if (command->p1 == P1_INVALID) return SW_BAD_P1_P2;
    uint16_t sw = locate(card, command, ACCESS_UPDATE, &file);
    if (sw != SW_OK) return sw;
    size_t first = command->p1 ? command->p1 : card->session.current_record;
    if (first < 1 || first > file->record_count) return SW_RECORD_NOT_FOUND;
    size_t last = mode == BY_NUMBER ? first : file->record_count;
    for (size_t number = first; number <= last; number++)
    {
        struct record *record = &file->records[number - 1];
        if (record->len) memset(record->data, file->erased_value, record->len);
    }
    return SW_OK;
}

static bool contains(struct bytes record, struct bytes wanted)
{
    for (size_t i = 0; wanted.len <= record.len && i <= record.len - wanted.len; i++)
        if (memcmp(record.data + i, wanted.data, wanted.len) == 0) return true;
    return false;
}

/* The simple search: the numbers of the records that contain the data field. */
uint16_t command_search_record(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    struct card_file *file;
    uint8_t mode = command->p2 & P2_MODE_MASK;
    if (mode != BY_NUMBER && mode != FROM_P1_TO_LAST) return SW_FUNCTION_UNSUPPORTED;
    if (command->p1 == P1_INVALID) return SW_BAD_P1_P2;
    uint16_t sw = locate(card, command, ACCESS_READ, &file);
    if (sw != SW_OK) return sw;

    bool is_upward = mode == BY_NUMBER; /* in SEARCH: 04 forward from P1, 05 backward from P1 */
    size_t count = file->record_count;
    size_t number = command->p1 ? command->p1 : card->session.current_record;
    if (number == 0) number = is_upward ? 1 : count;
    if (number < 1 || number > count) return SW_RECORD_NOT_FOUND;
    for (; number >= 1 && number <= count; number = is_upward ? number + 1 : number - 1)
    {
        if (!contains(content_of(file, number), command->data)) continue;
        if (out->len == 0) card->session.current_record = number;
        byte_writer_u8(out, (uint8_t)number);
    }
    return out->len ? SW_OK : SW_END_BEFORE_LE;
}
