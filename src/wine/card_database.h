/*
 * card_database - the card half of the smart card database: card types by name, with ATR, provider
 *                 and interfaces.
 * Layer: wine bridge, PE side.
 * An entry `Calais\SmartCards\<name>` has `ATR`, `ATRMask`, `Primary Provider` and
 * `Supported Interfaces` (REG_BINARY), `Crypto Provider` and `Smart Card Key Storage Provider`
 * (REG_SZ), and further providers' names under their numbers in hexadecimal (`80000001`).
 * Contexts: 0 stands for none where the API allows that; any other has to be one.
 * Threads: any.
 * Reference: "Smart Card Database Management Functions"; "Smart Card Minidriver Registration",
 *            Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_CARD_DATABASE_H
#define SCM_WINE_CARD_DATABASE_H

#include <windows.h>
#include <stdbool.h>
#include <stdint.h>

#include "wine/winscard_result.h"
#include "wine/multi_string.h"

#define CARD_PROVIDER_PRIMARY 1u
#define CARD_PROVIDER_CSP     2u
#define CARD_PROVIDER_KSP     3u

/** Room for an ATR of the database: Windows' field. */
#define CARD_ATR_CAPACITY 36

/** The ATR of a card type. */
struct card_type_atr
{
    uint8_t atr[CARD_ATR_CAPACITY]; /**< already masked */
    uint8_t mask[CARD_ATR_CAPACITY];
    size_t len; /**< 0: the type has no ATR and matches nothing */
};

/** What SCardIntroduceCardType is given. */
struct card_type
{
    const WCHAR *name;
    const GUID *provider; /**< NULL: none */
    const GUID *interfaces;
    DWORD interface_count;
    struct card_type_atr atr;
};

/**
 * SCardIntroduceCardType. A type of this name that exists is replaced.
 *
 * @retval SC_E_INVALID_PARAMETER the name cannot be an entry's.
 */
struct winscard_result card_database_introduce(uintptr_t context, const struct card_type *type);

/** SCardForgetCardType. @retval SC_E_UNKNOWN_CARD */
struct winscard_result card_database_forget(uintptr_t context, const WCHAR *name);

/**
 * SCardListCards.
 *
 * @param[in]     atr        a card's; NULL: any.
 * @param[in]     interfaces all of them are wanted; count 0: any.
 * @param[in,out] names      the types are added; none may be left.
 */
struct winscard_result card_database_list(uintptr_t context, const uint8_t *atr, size_t atr_len,
                                          const GUID *interfaces, DWORD interface_count,
                                          struct text_list *names);

/**
 * SCardListInterfaces.
 *
 * @param[out] interfaces to be freed with system_free; may be NULL where count is 0.
 * @retval SC_E_UNKNOWN_CARD
 */
struct winscard_result card_database_interfaces(uintptr_t context, const WCHAR *name,
                                                GUID **interfaces, DWORD *count);

/** SCardGetProviderId. @retval SC_E_UNKNOWN_CARD, SC_E_ICC_INSTALLATION none is entered. */
struct winscard_result card_database_provider_id(uintptr_t context, const WCHAR *name,
                                                 GUID *provider);

/**
 * SCardGetCardTypeProviderName.
 *
 * @param[in]  provider_id CARD_PROVIDER_x or another number.
 * @param[out] provider    to be freed with system_free.
 * @retval SC_E_UNKNOWN_CARD
 * @retval SC_E_ICC_INSTALLATION no primary provider is entered.
 * @retval ERROR_FILE_NOT_FOUND no such other provider is entered.
 * @retval SC_E_INVALID_VALUE provider_id is 0.
 */
struct winscard_result card_database_provider_name(uintptr_t context, const WCHAR *name,
                                                   DWORD provider_id, WCHAR **provider);

/** SCardSetCardTypeProviderName. The primary provider is a GUID in braces. */
struct winscard_result card_database_set_provider_name(uintptr_t context, const WCHAR *name,
                                                       DWORD provider_id, const WCHAR *provider);

/** The ATR of a type. @retval SC_E_UNKNOWN_CARD */
struct winscard_result card_database_atr(const WCHAR *name, struct card_type_atr *atr);

#endif
