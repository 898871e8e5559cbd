/* simcard_security_test - PINs and their counters, authentication, access conditions.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"
#include "simcard/cipher.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

static const char pins[] =
    "mf\n"
    " pin 1\n value \"1234\"\n unblock-pin \"12345678\"\n"
    "  unblock-tries 2\n end\n"
    " pin 2\n value \"0000\"\n pad FF\n tries 2\n unblock-code \"99999999\"\n"
    "  unblock pin 1\n change pin 1\n end\n"
    " pin 3\n value \"5555\"\n disable pin 1\n end\n"
    " pin 4\n value \"6666\"\n enabled off\n end\n"
    " ef 6F01 transparent\n short-id 1\n data 01\n access read pin 1\n end\n"
    " ef 6F04 transparent\n short-id 4\n data 04\n access read pin 4\n end\n"
    " df 7F10\n pin 1\n value \"local\"\n end\n"
    "  ef 6F11 transparent\n short-id 1\n data 11\n access read local-pin 1\n"
    "  end\n"
    "  df 5F10\n"
    "   ef 6F21 transparent\n short-id 1\n data 21\n"
    "    access read local-pin 1\n   end\n"
    "  end\n"
    " end\n"
    "end\n";

static void verifying(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200001", "63C3", "three tries" },
        { "0020000100", "63C3", "asked with an Le" },
        { "00B08100 00", "6982", "not verified" },
        { "00200001 04 39393939", "63C2", "wrong" },
        { "00200001", "63C2", "two left" },
        { "00200001 04 31323334", "9000", "right" },
        { "00200001", "9000", "no verification needed" },
        { "00B08100 00", "01 9000", "verified" },
        { "00200001 04 39393939", "63C2", "a wrong one" },
        { "00B08100 00", "6982", "ends what was verified" },
        { "00200001 04 31323334", "9000", "right: all tries back" },
        { "00200001 05 3132333435", "63C2", "a longer one is another" },
        { "00200001 03 313233", "6700", "no PIN is that short; no try spent" },
        { "00200001 09 313233343536373839", "6700", "nor that long" },
        { "00200001", "63C2", "" },
        { "00200001 04 31323335", "63C1", "" },
        { "00200001 04 31323335", "63C0", "the last one" },
        { "00200001 04 31323334", "6983", "blocked" },
        { "00200001", "6983", "blocked" },
        { "reset", "", "" },
        { "00200001 04 31323334", "6983", "a reset does not help" },
        { "0020FF01", "9000", "P1 FF ends a verification" },
        { "0020FF01 04 31323334", "6700", "without data" },
        { "00200101 04 31323334", "6A86", "P1" },
        { "00200021 04 31323334", "6A86", "reserved bits of P2" },
        { "00200009 04 31323334", "6A88", "no such PIN" },
        { "00200000 04 31323334", "6A88", "which of four?" },
    };
    static const struct simcard_vector reset[] = {
        { "00200001 04 31323334", "9000", "" },
        { "00B08100 00", "01 9000", "verified" },
        { "reset", "", "" },
        { "00B08100 00", "6982", "a reset ends it" },
        { "00200001 04 31323334", "9000", "" },
        { "0020FF01", "9000", "so does P1 FF" },
        { "00B08100 00", "6982", "" },
    };
    simcard_script(pins, vectors);
    simcard_script(pins, reset);
}

static void the_only_pin_needs_no_number(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200000", "63C3", "P2 00" },
        { "00200000 04 31323334", "9000", "" },
    };
    simcard_script("mf\n pin 7\n value \"1234\"\n end\nend\n", vectors);
}

static void padded_pins(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200002 04 30303030", "6700", "always eight bytes" },
        { "00200002 08 30303030 FFFFFFFF", "9000", "filled with FF" },
        { "00200002 08 30303030 00000000", "63C1", "filled otherwise" },
        { "00240002 10 30303030FFFFFFFF 3131FFFFFFFFFFFF", "6A80", "a new one too short" },
        { "00240002 10 30303030FFFFFFFF 3131FF3131FFFFFF", "6A80", "filling in the middle" },
        { "00240002 10 30303030FFFFFFFF 3131313131313131", "9000", "eight digits" },
        { "00200002 08 3131313131313131", "9000", "" },
        { "00240002 0C 3131313131313131 30303030", "6700", "not filled" },
    };
    simcard_script(pins, vectors);
}

static void changing(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00240001 08 31323334 35363738", "9000", "old and new" },
        { "00200001 04 31323334", "63C2", "the old one is wrong now" },
        { "00200001 04 35363738", "9000", "the new one is right" },
        { "00240001 0A 35363738 313131313131", "9000", "of another length" },
        { "00200001 06 313131313131", "9000", "" },
        { "00240001 0A 393939393939 35353535", "63C2", "a wrong old one costs a try" },
        { "00B08100 00", "6982", "and ends the verification" },
        { "00240001 06 313131313131", "6700", "no new one" },
        { "00240001 09 313131313131 353535", "6700", "the new one too short" },
        { "00240001 0F 313131313131 353535353535353535", "6700", "the new one too long" },
        { "00240001", "6700", "nothing" },
        { "00240101 04 31313131", "6982", "without the old one: never" },
        { "00240102 08 31313131FFFFFFFF", "6982", "PIN 2 without the old one: PIN 1 first" },
        { "00200001 06 313131313131", "9000", "PIN 1" },
        { "00240102 08 31313131FFFFFFFF", "9000", "now" },
        { "00200002 08 31313131FFFFFFFF", "9000", "" },
        { "00240201 08 31323334 35363738", "6A86", "P1" },
        { "00240009 08 31323334 35363738", "6A88", "no such PIN" },
        { "00240004 08 36363636 35363738", "6984", "not while it is disabled" },
    };
    simcard_script(pins, vectors);
}

static void unblocking(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200001 04 39393939", "63C2", "" },
        { "00200001 04 39393939", "63C1", "" },
        { "00200001 04 39393939", "63C0", "" },
        { "00240001 08 31323334 35363738", "6983", "blocked for changing, too" },
        { "002C0001 0C 3939393939393939 35363738", "63C1", "a wrong PUK costs a try of its own" },
        { "00200001", "6983", "still blocked" },
        { "002C0001 0C 3132333435363738 35363738", "9000", "PUK and new PIN" },
        { "00200001", "63C3", "not verified by that" },
        { "00200001 04 35363738", "9000", "" },
        { "002C0101 08 3132333435363738", "9000", "the PUK alone keeps the PIN" },
        { "00200001 04 35363738", "9000", "" },
        { "002C0101 0C 3132333435363738 35363738", "6700", "the PUK alone is asked" },
        { "002C0001 08 3132333435363738", "6700", "no new PIN" },
        { "002C0001 0B 3132333435363738 353637", "6700", "the new PIN too short" },
        { "002C0001 04 31323334", "6700", "half a PUK" },
        { "002C0201 04 35363738", "6982", "without the PUK: never" },
        { "002C0301", "6982", "without anything: never" },
        { "002C0302", "9000", "PIN 1 unblocks PIN 2" },
        { "002C0202 08 38383838FFFFFFFF", "9000", "and may be given a new value" },
        { "00200002 08 38383838FFFFFFFF", "9000", "" },
        { "002C0003 0C 3132333435363738 35363738", "6985", "PIN 3 has no PUK" },
        { "002C0401", "6A86", "P1" },
        { "002C0009 0C 3132333435363738 35363738", "6A88", "no such PIN" },
        { "002C0001 0C 3939393939393939 35363738", "63C1", "" },
        { "002C0001 0C 3939393939393939 35363738", "63C0", "" },
        { "002C0001 0C 3132333435363738 35363738", "6983", "the PUK is blocked" },
    };
    simcard_script(pins, vectors);
}

static void disabling(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B08400 00", "04 9000", "PIN 4 is not required" },
        { "00200004", "9000", "no verification needed" },
        { "00200004 04 36363636", "6984", "nor possible" },
        { "00280004 04 39393939", "63C2", "ENABLE with a wrong PIN" },
        { "00280004 04 36363636", "9000", "ENABLE" },
        { "00280004 04 36363636", "6985", "it is enabled" },
        { "reset", "", "" },
        { "00B08400 00", "6982", "now it is required" },
        { "00260104", "6982", "DISABLE without the PIN: verify first" },
        { "00200004 04 36363636", "9000", "" },
        { "00260104", "9000", "DISABLE without the PIN" },
        { "00B08400 00", "04 9000", "" },
        { "00260004 04 36363636", "6985", "it is disabled" },
        { "00280104", "9000", "ENABLE without the PIN" },
        { "00B08400 00", "6982", "required, and not verified" },
        { "00260004 04 36363636", "9000", "DISABLE with the PIN" },
        { "00260003 04 35353535", "6982", "PIN 3: PIN 1 as well" },
        { "00200001 04 31323334", "9000", "" },
        { "00260003 04 35353535", "9000", "" },
        { "00260001", "6700", "the PIN is missing" },
        { "00260101 04 31323334", "6700", "no PIN is asked" },
        { "00260201 04 31323334", "6A86", "P1" },
    };
    simcard_script(pins, vectors);
}

static void local_references(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200081 05 6C6F63616C", "6A88", "the MF has no local ones" },
        { "00A4000C 02 7F10", "9000", "" },
        { "00200081", "63C3", "" },
        { "00B08100 00", "6982", "" },
        { "00200001 04 31323334", "9000", "the global PIN of the same number" },
        { "00B08100 00", "6982", "is another" },
        { "00200081 05 6C6F63616C", "9000", "the local one" },
        { "00B08100 00", "11 9000", "" },
        { "00A4000C 02 5F10", "9000", "a DF below" },
        { "00B08100 00", "21 9000", "what was verified holds here" },
        { "00200081", "9000", "by the same reference" },
        { "00A4000C 02 7F10", "9000", "back" },
        { "00B08100 00", "11 9000", "still" },
        { "00A4000C 02 3F00", "9000", "left" },
        { "00B08100 00", "01 9000", "what is global stays" },
        { "00A4000C 02 7F10", "9000", "again" },
        { "00B08100 00", "6982", "what is local is gone" },
        { "00A4080C 06 7F105F106F21", "9000", "straight to a file" },
        { "00B00000 00", "6982", "" },
        { "00200081 05 6C6F63616C", "9000", "verified two levels below" },
        { "00B00000 00", "21 9000", "" },
    };
    simcard_script(pins, vectors);
}

/* --- authentication --- */

static const char keys[] =
    "mf\n pin 1\n value \"1234\"\n end\n"
    " key 1\n algorithm 3des\n value 0123456789ABCDEF FEDCBA9876543210\n tries 2\n end\n"
    " key 2\n algorithm aes\n value 000102030405060708090A0B0C0D0E0F\n end\n"
    " key 3\n algorithm 3des\n value 0123456789ABCDEF 23456789ABCDEF01 456789ABCDEF0123\n"
    "  use internal\n end\n"
    " key 4\n algorithm aes\n value 00*32\n use external\n condition pin 1\n end\n"
    " ef 6F01 transparent\n short-id 1\n data 01\n access read key 1\n end\n"
    " ef 6F02 transparent\n short-id 2\n data 02\n access read pin 1 and key 1\n end\n"
    " ef 6F03 transparent\n short-id 3\n data 03\n access read pin 1 or key 1\n end\n"
    " ef 6F04 transparent\n short-id 4\n data 04\n access read key 2 and pin 1 or key 1\n end\n"
    " ef 6F05 transparent\n short-id 5\n data 05\n access read never\n end\n"
    "end\n";

/* NIST SP 800-67 appendix B and FIPS 197 appendices B and C give these pairs. */
static void internal_authentication(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00880003 08 5468652071756663 00", "A826FD8CE53B855F 9000", "SP 800-67, first block" },
        { "00880002 10 00112233445566778899AABBCCDDEEFF 00",
          "69C4E0D86A7B0430D8CDB78070B4C55A 9000", "FIPS 197 C.1" },
        { "00880002 01 00 00", "C6A13B37878F5B826F4F8162A1C8D879 9000", "one byte, zeros added" },
        { "00880002 20 00*32 00",
          "C6A13B37878F5B826F4F8162A1C8D879 AF9D9926F7DAC87192B1C4143AD98958 9000",
          "two blocks, chained" },
        { "00880002 10 00*16", "6700", "no Le" },
        { "00880002", "6700", "no challenge" },
        { "00880009 08 00*8 00", "6A88", "no such key" },
        { "00880102 08 00*8 00", "6A86", "no such algorithm" },
        { "00880004 10 00*16 00", "6984", "not this key's purpose" },
    };
    simcard_script(keys, vectors);
}

static bool fixed_random(uint8_t *buffer, size_t len)
{
    for (size_t i = 0; i < len; i++)
        buffer[i] = (uint8_t)(0x11 * (i + 1));
    return true;
}

static bool no_random(uint8_t *buffer, size_t len)
{
    (void)buffer;
    (void)len;
    return false;
}

/* The command EXTERNAL AUTHENTICATE with the right cryptogram for fixed_random's challenge. */
static void authenticate(struct card *card, uint8_t reference, enum cipher_algorithm algorithm,
                         const char *key_text, size_t challenge_len, uint16_t expected_sw)
{
    uint8_t key[32], challenge[64], command[5 + 80];
    size_t key_len = simcard_hex(key_text, key, sizeof(key));
    fixed_random(challenge, challenge_len);
    struct byte_writer writer = byte_writer_of(command, sizeof(command));
    byte_writer_put(&writer, bytes_of("\x00\x82\x00", 3));
    byte_writer_u8(&writer, reference);
    byte_writer_u8(&writer, 0);
    assert_true(cipher_authenticate(algorithm, bytes_of(key, key_len),
                                    bytes_of(challenge, challenge_len), &writer));
    command[4] = (uint8_t)(writer.len - 5);
    assert_int_equal(simcard_send(card, byte_writer_written(&writer), NULL, NULL), expected_sw);
}

#define KEY_1 "0123456789ABCDEF FEDCBA9876543210"
#define KEY_2 "000102030405060708090A0B0C0D0E0F"

static void external_authentication(void **state)
{
    (void)state;
    struct card *card = simcard_make(keys);
    card_set_random(card, fixed_random);
    static const struct simcard_vector challenge_8[] = {
        { "00840000 08", "1122334455667788 9000", "GET CHALLENGE" },
    };
    static const struct simcard_vector challenge_16[] = {
        { "00840000 10", "112233445566778899AABBCCDDEEFF10 9000", "GET CHALLENGE" },
    };
    static const struct simcard_vector locked[] = { { "00B08100 00", "6982", "key 1 first" } };
    static const struct simcard_vector open[] = { { "00B08100 00", "01 9000", "authenticated" } };

    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x6985); /* no challenge was asked for */
    simcard_run(card, locked);
    simcard_run(card, challenge_8);
    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x9000);
    simcard_run(card, open);
    simcard_run(card, challenge_8);
    authenticate(card, 1, CIPHER_3DES, KEY_2, 8, 0x63C1); /* a wrong key costs a try */
    simcard_run(card, locked);
    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x6985); /* a challenge is good for once */
    simcard_run(card, challenge_8);
    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x9000); /* all tries are back */

    simcard_run(card, challenge_8);
    simcard_run(card, open); /* another command in between */
    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x6985);

    simcard_run(card, challenge_16);
    authenticate(card, 2, CIPHER_AES, KEY_2, 16, 0x9000);
    simcard_run(card, challenge_8); /* eight bytes fill half a block of AES */
    authenticate(card, 2, CIPHER_AES, KEY_2, 8, 0x9000);
    simcard_run(card, challenge_16); /* sixteen are two blocks of 3DES */
    authenticate(card, 1, CIPHER_3DES, KEY_1, 16, 0x9000);

    static const struct simcard_vector refused[] = {
        { "00840000 08", "*9000", "" },
        { "00820001 07 00*7", "6700", "no cryptogram has seven bytes" },
        { "00840000 08", "*9000", "" },
        { "00820003 08 00*8", "6984", "not this key's purpose" },
        { "00840000 08", "*9000", "" },
        { "00820009 08 00*8", "6A88", "no such key" },
        { "00820001", "6700", "no cryptogram" },
        { "00840000 08", "*9000", "" },
        { "00820004 10 00*16", "6982", "key 4 wants PIN 1 first" },
        { "00840000 08", "*9000", "" },
        { "00820001 08 00*8", "63C1", "wrong" },
        { "00840000 08", "*9000", "" },
        { "00820001 08 00*8", "63C0", "wrong" },
        { "00840000 08", "*9000", "" },
        { "00820001 08 00*8", "6983", "blocked" },
        { "00840001 08", "6A86", "" },
        { "00840000 41", "6700", "a challenge of 65 bytes" },
        { "00840000 40", "*9000", "of 64" },
        { "00840000 00", "1122334455667788 9000", "as many as the card likes" },
        { "00840000", "6700", "no Le" },
    };
    simcard_run(card, refused);
    card_set_random(card, no_random);
    static const struct simcard_vector failing[] = { { "00840000 08", "6581", "no random" } };
    simcard_run(card, failing);
    card_free(card);
}

static void challenges_differ(void **state)
{
    (void)state;
    struct card *card = simcard_make(keys);
    static const uint8_t command[] = { 0x00, 0x84, 0x00, 0x00, 0x10 };
    uint8_t first[16], second[16];
    size_t len;
    assert_int_equal(simcard_send(card, bytes_of(command, 5), first, &len), 0x9000);
    assert_int_equal(len, 16);
    assert_int_equal(simcard_send(card, bytes_of(command, 5), second, &len), 0x9000);
    assert_memory_not_equal(first, second, 16);
    card_free(card);
}

static void combined_conditions(void **state)
{
    (void)state;
    struct card *card = simcard_make(keys);
    card_set_random(card, fixed_random);
    static const struct simcard_vector nothing[] = {
        { "00B08200 00", "6982", "pin and key" },
        { "00B08300 00", "6982", "pin or key" },
        { "00B08400 00", "6982", "key 2 and pin, or key 1" },
        { "00B08500 00", "6982", "never" },
        { "00200001 04 31323334", "9000", "PIN 1" },
        { "00B08200 00", "6982", "pin and key" },
        { "00B08300 00", "03 9000", "pin or key" },
        { "00B08400 00", "6982", "key 2 and pin, or key 1" },
        { "00840000 10", "*9000", "" },
    };
    static const struct simcard_vector with_key_2[] = {
        { "00B08400 00", "04 9000", "key 2 and pin" },
        { "0020FF01", "9000", "PIN 1 forgotten" },
        { "00B08400 00", "6982", "key 2 alone" },
        { "00840000 08", "*9000", "" },
    };
    static const struct simcard_vector with_key_1[] = {
        { "00B08400 00", "04 9000", "key 1" },       { "00B08200 00", "6982", "pin and key" },
        { "00200001 04 31323334", "9000", "PIN 1" }, { "00B08200 00", "02 9000", "pin and key" },
        { "00B08500 00", "6982", "never is never" },
    };
    simcard_run(card, nothing);
    authenticate(card, 2, CIPHER_AES, KEY_2, 16, 0x9000);
    simcard_run(card, with_key_2);
    authenticate(card, 1, CIPHER_3DES, KEY_1, 8, 0x9000);
    simcard_run(card, with_key_1);
    card_free(card);
}

static void secrets_are_known_to_the_trace(void **state)
{
    (void)state;
    static const struct
    {
        uint8_t ins;
        bool is_secret;
    } cases[] = {
        { 0x20, true },  { 0x21, true },  { 0x24, true },  { 0x25, true },  { 0x26, true },
        { 0x28, true },  { 0x2C, true },  { 0x2D, true },  { 0x82, true },  { 0x88, true },
        { 0x89, true },  { 0xC2, true },  { 0xC3, true },  { 0x84, false }, { 0xA4, false },
        { 0xB0, false }, { 0xD6, false }, { 0xC0, false }, { 0x77, false },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        const uint8_t command[] = { 0x00, cases[i].ins, 0x00, 0x01, 0x01, 0x31 };
        assert_int_equal(card_command_is_secret(bytes_of(command, sizeof(command))),
                         cases[i].is_secret);
    }
    assert_false(card_command_is_secret(bytes_of("\x20", 1)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verifying),
        cmocka_unit_test(the_only_pin_needs_no_number),
        cmocka_unit_test(padded_pins),
        cmocka_unit_test(changing),
        cmocka_unit_test(unblocking),
        cmocka_unit_test(disabling),
        cmocka_unit_test(local_references),
        cmocka_unit_test(internal_authentication),
        cmocka_unit_test(external_authentication),
        cmocka_unit_test(challenges_differ),
        cmocka_unit_test(combined_conditions),
        cmocka_unit_test(secrets_are_known_to_the_trace),
    };
    return cmocka_run_group_tests_name("simcard security", tests, NULL, NULL);
}
