/*
 * secure_messaging_test - the worked example of ICAO Doc 9303 part 11 (appendix D.4), AES messages of
 *                         a travel document, and answers that lie.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/secure_messaging.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#include "support/hex.h"

#define ICAO_ENC     "979EC13B1CBFE9DCD01AB0FED307EAE5"
#define ICAO_MAC     "F1CB1F1FB5ADF208806B89DC579DC1F8"
#define ICAO_COUNTER "887022120C06C226"
#define ROOM_MAX     (APDU_EXTENDED_LC_MAX + 64)
#define FUZZ_ROUNDS  20000

struct keys
{
    bool is_aes;
    const char *encryption, *mac, *counter;
};

static const struct keys icao_keys = { false, ICAO_ENC, ICAO_MAC, ICAO_COUNTER };
static uint8_t room[ROOM_MAX];

static struct secure_channel open_channel(const struct keys *keys)
{
    struct secure_channel channel = { 0 };
    struct bytes counter = hex(keys->counter);

    assert_int_equal(block_cipher_create(keys->is_aes ? BLOCK_CIPHER_AES : BLOCK_CIPHER_3DES,
                                         hex(keys->encryption), &channel.cipher),
                     HR_OK);
    assert_int_equal(block_mac_create(keys->is_aes ? BLOCK_MAC_CMAC : BLOCK_MAC_RETAIL,
                                      hex(keys->mac), &channel.mac),
                     HR_OK);
    assert_int_equal(counter.len, secure_messaging_counter_len(&channel));
    memcpy(channel.counter, counter.data, counter.len);
    return channel;
}

static void close_channel(struct secure_channel *channel)
{
    block_cipher_destroy(channel->cipher);
    block_mac_destroy(channel->mac);
}

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

static void check_counter(const struct secure_channel *channel, const char *expected)
{
    assert_hex(bytes_of(channel->counter, secure_messaging_counter_len(channel)), expected,
               "counter");
}

/* Wraps and compares the bytes as they travel, short coding. */
static void check_wrapped(struct secure_channel *channel, const struct apdu_command *plain,
                          const char *expected)
{
    uint8_t sent[APDU_SHORT_LC_MAX + 16];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    struct byte_writer encoded = byte_writer_of(sent, sizeof(sent));
    struct apdu_command wrapped;

    assert_int_equal(secure_messaging_wrap(channel, plain, &writer, &wrapped), HR_OK);
    assert_true(writer.len <= secure_messaging_room(channel, plain->data.len));
    apdu_encode(&wrapped, APDU_SHORT, &encoded);
    assert_hex(byte_writer_written(&encoded), expected, "wrapped command");
}

/* A copy as long as it is, so that the sanitizer sees any step beside it. */
static enum secure_fault unwrap(struct secure_channel *channel, struct bytes answer,
                                uint16_t outer_sw, uint8_t *data, size_t *data_len, uint16_t *sw)
{
    uint8_t *copy = malloc(answer.len ? answer.len : 1);
    struct bytes opened;

    assert_non_null(copy);
    if (answer.len) memcpy(copy, answer.data, answer.len);
    enum secure_fault fault =
        secure_messaging_unwrap(channel, copy, answer.len, outer_sw, &opened, sw);
    *data_len = opened.len;
    if (opened.len)
    {
        assert_true(opened.data >= copy && opened.data + opened.len <= copy + answer.len);
        memcpy(data, opened.data, opened.len);
    }
    free(copy);
    return fault;
}

static void check_unwrapped(struct secure_channel *channel, const char *answer, uint16_t sw,
                            const char *expected)
{
    uint8_t data[512];
    size_t len;
    uint16_t inner_sw;

    assert_int_equal(unwrap(channel, hex(answer), sw, data, &len, &inner_sw), SECURE_FAULT_NONE);
    assert_int_equal(inner_sw, sw);
    assert_hex(bytes_of(data, len), expected, "opened answer");
}

static void speaks_as_the_worked_example(void **state)
{
    (void)state;
    struct secure_channel channel = open_channel(&icao_keys);
    struct apdu_command select = apdu_select(APDU_SELECT_EF, APDU_SELECT_NO_ANSWER, hex("011E"));
    struct apdu_command first = apdu_read_binary(0, 4), rest = apdu_read_binary(4, 18);

    check_wrapped(&channel, &select, "0CA4020C158709016375432908C044F68E08BF8B92D635FF24F800");
    check_counter(&channel, "887022120C06C227");
    check_unwrapped(&channel, "990290008E08FA855A5D4C50A8ED", 0x9000, "");
    check_counter(&channel, "887022120C06C228");

    check_wrapped(&channel, &first, "0CB000000D9701048E08ED6705417E96BA5500");
    check_unwrapped(&channel, "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED", 0x9000,
                    "60145F01");
    check_wrapped(&channel, &rest, "0CB000040D9701128E082EA28A70F3C7B53500");
    check_unwrapped(&channel,
                    "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A990290008E08"
                    "C8B2787EAEA07D74",
                    0x9000, "04303130365F36063034303030305C026175");
    check_counter(&channel, "887022120C06C22C");
    close_channel(&channel);
}

/* Known answers of another implementation (gmrtd): a travel document with AES-128. */
static void speaks_aes(void **state)
{
    (void)state;
    static const struct keys command_keys = { true, "cc86415f2ed7e8fd663b754265695ae1",
                                              "581e84b8ee06c4d3eee30461498d7fb3",
                                              "000000000000000000000000000000ba" };
    static const struct keys answer_keys = { true, "a8e85e938514ec67ae33cda3d43d3c48",
                                             "27f1adeb705a049a305b0c619b14b9b3",
                                             "0000000000000000000000000000000b" };
    struct secure_channel channel = open_channel(&command_keys);
    struct apdu_command set = { .ins = APDU_INS_MANAGE_SECURITY_ENVIRONMENT,
                                .p1 = 0x41,
                                .p2 = 0xA4,
                                .data = hex("800a04007f000702020302028401c3") };
    check_wrapped(&channel, &set,
                  "0c2241a41d871101980953d37f67558690045d78a853b18a8e08929767a2cef172e200");
    check_counter(&channel, "000000000000000000000000000000bb");
    close_channel(&channel);

    channel = open_channel(&answer_keys);
    check_unwrapped(
        &channel,
        "8781e1012fabf9e0655d7e987fd28a8aeb19c9cadd990d49399799ed1fe465bcea56da9ba3024291d40d23d7f1"
        "e00485d71faddc6d8c1382e8028dd22efdcc72ed47663d56d20dd6c4b867956fe0507313083ae7fc54fb46133f"
        "184febbe13ad6fd3e2616a1f4a829e75ada1a0e443ca738288f6014be8a7745d8259b089e6bee35bcc4bf5b63d"
        "b5fdd84244f67eca099213b70a861b4487225aa68af684278fceb4cb809de42be3ee95b0e0d72bcdb0ed47cb56"
        "efc264e04a9397a90e81ad1d81efa2d14b2ca8ec7bd997f4b1c1fd344d5dee8589c38b227ca4cb35810060a7cc"
        "76403e990290008e083eb47ef4fa82afc9",
        0x9000,
        "a729901d1a71874700133107ec53306404307bc382c63d8c150c3c72080ace05afa0c2bea28e4fb22787139165"
        "efba91f90f8aa5814a503ad4eb04a8c7dd22ce2826043004a8c7dd22ce28268b39b55416f0447c2fb77de107dc"
        "d2a62e880ea53eeb62d57cb4390295dbc9943ab78696fa504c110461041d1c64f068cf45ffa2a63a81b7c13f6b"
        "8847a3e77ef14fe3db7fcafe0cbd10e8e826e03436d646aaef87b2e247d4af1e8abe1d7520f9c2a45cb1eb8e95"
        "cfd55262b70b29feec5864e19c054ff99129280e4646217791811142820341263c53150231008cb91e82a3");
    check_counter(&channel, "0000000000000000000000000000000c");
    close_channel(&channel);
}

static void counts_over_the_edge(void **state)
{
    (void)state;
    static const struct
    {
        struct keys keys;
        const char *next;
    } rows[] = {
        { { false, ICAO_ENC, ICAO_MAC, "00000000000000FF" }, "0000000000000100" },
        { { false, ICAO_ENC, ICAO_MAC, "FF*8" }, "00*8" },
        { { true, ICAO_ENC, ICAO_MAC, "0000000000000000FFFFFFFFFFFFFFFF" },
          "00000000000000010000000000000000" },
        { { true, ICAO_ENC, ICAO_MAC, "FF*16" }, "00*16" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct secure_channel channel = open_channel(&rows[i].keys);
        struct byte_writer writer = byte_writer_of(room, sizeof(room));
        struct apdu_command plain = apdu_read_binary(0, 1), wrapped;
        assert_int_equal(secure_messaging_wrap(&channel, &plain, &writer, &wrapped), HR_OK);
        check_counter(&channel, rows[i].next);
        close_channel(&channel);
    }
}

/* Answers to the worked example's first READ BINARY that must not be believed. */
static void believes_no_liar(void **state)
{
    (void)state;
    static const struct
    {
        const char *answer;
        uint16_t sw;
        enum secure_fault fault;
        const char *reason;
    } rows[] = {
        { "", 0x9000, SECURE_FAULT_NOT_PROTECTED, "a plain status word" },
        { "", 0x6988, SECURE_FAULT_NOT_PROTECTED, "a plain refusal" },
        { "60145F01", 0x9000, SECURE_FAULT_FORM, "plain data" },
        { "810460145F01", 0x9000, SECURE_FAULT_NOT_PROTECTED, "plain data in an object" },
        { "8709019FF0EC34F992265199029000", 0x9000, SECURE_FAULT_NOT_PROTECTED, "no code" },
        { "8709019FF0EC34F99226518E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_FORM, "no status" },
        { "990290008E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_MAC, "the data left out" },
        { "8709019FF0EC34F9922651990290008E08AD55CC17140B2DEC", 0x9000, SECURE_FAULT_MAC,
          "the code's last bit" },
        { "8709019FF0EC34F9922650990290008E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_MAC,
          "the data's last bit" },
        { "8709019FF0EC34F9922651990262828E08AD55CC17140B2DED", 0x6282, SECURE_FAULT_MAC,
          "another status" },
        { "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED", 0x6282, SECURE_FAULT_STATUS,
          "another status outside" },
        { "990290008E08FA855A5D4C50A8ED", 0x9000, SECURE_FAULT_MAC, "an older answer again" },
        { "990290008709019FF0EC34F99226518E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_FORM,
          "objects in another order" },
        { "8709019FF0EC34F9922651990290008E08AD55CC17140B2DED99029000", 0x9000, SECURE_FAULT_FORM,
          "something after the code" },
        { "8709019FF0EC34F9922651990290008E07AD55CC17140B2D", 0x9000, SECURE_FAULT_FORM,
          "a code cut short" },
        { "8709019FF0EC34F9922651990290008E00", 0x9000, SECURE_FAULT_FORM, "an empty code" },
        { "8709019FF0EC34F9922651990290008E08AD55CC17140B2D", 0x9000, SECURE_FAULT_FORM,
          "an answer cut short" },
        { "8709019FF0EC34F99226519903900000"
          "8E08AD55CC17140B2DED",
          0x9000, SECURE_FAULT_FORM, "a long status" },
        { "008709019FF0EC34F9922651990290008E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_FORM,
          "a byte before the objects" },
        { "8709019FF0EC34F992265100990290008E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_FORM,
          "a byte between the objects" },
        { "8709019FF0EC34F99226518709019FF0EC34F9922651990290008E08AD55CC17140B2DED", 0x9000,
          SECURE_FAULT_FORM, "data twice" },
        { "5F01008709019FF0EC34F9922651990290008E08AD55CC17140B2DED", 0x9000, SECURE_FAULT_FORM,
          "an object of another kind" },
        { "87FFFF", 0x9000, SECURE_FAULT_FORM, "a length without end" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct secure_channel channel = open_channel(&icao_keys);
        uint8_t data[64];
        size_t len;
        uint16_t sw;

        memcpy(channel.counter, hex("887022120C06C229").data, 8);
        enum secure_fault fault =
            unwrap(&channel, hex(rows[i].answer), rows[i].sw, data, &len, &sw);
        if (fault != rows[i].fault) fail_msg("%s: %d", rows[i].reason, fault);
        assert_int_equal(len, 0);
        assert_int_equal(sw, 0);
        close_channel(&channel);
    }
}

/* An answer as a card would make it, with the code in order, whatever is in it. */
static struct bytes make_answer(struct secure_channel *channel, const char *objects,
                                uint8_t *answer, size_t capacity)
{
    struct byte_writer writer = byte_writer_of(answer, capacity);
    static const uint8_t padding[16] = { 0x80 };
    uint8_t counter[16], code[BLOCK_MAC_MAX];
    size_t counter_len = secure_messaging_counter_len(channel);
    struct bytes body = hex(objects);

    memcpy(counter, channel->counter, counter_len);
    counter[counter_len - 1]++;
    struct bytes parts[] = { bytes_of(counter, counter_len), body,
                             bytes_of(padding, counter_len - body.len % counter_len) };
    bool is_aes = block_mac_kind_of(channel->mac) == BLOCK_MAC_CMAC;
    assert_int_equal(block_mac_compute(channel->mac, parts, is_aes ? 3 : 2, code), HR_OK);
    byte_writer_put(&writer, body);
    byte_writer_u16(&writer, 0x8E08);
    byte_writer_put(&writer, bytes_of(code, 8));
    assert_false(writer.failed);
    return byte_writer_written(&writer);
}

/* With the right code: what a card may say, and what it may not. */
static void reads_what_is_in_order(void **state)
{
    (void)state;
    static const struct
    {
        const char *objects;
        uint16_t sw;
        enum secure_fault fault;
        const char *data;
        const char *reason;
    } rows[] = {
        { "99029000", 0x9000, SECURE_FAULT_NONE, "", "nothing but success" },
        { "99026A82", 0x6A82, SECURE_FAULT_NONE, "", "a failure that is proven" },
        { "8103AABBCC99029000", 0x9000, SECURE_FAULT_NONE, "AABBCC", "data that is no secret" },
        { "810099029000", 0x9000, SECURE_FAULT_NONE, "", "no data in an object" },
        { "8509019FF0EC34F992265199029000", 0x9000, SECURE_FAULT_FORM, "", "85 has no indicator" },
        { "85089FF0EC34F992265199029000", 0x9000, SECURE_FAULT_NONE, "60145F01",
          "objects in a cryptogram" },
        { "8709029FF0EC34F992265199029000", 0x9000, SECURE_FAULT_FORM, "", "another padding" },
        { "8708019FF0EC34F9922699029000", 0x9000, SECURE_FAULT_FORM, "", "a block cut short" },
        { "87010199029000", 0x9000, SECURE_FAULT_FORM, "", "no block at all" },
        { "870099029000", 0x9000, SECURE_FAULT_FORM, "", "nothing in 87" },
        { "8709016375432908C044F799029000", 0x9000, SECURE_FAULT_FORM, "", "padding of rubbish" },
        { "99029000", 0x6A82, SECURE_FAULT_STATUS, "", "outside something else" },
        { "8700", 0x9000, SECURE_FAULT_FORM, "", "no status" },
        { "9902900099029000", 0x9000, SECURE_FAULT_FORM, "", "the status twice" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct secure_channel channel = open_channel(&icao_keys);
        uint8_t answer[128], data[128];
        size_t len;
        uint16_t sw;

        struct bytes made = make_answer(&channel, rows[i].objects, answer, sizeof(answer));
        enum secure_fault fault = unwrap(&channel, made, rows[i].sw, data, &len, &sw);
        if (fault != rows[i].fault) fail_msg("%s: %d", rows[i].reason, fault);
        assert_hex(bytes_of(data, len), rows[i].data, rows[i].reason);
        assert_int_equal(sw, fault == SECURE_FAULT_NONE ? rows[i].sw : 0);
        close_channel(&channel);
    }
}

/* The limits are those of the longest message: one byte more would be too long. */
static void knows_how_much_fits(void **state)
{
    (void)state;
    static const struct keys aes_keys = { true, ICAO_ENC, ICAO_MAC, "00*16" };
    const struct keys *all[] = { &icao_keys, &aes_keys };
    static const uint8_t data[APDU_EXTENDED_LC_MAX];
    static const size_t limits[] = { 1,   14,  15,  24,  25,  40,  100, 127,  128,  140,
                                     141, 142, 143, 144, 200, 255, 256, 1000, 65535 };

    for (size_t k = 0; k < 2; k++)
    {
        struct secure_channel channel = open_channel(all[k]);
        assert_int_equal(secure_messaging_answer_max(&channel, 256), k ? 223 : 231);
        assert_int_equal(secure_messaging_data_max(&channel, 255), k ? 223 : 231);
        for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
        {
            size_t most = secure_messaging_data_max(&channel, limits[i]);
            if (most == 0) continue;
            assert_true(secure_messaging_room(&channel, most) <= limits[i]);
            assert_true(secure_messaging_room(&channel, most + 1) > limits[i]);
            struct byte_writer writer = byte_writer_of(room, limits[i]);
            struct apdu_command plain = { .ins = 0xD6, .data = bytes_of(data, most), .ne = 65536 };
            struct apdu_command wrapped;
            assert_int_equal(secure_messaging_wrap(&channel, &plain, &writer, &wrapped), HR_OK);
            assert_true(wrapped.data.len <= limits[i]);
            /* Where there is too little room it says so. */
            writer = byte_writer_of(room, wrapped.data.len - 1);
            assert_int_equal(secure_messaging_wrap(&channel, &plain, &writer, &wrapped),
                             SC_E_UNSUPPORTED_FEATURE);
        }
        close_channel(&channel);
    }
}

/* Rubbish, and good answers with a few bytes changed: never believed, never a step too far. */
static void survives_rubbish(void **state)
{
    (void)state;
    static const struct keys aes_keys = { true, ICAO_ENC, ICAO_MAC, "00*16" };
    struct bytes good = hex("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED");
    static const uint8_t tags[] = { 0x81, 0x85, 0x87, 0x99, 0x8E, 0x00, 0xFF, 0x82, 0x9F };
    uint8_t answer[96], data[96];
    size_t len;
    uint16_t sw;

    srand(9303);
    for (int round = 0; round < FUZZ_ROUNDS; round++)
    {
        struct secure_channel channel = open_channel(round % 2 ? &aes_keys : &icao_keys);
        size_t answer_len = (size_t)rand() % sizeof(answer);
        for (size_t i = 0; i < answer_len; i++)
            answer[i] = (uint8_t)(rand() % 3 ? rand() : tags[(size_t)rand() % sizeof(tags)]);
        if (round % 3 == 0)
        {
            answer_len = good.len;
            memcpy(answer, good.data, good.len);
            for (int changes = 1 + rand() % 3; changes > 0; changes--)
                answer[(size_t)rand() % answer_len] = (uint8_t)rand();
        }
        assert_int_not_equal(
            unwrap(&channel, bytes_of(answer, answer_len), 0x9000, data, &len, &sw),
            SECURE_FAULT_NONE);
        assert_int_equal(len, 0);
        close_channel(&channel);
        hex_forget();
        good = hex("8709019FF0EC34F9922651990290008E08AD55CC17140B2DED");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(speaks_as_the_worked_example, teardown),
        cmocka_unit_test_teardown(speaks_aes, teardown),
        cmocka_unit_test_teardown(counts_over_the_edge, teardown),
        cmocka_unit_test_teardown(believes_no_liar, teardown),
        cmocka_unit_test_teardown(reads_what_is_in_order, teardown),
        cmocka_unit_test_teardown(knows_how_much_fits, teardown),
        cmocka_unit_test_teardown(survives_rubbish, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
