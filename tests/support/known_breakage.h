/*
 * known_breakage - tests of what is known not to work yet: they hold the right expectation, and
 *                  report themselves once it is met.
 * Layer: tests. For native tests with cmocka.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_KNOWN_BREAKAGE_H
#define SCM_TESTS_KNOWN_BREAKAGE_H

#include <stdbool.h>
#include <stddef.h>

/** A test that fails, and what is broken. */
struct known_breakage
{
    const char *test;
    const char *what;
};

enum known_verdict
{
    KNOWN_PASSED,
    KNOWN_BROKEN, /**< it failed, as is known */
    KNOWN_MENDED, /**< it did not fail any more: a failure, until it is taken out of the table */
    KNOWN_FAILED,
};

/** What came of a test. @param[out] row its row of the table; NULL where it has none. */
enum known_verdict known_breakage_verdict(const char *test, bool has_failed,
                                          const struct known_breakage *known, size_t known_count,
                                          const struct known_breakage **row);

/**
 * Ends a test, whose name is `test`: it fails where it failed, unless that is known, and where it
 * did not, although that is known. A known breakage says "known breakage: ..." in a line of its own.
 *
 * @param[in] failure one line of what went wrong; NULL: nothing did.
 */
void known_breakage_judge(const char *test, const char *failure, const struct known_breakage *known,
                          size_t known_count, const char *file, int line);

#endif
