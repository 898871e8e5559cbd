/*
 * memory_source - where a container of this layer gets its memory from.
 * Layer: base (knows nothing of ours).
 * Base knows no operating system. Whoever makes a container says where its memory comes from: the
 * system's, or in a test one that runs out when the test wants it.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_MEMORY_SOURCE_H
#define SCM_BASE_MEMORY_SOURCE_H

#include <stddef.h>

struct memory_source
{
    /** `size` (at least 1) zeroed bytes, NULL when there are none. Any thread. */
    void *(*allocate)(size_t size);
    /** Takes back what allocate() gave, never NULL. Any thread. */
    void (*release)(void *memory);
};

#endif
