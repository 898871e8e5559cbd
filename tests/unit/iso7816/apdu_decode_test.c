/*
 * apdu_decode_test - commands taken apart: every case in both codings, and what is no command.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/apdu_decode.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/hex.h"

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

static void every_case_comes_back(void **state)
{
    static const struct
    {
        const char *raw;
        const char *data;
        uint32_t ne;
        enum apdu_coding coding;
        unsigned number;
        uint8_t p3;
        const char *reason;
    } rows[] = {
        { "01020304", "", 0, APDU_SHORT, 1, 0, "case 1" },
        { "0102030401", "", 1, APDU_SHORT, 2, 1, "case 2, the least" },
        { "01020304FF", "", 255, APDU_SHORT, 2, 255, "case 2" },
        { "0102030400", "", 256, APDU_SHORT, 2, 0, "case 2, Le of zeros" },
        { "0102030401AA", "AA", 0, APDU_SHORT, 3, 1, "case 3" },
        { "01020304FF AA*255", "AA*255", 0, APDU_SHORT, 3, 255, "case 3, the longest" },
        { "0102030402AABB00", "AABB", 256, APDU_SHORT, 4, 2, "case 4, Le of zeros" },
        { "01020304FF AA*255 FF", "AA*255", 255, APDU_SHORT, 4, 255, "case 4, the longest" },
        { "0102030400FFFF", "", 65535, APDU_EXTENDED, 2, 0, "case 2E" },
        { "01020304000000", "", 65536, APDU_EXTENDED, 2, 0, "case 2E, Le of zeros" },
        { "01020304000001", "", 1, APDU_EXTENDED, 2, 0, "case 2E for what one byte says too" },
        { "01020304000001AA", "AA", 0, APDU_EXTENDED, 3, 0, "case 3E for short data" },
        { "01020304000100 AA*256", "AA*256", 0, APDU_EXTENDED, 3, 0, "case 3E" },
        { "01020304000002AABB0100", "AABB", 256, APDU_EXTENDED, 4, 0, "case 4E" },
        { "01020304000002AABB0000", "AABB", 65536, APDU_EXTENDED, 4, 0, "case 4E, zeros" },
    };
    static uint8_t room[APDU_COMMAND_MAX];
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct apdu_command command;
        enum apdu_coding coding;
        struct bytes raw = hex(rows[i].raw);
        struct byte_writer writer = byte_writer_of(room, sizeof(room));

        assert_true(apdu_decode(raw, &command, &coding));
        assert_int_equal(command.cla, 1);
        assert_int_equal(command.ins, 2);
        assert_int_equal(command.p1, 3);
        assert_int_equal(command.p2, 4);
        assert_hex(command.data, rows[i].data, rows[i].reason);
        assert_int_equal(command.ne, rows[i].ne);
        assert_int_equal(coding, rows[i].coding);
        assert_int_equal(apdu_case_of(&command), rows[i].number);
        assert_int_equal(apdu_p3(&command, coding), rows[i].p3);
        assert_int_equal(apdu_encoded_len(&command, coding), raw.len);
        apdu_encode(&command, coding, &writer);
        assert_false(writer.failed);
        assert_hex(byte_writer_written(&writer), rows[i].raw, rows[i].reason);
    }
}

static void what_does_not_fit_is_no_command(void **state)
{
    static const struct
    {
        const char *raw;
        const char *reason;
    } rows[] = {
        { "", "nothing" },
        { "010203", "half a header" },
        { "0102030402AA", "a byte is missing" },
        { "0102030401AABBCC", "a byte too many" },
        { "010203040000", "Lc of zero" },
        { "0102030400000000", "extended Lc of zero" },
        { "01020304000002AA", "a byte of extended data is missing" },
        { "01020304000001AABB", "half an extended Le" },
        { "01020304000001AABBCCDD", "a byte too many behind an extended Le" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct apdu_command command = { .cla = 9, .ne = 9 };
        enum apdu_coding coding = APDU_EXTENDED;
        if (apdu_decode(hex(rows[i].raw), &command, &coding)) fail_msg("%s", rows[i].reason);
        assert_int_equal(command.cla, 0);
        assert_int_equal(command.ne, 0);
        assert_int_equal(command.data.len, 0);
        assert_int_equal(coding, APDU_SHORT);
    }
}

/* Whatever the bytes: what is taken for a command is made of the same bytes again. */
static void any_bytes(void **state)
{
    uint8_t raw[12], again[16];
    uint32_t random = 1;
    (void)state;
    for (int round = 0; round < 200000; round++)
    {
        struct apdu_command command;
        enum apdu_coding coding;
        size_t len = (random >> 8) % (sizeof(raw) + 1);
        for (size_t i = 0; i < len; i++)
        {
            random = random * 1664525u + 1013904223u;
            raw[i] = (uint8_t)((random >> 24) % 5 ? (random >> 16) % 6 : random >> 16);
        }
        random = random * 1664525u + 1013904223u;
        struct byte_writer writer = byte_writer_of(again, sizeof(again));
        if (!apdu_decode(bytes_of(raw, len), &command, &coding)) continue;
        apdu_encode(&command, coding, &writer);
        assert_int_equal(writer.len, len);
        assert_memory_equal(again, raw, len);
    }
}

static void the_shortest_coding(void **state)
{
    static uint8_t data[APDU_SHORT_LC_MAX + 1];
    struct apdu_command command = { .data = bytes_of(data, APDU_SHORT_LC_MAX),
                                    .ne = APDU_SHORT_NE_MAX };
    (void)state;
    assert_int_equal(apdu_coding_for(&command), APDU_SHORT);
    command.ne++;
    assert_int_equal(apdu_coding_for(&command), APDU_EXTENDED);
    command.ne = 0;
    command.data.len++;
    assert_int_equal(apdu_coding_for(&command), APDU_EXTENDED);
}

static void node_addresses(void **state)
{
    (void)state;
    for (unsigned nad = 0; nad <= 0xFF; nad++)
    {
        bool is_valid = (nad & 0x88) == 0 && (nad == 0 || nad >> 4 != (nad & 0x0F));
        assert_int_equal(apdu_node_address_is_valid((uint8_t)nad), is_valid);
    }
    assert_true(apdu_node_address_is_valid(0x00));
    assert_true(apdu_node_address_is_valid(0x21));
    assert_false(apdu_node_address_is_valid(0x11));
    assert_false(apdu_node_address_is_valid(0xFF));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(every_case_comes_back, teardown),
        cmocka_unit_test_teardown(what_does_not_fit_is_no_command, teardown),
        cmocka_unit_test_teardown(any_bytes, teardown),
        cmocka_unit_test_teardown(the_shortest_coding, teardown),
        cmocka_unit_test_teardown(node_addresses, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
