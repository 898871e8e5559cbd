/*
 * invariant_broken - what native tests do where an invariant does not hold: say it and abort.
 * SPDX-License-Identifier: MIT
 */
#include "base/invariant.h"

#include <stdio.h>
#include <stdlib.h>

_Noreturn void invariant_broken(const char *file, int line, const char *sentence)
{
    fprintf(stderr, "%s:%d: an invariant is broken: %s\n", file, line, sentence);
    abort();
}
