/*
 * check - what the Windows test programs check with: a failure says file, line and values in one
 *         line, and the program goes on, so that one run shows every failure.
 * Layer: tests. Counters are the process's; threads: any (each check is counted atomically).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_CHECK_H
#define SCM_TESTS_SUPPORT_CHECK_H

#include <stdbool.h>
#include <stdint.h>
#include <wchar.h>

/** Counts one check that `cond` holds; its value is `cond`'s, to leave early where going on is vain. */
#define check(cond) check_true_at(__FILE__, __LINE__, (cond) ? true : false, #cond)

/** Counts one check that an HRESULT is exactly the one expected. */
#define check_hr(expr, expected)                                                                   \
    check_hr_at(__FILE__, __LINE__, (int32_t)(expr), (int32_t)(expected), #expr)

/** Counts one check that two integers (at most 64 bits, signed or not) are the same. */
#define check_int(expr, expected)                                                                  \
    check_int_at(__FILE__, __LINE__, (int64_t)(expr), (int64_t)(expected), #expr)

/** Counts one check that two wide strings are the same; NULL is equal to NULL only. */
#define check_wide(expr, expected) check_wide_at(__FILE__, __LINE__, (expr), (expected), #expr)

/**
 * The functions behind the macros. A helper of a test that checks on behalf of its caller takes
 * `file` and `line` itself and passes them on, so that a failure names the line that asked.
 */
bool check_true_at(const char *file, int line, bool holds, const char *what);
bool check_hr_at(const char *file, int line, int32_t actual, int32_t expected, const char *what);
bool check_int_at(const char *file, int line, int64_t actual, int64_t expected, const char *what);
bool check_wide_at(const char *file, int line, const wchar_t *actual, const wchar_t *expected,
                   const char *what);

/**
 * Names what the following checks are about (a row of a table, a step); a failure shows it.
 *
 * @param[in] format printf format of the context, cut at 255 characters; NULL ends the context.
 */
void check_context(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What check_finish() gives where nothing could be tested (tests/support/test_report.sh knows it). */
#define CHECK_EXIT_SKIPPED 77

/**
 * Says why a part of the program is not tested here. It is neither passed nor failed: the report
 * lists it.
 *
 * @param[in] format printf format of the reason, one line without its end.
 */
void check_skip(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** How many checks have failed so far. */
long check_failures(void);

/**
 * Prints "N passed, N failed" as the last line, with ", N skipped" where check_skip() was called.
 *
 * @return the exit code for main: 0 when checks were made and none failed; CHECK_EXIT_SKIPPED when
 *         none was made because all was skipped; else 1.
 */
int check_finish(void);

#endif
