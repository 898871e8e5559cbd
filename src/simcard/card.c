/*
 * card - a simulated card from its making to its end.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card.h"
#include "simcard/cipher.h"
#include "simcard/replay.h"
#include "simcard/session.h"

#include <stdlib.h>

struct card *card_new(void)
{
    struct card *card = calloc(1, sizeof(*card));
    if (!card) return NULL;
    card->answer_room = malloc(CARD_ANSWER_MAX);
    card->mf = file_new(FILE_DF, FILE_ID_MF);
    if (!card->answer_room || !card->mf)
    {
        card_free(card);
        return NULL;
    }
    card->random_fill = cipher_random;
    card->session.current_df = card->mf;
    card->style = (struct card_style){
        .protocol = 1,
        .has_chaining = true,
        .has_partial_names = true,
        .has_recursive_delete = true,
        .more_data_sw1 = SW_MORE_DATA >> 8,
        .max_command_data = 65535,
        .max_answer_data = CARD_ANSWER_MAX - 2,
        .memory = 256 * 1024,
        .challenge_len = 8,
    };
    return card;
}

void card_reset(struct card *card)
{
    if (card->replay) replay_reset(card->replay);
    session_reset(card);
}

void card_free(struct card *card)
{
    if (!card) return;
    session_end(card);
    replay_free(card->replay);
    file_free(card->mf);
    if (card->answer_room) explicit_bzero(card->answer_room, CARD_ANSWER_MAX);
    free(card->answer_room);
    explicit_bzero(card, sizeof(*card));
    free(card);
}

struct bytes card_atr(const struct card *card)
{
    return bytes_of(card->style.atr, card->style.atr_len);
}

const char *card_name(const struct card *card)
{
    return card->style.name;
}

void card_set_random(struct card *card, bool (*fill)(uint8_t *buffer, size_t len))
{
    card->random_fill = fill ? fill : cipher_random;
}
