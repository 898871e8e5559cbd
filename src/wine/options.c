/*
 * options - the bridge's settings, from the environment or the registry.
 * Layer: wine bridge, PE side (kernel32, advapi32).
 * SPDX-License-Identifier: MIT
 */
#include "wine/options.h"

#define SETTING_CAPACITY 64

static const WCHAR bridge_key[] = L"Software\\scardmanage\\Bridge";
static const WCHAR product_key[] = L"Software\\scardmanage";

static bool read_value(HKEY root, const WCHAR *path, const WCHAR *name, WCHAR *setting,
                       DWORD capacity)
{
    DWORD len = (capacity - 1) * sizeof(WCHAR), type = 0;
    LONG result;
    HKEY key;

    if (RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE, &key) != ERROR_SUCCESS) return false;
    result = RegQueryValueExW(key, name, NULL, &type, (BYTE *)setting, &len);
    RegCloseKey(key);
    if (result != ERROR_SUCCESS || type != REG_SZ) return false;
    setting[len / sizeof(WCHAR)] = 0;
    return true;
}

static bool read_setting(const WCHAR *path, const WCHAR *name, WCHAR *setting, DWORD capacity)
{
    return read_value(HKEY_CURRENT_USER, path, name, setting, capacity) ||
           read_value(HKEY_LOCAL_MACHINE, path, name, setting, capacity);
}

static bool read_variable(const WCHAR *variable, WCHAR *setting, DWORD capacity)
{
    DWORD len = GetEnvironmentVariableW(variable, setting, capacity);
    return len > 0 && len < capacity;
}

enum reader_names_style options_reader_names(void)
{
    WCHAR setting[SETTING_CAPACITY];

    if (!read_variable(L"SCMBRIDGE_READER_NAMES", setting, SETTING_CAPACITY) &&
        !read_setting(bridge_key, L"ReaderNames", setting, SETTING_CAPACITY))
        return READER_NAMES_LITE;
    return reader_names_style_of(setting);
}

bool options_trace_file(WCHAR path[MAX_PATH])
{
    return read_variable(L"SCMBRIDGE_TRACE", path, MAX_PATH) ||
           read_variable(L"SCARDMANAGE_TRACE", path, MAX_PATH) ||
           (read_setting(product_key, L"Trace", path, MAX_PATH) && path[0]);
}
