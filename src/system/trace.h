/*
 * trace - one line for every call, appended to the file that SCARDMANAGE_TRACE names.
 * Layer: system (knows only base).
 * A line: milliseconds, thread, layer, text. Never a PIN or key: callers leave them out.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_TRACE_H
#define SCM_SYSTEM_TRACE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/result.h"

/** Whether anybody reads the trace; ask before building a text. */
bool trace_is_on(void);

/**
 * Writes one line.
 *
 * @param[in] layer short name of the layer, e.g. "com" or "pcsc".
 * @param[in] subject what was called, e.g. "ISCardManage::Status".
 * @param[in] detail more, or NULL.
 * Threads: any.
 */
void trace_line(const char *layer, const char *subject, const char *detail);

/** As trace_line() with the result's name and value as detail. */
void trace_result(const char *layer, const char *subject, scm_result result);

#endif
