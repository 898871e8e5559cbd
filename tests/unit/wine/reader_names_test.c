/*
 * reader_names_test - `Name 00 00` and `Name 0`, there and back.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "wine/multi_string.h"
#include "wine/reader_names.h"

static const struct
{
    const uint16_t *lite, *windows;
    const char *reason;
} both_ways[] = {
    { u"Virtual PCD 00 00", u"Virtual PCD 0", "the first reader" },
    { u"Virtual PCD 01 00", u"Virtual PCD 1", "the second" },
    { u"Reader 0F 00", u"Reader 15", "pcsc-lite counts in hexadecimal" },
    { u"Reader 00 01", u"Reader 16", "a second slot" },
    { u"Reader 0F FF", u"Reader 4095", "the last there can be" },
    { u"Reader (serial 1) 00 00", u"Reader (serial 1) 0", "a longer name" },
    { u"X 00 00", u"X 0", "a short one" },
};

static void test_both_ways(void **state)
{
    (void)state;
    uint16_t out[READER_NAME_CAPACITY];
    for (size_t i = 0; i < sizeof(both_ways) / sizeof(both_ways[0]); i++)
    {
        reader_name_from_lite(READER_NAMES_WINDOWS, both_ways[i].lite, out);
        if (!text_equal(out, both_ways[i].windows)) fail_msg("%s", both_ways[i].reason);
        assert_true(reader_name_to_lite(READER_NAMES_WINDOWS, both_ways[i].windows, out));
        if (!text_equal(out, both_ways[i].lite)) fail_msg("%s", both_ways[i].reason);
        /* pcsc-lite's own name reaches the reader as well; without the option nothing changes. */
        assert_true(reader_name_to_lite(READER_NAMES_WINDOWS, both_ways[i].lite, out));
        assert_true(text_equal(out, both_ways[i].lite));
        reader_name_from_lite(READER_NAMES_LITE, both_ways[i].lite, out);
        assert_true(text_equal(out, both_ways[i].lite));
        assert_true(reader_name_to_lite(READER_NAMES_LITE, both_ways[i].windows, out));
        assert_true(text_equal(out, both_ways[i].windows));
    }
}

static void test_left_alone(void **state)
{
    (void)state;
    static const uint16_t *const from_lite[] = { u"",
                                                 u" 00 00",
                                                 u"Reader",
                                                 u"Reader 0",
                                                 u"Reader 0g 00",
                                                 u"Reader 0000",
                                                 u"Reader 10 00",
                                                 u"\\\\?PnP?\\Notification" };
    static const uint16_t *const to_lite[] = {
        u"",          u"0",          u" 0",          u"Reader",       u"Reader0",
        u"Reader 00", u"Reader 007", u"Reader 4096", u"Reader 12345", u"\\\\?PnP?\\Notification"
    };
    uint16_t out[READER_NAME_CAPACITY];
    for (size_t i = 0; i < sizeof(from_lite) / sizeof(from_lite[0]); i++)
    {
        reader_name_from_lite(READER_NAMES_WINDOWS, from_lite[i], out);
        if (!text_equal(out, from_lite[i])) fail_msg("from pcsc-lite, row %zu", i);
    }
    for (size_t i = 0; i < sizeof(to_lite) / sizeof(to_lite[0]); i++)
    {
        assert_true(reader_name_to_lite(READER_NAMES_WINDOWS, to_lite[i], out));
        if (!text_equal(out, to_lite[i])) fail_msg("to pcsc-lite, row %zu", i);
    }
}

static void test_long_names(void **state)
{
    (void)state;
    uint16_t name[READER_NAME_CAPACITY + 8], out[READER_NAME_CAPACITY];
    for (size_t i = 0; i < READER_NAME_CAPACITY + 8; i++)
        name[i] = 'x';
    name[READER_NAME_CAPACITY] = 0;
    assert_false(reader_name_to_lite(READER_NAMES_LITE, name, out));
    name[READER_NAME_CAPACITY - 1] = 0;
    assert_true(reader_name_to_lite(READER_NAMES_LITE, name, out));
    /* It fits as it is, but not with pcsc-lite's longer numbers. */
    name[READER_NAME_CAPACITY - 3] = ' ';
    name[READER_NAME_CAPACITY - 2] = '0';
    assert_false(reader_name_to_lite(READER_NAMES_WINDOWS, name, out));
    reader_name_from_lite(READER_NAMES_WINDOWS, name, out);
    assert_true(text_equal(out, name));
}

static void test_setting(void **state)
{
    (void)state;
    assert_int_equal(reader_names_style_of(NULL), READER_NAMES_LITE);
    assert_int_equal(reader_names_style_of(u""), READER_NAMES_LITE);
    assert_int_equal(reader_names_style_of(u"pcsc-lite"), READER_NAMES_LITE);
    assert_int_equal(reader_names_style_of(u"Windows"), READER_NAMES_WINDOWS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_left_alone),
        cmocka_unit_test(test_long_names),
        cmocka_unit_test(test_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
