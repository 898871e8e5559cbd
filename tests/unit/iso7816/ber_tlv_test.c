/*
 * ber_tlv_test - data objects read from good bytes, bad bytes and every beginning of them, and
 *                written again.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/ber_tlv.h"

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

static void reads_objects(void **state)
{
    static const struct
    {
        const char *input;
        uint32_t tag;
        const char *value;
        const char *rest;
        const char *reason;
    } rows[] = {
        { "80 02 1234", 0x80, "1234", "", "one byte each" },
        { "80 00", 0x80, "", "", "empty value" },
        { "80 01 FF 81 00", 0x80, "FF", "81 00", "the next object stays" },
        { "5F20 03 414243", 0x5F20, "414243", "", "two-byte tag" },
        { "7F8166 01 00", 0x7F8166, "00", "", "three-byte tag" },
        { "53 81 80 AA*128", 0x53, "AA*128", "", "length in two bytes" },
        { "53 82 0101 AB*257", 0x53, "AB*257", "", "length in three bytes" },
        { "53 83 000002 0102", 0x53, "0102", "", "length longer than needed" },
        { "53 84 00000001 77", 0x53, "77", "", "length in five bytes" },
        { "00 00 FF 80 01 22", 0x80, "22", "", "fill bytes before" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(rows[i].input));
        struct ber_tlv object;
        if (!ber_tlv_next(&reader, &object)) fail_msg("not read: %s", rows[i].reason);
        assert_int_equal(object.tag, rows[i].tag);
        assert_hex(object.value, rows[i].value, rows[i].reason);
        assert_hex(reader.rest, rows[i].rest, rows[i].reason);
        assert_true(ber_tlv_is_tag(object.tag));
    }
}

static void refuses_what_is_no_object(void **state)
{
    static const struct
    {
        const char *input;
        const char *reason;
    } rows[] = {
        { "80", "no length" },
        { "80 01", "no value" },
        { "80 7F 00", "value cut off" },
        { "80 80 00 00", "indefinite length" },
        { "80 81", "length cut off" },
        { "80 82 01", "length cut off in the middle" },
        { "80 85 0000000001 00", "length of five bytes" },
        { "80 84 FFFFFFFF 00", "length of four gigabytes" },
        { "80 FF 00", "reserved length" },
        { "5F", "tag cut off" },
        { "5F A0", "tag cut off in the middle" },
        { "5F 81 82 83 01 00", "tag of four bytes" },
        { "7F", "tag without anything" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct byte_reader reader = byte_reader_of(hex(rows[i].input));
        struct ber_tlv object;
        if (ber_tlv_next(&reader, &object)) fail_msg("read: %s", rows[i].reason);
        assert_true(reader.failed);
        assert_int_equal(object.tag, 0);
        assert_int_equal(object.value.len, 0);
    }
}

static void ends_without_failure(void **state)
{
    static const char *const inputs[] = { "", "00", "FF FF", "00 FF 00" };
    (void)state;
    for (size_t i = 0; i < 4; i++)
    {
        struct byte_reader reader = byte_reader_of(hex(inputs[i]));
        struct ber_tlv object;
        assert_false(ber_tlv_next(&reader, &object));
        assert_false(reader.failed);
    }
}

static void finds_on_the_top_level(void **state)
{
    struct ber_tlv object;
    struct bytes span = hex("82 01 38 A5 03 83 01 AA 83 02 3F00 84 05 01");
    (void)state;
    assert_true(ber_tlv_find(span, 0x83, &object));
    assert_hex(object.value, "3F00", "not the one inside A5");
    assert_hex(object.whole, "83 02 3F00", "whole object");
    assert_false(ber_tlv_find(span, 0x84, &object)); /* cut off */
    assert_false(ber_tlv_find(span, 0x8A, &object));
}

static void every_beginning_is_survived(void **state)
{
    struct bytes whole = hex("6F 12 84 07 A0000000041010 A5 07 50 05 4142434445 9000");
    (void)state;
    for (size_t len = 0; len <= whole.len; len++)
    {
        /* A copy as short as the beginning, so that a read beyond it is seen. */
        uint8_t *copy = test_malloc(len ? len : 1);
        memcpy(copy, whole.data, len);
        struct byte_reader reader = byte_reader_of(bytes_of(copy, len));
        struct ber_tlv object;
        while (ber_tlv_next(&reader, &object))
            assert_true(object.whole.len <= len);
        test_free(copy);
    }
}

static void writes_what_it_reads(void **state)
{
    static const uint32_t tags[] = { 0x80, 0x5F20, 0x7F8166 };
    static const size_t lens[] = { 0, 1, 127, 128, 255, 256, 65535, 65536 };
    static uint8_t value[65536], room[65536 + 8];
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++)
        {
            struct byte_writer writer = byte_writer_of(room, sizeof(room));
            struct ber_tlv object;
            ber_tlv_put(&writer, tags[t], bytes_of(value, lens[l]));
            assert_false(writer.failed);
            assert_int_equal(writer.len, ber_tlv_header_len(tags[t], lens[l]) + lens[l]);
            struct byte_reader reader = byte_reader_of(byte_writer_written(&writer));
            assert_true(ber_tlv_next(&reader, &object));
            assert_int_equal(object.tag, tags[t]);
            assert_int_equal(object.value.len, lens[l]);
            assert_int_equal(reader.rest.len, 0);

            struct byte_writer small = byte_writer_of(room, writer.len - 1);
            ber_tlv_put(&small, tags[t], bytes_of(value, lens[l]));
            assert_true(small.failed);
            assert_int_equal(small.len, 0); /* nothing half written */
        }
}

static void knows_tags_and_numbers(void **state)
{
    static const uint32_t bad_tags[] = { 0, 0x5F, 0x5F80, 0x8020, 0x7F81, 0x01000000, 0x7F818101 };
    uint32_t number = 5;
    (void)state;
    for (size_t i = 0; i < sizeof(bad_tags) / sizeof(bad_tags[0]); i++)
        assert_false(ber_tlv_is_tag(bad_tags[i]));
    assert_true(ber_tlv_is_constructed(0x62));
    assert_true(ber_tlv_is_constructed(0x7F66));
    assert_false(ber_tlv_is_constructed(0x84));
    assert_false(ber_tlv_is_constructed(0x5F20));
    assert_false(ber_tlv_number(hex(""), &number));
    assert_int_equal(number, 0);
    assert_true(ber_tlv_number(hex("0000000000FFFFFFFF"), &number));
    assert_int_equal(number, 0xFFFFFFFF);
    assert_false(ber_tlv_number(hex("0100000000"), &number));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_objects),
        cmocka_unit_test(refuses_what_is_no_object),
        cmocka_unit_test(ends_without_failure),
        cmocka_unit_test(finds_on_the_top_level),
        cmocka_unit_test(every_beginning_is_survived),
        cmocka_unit_test(writes_what_it_reads),
        cmocka_unit_test(knows_tags_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, teardown);
}
