/*
 * memory - memory from the operating system.
 * Layer: system (knows only base). memory_posix.c, memory_windows.c.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_MEMORY_H
#define SCM_SYSTEM_MEMORY_H

#include "base/memory_source.h"

#include <stddef.h>

/** `size` bytes of zeroed memory, NULL when there is none. Free with memory_free(). */
void *memory_alloc(size_t size);

/** Gives memory back; NULL is allowed. It is not wiped: whoever knows that it was secret does that. */
void memory_free(void *memory);

/** The two as a source for containers. */
extern const struct memory_source system_memory;

#endif
