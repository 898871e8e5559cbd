/*
 * bridge_module - scmbridge.dll: the one function through which winscard.dll reaches the unix part.
 * Layer: wine bridge, PE side (kernel32 and ntdll only).
 * Wine gives a unix library only to a module that carries its builtin signature, and an unmodified
 * Windows program gets our winscard.dll only where that one does not (a native DLL). Hence two
 * modules: this one is marked with `winebuild --builtin`, and does nothing else.
 * Owns: the unix library's handle, found once when the module is loaded; threads: any.
 * Reference: Wine's ntdll: NtQueryVirtualMemory with its own information class 1000 gives a
 * module's table of unix calls; `__wine_unix_call_dispatcher` (a variable that holds a function)
 * or, where a version lacks that, `__wine_unix_call` makes one.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_module.h"

#include <windows.h>

#include "base/stack_guard.h"

/** Wine's information class for "the unix call table of the module at this address". */
#define MEMORY_WINE_UNIX_CALLS 1000

typedef LONG(WINAPI *unix_caller)(UINT64 library, unsigned int function, void *arguments);
typedef LONG(WINAPI *memory_query)(HANDLE process, const void *address, int information,
                                   void *buffer, SIZE_T buffer_len, SIZE_T *got);

static UINT64 unix_library;
static unix_caller call_unix;

static void find_unix_library(HINSTANCE module)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    unix_caller *dispatcher;
    memory_query query;
    UINT64 library = 0;

    if (!ntdll) return;
    query = (memory_query)(void *)GetProcAddress(ntdll, "NtQueryVirtualMemory");
    if (!query || query(GetCurrentProcess(), module, MEMORY_WINE_UNIX_CALLS, &library,
                        sizeof(library), NULL) < 0)
        return;
    dispatcher = (unix_caller *)(void *)GetProcAddress(ntdll, "__wine_unix_call_dispatcher");
    if (dispatcher) call_unix = *dispatcher;
    if (!call_unix) call_unix = (unix_caller)(void *)GetProcAddress(ntdll, "__wine_unix_call");
    unix_library = library;
}

int32_t WINAPI scmbridge_call(uint32_t function, void *arguments)
{
    if (!call_unix || !unix_library) return BRIDGE_NO_UNIX_PART;
    return call_unix(unix_library, function, arguments);
}

/* The entry point; no C run-time library stands before it. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved);

STACK_UNGUARDED BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *reserved)
{
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH)
    {
        stack_guard_init();
        DisableThreadLibraryCalls(module);
        find_unix_library(module);
    }
    return TRUE;
}
