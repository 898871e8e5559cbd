/*
 * pin_pad - PINs that the holder types at the reader's own keys, so that no program sees them.
 * Layer: card/holder (calls pcsc through the link; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. The reader gets the command with room for the PINs and sends it to the card itself;
 * what comes back is the card's status word, or one of the reader's own. Nothing is tried again:
 * the holder has to be asked first. Where a card's PINs have no fixed length, two of them cannot be
 * told apart in one command by the reader's rules, so only single ones are typed.
 * Standard: PC/SC part 10, version 2.02, clauses 2.2 (features), 2.3 (structures), 2.5.2, 2.5.3
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_HOLDER_PIN_PAD_H
#define SCM_CARD_HOLDER_PIN_PAD_H

#include "card/link/link.h"
#include "iso7816/apdu.h"

/** A command whose PINs are typed at the reader. */
struct card_pad_request
{
    struct apdu_command command;        /**< header, with the card's class; no data */
    const struct card_pin_rules *rules; /**< how the card wants PINs */
    bool has_old;                       /**< a PIN that is there now */
    bool has_new;                       /**< a PIN to be, typed twice */
};

/**
 * Has one command filled in at the reader's keys and sent to the card.
 *
 * @param[out] fault the status word of card or reader, and what it means.
 * @retval HR_OK
 * @retval SC_E_UNSUPPORTED_FEATURE the reader has no keys, not for this, or refuses the format.
 * @retval SC_W_CANCELLED_BY_USER, SC_E_TIMEOUT said the holder, or did not.
 * @retval SC_E_INVALID_CHV typed too short or too long, or the new PIN differently the second time;
 *         the card was not asked.
 * @retval SC_W_WRONG_CHV, SC_W_CHV_BLOCKED and others of status_words.h: the card's answer.
 * @retval any PC/SC code of control(); the link counts a disturbance then.
 */
scm_result card_pin_pad_enter(struct card_link *link, const struct card_pad_request *request,
                              struct card_fault *fault);

#endif
