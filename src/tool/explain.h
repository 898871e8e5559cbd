/*
 * explain - the command "explain": what an error means that a program shows.
 * Layer: tool.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_EXPLAIN_H
#define SCM_TOOL_EXPLAIN_H

#include "tool/options.h"

/** The command "explain". Refused where nothing is known of the error. */
int explain_command(const struct options *options);

#endif
