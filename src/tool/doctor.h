/*
 * doctor - the command "doctor": whether everything is there that a client needs, in plain words.
 * Layer: tool.
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_DOCTOR_H
#define SCM_TOOL_DOCTOR_H

#include "tool/options.h"

/**
 * The command "doctor". Good where nothing is amiss. That there is no card to try is not amiss; the
 * words say so.
 */
int doctor_command(const struct options *options);

#endif
