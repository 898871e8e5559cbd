/*
 * relay - a client's own commands, on the session's card.
 * Layer: card/doors (calls iso7816 and pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/relay.h"

#include "card/files/memory.h"
#include "card/session/work.h"
#include "system/memory.h"

void door_relay_reply_free(struct door_relay_reply *reply)
{
    secret_bytes_free(&reply->bytes);
}

static scm_result take_reply(struct card_files *files, struct bytes command,
                             const uint8_t *following_cla, struct door_relay_reply *reply)
{
    struct card_answer answer;

    card_files_distrust(files);
    scm_result result = card_exchange_relay(files->link, command, following_cla, &answer);
    if (result_failed(result)) return result;
    const uint8_t status_word[] = { (uint8_t)(answer.sw >> 8), (uint8_t)answer.sw };
    if (secret_bytes_add(&reply->bytes, answer.data) &&
        secret_bytes_add(&reply->bytes, bytes_of(status_word, sizeof(status_word))))
    {
        reply->sw = answer.sw;
        return HR_OK;
    }
    return HR_OUTOFMEMORY;
}

scm_result door_relay_send(struct card_session *session, struct bytes command,
                           const uint8_t *following_cla, struct door_relay_reply *reply)
{
    struct card_files *files;

    *reply = (struct door_relay_reply){ .bytes = secret_bytes_from(&system_memory),
                                        .fault = card_fault_none() };
    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    /* One command at a time is whole by itself; programs that want more take a lock. */
    bool is_one_command = files->link->protocol != PCSC_PROTOCOL_T0;
    if (!is_one_command) result = card_session_begin_work(session, &files);
    if (!result_failed(result))
    {
        result = take_reply(files, command, following_cla, reply);
        result = card_session_explain(files, result, &reply->fault);
        if (!is_one_command) card_session_end_work(session);
    }
    card_session_leave(session);
    if (result_failed(result)) door_relay_reply_free(reply);
    return result;
}
