/* simcard_replay_test - recordings as text, good and bad, and how they are played.
 * Layer under test: simcard (core, under sanitizers). SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "simcard/replay_card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "support/fail.h"
#include "support/hex.h"

#define HEAD        "scardmanage-recording 1\n"
#define CARD        "card 1 T=1 3B00\n"
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static int teardown(void **state)
{
    (void)state;
    hex_forget();
    return 0;
}

/* Parses a copy that is as tight as the text is long, so that the sanitizer sees each step beside it. */
static struct recording *parse(const char *text, size_t len, struct description_error *error)
{
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    struct recording *recording = recording_parse(bytes_of(copy, len), error);
    free(copy);
    return recording;
}

/* --- the text --- */

static void good_texts(void **state)
{
    static const struct
    {
        const char *text;
        size_t count;
        const char *atr;
        unsigned protocol;
        size_t others;
        const char *reason;
    } rows[] = {
        { HEAD CARD "> 00A4\n< 9000\n", 1, "3B00", 1, 0, "the least" },
        { HEAD "# why\n\n" CARD "> 00 a4 00 00 02 7f10 00\n# 3 ms\n< 6200 9000\nreset\n", 1, "3B00",
          1, 0, "comments, blanks, small letters" },
        { "scardmanage-recording 1\r\ncard 1 T=0 3B00\r\n> 00A4\r\n< 9000\r\n", 1, "3B00", 0, 0,
          "lines of Windows" },
        { "\xEF\xBB\xBF" HEAD CARD "> 00A4\n< 9000\n", 1, "3B00", 1, 0, "a mark of UTF-8" },
        { HEAD CARD "> 00A4\n< 9000\n> 00B0\n! 80100068 SCARD_W_RESET_CARD\n> 00B0\n< 6982\n", 2,
          "3B00", 1, 0, "a command without an answer" },
        { HEAD CARD "> 00A4\n< 9000\ncard 2 T=0 3B01\n> 00A4\n< 9000\ncard 1 T=1 3B00\n> 00B0\n"
                    "< 6982\n",
          2, "3B00", 1, 1, "two cards by turns" },
        { HEAD CARD "> 00A4\n< 9000\ncard 1 T=1 3B01\n> 00A4\n< 9000\n", 1, "3B00", 1, 1,
          "another card in the same reader" },
        { HEAD CARD "> 00A4\n< 9000\n" HEAD CARD "> 00B0\n< 9000\n", 2, "3B00", 1, 0,
          "two programs, one after the other" },
        { HEAD CARD "> 0020000104 *4\n< *2 9000\n", 1, "3B00", 1, 0, "left out" },
        { "# ATR: 3B00\n# PROTOCOL: T=1\n#\n00A40400\n# 42ms\n9000\n\n00CA0000\n6A88\n", 2, "3B00",
          1, 0, "apdu4j" },
        { "# ATR: 3B00\r\n# PROTOCOL: T=0\r\n# UID: 11\r\n00A40400\r\n9000", 1, "3B00", 0, 0,
          "apdu4j, the last line without an end" },
        { "# ATR: 3B00\n00A40400\n9000\n", 1, "3B00", 1, 0, "apdu4j without a protocol" },
        { "# ATR: 3B00\n# PROTOCOL: T=CL\n00A40400\n9000\n", 1, "3B00", 1, 0,
          "a contactless card" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
    {
        struct description_error error;
        struct recording *recording = parse(rows[i].text, strlen(rows[i].text), &error);
        if (!recording)
        {
            fail_at(__FILE__, __LINE__, "%s: line %zu: %s", rows[i].reason, error.line,
                    error.message);
            return;
        }
        assert_hex(bytes_of(recording->atr, recording->atr_len), rows[i].atr, rows[i].reason);
        if (recording->count != rows[i].count || recording->protocol != rows[i].protocol ||
            recording->other_count != rows[i].others)
            fail_at(__FILE__, __LINE__, "%s: %zu rows, protocol %u, %zu others", rows[i].reason,
                    recording->count, recording->protocol, recording->other_count);
        recording_free(recording);
    }
}

static void assert_refused(const char *text, size_t len, size_t line, const char *message)
{
    struct description_error error;
    struct recording *recording = parse(text, len, &error);
    if (recording || error.line != line || !strstr(error.message, message))
        fail_at(__FILE__, __LINE__, "\"%.60s\": line %zu: \"%s\", not \"%s\"", text, error.line,
                recording ? "taken" : error.message, message);
}

static void bad_texts(void **state)
{
    static const struct
    {
        const char *text;
        size_t line;
        const char *message;
    } rows[] = {
        { "", 0, "no command" },
        { HEAD CARD, 0, "no command" },
        { "# ATR: 3B00\n# nothing\n", 0, "no command" },
        { "scardmanage-recording 2\n", 1, "knows form 1" },
        { "scardmanage-recording x\n", 1, "number of the form" },
        { "scardmanage-recording", 1, "cut off" },
        { HEAD "> 00A4\n< 9000\n", 2, "\"card\" has to be first" },
        { HEAD "card\n> 00A4\n< 9000\n", 2, "\"card\" has to be first" },
        { HEAD "card x T=1 3B00\n", 2, "a number, the protocol" },
        { HEAD "card 99999999999999999999 T=1 3B00\n", 2, "a number, the protocol" },
        { HEAD "card 1 T=2 3B00\n", 2, "T=0, T=1" },
        { HEAD "card 1 T=1 3B\n", 2, "2 to 33" },
        { HEAD "card 1 T=1 3B0\n", 2, "odd number" },
        { HEAD "card 1 T=1 *9\n", 2, "2 to 33" },
        { HEAD CARD "> 00A4\n", 3, "cut off" },
        { HEAD CARD "> 00A4\n< 90", 4, "cut off" },
        { HEAD CARD "> 00A4\n> 00A4\n", 4, "no answer" },
        { HEAD CARD "> 00A4\nreset\n", 4, "no answer" },
        { HEAD CARD "< 9000\n", 3, "without a command" },
        { HEAD CARD "> \n< 9000\n", 3, "without bytes" },
        { HEAD CARD "> 00A4\n< 90\n", 4, "status word" },
        { HEAD CARD "> 00A4\n< *2\n", 4, "status word" },
        { HEAD CARD "> 00A4\n< 9000 *2\n", 4, "status word" },
        { HEAD CARD "> 00A4 *0\n", 3, "left out" },
        { HEAD CARD "> 00A4 *\n", 3, "left out" },
        { HEAD CARD "> 00A4 *x\n", 3, "left out" },
        { HEAD CARD "> 00A4 *4 *4\n", 3, "left out" },
        { HEAD CARD "> 00A4 *99999999\n", 3, "left out" },
        { HEAD CARD "> 00A4 00 *65544\n", 3, "more bytes than" },
        { HEAD CARD "> 00A4XX\n", 3, "not hexadecimal" },
        { HEAD CARD "> 00A\n", 3, "odd number" },
        { HEAD CARD "play\n", 3, "nobody knows" },
        { "00A40400\n9000\n", 1, "no ATR" },
        { "PK\x03\x04 zip\n", 1, "no ATR" },
        { "# ATR: 3B00\n00A40400\n", 2, "cut off" },
        { "# ATR: 3B00\n00A40400\n90\n", 3, "status word" },
        { "# ATR: 3B00\nhello\n", 2, "odd number" },
        { "\xFF\xFE#\x20", 1, "UTF-16" },
        { "\xFE\xFF", 1, "UTF-16" },
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_refused(rows[i].text, strlen(rows[i].text), rows[i].line, rows[i].message);
    static const char zeros[] = HEAD CARD "> 00A4\n< 9000\n\0\n";
    assert_refused(zeros, sizeof(zeros) - 1, 5, "zero");
    static const char utf16[] = "s\0c\0a\0r\0d\0";
    assert_refused(utf16, sizeof(utf16) - 1, 1, "UTF-16");
}

/* The longest there is, and what is longer. */
static void sizes(void **state)
{
    static char text[200000];
    char *huge = malloc(RECORDING_LEN_MAX + 2);
    size_t len;
    struct description_error error;
    (void)state;

    assert_non_null(huge);
    len = (size_t)sprintf(text, HEAD CARD "> 00B00000000000\n< ");
    memset(text + len, 'A', 131072);
    strcpy(text + len + 131072, " 9000\n");
    struct recording *recording = parse(text, strlen(text), &error);
    assert_non_null(recording);
    assert_int_equal(recording->rows[0].answer_len, 65538);
    recording_free(recording);
    memset(text + len, 'A', 131074);
    strcpy(text + len + 131074, " 9000\n");
    assert_refused(text, strlen(text), 4, "more bytes than");

    memset(huge, '\n', RECORDING_LEN_MAX + 1);
    memcpy(huge, HEAD, strlen(HEAD));
    assert_refused(huge, RECORDING_LEN_MAX + 1, 1, "longer than any");
    assert_refused(huge, RECORDING_LEN_MAX, 0, "no command");
    /* One line without end. */
    memset(huge, 'A', RECORDING_LEN_MAX);
    assert_refused(huge, RECORDING_LEN_MAX, 1, "no ATR");
    /* A small text that stands for gigabytes. */
    len = (size_t)sprintf(huge, HEAD CARD);
    for (int i = 0; i < 4096; i++)
        len += (size_t)sprintf(huge + len, "> 00B0\n< *65000 9000\n");
    recording = parse(huge, len, &error);
    assert_null(recording);
    assert_string_equal(error.message, "more bytes than any recording has");
    free(huge);
}

static void files(void **state)
{
    char path[] = "/tmp/scm_replay_test_XXXXXX";
    struct description_error error;
    int file = mkstemp(path);
    (void)state;

    assert_true(file >= 0);
    assert_int_equal(ftruncate(file, 100 << 20), 0);
    assert_null(replay_read_card(path, &error));
    assert_non_null(strstr(error.message, "longer than any recording"));
    assert_int_equal(ftruncate(file, 0), 0);
    assert_true(write(file, HEAD CARD "> 00A4\n< 9000\n", 54) > 0);
    struct card *card = replay_read_card(path, &error);
    assert_non_null(card);
    assert_hex(card_atr(card), "3B00", "its ATR");
    assert_string_equal(card_name(card), "a recording of 1 commands");
    assert_non_null(replay_of_card(card));
    card_free(card);
    close(file);
    unlink(path);
    assert_null(replay_read_card(path, &error));
    assert_int_equal(error.line, 0);
    assert_null(replay_read_card("/tmp", &error));
}

/* --- the play --- */

struct asked
{
    const char *command, *answer;
};

static struct replay *replay_from(const char *text)
{
    struct description_error error;
    struct recording *recording = parse(text, strlen(text), &error);
    if (!recording) fail_at(__FILE__, __LINE__, "line %zu: %s", error.line, error.message);
    struct replay *replay = replay_new(recording);
    assert_non_null(replay);
    return replay;
}

/* A command "reset" is one. */
static void ask(struct replay *replay, const struct asked *rows, size_t count)
{
    static uint8_t room[CARD_ANSWER_MAX];
    for (size_t i = 0; i < count; i++)
    {
        char why[200];
        struct byte_writer writer = byte_writer_of(room, sizeof(room));
        if (strcmp(rows[i].command, "reset") == 0)
        {
            replay_reset(replay);
            continue;
        }
        snprintf(why, sizeof(why), "row %zu, %s", i, rows[i].command);
        replay_command(replay, hex(rows[i].command), &writer);
        assert_hex(byte_writer_written(&writer), rows[i].answer, why);
        hex_forget();
    }
}

static const char tree[] = HEAD CARD "> 00A40000023F0000\n< 62038201 38 9000\n"
                                     "> 00A40000022F0200\n< 6203820101 9000\n"
                                     "> 00B0000000\n< AA01 9000\n"
                                     "> 00A40000027F1000\n< 6203820138 9000\n"
                                     "> 00A40000026F0100\n< 6203820101 9000\n"
                                     "> 00B0000000\n< AA02 9000\n"
                                     "> 00A40000026F0200\n< 6203820101 9000\n"
                                     "> 00B0000000\n< AA03 9000\n"
                                     "> 00A4030C\n< 9000\n"
                                     "> 00A40000026F0100\n< 6A82\n"
                                     "> 00A4080C047F105F01\n< 9000\n"
                                     "> 00A4020C026F01\n< 9000\n"
                                     "> 00B2010400\n< AA04 9000\n"
                                     "> 00B2020400\n< 6A83\n"
                                     "> 00A4040C02F053\n< 9000\n"
                                     "> 00B0810000\n< AA05 9000\n"
                                     "> 00B0000200\n< AA06 9000\n";

static void in_another_order(void **state)
{
    static const struct asked rows[] = {
        { "00A4040C02F053", "9000" },
        { "00B0810000", "AA05 9000" },
        { "00B0000200", "AA06 9000" },
        { "00A40000023F0000", "62038201 38 9000" },
        { "00A40000026F0100", "6A82" },
        { "00A4080C047F105F01", "9000" },
        { "00A4020C026F01", "9000" },
        { "00B2020400", "6A83" },
        { "00B2010400", "AA04 9000" },
        { "00A40000023F0000", "62038201 38 9000" },
        { "00A40000027F1000", "6203820138 9000" },
        { "00A40000026F0200", "6203820101 9000" },
        { "00B0000000", "AA03 9000" },
        { "00A40000026F0100", "6203820101 9000" },
        { "00B0000000", "AA02 9000" },
        { "00B0000000", "AA02 9000" },
        { "00A4030C", "9000" },
        { "00A40000022F0200", "6203820101 9000" },
        { "00B0000000", "AA01 9000" },
        { "reset", NULL },
        { "00A40000027F1000", "6203820138 9000" },
        { "00A40000026F0100", "6203820101 9000" },
        { "00B0000000", "AA02 9000" },
    };
    (void)state;
    struct replay *replay = replay_from(tree);
    ask(replay, rows, COUNT(rows));
    assert_int_equal(replay_misses(replay), 0);
    replay_free(replay);
}

static void what_is_not_there(void **state)
{
    static const struct asked rows[] = {
        { "00A40000026F9900", "6A82" }, /* and the place stays */
        { "00A40000022F0200", "6203820101 9000" },
        { "00B0000100", "6985" },   /* an offset nobody asked for */
        { "00B2010400", "6985" },   /* in another file than the recording's */
        { "80B0000000", "6985" },   /* another class */
        { "00D6000001AA", "6D00" }, /* an instruction it does not have */
        { "00C0000002", "6D00" },   /* nothing waits, and nothing ever did */
        { "0020", "6700" },
        { "", "6700" },
        { "00B0000000", "AA01 9000" },
    };
    (void)state;
    struct replay *replay = replay_from(tree);
    ask(replay, rows, COUNT(rows));
    assert_int_equal(replay_misses(replay), 8);
    replay_free(replay);
}

static void again_and_again(void **state)
{
    static const char text[] = HEAD CARD "> 0084000008\n< 0101010101010101 9000\n"
                                         "> 0084000008\n< 0202020202020202 9000\n"
                                         "> 00CA004F00\n< 6A88\n> 00A4020C026F01\n< 9000\n"
                                         "> 0084000008\n< 0303030303030303 9000\n";
    static const struct asked rows[] = {
        { "0084000008", "0101010101010101 9000" },
        { "0084000008", "0202020202020202 9000" },
        { "0084000008", "0202020202020202 9000" },
        { "00A4020C026F01", "9000" },
        { "00CA004F00", "6A88" }, /* asked elsewhere */
        { "0084000008", "0303030303030303 9000" },
        { "0084000008", "0303030303030303 9000" },
    };
    (void)state;
    struct replay *replay = replay_from(text);
    ask(replay, rows, COUNT(rows));
    replay_free(replay);
}

/* What a PIN opens: closed before it, whatever was asked first. */
static void pins(void **state)
{
    static const char text[] = HEAD CARD "> 00A4020C026F02\n< 9000\n> 00B0000000\n< 6982\n"
                                         "> 0020000104 *4\n< 63C2\n> 0020000108 *8\n< 9000\n"
                                         "> 00B0000000\n< *3 9000\n";
    static const struct asked rows[] = {
        { "00A4020C026F02", "9000" },
        { "002000010439393939", "63C2" }, /* any PIN; the lengths tell them apart */
        { "0020000108 31323334FFFFFFFF", "9000" },
        { "00B0000000", "000000 9000" },
        { "reset", NULL },
        { "00A4020C026F02", "9000" },
        { "00B0000000", "6982" },
        { "00A4020C026F02", "9000" },
        { "0020000106 313233343536", "9000" }, /* of a length that nobody recorded: the last */
        { "00B0000000", "000000 9000" },
        { "00200001", "6985" }, /* no PIN at all is another question */
    };
    (void)state;
    struct replay *replay = replay_from(text);
    ask(replay, rows, COUNT(rows));
    replay_free(replay);
}

/* T=0: what belongs to a SELECT, in parts. */
static void followers(void **state)
{
    static const char text[] = HEAD "card 1 T=0 3B00\n"
                                    "> 00A40000026F01\n< 6105\n> 00C0000005\n< 6203820101 9000\n"
                                    "> 00B0000000\n< 6C02\n> 00B0000002\n< 6104\n"
                                    "> 00C0000004\n< AA01 6102\n> 00C0000002\n< AA02 9000\n"
                                    "> 00A40000026F02\n< 6105\n> 00C0000005\n< 6203820102 9000\n"
                                    "> 00A40000026F01\n< 6105\n";
    static const struct asked rows[] = {
        { "00A40000026F02", "6105" },
        { "00C0000005", "6203820102 9000" },
        { "00A40000026F01", "6105" },
        { "00C0000005", "6203820101 9000" },
        { "00B0000002", "6104" },
        { "00C0000004", "AA01 6102" },
        { "00C0000002", "AA02 9000" },
        { "00B0000000", "6C02" },
        { "00A40000026F01", "6105" },        /* the last of the row, which nobody fetched */
        { "00C0000000", "6203820101 9000" }, /* another Le */
        { "00C0000004", "6985" },
        { "00A40000026F01", "6105" },
        { "00C0000004", "6985" }, /* an Le too small */
    };
    (void)state;
    struct replay *replay = replay_from(text);
    ask(replay, rows, COUNT(rows));
    replay_free(replay);
}

static void another_le(void **state)
{
    static const struct asked rows[] = {
        { "00A40000022F02", "6A82" },              /* its answer has no room */
        { "00A40000022F0205", "6203820101 9000" }, /* just enough */
        { "00B00000000000", "AA01 9000" },         /* extended */
        { "00B0000002", "AA01 9000" },
        { "00B0000001", "6985" },
        { "00B00000", "6985" },
    };
    (void)state;
    struct replay *replay = replay_from(tree);
    ask(replay, rows, COUNT(rows));
    replay_free(replay);
}

/* --- damage --- */

static uint32_t state_of_random;

static uint32_t below(uint32_t limit)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 17;
    state_of_random ^= state_of_random << 5;
    return state_of_random % limit;
}

/* Whatever a text says, it is taken or refused with a reason, and can be played then. */
static void try_text(const char *text, size_t len)
{
    static uint8_t room[CARD_ANSWER_MAX];
    struct description_error error;
    struct recording *recording = parse(text, len, &error);
    if (!recording)
    {
        assert_int_not_equal(error.message[0], 0);
        return;
    }
    struct replay *replay = replay_new(recording);
    assert_non_null(replay);
    for (size_t row = 0; row < recording->count; row++)
    {
        struct byte_writer writer = byte_writer_of(room, sizeof(room));
        if (recording->rows[row].is_first) replay_reset(replay);
        replay_command(replay, recorded_command(recording, &recording->rows[row]), &writer);
        assert_true(writer.len >= 2);
    }
    replay_free(replay);
}

static void cut_anywhere(void **state)
{
    static const char other[] = "# ATR: 3B00\n# PROTOCOL: T=1\n#\n00A40400\n# 42ms\n9000\n";
    (void)state;
    for (size_t len = 0; len <= strlen(tree); len++)
        try_text(tree, len);
    for (size_t len = 0; len <= strlen(other); len++)
        try_text(other, len);
    struct description_error error;
    /* Cut between exchanges it is a recording still; cut elsewhere it is refused. */
    assert_refused(tree, strlen(tree) - 1, 36, "cut off");
    struct recording *recording = parse(tree, strlen(tree) - 26, &error);
    assert_null(recording);
}

static void damaged_anyhow(void **state)
{
    static const char bytes[] = "\n\r >#<!*0123456789ABCDEFacdrst\0\xFF=";
    char text[2000];
    (void)state;
    for (uint32_t seed = 1; seed <= 20000; seed++)
    {
        size_t len = strlen(tree);
        state_of_random = seed * 2654435761u;
        memcpy(text, tree, len);
        for (uint32_t changes = 1 + below(4); changes; changes--)
        {
            size_t at = below((uint32_t)len);
            switch (below(3))
            {
            case 0:
                text[at] = bytes[below(sizeof(bytes) - 1)];
                break;
            case 1:
                memmove(text + at, text + at + 1, len - at - 1);
                len--;
                break;
            default:
                memmove(text + at + 1, text + at, len - at);
                len++;
                break;
            }
        }
        try_text(text, len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(good_texts, teardown),
        cmocka_unit_test_teardown(bad_texts, teardown),
        cmocka_unit_test_teardown(sizes, teardown),
        cmocka_unit_test_teardown(files, teardown),
        cmocka_unit_test_teardown(in_another_order, teardown),
        cmocka_unit_test_teardown(what_is_not_there, teardown),
        cmocka_unit_test_teardown(again_and_again, teardown),
        cmocka_unit_test_teardown(pins, teardown),
        cmocka_unit_test_teardown(followers, teardown),
        cmocka_unit_test_teardown(another_le, teardown),
        cmocka_unit_test_teardown(cut_anywhere, teardown),
        cmocka_unit_test_teardown(damaged_anyhow, teardown),
    };
    return cmocka_run_group_tests_name("simcard_replay", tests, NULL, NULL);
}
