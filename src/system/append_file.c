/*
 * append_file - a file that a variable of the environment names, written to its end line by line.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/append_file.h"

/* What `state` says: not looked for; no file; else a descriptor, shifted by one since 0 may be one. */
#define NOT_LOOKED_FOR ((intptr_t)0)
#define NO_FILE        ((intptr_t)-1)

static intptr_t state_of(struct append_file *file)
{
    intptr_t state = atomic_load(&file->state), earlier = NOT_LOOKED_FOR;

    if (state != NOT_LOOKED_FOR) return state;
    intptr_t descriptor = append_file_system_open(file->variable);
    state = descriptor == -1 ? NO_FILE : descriptor + 1;
    if (atomic_compare_exchange_strong(&file->state, &earlier, state)) return state;
    /* Another thread was first. */
    if (state != NO_FILE) append_file_system_close(descriptor);
    return earlier;
}

bool append_file_is_open(struct append_file *file)
{
    return state_of(file) != NO_FILE;
}

void append_file_write(struct append_file *file, const char *text, size_t len)
{
    intptr_t state = state_of(file);

    if (state != NO_FILE) append_file_system_write(state - 1, text, len);
}

void append_file_close(struct append_file *file)
{
    intptr_t state = atomic_exchange(&file->state, NOT_LOOKED_FOR);

    if (state != NOT_LOOKED_FOR && state != NO_FILE) append_file_system_close(state - 1);
}
