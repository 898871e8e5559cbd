/*
 * multi_string - UTF-16 texts and multi-strings (texts one after the other, an empty one at the
 *                end), their conversion to and from UTF-8, and a growing multi-string.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * Windows speaks UTF-16, pcsc-lite UTF-8; they meet here.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_MULTI_STRING_H
#define SCM_WINE_MULTI_STRING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Characters before the terminating NUL, at most `limit` (then there was none so far). */
size_t text_len_limited(const uint16_t *text, size_t limit);

/** Characters before the terminating NUL. */
size_t text_len(const uint16_t *text);

bool text_equal(const uint16_t *a, const uint16_t *b);

/** The same, where letters of the basic Latin alphabet are equal in both cases. */
bool text_equal_ignoring_case(const uint16_t *a, const uint16_t *b);

/**
 * Copies a text, cutting it where it does not fit.
 *
 * @param[out] out      always terminated.
 * @param[in]  capacity characters in out, NUL included, at least 1.
 * @retval true the whole text fitted.
 */
bool text_copy(uint16_t *out, size_t capacity, const uint16_t *text);

/**
 * UTF-16 to UTF-8.
 *
 * @param[out] out      always terminated when capacity is not 0.
 * @param[in]  capacity bytes in out, NUL included.
 * @param[in]  text     a half of a surrogate pair alone becomes U+FFFD.
 * @retval true the whole text fitted.
 */
bool text_to_utf8(char *out, size_t capacity, const uint16_t *text);

/**
 * Bytes of UTF-8 (NUL bytes too, so a whole multi-string) to UTF-16.
 *
 * @param[out] out  room for `len` characters; more are never needed.
 * @param[in]  utf8 malformed bytes become U+FFFD one by one.
 * @return characters written; nothing is terminated.
 */
size_t utf8_to_utf16(uint16_t *out, const char *utf8, size_t len);

/** The first text of a multi-string, or NULL where it is empty (or NULL). */
const uint16_t *multi_string_first(const uint16_t *multi);

/** The text after `entry`, or NULL where that was the last one. */
const uint16_t *multi_string_next(const uint16_t *entry);

/** Characters of a multi-string, its terminating NUL characters included. */
size_t multi_string_len(const uint16_t *multi);

bool multi_string_contains_ignoring_case(const uint16_t *multi, const uint16_t *text);

/** A multi-string that grows. Start with { 0 }; free with text_list_free. */
struct text_list
{
    uint16_t *chars; /**< a multi-string at any time, or NULL while nothing was added */
    size_t used;     /**< characters without the final NUL */
    size_t capacity;
    size_t count; /**< texts in it */
    bool failed;  /**< memory ran out at some time */
};

/** Adds a text; an empty one is not added, for it would end the list. */
void text_list_add(struct text_list *list, const uint16_t *text);

/** The same, unless it is in the list already, in either case of letters. */
void text_list_add_once(struct text_list *list, const uint16_t *text);

void text_list_free(struct text_list *list);

#endif
