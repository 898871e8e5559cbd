/*
 * calais_key - registry access for the smart card database.
 * Layer: wine bridge, PE side (advapi32).
 * SPDX-License-Identifier: MIT
 */
#include "wine/calais_key.h"

#include "wine/system.h"

static const WCHAR *const branch_paths[] = {
    [CALAIS_READERS] = L"SOFTWARE\\Microsoft\\Cryptography\\Calais\\Readers",
    [CALAIS_CARDS] = L"SOFTWARE\\Microsoft\\Cryptography\\Calais\\SmartCards",
};

/* Readers is shared between the word sizes, SmartCards is not. */
static const REGSAM branch_views[] = {
    [CALAIS_READERS] = KEY_WOW64_64KEY,
    [CALAIS_CARDS] = 0,
};

bool calais_name_is_valid(const WCHAR *name)
{
    size_t len = name ? text_len_limited(name, CALAIS_NAME_CAPACITY) : 0;

    if (len == 0 || len >= CALAIS_NAME_CAPACITY) return false;
    for (; *name; name++)
        if (*name == '\\') return false;
    return true;
}

bool calais_open(enum calais_branch branch, const WCHAR *name, REGSAM access, HKEY *key)
{
    HKEY parent;
    LONG result;

    if (!name)
        return RegOpenKeyExW(HKEY_LOCAL_MACHINE, branch_paths[branch], 0,
                             access | branch_views[branch], key) == ERROR_SUCCESS;
    if (!calais_name_is_valid(name) ||
        RegOpenKeyExW(HKEY_LOCAL_MACHINE, branch_paths[branch], 0, KEY_READ | branch_views[branch],
                      &parent) != ERROR_SUCCESS)
        return false;
    result = RegOpenKeyExW(parent, name, 0, access | branch_views[branch], key);
    RegCloseKey(parent);
    return result == ERROR_SUCCESS;
}

struct winscard_result calais_create(enum calais_branch branch, const WCHAR *name, HKEY *key,
                                     bool *is_new)
{
    DWORD disposition = 0;
    HKEY parent;
    LONG result;

    if (!calais_name_is_valid(name)) return winscard_code(SC_E_INVALID_PARAMETER);
    result = RegCreateKeyExW(HKEY_LOCAL_MACHINE, branch_paths[branch], 0, NULL, 0,
                             KEY_READ | KEY_WRITE | branch_views[branch], NULL, &parent, NULL);
    if (result != ERROR_SUCCESS) return winscard_code(result);
    result = RegCreateKeyExW(parent, name, 0, NULL, 0, KEY_READ | KEY_WRITE | branch_views[branch],
                             NULL, key, &disposition);
    RegCloseKey(parent);
    if (is_new) *is_new = disposition == REG_CREATED_NEW_KEY;
    return winscard_code(result);
}

struct winscard_result calais_delete(enum calais_branch branch, const WCHAR *name)
{
    HKEY parent;
    LONG result;

    if (!calais_name_is_valid(name) || !calais_open(branch, NULL, KEY_READ | KEY_WRITE, &parent))
        return winscard_code(ERROR_FILE_NOT_FOUND);
    result = RegDeleteKeyW(parent, name);
    RegCloseKey(parent);
    return winscard_code(result);
}

bool calais_enumerate(HKEY branch_key, DWORD index, WCHAR name[CALAIS_NAME_CAPACITY])
{
    DWORD chars = CALAIS_NAME_CAPACITY;
    return RegEnumKeyExW(branch_key, index, name, &chars, NULL, NULL, NULL, NULL) == ERROR_SUCCESS;
}

void *calais_read(HKEY key, const WCHAR *value, DWORD type, DWORD *len)
{
    DWORD found_type = 0, capacity = 0;
    uint8_t *data;

    *len = 0;
    if (RegQueryValueExW(key, value, NULL, &found_type, NULL, &capacity) != ERROR_SUCCESS ||
        found_type != type)
        return NULL;
    data = system_alloc((size_t)capacity + 2 * sizeof(WCHAR));
    if (!data) return NULL;
    if (RegQueryValueExW(key, value, NULL, &found_type, data, &capacity) != ERROR_SUCCESS ||
        found_type != type)
    {
        system_free(data);
        return NULL;
    }
    *len = capacity;
    return data;
}

struct winscard_result calais_write(HKEY key, const WCHAR *value, DWORD type, const void *data,
                                    size_t len)
{
    return winscard_code(RegSetValueExW(key, value, 0, type, data, (DWORD)len));
}
