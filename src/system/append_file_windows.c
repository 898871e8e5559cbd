/*
 * append_file_windows - a file to append to, on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/append_file.h"

#include <windows.h>

intptr_t append_file_system_open(const char *variable)
{
    WCHAR path[MAX_PATH], name[APPEND_FILE_VARIABLE_MAX];
    size_t name_len = 0;

    while (name_len < APPEND_FILE_VARIABLE_MAX - 1 && variable[name_len])
    {
        name[name_len] = (WCHAR)variable[name_len];
        name_len++;
    }
    name[name_len] = 0;
    DWORD len = GetEnvironmentVariableW(name, path, MAX_PATH);
    if (len == 0 || len >= MAX_PATH) return -1;
    /* INVALID_HANDLE_VALUE is -1. */
    return (intptr_t)CreateFileW(path, FILE_APPEND_DATA,
                                 FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                 OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
}

void append_file_system_write(intptr_t descriptor, const char *text, size_t len)
{
    DWORD written;
    WriteFile((HANDLE)descriptor, text, (DWORD)len, &written, NULL);
}

void append_file_system_close(intptr_t descriptor)
{
    CloseHandle((HANDLE)descriptor);
}
