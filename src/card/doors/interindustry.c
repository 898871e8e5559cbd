/*
 * interindustry - the commands of ISO/IEC 7816-4:1995 as ISCardISO7816 builds them: one row each.
 * Layer: card/doors (pure: no card, no session).
 * Standard: ISO/IEC 7816-4:1995 clause 6
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/interindustry.h"

#define INS_MANAGE_CHANNEL 0x70
/* The number of a channel that the card opens is one byte. */
#define CHANNEL_NUMBER_LEN 1

/* Which of P1 and P2 a caller may give; the other is 0. */
enum parameters
{
    P1_AND_P2,
    ONLY_P2,
    NO_PARAMETERS,
};

enum data_field
{
    DATA_NONE,
    DATA_MAY, /* or none */
    DATA_MUST,
};

enum answer
{
    ANSWER_NONE,
    ANSWER_MAY,     /* 0: none is asked for */
    ANSWER_MUST,    /* 0: Le of all zeros, as much as there is */
    ANSWER_CHANNEL, /* where the card is to find a number for the channel */
};

struct row
{
    uint8_t ins;
    enum parameters parameters;
    enum data_field data;
    enum answer answer;
};

/* clang-format off */
static const struct row rows[INTERINDUSTRY_COUNT] = {
    [INTERINDUSTRY_READ_BINARY]           = { 0xB0, P1_AND_P2,     DATA_NONE, ANSWER_MUST },    /* 6.1 */
    [INTERINDUSTRY_WRITE_BINARY]          = { 0xD0, P1_AND_P2,     DATA_MUST, ANSWER_NONE },    /* 6.2 */
    [INTERINDUSTRY_UPDATE_BINARY]         = { 0xD6, P1_AND_P2,     DATA_MUST, ANSWER_NONE },    /* 6.3 */
    [INTERINDUSTRY_ERASE_BINARY]          = { 0x0E, P1_AND_P2,     DATA_MAY,  ANSWER_NONE },    /* 6.4 */
    [INTERINDUSTRY_READ_RECORD]           = { 0xB2, P1_AND_P2,     DATA_NONE, ANSWER_MUST },    /* 6.5 */
    [INTERINDUSTRY_WRITE_RECORD]          = { 0xD2, P1_AND_P2,     DATA_MUST, ANSWER_NONE },    /* 6.6 */
    [INTERINDUSTRY_APPEND_RECORD]         = { 0xE2, ONLY_P2,       DATA_MUST, ANSWER_NONE },    /* 6.7 */
    [INTERINDUSTRY_UPDATE_RECORD]         = { 0xDC, P1_AND_P2,     DATA_MUST, ANSWER_NONE },    /* 6.8 */
    [INTERINDUSTRY_GET_DATA]              = { 0xCA, P1_AND_P2,     DATA_NONE, ANSWER_MUST },    /* 6.9 */
    [INTERINDUSTRY_PUT_DATA]              = { 0xDA, P1_AND_P2,     DATA_MUST, ANSWER_NONE },    /* 6.10 */
    [INTERINDUSTRY_SELECT_FILE]           = { 0xA4, P1_AND_P2,     DATA_MAY,  ANSWER_MAY },     /* 6.11 */
    [INTERINDUSTRY_VERIFY]                = { 0x20, ONLY_P2,       DATA_MAY,  ANSWER_NONE },    /* 6.12 */
    [INTERINDUSTRY_INTERNAL_AUTHENTICATE] = { 0x88, P1_AND_P2,     DATA_MUST, ANSWER_MUST },    /* 6.13 */
    [INTERINDUSTRY_EXTERNAL_AUTHENTICATE] = { 0x82, P1_AND_P2,     DATA_MAY,  ANSWER_NONE },    /* 6.14 */
    [INTERINDUSTRY_GET_CHALLENGE]         = { 0x84, NO_PARAMETERS, DATA_NONE, ANSWER_MUST },    /* 6.15 */
    [INTERINDUSTRY_MANAGE_CHANNEL]        = { INS_MANAGE_CHANNEL,
                                                    P1_AND_P2,     DATA_NONE, ANSWER_CHANNEL }, /* 6.16 */
    [INTERINDUSTRY_GET_RESPONSE]          = { 0xC0, P1_AND_P2,     DATA_NONE, ANSWER_MUST },    /* 7.1 */
};
/* clang-format on */

static scm_result put_data(const struct row *row, const struct interindustry_request *request,
                           struct door_command *command)
{
    if (row->data == DATA_NONE) return HR_OK;
    if (row->data == DATA_MUST && !request->has_data) return HR_POINTER;
    if (row->data == DATA_MUST && request->data.len == 0) return HR_INVALIDARG;
    if (request->data.len > DOOR_COMMAND_DATA_MAX) return HR_INVALIDARG;
    if (request->has_data) command->data = request->data;
    return HR_OK;
}

static scm_result put_answer(const struct row *row, const struct interindustry_request *request,
                             struct door_command *command)
{
    int32_t wanted_len = request->wanted_len;

    if (row->answer == ANSWER_NONE) return HR_OK;
    if (row->answer == ANSWER_CHANNEL)
    {
        if (command->p1 == 0 && command->p2 == 0) command->ne = CHANNEL_NUMBER_LEN;
        return HR_OK;
    }
    if (wanted_len < 0 || wanted_len > DOOR_COMMAND_ANSWER_MAX) return HR_INVALIDARG;
    command->ne = (uint32_t)wanted_len;
    if (wanted_len > 0 || row->answer == ANSWER_MAY) return HR_OK;
    /* Zeros in the coding that the data has anyway. */
    command->ne =
        door_command_needs_extended(command) ? DOOR_COMMAND_ANSWER_MAX : DOOR_COMMAND_ANSWER_SHORT;
    return HR_OK;
}

scm_result interindustry_build(enum interindustry_command which,
                               const struct interindustry_request *request,
                               struct door_command *command)
{
    const struct row *row = &rows[which];

    *command = (struct door_command){ .ins = row->ins };
    if (row->parameters == P1_AND_P2) command->p1 = request->p1;
    if (row->parameters != NO_PARAMETERS) command->p2 = request->p2;
    scm_result result = put_data(row, request, command);
    if (!result_failed(result)) result = put_answer(row, request, command);
    if (result_failed(result)) *command = (struct door_command){ 0 };
    return result;
}
