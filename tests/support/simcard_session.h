/*
 * simcard_session - a session of the card layer over simcard's core, from a test's beginning to its end.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_SIMCARD_SESSION_H
#define SCM_TESTS_SUPPORT_SIMCARD_SESSION_H

#include "card/session/session.h"
#include "pcsc/context_pool.h"
#include "support/simcard_port.h"

/** What answers a card's commands; faulty_port's answer(). */
typedef size_t simcard_session_answer(void *context, const uint8_t *command, size_t command_len,
                                      uint8_t *answer, size_t capacity);

/** Makes port, pool and session. No card is in the reader, and nothing attached. */
void simcard_session_begin(struct faulty_port *port, simcard_session_answer *answer, void *context,
                           struct context_pool **pool, struct card_session **session);

/**
 * Gives all of it back, the card and what hex() keeps as well.
 *
 * @param[in,out] card NULL in it afterwards.
 * @return for cmocka's teardown: 0, or -1 where a context was left open.
 */
int simcard_session_end(struct faulty_port *port, struct context_pool *pool,
                        struct card_session *session, struct card **card);

#endif
