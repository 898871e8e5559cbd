/*
 * fake_unix_part - the bridge's unix part in memory, for tests of the core: strict about what it is
 *                  called with, and answering on demand what no virtual reader does.
 * Layer: tests.
 * One reader "Fake Reader 00 00" with one card, and others, "Fake Reader 01 00" and so on, on
 * demand. Contexts and cards are numbered upwards and never used again; a call with a number that
 * is not open gives SCARD_E_INVALID_HANDLE as libpcsclite does. Waits end when the test says so, or
 * when they are cancelled.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FAKE_UNIX_PART_H
#define SCM_TESTS_FAKE_UNIX_PART_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/unix_call.h"

#define FAKE_READER u"Fake Reader 00 00"

struct fake_unix_part
{
    /* What the next calls answer. */
    bool is_absent;                       /**< every call fails: there is no unix part */
    int32_t results[UNIX_FUNCTION_COUNT]; /**< instead of the usual answer, when not 0 */
    uint32_t card_state;                  /**< of UNIX_STATUS */
    uint32_t card_protocol;               /**< of UNIX_CONNECT, RECONNECT, STATUS */
    uint32_t receive_len;                 /**< of UNIX_TRANSMIT */
    uint8_t attribute[16];                /**< of UNIX_GET_ATTRIBUTE */
    uint32_t attribute_len;               /**< 0: not supported */
    uint8_t control_answer[64];           /**< of UNIX_CONTROL */
    uint32_t control_answer_len;          /**< 0: not supported */
    uint32_t event_state;                 /**< of UNIX_STATUS_CHANGE, with result 0 */
    bool counts_readers_events;           /**< as pcsc-lite does from 2.3.0 on */
    uint32_t states_max;                  /**< of one UNIX_STATUS_CHANGE; 0: any number */
    uint32_t mistakes;                    /**< how often a reader is unknown that is there */
    bool waits;                           /**< UNIX_STATUS_CHANGE does not end by itself */
    bool other_has_transaction;           /**< UNIX_BEGIN does not end by itself */
    bool looks_take_long;                 /**< UNIX_STATUS does not end by itself */
    bool is_shared_by_another;            /**< connecting exclusively is a sharing violation */
    uint32_t contexts_max; /**< UNIX_ESTABLISH refuses one more, in turns as pcscd does */

    /* What was asked. */
    uint32_t calls[UNIX_FUNCTION_COUNT];
    uint32_t protocols, share, initialization, disposition;
    uint32_t resets;
    bool
        connected_in_transaction; /**< under an open transaction, where pcscd may wait for its end */
    uint32_t timeouts[8];         /**< of the first waits */
    uint32_t control_code;
    uint32_t asked_in_use; /**< UNIX_LIST_READERS under another call of its context: would block */
    bool
        closed_while_looking; /**< a card was, under a UNIX_STATUS: pcsc-lite would not survive it */

    /* What is open. */
    uint32_t contexts_open, cards_open, transactions_open, waits_under_way, looks_under_way;
};

extern struct fake_unix_part fake_unix_part;

/** Back to the beginning: a card that is there, in use with T=1, and nothing open. */
void fake_unix_part_reset(void);

/** lite_call_function. */
int32_t fake_unix_call(uint32_t function, void *arguments);

/**
 * The card is taken out and put back, and has lost its power again meanwhile. As with pcscd,
 * connecting powers it unless a reconnection, which does not, has said before that it is in use; a
 * reset does.
 */
void fake_unix_part_replace_card(void);

/** From now on there are so many readers. */
void fake_unix_part_set_readers(uint32_t count);

/** From now on something has happened in the reader of this number; -1: in none. */
void fake_unix_part_change_reader(int number);

/** A counter of fake_unix_part's, while threads are at work. */
uint32_t fake_unix_part_count(const uint32_t *counter);

/** Ends a wait, so that a test may look into it without one. */
void fake_unix_part_let_waits_end(void);

/** Ends every UNIX_STATUS under way, where looks take long. */
void fake_unix_part_let_looks_end(void);

#endif
