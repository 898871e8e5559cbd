/*
 * random_values - numbers that a seed makes again, and VARIANTs that no careful client would give.
 * Layer: tests (Windows programs). Threads: one a struct.
 *
 * Design notes. What a VARIANT refers to belongs to the struct, never to the VARIANT: arrays may contain
 * themselves, and chains be longer than the system could free by recursion. random_values_end() takes
 * all of it apart. Only what a callee may replace, a variable given by reference, owns its content.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_RANDOM_VALUES_H
#define SCM_TESTS_SUPPORT_RANDOM_VALUES_H

#include <stdbool.h>
#include <stdint.h>
#include <windows.h>
#include <ole2.h>

enum
{
    RANDOM_ARRAYS_MAX = 6000,
    RANDOM_BLOCKS_MAX = 64,
    RANDOM_VARIABLES_MAX = 16,
    /** So much memory stands behind each pointer to bytes. */
    RANDOM_BYTES_LEN = 17 * 1024 * 1024,
};

struct random_values
{
    uint64_t state;
    void *objects[16]; /**< IUnknown, given where an object is wanted; not counted */
    UINT objects_count;
    LONGLONG numbers[16]; /**< handles and sizes that came out of earlier calls; 0 at first */
    UINT numbers_next;
    const WCHAR *const *texts; /**< that mean something to the callee */
    UINT texts_count;

    SAFEARRAY *arrays[RANDOM_ARRAYS_MAX];
    UINT arrays_count;
    void *blocks[RANDOM_BLOCKS_MAX]; /**< by malloc */
    UINT blocks_count;
    BSTR strings[RANDOM_BLOCKS_MAX];
    UINT strings_count;
    VARIANT variables[RANDOM_VARIABLES_MAX]; /**< given by reference */
    UINT variables_count;
};

/** The next number below `limit`; the same ones for the same struct `state`. */
uint32_t random_below(struct random_values *values, uint32_t limit);

/** True once in `times`. */
bool random_once_in(struct random_values *values, uint32_t times);

/** Small, at a border of some width, or one that came out of an earlier call. */
LONGLONG random_number(struct random_values *values);

/** Remembers what came out. */
void random_remember(struct random_values *values, LONGLONG number);

/** NULL, empty, meant, long, or with zeros in it; the struct's. */
BSTR random_text(struct random_values *values);

/** An array of any type and shape, some without memory, some that contain themselves; the struct's. */
SAFEARRAY *random_array(struct random_values *values);

/** RANDOM_BYTES_LEN bytes that all may read and write. */
BYTE *random_bytes(void);

/** Anything at all. */
VARIANT random_variant(struct random_values *values);

/** Frees what was made since the last time. */
void random_values_end(struct random_values *values);

#endif
