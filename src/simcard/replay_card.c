/*
 * replay_card - a card that plays a recording.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/replay_card.h"

#include "simcard/card_state.h"

#include <stdio.h>
#include <string.h>

struct card *replay_read_card(const char *path, struct description_error *error)
{
    struct recording *recording = recording_read(path, error);
    if (!recording) return NULL;
    struct card *card = card_new();
    if (card) card->replay = replay_new(recording);
    if (!card || !card->replay)
    {
        if (!card) recording_free(recording);
        card_free(card);
        *error = (struct description_error){ .message = "out of memory" };
        return NULL;
    }
    snprintf(card->style.name, sizeof(card->style.name), "a recording of %zu commands",
             recording->count);
    memcpy(card->style.atr, recording->atr, recording->atr_len);
    card->style.atr_len = recording->atr_len;
    card->style.protocol = recording->protocol;
    card_reset(card);
    return card;
}

const struct replay *replay_of_card(const struct card *card)
{
    return card->replay;
}
