/*
 * targets - the table of what is fed.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct
{
    const char *name;
    fuzz_target *run;
} targets[] = {
    { "path", fuzz_path },
    { "ber_tlv", fuzz_ber_tlv },
    { "fcp", fuzz_fcp },
    { "atr", fuzz_atr },
    { "exchange", fuzz_exchange },
    { "tlv_table", fuzz_tlv_table },
    { "passwords", fuzz_passwords },
    { "profile", fuzz_profile },
    { "session", fuzz_session },
};

fuzz_target *fuzz_target_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof(targets) / sizeof(targets[0]); i++)
        if (strcmp(targets[i].name, name) == 0) return targets[i].run;
    return NULL;
}

void fuzz_check(bool holds, const char *promise, const char *file, int line)
{
    if (holds) return;
    fprintf(stderr, "%s:%d: broken: %s\n", file, line, promise);
    abort();
}
