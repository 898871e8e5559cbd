/*
 * card_types - kinds of cards put into the smart card database for a test, and taken out again.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_CARD_TYPES_H
#define SCM_TESTS_SUPPORT_CARD_TYPES_H

#include <stdbool.h>
#include <windows.h>

/** The kind of the card in the reader, and one that is in no reader. */
#define CARD_TYPE_HERE      L"scardmanage test card"
#define CARD_TYPE_ELSEWHERE L"scardmanage \x00fcber all"

/** Two interfaces of the first; the second has none. Both texts and ids. */
#define CARD_TYPE_SIGNS_TEXT  L"{5D1D5E0A-7B50-4C3A-9C61-2E4C9C3A7F01}"
#define CARD_TYPE_CALLS_TEXT  L"{5D1D5E0A-7B50-4C3A-9C61-2E4C9C3A7F02}"
#define CARD_TYPE_NOBODY_TEXT L"{5D1D5E0A-7B50-4C3A-9C61-2E4C9C3A7F03}"
#define CARD_TYPE_PROVIDER    L"{5D1D5E0A-7B50-4C3A-9C61-2E4C9C3A7F04}"

/**
 * Introduces both; what is left of an earlier run is replaced.
 * @param[out] atr, atr_len of the card in the reader; SCARD_ATR_LENGTH bytes.
 */
bool card_types_introduce(BYTE *atr, DWORD *atr_len);

void card_types_forget(void);

#endif
