/*
 * relay - a client's own commands, on the session's card.
 * Layer: card/doors (calls iso7816 and pcsc; knows no COM).
 * Owns: nothing; threads: any, the session's lock is held during the exchange.
 * Reference: ISCard::Transaction, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_RELAY_H
#define SCM_CARD_DOORS_RELAY_H

#include "base/secret_bytes.h"
#include "card/link/fault.h"
#include "card/session/session.h"

/** The answer to a client's command; door_relay_reply_free() wipes and frees it. */
struct door_relay_reply
{
    struct secret_bytes bytes; /**< the data, and the status word behind it */
    uint16_t sw;
    struct card_fault
        fault; /**< what a failure can tell; the card's status words are the reply's */
};

/**
 * Sends a client's command and collects the answer; see card_exchange_relay(). With T=0, where
 * several commands may be needed, nobody else gets between them.
 *
 * @param[out] reply without bytes on failure.
 * @retval HR_OK the card answered, whatever the status word says.
 * @retval SC_E_INVALID_HANDLE nothing is attached.
 * @retval SC_W_RESET_CARD, SC_W_REMOVED_CARD; HR_INVALIDARG, HR_OUTOFMEMORY and so on as for
 *         card_session_enter(), card_session_begin_work() and card_exchange_relay().
 */
scm_result door_relay_send(struct card_session *session, struct bytes command,
                           const uint8_t *following_cla, struct door_relay_reply *reply);

void door_relay_reply_free(struct door_relay_reply *reply);

#endif
