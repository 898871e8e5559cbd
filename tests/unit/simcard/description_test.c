/* simcard_description_test - card descriptions: read, refused with the right line, written back.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"
#include "simcard/description.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

static void bytes_in_every_form(void **state)
{
    (void)state;
    static const char description[] =
        "# a comment\n"
        "\n"
        "name \"with # and \\\"quotes\\\"\" # another\r\n"
        "mf\r\n"
        "\tef 6F01 transparent # structure\n"
        "    short-id 0x01\n"
        "    data 01 0203 aB \"C\" 44*3 \"\\x45\\n\\t\\\\\\\"\" pattern 4\n"
        "    data \"more\"\n"
        "    size 0x20\n"
        "  end\n"
        "end"; /* no newline at the end */
    static const struct simcard_vector vectors[] = {
        { "00B08100 20", "010203AB 43 444444 45 0A 09 5C 22 00010203 6D6F7265 00*11 9000", "" },
    };
    simcard_script(description, vectors);
    struct card *card = simcard_make(description);
    assert_string_equal(card_name(card), "with # and \"quotes\"");
    card_free(card);
}

static void patterns_tell_where_they_stand(void **state)
{
    (void)state;
    static const struct simcard_vector vectors[] = {
        { "00B08100 04", "00010203 9000", "" },
        { "00B00100 04", "05040706 9000", "the second block" },
        { "00B00200 04", "0A0B0809 9000", "the third" },
    };
    simcard_script("mf\nef 6F01 transparent\nshort-id 1\ndata pattern 1000\nend\nend\n", vectors);
}

/* EF.DIR and EF.ATR from the card itself, in both forms. */
static void generated_contents(void **state)
{
    (void)state;
    static const char description[] =
        "extended on\nmax-command 1000\nmax-answer 2000\nmf\n"
        " ef 2F00 transparent\n short-id 30\n generate directory\n end\n"
        " ef 2F01 transparent\n short-id 29\n generate card-info\n end\n"
        " ef 2F03 linear-variable\n short-id 28\n generate directory\n end\n"
        " df 7F10\n name A0000001\n label \"One\"\n"
        "  df 5F10\n name A0000002\n end\n end\n"
        " df 7F20\n end\n"
        "end\n";
    static const struct simcard_vector vectors[] = {
        { "00B09E00 00",
          "6111 4F04A0000001 50034F6E65 51043F007F10"
          "610E 4F04A0000002 51063F007F105F10 9000",
          "EF.DIR" },
        { "00B09D00 00", "4301F8 4703F721E0 7F6608 020203F1 020207D2 9000", "EF.ATR" },
        { "00B201E4 00", "6111 4F04A0000001 50034F6E65 51043F007F10 9000", "a record each" },
        { "00B202E4 00", "610E 4F04A0000002 51063F007F105F10 9000", "" },
        { "00B203E4 00", "6A83", "" },
    };
    simcard_script(description, vectors);
}

static void errors_name_their_line(void **state)
{
    (void)state;
    static const struct
    {
        const char *text;
        size_t line;
        const char *message; /* some of it */
    } cases[] = {
        { "", 0, "no mf" },
        { "# nothing\n", 1, "no mf" },
        { "mf\n", 1, "ends inside" },
        { "mf\nend\nend\n", 3, "nothing can follow" },
        { "mf\nend\nmf\nend\n", 3, "one mf" },
        { "mf now\nend\n", 1, "too many" },
        { "colour blue\n", 1, "no keyword of a card" },
        { "\n\nname \"x\n", 3, "not closed" },
        { "name \"\\q\"\n", 1, "a text knows only" },
        { "name \"\\x4\"\n", 1, "a text knows only" },
        { "name \"a\\x00b\"\n", 1, "zero bytes" },
        { "name\n", 1, "empty" },
        { "name 41*100\n", 1, "more than 64" },
        { "protocol T=2\n", 1, "cannot be" },
        { "protocol\n", 1, "missing" },
        { "extended perhaps\n", 1, "cannot be" },
        { "protocol T=0\nextended on\nmf\nend\n", 3, "T=0 has no extended" },
        { "envelope on\nmf\nend\n", 2, "for T=0" },
        { "class 40\nmf\nend\n", 2, "interindustry" },
        { "class FF\nmf\nend\n", 2, "FF" },
        { "class 1\n", 1, "2 hexadecimal digits" },
        { "memory 1\n", 1, "from 64 to" },
        { "memory 99999999999999999999\n", 1, "from 64 to" },
        { "memory -1\n", 1, "from 64 to" },
        { "atr 3B 80 01 80\n", 1, "TCK is wrong" },
        { "atr\n", 1, "missing" },
        { "atr 3B*34\n", 1, "more than 33" },
        { "protocol T=1\natr 3B 00\nmf\nend\n", 3, "does not offer T=1" },
        { "historical 41*16\n", 1, "more than 15" },
        { "mf\nef 6F01\nend\nend\n", 2, "missing" },
        { "mf\nef 6F01 round\nend\nend\n", 2, "cannot be" },
        { "mf\nef 6F1 transparent\nend\nend\n", 2, "4 hexadecimal digits" },
        { "mf\nef 3F00 transparent\nend\nend\n", 2, "reserved" },
        { "mf\nef FFFF transparent\nend\nend\n", 2, "reserved" },
        { "mf\ndf 6F01\nend\nef 6F01 transparent\nend\nend\n", 4, "already" },
        { "mf\nef 6F01 transparent\nshort-id 31\nend\nend\n", 3, "from 1 to 30" },
        { "mf\nef 6F01 transparent\nshort-id 1\nend\nef 6F02 transparent\nshort-id 1\nend\nend\n",
          6, "taken" },
        { "mf\nef 6F01 transparent\nsize 1\ndata 0102\nend\nend\n", 5, "2 bytes of data" },
        { "mf\nef 6F01 transparent\ndata 012\nend\nend\n", 3, "odd number" },
        { "mf\nef 6F01 transparent\ndata xy\nend\nend\n", 3, "not hexadecimal" },
        { "mf\nef 6F01 transparent\ndata 01*\nend\nend\n", 3, "XX*COUNT" },
        { "mf\nef 6F01 transparent\ndata 0*5\nend\nend\n", 3, "XX*COUNT" },
        { "mf\nef 6F01 transparent\ndata *5\nend\nend\n", 3, "XX*COUNT" },
        { "mf\nef 6F01 transparent\ndata 00*4000000000\nend\nend\n", 3, "more than" },
        { "mf\nef 6F01 transparent\ndata pattern\nend\nend\n", 3, "missing" },
        { "mf\nef 6F01 transparent\nrecord 01\nend\nend\n", 3, "no records" },
        { "mf\nef 6F01 cyclic\ndata 01\nend\nend\n", 3, "no data" },
        { "mf\nef 6F01 cyclic\nend\nend\n", 3, "record-length is missing" },
        { "mf\nef 6F01 cyclic\nrecord-length 5\nend\nend\n", 4, "record-count is missing" },
        { "mf\nef 6F01 cyclic\nrecord\nend\nend\n", 4, "record-length is missing" },
        { "mf\nef 6F01 cyclic\nrecord 01\nrecord 0102\nend\nend\n", 5, "a record of 2" },
        { "mf\nef 6F01 cyclic\nrecord 01\nrecord 02\nrecord-count 1\nend\nend\n", 6, "2 records" },
        { "mf\nef 6F01 linear-variable\nsize 1\nrecord 0102\nend\nend\n", 5, "2 bytes of records" },
        { "mf\nef 6F01 linear-variable\nrecord-length 1\nrecord 0102\nend\nend\n", 5,
          "a record of 2" },
        { "mf\nef 6F01 linear-fixed\nsize 4\nrecord 0102\nend\nend\n", 5, "follows from" },
        { "mf\nef 6F01 transparent\nerased 11\nend\nend\n", 3, "00 or FF" },
        { "mf\nef 6F01 cyclic\ngenerate directory\nend\nend\n", 5, "transparent or linear" },
        { "memory 100\nmf\nef 6F01 transparent\nsize 101\nend\nend\n", 5, "only 100 bytes" },
        { "memory 100\nmf\nef 6F01 transparent\nsize 90\nend\nend\n", 6, "more memory" },
        { "mf\naccess read always\nend\n", 2, "cannot be" },
        { "mf\naccess create-ef sometimes\nend\n", 2, "cannot be" },
        { "mf\naccess create-ef pin\nend\n", 2, "missing" },
        { "mf\naccess create-ef pin 0\nend\n", 2, "from 1 to 31" },
        { "mf\naccess create-ef pin 1 xor pin 2\nend\n", 2, "\"and\" or \"or\"" },
        { "mf\naccess create-ef always always\nend\n", 2, "too many" },
        { "mf\naccess create-ef pin 1 and\nend\n", 2, "missing" },
        { "mf\naccess all pin 1 and pin 1 and pin 1 and pin 1 and pin 1 and pin 1 and pin 1 and "
          "pin 1 "
          "and pin 1\nend\n",
          2, "more than 8 terms" },
        { "mf\npin 32\nend\nend\n", 2, "from 1 to 31" },
        { "mf\npin 1\nend\nend\n", 3, "needs a value" },
        { "mf\npin 1\nvalue \"123\"\nend\nend\n", 4, "not 4 to 8 bytes" },
        { "mf\npin 1\nvalue 41*33\nend\nend\n", 3, "more than 32" },
        { "mf\npin 1\nvalue \"12FF\"\ntries 16\nend\nend\n", 4, "from 1 to 15" },
        { "mf\npin 1\nvalue \"1234\"\nleft 4\nend\nend\n", 5, "more tries" },
        { "mf\npin 1\nvalue 31FF3334\npad FF\nend\nend\n", 5, "its padding" },
        { "mf\npin 1\nvalue \"1234\"\nlength 8 4\nend\nend\n", 4, "from 8 to 32" },
        { "mf\npin 1\nvalue \"1234\"\nend\npin 1\n", 5, "already" },
        { "mf\npin 1\ncolour red\nend\nend\n", 3, "no keyword of a pin" },
        { "mf\nkey 1\nvalue 00\nend\nend\n", 4, "no 3des key has 1 bytes" },
        { "mf\nkey 1\nalgorithm rot13\nend\nend\n", 3, "cannot be" },
        { "mf\nkey 1\nalgorithm aes\nend\nend\n", 4, "no aes key has 0" },
        { "mf\nobject 01\nend\nend\n", 2, "4 hexadecimal digits" },
        { "mf\nobject 0101\nend\nobject 0101\nend\nend\n", 4, "already" },
        { "mf\nobject 0101\nsize 5\nend\nend\n", 3, "no keyword of an object" },
        { "mf\nname 00*17\nend\n", 2, "more than 16" },
        { "mf\nname A0\ndf 7F10\nname A0\nend\nend\n", 4, "another DF" },
        { "mf\nlabel \"123456789012345678901234567890123\"\nend\n", 2, "more than 32" },
        { "mf\nlife-cycle undead\nend\n", 2, "cannot be" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        struct description_error error;
        struct card *card =
            description_parse(bytes_of(cases[i].text, strlen(cases[i].text)), &error);
        if (card) fail_msg("taken for right: %s", cases[i].text);
        if (error.line != cases[i].line || !strstr(error.message, cases[i].message))
            fail_msg("line %zu, \"%s\" for: %s", error.line, error.message, cases[i].text);
    }
}

static void nesting_has_a_limit(void **state)
{
    (void)state;
    char text[1000] = "mf\n";
    for (int i = 0; i < 40; i++)
        strcat(text, "df 7F10\n");
    struct description_error error;
    assert_null(description_parse(bytes_of(text, strlen(text)), &error));
    assert_int_equal(error.line, 22);
    assert_non_null(strstr(error.message, "too deep"));
}

static char *written(struct card *card, size_t *len)
{
    char *text = NULL;
    FILE *stream = open_memstream(&text, len);
    assert_non_null(stream);
    assert_true(description_write(card, stream));
    fclose(stream);
    return text;
}

/* What is written is read as the same card: it is written the same again. */
static void what_is_written_can_be_read(void **state)
{
    (void)state;
    static const char *const samples[] = { "demo.card",         "t0.card",          "gsm.card",
                                           "piv.card",          "pkcs15.card",      "odd.card",
                                           "secure.card",       "belgian_eid.card", "fineid.card",
                                           "estonian_eid.card", "myeid.card" };
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++)
    {
        struct card *first = simcard_sample(samples[i]);
        size_t first_len, second_len;
        char *first_text = written(first, &first_len);
        struct description_error error;
        struct card *second = description_parse(bytes_of(first_text, first_len), &error);
        if (!second) fail_msg("line %zu: %s", error.line, error.message);
        char *second_text = written(second, &second_len);
        assert_int_equal(first_len, second_len);
        assert_memory_equal(first_text, second_text, first_len);
        assert_true(bytes_equal(card_atr(first), card_atr(second)));
        free(first_text);
        free(second_text);
        card_free(first);
        card_free(second);
    }
}

static void saved_cards_remember(void **state)
{
    (void)state;
    struct card *card = simcard_sample("demo.card");
    static const struct simcard_vector changes[] = {
        { "00200001 04 39393939", "63C2", "a wrong PIN" },
        { "00A4080C 04 7F106F01", "9000", "" },
        { "00D60000 04 AABBCCDD", "9000", "new data" },
        { "00A4080C 04 7F106F07", "9000", "" },
        { "00E20000 08 656E747279203034", "9000", "a new record" },
        { "00A4080C 02 7F20", "9000", "" },
        { "00E00000 0D 620B 80020003 820101 83026F77", "9000", "a new file" },
    };
    static const struct simcard_vector seen[] = {
        { "00200001", "63C2", "tries" },
        { "00A4080C 04 7F106F01", "9000", "" },
        { "00B00000 04", "AABBCCDD 9000", "data" },
        { "00A4080C 04 7F106F07", "9000", "" },
        { "00B20104 00", "656E747279203034 9000", "record" },
        { "00A4080C 04 7F206F77", "9000", "file" },
        { "00B00000 00", "000000 9000", "" },
    };
    simcard_run(card, changes);
    size_t len;
    char *text = written(card, &len);
    struct description_error error;
    struct card *again = description_parse(bytes_of(text, len), &error);
    assert_non_null(again);
    simcard_run(again, seen);
    free(text);
    card_free(card);
    card_free(again);
}

/* Descriptions keep the words they were written with. */
static void older_words_mean_the_same(void **state)
{
    (void)state;
    static const char older[] = "protocol T=0\nmanners gsm\nmf\npin 1\nvalue \"1234\"\npad FF\n"
                                "unblock-code \"12345678\"\nend\nend\n";
    static const char now[] = "protocol T=0\nprofile gsm\nmf\npin 1\nvalue \"1234\"\npad FF\n"
                              "unblock-pin \"12345678\"\nend\nend\n";
    struct card *first = simcard_make(older), *second = simcard_make(now);
    size_t first_len, second_len;
    char *first_text = written(first, &first_len), *second_text = written(second, &second_len);
    assert_string_equal(first_text, second_text);
    assert_non_null(strstr(first_text, "profile gsm"));
    assert_non_null(strstr(first_text, "unblock-pin 3132333435363738"));
    free(first_text);
    free(second_text);
    card_free(first);
    card_free(second);
}

static uint32_t next_random(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    return *x ^= *x << 5;
}

/* Damaged descriptions are refused or make a card; nothing else happens. */
static void damaged_descriptions_do_no_harm(void **state)
{
    (void)state;
    static const char pieces[][16] = {
        "\n",          " ",           "\"",
        "\\",          "#",           "end\n",
        "mf\n",        "df 7F11\n",   "ef 6F99 cyclic\n",
        "*",           "FFFF",        "99999",
        "pin 1",       "\0",          "size ",
        "record 01\n", "-",           "0x",
        "pattern ",    "access all ",
    };
    struct card *sample = simcard_sample("demo.card");
    size_t original_len;
    /* The written form spells out 40000 bytes; without that file it is short enough for many rounds. */
    static const struct simcard_vector smaller[] = {
        { "00A4080C 02 7F10", "9000", "" },
        { "00E40000 02 6F03", "9000", "" },
    };
    simcard_run(sample, smaller);
    char *original = written(sample, &original_len);
    card_free(sample);
    char *small = malloc(original_len + 64);
    assert_non_null(small);

    uint32_t random = 20240531;
    unsigned cards_made = 0;
    for (int round = 0; round < 4000; round++)
    {
        size_t len = original_len;
        memcpy(small, original, len);
        for (uint32_t i = 1 + next_random(&random) % 3; i > 0; i--)
        {
            size_t at = next_random(&random) % len;
            switch (next_random(&random) % 4)
            {
            case 0:
                small[at] = (char)next_random(&random);
                break;
            case 1:
                len = at + 1;
                break;
            case 2:
            {
                const char *piece =
                    pieces[next_random(&random) % (sizeof(pieces) / sizeof(pieces[0]))];
                size_t piece_len = *piece ? strlen(piece) : 1;
                if (at + piece_len < len) memcpy(small + at, piece, piece_len);
                break;
            }
            default:
            {
                size_t gone = next_random(&random) % 40;
                if (at + gone >= len) break;
                memmove(small + at, small + at + gone, len - at - gone);
                len -= gone;
            }
            }
        }
        char *exact = malloc(len);
        assert_non_null(exact);
        memcpy(exact, small, len);
        struct description_error error;
        struct card *card = description_parse(bytes_of(exact, len), &error);
        free(exact);
        if (card)
            cards_made++;
        else
            assert_true(error.message[0] != 0);
        card_free(card);
    }
    assert_true(cards_made > 0 && cards_made < 4000);
    free(original);
    free(small);
}

/* Lines put before a file's: errors still name the file's own lines. */
static void lines_before_a_file(void **state)
{
    (void)state;
    char path[500];
    struct description_error error;
    snprintf(path, sizeof(path), "%s/odd.card", SIMCARD_SAMPLES);
    struct card *card = description_read_with(path, "quirk verify-query 6300\n", &error);
    assert_non_null(card);
    card_free(card);
    assert_null(description_read_with(path, "challenge-length 4\nquirk purple\n", &error));
    assert_int_equal(error.line, 0);
    assert_non_null(strstr(error.message, "purple"));
    assert_null(description_read_with(path, "mf\nend\n", &error));
    assert_int_equal(error.line, 3);
}

static void missing_files_are_named(void **state)
{
    (void)state;
    struct description_error error;
    assert_null(description_read("/nonexistent/x.card", &error));
    assert_int_equal(error.line, 0);
    assert_string_equal(error.message, "No such file or directory");
    assert_null(description_read("/", &error));
    assert_true(error.message[0] != 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_in_every_form),
        cmocka_unit_test(patterns_tell_where_they_stand),
        cmocka_unit_test(generated_contents),
        cmocka_unit_test(errors_name_their_line),
        cmocka_unit_test(nesting_has_a_limit),
        cmocka_unit_test(what_is_written_can_be_read),
        cmocka_unit_test(saved_cards_remember),
        cmocka_unit_test(older_words_mean_the_same),
        cmocka_unit_test(damaged_descriptions_do_no_harm),
        cmocka_unit_test(lines_before_a_file),
        cmocka_unit_test(missing_files_are_named),
    };
    return cmocka_run_group_tests_name("simcard description", tests, NULL, NULL);
}
