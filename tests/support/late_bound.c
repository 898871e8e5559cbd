/*
 * late_bound - calls by name through IDispatch, and byte buffers for both kinds of client.
 * Layer: tests (Windows programs).
 * SPDX-License-Identifier: MIT
 */
#include "support/late_bound.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"

#define ARGUMENTS_MAX 8
#define BYTES_MAX     70000

HRESULT late_call(IDispatch *object, const WCHAR *name, WORD flags, VARIANT *arguments, UINT count,
                  VARIANT *result)
{
    VARIANT reversed[ARGUMENTS_MAX];
    DISPID put = DISPID_PROPERTYPUT, id = DISPID_UNKNOWN;
    DISPPARAMS params = { reversed, NULL, count, 0 };
    EXCEPINFO exception;
    UINT bad_argument = 0;
    LPOLESTR wanted = (LPOLESTR)name;

    memset(&exception, 0, sizeof(exception));
    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &wanted, 1, 0, &id);
    if (FAILED(hr)) return hr;
    for (UINT i = 0; i < count; i++)
        reversed[count - 1 - i] = arguments[i];
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF))
    {
        params.rgdispidNamedArgs = &put;
        params.cNamedArgs = 1;
    }
    hr = IDispatch_Invoke(object, id, &IID_NULL, 0, flags, &params, result, &exception,
                          &bad_argument);
    if (hr == DISP_E_EXCEPTION)
    {
        hr = exception.scode;
        check(exception.bstrDescription && SysStringLen(exception.bstrDescription) > 10);
        SysFreeString(exception.bstrSource);
        SysFreeString(exception.bstrDescription);
        SysFreeString(exception.bstrHelpFile);
    }
    return hr;
}

VARIANT late_number(LONG number)
{
    VARIANT value;
    V_VT(&value) = VT_I4;
    V_I4(&value) = number;
    return value;
}

VARIANT late_object(void *object)
{
    VARIANT value;
    V_VT(&value) = VT_DISPATCH;
    V_DISPATCH(&value) = object;
    return value;
}

void *create_object(const CLSID *clsid, const IID *iid)
{
    void *object = NULL;
    check_hr(CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, &object), S_OK);
    if (!object) exit(check_finish());
    return object;
}

LONG bytes_of_hex(const char *hex, BYTE *room, LONG capacity)
{
    LONG len = 0;

    while (*hex)
    {
        unsigned byte;
        LONG times = 1;
        if (*hex == ' ')
        {
            hex++;
            continue;
        }
        if (sscanf(hex, "%2x", &byte) != 1) abort();
        hex += 2;
        if (*hex == '*') times = strtol(hex + 1, (char **)&hex, 10);
        if (len + times > capacity) abort();
        memset(room + len, (int)byte, (size_t)times);
        len += times;
    }
    return len;
}

IByteBuffer *buffer_of_hex(const char *hex)
{
    static BYTE bytes[BYTES_MAX];
    IByteBuffer *buffer = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    check_hr(IByteBuffer_Initialize(buffer, bytes_of_hex(hex, bytes, BYTES_MAX), bytes), S_OK);
    return buffer;
}

void check_rest_at(const char *file, int line, IByteBuffer *buffer, const char *hex)
{
    static BYTE wanted[BYTES_MAX], bytes[BYTES_MAX + 1];
    LONG wanted_len = bytes_of_hex(hex, wanted, BYTES_MAX), len = 0, got = 0;

    if (!check_true_at(file, line, buffer != NULL, "there is a buffer") || !buffer) return;
    do
    {
        HRESULT hr = IByteBuffer_Read(buffer, bytes + len, (LONG)sizeof(bytes) - len, &got);
        if (!check_true_at(file, line, SUCCEEDED(hr), "Read")) return;
        len += got;
    } while (got > 0 && len < (LONG)sizeof(bytes));
    check_int_at(file, line, len, wanted_len, "bytes");
    if (check_true_at(file, line, len == wanted_len && memcmp(bytes, wanted, (size_t)len) == 0,
                      hex))
        return;
    printf("  is: ");
    for (LONG i = 0; i < len && i < 40; i++)
        printf("%02X", bytes[i]);
    printf("\n");
}

void check_described_at(const char *file, int line, const WCHAR *part)
{
    IErrorInfo *error = NULL;
    BSTR text = NULL;

    if (!check_hr_at(file, line, GetErrorInfo(0, &error), S_OK, "GetErrorInfo")) return;
    IErrorInfo_GetDescription(error, &text);
    if (!check_true_at(file, line, text && wcsstr(text, part), "part of the description"))
        printf("  \"%ls\" is not in \"%ls\"\n", part, text ? text : L"(none)");
    SysFreeString(text);
    IErrorInfo_Release(error);
}

void check_nothing_alive(void)
{
    HMODULE server = GetModuleHandleW(L"scardmanage.dll");
    HRESULT(STDMETHODCALLTYPE * can_unload_now)(void);

    if (!check(server != NULL)) return;
    can_unload_now =
        (HRESULT(STDMETHODCALLTYPE *)(void))(void *)GetProcAddress(server, "DllCanUnloadNow");
    check_hr(can_unload_now(), S_OK);
}
