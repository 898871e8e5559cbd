/*
 * text - strings compared; a line of UTF-8 text built in a buffer of fixed size, for traces and error
 *        descriptions.
 * Layer: base (knows nothing of ours).
 * What does not fit is cut off at a character's border; the text is always terminated. All this stands
 * in for strcmp and printf, which the DLL does not have: it imports no C run time.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_TEXT_H
#define SCM_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"

/** Whether two strings are the same. */
static inline bool string_equal(const char *a, const char *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static inline char character_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/** The same, where letters of the basic Latin alphabet are equal in both cases. */
static inline bool string_equal_ignoring_case(const char *a, const char *b)
{
    while (*a && character_lower(*a) == character_lower(*b))
        a++, b++;
    return character_lower(*a) == character_lower(*b);
}

struct text
{
    char *data;
    size_t capacity; /**< terminator included, at least 1 */
    size_t len;
};

/** An empty text in `buffer`, which holds `capacity` >= 1 bytes. */
struct text text_in(char *buffer, size_t capacity);

/** Appends a string; NULL appends nothing. */
void text_add(struct text *text, const char *string);

/** Appends `value` as `digits` (1 to 16) upper-case hexadecimal digits. */
void text_add_hex(struct text *text, uint64_t value, unsigned digits);

/** Appends a decimal number. */
void text_add_dec(struct text *text, int64_t value);

/** Appends bytes as pairs of upper-case hexadecimal digits without separators. */
void text_add_bytes(struct text *text, struct bytes bytes);

#endif
