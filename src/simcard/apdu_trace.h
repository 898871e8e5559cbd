/*
 * apdu_trace - a file with everything that passes between reader and card, secrets left out.
 * Layer: simcard (I/O).
 * Owns: nothing; the stream is its caller's.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_APDU_TRACE_H
#define SCM_SIMCARD_APDU_TRACE_H

#include "base/bytes.h"

#include <stdio.h>

/** A line about an event, such as "power on". @param[in] file NULL: no trace. */
void apdu_trace_event(FILE *file, const char *event);

/** A command; of a secret one only header and length. */
void apdu_trace_command(FILE *file, struct bytes command);

void apdu_trace_answer(FILE *file, struct bytes answer);

#endif
