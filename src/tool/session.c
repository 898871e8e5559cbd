/*
 * session - a card attached through ISCardManage, its files and its codes, for one command.
 * Layer: tool (a client: CoCreateInstance and our interfaces).
 * Reference: ISCardManage, Microsoft Learn ("Connect and work")
 * SPDX-License-Identifier: MIT
 */
#include "tool/session.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tool/codes.h"
#include "tool/output.h"
#include "tool/readers.h"

int session_trouble(HRESULT hr, const char *what)
{
    IErrorInfo *info = NULL;
    BSTR description = NULL;

    if (GetErrorInfo(0, &info) == S_OK)
    {
        IErrorInfo_GetDescription(info, &description);
        IErrorInfo_Release(info);
    }
    if (SysStringLen(description) > 0)
    {
        char *text = output_utf8(description);
        output_trouble("%s", text);
        free(text);
    }
    else
        output_trouble("%s: 0x%08lX", what, (unsigned long)hr);
    SysFreeString(description);
    return TOOL_REFUSED;
}

ISCardManage *session_create_manage(void)
{
    ISCardManage *manage = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                                  (void **)&manage);

    if (SUCCEEDED(hr)) return manage;
    if (hr == REGDB_E_CLASSNOTREG)
        output_trouble("scardmanage is not registered for %d-bit programs (0x%08lX); "
                       "\"scmtool doctor\" tells more",
                       (int)(sizeof(void *) * CHAR_BIT), (unsigned long)hr);
    else
        session_trouble(hr, "SCardManage does not activate");
    return NULL;
}

IByteBuffer *session_buffer(const void *bytes, size_t len)
{
    IByteBuffer *buffer = NULL;
    HRESULT hr = CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                                  (void **)&buffer);

    if (FAILED(hr))
    {
        session_trouble(hr, "CByteBuffer does not activate");
        return NULL;
    }
    hr = IByteBuffer_Initialize(buffer, (LONG)len, (BYTE *)bytes);
    if (SUCCEEDED(hr)) return buffer;
    session_trouble(hr, "IByteBuffer::Initialize");
    IByteBuffer_Release(buffer);
    return NULL;
}

static WCHAR *wide_of(const char *text)
{
    int chars = MultiByteToWideChar(CP_UTF8, 0, text, -1, NULL, 0);
    WCHAR *wide = chars > 0 ? calloc((size_t)chars, sizeof(*wide)) : NULL;

    if (wide) MultiByteToWideChar(CP_UTF8, 0, text, -1, wide, chars);
    return wide;
}

BSTR session_bstr(const char *text)
{
    WCHAR *wide = wide_of(text);
    BSTR made = wide ? SysAllocString(wide) : NULL;

    free(wide);
    if (!made) output_trouble("there is no memory left");
    return made;
}

/* The reader asked for, or the first with a card; to be freed. */
static WCHAR *choose_reader(const char *wanted)
{
    struct reader *list;
    WCHAR *chosen = NULL;
    LONG error;

    if (wanted) return wide_of(wanted);
    enum readers_result result = readers_list(&list, &error);
    readers_explain(result, error);
    if (result != READERS_GOOD) return NULL;
    for (const struct reader *reader = list; reader && !chosen; reader = reader->next)
        if (reader->has_card) chosen = _wcsdup(reader->name);
    readers_free(list);
    if (!chosen) output_trouble("there is no card in any reader; \"scmtool readers\" lists them");
    return chosen;
}

static bool attach(struct session *session, bool is_exclusive)
{
    BSTR name = SysAllocString(session->reader);
    HRESULT hr = ISCardManage_AttachByIFD(session->manage, name, is_exclusive ? EXCLUSIVE : SHARED);

    SysFreeString(name);
    if (SUCCEEDED(hr)) hr = ISCardManage_CreateFileAccess(session->manage, &session->files);
    if (FAILED(hr)) session_trouble(hr, "the card cannot be attached to");
    return SUCCEEDED(hr);
}

static bool change_dir(struct session *session, const char *dir)
{
    BSTR path;

    if (!dir) return true;
    path = session_bstr(dir);
    if (!path) return false;
    HRESULT hr = ISCardFileAccess_ChangeDir(session->files, REFERENCE_ANY, path);
    SysFreeString(path);
    if (FAILED(hr)) session_trouble(hr, "the directory cannot be changed to");
    return SUCCEEDED(hr);
}

bool session_open(struct session *session, const struct options *options)
{
    *session = (struct session){ 0 };
    session->reader = choose_reader(options->reader);
    if (session->reader) session->manage = session_create_manage();
    if (session->manage && attach(session, (options->given & OPTION_EXCLUSIVE) != 0) &&
        change_dir(session, options->dir) &&
        (!options->pin_from || codes_present(session, options)))
        return true;
    session_close(session);
    return false;
}

void session_close(struct session *session)
{
    if (session->files) ISCardFileAccess_Release(session->files);
    /* The last reference detaches. */
    if (session->manage) ISCardManage_Release(session->manage);
    free(session->reader);
    *session = (struct session){ 0 };
}
