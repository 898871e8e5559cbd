/*
 * check - counting and printing behind check.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/check.h"

#include "base/result.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static long passed_count;
static long failed_count;
static long skipped_count;
static char context_text[256];

/* Counts a check; of one that failed it begins the line, which the caller ends by end_line(). */
static bool count(const char *file, int line, bool holds, const char *what)
{
    if (holds)
    {
        __atomic_add_fetch(&passed_count, 1, __ATOMIC_RELAXED);
        return true;
    }
    __atomic_add_fetch(&failed_count, 1, __ATOMIC_RELAXED);
    printf("%s:%d: FAILED: %s", file, line, what);
    if (context_text[0]) printf(" [%s]", context_text);
    return false;
}

static void end_line(void)
{
    printf("\n");
    fflush(stdout);
}

bool check_true_at(const char *file, int line, bool holds, const char *what)
{
    if (count(file, line, holds, what)) return true;
    end_line();
    return false;
}

static void print_hr(const char *label, int32_t value)
{
    const char *name = result_name(value);
    printf("%s 0x%08" PRIX32 "%s%s", label, (uint32_t)value, name ? " " : "", name ? name : "");
}

bool check_hr_at(const char *file, int line, int32_t actual, int32_t expected, const char *what)
{
    if (count(file, line, actual == expected, what)) return true;
    print_hr(": gave", actual);
    print_hr(", expected", expected);
    end_line();
    return false;
}

bool check_int_at(const char *file, int line, int64_t actual, int64_t expected, const char *what)
{
    if (count(file, line, actual == expected, what)) return true;
    printf(": gave %lld (0x%llX), expected %lld (0x%llX)", (long long)actual,
           (unsigned long long)actual, (long long)expected, (unsigned long long)expected);
    end_line();
    return false;
}

bool check_wide_at(const char *file, int line, const wchar_t *actual, const wchar_t *expected,
                   const char *what)
{
    bool same = actual && expected ? wcscmp(actual, expected) == 0 : actual == expected;
    if (count(file, line, same, what)) return true;
    printf(": gave \"%ls\", expected \"%ls\"", actual ? actual : L"(null)",
           expected ? expected : L"(null)");
    end_line();
    return false;
}

void check_skip(const char *format, ...)
{
    va_list args;

    __atomic_add_fetch(&skipped_count, 1, __ATOMIC_RELAXED);
    printf("skipped: ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    end_line();
}

void check_context(const char *format, ...)
{
    va_list args;

    context_text[0] = 0;
    if (!format) return;
    va_start(args, format);
    vsnprintf(context_text, sizeof(context_text), format, args);
    va_end(args);
}

long check_failures(void)
{
    return __atomic_load_n(&failed_count, __ATOMIC_RELAXED);
}

int check_finish(void)
{
    long passed = __atomic_load_n(&passed_count, __ATOMIC_RELAXED);
    long failed = check_failures();
    long skipped = __atomic_load_n(&skipped_count, __ATOMIC_RELAXED);

    printf("%ld passed, %ld failed", passed, failed);
    if (skipped > 0) printf(", %ld skipped", skipped);
    end_line();
    if (failed > 0) return 1;
    if (passed > 0) return 0;
    return skipped > 0 ? CHECK_EXIT_SKIPPED : 1;
}
