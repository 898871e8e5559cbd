/*
 * own_winscard_test - the border's calls over a winscard.dll like Wine's own: every call, what that
 *                     DLL loses and is made up for, and that no handle reaches it that is not open.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "wine/own_winscard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/result.h"
#include "support/fake_own_winscard.h"
#include "support/fake_unix_part.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"
#include "wine/own_wait.h"
#include "wine/system.h"

#define READER   "Own Reader 00 00"
#define PNP      "\\\\?PnP?\\Notification"
#define FOR_EVER 0xFFFFFFFFu

/* Of a reader: a card is there; it is used; none is. With pcsc-lite's count of events above. */
#define CARD_THERE 0x00010020u
#define CARD_USED  0x00010120u
#define CARD_GONE  0x00020010u

static int64_t context;
static int64_t card;

static void call(enum unix_function function, void *arguments)
{
    assert_int_equal(own_winscard_call(function, arguments), 0);
}

/* A call with its parameters, and its result. */
#define assert_call(function, parameters, wanted)                                                  \
    do                                                                                             \
    {                                                                                              \
        call(function, &(parameters));                                                             \
        assert_int_equal((parameters).result, wanted);                                             \
    } while (0)

static int64_t establish(void)
{
    struct unix_establish establish = { .scope = 2 };
    assert_call(UNIX_ESTABLISH, establish, 0);
    return establish.context;
}

static int64_t connect_in(int64_t in)
{
    struct unix_connect connect = {
        .context = in, .reader = unix_address_of(READER), .share = 2, .protocols = 3
    };
    assert_call(UNIX_CONNECT, connect, 0);
    return connect.card;
}

static int32_t release(int64_t which)
{
    struct unix_context release = { .context = which };
    call(UNIX_RELEASE, &release);
    return release.result;
}

static int32_t disconnect(int64_t which, uint32_t disposition)
{
    struct unix_disposition disconnect = { .card = which, .disposition = disposition };
    call(UNIX_DISCONNECT, &disconnect);
    return disconnect.result;
}

static int set_up(void **state)
{
    (void)state;
    fake_own_reset();
    own_winscard_init(&fake_own_functions);
    context = establish();
    card = connect_in(context);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    release(context);
    return 0;
}

/* ---- Contexts and their readers ---- */

static void test_contexts(void **state)
{
    (void)state;
    struct unix_establish refused = { .scope = 1 };
    int64_t other = establish(), again;

    assert_int_equal(fake_own.numbers[0], 2);
    assert_int_not_equal(other, context);
    assert_int_equal(release(other), 0);
    assert_int_equal(fake_own.contexts_open, 1);
    fake_own.result = SC_E_NO_SERVICE;
    assert_call(UNIX_ESTABLISH, refused, SC_E_NO_SERVICE);
    assert_int_equal(refused.context, 0);
    fake_own.result = 0;
    /* A number is used once. */
    assert_int_equal(release(other), SC_E_INVALID_HANDLE);
    again = establish();
    assert_int_not_equal(again, other);
    assert_int_equal(release(again), 0);
}

static void test_list_readers(void **state)
{
    (void)state;
    static const char two[] = "Own Reader 00 00\0Own Reader 01 00\0";
    char names[64];
    struct unix_list_readers list = { .context = context };

    fake_own.readers = 2;
    assert_call(UNIX_LIST_READERS, list, 0);
    assert_int_equal(list.len, sizeof(two));
    list.readers = unix_address_of(names);
    list.capacity = sizeof(two) - 1;
    assert_call(UNIX_LIST_READERS, list, SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(list.len, sizeof(two));
    list.capacity = sizeof(two);
    fake_own.lists_short = true; /* a reader comes in between */
    assert_call(UNIX_LIST_READERS, list, 0);
    assert_memory_equal(names, two, sizeof(two));
    fake_own.readers = 0;
    assert_call(UNIX_LIST_READERS, list, SC_E_NO_READERS_AVAILABLE);
}

static void test_many_readers(void **state)
{
    (void)state;
    static char names[FAKE_OWN_READERS_MAX * 17 + 1];
    struct unix_list_readers list = { .context = context,
                                      .readers = unix_address_of(names),
                                      .capacity = sizeof(names) };

    fake_own.readers = FAKE_OWN_READERS_MAX;
    assert_call(UNIX_LIST_READERS, list, 0);
    assert_int_equal(list.len, sizeof(names));
    assert_string_equal(names + 39 * 17, "Own Reader 39 00");
}

/* ---- Waiting ---- */

static struct unix_reader_state entry(const char *name, uint32_t known)
{
    return (struct unix_reader_state){ .reader = unix_address_of(name), .current_state = known };
}

static int32_t wait_for(struct unix_reader_state *states, uint32_t count, uint32_t timeout_ms)
{
    struct unix_status_change wait = { .context = context,
                                       .states = unix_address_of(states),
                                       .count = count,
                                       .timeout_ms = timeout_ms };
    call(UNIX_STATUS_CHANGE, &wait);
    return wait.result;
}

/* One row: what the caller knows, how it is, and what comes of it. */
static void test_what_is_a_change(void **state)
{
    (void)state;
    static const struct
    {
        uint32_t known, now;
        bool is_change;
    } rows[] = {
        { 0, CARD_THERE, true },                  /* unaware */
        { CARD_THERE, CARD_THERE, false },        /* nothing */
        { 0x20, CARD_THERE, false },              /* the same without a count of events */
        { 0x00020020, CARD_THERE, true },         /* another count */
        { STATE_EMPTY, CARD_THERE, true },        /* put in */
        { CARD_THERE, CARD_GONE & 0xFFFF, true }, /* taken out */
        { STATE_PRESENT, 0x00010220, true },      /* it is mute */
        { 0x00010220, CARD_THERE, true },         /* it is mute no more */
        { CARD_THERE, CARD_USED, false },         /* somebody begins to use it */
        { CARD_USED, CARD_THERE, true },          /* and ends */
        { CARD_USED, 0x000100A0, true },          /* wants it for himself */
        { 0x000100A0, CARD_USED, true },          /* and shares it again */
        { 0x000100A0, CARD_THERE, true },         /* or goes */
        { STATE_UNKNOWN, CARD_THERE, true },      /* the reader is back */
        { STATE_EMPTY, STATE_UNAVAILABLE, true }, /* the reader is in a bad state */
        { STATE_UNAVAILABLE, CARD_GONE, true },   /* or out of it */
        { STATE_UNAVAILABLE, STATE_UNAVAILABLE, false },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct unix_reader_state states[1] = { entry(READER, rows[i].known) };

        fake_own.states[0] = rows[i].now | STATE_CHANGED; /* it always says so */
        if (wait_for(states, 1, 0) != (rows[i].is_change ? 0 : SC_E_TIMEOUT))
            fail_msg("row %zu", i);
        assert_int_equal(states[0].event_state,
                         rows[i].now | (rows[i].is_change ? STATE_CHANGED : 0));
        assert_int_equal(states[0].atr_len, rows[i].now & STATE_PRESENT ? 5 : 0);
        assert_int_equal(states[0].current_state, rows[i].known);
    }
}

static void test_waits_once(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    uint32_t began = system_tick_ms(), passed;

    fake_own.states[0] = CARD_THERE;
    assert_int_equal(wait_for(states, 1, 300), SC_E_TIMEOUT);
    passed = system_tick_ms() - began;
    assert_in_range(passed, 300, 2000);
    /* 0, 10, 30, 70, 150, 300: less and less often. */
    assert_in_range(fake_own.looks, 2, 7);
}

static void test_ignored(void **state)
{
    (void)state;
    struct unix_reader_state states[2] = { entry(READER, STATE_IGNORE), entry(PNP, STATE_IGNORE) };

    states[0].event_state = states[0].atr_len = 77;
    assert_int_equal(wait_for(states, 2, FOR_EVER), 0);
    assert_int_equal(states[0].event_state, 0);
    assert_int_equal(states[0].atr_len, 0);
    assert_int_equal(fake_own.looks, 0);
    assert_int_equal(wait_for(states, 0, FOR_EVER), 0);
    /* Beside one that is not: it does not end the wait. */
    states[1] = entry(READER, CARD_THERE);
    fake_own.states[0] = CARD_THERE;
    assert_int_equal(wait_for(states, 2, 0), SC_E_TIMEOUT);
    assert_int_equal(states[0].event_state, 0);
    assert_int_equal(states[1].event_state, CARD_THERE);
}

static void test_notification(void **state)
{
    (void)state;
    struct unix_reader_state states[3] = { entry(READER, CARD_THERE), entry(PNP, 0),
                                           entry("Own Reader 01 00", CARD_THERE) };

    fake_own.readers = 2;
    fake_own.states[0] = fake_own.states[1] = CARD_THERE;
    assert_int_equal(wait_for(states, 3, FOR_EVER), 0);
    assert_int_equal(states[1].event_state, 0x00020000 | STATE_CHANGED);
    assert_int_equal(states[0].event_state, CARD_THERE);
    assert_int_equal(states[2].event_state, CARD_THERE);
    states[1].current_state = 0x00020000;
    assert_int_equal(wait_for(states, 3, 0), SC_E_TIMEOUT);
    assert_int_equal(states[1].event_state, 0x00020000);
    fake_own.readers = 0;
    states[0] = entry("\\\\?pnp?\\notification", 0x00020000);
    assert_int_equal(wait_for(states, 1, 0), 0);
    assert_int_equal(states[0].event_state, STATE_CHANGED);
    fake_own.result = SC_E_NO_SERVICE;
    assert_int_equal(wait_for(states, 1, FOR_EVER), SC_E_NO_SERVICE);
}

static void test_many_states(void **state)
{
    (void)state;
    char names[FAKE_OWN_READERS_MAX][20];
    struct unix_reader_state states[FAKE_OWN_READERS_MAX];

    fake_own.readers = FAKE_OWN_READERS_MAX;
    for (uint32_t i = 0; i < FAKE_OWN_READERS_MAX; i++)
    {
        snprintf(names[i], sizeof(names[i]), "Own Reader %02u 00", i);
        states[i] = entry(names[i], CARD_THERE);
        fake_own.states[i] = CARD_THERE;
    }
    assert_int_equal(wait_for(states, FAKE_OWN_READERS_MAX, 0), SC_E_TIMEOUT);
    fake_own.states[FAKE_OWN_READERS_MAX - 1] = CARD_GONE;
    assert_int_equal(wait_for(states, FAKE_OWN_READERS_MAX, FOR_EVER), 0);
    assert_int_equal(states[FAKE_OWN_READERS_MAX - 1].event_state, CARD_GONE | STATE_CHANGED);
    assert_int_equal(states[0].event_state, CARD_THERE);
}

static void test_unknown_reader(void **state)
{
    (void)state;
    struct unix_reader_state states[2] = { entry(READER, CARD_THERE), entry("Nobody", CARD_THERE) };

    assert_int_equal(wait_for(states, 2, FOR_EVER), SC_E_UNKNOWN_READER);
    assert_int_equal(fake_own.looks, 1);
}

/* What happens in another thread while one waits for ever. */
struct happening
{
    void (*happens)(void);
    struct unix_reader_state *states;
    uint32_t count;
    int32_t result;
    uint32_t took_ms;
};

static void *wait_in_thread(void *argument)
{
    struct happening *happening = argument;
    happening->result = wait_for(happening->states, happening->count, FOR_EVER);
    return NULL;
}

static void run_happening(struct happening *happening)
{
    pthread_t thread;
    uint32_t began;

    fake_own_set_state(0, CARD_THERE);
    fake_own_set_state(1, CARD_THERE);
    assert_int_equal(pthread_create(&thread, NULL, wait_in_thread, happening), 0);
    system_pause_ms(500); /* far enough for the longest pause between two looks */
    began = system_tick_ms();
    happening->happens();
    pthread_join(thread, NULL);
    happening->took_ms = system_tick_ms() - began;
}

static void take_card_out(void)
{
    fake_own_set_state(0, CARD_GONE);
}

static void test_change_while_waiting(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    struct happening happening = { take_card_out, states, 1, -1, 0 };

    run_happening(&happening);
    assert_int_equal(happening.result, 0);
    assert_int_equal(states[0].event_state, CARD_GONE | STATE_CHANGED);
    assert_in_range(happening.took_ms, 0, OWN_WAIT_LAST_MS + 300);
}

static void cancel(void)
{
    struct unix_context cancel = { .context = context };
    assert_call(UNIX_CANCEL, cancel, 0);
}

static void test_cancel(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    struct happening happening = { cancel, states, 1, -1, 0 };

    /* Of one that has not begun nothing stays. */
    cancel();
    run_happening(&happening);
    assert_int_equal(happening.result, SC_E_CANCELLED);
    assert_in_range(happening.took_ms, 0, 100);
    /* Nor of the last one. */
    fake_own.states[0] = CARD_THERE;
    assert_int_equal(wait_for(states, 1, 20), SC_E_TIMEOUT);
}

static void unplug_second(void)
{
    fake_own_set_readers(1);
}

static void test_reader_vanishes(void **state)
{
    (void)state;
    struct unix_reader_state states[2] = { entry(READER, CARD_THERE),
                                           entry("Own Reader 01 00", CARD_THERE) };
    struct happening happening = { unplug_second, states, 2, -1, 0 };

    fake_own.readers = 2;
    run_happening(&happening);
    assert_int_equal(happening.result, 0);
    assert_int_equal(states[0].event_state, CARD_THERE);
    assert_int_equal(states[1].event_state, STATE_UNKNOWN | STATE_UNAVAILABLE | STATE_CHANGED);
    assert_int_equal(states[1].atr_len, 0);
}

static void unplug_all(void)
{
    fake_own_set_readers(0);
}

static void test_last_reader_vanishes(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    struct happening happening = { unplug_all, states, 1, -1, 0 };

    run_happening(&happening);
    assert_int_equal(happening.result, 0);
    assert_int_equal(states[0].event_state, STATE_UNKNOWN | STATE_UNAVAILABLE | STATE_CHANGED);
}

/* pcsc-lite 2.5 says now and then that a reader is unknown which is there. */
static void test_unknown_by_mistake(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    struct happening happening = { take_card_out, states, 1, -1, 0 };

    fake_own.spurious = 2;
    run_happening(&happening);
    assert_int_equal(fake_own.spurious, 0);
    assert_int_equal(happening.result, 0);
    assert_int_equal(states[0].event_state, CARD_GONE | STATE_CHANGED);
}

static void stop_service(void)
{
    fake_own.result = SC_E_NO_SERVICE;
}

static void test_service_stops(void **state)
{
    (void)state;
    struct unix_reader_state states[1] = { entry(READER, CARD_THERE) };
    struct happening happening = { stop_service, states, 1, -1, 0 };

    run_happening(&happening);
    assert_int_equal(happening.result, SC_E_NO_SERVICE);
}

/* ---- Connections ---- */

static void test_connections(void **state)
{
    (void)state;
    struct unix_connect connect = {
        .context = context, .reader = unix_address_of("Nobody"), .share = 3, .protocols = 4
    };
    struct unix_reconnect reconnect = {
        .card = card, .share = 1, .protocols = 3, .initialization = 2
    };

    assert_int_equal(fake_own.numbers[0], 2);
    assert_int_equal(fake_own.numbers[1], 3);
    assert_call(UNIX_CONNECT, connect, SC_E_UNKNOWN_READER);
    assert_int_equal(connect.card, 0);
    assert_call(UNIX_RECONNECT, reconnect, 0);
    assert_int_equal(reconnect.protocol, 1);
    assert_int_equal(fake_own.numbers[2], 2);
    assert_int_equal(disconnect(card, 1), 0);
    assert_int_equal(fake_own.numbers[0], 1);
    assert_int_equal(fake_own.cards_open, 0);
}

static void test_long_names(void **state)
{
    (void)state;
    static char name[4096];
    struct unix_connect connect = {
        .context = context, .reader = unix_address_of(name), .share = 2, .protocols = 3
    };

    memset(name, 'x', sizeof(name) - 1);
    assert_call(UNIX_CONNECT, connect, SC_E_UNKNOWN_READER);
    name[127] = 0;
    assert_call(UNIX_CONNECT, connect, SC_E_UNKNOWN_READER);
    strcpy(name, "Leser \xC3\xA4 00");
    call(UNIX_CONNECT, &connect);
    assert_int_equal(fake_own.reader[6], 0xE4);
}

static void test_transactions_and_status(void **state)
{
    (void)state;
    struct unix_disposition transaction = { .card = card, .disposition = 2 };
    struct unix_status status = { .card = card };

    assert_call(UNIX_BEGIN, transaction, 0);
    call(UNIX_END, &transaction);
    assert_int_equal(fake_own.numbers[0], 2);
    assert_call(UNIX_STATUS, status, 0);
    assert_int_equal(status.state, 0x00050034);
    assert_int_equal(status.protocol, 2);
    assert_int_equal(status.atr_len, 5);
    assert_int_equal(status.atr[0], 0x3B);
    fake_own.result = SC_W_REMOVED_CARD;
    assert_call(UNIX_STATUS, status, SC_W_REMOVED_CARD);
    assert_int_equal(status.atr_len, 0);
    assert_call(UNIX_BEGIN, transaction, SC_W_REMOVED_CARD);
    assert_call(UNIX_END, transaction, SC_W_REMOVED_CARD);
}

static void test_transmit(void **state)
{
    (void)state;
    uint8_t receive[8];
    struct unix_transmit transmit = { .card = card,
                                      .send = unix_address_of("abcde"),
                                      .receive = unix_address_of(receive),
                                      .send_len = 5,
                                      .receive_capacity = sizeof(receive),
                                      .send_protocol = 2 };

    fake_own.answer = (const uint8_t *)"12\x90";
    fake_own.answer_len = 4;
    assert_call(UNIX_TRANSMIT, transmit, 0);
    assert_int_equal(transmit.receive_len, 4);
    assert_int_equal(transmit.receive_protocol, 2);
    assert_memory_equal(receive, "12\x90", 4);
    assert_memory_equal(fake_own.sent, "abcde", 5);
    assert_int_equal(fake_own.numbers[0], 2);
    assert_int_equal(fake_own.numbers[1], 5);
    /* Who has too little room hears how much it takes, */
    transmit.receive_capacity = 3;
    memset(receive, 0, sizeof(receive));
    assert_call(UNIX_TRANSMIT, transmit, SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(transmit.receive_len, 4);
    assert_int_equal(receive[0], 0);
    /* and who has none for a status word is refused, as by pcsc-lite, before the card is asked. */
    transmit.receive_capacity = 1;
    assert_call(UNIX_TRANSMIT, transmit, SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(fake_own.numbers[2], 1);
    fake_own.result = SC_W_RESET_CARD;
    transmit.receive_capacity = sizeof(receive);
    assert_call(UNIX_TRANSMIT, transmit, SC_W_RESET_CARD);
    assert_int_equal(transmit.receive_len, 0);
}

static void test_longest_answer(void **state)
{
    (void)state;
    static uint8_t answer[UNIX_MESSAGE_MAX], receive[UNIX_MESSAGE_MAX];
    struct unix_transmit transmit = { .card = card,
                                      .send = unix_address_of("abcde"),
                                      .receive = unix_address_of(receive),
                                      .send_len = 5,
                                      .receive_capacity = sizeof(receive),
                                      .send_protocol = 2 };

    memset(answer, 7, sizeof(answer));
    fake_own.answer = answer;
    fake_own.answer_len = sizeof(answer);
    assert_call(UNIX_TRANSMIT, transmit, 0);
    assert_int_equal(transmit.receive_len, sizeof(answer));
    assert_memory_equal(receive, answer, sizeof(answer));
}

static void test_control(void **state)
{
    (void)state;
    uint8_t receive[4];
    struct unix_control control = { .card = card,
                                    .send = unix_address_of("in"),
                                    .receive = unix_address_of(receive),
                                    .code = 0x42000D48,
                                    .send_len = 2,
                                    .receive_capacity = sizeof(receive) };

    fake_own.answer = (const uint8_t *)"outs";
    fake_own.answer_len = 4;
    assert_call(UNIX_CONTROL, control, 0);
    assert_int_equal(control.receive_len, 4);
    assert_memory_equal(receive, "outs", 4);
    assert_int_equal(fake_own.numbers[0], 0x42000D48);
    control.receive_capacity = 3;
    assert_call(UNIX_CONTROL, control, SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(control.receive_len, 4);
    control.receive = 0;
    control.receive_capacity = 0;
    fake_own.answer_len = 0;
    assert_call(UNIX_CONTROL, control, 0);
    fake_own.result = LITE_E_UNSUPPORTED_FEATURE;
    assert_call(UNIX_CONTROL, control, LITE_E_UNSUPPORTED_FEATURE);
    assert_int_equal(control.receive_len, 0);
}

static void test_attributes(void **state)
{
    (void)state;
    uint8_t value[8];
    struct unix_attribute get = { .card = card, .id = 0x90303 };
    struct unix_attribute set = {
        .card = card, .value = unix_address_of("wxyz"), .id = 0x7FFF0007, .value_len = 4
    };

    fake_own.answer = (const uint8_t *)"vvvvv";
    fake_own.answer_len = 5;
    assert_call(UNIX_GET_ATTRIBUTE, get, 0);
    assert_int_equal(get.value_len, 5);
    get.value = unix_address_of(value);
    get.value_len = 4;
    assert_call(UNIX_GET_ATTRIBUTE, get, SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(get.value_len, 5);
    get.value_len = 8;
    assert_call(UNIX_GET_ATTRIBUTE, get, 0);
    assert_memory_equal(value, "vvvvv", 5);
    fake_own.result = LITE_E_UNSUPPORTED_FEATURE;
    assert_call(UNIX_GET_ATTRIBUTE, get, LITE_E_UNSUPPORTED_FEATURE);
    fake_own.result = 0;
    assert_call(UNIX_SET_ATTRIBUTE, set, 0);
    assert_memory_equal(fake_own.sent, "wxyz", 4);
    assert_int_equal(fake_own.numbers[0], 0x7FFF0007);
}

/* ---- Going away ---- */

static int32_t abandon(int64_t in, int64_t which, uint32_t limit_ms)
{
    struct unix_abandon abandon = {
        .context = in, .card = which, .disposition = 1, .limit_ms = limit_ms
    };
    call(UNIX_ABANDON, &abandon);
    return abandon.result;
}

static void test_abandon(void **state)
{
    (void)state;
    int64_t other = establish(), held = connect_in(other);
    uint32_t began;

    assert_int_equal(abandon(context, card, 1000), 0);
    assert_int_equal(fake_own.numbers[0], 1); /* it is reset */
    assert_int_equal(fake_own.cards_open, 1);
    assert_int_equal(fake_own.contexts_open, 2);
    /* Another program holds the card: that is waited for, so long and no longer. */
    fake_own.is_held = true;
    began = system_tick_ms();
    assert_int_equal(abandon(other, held, 100), SC_E_TIMEOUT);
    assert_in_range(system_tick_ms() - began, 100, 1000);
    assert_in_range(fake_own.held_looks, 2, 10);
    assert_int_equal(fake_own.numbers[0], 0); /* it is left as it is */
    assert_int_equal(fake_own.cards_open, 0);
    assert_int_equal(fake_own.contexts_open, 1);
    assert_int_equal(release(other), SC_E_INVALID_HANDLE);
    assert_int_equal(abandon(other, held, 100), SC_E_INVALID_HANDLE);
}

static void *begin_in_thread(void *argument)
{
    own_winscard_call(UNIX_BEGIN, argument);
    return NULL;
}

/* Whoever waits for another's transaction hears of it, and the one who closes does not wait. */
static void test_closed_while_waiting(void **state)
{
    (void)state;
    struct unix_disposition begin = { .card = card };
    pthread_t thread;

    fake_own.is_held = true;
    assert_int_equal(pthread_create(&thread, NULL, begin_in_thread, &begin), 0);
    while (__atomic_load_n(&fake_own.held_looks, __ATOMIC_RELAXED) < 2)
        system_pause_ms(1);
    assert_int_equal(disconnect(card, 0), 0);
    pthread_join(thread, NULL);
    assert_int_equal(begin.result, SC_E_INVALID_HANDLE);
    assert_int_equal(fake_own.cards_open, 0);
}

/* ---- Handles ---- */

static void check_no_card(int64_t which)
{
    uint8_t bytes[8];
    struct unix_reconnect reconnect = { .card = which, .share = 2, .protocols = 3 };
    struct unix_disposition transaction = { .card = which };
    struct unix_status status = { .card = which };
    struct unix_transmit transmit = { .card = which,
                                      .send = unix_address_of("abcde"),
                                      .send_len = 5,
                                      .receive = unix_address_of(bytes),
                                      .receive_capacity = sizeof(bytes) };
    struct unix_control control = { .card = which };
    struct unix_attribute attribute = { .card = which,
                                        .value = unix_address_of(bytes),
                                        .value_len = sizeof(bytes) };

    assert_int_equal(disconnect(which, 0), SC_E_INVALID_HANDLE);
    assert_call(UNIX_RECONNECT, reconnect, SC_E_INVALID_HANDLE);
    assert_call(UNIX_BEGIN, transaction, SC_E_INVALID_HANDLE);
    assert_call(UNIX_END, transaction, SC_E_INVALID_HANDLE);
    assert_call(UNIX_STATUS, status, SC_E_INVALID_HANDLE);
    assert_call(UNIX_TRANSMIT, transmit, SC_E_INVALID_HANDLE);
    assert_call(UNIX_CONTROL, control, SC_E_INVALID_HANDLE);
    assert_call(UNIX_GET_ATTRIBUTE, attribute, SC_E_INVALID_HANDLE);
    assert_call(UNIX_SET_ATTRIBUTE, attribute, SC_E_INVALID_HANDLE);
}

static void check_no_context(int64_t which)
{
    struct unix_context cancel = { .context = which };
    struct unix_list_readers list = { .context = which };
    struct unix_status_change wait = { .context = which };
    struct unix_connect connect = { .context = which, .reader = unix_address_of(READER) };

    assert_int_equal(release(which), SC_E_INVALID_HANDLE);
    assert_call(UNIX_CANCEL, cancel, SC_E_INVALID_HANDLE);
    assert_call(UNIX_LIST_READERS, list, SC_E_INVALID_HANDLE);
    assert_call(UNIX_STATUS_CHANGE, wait, SC_E_INVALID_HANDLE);
    assert_call(UNIX_CONNECT, connect, SC_E_INVALID_HANDLE);
    assert_int_equal(connect.card, 0);
}

/* The fake fails the test where one that is not open comes through. */
static void test_no_wrong_handle_comes_through(void **state)
{
    (void)state;
    int64_t closed = connect_in(context), other = establish(), in_other = connect_in(other);

    assert_int_equal(disconnect(closed, 0), 0);
    assert_int_equal(release(other), 0);
    check_no_card(closed);
    check_no_card(in_other); /* went with its context */
    check_no_card(context);
    check_no_card(0);
    check_no_card(-1);
    check_no_card(INT64_MAX);
    check_no_context(other);
    check_no_context(card);
    check_no_context(0);
    check_no_context(INT64_MIN);
    /* Closed even if it could not be. */
    fake_own.result = SC_E_NO_SERVICE;
    assert_int_equal(disconnect(card, 0), SC_E_NO_SERVICE);
    fake_own.result = 0;
    check_no_card(card);
}

static void *exchange_for_a_while(void *argument)
{
    uint8_t bytes[8];
    struct unix_transmit transmit = { .card = *(const int64_t *)argument,
                                      .send = unix_address_of("abcde"),
                                      .send_len = 5,
                                      .receive = unix_address_of(bytes),
                                      .receive_capacity = sizeof(bytes) };
    do
        call(UNIX_TRANSMIT, &transmit);
    while (transmit.result == 0);
    assert_int_equal(transmit.result, SC_E_INVALID_HANDLE);
    return NULL;
}

static void test_closed_under_calls(void **state)
{
    (void)state;
    pthread_t threads[3];

    for (int round = 0; round < 20; round++)
    {
        int64_t in = establish(), shared = connect_in(in);

        for (int i = 0; i < 3; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, exchange_for_a_while, &shared), 0);
        system_pause_ms(2);
        assert_int_equal(round % 2 ? disconnect(shared, 0) : release(in), 0);
        for (int i = 0; i < 3; i++)
            pthread_join(threads[i], NULL);
        if (round % 2) assert_int_equal(release(in), 0);
    }
}

static void test_no_such_call(void **state)
{
    (void)state;
    struct unix_attach attach = { .version = UNIX_CALL_VERSION };
    assert_int_equal(own_winscard_call(UNIX_FUNCTION_COUNT, &attach), OWN_NO_SUCH_CALL);
    assert_int_equal(own_winscard_call(0xFFFFFFFF, &attach), OWN_NO_SUCH_CALL);
    assert_int_equal(own_winscard_call(UNIX_ATTACH, &attach), OWN_NO_SUCH_CALL);
}

static void test_every_function_has_its_name(void **state)
{
    (void)state;
    for (size_t i = 0; i < OWN_FUNCTION_COUNT; i++)
    {
        assert_memory_equal(own_exports[i].name, "SCard", 5);
        assert_int_equal(own_exports[i].place, i * sizeof(void (*)(void)));
    }
}

/* What is asked by a caller of another version is not written to. */
static void test_versions(void **state)
{
    (void)state;
    struct unix_attach attach = { .version = 1, .way = 77, .result = 5 };
    unix_attach_answer(&attach, 0, UNIX_WAY_OWN_WINSCARD);
    assert_int_equal(attach.version, UNIX_CALL_VERSION);
    assert_int_equal(attach.result, 0);
    assert_int_equal(attach.way, 77);
    attach.version = UNIX_CALL_VERSION;
    unix_attach_answer(&attach, SC_E_NO_SERVICE, UNIX_WAY_OWN_WINSCARD);
    assert_int_equal(attach.way, UNIX_WAY_OWN_WINSCARD);
    assert_int_equal(attach.result, SC_E_NO_SERVICE);
}

/* ---- With the core above ---- */

static int32_t call_with_attach(uint32_t function, void *arguments)
{
    if (function != UNIX_ATTACH) return own_winscard_call(function, arguments);
    unix_attach_answer(arguments, 0, UNIX_WAY_OWN_WINSCARD);
    return 0;
}

static void test_core_above(void **state)
{
    (void)state;
    uint32_t handle, connected, protocol, got;
    uint8_t receive[8];
    struct bridge_card_status status;
    struct bridge_reader_state states[2] = { { .reader = u"Own Reader 00 00" },
                                             { .reader = READER_NAME_PNP } };

    fake_own.answer = (const uint8_t *)"\x90";
    fake_own.answer_len = 2;
    fake_unix_part_reset(); /* nobody has a claim on the reader */
    bridge_init(call_with_attach, READER_NAMES_LITE);
    assert_int_equal(winscard_long(bridge_establish(2, &handle)), 0);
    assert_int_equal(winscard_long(bridge_wait(handle, FOR_EVER, states, 2)), 0);
    assert_int_equal(states[0].event_state, CARD_THERE | STATE_CHANGED);
    assert_int_equal(states[1].event_state, 0x00010000 | STATE_CHANGED);
    assert_int_equal(winscard_long(bridge_connect(handle, u"Own Reader 00 00", u"Own Reader 00 00",
                                                  2, 3, &connected, &protocol)),
                     0);
    assert_int_equal(winscard_long(bridge_status(connected, &status)), 0);
    assert_int_equal(status.state, WINDOWS_STATE_SPECIFIC);
    assert_int_equal(winscard_long(bridge_transmit(connected, NULL, (const uint8_t *)"abcde", 5,
                                                   NULL, receive, sizeof(receive), &got)),
                     0);
    assert_int_equal(got, 2);
    bridge_shutdown();
    assert_int_equal(fake_own.contexts_open, 1); /* the test's own */
    assert_int_equal(fake_own.cards_open, 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_contexts),
        TEST(test_list_readers),
        TEST(test_many_readers),
        TEST(test_what_is_a_change),
        TEST(test_waits_once),
        TEST(test_ignored),
        TEST(test_notification),
        TEST(test_many_states),
        TEST(test_unknown_reader),
        TEST(test_change_while_waiting),
        TEST(test_cancel),
        TEST(test_reader_vanishes),
        TEST(test_last_reader_vanishes),
        TEST(test_unknown_by_mistake),
        TEST(test_service_stops),
        TEST(test_connections),
        TEST(test_long_names),
        TEST(test_transactions_and_status),
        TEST(test_transmit),
        TEST(test_longest_answer),
        TEST(test_control),
        TEST(test_attributes),
        TEST(test_abandon),
        TEST(test_closed_while_waiting),
        TEST(test_no_wrong_handle_comes_through),
        TEST(test_closed_under_calls),
        TEST(test_no_such_call),
        TEST(test_every_function_has_its_name),
        TEST(test_versions),
        TEST(test_core_above),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
