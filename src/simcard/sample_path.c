/*
 * sample_path - where a card that is named lies: here, or among those installed beside the program.
 * Layer: simcard (looks at the file system).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/sample_path.h"

#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char *sample_path_find(const char *name, char *room, size_t capacity)
{
    char program[PATH_MAX];
    if (strchr(name, '/') || access(name, R_OK) == 0) return name;
    ssize_t len = readlink("/proc/self/exe", program, sizeof(program) - 1);
    if (len <= 0) return name;
    program[len] = 0;
    int needed = snprintf(room, capacity, "%s/cards/%s", dirname(program), name);
    return needed > 0 && (size_t)needed < capacity && access(room, R_OK) == 0 ? room : name;
}
