/*
 * platform - the few services of the operating system that the portable layers need: memory, locks,
 *            the trace file. Declared here, implemented beside the PC/SC ports, which are the
 *            other place that knows the system (pcsc/platform_windows.c, pcsc/platform_posix.c).
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_PLATFORM_H
#define SCM_BASE_PLATFORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** `size` bytes of zeroed memory, NULL when there is none. Free with platform_free(). */
void *platform_alloc(size_t size);

/** Gives memory back; NULL is allowed. */
void platform_free(void *memory);

/** A lock that the thread holding it may take again. */
struct platform_lock;

/** A new lock, NULL when memory is out. */
struct platform_lock *platform_lock_create(void);
/** @param[in] lock not held by anybody; NULL is allowed. */
void platform_lock_destroy(struct platform_lock *lock);
void platform_lock_enter(struct platform_lock *lock);
void platform_lock_leave(struct platform_lock *lock);

/** Whether the environment names a trace file (SCARDMANAGE_TRACE) that could be opened. */
bool platform_trace_is_on(void);

/** Appends bytes to the trace file in one write, so that lines of two threads do not mix. */
void platform_trace_write(const char *line, size_t len);

/** Closes the trace file; the next write opens it again. */
void platform_trace_close(void);

/** A number that names the calling thread in the trace. */
uint32_t platform_thread_id(void);

/** Milliseconds of a clock that only goes forward; wraps after 49 days. */
uint32_t platform_now_ms(void);

#endif
