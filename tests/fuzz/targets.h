/*
 * targets - what is fed with bytes of any kind: one function each, which may do anything but step
 *           beside its bytes, leak, hang or break a promise that it checks itself.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FUZZ_TARGETS_H
#define SCM_TESTS_FUZZ_TARGETS_H

#include "base/bytes.h"

/** Ends the program, naming the promise. */
#define FUZZ_CHECK(promise) fuzz_check(promise, #promise, __FILE__, __LINE__)
void fuzz_check(bool holds, const char *promise, const char *file, int line);

/** A target. `input` is a block of its own, exactly as long as it says. */
typedef void fuzz_target(struct bytes input);

fuzz_target fuzz_path, fuzz_ber_tlv, fuzz_fcp, fuzz_atr, fuzz_exchange, fuzz_tlv_table,
    fuzz_passwords, fuzz_profile, fuzz_session;

/** The target of this name; NULL when there is none. */
fuzz_target *fuzz_target_find(const char *name);

#endif
