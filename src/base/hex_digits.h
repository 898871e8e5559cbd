/*
 * hex_digits - hexadecimal digits and their values.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_HEX_DIGITS_H
#define SCM_BASE_HEX_DIGITS_H

#include <stdint.h>

/** The value of a digit, in either case, as char or as UTF-16 unit; -1 where it is none. */
static inline int hex_digit_value(uint32_t character)
{
    if (character >= '0' && character <= '9') return (int)(character - '0');
    if (character >= 'A' && character <= 'F') return (int)(character - 'A' + 10);
    if (character >= 'a' && character <= 'f') return (int)(character - 'a' + 10);
    return -1;
}

/** The digit of the lowest four bits, in upper case. */
static inline char hex_digit(unsigned value)
{
    return "0123456789ABCDEF"[value & 0xF];
}

#endif
