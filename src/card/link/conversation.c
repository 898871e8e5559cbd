/*
 * conversation - a command, and what has to follow it until its answer is whole.
 * Layer: card/link (calls iso7816; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.3 (chaining), 5.6 (status words), 11.7 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#include "card/link/conversation.h"

#include "base/wipe.h"
#include "iso7816/response.h"
#include "iso7816/secure_messaging.h"
#include "iso7816/status_words.h"
#include "system/memory.h"

/* Cards differ in what the MAC of a wrapped chain covers: wrapped commands are not chained. */
static bool may_chain(const struct card_link *link)
{
    return link->has_chaining && link->profile.cla == 0 && !link->is_secure;
}

/* 6Cxx for another word that tells the right Le; 00 in it tells none. */
static uint16_t with_standard_sw1(const struct card_link *link, uint16_t sw)
{
    bool is_other = link->profile.wrong_le_sw1 && sw >> 8 == link->profile.wrong_le_sw1;
    return is_other && sw & 0xFF ? (uint16_t)(SW_WRONG_LE | (sw & 0xFF)) : sw;
}

scm_result card_converse_with(struct card_link *link, const struct apdu_command *command,
                              enum apdu_coding coding, const struct card_followers *followers,
                              uint16_t *sw)
{
    struct response_progress progress = { 0 };
    struct apdu_command current = *command;
    bool is_secret = apdu_ins_is_secret(command->ins);
    bool is_t0 = link->protocol == PCSC_PROTOCOL_T0;

    secret_bytes_cut(&link->answer, 0);
    link->has_exceeded = false;
    for (;;)
    {
        size_t data_len = 0;
        scm_result result =
            progress.is_fetching ? card_budget_count_response(&link->budget) : HR_OK;
        if (result_failed(result)) return result;
        result = card_transmit(link, &current, coding, is_secret, &data_len, sw);
        if (result_failed(result)) return result;

        /* With T=0 a command with data goes without the Le that could be mended. */
        bool may_repeat = current.ne != 0 && !(is_t0 && current.data.len);
        /* A wrapped answer that tells of a wrong Le was counted: the one within is meant. */
        if (link->is_secure && data_len > 0) may_repeat = false;
        struct response_decision decision = response_next_step(
            &progress, followers->are_clients ? *sw : with_standard_sw1(link, *sw), data_len,
            followers->more_data_sw1, may_repeat);
        if (current.ne != 0 && data_len > current.ne) link->has_exceeded = true;
        switch (decision.step)
        {
        case RESPONSE_FETCH:
            if (followers->enough && link->answer.len >= followers->enough)
            {
                /* All that was asked for is there: what is left stays with the card. */
                link->has_exceeded = true;
                *sw = SW_OK;
                return HR_OK;
            }
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
}

static scm_result converse(struct card_link *link, const struct apdu_command *command,
                           enum apdu_coding coding, uint16_t *sw)
{
    struct card_followers followers = { .fetch_cla = command->cla & (uint8_t)~APDU_CLA_CHAINING,
                                        .repeat_cla = command->cla,
                                        .more_data_sw1 = link->profile.more_data_sw1 };
    /* A message is opened whole. */
    if (!link->is_secure) followers.enough = card_link_bytes_asked(link, command->ne);
    /* How an answer travels is no message of its own. */
    if (link->is_secure) followers.fetch_cla &= (uint8_t)~SECURE_MESSAGING_CLA;
    return card_converse_with(link, command, coding, &followers, sw);
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
    if (result_failed(link->budget.ended_by)) return result;
    bool is_refused = result_failed(result) ? is_refused_by_reader(result)
                                            : is_refusal(*sw) && link->answer.len == 0;
    if (!is_refused) return result;

    /* A refused command was not carried out. One whose answer was lost on the way only reads. */
    uint16_t other_sw = 0;
    scm_result other;
    if (apdu_fits_short(command))
        other = converse(link, command, APDU_SHORT, &other_sw);
    else if (may_chain(link) && !result_failed(result))
        other = converse_in_chain(link, command, &other_sw);
    else
    {
        /* The caller may cut its data into smaller pieces. */
        card_link_refuse_extended(link, command->data.len, command->ne);
        *sw = SW_WRONG_LENGTH;
        return HR_OK;
    }
    /* The same refusal again was not about the length. */
    if (!result_failed(other) && (result_failed(result) || other_sw != *sw))
        card_link_refuse_extended(link, command->data.len, command->ne);
    *sw = other_sw;
    return other;
}

/*
 * T=0: the whole command in its extended form, in pieces. The card knows from the header where the
 * command ends. What it says to the last piece is the command's answer.
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

scm_result card_converse(struct card_link *link, const struct apdu_command *command, uint16_t *sw)
{
    uint32_t data_max = link->profile.command_data_max, answer_max = link->profile.answer_data_max;
    bool is_too_long = data_max && command->data.len > data_max;

    if (card_link_may_extend(link) && !(is_too_long && may_chain(link)) &&
        (!apdu_fits_short(command) || command->ne > APDU_SHORT_NE_MAX))
    {
        struct apdu_command limited = *command;
        if (answer_max && limited.ne > answer_max) limited.ne = answer_max;
        return converse_extended(link, &limited, sw);
    }
    if (apdu_fits_short(command)) return converse(link, command, APDU_SHORT, sw);
    if (may_chain(link)) return converse_in_chain(link, command, sw);
    return link->protocol == PCSC_PROTOCOL_T0 && !link->lacks_envelope
               ? converse_in_envelopes(link, command, sw)
               : SC_E_UNSUPPORTED_FEATURE;
}
