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

static struct reader_names names;

static int set_up(void **state)
{
    (void)state;
    reader_names_init(&names, READER_NAMES_WINDOWS);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    reader_names_destroy(&names);
    return 0;
}

/** One row of a list of readers: pcsc-lite's name, and the one clients see. */
struct row
{
    const uint16_t *lite, *windows;
};

/* Tells the names of the readers there are, and looks at each in both directions. */
static void check_rows(const struct row *rows, size_t count, const char *reason)
{
    struct text_list list = { 0 };
    uint16_t out[READER_NAME_CAPACITY];

    for (size_t i = 0; i < count; i++)
        text_list_add(&list, rows[i].lite);
    reader_names_update(&names, list.chars);
    for (size_t i = 0; i < count; i++)
    {
        reader_name_from_lite(&names, rows[i].lite, out);
        if (!text_equal(out, rows[i].windows)) fail_msg("%s: row %zu is shown wrong", reason, i);
        assert_true(reader_name_to_lite(&names, rows[i].windows, out));
        if (!text_equal(out, rows[i].lite)) fail_msg("%s: row %zu is not reached", reason, i);
        /* pcsc-lite's own name reaches the reader as well. */
        assert_true(reader_name_to_lite(&names, rows[i].lite, out));
        if (!text_equal(out, rows[i].lite)) fail_msg("%s: row %zu by its own name", reason, i);
    }
    text_list_free(&list);
}

#define CHECK_ROWS(rows, reason) check_rows(rows, sizeof(rows) / sizeof(rows[0]), reason)

static void test_numbered_by_name(void **state)
{
    (void)state;
    static const struct row slots[] = { { u"Virtual PCD 00 00", u"Virtual PCD 0" },
                                        { u"Virtual PCD 00 01", u"Virtual PCD 1" } };
    static const struct row second_slot[] = { { u"Virtual PCD 00 01", u"Virtual PCD 1" },
                                              { u"Other (serial 1) 01 00",
                                                u"Other (serial 1) 0" } };
    static const struct row many[] = {
        { u"Desk 00 00", u"Desk 0" },    { u"X 01 00", u"X 0" },
        { u"Desk 02 00", u"Desk 1" },    { u"Desk 02 01", u"Desk 2" },
        { u"Desk 0F FF", u"Desk 3" },    { u"Desk 10 00", u"Desk 4" },
        { u"Desk 11 00", u"Desk 5" },    { u"Desk 12 00", u"Desk 6" },
        { u"Desk 13 00", u"Desk 7" },    { u"Desk 14 00", u"Desk 8" },
        { u"Desk 15 00", u"Desk 9" },    { u"Desk 16 00", u"Desk 10" },
        { u"Desk 2 03 00", u"Desk 2 0" }
    };
    CHECK_ROWS(slots, "two slots");
    CHECK_ROWS(second_slot, "the first slot has gone: the second stays what it was");
    CHECK_ROWS(many, "many readers");
}

/* A number is a reader's until it goes, and the smallest free one is the next one's. */
static void test_come_and_go(void **state)
{
    (void)state;
    static const struct row three[] = { { u"Desk 00 00", u"Desk 0" },
                                        { u"Desk 01 00", u"Desk 1" },
                                        { u"Desk 02 00", u"Desk 2" } };
    static const struct row last[] = { { u"Desk 02 00", u"Desk 2" } };
    static const struct row new_one[] = { { u"Desk 01 00", u"Desk 0" },
                                          { u"Desk 02 00", u"Desk 2" } };
    static const struct row again[] = { { u"Desk 02 00", u"Desk 0" } };
    uint16_t out[READER_NAME_CAPACITY];

    CHECK_ROWS(three, "three");
    CHECK_ROWS(last, "the last");
    assert_true(reader_name_to_lite(&names, u"Desk 0", out));
    assert_true(text_equal(out, u"Desk 0")); /* nobody's now */
    CHECK_ROWS(new_one, "another");
    reader_names_update(&names, NULL);
    CHECK_ROWS(again, "after all had gone");
}

static void test_left_alone(void **state)
{
    (void)state;
    static const struct row rows[] = { { u" 00 00", u" 00 00" },
                                       { u"Reader", u"Reader" },
                                       { u"Reader 0", u"Reader 0" },
                                       { u"Reader 0g 00", u"Reader 0g 00" },
                                       { u"Reader 0000", u"Reader 0000" } };
    static const uint16_t *const nobodys[] = { u"", u"0", u"Reader 7", u"Reader 07 00",
                                               u"\\\\?PnP?\\Notification" };
    uint16_t out[READER_NAME_CAPACITY];

    CHECK_ROWS(rows, "no numbers of pcsc-lite's");
    for (size_t i = 0; i < sizeof(nobodys) / sizeof(nobodys[0]); i++)
    {
        reader_name_from_lite(&names, nobodys[i], out);
        assert_true(text_equal(out, nobodys[i]));
        assert_true(reader_name_to_lite(&names, nobodys[i], out));
        assert_true(text_equal(out, nobodys[i]));
    }
}

/* Without the option nothing changes. */
static void test_lite_style(void **state)
{
    (void)state;
    static const struct row rows[] = { { u"Virtual PCD 00 00", u"Virtual PCD 00 00" } };
    uint16_t out[READER_NAME_CAPACITY];

    names.style = READER_NAMES_LITE;
    CHECK_ROWS(rows, "pcsc-lite's style");
    assert_true(reader_name_to_lite(&names, u"Virtual PCD 0", out));
    assert_true(text_equal(out, u"Virtual PCD 0"));
    assert_false(reader_name_wants_update(&names, u"Virtual PCD 0"));
    names.style = READER_NAMES_WINDOWS;
    assert_true(reader_name_wants_update(&names, u"Virtual PCD 0"));
    assert_false(reader_name_wants_update(&names, u"Virtual PCD 00 00"));
}

static void test_long_names(void **state)
{
    (void)state;
    uint16_t name[READER_NAME_CAPACITY + 8], out[READER_NAME_CAPACITY];
    struct text_list list = { 0 };

    for (size_t i = 0; i < READER_NAME_CAPACITY + 8; i++)
        name[i] = 'x';
    name[READER_NAME_CAPACITY] = 0;
    assert_false(reader_name_to_lite(&names, name, out));
    text_list_add(&list, name); /* and is not numbered */
    name[READER_NAME_CAPACITY - 1] = 0;
    assert_true(reader_name_to_lite(&names, name, out));
    memcpy(name + READER_NAME_CAPACITY - 7, u" 00 00", 7 * sizeof(*name));
    text_list_add(&list, name);
    reader_names_update(&names, list.chars);
    assert_int_equal(names.count, 1);
    reader_name_from_lite(&names, name, out);
    assert_int_equal(text_len(out), READER_NAME_CAPACITY - 5);
    assert_int_equal(out[READER_NAME_CAPACITY - 6], '0');
    text_list_free(&list);
}

/* As many as there may be. */
static void test_many(void **state)
{
    (void)state;
    uint16_t name[] = u"Desk 00 00", out[READER_NAME_CAPACITY];
    struct text_list list = { 0 };

    for (int i = 0; i < 256; i++)
    {
        name[5] = u"0123456789ABCDEF"[i / 16];
        name[6] = u"0123456789ABCDEF"[i % 16];
        text_list_add(&list, name);
    }
    reader_names_update(&names, list.chars);
    reader_name_from_lite(&names, u"Desk FF 00", out);
    assert_true(text_equal(out, u"Desk 255"));
    assert_true(reader_name_to_lite(&names, u"Desk 200", out));
    assert_true(text_equal(out, u"Desk C8 00"));
    text_list_free(&list);
}

/* Windows' names are the same in either case. */
static void test_other_case(void **state)
{
    (void)state;
    static const struct row rows[] = { { u"Virtual PCD 00 00", u"Virtual PCD 0" } };
    uint16_t out[READER_NAME_CAPACITY];

    CHECK_ROWS(rows, "one");
    assert_true(reader_name_to_lite(&names, u"VIRTUAL pcd 0", out));
    assert_true(text_equal(out, u"Virtual PCD 00 00"));
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
        cmocka_unit_test_setup_teardown(test_numbered_by_name, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_come_and_go, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lite_style, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_names, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_other_case, set_up, tear_down),
        cmocka_unit_test(test_setting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
