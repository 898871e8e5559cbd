/*
 * card_database - card types in the registry.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#include "wine/card_database.h"

#include <string.h>

#include "base/guid_text.h"
#include "wine/atr_match.h"
#include "wine/bridge_session.h"
#include "wine/calais_key.h"
#include "wine/system.h"

static const WCHAR value_atr[] = L"ATR";
static const WCHAR value_mask[] = L"ATRMask";
static const WCHAR value_provider[] = L"Primary Provider";
static const WCHAR value_interfaces[] = L"Supported Interfaces";
static const WCHAR value_csp[] = L"Crypto Provider";
static const WCHAR value_ksp[] = L"Smart Card Key Storage Provider";

_Static_assert(sizeof(GUID) == GUID_BYTES, "a GUID in memory");

/** Eight hexadecimal digits and NUL. */
#define NUMBER_TEXT_CAPACITY 9

/** For functions that may do without a context. */
static struct winscard_result check_optional(uintptr_t context)
{
    return context ? bridge_check(context) : WINSCARD_OK;
}

static bool open_type(const WCHAR *name, REGSAM access, HKEY *entry)
{
    return name && calais_open(CALAIS_CARDS, name, access, entry);
}

/** Checks the context and opens a type for reading. */
static struct winscard_result read_type(uintptr_t context, const WCHAR *name, HKEY *entry)
{
    struct winscard_result result = check_optional(context);

    if (!winscard_ok(result)) return result;
    if (!name) return winscard_code(SC_E_INVALID_PARAMETER);
    return open_type(name, KEY_READ, entry) ? WINSCARD_OK : winscard_code(SC_E_UNKNOWN_CARD);
}

static struct winscard_result write_type(HKEY entry, const struct card_type *type)
{
    struct winscard_result result =
        calais_write(entry, value_atr, REG_BINARY, type->atr.atr, type->atr.len);

    if (winscard_ok(result))
        result = calais_write(entry, value_mask, REG_BINARY, type->atr.mask, type->atr.len);
    if (winscard_ok(result) && type->provider)
        result = calais_write(entry, value_provider, REG_BINARY, type->provider, GUID_BYTES);
    if (winscard_ok(result) && type->interface_count)
        result = calais_write(entry, value_interfaces, REG_BINARY, type->interfaces,
                              (size_t)type->interface_count * GUID_BYTES);
    return result;
}

struct winscard_result card_database_introduce(uintptr_t context, const struct card_type *type)
{
    struct winscard_result result = bridge_check(context);
    HKEY entry;

    if (!winscard_ok(result)) return result;
    if (!calais_name_is_valid(type->name)) return winscard_code(SC_E_INVALID_PARAMETER);
    /* Nothing of an older type of this name shall stay. */
    result = calais_delete(CALAIS_CARDS, type->name);
    if (!winscard_ok(result) && !winscard_is(result, ERROR_FILE_NOT_FOUND)) return result;
    result = calais_create(CALAIS_CARDS, type->name, &entry, NULL);
    if (!winscard_ok(result)) return result;
    result = write_type(entry, type);
    RegCloseKey(entry);
    if (!winscard_ok(result)) calais_delete(CALAIS_CARDS, type->name);
    return result;
}

struct winscard_result card_database_forget(uintptr_t context, const WCHAR *name)
{
    struct winscard_result result = bridge_check(context);

    if (!winscard_ok(result)) return result;
    if (!name) return winscard_code(SC_E_INVALID_PARAMETER);
    result = calais_delete(CALAIS_CARDS, name);
    return winscard_is(result, ERROR_FILE_NOT_FOUND) ? winscard_code(SC_E_UNKNOWN_CARD) : result;
}

static void read_atr(HKEY entry, struct card_type_atr *atr)
{
    DWORD len, mask_len;
    uint8_t *stored = calais_read(entry, value_atr, REG_BINARY, &len);
    uint8_t *mask = calais_read(entry, value_mask, REG_BINARY, &mask_len);

    memset(atr, 0, sizeof(*atr));
    memset(atr->mask, 0xFF, sizeof(atr->mask));
    /* A mask of another length says nothing about this ATR: such a type matches nothing. */
    if (stored && len <= sizeof(atr->atr) && (!mask || mask_len == len))
    {
        atr->len = len;
        memcpy(atr->atr, stored, len);
        if (mask) memcpy(atr->mask, mask, len);
    }
    system_free(stored);
    system_free(mask);
}

struct winscard_result card_database_atr(const WCHAR *name, struct card_type_atr *atr)
{
    HKEY entry;

    if (!open_type(name, KEY_READ, &entry)) return winscard_code(SC_E_UNKNOWN_CARD);
    read_atr(entry, atr);
    RegCloseKey(entry);
    return WINSCARD_OK;
}

static bool has_interfaces(HKEY entry, const GUID *wanted, DWORD wanted_count)
{
    DWORD len;
    uint8_t *stored;
    bool has_all = true;

    if (wanted_count == 0) return true;
    stored = calais_read(entry, value_interfaces, REG_BINARY, &len);
    for (DWORD i = 0; i < wanted_count && has_all; i++)
    {
        bool found = false;
        for (DWORD at = 0; stored && at + GUID_BYTES <= len && !found; at += GUID_BYTES)
            found = memcmp(stored + at, &wanted[i], GUID_BYTES) == 0;
        has_all = found;
    }
    system_free(stored);
    return has_all;
}

struct winscard_result card_database_list(uintptr_t context, const uint8_t *atr, size_t atr_len,
                                          const GUID *interfaces, DWORD interface_count,
                                          struct text_list *names)
{
    WCHAR name[CALAIS_NAME_CAPACITY];
    struct winscard_result result = check_optional(context);
    HKEY branch, entry;

    if (!winscard_ok(result)) return result;
    if (!calais_open(CALAIS_CARDS, NULL, KEY_READ, &branch)) return WINSCARD_OK;
    for (DWORD index = 0; calais_enumerate(branch, index, name); index++)
    {
        struct card_type_atr type;
        if (!open_type(name, KEY_READ, &entry)) continue;
        read_atr(entry, &type);
        if ((!atr || atr_matches(atr, atr_len, type.atr, type.mask, type.len)) &&
            has_interfaces(entry, interfaces, interface_count))
            text_list_add(names, name);
        RegCloseKey(entry);
    }
    RegCloseKey(branch);
    return names->failed ? winscard_code(SC_E_NO_MEMORY) : WINSCARD_OK;
}

struct winscard_result card_database_interfaces(uintptr_t context, const WCHAR *name,
                                                GUID **interfaces, DWORD *count)
{
    DWORD len;
    HKEY entry;
    struct winscard_result result = read_type(context, name, &entry);

    *interfaces = NULL;
    *count = 0;
    if (!winscard_ok(result)) return result;
    *interfaces = calais_read(entry, value_interfaces, REG_BINARY, &len);
    if (*interfaces) *count = len / GUID_BYTES;
    RegCloseKey(entry);
    return WINSCARD_OK;
}

static struct winscard_result read_provider(HKEY entry, GUID *provider)
{
    DWORD len;
    uint8_t *stored = calais_read(entry, value_provider, REG_BINARY, &len);
    struct winscard_result result = winscard_code(SC_E_ICC_INSTALLATION);

    if (stored && len == GUID_BYTES)
    {
        memcpy(provider, stored, GUID_BYTES);
        result = WINSCARD_OK;
    }
    system_free(stored);
    return result;
}

struct winscard_result card_database_provider_id(uintptr_t context, const WCHAR *name,
                                                 GUID *provider)
{
    HKEY entry;
    struct winscard_result result = read_type(context, name, &entry);

    if (!winscard_ok(result)) return result;
    result = read_provider(entry, provider);
    RegCloseKey(entry);
    return result;
}

/** The value that has a provider's name, for all but the primary provider. */
static const WCHAR *provider_value(DWORD provider_id, WCHAR number[NUMBER_TEXT_CAPACITY])
{
    static const char digits[] = "0123456789ABCDEF";

    if (provider_id == CARD_PROVIDER_CSP) return value_csp;
    if (provider_id == CARD_PROVIDER_KSP) return value_ksp;
    for (int i = 0; i < NUMBER_TEXT_CAPACITY - 1; i++)
        number[i] = (WCHAR)digits[provider_id >> (28 - 4 * i) & 0x0F];
    number[NUMBER_TEXT_CAPACITY - 1] = 0;
    return number;
}

static struct winscard_result read_provider_name(HKEY entry, DWORD provider_id, WCHAR **provider)
{
    WCHAR number[NUMBER_TEXT_CAPACITY];
    DWORD len;
    GUID id;
    struct winscard_result result;

    if (provider_id != CARD_PROVIDER_PRIMARY)
    {
        *provider = calais_read(entry, provider_value(provider_id, number), REG_SZ, &len);
        return *provider ? WINSCARD_OK : winscard_code(ERROR_FILE_NOT_FOUND);
    }
    result = read_provider(entry, &id);
    if (!winscard_ok(result)) return result;
    *provider = system_alloc(GUID_TEXT_CAPACITY * sizeof(**provider));
    if (!*provider) return winscard_code(SC_E_NO_MEMORY);
    guid_to_text((const uint8_t *)&id, *provider);
    return WINSCARD_OK;
}

struct winscard_result card_database_provider_name(uintptr_t context, const WCHAR *name,
                                                   DWORD provider_id, WCHAR **provider)
{
    HKEY entry;
    struct winscard_result result = read_type(context, name, &entry);

    *provider = NULL;
    if (!winscard_ok(result)) return result;
    result = provider_id ? read_provider_name(entry, provider_id, provider)
                         : winscard_code(SC_E_INVALID_VALUE);
    RegCloseKey(entry);
    return result;
}

static struct winscard_result write_provider_name(HKEY entry, DWORD provider_id,
                                                  const WCHAR *provider)
{
    WCHAR number[NUMBER_TEXT_CAPACITY];
    uint8_t id[GUID_BYTES];

    if (provider_id != CARD_PROVIDER_PRIMARY)
        return calais_write(entry, provider_value(provider_id, number), REG_SZ, provider,
                            (text_len(provider) + 1) * sizeof(*provider));
    if (!guid_from_text(provider, id)) return winscard_code(SC_E_INVALID_PARAMETER);
    return calais_write(entry, value_provider, REG_BINARY, id, sizeof(id));
}

struct winscard_result card_database_set_provider_name(uintptr_t context, const WCHAR *name,
                                                       DWORD provider_id, const WCHAR *provider)
{
    HKEY entry;
    struct winscard_result result = bridge_check(context);

    if (!winscard_ok(result)) return result;
    if (!name || !provider) return winscard_code(SC_E_INVALID_PARAMETER);
    if (provider_id == 0) return winscard_code(SC_E_INVALID_VALUE);
    if (!open_type(name, KEY_READ, &entry)) return winscard_code(SC_E_UNKNOWN_CARD);
    RegCloseKey(entry);
    if (!open_type(name, KEY_READ | KEY_WRITE, &entry)) return winscard_code(ERROR_ACCESS_DENIED);
    result = write_provider_name(entry, provider_id, provider);
    RegCloseKey(entry);
    return result;
}
