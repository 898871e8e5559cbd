/*
 * fault - what a failed operation can tell besides its result, for descriptions.
 * Layer: card/link.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_FAULT_H
#define SCM_CARD_LINK_FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/result.h"

/** All zero, and tries_left -1, where there is nothing to tell: card_fault_none(). */
struct card_fault
{
    uint16_t sw;      /**< the card's last status word, 0 when it was not asked */
    unsigned context; /**< what it was asked for: enum status_context */
    int tries_left;   /**< of a PIN; -1 when not told */
    const char *why;  /**< static text, lower case, no full stop; or NULL */
    bool has_position;
    size_t position; /**< character of the path the fault is at, from 1 */
    bool has_written;
    uint32_t written; /**< bytes written before a failure */
};

static inline struct card_fault card_fault_none(void)
{
    return (struct card_fault){ .tries_left = -1 };
}

/** Notes a status word and what the card was asked for: enum status_context. */
static inline void card_fault_answered(struct card_fault *fault, uint16_t sw, unsigned context)
{
    fault->sw = sw;
    fault->context = context;
}

/** Notes what is wrong with what the client gave. @return HR_INVALIDARG. */
static inline scm_result card_fault_invalid(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

/** What the card's last status word says; NULL where there is none, or the standard is silent. */
const char *card_fault_meaning(const struct card_fault *fault);

/** Whether the card was given the code that unblocks a PIN, the PUK: what it said is said of that. */
bool card_fault_is_of_puk(const struct card_fault *fault);

/**
 * What a result means here, where that is not what it means everywhere: of a PIN's results, that the
 * PUK is meant. NULL where the result's own meaning holds.
 */
const char *card_fault_result_meaning(const struct card_fault *fault, scm_result result);

#endif
