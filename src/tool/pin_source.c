/*
 * pin_source - PINs as they come in.
 * Layer: tool.
 * Reference: SetConsoleMode, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/pin_source.h"

#include <string.h>

#include "tool/local_file.h"
#include "tool/options.h"
#include "tool/output.h"

bool pin_source_open(struct pin_source *source, const char *from)
{
    *source = (struct pin_source){ .is_file = strcmp(from, OPTIONS_STANDARD_STREAM) != 0 };
    if (source->is_file)
    {
        source->handle = local_file_open(from);
        return source->handle != INVALID_HANDLE_VALUE;
    }
    source->handle = GetStdHandle(STD_INPUT_HANDLE);
    source->is_console = GetConsoleMode(source->handle, &source->console_mode) != 0;
    if (source->is_console)
        SetConsoleMode(source->handle, source->console_mode & ~(DWORD)ENABLE_ECHO_INPUT);
    return true;
}

void pin_source_close(struct pin_source *source)
{
    if (source->is_console) SetConsoleMode(source->handle, source->console_mode);
    if (source->is_file) CloseHandle(source->handle);
}

/* Byte by byte: what a larger read would leave behind somewhere could not be wiped. */
static bool read_line(const struct pin_source *source, struct pin *pin, bool *is_too_long)
{
    bool has_line = false;
    DWORD got = 0;
    BYTE byte = 0;

    *is_too_long = false;
    while (ReadFile(source->handle, &byte, 1, &got, NULL) && got == 1)
    {
        has_line = true;
        if (byte == '\n') break;
        if (byte == '\r') continue;
        if (pin->len < PIN_LEN_MAX)
            pin->bytes[pin->len++] = byte;
        else
            *is_too_long = true;
    }
    SecureZeroMemory(&byte, sizeof(byte));
    return has_line;
}

bool pin_source_read(const struct pin_source *source, const char *name, struct pin *pin)
{
    bool is_too_long;

    pin->len = 0;
    if (source->is_console)
    {
        output_prompt(name);
        output_prompt(": ");
    }
    bool has_line = read_line(source, pin, &is_too_long);
    if (source->is_console) output_prompt("\n");
    if (has_line && !is_too_long) return true;
    output_trouble(is_too_long ? "the %s is longer than any" : "the %s is missing: it is one line",
                   name);
    return false;
}
