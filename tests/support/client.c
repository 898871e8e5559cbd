/*
 * client - see client.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/client.h"

#include "support/check.h"

#include <stdio.h>

#define SHOWN_MAX 1000

ISCardManage *client_manage_at(const char *file, int line)
{
    ISCardManage *manage = NULL;
    check_hr_at(file, line,
                CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                                 (void **)&manage),
                S_OK, "CoCreateInstance(SCardManage)");
    return manage;
}

ISCardManage *client_attached_at(const char *file, int line, BSTR reader, SCARD_SHARE_MODES mode)
{
    ISCardManage *manage = client_manage_at(file, line);
    check_hr_at(file, line, ISCardManage_AttachByIFD(manage, reader, mode), S_OK, "AttachByIFD");
    return manage;
}

IByteBuffer *buffer_of_at(const char *file, int line, const void *bytes, LONG len)
{
    IByteBuffer *buffer = NULL;
    check_hr_at(file, line,
                CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                                 (void **)&buffer),
                S_OK, "CoCreateInstance(CByteBuffer)");
    check_hr_at(file, line, IByteBuffer_Initialize(buffer, len, (BYTE *)bytes), S_OK, "Initialize");
    return buffer;
}

void check_description_at(const char *file, int line, const WCHAR *source, const IID *iid,
                          const WCHAR *const *parts)
{
    char what[SHOWN_MAX];
    IErrorInfo *error = NULL;
    BSTR text = NULL, from = NULL;
    GUID guid = { 0 };

    if (!check_hr_at(file, line, GetErrorInfo(0, &error), S_OK, "GetErrorInfo")) return;
    IErrorInfo_GetDescription(error, &text);
    IErrorInfo_GetSource(error, &from);
    IErrorInfo_GetGUID(error, &guid);
    for (; *parts; parts++)
    {
        snprintf(what, sizeof(what), "description: gave \"%ls\", expected \"%ls\" in it",
                 text ? text : L"(none)", *parts);
        check_true_at(file, line, text && wcsstr(text, *parts), what);
    }
    if (source) check_wide_at(file, line, from, source, "source of the error");
    if (iid) check_true_at(file, line, IsEqualGUID(&guid, iid), "interface of the error");
    SysFreeString(text);
    SysFreeString(from);
    IErrorInfo_Release(error);
}
