/*
 * bridge_core_test - contexts, waits and cards of the bridge over a unix part in memory: the rows
 *                    of wine/differences.h that no virtual reader can show, and what is left
 *                    behind.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "support/fake_unix_part.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"
#include "wine/system.h"

/** A result of the core, by its number: 0, a smart card code or a Win32 error. */
#define assert_result(result, expected) assert_int_equal(winscard_long(result), expected)

static int set_up(void **state)
{
    (void)state;
    fake_unix_part_reset();
    bridge_init(fake_unix_call, READER_NAMES_LITE);
    return 0;
}

/* Whatever a test leaves open, unloading closes: nothing of pcsc-lite's stays. */
static int tear_down(void **state)
{
    (void)state;
    fake_unix_part.is_absent = false;
    bridge_shutdown();
    assert_int_equal(fake_unix_part.contexts_open, 0);
    assert_int_equal(fake_unix_part.cards_open, 0);
    return 0;
}

static uint32_t open_context(void)
{
    uint32_t context;
    assert_result(bridge_establish(2, &context), 0);
    assert_int_not_equal(context, 0);
    return context;
}

static uint32_t open_card(uint32_t context, uint32_t share)
{
    uint32_t card, protocol;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, share, 3, &card, &protocol), 0);
    return card;
}

static struct winscard_result exchange(uint32_t card)
{
    const uint8_t command[5] = { 0 };
    uint8_t answer[16];
    uint32_t got;
    return bridge_transmit(card, NULL, command, sizeof(command), NULL, answer, sizeof(answer),
                           &got);
}

/* ---- The rows ---- */

static void row_RESULT_COMM_FAILED(void **state)
{
    (void)state;
    uint32_t card = open_card(open_context(), 2);
    fake_unix_part.results[UNIX_TRANSMIT] = SC_E_NOT_TRANSACTED;
    assert_result(exchange(card), SC_E_COMM_DATA_LOST);
    /* A card that has gone is another matter; so is one that somebody else has reset. */
    fake_unix_part.card_state = 0x02;
    assert_result(exchange(card), SC_W_REMOVED_CARD);
    fake_unix_part.card_state = 0x34;
    fake_unix_part.results[UNIX_STATUS] = SC_W_RESET_CARD;
    assert_result(exchange(card), SC_W_RESET_CARD);
    fake_unix_part.results[UNIX_TRANSMIT] = SC_E_NO_SMARTCARD;
    assert_result(exchange(card), SC_W_REMOVED_CARD);
}

static void row_RESULT_NO_ANSWER(void **state)
{
    (void)state;
    uint32_t card = open_card(open_context(), 2);
    fake_unix_part.receive_len = 0;
    assert_result(exchange(card), SC_E_COMM_DATA_LOST);
    fake_unix_part.receive_len = 2;
    assert_result(exchange(card), 0);
}

static void row_RESULT_MUTE(void **state)
{
    (void)state;
    uint32_t context = open_context(), card, protocol;
    fake_unix_part.results[UNIX_CONNECT] = SC_W_UNPOWERED_CARD;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol),
                  SC_W_UNRESPONSIVE_CARD);
    assert_int_equal(card, 0);
}

static void row_RESULT_READER_GONE(void **state)
{
    (void)state;
    struct bridge_card_status status;
    uint32_t card = open_card(open_context(), 2);
    fake_unix_part.results[UNIX_STATUS] = SC_E_INVALID_VALUE;
    assert_result(bridge_status(card, &status), SC_E_READER_UNAVAILABLE);
    fake_unix_part.results[UNIX_TRANSMIT] = SC_E_INVALID_VALUE;
    assert_result(exchange(card), SC_E_READER_UNAVAILABLE);
}

static void row_PROTOCOL_T15(void **state)
{
    (void)state;
    uint32_t context = open_context(), card, protocol = 9;
    fake_unix_part.card_protocol = 8;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol), 0);
    assert_int_equal(protocol, 0);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 8, &card, &protocol),
                  SC_E_PROTO_MISMATCH);
}

static void row_CONTROL_FEATURES(void **state)
{
    (void)state;
    static const uint8_t features[] = { 0x06, 4, 0x42, 0x33, 0x00, 0x06 };
    uint8_t answer[16];
    uint32_t card = open_card(open_context(), 3), got = 0;
    memcpy(fake_unix_part.control_answer, features, sizeof(features));
    fake_unix_part.control_answer_len = sizeof(features);
    assert_result(bridge_control(card, 0x00313520, NULL, 0, answer, sizeof(answer), &got), 0);
    assert_int_equal(fake_unix_part.control_code, 0x42000D48);
    assert_int_equal(got, sizeof(features));
    /* A code of Windows' form, and sent back it is the driver's. */
    uint32_t code = (uint32_t)answer[2] << 24 | (uint32_t)answer[3] << 16 |
                    (uint32_t)answer[4] << 8 | answer[5];
    assert_int_equal(code >> 16, 0x31);
    assert_result(bridge_control(card, code, NULL, 0, answer, sizeof(answer), &got), 0);
    assert_int_equal(fake_unix_part.control_code, 0x42330006);
    assert_result(bridge_control(card, code, NULL, 0, answer, 3, &got), SC_E_INSUFFICIENT_BUFFER);
    assert_int_equal(got, sizeof(features));
    fake_unix_part.control_answer_len = 0;
    assert_result(bridge_control(card, code, NULL, 0, answer, sizeof(answer), &got),
                  SC_E_UNSUPPORTED_FEATURE);
}

static void row_ATTRIBUTE_SIZES(void **state)
{
    (void)state;
    uint8_t value[BRIDGE_ATTRIBUTE_MAX];
    uint32_t card = open_card(open_context(), 2), got = 0;
    memcpy(fake_unix_part.attribute, "\x04\0\0\0\0\0\0\0", 8);
    fake_unix_part.attribute_len = 8;
    assert_result(bridge_get_attribute(card, 0x00020110, value, &got), 0);
    assert_int_equal(got, 4);
    assert_int_equal(value[0], 4);
    assert_result(bridge_get_attribute(card, ATTRIBUTE_CURRENT_PROTOCOL, value, &got), 0);
    assert_int_equal(got, 4);
    assert_memory_equal(value, "\0\0\1\0", 4); /* RAW */
    assert_result(bridge_get_attribute(card, 0x00010100, value, &got), 0);
    assert_int_equal(got, 8); /* a text */
}

/* What a driver does not tell is told by the name; what it does, is not. */
static void test_vendor(void **state)
{
    (void)state;
    uint8_t value[BRIDGE_ATTRIBUTE_MAX];
    uint32_t card = open_card(open_context(), 2), got = 0;

    assert_result(bridge_get_attribute(card, ATTRIBUTE_VENDOR_NAME, value, &got), 0);
    assert_int_equal(got, 5);
    assert_string_equal((const char *)value, "Fake");
    assert_result(bridge_get_attribute(card, ATTRIBUTE_VENDOR_TYPE, value, &got), 0);
    assert_int_equal(got, 7);
    assert_string_equal((const char *)value, "Reader");
    memcpy(fake_unix_part.attribute, "ACS", 4);
    fake_unix_part.attribute_len = 4;
    assert_result(bridge_get_attribute(card, ATTRIBUTE_VENDOR_NAME, value, &got), 0);
    assert_string_equal((const char *)value, "ACS");
}

static void row_TIMEOUT_RANGE(void **state)
{
    (void)state;
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    uint32_t context = open_context();
    fake_unix_part.results[UNIX_STATUS_CHANGE] = 0;
    assert_result(bridge_wait(context, 0xFFFFFFFE, &reader, 1), 0);
    assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, &reader, 1), 0);
    assert_result(bridge_wait(context, 1234, &reader, 1), 0);
    assert_result(bridge_wait(context, 0, &reader, 1), 0);
    assert_true(fake_unix_part.timeouts[0] > 0 && fake_unix_part.timeouts[0] <= INT32_MAX);
    assert_true(fake_unix_part.timeouts[1] > 0 && fake_unix_part.timeouts[1] <= INT32_MAX);
    assert_true(fake_unix_part.timeouts[2] <= 1234 && fake_unix_part.timeouts[2] > 0);
    assert_int_equal(fake_unix_part.timeouts[3], 0);
    /* A time-out of pcsc-lite's that comes too early is not the caller's. */
    fake_unix_part.results[UNIX_STATUS_CHANGE] = SC_E_TIMEOUT;
    uint32_t began = system_tick_ms();
    assert_result(bridge_wait(context, 50, &reader, 1), SC_E_TIMEOUT);
    assert_true(system_tick_ms() - began >= 50);
}

/* libpcsclite tells of a killed daemon in this way as well. */
static void test_refused_on_an_open_card(void **state)
{
    (void)state;
    uint32_t context = open_context(), card = open_card(context, 2);

    fake_unix_part.results[UNIX_TRANSMIT] = SC_W_SECURITY_VIOLATION;
    assert_result(exchange(card), SC_E_SERVICE_STOPPED);
    fake_unix_part.results[UNIX_TRANSMIT] = 0;
    assert_result(bridge_check(context), SC_E_SERVICE_STOPPED);
    assert_result(exchange(open_card(open_context(), 2)), 0);
}

static void row_SERVICE_STOPPED(void **state)
{
    (void)state;
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    struct text_list names = { 0 };
    uint32_t context = open_context(), other = open_context(), card = open_card(context, 2);
    uint32_t second = open_card(other, 2), third, protocol;

    fake_unix_part.results[UNIX_TRANSMIT] = SC_F_COMM_ERROR;
    assert_result(exchange(card), SC_E_SERVICE_STOPPED);
    fake_unix_part.results[UNIX_TRANSMIT] = 0;
    /* All that was open before is void, though there may be a service again. */
    assert_result(exchange(card), SC_E_SERVICE_STOPPED);
    assert_result(exchange(second), SC_E_SERVICE_STOPPED);
    assert_result(bridge_check(other), SC_E_SERVICE_STOPPED);
    assert_result(bridge_list_readers(other, &names), SC_E_SERVICE_STOPPED);
    assert_result(bridge_wait(context, 0, &reader, 1), SC_E_SERVICE_STOPPED);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &third, &protocol),
                  SC_E_SERVICE_STOPPED);
    assert_result(bridge_disconnect(second, 0), SC_E_SERVICE_STOPPED);
    assert_result(bridge_release(other), 0);

    /* A new context works, and a daemon that dies while one waits is noticed there. */
    uint32_t fresh = open_context();
    assert_result(exchange(open_card(fresh, 2)), 0);
    fake_unix_part.results[UNIX_STATUS_CHANGE] = SC_F_COMM_ERROR;
    assert_result(bridge_wait(fresh, BRIDGE_WAIT_FOR_EVER, &reader, 1), SC_E_SERVICE_STOPPED);
    fake_unix_part.results[UNIX_STATUS_CHANGE] = 0;
    assert_result(bridge_check(fresh), SC_E_SERVICE_STOPPED);

    /* One that stopped while nobody looked is noticed when the next context is made. */
    fresh = open_context();
    fake_unix_part.results[UNIX_LIST_READERS] = SC_E_NO_SERVICE;
    uint32_t later = open_context();
    fake_unix_part.results[UNIX_LIST_READERS] = 0;
    assert_result(bridge_check(fresh), SC_E_SERVICE_STOPPED);
    assert_result(bridge_check(later), 0);
    /* And where there is none any more, none is found. */
    fake_unix_part.results[UNIX_LIST_READERS] = SC_E_NO_SERVICE;
    fake_unix_part.results[UNIX_ESTABLISH] = SC_E_NO_SERVICE;
    assert_result(bridge_establish(2, &third), SC_E_NO_SERVICE);
    assert_int_equal(third, 0);
    text_list_free(&names);
}

static void row_SERVICE_GENERATION(void **state)
{
    (void)state;
    uint32_t context = 7;
    fake_unix_part.results[UNIX_ESTABLISH] = SC_E_SERVICE_STOPPED;
    assert_result(bridge_establish(2, &context), SC_E_NO_SERVICE);
    assert_int_equal(context, 0);
    /* A daemon that hangs up at once has no room. */
    fake_unix_part.results[UNIX_ESTABLISH] = SC_F_COMM_ERROR;
    assert_result(bridge_establish(2, &context), SC_E_SERVER_TOO_BUSY);
    fake_unix_part.results[UNIX_ESTABLISH] = SC_W_SECURITY_VIOLATION;
    assert_result(bridge_establish(2, &context), SC_W_SECURITY_VIOLATION);
    fake_unix_part.results[UNIX_ESTABLISH] = 0;
    fake_unix_part.is_absent = true;
    assert_result(bridge_establish(2, &context), SC_E_NO_SERVICE);
}

/* ---- Contexts and channels ---- */

static void test_contexts_share_channels(void **state)
{
    (void)state;
    uint32_t contexts[100];
    for (int i = 0; i < 100; i++)
        contexts[i] = open_context();
    assert_true(fake_unix_part.contexts_open <= 2);
    uint32_t card = open_card(contexts[0], 2), second = open_card(contexts[1], 2);
    assert_true(fake_unix_part.contexts_open <= 4);
    assert_result(bridge_disconnect(card, 0), 0);
    assert_result(bridge_disconnect(second, 0), 0);
    for (int i = 0; i < 100; i++)
        assert_result(bridge_release(contexts[i]), 0);
    /* With the last context every connection to the service goes. */
    assert_int_equal(fake_unix_part.contexts_open, 0);
}

static void test_many_connections_leave_nothing(void **state)
{
    (void)state;
    uint32_t context = open_context();
    for (int i = 0; i < 200; i++)
        assert_result(bridge_disconnect(open_card(context, 2), 0), 0);
    assert_true(fake_unix_part.contexts_open <= 2);
    /* A connection that did not end properly takes its channel with it. */
    uint32_t card = open_card(context, 2);
    uint32_t released = fake_unix_part.calls[UNIX_RELEASE];
    fake_unix_part.results[UNIX_DISCONNECT] = SC_F_INTERNAL_ERROR;
    assert_result(bridge_disconnect(card, 0), SC_F_INTERNAL_ERROR);
    fake_unix_part.results[UNIX_DISCONNECT] = 0;
    assert_int_equal(fake_unix_part.calls[UNIX_RELEASE], released + 1);
    assert_result(bridge_disconnect(card, 0), WINDOWS_ERROR_INVALID_HANDLE);
    assert_result(bridge_release(context), 0);
}

static void test_release_resets_cards(void **state)
{
    (void)state;
    uint32_t context = open_context(), first = open_card(context, 2);
    open_card(context, 2);
    assert_result(bridge_release(context), 0);
    assert_int_equal(fake_unix_part.calls[UNIX_ABANDON], 2);
    assert_int_equal(fake_unix_part.disposition, 1);
    assert_int_equal(fake_unix_part.contexts_open, 0);
    assert_result(exchange(first), WINDOWS_ERROR_INVALID_HANDLE);
    assert_result(bridge_release(context), WINDOWS_ERROR_INVALID_HANDLE);
}

static void test_process_ends(void **state)
{
    (void)state;
    open_card(open_context(), 2);
    bridge_process_ends();
    assert_int_equal(fake_unix_part.calls[UNIX_ABANDON], 1);
    assert_int_equal(fake_unix_part.cards_open, 0);
}

/* ---- A service that takes no more contexts ---- */

/* pcscd serves 200 contexts of all programs, and hangs up on the next, which alone is refused. */
static void row_SERVER_FULL(void **state)
{
    (void)state;
    uint32_t context = open_context(), cards[3], one_more, protocol;
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    struct text_list names = { 0 };

    fake_unix_part.contexts_max = 3;
    for (int i = 0; i < 3; i++)
        cards[i] = open_card(context, 2);
    /* In each of the ways in which libpcsclite tells it, whatever wanted one more. */
    for (int i = 0; i < 6; i++)
    {
        assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &one_more, &protocol),
                      SC_E_SERVER_TOO_BUSY);
        assert_int_equal(one_more, 0);
        assert_result(bridge_establish(2, &one_more), SC_E_SERVER_TOO_BUSY);
        assert_result(bridge_wait(context, 0, &reader, 1), SC_E_SERVER_TOO_BUSY);
        assert_result(bridge_list_readers(context, &names), SC_E_SERVER_TOO_BUSY);
        assert_result(bridge_check(context), 0);
        for (int card = 0; card < 3; card++)
            assert_result(exchange(cards[card]), 0);
    }
    /* Once there is room it goes on. */
    assert_result(bridge_disconnect(cards[0], 0), 0);
    cards[0] = open_card(context, 2);
    assert_result(exchange(cards[0]), 0);

    /* A daemon killed at that moment refuses in the same way: it has gone. */
    fake_unix_part.results[UNIX_ESTABLISH] = SC_W_SECURITY_VIOLATION;
    fake_unix_part.results[UNIX_LIST_READERS] = SC_F_COMM_ERROR;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &one_more, &protocol),
                  SC_E_SERVICE_STOPPED);
    assert_result(bridge_check(context), SC_E_SERVICE_STOPPED);
    assert_result(exchange(cards[1]), SC_E_SERVICE_STOPPED);
}

/* Other programs have it all: who comes for the first time hears the same. */
static void test_full_before_the_first(void **state)
{
    (void)state;
    struct text_list names = { 0 };
    uint32_t context = 7;
    struct unix_establish other = { .scope = 2 };
    struct unix_context other_context;

    assert_int_equal(fake_unix_call(UNIX_ESTABLISH, &other), 0);
    fake_unix_part.contexts_max = 1;
    for (int i = 0; i < 6; i++)
    {
        assert_result(bridge_establish(2, &context), SC_E_SERVER_TOO_BUSY);
        assert_int_equal(context, 0);
        assert_result(bridge_list_readers(0, &names), SC_E_SERVER_TOO_BUSY);
    }
    other_context.context = other.context;
    assert_int_equal(fake_unix_call(UNIX_RELEASE, &other_context), 0);
    assert_result(exchange(open_card(open_context(), 2)), 0);
}

/* A program that connects without end is refused before the service is full: others have room, and
 * its own waits and lists. */
static void test_room_for_others(void **state)
{
    (void)state;
    static uint32_t cards[1000];
    uint32_t context = open_context(), connected = 0, protocol;
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    struct text_list names = { 0 };

    fake_unix_part.contexts_max = 200;
    for (int i = 0; i < 1000; i++)
    {
        struct winscard_result result =
            bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &cards[connected], &protocol);
        if (winscard_ok(result))
            connected++;
        else
            assert_result(result, SC_E_SERVER_TOO_BUSY);
    }
    assert_int_equal(connected, 180);
    assert_in_range(fake_unix_part.contexts_open, 180, 182);
    assert_result(bridge_wait(context, 0, &reader, 1), 0);
    assert_result(bridge_list_readers(context, &names), 0);
    assert_result(bridge_check(context), 0);
    text_list_free(&names);
    for (uint32_t i = 0; i < connected; i++)
        assert_result(exchange(cards[i]), 0);
    /* In whatever way one goes, another has its place. */
    assert_result(bridge_disconnect(cards[0], 0), 0);
    fake_unix_part.results[UNIX_DISCONNECT] = SC_F_INTERNAL_ERROR;
    assert_result(bridge_disconnect(cards[1], 0), SC_F_INTERNAL_ERROR);
    fake_unix_part.results[UNIX_DISCONNECT] = 0;
    fake_unix_part.results[UNIX_CONNECT] = SC_E_NO_SMARTCARD;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &cards[0], &protocol),
                  SC_E_NO_SMARTCARD);
    fake_unix_part.results[UNIX_CONNECT] = 0;
    cards[0] = open_card(context, 2);
    cards[1] = open_card(context, 2);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &cards[2], &protocol),
                  SC_E_SERVER_TOO_BUSY);
    assert_result(bridge_release(context), 0);
    context = open_context();
    for (int i = 0; i < 180; i++)
        open_card(context, 2);
}

/* With nothing open in the service there is nobody to ask but the service itself. */
static void test_refused_with_nothing_open(void **state)
{
    (void)state;
    uint32_t context = open_context(), card = open_card(context, 2), other = 7, protocol;

    /* Dropped, because it did not end properly. */
    fake_unix_part.results[UNIX_DISCONNECT] = SC_F_INTERNAL_ERROR;
    assert_result(bridge_disconnect(card, 0), SC_F_INTERNAL_ERROR);
    assert_int_equal(fake_unix_part.contexts_open, 0);
    fake_unix_part.results[UNIX_ESTABLISH] = SC_W_SECURITY_VIOLATION;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol),
                  SC_E_SERVER_TOO_BUSY);
    assert_result(bridge_check(context), 0);
    fake_unix_part.results[UNIX_ESTABLISH] = SC_E_NO_SERVICE;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol),
                  SC_E_SERVICE_STOPPED);
    assert_result(bridge_check(context), SC_E_SERVICE_STOPPED);
    assert_result(bridge_establish(2, &other), SC_E_NO_SERVICE);
    assert_int_equal(other, 0);
}

/* ---- Sharing and transactions ---- */

static void test_becoming_exclusive(void **state)
{
    (void)state;
    uint32_t context = open_context(), card = open_card(context, 2), protocol;
    fake_unix_part.is_shared_by_another = true;
    assert_result(bridge_reconnect(card, 1, 3, 0, &protocol), SC_E_SHARING_VIOLATION);
    assert_int_equal(protocol, 0);
    /* It is connected as it was. */
    assert_result(exchange(card), 0);
    assert_int_equal(fake_unix_part.share, 2);
    fake_unix_part.is_shared_by_another = false;
    assert_result(bridge_reconnect(card, 1, 3, 1, &protocol), 0);
    assert_int_equal(fake_unix_part.initialization, 1);
    assert_int_equal(fake_unix_part.share, 1);
    assert_int_equal(protocol, 2);
    assert_result(exchange(card), 0);
}

static void test_direct_alone(void **state)
{
    (void)state;
    uint32_t context = open_context(), card, other, protocol = 9;
    /* A program outside Wine has the card. */
    fake_unix_part.event_state = 0x122;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 3, 0, &card, &protocol),
                  SC_E_SHARING_VIOLATION);
    fake_unix_part.mistakes = 2;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 3, 0, &card, &protocol),
                  SC_E_SHARING_VIOLATION);
    fake_unix_part.event_state = 0x22;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 3, 0, &card, &protocol), 0);
    assert_int_equal(protocol, 0);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &other, &protocol),
                  SC_E_SHARING_VIOLATION);
    assert_result(bridge_disconnect(card, 0), 0);
    other = open_card(context, 2);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 3, 0, &card, &protocol),
                  SC_E_SHARING_VIOLATION);
    /* A failed reconnection to DIRECT leaves the claim of the shared connection. */
    card = open_card(context, 2);
    assert_result(bridge_reconnect(card, 3, 0, 0, &protocol), SC_E_SHARING_VIOLATION);
    assert_result(bridge_disconnect(other, 0), 0);
    assert_result(bridge_reconnect(card, 3, 0, 0, &protocol), 0);
}

/* A card put back gets its power; one that was never out keeps what it was told. */
static void test_reconnecting_to_a_new_card(void **state)
{
    (void)state;
    static const uint32_t modes[][2] = { { 2, 2 }, { 1, 1 }, { 1, 2 }, { 2, 1 } };
    uint32_t context = open_context(), card, protocol;

    for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
    {
        card = open_card(context, modes[i][0]);
        fake_unix_part.resets = 0;
        assert_result(bridge_reconnect(card, modes[i][0], 3, 0, &protocol), 0);
        assert_int_equal(fake_unix_part.resets, 0);
        fake_unix_part_replace_card();
        assert_result(exchange(card), SC_W_REMOVED_CARD);
        assert_result(bridge_reconnect(card, modes[i][1], 3, 0, &protocol), 0);
        assert_int_equal(protocol, 2);
        assert_result(exchange(card), 0);
        assert_int_equal(fake_unix_part.share, modes[i][1]);
        assert_int_equal(fake_unix_part.cards_open, 1);
        assert_result(bridge_disconnect(card, 0), 0);
    }

    /* Nobody who works with the new card in the meantime is disturbed. */
    fake_unix_part.resets = 0;
    card = open_card(context, 2);
    fake_unix_part_replace_card();
    uint32_t other = open_card(context, 2);
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), 0);
    assert_int_equal(fake_unix_part.resets, 0);
    assert_result(exchange(card), 0);
    assert_result(exchange(other), 0);
    assert_int_equal(fake_unix_part.contexts_open, 2);
    assert_result(bridge_disconnect(other, 0), 0);

    /* Connecting waits for transactions, one's own as well, so that with one there is a reset. */
    assert_result(bridge_begin(card), 0);
    fake_unix_part_replace_card();
    assert_result(bridge_end(card, 0), SC_W_REMOVED_CARD);
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), 0);
    assert_false(fake_unix_part.connected_in_transaction);
    assert_int_equal(fake_unix_part.transactions_open, 0);
    assert_result(exchange(card), 0);

    /* With nothing in the reader the connection stays, for the next card. */
    fake_unix_part_replace_card();
    fake_unix_part.results[UNIX_CONNECT] = SC_E_NO_SMARTCARD;
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), SC_E_NO_SMARTCARD);
    assert_result(exchange(card), SC_W_REMOVED_CARD);
    fake_unix_part.results[UNIX_CONNECT] = 0;
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), 0);
    assert_result(exchange(card), 0);
}

static void test_transactions(void **state)
{
    (void)state;
    uint32_t context = open_context(), card = open_card(context, 2), protocol;
    assert_result(bridge_end(card, 0), SC_E_NOT_TRANSACTED);
    assert_int_equal(fake_unix_part.calls[UNIX_END], 0);
    assert_result(bridge_begin(card), 0);
    assert_result(bridge_begin(card), 0);
    assert_result(bridge_end(card, 0), 0);
    assert_int_equal(fake_unix_part.transactions_open, 1);
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), 0);
    assert_int_equal(fake_unix_part.transactions_open, 0);
    assert_result(bridge_end(card, 0), SC_E_NOT_TRANSACTED);

    /* pcsc-lite refuses to unlock after a reset; reconnecting makes up for it. */
    assert_result(bridge_begin(card), 0);
    fake_unix_part.results[UNIX_END] = SC_W_RESET_CARD;
    assert_result(bridge_end(card, 0), SC_W_RESET_CARD);
    fake_unix_part.results[UNIX_END] = 0;
    assert_int_equal(fake_unix_part.transactions_open, 1);
    assert_result(bridge_end(card, 0), SC_E_NOT_TRANSACTED);
    assert_result(bridge_reconnect(card, 2, 3, 0, &protocol), 0);
    assert_int_equal(fake_unix_part.transactions_open, 0);
}

/* ---- Threads ---- */

struct waiting
{
    uint32_t context, card;
    struct winscard_result result;
};

static void *wait_for_ever(void *argument)
{
    struct waiting *waiting = argument;
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    waiting->result = bridge_wait(waiting->context, BRIDGE_WAIT_FOR_EVER, &reader, 1);
    return NULL;
}

static void *begin(void *argument)
{
    struct waiting *waiting = argument;
    waiting->result = bridge_begin(waiting->card);
    return NULL;
}

static void wait_until_waiting(uint32_t count)
{
    while (fake_unix_part_count(&fake_unix_part.waits_under_way) < count)
        system_pause_ms(1);
}

static void test_cancel(void **state)
{
    (void)state;
    struct waiting waiting[3];
    pthread_t threads[3];
    struct bridge_reader_state reader = { .reader = FAKE_READER };
    uint32_t context = open_context(), other = open_context();

    fake_unix_part.waits = true;
    for (int i = 0; i < 3; i++)
    {
        waiting[i] = (struct waiting){ i < 2 ? context : other, 0, { 1 } };
        pthread_create(&threads[i], NULL, wait_for_ever, &waiting[i]);
    }
    wait_until_waiting(3);
    assert_result(bridge_cancel(context), 0);
    pthread_join(threads[0], NULL);
    pthread_join(threads[1], NULL);
    assert_result(waiting[0].result, SC_E_CANCELLED);
    assert_result(waiting[1].result, SC_E_CANCELLED);
    /* Only this context's; and releasing the other one ends its wait. */
    assert_int_equal(fake_unix_part_count(&fake_unix_part.waits_under_way), 1);
    assert_result(bridge_release(other), 0);
    pthread_join(threads[2], NULL);
    assert_result(waiting[2].result, SC_E_CANCELLED);
    fake_unix_part.waits = false;
    /* A cancel with nothing to cancel has no effect on the next wait. */
    assert_result(bridge_cancel(context), 0);
    assert_result(bridge_wait(context, 0, &reader, 1), 0);
}

/* At whatever moment it comes: a wait that has begun ends. */
static void test_cancel_races(void **state)
{
    (void)state;
    uint32_t context = open_context();
    for (int i = 0; i < 300; i++)
    {
        struct waiting waiting = { context, 0, { 1 } };
        pthread_t thread;
        fake_unix_part.waits = true;
        pthread_create(&thread, NULL, wait_for_ever, &waiting);
        const struct timespec pause = { 0, (i % 50) * 4000 };
        nanosleep(&pause, NULL);
        assert_result(bridge_cancel(context), 0);
        fake_unix_part_let_waits_end(); /* of one that had not begun */
        pthread_join(thread, NULL);
        assert_true(winscard_is(waiting.result, SC_E_CANCELLED) || winscard_ok(waiting.result));
    }
    assert_true(fake_unix_part.contexts_open <= 2);
}

static void test_disconnected_while_waiting(void **state)
{
    (void)state;
    uint32_t context = open_context();
    struct waiting waiting = { context, open_card(context, 2), { 1 } };
    pthread_t thread;
    fake_unix_part.other_has_transaction = true;
    pthread_create(&thread, NULL, begin, &waiting);
    while (fake_unix_part_count(&fake_unix_part.calls[UNIX_BEGIN]) == 0)
        system_pause_ms(1);
    assert_result(bridge_disconnect(waiting.card, 0), 0);
    pthread_join(thread, NULL);
    assert_result(waiting.result, WINDOWS_ERROR_INVALID_HANDLE);
}

/* pcscd hangs up on who comes with a handle just closed: no reason to give up on it. */
static void test_hung_up_after_disconnecting(void **state)
{
    (void)state;
    uint32_t context = open_context(), other = open_card(context, 2);
    struct waiting waiting = { context, open_card(context, 2), { 1 } };
    pthread_t thread;
    fake_unix_part.other_has_transaction = true;
    fake_unix_part.results[UNIX_BEGIN] = SC_F_COMM_ERROR;
    pthread_create(&thread, NULL, begin, &waiting);
    while (fake_unix_part_count(&fake_unix_part.calls[UNIX_BEGIN]) == 0)
        system_pause_ms(1);
    assert_result(bridge_disconnect(waiting.card, 0), 0);
    pthread_join(thread, NULL);
    assert_result(waiting.result, WINDOWS_ERROR_INVALID_HANDLE);
    assert_result(exchange(other), 0);
    /* Its channel is not used again. */
    assert_int_equal(fake_unix_part.contexts_open, 1);
}

static void *look(void *argument)
{
    struct waiting *waiting = argument;
    struct bridge_card_status status;
    waiting->result = bridge_status(waiting->card, &status);
    return NULL;
}

static void *disconnect(void *argument)
{
    struct waiting *waiting = argument;
    waiting->result = bridge_disconnect(waiting->card, 0);
    return NULL;
}

static void *release(void *argument)
{
    struct waiting *waiting = argument;
    waiting->result = bridge_release(waiting->context);
    return NULL;
}

/* Whoever closes a card waits for those who look at it, and nobody looks at it afterwards. */
static void test_closed_while_looking(void **state)
{
    void *(*const closers[])(void *) = { disconnect, release };
    (void)state;

    for (size_t i = 0; i < sizeof(closers) / sizeof(closers[0]); i++)
    {
        uint32_t context = open_context();
        struct waiting looker = { context, open_card(context, 2), { 1 } };
        struct waiting closer = looker, late = looker;
        struct bridge_card_status status;
        pthread_t threads[2];

        fake_unix_part.looks_take_long = true;
        pthread_create(&threads[0], NULL, look, &looker);
        while (fake_unix_part_count(&fake_unix_part.looks_under_way) == 0)
            system_pause_ms(1);
        pthread_create(&threads[1], NULL, closers[i], &closer);
        while (winscard_ok(bridge_card_reader(late.card, status.reader)))
            system_pause_ms(1);
        system_pause_ms(20);
        fake_unix_part_let_looks_end();
        pthread_join(threads[0], NULL);
        pthread_join(threads[1], NULL);
        assert_result(looker.result, 0);
        assert_result(closer.result, 0);
        look(&late);
        assert_result(late.result, WINDOWS_ERROR_INVALID_HANDLE);
        assert_false(fake_unix_part.closed_while_looking);
        assert_int_equal(fake_unix_part.cards_open, 0);
    }
}

/* A channel with a call in it cannot be asked; that the call goes on is an answer too. */
static void test_refused_while_looking(void **state)
{
    (void)state;
    uint32_t context = open_context(), one_more, protocol;
    struct waiting looker = { context, open_card(context, 2), { 1 } };
    pthread_t thread;

    fake_unix_part.looks_take_long = true;
    pthread_create(&thread, NULL, look, &looker);
    while (fake_unix_part_count(&fake_unix_part.looks_under_way) == 0)
        system_pause_ms(1);
    fake_unix_part.contexts_max = 1;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &one_more, &protocol),
                  SC_E_SERVER_TOO_BUSY);
    assert_int_equal(fake_unix_part.asked_in_use, 0);
    fake_unix_part_let_looks_end();
    pthread_join(thread, NULL);
    assert_result(looker.result, 0);
    assert_result(exchange(looker.card), 0);
}

struct connecting
{
    uint32_t context;
    int refused, connected, other;
};

static void *connect_again_and_again(void *argument)
{
    struct connecting *connecting = argument;
    const struct timespec moment = { 0, 50000 };

    for (int i = 0; i < 200; i++)
    {
        uint32_t card, protocol;
        struct winscard_result result =
            bridge_connect(connecting->context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol);

        if (winscard_ok(result)) nanosleep(&moment, NULL);
        if (winscard_ok(result) && winscard_ok(exchange(card)) &&
            winscard_ok(bridge_disconnect(card, 0)))
            connecting->connected++;
        else if (winscard_is(result, SC_E_SERVER_TOO_BUSY))
            connecting->refused++;
        else
            connecting->other++;
    }
    return NULL;
}

/* Asking in a channel and using, returning or closing it do not meet. */
static void test_full_service_under_threads(void **state)
{
    (void)state;
    uint32_t context = open_context(), holder = open_card(context, 2);
    struct connecting connecting[6];
    pthread_t threads[6];
    int refused = 0;

    fake_unix_part.contexts_max = 3;
    for (int i = 0; i < 6; i++)
    {
        connecting[i] = (struct connecting){ context, 0, 0, 0 };
        pthread_create(&threads[i], NULL, connect_again_and_again, &connecting[i]);
    }
    for (int i = 0; i < 6; i++)
    {
        pthread_join(threads[i], NULL);
        assert_int_equal(connecting[i].other, 0);
        refused += connecting[i].refused;
    }
    assert_true(refused > 0);
    assert_int_equal(fake_unix_part.asked_in_use, 0);
    assert_result(exchange(holder), 0);
    assert_result(bridge_check(context), 0);
}

/* ---- Readers that come and go ---- */

static const uint16_t notification[] = u"\\\\?PnP?\\Notification";

struct notified
{
    uint32_t context, known, told;
    struct winscard_result result;
};

static void *wait_for_readers(void *argument)
{
    struct notified *waiter = argument;
    struct bridge_reader_state state = { .reader = notification, .current_state = waiter->known };
    waiter->result = bridge_wait(waiter->context, BRIDGE_WAIT_FOR_EVER, &state, 1);
    waiter->told = state.event_state;
    return NULL;
}

/* Their number is told above the bits, whatever pcsc-lite has there. */
static void test_reader_number(void **state)
{
    (void)state;
    struct bridge_reader_state states[2] = { { .reader = notification },
                                             { .reader = FAKE_READER } };
    uint32_t context = open_context();

    for (int counts = 0; counts < 2; counts++)
    {
        fake_unix_part.counts_readers_events = counts;
        fake_unix_part.waits = false;
        fake_unix_part_set_readers(2);
        states[0].current_state = 0;
        assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, states, 1), 0);
        assert_int_equal(states[0].event_state, 2u << 16 | STATE_CHANGED);
        states[0].current_state = 2u << 16 | STATE_CHANGED;
        assert_result(bridge_wait(context, 20, states, 1), SC_E_TIMEOUT);
        assert_int_equal(states[0].event_state, 2u << 16);
        /* The other readers' states come along. */
        states[0].current_state = 1u << 16;
        assert_result(bridge_wait(context, 1000, states, 2), 0);
        assert_int_equal(states[0].event_state, 2u << 16 | STATE_CHANGED);
        assert_int_equal(states[1].event_state, 0x22);
        states[0].current_state = 2u << 16;
        assert_result(bridge_wait(context, 1000, states, 2), 0);
        assert_int_equal(states[0].event_state, 2u << 16);
        /* Even where none of them has changed. */
        fake_unix_part.waits = true;
        states[0].current_state = 7u << 16;
        assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, states, 2), 0);
        assert_int_equal(states[0].event_state, 2u << 16 | STATE_CHANGED);

        /* One that comes, and the last that goes, end a wait. */
        for (uint32_t readers = 3; readers != 1; readers = readers == 3 ? 0 : 1)
        {
            uint32_t before = readers == 3 ? 2 : 3;
            struct notified waiter = { context, before << 16, 0, { 1 } };
            pthread_t thread;
            pthread_create(&thread, NULL, wait_for_readers, &waiter);
            wait_until_waiting(1);
            fake_unix_part_set_readers(readers);
            pthread_join(thread, NULL);
            assert_result(waiter.result, 0);
            assert_int_equal(waiter.told, readers << 16 | STATE_CHANGED);
        }
        /* No readers are no news to who knows of none. */
        states[0].current_state = 0;
        assert_result(bridge_wait(context, 20, states, 1), SC_E_TIMEOUT);
        assert_int_equal(states[0].event_state, 0);
        states[0].current_state = STATE_IGNORE;
        bridge_wait(context, 0, states, 1);
        assert_int_equal(states[0].event_state, STATE_IGNORE);
    }
}

/* ---- Many readers ---- */

#define MANY 40

/* The names of so many readers, into entries. */
static void name_entries(uint32_t context, struct text_list *names,
                         struct bridge_reader_state *entries, size_t count)
{
    const uint16_t *name;

    assert_result(bridge_list_readers(context, names), 0);
    assert_int_equal(names->count, count);
    name = multi_string_first(names->chars);
    for (size_t i = 0; i < count; i++, name = multi_string_next(name))
        entries[i] = (struct bridge_reader_state){ .reader = name };
}

struct waiting_for_many
{
    uint32_t context;
    struct bridge_reader_state entries[MANY + 1];
    struct winscard_result result;
};

static void *wait_for_many(void *argument)
{
    struct waiting_for_many *waiting = argument;
    waiting->result =
        bridge_wait(waiting->context, BRIDGE_WAIT_FOR_EVER, waiting->entries, MANY + 1);
    return NULL;
}

/* Whether pcsc-lite takes all entries at once or not. */
static void row_MANY_READERS(void **state)
{
    (void)state;
    struct waiting_for_many waiting = { .context = open_context() };
    struct bridge_reader_state *entries = waiting.entries;
    const uint16_t *last_name;
    struct text_list names = { 0 };
    uint32_t card, protocol;
    pthread_t thread;

    fake_unix_part_set_readers(MANY);
    name_entries(waiting.context, &names, entries, MANY);
    last_name = entries[MANY - 1].reader;
    entries[MANY].reader = notification;
    assert_result(bridge_connect(waiting.context, last_name, last_name, 2, 3, &card, &protocol), 0);
    for (uint32_t limit = 0; limit <= 16; limit += 16)
    {
        fake_unix_part.states_max = limit;
        fake_unix_part.waits = false;
        entries[MANY].current_state = MANY << 16;
        assert_result(bridge_wait(waiting.context, 0, entries, MANY + 1), 0);
        for (int i = 0; i < MANY; i++)
            assert_int_equal(entries[i].event_state, 0x22);
        assert_int_equal(entries[MANY].event_state, MANY << 16);

        /* Nothing happens; something in the last; one that comes; the end of the wait. */
        fake_unix_part.waits = true;
        assert_result(bridge_wait(waiting.context, 0, entries, MANY), SC_E_TIMEOUT);
        assert_result(bridge_wait(waiting.context, 30, entries, MANY + 1), SC_E_TIMEOUT);
        pthread_create(&thread, NULL, wait_for_many, &waiting);
        wait_until_waiting(1);
        fake_unix_part_change_reader(MANY - 1);
        pthread_join(thread, NULL);
        assert_result(waiting.result, 0);
        assert_int_equal(entries[MANY - 2].event_state, 0x20);
        assert_int_equal(entries[MANY - 1].event_state, 0x22);
        fake_unix_part_change_reader(-1);
        pthread_create(&thread, NULL, wait_for_many, &waiting);
        wait_until_waiting(1);
        fake_unix_part_set_readers(MANY + 1);
        pthread_join(thread, NULL);
        assert_result(waiting.result, 0);
        assert_int_equal(entries[MANY].event_state, (MANY + 1) << 16 | STATE_CHANGED);
        fake_unix_part_set_readers(MANY);
        pthread_create(&thread, NULL, wait_for_many, &waiting);
        wait_until_waiting(1);
        assert_result(bridge_cancel(waiting.context), 0);
        pthread_join(thread, NULL);
        assert_result(waiting.result, SC_E_CANCELLED);

        /* The one that is not there is told of, and no other. */
        entries[37].reader = u"Fake Reader 77 00";
        assert_result(bridge_wait(waiting.context, 0, entries, MANY), SC_E_UNKNOWN_READER);
        assert_int_equal(entries[37].event_state, STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE);
        assert_false(entries[36].event_state & STATE_UNKNOWN);
        entries[37].reader = last_name;
    }
    text_list_free(&names);
}

/* A reader that pcsc-lite's list has is asked for again, though not for ever. */
static void row_MISTAKEN_READER(void **state)
{
    (void)state;
    uint32_t context = open_context(), card, protocol;
    struct bridge_reader_state entry = { .reader = FAKE_READER };

    fake_unix_part.mistakes = 2;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol), 0);
    assert_int_equal(fake_unix_part.mistakes, 0);
    fake_unix_part.mistakes = 2;
    assert_result(bridge_wait(context, 1000, &entry, 1), 0);
    assert_int_equal(entry.event_state, 0x22);
    fake_unix_part.mistakes = 1;
    assert_result(bridge_reconnect(card, 1, 3, 0, &protocol), 0);
    assert_result(bridge_disconnect(card, 0), 0);

    fake_unix_part.mistakes = 1000;
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol),
                  SC_E_READER_UNAVAILABLE);
    assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, &entry, 1), SC_E_READER_UNAVAILABLE);
    assert_true(fake_unix_part.mistakes > 900);
    /* What is not there is unknown at once. */
    fake_unix_part.mistakes = 0;
    fake_unix_part_set_readers(0);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol),
                  SC_E_UNKNOWN_READER);
    assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, &entry, 1), SC_E_UNKNOWN_READER);
    assert_int_equal(entry.event_state, STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE);
    /* Unless the caller ignores it. */
    entry.current_state = entry.event_state;
    assert_result(bridge_wait(context, BRIDGE_WAIT_FOR_EVER, &entry, 1), 0);
    assert_int_equal(entry.event_state, STATE_IGNORE);
}

static void test_names_in_another_case(void **state)
{
    (void)state;
    static const uint16_t other_case[] = u"FAKE rEADER 00 00";
    uint32_t context = open_context(), card, protocol;
    struct bridge_reader_state entry = { .reader = other_case };
    struct bridge_card_status status;

    assert_result(bridge_wait(context, 1000, &entry, 1), 0);
    assert_int_equal(entry.event_state, 0x22);
    assert_result(bridge_connect(context, other_case, other_case, 2, 3, &card, &protocol), 0);
    assert_result(bridge_status(card, &status), 0);
    assert_true(text_equal(status.reader, FAKE_READER));
    /* A name that it has been given stays. */
    assert_result(bridge_connect(context, other_case, u"Desk", 2, 3, &card, &protocol), 0);
    assert_result(bridge_status(card, &status), 0);
    assert_true(text_equal(status.reader, u"Desk"));
    assert_result(bridge_reconnect(card, 2, 3, 1, &protocol), 0);
    assert_result(exchange(card), 0);
}

/* ---- Names ---- */

static void test_names(void **state)
{
    (void)state;
    uint16_t long_name[READER_NAME_CAPACITY + 100];
    struct bridge_reader_state readers[2] = { { .reader = FAKE_READER }, { .reader = u"Other" } };
    uint32_t context = open_context(), card, protocol;
    struct text_list names = { 0 };

    assert_result(bridge_list_readers(context, &names), 0);
    assert_true(text_equal(names.chars, FAKE_READER));
    text_list_free(&names);
    assert_result(bridge_list_readers(0, &names), 0);
    text_list_free(&names);
    assert_result(bridge_wait(context, 0, readers, 2), SC_E_UNKNOWN_READER);
    assert_int_equal(readers[1].event_state, STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE);
    assert_int_equal(readers[0].event_state, 0);
    for (int i = 0; i < READER_NAME_CAPACITY + 99; i++)
        long_name[i] = 0x20AC;
    long_name[READER_NAME_CAPACITY + 99] = 0;
    assert_result(bridge_connect(context, long_name, long_name, 2, 3, &card, &protocol),
                  SC_E_UNKNOWN_READER);
    readers[1].reader = long_name;
    assert_result(bridge_wait(context, 0, readers, 2), SC_E_UNKNOWN_READER);
    /* No name is no reader's. */
    readers[1].reader = u"";
    assert_result(bridge_wait(context, 0, readers, 2), SC_E_UNKNOWN_READER);
    assert_int_equal(readers[1].event_state, STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE);
    assert_result(bridge_connect(context, u"", u"", 2, 3, &card, &protocol), SC_E_UNKNOWN_READER);
    /* Few enough characters, but too many bytes of UTF-8. */
    long_name[100] = 0;
    assert_result(bridge_connect(context, long_name, long_name, 2, 3, &card, &protocol),
                  SC_E_UNKNOWN_READER);
    assert_int_equal(fake_unix_part.calls[UNIX_CONNECT], 0);
}

/* Names with Windows' numbers: the readers are asked for before such a name is understood. */
static void test_windows_names(void **state)
{
    (void)state;
    struct bridge_reader_state reader = { .reader = u"Fake Reader 0" };
    struct text_list names = { 0 };
    uint32_t context, card, protocol;

    bridge_shutdown();
    bridge_init(fake_unix_call, READER_NAMES_WINDOWS);
    context = open_context();
    assert_result(
        bridge_connect(context, u"Fake Reader 0", u"Fake Reader 0", 2, 3, &card, &protocol), 0);
    assert_result(bridge_wait(context, 0, &reader, 1), 0);
    assert_result(
        bridge_wait(context, 0, &(struct bridge_reader_state){ .reader = FAKE_READER }, 1), 0);
    assert_result(bridge_connect(context, FAKE_READER, FAKE_READER, 2, 3, &card, &protocol), 0);
    fake_unix_part_set_readers(2);
    assert_result(bridge_list_readers(context, &names), 0);
    assert_true(text_equal(names.chars, u"Fake Reader 0"));
    assert_true(text_equal(multi_string_next(names.chars), u"Fake Reader 1"));
    text_list_free(&names);
    reader.reader = u"Fake Reader 2";
    assert_result(bridge_wait(context, 0, &reader, 1), SC_E_UNKNOWN_READER);
}

#define ENTER_CORE(row) cmocka_unit_test_setup_teardown(row_##row, set_up, tear_down),
#define ENTER_WINE(row)
#define ENTER_UNIX(row)
#define ENTER_ROW(row, windows, lite, place, tested) ENTER_##tested(row)
#define ENTER_TEST(test)                             cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WINE_DIFFERENCES(ENTER_ROW) ENTER_TEST(test_contexts_share_channels),
        ENTER_TEST(test_many_connections_leave_nothing),
        ENTER_TEST(test_release_resets_cards),
        ENTER_TEST(test_process_ends),
        ENTER_TEST(test_becoming_exclusive),
        ENTER_TEST(test_direct_alone),
        ENTER_TEST(test_reconnecting_to_a_new_card),
        ENTER_TEST(test_transactions),
        ENTER_TEST(test_cancel),
        ENTER_TEST(test_cancel_races),
        ENTER_TEST(test_disconnected_while_waiting),
        ENTER_TEST(test_hung_up_after_disconnecting),
        ENTER_TEST(test_closed_while_looking),
        ENTER_TEST(test_refused_on_an_open_card),
        ENTER_TEST(test_refused_with_nothing_open),
        ENTER_TEST(test_full_before_the_first),
        ENTER_TEST(test_room_for_others),
        ENTER_TEST(test_refused_while_looking),
        ENTER_TEST(test_full_service_under_threads),
        ENTER_TEST(test_reader_number),
        ENTER_TEST(test_vendor),
        ENTER_TEST(test_names),
        ENTER_TEST(test_names_in_another_case),
        ENTER_TEST(test_windows_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
