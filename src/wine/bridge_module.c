/*
 * bridge_module - scmbridge.dll as a PE module: the one function through which winscard.dll reaches
 *                 what is below the border.
 * Layer: wine bridge, PE side (kernel32 and ntdll only).
 * Two ways lead down from here, and the first that is there is taken. Where Wine finds a unix library
 * for this module, in its own folders or in WINEDLLPATH, that is called: it is libpcsclite. Wine
 * gives one only to a module that carries its builtin signature, and an unmodified Windows program
 * gets our winscard.dll only where that one does not (a native DLL); hence two modules, this one
 * marked with `winebuild --builtin`. In a prefix alone there is no unix library: there Wine's own
 * winscard.dll serves, which has one. The installer keeps it in a folder beside this module, because
 * ours has taken its place, and Wine knows it for its own under any path.
 * (elf_module.c is the other form of scmbridge.dll, and needs neither.)
 * Owns: what was found, once, when it was first asked for; threads: any.
 * Reference: Wine's ntdll: NtQueryVirtualMemory with its own information class 1000 gives a
 * module's table of unix calls; `__wine_unix_call_dispatcher` (a variable that holds a function)
 * or, where a version lacks that, `__wine_unix_call` makes one.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_module.h"

#include <string.h>

#include "base/result.h"
#include "base/stack_guard.h"
#include "base/wine_stub.h"
#include "wine/differences.h"
#include "wine/own_winscard.h"
#include "wine/system.h"

/** Wine's information class for "the unix call table of the module at this address". */
#define MEMORY_WINE_UNIX_CALLS 1000

typedef LONG(WINAPI *unix_caller)(UINT64 library, unsigned int function, void *arguments);
typedef LONG(WINAPI *memory_query)(HANDLE process, const void *address, int information,
                                   void *buffer, SIZE_T buffer_len, SIZE_T *got);

static UINT64 unix_library;
static unix_caller call_unix;

static struct
{
    HMODULE module; /* ours */
    struct system_lock lock;
    bool was_tried;
    int32_t result; /* pcsc-lite's */
    struct own_functions functions;
} own;

/** The unix calls of a module, 0 where it has none. */
static UINT64 unix_library_of(HMODULE module)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    memory_query query;
    UINT64 library = 0;

    if (!ntdll) return 0;
    query = (memory_query)(void *)GetProcAddress(ntdll, "NtQueryVirtualMemory");
    if (!query || query(GetCurrentProcess(), module, MEMORY_WINE_UNIX_CALLS, &library,
                        sizeof(library), NULL) < 0)
        return 0;
    return library;
}

static void find_unix_library(HINSTANCE module)
{
    HMODULE ntdll = GetModuleHandleA("ntdll.dll");
    unix_caller *dispatcher;

    unix_library = unix_library_of(module);
    if (!unix_library || !ntdll) return;
    dispatcher = (unix_caller *)(void *)GetProcAddress(ntdll, "__wine_unix_call_dispatcher");
    if (dispatcher) call_unix = *dispatcher;
    if (!call_unix) call_unix = (unix_caller)(void *)GetProcAddress(ntdll, "__wine_unix_call");
}

/** Wine's own winscard.dll, where the installer has kept it. */
static HMODULE load_own_winscard(void)
{
    WCHAR path[MAX_PATH + sizeof(BRIDGE_OWN_WINSCARD) / sizeof(WCHAR)];
    DWORD len = GetModuleFileNameW(own.module, path, MAX_PATH);

    if (len == 0 || len >= MAX_PATH) return NULL;
    while (len > 0 && path[len - 1] != '\\')
        len--;
    memcpy(path + len, BRIDGE_OWN_WINSCARD, sizeof(BRIDGE_OWN_WINSCARD));
    return LoadLibraryW(path);
}

/**
 * Its functions, if they can be called at all.
 *
 * @retval SC_E_NO_SERVICE it does not load, or has no Linux side: no libpcsclite, say.
 * @retval LITE_E_UNSUPPORTED_FEATURE it is none of Wine's, or of a version that lacks a function.
 */
static int32_t find_own_functions(void)
{
    HMODULE module = load_own_winscard();

    if (!module) return SC_E_NO_SERVICE;
    /* Ours, kept by mistake, would come back to us for ever. */
    if (GetProcAddress(module, "scmbridge_winscard_version")) return LITE_E_UNSUPPORTED_FEATURE;
    for (size_t i = 0; i < OWN_FUNCTION_COUNT; i++)
    {
        const char *name = own_exports[i].name;
        FARPROC function = GetProcAddress(module, name);

        if (!function || wine_stub_is((const uint8_t *)module, (const uint8_t *)(ULONG_PTR)function,
                                      name, "winscard.dll"))
            return LITE_E_UNSUPPORTED_FEATURE;
        memcpy((uint8_t *)&own.functions + own_exports[i].place, &function, sizeof(function));
    }
    if (!unix_library_of(module)) return SC_E_NO_SERVICE;
    own_winscard_init(&own.functions);
    return 0;
}

static void attach_own(struct unix_attach *call)
{
    system_lock_take(&own.lock);
    if (!own.was_tried) own.result = find_own_functions();
    own.was_tried = true;
    system_lock_give(&own.lock);
    unix_attach_answer(call, own.result, UNIX_WAY_OWN_WINSCARD);
}

int32_t WINAPI scmbridge_call(uint32_t function, void *arguments)
{
    if (call_unix) return call_unix(unix_library, function, arguments);
    if (function == UNIX_ATTACH)
    {
        attach_own(arguments);
        return 0;
    }
    return own.was_tried && !own.result ? own_winscard_call(function, arguments)
                                        : BRIDGE_NO_UNIX_PART;
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
        own.module = module;
        system_lock_init(&own.lock);
        find_unix_library(module);
    }
    return TRUE;
}
