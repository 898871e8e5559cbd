/*
 * atr_match - how long an ATR is, and whether it fits the ATR and mask of a card type.
 * Layer: wine bridge (pure; knows neither Windows nor pcsc-lite).
 * Standard: ISO/IEC 7816-3:2006 clause 8.2 (structure of the answer to reset)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_ATR_MATCH_H
#define SCM_WINE_ATR_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATR_LEN_MAX 33

/**
 * The length of an ATR, read off the ATR.
 *
 * Looks at no byte behind its end, so that the API's "length by ATR parsing" can be had from a bare
 * pointer.
 *
 * @param[in] limit bytes that may be looked at.
 * @return 0 where it is no ATR or does not end within `limit` or ATR_LEN_MAX.
 */
size_t atr_len_of(const uint8_t *atr, size_t limit);

/**
 * Whether a card's ATR is of a type: it has the type's length and, masked, the type's bytes.
 *
 * @param[in] mask as long as the type's ATR; NULL: every bit counts.
 */
bool atr_matches(const uint8_t *card_atr, size_t card_len, const uint8_t *type_atr,
                 const uint8_t *mask, size_t type_len);

#endif
