/*
 * relay - a client's own commands, on the session's card.
 * Layer: card (calls iso7816 and pcsc; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/relay.h"

void card_reply_free(struct card_reply *reply)
{
    card_data_free(&reply->bytes);
}

static scm_result take_reply(struct card_files *files, struct bytes command,
                             const struct card_relay_options *options, struct card_reply *reply)
{
    struct card_answer answer;

    card_files_forget_selection(files);
    scm_result result = card_exchange_relay(files->link, command, options, &answer);
    if (result_failed(result)) return result;
    const uint8_t status_word[] = { (uint8_t)(answer.sw >> 8), (uint8_t)answer.sw };
    if (card_data_add(&reply->bytes, answer.data) &&
        card_data_add(&reply->bytes, bytes_of(status_word, sizeof(status_word))))
    {
        reply->sw = answer.sw;
        return HR_OK;
    }
    return HR_OUTOFMEMORY;
}

scm_result door_relay_send(struct card_session *session, struct bytes command,
                           const struct card_relay_options *options, struct card_reply *reply)
{
    struct card_files *files;

    *reply = (struct card_reply){ 0 };
    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    /* One command at a time is whole by itself; programs that want more take a lock. */
    bool is_one_command = files->link->protocol != PCSC_PROTOCOL_T0;
    if (!is_one_command) result = card_session_begin_work(session, &files);
    if (!result_failed(result))
    {
        result = take_reply(files, command, options, reply);
        if (!is_one_command) card_session_end_work(session);
    }
    card_session_leave(session);
    if (result_failed(result)) card_reply_free(reply);
    return result;
}
