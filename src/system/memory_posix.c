/*
 * memory_posix - memory on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/memory.h"

#include <stdlib.h>

void *memory_alloc(size_t size)
{
    return calloc(1, size);
}

void memory_free(void *memory)
{
    free(memory);
}

const struct memory_source system_memory = { .allocate = memory_alloc, .release = memory_free };
