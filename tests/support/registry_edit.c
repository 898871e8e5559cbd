/*
 * registry_edit - the test's own hand in the registry.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/registry_edit.h"

#include "support/check.h"

#include <stdio.h>
#include <stdlib.h>

enum
{
    /* The longest path there can be, and some more. */
    TEXT_CHARS = 33000,
};

static void must(LONG status, const WCHAR *path)
{
    if (status == ERROR_SUCCESS) return;
    printf("registry_edit: %ls: error %ld\n", path, status);
    exit(2);
}

void edit_make_key(HKEY root, const WCHAR *path)
{
    HKEY key;
    DWORD disposition;
    must(RegCreateKeyExW(root, path, 0, NULL, 0, KEY_READ, NULL, &key, &disposition), path);
    RegCloseKey(key);
}

void edit_put(HKEY root, REGSAM view, const WCHAR *path, const WCHAR *name, DWORD type,
              const void *data, DWORD len)
{
    HKEY key;
    DWORD disposition;
    must(RegCreateKeyExW(root, path, 0, NULL, 0, KEY_ALL_ACCESS | view, NULL, &key, &disposition),
         path);
    must(RegSetValueExW(key, name, 0, type, data, len), path);
    RegCloseKey(key);
}

void edit_put_text(HKEY root, const WCHAR *path, const WCHAR *name, const WCHAR *text)
{
    edit_put(root, 0, path, name, REG_SZ, text, (DWORD)(wcslen(text) + 1) * sizeof(WCHAR));
}

/* RegDeleteKeyEx reaches the other view; Windows XP (32 bit) has neither. */
static void delete_key(HKEY root, REGSAM view, const WCHAR *path)
{
    LONG(WINAPI * delete_key_ex)(HKEY, LPCWSTR, REGSAM, DWORD) = NULL;

    if (!view)
    {
        must(RegDeleteKeyW(root, path), path);
        return;
    }
    *(FARPROC *)&delete_key_ex =
        GetProcAddress(GetModuleHandleW(L"advapi32.dll"), "RegDeleteKeyExW");
    must(delete_key_ex ? delete_key_ex(root, path, view, 0) : ERROR_NOT_SUPPORTED, path);
}

void edit_delete_tree(HKEY root, REGSAM view, const WCHAR *path)
{
    HKEY key;
    WCHAR name[256];

    if (RegOpenKeyExW(root, path, 0, KEY_ALL_ACCESS | view, &key)) return;
    for (;;)
    {
        DWORD chars = ARRAYSIZE(name);
        if (RegEnumKeyExW(key, 0, name, &chars, NULL, NULL, NULL, NULL)) break;
        edit_delete_tree(key, view, name);
    }
    RegCloseKey(key);
    delete_key(root, view, path);
}

bool edit_has_key(HKEY root, REGSAM view, const WCHAR *path)
{
    HKEY key;
    if (RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE | view, &key)) return false;
    RegCloseKey(key);
    return true;
}

bool edit_check_text(const char *file, int line, HKEY root, const WCHAR *path, const WCHAR *name,
                     const WCHAR *wanted)
{
    static WCHAR text[TEXT_CHARS];
    HKEY key;
    DWORD len = sizeof(text) - sizeof(WCHAR);
    LONG status = RegOpenKeyExW(root, path, 0, KEY_QUERY_VALUE, &key);

    memset(text, 0, sizeof(text));
    if (!status)
    {
        status = RegQueryValueExW(key, name, NULL, NULL, (BYTE *)text, &len);
        RegCloseKey(key);
    }
    return check_wide_at(file, line, status ? NULL : text, wanted, "value in the registry");
}
