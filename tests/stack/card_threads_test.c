/*
 * card_threads_test - sixteen threads on shared and on separate sessions over libpcsclite and a real
 *                     pcscd: everything at once, no thread left waiting, nothing left behind.
 * Layer under test: card and pcsc, natively. Needs SCM_READER and SCM_SIMCARD_CONTROL.
 * SCM_THREADS_MS: how long each kind goes on, 1000. With -DSCM_SANITIZE=thread it is watched by
 * ThreadSanitizer.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/doors/pins.h"
#include "card/doors/profile.h"
#include "card/doors/relay.h"
#include "card/session/service.h"
#include "stack/simcard_orders.h"
#include "support/fail.h"
#include "system/clock.h"
#include "system/memory.h"
#include "system/thread.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#define THREADS      16
#define SESSIONS_MAX 40 /* more than a process has contexts */

/* Whoever is not back by then waits for ever. */
#define PATIENCE_S 120

static unsigned long_ms = 1000;

static struct
{
    struct card_session *sessions[SESSIONS_MAX];
    size_t session_count;
    bool may_detach;
    atomic_bool is_over;
    atomic_uint calls;
    atomic_int unexpected; /* the first result that nobody documents */
} crowd;

static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* What others may make of a call: they detach, reset and lock meanwhile. */
static bool is_expected(scm_result result)
{
    static const scm_result known[] = {
        SC_E_INVALID_HANDLE,     SC_E_NOT_TRANSACTED,
        SC_W_RESET_CARD,         SC_E_CANCELLED,
        SC_W_REMOVED_CARD,       SC_E_SHARING_VIOLATION,
        SC_W_SECURITY_VIOLATION, SC_W_WRONG_CHV,
        SC_E_BAD_SEEK,           SC_W_EOF,
        SC_E_NOT_READY,          HR_INVALIDARG,
        SC_E_NO_ACCESS,
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (result == known[i]) return true;
    return !result_failed(result);
}

static void expect(scm_result result)
{
    int none = 0;
    atomic_fetch_add(&crowd.calls, 1);
    if (!is_expected(result)) atomic_compare_exchange_strong(&crowd.unexpected, &none, (int)result);
}

static struct card_reference_text path(const char *text)
{
    return (struct card_reference_text){ CARD_REFERENCE_ID, text, strlen(text) };
}

/* A file that each may write: what is read of it was written as a whole. */
static void use_file(struct card_session *session, uint32_t random)
{
    struct card_fault fault = card_fault_none();
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint8_t contents[64];
    uint32_t handle;

    scm_result result = door_files_open(session, path("3F00\\7F10\\6F01"), &handle, &fault);
    expect(result);
    if (result_failed(result)) return;
    memset(contents, (int)(random & 0xFF), sizeof(contents));
    if (random & 0x100)
        expect(door_files_write(session, CARD_PLAIN, handle, bytes_of(contents, sizeof(contents)),
                                CARD_WRITE_UPDATE, &fault));
    else
    {
        result = door_files_read(session, CARD_PLAIN, handle, sizeof(contents), &data, &fault);
        expect(result);
        for (size_t i = 1; !result_failed(result) && i < data.len; i++)
            if (data.data[i] != data.data[0]) expect(SC_F_INTERNAL_ERROR);
    }
    expect(door_files_seek(session, handle, 0, CARD_SEEK_BEGINNING, &fault));
    expect(door_files_close(session, handle, &fault));
    secret_bytes_free(&data);
}

static void list(struct card_session *session)
{
    struct card_fault fault = card_fault_none();
    struct card_listing listing = { 0 };
    expect(door_files_change_dir(session, path("3F00\\7F10"), &fault));
    expect(door_files_list(session, CARD_FILTER_ALL, &listing, &fault));
    card_listing_free(&listing);
}

static void lock_for_a_moment(struct card_session *session)
{
    scm_result result = card_session_lock(session);
    expect(result);
    if (!result_failed(result)) expect(card_session_unlock(session, PCSC_LEAVE_CARD));
}

static void attach_anew(struct card_session *session)
{
    expect(card_session_detach(session));
    expect(card_session_attach_reader(session, simcard_reader(), PCSC_SHARE_SHARED));
}

static void one_call(struct card_session *session, uint32_t random)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);
    struct card_fault fault = card_fault_none();
    struct pcsc_status status;
    enum pcsc_state state;
    enum pcsc_protocol protocol;
    char room[256];
    struct text where = text_in(room, sizeof(room));

    switch (random % 16)
    {
    case 0:
        expect(card_session_status(session, &state, &protocol));
        break;
    case 1:
        expect(card_session_describe(session, &status));
        break;
    case 2:
        (void)card_session_facts(session);
        expect(card_session_check_attached(session));
        break;
    case 3:
        lock_for_a_moment(session);
        break;
    case 4:
        expect(card_session_reconnect(session));
        break;
    case 5:
        list(session);
        break;
    case 6:
        expect(door_files_current_dir(session, &where));
        break;
    case 7:
        expect(door_profile_describe(session, &text));
        break;
    case 8:
        if (crowd.may_detach) attach_anew(session);
        break;
    case 9:
        card_session_release(card_session_add_ref(session));
        break;
    case 10:
        expect(door_files_capabilities(session, CARD_PLAIN, &text, &fault));
        break;
    default:
        use_file(session, random >> 4);
        break;
    }
    secret_bytes_free(&text);
}

static void *use_sessions(void *context)
{
    uint32_t random = (uint32_t)(uintptr_t)context * 7919u + 1u;

    while (!atomic_load(&crowd.is_over))
    {
        uint32_t which = next_random(&random) % (uint32_t)crowd.session_count;
        one_call(crowd.sessions[which], next_random(&random));
    }
    return NULL;
}

static void crowd_on(size_t session_count, bool may_detach)
{
    pthread_t threads[THREADS];

    memset(&crowd, 0, sizeof(crowd));
    crowd.session_count = session_count;
    crowd.may_detach = may_detach;
    for (size_t i = 0; i < session_count; i++)
    {
        crowd.sessions[i] = card_service_open_session();
        assert_int_equal(
            card_session_attach_reader(crowd.sessions[i], simcard_reader(), PCSC_SHARE_SHARED),
            HR_OK);
    }
    use_file(crowd.sessions[0], 0x100);
    alarm(PATIENCE_S + long_ms / 1000);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_sessions, (void *)i), 0);
    thread_pause_ms(long_ms);
    atomic_store(&crowd.is_over, true);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    alarm(0);
    printf("    %u calls in %d threads on %zu sessions\n", atomic_load(&crowd.calls), THREADS,
           session_count);
    if (atomic_load(&crowd.unexpected))
        fail_at(__FILE__, __LINE__, "a call gave %08X", (unsigned)atomic_load(&crowd.unexpected));
    assert_true(atomic_load(&crowd.calls) > 0);
    /* Whatever was interrupted, each works when it is alone. */
    for (size_t i = 0; i < session_count; i++)
    {
        attach_anew(crowd.sessions[i]);
        use_file(crowd.sessions[i], 0);
        lock_for_a_moment(crowd.sessions[i]);
        assert_int_equal(atomic_load(&crowd.unexpected), 0);
        card_session_release(crowd.sessions[i]);
    }
}

static void all_on_one_session(void **state)
{
    (void)state;
    crowd_on(1, false);
    crowd_on(1, true);
}

static void on_a_few_sessions(void **state)
{
    (void)state;
    crowd_on(4, true);
}

static void on_more_sessions_than_contexts(void **state)
{
    (void)state;
    crowd_on(SESSIONS_MAX, false);
    crowd_on(SESSIONS_MAX, true);
}

int main(void)
{
    const char *text = getenv("SCM_THREADS_MS");
    if (text && *text) long_ms = (unsigned)strtoul(text, NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_on_one_session),
        cmocka_unit_test(on_a_few_sessions),
        cmocka_unit_test(on_more_sessions_than_contexts),
    };
    simcard_wait_for_card(true);
    int failed = cmocka_run_group_tests_name("card_threads", tests, NULL, NULL);
    card_service_release_idle();
    return failed;
}
