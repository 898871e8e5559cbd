/*
 * card_session_stack_test - the session over libpcsclite and a real pcscd: what the unit test
 *                           supposes of a resource manager is so.
 * Layer under test: card and pcsc, natively. Needs SCM_READER and SCM_SIMCARD_CONTROL.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/service.h"
#include "card/session/work.h"
#include "pcsc/context_pool.h"
#include "stack/simcard_orders.h"

#include <setjmp.h>
#include <stdarg.h>
#include <unistd.h>
#include <winscard.h>
#include <cmocka.h>

static const char *reader;

static void assert_status(struct card_session *session, scm_result expected, enum pcsc_state state,
                          enum pcsc_protocol protocol)
{
    enum pcsc_state got_state;
    enum pcsc_protocol got_protocol;
    assert_int_equal(card_session_status(session, &got_state, &got_protocol), expected);
    assert_int_equal(got_state, state);
    assert_int_equal(got_protocol, protocol);
}

static void attach_lock_detach(void **unused)
{
    struct card_session *session = card_service_open_session(), *other;
    (void)unused;
    assert_int_equal(card_session_attach_reader(session, reader, PCSC_SHARE_EXCLUSIVE), HR_OK);
    assert_status(session, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    other = card_service_open_session();
    assert_int_equal(card_session_attach_reader(other, reader, PCSC_SHARE_SHARED),
                     SC_E_SHARING_VIOLATION);
    assert_int_equal(card_session_attach_reader(other, "No such reader", PCSC_SHARE_SHARED),
                     SC_E_UNKNOWN_READER);
    assert_int_equal(card_session_lock(session), HR_OK);
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_int_equal(card_session_unlock(session, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(card_session_detach(session), HR_OK);
    assert_int_equal(card_session_attach_reader(other, reader, PCSC_SHARE_SHARED), HR_OK);
    card_session_release(other);
    card_session_release(session);
}

static void resets_are_seen_by_the_others(void **unused)
{
    struct card_session *one = card_service_open_session(), *two = card_service_open_session();
    (void)unused;
    assert_int_equal(card_session_attach_reader(one, reader, PCSC_SHARE_SHARED), HR_OK);
    assert_int_equal(card_session_attach_reader(two, reader, PCSC_SHARE_SHARED), HR_OK);
    assert_int_equal(card_session_lock(one), HR_OK);
    assert_int_equal(card_session_unlock(one, PCSC_RESET_CARD), HR_OK);
    assert_status(one, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_lock(two), SC_W_RESET_CARD);
    assert_int_equal(card_session_reconnect(two), HR_OK);
    assert_int_equal(card_session_lock(two), HR_OK);
    card_session_release(one);
    card_session_release(two);
}

static void removal_and_insertion(void **unused)
{
    struct card_session *session = card_service_open_session();
    (void)unused;
    assert_int_equal(card_session_attach_reader(session, reader, PCSC_SHARE_SHARED), HR_OK);
    simcard_order("remove\n");
    simcard_wait_for_card(false);
    assert_status(session, HR_OK, PCSC_STATE_ABSENT, PCSC_PROTOCOL_NONE);
    assert_int_equal(card_session_lock(session), SC_W_REMOVED_CARD);
    assert_int_equal(card_session_reconnect(session), SC_E_NO_SMARTCARD);
    simcard_order("insert\n");
    simcard_wait_for_card(true);
    assert_int_equal(card_session_lock(session), SC_W_REMOVED_CARD);
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_status(session, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    card_session_release(session);
}

/* The card goes and comes back, long enough ago that pcscd has taken its power again. */
static void exchange_card(void)
{
    simcard_order("remove\n");
    simcard_wait_for_card(false);
    simcard_order("insert\n");
    simcard_wait_for_card(true);
    sleep(2); /* pcscd takes less than half a second to do so */
}

/* Whether the card takes a command. */
static scm_result send_command(struct card_session *session)
{
    const struct apdu_command command = { .ins = 0x84, .ne = 8 };
    struct card_answer answer;
    struct card_files *files;

    scm_result result = card_session_begin_work(session, &files);
    if (result_failed(result)) return result;
    result = card_exchange(files->link, &command, &answer);
    card_session_end_work(session);
    return result;
}

static void reconnecting_late(void **unused)
{
    struct card_session *session = card_service_open_session();
    static const enum pcsc_share shares[] = { PCSC_SHARE_SHARED, PCSC_SHARE_EXCLUSIVE };
    (void)unused;
    for (size_t i = 0; i < 2; i++)
    {
        assert_int_equal(card_session_attach_reader(session, reader, shares[i]), HR_OK);
        assert_int_equal(send_command(session), HR_OK);
        if (i == 0) assert_int_equal(card_session_lock(session), HR_OK);
        simcard_order("remove\n");
        simcard_wait_for_card(false);
        assert_int_equal(card_session_reconnect(session), SC_E_NO_SMARTCARD);
        assert_status(session, HR_OK, PCSC_STATE_ABSENT, PCSC_PROTOCOL_NONE);
        exchange_card();
        assert_int_equal(send_command(session), SC_W_REMOVED_CARD);
        assert_int_equal(card_session_reconnect(session), HR_OK);
        assert_int_equal(send_command(session), HR_OK);
        sleep(1);
        assert_int_equal(send_command(session), HR_OK);
    }
    card_session_release(session);
}

static void reconnecting_disturbs_nobody(void **unused)
{
    struct card_session *session = card_service_open_session();
    SCARDCONTEXT context;
    SCARDHANDLE other;
    DWORD protocol;
    (void)unused;
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    assert_int_equal(card_session_attach_reader(session, reader, PCSC_SHARE_SHARED), HR_OK);
    exchange_card();
    assert_int_equal(SCardConnect(context, reader, SCARD_SHARE_SHARED, 3, &other, &protocol), 0);
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_int_equal(send_command(session), HR_OK);
    assert_int_equal(SCardStatus(other, NULL, NULL, NULL, NULL, NULL, NULL), SCARD_S_SUCCESS);
    /* And after somebody has switched the card off. */
    assert_int_equal(SCardDisconnect(other, SCARD_UNPOWER_CARD), 0);
    assert_int_equal(send_command(session), SC_W_RESET_CARD);
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_int_equal(send_command(session), HR_OK);
    SCardReleaseContext(context);
    card_session_release(session);
}

static void reconnecting_a_clients_handle_late(void **unused)
{
    struct card_session *session = card_service_open_session();
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    (void)unused;
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    assert_int_equal(SCardConnect(context, reader, SCARD_SHARE_SHARED, 3, &card, &protocol), 0);
    assert_int_equal(card_session_attach_handle(session, (pcsc_card)card), HR_OK);
    assert_int_equal(SCardBeginTransaction(card), 0);
    exchange_card();
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_int_equal(send_command(session), HR_OK);
    assert_int_equal(SCardBeginTransaction(card), 0);
    assert_int_equal(card_session_reconnect(session), HR_OK); /* which ends that of the client */
    assert_int_equal(send_command(session), HR_OK);

    /* The client reconnects by itself, to a card without power. */
    exchange_card();
    assert_int_equal(SCardReconnect(card, SCARD_SHARE_SHARED, 3, SCARD_LEAVE_CARD, &protocol), 0);
    assert_int_equal(send_command(session), SC_W_REMOVED_CARD);
    scm_result result = card_session_reconnect(session);
    if (result_failed(result)) /* the virtual reader has let go of its card */
    {
        sleep(3);
        result = card_session_reconnect(session);
    }
    assert_int_equal(result, HR_OK);
    assert_int_equal(send_command(session), HR_OK);
    assert_int_equal(card_session_detach(session), HR_OK);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    SCardReleaseContext(context);
    card_session_release(session);
}

static void handles_of_the_client(void **unused)
{
    struct card_session *session = card_service_open_session();
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    static const pcsc_card garbage[] = { 0, 1, 0x1234, (pcsc_card)-1, (pcsc_card)INT32_MIN };
    (void)unused;
    for (size_t i = 0; i < sizeof(garbage) / sizeof(garbage[0]); i++)
        assert_int_equal(card_session_attach_handle(session, garbage[i]), HR_INVALIDARG);
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    assert_int_equal(SCardConnect(context, reader, SCARD_SHARE_EXCLUSIVE, 3, &card, &protocol), 0);
    assert_int_equal(card_session_attach_handle(session, (pcsc_card)card), HR_OK);
    assert_int_equal(card_session_reconnect(session), HR_OK);
    assert_status(session, HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
    assert_int_equal(card_session_detach(session), HR_OK);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    assert_int_equal(card_session_attach_handle(session, (pcsc_card)card), HR_INVALIDARG);
    SCardReleaseContext(context);
    card_session_release(session);
}

/* Other programs have every context that the daemon gives, or all but `left`. */
#define DAEMON_CONTEXTS_MAX 400
static SCARDCONTEXT others[DAEMON_CONTEXTS_MAX];
static size_t others_count;

static void fill_daemon(size_t left)
{
    card_service_release_idle();
    others_count = 0;
    while (others_count < DAEMON_CONTEXTS_MAX &&
           SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &others[others_count]) == 0)
        others_count++;
    assert_true(others_count < DAEMON_CONTEXTS_MAX);
    for (; left > 0; left--)
        SCardReleaseContext(others[--others_count]);
}

static void empty_daemon(void)
{
    while (others_count > 0)
        SCardReleaseContext(others[--others_count]);
}

static void a_full_daemon_refuses_only_the_newcomer(void **unused)
{
    struct card_session *sessions[4];
    SCARDCONTEXT other;
    DWORD len = 0;
    (void)unused;
    for (size_t i = 0; i < 4; i++)
        sessions[i] = card_service_open_session();
    fill_daemon(0);
    for (int i = 0; i < 20; i++)
        assert_int_equal(card_session_attach_reader(sessions[0], reader, PCSC_SHARE_SHARED),
                         SC_E_SERVER_TOO_BUSY);
    assert_int_equal(SCardListReaders(others[0], NULL, NULL, &len), 0);
    empty_daemon();
    fill_daemon(2);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(card_session_attach_reader(sessions[i], reader, PCSC_SHARE_SHARED),
                         i < 2 ? HR_OK : SC_E_SERVER_TOO_BUSY);
    assert_int_not_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &other), 0);
    for (size_t i = 0; i < 4; i++)
    {
        if (i >= 2) /* the one before it has gone */
            assert_int_equal(card_session_attach_reader(sessions[i], reader, PCSC_SHARE_SHARED),
                             HR_OK);
        assert_status(sessions[i], HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
        assert_int_equal(card_session_lock(sessions[i]), HR_OK);
        card_session_release(sessions[i]);
    }
    empty_daemon();
}

/* The daemon gives 200 contexts, and as many handles of one reader: a process that attaches without
 * end is refused before that, and others find room. */
static void more_attachments_than_the_daemon_takes(void **unused)
{
    static struct card_session *sessions[400];
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    size_t count = 0;
    scm_result result = HR_OK;
    (void)unused;
    while (count < 400 && !result_failed(result))
    {
        sessions[count] = card_service_open_session();
        result = card_session_attach_reader(sessions[count++], reader, PCSC_SHARE_SHARED);
    }
    assert_int_equal(result, SC_E_SERVER_TOO_BUSY);
    card_session_release(sessions[--count]);
    assert_int_equal(count, POOL_OWN_CONTEXTS_MAX);
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    assert_int_equal(SCardConnect(context, reader, SCARD_SHARE_SHARED, 3, &card, &protocol), 0);
    assert_int_equal(SCardReleaseContext(context), 0);
    while (count > 0)
    {
        assert_status(sessions[--count], HR_OK, PCSC_STATE_SPECIFIC, PCSC_PROTOCOL_T1);
        card_session_release(sessions[count]);
    }
}

static int release_contexts(void **unused)
{
    (void)unused;
    card_service_release_idle();
    return 0;
}

int main(void)
{
    reader = simcard_reader();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(attach_lock_detach),
        cmocka_unit_test(resets_are_seen_by_the_others),
        cmocka_unit_test(removal_and_insertion),
        cmocka_unit_test(reconnecting_late),
        cmocka_unit_test(reconnecting_disturbs_nobody),
        cmocka_unit_test(reconnecting_a_clients_handle_late),
        cmocka_unit_test(handles_of_the_client),
        cmocka_unit_test(a_full_daemon_refuses_only_the_newcomer),
        cmocka_unit_test(more_attachments_than_the_daemon_takes),
    };
    return cmocka_run_group_tests_name("card_session_stack", tests, NULL, release_contexts);
}
