/*
 * guid_text - a GUID as text in braces, and back.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/guid_text.h"

#include "base/hex_digits.h"

/* Where in memory each pair of digits goes: the first three groups are little-endian numbers. */
static const uint8_t byte_order[GUID_BYTES] = {
    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
};

/* Whether a hyphen stands before the digits of this byte. */
static bool starts_group(int index)
{
    return index == 4 || index == 6 || index == 8 || index == 10;
}

void guid_to_text(const uint8_t guid[GUID_BYTES], uint16_t text[GUID_TEXT_CAPACITY])
{
    *text++ = '{';
    for (int i = 0; i < GUID_BYTES; i++)
    {
        if (starts_group(i)) *text++ = '-';
        *text++ = (uint16_t)hex_digit(guid[byte_order[i]] >> 4);
        *text++ = (uint16_t)hex_digit(guid[byte_order[i]]);
    }
    *text++ = '}';
    *text = 0;
}

bool guid_from_text(const uint16_t *text, uint8_t guid[GUID_BYTES])
{
    if (*text++ != '{') return false;
    for (int i = 0; i < GUID_BYTES; i++)
    {
        if (starts_group(i) && *text++ != '-') return false;
        /* Not a digit: it may be the terminator, and nothing behind it is read. */
        int high = hex_digit_value(*text++);
        if (high < 0) return false;
        int low = hex_digit_value(*text++);
        if (low < 0) return false;
        guid[byte_order[i]] = (uint8_t)(high << 4 | low);
    }
    return text[0] == '}' && text[1] == 0;
}
