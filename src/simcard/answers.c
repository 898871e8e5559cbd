/*
 * answers - how data and status word of a command travel.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-3:2006 clause 12.2; ISO/IEC 7816-4:2013 clauses 5.1.3, 11.7.1.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/answers.h"
#include "simcard/card.h"
#include "simcard/session.h"

void answer_put_sw(struct byte_writer *answer, uint16_t sw)
{
    byte_writer_u16(answer, sw);
}

static uint16_t more_data_sw(const struct card *card, size_t rest)
{
    return sw_with_len((uint16_t)(card->style.more_data_sw1 << 8), rest);
}

/* Sends up to `room` bytes of the pending answer and says how many are left. */
static void send_pending(struct card *card, size_t room, struct byte_writer *answer)
{
    struct card_session *session = &card->session;
    struct bytes pending = bytes_of(session->pending.data, session->pending.len);
    struct bytes piece = bytes_slice(pending, session->pending_offset, room);
    byte_writer_put(answer, piece);
    session->pending_offset += piece.len;
    size_t rest = session->pending.len - session->pending_offset;
    if (rest > 0)
    {
        answer_put_sw(answer, more_data_sw(card, rest));
        return;
    }
    uint16_t sw = session->pending_sw;
    session_clear_pending(card);
    answer_put_sw(answer, sw);
}

static void keep_pending(struct card *card, struct bytes data, uint16_t sw)
{
    card->session.pending_offset = 0;
    card->session.pending_sw =
        collected_add(&card->session.pending, data, CARD_ANSWER_MAX) ? sw : SW_MEMORY_FAILURE;
}

uint16_t answer_append(struct card *card, struct bytes more, uint16_t sw)
{
    struct card_session *session = &card->session;
    bool is_first = session->pending.len == 0;
    if (!collected_add(&session->pending, more, CARD_ANSWER_MAX)) return SW_MEMORY_FAILURE;
    if (is_first) session->pending_sw = sw;
    return more_data_sw(card, session->pending.len - session->pending_offset);
}

void answer_get_response(struct card *card, const struct command_apdu *command,
                         struct byte_writer *answer)
{
    size_t rest = card->session.pending.len - card->session.pending_offset;
    if (command->p1 || command->p2)
        answer_put_sw(answer, SW_BAD_P1_P2);
    else if (rest == 0)
        answer_put_sw(answer, SW_CONDITIONS_OF_USE); /* there is nothing to fetch */
    else if (!command->has_le)
        answer_put_sw(answer, SW_WRONG_LENGTH);
    else if (command->ne > rest && (card->style.protocol == 0 || !command->is_le_open))
        answer_put_sw(answer, sw_with_len(SW_WRONG_LE, rest));
    else
        send_pending(card, card_answer_limit(card, command), answer);
}

bool answer_is_failure(uint16_t sw)
{
    return sw >> 8 != 0x90 && sw >> 8 != 0x62 && sw >> 8 != 0x63;
}

void answer_send(struct card *card, bool takes_data, const struct command_apdu *command,
                 struct bytes data, uint16_t sw, struct byte_writer *answer)
{
    if (answer_is_failure(sw) || data.len == 0)
    {
        answer_put_sw(answer, sw);
        return;
    }
    bool is_t0 = card->style.protocol == 0;
    if (is_t0 && (takes_data || command->is_extended))
    {
        /* T=0 moves data one way in each command: behind incoming data an answer is fetched. */
        if (command->is_extended && !command->has_le)
        {
            answer_put_sw(answer, sw);
            return;
        }
        keep_pending(card, data, sw);
        answer_put_sw(answer, more_data_sw(card, data.len));
        return;
    }
    if (!command->has_le)
    {
        answer_put_sw(answer, sw); /* nobody asked for the data */
        return;
    }
    if (is_t0 && command->ne != data.len &&
        (command->ne > data.len || data.len <= APDU_SHORT_NE_MAX))
    {
        answer_put_sw(answer, sw_with_len(SW_WRONG_LE, data.len));
        return;
    }
    keep_pending(card, data, sw);
    send_pending(card, card_answer_limit(card, command), answer);
}

void answer_send_wrapped(struct card *card, const struct command_apdu *wrapped, struct bytes data,
                         uint16_t sw, struct byte_writer *answer)
{
    bool is_t0 = card->style.protocol == 0 && !wrapped->is_extended;
    if (!is_t0 && !wrapped->has_le)
    {
        answer_put_sw(answer, sw);
        return;
    }
    keep_pending(card, data, sw);
    if (is_t0)
        answer_put_sw(answer, more_data_sw(card, data.len));
    else
        send_pending(card, card_answer_limit(card, wrapped), answer);
}
