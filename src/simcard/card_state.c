/*
 * card_state - what a card consists of, and what follows from it for every command family.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-3:2006 clause 12 (Le); ISO/IEC 7816-4:2013 clause 5.1.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card_state.h"

size_t card_answer_limit(const struct card *card, const struct command_apdu *command)
{
    size_t limit = card->style.max_answer_data;
    return command->ne < limit ? command->ne : limit;
}

uint16_t card_apply_le(const struct card *card, const struct command_apdu *command,
                       size_t available, size_t *give)
{
    size_t limit = card_answer_limit(card, command);
    bool is_t0 = card->style.protocol == 0 && !command->is_extended;
    bool asks_more = command->ne > available && (is_t0 || !command->is_le_open);
    *give = available < limit ? available : limit;
    if (!asks_more) return SW_OK;
    if (!is_t0 && card->style.long_le == LONG_LE_WARNS) return SW_END_BEFORE_LE;
    *give = 0;
    return sw_with_len(SW_WRONG_LE, available);
}

bool card_has_memory(const struct card *card, size_t added, size_t removed)
{
    size_t used = file_memory(card->mf);
    return added <= removed || used + (added - removed) <= card->style.memory;
}
