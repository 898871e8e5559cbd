/*
 * card_exchange_test - how commands travel: scripted cards, good and hostile, behind the port.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/link/exchange.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#include "card/profile/profile_search.h"
#include "system/trace_file.h"
#include "iso7816/status_words.h"
#include "card/session/work.h"
#include "support/hex.h"
#include "support/script.h"

struct fixture
{
    struct faulty_port port;
    struct script script;
    struct card_link *link;
};

#define ATR_PLAIN    "3B00"
#define ATR_EXTENDED "3B8501 8073FE2140 E8"
#define ATR_CHAINING "3B8501 8073FE2180 28"
#define ATR_BOTH     "3B8501 8073FE21C0 68"

static void connect(struct fixture *fixture, const char *atr, enum pcsc_protocol protocol)
{
    struct pcsc_status status;

    faulty_port_init(&fixture->port);
    script_insert(&fixture->port, &fixture->script, atr, protocol);
    pcsc_card card = faulty_port_begin(&fixture->port, &status);
    fixture->link = card_link_create(&fixture->port.port, card, &status);
    assert_non_null(fixture->link);
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_link_destroy(fixture->link);
    hex_forget();
    return script_is_over(&fixture->script) ? 0 : -1;
}

static void expect(struct fixture *fixture, const struct apdu_command *command, scm_result result,
                   const char *data, uint16_t sw, const struct exchange *script, size_t count)
{
    struct card_answer answer;
    script_start(&fixture->script, script, count);
    assert_int_equal(card_exchange(fixture->link, command, &answer), result);
    assert_true(script_is_over(&fixture->script));
    assert_int_equal(answer.sw, sw);
    assert_hex(answer.data, data, "answer");
}
#define EXPECT(fixture, command, result, data, sw, ...)                                            \
    do                                                                                             \
    {                                                                                              \
        const struct apdu_command sent = command;                                                  \
        static const struct exchange rows[] = { __VA_ARGS__ };                                     \
        expect(fixture, &sent, result, data, sw, rows, sizeof(rows) / sizeof(rows[0]));            \
    } while (0)

static void plain_answers(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "01020304", 0x9000,
           { "00B0000004", "01020304 9000" });
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "", 0x6982, { "00B0000004", "6982" });
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "0102", 0x6282, { "00B0000004", "0102 6282" });
    /* More than asked for short length has to be cut to it. */
    EXPECT(fixture, apdu_read_binary(0, 4000), HR_OK, "AA", 0x9000, { "00B0000000", "AA 9000" });
}

static void answers_in_pieces(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "AA*256 BB*5", 0x9000,
           { "00B0000000", "6100" }, { "00C0000000", "AA*256 6105" },
           { "00C0000005", "BB*5 9000" });
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "0102 03", 0x6282,
           { "00B0000000", "0102 6101" }, { "00C0000001", "03 6282" });
    EXPECT(fixture, apdu_read_binary(0, 9), HR_OK, "0102", 0x9000, { "00B0000009", "6C02" },
           { "00B0000002", "0102 9000" });
    EXPECT(fixture, apdu_read_binary(0, 9), HR_OK, "", 0x6C03, { "00B0000009", "6C02" },
           { "00B0000002", "6C03" });
    EXPECT(fixture, apdu_get_response(256), HR_OK, "01", 0x9000, { "00C0000000", "6C01" },
           { "00C0000001", "01 9000" });
    EXPECT(fixture, apdu_on_current_file(APDU_INS_DELETE_FILE), HR_OK, "", 0x6C02,
           { "00E40000", "6C02" }); /* not sent twice: it asked for nothing */
}

/* What the card has beyond what was asked for is neither fetched nor told. */
static void never_more_than_was_asked(void **state)
{
    static const struct apdu_command challenge = { .ins = APDU_INS_GET_CHALLENGE, .ne = 4 };
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    EXPECT(fixture, challenge, HR_OK, "01020304", 0x9000, { "0084000004", "01020304 6104" });
    EXPECT(fixture, challenge, HR_OK, "01020304", 0x9000,
           { "0084000004", "01020304 05060708 9000" });
    EXPECT(fixture, challenge, HR_OK, "01020304", 0x9000, { "0084000004", "6108" },
           { "00C0000008", "01020304 05060708 9000" });
    EXPECT(fixture, challenge, HR_OK, "01020304", 0x9000, { "0084000004", "6C08" },
           { "0084000008", "01020304 05060708 9000" });
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "01020304", 0x9000,
           { "00B0000004", "0102 6102" }, { "00C0000002", "03040506 6104" });
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "01020304", 0x9000,
           { "00B0000004", "01020304 AA*62 9000" });
    /* Le of all zeros asks for everything. */
    EXPECT(fixture, apdu_read_record(1, 0, 256), HR_OK, "01020304 05060708", 0x9000,
           { "00B2010400", "01020304 6104" }, { "00C0000004", "05060708 9000" });
    EXPECT(fixture, apdu_get_data(0x5F20, 256), HR_OK, "01020304 05060708", 0x9000,
           { "00CA5F2000", "01020304 6104" }, { "00C0000004", "05060708 9000" });
}

static void never_more_than_was_asked_with_t0(void **state)
{
    static const struct apdu_command challenge = { .ins = APDU_INS_GET_CHALLENGE, .ne = 4 };
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T0);
    EXPECT(fixture, challenge, HR_OK, "01020304", 0x9000, { "0084000004", "6108" },
           { "00C0000008", "01020304 05060708 9000" });
    EXPECT(fixture, apdu_read_record(1, 0, 4), HR_OK, "01020304", 0x9000,
           { "00B2010404", "01020304 6104" });
}

static void t0_has_its_own_form(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_BOTH, PCSC_PROTOCOL_T0);
    EXPECT(fixture, apdu_select(APDU_SELECT_ID, APDU_SELECT_FCP, hex("3F00")), HR_OK, "6200",
           0x9000, { "00A40004023F00", "6102" }, { "00C0000002", "6200 9000" });
    EXPECT(fixture, apdu_select(APDU_SELECT_ID, APDU_SELECT_FCP, hex("3F00")), HR_OK, "", 0x6C05,
           { "00A40004023F00", "6C05" }); /* P3 was Lc: there is no Le to mend */
    EXPECT(fixture, apdu_on_current_file(APDU_INS_DELETE_FILE), HR_OK, "", 0x9000,
           { "00E4000000", "9000" });
    EXPECT(fixture, apdu_read_binary(0, 4000), HR_OK, "AA", 0x9000, { "00B0000000", "6C01" },
           { "00B0000001", "AA9000" });
    EXPECT(fixture, apdu_create_file(hex("AA*256")), HR_OK, "", 0x9000,
           { "10E00000FF AA*255", "9000" }, { "00E0000001 AA", "9000" });
}

static void long_commands_need_an_announcement(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    struct card_answer answer;
    struct apdu_command command = apdu_create_file(hex("AA*256"));
    assert_int_equal(card_exchange(fixture->link, &command, &answer), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(fixture->port.calls[FAULTY_TRANSMIT], 0);
}

static void chains(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_CHAINING, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_create_file(hex("AA*510")), HR_OK, "", 0x9000,
           { "10E00000FF AA*255", "9000" }, { "00E00000FF AA*255", "9000" });
    EXPECT(fixture, apdu_create_file(hex("AA*600")), HR_OK, "", 0x6884,
           { "10E00000FF AA*255", "6884" });
}

static void extended_length(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_BOTH, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "01", 0x9000, { "00B0000000", "01 9000" });
    EXPECT(fixture, apdu_read_binary(0, 257), HR_OK, "01", 0x9000, { "00B00000000101", "01 9000" });
    EXPECT(fixture, apdu_create_file(hex("AA*256")), HR_OK, "", 0x9000,
           { "00E00000000100 AA*256", "9000" });
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA*299 BB", 0x9000,
           { "00B0000000012C", "AA*299 6101" }, { "00C0000001", "BB 9000" });
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA*300", 0x9000,
           { "00B0000000012C", "AA*300 6101" });
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA*290", 0x9000, { "00B0000000012C", "6C22" },
           { "00B0000022", "AA*290 9000" });
}

static void a_refusal_of_extended_length_is_for_good(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_BOTH, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA", 0x9000, { "00B0000000012C", "6700" },
           { "00B0000000", "AA 9000" });
    assert_false(fixture->link->has_extended);
    assert_int_equal(card_link_answer_max(fixture->link), 256);
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA", 0x9000, { "00B0000000", "AA 9000" });
    fixture->link->has_extended = true;
    EXPECT(fixture, apdu_create_file(hex("AA*256")), HR_OK, "", 0x9000,
           { "00E00000000100 AA*256", "6700" }, { "10E00000FF AA*255", "9000" },
           { "00E0000001 AA", "9000" });
    assert_false(fixture->link->has_extended);
}

static void a_refusal_of_something_else_is_not(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_BOTH, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "", 0x6D00, { "00B0000000012C", "6D00" },
           { "00B0000000", "6D00" });
    assert_true(fixture->link->has_extended);
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "", 0x6982, { "00B0000000012C", "6982" });
    assert_true(fixture->link->has_extended);
}

static void a_reader_without_extended_length(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_EXTENDED, PCSC_PROTOCOL_T1);
    faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, SC_F_COMM_ERROR, 1);
    EXPECT(fixture, apdu_read_binary(0, 300), HR_OK, "AA", 0x9000, { "00B0000000", "AA 9000" });
    assert_false(fixture->link->has_extended);
    fixture->link->has_extended = true;
    /* Data that would have to be cut is the caller's business. */
    faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, SC_F_COMM_ERROR, 1);
    struct apdu_command command = apdu_change_binary(APDU_INS_UPDATE_BINARY, 0, hex("AA*256"));
    struct card_answer answer;
    assert_int_equal(card_exchange(fixture->link, &command, &answer), HR_OK);
    assert_int_equal(answer.sw, SW_WRONG_LENGTH);
    assert_int_equal(card_link_data_max(fixture->link), 255);
}

static void broken_answers(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    EXPECT(fixture, apdu_read_binary(0, 4), SC_E_COMM_DATA_LOST, "", 0, { "00B0000004", "" });
    EXPECT(fixture, apdu_read_binary(0, 4), SC_E_COMM_DATA_LOST, "", 0, { "00B0000004", "90" });
    EXPECT(fixture, apdu_read_binary(0, 4), SC_E_COMM_DATA_LOST, "", 0, { "00B0000004", "6101" },
           { "00C0000001", "6101" });
    EXPECT(fixture, apdu_read_binary(0, 4), SC_E_INSUFFICIENT_BUFFER, "", 0,
           { "00B0000004", "00*65539" });
    static const scm_result results[] = { SC_W_RESET_CARD, SC_W_REMOVED_CARD, SC_E_NO_SERVICE };
    for (size_t i = 0; i < 3; i++)
    {
        struct apdu_command command = apdu_read_binary(0, 4);
        struct card_answer answer;
        unsigned disturbances = fixture->link->disturbances;
        faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, results[i], 1);
        assert_int_equal(card_exchange(fixture->link, &command, &answer), results[i]);
        assert_int_equal(fixture->link->disturbances, disturbances + 1);
    }
}

static size_t announce_for_ever(void *context, const uint8_t *command, size_t command_len,
                                uint8_t *answer, size_t capacity)
{
    size_t len = *(size_t *)context;
    (void)command;
    (void)command_len;
    assert_true(len + 2 <= capacity);
    memset(answer, 0x5A, len);
    answer[len] = 0x61;
    answer[len + 1] = 0x00;
    return len + 2;
}

static void announcements_without_end(void **state)
{
    struct fixture *fixture = *state;
    static const size_t lens[] = { 1, 256, 65536 };
    for (size_t i = 0; i < 3; i++)
    {
        size_t len = lens[i];
        connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
        fixture->port.answer = announce_for_ever;
        fixture->port.answer_context = &len;
        struct apdu_command command = apdu_read_binary(0, 256);
        struct card_answer answer;
        assert_int_equal(card_exchange(fixture->link, &command, &answer), SC_E_COMM_DATA_LOST);
        assert_true(fixture->port.calls[FAULTY_TRANSMIT] <= 65537);
        assert_true(fixture->link->answer.capacity <= 2 * CARD_ANSWER_LEN_MAX);
        card_link_destroy(fixture->link);
        fixture->link = NULL;
    }
}

static void secrets_stay_out_of_the_trace(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/card-exchange-trace-XXXXXX", text[4096] = "";
    int file = mkstemp(path);
    assert_true(file >= 0);
    setenv("SCARDMANAGE_TRACE", path, 1);
    trace_file_close();
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T1);
    struct apdu_command verify = { .ins = 0x20, .p2 = 1, .data = hex("31323334") };
    EXPECT(fixture, verify, HR_OK, "", 0x63C2, { "0020000104 31323334", "63C2" });
    struct apdu_command authenticate = { .ins = 0x88, .data = hex("4B4B4B4B"), .ne = 256 };
    EXPECT(fixture, authenticate, HR_OK, "5353", 0x9000, { "0088000004 4B4B4B4B 00", "5353 9000" });
    EXPECT(fixture, apdu_read_binary(0, 4), HR_OK, "41424344", 0x9000,
           { "00B0000004", "41424344 9000" });
    unsetenv("SCARDMANAGE_TRACE");
    trace_file_close();
    assert_true(read(file, text, sizeof(text) - 1) > 0);
    close(file);
    unlink(path);
    assert_non_null(strstr(text, "-> 00200001 [5 secret bytes]"));
    assert_non_null(strstr(text, "63C2"));
    assert_non_null(strstr(text, "00B0000004"));
    assert_non_null(strstr(text, "41424344 9000"));
    assert_null(strstr(text, "31323334"));
    assert_null(strstr(text, "4B4B"));
    assert_null(strstr(text, "5353"));
}

/* What SIMs say otherwise: the right Le, success, and more data. */
static void a_sims_words(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T0);
    fixture->link->profile = *card_profile_of_other_class(0x00);
    assert_string_equal(fixture->link->profile.name, "ETSI TS 151 011");
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "0102", 0x9000, { "A0B0000000", "6702" },
           { "A0B0000002", "0102 9000" });
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "", 0x6700, { "A0B0000000", "6700" });
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "", 0x6702, { "A0B0000000", "6702" },
           { "A0B0000002", "6702" });
    EXPECT(fixture, apdu_read_binary(0, 1), HR_OK, "AA", 0x9000, { "A0B0000001", "AA 9105" });
    EXPECT(fixture, apdu_read_binary(0, 1), HR_OK, "AA", 0x9000, { "A0B0000001", "AA 9203" });
    EXPECT(fixture, apdu_read_binary(0, 1), HR_OK, "", 0x9240, { "A0B0000001", "9240" });
    EXPECT(fixture, apdu_select(APDU_SELECT_ID, APDU_SELECT_FCI, hex("3F00")), HR_OK, "0102",
           0x9000, { "A0A40000023F00", "9F02" }, { "A0C0000002", "0102 9000" });
}

/* On any other card these words are nobody's. */
static void a_sims_words_elsewhere(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T0);
    EXPECT(fixture, apdu_read_binary(0, 256), HR_OK, "", 0x6702, { "00B0000000", "6702" });
    EXPECT(fixture, apdu_read_binary(0, 1), HR_OK, "", 0x9105, { "00B0000001", "9105" });
    EXPECT(fixture, apdu_read_binary(0, 1), HR_OK, "", 0x9F02, { "00B0000001", "9F02" });
}

static void envelopes(void **state)
{
    struct fixture *fixture = *state;
    connect(fixture, ATR_PLAIN, PCSC_PROTOCOL_T0);
    /* 300 bytes: header, extended Lc, data; the card knows the end. */
    EXPECT(fixture, apdu_put_data(0x0101, hex("5A*300")), HR_OK, "", 0x9000,
           { "00C20000FF 00DA0101 00012C 5A*248", "9000" }, { "00C2000034 5A*52", "9000" });
    /* What it says in between ends it. */
    EXPECT(fixture, apdu_put_data(0x0101, hex("5A*300")), HR_OK, "", 0x6A84,
           { "00C20000FF 00DA0101 00012C 5A*248", "6A84" });
    /* The command's own answer, however it is called. */
    EXPECT(fixture, apdu_put_data(0x0101, hex("5A*300")), HR_OK, "", 0x6D00,
           { "00C20000FF 00DA0101 00012C 5A*248", "9000" }, { "00C2000034 5A*52", "6D00" });
    /* A card without ENVELOPE is not asked again. */
    EXPECT(fixture, apdu_put_data(0x0101, hex("5A*300")), SC_E_UNSUPPORTED_FEATURE, "", 0,
           { "00C20000FF 00DA0101 00012C 5A*248", "6D00" });
    script_start(&fixture->script, NULL, 0);
    struct card_answer answer;
    struct apdu_command command = apdu_put_data(0x0101, hex("5A*300"));
    assert_int_equal(card_exchange(fixture->link, &command, &answer), SC_E_UNSUPPORTED_FEATURE);
}

static void profiles_by_atr(void **state)
{
    static const struct
    {
        const char *pattern, *atr;
        bool fits;
    } rows[] = {
        { "3B02", "3B02", true },
        { "3B02", "3B03", false },
        { "3B02", "3B", false },
        { "3B02", "3B0214", false },
        { "3B02*", "3B0214", true },
        { "3B02*", "3B02", true },
        { "3B..14*", "3BFF14", true },
        { "3B..14*", "3BFF15", false },
        { "*", "", true },
        { "3BAF*", "3BAF", true },
        { "", "", true },
        { "", "3B", false },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(card_profile_atr_fits(rows[i].pattern, hex(rows[i].atr)), rows[i].fits);
    assert_string_equal(card_profile_find(hex("3B00"))->name, "ISO/IEC 7816-4");
    assert_string_equal(card_profile_find(hex(""))->name, "ISO/IEC 7816-4");
    const struct card_profile *other = card_profile_of_other_class(0x00);
    assert_non_null(other);
    assert_int_equal(other->cla, 0xA0);
    other = card_profile_of_other_class(0xA0);
    assert_non_null(other);
    assert_int_equal(other->cla, 0x80);
    assert_null(card_profile_of_other_class(0x80));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(plain_answers),
        TEST(never_more_than_was_asked),
        TEST(never_more_than_was_asked_with_t0),
        TEST(answers_in_pieces),
        TEST(t0_has_its_own_form),
        TEST(long_commands_need_an_announcement),
        TEST(chains),
        TEST(extended_length),
        TEST(a_refusal_of_extended_length_is_for_good),
        TEST(a_refusal_of_something_else_is_not),
        TEST(a_reader_without_extended_length),
        TEST(broken_answers),
        TEST(announcements_without_end),
        TEST(secrets_stay_out_of_the_trace),
        TEST(a_sims_words),
        TEST(a_sims_words_elsewhere),
        TEST(envelopes),
        TEST(profiles_by_atr),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
