/* tool_text_test - what scmtool makes of bytes, of a file's properties, and of what a card says of a
 * PIN. Layer under test: tool.
 * SPDX-License-Identifier: MIT */
#include "tool/file_facts.h"
#include "tool/hex_dump.h"
#include "tool/listing_limits.h"
#include "tool/pin_answer.h"
#include "tool/recording_count.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void lines_of_bytes(void **state)
{
    (void)state;
    static const unsigned char bytes[] = "Hello\x00\x7F\x80 from a card";
    char line[HEX_DUMP_CHARS];

    hex_dump_line(line, 0x10, bytes, HEX_DUMP_BYTES);
    assert_string_equal(
        line, "00000010  48 65 6C 6C 6F 00 7F 80  20 66 72 6F 6D 20 61 20  Hello... from a ");
    hex_dump_line(line, 0xFFFFFFF0UL, bytes + 13, 3);
    assert_string_equal(line, "FFFFFFF0  20 61 20                                           a ");
    hex_dump_line(line, 0, bytes, 0);
    assert_string_equal(line, "00000000                                                    ");
    hex_dump_line(line, 0, bytes, 4000);
    assert_int_equal(strlen(line), strlen("00000000 ") + 3 * 16 + 1 + 2 + 16);
}

static void names(void **state)
{
    (void)state;
    static const unsigned char bytes[] = { 0xF0, 'S', 'C', 0x01, 0x7E, 0x1F };
    char hex[HEX_TEXT_CHARS(sizeof(bytes))], ascii[sizeof(bytes) + 1];

    hex_text(hex, bytes, sizeof(bytes));
    assert_string_equal(hex, "F05343017E1F");
    hex_text(hex, bytes, 0);
    assert_string_equal(hex, "");
    ascii_text(ascii, bytes, sizeof(bytes));
    assert_string_equal(ascii, ".SC.~.");
}

static void kinds_and_sizes(void **state)
{
    (void)state;
    static const struct
    {
        const char *objects; /* each one with its own length */
        size_t len;
        enum file_kind kind;
        const char *size;
    } rows[] = {
        { "\x82\x01\x38", 3, FILE_KIND_DIRECTORY, "" },
        { "\x82\x01\x78", 3, FILE_KIND_DIRECTORY, "" },
        { "\x82\x01\x01", 3, FILE_KIND_TRANSPARENT, "" },
        { "\x82\x01\x41\x80\x02\x9C\x40", 7, FILE_KIND_TRANSPARENT, "40000" },
        { "\x82\x01\x09\x80\x01\x00", 6, FILE_KIND_TRANSPARENT, "0" },
        { "\x82\x05\x02\x21\x00\x10\x08", 7, FILE_KIND_FIXED, "8 x 16" },
        { "\x82\x06\x02\x21\x00\x10\x01\x02", 8, FILE_KIND_FIXED, "258 x 16" },
        { "\x82\x03\x02\x21\x10\x80\x01\x80", 8, FILE_KIND_FIXED, "128" },
        { "\x82\x05\x06\x21\x00\x08\x04\x80\x01\x20", 10, FILE_KIND_CYCLIC, "4 x 8" },
        { "\x82\x05\x04\x21\x00\xFF\x03\x80\x02\x02\x00", 11, FILE_KIND_VARIABLE, "512" },
        { "\x82\x01\x39", 3, FILE_KIND_DATA_OBJECTS, "" },
        { "\x82\x01\x80", 3, FILE_KIND_UNKNOWN, "" },
        { "\x82\x01\x00", 3, FILE_KIND_UNKNOWN, "" },
        /* What is no data object, or a size that cannot be, says nothing. */
        { "\x82\x00", 2, FILE_KIND_UNKNOWN, "" },
        { "\x82\x05\x02\x21\x00", 5, FILE_KIND_UNKNOWN, "" },
        { "\x80\x05\x01\x01\x01\x01\x01", 7, FILE_KIND_UNKNOWN, "" },
        { "\x80\x00", 2, FILE_KIND_UNKNOWN, "" },
        { "\x80\x81\x01\x05", 4, FILE_KIND_UNKNOWN, "" },
        { "\x82", 1, FILE_KIND_UNKNOWN, "" },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
    {
        struct file_facts facts = { 0 };
        char size[FILE_SIZE_CHARS];
        /* On the heap, so that a byte too far is noticed. */
        for (size_t at = 0, len; at < rows[i].len; at += len)
        {
            len = rows[i].len - at;
            if (len >= 2 && 2u + (unsigned char)rows[i].objects[at + 1] < len)
                len = 2u + (unsigned char)rows[i].objects[at + 1];
            unsigned char *object = malloc(len);
            assert_non_null(object);
            memcpy(object, rows[i].objects + at, len);
            file_facts_add(&facts, object, len);
            free(object);
        }
        if (facts.kind != rows[i].kind) print_error("row %zu\n", i);
        assert_int_equal(facts.kind, rows[i].kind);
        file_facts_size(&facts, size);
        assert_string_equal(size, rows[i].size);
    }
}

static void names_and_states(void **state)
{
    (void)state;
    struct file_facts facts = { 0 };
    unsigned char name[2 + 17] = { 0x84, 17 };

    file_facts_add(&facts, name, sizeof(name));
    assert_int_equal(facts.name_len, 0);
    name[1] = 16;
    file_facts_add(&facts, name, 18);
    assert_int_equal(facts.name_len, 16);
    file_facts_add(&facts, (const unsigned char *)"\x8A\x01\x04", 3);
    assert_true(facts.is_deactivated);
    file_facts_add(&facts, (const unsigned char *)"\x8A\x01\x05", 3);
    assert_false(facts.is_deactivated);
    file_facts_add(&facts, (const unsigned char *)"\x8A\x01\x06", 3);
    assert_true(facts.is_deactivated);
    file_facts_add(&facts, (const unsigned char *)"\x8A\x01\x0C", 3);
    assert_false(facts.is_deactivated);
}

static void kinds_have_names(void **state)
{
    (void)state;
    assert_string_equal(file_kind_name(FILE_KIND_UNKNOWN), "?");
    assert_string_equal(file_kind_name(FILE_KIND_DIRECTORY), "DF");
    assert_string_equal(file_kind_name(FILE_KIND_DATA_OBJECTS), "data objects");
    assert_true(file_kind_has_records(FILE_KIND_CYCLIC));
    assert_false(file_kind_has_records(FILE_KIND_TRANSPARENT));
    assert_false(file_kind_has_records(FILE_KIND_DIRECTORY));
}

/* Descriptions as the server gives them. */
static void answers_about_pins(void **state)
{
    (void)state;
    static const struct
    {
        const char *description;
        unsigned status_word;
        int tries_left;
        const char *silence; /* some of it; NULL: the card tells, or it is another trouble */
    } rows[] = {
        { "ISCardVerify::Verify: a PIN is due (SCARD_W_CARD_NOT_AUTHENTICATED, 0x8010006F). The "
          "card "
          "answered 63C2: wrong PIN. Tries left: 2. More words.",
          0x63C2, 2, NULL },
        { "x. The card answered 63CF. Tries left: 15.", 0x63CF, 15, NULL },
        { "x. The card answered 63C0. Tries left: 0.", 0x63C0, 0, NULL },
        { "x. The card answered 6300.", 0x6300, -1, "may have cost" },
        { "x. The card answered 6300. Tries left: 1.", 0x6300, 1, NULL },
        { "x. The card answered 6700: wrong length.", 0x6700, -1, "6700" },
        { "x. The card answered 6D00.", 0x6D00, -1, "6D00" },
        { "x. The card answered 6A88: no such data.", 0x6A88, -1, "no such PIN" },
        { "x. The card answered 6A86.", 0x6A86, -1, "6A86" },
        { "x. The card answered 6983: blocked.", 0x6983, -1, NULL },
        { "x. The card answered 6982.", 0x6982, -1, NULL },
        { "no card in the reader (SCARD_E_NO_SMARTCARD, 0x8010000C)", 0, -1, NULL },
        { "x. The card answered 63", 0, -1, NULL },
        { "x. The card answered ", 0, -1, NULL },
        { "x. Tries left: many.", 0, -1, NULL },
        { "", 0, -1, NULL },
        { NULL, 0, -1, NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
    {
        struct pin_answer answer = pin_answer_read(rows[i].description);
        const char *silence = pin_answer_silence(&answer);
        assert_int_equal(answer.status_word, rows[i].status_word);
        assert_int_equal(answer.tries_left, rows[i].tries_left);
        if (rows[i].silence)
            assert_non_null(strstr(silence ? silence : "", rows[i].silence));
        else
            assert_null(silence);
    }
}

static void recordings_in_words(void **state)
{
    (void)state;
    static const struct
    {
        const char *text;
        size_t count;
        const char *words;
    } rows[] = {
        { "", 0, "nothing was recorded" },
        { "scardmanage-recording 1\n# \"*8\"\ncard 1 T=1 3B00\n", 0, "nothing was recorded" },
        { "> 00A4\n< 9000\n", 1, "recorded: 1; left out: the data of 0 and the answers to 0." },
        { "# *1\n> 0020 *4\n< 9000\n> 00B0\n< *8 9000\n> 0084\n< *8 9000", 3,
          "recorded: 3; left out: the data of 1 and the answers to 2." },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
    {
        char words[RECORDING_WORDS_MAX];
        size_t len = strlen(rows[i].text);
        assert_int_equal(recording_count_words(rows[i].text, len, words, sizeof(words)),
                         rows[i].count);
        assert_non_null(strstr(words, rows[i].words));
    }
}

/* The first directory that is left out is told, and how many there were. */
static void listings_have_an_end(void **state)
{
    (void)state;
    struct listing_limits limits = { 0 };
    char text[2048];

    for (unsigned i = 0; i < LISTING_DIRECTORIES_MAX; i++)
        assert_true(listing_limits_follow(&limits, i % (LISTING_DEPTH_MAX + 1)));
    listing_limits_text(&limits, text, sizeof(text));
    assert_string_equal(text, "");
    assert_false(listing_limits_follow(&limits, 1));
    listing_limits_name(&limits, "3F00\\7F10", "5F01");
    listing_limits_text(&limits, text, sizeof(text));
    assert_string_equal(text, "not all is listed: stopped at 3F00\\7F10\\5F01, after 4096 "
                              "directories; 1 directory was left out");
    assert_false(listing_limits_follow(&limits, 99));
    listing_limits_name(&limits, "3F00", "5F02");
    listing_limits_text(&limits, text, sizeof(text));
    assert_string_equal(text, "not all is listed: stopped at 3F00\\7F10\\5F01, after 4096 "
                              "directories; 2 directories were left out");

    limits = (struct listing_limits){ 0 };
    assert_true(listing_limits_follow(&limits, LISTING_DEPTH_MAX));
    assert_false(listing_limits_follow(&limits, LISTING_DEPTH_MAX + 1));
    char *name = malloc(5000);
    assert_non_null(name);
    memset(name, 'A', 4999);
    name[4999] = 0;
    listing_limits_name(&limits, "3F00", name);
    free(name);
    assert_int_equal(strlen(limits.where), sizeof(limits.where) - 1);
    listing_limits_text(&limits, text, sizeof(text));
    assert_non_null(strstr(text, ", more than 16 directories deep; 1 directory was left out"));
    assert_true(listing_limits_follow(&limits, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_bytes),      cmocka_unit_test(names),
        cmocka_unit_test(kinds_and_sizes),     cmocka_unit_test(names_and_states),
        cmocka_unit_test(kinds_have_names),    cmocka_unit_test(answers_about_pins),
        cmocka_unit_test(recordings_in_words), cmocka_unit_test(listings_have_an_end),
    };
    return cmocka_run_group_tests_name("tool_text", tests, NULL, NULL);
}
