/*
 * simcard_vectors - commands and answers as one-line vectors against a simulated card.
 * Layer: tests (drives simcard's core directly, without reader).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SIMCARD_VECTORS_H
#define SCM_TESTS_SIMCARD_VECTORS_H

#include "simcard/card.h"

/**
 * One exchange. Commands and answers are hexadecimal, blanks ignored, XX*N repeats a byte. In an
 * answer ".." stands for any byte and "*" at the front for any bytes before the rest.
 */
struct simcard_vector
{
    const char *command; /**< "reset" resets the card and expects nothing */
    const char *answer;  /**< data and status word */
    const char *reason;
};

/** Bytes of hexadecimal text as above; fails the test where it is no such text. */
size_t simcard_hex(const char *text, uint8_t *room, size_t capacity);

/** Makes a card from a description; fails the test with the parser's message. */
struct card *simcard_make(const char *description);

/** The card of a sample, "demo.card"; fails the caller's test with the parser's message. */
#define simcard_sample(name) simcard_sample_at(name, __FILE__, __LINE__)
struct card *simcard_sample_at(const char *name, const char *file, int line);

/** Runs vectors in order; fails the test at the first that differs, showing all of it. */
void simcard_run_at(struct card *card, const struct simcard_vector *vectors, size_t count,
                    const char *file, int line);
#define simcard_run(card, vectors)                                                                 \
    simcard_run_at(card, vectors, sizeof(vectors) / sizeof((vectors)[0]), __FILE__, __LINE__)

/** Makes a card, runs vectors, frees it. */
void simcard_script_at(const char *description, const struct simcard_vector *vectors, size_t count,
                       const char *file, int line);
#define simcard_script(description, vectors)                                                       \
    simcard_script_at(description, vectors, sizeof(vectors) / sizeof((vectors)[0]), __FILE__,      \
                      __LINE__)

/**
 * Sends one command.
 *
 * @param[out] answer CARD_ANSWER_MAX bytes, data only; NULL when nobody looks.
 * @return the status word.
 */
uint16_t simcard_send(struct card *card, struct bytes command, uint8_t *answer, size_t *answer_len);

#endif
