/*
 * unix_lite_test - the bridge's unix part over a libpcsclite that remembers: the table for programs
 *                  of its own word size, and the one for 32-bit programs over a 64-bit unix part
 *                  (Wine's new WoW64), with parameters laid out byte by byte as such a program's
 *                  compiler does.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "support/fake_pcsclite.h"
#include "wine/differences.h"
#include "wine/unix_call.h"

extern int32_t (*const __wine_unix_call_funcs[UNIX_FUNCTION_COUNT])(void *);
extern int32_t (*const __wine_unix_call_wow64_funcs[UNIX_FUNCTION_COUNT])(void *);

static struct fake_pcsclite *lite;

/* Memory that a 32-bit program could have: below 4 GiB. */
static uint8_t *low_memory;
#define LOW_MEMORY_LEN 0x10000

static int set_up(void **state)
{
    (void)state;
    struct unix_attach attach = { .version = UNIX_CALL_VERSION };
    void *library = dlopen(FAKE_PCSCLITE, RTLD_NOW);
    assert_non_null(library);
    lite = dlsym(library, FAKE_PCSCLITE_SYMBOL);
    assert_non_null(lite);
    setenv("SCMBRIDGE_LIBPCSCLITE", FAKE_PCSCLITE, 1);
    assert_int_equal(__wine_unix_call_funcs[UNIX_ATTACH](&attach), 0);
    assert_int_equal(attach.result, 0);
    low_memory = mmap(NULL, LOW_MEMORY_LEN, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
    assert_ptr_not_equal(low_memory, MAP_FAILED);
    assert_true((uintptr_t)low_memory + LOW_MEMORY_LEN <= UINT32_MAX);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    munmap(low_memory, LOW_MEMORY_LEN);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    memset(lite, 0, sizeof(*lite));
    memset(low_memory, 0, LOW_MEMORY_LEN);
    return 0;
}

static void call(enum unix_function function, void *arguments)
{
    assert_int_equal(__wine_unix_call_funcs[function](arguments), 0);
}

/* ---- The rows ---- */

static void row_WORD_SIZE(void **state)
{
    (void)state;
    struct unix_context release = { .context = 0x6ABBCCDD };
    struct unix_establish establish = { .scope = 2 };
    struct unix_status status = { .card = 0x7EDCBA98 };

    /* An error is a positive number in 64 bits, and a negative one in 32. */
    lite->result = (LONG)0x80100003;
    call(UNIX_RELEASE, &release);
    assert_int_equal(release.result, (int32_t)0x80100003);
    assert_true(release.result < 0);
    assert_int_equal(lite->context, 0x6ABBCCDD);
    lite->result = (LONG)0xFFFFFFFF80100004;
    call(UNIX_ESTABLISH, &establish);
    assert_int_equal(establish.result, (int32_t)0x80100004);
    lite->result = 0;
    call(UNIX_ESTABLISH, &establish);
    assert_int_equal(establish.context, 0x6ABBCCDD);
    call(UNIX_STATUS, &status);
    assert_int_equal(status.state, 0x00050034);
    assert_int_equal(status.protocol, SCARD_PROTOCOL_RAW);
    assert_int_equal(status.atr_len, 20);
    assert_int_equal(status.atr[19], 0xB0);
    assert_int_equal(status.atr[20], 0);
    assert_true(lite->numbers[0] <= sizeof(status.atr));
}

static void row_PCI_SIZE(void **state)
{
    (void)state;
    uint8_t receive[16] = { 0 };
    struct unix_transmit transmit = { .card = 0x7EDCBA98,
                                      .send = unix_address_of("abcde"),
                                      .receive = unix_address_of(receive),
                                      .send_len = 5,
                                      .receive_capacity = sizeof(receive),
                                      .send_protocol = SCARD_PROTOCOL_T1 };
    call(UNIX_TRANSMIT, &transmit);
    assert_int_equal(lite->send_pci.dwProtocol, SCARD_PROTOCOL_T1);
    assert_int_equal(lite->send_pci.cbPciLength, sizeof(SCARD_IO_REQUEST));
    assert_int_equal(lite->receive_pci.cbPciLength, sizeof(SCARD_IO_REQUEST));
    assert_memory_equal(lite->text, "abcde", 5);
    assert_int_equal(lite->numbers[1], sizeof(receive));
    assert_int_equal(transmit.receive_len, 2);
    assert_int_equal(transmit.receive_protocol, SCARD_PROTOCOL_T1);
    assert_memory_equal(receive, "\x90\x00\x00", 3);
}

/* ---- The rest of the table ---- */

static void test_every_entry_is_there(void **state)
{
    (void)state;
    for (int i = 0; i < UNIX_FUNCTION_COUNT; i++)
    {
        assert_non_null(__wine_unix_call_funcs[i]);
        assert_non_null(__wine_unix_call_wow64_funcs[i]);
    }
}

static void test_many_readers(void **state)
{
    (void)state;
    struct unix_reader_state states[64];
    struct unix_status_change change = { .states = unix_address_of(states),
                                         .count = UNIX_STATES_MAX + 1 };
    memset(states, 0, sizeof(states));
    call(UNIX_STATUS_CHANGE, &change);
    assert_int_equal(change.result, (int32_t)0x80100004);
    assert_int_equal(lite->numbers[1], 0); /* not asked */
    for (int i = 0; i < 64; i++)
        states[i].reader = unix_address_of("Reader 00 00");
    change.count = 64;
    change.timeout_ms = 0xFFFFFFFF;
    call(UNIX_STATUS_CHANGE, &change);
    assert_int_equal(change.result, 0);
    assert_int_equal(lite->numbers[0], INFINITE);
    assert_int_equal(lite->numbers[1], 64);
    assert_int_equal(states[63].event_state, 0x00010022 + 63);
    assert_int_equal(states[63].atr_len, MAX_ATR_SIZE);
    assert_int_equal(states[63].atr[MAX_ATR_SIZE - 1], 0xDF);
    assert_int_equal(states[63].atr[MAX_ATR_SIZE], 0);
    /* Until 2.5 it refuses so many, and that is told. */
    lite->states_max = 16;
    call(UNIX_STATUS_CHANGE, &change);
    assert_int_equal(change.result, (int32_t)0x80100004);
    change.count = 0;
    call(UNIX_STATUS_CHANGE, &change);
    assert_int_equal(change.result, 0);
}

static void test_attributes_and_control(void **state)
{
    (void)state;
    uint8_t value[64] = { 0 };
    struct unix_attribute get = {
        .card = 5, .value = unix_address_of(value), .id = 0x90303, .value_len = sizeof(value)
    };
    struct unix_attribute set = {
        .card = 6, .value = unix_address_of("wxyz"), .id = 0x7FFF0007, .value_len = 4
    };
    struct unix_control control = { .card = 7,
                                    .send = unix_address_of("in"),
                                    .receive = unix_address_of(value),
                                    .code = 0x42000D48,
                                    .send_len = 2,
                                    .receive_capacity = sizeof(value) };
    call(UNIX_GET_ATTRIBUTE, &get);
    assert_int_equal(get.value_len, 5);
    assert_memory_equal(value, "vvvvv", 5);
    assert_int_equal(lite->numbers[0], 0x90303);
    call(UNIX_SET_ATTRIBUTE, &set);
    assert_int_equal(lite->card, 6);
    assert_memory_equal(lite->text, "wxyz", 4);
    call(UNIX_CONTROL, &control);
    assert_int_equal(lite->numbers[0], 0x42000D48);
    assert_int_equal(control.receive_len, 2);
    assert_memory_equal(value, "kk", 2);
}

static void test_abandoning(void **state)
{
    (void)state;
    struct unix_abandon abandon = { .context = 11, .card = 12, .disposition = 1, .limit_ms = 5000 };
    call(UNIX_ABANDON, &abandon);
    assert_int_equal(abandon.result, 0);
    assert_int_equal(lite->card, 12);
    assert_int_equal(lite->numbers[0], 1);
    /* The context is left to the caller, */
    assert_int_equal(lite->context, 0);
    /* unless it took too long to wait for. */
    lite->disconnect_ms = 100;
    abandon = (struct unix_abandon){ .context = 13, .card = 14, .disposition = 1, .limit_ms = 1 };
    call(UNIX_ABANDON, &abandon);
    assert_int_equal(abandon.result, (int32_t)SCARD_E_TIMEOUT);
    while (__atomic_load_n(&lite->context, __ATOMIC_SEQ_CST) != 13)
    {
        const struct timespec pause = { 0, 1000000 };
        nanosleep(&pause, NULL);
    }
}

/* ---- A 32-bit program ---- */

static void put32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint32_t get32(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

/* A pointer of 32 bits in its place of 64. */
static void put_pointer(uint8_t *at, const uint8_t *pointer)
{
    put32(at, (uint32_t)(uintptr_t)pointer);
    put32(at + 4, 0);
}

static void call_from_32(enum unix_function function, uint8_t *arguments)
{
    assert_int_equal(__wine_unix_call_wow64_funcs[function](arguments), 0);
}

static void test_connect_from_32(void **state)
{
    (void)state;
    uint8_t *arguments = low_memory, *name = low_memory + 0x1000;
    strcpy((char *)name, "Reader \xC3\xA9 00 00");
    put32(arguments, 0x6ABBCCDD);     /* context, low half */
    put_pointer(arguments + 8, name); /* reader */
    put32(arguments + 24, 2);         /* share */
    put32(arguments + 28, 3);         /* protocols */
    call_from_32(UNIX_CONNECT, arguments);
    assert_int_equal(lite->context, 0x6ABBCCDD);
    assert_string_equal(lite->text, (char *)name);
    assert_int_equal(lite->numbers[0], 2);
    assert_int_equal(lite->numbers[1], 3);
    assert_int_equal(get32(arguments + 16), 0x7EDCBA98); /* card */
    assert_int_equal(get32(arguments + 20), 0);
    assert_int_equal(get32(arguments + 32), SCARD_PROTOCOL_T1);
    assert_int_equal(get32(arguments + 36), 0);
    lite->result = (LONG)0x8010000C;
    call_from_32(UNIX_CONNECT, arguments);
    assert_int_equal(get32(arguments + 36), 0x8010000C);
}

static void test_list_from_32(void **state)
{
    (void)state;
    uint8_t *arguments = low_memory, *names = low_memory + 0x2000;
    put32(arguments, 7);
    put_pointer(arguments + 8, names);
    put32(arguments + 16, 100); /* capacity */
    call_from_32(UNIX_LIST_READERS, arguments);
    assert_ptr_equal(lite->pointer, names);
    assert_int_equal(lite->numbers[0], 100);
    assert_int_equal(get32(arguments + 20), 21); /* len */
    assert_memory_equal(names, "One 00 00\0Two 01 00\0", 21);
    put_pointer(arguments + 8, NULL);
    call_from_32(UNIX_LIST_READERS, arguments);
    assert_null(lite->pointer);
    assert_int_equal(lite->numbers[0], 0);
}

static void test_status_change_from_32(void **state)
{
    (void)state;
    uint8_t *arguments = low_memory, *states = low_memory + 0x3000, *name = low_memory + 0x4000;
    strcpy((char *)name, "Reader 00 00");
    for (int i = 0; i < 2; i++)
    {
        put_pointer(states + 56 * i, name);
        put32(states + 56 * i + 8, 0x10 + (uint32_t)i); /* current state */
    }
    put32(arguments, 7);
    put_pointer(arguments + 8, states);
    put32(arguments + 16, 2);          /* count */
    put32(arguments + 20, 0xFFFFFFFF); /* time-out */
    call_from_32(UNIX_STATUS_CHANGE, arguments);
    assert_int_equal(get32(arguments + 24), 0);
    assert_int_equal(lite->numbers[0], INFINITE);
    assert_int_equal(lite->numbers[1], 2);
    assert_string_equal(lite->text, "Reader 00 00");
    assert_int_equal(lite->states[1].dwCurrentState, 0x11);
    assert_int_equal(get32(states + 56 + 12), 0x00010023); /* event state of the second */
    assert_int_equal(get32(states + 56 + 16), MAX_ATR_SIZE);
    assert_int_equal(states[56 + 20], 0xA1);
    assert_int_equal(states[56 + 20 + 32], 0xA1);
    assert_int_equal(states[56 + 20 + 33], 0);
}

static void test_transmit_from_32(void **state)
{
    (void)state;
    uint8_t *arguments = low_memory, *send = low_memory + 0x5000, *receive = low_memory + 0x6000;
    memcpy(send, "\x00\xA4\x00\x00", 4);
    put32(arguments, 0x7EDCBA98);
    put_pointer(arguments + 8, send);
    put_pointer(arguments + 16, receive);
    put32(arguments + 24, 4);   /* send_len */
    put32(arguments + 28, 258); /* capacity */
    put32(arguments + 36, SCARD_PROTOCOL_T0);
    call_from_32(UNIX_TRANSMIT, arguments);
    assert_int_equal(lite->card, 0x7EDCBA98);
    assert_memory_equal(lite->text, send, 4);
    assert_int_equal(lite->numbers[1], 258);
    assert_int_equal(lite->send_pci.dwProtocol, SCARD_PROTOCOL_T0);
    assert_int_equal(get32(arguments + 32), 2);
    assert_int_equal(get32(arguments + 40), SCARD_PROTOCOL_T1);
    assert_int_equal(get32(arguments + 44), 0);
    assert_memory_equal(receive, "\x90\x00", 2);
}

static void test_the_rest_from_32(void **state)
{
    (void)state;
    uint8_t *arguments = low_memory, *bytes = low_memory + 0x7000;

    put32(arguments + 8, 2); /* scope */
    call_from_32(UNIX_ESTABLISH, arguments);
    assert_int_equal(get32(arguments), 0x6ABBCCDD);
    assert_int_equal(get32(arguments + 4), 0);

    memset(arguments, 0, 64);
    put32(arguments, 0x7EDCBA98);
    put32(arguments + 8, 1);
    put32(arguments + 12, 3);
    put32(arguments + 16, 2);
    call_from_32(UNIX_RECONNECT, arguments);
    assert_int_equal(lite->numbers[0], 1);
    assert_int_equal(lite->numbers[1], 3);
    assert_int_equal(lite->numbers[2], 2);
    assert_int_equal(get32(arguments + 20), SCARD_PROTOCOL_T0);

    memset(arguments, 0, 64);
    put32(arguments, 5);
    put32(arguments + 8, 1);
    call_from_32(UNIX_END, arguments);
    assert_int_equal(lite->card, 5);
    assert_int_equal(lite->numbers[0], 1);

    memset(arguments, 0, 64);
    put32(arguments, 9);
    call_from_32(UNIX_STATUS, arguments);
    assert_int_equal(get32(arguments + 8), 0x00050034);
    assert_int_equal(get32(arguments + 16), 20);
    assert_int_equal(arguments[24], 0xB0);

    memset(arguments, 0, 64);
    put32(arguments, 9);
    put_pointer(arguments + 8, bytes);
    put32(arguments + 16, 0x90303);
    put32(arguments + 20, 64);
    call_from_32(UNIX_GET_ATTRIBUTE, arguments);
    assert_int_equal(get32(arguments + 20), 5);
    assert_memory_equal(bytes, "vvvvv", 5);

    memset(arguments, 0, 64);
    memcpy(bytes, "in", 2);
    put_pointer(arguments + 8, bytes);
    put_pointer(arguments + 16, bytes + 100);
    put32(arguments + 24, 0x42330006);
    put32(arguments + 28, 2);
    put32(arguments + 32, 64);
    call_from_32(UNIX_CONTROL, arguments);
    assert_int_equal(lite->numbers[0], 0x42330006);
    assert_memory_equal(lite->text, "in", 2);
    assert_int_equal(get32(arguments + 36), 2);
    assert_memory_equal(bytes + 100, "kk", 2);
}

#define ENTER_UNIX(row) cmocka_unit_test_setup(row_##row, fresh),
#define ENTER_WINE(row)
#define ENTER_CORE(row)
#define ENTER_ROW(row, windows, lite_does, place, tested) ENTER_##tested(row)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WINE_DIFFERENCES(ENTER_ROW) cmocka_unit_test_setup(test_every_entry_is_there, fresh),
        cmocka_unit_test_setup(test_many_readers, fresh),
        cmocka_unit_test_setup(test_attributes_and_control, fresh),
        cmocka_unit_test_setup(test_abandoning, fresh),
        cmocka_unit_test_setup(test_connect_from_32, fresh),
        cmocka_unit_test_setup(test_list_from_32, fresh),
        cmocka_unit_test_setup(test_status_change_from_32, fresh),
        cmocka_unit_test_setup(test_transmit_from_32, fresh),
        cmocka_unit_test_setup(test_the_rest_from_32, fresh),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
