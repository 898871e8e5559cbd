/*
 * lock_test - locks tried, and whose they are: what invariants ask, in builds that check them.
 * Layer under test: system.
 * SPDX-License-Identifier: MIT
 */
#include "system/lock.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void *ask(void *context)
{
    struct lock *lock = context;
    return lock_is_mine(lock) ? lock : NULL;
}

static bool is_another_threads(struct lock *lock)
{
    pthread_t thread;
    void *answer = NULL;

    assert_int_equal(pthread_create(&thread, NULL, ask, lock), 0);
    assert_int_equal(pthread_join(thread, &answer), 0);
    return answer != NULL;
}

static void belongs_to_the_thread_that_holds_it(void **state)
{
    (void)state;
    struct lock *lock = lock_create();
    assert_non_null(lock);
    assert_false(lock_is_mine(lock));
    lock_enter(lock);
    assert_true(lock_is_mine(lock));
    assert_false(is_another_threads(lock));
    lock_enter(lock);
    lock_leave(lock);
    assert_true(lock_is_mine(lock));
    lock_leave(lock);
    assert_false(lock_is_mine(lock));
    lock_destroy(lock);
}

static void *try(void *context)
{
    struct lock *lock = context;
    if (!lock_try(lock)) return NULL;
    lock_leave(lock);
    return lock;
}

static bool may_be_taken_by_another(struct lock *lock)
{
    pthread_t thread;
    void *answer = NULL;

    assert_int_equal(pthread_create(&thread, NULL, try, lock), 0);
    assert_int_equal(pthread_join(thread, &answer), 0);
    return answer != NULL;
}

static void is_tried_without_waiting(void **state)
{
    (void)state;
    struct lock *lock = lock_create();
    assert_non_null(lock);
    assert_true(lock_try(lock));
    assert_true(lock_is_mine(lock));
    assert_true(lock_try(lock));
    assert_false(may_be_taken_by_another(lock));
    lock_leave(lock);
    assert_false(may_be_taken_by_another(lock));
    lock_leave(lock);
    assert_true(may_be_taken_by_another(lock));
    lock_destroy(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(belongs_to_the_thread_that_holds_it),
        cmocka_unit_test(is_tried_without_waiting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
