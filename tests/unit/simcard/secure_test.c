/* simcard_secure_test - the simulated card's side of secure messaging: the worked example of ICAO
 * Doc 9303 part 11, appendix D.4, and commands that are not in order.
 * Layer under test: simcard (core). SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"
#include "simcard/description.h"
#include "simcard/secure_channel.h"
#include "simcard/security.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define SELECT_DF      "00A4010C 02 7F30"
#define SELECT_EF_COM  "0CA4020C 15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00"
#define SELECTED       "99029000 8E08FA855A5D4C50A8ED 9000"
#define READ_FIRST     "0CB00000 0D 970104 8E08ED6705417E96BA55 00"
#define READ_FIRST_SUM "ED6705417E96BA55"

static int setup(void **state)
{
    *state = simcard_sample("secure.card");
    return 0;
}

static int teardown(void **state)
{
    card_free(*state);
    return 0;
}

static void answers_as_the_worked_example(void **state)
{
    static const struct simcard_vector vectors[] = {
        { SELECT_DF, "9000", "plain, to where the keys are" },
        { "00A4020C 02 011E", "9000", "selecting is free" },
        { "00B0000004", "6982", "reading is not" },
        { SELECT_EF_COM, SELECTED, "D.4, SELECT EF.COM" },
        { READ_FIRST, "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000", "D.4, 4 bytes" },
        { "0CB00004 0D 970112 8E082EA28A70F3C7B535 00",
          "871901FB9235F4E4037F2327DCC8964F1F9B8C30F42C8E2FFF224A 99029000 8E08C8B2787EAEA07D74 "
          "9000",
          "D.4, 18 bytes" },
        { "00B0000004", "6982", "plain it is still refused, and does no harm" },
        { "0CB00004 0D 970112 8E082EA28A70F3C7B535 00", "6988", "the same again" },
        { "reset", "", "" },
        { SELECT_DF, "9000", "" },
        { SELECT_EF_COM, SELECTED, "after a reset it begins again" },
    };
    simcard_run(*state, vectors);
}

/* The random numbers of the worked example: the challenge, then the card's half of the key. */
static bool fill_as_published(uint8_t *buffer, size_t len)
{
    return simcard_hex(len == 8 ? "4608F91988702212" : "0B4F80323EB3191CB04970CB4052790B", buffer,
                       len) == len;
}

static void agrees_as_the_worked_example(void **state)
{
#define MESSAGE "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F25F1448EEA8AD90A7"
    static const struct simcard_vector vectors[] = {
        { "00A4010C 02 7F33", "9000", "" },
        { SELECT_EF_COM, "6985", "no keys yet" },
        { "0082000028" MESSAGE "28", "6985", "no challenge" },
        { "0084000008", "4608F91988702212 9000", "D.3, challenge" },
        { "0082000028" MESSAGE "28",
          "46B9342A41396CD7386BF5803104D7CEDC122B9132139BAF2EEDC94EE178534F2F2D235D074D7449 9000",
          "D.3, mutual authentication" },
        { SELECT_EF_COM, SELECTED, "D.4 with the keys that follow" },
        { READ_FIRST, "8709019FF0EC34F9922651 99029000 8E08AD55CC17140B2DED 9000", "" },
        { "00B0000004", "6982", "plain, which ends it" },
        { "0CB00004 0D 970112 8E082EA28A70F3C7B535 00", "6985", "" },
        { "0084000008", "4608F91988702212 9000", "" },
        { "0082000028 73C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"
          "5F1448EEA8AD90A7 28",
          "6300", "another message" },
        { "0084000008", "4608F91988702212 9000", "" },
        { "0082000027 C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2"
          "5F1448EEA8AD90A7 28",
          "6700", "a short one" },
        { "0084000008", "4608F91988702212 9000", "" },
        { "0082000128" MESSAGE "28", "6A86", "P2" },
        { "00A4010C 02 7F30", "6A82", "" },
        { "00A4000C 02 3F00", "9000", "" },
        { "0084000008", "4608F91988702212 9000", "" },
        { "0082000028" MESSAGE "28", "6700", "no such keys here" },
    };
    card_set_random(*state, fill_as_published);
    simcard_run(*state, vectors);
}

/* Each on a fresh card: what is wrong, and that it ends the conversation. */
static void refuses_what_is_not_in_order(void **state)
{
    static const struct
    {
        const char *command, *answer, *reason;
    } rows[] = {
        { "0CB00000 0D 970104 8E08ED6705417E96BA54 00", "6988", "a wrong checksum" },
        { "0CB00001 0D 970104 8E08" READ_FIRST_SUM "00", "6988", "another header" },
        { "0CB00000 0D 970105 8E08" READ_FIRST_SUM "00", "6988", "another Le" },
        { "0CB00000 0A 8E08" READ_FIRST_SUM "00", "6988", "an object left out" },
        { "0CB00000 03 970104 00", "6987", "no checksum" },
        { "0CB0000000", "6987", "nothing at all" },
        { "0CB00000", "6987", "not even an Le" },
        { "0CB00000 0C 970104 8E07ED6705417E96BA 00", "6988", "a short checksum" },
        { "0CB00000 05 970104 8E00 00", "6988", "an empty checksum" },
        { "0CB00000 0D 8E08" READ_FIRST_SUM "970104 00", "6988", "objects in another order" },
        { "0CB00000 10 970104 970104 8E08" READ_FIRST_SUM "00", "6988", "an object twice" },
        { "0CB00000 10 970104 830101 8E08" READ_FIRST_SUM "00", "6988", "an unknown object" },
        { "0CB00000 0D 970104 8E09" READ_FIRST_SUM "00", "6988", "a length beyond the end" },
    };
    struct card *card = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        const struct simcard_vector vectors[] = {
            { "reset", "", "" },
            { SELECT_DF, "9000", rows[i].reason },
            { SELECT_EF_COM, SELECTED, rows[i].reason },
            { rows[i].command, rows[i].answer, rows[i].reason },
            { READ_FIRST, "6985", rows[i].reason },
        };
        simcard_run(card, vectors);
    }
}

static void has_its_limits(void **state)
{
    static const struct simcard_vector vectors[] = {
        { SELECT_EF_COM, "6882", "the MF has no keys" },
        { "04B0000004", "6882", "proprietary secure messaging" },
        { "08B0000004", "6882", "without the header" },
        { SELECT_DF, "9000", "" },
        { "08B0000004", "6882", "without the header" },
        { "1CA4020C 15 8709016375432908C044F6 8E08BF8B92D635FF24F8", "6884", "in a chain" },
        { "0CC0000000", "6882", "GET RESPONSE is no message of its own" },
        { "00A4010C 02 5F01", "9000", "one level down" },
        { SELECT_EF_COM, "99026A82 8E08................ 6A82", "the keys above; no such file" },
        { "0C12000000", "6987", "an unknown instruction has to be proven first" },
    };
    simcard_run(*state, vectors);
}

static void is_written_and_read_again(void **state)
{
    char *text = NULL;
    size_t len = 0;
    struct description_error error;
    FILE *stream = open_memstream(&text, &len);
    assert_true(description_write(*state, stream));
    fclose(stream);
    struct card *again = description_parse(bytes_of(text, len), &error);
    if (!again) fail_msg("line %zu: %s", error.line, error.message);
    static const struct simcard_vector vectors[] = {
        { SELECT_DF, "9000", "" },
        { SELECT_EF_COM, SELECTED, "" },
        { "00B0000004", "6982", "" },
    };
    simcard_run(again, vectors);
    card_free(again);
    free(text);
}

/* What SELECT tells about a file, and a file made with the same told to CREATE FILE. */
static void tells_the_condition(void **state)
{
    (void)state;
    static const char description[] =
        "mf\n"
        " secure-messaging 3des\n"
        "  encryption-key 979EC13B1CBFE9DCD01AB0FED307EAE5\n"
        "  mac-key F1CB1F1FB5ADF208806B89DC579DC1F8\n"
        "  counter 887022120C06C226\n"
        " end\n"
        " pin 1\n value \"1234\"\n end\n"
        " ef 6F01 transparent\n data 01\n access all secure\n end\n"
        " ef 6F02 transparent\n data 01\n access all secure and pin 1\n end\n"
        "end\n";
    static const struct simcard_vector vectors[] = {
        { "00A40204 02 6F01 00", "*8C08 7F 40404040404040 9000", "one byte says it" },
        { "00A40204 02 6F02 00", "*800140 AF0D B403950130 A406830101950108 9000",
          "the expanded format for the rest" },
        { "00E00000 17 6215 820101 83026F03 80020001 8C08 7F 40404040404040", "9000", "compact" },
        { "00A4020C 02 6F03", "9000", "" },
        { "00B0000000", "6982", "and it holds" },
        { "00E00000 17 6215 820101 83026F04 80020001 AB08 80017F B403950130", "9000", "expanded" },
        { "00A4020C 02 6F04", "9000", "" },
        { "00B0000000", "6982", "and it holds" },
        { "00E00000 17 6215 820101 83026F05 80020001 AB08 80017F B403950110", "6A80",
          "half of it is not enforced here" },
    };
    simcard_script(description, vectors);
}

static void refuses_descriptions(void **state)
{
    (void)state;
    static const struct
    {
        const char *lines, *message;
    } rows[] = {
        { "secure-messaging des\nend", "cannot be \"des\"" },
        { "secure-messaging 3des\nend", "no 3des key for secure messaging has 0 bytes" },
        { "secure-messaging 3des\nencryption-key 00*16\nmac-key 00*15\ncounter 00*8\nend",
          "not of the same length" },
        { "secure-messaging 3des\nencryption-key 00*24\nmac-key 00*24\ncounter 00*8\nend",
          "has 24 bytes" },
        { "secure-messaging aes\nencryption-key 00*16\nmac-key 00*16\ncounter 00*8\nend",
          "the counter has 16 bytes" },
        { "secure-messaging 3des\nkey 00\nend", "no keyword of secure-messaging" },
        { "secure-messaging 3des\nencryption-key 00*16\nmac-key 00*16\ncounter 00*8\nend\n"
          "secure-messaging 3des\nend",
          "here already" },
        { "secure-messaging aes\nencryption-key 00*16\nmac-key 00*16\nagreed on\nend",
          "agreed on with 3des" },
        { "secure-messaging 3des\nencryption-key 00*16\nmac-key 00*16\nagreed on\ncounter "
          "00*8\nend",
          "agreed on with 3des" },
        { "secure-messaging 3des\n", "ends inside secure-messaging" },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        char text[400];
        struct description_error error;
        snprintf(text, sizeof(text), "mf\n%s\nend\n", rows[i].lines);
        if (i + 1 == sizeof(rows) / sizeof(rows[0]))
            snprintf(text, sizeof(text), "mf\n%s", rows[i].lines);
        assert_null(description_parse(bytes_of(text, strlen(text)), &error));
        if (!strstr(error.message, rows[i].message))
            fail_msg("\"%s\" instead of \"%s\"", error.message, rows[i].message);
    }
}

/* Random wrapped commands, some with a checksum in order: never a step too far. */
static void survives_rubbish(void **state)
{
    struct card *card = *state;
    static const uint8_t tags[] = { 0x81, 0x85, 0x87, 0x97, 0x8E, 0x99, 0x00, 0x80, 0xFF };
    uint8_t command[280];

    srand(30);
    for (int round = 0; round < 4000; round++)
    {
        card_reset(card);
        size_t len = simcard_hex(SELECT_DF, command, sizeof(command));
        assert_int_equal(simcard_send(card, bytes_of(command, len), NULL, NULL), 0x9000);
        len = (size_t)rand() % 255 + 1;
        command[0] = 0x0C;
        command[1] = (uint8_t)(rand() % 2 ? 0xB0 : rand());
        command[2] = command[3] = 0;
        command[4] = (uint8_t)len;
        for (size_t i = 5; i < 5 + len; i++)
            command[i] = (uint8_t)(rand() % 2 ? rand() : tags[(size_t)rand() % sizeof(tags)]);
        uint16_t sw = simcard_send(card, bytes_of(command, 5 + len), NULL, NULL);
        bool is_refused = sw == SW_SM_OBJECTS_INCORRECT || sw == SW_SM_OBJECTS_MISSING ||
                          sw == SW_UNKNOWN_INS || sw == SW_SM_UNSUPPORTED;
        if (!is_refused) fail_msg("round %d: %04X", round, sw);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(answers_as_the_worked_example, setup, teardown),
        cmocka_unit_test_setup_teardown(agrees_as_the_worked_example, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_in_order, setup, teardown),
        cmocka_unit_test_setup_teardown(has_its_limits, setup, teardown),
        cmocka_unit_test_setup_teardown(is_written_and_read_again, setup, teardown),
        cmocka_unit_test(tells_the_condition),
        cmocka_unit_test(refuses_descriptions),
        cmocka_unit_test_setup_teardown(survives_rubbish, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
