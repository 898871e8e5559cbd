/*
 * overview - the commands "readers" and "status": what can be worked with.
 * Layer: tool.
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_OVERVIEW_H
#define SCM_TOOL_OVERVIEW_H

#include "tool/options.h"

/** The command "readers": each reader, and the ATR of the card in it. */
int overview_readers_command(const struct options *options);

/** The command "status": state and protocol of one card. */
int overview_status_command(const struct options *options);

#endif
