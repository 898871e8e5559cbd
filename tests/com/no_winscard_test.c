/*
 * no_winscard_test - a system where winscard.dll cannot be loaded: objects are created and describe
 *                    themselves, what needs the resource manager says SCARD_E_NO_SERVICE.
 * Layer: tests. Needs the registered server and the environment to keep winscard.dll away; imports
 * nothing of it itself.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"

/* ISCard is nothing without the resource manager; the others say so when they need it. */
static void base_services(void)
{
    ISCard *card = (ISCard *)(ULONG_PTR)0x5555;
    ISCardDatabase *database = NULL;
    ISCardLocate *locate = NULL;
    SAFEARRAY *names = NULL;
    SCARDINFO *info = NULL;

    check_hr(
        CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card),
        SCARD_E_NO_SERVICE);
    check(card == NULL);
    check_hr(CoCreateInstance(&CLSID_CSCardDatabase, NULL, CLSCTX_INPROC_SERVER,
                              &IID_ISCardDatabase, (void **)&database),
             S_OK);
    check_hr(ISCardDatabase_ListReaders(database, 0, &names), SCARD_E_NO_SERVICE);
    check_hr(ISCardDatabase_ListReaderGroups(database, 0, &names), SCARD_E_NO_SERVICE);
    check_hr(ISCardDatabase_ListCards(database, NULL, NULL, 0, &names), SCARD_E_NO_SERVICE);
    check_int(ISCardDatabase_Release(database), 0);
    check_hr(CoCreateInstance(&CLSID_CSCardLocate, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardLocate,
                              (void **)&locate),
             S_OK);
    check_hr(ISCardLocate_FindCard(locate, SHARED, T1, 4, &info), SCARD_E_NO_SERVICE);
    check(info == NULL && names == NULL);
    check_int(ISCardLocate_Release(locate), 0);
}

int main(void)
{
    ISCardManage *manage = NULL;
    ISCardAuth *auth = NULL;
    SCARD_STATES state = 5;
    SCARD_PROTOCOLS protocol = 5;
    IErrorInfo *error = NULL;
    BSTR reader = SysAllocString(L"Any reader"), text = NULL;

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!check(LoadLibraryW(L"winscard.dll") == NULL)) return check_finish();
    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    if (!manage) return check_finish();
    for (int i = 0; i < 3; i++)
    {
        check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), SCARD_E_NO_SERVICE);
        check_hr(ISCardManage_AttachByHandle(manage, 0xEA010001), SCARD_E_NO_SERVICE);
    }
    check_hr(GetErrorInfo(0, &error), S_OK);
    if (error) IErrorInfo_GetDescription(error, &text);
    check(text && wcsstr(text, L"SCARD_E_NO_SERVICE") && wcsstr(text, L"pcscd"));
    SysFreeString(text);
    if (error) IErrorInfo_Release(error);
    check_hr(ISCardManage_AttachByIFD(manage, NULL, SHARED), E_INVALIDARG);
    check_hr(ISCardManage_Status(manage, &state, &protocol), SCARD_E_INVALID_HANDLE);
    check_hr(ISCardManage_CreateCardAuth(manage, &auth), S_OK);
    if (auth) ISCardAuth_Release(auth);
    check_int(ISCardManage_Release(manage), 0);
    base_services();
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
