/*
 * doctor - the command "doctor": whether everything is there that a client needs, in plain words.
 * Layer: tool.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_DOCTOR_H
#define SCM_TOOL_DOCTOR_H

#include "tool/options.h"

/** The command "doctor". Good where every part is in order and a card could be attached to. */
int doctor_command(const struct options *options);

#endif
