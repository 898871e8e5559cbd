/*
 * pins - the command "verify": PINs of the card's holder verified, looked at, changed, unblocked.
 * Layer: tool (a client of ISCardVerify; above the session).
 * Owns: PINs only while they are used; then they are wiped. Threads: one.
 * Reference: ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PINS_H
#define SCM_TOOL_PINS_H

#include "tool/options.h"

/** The command "verify". What a PIN opened is closed again when it ends. */
int pins_command(const struct options *options);

#endif
