/*
 * simcard_port - simcard's core behind the tests' PC/SC port: the whole card layer over a simulated
 *                card, without a reader, under the sanitizers.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_SIMCARD_PORT_H
#define SCM_TESTS_SUPPORT_SIMCARD_PORT_H

#include "simcard/card.h"
#include "support/faulty_port.h"

/**
 * The card goes into the port's reader: its ATR, in place of `*place`, which is freed.
 *
 * @param[in,out] place where the test keeps its card; NULL in it where there is none yet.
 * @param[in] card the test's to free, by the next card or at its end.
 */
void simcard_port_insert(struct faulty_port *port, struct card **place, struct card *card,
                         enum pcsc_protocol protocol);

/**
 * The card's answer to a command, in the manner of faulty_port's answer().
 *
 * @return its length, which may be more than `capacity`; then `answer` is as it was.
 */
size_t simcard_port_answer(struct card *card, const uint8_t *command, size_t command_len,
                           uint8_t *answer, size_t capacity);

#endif
