/* simcard_quirks_test - cards that do otherwise than the standard: each quirk beside a card without it.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"
#include "simcard/description.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define FILES                                                                                      \
    "mf\n pin 1\n value \"1234\"\n end\n"                                                          \
    " ef 6F01 transparent\n short-id 1\n data 00 01 02 03 04 05 06 07\n end\n"                     \
    " df DF01\n name A000000001\n"                                                                 \
    "  ef 4031 transparent\n data \"below\"\n end\n"                                               \
    "  ef 4032 transparent\n data \"beside\"\n end\n end\n"                                        \
    "end\n"

static void a_card_without_quirks(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 DF01", "9000", "P1 00" },
        { "00A4000C 02 3F00", "9000", "the MF by P1 00" },
        { "00A4020C 02 3F00", "6A82", "but not by P1 02" },
        { "00A4080C 04 DF014031", "9000", "a path without the MF" },
        { "00A4080C 06 3F00DF014031", "6A82", "but not with it" },
        { "00A40004 02 1234 00", "6A82", "no file of this identifier" },
        { "00200001", "63C3", "the tries left" },
        { "00840000 04", "........ 9000", "a challenge as long as asked" },
        { "00A4080C 04 DF014031", "9000", "" },
        { "00E40000", "9000", "the EF goes" },
        { "00A4080C 02 DF01", "9000", "the DF stays" },
    };
    simcard_script(FILES, vectors);
}

static void select_takes_some_p1_and_p2(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4020C 02 6F01", "9000", "an EF, without an answer" },
        { "00A40204 02 6F01 00", "6A86", "not with one" },
        { "00A40200 02 6F01 00", "6A86", "" },
        { "00A4000C 02 6F01", "6A86", "not by P1 00" },
        { "00A4080C 02 6F01", "6A86", "nor by a path" },
        { "00A4010C 02 DF01", "6A86", "nor the DF by its identifier" },
        { "00A4020C 02 6FFF", "6A82", "a file that is not there" },
        { "00B00000 02", "0001 9000", "what was selected still is" },
        { "00A4040C 05 A000000001", "9000", "a name" },
        { "00A4020C 02 4031", "9000", "an EF in it" },
    };
    simcard_script("quirk select-p1 02 04\nquirk select-p2 0C\n" FILES, vectors);
}

static void the_mf_by_one_p1(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 DF01", "9000", "P1 00 serves others" },
        { "00A4000C 02 3F00", "6A82", "but not the MF" },
        { "00A4000C", "6A82", "nor without data" },
        { "00A4000C 02 4031", "9000", "DF01 is still current" },
        { "00A4020C 02 3F00", "9000", "the MF by P1 02" },
        { "00A4020C 02 6F01", "9000", "and what lies in it" },
    };
    static const struct simcard_vector by_path[] = {
        { "00A4000C 02 3F00", "6A82", "" },
        { "00A4080C 02 3F00", "9000", "a path that is the MF alone" },
    };
    simcard_script("quirk select-mf 02\n" FILES, vectors);
    simcard_script("quirk select-mf 08\n" FILES, by_path);
}

static void the_mf_after_reset_alone(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "the MF is current after a reset" },
        { "00A4000C 02 3F00", "6A82", "but cannot be selected" },
        { "00A4000C", "6A82", "" },
        { "00A4020C 02 3F00", "6A82", "" },
        { "00A4080C 02 3F00", "6A82", "" },
        { "00A4080C 06 3F00DF014031", "6A82", "paths have no MF in front" },
        { "00A4080C 04 DF014031", "9000", "" },
        { "reset", "", "" },
        { "00A4020C 02 6F01", "9000", "the MF again" },
    };
    simcard_script("quirk select-mf never\n" FILES, vectors);
}

static void paths_begin_with_the_mf(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4080C 06 3F00DF014031", "9000", "" },
        { "00B00000 05", "62656C6F77 9000", "the file it means" },
        { "00A4080C 04 DF014031", "6A82", "without the MF" },
        { "00A4080C 03 3F00DF", "6A82", "half an identifier" },
        { "00A4080C 02 3F00", "9000", "the MF" },
        { "00A4090C 04 DF014031", "9000", "from the current DF as ever" },
    };
    simcard_script("quirk path-with-mf\n" FILES, vectors);
}

static void every_identifier_is_a_directory(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A40004 02 1234 00", "620A 820138 83021234 8A0105 9000", "a DF that is not there" },
        { "00A40004 02 5678 00", "620A 820138 83025678 8A0105 9000", "another in it" },
        { "00A40804 04 11112222 00", "620A 820138 83022222 8A0105 9000", "by a path" },
        { "00A4010C 02 9999", "9000", "as a DF" },
        { "00A4020C 02 9999", "6A82", "not as an EF" },
        { "00A4040C 05 A0000000FF", "6A82", "nor by a name" },
        { "00B00000 01", "6986", "which has no contents" },
        { "00A4000C 02 6F01", "9000", "what is there stays what it is" },
        { "00B00000 02", "0001 9000", "" },
    };
    simcard_script("quirk every-id-df\n" FILES, vectors);
}

static void delete_without_data_takes_the_directory(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4080C 04 DF014031", "9000", "an EF is current" },
        { "00E40000 02 4032", "9000", "an identifier says which" },
        { "00A4080C 04 DF014031", "9000", "the other is there still" },
        { "00E40000", "9000", "without one" },
        { "00A4080C 02 DF01", "6A82", "the directory is gone" },
        { "00E40000", "6985", "the MF does not go" },
    };
    static const struct simcard_vector no_identifier[] = {
        { "00A4080C 02 DF01", "9000", "" },
        { "00E40000 02 4031", "6700", "refused" },
        { "00E40200 02 4031", "6700", "" },
        { "00A4020C 02 4031", "9000", "it is still there" },
        { "00E40000", "9000", "what is current" },
        { "00A4020C 02 4031", "6A82", "is gone" },
        { "00A4080C 04 DF014032", "9000", "and nothing else" },
    };
    simcard_script("quirk delete-current-df\n" FILES, vectors);
    simcard_script("quirk delete-no-id\n" FILES, no_identifier);
}

static void a_query_is_answered_otherwise(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00200001", "6700", "" },
        { "00200001 00", "6700", "with an Le" },
        { "00200001 04 39393939", "63C2", "a wrong PIN is told as ever" },
        { "00200001 04 31323334", "9000", "the right one too" },
        { "00200001", "6700", "nothing is told afterwards" },
    };
    static const struct simcard_vector spending[] = {
        { "00200001", "6300", "" },
        { "00200001", "6300", "" },
        { "00200001 04 39393939", "63C0", "two tries are gone" },
        { "00200001", "6983", "no try is left to spend" },
        { "00200001 04 31323334", "6983", "" },
    };
    static const struct simcard_vector costing_nothing[] = {
        { "00200001", "6300", "" },
        { "00200001", "6300", "" },
        { "00200001", "6300", "" },
        { "00200001 04 39393939", "63C2", "all tries were there" },
    };
    simcard_script("quirk verify-query 6700\n" FILES, vectors);
    simcard_script("quirk verify-query 6300 spends\n" FILES, spending);
    simcard_script("quirk verify-query 6300\n" FILES, costing_nothing);
}

static void forms_of_reset_retry_counter(void **state)
{
    (void)state;
    static const char files[] = "mf\n  pin 1\n    value \"1234\"\n    unblock-pin \"88888888\"\n"
                                "    unblock-tries 3\n    unblock always\n  end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "002C0001 0C 3131313131313131 31323334", "6A86", "P1 00" },
        { "002C0101 08 3131313131313131", "6A86", "P1 01" },
        { "002C0201 04 31323334", "9000", "P1 02 is taken" },
        { "002C0301", "6A86", "P1 03" },
        { "002C0401", "6A86", "what the standard does not have, either" },
    };
    static const struct simcard_vector no_form[] = {
        { "002C0401", "6A86", "even where it is named" },
        { "002C0101 08 3838383838383838", "6A86", "" },
    };
    static const struct simcard_vector compared[] = {
        { "002C0101 08 3131313131313131", "63C2", "all tries were there" },
    };
    char text[256] = "quirk unblock-p1 02\n";
    strcat(text, files);
    struct card *card = simcard_make(text);
    simcard_run(card, vectors);
    card_free(card);
    strcpy(text, "quirk unblock-p1 04\n");
    strcat(text, files);
    card = simcard_make(text);
    simcard_run(card, no_form);
    card_free(card);
    card = simcard_make(files);
    simcard_run(card, compared);
    card_free(card);
}

static void answers_longer_than_asked(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00840000 04", "........ A5*4 9000", "a challenge of 8" },
        { "00B08100 04", "00010203 9000", "no other instruction" },
        { "00840100 04", "6A86", "what is refused stays refused" },
    };
    static const struct simcard_vector as_long_as_can_be[] = {
        { "00840000 04", "........ A5*65529 9000", "the longest message there is" },
    };
    simcard_script("quirk answer 84 longer 4\n" FILES, vectors);
    simcard_script("quirk answer 84 longer 65535\n" FILES, as_long_as_can_be);
}

static void more_waits_behind_an_answer(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00840000 04", "........ 6104", "as asked, and more" },
        { "00C00000 04", "A5*4 9000", "" },
        { "00C00000 04", "6985", "once" },
        { "00840000 04", "........ 6104", "" },
        { "00B08100 02", "0001 9000", "another command" },
        { "00C00000 04", "6985", "and it is gone" },
        { "00840000 04", "........ 6104", "" },
        { "00C00000 03", "A5*3 6101", "in pieces" },
        { "00C00000 01", "A5 9000", "" },
    };
    static const struct simcard_vector behind_a_rest[] = {
        { "00A40004 02 6F01 05", "6212 800200 6113", "behind what Le has left over" },
        { "00C00000 0F", "*8A0105 6104", "" },
        { "00C00000 04", "A5*4 9000", "" },
        { "00A40004 02 6FFF 00", "6A82", "" },
    };
    simcard_script("quirk answer 84 behind 4\n" FILES, vectors);
    simcard_script("quirk answer A4 behind 4\n" FILES, behind_a_rest);
}

static void a_byte_at_a_time(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B08100 00", "00 9000", "READ gives one byte" },
        { "00B00001 04", "01 9000", "and the next" },
        { "00B00008 01", "6B00", "to the file's end" },
        { "00840000 04", "........ 9000", "" },
    };
    simcard_script("quirk answer B0 at-most 1\n" FILES, vectors);
}

static void chains_of_answers(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 DF01", "A5 6101", "SELECT begins a chain" },
        { "00C00000 01", "A5 6101", "" },
        { "00C00000 01", "A5 6101", "" },
        { "00C00000 01", "6A82", "and finds nothing" },
        { "00C00000 01", "6985", "which ends it" },
        { "00A4000C 02 DF01", "A5 6101", "begun" },
        { "00B08100 01", "00 9000", "another command: the MF is still current" },
        { "00C00000 01", "6985", "the chain is over" },
        { "00A4000C 02 DF01", "A5 6101", "begun" },
        { "reset", "", "" },
        { "00C00000 01", "6985", "a reset ends it too" },
    };
    simcard_script("quirk answer A4 chain 3 6A82\n" FILES, vectors);

    struct card *card = simcard_make("quirk answer any endless\n" FILES);
    static const struct simcard_vector one[] = { { "00C00000 01", "A5 6101", "no end" } };
    static const struct simcard_vector others[] = {
        { "00B08100 01", "A5 6101", "every answer" },
        { "00840000 04", "A5 6101", "" },
        { "00B0", "6700", "half a header is none" },
    };
    for (int i = 0; i < 100000; i++)
        simcard_run(card, one);
    simcard_run(card, others);
    card_free(card);
}

/* Of several lines the first that fits counts. */
static void quirks_of_several_instructions(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00840000 04", "........ A5 9000", "" },
        { "00B08100 04", "0001 9000", "" },
    };
    simcard_script("quirk answer 84 longer 1\nquirk answer any at-most 2\n" FILES, vectors);
}

/* The third byte of the capabilities, before TCK. */
static uint8_t last_historical_byte(const struct card *card)
{
    struct bytes atr = card_atr(card);
    return atr.data[atr.len - 2];
}

static void what_is_announced_in_ef_atr_alone(void **state)
{
    (void)state;
    static const char files[] = "extended on\nmf\n ef 2F01 transparent\n short-id 29\n"
                                " generate card-info\n end\nend\n";
    static const struct simcard_vector vectors[] = {
        { "00B09D00 00", "4301D8 4703F721E0 7F6608 0202FFFF 0202FFFF 9000", "EF.ATR" },
    };
    char text[sizeof(files) + 40];
    struct card *plain = simcard_make(files);
    assert_int_equal(last_historical_byte(plain), 0xE0);
    simcard_run(plain, vectors);
    card_free(plain);
    strcpy(text, "quirk announce-in-ef-atr\n");
    strcat(text, files);
    struct card *card = simcard_make(text);
    assert_int_equal(last_historical_byte(card), 0x00);
    simcard_run(card, vectors);
    card_free(card);
}

#define RECORDS                                                                                    \
    "mf\n ef 6F02 linear-variable\n  record-length 8\n  record-count 5\n  size 20\n"               \
    "  record 01 01\n  record 02 02 02\n end\nend\n"

static void records_without_numbers(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F02", "9000", "" },
        { "00B20104 00", "6A86", "by number" },
        { "00DC0104 01 11", "6A86", "" },
        { "00D20104 01 11", "6A86", "" },
        { "00B20105 00", "6A86", "from a number on" },
        { "00B20000 00", "0101 9000", "the first" },
        { "00B20002 00", "020202 9000", "the next" },
        { "00B20002 00", "6A83", "no more" },
        { "00DC0003 01 11", "9000", "the one before" },
        { "00E20000 02 3333", "9000", "one more" },
        { "00B20003 00", "020202 9000", "before that" },
    };
    simcard_script("quirk records-in-turn\n" RECORDS, vectors);
}

static void words_for_a_missing_record(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F02", "9000", "" },
        { "00B20304 00", "6A88", "to read" },
        { "00DC0304 01 11", "6A88", "to write" },
        { "00B20204 00", "020202 9000", "one that is there" },
    };
    simcard_script("quirk record-missing 6A88\n" RECORDS, vectors);
}

static void short_reads_only(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00A4000C 02 6F01", "9000", "" },
        { "00B00000 05", "6700", "one too many" },
        { "00B00000 00", "6700", "as many as there are" },
        { "00B00000 04", "00010203 9000", "" },
        { "00B00004 04", "04050607 9000", "" },
    };
    simcard_script("quirk read-at-most 4\n" FILES, vectors);
}

static void what_select_tells_otherwise(void **state)
{
    (void)state;
    static const struct simcard_vector counting[] = {
        { "00A40004 02 6F02 00", "62 .. 80020014 8205042100 0805 83026F02 8800 8A0105 9000",
          "5 of 2" },
    };
    static const struct simcard_vector nested[] = {
        { "00A40000 02 6F01 00", "6F .. 62 .. 80020008 82020121 83026F01 880108 8A0105 9000", "" },
        { "00A40004 02 6F01 00", "62 .. 80020008 82020121 83026F01 880108 8A0105 9000",
          "an FCP alone" },
        { "00A40000 02 DF01 00",
          "6F .. 62 .. 820138 8302DF01 8405A000000001 8A0105 64 .. 8405A000000001 9000", "" },
    };
    simcard_script("quirk count-room\n" RECORDS, counting);
    simcard_script("quirk nested-fci\n" FILES, nested);
}

static void quirks_are_saved(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "quirk select-p1 02 04\n",
        "quirk select-p2 0C\n",
        "quirk unblock-p1 01 03\n",
        "quirk select-mf 02\n",
        "quirk select-mf never\n",
        "quirk path-with-mf\n",
        "quirk every-id-df\n",
        "quirk delete-current-df\n",
        "quirk delete-no-id\n",
        "quirk verify-query 6300 spends\n",
        "quirk verify-query 6A88\n",
        "quirk announce-in-ef-atr\n",
        "quirk nested-fci\n",
        "quirk count-room\n",
        "quirk records-in-turn\n",
        "quirk record-missing 6A88\n",
        "quirk read-at-most 128\n",
        "quirk answer 84 longer 58\n",
        "quirk answer any behind 4\n",
        "quirk answer B0 at-most 1\n",
        "quirk answer A4 chain 60000 6A82\n",
        "quirk answer any endless\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
    {
        char description[sizeof(FILES) + 80], *text = NULL;
        size_t len = 0;
        strcpy(description, lines[i]);
        strcat(description, FILES);
        struct card *card = simcard_make(description);
        FILE *stream = open_memstream(&text, &len);
        assert_non_null(stream);
        assert_true(description_write(card, stream));
        fclose(stream);
        if (!strstr(text, lines[i])) fail_msg("not saved: %s", lines[i]);
        card_free(card);
        card = simcard_make(text);
        card_free(card);
        free(text);
    }
}

static void what_is_no_quirk(void **state)
{
    (void)state;
    static const struct
    {
        const char *line;
        const char *message; /* some of it */
    } rows[] = {
        { "quirk", "a quirk is missing" },
        { "quirk purple", "no quirk \"purple\"" },
        { "quirk select-p1", "select-p1" },
        { "quirk select-p1 00 01 02 03 04 05 06 07 08", "more than 8" },
        { "quirk select-mf", "missing" },
        { "quirk select-mf always", "2 hexadecimal digits" },
        { "quirk path-with-mf off", "too many" },
        { "quirk verify-query", "missing" },
        { "quirk verify-query 63", "4 hexadecimal digits" },
        { "quirk verify-query 0000", "no status word" },
        { "quirk verify-query 6300 costs", "\"spends\" expected" },
        { "quirk nested-fci on", "too many" },
        { "quirk count-room on", "too many" },
        { "quirk records-in-turn on", "too many" },
        { "quirk record-missing", "missing" },
        { "quirk record-missing 0000", "no status word" },
        { "quirk read-at-most", "missing" },
        { "quirk read-at-most 0", "from 1 to" },
        { "quirk answer", "missing" },
        { "quirk answer 84", "missing" },
        { "quirk answer 84 shorter", "cannot be" },
        { "quirk answer 84 longer", "missing" },
        { "quirk answer 84 longer 0", "from 1 to" },
        { "quirk answer 84 behind 257", "from 1 to 256" },
        { "quirk answer A4 chain 5", "missing" },
        { "quirk answer any endless 5", "too many" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char text[200];
        struct description_error error;
        snprintf(text, sizeof(text), "%s\nmf\nend\n", rows[i].line);
        struct card *card = description_parse(bytes_of(text, strlen(text)), &error);
        if (card) fail_msg("taken: %s", rows[i].line);
        if (!strstr(error.message, rows[i].message))
            fail_msg("%s: said \"%s\"", rows[i].line, error.message);
        assert_int_equal(error.line, 1);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_card_without_quirks),
        cmocka_unit_test(select_takes_some_p1_and_p2),
        cmocka_unit_test(the_mf_by_one_p1),
        cmocka_unit_test(the_mf_after_reset_alone),
        cmocka_unit_test(paths_begin_with_the_mf),
        cmocka_unit_test(every_identifier_is_a_directory),
        cmocka_unit_test(delete_without_data_takes_the_directory),
        cmocka_unit_test(a_query_is_answered_otherwise),
        cmocka_unit_test(forms_of_reset_retry_counter),
        cmocka_unit_test(forms_of_reset_retry_counter),
        cmocka_unit_test(answers_longer_than_asked),
        cmocka_unit_test(more_waits_behind_an_answer),
        cmocka_unit_test(a_byte_at_a_time),
        cmocka_unit_test(chains_of_answers),
        cmocka_unit_test(quirks_of_several_instructions),
        cmocka_unit_test(what_is_announced_in_ef_atr_alone),
        cmocka_unit_test(records_without_numbers),
        cmocka_unit_test(words_for_a_missing_record),
        cmocka_unit_test(short_reads_only),
        cmocka_unit_test(what_select_tells_otherwise),
        cmocka_unit_test(quirks_are_saved),
        cmocka_unit_test(what_is_no_quirk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
