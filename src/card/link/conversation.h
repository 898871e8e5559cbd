/*
 * conversation - a command, and what has to follow it until its answer is whole.
 * Layer: card/link (calls iso7816; knows no COM).
 * Threads: the caller holds the session and a transaction.
 *
 * Design notes. How a command travels is decided here:
 *   card_converse            short, extended, in a chain or in envelopes, as card and protocol need
 *     converse_extended      extended; a refusal falls back to short or to a chain, for good
 *     converse_in_chain      T=1: long data in pieces, command chaining
 *     converse_in_envelopes  T=0: a long command in pieces, ENVELOPE
 *       converse             one command with the card's own status words and class
 *         card_converse_with GET RESPONSE after 61xx, a wrong Le mended once
 *           card_transmit    one command, one answer
 * An answer is collected up to CARD_ANSWER_LEN_MAX bytes and CARD_BUDGET_RESPONSES commands, whatever
 * the card announces.
 * Standard: ISO/IEC 7816-4:2020 clauses 5.3 (chaining), 5.6 (status words), 11.7 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_CONVERSATION_H
#define SCM_CARD_LINK_CONVERSATION_H

#include "card/link/transmission.h"

/** What the commands are like that follow a command by themselves. */
struct card_followers
{
    uint8_t fetch_cla; /**< of GET RESPONSE */
    uint8_t repeat_cla;
    uint8_t more_data_sw1;
    uint32_t enough;  /**< bytes of answer after which no more are fetched; 0: all are wanted */
    bool are_clients; /**< no other status words than those of the standard are known */
};

/**
 * Sends a command and collects its answer in the link.
 *
 * @param[out] sw the last status word.
 * @retval HR_OK the card answered.
 * @retval SC_E_UNSUPPORTED_FEATURE the command is too long for this card.
 * @retval SC_E_COMM_DATA_LOST an answer without end, with which the call has ended; and as
 *         card_transmit().
 */
scm_result card_converse(struct card_link *link, const struct apdu_command *command, uint16_t *sw);

/** The same in one coding, with followers that the caller chooses. */
scm_result card_converse_with(struct card_link *link, const struct apdu_command *command,
                              enum apdu_coding coding, const struct card_followers *followers,
                              uint16_t *sw);

#endif
