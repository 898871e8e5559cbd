/*
 * mutual_authentication_test - the worked example of ICAO Doc 9303 part 11, appendix D.3, and answers
 *                              of cards that do not have the keys.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/mutual_authentication.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/hex.h"

#define ANSWER                                                                                     \
    "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F"                             \
    "2F2D235D074D7449"

static struct mutual_exchange exchange;

static int setup(void **state)
{
    (void)state;
    assert_int_equal(block_cipher_create(BLOCK_CIPHER_3DES, hex("AB94FDECF2674FDFB9B391F85D7F76F2"),
                                         &exchange.cipher),
                     HR_OK);
    assert_int_equal(
        block_mac_create(BLOCK_MAC_RETAIL, hex("7962D9ECE03D1ACD4C76089DCE131543"), &exchange.mac),
        HR_OK);
    memcpy(exchange.card_challenge, hex("4608F91988702212").data, 8);
    memcpy(exchange.own_challenge, hex("781723860C06C226").data, 8);
    memcpy(exchange.own_half, hex("0B795240CB7049B01C19B33E32804F0B").data, 16);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    block_cipher_destroy(exchange.cipher);
    block_mac_destroy(exchange.mac);
    hex_forget();
    return 0;
}

/* DES keys are published with their parity bits in order, which nothing looks at. */
static void check_key(const uint8_t *key, const char *expected)
{
    struct bytes published = hex(expected);
    for (size_t i = 0; i < MUTUAL_KEY_LEN; i++)
        assert_int_equal(key[i] & 0xFE, published.data[i] & 0xFE);
}

static void speaks_as_the_worked_example(void **state)
{
    (void)state;
    uint8_t message[MUTUAL_MESSAGE_LEN];
    struct mutual_keys keys;

    assert_int_equal(mutual_authentication_ask(&exchange, message), HR_OK);
    assert_hex(bytes_of(message, sizeof(message)),
               "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"
               "5F1448EEA8AD90A7",
               "E_IFD and M_IFD");
    assert_int_equal(mutual_authentication_finish(&exchange, hex(ANSWER), &keys), HR_OK);
    check_key(keys.encryption, "979EC13B1CBFE9DCD01AB0FED307EAE5");
    check_key(keys.mac, "F1CB1F1FB5ADF208806B89DC579DC1F8");
    assert_hex(bytes_of(keys.counter, sizeof(keys.counter)), "887022120C06C226", "counter");
}

static void believes_no_other_card(void **state)
{
    (void)state;
    static const struct mutual_keys none;
    struct mutual_keys keys;
    uint8_t answer[MUTUAL_MESSAGE_LEN + 1] = { 0 };

    memcpy(answer, hex(ANSWER).data, MUTUAL_MESSAGE_LEN);
    for (size_t len = 0; len <= sizeof(answer); len++)
        if (len != MUTUAL_MESSAGE_LEN)
            assert_int_equal(mutual_authentication_finish(&exchange, bytes_of(answer, len), &keys),
                             SC_W_SECURITY_VIOLATION);
    for (size_t bit = 0; bit < 8u * MUTUAL_MESSAGE_LEN; bit++)
    {
        answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_equal(
            mutual_authentication_finish(&exchange, bytes_of(answer, MUTUAL_MESSAGE_LEN), &keys),
            SC_W_SECURITY_VIOLATION);
        assert_memory_equal(&keys, &none, sizeof(keys));
        answer[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    /* Our own message, sent back: its code is right, the challenges are in the wrong order. */
    assert_int_equal(mutual_authentication_ask(&exchange, answer), HR_OK);
    assert_int_equal(
        mutual_authentication_finish(&exchange, bytes_of(answer, MUTUAL_MESSAGE_LEN), &keys),
        SC_W_SECURITY_VIOLATION);
    /* An older answer, to another challenge. */
    exchange.own_challenge[7] ^= 1;
    assert_int_equal(mutual_authentication_finish(&exchange, hex(ANSWER), &keys),
                     SC_W_SECURITY_VIOLATION);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(speaks_as_the_worked_example, setup, teardown),
        cmocka_unit_test_setup_teardown(believes_no_other_card, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
