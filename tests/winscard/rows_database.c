/*
 * rows_database - conformance rows on the smart card database and the cache.
 * Layer: tests.
 * Reference: "Smart Card Database Query Functions", "Smart Card Database Management Functions",
 *            SCardLocateCards, SCardReadCache, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

#define CARD_NAME L"scardmanage test card"

static const GUID provider = {
    0xA80F1101, 0xD1F8, 0x11D0, { 0xB5, 0xC5, 0x00, 0xA0, 0x24, 0x29, 0x7E, 0xD9 }
};
static const GUID interfaces[2] = {
    { 0x5E586211, 0x5A09, 0x11D0, { 0xB8, 0x4C, 0x00, 0xC0, 0x4F, 0xD4, 0x24, 0xB9 } },
    { 0x4029DD8A, 0x5902, 0x11D0, { 0xB8, 0x4C, 0x00, 0xC0, 0x4F, 0xD4, 0x24, 0xB9 } },
};
static const GUID other_interface = {
    0x7B063D61, 0x6E40, 0x11D0, { 0xB8, 0x58, 0x00, 0xC0, 0x4F, 0xD4, 0x24, 0xB9 }
};

/** The ATR of the card in the reader. */
static DWORD card_atr(SCARDCONTEXT context, BYTE atr[36])
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    memcpy(atr, state.rgbAtr, 36);
    return state.cbAtr;
}

static bool card_is_listed(SCARDCONTEXT context, const BYTE *atr, const GUID *wanted, DWORD count)
{
    wchar_t names[4096];
    DWORD chars = 4096;

    if (!check_result(SCardListCardsW(context, atr, wanted, count, names, &chars), 0)) return false;
    for (const wchar_t *name = names; *name; name += wcslen(name) + 1)
        if (wcscmp(name, CARD_NAME) == 0) return true;
    return false;
}

void row_CARD_DATABASE(void)
{
    SCARDCONTEXT context = open_context();
    BYTE atr[36], mask[36], other[36];
    DWORD atr_len = card_atr(context, atr), count = 2, chars;
    wchar_t text[256], *allocated = NULL;
    char ansi[256];
    GUID found[2];

    memset(mask, 0xFF, sizeof(mask));
    mask[atr_len - 1] = 0; /* the check byte */
    mask[atr_len - 2] = 0xF0;
    check_result(
        SCardIntroduceCardTypeW(context, CARD_NAME, &provider, interfaces, 2, atr, mask, atr_len),
        0);
    check(card_is_listed(context, atr, NULL, 0));
    check(card_is_listed(context, NULL, NULL, 0));
    check(card_is_listed(0, atr, interfaces, 2));
    check(card_is_listed(context, atr, interfaces + 1, 1));
    check(!card_is_listed(context, atr, &other_interface, 1));
    memcpy(other, atr, sizeof(other));
    other[atr_len - 2] ^= 0x0F; /* where the mask does not look */
    check(card_is_listed(context, other, NULL, 0));
    other[atr_len - 2] ^= 0xF0;
    check(!card_is_listed(context, other, NULL, 0));

    check_result(SCardListInterfacesW(context, CARD_NAME, NULL, &count), 0);
    check_int(count, 2);
    count = 1;
    check_result(SCardListInterfacesW(context, CARD_NAME, found, &count),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(count, 2);
    check_result(SCardListInterfacesA(context, "scardmanage test card", found, &count), 0);
    check(memcmp(found, interfaces, sizeof(found)) == 0);

    check_result(SCardGetProviderIdW(context, CARD_NAME, found), 0);
    check(memcmp(found, &provider, sizeof(provider)) == 0);
    check_result(SCardGetProviderIdA(context, "scardmanage test card", found), 0);
    chars = 256;
    check_result(
        SCardGetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_PRIMARY, text, &chars), 0);
    check_wide(text, L"{A80F1101-D1F8-11D0-B5C5-00A024297ED9}");
    check_int(chars, 39);
    chars = 256;
    check_result(
        SCardGetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_CSP, text, &chars),
        ERROR_FILE_NOT_FOUND);
    check_result(SCardSetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_CSP, L"Some CSP"),
                 0);
    check_result(
        SCardSetCardTypeProviderNameA(context, "scardmanage test card", 0x80000001, "module.dll"),
        0);
    chars = 256;
    check_result(
        SCardGetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_CSP, text, &chars), 0);
    check_wide(text, L"Some CSP");
    chars = 256;
    check_result(
        SCardGetCardTypeProviderNameA(context, "scardmanage test card", 0x80000001, ansi, &chars),
        0);
    check(strcmp(ansi, "module.dll") == 0);
    chars = SCARD_AUTOALLOCATE;
    check_result(SCardGetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_CSP,
                                               (wchar_t *)&allocated, &chars),
                 0);
    check_wide(allocated, L"Some CSP");
    check_result(SCardFreeMemory(context, allocated), 0);
    check_result(
        SCardSetCardTypeProviderNameW(context, CARD_NAME, SCARD_PROVIDER_PRIMARY, L"{not a GUID}"),
        SCARD_E_INVALID_PARAMETER);

    /* Introduced again without a provider: nothing of the first time is left. */
    check_result(
        SCardIntroduceCardTypeA(context, "scardmanage test card", NULL, NULL, 0, atr, NULL, 0), 0);
    check_result(SCardGetProviderIdW(context, CARD_NAME, found), SCARD_E_ICC_INSTALLATION);
    count = 9;
    check_result(SCardListInterfacesW(context, CARD_NAME, NULL, &count), 0);
    check_int(count, 0);
    check_result(SCardForgetCardTypeW(context, CARD_NAME), 0);
    check_result(SCardForgetCardTypeA(context, "scardmanage test card"), SCARD_E_UNKNOWN_CARD);
    check_result(SCardGetProviderIdW(context, CARD_NAME, found), SCARD_E_UNKNOWN_CARD);
    check_result(SCardListInterfacesW(context, CARD_NAME, NULL, &count), SCARD_E_UNKNOWN_CARD);
    check_result(SCardIntroduceCardTypeW(context, L"", NULL, NULL, 0, atr, NULL, atr_len),
                 SCARD_E_INVALID_PARAMETER);
    check_result(
        SCardIntroduceCardTypeW(context, L"back\\slash", NULL, NULL, 0, atr, NULL, atr_len),
        SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceCardTypeW(context, CARD_NAME, NULL, NULL, 0, atr, NULL, 99),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceCardTypeW(0, CARD_NAME, NULL, NULL, 0, atr, NULL, atr_len),
                 ERROR_INVALID_HANDLE);
    check_result(SCardReleaseContext(context), 0);
}

void row_LOCATE_CARDS(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    SCARD_READERSTATEA ansi = { .szReader = test_reader_ansi() };
    SCARD_ATRMASK masks[2] = { { 0 } };
    BYTE atr[36];
    DWORD atr_len = card_atr(context, atr);

    check_result(
        SCardIntroduceCardTypeW(context, CARD_NAME, &provider, NULL, 0, atr, NULL, atr_len), 0);
    check_result(SCardLocateCardsW(context, CARD_NAME L"\0", &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_ATRMATCH);
    check(state.dwEventState & SCARD_STATE_PRESENT);
    check_int(state.cbAtr, atr_len);
    check_result(SCardLocateCardsA(context, "scardmanage test card\0", &ansi, 1), 0);
    check(ansi.dwEventState & SCARD_STATE_ATRMATCH);
    check_result(SCardLocateCardsW(context, L"no such card\0", &state, 1), SCARD_E_UNKNOWN_CARD);
    check_result(SCardLocateCardsW(context, NULL, &state, 1), SCARD_E_INVALID_PARAMETER);

    /* A type whose ATR the card does not have. */
    atr[1] ^= 1;
    check_result(
        SCardIntroduceCardTypeW(context, CARD_NAME, &provider, NULL, 0, atr, NULL, atr_len), 0);
    check_result(SCardLocateCardsW(context, CARD_NAME L"\0", &state, 1), 0);
    check(!(state.dwEventState & SCARD_STATE_ATRMATCH));
    check_result(SCardForgetCardTypeW(context, CARD_NAME), 0);
    atr[1] ^= 1;

    masks[0].cbAtr = 2;
    masks[1].cbAtr = atr_len;
    memcpy(masks[1].rgbAtr, atr, atr_len);
    memset(masks[1].rgbMask, 0xFF, atr_len);
    check_result(SCardLocateCardsByATRW(context, masks, 2, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_ATRMATCH);
    check_result(SCardLocateCardsByATRA(context, masks, 1, &ansi, 1), 0);
    check(!(ansi.dwEventState & SCARD_STATE_ATRMATCH));
    masks[1].cbAtr = 37;
    check_result(SCardLocateCardsByATRW(context, masks, 2, &state, 1), SCARD_E_INVALID_PARAMETER);
    check_result(SCardReleaseContext(context), 0);
}

void row_CARD_CACHE(void)
{
    typedef LONG(WINAPI * read_function)(SCARDCONTEXT, GUID *, DWORD, wchar_t *, BYTE *, DWORD *);
    typedef LONG(WINAPI * write_function)(SCARDCONTEXT, GUID *, DWORD, wchar_t *, BYTE *, DWORD);
    read_function read_cache = (read_function)(void *)winscard_function("SCardReadCacheW");
    write_function write_cache = (write_function)(void *)winscard_function("SCardWriteCacheW");
    static wchar_t name[] = L"a file of the card";
    SCARDCONTEXT context = open_context();
    GUID card = provider;
    BYTE data[300], back[300], *allocated = NULL;
    DWORD len = sizeof(back);

    if (check(read_cache && write_cache))
    {
        memset(data, 0x5A, sizeof(data));
        check_result(read_cache(context, &card, 1, name, back, &len), SCARD_W_CACHE_ITEM_NOT_FOUND);
        check_result(write_cache(context, &card, 1, name, data, sizeof(data)), 0);
        len = sizeof(back);
        check_result(read_cache(context, &card, 1, name, back, &len), 0);
        check_int(len, sizeof(data));
        check(memcmp(data, back, sizeof(data)) == 0);
        len = 10;
        check_result(read_cache(context, &card, 1, name, back, &len), SCARD_E_INSUFFICIENT_BUFFER);
        check_int(len, sizeof(data));
        len = SCARD_AUTOALLOCATE;
        check_result(read_cache(context, &card, 1, name, (BYTE *)&allocated, &len), 0);
        check_result(SCardFreeMemory(context, allocated), 0);
        card.Data1++;
        len = sizeof(back);
        check_result(read_cache(context, &card, 1, name, back, &len), SCARD_W_CACHE_ITEM_NOT_FOUND);
        card.Data1--;
        check_result(read_cache(context, &card, 2, name, back, &len), SCARD_W_CACHE_ITEM_STALE);
        check_result(read_cache(context, &card, 1, name, back, &len), SCARD_W_CACHE_ITEM_NOT_FOUND);
        check_result(read_cache(0, &card, 1, name, back, &len), ERROR_INVALID_HANDLE);
    }
    check_result(SCardReleaseContext(context), 0);
}
