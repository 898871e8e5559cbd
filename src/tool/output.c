/*
 * output - what the tool says: text to standard output, trouble to standard error, a file's bytes as
 *          they are.
 * Layer: tool.
 * Reference: WriteConsole, _setmode, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/output.h"

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>

/* Longer than any description of the server's; more is cut off. */
#define TEXT_MAX 2048

void output_begin(void)
{
    _setmode(_fileno(stdout), _O_BINARY);
}

/* A console shows UTF-16 right, whatever its code page; a file or pipe gets UTF-8. */
static void put_text(FILE *stream, const char *text)
{
    HANDLE handle = (HANDLE)_get_osfhandle(_fileno(stream));
    WCHAR wide[TEXT_MAX];
    DWORD mode, written;

    fflush(stream);
    if (GetConsoleMode(handle, &mode) &&
        MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, TEXT_MAX) > 0)
        WriteConsoleW(handle, wide, (DWORD)wcslen(wide), &written, NULL);
    else
        fputs(text, stream);
    fflush(stream);
}

void output_text(const char *format, ...)
{
    char text[TEXT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    put_text(stdout, text);
}

void output_trouble(const char *format, ...)
{
    char text[TEXT_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    put_text(stderr, "scmtool: ");
    put_text(stderr, text);
    put_text(stderr, "\n");
}

void output_prompt(const char *text)
{
    put_text(stderr, text);
}

void output_bytes(const void *bytes, size_t len)
{
    /* A failure stays with the stream until output_end(). */
    (void)!fwrite(bytes, 1, len, stdout);
}

bool output_end(void)
{
    bool is_whole = fflush(stdout) == 0 && !ferror(stdout);

    if (!is_whole) output_trouble("not everything could be written to standard output");
    return is_whole;
}

char *output_utf8(const WCHAR *text)
{
    int size = text ? WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL) : 0;
    char *made = calloc(1, size > 0 ? (size_t)size : 1);

    if (!made)
    {
        output_trouble("out of memory");
        exit(EXIT_FAILURE);
    }
    if (size > 0) WideCharToMultiByte(CP_UTF8, 0, text, -1, made, size, NULL, NULL);
    return made;
}
