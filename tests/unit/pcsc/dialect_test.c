/* pcsc_dialect_test - codes, states and protocols of both resource managers, a row each.
 * Layer under test: pcsc. SPDX-License-Identifier: MIT */
#include "pcsc/pcsc_dialect.h"

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define WIN  PCSC_DIALECT_WINDOWS
#define LITE PCSC_DIALECT_LITE

static void codes(void **state)
{
    (void)state;
    static const struct
    {
        enum pcsc_dialect dialect;
        uint32_t code;
        scm_result result;
    } rows[] = {
        { WIN, 0, HR_OK },
        { LITE, 0, HR_OK },
        { WIN, 0x8010001F, SC_E_UNEXPECTED },
        { LITE, 0x8010001F, SC_E_UNSUPPORTED_FEATURE }, /* pcsc-lite's number for it */
        { LITE, 0x80100022, SC_E_UNSUPPORTED_FEATURE },
        { WIN, 6, SC_E_INVALID_HANDLE }, /* ERROR_INVALID_HANDLE */
        { LITE, 0x80100003, SC_E_INVALID_HANDLE },
        { WIN, 0x80100006, HR_OUTOFMEMORY },
        { WIN, 8, HR_OUTOFMEMORY },
        { WIN, 50, SC_E_UNSUPPORTED_FEATURE }, /* ERROR_NOT_SUPPORTED */
        { WIN, 109, SCM_RESULT(0x8007006D) },  /* ERROR_BROKEN_PIPE: no redirected session */
        { WIN, 0x8010001D, SC_E_NO_SERVICE },
        { LITE, 0x80100069, SC_W_REMOVED_CARD },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(pcsc_dialect_result(rows[i].dialect, rows[i].code), rows[i].result);
}

static void codes_of_calls(void **state)
{
    (void)state;
    /* Nobody is refused who is in already: the daemon was killed. */
    assert_int_equal(pcsc_dialect_call_result(LITE, 0x8010006A), SC_E_NO_SERVICE);
    assert_int_equal(pcsc_dialect_call_result(WIN, 0x8010006A), SC_W_SECURITY_VIOLATION);
    assert_int_equal(pcsc_dialect_call_result(LITE, 0x80100013), SC_E_NO_SERVICE);
    assert_int_equal(pcsc_dialect_call_result(WIN, 0x80100013), SC_F_COMM_ERROR);
    assert_int_equal(pcsc_dialect_call_result(LITE, 0x8010001F), SC_E_UNSUPPORTED_FEATURE);
    assert_int_equal(pcsc_dialect_call_result(LITE, 0), HR_OK);
    assert_int_equal(pcsc_dialect_result(LITE, 0x8010006A), SC_W_SECURITY_VIOLATION);
    /* But who comes in is; and a reader's handles come to an end. */
    assert_int_equal(pcsc_dialect_connect_result(LITE, 0x8010006A), SC_W_SECURITY_VIOLATION);
    assert_int_equal(pcsc_dialect_connect_result(LITE, 0x80100001), SC_E_SERVER_TOO_BUSY);
    assert_int_equal(pcsc_dialect_connect_result(WIN, 0x80100001), SC_F_INTERNAL_ERROR);
    assert_int_equal(pcsc_dialect_connect_result(LITE, 0x8010000B), SC_E_SHARING_VIOLATION);
}

static void states(void **state)
{
    (void)state;
    static const struct
    {
        enum pcsc_dialect dialect;
        uint32_t given;
        enum pcsc_protocol protocol;
        enum pcsc_state expected;
    } rows[] = {
        { WIN, 0, PCSC_PROTOCOL_NONE, PCSC_STATE_UNKNOWN },
        { WIN, 1, PCSC_PROTOCOL_NONE, PCSC_STATE_ABSENT },
        { WIN, 2, PCSC_PROTOCOL_NONE, PCSC_STATE_PRESENT },
        { WIN, 6, PCSC_PROTOCOL_NONE, PCSC_STATE_SPECIFIC },
        { WIN, 0x10034, PCSC_PROTOCOL_NONE,
          PCSC_STATE_NEGOTIABLE }, /* a winscard that hands a bit mask through */
        { LITE, 0x10034, PCSC_PROTOCOL_NONE, PCSC_STATE_NEGOTIABLE },
        { LITE, 0x0054, PCSC_PROTOCOL_NONE, PCSC_STATE_SPECIFIC },
        { LITE, 0x00014, PCSC_PROTOCOL_NONE, PCSC_STATE_POWERED },
        { LITE, 0x0004, PCSC_PROTOCOL_NONE, PCSC_STATE_PRESENT },
        { LITE, 0x0002, PCSC_PROTOCOL_NONE, PCSC_STATE_ABSENT },
        { LITE, 0x30002, PCSC_PROTOCOL_NONE, PCSC_STATE_ABSENT },
        { LITE, 0x000C, PCSC_PROTOCOL_NONE, PCSC_STATE_SWALLOWED },
        { LITE, 0x0001, PCSC_PROTOCOL_NONE, PCSC_STATE_UNKNOWN },
        { LITE, 0x10000, PCSC_PROTOCOL_NONE, PCSC_STATE_UNKNOWN },
        { LITE, 0xFFFF0000, PCSC_PROTOCOL_NONE, PCSC_STATE_UNKNOWN },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        assert_int_equal(pcsc_dialect_state(rows[i].dialect, rows[i].given, rows[i].protocol),
                         rows[i].expected);
}

static void protocols(void **state)
{
    (void)state;
    assert_int_equal(pcsc_dialect_protocol(WIN, 0x10000), PCSC_PROTOCOL_RAW);
    assert_int_equal(pcsc_dialect_protocol(LITE, 4), PCSC_PROTOCOL_RAW);
    assert_int_equal(pcsc_dialect_protocol(WIN, 4), PCSC_PROTOCOL_NONE);
    assert_int_equal(pcsc_dialect_protocol(WIN, 1), PCSC_PROTOCOL_T0);
    assert_int_equal(pcsc_dialect_protocol(LITE, 2), PCSC_PROTOCOL_T1);
    assert_int_equal(pcsc_dialect_protocol(LITE, 8), PCSC_PROTOCOL_NONE); /* T=15 */
    assert_int_equal(pcsc_dialect_protocol(WIN, 0), PCSC_PROTOCOL_NONE);
    assert_int_equal(pcsc_dialect_protocol_bits(WIN, PCSC_PROTOCOL_ANY), 3);
    assert_int_equal(pcsc_dialect_protocol_bits(LITE, PCSC_PROTOCOL_ANY), 3);
    assert_int_equal(pcsc_dialect_protocol_bits(WIN, PCSC_PROTOCOL_RAW), 0x10000);
    assert_int_equal(pcsc_dialect_protocol_bits(LITE, PCSC_PROTOCOL_RAW), 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes),
        cmocka_unit_test(codes_of_calls),
        cmocka_unit_test(states),
        cmocka_unit_test(protocols),
    };
    return cmocka_run_group_tests_name("pcsc_dialect", tests, NULL, NULL);
}
