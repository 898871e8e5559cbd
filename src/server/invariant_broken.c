/*
 * invariant_broken - what a DLL built with SCM_CHECK_INVARIANTS does where an invariant does not hold.
 * Layer: server. No part of the DLL that is shipped.
 * SPDX-License-Identifier: MIT
 */
#include "base/invariant.h"

#include <windows.h>

#include "base/text.h"

enum
{
    LINE_MAX_CHARS = 512,
    /* As abort() ends a process. */
    EXIT_CODE = 3,
};

_Noreturn void invariant_broken(const char *file, int line, const char *sentence)
{
    char buffer[LINE_MAX_CHARS];
    struct text text = text_in(buffer, sizeof(buffer));
    DWORD written;

    text_add(&text, file);
    text_add(&text, ":");
    text_add_dec(&text, line);
    text_add(&text, ": an invariant is broken: ");
    text_add(&text, sentence);
    text_add(&text, "\n");
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text.data, (DWORD)text.len, &written, NULL);
    TerminateProcess(GetCurrentProcess(), EXIT_CODE);
    __builtin_unreachable();
}
