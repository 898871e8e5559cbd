/*
 * reader_names - `Name 00 00` and `Name 0`.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * SPDX-License-Identifier: MIT
 */
#include "wine/reader_names.h"

#include <string.h>

#include "wine/multi_string.h"

/* " 00 00" */
#define LITE_SUFFIX_LEN 6
#define LITE_NUMBERS    16u /* pcsc-lite has that many readers at most */

/** The value of a hexadecimal digit as pcsc-lite prints it (upper case), or 16. */
static unsigned int hex_digit(uint16_t character)
{
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'A' && character <= 'F') return character - 'A' + 10u;
    return 16;
}

/** Reads " XX" at `at`; false where it is something else. */
static bool read_lite_number(const uint16_t *at, unsigned int *number)
{
    unsigned int high = hex_digit(at[1]), low = hex_digit(at[2]);
    if (at[0] != ' ' || high > 15 || low > 15) return false;
    *number = high * 16 + low;
    return true;
}

/** Whether a name ends in the two numbers, and which they are. */
static bool split_lite(const uint16_t *name, size_t len, unsigned int *reader, unsigned int *slot)
{
    return len > LITE_SUFFIX_LEN && read_lite_number(name + len - 6, reader) &&
           read_lite_number(name + len - 3, slot);
}

enum reader_names_style reader_names_style_of(const uint16_t *setting)
{
    if (setting && text_equal_ignoring_case(setting, u"windows")) return READER_NAMES_WINDOWS;
    return READER_NAMES_LITE;
}

void reader_name_from_lite(enum reader_names_style style, const uint16_t *name, uint16_t *out)
{
    unsigned int reader, slot, number, divisor = 1;
    size_t len;

    text_copy(out, READER_NAME_CAPACITY, name);
    len = text_len(out);
    if (style != READER_NAMES_WINDOWS || !split_lite(out, len, &reader, &slot)) return;
    if (reader >= LITE_NUMBERS) return;
    /* At most four digits where five characters were. */
    len -= LITE_SUFFIX_LEN - 1;
    number = reader + slot * LITE_NUMBERS;
    while (number / divisor >= 10)
        divisor *= 10;
    for (; divisor; divisor /= 10)
        out[len++] = (uint16_t)('0' + number / divisor % 10);
    out[len] = 0;
}

static uint16_t hex_character(unsigned int value)
{
    return (uint16_t)(value < 10 ? '0' + value : 'A' + value - 10);
}

bool reader_name_to_lite(enum reader_names_style style, const uint16_t *name, uint16_t *out)
{
    unsigned int reader, slot, number = 0;
    size_t len, digits = 0;

    if (!text_copy(out, READER_NAME_CAPACITY, name)) return false;
    len = text_len(out);
    if (style != READER_NAMES_WINDOWS || split_lite(out, len, &reader, &slot)) return true;

    while (digits < len && out[len - digits - 1] >= '0' && out[len - digits - 1] <= '9')
        digits++;
    /* One to four digits, no leading zero, after a space and something before it. */
    if (digits == 0 || digits > 4 || len < digits + 2 || out[len - digits - 1] != ' ') return true;
    if (digits > 1 && out[len - digits] == '0') return true;
    for (size_t i = len - digits; i < len; i++)
        number = number * 10 + (out[i] - '0');
    reader = number % LITE_NUMBERS;
    slot = number / LITE_NUMBERS;
    if (slot > 0xFF) return true;
    len -= digits + 1;
    if (len + LITE_SUFFIX_LEN >= READER_NAME_CAPACITY) return false;
    out[len++] = ' ';
    out[len++] = '0';
    out[len++] = hex_character(reader);
    out[len++] = ' ';
    out[len++] = hex_character(slot / 16);
    out[len++] = hex_character(slot % 16);
    out[len] = 0;
    return true;
}
