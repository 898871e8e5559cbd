/*
 * options - the bridge's settings, from the environment or the registry.
 * Layer: wine bridge, PE side (kernel32, advapi32).
 * SPDX-License-Identifier: MIT
 */
#include "wine/options.h"

#include <windows.h>
#include <stdbool.h>

#define SETTING_CAPACITY 64

static const WCHAR bridge_key[] = L"Software\\scardmanage\\Bridge";

static bool read_value(HKEY root, const WCHAR *name, WCHAR setting[SETTING_CAPACITY])
{
    DWORD len = (SETTING_CAPACITY - 1) * sizeof(WCHAR), type = 0;
    LONG result;
    HKEY key;

    if (RegOpenKeyExW(root, bridge_key, 0, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS) return false;
    result = RegQueryValueExW(key, name, NULL, &type, (BYTE *)setting, &len);
    RegCloseKey(key);
    if (result != ERROR_SUCCESS || type != REG_SZ) return false;
    setting[len / sizeof(WCHAR)] = 0;
    return true;
}

static bool read_setting(const WCHAR *variable, const WCHAR *name, WCHAR setting[SETTING_CAPACITY])
{
    DWORD len = GetEnvironmentVariableW(variable, setting, SETTING_CAPACITY);
    if (len > 0 && len < SETTING_CAPACITY) return true;
    return read_value(HKEY_CURRENT_USER, name, setting) ||
           read_value(HKEY_LOCAL_MACHINE, name, setting);
}

enum reader_names_style options_reader_names(void)
{
    WCHAR setting[SETTING_CAPACITY];
    if (!read_setting(L"SCMBRIDGE_READER_NAMES", L"ReaderNames", setting)) return READER_NAMES_LITE;
    return reader_names_style_of(setting);
}
