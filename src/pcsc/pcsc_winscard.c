/*
 * pcsc_winscard - winscard.dll, loaded once for the port and the database.
 * Layer: pcsc (knows only base).
 * Owns: the loaded module, for the life of the process; threads: any, the table is set up once.
 *
 * Design notes. winscard.dll may be Windows', our Wine bridge (both speak Windows' dialect) or
 * Wine's own from version 9 on, which hands pcsc-lite's values through and takes a handle for a
 * pointer into its heap. The bridge is known by an export of its own, Wine by one of ntdll's.
 * What Wine has not implemented is exported as a stub that ends the process when it is called; here it
 * counts as missing.
 * The module is never freed: client programs keep handles of it, and freeing it from DllMain
 * would be forbidden anyway.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/pcsc_winscard.h"

#include "base/wine_stub.h"

static struct winscard_functions functions;
static volatile LONG functions_ready; /* 0 not loaded, 1 being loaded, 2 loaded */

static FARPROC find_function(const struct winscard_functions *table, const char *name)
{
    FARPROC function = GetProcAddress(table->module, name);
    if (!function || !table->is_wines_own) return function;
    return wine_stub_is((const uint8_t *)table->module, (const uint8_t *)(ULONG_PTR)function, name,
                        "winscard.dll")
               ? NULL
               : function;
}

static bool resolve(const struct winscard_functions *table, const char *name, void *slot)
{
    FARPROC address = find_function(table, name);
    CopyMemory(slot, &address, sizeof(address));
    return address != NULL;
}

/* The system's own, never one that lies in the folder of the client's program. */
static HMODULE load_winscard(void)
{
    static const WCHAR name[] = L"\\winscard.dll";
    WCHAR path[MAX_PATH + ARRAYSIZE(name)];
    UINT len = GetSystemDirectoryW(path, MAX_PATH);

    if (len == 0 || len >= MAX_PATH) return NULL;
    CopyMemory(path + len, name, sizeof(name));
    return LoadLibraryW(path);
}

static bool load_functions(struct winscard_functions *table)
{
    table->module = load_winscard();
    if (!table->module) return false;

    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    table->is_wine = ntdll && GetProcAddress(ntdll, "wine_get_version");
    table->is_wines_own =
        table->is_wine && !GetProcAddress(table->module, "scmbridge_winscard_version");
    table->dialect = table->is_wines_own ? PCSC_DIALECT_LITE : PCSC_DIALECT_WINDOWS;
    table->is_complete = true;
#define RESOLVE(name, slot)                                                                        \
    if (!resolve(table, #name, &table->slot)) table->is_complete = false;
    PCSC_WINSCARD_PORT(RESOLVE)
#undef RESOLVE
    return true;
}

const struct winscard_functions *pcsc_winscard(void)
{
    for (;;)
    {
        switch (InterlockedCompareExchange(&functions_ready, 1, 0))
        {
        case 2:
            return &functions;
        case 0:
            if (load_functions(&functions))
            {
                InterlockedExchange(&functions_ready, 2);
                return &functions;
            }
            InterlockedExchange(&functions_ready, 0);
            return NULL;
        default:
            Sleep(0); /* another thread is loading it, which takes milliseconds and happens once */
        }
    }
}

scm_result pcsc_winscard_find(const char *name, enum pcsc_dialect *dialect, FARPROC *function)
{
    const struct winscard_functions *table = pcsc_winscard();

    *dialect = table ? table->dialect : PCSC_DIALECT_WINDOWS;
    *function = table ? find_function(table, name) : NULL;
    if (!table) return SC_E_NO_SERVICE;
    return *function ? HR_OK : SC_E_UNSUPPORTED_FEATURE;
}
