/*
 * block_cipher_test - the block ciphers of Windows as the server uses them, against the published
 *                     values that the native ones are held to.
 * Layer: tests. Needs nothing but advapi32.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>

#include "support/check.h"
#include "support/cipher_vectors.h"

static void say(const char *rule)
{
    printf("  broken: %s\n", rule);
}

int main(void)
{
    for (size_t i = 0; i < cipher_vectors_count(); i++)
    {
        check_context("%s", cipher_vector_name(i));
        check(cipher_vector_holds(i));
    }
    check_context("rules");
    check_int(cipher_rules_broken(say), 0);
    return check_finish();
}
