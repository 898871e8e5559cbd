/* secret_bytes_test - bytes grow, keep their content, and leave nothing in memory that goes back.
 * Layer under test: base.
 * SPDX-License-Identifier: MIT */
#include "base/secret_bytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

/* A source that looks into what comes back, and that runs out when it is told to. */
static size_t blocks_out;       /* given and not yet taken back */
static size_t allocations_left; /* before it runs out */
static size_t last_size;        /* of the block asked for last */
static size_t unwiped;          /* blocks that came back with something in them */
static struct
{
    uint8_t *memory;
    size_t size;
} blocks[8];

static void *test_allocate(size_t size)
{
    assert_true(size > 0);
    last_size = size;
    if (allocations_left == 0) return NULL;
    allocations_left--;
    for (size_t i = 0; i < 8; i++)
    {
        if (blocks[i].memory) continue;
        blocks[i].memory = calloc(1, size);
        blocks[i].size = size;
        blocks_out++;
        return blocks[i].memory;
    }
    fail_msg("more than 8 blocks at once");
    return NULL;
}

static void test_release(void *memory)
{
    assert_non_null(memory);
    for (size_t i = 0; i < 8; i++)
    {
        if (blocks[i].memory != memory) continue;
        for (size_t at = 0; at < blocks[i].size; at++)
            if (blocks[i].memory[at])
            {
                unwiped++;
                break;
            }
        free(memory);
        blocks[i].memory = NULL;
        blocks_out--;
        return;
    }
    fail_msg("not a block of this source");
}

static const struct memory_source source = { .allocate = test_allocate, .release = test_release };

static int begin(void **state)
{
    (void)state;
    unwiped = 0;
    allocations_left = SIZE_MAX;
    return 0;
}

static int end(void **state)
{
    (void)state;
    return blocks_out || unwiped;
}

static void empty_takes_no_memory(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of(NULL, 0)));
    secret_bytes_cut(&bytes, 0);
    assert_null(bytes.data);
    assert_int_equal(secret_bytes_span(&bytes).len, 0);
    assert_int_equal(blocks_out, 0);
    secret_bytes_free(&bytes);
}

static void parts_are_added_in_order(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    for (unsigned i = 0; i < 1000; i++)
    {
        uint8_t part[3] = { (uint8_t)i, (uint8_t)(i >> 8), 0x5A };
        assert_true(secret_bytes_add(&bytes, bytes_of(part, sizeof(part))));
    }
    assert_int_equal(bytes.len, 3000);
    for (unsigned i = 0; i < 1000; i++)
    {
        assert_int_equal(bytes.data[3 * i], (uint8_t)i);
        assert_int_equal(bytes.data[3 * i + 1], i >> 8);
        assert_int_equal(bytes.data[3 * i + 2], 0x5A);
    }
    secret_bytes_free(&bytes);
}

static void growing_costs_few_allocations(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    allocations_left = 20;
    for (unsigned i = 0; i < 100000; i++)
        assert_true(secret_bytes_add(&bytes, bytes_of("\x01", 1)));
    secret_bytes_free(&bytes);
}

static void memory_left_behind_is_wiped(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("1234", 4)));
    /* What the owner wrote into the room and did not count is a secret as well. */
    assert_true(secret_bytes_reserve(&bytes, 32));
    memcpy(bytes.data + 4, "5678", 4);
    assert_true(secret_bytes_reserve(&bytes, 64));
    assert_int_equal(unwiped, 0);
    memcpy(bytes.data + 60, "9999", 4);
    secret_bytes_free(&bytes);
    assert_int_equal(unwiped, 0);
    assert_null(bytes.data);
    assert_int_equal(bytes.capacity, 0);
}

static void reserved_room_is_zeroed_and_kept(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_reserve(&bytes, 16));
    assert_int_equal(bytes.len, 0);
    assert_true(bytes.capacity >= 16);
    for (size_t i = 0; i < 16; i++)
        assert_int_equal(bytes.data[i], 0);
    uint8_t *before = bytes.data;
    allocations_left = 0;
    assert_true(secret_bytes_reserve(&bytes, 16));
    assert_true(secret_bytes_reserve(&bytes, 3));
    assert_true(secret_bytes_add(&bytes, bytes_of("0123456789abcdef", 16)));
    assert_ptr_equal(bytes.data, before);
    secret_bytes_free(&bytes);
}

static void room_for_nothing_is_memory_all_the_same(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_reserve(&bytes, 0));
    assert_non_null(bytes.data);
    assert_int_equal(bytes.len, 0);
    secret_bytes_free(&bytes);
}

static void own_bytes_can_be_added(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("abcd", 4)));
    for (unsigned i = 0; i < 5; i++)
        assert_true(secret_bytes_add(&bytes, bytes_slice(secret_bytes_span(&bytes), 1, 2)));
    assert_true(bytes_equal(secret_bytes_span(&bytes), bytes_of("abcdbcbcbcbcbc", 14)));
    secret_bytes_free(&bytes);
}

static void cut_off_bytes_are_wiped(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("123456", 6)));
    secret_bytes_cut(&bytes, 9);
    assert_int_equal(bytes.len, 6);
    secret_bytes_cut(&bytes, 2);
    assert_int_equal(bytes.len, 2);
    assert_memory_equal(bytes.data, "12\0\0\0\0", 6);
    secret_bytes_cut(&bytes, 0);
    assert_memory_equal(bytes.data, "\0\0\0\0\0\0", 6);
    assert_true(secret_bytes_add(&bytes, bytes_of("77", 2)));
    assert_true(bytes_equal(secret_bytes_span(&bytes), bytes_of("77", 2)));
    secret_bytes_free(&bytes);
}

static void out_of_memory_leaves_the_content(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("1234", 4)));
    allocations_left = 0;
    assert_false(secret_bytes_add(&bytes, bytes_of("5678", 4)));
    assert_false(secret_bytes_reserve(&bytes, 100));
    assert_true(bytes_equal(secret_bytes_span(&bytes), bytes_of("1234", 4)));
    secret_bytes_free(&bytes);
}

static void lengths_beyond_all_memory_are_refused(void **state)
{
    (void)state;
    static const uint8_t byte;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("1", 1)));
    last_size = 0;
    assert_false(secret_bytes_add(&bytes, bytes_of(&byte, SIZE_MAX)));
    assert_int_equal(last_size, 0); /* the sum was never asked for */
    /* More than half of all memory is not doubled. */
    allocations_left = 0;
    assert_false(secret_bytes_reserve(&bytes, SIZE_MAX / 2 + 2));
    assert_int_equal(last_size, SIZE_MAX / 2 + 2);
    secret_bytes_free(&bytes);
}

static void moved_bytes_are_somebody_elses(void **state)
{
    (void)state;
    struct secret_bytes bytes = secret_bytes_from(&source);
    assert_true(secret_bytes_add(&bytes, bytes_of("1234", 4)));
    struct secret_bytes moved = secret_bytes_move(&bytes);
    assert_null(bytes.data);
    assert_int_equal(bytes.len, 0);
    secret_bytes_free(&bytes);
    assert_true(bytes_equal(secret_bytes_span(&moved), bytes_of("1234", 4)));
    assert_true(secret_bytes_add(&bytes, bytes_of("5", 1)));
    secret_bytes_free(&bytes);
    secret_bytes_free(&moved);
}

#define ROW(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(empty_takes_no_memory),
        ROW(parts_are_added_in_order),
        ROW(growing_costs_few_allocations),
        ROW(memory_left_behind_is_wiped),
        ROW(reserved_room_is_zeroed_and_kept),
        ROW(room_for_nothing_is_memory_all_the_same),
        ROW(own_bytes_can_be_added),
        ROW(cut_off_bytes_are_wiped),
        ROW(out_of_memory_leaves_the_content),
        ROW(lengths_beyond_all_memory_are_refused),
        ROW(moved_bytes_are_somebody_elses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
