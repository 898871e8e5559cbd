/*
 * command_apdu - taking a received command apart: header, data field, Le.
 * Layer: simcard (uses base).
 * Standard: ISO/IEC 7816-3:2006 clauses 12.1.3 and 12.2.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/command_apdu.h"

static void set_le(struct command_apdu *command, uint32_t coded, uint32_t when_zero)
{
    command->has_le = true;
    command->is_le_open = coded == 0;
    command->ne = coded ? coded : when_zero;
}

/* Cases 2S, 3S, 4S: `body` starts at Lc or Le. */
static bool decode_short(struct bytes body, struct command_apdu *command)
{
    if (body.len == 1)
    {
        set_le(command, body.data[0], APDU_SHORT_NE_MAX);
        return true;
    }
    size_t nc = body.data[0];
    if (nc == 0 || (body.len != 1 + nc && body.len != 2 + nc)) return false;
    command->data = bytes_slice(body, 1, nc);
    if (body.len == 2 + nc) set_le(command, body.data[1 + nc], APDU_SHORT_NE_MAX);
    return true;
}

/* Cases 2E, 3E, 4E: `body` starts at the zero byte that announces them. */
static bool decode_extended(struct bytes body, struct command_apdu *command)
{
    if (body.len < 3) return false;
    command->is_extended = true;
    uint32_t first = (uint32_t)body.data[1] << 8 | body.data[2];
    if (body.len == 3)
    {
        set_le(command, first, APDU_EXTENDED_NE_MAX);
        return true;
    }
    size_t nc = first;
    if (nc == 0 || (body.len != 3 + nc && body.len != 5 + nc)) return false;
    command->data = bytes_slice(body, 3, nc);
    if (body.len == 5 + nc)
    {
        uint32_t coded = (uint32_t)body.data[3 + nc] << 8 | body.data[4 + nc];
        set_le(command, coded, APDU_EXTENDED_NE_MAX);
    }
    return true;
}

/*
 * T=0 always sends five header bytes, so that a missing P3 is a zero. The instruction decides what
 * P3 counts: data to come, or data to give.
 */
static bool decode_t0(struct bytes body, enum apdu_coding coding, bool may_drop_le,
                      struct command_apdu *command)
{
    uint8_t p3 = body.len ? body.data[0] : 0;
    if (coding == APDU_CODING_T0_OUTGOING)
    {
        if (body.len > 1) return false;
        set_le(command, p3, APDU_SHORT_NE_MAX);
        return true;
    }
    if (body.len <= 1) return p3 == 0;
    size_t nc = p3;
    if (nc == 0 || (body.len != 1 + nc && !(may_drop_le && body.len == 2 + nc))) return false;
    command->data = bytes_slice(body, 1, nc);
    return true;
}

bool command_apdu_decode(struct bytes bytes, enum apdu_coding coding, bool may_drop_le,
                         struct command_apdu *command)
{
    *command = (struct command_apdu){ 0 };
    if (bytes.len < APDU_HEADER_LEN) return false;
    command->cla = bytes.data[0];
    command->ins = bytes.data[1];
    command->p1 = bytes.data[2];
    command->p2 = bytes.data[3];

    struct bytes body = bytes_slice(bytes, APDU_HEADER_LEN, SIZE_MAX);
    if (coding == APDU_CODING_T0_INCOMING || coding == APDU_CODING_T0_OUTGOING)
        return decode_t0(body, coding, may_drop_le, command);
    if (body.len == 0) return true;
    if (body.data[0] == 0 && body.len > 1)
        return coding == APDU_CODING_EXTENDED && decode_extended(body, command);
    return decode_short(body, command);
}
