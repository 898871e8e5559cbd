/*
 * memory_windows - memory on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/memory.h"

#include <windows.h>

void *memory_alloc(size_t size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

void memory_free(void *memory)
{
    if (memory) HeapFree(GetProcessHeap(), 0, memory);
}

const struct memory_source system_memory = { .allocate = memory_alloc, .release = memory_free };
