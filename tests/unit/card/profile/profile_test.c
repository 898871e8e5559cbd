/*
 * card_profile_test - profiles as texts and as files: every key, every message, what is cut off or
 *                     no text at all; and which row a card gets.
 * Layer under test: card/link, with system for the files.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#include "card/profile/profile_description.h"
#include "card/profile/profile_search.h"
#include "iso7816/apdu.h"
#include "support/hex.h"
#include "system/memory.h"
#include "system/settings_files.h"

#define CARD "[card]\nname = n\natr = 3B00\n"
#define END  "[end]\n"

static struct bytes text_of(const char *text)
{
    return bytes_of(text, strlen(text));
}

/* Reads a text as tightly as it is long, so that the sanitizer sees each step beyond it. */
static scm_result read_tightly(struct bytes text, struct card_profile_text *read,
                               struct card_profile_trouble *trouble)
{
    uint8_t *copy = malloc(text.len ? text.len : 1);
    assert_non_null(copy);
    if (text.len) memcpy(copy, text.data, text.len);
    scm_result result = card_profile_text_read(bytes_of(copy, text.len), "f", read, trouble);
    free(copy);
    return result;
}

static struct card_profile_text read_good(const char *text)
{
    struct card_profile_text read;
    struct card_profile_trouble trouble;
    scm_result result = read_tightly(text_of(text), &read, &trouble);

    if (result != HR_OK) print_message("line %u: %s\n%s", trouble.line, trouble.why, text);
    assert_int_equal(result, HR_OK);
    assert_null(trouble.why);
    return read;
}

static void expect_wrong(struct bytes text, uint32_t line, const char *why)
{
    struct card_profile_text read;
    struct card_profile_trouble trouble;

    if (read_tightly(text, &read, &trouble) != HR_INVALIDARG)
        fail_msg("not refused; expected: %s", why);
    if (why && !strstr(trouble.why, why))
        fail_msg("\"%s\" instead of \"%s\" in %.200s", trouble.why, why, (const char *)text.data);
    if (trouble.line != line) fail_msg("line %u and not %u: %s", trouble.line, line, trouble.why);
    assert_null(read.rows);
    assert_null(read.applications);
    assert_null(read.known_files);
    assert_null(read.strings);
    assert_int_equal(read.row_count + read.application_count + read.known_file_count, 0);
}

static void keys_of_a_card(void **state)
{
    struct card_profile_text read =
        read_good("[card]\nname = a card # and a comment\natr = 3b02 .. 90 *\natr=3B03\nmask=fff0\n"
                  "class = 80\nmore-data = 9f\nwrong-length = 67\nselect-answer = none\n"
                  "select-answer-form = sim\nselect-by-path = no\nselect-by-path-from-df = no\n"
                  "select-path-with-mf = yes\ntry-known-names = no\n"
                  "plain-ends-secure-messaging = yes\nselect-by-kind = no\nlongest-command = "
                  "200\nlongest-answer = 65536\n"
                  "look-for = 2F00-2F0F 5031\t7F10\npin-global = 40\npin-local = C0\n"
                  "pin-length = 4-12\npin-length-for-new-only = yes\npin-encoding = bcd\n"
                  "pin-padding = FF\npin-stored-length = 8\npin-first-unblocks-as-0 = yes\n"
                  "file = 7F10\\5f3a\nfile = 3F00/2F01\nfile = <A00001>/6F07\nfile=<A00002>\n"
                  "[end]");
    const struct card_profile *row = &read.rows[0];

    (void)state;
    assert_int_equal(read.row_count, 2);
    assert_string_equal(row->name, "a card");
    assert_string_equal(row->atr, "3b02..90*");
    assert_null(row->atr_mask);
    assert_string_equal(row->file, "f");
    assert_int_equal(row->line, 1);
    assert_int_equal(row->cla, 0x80);
    assert_int_equal(row->more_data_sw1, 0x9F);
    assert_int_equal(row->wrong_le_sw1, 0x67);
    assert_int_equal(row->select.answer, APDU_SELECT_NO_ANSWER);
    assert_true(row->select.answer_is_sim);
    assert_false(row->select.by_path);
    assert_true(row->select.lacks_path_from_df);
    assert_true(row->select.path_begins_at_mf);
    assert_true(row->select.asks_no_names);
    assert_true(row->plain_ends_channel);
    assert_false(row->select.by_kind);
    assert_int_equal(row->command_data_max, 200);
    assert_int_equal(row->answer_data_max, 65536);
    assert_int_equal(row->ranges[0].first, 0x2F00);
    assert_int_equal(row->ranges[0].last, 0x2F0F);
    assert_int_equal(row->ranges[1].first, 0x5031);
    assert_int_equal(row->ranges[1].last, 0x5031);
    assert_int_equal(row->ranges[2].first, 0x7F10);
    assert_int_equal(row->ranges[3].last, 0);
    assert_false(row->pin.is_untold);
    assert_int_equal(row->pin.global_p2, 0x40);
    assert_int_equal(row->pin.local_p2, 0xC0);
    assert_int_equal(row->pin.len_min, 4);
    assert_int_equal(row->pin.len_max, 12);
    assert_true(row->pin.is_min_for_new);
    assert_int_equal(row->pin.encoding, CARD_PIN_BCD);
    assert_true(row->pin.is_padded);
    assert_int_equal(row->pin.padding, 0xFF);
    assert_int_equal(row->pin.stored_len, 8);
    assert_true(row->pin.first_unblocks_as_0);
    assert_int_equal(row->known_file_count, 4);
    assert_int_equal(row->known_files[0].id_count, 2);
    assert_int_equal(row->known_files[0].ids[0], 0x7F10);
    assert_int_equal(row->known_files[0].ids[1], 0x5F3A);
    assert_int_equal(row->known_files[1].id_count, 1);
    assert_int_equal(row->known_files[1].ids[0], 0x2F01);
    assert_hex(bytes_of(row->known_files[2].name, row->known_files[2].name_len), "A00001", "name");
    assert_int_equal(row->known_files[2].ids[0], 0x6F07);
    assert_int_equal(row->known_files[3].name_len, 3);
    assert_int_equal(row->known_files[3].id_count, 0);
    /* The second ATR is a row that has all the same. */
    assert_string_equal(read.rows[1].atr, "3B03");
    assert_string_equal(read.rows[1].atr_mask, "fff0");
    assert_ptr_equal(read.rows[1].name, row->name);
    assert_int_equal(read.rows[1].cla, 0x80);
    assert_ptr_equal(read.rows[1].known_files, row->known_files);
    card_profile_text_free(&read);
}

static void other_values(void **state)
{
    static const struct
    {
        const char *line;
        size_t offset;
        uint8_t value;
    } rows[] = {
        { "wrong-length = none", offsetof(struct card_profile, wrong_le_sw1), 0 },
        { "select-answer = fcp", offsetof(struct card_profile, select.answer), APDU_SELECT_FCP },
        { "select-answer = fci", offsetof(struct card_profile, select.answer), APDU_SELECT_FCI },
        { "select-answer-form = standard", offsetof(struct card_profile, select.answer_is_sim), 0 },
        { "select-by-path = yes", offsetof(struct card_profile, select.by_path), 1 },
        { "select-by-path-from-df = yes", offsetof(struct card_profile, select.lacks_path_from_df),
          0 },
        { "select-by-kind = yes", offsetof(struct card_profile, select.by_kind), 1 },
        { "longest-command = any", offsetof(struct card_profile, command_data_max), 0 },
        { "look-for = none", offsetof(struct card_profile, ranges[0].last), 0 },
        { "pin-length = 6", offsetof(struct card_profile, pin.len_max), 6 },
        { "pin-length = 1-127", offsetof(struct card_profile, pin.len_max), 127 },
        { "pin-padding = none", offsetof(struct card_profile, pin.is_padded), 0 },
        { "pin-stored-length = none", offsetof(struct card_profile, pin.stored_len), 0 },
        { "pin-encoding = characters", offsetof(struct card_profile, pin.encoding), 0 },
        { "pin-encoding = half-nibble", offsetof(struct card_profile, pin.encoding), 2 },
        { "pin-encoding = block", offsetof(struct card_profile, pin.encoding), 3 },
        { "class = 00", offsetof(struct card_profile, cla), 0 },
        { "more-data = 61", offsetof(struct card_profile, more_data_sw1), 0x61 },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        /* Above the SIM's values and the standard's: what was there does not matter. */
        static const char *const likes[] = { "ETSI TS 151 011", "ISO/IEC 7816-4" };
        for (size_t like = 0; like < 2; like++)
        {
            char text[300];
            snprintf(text, sizeof(text), CARD "like = %s\n%s\n" END, likes[like], rows[i].line);
            struct card_profile_text read = read_good(text);
            assert_int_equal(((uint8_t *)read.rows)[rows[i].offset], rows[i].value);
            card_profile_text_free(&read);
        }
    }
}

static void defaults(void **state)
{
    struct card_profile_text read = read_good(CARD END);
    struct card_profile expected = card_profiles[0];

    (void)state;
    assert_int_equal(read.row_count, 1);
    assert_int_equal(read.rows[0].cla, expected.cla);
    assert_memory_equal(&read.rows[0].select, &expected.select, sizeof(expected.select));
    assert_memory_equal(&read.rows[0].pin, &expected.pin, sizeof(expected.pin));
    assert_true(read.rows[0].pin.is_untold);
    assert_memory_equal(read.rows[0].ranges, expected.ranges, sizeof(expected.ranges));
    card_profile_text_free(&read);

    read = read_good(CARD "pin-length = 1-255\n" END);
    assert_int_equal(read.rows[0].pin.len_max, 255);
    card_profile_text_free(&read);

    read = read_good(CARD "file = 2F01\nlike = ETSI TS 151 011\nclass = 80\n" END);
    assert_int_equal(read.rows[0].cla, 0x80);
    assert_true(read.rows[0].select.answer_is_sim);
    assert_int_equal(read.rows[0].known_file_count, 1);
    card_profile_text_free(&read);

    read = read_good("# nothing\n\n" END "# and a comment\n\n");
    assert_int_equal(read.row_count, 0);
    card_profile_text_free(&read);
}

static void applications(void **state)
{
    struct card_profile_text read = read_good(
        "[application]\naid = A0 00 00 03 97 *\nname = everywhere\npin-padding = 00\n"
        "pin-length = 4-8\n" CARD "pin-local = 40\n"
        "[application]\naid = A0..02\nname = first\npin-length = 6\n"
        "[application]\nname = second\naid = A003\npins-told-by-card = yes\npins-are-blocks = yes\n"
        "[card]\nname = other\natr = 3B01\n[application]\nname = third\naid = A004\n" END);

    (void)state;
    assert_int_equal(read.application_count, 4);
    assert_int_equal(read.common_count, 1);
    assert_string_equal(read.applications[0].name, "A000000397*");
    assert_string_equal(read.applications[0].label, "everywhere");
    assert_false(read.applications[0].pin.is_untold);
    assert_true(read.applications[0].pin.is_padded);
    assert_int_equal(read.applications[0].pin.len_max, 8);
    assert_int_equal(read.rows[0].application_count, 2);
    assert_ptr_equal(read.rows[0].applications, &read.applications[1]);
    assert_string_equal(read.applications[1].name, "A0..02");
    /* What an application does not say, the card it is below says. */
    assert_int_equal(read.applications[1].pin.local_p2, 0x40);
    assert_int_equal(read.applications[1].pin.len_min, 6);
    assert_false(read.applications[1].pin.is_untold);
    assert_true(read.applications[2].pin.is_untold);
    assert_true(read.applications[2].tells_pins);
    assert_true(read.applications[2].has_pin_blocks);
    assert_int_equal(read.rows[1].application_count, 1);
    assert_ptr_equal(read.rows[1].applications, &read.applications[3]);
    card_profile_text_free(&read);
}

static void messages(void **state)
{
    static const struct
    {
        const char *text;
        uint32_t line;
        const char *why;
    } rows[] = {
        { "", 0, "[end] is missing" },
        { CARD, 3, "[end] is missing" },
        { CARD END "class = 00\n", 5, "nothing but comments" },
        { CARD END "[card]\n", 5, "nothing but comments" },
        { "class = 00\n" END, 1, "before the first section" },
        { "[cards]\n" END, 1, "no section of this name" },
        { "[card\n" END, 1, "no section of this name" },
        { CARD "class\n" END, 4, "neither [section] nor key = value" },
        { CARD "class =\n" END, 4, "the value is missing" },
        { CARD "class = # 00\n" END, 4, "the value is missing" },
        { CARD "klass = 00\n" END, 4, "no such key" },
        { CARD "aid = A000\n" END, 4, "no such key" },
        { CARD "[application]\nclass = 00\n" END, 5, "no such key" },
        { CARD "[application]\nfile = 2F00\n" END, 5, "no such key" },
        { CARD "[application]\natr = 3B00\n" END, 5, "no such key" },
        { CARD "class = 00\nclass = 00\n" END, 5, "has a value already" },
        { CARD "name = m\n" END, 4, "has a value already" },
        { CARD "[application]\naid = A0\naid = A1\n" END, 6, "has a value already" },
        { CARD "like = ISO/IEC 7816-4\nlike = ISO/IEC 7816-4\n" END, 5, "has a value already" },
        { CARD "class = 00\nlike = ISO/IEC 7816-4\n" END, 5, "like stands before" },
        { CARD "like = nothing\n" END, 4, "no profile of this name" },
        { "#\n[card]\nname = n\n" END, 2, "the card has no atr" },
        { "#\n[card]\natr = 3B\n[card]\n" END, 2, "the card has no name" },
        { CARD "[application]\nname = n\n" END, 4, "the application has no aid" },
        { CARD "[application]\naid = A0\n" END, 4, "the application has no name" },
        { CARD "pin-padding = FF\n" END, 1, "pin-padding wants" },
        { CARD "pin-padding = FF\npin-length = 4-128\n" END, 1, "pin-padding wants" },
        { CARD "[application]\naid=A0\nname=n\npin-padding = FF\n" END, 4, "pin-padding wants" },
        { CARD "atr = 3B0\n" END, 4, "an ATR is" },
        { CARD "atr = 3B 0G\n" END, 4, "an ATR is" },
        { CARD "atr = 3B . 0\n" END, 4, "an ATR is" },
        { CARD "atr = 3B.0\n" END, 4, "an ATR is" },
        { CARD "atr = 3B0.\n" END, 4, "an ATR is" },
        { CARD "atr = 3B*00\n" END, 4, "an ATR is" },
        { CARD "atr = 3B0*\n" END, 4, "an ATR is" },
        { CARD "atr = 00112233445566778899AABBCCDDEEFF 00112233445566778899AABBCCDDEEFF 0011\n" END,
          4, "an ATR is" },
        { "[card]\nmask = FF\n" END, 2, "a mask stands below its atr" },
        { CARD "mask = FFFF\nmask = FFFF\n" END, 5, "a mask stands below its atr" },
        { CARD "mask = FF\n" END, 4, "a mask is as many" },
        { CARD "mask = FFFFFF\n" END, 4, "a mask is as many" },
        { CARD "mask = FF..\n" END, 4, "a mask is as many" },
        { CARD "mask = FF*\n" END, 4, "a mask is as many" },
        { CARD "file = 2F0\n" END, 4, "a file is a path" },
        { CARD "file = 2F0G\n" END, 4, "a file is a path" },
        { CARD "file = /2F00\n" END, 4, "a file is a path" },
        { CARD "file = 2F00/\n" END, 4, "a file is a path" },
        { CARD "file = 3F00\n" END, 4, "a file is a path" },
        { CARD "file = 7F10/3F00\n" END, 4, "a file is a path" },
        { CARD "file = 7F10/<A000>\n" END, 4, "a file is a path" },
        { CARD "file = <>/7F10\n" END, 4, "a file is a path" },
        { CARD "file = <A0000>/7F10\n" END, 4, "a file is a path" },
        { CARD "file = <00112233445566778899AABBCCDDEEFF00>\n" END, 4, "a file is a path" },
        { CARD "file = 0001/0002/0003/0004/0005/0006/0007/0008/0009\n" END, 4, "a file is a path" },
        { CARD "[application]\naid = A\n" END, 5, "an AID is" },
        { CARD "[application]\naid = 00112233445566778899AABBCCDDEEFF00\n" END, 5, "an AID is" },
        { CARD "[application]\npins-told-by-card = 1\n" END, 5, "yes or no is wanted" },
        { CARD "[application]\npins-are-blocks = YES\n" END, 5, "yes or no is wanted" },
        { CARD "class = 0\n" END, 4, "two hexadecimal digits" },
        { CARD "class = 000\n" END, 4, "two hexadecimal digits" },
        { CARD "class = FF\n" END, 4, "FF is never a class" },
        { CARD "more-data = 90\n" END, 4, "first byte of a status word" },
        { CARD "more-data = 00\n" END, 4, "first byte of a status word" },
        { CARD "more-data = none\n" END, 4, "two hexadecimal digits" },
        { CARD "wrong-length = 5F\n" END, 4, "first byte of a status word" },
        { CARD "select-answer = fmd\n" END, 4, "fcp, fci or none" },
        { CARD "select-answer-form = none\n" END, 4, "standard or sim" },
        { CARD "select-by-path = 1\n" END, 4, "yes or no is wanted" },
        { CARD "select-by-path-from-df = maybe\n" END, 4, "yes or no is wanted" },
        { CARD "longest-command = 0\n" END, 4, "from 1 to 65536" },
        { CARD "longest-command = 65537\n" END, 4, "from 1 to 65536" },
        { CARD "longest-answer = 4294967296\n" END, 4, "from 1 to 65536" },
        { CARD "longest-answer = -1\n" END, 4, "from 1 to 65536" },
        { CARD "look-for = 2F0\n" END, 4, "identifiers of four" },
        { CARD "look-for = 2F0F-2F00\n" END, 4, "identifiers of four" },
        { CARD "look-for = 0000\n" END, 4, "identifiers of four" },
        { CARD "look-for = 2F00-\n" END, 4, "identifiers of four" },
        { CARD "look-for = 1 - 2\n" END, 4, "identifiers of four" },
        { CARD "look-for = 0001 0002 0003 0004 0005 0006 0007 0008 0009 000A 000B 000C 000D\n" END,
          4, "more than 12 ranges" },
        { CARD "pin-global = 1\n" END, 4, "two hexadecimal digits" },
        { CARD "pin-length = 0-8\n" END, 4, "lengths from 1 to 255" },
        { CARD "pin-length = 8-4\n" END, 4, "lengths from 1 to 255" },
        { CARD "pin-length = 4-256\n" END, 4, "lengths from 1 to 255" },
        { CARD "pin-length = 4-\n" END, 4, "lengths from 1 to 255" },
        { CARD "pin-padding = F\n" END, 4, "two hexadecimal digits are wanted, or none" },
        { CARD "pin-stored-length = 128\n" END, 4, "from 1 to 127" },
        { CARD "pin-encoding = utf8\n" END, 4, "characters, bcd, half-nibble or block" },
        { CARD "name = \x01\n" END, 4, "not UTF-8 text" },
        { CARD "# \x1B[2J\n" END, 4, "not UTF-8 text" },
        { CARD "# \xC2\x9B\n" END, 4, "not UTF-8 text" },
        { CARD "# \xC0\xAF\n" END, 4, "not UTF-8 text" },
        { CARD "# \xE0\x80\xAF\n" END, 4, "not UTF-8 text" },
        { CARD "# \xED\xA0\x80\n" END, 4, "not UTF-8 text" },
        { CARD "# \xF4\x90\x80\x80\n" END, 4, "not UTF-8 text" },
        { CARD "# \xC3\n" END, 4, "not UTF-8 text" },
        { CARD "# \xFF\n" END, 4, "not UTF-8 text" },
        { CARD "#\r#\n" END, 4, "not UTF-8 text" },
        { CARD "#\xE2\x82", 4, "not UTF-8 text" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        expect_wrong(text_of(rows[i].text), rows[i].line, rows[i].why);
}

/* A text of one line repeated, between two others; to be freed. */
static char *many(const char *before, const char *line, size_t count, const char *after)
{
    size_t line_len = strlen(line), size = strlen(before) + count * line_len + strlen(after) + 1;
    char *text = malloc(size), *at = text;

    assert_non_null(text);
    at = stpcpy(at, before);
    for (size_t i = 0; i < count; i++)
        at = stpcpy(at, line);
    strcpy(at, after);
    return text;
}

static void too_much(void **state)
{
    static const struct
    {
        const char *before, *line, *after;
        size_t good, bad;
        const char *why;
    } rows[] = {
        { "[card]\nname=n\n", "atr=3B\n", END, 1024, 1025, "more than 1,024 ATRs" },
        { CARD, "file=2F00\n", END, 1024, 1025, "more than 1,024 files" },
        { "", "[application]\nname=n\naid=A0\n", END, 1024, 1025, "more than 1,024 applications" },
        { CARD "#", "x", "\n" END, 1023, 1024, "longer than 1,024 bytes" },
        { CARD "#", "x", "\n" END, 1023, 65536, "longer than 1,024 bytes" },
        { CARD "name2=", "\xC3\xA4", "\n" END, 0, 509, NULL },
        { CARD, "\n", END, 1048576 - 33, 1048576 - 32, "longer than 1,048,576 bytes" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct card_profile_text read;
        struct card_profile_trouble trouble;
        char *text;
        if (rows[i].good)
        {
            text = many(rows[i].before, rows[i].line, rows[i].good, rows[i].after);
            struct card_profile_text good = read_good(text);
            card_profile_text_free(&good);
            free(text);
        }
        text = many(rows[i].before, rows[i].line, rows[i].bad, rows[i].after);
        assert_int_equal(read_tightly(text_of(text), &read, &trouble), HR_INVALIDARG);
        if (rows[i].why && !strstr(trouble.why, rows[i].why)) fail_msg("%s", trouble.why);
        free(text);
    }
}

static void no_text_at_all(void **state)
{
    static const char utf16[] = "\xFF\xFE[\0c\0", utf16_be[] = "\xFE\xFF\0[\0c";
    static const char zero[] = CARD "# \0\n" END, zero_first[] = "\0" CARD END;
    static const char bare_utf16[] = "[\0e\0n\0d\0]\0";

    (void)state;
    expect_wrong(bytes_of(utf16, sizeof(utf16) - 1), 0, "UTF-16");
    expect_wrong(bytes_of(utf16_be, sizeof(utf16_be) - 1), 0, "UTF-16");
    expect_wrong(bytes_of(utf16, 2), 0, "UTF-16");
    expect_wrong(bytes_of(bare_utf16, sizeof(bare_utf16) - 1), 0, "zero byte");
    expect_wrong(bytes_of(zero, sizeof(zero) - 1), 0, "zero byte");
    expect_wrong(bytes_of(zero_first, sizeof(zero_first) - 1), 0, "zero byte");
    expect_wrong(bytes_of(NULL, 0), 0, "[end] is missing");
}

static void line_ends_and_marks(void **state)
{
    static const char marked[] = "\xEF\xBB\xBF" CARD END;
    static const char *const texts[] = {
        marked,
        "[card]\r\nname = n\r\natr = 3B00\r\n[end]\r\n",
        "\xEF\xBB\xBF[card]\r\nname = n\r\natr = 3B00\r\n[end]",
        "  [card]  \n\tname\t=\tn\t\natr=3B00\n\n[end]",
        "[card] # one\nname = n # two\natr = 3B00 # three\n[end] # four",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
    {
        struct card_profile_text read = read_good(texts[i]);
        assert_int_equal(read.row_count, 1);
        assert_string_equal(read.rows[0].name, "n");
        assert_string_equal(read.rows[0].atr, "3B00");
        card_profile_text_free(&read);
    }
    struct card_profile_text read =
        read_good("[card]\nname = \xC3\x84#1 \xE2\x82\xAC \xF0\x9F\x82\xA1\natr = *\n" END);
    assert_string_equal(read.rows[0].name, "\xC3\x84#1 \xE2\x82\xAC \xF0\x9F\x82\xA1");
    card_profile_text_free(&read);
}

/* ---- the page, cut off, and back again ---- */

/* What stands in a file; to be freed. */
static char *contents(const char *path)
{
    FILE *file = fopen(path, "rb");
    char *text = calloc(1, 65536);

    if (!file || !text) fail_msg("%s cannot be read", path);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    return text;
}

/* The example on the page that begins behind `*at`; NULL where there is none. To be freed. */
static char *next_example(const char **at)
{
    const char *fence = strstr(*at, "```ini "), *begin = fence ? strchr(fence, '\n') : NULL;
    const char *end = begin ? strstr(begin, "```") : NULL;

    if (!end) return NULL;
    *at = end + 3;
    return strndup(begin + 1, (size_t)(end - begin - 1));
}

static void examples_of_the_page(void **state)
{
    char *page = contents(SCM_PROFILE_PAGE), *example;
    const char *at = page;
    size_t count = 0;

    (void)state;
    for (; (example = next_example(&at)); count++, free(example))
    {
        struct card_profile_text read = read_good(example);
        assert_true(read.row_count > 0);
        if (count == 0)
        {
            assert_int_equal(read.row_count, 3);
            assert_string_equal(read.rows[0].name, "company card");
            assert_int_equal(read.rows[0].cla, 0x80);
            assert_int_equal(read.rows[0].application_count, 1);
            assert_int_equal(read.rows[0].known_file_count, 2);
        }
        card_profile_text_free(&read);
        /* Wherever it is cut off, there is a message, and no row. */
        size_t whole = (size_t)(strstr(example, "[end]") - example) + strlen("[end]");
        for (size_t len = 0; len < whole; len++)
        {
            struct card_profile_trouble trouble;
            assert_int_equal(read_tightly(bytes_of(example, len), &read, &trouble), HR_INVALIDARG);
            assert_non_null(trouble.why);
            assert_int_equal(read.row_count, 0);
        }
    }
    assert_int_equal(count, 2);
    free(page);
}

/* Texts have the same values, wherever they came from. */
static void assert_same(const struct card_profile *a, const struct card_profile *b)
{
    assert_string_equal(a->name, b->name);
    assert_int_equal(a->cla, b->cla);
    assert_int_equal(a->more_data_sw1, b->more_data_sw1);
    assert_int_equal(a->wrong_le_sw1, b->wrong_le_sw1);
    assert_memory_equal(&a->select, &b->select, sizeof(a->select));
    assert_memory_equal(&a->pin, &b->pin, sizeof(a->pin));
    assert_int_equal(a->plain_ends_channel, b->plain_ends_channel);
    assert_int_equal(a->command_data_max, b->command_data_max);
    assert_int_equal(a->answer_data_max, b->answer_data_max);
    assert_memory_equal(a->ranges, b->ranges, sizeof(a->ranges));
    assert_int_equal(a->known_file_count, b->known_file_count);
    for (size_t i = 0; i < a->known_file_count; i++)
        assert_memory_equal(&a->known_files[i], &b->known_files[i], sizeof(a->known_files[i]));
    assert_int_equal(a->application_count, b->application_count);
    for (size_t i = 0; i < a->application_count; i++)
    {
        const struct card_application *one = &a->applications[i], *other = &b->applications[i];
        assert_string_equal(one->name, other->name);
        assert_string_equal(one->label, other->label);
        assert_int_equal(one->tells_pins, other->tells_pins);
        assert_int_equal(one->has_pin_blocks, other->has_pin_blocks);
        assert_int_equal(one->pin.is_untold, other->pin.is_untold);
        if (!one->pin.is_untold) assert_memory_equal(&one->pin, &other->pin, sizeof(one->pin));
    }
}

/* Whatever a profile has can be said in a text: it is written and read again. */
static void expect_round_trip(const struct card_profile *profile)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);
    struct card_profile_text read;
    struct card_profile_trouble trouble;

    assert_true(card_profile_describe(profile, profile, hex("3B02"), &text));
    if (read_tightly(secret_bytes_span(&text), &read, &trouble) != HR_OK)
        fail_msg("line %u: %s\n%.*s", trouble.line, trouble.why, (int)text.len, (char *)text.data);
    assert_int_equal(read.row_count, 1);
    assert_same(&read.rows[0], profile);
    assert_string_equal(read.rows[0].atr, profile->atr ? profile->atr : "3B02");
    if (profile->atr_mask) assert_string_equal(read.rows[0].atr_mask, profile->atr_mask);
    card_profile_text_free(&read);
    secret_bytes_free(&text);
}

static void whatever_a_profile_has_can_be_said(void **state)
{
    char *page = contents(SCM_PROFILE_PAGE), *example;
    const char *at = page;

    (void)state;
    for (size_t i = 0; i < card_profiles_count; i++)
        expect_round_trip(&card_profiles[i]);
    while ((example = next_example(&at)))
    {
        struct card_profile_text read = read_good(example);
        for (size_t i = 0; i < read.row_count; i++)
            expect_round_trip(&read.rows[i]);
        card_profile_text_free(&read);
        free(example);
    }
    free(page);
    /* Each member differs from all the defaults in one of these. */
    struct card_profile odd = card_profiles[0];
    odd.select.lacks_path_from_df = true;
    odd.select.path_begins_at_mf = true;
    odd.select.asks_no_names = true;
    odd.plain_ends_channel = true;
    odd.pin = (struct card_pin_rules){ .global_p2 = 0x11,
                                       .local_p2 = 0x22,
                                       .len_min = 5,
                                       .len_max = 9,
                                       .is_min_for_new = true,
                                       .encoding = CARD_PIN_HALF_NIBBLE,
                                       .is_padded = true,
                                       .stored_len = 12,
                                       .padding = 0x20,
                                       .first_unblocks_as_0 = true };
    expect_round_trip(&odd);
    odd.pin.encoding = CARD_PIN_BLOCK;
    odd.pin.is_min_for_new = false;
    odd.select =
        (struct card_select_rules){ .answer = APDU_SELECT_NO_ANSWER, .answer_is_sim = true };
    memset(odd.ranges, 0, sizeof(odd.ranges));
    expect_round_trip(&odd);
}

static void descriptions_say_where_from(void **state)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);
    struct card_profile now = card_profiles[0];

    (void)state;
    now.select.by_path = false;
    now.command_data_max = 128;
    assert_true(card_profile_describe(&now, &card_profiles[0], hex("3B02"), &text));
    assert_true(secret_bytes_add(&text, bytes_of("", 1)));
    const char *words = (const char *)text.data;
    assert_non_null(strstr(words, "# profile: ISO/IEC 7816-4\n# because: no file and no row"));
    assert_non_null(strstr(words, "select-by-path              = no  # learnt from the card\n"));
    assert_non_null(strstr(words, "longest-command             = 128  # learnt from the card\n"));
    assert_non_null(strstr(words, "class                       = 00\n"));
    assert_non_null(strstr(words, "\n# pin-global                = 00  # unless the card tells\n"));
    secret_bytes_free(&text);

    assert_true(card_profile_describe(&card_profiles[1], &card_profiles[1], hex(""), &text));
    assert_true(secret_bytes_add(&text, bytes_of("", 1)));
    words = (const char *)text.data;
    assert_non_null(strstr(words, "# because: the card refused the class"));
    assert_non_null(strstr(words, "\natr = *\n"));
    assert_null(strstr(words, "learnt"));
    secret_bytes_free(&text);
}

/* ---- ATRs ---- */

static void masks(void **state)
{
    static const struct
    {
        const char *pattern, *mask, *atr;
        bool fits;
    } rows[] = {
        { "3B7F96", NULL, "3B7F96", true },
        { "3B7F96", "FFFFFF", "3B7F96", true },
        { "3B7F96", "FFFF00", "3B7F11", true },
        { "3B7F96", "FFFF00", "3B7E11", false },
        { "3B7F96", "FFF000", "3B7011", true },
        { "3B7F96", "FFF000", "3B6F96", false },
        { "3B7F96", "FFFF00", "3B7F", false },
        { "3B7F96", "FFFF00", "3B7F9600", false },
        { "3B7F96*", "FFFF00", "3B7F0000", true },
        { "3B..96", "FFFFFF", "3B0096", true },
        { "*", NULL, "3B", true },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(
            card_profile_atr_fits_masked(rows[i].pattern, rows[i].mask, hex(rows[i].atr)),
            rows[i].fits);
}

/* ---- files ---- */

struct folders
{
    char root[64];
    char path[3][96];
};

static void write_file(const char *folder, const char *name, const char *text, size_t len)
{
    char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file) fail_msg("%s cannot be written", path);
    if (len) assert_int_equal(fwrite(text, 1, len, file), len);
    fclose(file);
}

static void write_text(const char *folder, const char *name, const char *text)
{
    write_file(folder, name, text, strlen(text));
}

static int make_folders(void **state)
{
    struct folders *folders = calloc(1, sizeof(*folders));
    char list[400];

    strcpy(folders->root, "/tmp/card_profile_test.XXXXXX");
    if (!mkdtemp(folders->root)) return -1;
    for (unsigned i = 0; i < 3; i++)
    {
        snprintf(folders->path[i], sizeof(folders->path[i]), "%s/%u", folders->root, i);
        if (mkdir(folders->path[i], 0700)) return -1;
    }
    snprintf(list, sizeof(list), "%s:shared=%s::%s/missing:%s", folders->path[0], folders->path[1],
             folders->root, folders->path[2]);
    setenv("SCARDMANAGE_PROFILES", list, 1);
    card_profile_files_forget();
    *state = folders;
    return 0;
}

static int remove_folders(void **state)
{
    struct folders *folders = *state;
    char command[128];

    unsetenv("SCARDMANAGE_PROFILES");
    card_profile_files_forget();
    snprintf(command, sizeof(command), "rm -rf '%s'", folders->root);
    int failed = system(command);
    free(folders);
    hex_forget();
    return failed;
}

static const struct card_profile *found(const char *atr)
{
    return card_profile_find(hex(atr));
}

static void no_files(void **state)
{
    (void)state;
    assert_int_equal(card_profile_files()->count, 0);
    assert_ptr_equal(found("3B00"), &card_profiles[0]);
}

static void files_before_the_table(void **state)
{
    struct folders *folders = *state;

    write_text(folders->path[2], "a.profile",
               "[card]\nname = program\natr = 3B00\natr = 3B02\natr = 3B01\n" END);
    write_text(folders->path[1], "a.profile",
               "[card]\nname = machine\natr = 3B00\natr = 3B01\n" END);
    write_text(folders->path[0], "b.profile", "[card]\nname = user b\natr = 3B00\natr=3B04\n" END);
    write_text(folders->path[0], "a.PROFILE", "#\n[card]\nname = user a\natr = 3B00\n" END);
    write_text(folders->path[0], "other.txt", "[card]\nname = none\natr = *\n" END);
    write_text(folders->path[0], ".profile", "[card]\nname = none\natr = *\n" END);
    write_text(folders->path[0], "folder", "");
    assert_string_equal(found("3B00")->name, "user a");
    assert_int_equal(found("3B00")->line, 2);
    assert_non_null(strstr(found("3B00")->file, "/0/a.PROFILE"));
    assert_string_equal(found("3B01")->name, "machine");
    assert_string_equal(found("3B02")->name, "program");
    assert_string_equal(found("3B04")->name, "user b");
    assert_ptr_equal(found("3B03"), &card_profiles[0]);
    assert_int_equal(card_profile_files()->count, 4);
    /* A profile that was corrected is known by its row. */
    struct card_profile corrected = *found("3B01");
    corrected.select.by_path = false;
    assert_ptr_equal(card_profile_row_of(&corrected), found("3B01"));
    corrected = card_profiles[1];
    assert_ptr_equal(card_profile_row_of(&corrected), &card_profiles[1]);
    /* Read once. */
    write_text(folders->path[0], "0.profile", "[card]\nname = late\natr = *\n" END);
    assert_string_equal(found("3B00")->name, "user a");
    card_profile_files_forget();
    assert_string_equal(found("3B00")->name, "late");
}

static void wrong_files_change_nothing(void **state)
{
    struct folders *folders = *state;
    static char big[1024 * 1024 + 1];
    char path[128];
    struct secret_bytes text = secret_bytes_from(&system_memory);

    memset(big, '\n', sizeof(big));
    write_text(folders->path[0], "a.profile",
               "[card]\nname = good at first\natr = *\nclass = 1\n" END);
    write_file(folders->path[0], "b.profile", big, sizeof(big));
    write_file(folders->path[0], "c.profile", "", 0);
    snprintf(path, sizeof(path), "%s/d.profile", folders->path[0]);
    assert_int_equal(mkfifo(path, 0600), 0);
    snprintf(path, sizeof(path), "%s/e.profile", folders->path[0]);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(path, sizeof(path), "%s/f.profile", folders->path[0]);
    assert_int_equal(symlink("/nowhere/at/all", path), 0);
    write_text(folders->path[2], "a.profile", "[card]\nname = the good one\natr = *\n" END);

    assert_string_equal(found("3B00")->name, "the good one");
    assert_true(card_profile_files_describe(card_profile_files(), &text));
    assert_true(secret_bytes_add(&text, bytes_of("", 1)));
    static const char *const expected[] = {
        "a.profile, line 4: two hexadecimal digits are wanted\n",
        "b.profile: the file is longer than 1,048,576 bytes\n",
        "c.profile: [end] is missing",
        "d.profile: the file cannot be read\n",
        "e.profile: the file cannot be read\n",
        "f.profile: the file cannot be read\n",
        "2/a.profile: 1 ATRs, 0 applications\n",
    };
    const char *at = (const char *)text.data;
    if (!at) fail_msg("nothing is said");
    for (size_t i = 0; at && i < sizeof(expected) / sizeof(expected[0]); i++)
    {
        const char *line = strstr(at, expected[i]);
        if (!line) fail_msg("no \"%s\" in %s", expected[i], at);
        at = line;
    }
    assert_int_equal(strncmp((const char *)text.data, "wrong /", 7), 0);
    assert_non_null(strstr(at - 80, "\ngood /"));
    secret_bytes_free(&text);
}

static void too_many_files(void **state)
{
    struct folders *folders = *state;
    char name[32];

    for (unsigned i = 0; i < 257; i++)
    {
        snprintf(name, sizeof(name), "%03u.profile", i);
        write_text(folders->path[0], name, "[card]\nname = one of many\natr = 3B00\n" END);
    }
    write_text(folders->path[2], "a.profile", "[card]\nname = the good one\natr = *\n" END);
    assert_string_equal(found("3B00")->name, "the good one");
    assert_int_equal(card_profile_files()->count, 2);
    assert_non_null(strstr(card_profile_files()->sources[0].trouble.why, "more than 256"));
    card_profile_files_forget();
    snprintf(name, sizeof(name), "%s/256.profile", "");
    char path[160];
    snprintf(path, sizeof(path), "%s%s", folders->path[0], name);
    assert_int_equal(unlink(path), 0);
    assert_string_equal(found("3B00")->name, "one of many");
    assert_int_equal(card_profile_files()->count, 257);
}

/* In a folder where anybody may put files, only those of the system and of the user count. */
static void strangers_files(void **state)
{
    struct folders *folders = *state;
    char path[128];

    if (geteuid() != 0)
    {
        print_message("skipped: only root can give files away\n");
        skip();
    }
    for (unsigned i = 0; i < 2; i++)
    {
        write_text(folders->path[i], "a.profile",
                   i ? "[card]\nname = shared\natr = 3B01\n" END
                     : "[card]\nname = not shared\natr = 3B00\n" END);
        snprintf(path, sizeof(path), "%s/a.profile", folders->path[i]);
        assert_int_equal(chown(path, 12345, 12345), 0);
    }
    assert_string_equal(found("3B00")->name, "not shared");
    assert_ptr_equal(found("3B01"), &card_profiles[0]);
    assert_non_null(strstr(card_profile_files()->sources[1].trouble.why, "belongs neither"));
    card_profile_files_forget();
    assert_int_equal(chown(path, 0, 0), 0);
    assert_string_equal(found("3B01")->name, "shared");
}

static void applications_of_files(void **state)
{
    struct folders *folders = *state;

    write_text(folders->path[0], "a.profile",
               "[application]\nname = PIV here\naid = A000000308*\npin-length = 5\n"
               "[card]\nname = n\natr = 3B00\n"
               "[application]\nname = without rules\naid = A0000003080000*\n"
               "[application]\nname = PIV on this card\naid = A000000308*\npin-length = 7\n" END);
    const struct card_profile *own = found("3B00");
    struct bytes piv = hex("A000000308000010000100");
    assert_int_equal(card_application_find(own, piv)->pin.len_max, 7);
    assert_int_equal(card_application_find(&card_profiles[0], piv)->pin.len_max, 5);
    assert_null(card_application_find(own, hex("A000000309")));
    card_profile_files_forget();
    unsetenv("SCARDMANAGE_PROFILES");
    assert_int_equal(card_application_find(&card_profiles[0], piv)->pin.len_max, 8);
}

#define TEST(function)      cmocka_unit_test(function)
#define FILE_TEST(function) cmocka_unit_test_setup_teardown(function, make_folders, remove_folders)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(keys_of_a_card),
        TEST(other_values),
        TEST(defaults),
        TEST(applications),
        TEST(messages),
        TEST(too_much),
        TEST(no_text_at_all),
        TEST(line_ends_and_marks),
        TEST(examples_of_the_page),
        TEST(whatever_a_profile_has_can_be_said),
        TEST(descriptions_say_where_from),
        TEST(masks),
        FILE_TEST(no_files),
        FILE_TEST(files_before_the_table),
        FILE_TEST(wrong_files_change_nothing),
        FILE_TEST(too_many_files),
        FILE_TEST(strangers_files),
        FILE_TEST(applications_of_files),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    hex_forget();
    return failed;
}
