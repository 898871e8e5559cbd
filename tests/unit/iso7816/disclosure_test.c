/*
 * disclosure_test - what of commands and answers is shown, before and after something was proved.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/disclosure.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#include "support/fail.h"
#include "support/hex.h"

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

struct row
{
    const char *command, *answer;
    size_t offset, command_hidden, answer_hidden;
    bool is_opened; /* afterwards */
    const char *reason;
};

static void check_rows(struct disclosure *state, const struct row *rows, size_t count,
                       bool is_fresh_each_time)
{
    for (size_t i = 0; i < count; i++)
    {
        if (is_fresh_each_time) *state = (struct disclosure){ 0 };
        struct disclosed parts = disclosure_of(state, hex(rows[i].command), hex(rows[i].answer));
        if (parts.command_hidden != rows[i].command_hidden ||
            (parts.command_hidden && parts.command_offset != rows[i].offset) ||
            parts.answer_hidden != rows[i].answer_hidden || state->is_opened != rows[i].is_opened)
            fail_at(__FILE__, __LINE__, "%s: %s: hides %zu at %zu, %zu, %d", rows[i].reason,
                    rows[i].command, parts.command_hidden, parts.command_offset,
                    parts.answer_hidden, state->is_opened);
        hex_forget();
    }
}

static void single_commands(void **unused)
{
    static const struct row rows[] = {
        { "00A40004 02 7F10 00", "62 00 9000", 0, 0, 0, false, "selection is shown" },
        { "00B00000 00", "AABB 9000", 0, 0, 0, false, "contents that anybody may read" },
        { "00B10000 04 54021000 00", "5301AA 9000", 0, 0, 0, false, "an offset in data" },
        { "00CB3FFF 03 5C017E 00", "AABB 9000", 0, 0, 0, false, "a tag in data" },
        { "00200001 04 31323334", "9000", 5, 4, 0, true, "a PIN" },
        { "00200001 04 31323334", "63C2", 5, 4, 0, false, "a wrong PIN" },
        { "00200001", "63C2", 0, 0, 0, false, "the tries left" },
        { "00200001", "9000", 0, 0, 0, true, "a PIN that somebody presented before" },
        { "0020000100", "9000", 0, 0, 0, true, "the same with T=0" },
        { "00210001 06 530431323334", "9000", 5, 6, 0, true, "the odd instruction" },
        { "10240001 04 31323334", "9000", 5, 4, 0, true, "the beginning of a chain" },
        { "0024000100000431323334", "9000", 7, 4, 0, true, "extended lengths" },
        { "002C0001 08 3132333435363738", "9000", 5, 8, 0, true, "a PUK" },
        { "00840000 08", "1122334455667788 9000", 0, 0, 8, false, "a challenge" },
        { "00820001 08 1122334455667788", "9000", 5, 8, 0, true, "a cryptogram" },
        { "00880001 02 AABB 00", "112233 9000", 5, 2, 3, true, "a cryptogram of the card's" },
        { "002A9E9A 02 AABB 00", "6102", 5, 2, 0, true, "a signature" },
        { "00C20000 05 0020000131", "9000", 5, 5, 0, true, "whatever is in an ENVELOPE" },
        { "0CB00000 0D 970104 8E08ED6705417E96BA55 00", "990290009000", 5, 13, 4, true,
          "secure messaging" },
        { "60B00000 01 AA 00", "11 9000", 5, 1, 1, true, "the same on a further channel" },
        { "40A40000 02 7F10", "9000", 0, 0, 0, false, "a further channel without it" },
        { "84820000 02 AABB", "9000", 5, 2, 0, true, "GlobalPlatform's class for it" },
        { "A0200001 08 3132333435363738", "9000", 5, 8, 0, true, "a SIM's PIN" },
        { "A0A40000 02 7F10", "9F16", 0, 0, 0, false, "a SIM's directory" },
        { "00D60000 02 AABB", "9000", 5, 2, 0, false, "what is written may be a key" },
        { "00DB3FFF 02 AABB", "9000", 5, 2, 0, false, "the same of data objects" },
        { "80120000 02 AABB 00", "112233 9000", 5, 2, 3, false, "nobody knows what this is" },
        { "00200001 07 3132", "6700", 4, 3, 0, false, "lengths that lie" },
        { "00200001 01 31323334", "6700", 4, 5, 0, false, "lengths that lie, the other way" },
        { "0020", "6700", 2, 0, 0, false, "no command at all" },
        { "", "6700", 0, 0, 0, false, "nothing" },
        { "00200001 04 31323334", "", 5, 4, 0, true, "no answer: it may have been accepted" },
        { "00840000 08", "11", 0, 0, 0, false, "half a status word" },
        { "00B00000 08", "", 0, 0, 0, false, "no answer to what opens nothing" },
    };
    struct disclosure state = { 0 };
    (void)unused;
    check_rows(&state, rows, sizeof(rows) / sizeof(rows[0]), true);
}

static void a_session(void **unused)
{
    static const struct row rows[] = {
        { "00C0000002", "1122 9000", 0, 0, 2, false, "the answer to nobody knows what" },
        { "00A40000 02 7F10", "6102", 0, 0, 0, false, "T=0: its answer waits" },
        { "00C0000002", "6200 9000", 0, 0, 0, false, "and is shown" },
        { "00B0000004", "11223344 9000", 0, 0, 0, false, "contents" },
        { "00200001 04 39393939", "63C2", 5, 4, 0, false, "a wrong PIN opens nothing" },
        { "00B0000004", "11223344 9000", 0, 0, 0, false, "contents" },
        { "00200001 04 31323334", "9000", 5, 4, 0, true, "the PIN" },
        { "00B0000004", "11223344 9000", 0, 0, 4, true, "contents for the holder" },
        { "00B0000004", "6104", 0, 0, 0, true, "the same in two steps" },
        { "00C0000004", "11223344 9000", 0, 0, 4, true, "the second of them" },
        { "00CA004F00", "11223344 9000", 0, 0, 4, true, "data objects" },
        { "00A40000 02 7F10 00", "6200 9000", 0, 0, 0, true, "selection is still shown" },
        { "00B10000 04 54021000 00", "5301AA 9000", 0, 0, 3, true, "and where was read" },
    };
    struct disclosure state = { 0 };
    (void)unused;
    check_rows(&state, rows, sizeof(rows) / sizeof(rows[0]), false);
}

static void opened_by_other_means(void **unused)
{
    static const struct row rows[] = {
        { "00B0000004", "11223344 9000", 0, 0, 4, true, "the reader's keys took the PIN" },
    };
    struct disclosure state = { 0 };
    (void)unused;
    disclosure_open(&state);
    check_rows(&state, rows, 1, false);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(single_commands, teardown),
        cmocka_unit_test_teardown(a_session, teardown),
        cmocka_unit_test_teardown(opened_by_other_means, teardown),
    };
    return cmocka_run_group_tests_name("disclosure", tests, NULL, NULL);
}
