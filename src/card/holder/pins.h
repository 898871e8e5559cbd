/*
 * pins - the PINs of a card's holder: verified, looked at, changed, enabled, unblocked.
 * Layer: card/holder (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Every function presents a PIN at most once; what it says of the tries left comes
 * from the answer to that, and nothing is ever tried again. What the card's profile already rules
 * out is not presented at all. PINs are wiped from every buffer of ours. Where nothing was selected
 * yet, the current directory is, so that the card's class is known before a PIN goes out: a PIN
 * that came back refused would have to be presented again. RESET RETRY COUNTER has four forms, by
 * what comes with it (P1 00 to 03). Which the card knows is learnt, each for itself. After the
 * refusal of a form, and only then, the same secrets may go another way; what the card has compared
 * is never presented again. A PIN that lies in a directory of its own, as the card tells, is
 * presented there; that directory then stays selected, since leaving it may end what the PIN gave.
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.6 (VERIFY), 11.6.7 (CHANGE REFERENCE DATA), 11.6.8
 *           (ENABLE), 11.6.9 (DISABLE VERIFICATION REQUIREMENT), 11.6.10 (RESET RETRY COUNTER)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_HOLDER_PINS_H
#define SCM_CARD_HOLDER_PINS_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/holder/pin_terms.h"
#include "card/link/fault.h"

struct card_files;

/**
 * Presents a PIN.
 *
 * The number means the PIN that pin_terms.h says.
 *
 * @param[in] pin empty: the holder types it at the reader's keys. holder/pin_pad.h has the results
 *            of that, SC_E_UNSUPPORTED_FEATURE among them where the reader has no keys.
 * @param[out] fault has the status word and the tries left.
 * @retval HR_OK it was right.
 * @retval HR_INVALIDARG the number cannot be a PIN's, or the PIN's length not this card's; no PIN
 *         was sent.
 * @retval SC_W_WRONG_CHV one try less. @retval SC_W_CHV_BLOCKED
 * @retval SC_E_INVALID_CHV the card has no PIN of this number.
 * @retval SC_E_NO_ACCESS the PIN is disabled.
 * @retval other codes of status_words.h, and of card_exchange().
 */
scm_result card_pin_verify(struct card_files *files, struct card_pin_reference reference,
                           struct bytes pin, struct card_fault *fault);

/**
 * Asks for the state of a PIN without presenting one. That spends no try, on cards that know the
 * question. A card that takes it for a wrong PIN is not asked again on this attachment.
 *
 * @retval HR_OK it was presented already, or need not be.
 * @retval SC_W_CARD_NOT_AUTHENTICATED it was not; `fault` has the tries left.
 * @retval SC_W_CHV_BLOCKED
 * @retval SC_E_UNSUPPORTED_FEATURE the card does not tell: it answered 6300, 6700, 6D00, 6A88 or
 *         another word that says nothing of the PIN.
 * @retval as card_pin_verify().
 */
scm_result card_pin_check(struct card_files *files, struct card_pin_reference reference,
                          struct card_fault *fault);

/**
 * Replaces a PIN.
 *
 * @param[in] old_pin empty where the card's rules give the right to set a PIN without it.
 * @param[in] new_pin empty, as the old one then has to be: both are typed at the reader's keys.
 * Return codes as card_pin_verify().
 */
scm_result card_pin_change(struct card_files *files, struct card_pin_reference reference,
                           struct bytes old_pin, struct bytes new_pin, struct card_fault *fault);

/**
 * Makes the card ask for a PIN, or do without it.
 *
 * @param[in] pin the PIN itself, which is presented; empty: typed at the reader's keys.
 * @retval SC_E_NO_ACCESS it is so already, or may not be.
 * Other return codes as card_pin_verify().
 */
scm_result card_pin_require(struct card_files *files, struct card_pin_reference reference,
                            struct bytes pin, bool is_required, struct card_fault *fault);

/**
 * Gives a blocked PIN its tries back.
 *
 * Where the card refuses the form of RESET RETRY COUNTER that carries the code, and tells of its PUK
 * as a PIN of its own, the code is verified as that and the form without it follows.
 *
 * @param[in] resetting_code presented to the card; empty where rights gained otherwise suffice, or
 *            where they do not and the holder types it at the reader's keys.
 * @param[in] new_pin empty: the PIN stays as it was.
 * @retval SC_W_WRONG_CHV, SC_W_CHV_BLOCKED the resetting code is meant; so are the tries left.
 * Other return codes as card_pin_verify().
 */
scm_result card_pin_unblock(struct card_files *files, struct card_pin_reference reference,
                            struct bytes resetting_code, struct bytes new_pin,
                            struct card_fault *fault);

/**
 * The same with a new PIN for sure; resetting and new PIN both empty: both are typed at the
 * reader's keys. Return codes as card_pin_verify().
 */
scm_result card_pin_reset(struct card_files *files, struct card_pin_reference reference,
                          struct bytes resetting_code, struct bytes new_pin,
                          struct card_fault *fault);

#endif
