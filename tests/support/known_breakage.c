/*
 * known_breakage - see known_breakage.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/known_breakage.h"

#include <stdio.h>
#include <string.h>

#include "support/fail.h"

enum known_verdict known_breakage_verdict(const char *test, bool has_failed,
                                          const struct known_breakage *known, size_t known_count,
                                          const struct known_breakage **row)
{
    *row = NULL;
    for (size_t i = 0; i < known_count && !*row; i++)
        if (strcmp(known[i].test, test) == 0) *row = &known[i];
    if (*row) return has_failed ? KNOWN_BROKEN : KNOWN_MENDED;
    return has_failed ? KNOWN_FAILED : KNOWN_PASSED;
}

void known_breakage_judge(const char *test, const char *failure, const struct known_breakage *known,
                          size_t known_count, const char *file, int line)
{
    const struct known_breakage *row;

    switch (known_breakage_verdict(test, failure != NULL, known, known_count, &row))
    {
    case KNOWN_PASSED:
        return;
    case KNOWN_BROKEN:
        printf("known breakage: %s: %s (%s)\n", test, row->what, failure);
        return;
    case KNOWN_MENDED:
        fail_at(file, line, "%s: works now; take it out of the known breakages", test);
    default:
        fail_at(file, line, "%s: %s", test, failure);
    }
}
