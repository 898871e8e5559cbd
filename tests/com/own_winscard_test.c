/*
 * own_winscard_test - a prefix whose user keeps Wine's own winscard.dll: what that has not implemented
 *                     is an unsupported feature to us, not the end of the process.
 * Layer: tests. Needs the registered server and Wine's own winscard.dll before ours; imports nothing
 * of it itself, since a client that did could call a stub by itself.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"

/* No Wine so far has a database of cards; one that comes to have it does not know this card. */
static bool is_unsupported(HRESULT hr)
{
    if (hr == (HRESULT)SCARD_E_UNSUPPORTED_FEATURE || hr == (HRESULT)SCARD_E_UNKNOWN_CARD)
        return true;
    check_hr(hr, SCARD_E_UNSUPPORTED_FEATURE);
    return false;
}

static void database(void)
{
    ISCardDatabase *database = NULL;
    BSTR card = SysAllocString(L"No card has this name");
    SAFEARRAY *names;
    GUID *provider;

    check_context("database");
    check_hr(CoCreateInstance(&CLSID_CSCardDatabase, NULL, CLSCTX_INPROC_SERVER,
                              &IID_ISCardDatabase, (void **)&database),
             S_OK);
    if (!database) return;
    for (int i = 0; i < 3; i++)
    {
        provider = (GUID *)(ULONG_PTR)0x5555;
        check(is_unsupported(ISCardDatabase_GetProviderCardId(database, card, &provider)));
        check(provider == NULL);
        names = (SAFEARRAY *)(ULONG_PTR)0x5555;
        check(is_unsupported(ISCardDatabase_ListCardInterfaces(database, card, &names)));
        check(names == NULL);
        names = (SAFEARRAY *)(ULONG_PTR)0x5555;
        HRESULT hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
        check(hr == S_OK ? names != NULL : names == NULL && is_unsupported(hr));
        if (hr == S_OK) SafeArrayDestroy(names);
        /* These two there may be; whatever they say, they return. */
        names = NULL;
        hr = ISCardDatabase_ListReaders(database, 0, &names);
        check(SUCCEEDED(hr) == (names != NULL));
        if (names) SafeArrayDestroy(names);
        names = NULL;
        hr = ISCardDatabase_ListReaderGroups(database, 0, &names);
        check(SUCCEEDED(hr) == (names != NULL));
        if (names) SafeArrayDestroy(names);
    }
    check_int(ISCardDatabase_Release(database), 0);
    SysFreeString(card);
}

static void cards(void)
{
    ISCardManage *manage = NULL;
    BSTR reader = SysAllocString(L"No reader has this name");

    check_context("cards");
    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    if (!manage) return;
    for (int i = 0; i < 3; i++)
    {
        HRESULT hr = ISCardManage_AttachByIFD(manage, reader, SHARED);
        check(hr == (HRESULT)SCARD_E_NO_SERVICE || hr == (HRESULT)SCARD_E_UNKNOWN_READER);
        hr = ISCardManage_AttachByHandle(manage, (HSCARD)0xEA010001);
        check(hr == (HRESULT)SCARD_E_NO_SERVICE || hr == E_INVALIDARG);
    }
    check_hr(ISCardManage_Reconnect(manage), SCARD_E_INVALID_HANDLE);
    check_int(ISCardManage_Release(manage), 0);
    SysFreeString(reader);
}

int main(void)
{
    HMODULE winscard = LoadLibraryW(L"winscard.dll");

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!check(winscard != NULL)) return check_finish();
    if (!check(!GetProcAddress(winscard, "scmbridge_winscard_version"))) return check_finish();
    database();
    cards();
    CoUninitialize();
    return check_finish();
}
