/*
 * answer_quirks - the quirks that befall answers of any instruction.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/answer_quirks.h"
#include "simcard/answers.h"
#include "simcard/card.h"
#include "simcard/instructions.h"

#define SW_LEN    2
#define FILL_BYTE 0xA5
#define ENDLESS   UINT32_MAX

static const struct quirk_answer *find(const struct card *card, uint8_t ins)
{
    const struct card_quirks *quirks = &card->style.quirks;
    for (size_t i = 0; i < quirks->answer_count; i++)
        if (quirks->answers[i].is_for_all || quirks->answers[i].ins == ins)
            return &quirks->answers[i];
    return NULL;
}

static void fill(struct byte_writer *answer, size_t count)
{
    while (count-- > 0 && answer->len < answer->capacity)
        byte_writer_u8(answer, FILL_BYTE);
}

/* The next answer of the chain under way. */
static void put_link(struct card_session *session, struct byte_writer *answer)
{
    if (session->link_count == 0)
    {
        answer_put_sw(answer, session->link_sw);
        session->is_linking = false;
        return;
    }
    if (session->link_count != ENDLESS) session->link_count--;
    fill(answer, 1);
    answer_put_sw(answer, sw_with_len(SW_MORE_DATA, 1));
}

bool answer_quirks_replace(struct card *card, struct bytes command, struct byte_writer *answer)
{
    struct card_session *session = &card->session;
    if (command.len < APDU_HEADER_LEN) return false;
    uint8_t ins = command.data[1];
    const struct quirk_answer *quirk = find(card, ins);
    if (!session->is_linking || ins != INS_GET_RESPONSE)
    {
        session->is_linking =
            quirk && (quirk->kind == QUIRK_ANSWER_CHAIN || quirk->kind == QUIRK_ANSWER_ENDLESS);
        if (!session->is_linking) return false;
        session->link_count = quirk->kind == QUIRK_ANSWER_ENDLESS ? ENDLESS : quirk->number;
        session->link_sw = quirk->sw;
    }
    put_link(session, answer);
    return true;
}

void answer_quirks_change(struct card *card, struct bytes command, struct byte_writer *answer)
{
    const struct quirk_answer *quirk =
        command.len < APDU_HEADER_LEN ? NULL : find(card, command.data[1]);
    if (!quirk || answer->failed || answer->len < SW_LEN) return;
    size_t data_len = answer->len - SW_LEN;
    uint16_t sw = (uint16_t)(answer->data[data_len] << 8 | answer->data[data_len + 1]);
    uint8_t more[QUIRK_BEHIND_MAX];
    if (data_len == 0 || (answer_is_failure(sw) && sw >> 8 != SW_MORE_DATA >> 8)) return;
    memset(more, FILL_BYTE, sizeof(more));
    switch (quirk->kind)
    {
    case QUIRK_ANSWER_LONGER:
    {
        size_t room = answer->capacity - answer->len;
        answer->len = data_len;
        fill(answer, quirk->number < room ? quirk->number : room);
        break;
    }
    case QUIRK_ANSWER_AT_MOST:
        answer->len = data_len < quirk->number ? data_len : quirk->number;
        break;
    case QUIRK_ANSWER_BEHIND:
        answer->len = data_len;
        sw = answer_append(card, bytes_of(more, quirk->number), sw);
        break;
    case QUIRK_ANSWER_CHAIN:
    case QUIRK_ANSWER_ENDLESS:
        return; /* it replaced the answer */
    }
    answer_put_sw(answer, sw);
}
