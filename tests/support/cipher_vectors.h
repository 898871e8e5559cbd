/*
 * cipher_vectors - published values of block ciphers and codes made with them, for the unit test of
 *                  the native implementation and the Windows test of the other.
 * Layer: tests.
 * Source: FIPS 197 appendix C; NIST SP 800-38A appendix F.2; NIST SP 800-38B appendix D.1 to D.3;
 *         NIST SP 800-67; ISO/IEC 9797-1:2011 annex (MAC algorithm 3); ICAO Doc 9303 part 11
 *         appendix D
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_CIPHER_VECTORS_H
#define SCM_TESTS_SUPPORT_CIPHER_VECTORS_H

#include <stdbool.h>
#include <stddef.h>

/** How many vectors there are. */
size_t cipher_vectors_count(void);

/** What a vector is, for a message. */
const char *cipher_vector_name(size_t i);

/** Whether the implementation computes what was published, in both directions where there are two. */
bool cipher_vector_holds(size_t i);

/** How many rules about keys, lengths and failures do not hold; `say` is told of each. */
size_t cipher_rules_broken(void (*say)(const char *rule));

#endif
