/*
 * fault - what a failed operation can tell besides its result.
 * Layer: card/link (calls iso7816).
 * SPDX-License-Identifier: MIT
 */
#include "card/link/fault.h"

#include "iso7816/status_words.h"

const char *card_fault_meaning(const struct card_fault *fault)
{
    return fault->sw ? status_word_meaning(fault->sw, (enum status_context)fault->context) : NULL;
}
