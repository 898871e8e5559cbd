/*
 * card_recording_port_test - what is written of a card's work, and what is not, over a resource
 *                            manager that fails on demand.
 * Layer under test: card.
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "card/link/recording_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "support/hex.h"
#include "support/script.h"

#define ATR         "3B8C018031F073F721E05444454D4FDE"
#define CARD_LINE   "card 1 T=1 " ATR "\n"
#define WRITTEN_MAX 65536
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

struct fixture
{
    struct faulty_port faulty;
    struct script script;
    struct recording_port *recorder;
    const struct pcsc_port *port;
    char written[WRITTEN_MAX];
    size_t written_len;
    pcsc_context context;
    pcsc_card card;
};

static void take(void *context, const char *text, size_t len)
{
    struct fixture *fixture = context;
    assert_true(len > 0 && text[len - 1] == '\n');
    assert_true(len < WRITTEN_MAX - fixture->written_len);
    memcpy(fixture->written + fixture->written_len, text, len);
    fixture->written_len += len;
    fixture->written[fixture->written_len] = 0;
}

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.faulty);
    script_insert(&fixture.faulty, &fixture.script, ATR, PCSC_PROTOCOL_T1);
    fixture.faulty.lets_clients_send = true;
    struct recording_sink sink = { .write = take, .context = &fixture };
    fixture.recorder = recording_port_create(&fixture.faulty.port, sink);
    fixture.port = recording_port_table(fixture.recorder);
    *state = &fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    recording_port_destroy(fixture->recorder);
    hex_forget();
    return 0;
}

/* A connection in a transaction. */
static void connect_card(struct fixture *fixture)
{
    enum pcsc_protocol active;
    const struct pcsc_port *port = fixture->port;
    assert_int_equal(port->establish(port, &fixture->context), HR_OK);
    assert_int_equal(port->connect(port, fixture->context, FAULTY_READER, PCSC_SHARE_SHARED, 3,
                                   &fixture->card, &active),
                     HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
}

/* Sends one command, to which the card gives this answer; what the port said of it. */
static scm_result send_one(struct fixture *fixture, const char *command, const char *answer)
{
    const struct exchange row = { command, answer };
    static uint8_t room[65538];
    size_t got = 0;
    struct bytes sent = hex(command);

    script_start(&fixture->script, &row, 1);
    scm_result result =
        fixture->port->transmit(fixture->port, fixture->card, fixture->faulty.protocol, sent.data,
                                sent.len, room, sizeof(room), &got);
    if (!result_failed(result)) assert_hex(bytes_of(room, got), answer, "the answer as it was");
    return result;
}

/* What was written since it was asked last, without the head. */
static const char *news(struct fixture *fixture)
{
    char *text = fixture->written;
    if (fixture->written_len == 0) text[0] = 0;
    fixture->written_len = 0;
    if (strncmp(text, "scardmanage-recording 1\n", 24) != 0) return text;
    text += 24;
    while (*text == '#')
        text = strchr(text, '\n') + 1;
    return text;
}

static void a_session(void **state)
{
    struct fixture *fixture = *state;
    connect_card(fixture);
    assert_string_equal(fixture->written, ""); /* nothing was asked */
    assert_int_equal(send_one(fixture, "00A40004 02 7F10 00", "6202 8100 9000"), HR_OK);
    assert_memory_equal(fixture->written, "scardmanage-recording 1\n# ", 26);
    assert_string_equal(news(fixture), CARD_LINE "> 00A40004027F1000\n< 62028100 9000\n");
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< AABB 9000\n");
    send_one(fixture, "0020000104 31323334", "63C2");
    send_one(fixture, "0020000104 31323334", "9000");
    assert_string_equal(news(fixture), "> 0020000104 *4\n< 63C2\n> 0020000104 *4\n< 9000\n");
    send_one(fixture, "00B0000000", "AABB 9000");
    send_one(fixture, "0084000008", "1122334455667788 9000");
    send_one(fixture, "0088000002 AABB 00", "CCDD 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< *2 9000\n> 0084000008\n< *8 9000\n"
                                       "> 0088000002 *2 00\n< *2 9000\n");
}

/* The longest command and answer there are. */
static void long_exchange(void **state)
{
    struct fixture *fixture = *state;
    connect_card(fixture);
    assert_int_equal(send_one(fixture, "00D60000 00FFFF AA*65535", "9000"), HR_OK);
    assert_string_equal(news(fixture), CARD_LINE "> 00D6000000FFFF *65535\n< 9000\n");
    send_one(fixture, "00B00000 000000", "AB*16000 9000");
    const char *text = news(fixture);
    assert_int_equal(strlen(text), strlen("> 00B00000000000\n<  9000\n") + 32000);
    assert_string_equal(text + strlen(text) - 8, "AB 9000\n");
}

static void a_reset_closes(void **state)
{
    struct fixture *fixture = *state;
    const struct pcsc_port *port = fixture->port;
    enum pcsc_protocol active;

    connect_card(fixture);
    send_one(fixture, "0020000104 31323334", "9000");
    news(fixture);
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_LEAVE_CARD, &active),
        HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< *2 9000\n");
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_RESET_CARD, &active),
        HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "reset\n> 00B0000000\n< AABB 9000\n");

    send_one(fixture, "0020000104 31323334", "9000");
    news(fixture);
    assert_int_equal(port->end(port, fixture->card, PCSC_RESET_CARD), HR_OK);
    assert_string_equal(news(fixture), "reset\n");
    /* The same once more is told to who resets, and is no news. */
    assert_int_equal(port->begin(port, fixture->card), SC_W_RESET_CARD);
    assert_string_equal(news(fixture), "");
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_LEAVE_CARD, &active),
        HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< AABB 9000\n");
    assert_int_equal(port->disconnect(port, fixture->card, PCSC_UNPOWER_CARD), HR_OK);
    assert_string_equal(news(fixture), "reset\n");
    assert_int_equal(port->release(port, fixture->context), HR_OK);
}

/* Leaving the card as it is leaves it open, to whoever connects next. */
static void it_stays_open(void **state)
{
    struct fixture *fixture = *state;
    const struct pcsc_port *port = fixture->port;

    connect_card(fixture);
    send_one(fixture, "0020000104 31323334", "9000");
    assert_int_equal(port->end(port, fixture->card, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(port->disconnect(port, fixture->card, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(port->release(port, fixture->context), HR_OK);
    news(fixture);
    connect_card(fixture);
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< *2 9000\n");
}

static void another_card(void **state)
{
    struct fixture *fixture = *state;
    const struct pcsc_port *port = fixture->port;
    enum pcsc_protocol active;

    connect_card(fixture);
    send_one(fixture, "0020000104 31323334", "9000");
    news(fixture);
    faulty_port_disturb_card(&fixture->faulty, SC_W_REMOVED_CARD);
    assert_int_equal(send_one(fixture, "00B0000000", ""), SC_W_REMOVED_CARD);
    assert_string_equal(news(fixture), "> 00B0000000\n! 80100069 SCARD_W_REMOVED_CARD\nreset\n");
    faulty_port_set_atr(&fixture->faulty, "3B00");
    fixture->faulty.protocol = PCSC_PROTOCOL_T0;
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_LEAVE_CARD, &active),
        HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00B0000002", "AABB 9000");
    assert_string_equal(news(fixture), "card 1 T=0 3B00\n> 00B0000002\n< AABB 9000\n");
}

/* Nobody knows what a client did with its handle before. */
static void a_clients_handle(void **state)
{
    struct fixture *fixture = *state;
    struct pcsc_status status;

    fixture->card = faulty_port_client_connect(&fixture->faulty, PCSC_SHARE_SHARED);
    assert_int_equal(fixture->port->status(fixture->port, fixture->card, &status), HR_OK);
    send_one(fixture, "00A40004 02 7F10 00", "6202 8100 9000");
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), CARD_LINE "> 00A40004027F1000\n< 62028100 9000\n"
                                                 "> 00B0000000\n< *2 9000\n");
}

/* A PIN that went by unseen: no contents from then on. */
static void what_went_by_unseen(void **state)
{
    struct fixture *fixture = *state;

    connect_card(fixture);
    faulty_port_fail(&fixture->faulty, FAULTY_STATUS, SC_F_COMM_ERROR, 1);
    assert_int_equal(send_one(fixture, "0020000104 31323334", "9000"), HR_OK);
    assert_string_equal(news(fixture), "");
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), CARD_LINE "> 00B0000000\n< *2 9000\n");
}

static scm_result press_keys(void *context, uint32_t code, const uint8_t *data, size_t data_len,
                             uint8_t *answer, size_t capacity, size_t *got)
{
    (void)context;
    (void)code;
    (void)data;
    (void)data_len;
    assert_true(capacity >= 2);
    memcpy(answer, "\x90\x00", 2);
    *got = 2;
    return HR_OK;
}

static void the_readers_keys(void **state)
{
    struct fixture *fixture = *state;
    const struct pcsc_port *port = fixture->port;
    uint8_t answer[16];
    size_t got = 0;

    fixture->faulty.control = press_keys;
    connect_card(fixture);
    assert_int_equal(port->control(port, fixture->card, PCSC_CONTROL_FEATURES, NULL, 0, answer,
                                   sizeof(answer), &got),
                     HR_OK);
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), CARD_LINE "> 00B0000000\n< AABB 9000\n");
    assert_int_equal(port->control(port, fixture->card, 0x42000D48, (const uint8_t *)"1234", 4,
                                   answer, sizeof(answer), &got),
                     HR_OK);
    assert_int_equal(got, 2);
    assert_string_equal(news(fixture),
                        "# the reader did something itself, with its keys perhaps\n");
    send_one(fixture, "00B0000000", "AABB 9000");
    assert_string_equal(news(fixture), "> 00B0000000\n< *2 9000\n");
}

/* Whatever the port below says is said unchanged. */
static void faults_pass(void **state)
{
    struct fixture *fixture = *state;
    const struct pcsc_port *port = fixture->port;
    struct pcsc_status status;
    enum pcsc_protocol active;
    pcsc_context context;
    pcsc_card card;
    bool exclusive;
    uint8_t answer[16];
    size_t got;
    const scm_result fault = SC_F_WAITED_TOO_LONG;

    connect_card(fixture);
    for (int call = 0; call < FAULTY_CALLS; call++)
        faulty_port_fail(&fixture->faulty, (enum faulty_call)call, fault, 1);
    /* The question whose card it is takes its own of the faults. */
    assert_int_equal(port->status(port, fixture->card, &status), fault);
    assert_int_equal(port->establish(port, &context), fault);
    assert_int_equal(port->is_valid(port, fixture->context + 99), SC_E_INVALID_HANDLE);
    assert_int_equal(
        port->connect(port, fixture->context, FAULTY_READER, PCSC_SHARE_SHARED, 3, &card, &active),
        fault);
    assert_int_equal(port->begin(port, fixture->card), fault);
    assert_int_equal(send_one(fixture, "00B0000000", ""), fault);
    assert_string_equal(news(fixture),
                        CARD_LINE "> 00B0000000\n! 80100007 SCARD_F_WAITED_TOO_LONG\n");
    assert_int_equal(port->control(port, fixture->card, 1, NULL, 0, answer, sizeof(answer), &got),
                     fault);
    assert_int_equal(port->is_exclusive(port, fixture->context, FAULTY_READER, &exclusive), fault);
    assert_int_equal(port->watch(port, fixture->context, 0, NULL, 0), fault);
    assert_int_equal(port->cancel(port, fixture->context), fault);
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_RESET_CARD, &active),
        fault);
    assert_int_equal(port->end(port, fixture->card, PCSC_RESET_CARD), fault);
    assert_int_equal(port->disconnect(port, fixture->card, PCSC_RESET_CARD), fault);
    assert_int_equal(port->release(port, fixture->context), fault);
    assert_null(strstr(fixture->written, "reset"));
}

static void off_it_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/scm_recording_test_XXXXXX", content[4096] = "";

    unsetenv("SCARDMANAGE_RECORD");
    recording_port_close_file();
    assert_ptr_equal(recording_port_if_wanted(&fixture->faulty.port), &fixture->faulty.port);
    setenv("SCARDMANAGE_RECORD", "/nonexistent/folder/recording", 1);
    recording_port_close_file();
    assert_ptr_equal(recording_port_if_wanted(&fixture->faulty.port), &fixture->faulty.port);

    int file = mkstemp(path);
    assert_true(file >= 0);
    setenv("SCARDMANAGE_RECORD", path, 1);
    recording_port_close_file();
    fixture->port = recording_port_if_wanted(&fixture->faulty.port);
    assert_ptr_not_equal(fixture->port, &fixture->faulty.port);
    assert_ptr_equal(recording_port_if_wanted(&fixture->faulty.port), fixture->port);
    connect_card(fixture);
    send_one(fixture, "0020000104 31323334", "9000");
    assert_int_equal(fixture->port->release(fixture->port, fixture->context), HR_OK);
    recording_port_close_file();
    unsetenv("SCARDMANAGE_RECORD");

    assert_true(read(file, content, sizeof(content) - 1) > 0);
    close(file);
    unlink(path);
    assert_memory_equal(content, "scardmanage-recording 1\n", 24);
    assert_non_null(strstr(content, CARD_LINE "> 0020000104 *4\n< 9000\n"));
    assert_null(strstr(content, "31323334"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_session, setup, teardown),
        cmocka_unit_test_setup_teardown(long_exchange, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reset_closes, setup, teardown),
        cmocka_unit_test_setup_teardown(it_stays_open, setup, teardown),
        cmocka_unit_test_setup_teardown(another_card, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clients_handle, setup, teardown),
        cmocka_unit_test_setup_teardown(what_went_by_unseen, setup, teardown),
        cmocka_unit_test_setup_teardown(the_readers_keys, setup, teardown),
        cmocka_unit_test_setup_teardown(faults_pass, setup, teardown),
        cmocka_unit_test_setup_teardown(off_it_is_not_there, setup, teardown),
    };
    return cmocka_run_group_tests_name("card_recording_port", tests, NULL, NULL);
}
