/*
 * local_file - all bytes of a file of this machine, or of standard input.
 * Layer: tool.
 * Owns: the bytes, which are wiped before they go: they may have been a secret; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_LOCAL_FILE_H
#define SCM_TOOL_LOCAL_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/** More than any file on a card has. */
#define LOCAL_FILE_LEN_MAX (16u << 20)

struct local_file
{
    BYTE *bytes;
    size_t len;
};

/** Opens a file for reading, to be closed with CloseHandle; says why not. */
HANDLE local_file_open(const char *path);

/** Reads all of it ("-": standard input); says why not. To be freed after success. */
bool local_file_read(struct local_file *file, const char *path);

void local_file_free(struct local_file *file);

#endif
