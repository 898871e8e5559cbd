/*
 * pin_source - PINs as they come in: a line each, from standard input or a file.
 * Layer: tool (knows no card).
 * Owns: what it opens, until pin_source_close(). A PIN is the caller's, who wipes it. PINs never
 *       come from the command line, where others can read them, and are not shown while they are
 *       typed. Threads: one.
 * Reference: SetConsoleMode, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TOOL_PIN_SOURCE_H
#define SCM_TOOL_PIN_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <windows.h>

/** Longer than any PIN a card takes. */
#define PIN_LEN_MAX 64

/** A PIN or a PUK; one without bytes is to be typed at the reader's own keys. */
struct pin
{
    BYTE bytes[PIN_LEN_MAX];
    size_t len;
};

struct pin_source
{
    HANDLE handle;
    bool is_file;
    bool is_console;
    DWORD console_mode;
};

/** Opens standard input ("-") or a file; says why not. */
bool pin_source_open(struct pin_source *source, const char *from);

void pin_source_close(struct pin_source *source);

/**
 * Takes the next line; says why not.
 *
 * @param[in] name what it is: the prompt where somebody types it.
 */
bool pin_source_read(const struct pin_source *source, const char *name, struct pin *pin);

#endif
