/*
 * apdu_test - every case and coding of a command, and the builders.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/apdu.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/hex.h"

static uint8_t room[APDU_COMMAND_MAX];

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

enum coding
{
    SHORT,
    EXTENDED,
    T0
};

static struct byte_writer encode(const struct apdu_command *command, enum coding coding,
                                 size_t capacity)
{
    struct byte_writer writer = byte_writer_of(room, capacity);
    if (coding == T0)
        apdu_encode_t0(command, &writer);
    else
        apdu_encode(command, coding == SHORT ? APDU_SHORT : APDU_EXTENDED, &writer);
    return writer;
}

static void encodes_every_case(void **state)
{
    static const struct
    {
        const char *data;
        uint32_t ne;
        enum coding coding;
        const char *bytes;
        const char *reason;
    } rows[] = {
        { "", 0, SHORT, "00010203", "case 1" },
        { "", 1, SHORT, "0001020301", "case 2, one byte" },
        { "", 255, SHORT, "00010203FF", "case 2, all but one" },
        { "", 256, SHORT, "0001020300", "case 2, 256" },
        { "", 65536, SHORT, "0001020300", "case 2, clipped" },
        { "AA", 0, SHORT, "0001020301AA", "case 3" },
        { "AA*255", 0, SHORT, "00010203FFAA*255", "case 3, the longest" },
        { "AABB", 5, SHORT, "0001020302AABB05", "case 4" },
        { "", 0, EXTENDED, "00010203", "case 1 has no lengths" },
        { "", 256, EXTENDED, "00010203000100", "case 2E, 256" },
        { "", 65535, EXTENDED, "0001020300FFFF", "case 2E, all but one" },
        { "", 65536, EXTENDED, "00010203000000", "case 2E, all" },
        { "AA", 0, EXTENDED, "00010203000001AA", "case 3E" },
        { "AA*256", 0, EXTENDED, "00010203000100AA*256", "case 3E beyond a short one" },
        { "AABB", 5, EXTENDED, "00010203000002AABB0005", "case 4E" },
        { "", 0, T0, "0001020300", "T=0 case 1 has P3" },
        { "", 5, T0, "0001020305", "T=0 case 2" },
        { "AABB", 0, T0, "0001020302AABB", "T=0 case 3" },
        { "AABB", 5, T0, "0001020302AABB", "T=0 case 4 goes without Le" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct apdu_command command = {
            .ins = 1, .p1 = 2, .p2 = 3, .data = hex(rows[i].data), .ne = rows[i].ne
        };
        struct byte_writer writer = encode(&command, rows[i].coding, sizeof(room));
        assert_false(writer.failed);
        assert_hex(byte_writer_written(&writer), rows[i].bytes, rows[i].reason);
        size_t len = writer.len, step = len > 300 ? 61 : 1;
        for (size_t capacity = 0; capacity < len; capacity += step)
            assert_true(encode(&command, rows[i].coding, capacity).failed);
    }
}

static void refuses_data_that_is_too_long(void **state)
{
    static uint8_t data[APDU_EXTENDED_LC_MAX + 1];
    struct apdu_command command = { .data = bytes_of(data, APDU_SHORT_LC_MAX + 1) };
    (void)state;
    assert_false(apdu_fits_short(&command));
    assert_true(encode(&command, SHORT, sizeof(room)).failed);
    assert_true(encode(&command, T0, sizeof(room)).failed);
    assert_false(encode(&command, EXTENDED, sizeof(room)).failed);
    command.data.len = APDU_EXTENDED_LC_MAX;
    command.ne = APDU_EXTENDED_NE_MAX;
    assert_int_equal(encode(&command, EXTENDED, sizeof(room)).len, APDU_COMMAND_MAX);
    command.data.len++;
    assert_true(encode(&command, EXTENDED, sizeof(room)).failed);
}

static void builds_commands(void **state)
{
    uint8_t offset[APDU_OFFSET_OBJECT_MAX], field[32];
    struct byte_writer writer = byte_writer_of(field, sizeof(field)), writer2 = writer;
    struct bytes id = hex("3F00"), one = hex("5A");
    uint8_t field2[32];
    writer2.data = field2;
    uint8_t field3[32], field4[32];
    struct byte_writer writer3 = byte_writer_of(field3, sizeof(field3));
    struct byte_writer writer4 = byte_writer_of(field4, sizeof(field4));
    const struct
    {
        struct apdu_command command;
        const char *bytes;
    } rows[] = {
        { apdu_select(APDU_SELECT_ID, APDU_SELECT_FCP, id), "00A40004023F0000" },
        { apdu_select(APDU_SELECT_NAME, APDU_SELECT_NEXT, id), "00A40402023F0000" },
        { apdu_select(APDU_SELECT_EF, APDU_SELECT_NO_ANSWER, id), "00A4020C023F00" },
        { apdu_read_binary(0x7FFF, 16), "00B07FFF10" },
        { apdu_read_binary_short_id(30, 1), "00B09E0001" },
        { apdu_change_binary(APDU_INS_UPDATE_BINARY, 0x1234, one), "00D61234015A" },
        { apdu_change_binary(APDU_INS_ERASE_BINARY, 0x0102, bytes_of(NULL, 0)), "000E0102" },
        { apdu_read_record(5, 0, 256), "00B2050400" },
        { apdu_read_record(1, 30, 256), "00B201F400" },
        { apdu_read_record_in_turn(APDU_RECORD_FIRST, 256), "00B2000000" },
        { apdu_read_record_in_turn(APDU_RECORD_NEXT, 3), "00B2000203" },
        { apdu_change_record(APDU_INS_UPDATE_RECORD, 3, APDU_RECORD_NUMBER, one), "00DC0304015A" },
        { apdu_change_record(APDU_INS_UPDATE_RECORD, 0, APDU_RECORD_PREVIOUS, one),
          "00DC0003015A" },
        { apdu_change_record(APDU_INS_APPEND_RECORD, 0, APDU_RECORD_FIRST, one), "00E20000015A" },
        { apdu_get_response(256), "00C0000000" },
        { apdu_get_data(0x5F20, 256), "00CA5F2000" },
        { apdu_put_data(0x0101, one), "00DA0101015A" },
        { apdu_get_data_odd(0x5FC105, 256, &writer3), "00CB3FFF055C035FC10500" },
        { apdu_put_data_odd(0x7E, one, &writer4), "00DB3FFF065C017E53015A" },
        { apdu_create_file(one), "00E00000015A" },
        { apdu_on_current_file(APDU_INS_DELETE_FILE), "00E40000" },
        { apdu_read_binary_odd(0x8000, 256, offset), "00B1000004 5402 8000 00" },
        { apdu_change_binary_odd(APDU_INS_UPDATE_BINARY_ODD, 0x123456, one, &writer),
          "00D7000008 5403 123456 5301 5A" },
        { apdu_change_binary_odd(APDU_INS_WRITE_BINARY_ODD, 5, one, &writer2),
          "00D1000007 5402 0005 5301 5A" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_writer encoded = encode(&rows[i].command, SHORT, sizeof(room));
        assert_hex(byte_writer_written(&encoded), rows[i].bytes, "builder");
    }
}

static void knows_secrets(void **state)
{
    static const uint8_t secret[] = { 0x20, 0x21, 0x24, 0x25, 0x26, 0x28, 0x2A, 0x2C,
                                      0x2D, 0x82, 0x86, 0x87, 0x88, 0xC2, 0xC3 };
    static const uint8_t open[] = { 0xA4, 0xB0, 0xB1, 0xB2, 0xD6, 0xDC, 0xC0, 0xCA, 0xE0, 0x84 };
    (void)state;
    for (size_t i = 0; i < sizeof(secret); i++)
        assert_true(apdu_ins_is_secret(secret[i]));
    for (size_t i = 0; i < sizeof(open); i++)
        assert_false(apdu_ins_is_secret(open[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encodes_every_case),
        cmocka_unit_test(refuses_data_that_is_too_long),
        cmocka_unit_test(builds_commands),
        cmocka_unit_test(knows_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
