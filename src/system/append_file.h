/*
 * append_file - a file that a variable of the environment names, written to its end line by line.
 * Layer: system (knows only base). append_file.c; what opens and writes: append_file_posix.c,
 *        append_file_windows.c.
 * Owns: the open file, for the life of the process or until it is closed; threads: any.
 * SPDX-License-Identifier: MIT
 *
 * Design notes. The variable is looked at once, at the first question, and again after a close. A
 * file that cannot be opened or written is no reason to fail the call that is written about.
 */
#ifndef SCM_SYSTEM_APPEND_FILE_H
#define SCM_SYSTEM_APPEND_FILE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define APPEND_FILE_VARIABLE_MAX 32

struct append_file
{
    const char *variable;    /**< ASCII, shorter than APPEND_FILE_VARIABLE_MAX */
    _Atomic(intptr_t) state; /**< append_file.c's; 0 to begin with */
};

/** Whether the variable names a file that could be opened. */
bool append_file_is_open(struct append_file *file);

/** Appends bytes in one write, so that lines of two threads do not mix. */
void append_file_write(struct append_file *file, const char *text, size_t len);

/** Closes the file; the next question looks at the variable again. */
void append_file_close(struct append_file *file);

/* What each system has of its own. */

/** Opens the file that a variable names, to append; -1 where there is none, or not to be opened. */
intptr_t append_file_system_open(const char *variable);
void append_file_system_write(intptr_t descriptor, const char *text, size_t len);
void append_file_system_close(intptr_t descriptor);

#endif
