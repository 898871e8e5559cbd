/*
 * keys - the operations of ISCardAuth on a session.
 * Layer: card/doors (calls session, holder and link; knows no COM).
 * Reference: ISCardAuth, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/keys.h"

#include "card/doors/work.h"
#include "card/files/memory.h"

/* What the card gave belongs to its link, which is anybody's once the work has ended. */
static scm_result end_with_answer(struct door_work *work, scm_result result, struct bytes given,
                                  struct secret_bytes *answer)
{
    if (!result_failed(result) && !secret_bytes_add(answer, given)) result = HR_OUTOFMEMORY;
    return door_work_end(work, result);
}

scm_result door_keys_get_challenge(struct card_session *session, struct card_key key,
                                   uint32_t wanted, struct secret_bytes *challenge,
                                   struct card_fault *fault)
{
    struct bytes given = { 0 };
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    result = card_auth_get_challenge(work.files, key, wanted, &given, fault);
    return end_with_answer(&work, result, given, challenge);
}

scm_result door_keys_present(struct card_session *session, struct card_key key,
                             struct bytes cryptogram, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, card_auth_external(work.files, key, cryptogram, fault));
}

scm_result door_keys_prove(struct card_session *session, struct card_key key,
                           const struct card_known_key *known, uint32_t challenge_len,
                           struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, card_auth_prove(work.files, key, known, challenge_len, fault));
}

scm_result door_keys_agree(struct card_session *session, struct card_key key,
                           struct bytes encryption, struct bytes mac, bool covers_all,
                           struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work,
                         card_auth_agree(work.files, key, encryption, mac, covers_all, fault));
}

scm_result door_keys_ask(struct card_session *session, struct card_key key, struct bytes data,
                         uint32_t wanted, struct secret_bytes *cryptogram, struct card_fault *fault)
{
    struct bytes given = { 0 };
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    result = card_auth_internal(work.files, key, data, wanted, &given, fault);
    return end_with_answer(&work, result, given, cryptogram);
}

scm_result door_keys_ask_for_holder(struct card_session *session, struct card_key key,
                                    struct card_pin_reference reference, struct bytes pin,
                                    struct bytes data, uint32_t wanted,
                                    struct secret_bytes *cryptogram, struct card_fault *fault)
{
    struct bytes given = { 0 };
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    result = card_pin_verify(work.files, reference, pin, fault);
    if (!result_failed(result))
        result = card_auth_internal(work.files, key, data, wanted, &given, fault);
    return end_with_answer(&work, result, given, cryptogram);
}

scm_result door_keys_check(struct card_session *session, struct card_key key,
                           const struct card_known_key *known, struct bytes challenge,
                           struct secret_bytes *cryptogram, struct card_fault *fault)
{
    struct bytes given = { 0 };
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    result = card_auth_check(work.files, key, known, challenge, &given, fault);
    return end_with_answer(&work, result, given, cryptogram);
}

scm_result door_keys_give(struct card_session *session, const struct card_channel_keys *keys,
                          struct card_fault *fault)
{
    struct card_channel *channel = NULL;
    struct card_files *files;
    scm_result result = keys ? card_channel_create(keys, &channel, fault) : HR_OK;

    if (!result_failed(result)) result = card_session_enter(session, &files);
    if (result_failed(result))
    {
        card_channel_destroy(channel);
        return result;
    }
    card_link_set_channel(files->link, channel);
    card_session_leave(session);
    return HR_OK;
}
