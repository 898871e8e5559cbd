/*
 * fake_own_winscard - a winscard.dll that behaves as Wine's own does.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/fake_own_winscard.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "base/result.h"
#include "wine/multi_string.h"

#define OPEN_MAX 4096
#define LITE_OK  0
#define ATR_LEN  5u
#define NAME_LEN 16u

struct fake_own_winscard fake_own;

static const uint8_t card_atr[ATR_LEN] = { 0x3B, 0x80, 0x80, 0x01, 0x01 };

/* A handle is the address of what tells context from card, as in Wine's. */
static char kinds[OPEN_MAX];
static uint32_t used;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

void fake_own_reset(void)
{
    pthread_mutex_lock(&mutex);
    memset(&fake_own, 0, sizeof(fake_own));
    memset(kinds, 0, sizeof(kinds));
    used = 0;
    fake_own.readers = 1;
    for (int i = 0; i < FAKE_OWN_READERS_MAX; i++)
        fake_own.states[i] = 0x00010022;
    pthread_mutex_unlock(&mutex);
}

void fake_own_set_state(uint32_t reader, uint32_t state)
{
    pthread_mutex_lock(&mutex);
    fake_own.states[reader] = state;
    pthread_mutex_unlock(&mutex);
}

void fake_own_set_readers(uint32_t count)
{
    pthread_mutex_lock(&mutex);
    fake_own.readers = count;
    pthread_mutex_unlock(&mutex);
}

static own_handle open_handle(char kind)
{
    assert_true(used < OPEN_MAX);
    kinds[used] = kind;
    return (own_handle)&kinds[used++];
}

/* Ends the test at a handle that is not open: Wine's own would look into freed memory. */
static void enter(own_handle handle, char kind)
{
    pthread_mutex_lock(&mutex);
    assert_true(handle >= (own_handle)kinds && handle < (own_handle)(kinds + OPEN_MAX));
    assert_int_equal(*(const char *)handle, kind);
    fake_own.handle = handle;
}

static int32_t leave(int32_t result)
{
    pthread_mutex_unlock(&mutex);
    return result;
}

static void take_numbers(uint32_t first, uint32_t second, uint32_t third)
{
    fake_own.numbers[0] = first;
    fake_own.numbers[1] = second;
    fake_own.numbers[2] = third;
}

static void name_of(uint16_t name[NAME_LEN + 1], uint32_t number)
{
    char narrow[32];
    snprintf(narrow, sizeof(narrow), "Own Reader %02u 00", number % 100);
    name[utf8_to_utf16(name, narrow, NAME_LEN)] = 0;
}

/* The number of the reader of this name, or -1. */
static int number_of(const uint16_t *name)
{
    for (uint32_t i = 0; i < fake_own.readers; i++)
    {
        uint16_t own[NAME_LEN + 1];
        name_of(own, i);
        if (text_equal(own, name)) return (int)i;
    }
    return -1;
}

static int32_t OWN_CALL fake_establish(uint32_t scope, const void *one, const void *two,
                                       own_handle *context)
{
    pthread_mutex_lock(&mutex);
    assert_null(one);
    assert_null(two);
    fake_own.numbers[0] = scope;
    if (fake_own.result) return leave(fake_own.result);
    *context = open_handle('x');
    fake_own.contexts_open++;
    return leave(LITE_OK);
}

static int32_t OWN_CALL fake_release(own_handle context)
{
    enter(context, 'x');
    *(char *)context = 0; /* whatever comes of it, as in Wine's */
    fake_own.contexts_open--;
    return leave(fake_own.result);
}

static int32_t OWN_CALL fake_list_readers(own_handle context, const uint16_t *groups,
                                          uint16_t *names, uint32_t *chars)
{
    uint32_t needed = fake_own.readers * (NAME_LEN + 1) + 1;

    enter(context, 'x');
    assert_null(groups);
    if (fake_own.result) return leave(fake_own.result);
    if (fake_own.readers == 0) return leave(SC_E_NO_READERS_AVAILABLE);
    if (*chars < needed || fake_own.lists_short)
    {
        *chars = needed;
        fake_own.lists_short = false;
        return leave(SC_E_INSUFFICIENT_BUFFER);
    }
    for (uint32_t i = 0; i < fake_own.readers; i++)
        name_of(names + i * (NAME_LEN + 1), i);
    names[needed - 1] = 0;
    *chars = needed;
    return leave(LITE_OK);
}

static int32_t OWN_CALL fake_get_status_change(own_handle context, uint32_t timeout,
                                               struct own_reader_state *states, uint32_t count)
{
    enter(context, 'x');
    take_numbers(timeout, count, 0);
    fake_own.looks++;
    if (fake_own.result) return leave(fake_own.result);
    if (count > 16) return leave(SC_E_INVALID_PARAMETER);
    if (fake_own.spurious > 0 && fake_own.looks > 1)
    {
        fake_own.spurious--;
        return leave(SC_E_UNKNOWN_READER);
    }
    for (uint32_t i = 0; i < count; i++)
        if (number_of(states[i].reader) < 0) return leave(SC_E_UNKNOWN_READER);
    for (uint32_t i = 0; i < count; i++)
    {
        assert_int_equal(states[i].current_state, 0);
        states[i].event_state = fake_own.states[number_of(states[i].reader)];
        states[i].atr_len = states[i].event_state & 0x20 ? ATR_LEN : 0;
        memcpy(states[i].atr, card_atr, states[i].atr_len);
    }
    return leave(LITE_OK);
}

static int32_t OWN_CALL fake_connect(own_handle context, const uint16_t *reader, uint32_t share,
                                     uint32_t protocols, own_handle *card, uint32_t *protocol)
{
    enter(context, 'x');
    take_numbers(share, protocols, 0);
    text_copy(fake_own.reader, 64, reader);
    if (fake_own.result) return leave(fake_own.result);
    if (number_of(reader) < 0) return leave(SC_E_UNKNOWN_READER);
    *card = open_handle('c');
    *protocol = 2;
    fake_own.cards_open++;
    return leave(LITE_OK);
}

static int32_t OWN_CALL fake_reconnect(own_handle card, uint32_t share, uint32_t protocols,
                                       uint32_t initialization, uint32_t *protocol)
{
    enter(card, 'c');
    take_numbers(share, protocols, initialization);
    if (!fake_own.result) *protocol = 1;
    return leave(fake_own.result);
}

static int32_t OWN_CALL fake_disconnect(own_handle card, uint32_t disposition)
{
    enter(card, 'c');
    /* It would wait for the end of the other program's transaction. */
    if (disposition) assert_false(fake_own.is_held);
    fake_own.numbers[0] = disposition;
    if (fake_own.result) return leave(fake_own.result);
    *(char *)card = 0;
    fake_own.cards_open--;
    return leave(LITE_OK);
}

static int32_t OWN_CALL fake_begin(own_handle card)
{
    enter(card, 'c');
    return leave(fake_own.result);
}

static int32_t OWN_CALL fake_end(own_handle card, uint32_t disposition)
{
    enter(card, 'c');
    fake_own.numbers[0] = disposition;
    return leave(fake_own.result);
}

static int32_t OWN_CALL fake_status(own_handle card, uint16_t *names, uint32_t *chars,
                                    uint32_t *state, uint32_t *protocol, uint8_t *atr,
                                    uint32_t *atr_len)
{
    enter(card, 'c');
    assert_null(names);
    assert_null(chars);
    if (fake_own.result) return leave(fake_own.result);
    assert_true(*atr_len >= ATR_LEN);
    *state = 0x00050034;
    *protocol = 2;
    memcpy(atr, card_atr, ATR_LEN);
    *atr_len = ATR_LEN;
    return leave(LITE_OK);
}

/* An answer that does not fit has no length. */
static int32_t give_answer(void *answer, uint32_t capacity, uint32_t *len)
{
    if (fake_own.result) return leave(fake_own.result);
    if (fake_own.answer_len > capacity) return leave(SC_E_INSUFFICIENT_BUFFER);
    if (fake_own.answer_len) memcpy(answer, fake_own.answer, fake_own.answer_len);
    *len = fake_own.answer_len;
    return leave(LITE_OK);
}

static void take_sent(const void *sent, uint32_t len)
{
    if (len > 0 && len <= sizeof(fake_own.sent)) memcpy(fake_own.sent, sent, len);
}

static int32_t OWN_CALL fake_transmit(own_handle card, const struct own_io_request *send_pci,
                                      const uint8_t *send, uint32_t send_len,
                                      struct own_io_request *receive_pci, uint8_t *receive,
                                      uint32_t *receive_len)
{
    enter(card, 'c');
    assert_int_equal(send_pci->len, 8);
    assert_int_equal(receive_pci->len, 8);
    take_numbers(send_pci->protocol, send_len, *receive_len);
    take_sent(send, send_len);
    if (*receive_len < 2) return leave(SC_E_INSUFFICIENT_BUFFER);
    receive_pci->protocol = 2;
    return give_answer(receive, *receive_len, receive_len);
}

static int32_t OWN_CALL fake_control(own_handle card, uint32_t code, const void *send,
                                     uint32_t send_len, void *receive, uint32_t capacity,
                                     uint32_t *got)
{
    enter(card, 'c');
    take_numbers(code, send_len, capacity);
    take_sent(send, send_len);
    return give_answer(receive, capacity, got);
}

static int32_t OWN_CALL fake_get_attrib(own_handle card, uint32_t id, uint8_t *value, uint32_t *len)
{
    enter(card, 'c');
    take_numbers(id, *len, 0);
    assert_true(*len <= 264); /* more is refused */
    if (fake_own.is_held)
    {
        fake_own.held_looks++;
        return leave(SC_E_SHARING_VIOLATION);
    }
    return give_answer(value, *len, len);
}

static int32_t OWN_CALL fake_set_attrib(own_handle card, uint32_t id, const uint8_t *value,
                                        uint32_t len)
{
    enter(card, 'c');
    take_numbers(id, len, 0);
    take_sent(value, len);
    return leave(fake_own.result);
}

const struct own_functions fake_own_functions = {
    .establish = fake_establish,
    .release = fake_release,
    .list_readers = fake_list_readers,
    .get_status_change = fake_get_status_change,
    .connect = fake_connect,
    .reconnect = fake_reconnect,
    .disconnect = fake_disconnect,
    .begin = fake_begin,
    .end = fake_end,
    .status = fake_status,
    .transmit = fake_transmit,
    .control = fake_control,
    .get_attrib = fake_get_attrib,
    .set_attrib = fake_set_attrib,
};
