/*
 * card_pins - the codes of a card's holder: verified, looked at, changed, enabled, unblocked.
 * Layer: card (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Every function presents a code at most once; what it says of the tries left comes
 * from the answer to that, and nothing is ever tried again. What the card's profile already rules
 * out is not presented at all. Codes are wiped from every buffer of ours. Where nothing was selected
 * yet, the current directory is, so that the card's class is known before a code goes out: a code that
 * came back refused would have to be presented again.
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.6 (VERIFY), 11.6.7 (CHANGE REFERENCE DATA), 11.6.8
 *           (ENABLE), 11.6.9 (DISABLE VERIFICATION REQUIREMENT), 11.6.10 (RESET RETRY COUNTER)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PINS_H
#define SCM_CARD_PINS_H

#include "card/card_files.h"

/** Whose code a number means. */
enum card_pin_scope
{
    CARD_PIN_AS_NUMBERED, /**< the number is P2 of the command */
    CARD_PIN_GLOBAL,      /**< the card's */
    CARD_PIN_LOCAL,       /**< the current directory's */
};

struct card_pin
{
    enum card_pin_scope scope;
    int32_t number;
};

/** Whether a card refused to enable what is enabled, or to disable what is disabled. */
static inline bool card_pin_is_so_already(const struct card_fault *fault)
{
    return fault->sw == SW_CONDITIONS_OF_USE || fault->sw == SW_SIM_CHV_CONTRADICTION;
}

/** Longest code, as far as the length byte of a command goes with two of them. */
#define CARD_PIN_LEN_MAX 127

/**
 * Presents a code.
 *
 * @param[in] code empty: the holder types it at the reader's keys; card_pin_pad.h has the results of
 *            that, SC_E_UNSUPPORTED_FEATURE among them where the reader has no keys.
 * @param[out] fault has the status word and the tries left.
 * @retval HR_OK it was right.
 * @retval HR_INVALIDARG the number cannot be a code's, or the code's length not this card's; no code
 *         was sent.
 * @retval SC_W_WRONG_CHV one try less. @retval SC_W_CHV_BLOCKED
 * @retval SC_E_INVALID_CHV the card has no code of this number.
 * @retval SC_E_NO_ACCESS the code is disabled.
 * @retval other codes of status_words.h, and of card_exchange().
 */
scm_result card_pin_verify(struct card_files *files, struct card_pin pin, struct bytes code,
                           struct card_fault *fault);

/**
 * Asks for the state of a code without presenting one: no try is spent.
 *
 * @retval HR_OK it was presented already, or need not be.
 * @retval SC_W_CARD_NOT_AUTHENTICATED it was not; `fault` has the tries left.
 * @retval SC_W_CHV_BLOCKED
 * @retval as card_pin_verify().
 */
scm_result card_pin_check(struct card_files *files, struct card_pin pin, struct card_fault *fault);

/**
 * Replaces a code.
 *
 * @param[in] old_code empty where the card's rules give the right to set a code without it.
 * @param[in] new_code empty, as the old one then has to be: both are typed at the reader's keys.
 * Return codes as card_pin_verify().
 */
scm_result card_pin_change(struct card_files *files, struct card_pin pin, struct bytes old_code,
                           struct bytes new_code, struct card_fault *fault);

/**
 * Makes the card ask for a code, or do without it.
 *
 * @param[in] code the code itself, which is presented; empty: typed at the reader's keys.
 * @retval SC_E_NO_ACCESS it is so already, or may not be.
 * Other return codes as card_pin_verify().
 */
scm_result card_pin_require(struct card_files *files, struct card_pin pin, struct bytes code,
                            bool is_required, struct card_fault *fault);

/**
 * Gives a blocked code its tries back.
 *
 * @param[in] resetting_code presented to the card; empty where rights gained otherwise suffice, or
 *            where they do not and the holder types it at the reader's keys.
 * @param[in] new_code empty: the code stays as it was.
 * @retval SC_W_WRONG_CHV, SC_W_CHV_BLOCKED the resetting code is meant; so are the tries left.
 * Other return codes as card_pin_verify().
 */
scm_result card_pin_unblock(struct card_files *files, struct card_pin pin,
                            struct bytes resetting_code, struct bytes new_code,
                            struct card_fault *fault);

/**
 * The same with a new code for sure; resetting and new code both empty: both are typed at the reader's
 * keys. Return codes as card_pin_verify().
 */
scm_result card_pin_reset(struct card_files *files, struct card_pin pin,
                          struct bytes resetting_code, struct bytes new_code,
                          struct card_fault *fault);

#endif
