/*
 * fail - how a helper of a native test fails it on behalf of its caller, in the spelling that the
 *        report of the tests looks for.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_FAIL_H
#define SCM_TESTS_SUPPORT_FAIL_H

/**
 * Prints "FILE:LINE: FAILED: ..." and ends the calling test. A helper takes the place of its caller,
 * by a macro with __FILE__ and __LINE__, and passes it on.
 *
 * @param[in] format printf format of what was expected and what came, one line without its end.
 */
_Noreturn void fail_at(const char *file, int line, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
