/*
 * block_cipher_test - the native block ciphers and codes against published values.
 * Layer under test: base.
 * SPDX-License-Identifier: MIT
 */
#include "system/block_mac.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/cipher_vectors.h"

static void computes_what_was_published(void **state)
{
    (void)state;
    size_t count = cipher_vectors_count();
    assert_true(count > 20);
    for (size_t i = 0; i < count; i++)
        if (!cipher_vector_holds(i)) fail_msg("%s", cipher_vector_name(i));
}

static void say(const char *rule)
{
    print_error("broken: %s\n", rule);
}

static void keeps_the_rules(void **state)
{
    (void)state;
    assert_int_equal(cipher_rules_broken(say), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes_what_was_published),
        cmocka_unit_test(keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
