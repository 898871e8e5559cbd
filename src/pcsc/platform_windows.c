/*
 * platform_windows - memory, locks and the trace file on Windows.
 * Layer: pcsc (the layer that knows the system; implements base/platform.h).
 * SPDX-License-Identifier: MIT
 */
#include "base/platform.h"

#include <windows.h>

struct platform_lock
{
    CRITICAL_SECTION section;
};

void *platform_alloc(size_t size)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, size);
}

void platform_free(void *memory)
{
    if (memory) HeapFree(GetProcessHeap(), 0, memory);
}

struct platform_lock *platform_lock_create(void)
{
    struct platform_lock *lock = platform_alloc(sizeof(*lock));
    /* The spinning variant with the top bit reserves its event at once: on Windows XP the plain
     * one may raise an exception in EnterCriticalSection when memory is out. */
    if (lock && !InitializeCriticalSectionAndSpinCount(&lock->section, 0x80000000))
    {
        platform_free(lock);
        return NULL;
    }
    return lock;
}

void platform_lock_destroy(struct platform_lock *lock)
{
    if (!lock) return;
    DeleteCriticalSection(&lock->section);
    platform_free(lock);
}

void platform_lock_enter(struct platform_lock *lock)
{
    EnterCriticalSection(&lock->section);
}

void platform_lock_leave(struct platform_lock *lock)
{
    LeaveCriticalSection(&lock->section);
}

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

bool platform_trace_is_on(void)
{
    return trace_handle() != INVALID_HANDLE_VALUE;
}

void platform_trace_write(const char *line, size_t len)
{
    HANDLE file = trace_handle();
    DWORD written;
    if (file != INVALID_HANDLE_VALUE) WriteFile(file, line, (DWORD)len, &written, NULL);
}

void platform_trace_close(void)
{
    HANDLE file = InterlockedExchangePointer(&trace_file, NULL);
    if (file && file != INVALID_HANDLE_VALUE) CloseHandle(file);
}

uint32_t platform_thread_id(void)
{
    return GetCurrentThreadId();
}

uint32_t platform_now_ms(void)
{
    return GetTickCount();
}
