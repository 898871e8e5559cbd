/*
 * program_scan_test - what is found in programs of all kinds: ids as text and as bytes, names, DLLs; in pieces of
 *                     any size, at every edge of the window, in what is no program, and without end.
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "tool/program_scan.h"

/* clang-format off */
static const struct scan_interface interfaces[] = {
    /* {5E586211-5A09-11D0-B84C-00C04FD424B9}, {4029DD8A-5902-11D0-B84C-00C04FD424B9} */
    { { 0x11, 0x62, 0x58, 0x5E, 0x09, 0x5A, 0xD0, 0x11, 0xB8, 0x4C, 0x00, 0xC0, 0x4F, 0xD4, 0x24, 0xB9 }, "ISCardManage" },
    { { 0x8A, 0xDD, 0x29, 0x40, 0x02, 0x59, 0xD0, 0x11, 0xB8, 0x4C, 0x00, 0xC0, 0x4F, 0xD4, 0x24, 0xB9 }, "ISCardFileAccess" },
};
/* {A80F1101-D1F8-11D0-B5C5-00A024297ED9}, which some vendor sold */
static const uint8_t vendors[SCAN_GUID_BYTES] = { 0x01, 0x11, 0x0F, 0xA8, 0xF8, 0xD1, 0xD0, 0x11,
                                                  0xB5, 0xC5, 0x00, 0xA0, 0x24, 0x29, 0x7E, 0xD9 };
/* clang-format on */
#define VENDORS_TEXT "{A80F1101-D1F8-11D0-B5C5-00A024297ED9}"
#define FILE_LEN     200000

static struct program_scan scan;
static uint8_t file[FILE_LEN];

static void scan_file(size_t len, size_t piece)
{
    program_scan_begin(&scan, interfaces, 2);
    for (size_t at = 0; at < len; at += piece)
        program_scan_feed(&scan, file + at, len - at < piece ? len - at : piece);
    program_scan_end(&scan);
}

/* Text without its terminator, with one or two bytes a character. */
static size_t put_text(size_t at, const char *text, size_t width)
{
    for (; *text; text++, at += width)
    {
        file[at] = (uint8_t)*text;
        if (width == 2) file[at + 1] = 0;
    }
    return at;
}

static void ids_as_text_are_found(void **state)
{
    /* Also across the edges of the window, wherever they lie. */
    static const size_t places[] = { 0, 1, 513, 32767, 65000, 65535, 65536, 130000, FILE_LEN - 76 };

    (void)state;
    for (size_t width = 1; width <= 2; width++)
        for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        {
            memset(file, 0x90, sizeof(file));
            put_text(places[i], VENDORS_TEXT, width);
            scan_file(FILE_LEN, 4096);
            assert_int_equal(scan.guid_count, 1);
            assert_memory_equal(scan.guids[0], vendors, SCAN_GUID_BYTES);
        }
}

static void what_is_no_id_is_none(void **state)
{
    static const char *const texts[] = {
        "A80F1101-D1F8-11D0-B5C5-00A024297ED9",   "{A80F1101-D1F8-11D0-B5C5-00A024297ED9)",
        "{A80F1101-D1F8-11D0-B5C5-00A024297ED}",  "{A80F1101-D1F8-11D0-B5C500A024297ED9}",
        "{G80F1101-D1F8-11D0-B5C5-00A024297ED9}", "{A80F1101 D1F8-11D0-B5C5-00A024297ED9}",
        "{A80F1101-D1F8-11D0-B5C5-00A024297ED9",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        memset(file, 0, sizeof(file));
        scan_file(put_text(7, texts[i], 1), 100);
        assert_int_equal(scan.guid_count, 0);
    }
}

/* As a compiler lays them out: the class id before or behind the interface's, both of 16 bytes. */
static void ids_as_bytes_stand_near_our_interfaces(void **state)
{
    static const size_t places[] = { 512, 1000, 65536 - 8, 65536 + 500, 131072 };
    static const int distances[] = { -16, 16, -480, 480 };

    (void)state;
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        for (size_t k = 0; k < sizeof(distances) / sizeof(distances[0]); k++)
        {
            memset(file, 0, sizeof(file));
            memcpy(file + places[i], interfaces[0].guid, SCAN_GUID_BYTES);
            memcpy(file + (int)places[i] + distances[k], vendors, SCAN_GUID_BYTES);
            scan_file(FILE_LEN, 60000);
            assert_int_equal(scan.interfaces_seen, 1);
            assert_int_equal(scan.guid_count, 1);
            assert_memory_equal(scan.guids[0], vendors, SCAN_GUID_BYTES);
        }
    /* Far from any, it is bytes like others. */
    memset(file, 0, sizeof(file));
    memcpy(file + 4096, interfaces[1].guid, SCAN_GUID_BYTES);
    memcpy(file + 8192, vendors, SCAN_GUID_BYTES);
    scan_file(FILE_LEN, 60000);
    assert_int_equal(scan.interfaces_seen, 2);
    assert_int_equal(scan.guid_count, 0);
}

static void an_interface_is_no_class(void **state)
{
    (void)state;
    memset(file, 0, sizeof(file));
    size_t len = put_text(3, "{5e586211-5a09-11d0-b84c-00c04fd424b9}", 2);
    scan_file(len, 5);
    assert_int_equal(scan.interfaces_seen, 1);
    assert_int_equal(scan.guid_count, 0);
}

static void names_are_found(void **state)
{
    static const struct
    {
        const char *text, *name; /* name NULL: none */
    } rows[] = {
        { "SICRYPT.SCardManage.1", "SICRYPT.SCardManage.1" },
        { "SmartCard.Provider", "SmartCard.Provider" },
        { "Vendor.Cards_2", "Vendor.Cards_2" },
        { "winscard.dll", NULL },
        { "cardlib.h", NULL },
        { "a card. It", NULL },
        { "Word.Document.8", NULL },
        { "card.", NULL },
        { "a.b.c.card", NULL },
        { "AVeryLongNameThatNoProgIdCanHave.SmartCard", NULL },
    };

    (void)state;
    for (size_t width = 1; width <= 2; width++)
        for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        {
            memset(file, 0, 1024);
            scan_file(put_text(100, rows[i].text, width) + 10, 7);
            assert_int_equal(scan.name_count, rows[i].name ? 1 : 0);
            if (rows[i].name) assert_string_equal(scan.names[0], rows[i].name);
        }
}

static void dlls_and_packers_are_found(void **state)
{
    (void)state;
    memset(file, 0, 4096);
    put_text(50, "WINSCARD.dll", 1);
    put_text(500, "ScardSSP.DLL", 2);
    scan_file(4096, 4096);
    assert_int_equal(scan.dlls, SCAN_WINSCARD | SCAN_SCARDSSP);
    assert_false(scan.is_packed);
    put_text(600, "UPX0", 1);
    scan_file(4096, 4096);
    assert_true(scan.is_packed);
}

/* The head of a PE file, good and cut off at every place. */
static void word_size_is_read(void **state)
{
    (void)state;
    for (unsigned machine = 0; machine < 2; machine++)
    {
        memset(file, 0, 4096);
        memcpy(file, "MZ", 2);
        file[0x3C] = 0x80;
        memcpy(file + 0x80, machine ? "PE\0\0\x64\x86" : "PE\0\0\x4C\x01", 6);
        scan_file(4096, 4096);
        assert_int_equal(scan.bits, machine ? 64 : 32);
        for (size_t len = 0; len < 0x86; len++)
        {
            scan_file(len, 3);
            assert_int_equal(scan.bits, 0);
        }
    }
    /* A head that points out of the file, as far as can be. */
    memset(file + 0x3C, 0xFF, 4);
    scan_file(4096, 4096);
    assert_int_equal(scan.bits, 0);
}

/* A file of nothing but ids, none like the other: what is kept has an end. */
static void there_is_an_end(void **state)
{
    char text[] = "{00000000-D1F8-11D0-B5C5-00A024297ED9}";

    (void)state;
    memset(file, 0, sizeof(file));
    for (unsigned i = 0; i < 1000; i++)
    {
        text[6] = (char)('0' + i / 100 % 10), text[7] = (char)('0' + i / 10 % 10),
        text[8] = (char)('0' + i % 10);
        put_text(i * 40, text, 1);
    }
    scan_file(FILE_LEN, 65536);
    assert_int_equal(scan.guid_count, SCAN_GUIDS_MAX);
    assert_true(scan.is_full);
}

static void an_empty_file_has_nothing(void **state)
{
    (void)state;
    scan_file(0, 1);
    assert_true(scan.guid_count == 0 && scan.name_count == 0 && !scan.dlls && !scan.bits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_as_text_are_found),
        cmocka_unit_test(what_is_no_id_is_none),
        cmocka_unit_test(ids_as_bytes_stand_near_our_interfaces),
        cmocka_unit_test(an_interface_is_no_class),
        cmocka_unit_test(names_are_found),
        cmocka_unit_test(dlls_and_packers_are_found),
        cmocka_unit_test(word_size_is_read),
        cmocka_unit_test(there_is_an_end),
        cmocka_unit_test(an_empty_file_has_nothing),
    };
    return cmocka_run_group_tests_name("program_scan", tests, NULL, NULL);
}
