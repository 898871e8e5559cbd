/*
 * codes - the codes of the card's holder: verified, looked at, changed, unblocked.
 * Layer: tool (a client of ISCardVerify).
 * Owns: codes only while they are used; they are read from standard input or a file, never from the
 *       command line, are not shown while they are typed, and are wiped. An empty line is a code that
 *       the server has typed at the reader's own keys. Threads: one.
 * Reference: ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_CODES_H
#define SCM_TOOL_CODES_H

#include "tool/session.h"

/** The command "verify". */
int codes_command(const struct options *options);

/** Presents the code that --pin-from, --number and --local speak of; says why not. */
bool codes_present(const struct session *session, const struct options *options);

#endif
