/*
 * trace_file - the file that SCARDMANAGE_TRACE names, as bytes. What stands in it: trace.h.
 * Layer: system (knows only base). trace_file_posix.c, trace_file_windows.c.
 * Owns: the open file, for the life of the process or until it is closed; threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_TRACE_FILE_H
#define SCM_SYSTEM_TRACE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Whether the environment names a trace file that could be opened. */
bool trace_file_is_open(void);

/** Appends bytes in one write, so that lines of two threads do not mix. */
void trace_file_write(const char *line, size_t len);

/** Closes the file; the next write opens it again. */
void trace_file_close(void);

/** A number that names the calling thread. */
uint32_t trace_file_thread_id(void);

#endif
