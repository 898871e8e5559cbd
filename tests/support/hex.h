/*
 * hex - bytes written as text in test vectors.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_HEX_H
#define SCM_TESTS_SUPPORT_HEX_H

#include "base/bytes.h"

/**
 * Bytes of hexadecimal text: pairs of digits, blanks ignored, XX*N repeats a byte.
 *
 * The bytes are allocated as tightly as they are long, so that the sanitizer sees each read beyond
 * them; they live until the next 64 calls have been made or hex_forget() is called.
 */
struct bytes hex(const char *text);

/** Frees what hex() made; for a test's teardown. */
void hex_forget(void);

/** Fails the calling test, naming its line, where bytes are not the hexadecimal text's. */
void assert_hex_at(struct bytes actual, const char *expected, const char *why, const char *file,
                   int line);
#define assert_hex(actual, expected, why) assert_hex_at(actual, expected, why, __FILE__, __LINE__)

#endif
