/*
 * pins - the operations of ISCardVerify on a session: the PINs of a card's holder.
 * Layer: card/doors (calls session and holder; knows no COM).
 * Threads: any; every function takes the session and a transaction.
 *
 * Every function returns, besides what it says itself,
 *   SC_E_INVALID_HANDLE nothing is attached,
 *   SC_W_RESET_CARD, SC_W_REMOVED_CARD and any other PC/SC code unchanged,
 *   SC_E_UNSUPPORTED_FEATURE `protection` is CARD_SECURE and there are no keys,
 *   SC_W_SECURITY_VIOLATION also where secure messaging was not in order,
 *   the result of the card's status word (status_words.h), which `fault` has then.
 * PINs stay their owner's; no copy of one outlives a call.
 * Reference: ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_PINS_H
#define SCM_CARD_DOORS_PINS_H

#include "card/holder/pins.h"
#include "card/session/session.h"

/** As card_pin_verify(). */
scm_result door_pins_verify(struct card_session *session, enum card_protection protection,
                            struct card_pin_reference reference, struct bytes pin,
                            struct card_fault *fault);

/** As card_pin_check(). */
scm_result door_pins_check(struct card_session *session, enum card_protection protection,
                           struct card_pin_reference reference, struct card_fault *fault);

/** As card_pin_require(). */
scm_result door_pins_require(struct card_session *session, enum card_protection protection,
                             struct card_pin_reference reference, struct bytes pin,
                             bool is_required, struct card_fault *fault);

/** How a PIN is replaced. */
struct door_pins_change
{
    struct bytes old_pin; /**< or the resetting code */
    struct bytes new_pin;
    bool is_resetting_code; /**< `old_pin` is one */
    bool enables_before;    /**< a disabled PIN cannot be changed: it is enabled first */
    bool disables_after;    /**< the card is not to ask for the new PIN */
};

/**
 * Replaces a PIN in one piece of work; as card_pin_change() or card_pin_reset(). To enable what is
 * enabled, or disable what is disabled, is no failure here.
 */
scm_result door_pins_change(struct card_session *session, enum card_protection protection,
                            struct card_pin_reference reference,
                            const struct door_pins_change *change, struct card_fault *fault);

/** As card_pin_unblock() without a new PIN. */
scm_result door_pins_unblock(struct card_session *session, enum card_protection protection,
                             struct card_pin_reference reference, struct bytes resetting_code,
                             struct card_fault *fault);

#endif
