/*
 * winscard_main - winscard.dll's life: loading, finding scmbridge.dll, leaving.
 * Layer: wine bridge, PE side (kernel32, advapi32).
 * scmbridge.dll is loaded when the service is first asked for, not imported: without it a program
 * still starts, and hears SCARD_E_NO_SERVICE.
 * Owns: the pointer to scmbridge_call; threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_main.h"

#include <string.h>

#include "base/stack_guard.h"
#include "wine/bridge_module.h"
#include "wine/bridge_session.h"
#include "wine/card_cache.h"
#include "wine/client_memory.h"
#include "wine/multi_string.h"
#include "wine/options.h"
#include "wine/started_event.h"
#include "wine/winscard_trace.h"

static const WCHAR bridge_name[] = L"scmbridge.dll";

static void *volatile bridge_call;

/**
 * Finds scmbridge_call. The module is asked for in the system directory, where the installer puts
 * it, so that no folder of the program's can slip another one in; by its name alone otherwise, for
 * a Wine that has it in its own folder only.
 */
static scmbridge_call_function find_bridge(void)
{
    WCHAR path[MAX_PATH + sizeof(bridge_name) / sizeof(bridge_name[0])];
    UINT len = GetSystemDirectoryW(path, MAX_PATH);
    HMODULE module = NULL;

    if (len > 0 && len < MAX_PATH)
    {
        path[len++] = '\\';
        memcpy(path + len, bridge_name, sizeof(bridge_name));
        module = LoadLibraryW(path);
    }
    if (!module) module = LoadLibraryW(bridge_name);
    if (!module) return NULL;
    return (scmbridge_call_function)(void *)GetProcAddress(module, "scmbridge_call");
}

static int32_t call_bridge(uint32_t function, void *arguments)
{
    void *found = bridge_call;
    int32_t status;

    if (!found)
    {
        found = (void *)find_bridge();
        if (!found) return BRIDGE_NO_UNIX_PART;
        InterlockedExchangePointer(&bridge_call, found);
    }
    status = ((scmbridge_call_function)found)(function, arguments);
    if (function == UNIX_ATTACH && status == 0) winscard_trace_attached(arguments);
    return status;
}

DWORD WINAPI scmbridge_winscard_version(void)
{
    return SCMBRIDGE_WINSCARD_VERSION;
}

/* The entry point; no C run-time library stands before it. */
BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *process_ends);

STACK_UNGUARDED BOOL WINAPI DllMain(HINSTANCE module, DWORD reason, void *process_ends)
{
    switch (reason)
    {
    case DLL_PROCESS_ATTACH:
        stack_guard_init();
        DisableThreadLibraryCalls(module);
        winscard_trace_init();
        client_memory_init();
        card_cache_init();
        started_event_init();
        bridge_init(call_bridge, options_reader_names());
        break;
    case DLL_PROCESS_DETACH:
        if (process_ends)
        {
            bridge_process_ends();
            break;
        }
        bridge_shutdown();
        card_cache_shutdown();
        client_memory_shutdown();
        winscard_trace_shutdown();
        break;
    }
    return TRUE;
}
