/*
 * multi_string_test - UTF-16 texts, multi-strings and their conversion.
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

static const struct
{
    const char *utf8;
    size_t len;
    const uint16_t *utf16;
    const char *reason;
} conversions[] = {
    { "", 0, u"", "nothing" },
    { "Reader 00", 9, u"Reader 00", "ASCII" },
    { "\xC3\xA9", 2, u"\u00E9", "two bytes" },
    { "\xE2\x82\xAC", 3, u"\u20AC", "three bytes" },
    { "\xF0\x9F\x92\xB3", 4, u"\U0001F4B3", "four bytes are two characters" },
    { "\xF4\x8F\xBF\xBF", 4, u"\U0010FFFF", "the last code point" },
    { "a\xFFz", 3, u"a\uFFFDz", "a byte that is never one" },
    { "\xC3", 1, u"\uFFFD", "cut short" },
    { "\xE2\x82z", 3, u"\uFFFD\uFFFDz", "cut short in the middle" },
    { "\xC0\x80", 2, u"\uFFFD\uFFFD", "NUL in two bytes" },
    { "\xE0\x80\x80", 3, u"\uFFFD\uFFFD\uFFFD", "too long a form" },
    { "\xED\xA0\x80", 3, u"\uFFFD\uFFFD\uFFFD", "half a surrogate pair" },
    { "\xF4\x90\x80\x80", 4, u"\uFFFD\uFFFD\uFFFD\uFFFD", "after the last code point" },
    { "\x80", 1, u"\uFFFD", "a continuation of nothing" },
};

static void test_from_utf8(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(conversions) / sizeof(conversions[0]); i++)
    {
        uint16_t out[16];
        memset(out, 0xEE, sizeof(out));
        size_t count = utf8_to_utf16(out, conversions[i].utf8, conversions[i].len);
        if (count > conversions[i].len) fail_msg("%s", conversions[i].reason);
        out[count] = 0;
        if (!text_equal(out, conversions[i].utf16)) fail_msg("%s", conversions[i].reason);
    }
    /* NUL bytes go through, so that a whole list does. */
    uint16_t list[8];
    assert_int_equal(utf8_to_utf16(list, "a\0b\0", 5), 5);
    assert_true(multi_string_contains_ignoring_case(list, u"B"));
}

static void test_to_utf8(void **state)
{
    (void)state;
    char out[16];
    for (size_t i = 0; i < 6; i++)
    {
        memset(out, 0x55, sizeof(out));
        assert_true(text_to_utf8(out, conversions[i].len + 1, conversions[i].utf16));
        assert_memory_equal(out, conversions[i].utf8, conversions[i].len + 1);
        if (conversions[i].len == 0) continue;
        assert_false(text_to_utf8(out, conversions[i].len, conversions[i].utf16));
        assert_true(strlen(out) < conversions[i].len);
    }
    const uint16_t lone_high[] = { 0xD83D, 'x', 0 }, lone_low[] = { 0xDCB3, 0 };
    const uint16_t high_at_end[] = { 0xD83D, 0 };
    assert_true(text_to_utf8(out, sizeof(out), lone_high));
    assert_string_equal(out, "\xEF\xBF\xBDx");
    assert_true(text_to_utf8(out, sizeof(out), lone_low));
    assert_string_equal(out, "\xEF\xBF\xBD");
    assert_true(text_to_utf8(out, sizeof(out), high_at_end));
    assert_string_equal(out, "\xEF\xBF\xBD");
    assert_false(text_to_utf8(out, 0, u"x"));
}

static void test_texts(void **state)
{
    (void)state;
    uint16_t out[4];
    assert_int_equal(text_len(u"abc"), 3);
    assert_int_equal(text_len_limited(u"abc", 2), 2);
    assert_true(text_equal(u"abc", u"abc"));
    assert_false(text_equal(u"abc", u"ab"));
    assert_false(text_equal(u"ab", u"abc"));
    assert_true(text_equal_ignoring_case(u"aBc\u00E9", u"AbC\u00E9"));
    assert_false(text_equal_ignoring_case(u"[", u"{")); /* as far apart as two letters */
    assert_true(text_copy(out, 4, u"abc"));
    assert_true(text_equal(out, u"abc"));
    assert_false(text_copy(out, 4, u"abcd"));
    assert_true(text_equal(out, u"abc"));
    assert_false(text_copy(out, 1, u"abcd"));
    assert_int_equal(out[0], 0);
}

static void test_multi_strings(void **state)
{
    (void)state;
    static const uint16_t list[] = u"one\0two\0three\0";
    static const uint16_t empty[] = { 0 };
    const uint16_t *at = multi_string_first(list);
    assert_true(text_equal(at, u"one"));
    at = multi_string_next(at);
    assert_true(text_equal(at, u"two"));
    at = multi_string_next(at);
    assert_true(text_equal(at, u"three"));
    assert_null(multi_string_next(at));
    assert_int_equal(multi_string_len(list), 15);
    assert_int_equal(multi_string_len(empty), 1);
    assert_null(multi_string_first(empty));
    assert_null(multi_string_first(NULL));
    assert_true(multi_string_contains_ignoring_case(list, u"TWO"));
    assert_false(multi_string_contains_ignoring_case(list, u"tw"));
    assert_false(multi_string_contains_ignoring_case(NULL, u"two"));
}

static void test_lists_grow(void **state)
{
    (void)state;
    struct text_list list = { 0 };
    uint16_t name[40];
    text_list_add(&list, u"");
    assert_null(list.chars);
    for (int i = 0; i < 200; i++)
    {
        for (int c = 0; c < 39; c++)
            name[c] = (uint16_t)('A' + i % 26);
        name[38 - i % 38] = 0;
        text_list_add(&list, name);
    }
    assert_int_equal(list.count, 200);
    assert_int_equal(multi_string_len(list.chars), list.used + 1);
    size_t counted = 0;
    for (const uint16_t *at = multi_string_first(list.chars); at; at = multi_string_next(at))
        counted++;
    assert_int_equal(counted, 200);
    text_list_add_once(&list, u"Zebra");
    text_list_add_once(&list, u"zEBRA");
    assert_int_equal(list.count, 201);
    assert_false(list.failed);
    text_list_free(&list);
    text_list_add_once(&list, u"again");
    assert_int_equal(list.count, 1);
    text_list_free(&list);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_utf8),  cmocka_unit_test(test_to_utf8),
        cmocka_unit_test(test_texts),      cmocka_unit_test(test_multi_strings),
        cmocka_unit_test(test_lists_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
