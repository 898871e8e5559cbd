/*
 * libraries - the type libraries in our own resources, loaded once.
 * Layer: com.
 * Owns: the libraries; threads: any, without a lock: of two that load at once, the second one's goes.
 * Reference: LoadTypeLibEx, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/libraries.h"

#include <oleauto.h>

#include "com/module.h"

static void *volatile cached_libraries[COM_LIBRARY_COUNT]; /* ITypeLib */

/* Room for what stands behind the path of the DLL. */
#define SUFFIX_CHARS_MAX 4

/* What stands there to name the resource; the first one needs nothing. */
static const WCHAR *const resource_suffixes[COM_LIBRARY_COUNT] = {
    [COM_LIBRARY_SCARDMANAGE] = L"",
    [COM_LIBRARY_SCARDSSP] = L"\\2",
};

static HRESULT load_library(enum com_library which, ITypeLib **library)
{
    const WCHAR *suffix = resource_suffixes[which];
    int suffix_chars = lstrlenW(suffix);
    WCHAR path[MAX_PATH + SUFFIX_CHARS_MAX];
    DWORD len = GetModuleFileNameW(com_module(), path, MAX_PATH);

    if (len == 0 || len >= MAX_PATH) return TYPE_E_CANTLOADLIBRARY;
    lstrcpynW(path + len, suffix, suffix_chars + 1);
    return LoadTypeLibEx(path, REGKIND_NONE, library);
}

/* The library stays ours: not to be released by the caller. */
static HRESULT get_library(enum com_library which, ITypeLib **library)
{
    ITypeLib *loaded = cached_libraries[which];
    if (!loaded)
    {
        HRESULT hr = load_library(which, &loaded);
        if (FAILED(hr)) return hr;
        ITypeLib *earlier =
            InterlockedCompareExchangePointer(&cached_libraries[which], loaded, NULL);
        if (earlier)
        {
            ITypeLib_Release(loaded);
            loaded = earlier;
        }
    }
    *library = loaded;
    return S_OK;
}

void library_release_all(void)
{
    for (size_t i = 0; i < COM_LIBRARY_COUNT; i++)
    {
        ITypeLib *library = InterlockedExchangePointer(&cached_libraries[i], NULL);
        if (library) ITypeLib_Release(library);
    }
}

HRESULT library_type_info(const struct com_class *class, REFGUID guid, ITypeInfo **info)
{
    ITypeLib *library;

    if (!info) return E_POINTER;
    *info = NULL;
    HRESULT hr = get_library(class->library, &library);
    if (FAILED(hr)) return hr;
    return ITypeLib_GetTypeInfoOfGuid(library, guid, info);
}
