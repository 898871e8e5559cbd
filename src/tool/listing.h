/*
 * listing - the command "ls": which files there are.
 * Layer: tool (a client of ISCardFileAccess).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_LISTING_H
#define SCM_TOOL_LISTING_H

#include "tool/options.h"

/** The command "ls": one line for each file with identifier, kind, size and name. */
int listing_command(const struct options *options);

#endif
