/*
 * trace_file_windows - the trace file on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/trace_file.h"

#include <windows.h>

/* NULL: not looked for; INVALID_HANDLE_VALUE: no trace wanted or not to be opened. */
static void *volatile trace_file;

static HANDLE open_trace_file(void)
{
    WCHAR path[MAX_PATH];
    DWORD len = GetEnvironmentVariableW(L"SCARDMANAGE_TRACE", path, MAX_PATH);
    if (len == 0 || len >= MAX_PATH) return INVALID_HANDLE_VALUE;
    return CreateFileW(path, FILE_APPEND_DATA,
                       FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

static HANDLE trace_handle(void)
{
    HANDLE file = trace_file;
    if (file) return file;
    file = open_trace_file();
    HANDLE earlier = InterlockedCompareExchangePointer(&trace_file, file, NULL);
    if (!earlier) return file;
    if (file != INVALID_HANDLE_VALUE) CloseHandle(file);
    return earlier;
}

bool trace_file_is_open(void)
{
    return trace_handle() != INVALID_HANDLE_VALUE;
}

void trace_file_write(const char *line, size_t len)
{
    HANDLE file = trace_handle();
    DWORD written;
    if (file != INVALID_HANDLE_VALUE) WriteFile(file, line, (DWORD)len, &written, NULL);
}

void trace_file_close(void)
{
    HANDLE file = InterlockedExchangePointer(&trace_file, NULL);
    if (file && file != INVALID_HANDLE_VALUE) CloseHandle(file);
}

uint32_t trace_file_thread_id(void)
{
    return GetCurrentThreadId();
}
