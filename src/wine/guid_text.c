/*
 * guid_text - GUIDs in the registry's notation.
 * Layer: wine bridge (pure).
 * SPDX-License-Identifier: MIT
 */
#include "wine/guid_text.h"

/** Where in memory each pair of digits goes: the first three groups are little-endian numbers. */
static const uint8_t byte_order[GUID_BYTES] = {
    3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15
};

/** Whether a hyphen stands before the digits of this byte. */
static bool starts_group(int index)
{
    return index == 4 || index == 6 || index == 8 || index == 10;
}

static uint16_t digit_character(unsigned int value)
{
    return (uint16_t)(value < 10 ? '0' + value : 'A' + value - 10);
}

void guid_to_text(const uint8_t guid[GUID_BYTES], uint16_t text[GUID_TEXT_CAPACITY])
{
    *text++ = '{';
    for (int i = 0; i < GUID_BYTES; i++)
    {
        if (starts_group(i)) *text++ = '-';
        *text++ = digit_character(guid[byte_order[i]] >> 4);
        *text++ = digit_character(guid[byte_order[i]] & 0x0F);
    }
    *text++ = '}';
    *text = 0;
}

static int digit_value(uint16_t character)
{
    if (character >= '0' && character <= '9') return character - '0';
    if (character >= 'A' && character <= 'F') return character - 'A' + 10;
    if (character >= 'a' && character <= 'f') return character - 'a' + 10;
    return -1;
}

bool guid_from_text(const uint16_t *text, uint8_t guid[GUID_BYTES])
{
    if (*text++ != '{') return false;
    for (int i = 0; i < GUID_BYTES; i++)
    {
        int high, low;
        if (starts_group(i) && *text++ != '-') return false;
        high = digit_value(*text++);
        if (high < 0) return false;
        low = digit_value(*text++);
        if (low < 0) return false;
        guid[byte_order[i]] = (uint8_t)(high << 4 | low);
    }
    return text[0] == '}' && text[1] == 0;
}
