/*
 * status_word - the status words the simulated card answers with, by name.
 * Layer: simcard (a program of its own; shares only src/base with the library).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clause 5.1.3, tables 5 to 7.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_STATUS_WORD_H
#define SCM_SIMCARD_STATUS_WORD_H

#include <stddef.h>
#include <stdint.h>

/* clang-format off */
#define SW_OK                       0x9000
#define SW_MORE_DATA                0x6100 /* low byte: bytes still available, 00 for 256 or more */
#define SW_END_BEFORE_LE            0x6282 /* end of file or record before Le bytes */
#define SW_FILE_DEACTIVATED         0x6283
#define SW_FILE_TERMINATED          0x6285
#define SW_NO_MATCH                 0x6300 /* authentication or comparison failed */
#define SW_TRIES_LEFT               0x63C0 /* low half byte: tries left */
#define SW_MEMORY_FAILURE           0x6581
#define SW_WRONG_LENGTH             0x6700
#define SW_CHANNEL_UNSUPPORTED      0x6881
#define SW_SM_UNSUPPORTED           0x6882
#define SW_LAST_OF_CHAIN_EXPECTED   0x6883
#define SW_CHAINING_UNSUPPORTED     0x6884
#define SW_WRONG_FILE_STRUCTURE     0x6981
#define SW_SECURITY_STATUS          0x6982
#define SW_METHOD_BLOCKED           0x6983
#define SW_REFERENCE_NOT_USABLE     0x6984
#define SW_CONDITIONS_OF_USE        0x6985
#define SW_NO_CURRENT_EF            0x6986
#define SW_SM_OBJECTS_MISSING       0x6987
#define SW_SM_OBJECTS_INCORRECT     0x6988
#define SW_BAD_DATA                 0x6A80
#define SW_FUNCTION_UNSUPPORTED     0x6A81
#define SW_FILE_NOT_FOUND           0x6A82
#define SW_RECORD_NOT_FOUND         0x6A83
#define SW_NOT_ENOUGH_MEMORY        0x6A84
#define SW_LC_NOT_TLV               0x6A85
#define SW_BAD_P1_P2                0x6A86
#define SW_LC_NOT_P1_P2             0x6A87
#define SW_REFERENCE_NOT_FOUND      0x6A88
#define SW_FILE_EXISTS              0x6A89
#define SW_NAME_EXISTS              0x6A8A
#define SW_WRONG_OFFSET             0x6B00
#define SW_WRONG_LE                 0x6C00 /* low byte: the right Le */
#define SW_UNKNOWN_INS              0x6D00
#define SW_UNKNOWN_CLASS            0x6E00
/* clang-format on */

/** 61xx or 6Cxx with a length; 00 stands for what one byte cannot say. */
static inline uint16_t sw_with_len(uint16_t sw, size_t len)
{
    return (uint16_t)(sw | (len <= 0xFF ? len : 0));
}

#endif
