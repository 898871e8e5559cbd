/*
 * script - a card that plays a script: it is sent these commands, in this order, and gives these
 *          answers.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_SCRIPT_H
#define SCM_TESTS_SUPPORT_SCRIPT_H

#include "support/faulty_port.h"

/** One command and its answer, in hexadecimal (support/hex.h). */
struct exchange
{
    const char *command; /**< NULL: the script ends here */
    const char *answer;
};

struct script
{
    const struct exchange *rows;
    size_t count;
    size_t played;
};

/**
 * Puts a card with this script into the port's reader. A command that is not the script's next, or one
 * too many, fails the test.
 *
 * @param[in] script stays the caller's; empty until script_start().
 * @param[in] atr hexadecimal.
 */
void script_insert(struct faulty_port *port, struct script *script, const char *atr,
                   enum pcsc_protocol protocol);

/** Gives the card a script, from its beginning: `count` rows, or fewer where one has no command. */
void script_start(struct script *script, const struct exchange *rows, size_t count);

/** All of it was sent. */
bool script_is_over(const struct script *script);

/** The bytes of hexadecimal text as the reader's answer to reset. */
void faulty_port_set_atr(struct faulty_port *port, const char *atr);

/**
 * Connects to the card in the port's reader and begins a transaction, as a session does before it
 * makes a link or files.
 *
 * @param[out] status of the connection.
 */
pcsc_card faulty_port_begin(struct faulty_port *port, struct pcsc_status *status);

#endif
