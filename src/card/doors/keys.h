/*
 * keys - the operations of ISCardAuth on a session: authentication by keys, and the keys of secure
 *        messaging.
 * Layer: card/doors (calls session, holder and link; knows no COM).
 * Threads: any; every function takes the session and, where it talks to the card, a transaction.
 *
 * Every function returns, besides what it says itself,
 *   SC_E_INVALID_HANDLE nothing is attached,
 *   SC_W_RESET_CARD, SC_W_REMOVED_CARD and any other PC/SC code unchanged,
 *   SC_W_SECURITY_VIOLATION also where secure messaging was not in order,
 *   the result of the card's status word (status_words.h), which `fault` has then.
 * Keys stay their owner's; no copy of one outlives a call, but for those that are given for secure
 * messaging. Answers are for secret_bytes_free(), also on failure.
 * Reference: ISCardAuth, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_KEYS_H
#define SCM_CARD_DOORS_KEYS_H

#include "base/secret_bytes.h"
#include "card/holder/auth.h"
#include "card/holder/pins.h"
#include "card/link/channel.h"
#include "card/session/session.h"

/** As card_auth_get_challenge(). */
scm_result door_keys_get_challenge(struct card_session *session, struct card_key key,
                                   uint32_t wanted, struct secret_bytes *challenge,
                                   struct card_fault *fault);

/** As card_auth_external(): presents a cryptogram that the client computed. */
scm_result door_keys_present(struct card_session *session, struct card_key key,
                             struct bytes cryptogram, struct card_fault *fault);

/** As card_auth_prove(): computes and presents it. */
scm_result door_keys_prove(struct card_session *session, struct card_key key,
                           const struct card_known_key *known, uint32_t challenge_len,
                           struct card_fault *fault);

/** As card_auth_agree(). */
scm_result door_keys_agree(struct card_session *session, struct card_key key,
                           struct bytes encryption, struct bytes mac, bool covers_all,
                           struct card_fault *fault);

/** As card_auth_internal(): has the card compute. */
scm_result door_keys_ask(struct card_session *session, struct card_key key, struct bytes data,
                         uint32_t wanted, struct secret_bytes *cryptogram,
                         struct card_fault *fault);

/** The same after the holder's PIN was right, with nobody else in between. */
scm_result door_keys_ask_for_holder(struct card_session *session, struct card_key key,
                                    struct card_pin_reference reference, struct bytes pin,
                                    struct bytes data, uint32_t wanted,
                                    struct secret_bytes *cryptogram, struct card_fault *fault);

/** As card_auth_check(): has the card compute, and compares. */
scm_result door_keys_check(struct card_session *session, struct card_key key,
                           const struct card_known_key *known, struct bytes challenge,
                           struct secret_bytes *cryptogram, struct card_fault *fault);

/**
 * Gives the attachment keys of secure messaging, in place of those that it had. The card is not
 * asked.
 *
 * @param[in] keys NULL: there are to be none.
 * @retval as card_channel_create(); what was there stays.
 */
scm_result door_keys_give(struct card_session *session, const struct card_channel_keys *keys,
                          struct card_fault *fault);

#endif
