/*
 * answer_quirks - the quirks that befall answers of any instruction.
 * Layer: simcard (core; between the dispatch and what it dispatches to).
 * Owns: nothing; where a chain of answers stands belongs to the card's session.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_ANSWER_QUIRKS_H
#define SCM_SIMCARD_ANSWER_QUIRKS_H

#include "simcard/card_state.h"

/**
 * Answers in place of the card, where a chain of 6101 begins or goes on. Any command but GET
 * RESPONSE ends a chain.
 *
 * @return false: the card is to answer.
 */
bool answer_quirks_replace(struct card *card, struct bytes command, struct byte_writer *answer);

/** Makes of the card's answer what the quirks say; an answer that refuses stays as it is. */
void answer_quirks_change(struct card *card, struct bytes command, struct byte_writer *answer);

#endif
