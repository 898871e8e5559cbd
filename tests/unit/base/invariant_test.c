/* invariant_test - a broken invariant is told and ends the process; unchecked it is not evaluated.
 * Layer under test: base. Built twice, with SCM_CHECK_INVARIANTS and without.
 * SPDX-License-Identifier: MIT */
#include "base/invariant.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#ifdef SCM_CHECK_INVARIANTS

/* What a process that breaks an invariant prints, and how it ends. */
static void broken_invariant_is_told_and_ends_the_process(void **state)
{
    (void)state;
    char told[512] = "";
    size_t len = 0;
    ssize_t got;
    int ends[2], status;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0)
    {
        /* cmocka would report the signal as a failure of this test. */
        signal(SIGABRT, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        INVARIANT(1 + 1 == 3, "one and one are three");
        _exit(0);
    }
    close(ends[1]);
    while ((got = read(ends[0], told + len, sizeof(told) - 1 - len)) > 0)
        len += (size_t)got;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
    assert_non_null(strstr(told, "invariant_test.c:"));
    assert_non_null(strstr(told, "one and one are three"));
}

static void invariant_that_holds_lets_go_on(void **state)
{
    (void)state;
    int evaluated = 0;
    INVARIANT(++evaluated == 1, "it is evaluated once");
    assert_int_equal(evaluated, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_invariant_is_told_and_ends_the_process),
        cmocka_unit_test(invariant_that_holds_lets_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void unchecked_invariant_is_not_evaluated(void **state)
{
    (void)state;
    int evaluated = 0;
    INVARIANT(++evaluated == 2, "nobody asks");
    assert_int_equal(evaluated, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(unchecked_invariant_is_not_evaluated) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
