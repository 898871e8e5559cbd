/*
 * pin_answer - what a card says of a PIN, out of the description that the server gives of it.
 * Layer: tool (pure).
 * Owns: nothing; threads: one.
 * Standard: ISO/IEC 7816-4:2020 clauses 5.6 (status words), 11.6.6 (VERIFY without data)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PIN_ANSWER_H
#define SCM_TOOL_PIN_ANSWER_H

struct pin_answer
{
    unsigned status_word; /**< 0: none is told */
    int tries_left;       /**< -1: they are not told */
};

/** Reads a description of ISCardVerify's, UTF-8; NULL tells nothing. */
struct pin_answer pin_answer_read(const char *description);

/**
 * Why a card that was asked for the tries left does not tell them; NULL where it does, and where
 * something else is amiss.
 */
const char *pin_answer_silence(const struct pin_answer *answer);

#endif
