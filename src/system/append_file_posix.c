/*
 * append_file_posix - a file to append to, on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/append_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

intptr_t append_file_system_open(const char *variable)
{
    const char *path = getenv(variable);
    return path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
}

void append_file_system_write(intptr_t descriptor, const char *text, size_t len)
{
    if (write((int)descriptor, text, len) < 0) return;
}

void append_file_system_close(intptr_t descriptor)
{
    close((int)descriptor);
}
