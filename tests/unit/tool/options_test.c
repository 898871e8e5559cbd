/* tool_options_test - command lines of scmtool, good and bad. Layer under test: tool.
 * SPDX-License-Identifier: MIT */
#include "tool/options.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))
#define ARGUMENTS_MAX 8
#define FILES         (OPTION_READER | OPTION_PIN_FROM | OPTION_NUMBER | OPTION_LOCAL)

static const struct command commands[] = {
    { "readers", 0, 0, 0, "", "", NULL },
    { "ls", FILES | OPTION_RECURSIVE, 0, 1, "", "", NULL },
    { "put", FILES, 2, 2, "", "", NULL },
    { "verify", OPTION_NUMBER | OPTION_LOCAL | OPTION_CHECK | OPTION_CHANGE | OPTION_UNBLOCK, 0, 0,
      "", "", NULL },
};

static const struct command *read_texts(const char *const *texts, struct options *options,
                                        char *why, size_t why_size)
{
    size_t count = 0;

    while (texts[count])
        count++;
    return options_read(commands, COUNT(commands), texts, count, options, why, why_size);
}

static void recorded_lines(void **state)
{
    (void)state;
    static const struct
    {
        const char *texts[ARGUMENTS_MAX];
        const char *path, *left[ARGUMENTS_MAX];
        bool is_good;
    } rows[] = {
        { { "ls" }, NULL, { "ls" }, true },
        { { NULL }, NULL, { NULL }, true },
        { { "record", "f", "ls", "-r" }, "f", { "ls", "-r" }, true },
        { { "--reader", "R", "record", "f", "ls" }, "f", { "--reader", "R", "ls" }, true },
        { { "--reader", "record", "ls" }, NULL, { "--reader", "record", "ls" }, true },
        { { "--exclusive", "record", "f" }, "f", { "--exclusive" }, true },
        { { "cat", "record", "f" }, NULL, { "cat", "record", "f" }, true },
        { { "record", "-r", "ls" }, "-r", { "ls" }, true },
        { { "record", "f", "record", "g", "ls" }, "f", { "record", "g", "ls" }, true },
        { { "--reader" }, NULL, { "--reader" }, true },
        { { "record" }, NULL, { NULL }, false },
        { { "record", "" }, NULL, { NULL }, false },
    };
    for (size_t i = 0; i < COUNT(rows); i++)
    {
        const char *texts[ARGUMENTS_MAX], *path = "not set";
        char why[80] = "";
        size_t count = 0, left = 0;

        for (; rows[i].texts[count]; count++)
            texts[count] = rows[i].texts[count];
        assert_int_equal(options_take_record(texts, &count, &path, why, sizeof(why)),
                         rows[i].is_good);
        assert_int_equal(why[0] == 0, rows[i].is_good);
        if (!rows[i].is_good) continue;
        if (rows[i].path)
            assert_string_equal(path, rows[i].path);
        else
            assert_null(path);
        for (; left < count && rows[i].left[left]; left++)
            assert_string_equal(texts[left], rows[i].left[left]);
        assert_true(left == count && !rows[i].left[left]);
    }
}

static void good_lines(void **state)
{
    (void)state;
    static const struct
    {
        const char *texts[ARGUMENTS_MAX];
        const char *command;
        unsigned given;
        const char *reader, *pin_from;
        int number;
        const char *first, *second;
    } rows[] = {
        { { "readers" }, "readers", 0, NULL, NULL, 1, NULL, NULL },
        { { "ls" }, "ls", 0, NULL, NULL, 1, NULL, NULL },
        { { "ls", "-r", "7F10" }, "ls", OPTION_RECURSIVE, NULL, NULL, 1, "7F10", NULL },
        { { "--recursive", "ls" }, "ls", OPTION_RECURSIVE, NULL, NULL, 1, NULL, NULL },
        { { "--reader", "-odd", "ls", "x" }, "ls", OPTION_READER, "-odd", NULL, 1, "x", NULL },
        { { "put", "1", "-" }, "put", 0, NULL, NULL, 1, "1", "-" },
        { { "ls", "-2146434965" }, "ls", 0, NULL, NULL, 1, "-2146434965", NULL },
        { { "put", "--", "-r", "--" }, "put", 0, NULL, NULL, 1, "-r", "--" },
        { { "put", "--pin-from", "-", "1", "f" }, "put", OPTION_PIN_FROM, NULL, "-", 1, "1", "f" },
        { { "put", "1", "-", "--pin-from", "f" }, "put", OPTION_PIN_FROM, NULL, "f", 1, "1", "-" },
        { { "verify", "--number", "0x81" }, "verify", OPTION_NUMBER, NULL, NULL, 129, NULL, NULL },
        { { "verify", "--number", "255" }, "verify", OPTION_NUMBER, NULL, NULL, 255, NULL, NULL },
        { { "verify", "--number", "010" }, "verify", OPTION_NUMBER, NULL, NULL, 10, NULL, NULL },
        { { "verify", "--local" }, "verify", OPTION_LOCAL, NULL, NULL, 1, NULL, NULL },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
    {
        struct options options;
        char why[80];
        const struct command *command = read_texts(rows[i].texts, &options, why, sizeof(why));
        if (!command) print_error("row %zu: %s\n", i, why);
        assert_non_null(command);
        assert_string_equal(command->name, rows[i].command);
        assert_int_equal(options.given, rows[i].given);
        assert_int_equal(options.number, rows[i].number);
        assert_string_equal(options.reader ? options.reader : "",
                            rows[i].reader ? rows[i].reader : "");
        assert_string_equal(options.pin_from ? options.pin_from : "",
                            rows[i].pin_from ? rows[i].pin_from : "");
        assert_int_equal(options.argument_count, !!rows[i].first + !!rows[i].second);
        if (rows[i].first) assert_string_equal(options.arguments[0], rows[i].first);
        if (rows[i].second) assert_string_equal(options.arguments[1], rows[i].second);
    }
}

static void bad_lines(void **state)
{
    (void)state;
    static const struct
    {
        const char *texts[ARGUMENTS_MAX];
        const char *why; /* part of it */
    } rows[] = {
        { { NULL }, "no command" },
        { { "--reader", "x" }, "no command" },
        { { "lst" }, "no command \"lst\"" },
        { { "LS" }, "no command \"LS\"" },
        { { "" }, "no command \"\"" },
        { { "ls", "--fast" }, "no option \"--fast\"" },
        { { "ls", "-R" }, "no option \"-R\"" },
        { { "ls", "--reader" }, "--reader wants a value" },
        { { "ls", "--reader", "" }, "--reader wants a value" },
        { { "ls", "-r", "--recursive" }, "--recursive is there twice" },
        { { "readers", "--reader", "x" }, "--reader has no meaning here" },
        { { "put", "1", "f", "-r" }, "--recursive has no meaning here" },
        { { "verify", "1234" }, "\"1234\" is an argument too many" },
        { { "put", "1" }, "missing behind \"put\"" },
        { { "put", "1", "2", "3" }, "\"3\" is an argument too many" },
        { { "ls", "" }, "empty" },
        { { "verify", "--number", "256" }, "\"256\" is not the number" },
        { { "verify", "--number", "-1" }, "\"-1\" is not the number" },
        { { "verify", "--number", "1x" }, "\"1x\" is not the number" },
        { { "verify", "--number", " 1" }, "\" 1\" is not the number" },
        { { "verify", "--number", "0x" }, "\"0x\" is not the number" },
        { { "verify", "--number", "99999999999999999999" }, "is not the number" },
        { { "verify", "--check", "--change" }, "exclude each other" },
        { { "verify", "--unblock", "--change" }, "exclude each other" },
        { { "ls", "--local" }, "--pin-from" },
        { { "ls", "--number", "2" }, "--pin-from" },
        { { "put", "1", "-", "--pin-from", "-" }, "standard input" },
    };

    for (size_t i = 0; i < COUNT(rows); i++)
    {
        struct options options;
        char why[80] = "";
        assert_null(read_texts(rows[i].texts, &options, why, sizeof(why)));
        if (!strstr(why, rows[i].why)) print_error("row %zu: %s\n", i, why);
        assert_non_null(strstr(why, rows[i].why));
    }
}

/* What is said about a long text is cut off, and ends. */
static void long_texts_are_cut_off(void **state)
{
    (void)state;
    char text[4096], why[24];
    const char *texts[] = { text, NULL };
    struct options options;

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = 0;
    memset(why, '!', sizeof(why));
    assert_null(read_texts(texts, &options, why, sizeof(why)));
    assert_int_equal(strlen(why), sizeof(why) - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(recorded_lines),
        cmocka_unit_test(bad_lines),
        cmocka_unit_test(long_texts_are_cut_off),
    };
    return cmocka_run_group_tests_name("tool_options", tests, NULL, NULL);
}
