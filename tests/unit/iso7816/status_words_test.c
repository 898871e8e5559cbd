/*
 * status_words_test - the result and the meaning of each status word in each context.
 * Layer under test: iso7816.
 * SPDX-License-Identifier: MIT
 */
/* The table itself: every row of it is reached here. */
#include "iso7816/status_words.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void results_and_meanings_by_context(void **state)
{
    static const struct
    {
        uint16_t sw;
        enum status_context context;
        scm_result result;
        const char *meaning;
    } expected[] = {
        { 0x0000, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x6110, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x6200, STATUS_SELECT, HR_OK, "a warning without details" },
        { 0x6201, STATUS_READ, HR_OK, "a warning" },
        { 0x6281, STATUS_READ, SC_E_COMM_DATA_LOST, "part of the data may be corrupted" },
        { 0x6282, STATUS_READ, HR_OK, "the end was reached before all was read" },
        { 0x6283, STATUS_ACTIVATE, HR_OK, "the file is deactivated" },
        { 0x6283, STATUS_SELECT, SC_E_NO_ACCESS, "the file is deactivated" },
        { 0x6284, STATUS_SELECT, HR_OK, "the control information is not in standard format" },
        { 0x6285, STATUS_ACTIVATE, HR_OK, "the file is terminated" },
        { 0x6285, STATUS_SELECT, SC_E_NO_ACCESS, "the file is terminated" },
        { 0x6300, STATUS_KEY, SC_W_SECURITY_VIOLATION, "authentication failed" },
        { 0x6300, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6300, STATUS_VERIFY, SC_W_WRONG_CHV, "wrong PIN" },
        { 0x6300, STATUS_UNBLOCK, SC_W_WRONG_CHV, "wrong PUK" },
        { 0x6300, STATUS_WRITE, SC_E_UNEXPECTED, "a warning, something was changed" },
        { 0x6381, STATUS_LOOK, SC_E_UNEXPECTED, "a warning, something was changed" },
        { 0x6381, STATUS_VERIFY, SC_E_UNEXPECTED, "a warning, something was changed" },
        { 0x6381, STATUS_WRITE, HR_OK, "the file was filled up" },
        { 0x63C0, STATUS_KEY, SC_W_SECURITY_VIOLATION, "authentication failed" },
        { 0x63C0, STATUS_LOOK, SC_W_CHV_BLOCKED, "the PIN has no tries left" },
        { 0x63C0, STATUS_VERIFY, SC_W_CHV_BLOCKED, "wrong PIN, no tries left" },
        { 0x63C0, STATUS_UNBLOCK, SC_W_CHV_BLOCKED, "wrong PUK, no tries left" },
        { 0x63C2, STATUS_UNBLOCK, SC_W_WRONG_CHV, "wrong PUK" },
        { 0x6381, STATUS_UNBLOCK, SC_E_UNEXPECTED, "a warning, something was changed" },
        { 0x6983, STATUS_UNBLOCK, SC_W_CHV_BLOCKED, "PUK blocked, no tries left" },
        { 0x6A88, STATUS_UNBLOCK, SC_E_INVALID_CHV, "no such PIN" },
        { 0x6B00, STATUS_UNBLOCK, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6B00, STATUS_VERIFY, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x9802, STATUS_UNBLOCK, SC_E_INVALID_CHV, "no such PIN on the SIM" },
        { 0x9804, STATUS_UNBLOCK, SC_W_WRONG_CHV, "wrong PUK" },
        { 0x9840, STATUS_UNBLOCK, SC_W_CHV_BLOCKED, "PUK blocked, no tries left" },
        { 0x63C2, STATUS_ANY, SC_E_UNEXPECTED, "a counter" },
        { 0x63C2, STATUS_KEY, SC_W_SECURITY_VIOLATION, "authentication failed" },
        { 0x63C2, STATUS_LOOK, SC_W_CARD_NOT_AUTHENTICATED, "the PIN has not been presented" },
        { 0x63C2, STATUS_VERIFY, SC_W_WRONG_CHV, "wrong PIN" },
        { 0x63C2, STATUS_WRITE, HR_OK, "written after retries" },
        { 0x63C2, STATUS_WRITE_RECORD, HR_OK, "written after retries" },
        { 0x63CF, STATUS_VERIFY, SC_W_WRONG_CHV, "wrong PIN" },
        { 0x6400, STATUS_ANY, SC_E_UNEXPECTED, "execution error, nothing was changed" },
        { 0x6501, STATUS_WRITE, SC_E_UNEXPECTED, "execution error, something was changed" },
        { 0x6581, STATUS_WRITE, SC_E_UNEXPECTED, "memory failure" },
        { 0x6600, STATUS_ANY, SC_E_UNEXPECTED, "a security-related problem" },
        { 0x6700, STATUS_ANY, SC_E_INVALID_PARAMETER, "wrong length" },
        { 0x6700, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6800, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE,
          "function of the class byte not supported" },
        { 0x6881, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "logical channel not supported" },
        { 0x6882, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "secure messaging not supported" },
        { 0x6883, STATUS_ANY, SC_E_UNEXPECTED, "last command of the chain expected" },
        { 0x6884, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "command chaining not supported" },
        { 0x6981, STATUS_READ, SC_E_NO_FILE, "command does not fit the file's structure" },
        { 0x6982, STATUS_READ, SC_W_SECURITY_VIOLATION, "security status not satisfied" },
        { 0x6983, STATUS_VERIFY, SC_W_CHV_BLOCKED, "authentication method blocked" },
        { 0x6984, STATUS_ANY, SC_E_NO_ACCESS, "reference data not usable" },
        { 0x6985, STATUS_ANY, SC_E_NO_ACCESS, "conditions of use not satisfied" },
        { 0x6986, STATUS_READ, SC_E_NO_FILE, "no current elementary file" },
        { 0x6987, STATUS_ANY, SC_W_SECURITY_VIOLATION, "secure messaging objects missing" },
        { 0x6988, STATUS_ANY, SC_W_SECURITY_VIOLATION, "secure messaging objects incorrect" },
        { 0x6999, STATUS_ANY, SC_E_NO_ACCESS, "command not allowed" },
        { 0x6A00, STATUS_ANY, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6A80, STATUS_CREATE, SC_E_INVALID_PARAMETER, "wrong data" },
        { 0x6A80, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6A81, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "function not supported" },
        { 0x6A81, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6A82, STATUS_SELECT, SC_E_FILE_NOT_FOUND, "file or application not found" },
        { 0x6A82, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND, "file or application not found" },
        { 0x6A82, STATUS_READ, SC_E_FILE_NOT_FOUND, "file or application not found" },
        { 0x6A82, STATUS_READ_RECORD, SC_W_EOF, "record not found" },
        { 0x6A82, STATUS_WRITE_RECORD, SC_E_BAD_SEEK, "record not found" },
        { 0x6A83, STATUS_READ, SC_W_EOF, "record not found" },
        { 0x6A83, STATUS_READ_RECORD, SC_W_EOF, "record not found" },
        { 0x6A83, STATUS_WRITE_RECORD, SC_E_BAD_SEEK, "record not found" },
        { 0x6A83, STATUS_SEEK, SC_E_BAD_SEEK, "record not found" },
        { 0x6A83, STATUS_WRITE, SC_E_BAD_SEEK, "record not found" },
        { 0x6A84, STATUS_WRITE, SC_E_WRITE_TOO_MANY, "not enough memory" },
        { 0x6A85, STATUS_ANY, SC_E_INVALID_PARAMETER, "length does not fit the data objects" },
        { 0x6A86, STATUS_ANY, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6A86, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6A87, STATUS_ANY, SC_E_INVALID_PARAMETER, "length does not fit P1-P2" },
        { 0x6A87, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6A88, STATUS_ANY, SC_E_FILE_NOT_FOUND, "referenced data not found" },
        { 0x6A88, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "no such PIN, or the card does not tell of it" },
        { 0x6A88, STATUS_READ, SC_E_FILE_NOT_FOUND, "referenced data not found" },
        { 0x6A88, STATUS_READ_RECORD, SC_W_EOF, "record not found" },
        { 0x6A88, STATUS_SELECT, SC_E_FILE_NOT_FOUND, "referenced data not found" },
        { 0x6A88, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND, "referenced data not found" },
        { 0x6A88, STATUS_WRITE_RECORD, SC_E_BAD_SEEK, "record not found" },
        { 0x6A88, STATUS_VERIFY, SC_E_INVALID_CHV, "no such PIN" },
        { 0x6A89, STATUS_CREATE, HR_INVALIDARG, "file exists already" },
        { 0x6A8A, STATUS_CREATE, HR_INVALIDARG, "DF name exists already" },
        { 0x6B00, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6B00, STATUS_READ, SC_E_BAD_SEEK, "offset outside the file" },
        { 0x6B00, STATUS_READ_RECORD, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6B00, STATUS_SELECT, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6B00, STATUS_WRITE_RECORD, SC_E_INVALID_VALUE, "wrong P1-P2" },
        { 0x6C10, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x6D00, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "instruction not supported" },
        { 0x6D00, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x6E00, STATUS_ANY, SC_E_UNSUPPORTED_FEATURE, "class not supported" },
        { 0x6F00, STATUS_ANY, SC_E_UNEXPECTED, "no precise diagnosis" },
        { 0x9000, STATUS_ANY, HR_OK, "done" },
        { 0x9001, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x9100, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x9201, STATUS_ANY, SC_E_UNEXPECTED, NULL },
        { 0x9240, STATUS_WRITE, SC_E_UNEXPECTED, "memory problem" },
        { 0x9300, STATUS_ANY, SC_E_NOT_READY, "the SIM toolkit is busy" },
        { 0x9400, STATUS_READ, SC_E_NO_FILE, "no elementary file selected" },
        { 0x9402, STATUS_READ, SC_W_EOF, "out of the file's range" },
        { 0x9402, STATUS_READ_RECORD, SC_W_EOF, "out of the file's range" },
        { 0x9402, STATUS_WRITE, SC_E_BAD_SEEK, "out of the file's range" },
        { 0x9402, STATUS_WRITE_RECORD, SC_E_BAD_SEEK, "out of the file's range" },
        { 0x9404, STATUS_SELECT, SC_E_FILE_NOT_FOUND, "file or pattern not found" },
        { 0x9404, STATUS_SELECT_DIR, SC_E_DIR_NOT_FOUND, "file or pattern not found" },
        { 0x9408, STATUS_READ, SC_E_NO_FILE, "command does not fit the file" },
        { 0x9802, STATUS_LOOK, SC_E_INVALID_CHV, "no such PIN on the SIM" },
        { 0x9802, STATUS_READ, SC_E_NO_ACCESS, "no such PIN on the SIM" },
        { 0x9802, STATUS_VERIFY, SC_E_INVALID_CHV, "no such PIN on the SIM" },
        { 0x9804, STATUS_LOOK, SC_E_UNSUPPORTED_FEATURE,
          "the card does not tell the state of its PIN" },
        { 0x9804, STATUS_READ, SC_W_SECURITY_VIOLATION,
          "wrong PIN, or access condition not fulfilled" },
        { 0x9804, STATUS_VERIFY, SC_W_WRONG_CHV, "wrong PIN" },
        { 0x9808, STATUS_VERIFY, SC_E_NO_ACCESS, "contradiction with the PIN's status" },
        { 0x9810, STATUS_READ, SC_E_NO_ACCESS,
          "contradiction with the file's invalidation status" },
        { 0x9840, STATUS_VERIFY, SC_W_CHV_BLOCKED, "PIN blocked, no tries left" },
        { 0x9850, STATUS_WRITE, SC_E_WRITE_TOO_MANY, "the highest value is reached" },
        { 0xFFFF, STATUS_ANY, SC_E_UNEXPECTED, NULL },
    };
    bool is_reached[ROWS_COUNT] = { false };
    (void)state;
    for (size_t i = 0; i < sizeof(expected) / sizeof(expected[0]); i++)
    {
        uint16_t sw = expected[i].sw;
        scm_result result = status_word_result(sw, expected[i].context);
        const char *meaning = status_word_meaning(sw, expected[i].context);
        if (result != expected[i].result)
            fail_msg("%04X gives %s", sw, result_name(result) ? result_name(result) : "?");
        if (!meaning != !expected[i].meaning ||
            (meaning && strcmp(meaning, expected[i].meaning) != 0))
            fail_msg("%04X says \"%s\"", sw, meaning ? meaning : "nothing");
        size_t row = 0;
        while (row < ROWS_COUNT && !fits(&rows[row], sw, expected[i].context))
            row++;
        if (row < ROWS_COUNT) is_reached[row] = true;
    }
    for (size_t i = 0; i < ROWS_COUNT; i++)
        if (!is_reached[i]) fail_msg("%04X, %X is not reached", rows[i].sw, rows[i].contexts);
}

/* A successful result comes from the few words that mean success, whatever the context. */
static void nothing_else_succeeds(void **state)
{
    (void)state;
    for (unsigned sw = 0; sw <= 0xFFFF; sw++)
        for (unsigned context = 0; context <= STATUS_UNBLOCK; context = context ? context * 2 : 1)
        {
            if (result_failed(status_word_result((uint16_t)sw, (enum status_context)context)))
                continue;
            assert_true(sw == 0x9000 || sw >> 8 == 0x62 || sw >> 8 == 0x63);
        }
}

static void tells_refusals_of_p1_p2(void **state)
{
    (void)state;
    unsigned count = 0;
    for (unsigned sw = 0; sw <= 0xFFFF; sw++)
        count += status_word_refuses_p1_p2((uint16_t)sw);
    assert_int_equal(count, 4);
    assert_true(status_word_refuses_p1_p2(0x6A86));
    assert_true(status_word_refuses_p1_p2(0x6A81));
    assert_true(status_word_refuses_p1_p2(0x6B00));
    assert_true(status_word_refuses_p1_p2(0x6A00));
}

static void tells_tries(void **state)
{
    (void)state;
    assert_int_equal(status_word_tries(0x63C3), 3);
    assert_int_equal(status_word_tries(0x63C0), 0);
    assert_int_equal(status_word_tries(0x6983), 0);
    assert_int_equal(status_word_tries(0x9840), 0);
    assert_int_equal(status_word_tries(0x9804), -1);
    assert_int_equal(status_word_tries(0x6300), -1);
    assert_int_equal(status_word_tries(0x9000), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(results_and_meanings_by_context),
        cmocka_unit_test(nothing_else_succeeds),
        cmocka_unit_test(tells_refusals_of_p1_p2),
        cmocka_unit_test(tells_tries),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
