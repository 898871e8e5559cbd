/* lite_port_test - the port over a libpcsclite that has more readers than one call takes entries, or
 * does not know a reader of its list.
 * Layer under test: pcsc. SPDX-License-Identifier: MIT */
#include "pcsc/pcsc_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "support/fake_pcsclite.h"

#define READERS 40

extern struct fake_pcsclite fake_pcsclite;

static char names[READERS][16];
static struct pcsc_watched watched[READERS + 1];

static int set_up(void **state)
{
    (void)state;
    memset(&fake_pcsclite, 0, sizeof(fake_pcsclite));
    memset(watched, 0, sizeof(watched));
    fake_pcsclite.readers = READERS;
    for (unsigned i = 0; i < READERS; i++)
    {
        snprintf(names[i], sizeof(names[i]), "Desk %02X 00", i);
        watched[i].reader_name = names[i];
    }
    watched[READERS].reader_name = PCSC_READER_NEWS;
    return 0;
}

static scm_result watch(size_t count, uint32_t timeout_ms)
{
    const struct pcsc_port *port = pcsc_port_of_system();
    return port->watch(port, 1, timeout_ms, watched, count);
}

static void many_readers(void **state)
{
    (void)state;
    for (DWORD limit = 0; limit <= 16; limit += 16)
    {
        fake_pcsclite.states_max = limit;
        fake_pcsclite.changed = names[READERS - 1];
        assert_int_equal(watch(READERS + 1, PCSC_FOREVER), HR_OK);
        for (int i = 0; i < READERS; i++)
        {
            assert_true(watched[i].has_card);
            assert_int_equal(watched[i].has_changed, i == READERS - 1);
        }
        fake_pcsclite.changed = NULL;
        assert_int_equal(watch(READERS + 1, 0), SC_E_TIMEOUT);
        assert_int_equal(watch(READERS + 1, PCSC_FOREVER), SC_E_TIMEOUT);
        /* Refused, it does not wait for long. */
        assert_true(limit == 0 || fake_pcsclite.numbers[0] <= 1000);
        assert_true(limit == 0 || fake_pcsclite.numbers[1] <= limit);
        watched[20].reader_name = "Desk 77 00";
        assert_int_equal(watch(READERS + 1, PCSC_FOREVER), SC_E_UNKNOWN_READER);
        watched[20].reader_name = names[20];
    }
    /* What is refused for another reason stays refused. */
    fake_pcsclite.states_max = 4;
    assert_int_equal(watch(8, 0), SC_E_INVALID_PARAMETER);
}

static void mistaken(void **state)
{
    (void)state;
    const struct pcsc_port *port = pcsc_port_of_system();
    pcsc_card card;
    enum pcsc_protocol active;

    fake_pcsclite.mistakes = 2;
    assert_int_equal(
        port->connect(port, 1, names[3], PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &card, &active),
        HR_OK);
    assert_int_equal(active, PCSC_PROTOCOL_T1);
    assert_int_equal(fake_pcsclite.mistakes, 0);
    fake_pcsclite.mistakes = 2;
    assert_int_equal(watch(READERS + 1, 0), SC_E_TIMEOUT);
    assert_true(watched[0].has_card);

    fake_pcsclite.mistakes = 1000;
    assert_int_equal(
        port->connect(port, 1, names[3], PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &card, &active),
        SC_E_READER_UNAVAILABLE);
    assert_int_equal(card, 0);
    assert_int_equal(watch(READERS + 1, PCSC_FOREVER), SC_E_READER_UNAVAILABLE);
    assert_true(fake_pcsclite.mistakes > 900);
    fake_pcsclite.mistakes = 0;
    assert_int_equal(
        port->connect(port, 1, "Desk", PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &card, &active),
        SC_E_UNKNOWN_READER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(many_readers, set_up),
        cmocka_unit_test_setup(mistaken, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
