/*
 * card_recording_memory_test - recording while memory is short: each allocation fails once, and all
 *                              from each on. The work goes on as without a recorder, and what is
 *                              written is a recording that has no more than it may.
 * Layer under test: card (recording_port), with simcard's reader of recordings.
 * SPDX-License-Identifier: MIT
 */
#include "card/link/recording_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include "simcard/recording.h"
#include "support/fail.h"
#include "support/hex.h"
#include "support/script.h"
#include "system/memory.h"

#define ATR         "3B8C018031F073F721E05444454D4FDE"
#define ANSWER_LEN  65538
#define WRITTEN_MAX (1u << 20)
#define NEVER       1000u

/* In the place of the system's: the allocation with this number fails, or all from it on. */
static unsigned allocations, failing = NEVER;
static bool fails_from_there;

void *memory_alloc(size_t size)
{
    unsigned number = allocations++;
    bool is_failing = number == failing || (fails_from_there && number > failing);
    return is_failing ? NULL : calloc(1, size);
}

void memory_free(void *memory)
{
    free(memory);
}

const struct memory_source system_memory = { .allocate = memory_alloc, .release = memory_free };

struct fixture
{
    struct faulty_port faulty;
    struct script script;
    struct recording_port *recorder;
    const struct pcsc_port *port;
    pcsc_card card;
    unsigned sent;
    char *written;
    size_t written_len;
};

static void take(void *context, const char *text, size_t len)
{
    struct fixture *fixture = context;
    assert_true(len < WRITTEN_MAX - fixture->written_len);
    memcpy(fixture->written + fixture->written_len, text, len);
    fixture->written_len += len;
    fixture->written[fixture->written_len] = 0;
}

static void send_one(struct fixture *fixture, const char *command, const char *answer)
{
    const struct exchange row = { command, answer };
    static uint8_t room[ANSWER_LEN];
    size_t got = 0;
    struct bytes sent = hex(command);

    script_start(&fixture->script, &row, 1);
    assert_int_equal(fixture->port->transmit(fixture->port, fixture->card, fixture->faulty.protocol,
                                             sent.data, sent.len, room, sizeof(room), &got),
                     HR_OK);
    assert_hex(bytes_of(room, got), answer, command);
    fixture->sent++;
}

/* Files, a PIN, what it opens, and a reset. */
static void work(struct fixture *fixture)
{
    const struct pcsc_port *port = fixture->port;
    enum pcsc_protocol active;

    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00A40004 02 7F10 00", "6202 8100 9000");
    send_one(fixture, "00B0000000", "CAFE 9000");
    send_one(fixture, "00B00000000000", "AB*65536 9000");
    send_one(fixture, "00D60000000800 5EC2E7*2 AD*2042", "9000");
    send_one(fixture, "0020000104 31323334", "9000");
    send_one(fixture, "00B0000000", "5EC2E7 9000");
    assert_int_equal(port->end(port, fixture->card, PCSC_RESET_CARD), HR_OK);
    assert_int_equal(
        port->reconnect(port, fixture->card, PCSC_SHARE_SHARED, 3, PCSC_LEAVE_CARD, &active),
        HR_OK);
    assert_int_equal(port->begin(port, fixture->card), HR_OK);
    send_one(fixture, "00B0000000", "CAFE 9000");
    assert_int_equal(port->end(port, fixture->card, PCSC_LEAVE_CARD), HR_OK);
    hex_forget();
}

static void session(struct fixture *fixture)
{
    struct recording_sink sink = { .write = take, .context = fixture };
    pcsc_context context;
    enum pcsc_protocol active;

    fixture->recorder = recording_port_create(&fixture->faulty.port, sink);
    fixture->port =
        fixture->recorder ? recording_port_table(fixture->recorder) : &fixture->faulty.port;
    const struct pcsc_port *port = fixture->port;
    assert_int_equal(port->establish(port, &context), HR_OK);
    for (int round = 0; round < 2; round++)
    {
        assert_int_equal(port->connect(port, context, FAULTY_READER, PCSC_SHARE_SHARED, 3,
                                       &fixture->card, &active),
                         HR_OK);
        work(fixture);
        assert_int_equal(port->disconnect(port, fixture->card, PCSC_LEAVE_CARD), HR_OK);
    }
    fixture->card = faulty_port_client_connect(&fixture->faulty, PCSC_SHARE_SHARED);
    work(fixture);
    assert_int_equal(port->disconnect(port, fixture->card, PCSC_LEAVE_CARD), HR_OK);
    assert_int_equal(port->release(port, context), HR_OK);
    recording_port_destroy(fixture->recorder);
}

/* Runs it, and reads what was written. @return exchanges in it. */
static size_t recorded_exchanges(unsigned fails, bool from_there)
{
    struct fixture fixture = { .written = calloc(1, WRITTEN_MAX) };
    struct description_error error;
    size_t count = 0;

    assert_non_null(fixture.written);
    faulty_port_init(&fixture.faulty);
    script_insert(&fixture.faulty, &fixture.script, ATR, PCSC_PROTOCOL_T1);
    allocations = 0;
    failing = fails;
    fails_from_there = from_there;
    session(&fixture);
    failing = NEVER;

    assert_null(strstr(fixture.written, "31323334"));
    assert_null(strstr(fixture.written, "5EC2E7"));
    struct recording *recording =
        recording_parse(bytes_of(fixture.written, fixture.written_len), &error);
    if (recording) count = recording->count;
    /* What was not written at all is no recording. */
    if (!recording && fixture.written_len > 0)
        fail_at(__FILE__, __LINE__, "allocation %u: line %zu: %s", fails, error.line,
                error.message);
    recording_free(recording);
    free(fixture.written);
    return count;
}

static void the_work_goes_on(void **state)
{
    (void)state;
    size_t all = recorded_exchanges(NEVER, false);
    unsigned total = allocations;
    assert_int_equal(all, 3 * 7);
    assert_in_range(total, 10, NEVER);
    for (unsigned i = 0; i < total; i++)
    {
        recorded_exchanges(i, true);
        /* A recorder, its lock, a connection, a reader: without the reader a line is nobody's. From
           then on nothing is lost: a selection that is missing would lead astray. */
        size_t count = recorded_exchanges(i, false);
        size_t least = i < 2 ? 0 : i == 3 ? all - 1 : all;
        if (count < least)
            fail_at(__FILE__, __LINE__, "allocation %u: %zu exchanges of %zu", i, count, all);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(the_work_goes_on) };
    return cmocka_run_group_tests_name("card_recording_memory", tests, NULL, NULL);
}
