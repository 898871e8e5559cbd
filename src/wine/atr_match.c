/*
 * atr_match - ATR lengths and masks.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * SPDX-License-Identifier: MIT
 */
#include "wine/atr_match.h"

#define TS_DIRECT  0x3B
#define TS_INVERSE 0x3F
/* In T0 and TDi: the upper half says which interface bytes follow, 8 being TDi itself. */
#define TD_FOLLOWS    0x80
#define PROTOCOL_MASK 0x0F

size_t atr_len_of(const uint8_t *atr, size_t limit)
{
    size_t len = 1, historical;
    bool has_check_byte = false;
    uint8_t indicator;

    if (limit > ATR_LEN_MAX) limit = ATR_LEN_MAX;
    if (limit < 2 || (atr[0] != TS_DIRECT && atr[0] != TS_INVERSE)) return 0;
    indicator = atr[len++];
    historical = indicator & PROTOCOL_MASK;
    for (;;)
    {
        for (int bit = 0x10; bit <= TD_FOLLOWS; bit <<= 1)
            if (indicator & bit) len++;
        if (len > limit) return 0;
        if (!(indicator & TD_FOLLOWS)) break;
        /* TDi is the last of its interface bytes. */
        indicator = atr[len - 1];
        if (indicator & PROTOCOL_MASK) has_check_byte = true;
    }
    len += historical + has_check_byte;
    return len <= limit ? len : 0;
}

bool atr_matches(const uint8_t *card_atr, size_t card_len, const uint8_t *type_atr,
                 const uint8_t *mask, size_t type_len)
{
    if (type_len == 0 || card_len != type_len) return false;
    for (size_t i = 0; i < type_len; i++)
        if ((card_atr[i] & (mask ? mask[i] : 0xFF)) != type_atr[i]) return false;
    return true;
}
