/*
 * status_words_test - the result of each status word in each context.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/status_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void results_by_context(void **state)
{
    static const struct
    {
        uint16_t sw;
        enum status_context context;
        scm_result result;
    } rows[] = {
        { 0x9000, STATUS_ANY, HR_OK },
        { 0x6200, STATUS_SELECT, HR_OK },
        { 0x6281, STATUS_READ, SC_E_COMM_DATA_LOST },
        { 0x6282, STATUS_READ, HR_OK },
        { 0x6283, STATUS_SELECT, SC_E_NO_ACCESS },
        { 0x6283, STATUS_ACTIVATE, HR_OK },
        { 0x6284, STATUS_SELECT, HR_OK },
        { 0x6285, STATUS_SELECT, SC_E_NO_ACCESS },
        { 0x6300, STATUS_VERIFY, SC_W_WRONG_CHV },
        { 0x6300, STATUS_WRITE, SC_E_UNEXPECTED },
        { 0x6381, STATUS_WRITE, HR_OK },
        { 0x63C0, STATUS_VERIFY, SC_W_CHV_BLOCKED },
        { 0x63C2, STATUS_VERIFY, SC_W_WRONG_CHV },
        { 0x63CF, STATUS_VERIFY, SC_W_WRONG_CHV },
        { 0x63C2, STATUS_WRITE, HR_OK },
        { 0x6400, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x6581, STATUS_WRITE, SC_E_UNEXPECTED },
        { 0x6600, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x6700, STATUS_ANY, SC_E_INVALID_PARAMETER },
        { 0x6882, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE },
        { 0x6884, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE },
        { 0x6981, STATUS_READ, SC_E_NO_FILE },
        { 0x6982, STATUS_READ, SC_W_SECURITY_VIOLATION },
        { 0x6983, STATUS_VERIFY, SC_W_CHV_BLOCKED },
        { 0x6984, STATUS_ANY, SC_E_NO_ACCESS },
        { 0x6985, STATUS_ANY, SC_E_NO_ACCESS },
        { 0x6986, STATUS_READ, SC_E_NO_FILE },
        { 0x6988, STATUS_ANY, SC_W_SECURITY_VIOLATION },
        { 0x6999, STATUS_ANY, SC_E_NO_ACCESS },
        { 0x6A00, STATUS_ANY, SC_E_INVALID_VALUE },
        { 0x6A80, STATUS_CREATE, SC_E_INVALID_PARAMETER },
        { 0x6A81, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE },
        { 0x6A82, STATUS_SELECT, SC_E_FILE_NOT_FOUND },
        { 0x6A82, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND },
        { 0x6A83, STATUS_READ, SC_W_EOF },
        { 0x6A83, STATUS_SEEK, SC_E_BAD_SEEK },
        { 0x6A84, STATUS_WRITE, SC_E_WRITE_TOO_MANY },
        { 0x6A86, STATUS_ANY, SC_E_INVALID_VALUE },
        { 0x6A88, STATUS_VERIFY, SC_E_INVALID_CHV },
        { 0x6A88, STATUS_ANY, SC_E_FILE_NOT_FOUND },
        { 0x6A89, STATUS_CREATE, HR_INVALIDARG },
        { 0x6A8A, STATUS_CREATE, HR_INVALIDARG },
        { 0x6B00, STATUS_READ, SC_E_BAD_SEEK },
        { 0x6B00, STATUS_SELECT, SC_E_INVALID_VALUE },
        { 0x6D00, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE },
        { 0x6E00, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE },
        { 0x6F00, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x6110, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x6C10, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x0000, STATUS_ANY, SC_E_UNEXPECTED },
        { 0xFFFF, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x9001, STATUS_ANY, SC_E_UNEXPECTED },
        /* SIMs. */
        { 0x9100, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x9201, STATUS_ANY, SC_E_UNEXPECTED },
        { 0x9240, STATUS_WRITE, SC_E_UNEXPECTED },
        { 0x9300, STATUS_ANY, SC_E_NOT_READY },
        { 0x9400, STATUS_READ, SC_E_NO_FILE },
        { 0x9402, STATUS_READ, SC_W_EOF },
        { 0x9402, STATUS_WRITE, SC_E_BAD_SEEK },
        { 0x9404, STATUS_SELECT, SC_E_FILE_NOT_FOUND },
        { 0x9404, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND },
        { 0x9408, STATUS_READ, SC_E_NO_FILE },
        { 0x9802, STATUS_VERIFY, SC_E_INVALID_CHV },
        { 0x9802, STATUS_READ, SC_E_NO_ACCESS },
        { 0x9804, STATUS_VERIFY, SC_W_WRONG_CHV },
        { 0x9804, STATUS_READ, SC_W_SECURITY_VIOLATION },
        { 0x9808, STATUS_VERIFY, SC_E_NO_ACCESS },
        { 0x9810, STATUS_READ, SC_E_NO_ACCESS },
        { 0x9840, STATUS_VERIFY, SC_W_CHV_BLOCKED },
        { 0x9850, STATUS_WRITE, SC_E_WRITE_TOO_MANY },
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        scm_result result = status_word_result(rows[i].sw, rows[i].context);
        if (result != rows[i].result)
            fail_msg("%04X gives %s", rows[i].sw, result_name(result) ? result_name(result) : "?");
    }
}

/* A successful result comes from the few words that mean success, whatever the context. */
static void nothing_else_succeeds(void **state)
{
    (void)state;
    for (unsigned sw = 0; sw <= 0xFFFF; sw++)
        for (unsigned context = 0; context <= STATUS_VERIFY; context = context ? context * 2 : 1)
        {
            if (result_failed(status_word_result((uint16_t)sw, (enum status_context)context)))
                continue;
            assert_true(sw == 0x9000 || sw >> 8 == 0x62 || sw >> 8 == 0x63);
        }
}

static void tells_tries_and_meanings(void **state)
{
    (void)state;
    assert_int_equal(status_word_tries(0x63C3), 3);
    assert_int_equal(status_word_tries(0x63C0), 0);
    assert_int_equal(status_word_tries(0x6983), 0);
    assert_int_equal(status_word_tries(0x9840), 0);
    assert_int_equal(status_word_tries(0x9804), -1);
    assert_int_equal(status_word_tries(0x6300), -1);
    assert_int_equal(status_word_tries(0x9000), -1);
    assert_string_equal(status_word_meaning(0x6A82), "file or application not found");
    assert_string_equal(status_word_meaning(0x6283), "the file is deactivated");
    assert_null(status_word_meaning(0x1234));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_by_context),
        cmocka_unit_test(nothing_else_succeeds),
        cmocka_unit_test(tells_tries_and_meanings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
