/*
 * decoy_winscard_test - the server takes the system's winscard.dll, not the one beside the client.
 * Layer: tests. Needs the registered server, a card in SCM_READER, and decoy_winscard.c as
 * winscard.dll in its own folder; imports nothing of any winscard.dll itself.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"
#include "support/check.h"

static bool decoy_is_loaded(void)
{
    return GetEnvironmentVariableW(L"SCM_DECOY_LOADED", NULL, 0) != 0;
}

int main(void)
{
    WCHAR name[128] = L"", path[MAX_PATH] = L"", wanted[MAX_PATH] = L"";
    ISCardManage *manage = NULL;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    GetEnvironmentVariableW(L"SCM_READER", name, ARRAYSIZE(name));
    BSTR reader = SysAllocString(name);
    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    if (!manage) return check_finish();
    check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK);
    check(!decoy_is_loaded());
    HMODULE loaded = GetModuleHandleW(L"winscard.dll");
    check(loaded != NULL);
    GetModuleFileNameW(loaded, path, ARRAYSIZE(path));
    GetSystemDirectoryW(wanted, ARRAYSIZE(wanted));
    check_int(lstrcmpiW(path, lstrcatW(wanted, L"\\winscard.dll")), 0);
    check_hr(ISCardManage_Detach(manage), S_OK);
    check_int(ISCardManage_Release(manage), 0);

    /* The decoy is where a name alone finds it: otherwise this test could not fail. */
    check(GetModuleFileNameW(NULL, path, ARRAYSIZE(path)) > 0);
    lstrcpyW(wcsrchr(path, L'\\'), L"\\winscard.dll");
    check(LoadLibraryW(path) != NULL);
    check(decoy_is_loaded());
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
