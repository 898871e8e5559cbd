/*
 * disclosure - what of a command and its answer may be shown to others than the card's holder.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.4.1, 11; 3GPP TS 11.11 clause 9.2 (STATUS of SIMs)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/disclosure.h"

#include "iso7816/apdu_decode.h"
#include "iso7816/status_words.h"

#define CLA_SECURE_MESSAGING 0x0C /* of the first interindustry values, and of most cards' own */
#define CLA_FURTHER_MASK     0xC0
#define CLA_FURTHER          0x40
#define CLA_FURTHER_SECURE   0x20
#define INS_MANAGE_CHANNEL   0x70
#define INS_SEARCH_RECORD    0xA2
#define INS_READ_RECORD_ODD  0xB3
#define INS_SIM_STATUS       0xF2
#define SW_LEN               2

/* How far a command may be shown. */
enum openness
{
    HIDDEN,   /* neither its data nor its answer */
    CONTENTS, /* its data always, its answer while the card is open to nobody */
    SELECTION /* both, always */
};

static enum openness openness_of(uint8_t ins)
{
    switch (ins)
    {
    case APDU_INS_SELECT:
    case INS_SIM_STATUS:
    case INS_MANAGE_CHANNEL:
    case APDU_INS_CREATE_FILE:
    case APDU_INS_DELETE_FILE:
    case APDU_INS_ACTIVATE_FILE:
    case APDU_INS_DEACTIVATE_FILE:
        return SELECTION;
    case APDU_INS_READ_BINARY:
    case APDU_INS_READ_BINARY_ODD:
    case APDU_INS_READ_RECORD:
    case INS_READ_RECORD_ODD:
    case APDU_INS_GET_DATA:
    case APDU_INS_GET_DATA_ODD:
        return CONTENTS;
    default:
        return HIDDEN;
    }
}

static bool is_secured(uint8_t cla)
{
    if ((cla & CLA_FURTHER_MASK) == CLA_FURTHER) return cla & CLA_FURTHER_SECURE;
    return cla & CLA_SECURE_MESSAGING;
}

/* What proves something to the card, if it succeeds. A chain's parts and ENVELOPE may be one. */
static bool may_open(uint8_t cla, uint8_t ins)
{
    return is_secured(cla) || apdu_ins_is_secret(ins);
}

/* Success, or its beginning: 61xx, and SIMs' 9Fxx, 91xx, 92xx. */
static bool is_success(struct bytes answer)
{
    uint8_t sw1 = answer.len < SW_LEN ? 0 : answer.data[answer.len - SW_LEN];
    return sw1 == 0x61 || sw1 == 0x62 || sw1 >> 4 == 9;
}

/* Where a command's data stands. What cannot be taken apart is data from its header on. */
static void find_data(struct bytes bytes, size_t *offset, size_t *len)
{
    struct apdu_command command;
    enum apdu_coding coding;

    *offset = bytes.len < APDU_HEADER_LEN ? bytes.len : APDU_HEADER_LEN;
    *len = bytes.len - *offset;
    if (bytes.len == APDU_HEADER_LEN + 1) /* Le, or T=0's P3 */
        *len = 0;
    else if (apdu_decode(bytes, &command, &coding))
    {
        if (command.data.len) *offset = (size_t)(command.data.data - bytes.data);
        *len = command.data.len;
    }
}

void disclosure_open(struct disclosure *state)
{
    state->is_opened = true;
}

struct disclosed disclosure_of(struct disclosure *state, struct bytes command, struct bytes answer)
{
    struct disclosed parts = { 0 };
    uint8_t cla = command.len ? command.data[0] : 0;
    uint8_t ins = command.len > 1 ? command.data[1] : 0;
    bool is_fetching = ins == APDU_INS_GET_RESPONSE && !is_secured(cla);
    enum openness openness =
        command.len < APDU_HEADER_LEN || is_secured(cla) ? HIDDEN : openness_of(ins);

    if (!is_fetching)
    {
        state->is_answer_shown =
            openness == SELECTION || (openness == CONTENTS && !state->is_opened);
        state->may_open = may_open(cla, ins);
        if (openness == HIDDEN) find_data(command, &parts.command_offset, &parts.command_hidden);
    }
    else if (command.len > APDU_HEADER_LEN + 1)
        find_data(command, &parts.command_offset, &parts.command_hidden);
    if (!state->is_answer_shown)
        parts.answer_hidden = answer.len > SW_LEN ? answer.len - SW_LEN : 0;
    /* A card whose answer was lost may have accepted it. */
    if (state->may_open && (answer.len < SW_LEN || is_success(answer))) state->is_opened = true;
    return parts;
}
