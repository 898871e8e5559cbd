/*
 * card_relay_test - a client's own commands, with T=0 and T=1, on scripted cards; and what a session
 *                   does for clients that choose protocol and disposition.
 * Layer under test: card, with iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/relay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "pcsc/context_pool.h"
#include "support/hex.h"
#include "support/script.h"

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
    struct script script;
};

static int setup(void **state)
{
    static struct fixture fixture;
    memset(&fixture, 0, sizeof(fixture));
    faulty_port_init(&fixture.port);
    script_insert(&fixture.port, &fixture.script, "3B00", PCSC_PROTOCOL_T1);
    fixture.port.lets_clients_send = true;
    fixture.pool = context_pool_create(&fixture.port.port);
    fixture.session = card_session_create(fixture.pool);
    *state = &fixture;
    return fixture.session ? 0 : -1;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_session_release(fixture->session);
    context_pool_destroy(fixture->pool);
    return faulty_port_open_contexts(&fixture->port) == fixture->port.clients ? 0 : -1;
}

#define ROWS_MAX 4

/* A client's command, what goes over the line, and what the client gets. */
static const struct
{
    const char *reason;
    enum pcsc_protocol protocol;
    int following_cla; /* -1: not set */
    const char *command;
    struct exchange script[ROWS_MAX];
    const char *reply; /* NULL: the result below */
    scm_result result;
} rows[] = {
    { "T=1 as it stands",
      PCSC_PROTOCOL_T1,
      -1,
      "00A4040002A00000",
      { { "00A4040002A00000", "6F029000" } },
      "6F029000",
      HR_OK },
    { "T=1, 61xx is the client's",
      PCSC_PROTOCOL_T1,
      -1,
      "00A4040002A00000",
      { { "00A4040002A00000", "6110" } },
      "6110",
      HR_OK },
    { "T=1, 6Cxx is the client's",
      PCSC_PROTOCOL_T1,
      -1,
      "00B0000010",
      { { "00B0000010", "6C08" } },
      "6C08",
      HR_OK },
    { "T=1, extended as it stands",
      PCSC_PROTOCOL_T1,
      -1,
      "00B00000000200",
      { { "00B00000000200", "AA9000" } },
      "AA9000",
      HR_OK },
    { "T=1, no command at all is the card's to judge",
      PCSC_PROTOCOL_T1,
      -1,
      "00A4000005AABB",
      { { "00A4000005AABB", "6700" } },
      "6700",
      HR_OK },
    { "T=1, more than was announced",
      PCSC_PROTOCOL_T1,
      -1,
      "00B0000001",
      { { "00B0000001", "010203049000" } },
      "010203049000",
      HR_OK },
    { "raw as it stands",
      PCSC_PROTOCOL_RAW,
      -1,
      "00A4040002A00000",
      { { "00A4040002A00000", "6110" } },
      "6110",
      HR_OK },
    { "T=0, case 1 gets its P3",
      PCSC_PROTOCOL_T0,
      -1,
      "00440000",
      { { "0044000000", "9000" } },
      "9000",
      HR_OK },
    { "T=0, case 2",
      PCSC_PROTOCOL_T0,
      -1,
      "00B0000002",
      { { "00B0000002", "AABB9000" } },
      "AABB9000",
      HR_OK },
    { "T=0, case 4 leaves its Le here",
      PCSC_PROTOCOL_T0,
      -1,
      "00A40400020102FF",
      { { "00A40400020102", "6104" }, { "00C0000004", "010203049000" } },
      "010203049000",
      HR_OK },
    { "T=0, an answer in pieces",
      PCSC_PROTOCOL_T0,
      -1,
      "00A40400020102",
      { { "00A40400020102", "6102" }, { "00C0000002", "01026101" }, { "00C0000001", "039000" } },
      "0102039000",
      HR_OK },
    { "T=0, the class of what follows",
      PCSC_PROTOCOL_T0,
      0xA0,
      "00A40400020102",
      { { "00A40400020102", "6102" }, { "A0C0000002", "01029000" } },
      "01029000",
      HR_OK },
    { "T=0, a class of the client's own",
      PCSC_PROTOCOL_T0,
      -1,
      "80A40400020102",
      { { "80A40400020102", "6102" }, { "80C0000002", "01029000" } },
      "01029000",
      HR_OK },
    { "T=0, a wrong Le",
      PCSC_PROTOCOL_T0,
      -1,
      "00B0000010",
      { { "00B0000010", "6C02" }, { "00B0000002", "AABB9000" } },
      "AABB9000",
      HR_OK },
    { "T=0, a wrong Le with the other class",
      PCSC_PROTOCOL_T0,
      0xA0,
      "00B0000010",
      { { "00B0000010", "6C02" }, { "A0B0000002", "AABB9000" } },
      "AABB9000",
      HR_OK },
    { "T=0, a wrong Le in GET RESPONSE",
      PCSC_PROTOCOL_T0,
      0xA0,
      "00A40400020102",
      { { "00A40400020102", "6110" }, { "A0C0000010", "6C02" }, { "A0C0000002", "AABB9000" } },
      "AABB9000",
      HR_OK },
    { "T=0, a wrong Le only once",
      PCSC_PROTOCOL_T0,
      -1,
      "00B0000010",
      { { "00B0000010", "6C02" }, { "00B0000002", "6C03" } },
      "6C03",
      HR_OK },
    { "T=0, announcing for ever",
      PCSC_PROTOCOL_T0,
      -1,
      "00A40400020102",
      { { "00A40400020102", "6102" }, { "00C0000002", "6102" } },
      NULL,
      SC_E_COMM_DATA_LOST },
    { "T=0, 9Fxx of other cards is the client's",
      PCSC_PROTOCOL_T0,
      -1,
      "A0A40000023F00",
      { { "A0A40000023F00", "9F16" } },
      "9F16",
      HR_OK },
    { "T=0, lengths that do not fit",
      PCSC_PROTOCOL_T0,
      -1,
      "00A4000005AABB",
      { { 0 } },
      NULL,
      HR_INVALIDARG },
    { "less than a header", PCSC_PROTOCOL_T1, -1, "00A400", { { 0 } }, NULL, HR_INVALIDARG },
    { "no status word",
      PCSC_PROTOCOL_T1,
      -1,
      "00440000",
      { { "00440000", "90" } },
      NULL,
      SC_E_COMM_DATA_LOST },
};

static void commands_travel(void **state)
{
    struct fixture *fixture = *state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        uint8_t following_cla = (uint8_t)rows[i].following_cla;
        bool is_told = rows[i].following_cla >= 0;
        struct door_relay_reply reply;

        print_message("%s\n", rows[i].reason);
        fixture->port.protocol = rows[i].protocol;
        assert_int_equal(card_session_attach_protocol(fixture->session, FAULTY_READER,
                                                      PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY),
                         HR_OK);
        script_start(&fixture->script, rows[i].script, ROWS_MAX);
        assert_int_equal(door_relay_send(fixture->session, hex(rows[i].command),
                                         is_told ? &following_cla : NULL, &reply),
                         rows[i].result);
        if (rows[i].reply)
        {
            struct bytes expected = hex(rows[i].reply);
            assert_hex(bytes_of(reply.bytes.data, reply.bytes.len), rows[i].reply, "reply");
            assert_int_equal(reply.sw, expected.data[expected.len - 2] << 8 |
                                           expected.data[expected.len - 1]);
        }
        else
        {
            assert_null(reply.bytes.data);
            assert_int_equal(reply.sw, 0);
        }
        assert_true(script_is_over(&fixture->script));
        door_relay_reply_free(&reply);
    }
}

/* With T=0 nobody gets between the commands of one; a single command takes no transaction. */
static void transactions_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    static const struct exchange script[] = { { "00A40400020102", "9000" },
                                              { "00A40400020102", "9000" },
                                              { "00A40400020102", "9000" } };
    struct door_relay_reply reply;

    script_start(&fixture->script, script, sizeof(script) / sizeof(script[0]));
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    assert_int_equal(door_relay_send(fixture->session, hex("00A40400020102"), NULL, &reply), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_BEGIN], 0);
    door_relay_reply_free(&reply);
    fixture->port.protocol = PCSC_PROTOCOL_T0;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    assert_int_equal(door_relay_send(fixture->session, hex("00A40400020102"), NULL, &reply), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_BEGIN], 1);
    assert_int_equal(fixture->port.calls[FAULTY_END], 1);
    door_relay_reply_free(&reply);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(door_relay_send(fixture->session, hex("00A40400020102"), NULL, &reply), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_BEGIN], 2); /* the lock's */
    door_relay_reply_free(&reply);
}

static void failures_pass_through(void **state)
{
    struct fixture *fixture = *state;
    struct door_relay_reply reply;

    assert_int_equal(door_relay_send(fixture->session, hex("00440000"), NULL, &reply),
                     SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_TRANSMIT, SC_W_REMOVED_CARD, 1);
    assert_int_equal(door_relay_send(fixture->session, hex("00440000"), NULL, &reply),
                     SC_W_REMOVED_CARD);
    assert_null(reply.bytes.data);
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    assert_int_equal(door_relay_send(fixture->session, hex("00440000"), NULL, &reply),
                     SC_W_RESET_CARD);
}

static void protocols_are_the_clients(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(
        card_session_attach_protocol(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED, 0),
        HR_INVALIDARG);
    assert_int_equal(
        card_session_attach_protocol(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED, 8),
        HR_INVALIDARG);
    assert_int_equal(card_session_attach_protocol(fixture->session, FAULTY_READER,
                                                  PCSC_SHARE_EXCLUSIVE, PCSC_PROTOCOL_RAW),
                     HR_OK);
    assert_int_equal(fixture->port.last_protocols, PCSC_PROTOCOL_RAW);
    assert_int_equal(card_session_reattach(fixture->session, PCSC_SHARE_SHARED, PCSC_UNPOWER_CARD),
                     HR_OK);
    assert_int_equal(fixture->port.last_protocols, PCSC_PROTOCOL_RAW);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_SHARED);
    assert_int_equal(fixture->port.last_initialization, PCSC_UNPOWER_CARD);
    assert_int_equal(card_session_reattach(fixture->session, PCSC_SHARE_SHARED, PCSC_EJECT_CARD),
                     HR_INVALIDARG);
    assert_int_equal(card_session_detach_to(fixture->session, PCSC_RESET_CARD), HR_OK);
    assert_int_equal(fixture->port.last_disposition, PCSC_RESET_CARD);
    assert_int_equal(card_session_detach_to(fixture->session, PCSC_LEAVE_CARD),
                     SC_E_INVALID_HANDLE);
}

static void a_clients_handle_survives_its_reset(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);

    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_int_equal(card_session_facts(fixture->session).card, card);
    assert_int_equal(card_session_detach_to(fixture->session, PCSC_RESET_CARD), HR_OK);
    assert_int_equal(fixture->port.last_disposition, PCSC_RESET_CARD);
    assert_int_equal(fixture->port.calls[FAULTY_DISCONNECT], 0);
    struct faulty_card *open = faulty_port_card(&fixture->port, card);
    assert_non_null(open);
    assert_false(open->is_stale);
    assert_false(open->in_transaction);
}

static void a_kept_context_stays(void **state)
{
    struct fixture *fixture = *state;

    assert_int_equal(card_session_facts(fixture->session).context, 0);
    fixture->port.service_runs = false;
    assert_int_equal(card_session_keep_context(fixture->session), SC_E_NO_SERVICE);
    fixture->port.service_runs = true;
    assert_int_equal(card_session_keep_context(fixture->session), HR_OK);
    pcsc_context context = card_session_facts(fixture->session).context;
    assert_int_not_equal(context, 0);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
    assert_int_equal(card_session_facts(fixture->session).context, context);
    /* A restarted service costs it, the next attachment brings another. */
    faulty_port_restart_service(&fixture->port);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
    assert_int_not_equal(card_session_facts(fixture->session).context, context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(commands_travel, setup, teardown),
        cmocka_unit_test_setup_teardown(transactions_of_its_own, setup, teardown),
        cmocka_unit_test_setup_teardown(failures_pass_through, setup, teardown),
        cmocka_unit_test_setup_teardown(protocols_are_the_clients, setup, teardown),
        cmocka_unit_test_setup_teardown(a_clients_handle_survives_its_reset, setup, teardown),
        cmocka_unit_test_setup_teardown(a_kept_context_stays, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
