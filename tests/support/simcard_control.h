/*
 * simcard_control - orders to the simulated card from a Windows test program: insert, remove, and
 *                   what else its control port takes.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_SIMCARD_CONTROL_H
#define SCM_TESTS_SUPPORT_SIMCARD_CONTROL_H

#include <stdbool.h>

/**
 * Sends one line to the card's control port (environment SCM_SIMCARD_CONTROL) and waits for the
 * answer.
 *
 * @param[in] order e.g. "remove".
 * @return whether the card answered "ok".
 */
bool simcard_order(const char *order);

/** Waits until the reader sees a card, or none; at most ten seconds. */
bool simcard_wait(bool present);

/** Pulls the card, and waits until the reader has seen it. */
bool simcard_remove(void);

/** Inserts the card, and waits until the reader has seen it. */
bool simcard_insert(void);

/** The reader under test: environment SCM_READER, or the virtual reader's first slot. */
const wchar_t *test_reader(void);

#endif
