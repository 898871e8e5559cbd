/*
 * fake_own_winscard - a winscard.dll that behaves as Wine's own does, for tests of what calls it.
 * Layer: tests.
 * Pcsc-lite's numbers, no waiting, the current state forgotten, no length of an answer that does not
 * fit; and a handle that is not open fails the test, where Wine's own would end the process.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FAKE_OWN_WINSCARD_H
#define SCM_TESTS_FAKE_OWN_WINSCARD_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/own_functions.h"

#define FAKE_OWN_READERS_MAX 40

struct fake_own_winscard
{
    /* What the next calls answer. */
    int32_t result;                        /**< of every call, when not 0 */
    uint32_t readers;                      /**< "Own Reader 00 00", "Own Reader 01 00", ... */
    uint32_t states[FAKE_OWN_READERS_MAX]; /**< of their cards */
    const uint8_t *answer;                 /**< of SCardTransmit, SCardControl, SCardGetAttrib */
    uint32_t answer_len;
    bool is_held;        /**< another program has a transaction */
    uint32_t held_looks; /**< as often as SCardGetAttrib has been told so */
    uint32_t spurious;   /**< that often a reader is said to be unknown */
    bool lists_short;    /**< the next list has room for one reader only */

    /* What was asked. */
    own_handle handle;   /**< of the last call */
    uint32_t numbers[4]; /**< its numbers, in their order */
    uint8_t sent[16];
    uint16_t reader[64];
    uint32_t looks; /**< calls of SCardGetStatusChange */

    /* What is open. */
    uint32_t contexts_open, cards_open;
};

extern struct fake_own_winscard fake_own;

extern const struct own_functions fake_own_functions;

/** Back to the beginning: one reader with a card in it, nothing open. */
void fake_own_reset(void);

/** The state of a reader's card, while threads are at work. */
void fake_own_set_state(uint32_t reader, uint32_t state);

/** So many readers from now on. */
void fake_own_set_readers(uint32_t count);

#endif
