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

bool card_fault_is_of_puk(const struct card_fault *fault)
{
    return fault->sw && fault->context & STATUS_UNBLOCK;
}

const char *card_fault_result_meaning(const struct card_fault *fault, scm_result result)
{
    if (!card_fault_is_of_puk(fault)) return NULL;
    if (result == SC_W_WRONG_CHV) return "the wrong PUK was presented";
    return result == SC_W_CHV_BLOCKED ? "the PUK is blocked" : NULL;
}
