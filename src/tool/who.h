/*
 * who - the command "who": which COM classes a program asks for, who answers, and how to answer oneself.
 * Layer: tool.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_WHO_H
#define SCM_TOOL_WHO_H

#include "tool/options.h"

/** The command "who". Refused where a file or folder cannot be read. */
int who_command(const struct options *options);

#endif
