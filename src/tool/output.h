/*
 * output - what the tool says: text to standard output, trouble to standard error, a file's bytes as
 *          they are.
 * Layer: tool.
 * Owns: nothing; threads: one.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_OUTPUT_H
#define SCM_TOOL_OUTPUT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/** To be called first: nothing that goes out is changed on its way. */
void output_begin(void);

/** UTF-8 to standard output. */
void output_text(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/** One line to standard error, with the tool's name before it. */
void output_trouble(const char *format, ...) __attribute__((format(gnu_printf, 1, 2)));

/** A question to standard error, without an end of line. */
void output_prompt(const char *text);

/** Bytes to standard output. */
void output_bytes(const void *bytes, size_t len);

/** Whether all of it was taken; says so where it was not. To be called last. */
bool output_end(void);

/** Wide text as UTF-8, to be freed with free(); never NULL. */
char *output_utf8(const WCHAR *text);

#endif
