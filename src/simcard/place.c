/*
 * place - where on a card somebody is, as far as the commands tell that led there.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clauses 7.2, 7.4.3 (file control information), 11.1.1, 11.2, 11.3
 * SPDX-License-Identifier: MIT
 */
#include "simcard/place.h"
#include "simcard/command_parts.h"

#define INS_SELECT           0xA4
#define SELECT_ID            0x00
#define SELECT_CHILD_DF      0x01
#define SELECT_EF            0x02
#define SELECT_PARENT        0x03
#define SELECT_NAME          0x04
#define SELECT_PATH_FROM_MF  0x08
#define SELECT_PATH_FROM_DF  0x09
#define SELECT_OCCURRENCE    0x03 /* of P2 */
#define P1_SHORT_ID          0x80
#define SHORT_ID_SHIFT       3
#define ID_LEN               2
#define TAG_FCP              0x62
#define TAG_FCI              0x6F
#define TAG_DESCRIPTOR       0x82
#define TAG_DF_NAME          0x84
#define DESCRIPTOR_KIND_MASK 0xBF
#define DESCRIPTOR_DF        0x38
#define HASH_BEGINNING       UINT64_C(14695981039346656037)
#define HASH_FACTOR          UINT64_C(1099511628211)

/* FNV-1a. */
static uint64_t hash(uint64_t before, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        before = (before ^ bytes.data[i]) * HASH_FACTOR;
    return before;
}

static uint64_t hash_number(uint64_t before, uint64_t number)
{
    return hash(before, bytes_of(&number, sizeof(number)));
}

static uint64_t hash_of(char kind, struct bytes bytes)
{
    return hash(hash(HASH_BEGINNING, bytes_of(&kind, 1)), bytes);
}

static uint64_t mf_id(void)
{
    return hash_of('i', bytes_of("\x3F\x00", ID_LEN));
}

static void begin_at(struct place *place, uint64_t id)
{
    place->depth = 1;
    place->ids[0] = id;
    place->paths[0] = hash_number(HASH_BEGINNING, id);
    place->ef = 0;
}

/* Into a directory of the current one; back to it where it is one of those above. */
static void enter(struct place *place, uint64_t id)
{
    place->ef = 0;
    for (size_t i = 0; i < place->depth; i++)
    {
        if (place->ids[i] != id) continue;
        place->depth = i + 1;
        return;
    }
    uint64_t path = hash_number(place_directory(place), id);
    if (place->depth < PLACE_DEPTH_MAX) place->depth++;
    place->ids[place->depth - 1] = id;
    place->paths[place->depth - 1] = path;
}

struct place place_after_reset(void)
{
    struct place place = { 0 };
    begin_at(&place, mf_id());
    return place;
}

uint64_t place_directory(const struct place *place)
{
    return place->paths[place->depth - 1];
}

uint64_t place_file(const struct place *place)
{
    return hash_number(place_directory(place), place->ef);
}

static bool selects_mf(const struct command_parts *parts)
{
    return parts->p1 == SELECT_ID &&
           (parts->data.len == 0 || bytes_equal(parts->data, bytes_of("\x3F\x00", ID_LEN)));
}

/* The short identifier that a command names its file with; 0: none. */
static unsigned short_id_of(const struct command_parts *parts)
{
    switch (parts->ins)
    {
    case 0xB0: /* READ, WRITE, UPDATE, ERASE BINARY */
    case 0xD0:
    case 0xD6:
    case 0x0E:
        return parts->p1 & P1_SHORT_ID ? parts->p1 & 0x1F : 0;
    case 0xB1: /* the odd ones: P1-P2 is an identifier, or 0 for the current file */
    case 0xD1:
    case 0xD7:
    case 0x0F:
        return (unsigned)(parts->p1 << 8 | parts->p2);
    case 0xB2: /* the commands for records */
    case 0xB3:
    case 0xA2:
    case 0xD2:
    case 0xDC:
    case 0xDD:
    case 0xE2:
    case 0x0C:
        return parts->p2 >> SHORT_ID_SHIFT;
    default:
        return 0;
    }
}

static bool is_file_command(uint8_t ins)
{
    static const uint8_t known[] = { 0xB0, 0xB1, 0xB2, 0xB3, 0xA2, 0xD0, 0xD1, 0xD2, 0xD6, 0xD7,
                                     0xDC, 0xDD, 0xE2, 0xE4, 0x04, 0x44, 0x0C, 0x0E, 0x0F };
    return memchr(known, ins, sizeof(known)) != NULL;
}

enum place_scope place_scope_of(struct bytes command)
{
    struct command_parts parts = command_parts_of(command);

    if (parts.ins == INS_SELECT)
    {
        bool is_absolute = selects_mf(&parts) || parts.p1 == SELECT_PATH_FROM_MF ||
                           (parts.p1 == SELECT_NAME && !(parts.p2 & SELECT_OCCURRENCE));
        return is_absolute ? PLACE_ANY : PLACE_DIRECTORY;
    }
    if (!is_file_command(parts.ins)) return PLACE_PREFERRED;
    return short_id_of(&parts) ? PLACE_DIRECTORY : PLACE_FILE;
}

/* The next data object of a template; false where there is none, or half of one. */
static bool next_object(struct byte_reader *reader, unsigned *tag, struct bytes *value)
{
    if (reader->rest.len < 2) return false;
    *tag = byte_reader_u8(reader);
    if ((*tag & 0x1F) == 0x1F) *tag = *tag << 8 | byte_reader_u8(reader);
    size_t len = byte_reader_u8(reader);
    if (len == 0x81)
        len = byte_reader_u8(reader);
    else if (len == 0x82)
        len = byte_reader_u16(reader);
    *value = byte_reader_take(reader, len);
    return !reader->failed;
}

bool place_is_directory(struct bytes command, struct bytes information)
{
    struct command_parts parts = command_parts_of(command);
    struct byte_reader outer = byte_reader_of(information);
    struct bytes template, value;
    unsigned tag = 0;
    bool has_name = false;

    if (parts.p1 == SELECT_CHILD_DF || parts.p1 == SELECT_NAME || parts.p1 == SELECT_PARENT ||
        selects_mf(&parts))
        return true;
    if (parts.p1 == SELECT_EF) return false;
    if (next_object(&outer, &tag, &template) && (tag == TAG_FCP || tag == TAG_FCI))
    {
        struct byte_reader reader = byte_reader_of(template);
        while (next_object(&reader, &tag, &value))
        {
            if (tag == TAG_DESCRIPTOR && value.len)
                return (value.data[0] & DESCRIPTOR_KIND_MASK) == DESCRIPTOR_DF;
            has_name |= tag == TAG_DF_NAME;
        }
    }
    if (has_name || parts.data.len < ID_LEN) return has_name;
    /* Where the card does not say: what identifiers look like on most. */
    uint8_t first = parts.data.data[parts.data.len - ID_LEN];
    return first == 0x3F || first == 0x5F || first == 0x7F;
}

/* By identifiers, all of them directories but perhaps the last. */
static void follow_path(struct place *place, struct bytes path, bool is_directory)
{
    for (size_t i = 0; i < path.len; i += ID_LEN)
    {
        bool is_last = i + ID_LEN >= path.len;
        uint64_t id = hash_of('i', bytes_slice(path, i, ID_LEN));
        if (is_last && !is_directory)
            place->ef = id;
        else
            enter(place, id);
    }
}

static void follow_select(struct place *place, const struct command_parts *parts, bool is_directory)
{
    if (parts->p1 == SELECT_PARENT)
    {
        if (place->depth > 1) place->depth--;
        place->ef = 0;
        return;
    }
    if (parts->p1 == SELECT_NAME)
    {
        uint64_t id = hash_of('n', parts->data);
        /* The next one of that name is another one. */
        if (parts->p2 & SELECT_OCCURRENCE) id = hash_number(place->ids[0], id);
        begin_at(place, id);
        return;
    }
    if (selects_mf(parts) || parts->p1 == SELECT_PATH_FROM_MF) begin_at(place, mf_id());
    if (!selects_mf(parts)) follow_path(place, parts->data, is_directory);
}

/* Success, also that which has more to say. */
static bool is_success(struct bytes answer)
{
    uint8_t sw1 = answer.len < 2 ? 0 : answer.data[answer.len - 2];
    return sw1 == 0x61 || sw1 == 0x62 || sw1 == 0x63 || sw1 >> 4 == 9;
}

static void follow_proof(struct place *place, const struct command_parts *parts)
{
    static const uint8_t proofs[] = { 0x20, 0x24, 0x26, 0x28, 0x2C, 0x82, 0x86 };
    uint8_t ins = parts->ins & 0xFE;
    if (!parts->data.len || !memchr(proofs, ins, sizeof(proofs))) return;
    const uint8_t what[] = { ins == 0x82 || ins == 0x86, parts->p2 };
    place->proved |= UINT64_C(1) << (hash(HASH_BEGINNING, bytes_of(what, sizeof(what))) >> 32 & 63);
}

void place_follow(struct place *place, struct bytes command, struct bytes answer, bool is_directory)
{
    struct command_parts parts = command_parts_of(command);
    unsigned short_id = short_id_of(&parts);

    if (!is_success(answer)) return;
    if (parts.ins == INS_SELECT)
        follow_select(place, &parts, is_directory);
    else if (short_id)
        place->ef = hash_number(HASH_BEGINNING, short_id);
    else if (answer.data[answer.len - 2] >> 4 == 9)
        follow_proof(place, &parts);
}
