/*
 * apdu_decode - a command's bytes taken apart again, and what can be told of a command.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:1995 clause 5.3; ISO/IEC 7816-3:2006 clauses 11.3.2.1, 12.1
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/apdu_decode.h"

#define NAD_VPP_BITS    0x88
#define NAD_NODE_MASK   0x07
#define NAD_SOURCE_BITS 4

/* Le of all zeros asks for as much as its coding can. */
static uint32_t expected(unsigned le, uint32_t most)
{
    return le ? le : most;
}

/* What stands behind the header, with short lengths: all of it, or it is no command. */
static bool decode_short(struct byte_reader body, struct apdu_command *command)
{
    if (body.rest.len == 1)
    {
        command->ne = expected(byte_reader_u8(&body), APDU_SHORT_NE_MAX);
        return true;
    }
    size_t lc = byte_reader_u8(&body);
    if (lc == 0) return false;
    command->data = byte_reader_take(&body, lc);
    if (body.rest.len == 1) command->ne = expected(byte_reader_u8(&body), APDU_SHORT_NE_MAX);
    return !body.failed && body.rest.len == 0;
}

/* The same behind the zero that marks extended lengths. */
static bool decode_extended(struct byte_reader body, struct apdu_command *command)
{
    if (body.rest.len == 2)
    {
        command->ne = expected(byte_reader_u16(&body), APDU_EXTENDED_NE_MAX);
        return true;
    }
    size_t lc = byte_reader_u16(&body);
    if (lc == 0) return false;
    command->data = byte_reader_take(&body, lc);
    if (body.rest.len == 2) command->ne = expected(byte_reader_u16(&body), APDU_EXTENDED_NE_MAX);
    return !body.failed && body.rest.len == 0;
}

static bool decode_body(struct byte_reader body, struct apdu_command *command,
                        enum apdu_coding *coding)
{
    if (body.rest.len == 0) return true;
    if (body.rest.data[0] != 0 || body.rest.len == 1) return decode_short(body, command);
    byte_reader_u8(&body);
    *coding = APDU_EXTENDED;
    return decode_extended(body, command);
}

bool apdu_decode(struct bytes raw, struct apdu_command *command, enum apdu_coding *coding)
{
    struct byte_reader reader = byte_reader_of(raw);

    *coding = APDU_SHORT;
    *command = (struct apdu_command){ 0 };
    command->cla = byte_reader_u8(&reader);
    command->ins = byte_reader_u8(&reader);
    command->p1 = byte_reader_u8(&reader);
    command->p2 = byte_reader_u8(&reader);
    if (!reader.failed && decode_body(reader, command, coding)) return true;
    *command = (struct apdu_command){ 0 };
    *coding = APDU_SHORT;
    return false;
}

enum apdu_coding apdu_coding_for(const struct apdu_command *command)
{
    return apdu_fits_short(command) && command->ne <= APDU_SHORT_NE_MAX ? APDU_SHORT
                                                                        : APDU_EXTENDED;
}

size_t apdu_encoded_len(const struct apdu_command *command, enum apdu_coding coding)
{
    size_t length_len = coding == APDU_SHORT ? 1 : 2, len = APDU_HEADER_LEN;

    if (coding == APDU_EXTENDED && (command->data.len || command->ne)) len++;
    if (command->data.len) len += length_len + command->data.len;
    if (command->ne) len += length_len;
    return len;
}

unsigned apdu_case_of(const struct apdu_command *command)
{
    return 1u + (command->ne ? 1u : 0u) + (command->data.len ? 2u : 0u);
}

uint8_t apdu_p3(const struct apdu_command *command, enum apdu_coding coding)
{
    if (coding == APDU_EXTENDED) return 0;
    if (command->data.len) return (uint8_t)command->data.len;
    return (uint8_t)command->ne; /* 256 is written as 0 */
}

bool apdu_node_address_is_valid(uint8_t nad)
{
    unsigned from = nad & NAD_NODE_MASK, to = nad >> NAD_SOURCE_BITS & NAD_NODE_MASK;

    return (nad & NAD_VPP_BITS) == 0 && (nad == 0 || from != to);
}
