/*
 * hex_dump - bytes as people read them: where they stand, in hexadecimal, and as text.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#include "tool/hex_dump.h"

#include <stdio.h>

static const char digits[] = "0123456789ABCDEF";

void hex_text(char *text, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
    {
        *text++ = digits[bytes[i] >> 4];
        *text++ = digits[bytes[i] & 15];
    }
    *text = 0;
}

void ascii_text(char *text, const unsigned char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *text++ = bytes[i] >= 0x20 && bytes[i] < 0x7F ? (char)bytes[i] : '.';
    *text = 0;
}

void hex_dump_line(char line[HEX_DUMP_CHARS], unsigned long offset, const unsigned char *bytes,
                   size_t len)
{
    char *to = line + snprintf(line, HEX_DUMP_CHARS, "%08lX ", offset & 0xFFFFFFFFUL);

    if (len > HEX_DUMP_BYTES) len = HEX_DUMP_BYTES;
    for (size_t i = 0; i < HEX_DUMP_BYTES; i++)
    {
        if (i == HEX_DUMP_BYTES / 2) *to++ = ' ';
        *to++ = ' ';
        *to++ = i < len ? digits[bytes[i] >> 4] : ' ';
        *to++ = i < len ? digits[bytes[i] & 15] : ' ';
    }
    *to++ = ' ';
    *to++ = ' ';
    ascii_text(to, bytes, len);
}
