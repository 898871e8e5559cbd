/*
 * replay_card - a card that plays a recording.
 * Layer: simcard (core; above card and replay).
 * Owns: nothing; threads: none.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_REPLAY_CARD_H
#define SCM_SIMCARD_REPLAY_CARD_H

#include "simcard/card.h"
#include "simcard/replay.h"

/**
 * A card that plays the recording in a file.
 *
 * @param[out] error set on failure.
 * @return for card_free(); NULL on failure.
 */
struct card *replay_read_card(const char *path, struct description_error *error);

/** What a card plays; NULL where it is one made from a description. */
const struct replay *replay_of_card(const struct card *card);

#endif
