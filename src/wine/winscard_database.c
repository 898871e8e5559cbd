/*
 * winscard_database - winscard.dll's functions for the smart card database.
 * Layer: wine bridge, PE side (arguments, texts and buffers; what they do is in reader_database.c
 *        and card_database.c).
 * Threads: any.
 * Reference: the pages of the same names, Microsoft Learn; winscard.h
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_calls.h"
#include "wine/winscard_wait.h"

#include <string.h>

#include "wine/atr_match.h"
#include "wine/bridge_session.h"
#include "wine/card_database.h"
#include "wine/client_memory.h"
#include "wine/reader_database.h"
#include "wine/system.h"

/* ---- Readers and groups ---- */

typedef struct winscard_result (*one_name_function)(uintptr_t context, const WCHAR *name);
typedef struct winscard_result (*two_names_function)(uintptr_t context, const WCHAR *first,
                                                     const WCHAR *second);

static LONG with_ansi(one_name_function function, SCARDCONTEXT context, const char *name)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(name, false, &wide);

    if (winscard_ok(result)) result = function(context, wide);
    system_free(wide);
    return winscard_long(result);
}

static LONG with_two_ansi(two_names_function function, SCARDCONTEXT context, const char *first,
                          const char *second)
{
    WCHAR *wide_first, *wide_second = NULL;
    struct winscard_result result = client_text_from_ansi(first, false, &wide_first);

    if (winscard_ok(result)) result = client_text_from_ansi(second, false, &wide_second);
    if (winscard_ok(result)) result = function(context, wide_first, wide_second);
    system_free(wide_first);
    system_free(wide_second);
    return winscard_long(result);
}

LONG WINAPI plain_SCardIntroduceReaderW(SCARDCONTEXT context, LPCWSTR name, LPCWSTR device)
{
    return winscard_long(reader_database_introduce(context, name, device));
}

LONG WINAPI plain_SCardIntroduceReaderA(SCARDCONTEXT context, LPCSTR name, LPCSTR device)
{
    return with_two_ansi(reader_database_introduce, context, name, device);
}

LONG WINAPI plain_SCardForgetReaderW(SCARDCONTEXT context, LPCWSTR name)
{
    return winscard_long(reader_database_forget(context, name));
}

LONG WINAPI plain_SCardForgetReaderA(SCARDCONTEXT context, LPCSTR name)
{
    return with_ansi(reader_database_forget, context, name);
}

LONG WINAPI plain_SCardIntroduceReaderGroupW(SCARDCONTEXT context, LPCWSTR group)
{
    return winscard_long(reader_database_introduce_group(context, group));
}

LONG WINAPI plain_SCardIntroduceReaderGroupA(SCARDCONTEXT context, LPCSTR group)
{
    return with_ansi(reader_database_introduce_group, context, group);
}

LONG WINAPI plain_SCardForgetReaderGroupW(SCARDCONTEXT context, LPCWSTR group)
{
    return winscard_long(reader_database_forget_group(context, group));
}

LONG WINAPI plain_SCardForgetReaderGroupA(SCARDCONTEXT context, LPCSTR group)
{
    return with_ansi(reader_database_forget_group, context, group);
}

LONG WINAPI plain_SCardAddReaderToGroupW(SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group)
{
    return winscard_long(reader_database_add_to_group(context, reader, group));
}

LONG WINAPI plain_SCardAddReaderToGroupA(SCARDCONTEXT context, LPCSTR reader, LPCSTR group)
{
    return with_two_ansi(reader_database_add_to_group, context, reader, group);
}

LONG WINAPI plain_SCardRemoveReaderFromGroupW(SCARDCONTEXT context, LPCWSTR reader, LPCWSTR group)
{
    return winscard_long(reader_database_remove_from_group(context, reader, group));
}

LONG WINAPI plain_SCardRemoveReaderFromGroupA(SCARDCONTEXT context, LPCSTR reader, LPCSTR group)
{
    return with_two_ansi(reader_database_remove_from_group, context, reader, group);
}

/* ---- Card types ---- */

/** The ATR and mask of SCardIntroduceCardType, as they are kept: masked. */
static struct winscard_result take_atr(struct card_type_atr *out, const BYTE *atr, const BYTE *mask,
                                       DWORD len)
{
    size_t atr_len = len ? len : atr_len_of(atr, ATR_LEN_MAX);

    if (atr_len == 0 || atr_len > sizeof(out->atr)) return winscard_code(SC_E_INVALID_PARAMETER);
    out->len = atr_len;
    for (size_t i = 0; i < atr_len; i++)
    {
        out->mask[i] = mask ? mask[i] : 0xFF;
        out->atr[i] = atr[i] & out->mask[i];
    }
    return WINSCARD_OK;
}

LONG WINAPI plain_SCardIntroduceCardTypeW(SCARDCONTEXT context, LPCWSTR name, LPCGUID provider,
                                          LPCGUID interfaces, DWORD interface_count, LPCBYTE atr,
                                          LPCBYTE mask, DWORD atr_len)
{
    struct card_type type = { .name = name,
                              .provider = provider,
                              .interfaces = interfaces,
                              .interface_count = interface_count };
    struct winscard_result result;

    if (!name || !atr || (interface_count && !interfaces)) return SC_E_INVALID_PARAMETER;
    result = take_atr(&type.atr, atr, mask, atr_len);
    if (!winscard_ok(result)) return winscard_long(result);
    return winscard_long(card_database_introduce(context, &type));
}

LONG WINAPI plain_SCardIntroduceCardTypeA(SCARDCONTEXT context, LPCSTR name, LPCGUID provider,
                                          LPCGUID interfaces, DWORD interface_count, LPCBYTE atr,
                                          LPCBYTE mask, DWORD atr_len)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(name, false, &wide);

    if (winscard_ok(result))
        result = winscard_code(plain_SCardIntroduceCardTypeW(context, wide, provider, interfaces,
                                                             interface_count, atr, mask, atr_len));
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardForgetCardTypeW(SCARDCONTEXT context, LPCWSTR name)
{
    return winscard_long(card_database_forget(context, name));
}

LONG WINAPI plain_SCardForgetCardTypeA(SCARDCONTEXT context, LPCSTR name)
{
    return with_ansi(card_database_forget, context, name);
}

/** SCardListCards up to the buffer. */
static struct winscard_result list_cards(SCARDCONTEXT context, const BYTE *atr,
                                         const GUID *interfaces, DWORD interface_count,
                                         struct text_list *names)
{
    size_t atr_len = atr ? atr_len_of(atr, ATR_LEN_MAX) : 0;

    if ((atr && atr_len == 0) || (interface_count && !interfaces))
        return winscard_code(SC_E_INVALID_PARAMETER);
    return card_database_list(context, atr, atr_len, interfaces, interface_count, names);
}

/** The characters of a list, of which there may be none. */
static const WCHAR *list_text(const struct text_list *list)
{
    static const WCHAR empty[1] = { 0 };
    return list->chars ? list->chars : empty;
}

LONG WINAPI plain_SCardListCardsW(SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces,
                                  DWORD interface_count, LPWSTR cards, LPDWORD cards_chars)
{
    struct text_list names = { 0 };
    struct winscard_result result;

    if (!cards_chars) return SC_E_INVALID_PARAMETER;
    result = list_cards(context, atr, interfaces, interface_count, &names);
    if (winscard_ok(result))
        result = client_give_wide(list_text(&names), multi_string_len(list_text(&names)), cards,
                                  cards_chars);
    text_list_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListCardsA(SCARDCONTEXT context, LPCBYTE atr, LPCGUID interfaces,
                                  DWORD interface_count, LPSTR cards, LPDWORD cards_chars)
{
    struct text_list names = { 0 };
    struct winscard_result result;

    if (!cards_chars) return SC_E_INVALID_PARAMETER;
    result = list_cards(context, atr, interfaces, interface_count, &names);
    if (winscard_ok(result))
        result = client_give_ansi(list_text(&names), multi_string_len(list_text(&names)), cards,
                                  cards_chars);
    text_list_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListInterfacesW(SCARDCONTEXT context, LPCWSTR card, LPGUID interfaces,
                                       LPDWORD interface_count)
{
    GUID *found;
    DWORD count;
    struct winscard_result result;

    if (!interface_count) return SC_E_INVALID_PARAMETER;
    result = card_database_interfaces(context, card, &found, &count);
    if (winscard_ok(result))
        result = client_give_items(found, count, sizeof(*found), interfaces, interface_count);
    system_free(found);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListInterfacesA(SCARDCONTEXT context, LPCSTR card, LPGUID interfaces,
                                       LPDWORD interface_count)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(card, false, &wide);

    if (winscard_ok(result))
        result =
            winscard_code(plain_SCardListInterfacesW(context, wide, interfaces, interface_count));
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardGetProviderIdW(SCARDCONTEXT context, LPCWSTR card, LPGUID provider)
{
    if (!provider) return SC_E_INVALID_PARAMETER;
    return winscard_long(card_database_provider_id(context, card, provider));
}

LONG WINAPI plain_SCardGetProviderIdA(SCARDCONTEXT context, LPCSTR card, LPGUID provider)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(card, false, &wide);

    if (winscard_ok(result))
        result = winscard_code(plain_SCardGetProviderIdW(context, wide, provider));
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardGetCardTypeProviderNameW(SCARDCONTEXT context, LPCWSTR card,
                                                DWORD provider_id, LPWSTR provider,
                                                LPDWORD provider_chars)
{
    WCHAR *found;
    struct winscard_result result;

    if (!provider_chars) return SC_E_INVALID_PARAMETER;
    result = card_database_provider_name(context, card, provider_id, &found);
    if (winscard_ok(result))
        result = client_give_wide(found, text_len(found) + 1, provider, provider_chars);
    system_free(found);
    return winscard_long(result);
}

LONG WINAPI plain_SCardGetCardTypeProviderNameA(SCARDCONTEXT context, LPCSTR card,
                                                DWORD provider_id, LPSTR provider,
                                                LPDWORD provider_chars)
{
    WCHAR *wide, *found = NULL;
    struct winscard_result result;

    if (!provider_chars) return SC_E_INVALID_PARAMETER;
    result = client_text_from_ansi(card, false, &wide);
    if (winscard_ok(result))
        result = card_database_provider_name(context, wide, provider_id, &found);
    if (winscard_ok(result))
        result = client_give_ansi(found, text_len(found) + 1, provider, provider_chars);
    system_free(found);
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardSetCardTypeProviderNameW(SCARDCONTEXT context, LPCWSTR card,
                                                DWORD provider_id, LPCWSTR provider)
{
    return winscard_long(card_database_set_provider_name(context, card, provider_id, provider));
}

LONG WINAPI plain_SCardSetCardTypeProviderNameA(SCARDCONTEXT context, LPCSTR card,
                                                DWORD provider_id, LPCSTR provider)
{
    WCHAR *wide_card, *wide_provider = NULL;
    struct winscard_result result = client_text_from_ansi(card, false, &wide_card);

    if (winscard_ok(result)) result = client_text_from_ansi(provider, false, &wide_provider);
    if (winscard_ok(result))
        result = card_database_set_provider_name(context, wide_card, provider_id, wide_provider);
    system_free(wide_card);
    system_free(wide_provider);
    return winscard_long(result);
}

/* ---- Locating cards ---- */

/** Looks into the readers without waiting, and marks those whose card fits one of the types. */
static struct winscard_result locate(SCARDCONTEXT context, const struct card_type_atr *types,
                                     size_t type_count, SCARD_READERSTATEW *states,
                                     const struct winscard_names *names)
{
    struct winscard_result result = winscard_wait(context, 0, states, names);

    if (winscard_is(result, SC_E_TIMEOUT)) result = WINSCARD_OK;
    if (!winscard_ok(result)) return result;
    for (DWORD i = 0; i < names->count; i++)
    {
        states[i].dwEventState &= ~(DWORD)SCARD_STATE_ATRMATCH;
        if (!(states[i].dwEventState & SCARD_STATE_PRESENT)) continue;
        for (size_t t = 0; t < type_count; t++)
            if (atr_matches(states[i].rgbAtr, states[i].cbAtr, types[t].atr, types[t].mask,
                            types[t].len))
                states[i].dwEventState |= SCARD_STATE_ATRMATCH;
    }
    return WINSCARD_OK;
}

/** The ATRs of the card types that a multi-string names; to be freed with system_free. */
static struct winscard_result types_by_name(const WCHAR *cards, struct card_type_atr **types,
                                            size_t *count)
{
    struct winscard_result result = WINSCARD_OK;
    size_t capacity = 1;

    *count = 0;
    for (const WCHAR *card = multi_string_first(cards); card; card = multi_string_next(card))
        capacity++;
    *types = system_alloc(capacity * sizeof(**types));
    if (!*types) return winscard_code(SC_E_NO_MEMORY);
    for (const WCHAR *card = multi_string_first(cards); card && winscard_ok(result);
         card = multi_string_next(card))
        result = card_database_atr(card, &(*types)[(*count)++]);
    return result;
}

/** SCARD_ATRMASK entries as card types; to be freed with system_free. */
static struct winscard_result types_by_mask(const SCARD_ATRMASK *masks, DWORD count,
                                            struct card_type_atr **types)
{
    *types = NULL;
    if (!masks && count) return winscard_code(SC_E_INVALID_PARAMETER);
    *types = system_alloc(((size_t)count + 1) * sizeof(**types));
    if (!*types) return winscard_code(SC_E_NO_MEMORY);
    for (DWORD i = 0; i < count; i++)
    {
        if (masks[i].cbAtr > sizeof(masks[i].rgbAtr)) return winscard_code(SC_E_INVALID_PARAMETER);
        (*types)[i].len = masks[i].cbAtr;
        memcpy((*types)[i].atr, masks[i].rgbAtr, masks[i].cbAtr);
        memcpy((*types)[i].mask, masks[i].rgbMask, masks[i].cbAtr);
    }
    return WINSCARD_OK;
}

static struct winscard_result locate_by_name(SCARDCONTEXT context, const WCHAR *cards,
                                             SCARD_READERSTATEW *states,
                                             const struct winscard_names *names)
{
    struct card_type_atr *types;
    size_t type_count;
    struct winscard_result result;

    if (!cards) return winscard_code(SC_E_INVALID_PARAMETER);
    result = types_by_name(cards, &types, &type_count);
    if (winscard_ok(result)) result = locate(context, types, type_count, states, names);
    system_free(types);
    return result;
}

static struct winscard_result locate_by_mask(SCARDCONTEXT context, const SCARD_ATRMASK *masks,
                                             DWORD mask_count, SCARD_READERSTATEW *states,
                                             const struct winscard_names *names)
{
    struct card_type_atr *types;
    struct winscard_result result = types_by_mask(masks, mask_count, &types);

    if (winscard_ok(result)) result = locate(context, types, mask_count, states, names);
    system_free(types);
    return result;
}

LONG WINAPI plain_SCardLocateCardsW(SCARDCONTEXT context, LPCWSTR cards,
                                    LPSCARD_READERSTATEW states, DWORD count)
{
    struct winscard_names names;
    struct winscard_result result = winscard_names_from_wide(states, count, &names);

    if (winscard_ok(result)) result = locate_by_name(context, cards, states, &names);
    winscard_names_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardLocateCardsA(SCARDCONTEXT context, LPCSTR cards, LPSCARD_READERSTATEA states,
                                    DWORD count)
{
    struct winscard_names names;
    WCHAR *wide_cards = NULL;
    struct winscard_result result = winscard_names_from_ansi(states, count, &names);

    if (winscard_ok(result)) result = client_text_from_ansi(cards, true, &wide_cards);
    if (winscard_ok(result))
        result = locate_by_name(context, wide_cards, (SCARD_READERSTATEW *)(void *)states, &names);
    winscard_names_free(&names);
    system_free(wide_cards);
    return winscard_long(result);
}

LONG WINAPI plain_SCardLocateCardsByATRW(SCARDCONTEXT context, LPSCARD_ATRMASK masks,
                                         DWORD mask_count, LPSCARD_READERSTATEW states, DWORD count)
{
    struct winscard_names names;
    struct winscard_result result = winscard_names_from_wide(states, count, &names);

    if (winscard_ok(result)) result = locate_by_mask(context, masks, mask_count, states, &names);
    winscard_names_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardLocateCardsByATRA(SCARDCONTEXT context, LPSCARD_ATRMASK masks,
                                         DWORD mask_count, LPSCARD_READERSTATEA states, DWORD count)
{
    struct winscard_names names;
    struct winscard_result result = winscard_names_from_ansi(states, count, &names);

    if (winscard_ok(result))
        result = locate_by_mask(context, masks, mask_count, (SCARD_READERSTATEW *)(void *)states,
                                &names);
    winscard_names_free(&names);
    return winscard_long(result);
}
