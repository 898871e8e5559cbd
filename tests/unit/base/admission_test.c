/*
 * admission_test - a daemon that is full, one that is gone, and one that does not let this user in.
 * Layer under test: base.
 * SPDX-License-Identifier: MIT
 */
#include "base/admission.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

/* Answers by letter, the last one for ever: n no service, v security violation, c communication
 * error, k success, u anything else. */
static scm_result answer_by_letter(void *context)
{
    const char **letters = context;
    char letter = **letters;

    if ((*letters)[1]) (*letters)++;
    return letter == 'n'   ? SC_E_NO_SERVICE
           : letter == 'v' ? SC_W_SECURITY_VIOLATION
           : letter == 'c' ? SC_F_COMM_ERROR
           : letter == 'k' ? HR_OK
                           : SC_E_SERVICE_STOPPED;
}

/* A clock that goes forward whenever it is read. */
static uint32_t tick(void)
{
    static uint32_t now = UINT32_MAX - 100;
    return now += 1;
}

static void refusals(void **state)
{
    (void)state;
    static const struct
    {
        const char *answers;
        scm_result expected;
    } rows[] = {
        { "k", HR_OK },
        { "n", SC_E_NO_SERVICE },
        { "v", SC_W_SECURITY_VIOLATION }, /* this user, by polkit */
        { "c", SC_F_COMM_ERROR },
        { "u", SC_E_SERVICE_STOPPED },
        { "vn", SC_E_NO_SERVICE }, /* killed at this moment */
        { "nvn", SC_E_NO_SERVICE },
        { "nvv", SC_E_SERVER_TOO_BUSY },
        { "vvn", SC_E_SERVER_TOO_BUSY },
        { "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnvnnv", SC_E_SERVER_TOO_BUSY },
        { "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
          "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
          "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv"
          "n",
          SC_E_SERVER_TOO_BUSY }, /* on a busy machine */
        { "cnc", SC_E_SERVER_TOO_BUSY },
        { "nvk", HR_OK }, /* somebody went */
        { "vvvk", HR_OK },
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        const char *letters = rows[i].answers;
        assert_int_equal(admission_ask(answer_by_letter, &letters, tick), rows[i].expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}
