/*
 * handle_table_test - handles that are looked up and never followed, and objects that live as long
 *                     as somebody works with them.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "wine/handle_table.h"

struct thing
{
    struct handle_object object;
    int *destroyed;
};

static void destroy_thing(struct handle_object *object)
{
    struct thing *thing = (struct thing *)object;
    __atomic_add_fetch(thing->destroyed, 1, __ATOMIC_SEQ_CST);
    free(thing);
}

static struct thing *new_thing(int *destroyed)
{
    struct thing *thing = calloc(1, sizeof(*thing));
    thing->object.refs = 1;
    thing->object.destroy = destroy_thing;
    thing->destroyed = destroyed;
    return thing;
}

static uint32_t open_thing(struct handle_table *table, enum handle_kind kind, int *destroyed)
{
    uint32_t handle = handle_table_open(table, kind, &new_thing(destroyed)->object);
    assert_int_not_equal(handle, 0);
    return handle;
}

static void test_open_use_close(void **state)
{
    (void)state;
    struct handle_table table;
    int destroyed = 0;
    handle_table_init(&table);
    assert_int_equal(handle_table_any(&table, HANDLE_CARD), 0);
    uint32_t handle = open_thing(&table, HANDLE_CARD, &destroyed);
    assert_int_equal(handle_table_count(&table, HANDLE_CARD), 1);
    assert_int_equal(handle_table_count(&table, HANDLE_CONTEXT), 0);
    assert_int_equal(handle_table_any(&table, HANDLE_CARD), handle);

    struct handle_object *used = handle_table_use(&table, HANDLE_CARD, handle);
    assert_non_null(used);
    struct handle_object *closed = handle_table_close(&table, HANDLE_CARD, handle);
    assert_ptr_equal(closed, used);
    assert_null(handle_table_use(&table, HANDLE_CARD, handle));
    assert_null(handle_table_close(&table, HANDLE_CARD, handle));
    handle_object_give(&table, closed);
    assert_int_equal(destroyed, 0); /* somebody still works with it */
    handle_object_give(&table, used);
    assert_int_equal(destroyed, 1);
    handle_object_give(&table, NULL);
    handle_table_destroy(&table);
}

static void test_values_that_are_no_handle(void **state)
{
    (void)state;
    struct handle_table table;
    int destroyed = 0;
    handle_table_init(&table);
    uint32_t handle = open_thing(&table, HANDLE_CONTEXT, &destroyed);
    const uintptr_t none[] = { 0,
                               1,
                               handle + 1,
                               handle ^ 0x10000, /* another generation */
                               handle | 0xFFFF,
                               0xFFFFFFFF,
                               (uintptr_t)&table,
                               (uintptr_t)handle | (uintptr_t)1 << 40, /* right in its low half */
                               UINTPTR_MAX };
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
    {
        assert_null(handle_table_use(&table, HANDLE_CONTEXT, none[i]));
        assert_null(handle_table_close(&table, HANDLE_CONTEXT, none[i]));
    }
    assert_null(handle_table_use(&table, HANDLE_CARD, handle)); /* of the other kind */
    handle_object_give(&table, handle_table_close(&table, HANDLE_CONTEXT, handle));
    assert_int_equal(destroyed, 1);
    handle_table_destroy(&table);
}

static void test_a_stale_handle_stays_stale(void **state)
{
    (void)state;
    struct handle_table table;
    int destroyed = 0;
    handle_table_init(&table);
    uint32_t stale = open_thing(&table, HANDLE_CARD, &destroyed);
    handle_object_give(&table, handle_table_close(&table, HANDLE_CARD, stale));
    /* Every slot of the table is used again several times before a value could come back. */
    for (int i = 0; i < 100000; i++)
    {
        uint32_t handle = open_thing(&table, HANDLE_CARD, &destroyed);
        assert_int_not_equal(handle, stale);
        assert_null(handle_table_use(&table, HANDLE_CARD, stale));
        handle_object_give(&table, handle_table_close(&table, HANDLE_CARD, handle));
    }
    assert_int_equal(destroyed, 100001);
    handle_table_destroy(&table);
}

static void test_full(void **state)
{
    (void)state;
    struct handle_table table;
    int destroyed = 0;
    uint32_t *handles = calloc(HANDLE_TABLE_SLOTS_MAX, sizeof(*handles));
    handle_table_init(&table);
    for (uint32_t i = 0; i < HANDLE_TABLE_SLOTS_MAX; i++)
        handles[i] = open_thing(&table, HANDLE_CONTEXT, &destroyed);
    struct thing *one_more = new_thing(&destroyed);
    assert_int_equal(handle_table_open(&table, HANDLE_CONTEXT, &one_more->object), 0);
    free(one_more);
    struct handle_object *used = handle_table_use(&table, HANDLE_CONTEXT, handles[12345]);
    assert_non_null(used);
    handle_object_give(&table, used);
    for (uint32_t i = 0; i < HANDLE_TABLE_SLOTS_MAX; i++)
        handle_object_give(&table, handle_table_close(&table, HANDLE_CONTEXT, handles[i]));
    assert_int_equal(destroyed, HANDLE_TABLE_SLOTS_MAX);
    assert_int_equal(handle_table_count(&table, HANDLE_CONTEXT), 0);
    uint32_t again = open_thing(&table, HANDLE_CONTEXT, &destroyed);
    struct handle_object *object = handle_table_close(&table, HANDLE_CONTEXT, again);
    handle_object_give(&table, object);
    handle_table_destroy(&table);
    free(handles);
}

/* ---- Threads ---- */

#define THREADS 4
#define ROUNDS  5000

static struct handle_table shared;
static uint32_t shared_handle;
static int shared_destroyed;

static void *use_and_close(void *argument)
{
    unsigned int seed = (unsigned int)(uintptr_t)argument;
    for (int i = 0; i < ROUNDS; i++)
    {
        uint32_t handle = __atomic_load_n(&shared_handle, __ATOMIC_SEQ_CST);
        struct handle_object *object = handle_table_use(&shared, HANDLE_CARD, handle);
        if (rand_r(&seed) % 4 == 0)
            handle_object_give(&shared, handle_table_close(&shared, HANDLE_CARD, handle));
        if (object)
        {
            /* Closed or not, it is ours to look at. */
            assert_true(__atomic_load_n(&object->refs, __ATOMIC_SEQ_CST) >= 1);
            handle_object_give(&shared, object);
        }
        else
        {
            struct thing *thing = new_thing(&shared_destroyed);
            handle = handle_table_open(&shared, HANDLE_CARD, &thing->object);
            __atomic_store_n(&shared_handle, handle, __ATOMIC_SEQ_CST);
        }
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    pthread_t threads[THREADS];
    handle_table_init(&shared);
    for (uintptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, use_and_close, (void *)(i + 1)), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    uint32_t left;
    while ((left = handle_table_any(&shared, HANDLE_CARD)) != 0)
        handle_object_give(&shared, handle_table_close(&shared, HANDLE_CARD, left));
    assert_true(shared_destroyed > 0); /* and the sanitizer sees to it that none is left */
    handle_table_destroy(&shared);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_open_use_close),
        cmocka_unit_test(test_values_that_are_no_handle),
        cmocka_unit_test(test_a_stale_handle_stays_stale),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
