/*
 * card_faults_test - the card layer over libpcsclite while pcscd is killed, stopped and started, the
 *                    card is pulled and put back, reset, held by others, or answers nothing.
 * Layer under test: card and pcsc, natively. Needs SCM_READER, SCM_SIMCARD_CONTROL, and somebody who
 * carries out orders: a line "order: kill service" on standard output is answered by "done" on
 * standard input.
 *
 * Each round does one kind of work on a card and lets one fault happen at some moment of it. Then
 * holds: the work ends soon after the fault does; it ends with success or with a result that is
 * documented for it; what it read is what the card has; a write that succeeded is on the card as a
 * whole, and one that failed is there at least as far as it says, and otherwise old or new; nothing
 * keeps the card from others; and the same session works again after Reconnect.
 * SCM_FAULT_ROUNDS: rounds of each kind, 10, and of slow kinds a part; SCM_FAULT_SEED; SCM_FAULT_STOP_MS: how long pcscd is
 * stopped, 300. tests/stack/faults.sh --rounds 1000 runs it by itself.
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"
#include "card/session/service.h"
#include "card/session/work.h"
#include "stack/simcard_orders.h"
#include "support/fail.h"
#include "system/clock.h"
#include "system/memory.h"
#include "system/thread.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <winscard.h>
#include <cmocka.h>

#define CARD         "t0.card" /* short commands, so that all work takes many; GET RESPONSE */
#define FILE_PATH    "3F00\\7F10\\6F03"
#define CONTENTS_LEN 1500

/* A call ends within this, once its fault has. */
#define PATIENCE_MS 20000
/* And a session works again. */
#define RECOVERY_MS 20000

enum work
{
    WORK_ATTACH,
    WORK_LOCK,
    WORK_READ,
    WORK_WRITE,
    WORK_KINDS
};

static const char *const work_names[] = { "attaching", "locking", "reading", "writing" };

static unsigned rounds = 10, stop_ms = 300;
static uint32_t seed = 1;
static uint8_t on_card[CONTENTS_LEN]; /* what the file has */
static unsigned done_count, failed_count;

static uint32_t random_below(uint32_t limit)
{
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % limit;
}

/* ---- Work ---- */

static struct card_reference_text path_of_file(void)
{
    return (struct card_reference_text){ CARD_REFERENCE_ID, FILE_PATH, strlen(FILE_PATH) };
}

static scm_result open_file(struct card_session *session, uint32_t *handle)
{
    struct card_fault fault = card_fault_none();
    return door_files_open(session, path_of_file(), handle, &fault);
}

static scm_result read_contents(struct card_session *session, uint8_t contents[CONTENTS_LEN])
{
    struct card_fault fault = card_fault_none();
    struct secret_bytes data = secret_bytes_from(&system_memory);
    uint32_t handle;

    scm_result result = open_file(session, &handle);
    if (result_failed(result)) return result;
    result = door_files_read(session, CARD_PLAIN, handle, CONTENTS_LEN, &data, &fault);
    if (!result_failed(result))
    {
        assert_int_equal(data.len, CONTENTS_LEN);
        memcpy(contents, data.data, CONTENTS_LEN);
    }
    secret_bytes_free(&data);
    door_files_close(session, handle, &fault);
    return result;
}

/* @param[out] written as far as it got. */
static scm_result write_contents(struct card_session *session, const uint8_t contents[CONTENTS_LEN],
                                 uint32_t *written)
{
    struct card_fault fault = card_fault_none();
    uint32_t handle;

    *written = 0;
    scm_result result = open_file(session, &handle);
    if (result_failed(result)) return result;
    result = door_files_write(session, CARD_PLAIN, handle, bytes_of(contents, CONTENTS_LEN),
                              CARD_WRITE_UPDATE, &fault);
    if (fault.has_written) *written = fault.written;
    if (!result_failed(result)) *written = CONTENTS_LEN;
    door_files_close(session, handle, &fault);
    return result;
}

static scm_result attach(struct card_session *session)
{
    return card_session_attach_reader(session, simcard_reader(), PCSC_SHARE_SHARED);
}

/* ---- Judging ---- */

/* What a client may hear of a fault, by any of its calls. A card that is back before anybody has
 * noticed has nothing selected: no access. */
static bool is_documented(scm_result result)
{
    static const scm_result known[] = {
        SC_E_NO_SERVICE,     SC_E_SERVICE_STOPPED,   SC_E_READER_UNAVAILABLE,
        SC_E_UNKNOWN_READER, SC_E_NO_SMARTCARD,      SC_W_REMOVED_CARD,
        SC_W_RESET_CARD,     SC_W_UNRESPONSIVE_CARD, SC_W_UNPOWERED_CARD,
        SC_E_COMM_DATA_LOST, SC_E_SHARING_VIOLATION, SC_E_NO_READERS_AVAILABLE,
        SC_E_NOT_TRANSACTED, SC_E_INVALID_HANDLE,    SC_E_SERVER_TOO_BUSY,
        SC_E_NO_ACCESS,
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (result == known[i]) return true;
    return !result_failed(result);
}

#define fail_round(...) fail_at(__FILE__, __LINE__, __VA_ARGS__)

/* What is on the card after a write that was to change it from `on_card` to `wanted`. */
static void judge_contents(const uint8_t found[CONTENTS_LEN], const uint8_t wanted[CONTENTS_LEN],
                           uint32_t written)
{
    for (uint32_t i = 0; i < CONTENTS_LEN; i++)
        if ((i < written || found[i] != on_card[i]) && found[i] != wanted[i])
            fail_round("byte %u is %02X: it was %02X, %02X was written, %u bytes are said to be",
                       (unsigned)i, found[i], on_card[i], wanted[i], (unsigned)written);
    memcpy(on_card, found, CONTENTS_LEN);
}

/* Nobody is kept from the card. */
static void judge_that_others_get_it(void)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    uint32_t began = clock_now_ms();

    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    assert_int_equal(
        SCardConnect(context, simcard_reader(), SCARD_SHARE_SHARED, 3, &card, &protocol), 0);
    assert_int_equal(SCardBeginTransaction(card), 0);
    assert_int_equal(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    assert_int_equal(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    assert_int_equal(SCardReleaseContext(context), 0);
    if (clock_now_ms() - began > PATIENCE_MS) fail_round("the card was kept from others");
}

/* The same session comes back by Reconnect, or where nothing is attached by attaching. */
static void recover(struct card_session *session)
{
    enum pcsc_state state;
    enum pcsc_protocol protocol;
    uint8_t contents[CONTENTS_LEN];
    uint32_t began = clock_now_ms();
    scm_result result;

    for (;;)
    {
        bool is_detached = card_session_check_attached(session) == SC_E_INVALID_HANDLE;
        result = is_detached ? attach(session) : card_session_reconnect(session);
        if (!result_failed(result)) result = card_session_status(session, &state, &protocol);
        if (!result_failed(result) && state == PCSC_STATE_ABSENT) result = SC_E_NO_SMARTCARD;
        if (!result_failed(result)) result = read_contents(session, contents);
        if (!result_failed(result)) break;
        if (!is_documented(result)) fail_round("recovering gave %08X", (unsigned)result);
        if (clock_now_ms() - began > RECOVERY_MS)
            fail_round("no recovery: %08X at last", (unsigned)result);
        thread_pause_ms(20);
    }
    assert_int_equal(state, PCSC_STATE_SPECIFIC);
    assert_int_equal(protocol, PCSC_PROTOCOL_T0);
}

/* ---- A fault at some moment ---- */

struct fault
{
    void (*strike)(const struct fault *fault);
    unsigned back_after_ms;
    uint32_t after_us;
};

static void *strike_in_time(void *context)
{
    struct fault *fault = context;
    const struct timespec moment = { 0, (long)fault->after_us * 1000 };
    nanosleep(&moment, NULL);
    fault->strike(fault);
    return NULL;
}

static void kill_and_start(const struct fault *fault)
{
    service_order("kill service");
    thread_pause_ms(fault->back_after_ms);
    service_order("start service");
}

static void stop_and_go_on(const struct fault *fault)
{
    service_order("pause service");
    thread_pause_ms(fault->back_after_ms);
    service_order("continue service");
}

static void pull_and_put_back(const struct fault *fault)
{
    simcard_order("remove\n");
    thread_pause_ms(fault->back_after_ms);
    simcard_order("insert\n");
}

/* Another program resets the card, as soon as it gets it. */
static void reset_by_another(const struct fault *fault)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;

    (void)fault;
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    if (SCardConnect(context, simcard_reader(), SCARD_SHARE_SHARED, 3, &card, &protocol) == 0)
        SCardDisconnect(card, SCARD_RESET_CARD);
    SCardReleaseContext(context);
}

/* Another program has the card to itself for a while: by a transaction, or exclusively. */
static void hold_for_a_while(const struct fault *fault, DWORD share)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;

    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    if (SCardConnect(context, simcard_reader(), share, 3, &card, &protocol) == 0)
    {
        if (share == SCARD_SHARE_SHARED) SCardBeginTransaction(card);
        thread_pause_ms(fault->back_after_ms);
        if (share == SCARD_SHARE_SHARED) SCardEndTransaction(card, SCARD_LEAVE_CARD);
        SCardDisconnect(card, SCARD_LEAVE_CARD);
    }
    SCardReleaseContext(context);
}

static void lock_for_a_while(const struct fault *fault)
{
    hold_for_a_while(fault, SCARD_SHARE_SHARED);
}

static void use_exclusively_for_a_while(const struct fault *fault)
{
    hold_for_a_while(fault, SCARD_SHARE_EXCLUSIVE);
}

static scm_result do_work(struct card_session *session, enum work work,
                          uint8_t contents[CONTENTS_LEN], uint32_t *written)
{
    switch (work)
    {
    case WORK_ATTACH:
        return attach(session);
    case WORK_LOCK:
    {
        scm_result result = card_session_lock(session);
        thread_pause_ms(2);
        scm_result unlocked = card_session_unlock(session, PCSC_LEAVE_CARD);
        return result_failed(result) ? result : unlocked;
    }
    case WORK_READ:
        return read_contents(session, contents);
    case WORK_WRITE:
    default:
        return write_contents(session, contents, written);
    }
}

static void one_round(struct card_session *session, enum work work, struct fault fault,
                      uint32_t within_us)
{
    uint8_t contents[CONTENTS_LEN], found[CONTENTS_LEN];
    uint32_t written = 0;
    pthread_t thread;

    if (work == WORK_ATTACH) card_session_detach(session);
    for (size_t i = 0; i < CONTENTS_LEN; i++)
        contents[i] = (uint8_t)random_below(256);
    fault.after_us = random_below(within_us);
    assert_int_equal(pthread_create(&thread, NULL, strike_in_time, &fault), 0);
    uint32_t began = clock_now_ms();
    scm_result result = do_work(session, work, contents, &written);
    uint32_t took = clock_now_ms() - began;
    pthread_join(thread, NULL);

    if (!is_documented(result))
        fail_round("%s, fault after %u us: %08X", work_names[work], (unsigned)fault.after_us,
                   (unsigned)result);
    if (took > fault.back_after_ms + PATIENCE_MS)
        fail_round("%s, fault after %u us: %u ms", work_names[work], (unsigned)fault.after_us,
                   (unsigned)took);
    if (!result_failed(result))
        done_count++;
    else
        failed_count++;
    if (work == WORK_READ && !result_failed(result))
        assert_memory_equal(contents, on_card, CONTENTS_LEN);
    recover(session);
    assert_int_equal(read_contents(session, found), HR_OK);
    if (work != WORK_WRITE) memcpy(contents, on_card, CONTENTS_LEN);
    judge_contents(found, contents, work == WORK_WRITE ? written : CONTENTS_LEN);
    judge_that_others_get_it();
}

/* Rounds of all kinds of work under one kind of fault. */
static void rounds_of(const char *name, struct fault fault, unsigned count, uint32_t within_us)
{
    struct card_session *session = card_service_open_session();
    uint32_t began = clock_now_ms();

    done_count = failed_count = 0;
    recover(session);
    assert_int_equal(read_contents(session, on_card), HR_OK);
    for (unsigned i = 0; i < count; i++)
        one_round(session, (enum work)(WORK_KINDS - 1 - i % WORK_KINDS), fault, within_us);
    card_session_release(session);
    printf("    %s: %u rounds, %u calls succeeded, %u failed, %u ms\n", name, count, done_count,
           failed_count, (unsigned)(clock_now_ms() - began));
}

/* About as long as reading and writing take. */
#define DURING_US 60000

/* Of the slow kinds: reading and writing at least. */
static unsigned part_of_rounds(unsigned part)
{
    return rounds / part < 2 ? 2 : rounds / part;
}

static void the_service_is_killed(void **state)
{
    (void)state;
    rounds_of("killed", (struct fault){ kill_and_start, 0, 0 }, part_of_rounds(2), DURING_US);
    rounds_of("killed, started later", (struct fault){ kill_and_start, 400, 0 }, part_of_rounds(5),
              DURING_US);
}

/* What a session has of the old service does not keep it from the new one. */
static void the_service_is_restarted_between_calls(void **state)
{
    struct card_session *session = card_service_open_session();
    uint8_t contents[CONTENTS_LEN];
    (void)state;

    recover(session);
    for (unsigned i = 0; i < part_of_rounds(5); i++)
    {
        service_order(i % 2 ? "kill service" : "stop service");
        service_order("start service");
        simcard_wait_for_card(true);
        scm_result result = read_contents(session, contents);
        assert_true(result == SC_E_NO_SERVICE || result == SC_E_SERVICE_STOPPED);
        assert_int_equal(card_session_reconnect(session), HR_OK);
        assert_int_equal(read_contents(session, contents), HR_OK);
    }
    card_session_release(session);
}

/* A daemon that stands still is waited for: everything goes on afterwards. */
static void the_service_stands_still(void **state)
{
    (void)state;
    rounds_of("stopped", (struct fault){ stop_and_go_on, stop_ms, 0 }, rounds, DURING_US);
    assert_int_equal(failed_count, 0);
}

static void the_card_is_pulled(void **state)
{
    (void)state;
    rounds_of("pulled, back at once", (struct fault){ pull_and_put_back, 0, 0 }, part_of_rounds(2),
              DURING_US);
    rounds_of("pulled, back after 200 ms", (struct fault){ pull_and_put_back, 200, 0 },
              part_of_rounds(2), DURING_US);
    rounds_of("pulled, back after 900 ms", (struct fault){ pull_and_put_back, 900, 0 },
              part_of_rounds(5), DURING_US);
    rounds_of("pulled, back after 3 s", (struct fault){ pull_and_put_back, 3000, 0 },
              part_of_rounds(20), DURING_US);
}

/* Who has a card exclusively keeps others out at once, not for ever. */
static void an_exclusive_card(void **state)
{
    struct card_session *session = card_service_open_session();
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;
    (void)state;

    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    for (unsigned i = 0; i < rounds; i++)
    {
        assert_int_equal(
            SCardConnect(context, simcard_reader(), SCARD_SHARE_EXCLUSIVE, 3, &card, &protocol), 0);
        assert_int_equal(attach(session), SC_E_SHARING_VIOLATION);
        assert_int_equal(SCardDisconnect(card, i % 2 ? SCARD_RESET_CARD : SCARD_LEAVE_CARD), 0);
        recover(session);
        assert_int_equal(
            SCardConnect(context, simcard_reader(), SCARD_SHARE_EXCLUSIVE, 3, &card, &protocol),
            (LONG)SCARD_E_SHARING_VIOLATION);
        assert_int_equal(card_session_reattach(session, PCSC_SHARE_EXCLUSIVE, PCSC_LEAVE_CARD),
                         HR_OK);
        assert_int_equal(
            SCardConnect(context, simcard_reader(), SCARD_SHARE_SHARED, 3, &card, &protocol),
            (LONG)SCARD_E_SHARING_VIOLATION);
        assert_int_equal(card_session_detach(session), HR_OK);
    }
    SCardReleaseContext(context);
    card_session_release(session);
}

static void others_use_the_card(void **state)
{
    (void)state;
    rounds_of("reset by another", (struct fault){ reset_by_another, 0, 0 }, rounds, DURING_US);
    rounds_of("locked by another", (struct fault){ lock_for_a_while, 150, 0 }, rounds, 2000);
    assert_int_equal(failed_count, 0);
    rounds_of("used exclusively by another", (struct fault){ use_exclusively_for_a_while, 100, 0 },
              rounds, 2000);
}

/* ---- A card that answers nothing ---- */

struct reading
{
    struct card_session *session;
    scm_result result;
};

static void *read_once(void *context)
{
    struct reading *reading = context;
    uint8_t contents[CONTENTS_LEN];
    reading->result = read_contents(reading->session, contents);
    return NULL;
}

/* Who waits for it can be left by another thread; pulled out, it lets go of the first as well. */
static void a_mute_card(void **state)
{
    struct card_session *session = card_service_open_session();
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;
    (void)state;

    for (unsigned i = 0; i < part_of_rounds(5); i++)
    {
        struct reading reading = { session, HR_OK };
        pthread_t thread;

        recover(session);
        simcard_order("hostile mute\n");
        assert_int_equal(pthread_create(&thread, NULL, read_once, &reading), 0);
        thread_pause_ms(50 + random_below(50));
        uint32_t began = clock_now_ms();
        assert_int_equal(card_session_detach(session), HR_OK);
        if (clock_now_ms() - began >= 1000)
            fail_round("detaching took %u ms", (unsigned)(clock_now_ms() - began));
        assert_int_equal(card_session_status(session, &card_state, &protocol), SC_E_INVALID_HANDLE);
        simcard_order("hostile off\n");
        simcard_order("remove\n");
        pthread_join(thread, NULL);
        if (!result_failed(reading.result) || !is_documented(reading.result))
            assert_int_equal(reading.result, SC_E_CANCELLED);
        assert_int_equal(card_session_check_attached(session), SC_E_INVALID_HANDLE);
        simcard_order("insert\n");
        simcard_wait_for_card(true);
        recover(session);
        judge_that_others_get_it();
    }
    card_session_release(session);
}

/* ---- Two sessions of one thread ---- */

static void nobody_waits_for_himself(void **state)
{
    struct card_session *one = card_service_open_session(), *two = card_service_open_session();
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;
    uint8_t contents[CONTENTS_LEN];
    (void)state;

    recover(one);
    recover(two);
    assert_int_equal(card_session_lock(one), HR_OK);
    assert_int_equal(card_session_lock(two), SC_E_SHARING_VIOLATION);
    assert_int_equal(read_contents(two, contents), SC_E_SHARING_VIOLATION);
    assert_int_equal(card_session_status(two, &card_state, &protocol), SC_E_SHARING_VIOLATION);
    assert_int_equal(card_session_reconnect(two), SC_E_SHARING_VIOLATION);
    assert_int_equal(card_session_detach_to(two, PCSC_RESET_CARD), SC_E_CANT_DISPOSE);
    assert_int_equal(attach(two), SC_E_SHARING_VIOLATION);
    assert_int_equal(read_contents(one, contents), HR_OK);
    assert_int_equal(card_session_unlock(one, PCSC_LEAVE_CARD), HR_OK);
    recover(two);
    card_session_release(one);
    card_session_release(two);
}

struct holder
{
    pthread_t thread;
    unsigned for_ms;
};

static void *hold(void *context)
{
    const struct holder *holder = context;
    lock_for_a_while(&(struct fault){ .back_after_ms = holder->for_ms });
    return NULL;
}

static void *lock_and_unlock(void *context)
{
    struct reading *waiter = context;
    waiter->result = card_session_lock(waiter->session);
    if (!result_failed(waiter->result)) card_session_unlock(waiter->session, PCSC_LEAVE_CARD);
    return NULL;
}

/* Status waits for another program's lock as long as pcsc-lite makes it, also where another thread of
 * the session waits for the same. */
static void status_waits_no_longer_than_it_must(void **state)
{
    struct card_session *session = card_service_open_session();
    struct reading waiter = { session, HR_OK };
    struct holder holder = { .for_ms = 600 };
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;
    pthread_t thread;
    (void)state;

    recover(session);
    assert_int_equal(pthread_create(&holder.thread, NULL, hold, &holder), 0);
    thread_pause_ms(150);
    uint32_t began = clock_now_ms();
    assert_int_equal(pthread_create(&thread, NULL, lock_and_unlock, &waiter), 0);
    assert_int_equal(card_session_status(session, &card_state, &protocol), HR_OK);
    assert_in_range(clock_now_ms() - began, 0, holder.for_ms + 5000);
    pthread_join(thread, NULL);
    pthread_join(holder.thread, NULL);
    assert_int_equal(waiter.result, HR_OK);
    card_session_release(session);
}

static void change_card(const char *order)
{
    simcard_order("remove\n");
    simcard_wait_for_card(false);
    simcard_order(order);
    simcard_order("insert\n");
    simcard_wait_for_card(true);
}

static int set_up(void **state)
{
    (void)state;
    change_card("card " CARD "\n");
    simcard_order("delay 2\n");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    card_service_release_idle();
    simcard_order("delay 0\n");
    change_card("card demo.card\n");
    return 0;
}

static unsigned number_from_environment(const char *name, unsigned otherwise)
{
    const char *text = getenv(name);
    return text && *text ? (unsigned)strtoul(text, NULL, 10) : otherwise;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    rounds = number_from_environment("SCM_FAULT_ROUNDS", rounds);
    stop_ms = number_from_environment("SCM_FAULT_STOP_MS", stop_ms);
    seed = number_from_environment("SCM_FAULT_SEED", seed);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_waits_for_himself),
        cmocka_unit_test(status_waits_no_longer_than_it_must),
        cmocka_unit_test(a_mute_card),
        cmocka_unit_test(others_use_the_card),
        cmocka_unit_test(an_exclusive_card),
        cmocka_unit_test(the_card_is_pulled),
        cmocka_unit_test(the_service_stands_still),
        cmocka_unit_test(the_service_is_restarted_between_calls),
        cmocka_unit_test(the_service_is_killed),
    };
    return cmocka_run_group_tests_name("card_faults", tests, set_up, tear_down);
}
