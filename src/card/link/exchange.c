/*
 * exchange - one command to the card and its whole answer: plain, or under secure messaging.
 * Layer: card/link (calls iso7816; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 10 (secure messaging)
 * SPDX-License-Identifier: MIT
 */
#include "card/link/exchange.h"

#include "base/invariant.h"
#include "base/wipe.h"
#include "card/link/conversation.h"
#include "iso7816/apdu_decode.h"
#include "iso7816/response.h"
#include "iso7816/secure_messaging.h"
#include "system/memory.h"

/* The channel ends: what is left of the work under way finds none. */
static scm_result lose_channel(struct card_link *link, const char *why, uint16_t sw)
{
    card_link_set_channel(link, NULL);
    link->channel_why = why;
    link->channel_sw = sw;
    return SC_W_SECURITY_VIOLATION;
}

/* What SIMs say of success besides 9000: a command of theirs waits, or writing took retries. */
static uint16_t with_standard_success(const struct card_link *link, uint16_t sw)
{
    bool is_success = sw >> 8 == 0x91 || (sw & 0xFFF0) == 0x9200;
    return link->profile.select.answer_is_sim && is_success ? SW_OK : sw;
}

/* Opens what was collected. */
static scm_result open_answer(struct card_link *link, uint16_t outer_sw, struct card_answer *answer)
{
    static const char *const reasons[] = {
        [SECURE_FAULT_NOT_PROTECTED] = "the card's answer is not protected, so it is not believed; "
                                       "the keys for secure messaging have ended",
        [SECURE_FAULT_MAC] = "the MAC of the card's answer is wrong; the keys for secure messaging "
                             "have ended",
        [SECURE_FAULT_FORM] =
            "the card's answer is not one of secure messaging; the keys have ended",
        [SECURE_FAULT_STATUS] =
            "the card's answer contradicts its status word; the keys for secure "
            "messaging have ended",
    };
    enum secure_fault fault =
        secure_messaging_unwrap(card_channel_messages(link->channel), link->answer.data,
                                link->answer.len, outer_sw, &answer->data, &answer->sw);
    if (fault == SECURE_FAULT_NONE)
    {
        /* The card has taken a plain command in between for what it was. */
        if (link->has_spoken_plain) link->profile.plain_ends_channel = false;
        return HR_OK;
    }
    if (fault == SECURE_FAULT_NOT_PROTECTED && link->has_spoken_plain)
        link->profile.plain_ends_channel = true;
    return lose_channel(link, reasons[fault], outer_sw);
}

static scm_result send_wrapped(struct card_link *link, const struct apdu_command *command,
                               struct byte_writer *room, struct card_answer *answer)
{
    struct secure_channel *messages = card_channel_messages(link->channel);
    uint8_t counter[BLOCK_CIPHER_BLOCK_MAX];
    struct apdu_command wrapped;
    bool had_extended = card_link_may_extend(link);
    uint16_t outer_sw = 0;

    memcpy(counter, messages->counter, sizeof(counter));
    scm_result result = secure_messaging_wrap(messages, command, room, &wrapped);
    if (!result_failed(result) && !apdu_fits_short(&wrapped) && !had_extended)
    {
        /* Nothing was sent: both sides count the same. */
        memcpy(messages->counter, counter, sizeof(counter));
        return SC_E_UNSUPPORTED_FEATURE;
    }
    if (!result_failed(result)) result = card_converse(link, &wrapped, &outer_sw);
    if (result_failed(result))
    {
        lose_channel(link, "the keys for secure messaging have ended with this failure", 0);
        return result;
    }
    if (had_extended && !card_link_may_extend(link) && outer_sw == SW_WRONG_LENGTH &&
        link->answer.len == 0)
    {
        /* It was too long to be read at all; the caller cuts it into smaller pieces. */
        memcpy(messages->counter, counter, sizeof(counter));
        answer->sw = outer_sw;
        return HR_OK;
    }
    return open_answer(link, outer_sw, answer);
}

static scm_result converse_secured(struct card_link *link, const struct apdu_command *command,
                                   struct card_answer *answer)
{
    struct apdu_command current = *command;
    scm_result result;

    for (bool was_repeated = false;; was_repeated = true)
    {
        if (!link->channel) return SC_W_SECURITY_VIOLATION;
        size_t room_len =
            secure_messaging_room(card_channel_messages(link->channel), current.data.len);
        uint8_t *data = memory_alloc(room_len);
        if (!data) return HR_OUTOFMEMORY;
        struct byte_writer room = byte_writer_of(data, room_len);
        result = send_wrapped(link, &current, &room, answer);
        wipe(data, room_len);
        memory_free(data);

        bool is_wrong_le = !result_failed(result) && answer->sw >> 8 == SW_WRONG_LE >> 8;
        if (!is_wrong_le || was_repeated || current.ne == 0) return result;
        current.ne = answer->sw & 0xFF ? answer->sw & 0xFF : APDU_SHORT_NE_MAX;
    }
}

static scm_result converse_plain(struct card_link *link, const struct apdu_command *command,
                                 struct card_answer *answer)
{
    link->has_spoken_plain = true;
    scm_result result = card_converse(link, command, &answer->sw);
    answer->sw = with_standard_success(link, answer->sw);
    answer->data = secret_bytes_span(&link->answer);
    return result;
}

scm_result card_exchange(struct card_link *link, const struct apdu_command *command,
                         struct card_answer *answer)
{
    struct apdu_command sent = *command;

    INVARIANT(!link->is_secure || link->channel || link->channel_why,
              "secure work has a channel, or knows why it has ended");
    *answer = (struct card_answer){ 0 };
    uint32_t asked = card_link_bytes_asked(link, command->ne);
    card_budget_begin_exchange(&link->budget);
    if (sent.cla == 0) sent.cla = link->profile.cla;
    scm_result result = link->is_secure ? converse_secured(link, &sent, answer)
                                        : converse_plain(link, &sent, answer);
    if (result_failed(result))
    {
        *answer = (struct card_answer){ 0 };
        secret_bytes_cut(&link->answer, 0);
        card_link_disturb(link);
        /* After a reset, or with another card, the keys are nobody's. */
        if (!link->is_secure && result != SC_E_UNSUPPORTED_FEATURE && result != HR_OUTOFMEMORY)
            card_link_set_channel(link, NULL);
        return result;
    }
    card_link_note_rights(link, command->ins, command->p2, answer->sw);
    answer->has_exceeded = !link->is_secure && link->has_exceeded;
    if (asked && answer->data.len > asked)
    {
        answer->data = bytes_slice(answer->data, 0, asked);
        answer->has_exceeded = true;
    }
    return HR_OK;
}

scm_result card_exchange_judged(struct card_link *link, const struct apdu_command *command,
                                enum status_context context, struct card_answer *answer,
                                struct card_fault *fault)
{
    struct card_answer ignored;
    if (!answer) answer = &ignored;
    scm_result result = card_exchange(link, command, answer);
    if (result_failed(result)) return result;
    result = status_word_result(answer->sw, context);
    if (result_failed(result)) card_fault_answered(fault, answer->sw, context);
    return result;
}

/* A client's command with T=0, where an answer behind data has to be fetched by another command. */
static scm_result relay_t0(struct card_link *link, struct bytes bytes, const uint8_t *following_cla,
                           uint16_t *sw)
{
    struct apdu_command command;
    enum apdu_coding coding;

    if (!apdu_decode(bytes, &command, &coding)) return HR_INVALIDARG;
    uint8_t cla = following_cla ? *following_cla : command.cla;
    struct card_followers followers = { .fetch_cla = cla,
                                        .repeat_cla = cla,
                                        .more_data_sw1 = RESPONSE_MORE_DATA,
                                        .are_clients = true };
    return card_converse_with(link, &command, APDU_SHORT, &followers, sw);
}

scm_result card_exchange_relay(struct card_link *link, struct bytes command,
                               const uint8_t *following_cla, struct card_answer *answer)
{
    uint16_t sw = 0;
    size_t data_len = 0;

    *answer = (struct card_answer){ 0 };
    if (command.len < APDU_HEADER_LEN || command.len > APDU_COMMAND_MAX) return HR_INVALIDARG;
    card_link_disturb(link);
    card_budget_begin_exchange(&link->budget);
    secret_bytes_cut(&link->answer, 0);
    scm_result result;
    if (link->protocol == PCSC_PROTOCOL_T0)
        result = relay_t0(link, command, following_cla, &sw);
    else
        result =
            card_transmit_bytes(link, command, apdu_ins_is_secret(command.data[1]), &data_len, &sw);
    if (result_failed(result))
    {
        secret_bytes_cut(&link->answer, 0);
        return result;
    }
    card_link_note_rights(link, command.data[1], command.data[3], sw);
    answer->data = secret_bytes_span(&link->answer);
    answer->sw = sw;
    return HR_OK;
}
