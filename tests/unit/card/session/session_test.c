/*
 * card_session_test - every rule of the session, with a resource manager that fails on demand.
 * Layer under test: card, and the context pool below it.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>
#include <pthread.h>
#include <semaphore.h>

#include "card/session/work.h"
#include "pcsc/context_pool.h"
#include "system/clock.h"
#include "support/faulty_port.h"

struct fixture
{
    struct faulty_port port;
    struct context_pool *pool;
    struct card_session *session;
};

static int setup(void **state)
{
    static struct fixture fixture;
    faulty_port_init(&fixture.port);
    fixture.pool = context_pool_create(&fixture.port.port);
    fixture.session = card_session_create(fixture.pool);
    *state = &fixture;
    return fixture.session ? 0 : -1;
}

/* Nothing of ours may stay open: a leak in any test fails that test. */
static int teardown(void **state)
{
    struct fixture *fixture = *state;
    card_session_release(fixture->session);
    context_pool_destroy(fixture->pool);
    return faulty_port_open_contexts(&fixture->port) == fixture->port.clients ? 0 : -1;
}

static void assert_status(struct fixture *fixture, scm_result expected, enum pcsc_state state,
                          enum pcsc_protocol protocol)
{
    enum pcsc_state got_state = (enum pcsc_state)99;
    enum pcsc_protocol got_protocol = (enum pcsc_protocol)99;
    assert_int_equal(card_session_status(fixture->session, &got_state, &got_protocol), expected);
    assert_int_equal(got_state, state);
    assert_int_equal(got_protocol, protocol);
}

static void attach(struct fixture *fixture)
{
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     HR_OK);
}

static void nothing_works_detached(void **state)
{
    struct fixture *fixture = *state;
    assert_status(fixture, SC_E_INVALID_HANDLE, 0, 0);
    assert_int_equal(card_session_detach(fixture->session), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_lock(fixture->session), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_check_attached(fixture->session), SC_E_INVALID_HANDLE);
    for (int i = 0; i < FAULTY_CALLS; i++)
        assert_int_equal(fixture->port.calls[i], 0);
}

static void attaches_and_detaches(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(fixture->port.last_protocols, PCSC_PROTOCOL_ANY);
    assert_int_equal(card_session_check_attached(fixture->session), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    fixture->port.last_disposition = PCSC_EJECT_CARD;
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_disposition, PCSC_LEAVE_CARD);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 0);
    assert_int_equal(card_session_detach(fixture->session), SC_E_INVALID_HANDLE);
}

static void bad_arguments_change_nothing(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_attach_reader(fixture->session, NULL, PCSC_SHARE_SHARED),
                     HR_INVALIDARG);
    assert_int_equal(card_session_attach_reader(fixture->session, "", PCSC_SHARE_SHARED),
                     HR_INVALIDARG);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, 0), HR_INVALIDARG);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, 3), HR_INVALIDARG);
    assert_int_equal(card_session_attach_handle(fixture->session, 0), HR_INVALIDARG);
    assert_int_equal(card_session_attach_handle(fixture->session, 12345), HR_INVALIDARG);
    assert_int_equal(card_session_unlock(fixture->session, (enum pcsc_disposition)4),
                     HR_INVALIDARG);
    assert_int_equal(card_session_unlock(fixture->session, (enum pcsc_disposition) - 1),
                     HR_INVALIDARG);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);
}

static void long_names_are_unknown_readers(void **state)
{
    struct fixture *fixture = *state;
    static char name[65536];
    memset(name, 'x', sizeof(name) - 1);
    assert_int_equal(card_session_attach_reader(fixture->session, name, PCSC_SHARE_SHARED),
                     SC_E_UNKNOWN_READER);
    assert_int_equal(fixture->port.calls[FAULTY_CONNECT], 0);
    assert_int_equal(card_session_attach_reader(fixture->session, "Reader 1", PCSC_SHARE_SHARED),
                     SC_E_UNKNOWN_READER);
}

static void attaching_again_detaches_first(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    attach(fixture);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);
    assert_int_equal(fixture->port.calls[FAULTY_END], 1);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
    /* One context served both. */
    assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], 1);
}

static void a_failed_attach_leaves_nothing_attached(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    fixture->port.card_present = false;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     SC_E_NO_SMARTCARD);
    assert_status(fixture, SC_E_INVALID_HANDLE, 0, 0);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 0);
}

static void results_pass_unchanged(void **state)
{
    struct fixture *fixture = *state;
    static const scm_result results[] = { SC_E_SHARING_VIOLATION,  SC_W_UNRESPONSIVE_CARD,
                                          SC_E_READER_UNAVAILABLE, SC_E_PROTO_MISMATCH,
                                          SC_W_UNPOWERED_CARD,     HR_OUTOFMEMORY };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++)
    {
        faulty_port_fail(&fixture->port, FAULTY_CONNECT, results[i], 6);
        assert_int_equal(
            card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
            results[i]);
        fixture->port.fail_count[FAULTY_CONNECT] = 0;
    }
}

/* A card that is just coming has told no protocol yet; who takes one only may have met the other. */
static void a_card_that_is_coming_is_waited_for(void **state)
{
    struct fixture *fixture = *state;

    faulty_port_fail(&fixture->port, FAULTY_CONNECT, SC_E_PROTO_MISMATCH, 2);
    attach(fixture);
    faulty_port_fail(&fixture->port, FAULTY_RECONNECT, SC_E_PROTO_MISMATCH, 2);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_RECONNECT, SC_E_PROTO_MISMATCH, 100);
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_PROTO_MISMATCH);
    assert_int_equal(fixture->port.fail_count[FAULTY_RECONNECT], 100 - 6);
    faulty_port_fail(&fixture->port, FAULTY_CONNECT, SC_E_PROTO_MISMATCH, 1);
    assert_int_equal(card_session_attach_protocol(fixture->session, FAULTY_READER,
                                                  PCSC_SHARE_SHARED, PCSC_PROTOCOL_T0),
                     SC_E_PROTO_MISMATCH);
}

static void no_service_at_all(void **state)
{
    struct fixture *fixture = *state;
    fixture->port.service_runs = false;
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     SC_E_NO_SERVICE);
    assert_int_equal(card_session_attach_handle(fixture->session, 77), HR_INVALIDARG);
    fixture->port.service_runs = true;
    attach(fixture);
}

static void a_stale_pooled_context_is_replaced(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    card_session_detach(fixture->session);
    faulty_port_restart_service(&fixture->port);
    attach(fixture);
    assert_int_equal(fixture->port.calls[FAULTY_CONNECT], 3);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
}

static void attach_all(struct fixture *fixture, struct card_session **sessions, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        sessions[i] = card_session_create(fixture->pool);
        assert_int_equal(card_session_attach_reader(sessions[i], FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
    }
}

static void release_all(struct card_session **sessions, size_t count)
{
    for (size_t i = 0; i < count; i++)
        card_session_release(sessions[i]);
}

/* One stale context of the pool speaks for all: none is tried after it. */
static void all_stale_pooled_contexts_are_replaced(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *sessions[4];

    attach_all(fixture, sessions, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_detach(sessions[i]), HR_OK);
    faulty_port_restart_service(&fixture->port);
    fixture->port.calls[FAULTY_CONNECT] = 0;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_attach_reader(sessions[i], FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_CONNECT], 5);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 4);
    release_all(sessions, 4);
}

/* Attached ones notice one after the other; each gets a context of the new service, and who is late
 * takes nothing from those that were early. */
static void attached_sessions_survive_a_restart_one_by_one(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *sessions[4];

    attach_all(fixture, sessions, 4);
    faulty_port_restart_service(&fixture->port);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_reconnect(sessions[i]), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], 8);
    attach(fixture); /* and the contexts of the first are still known to be good */
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_detach(sessions[i]), HR_OK);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_attach_reader(sessions[i], FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], 9);
    release_all(sessions, 4);
}

/* A daemon killed in the middle of a call may look like one that refuses it. */
static void a_refusal_is_believed_when_it_is_repeated(void **state)
{
    struct fixture *fixture = *state;

    faulty_port_fail(&fixture->port, FAULTY_CONNECT, SC_W_SECURITY_VIOLATION, 1);
    attach(fixture);
    faulty_port_fail(&fixture->port, FAULTY_CONNECT, SC_W_SECURITY_VIOLATION, 2);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     SC_W_SECURITY_VIOLATION);
    attach(fixture);
}

/* The share mode of a client's handle is asked for in a context that may be stale. */
static void a_stale_context_does_not_share_an_exclusive_card(void **state)
{
    struct fixture *fixture = *state;

    attach(fixture);
    card_session_detach(fixture->session);
    faulty_port_restart_service(&fixture->port);
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_EXCLUSIVE);
}

static void a_service_that_is_full_shares_what_there_is(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *sessions[4];
    static const scm_result refusals[] = { SC_E_SERVER_TOO_BUSY, SC_E_NO_SERVICE,
                                           SC_W_SECURITY_VIOLATION };

    for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
    {
        /* Nothing is there: the refusal is the answer, and the next one is not spoilt by it. */
        faulty_port_fail(&fixture->port, FAULTY_ESTABLISH, refusals[i], 1);
        assert_int_equal(
            card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
            refusals[i]);
        attach(fixture);
        unsigned established = fixture->port.calls[FAULTY_ESTABLISH];
        faulty_port_fail(&fixture->port, FAULTY_ESTABLISH, refusals[i], 4);
        attach_all(fixture, sessions, 4);
        assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], established + 4);
        assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
        assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
        release_all(sessions, 4);
        assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
        assert_int_equal(card_session_detach(fixture->session), HR_OK);
        context_pool_release_idle(fixture->pool);
    }
}

static void clients_handle_is_used_and_kept(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_true(faulty_port_card(&fixture->port, card)->in_transaction);
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
    assert_non_null(faulty_port_card(&fixture->port, card));
    assert_false(faulty_port_card(&fixture->port, card)->in_transaction);
    assert_int_equal(fixture->port.calls[FAULTY_DISCONNECT], 0);
}

static void clients_handle_closed_by_the_client(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    fixture->port.port.disconnect(&fixture->port.port, card, PCSC_LEAVE_CARD);
    assert_status(fixture, SC_E_INVALID_HANDLE, 0, 0);
    assert_int_equal(card_session_lock(fixture->session), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_INVALIDARG);
}

static void clients_handle_after_reset_or_removal(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
    faulty_port_disturb_card(&fixture->port, SC_W_REMOVED_CARD);
    assert_int_equal(card_session_attach_handle(fixture->session, card), SC_W_REMOVED_CARD);
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_status(fixture, SC_W_RESET_CARD, 0, 0);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
}

static void reconnect_keeps_the_mode(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(
        card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_EXCLUSIVE), HR_OK);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD);
    card_session_detach(fixture->session);

    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_EXCLUSIVE);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_EXCLUSIVE);
    card_session_detach(fixture->session);

    fixture->port.protocol = PCSC_PROTOCOL_RAW;
    faulty_port_card(&fixture->port, card)->share = PCSC_SHARE_SHARED;
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_SHARED);
    assert_int_equal(fixture->port.last_protocols, PCSC_PROTOCOL_RAW);
}

static void reconnect_survives_a_restarted_service(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    faulty_port_restart_service(&fixture->port);
    assert_status(fixture, SC_E_NO_SERVICE, 0, 0);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);
}

static void reconnect_may_be_tried_again(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    faulty_port_restart_service(&fixture->port);
    fixture->port.card_present = false;
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_NO_SMARTCARD);
    /* Still attached, to an empty reader. */
    assert_status(fixture, HR_OK, PCSC_STATE_ABSENT, 0);
    assert_int_equal(card_session_lock(fixture->session), SC_E_NO_SMARTCARD);
    assert_int_equal(card_session_check_attached(fixture->session), SC_E_NO_SMARTCARD);
    fixture->port.service_runs = false;
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_NO_SERVICE);
    assert_status(fixture, SC_E_NO_SERVICE, 0, 0);
    fixture->port.service_runs = true;
    fixture->port.card_present = true;
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
}

static void clients_handle_is_not_replaced(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    faulty_port_restart_service(&fixture->port);
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_NO_SERVICE);
    assert_int_equal(fixture->port.calls[FAULTY_CONNECT], 1); /* the client's own */
}

static void removal_is_a_state_not_an_error(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    faulty_port_disturb_card(&fixture->port, SC_W_REMOVED_CARD);
    assert_status(fixture, HR_OK, PCSC_STATE_ABSENT, PCSC_PROTOCOL_NONE);
    assert_int_equal(card_session_lock(fixture->session), SC_W_REMOVED_CARD);
    fixture->port.card_present = false;
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_NO_SMARTCARD);
    fixture->port.card_present = true;
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
}

/* What a card does to a command: nothing but say that it is there. */
static size_t say_9000(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                       size_t capacity)
{
    (void)context;
    (void)command;
    (void)command_len;
    if (capacity < 2) return 0;
    answer[0] = 0x90;
    answer[1] = 0x00;
    return 2;
}

/* One command to the card: GET CHALLENGE. */
static scm_result send_command(struct fixture *fixture)
{
    const struct apdu_command command = { .ins = 0x84, .ne = 8 };
    struct card_answer answer;
    struct card_files *files;

    fixture->port.answer = say_9000;
    scm_result result = card_session_begin_work(fixture->session, &files);
    if (result_failed(result)) return result;
    result = card_exchange(files->link, &command, &answer);
    card_session_end_work(fixture->session);
    return result;
}

/* Something has happened to the card, and it has no power since: pcsc-lite reconnects to it all the
 * same. */
static void harm_card(struct fixture *fixture, scm_result how)
{
    faulty_port_disturb_card(&fixture->port, how);
    fixture->port.has_no_power = true;
    fixture->port.last_initialization = PCSC_EJECT_CARD;
}

static void a_reconnected_card_has_power(void **state)
{
    struct fixture *fixture = *state;
    static const scm_result harms[] = { SC_W_REMOVED_CARD, SC_W_RESET_CARD };

    attach(fixture);
    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(send_command(fixture), HR_OK);
        harm_card(fixture, harms[i]);
        assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
        assert_int_equal(send_command(fixture), HR_OK);
        /* Others may have made something of the card since: it is not reset. */
        assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD);
        assert_int_equal(faulty_port_open_cards(&fixture->port), 1);
        assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
    }
    /* Where nothing has happened nobody is troubled. */
    unsigned connected = fixture->port.calls[FAULTY_CONNECT];
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_CONNECT], connected);
}

static void a_reconnected_lock_does_not_wait_for_itself(void **state)
{
    struct fixture *fixture = *state;

    attach(fixture);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    harm_card(fixture, SC_W_REMOVED_CARD);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);
    assert_false(fixture->port.has_waited_in_vain);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
}

/* Nobody else can come to the card, so nobody else has made anything of it. */
static void an_exclusive_card_is_powered_by_a_reset(void **state)
{
    struct fixture *fixture = *state;

    fixture->port.keeps_exclusive = true;
    assert_int_equal(
        card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_EXCLUSIVE), HR_OK);
    harm_card(fixture, SC_W_REMOVED_CARD);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_RESET_CARD);
    assert_int_equal(fixture->port.last_share, PCSC_SHARE_EXCLUSIVE);

    /* Where there is none, none is reset. */
    harm_card(fixture, SC_W_REMOVED_CARD);
    fixture->port.card_present = false;
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_NO_SMARTCARD);
    assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD);
    fixture->port.card_present = true;
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);

    faulty_port_disturb_card(&fixture->port, SC_W_RESET_CARD); /* which has power */
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD);
}

static void a_card_that_another_took_is_left_alone(void **state)
{
    struct fixture *fixture = *state;

    attach(fixture);
    harm_card(fixture, SC_W_REMOVED_CARD);
    pcsc_card other = faulty_port_client_connect(&fixture->port, PCSC_SHARE_EXCLUSIVE);
    fixture->port.keeps_exclusive = true;
    assert_int_equal(card_session_reconnect(fixture->session), SC_E_SHARING_VIOLATION);
    assert_int_equal(fixture->port.last_initialization, PCSC_EJECT_CARD); /* nothing was done */
    fixture->port.port.disconnect(&fixture->port.port, other, PCSC_LEAVE_CARD);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);
}

static void a_clients_reconnected_card_has_power(void **state)
{
    struct fixture *fixture = *state;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
    enum pcsc_protocol active;

    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    harm_card(fixture, SC_W_REMOVED_CARD);
    faulty_port_card(&fixture->port, card)->in_transaction = true; /* the client's own */
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_false(fixture->port.has_waited_in_vain);
    assert_int_equal(send_command(fixture), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);

    /* With no context to be had nothing but a reset is left. */
    context_pool_release_idle(fixture->pool);
    harm_card(fixture, SC_W_REMOVED_CARD);
    faulty_port_fail(&fixture->port, FAULTY_ESTABLISH, SC_E_SERVER_TOO_BUSY, 2);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_RESET_CARD);

    /* The client was here first, and reconnected to a card without power. */
    harm_card(fixture, SC_W_REMOVED_CARD);
    fixture->port.port.reconnect(&fixture->port.port, card, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY,
                                 PCSC_LEAVE_CARD, &active);
    assert_int_equal(send_command(fixture), SC_W_REMOVED_CARD);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(send_command(fixture), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_RESET_CARD);
    fixture->port.last_initialization = PCSC_EJECT_CARD;
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.last_initialization, PCSC_LEAVE_CARD); /* that is over */
}

static void odd_states_are_reported_honestly(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    fixture->port.state = PCSC_STATE_UNKNOWN;
    assert_status(fixture, SC_F_UNKNOWN_ERROR, 0, 0);
    fixture->port.state = PCSC_STATE_ABSENT;
    assert_status(fixture, HR_OK, PCSC_STATE_ABSENT, PCSC_PROTOCOL_NONE);
    fixture->port.state = PCSC_STATE_SWALLOWED;
    fixture->port.protocol = PCSC_PROTOCOL_NONE;
    assert_status(fixture, HR_OK, PCSC_STATE_SWALLOWED, PCSC_PROTOCOL_NONE);
}

static void locks_nest(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
    for (int i = 0; i < 3; i++)
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_BEGIN], 1);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_RESET_CARD), HR_OK);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_END], 0);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_END], 1);
    assert_int_equal(fixture->port.last_disposition, PCSC_RESET_CARD); /* the inner unlock's wish */
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
    /* The wish does not outlive its lock. */
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(fixture->port.last_disposition, PCSC_LEAVE_CARD);
}

static void own_resets_need_no_reconnect(void **state)
{
    struct fixture *fixture = *state;
    static const enum pcsc_disposition resets[] = { PCSC_RESET_CARD, PCSC_UNPOWER_CARD };
    attach(fixture);
    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        assert_int_equal(card_session_unlock(fixture->session, resets[i]), HR_OK);
        assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    }
    /* Should the link not come back, the next call says why. */
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_RECONNECT, SC_W_UNRESPONSIVE_CARD, 1);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_RESET_CARD), HR_OK);
    assert_status(fixture, SC_W_RESET_CARD, 0, 0);
}

static void a_failed_lock_is_no_lock(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    faulty_port_fail(&fixture->port, FAULTY_BEGIN, SC_W_RESET_CARD, 1);
    assert_int_equal(card_session_lock(fixture->session), SC_W_RESET_CARD);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_END, SC_W_REMOVED_CARD, 1);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_W_REMOVED_CARD);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
}

static void a_lock_survives_reconnect(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_BEGIN], 2);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_END], 1);

    /* Where the transaction cannot be had again there is no lock left. */
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_BEGIN, SC_W_RESET_CARD, 1);
    assert_int_equal(card_session_reconnect(fixture->session), SC_W_RESET_CARD);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
}

static unsigned transactions_held(const struct fixture *fixture)
{
    unsigned count = 0;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (fixture->port.cards[i].number && fixture->port.cards[i].in_transaction) count++;
    return count;
}

/* The resource manager fails to end a transaction, once or twice; as a reader does that cannot eject. */
static void what_cannot_be_ended_as_wanted_is_ended(void **state)
{
    struct fixture *fixture = *state;
    static const scm_result failures[] = { SC_E_CANT_DISPOSE, SC_F_UNKNOWN_ERROR,
                                           SC_W_UNRESPONSIVE_CARD, SC_E_UNSUPPORTED_FEATURE };
    struct card_files *files;
    for (unsigned i = 0; i < 8 * sizeof(failures) / sizeof(failures[0]); i++)
    {
        scm_result failure = failures[i / 8];
        enum pcsc_disposition disposition = (enum pcsc_disposition)(i / 2 % 4);
        unsigned times = i % 2 + 1;

        attach(fixture);
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        faulty_port_fail(&fixture->port, FAULTY_END, failure, times);
        assert_int_equal(card_session_unlock(fixture->session, disposition), failure);
        assert_int_equal(fixture->port.fail_count[FAULTY_END], 0);
        assert_int_equal(transactions_held(fixture), 0);
        assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD),
                         SC_E_NOT_TRANSACTED);
        /* The card can be locked again, and worked with. */
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
        assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
        faulty_port_fail(&fixture->port, FAULTY_END, failure, times);
        card_session_end_work(fixture->session);
        assert_int_equal(transactions_held(fixture), 0);
    }
}

static void a_failed_reset_keeps_the_lock(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    for (unsigned locks = 0; locks < 2; locks++)
    {
        faulty_port_fail(&fixture->port, FAULTY_END, SC_F_COMM_ERROR, 1);
        assert_int_equal(card_session_reset(fixture->session), SC_F_COMM_ERROR);
        assert_int_equal(transactions_held(fixture), locks);
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
    }
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(transactions_held(fixture), 0);
}

/* Where a reconnection fails and the lock is lost with it, the card is not held either. */
static void a_lock_that_is_lost_holds_nothing(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    faulty_port_fail(&fixture->port, FAULTY_RECONNECT, SC_E_SHARING_VIOLATION, 1);
    assert_int_equal(card_session_reattach(fixture->session, PCSC_SHARE_EXCLUSIVE, PCSC_LEAVE_CARD),
                     SC_E_SHARING_VIOLATION);
    assert_int_equal(transactions_held(fixture), 0);
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_NOT_TRANSACTED);
}

/* A client's own handle stays open, but holds nothing of ours. */
static void a_clients_handle_is_given_back_free(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 8; i++)
    {
        pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);
        assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
        if (i % 2) assert_int_equal(card_session_lock(fixture->session), HR_OK);
        faulty_port_fail(&fixture->port, FAULTY_END, SC_E_CANT_DISPOSE, 1);
        scm_result result =
            card_session_detach_to(fixture->session, (enum pcsc_disposition)(i / 2));
        bool is_asked = i / 2 != PCSC_LEAVE_CARD;
        assert_int_equal(result, is_asked ? SC_E_CANT_DISPOSE : HR_OK);
        fixture->port.fail_count[FAULTY_END] = 0;
        assert_int_equal(transactions_held(fixture), 0);
        assert_int_equal(card_session_check_attached(fixture->session), SC_E_INVALID_HANDLE);
    }
}

static void detach_ends_a_lock(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
    assert_int_equal(fixture->port.calls[FAULTY_END], 1);
    assert_int_equal(fixture->port.calls[FAULTY_DISCONNECT], 1);
}

/* Two sessions of one thread: the one would wait for the other's lock, which only this thread ends. */
static void nobody_waits_for_himself(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *other = card_session_create(fixture->pool);
    struct card_files *files;
    struct pcsc_status status;
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;

    for (int round = 0; round < 2; round++)
    {
        bool all_wait = round == 1; /* as with pcsc-lite */
        scm_result expected = all_wait ? SC_E_SHARING_VIOLATION : HR_OK;

        if (all_wait) fixture->port.traits.everybody_waits = true;
        attach(fixture);
        assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        assert_int_equal(card_session_lock(other), SC_E_SHARING_VIOLATION);
        assert_int_equal(card_session_begin_work(other, &files), SC_E_SHARING_VIOLATION);
        struct card_fault fault = card_fault_none();
        assert_int_equal(card_session_begin_protected(other, CARD_PLAIN, &files, &fault),
                         SC_E_SHARING_VIOLATION);
        assert_non_null(strstr(fault.why, "another object"));
        assert_int_equal(card_session_reset(other), SC_E_SHARING_VIOLATION);
        assert_int_equal(card_session_status(other, &card_state, &protocol), expected);
        assert_int_equal(card_session_describe(other, &status), expected);
        assert_int_equal(card_session_reconnect(other), expected);
        if (all_wait)
        {
            assert_int_equal(card_session_detach_to(other, PCSC_RESET_CARD), SC_E_CANT_DISPOSE);
            assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED),
                             SC_E_SHARING_VIOLATION);
            assert_int_equal(card_session_check_attached(other), SC_E_INVALID_HANDLE);
        }
        else
            assert_int_equal(card_session_detach(other), HR_OK);

        /* The one that has it goes on, and afterwards so does the other. */
        assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
        assert_int_equal(card_session_reconnect(fixture->session), HR_OK);
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
        assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
        assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
        assert_int_equal(card_session_lock(other), HR_OK);
        /* Work without a lock of the client's is a turn as well. */
        assert_int_equal(card_session_detach(other), HR_OK);
        assert_int_equal(card_session_begin_work(fixture->session, &files), HR_OK);
        if (all_wait)
            assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED),
                             SC_E_SHARING_VIOLATION);
        card_session_end_work(fixture->session);
        assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
    }
    assert_false(fixture->port.has_waited_in_vain);
    card_session_release(other);
}

/* However a lock is lost, it is nobody's turn any more. */
static void a_turn_ends_with_its_lock(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *other = card_session_create(fixture->pool);

    assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED), HR_OK);
    attach(fixture);
    for (int way = 0; way < 5; way++)
    {
        assert_int_equal(card_session_lock(fixture->session), HR_OK);
        assert_int_equal(card_session_lock(other), SC_E_SHARING_VIOLATION);
        if (way == 0) faulty_port_fail(&fixture->port, FAULTY_RECONNECT, SC_E_SHARING_VIOLATION, 1);
        if (way == 1) faulty_port_fail(&fixture->port, FAULTY_BEGIN, SC_W_RESET_CARD, 1);
        if (way < 2)
            assert_true(result_failed(
                card_session_reattach(fixture->session, PCSC_SHARE_SHARED, PCSC_LEAVE_CARD)));
        if (way == 2)
            assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), HR_OK);
        if (way == 3) attach(fixture);
        if (way == 4) assert_int_equal(card_session_detach(fixture->session), HR_OK);
        assert_int_equal(card_session_lock(other), HR_OK);
        assert_int_equal(card_session_unlock(other, PCSC_LEAVE_CARD), HR_OK);
    }
    assert_false(fixture->port.has_waited_in_vain);
    card_session_release(other);
}

/* A thread that has sent a command to a card that takes its time. */
struct sender
{
    struct card_session *session;
    scm_result result;
    unsigned answers;
    sem_t asked, may_answer;
};

static size_t answer_late(void *context, const uint8_t *command, size_t command_len,
                          uint8_t *answer, size_t capacity)
{
    struct sender *sender = context;
    (void)command;
    (void)command_len;
    (void)capacity;
    sender->answers++;
    sem_post(&sender->asked);
    sem_wait(&sender->may_answer);
    answer[0] = 0x90;
    answer[1] = 0x00;
    return 2;
}

static void *send_two(void *context)
{
    struct sender *sender = context;
    const struct apdu_command command = { .ins = 0x84 };
    struct card_answer answer;
    struct card_files *files;
    struct card_fault fault = { 0 };

    sender->result = card_session_begin_work(sender->session, &files);
    if (result_failed(sender->result)) return NULL;
    for (int i = 0; i < 2 && !result_failed(sender->result); i++)
        sender->result = card_exchange(files->link, &command, &answer);
    sender->result = card_session_explain(files, sender->result, &fault);
    card_session_end_work(sender->session);
    return NULL;
}

static void begin_to_send(struct fixture *fixture, struct sender *sender, pthread_t *thread)
{
    *sender = (struct sender){ .session = fixture->session };
    sem_init(&sender->asked, 0, 0);
    sem_init(&sender->may_answer, 0, 0);
    fixture->port.answer = answer_late;
    fixture->port.answer_context = sender;
    assert_int_equal(pthread_create(thread, NULL, send_two, sender), 0);
    sem_wait(&sender->asked);
}

static void assert_detaches_soon(struct card_session *session, enum pcsc_disposition disposition)
{
    uint32_t began = clock_now_ms();
    assert_int_equal(card_session_detach_to(session, disposition), HR_OK);
    assert_in_range(clock_now_ms() - began, 0, 999);
}

/* A card that does not answer keeps neither who detaches nor the attachment; the thread that waits
 * for it clears away, whenever that is. */
static void a_mute_card_keeps_nobody_from_detaching(void **state)
{
    struct fixture *fixture = *state;
    struct sender sender;
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;
    struct card_files *files;
    pthread_t thread;

    attach(fixture);
    begin_to_send(fixture, &sender, &thread);
    assert_detaches_soon(fixture->session, PCSC_LEAVE_CARD);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);

    /* For everybody it is detached, at once, as often as he asks. */
    uint32_t began = clock_now_ms();
    for (int i = 0; i < 100; i++)
    {
        assert_int_equal(card_session_status(fixture->session, &card_state, &protocol),
                         SC_E_INVALID_HANDLE);
        assert_int_equal(card_session_lock(fixture->session), SC_E_INVALID_HANDLE);
        assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD),
                         SC_E_INVALID_HANDLE);
        assert_int_equal(card_session_reconnect(fixture->session), SC_E_INVALID_HANDLE);
        assert_int_equal(card_session_check_attached(fixture->session), SC_E_INVALID_HANDLE);
        assert_int_equal(card_session_enter(fixture->session, &files), SC_E_INVALID_HANDLE);
        assert_true(card_session_facts(fixture->session).card == 0);
    }
    assert_in_range(clock_now_ms() - began, 0, 500);
    assert_detaches_soon(fixture->session, PCSC_RESET_CARD);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     SC_E_NOT_READY);

    sem_post(&sender.may_answer);
    pthread_join(thread, NULL);
    assert_int_equal(sender.result, SC_E_CANCELLED);
    assert_int_equal(sender.answers, 1);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 0);
    assert_int_equal(fixture->port.last_disposition, PCSC_RESET_CARD);
    assert_int_equal(card_session_detach(fixture->session), SC_E_INVALID_HANDLE);

    /* And all is as before. */
    attach(fixture);
    sem_post(&sender.may_answer);
    sem_post(&sender.may_answer);
    send_two(&sender);
    assert_int_equal(sender.result, HR_OK);
    assert_int_equal(card_session_detach(fixture->session), HR_OK);
}

/* A lock ends with it, and a client's own handle is left to its client. */
static void a_mute_card_of_the_clients(void **state)
{
    struct fixture *fixture = *state;
    struct sender sender;
    pthread_t thread;
    pcsc_card card = faulty_port_client_connect(&fixture->port, PCSC_SHARE_SHARED);

    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
    assert_int_equal(card_session_lock(fixture->session), HR_OK);
    begin_to_send(fixture, &sender, &thread);
    assert_detaches_soon(fixture->session, PCSC_LEAVE_CARD);
    assert_int_equal(card_session_attach_handle(fixture->session, card), SC_E_NOT_READY);
    sem_post(&sender.may_answer);
    pthread_join(thread, NULL);
    assert_int_equal(sender.result, SC_E_CANCELLED);
    assert_int_equal(transactions_held(fixture), 0);
    assert_non_null(faulty_port_card(&fixture->port, card));
    assert_int_equal(card_session_unlock(fixture->session, PCSC_LEAVE_CARD), SC_E_INVALID_HANDLE);
    assert_int_equal(card_session_attach_handle(fixture->session, card), HR_OK);
}

static void the_last_reference_detaches(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *child = card_session_add_ref(fixture->session);
    attach(fixture);
    card_session_release(fixture->session);
    fixture->session = child;
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    fixture->session = NULL;
    card_session_release(child);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 0);
}

static void many_sessions_share_few_contexts(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *sessions[40];
    for (size_t i = 0; i < 40; i++)
    {
        sessions[i] = card_session_create(fixture->pool);
        assert_int_equal(card_session_attach_reader(sessions[i], FAULTY_READER, PCSC_SHARE_SHARED),
                         HR_OK);
    }
    assert_int_equal(faulty_port_open_contexts(&fixture->port), POOL_CONTEXTS_MAX);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 40);
    /* A session that gives a shared context back does not take it from the others. */
    for (size_t i = 0; i < 39; i++)
        card_session_release(sessions[i]);
    assert_int_equal(faulty_port_open_cards(&fixture->port), 1);
    card_session_release(sessions[39]);
    context_pool_release_idle(fixture->pool);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 0);
}

/* With pcsc-lite's library nobody shares a context: who finds none is refused, alone, and a process
 * leaves some to others. */
static void nobody_shares_a_context_that_is_for_one(void **state)
{
    struct fixture *fixture = *state;
    static struct card_session *sessions[FAULTY_OPEN_MAX];
    struct pooled_context *context;

    fixture->port.traits.context_is_for_one = true;
    attach_all(fixture, sessions, 40);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 40);
    faulty_port_fail(&fixture->port, FAULTY_ESTABLISH, SC_E_SERVER_TOO_BUSY, 2);
    assert_int_equal(card_session_attach_reader(fixture->session, FAULTY_READER, PCSC_SHARE_SHARED),
                     SC_E_SERVER_TOO_BUSY);
    assert_int_equal(context_pool_borrow(fixture->pool, &context), SC_E_SERVER_TOO_BUSY);
    for (size_t i = 0; i < 40; i++)
        assert_int_equal(card_session_check_attached(sessions[i]), HR_OK);
    assert_int_equal(card_session_detach(sessions[0]), HR_OK);
    attach(fixture);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 40);
    release_all(sessions, 40);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), POOL_CONTEXTS_MAX);
    context_pool_release_idle(fixture->pool);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
}

static void a_process_leaves_contexts_to_others(void **state)
{
    struct fixture *fixture = *state;
    static struct pooled_context *contexts[POOL_OWN_CONTEXTS_MAX];
    struct pooled_context *one_more;

    fixture->port.traits.context_is_for_one = true;
    for (size_t i = 0; i < POOL_OWN_CONTEXTS_MAX; i++)
        assert_int_equal(context_pool_borrow(fixture->pool, &contexts[i]), HR_OK);
    unsigned established = fixture->port.calls[FAULTY_ESTABLISH];
    assert_int_equal(established, POOL_OWN_CONTEXTS_MAX);
    assert_int_equal(context_pool_borrow(fixture->pool, &one_more), SC_E_SERVER_TOO_BUSY);
    assert_null(one_more);
    assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], established);
    for (size_t i = 0; i < POOL_OWN_CONTEXTS_MAX; i++)
        context_pool_return(fixture->pool, contexts[i]);
}

static void idle_contexts_go_borrowed_ones_stay(void **state)
{
    struct fixture *fixture = *state;
    struct card_session *other = card_session_create(fixture->pool);
    attach(fixture);
    assert_int_equal(card_session_attach_reader(other, FAULTY_READER, PCSC_SHARE_SHARED), HR_OK);
    card_session_release(other);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 2);
    context_pool_release_idle(fixture->pool);
    assert_int_equal(faulty_port_open_contexts(&fixture->port), 1);
    assert_status(fixture, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
}

static void a_thousand_attachments_one_context(void **state)
{
    struct fixture *fixture = *state;
    for (int i = 0; i < 1000; i++)
    {
        attach(fixture);
        assert_int_equal(card_session_detach(fixture->session), HR_OK);
    }
    assert_int_equal(fixture->port.calls[FAULTY_ESTABLISH], 1);
}

#ifdef SCM_CHECK_INVARIANTS

/* Whether a mistake of ours ends the process with this sentence. */
static void assert_broken(void (*mistake)(struct fixture *), struct fixture *fixture,
                          const char *sentence)
{
    char told[512] = "";
    size_t len = 0;
    ssize_t got;
    int ends[2], status;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
    {
        /* cmocka would report the signal as a failure of this test. */
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        mistake(fixture);
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], told + len, sizeof(told) - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    if (!strstr(told, sentence)) fail_msg("\"%s\" instead of \"%s\"", told, sentence);
}

static void leave_without_entering(struct fixture *fixture)
{
    card_session_leave(fixture->session);
}

static void end_work_that_only_entered(struct fixture *fixture)
{
    struct card_files *files;
    card_session_enter(fixture->session, &files);
    card_session_end_work(fixture->session);
}

static void return_twice(struct fixture *fixture)
{
    struct pooled_context *context;
    context_pool_borrow(fixture->pool, &context);
    context_pool_return(fixture->pool, context);
    context_pool_return(fixture->pool, context);
}

static void end_the_pool_too_early(struct fixture *fixture)
{
    context_pool_destroy(fixture->pool);
}

static void our_own_mistakes_end_the_process(void **state)
{
    struct fixture *fixture = *state;
    attach(fixture);
    assert_broken(leave_without_entering, fixture, "who leaves a session has entered it");
    assert_broken(end_work_that_only_entered, fixture, "work that ends has begun");
    assert_broken(return_twice, fixture, "a context that is returned is borrowed");
    assert_broken(end_the_pool_too_early, fixture, "a pool ends with all its contexts returned");
}

#endif

int main(void)
{
#define SESSION_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
#ifdef SCM_CHECK_INVARIANTS
        SESSION_TEST(our_own_mistakes_end_the_process),
#endif
        SESSION_TEST(nothing_works_detached),
        SESSION_TEST(attaches_and_detaches),
        SESSION_TEST(bad_arguments_change_nothing),
        SESSION_TEST(long_names_are_unknown_readers),
        SESSION_TEST(attaching_again_detaches_first),
        SESSION_TEST(a_failed_attach_leaves_nothing_attached),
        SESSION_TEST(results_pass_unchanged),
        SESSION_TEST(a_card_that_is_coming_is_waited_for),
        SESSION_TEST(no_service_at_all),
        SESSION_TEST(a_stale_pooled_context_is_replaced),
        SESSION_TEST(all_stale_pooled_contexts_are_replaced),
        SESSION_TEST(attached_sessions_survive_a_restart_one_by_one),
        SESSION_TEST(a_refusal_is_believed_when_it_is_repeated),
        SESSION_TEST(a_stale_context_does_not_share_an_exclusive_card),
        SESSION_TEST(a_service_that_is_full_shares_what_there_is),
        SESSION_TEST(clients_handle_is_used_and_kept),
        SESSION_TEST(clients_handle_closed_by_the_client),
        SESSION_TEST(clients_handle_after_reset_or_removal),
        SESSION_TEST(reconnect_keeps_the_mode),
        SESSION_TEST(reconnect_survives_a_restarted_service),
        SESSION_TEST(reconnect_may_be_tried_again),
        SESSION_TEST(clients_handle_is_not_replaced),
        SESSION_TEST(removal_is_a_state_not_an_error),
        SESSION_TEST(a_reconnected_card_has_power),
        SESSION_TEST(a_reconnected_lock_does_not_wait_for_itself),
        SESSION_TEST(an_exclusive_card_is_powered_by_a_reset),
        SESSION_TEST(a_card_that_another_took_is_left_alone),
        SESSION_TEST(a_clients_reconnected_card_has_power),
        SESSION_TEST(odd_states_are_reported_honestly),
        SESSION_TEST(locks_nest),
        SESSION_TEST(own_resets_need_no_reconnect),
        SESSION_TEST(a_failed_lock_is_no_lock),
        SESSION_TEST(a_lock_survives_reconnect),
        SESSION_TEST(what_cannot_be_ended_as_wanted_is_ended),
        SESSION_TEST(a_failed_reset_keeps_the_lock),
        SESSION_TEST(a_lock_that_is_lost_holds_nothing),
        SESSION_TEST(a_clients_handle_is_given_back_free),
        SESSION_TEST(detach_ends_a_lock),
        SESSION_TEST(nobody_waits_for_himself),
        SESSION_TEST(a_turn_ends_with_its_lock),
        SESSION_TEST(a_mute_card_keeps_nobody_from_detaching),
        SESSION_TEST(a_mute_card_of_the_clients),
        SESSION_TEST(the_last_reference_detaches),
        SESSION_TEST(many_sessions_share_few_contexts),
        SESSION_TEST(nobody_shares_a_context_that_is_for_one),
        SESSION_TEST(a_process_leaves_contexts_to_others),
        SESSION_TEST(idle_contexts_go_borrowed_ones_stay),
        SESSION_TEST(a_thousand_attachments_one_context),
    };
    return cmocka_run_group_tests_name("card_session", tests, NULL, NULL);
}
