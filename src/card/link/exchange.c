/*
 * exchange - one command to the card and its whole answer: the place where iso7816 meets pcsc.
 * Layer: card (calls iso7816 and pcsc; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.3 (chaining), 5.6 (status words), 11.7 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#include "card/link/exchange.h"

#include "base/text.h"
#include "base/wipe.h"
#include "iso7816/secure_messaging.h"
#include "iso7816/apdu_decode.h"
#include "iso7816/response.h"
#include "system/memory.h"
#include "system/trace.h"

/* One byte at a time, 16 MiB would take days. */
#define ROUNDS_MAX     65536
#define TRACE_TEXT_MAX 960
#define SW_LEN         2

struct card_link *card_link_create(const struct pcsc_port *port, pcsc_card card,
                                   const struct pcsc_status *status)
{
    struct card_link *link = memory_alloc(sizeof(*link));
    if (!link) return NULL;
    link->buffers = memory_alloc(APDU_COMMAND_MAX + APDU_ANSWER_MAX);
    if (!link->buffers)
    {
        memory_free(link);
        return NULL;
    }
    link->answer = secret_bytes_from(&system_memory);
    link->port = port;
    link->card = card;
    link->protocol = status->protocol;
    link->atr_len = status->atr_len;
    memcpy(link->atr_bytes, status->atr, status->atr_len);
    link->atr = atr_read(bytes_of(link->atr_bytes, link->atr_len));
    link->profile = *card_profile_find(bytes_of(link->atr_bytes, link->atr_len));
    link->has_chaining = link->atr.capabilities.chaining;
    link->has_extended = link->atr.capabilities.extended_length;
    return link;
}

void card_link_destroy(struct card_link *link)
{
    if (!link) return;
    card_channel_destroy(link->channel);
    wipe(link->buffers, APDU_COMMAND_MAX + APDU_ANSWER_MAX);
    secret_bytes_free(&link->answer);
    memory_free(link->buffers);
    memory_free(link);
}

void card_link_disturb(struct card_link *link)
{
    link->disturbances++;
}

void card_link_set_channel(struct card_link *link, struct card_channel *channel)
{
    card_channel_destroy(link->channel);
    link->channel = channel;
}

/* The channel ends: what is left of the work under way finds none. */
static scm_result lose_channel(struct card_link *link, const char *why, uint16_t sw)
{
    card_link_set_channel(link, NULL);
    link->channel_why = why;
    link->channel_sw = sw;
    return SC_W_SECURITY_VIOLATION;
}

/* T=0 carries no extended length but in ENVELOPE. */
static bool may_extend(const struct card_link *link)
{
    return link->has_extended && link->protocol != PCSC_PROTOCOL_T0;
}

/* What of a chain a wrapped command's MAC covers, cards see differently. */
static bool may_chain(const struct card_link *link)
{
    return link->has_chaining && link->profile.cla == 0 && !link->is_secure;
}

size_t card_link_data_max(const struct card_link *link)
{
    size_t most = may_extend(link) ? APDU_EXTENDED_LC_MAX : APDU_SHORT_LC_MAX;
    size_t limit = link->profile.command_data_max;
    if (limit && limit < most) most = limit;
    if (!link->is_secure || !link->channel) return most;
    return secure_messaging_data_max(card_channel_messages(link->channel), most);
}

uint32_t card_link_answer_max(const struct card_link *link)
{
    uint32_t most = may_extend(link) ? APDU_EXTENDED_NE_MAX : APDU_SHORT_NE_MAX;
    uint32_t limit = link->profile.answer_data_max;
    if (limit && limit < most) most = limit;
    if (!link->is_secure || !link->channel) return most;
    return secure_messaging_answer_max(card_channel_messages(link->channel), most);
}

static void trace_bytes(const char *direction, struct bytes bytes, size_t shown, uint16_t sw)
{
    char buffer[TRACE_TEXT_MAX];
    struct text text = text_in(buffer, sizeof(buffer));

    text_add_bytes(&text, bytes_slice(bytes, 0, shown));
    if (shown < bytes.len)
    {
        text_add(&text, " [");
        text_add_dec(&text, (int64_t)(bytes.len - shown));
        text_add(&text, " secret bytes]");
    }
    if (sw)
    {
        text_add(&text, " ");
        text_add_hex(&text, sw, 4);
    }
    trace_line("apdu", direction, buffer);
}

/* Bytes as they stand, the data of their answer added to what is collected. */
static scm_result transmit_bytes(struct card_link *link, struct bytes sent, bool is_secret,
                                 size_t *data_len, uint16_t *sw)
{
    uint8_t *received = link->buffers + APDU_COMMAND_MAX;
    size_t got = 0;

    bool is_traced = trace_is_on();
    if (is_traced) trace_bytes("->", sent, is_secret && sent.len > 4 ? 4 : sent.len, 0);
    scm_result result = link->port->transmit(link->port, link->card, link->protocol, sent.data,
                                             sent.len, received, APDU_ANSWER_MAX, &got);
    if (result_failed(result))
    {
        if (result == SC_W_REMOVED_CARD) link->has_lost_card = true;
        if (is_traced) trace_result("apdu", "<-", result);
        return result;
    }
    if (got < SW_LEN) return SC_E_COMM_DATA_LOST;

    *data_len = got - SW_LEN;
    *sw = (uint16_t)(received[got - 2] << 8 | received[got - 1]);
    if (is_traced) trace_bytes("<-", bytes_of(received, *data_len), is_secret ? 0 : *data_len, *sw);
    if (*data_len > CARD_ANSWER_LEN_MAX - link->answer.len) return SC_E_COMM_DATA_LOST;
    if (!secret_bytes_add(&link->answer, bytes_of(received, *data_len))) return HR_OUTOFMEMORY;
    if (is_secret) wipe(received, got);
    return HR_OK;
}

/* 6Cxx for another word that tells the right Le; 00 in it tells none. */
static uint16_t with_standard_sw1(const struct card_link *link, uint16_t sw)
{
    bool is_other = link->profile.wrong_le_sw1 && sw >> 8 == link->profile.wrong_le_sw1;
    return is_other && sw & 0xFF ? (uint16_t)(SW_WRONG_LE | (sw & 0xFF)) : sw;
}

/* One command as it stands, its data added to what is collected. */
static scm_result transmit(struct card_link *link, const struct apdu_command *command,
                           enum apdu_coding coding, bool is_secret, size_t *data_len, uint16_t *sw)
{
    struct byte_writer writer = byte_writer_of(link->buffers, APDU_COMMAND_MAX);

    if (link->protocol == PCSC_PROTOCOL_T0)
        apdu_encode_t0(command, &writer);
    else
        apdu_encode(command, coding, &writer);
    if (writer.failed) return SC_E_UNSUPPORTED_FEATURE;
    scm_result result = transmit_bytes(link, byte_writer_written(&writer), is_secret, data_len, sw);
    if (is_secret) wipe(link->buffers, writer.len);
    return result;
}

/* What the commands are like that follow a command by themselves. */
struct followers
{
    uint8_t fetch_cla; /* of GET RESPONSE */
    uint8_t repeat_cla;
    uint8_t more_data_sw1;
    bool are_clients; /* no other status words than those of the standard are known */
};

/* A command and whatever has to follow it. */
static scm_result converse_with(struct card_link *link, const struct apdu_command *command,
                                enum apdu_coding coding, const struct followers *followers,
                                uint16_t *sw)
{
    struct response_progress progress = { 0 };
    struct apdu_command current = *command;
    bool is_secret = apdu_ins_is_secret(command->ins);
    bool is_t0 = link->protocol == PCSC_PROTOCOL_T0;

    secret_bytes_cut(&link->answer, 0);
    for (unsigned round = 0; round < ROUNDS_MAX; round++)
    {
        size_t data_len = 0;
        scm_result result = transmit(link, &current, coding, is_secret, &data_len, sw);
        if (result_failed(result)) return result;

        /* With T=0 a command with data goes without the Le that could be mended. */
        bool may_repeat = current.ne != 0 && !(is_t0 && current.data.len);
        /* A wrapped answer that tells of a wrong Le was counted: the one within is meant. */
        if (link->is_secure && data_len > 0) may_repeat = false;
        struct response_decision decision = response_next_step(
            &progress, followers->are_clients ? *sw : with_standard_sw1(link, *sw), data_len,
            followers->more_data_sw1, may_repeat);
        switch (decision.step)
        {
        case RESPONSE_FETCH:
            current = apdu_get_response(decision.ne);
            current.cla = followers->fetch_cla;
            coding = APDU_SHORT;
            break;
        case RESPONSE_REPEAT:
            /* Data before a wrong Le comes again. */
            secret_bytes_cut(&link->answer, link->answer.len - data_len);
            current.cla = progress.is_fetching ? followers->fetch_cla : followers->repeat_cla;
            current.ne = decision.ne;
            coding = APDU_SHORT;
            if (!apdu_fits_short(&current)) coding = APDU_EXTENDED;
            break;
        case RESPONSE_BROKEN:
            return SC_E_COMM_DATA_LOST;
        default:
            return HR_OK;
        }
    }
    return SC_E_COMM_DATA_LOST;
}

static scm_result converse(struct card_link *link, const struct apdu_command *command,
                           enum apdu_coding coding, uint16_t *sw)
{
    struct followers followers = { .fetch_cla = command->cla & (uint8_t)~APDU_CLA_CHAINING,
                                   .repeat_cla = command->cla,
                                   .more_data_sw1 = link->profile.more_data_sw1 };
    /* How an answer travels is no message of its own. */
    if (link->is_secure) followers.fetch_cla &= (uint8_t)~SECURE_MESSAGING_CLA;
    return converse_with(link, command, coding, &followers, sw);
}

/* Data too long for one command, in several. */
static scm_result converse_in_chain(struct card_link *link, const struct apdu_command *command,
                                    uint16_t *sw)
{
    struct bytes rest = command->data;
    struct apdu_command piece = *command;

    piece.cla |= APDU_CLA_CHAINING;
    piece.ne = 0;
    while (rest.len > APDU_SHORT_LC_MAX)
    {
        piece.data = bytes_slice(rest, 0, APDU_SHORT_LC_MAX);
        rest = bytes_slice(rest, APDU_SHORT_LC_MAX, rest.len);
        scm_result result = converse(link, &piece, APDU_SHORT, sw);
        if (result_failed(result) || *sw != SW_OK) return result;
    }
    piece = *command;
    piece.data = rest;
    return converse(link, &piece, APDU_SHORT, sw);
}

/* What cards answer that cannot read extended length. */
static bool is_refusal(uint16_t sw)
{
    uint8_t sw1 = (uint8_t)(sw >> 8);
    return sw1 == SW_WRONG_LENGTH >> 8 || sw1 == 0x68 || sw1 == SW_INS_UNSUPPORTED >> 8 ||
           sw1 == SW_CLA_UNSUPPORTED >> 8 || sw1 == 0x6F;
}

/* What readers and drivers answer that cannot carry it. */
static bool is_refused_by_reader(scm_result result)
{
    switch (result)
    {
    case SC_F_COMM_ERROR:
    case SC_F_UNKNOWN_ERROR:
    case SC_F_INTERNAL_ERROR:
    case SC_E_INVALID_PARAMETER:
    case SC_E_INVALID_VALUE:
    case SC_E_UNSUPPORTED_FEATURE:
    case SC_E_INSUFFICIENT_BUFFER:
    case SC_E_NOT_TRANSACTED: /* pcsc-lite, for whatever the driver could not do */
    case SC_E_COMM_DATA_LOST:
        return true;
    default:
        return false;
    }
}

static scm_result converse_extended(struct card_link *link, const struct apdu_command *command,
                                    uint16_t *sw)
{
    scm_result result = converse(link, command, APDU_EXTENDED, sw);
    bool is_refused = result_failed(result) ? is_refused_by_reader(result)
                                            : is_refusal(*sw) && link->answer.len == 0;
    if (!is_refused) return result;

    /* Refused commands were not carried out; those whose answer got lost only read. */
    uint16_t other_sw = 0;
    scm_result other;
    if (apdu_fits_short(command))
        other = converse(link, command, APDU_SHORT, &other_sw);
    else if (may_chain(link) && !result_failed(result))
        other = converse_in_chain(link, command, &other_sw);
    else
    {
        /* The caller may cut its data into smaller pieces. */
        link->has_extended = false;
        *sw = SW_WRONG_LENGTH;
        return HR_OK;
    }
    /* The same refusal again was not about the length. */
    if (!result_failed(other) && (result_failed(result) || other_sw != *sw))
        link->has_extended = false;
    *sw = other_sw;
    return other;
}

/*
 * T=0: the whole command as extended length has it, in pieces. The card knows from its header where it
 * ends, and what it says to the last piece is the command's answer.
 */
static scm_result converse_in_envelopes(struct card_link *link, const struct apdu_command *command,
                                        uint16_t *sw)
{
    struct apdu_command piece = { .cla = command->cla, .ins = APDU_INS_ENVELOPE };
    uint8_t *room = memory_alloc(APDU_COMMAND_MAX);
    scm_result result = HR_OK;
    bool is_first = true, is_refused = false;

    if (!room) return HR_OUTOFMEMORY;
    struct byte_writer writer = byte_writer_of(room, APDU_COMMAND_MAX);
    apdu_encode(command, APDU_EXTENDED, &writer);
    struct bytes rest = byte_writer_written(&writer);
    *sw = SW_OK;
    if (writer.failed) result = SC_E_UNSUPPORTED_FEATURE;
    while (!result_failed(result) && rest.len > 0 && *sw == SW_OK)
    {
        piece.data = bytes_slice(rest, 0, APDU_SHORT_LC_MAX);
        rest = bytes_slice(rest, piece.data.len, rest.len);
        result = converse(link, &piece, APDU_SHORT, sw);
        is_refused = is_first && (*sw == SW_INS_UNSUPPORTED || *sw == SW_CLA_UNSUPPORTED);
        is_first = false;
    }
    wipe(room, writer.len);
    memory_free(room);
    if (result_failed(result) || !is_refused) return result;
    link->lacks_envelope = true;
    return SC_E_UNSUPPORTED_FEATURE;
}

static scm_result converse_as_needed(struct card_link *link, const struct apdu_command *command,
                                     uint16_t *sw)
{
    if (may_extend(link) && (!apdu_fits_short(command) || command->ne > APDU_SHORT_NE_MAX))
        return converse_extended(link, command, sw);
    if (apdu_fits_short(command)) return converse(link, command, APDU_SHORT, sw);
    if (may_chain(link)) return converse_in_chain(link, command, sw);
    return link->protocol == PCSC_PROTOCOL_T0 && !link->lacks_envelope
               ? converse_in_envelopes(link, command, sw)
               : SC_E_UNSUPPORTED_FEATURE;
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
    return fault == SECURE_FAULT_NONE ? HR_OK : lose_channel(link, reasons[fault], outer_sw);
}

static scm_result send_wrapped(struct card_link *link, const struct apdu_command *command,
                               struct byte_writer *room, struct card_answer *answer)
{
    struct secure_channel *messages = card_channel_messages(link->channel);
    uint8_t counter[BLOCK_CIPHER_BLOCK_MAX];
    struct apdu_command wrapped;
    bool had_extended = may_extend(link);
    uint16_t outer_sw = 0;

    memcpy(counter, messages->counter, sizeof(counter));
    scm_result result = secure_messaging_wrap(messages, command, room, &wrapped);
    if (!result_failed(result) && !apdu_fits_short(&wrapped) && !had_extended)
    {
        /* Nothing was sent: both sides count the same. */
        memcpy(messages->counter, counter, sizeof(counter));
        return SC_E_UNSUPPORTED_FEATURE;
    }
    if (!result_failed(result)) result = converse_as_needed(link, &wrapped, &outer_sw);
    if (result_failed(result))
    {
        lose_channel(link, "the keys for secure messaging have ended with this failure", 0);
        return result;
    }
    if (had_extended && !may_extend(link) && outer_sw == SW_WRONG_LENGTH && link->answer.len == 0)
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
    scm_result result = converse_as_needed(link, command, &answer->sw);
    answer->sw = with_standard_success(link, answer->sw);
    answer->data = secret_bytes_span(&link->answer);
    return result;
}

scm_result card_exchange(struct card_link *link, const struct apdu_command *command,
                         struct card_answer *answer)
{
    struct apdu_command sent = *command;

    *answer = (struct card_answer){ 0 };
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
    }
    return result;
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
    if (result_failed(result)) fault->sw = answer->sw;
    return result;
}

/* A client's command with T=0, which the standard gives no way to fetch an answer at once. */
static scm_result relay_t0(struct card_link *link, struct bytes bytes, const uint8_t *following_cla,
                           uint16_t *sw)
{
    struct apdu_command command;
    enum apdu_coding coding;

    if (!apdu_decode(bytes, &command, &coding)) return HR_INVALIDARG;
    uint8_t cla = following_cla ? *following_cla : command.cla;
    struct followers followers = { .fetch_cla = cla,
                                   .repeat_cla = cla,
                                   .more_data_sw1 = RESPONSE_MORE_DATA,
                                   .are_clients = true };
    return converse_with(link, &command, APDU_SHORT, &followers, sw);
}

scm_result card_exchange_relay(struct card_link *link, struct bytes command,
                               const uint8_t *following_cla, struct card_answer *answer)
{
    uint16_t sw = 0;
    size_t data_len = 0;

    *answer = (struct card_answer){ 0 };
    if (command.len < APDU_HEADER_LEN || command.len > APDU_COMMAND_MAX) return HR_INVALIDARG;
    card_link_disturb(link);
    secret_bytes_cut(&link->answer, 0);
    scm_result result;
    if (link->protocol == PCSC_PROTOCOL_T0)
        result = relay_t0(link, command, following_cla, &sw);
    else
        result = transmit_bytes(link, command, apdu_ins_is_secret(command.data[1]), &data_len, &sw);
    if (result_failed(result))
    {
        secret_bytes_cut(&link->answer, 0);
        return result;
    }
    answer->data = secret_bytes_span(&link->answer);
    answer->sw = sw;
    return HR_OK;
}
