/*
 * interindustry - the commands of ISO/IEC 7816-4:1995 as ISCardISO7816 builds them: one row each.
 * Layer: card/doors (pure: no card, no session).
 * iso7816/apdu.h has the commands that our own card layer sends, by what it wants of a card. Here a
 * caller names every byte, and the standard says which of them a command has and where they stand.
 * Standard: ISO/IEC 7816-4:1995 clause 6
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_INTERINDUSTRY_H
#define SCM_CARD_DOORS_INTERINDUSTRY_H

#include "base/result.h"
#include "card/doors/command.h"

enum interindustry_command
{
    INTERINDUSTRY_APPEND_RECORD,
    INTERINDUSTRY_ERASE_BINARY,
    INTERINDUSTRY_EXTERNAL_AUTHENTICATE,
    INTERINDUSTRY_GET_CHALLENGE,
    INTERINDUSTRY_GET_DATA,
    INTERINDUSTRY_GET_RESPONSE,
    INTERINDUSTRY_INTERNAL_AUTHENTICATE,
    INTERINDUSTRY_MANAGE_CHANNEL,
    INTERINDUSTRY_PUT_DATA,
    INTERINDUSTRY_READ_BINARY,
    INTERINDUSTRY_READ_RECORD,
    INTERINDUSTRY_SELECT_FILE,
    INTERINDUSTRY_UPDATE_BINARY,
    INTERINDUSTRY_UPDATE_RECORD,
    INTERINDUSTRY_VERIFY,
    INTERINDUSTRY_WRITE_BINARY,
    INTERINDUSTRY_WRITE_RECORD,
    INTERINDUSTRY_COUNT,
};

/** What a caller gives; what a command does not have is not looked at. */
struct interindustry_request
{
    uint8_t p1;
    uint8_t p2;
    bool has_data;      /**< there is a data field, be it empty */
    struct bytes data;  /**< stays the caller's */
    int32_t wanted_len; /**< bytes of answer; 0: what the command's row says */
};

/**
 * A command of class 00 made of what a caller gives.
 *
 * @param[out] command its data is the caller's; zeroed on failure.
 * @retval HR_OK
 * @retval HR_POINTER the command needs data and there is none.
 * @retval HR_INVALIDARG the data the command needs is empty, data or answer are longer than any
 *                       coding can say, or the answer's length is negative.
 */
scm_result interindustry_build(enum interindustry_command which,
                               const struct interindustry_request *request,
                               struct door_command *command);

#endif
