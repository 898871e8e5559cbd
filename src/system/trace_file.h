/*
 * trace_file - the file that SCARDMANAGE_TRACE names. What stands in it: trace.h.
 * Layer: system (knows only base). trace.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_TRACE_FILE_H
#define SCM_SYSTEM_TRACE_FILE_H

/** Closes the file; the next line opens it again. Threads: any. */
void trace_file_close(void);

#endif
