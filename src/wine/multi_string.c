/*
 * multi_string - UTF-16 texts, multi-strings and UTF-8.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * Standard: RFC 3629 (UTF-8), RFC 2781 (UTF-16)
 * SPDX-License-Identifier: MIT
 */
#include "wine/multi_string.h"

#include <string.h>

#include "wine/system.h"

#define REPLACEMENT_CHARACTER 0xFFFDu
#define SURROGATE_HIGH_FIRST  0xD800u
#define SURROGATE_LOW_FIRST   0xDC00u
#define SURROGATE_LAST        0xDFFFu
#define SUPPLEMENTARY_FIRST   0x10000u
#define CODE_POINT_LAST       0x10FFFFu

size_t text_len_limited(const uint16_t *text, size_t limit)
{
    size_t len = 0;
    while (len < limit && text[len])
        len++;
    return len;
}

size_t text_len(const uint16_t *text)
{
    return text_len_limited(text, SIZE_MAX);
}

bool text_equal(const uint16_t *a, const uint16_t *b)
{
    while (*a && *a == *b)
        a++, b++;
    return *a == *b;
}

static uint16_t lower(uint16_t character)
{
    return character >= 'A' && character <= 'Z' ? (uint16_t)(character + ('a' - 'A')) : character;
}

bool text_equal_ignoring_case(const uint16_t *a, const uint16_t *b)
{
    while (*a && lower(*a) == lower(*b))
        a++, b++;
    return lower(*a) == lower(*b);
}

bool text_copy(uint16_t *out, size_t capacity, const uint16_t *text)
{
    size_t len = text_len_limited(text, capacity);
    bool fits = len < capacity;
    if (!fits) len = capacity - 1;
    memcpy(out, text, len * sizeof(*out));
    out[len] = 0;
    return fits;
}

/** Takes one code point off a text and moves on; 0 at the end. */
static uint32_t next_code_point(const uint16_t **text)
{
    uint32_t first = **text;
    if (first == 0) return 0;
    (*text)++;
    if (first < SURROGATE_HIGH_FIRST || first > SURROGATE_LAST) return first;
    if (first >= SURROGATE_LOW_FIRST) return REPLACEMENT_CHARACTER;
    uint32_t second = **text;
    if (second < SURROGATE_LOW_FIRST || second > SURROGATE_LAST) return REPLACEMENT_CHARACTER;
    (*text)++;
    return SUPPLEMENTARY_FIRST + ((first - SURROGATE_HIGH_FIRST) << 10) +
           (second - SURROGATE_LOW_FIRST);
}

static size_t encode_utf8(uint32_t code_point, char bytes[4])
{
    if (code_point < 0x80)
    {
        bytes[0] = (char)code_point;
        return 1;
    }
    if (code_point < 0x800)
    {
        bytes[0] = (char)(0xC0 | code_point >> 6);
        bytes[1] = (char)(0x80 | (code_point & 0x3F));
        return 2;
    }
    if (code_point < SUPPLEMENTARY_FIRST)
    {
        bytes[0] = (char)(0xE0 | code_point >> 12);
        bytes[1] = (char)(0x80 | (code_point >> 6 & 0x3F));
        bytes[2] = (char)(0x80 | (code_point & 0x3F));
        return 3;
    }
    bytes[0] = (char)(0xF0 | code_point >> 18);
    bytes[1] = (char)(0x80 | (code_point >> 12 & 0x3F));
    bytes[2] = (char)(0x80 | (code_point >> 6 & 0x3F));
    bytes[3] = (char)(0x80 | (code_point & 0x3F));
    return 4;
}

bool text_to_utf8(char *out, size_t capacity, const uint16_t *text)
{
    size_t used = 0;
    uint32_t code_point;

    if (capacity == 0) return false;
    while ((code_point = next_code_point(&text)) != 0)
    {
        char bytes[4];
        size_t len = encode_utf8(code_point, bytes);
        if (len >= capacity - used)
        {
            out[used] = 0;
            return false;
        }
        memcpy(out + used, bytes, len);
        used += len;
    }
    out[used] = 0;
    return true;
}

/** Decodes one code point; returns the bytes it took, 0 where they are malformed. */
static size_t decode_utf8(const uint8_t *bytes, size_t len, uint32_t *code_point)
{
    static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, SUPPLEMENTARY_FIRST };
    size_t wanted = bytes[0] < 0x80           ? 1
                    : (bytes[0] >> 5) == 0x06 ? 2
                    : (bytes[0] >> 4) == 0x0E ? 3
                    : (bytes[0] >> 3) == 0x1E ? 4
                                              : 0;
    if (wanted == 0 || wanted > len) return 0;
    uint32_t value = wanted == 1 ? bytes[0] : bytes[0] & (0x7Fu >> wanted);
    for (size_t i = 1; i < wanted; i++)
    {
        if ((bytes[i] & 0xC0) != 0x80) return 0;
        value = value << 6 | (bytes[i] & 0x3Fu);
    }
    if (value < smallest[wanted] || value > CODE_POINT_LAST) return 0;
    if (value >= SURROGATE_HIGH_FIRST && value <= SURROGATE_LAST) return 0;
    *code_point = value;
    return wanted;
}

size_t utf8_to_utf16(uint16_t *out, const char *utf8, size_t len)
{
    const uint8_t *bytes = (const uint8_t *)utf8;
    size_t used = 0, at = 0;

    while (at < len)
    {
        uint32_t code_point = REPLACEMENT_CHARACTER;
        size_t taken = decode_utf8(bytes + at, len - at, &code_point);
        at += taken ? taken : 1;
        if (code_point >= SUPPLEMENTARY_FIRST)
        {
            code_point -= SUPPLEMENTARY_FIRST;
            out[used++] = (uint16_t)(SURROGATE_HIGH_FIRST + (code_point >> 10));
            out[used++] = (uint16_t)(SURROGATE_LOW_FIRST + (code_point & 0x3FF));
        }
        else
        {
            out[used++] = (uint16_t)code_point;
        }
    }
    return used;
}

const uint16_t *multi_string_first(const uint16_t *multi)
{
    return multi && *multi ? multi : NULL;
}

const uint16_t *multi_string_next(const uint16_t *entry)
{
    return multi_string_first(entry + text_len(entry) + 1);
}

size_t multi_string_len(const uint16_t *multi)
{
    const uint16_t *end = multi;
    while (*end)
        end += text_len(end) + 1;
    return (size_t)(end - multi) + 1;
}

bool multi_string_contains_ignoring_case(const uint16_t *multi, const uint16_t *text)
{
    for (const uint16_t *at = multi_string_first(multi); at; at = multi_string_next(at))
        if (text_equal_ignoring_case(at, text)) return true;
    return false;
}

static bool text_list_reserve(struct text_list *list, size_t capacity)
{
    uint16_t *larger;
    size_t wanted = list->capacity ? list->capacity : 64;

    if (capacity <= list->capacity) return true;
    while (wanted < capacity)
        wanted *= 2;
    larger = system_alloc(wanted * sizeof(*larger));
    if (!larger) return false;
    if (list->used) memcpy(larger, list->chars, list->used * sizeof(*larger));
    system_free(list->chars);
    list->chars = larger;
    list->capacity = wanted;
    return true;
}

void text_list_add(struct text_list *list, const uint16_t *text)
{
    size_t len = text_len(text);

    if (len == 0 || list->failed) return;
    if (!text_list_reserve(list, list->used + len + 2))
    {
        list->failed = true;
        return;
    }
    memcpy(list->chars + list->used, text, (len + 1) * sizeof(*text));
    list->used += len + 1;
    list->chars[list->used] = 0;
    list->count++;
}

void text_list_add_once(struct text_list *list, const uint16_t *text)
{
    if (!list->chars || !multi_string_contains_ignoring_case(list->chars, text))
        text_list_add(list, text);
}

void text_list_free(struct text_list *list)
{
    system_free(list->chars);
    memset(list, 0, sizeof(*list));
}
