/*
 * text - builds a line of UTF-8 text in a buffer of fixed size.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/text.h"

#include "base/hex_digits.h"

struct text text_in(char *buffer, size_t capacity)
{
    buffer[0] = 0;
    return (struct text){ buffer, capacity, 0 };
}

/* The longest prefix of `len` bytes or fewer that does not end inside a character. */
static size_t whole_characters(const char *string, size_t len)
{
    while (len > 0 && ((uint8_t)string[len] & 0xC0) == 0x80)
        len--;
    return len;
}

void text_add(struct text *text, const char *string)
{
    if (!string) return;
    size_t len = strlen(string);
    size_t room = text->capacity - 1 - text->len;
    if (len > room) len = whole_characters(string, room);
    memcpy(text->data + text->len, string, len);
    text->len += len;
    text->data[text->len] = 0;
}

void text_add_hex(struct text *text, uint64_t value, unsigned digits)
{
    char number[17];
    if (digits < 1) digits = 1;
    if (digits > 16) digits = 16;
    number[digits] = 0;
    for (unsigned i = digits; i > 0; i--, value >>= 4)
        number[i - 1] = hex_digit((unsigned)value);
    text_add(text, number);
}

void text_add_dec(struct text *text, int64_t value)
{
    char number[21];
    size_t at = sizeof(number) - 1;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    number[at] = 0;
    do
    {
        number[--at] = hex_digit((unsigned)(rest % 10));
        rest /= 10;
    } while (rest);
    if (value < 0) number[--at] = '-';
    text_add(text, number + at);
}

void text_add_bytes(struct text *text, struct bytes bytes)
{
    for (size_t i = 0; i < bytes.len; i++)
        text_add_hex(text, bytes.data[i], 2);
}
