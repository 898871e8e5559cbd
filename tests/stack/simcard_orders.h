/*
 * simcard_orders - orders to the simulated card and to whoever started pcscd, for native programs on
 *                  a card stack.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_STACK_SIMCARD_ORDERS_H
#define SCM_TESTS_STACK_SIMCARD_ORDERS_H

#include <stdbool.h>

/** The reader under test: environment SCM_READER. */
const char *simcard_reader(void);

/** Sends a line, with its end, to the card's control port; it has been carried out afterwards. */
void simcard_order(const char *line);

/** Waits until the reader sees a card, or none. */
void simcard_wait_for_card(bool present);

/** "stop service" and the like: for programs that are run with orders (tests/support/cell.sh). */
void service_order(const char *what);

#endif
