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
#include "support/check.h"

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
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
