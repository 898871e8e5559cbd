/*
 * fail - see fail.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/fail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

void fail_at(const char *file, int line, const char *format, ...)
{
    char text[2000];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    print_error("%s:%d: FAILED: %s\n", file, line, text);
    _fail(file, line);
    abort(); /* cmocka has jumped back to its loop */
}
