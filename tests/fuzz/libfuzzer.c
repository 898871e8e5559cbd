/*
 * libfuzzer - the targets under libFuzzer: SCM_FUZZ_TARGET names the one to run.
 * Layer: tests.
 * Reference: "libFuzzer - a library for coverage-guided fuzz testing", LLVM
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    target = fuzz_target_find(getenv("SCM_FUZZ_TARGET"));
    if (target) return 0;
    fprintf(stderr, "SCM_FUZZ_TARGET names no target\n");
    exit(EXIT_FAILURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    target(bytes_of(data, len));
    return 0;
}
