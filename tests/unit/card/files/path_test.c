/*
 * card_path_test - the grammar of references, good beside bad, and paths made absolute.
 * Layer under test: card.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define NAME  CARD_REFERENCE_NAME
#define ID    CARD_REFERENCE_ID
#define SHORT CARD_REFERENCE_SHORT_ID
#define ANY   CARD_REFERENCE_ANY

/* A parsed path as text: "/" when absolute, elements joined by blanks. */
static void show(const struct card_path *path, char *buffer, size_t capacity)
{
    struct text text = text_in(buffer, capacity);
    if (path->is_absolute) text_add(&text, "/");
    for (size_t i = 0; i < path->count; i++)
    {
        if (i) text_add(&text, " ");
        if (path->elements[i].kind == CARD_PATH_SHORT_ID) text_add(&text, "#");
        card_path_format_element(&path->elements[i], &text);
    }
}

static void reads_references(void **state)
{
    static const struct
    {
        enum card_reference type;
        const char *text;
        const char *expected;
    } rows[] = {
        { ID, "3F00", "/" },
        { ID, "\\", "/" },
        { ID, "/", "/" },
        { ID, "3F00\\7F10\\6F01", "/7F10 6F01" },
        { ID, "3f007f106f01", "/7F10 6F01" },
        { ID, "3F00/7F10/6F01", "/7F10 6F01" },
        { ID, "\\3F00\\7F10", "/7F10" },
        { ID, "\\7F10\\6F01", "/7F10 6F01" },
        { ID, "7F10\\6F01", "7F10 6F01" },
        { ID, "7F106F01", "7F10 6F01" },
        { ID, "7F10\\\\6F01\\", "7F10 6F01" },
        { ID, "6F01", "6F01" },
        { ID, "..", ".." },
        { ID, ".", "" },
        { ID, "..\\7F20\\.\\6F01", ".. 7F20 6F01" },
        { ID, "3FFF\\6F01", "6F01" },
        { ID, "<A0000000041010>\\6F01", "<A0000000041010> 6F01" },
        { ID, "A00000000410", "A000 0000 0410" },
        { ID, "A0000000041010", "<A0000000041010>" },
        { ID, "\"1PAY.SYS.DDF01\"", "<315041592E5359532E4444463031>" },
        { NAME, "A0000000041010", "<A0000000041010>" },
        { NAME, "a000000063504b43532d3135", "<A000000063504B43532D3135>" },
        { NAME, "1PAY.SYS.DDF01", "<315041592E5359532E4444463031>" },
        { NAME, "'ABCD'", "<41424344>" },
        { NAME, "\"a\\b\"", "<615C62>" },
        { NAME, "\\<A0>\\5015", "/<A0> 5015" },
        { NAME, "7F10", "7F10" },
        { NAME, "3F00", "/" },
        { NAME, "AA", "<AA>" },
        { NAME, "123456789012345x", "<31323334353637383930313233343578>" },
        { SHORT, "1", "#1" },
        { SHORT, "30", "#30" },
        { SHORT, "0x1E", "#30" },
        { SHORT, "0X1", "#1" },
        { SHORT, "007", "#7" },
        { SHORT, "7F10\\5", "7F10 #5" },
        { SHORT, "3F00\\7F10\\5", "/7F10 #5" },
        { ANY, "5", "#5" },
        { ANY, "05", "#5" },
        { ANY, "0x05", "#5" },
        { ANY, "7F10", "7F10" },
        { ANY, "7F10\\12", "7F10 #12" },
        { ANY, "3F007F106F01", "/7F10 6F01" },
        { ANY, "7F106F01", "7F10 6F01" },
        { ANY, "A0000000041010", "<A0000000041010>" },
        { ANY, "A000000063504B43532D3135", "<A000000063504B43532D3135>" },
        { ANY, "F053434D44454D4F01", "<F053434D44454D4F01>" },
        { ANY, "SCM", "<53434D>" },
        { ID, "1\\2\\3\\4\\5\\6\\7\\8\\9\\10\\11\\12", NULL },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        struct card_path path;
        char shown[1024];
        scm_result result =
            card_path_parse(rows[i].type, rows[i].text, strlen(rows[i].text), &path, &fault);
        if (!rows[i].expected)
        {
            assert_int_equal(result, HR_INVALIDARG);
            continue;
        }
        if (result != HR_OK) fail_msg("%s: %s", rows[i].text, fault.why ? fault.why : "?");
        show(&path, shown, sizeof(shown));
        assert_string_equal(shown, rows[i].expected);
    }
}

static void refuses_with_the_place(void **state)
{
    static const struct
    {
        enum card_reference type;
        const char *text;
        size_t position; /* 0: none told */
    } rows[] = {
        { ID, "", 0 },
        { (enum card_reference)4, "3F00", 0 },
        { (enum card_reference) - 1, "3F00", 0 },
        { ID, "3F0", 1 },
        { ID, "3F00\\7F1", 6 },
        { ID, "7F10\\3F00", 6 },
        { ID, "7F103F00", 5 },
        { ID, "7F10\\3FFF", 6 },
        { ID, "<>", 1 },
        { ID, "<A0", 1 },
        { ID, "<A>", 2 },
        { ID, "<XY>", 1 },
        { ID, "<A0>6F01", 5 },
        { ID, "\"abc", 1 },
        { ID, "\"\"", 1 },
        { ID, "7F10\\a<b", 7 },
        { ID, "7F10\\a\tb", 7 },
        { NAME, "12345678901234567", 1 },
        { NAME, "x2345678901234567", 1 },
        { NAME, "A0000000041010A0000000041010A0000000", 1 },
        { NAME, "ABC", 1 },
        { SHORT, "0", 1 },
        { SHORT, "31", 1 },
        { SHORT, "0x1F", 1 },
        { SHORT, "-1", 1 },
        { SHORT, "99999999999999999999", 1 },
        { SHORT, "1x", 2 },
        { SHORT, "3F00", 2 },
        { SHORT, "0x", 2 },
        { ANY, "0", 1 },
        { ANY, "99", 1 },
        { ID,
          "0001/0002/0003/0004/0005/0006/0007/0008/0009/000A/000B/000C/000D/000E/000F/0010/0011/"
          "0012",
          86 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        struct card_path path;
        scm_result result =
            card_path_parse(rows[i].type, rows[i].text, strlen(rows[i].text), &path, &fault);
        if (result != HR_INVALIDARG) fail_msg("accepted: %s", rows[i].text);
        assert_non_null(fault.why);
        assert_int_equal(fault.has_position, rows[i].position != 0);
        if (fault.position != rows[i].position)
            fail_msg("\"%s\": place %zu (%s)", rows[i].text, fault.position, fault.why);
    }
    struct card_fault fault = card_fault_none();
    struct card_path path;
    assert_int_equal(card_path_parse(ID, "3F00\0\\7F10", 10, &path, &fault), HR_INVALIDARG);
    assert_int_equal(fault.position, 5);
}

static struct card_path parsed(const char *text)
{
    struct card_fault fault = card_fault_none();
    struct card_path path;
    assert_int_equal(card_path_parse(ID, text, strlen(text), &path, &fault), HR_OK);
    return path;
}

static void makes_paths_absolute(void **state)
{
    static const struct
    {
        const char *current;
        const char *path;
        const char *expected; /* NULL: above the MF */
    } rows[] = {
        { "3F00", "7F10", "3F00\\7F10" },
        { "3F00\\7F10", "6F01", "3F00\\7F10\\6F01" },
        { "3F00\\7F10", "..", "3F00" },
        { "3F00\\7F10", "..\\7F20", "3F00\\7F20" },
        { "3F00\\7F10\\5F01", "..\\..", "3F00" },
        { "3F00\\7F10", "\\7F20", "3F00\\7F20" },
        { "3F00\\7F10", "3F00", "3F00" },
        { "3F00\\7F10", ".", "3F00\\7F10" },
        { "3F00\\7F10", "..\\..", NULL },
        { "3F00", "..", NULL },
        { "3F00\\7F10", "<A0>", "3F00\\<A0>" },
        { "3F00\\7F10", "7F20\\<A0>\\6F01", "3F00\\<A0>\\6F01" },
        { "<A0>\\5015", "4401", "3F00\\<A0>\\5015\\4401" },
        { "<A0>", "..", "3F00" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_fault fault = card_fault_none();
        struct card_path current = { .is_absolute = true }, path = parsed(rows[i].path), absolute;
        struct card_path first = parsed(rows[i].current);
        char shown[CARD_PATH_TEXT_MAX];
        struct text text = text_in(shown, sizeof(shown));
        assert_int_equal(card_path_resolve(&current, &first, &current, &fault), HR_OK);
        scm_result result = card_path_resolve(&current, &path, &absolute, &fault);
        assert_int_equal(result, rows[i].expected ? HR_OK : SC_E_DIR_NOT_FOUND);
        if (!rows[i].expected) continue;
        card_path_format(&absolute, &text);
        assert_string_equal(shown, rows[i].expected);

        /* What is told is read again as the same, in every type. */
        static const enum card_reference types[] = { NAME, ID, ANY };
        for (size_t t = 0; t < 3; t++)
        {
            struct card_path again;
            assert_int_equal(card_path_parse(types[t], shown, strlen(shown), &again, &fault),
                             HR_OK);
            assert_int_equal(card_path_resolve(&first, &again, &again, &fault), HR_OK);
            assert_true(card_path_equal(&again, &absolute));
        }
    }
}

static void deep_paths_end(void **state)
{
    struct card_fault fault = card_fault_none();
    struct card_path current = { .is_absolute = true }, one = parsed("7F10");
    (void)state;
    for (int i = 0; i < CARD_PATH_DEPTH_MAX; i++)
        assert_int_equal(card_path_resolve(&current, &one, &current, &fault), HR_OK);
    assert_int_equal(card_path_resolve(&current, &one, &current, &fault), HR_INVALIDARG);
    assert_int_equal(current.count, CARD_PATH_DEPTH_MAX);
    assert_false(card_path_add_id(&current, 0x6F01));
}

/* Whatever the text, parsing ends, and what was accepted can be told and read again. */
static void random_texts(void **state)
{
    static const char alphabet[] = "0123456789ABCDEFabcdef\\/.<>\"'x 3F00\xC3\xA4\x01";
    unsigned seed = 1;
    (void)state;
    for (int round = 0; round < 200000; round++)
    {
        char text[40] = "";
        size_t len = 0, wanted = (seed >> 16) % sizeof(text);
        for (; len < wanted; len++)
        {
            seed = seed * 1103515245u + 12345u;
            text[len] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        seed = seed * 1103515245u + 12345u;
        char *exact = malloc(len ? len : 1);
        memcpy(exact, text, len);
        struct card_fault fault = card_fault_none();
        struct card_path path, absolute, current = { .is_absolute = true };
        scm_result result =
            card_path_parse((enum card_reference)(round % 4), exact, len, &path, &fault);
        free(exact);
        if (result_failed(result)) continue;
        if (result_failed(card_path_resolve(&current, &path, &absolute, &fault))) continue;
        char shown[CARD_PATH_TEXT_MAX];
        struct text out = text_in(shown, sizeof(shown));
        card_path_format(&absolute, &out);
        assert_true(out.len + 1 < sizeof(shown));
        assert_int_equal(card_path_parse(ANY, shown, out.len, &path, &fault), HR_OK);
        assert_true(card_path_equal(&path, &absolute));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_references),     cmocka_unit_test(refuses_with_the_place),
        cmocka_unit_test(makes_paths_absolute), cmocka_unit_test(deep_paths_end),
        cmocka_unit_test(random_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
