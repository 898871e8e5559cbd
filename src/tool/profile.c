/*
 * profile - the command "profile": what is known of the card in the reader, and from where.
 * Layer: tool.
 * Reference: packaging/doc/profiles.md
 * SPDX-License-Identifier: MIT
 */
#include "tool/profile.h"

#include <stdlib.h>
#include <string.h>

#include "tool/output.h"
#include "tool/session.h"

/* Far more than any text of the server has. */
#define TEXT_LEN_MAX (4 << 20)
#define PIECE_LEN    4096

/* All of a buffer, with a zero behind it. */
static HRESULT read_all(IByteBuffer *buffer, char **text)
{
    LONG len = 0, got = PIECE_LEN;
    HRESULT hr = S_OK;

    *text = NULL;
    while (SUCCEEDED(hr) && got > 0 && len < TEXT_LEN_MAX)
    {
        char *grown = realloc(*text, (size_t)len + PIECE_LEN + 1);
        if (!grown) hr = E_OUTOFMEMORY;
        if (grown) *text = grown;
        got = 0;
        if (grown) hr = IByteBuffer_Read(buffer, (BYTE *)grown + len, PIECE_LEN, &got);
        if (SUCCEEDED(hr) && got > 0) len += got;
    }
    if (SUCCEEDED(hr) && *text)
    {
        (*text)[len] = 0;
        return S_OK;
    }
    free(*text);
    *text = NULL;
    return FAILED(hr) ? hr : E_OUTOFMEMORY;
}

HRESULT profile_text(ISCardManage *manage, const WCHAR *name, char **text)
{
    IUnknown *unknown = NULL;
    IByteBuffer *buffer = NULL;
    BSTR wanted = SysAllocString(name);

    *text = NULL;
    HRESULT hr = ISCardManage_CreateInterface(manage, NULL, wanted, NULL, &unknown);
    SysFreeString(wanted);
    if (SUCCEEDED(hr)) hr = IUnknown_QueryInterface(unknown, &IID_IByteBuffer, (void **)&buffer);
    if (SUCCEEDED(hr)) hr = read_all(buffer, text);
    if (buffer) IByteBuffer_Release(buffer);
    if (unknown) IUnknown_Release(unknown);
    return hr;
}

char *profile_text_line(char **text)
{
    char *line = *text, *feed = line ? strchr(line, '\n') : NULL;

    if (!line || !*line) return NULL;
    if (feed) *feed = 0;
    *text = feed ? feed + 1 : NULL;
    return line;
}

/* The card is spoken to once, so that what it does not know of its profile is learnt. */
static void have_it_learnt(const struct session *session)
{
    BSTR mf = SysAllocString(L"3F00");

    ISCardFileAccess_ChangeDir(session->files, REFERENCE_ANY, mf);
    SysFreeString(mf);
    SetErrorInfo(0, NULL);
}

static void show_files(ISCardManage *manage)
{
    char *text, *rest, *line;

    if (FAILED(profile_text(manage, L"ProfileFiles", &text))) return;
    rest = text;
    while ((line = profile_text_line(&rest)))
        output_text("# file: %s\n", line);
    free(text);
}

int profile_command(const struct options *options)
{
    struct session session;
    char *text;
    int exit_code = TOOL_GOOD;

    if (!session_open(&session, options)) return TOOL_REFUSED;
    if (!options->dir) have_it_learnt(&session);
    HRESULT hr = profile_text(session.manage, L"Profile", &text);
    if (SUCCEEDED(hr))
    {
        output_text("%s", text);
        show_files(session.manage);
    }
    else
        exit_code = session_trouble(hr, "the server does not tell of profiles");
    free(text);
    session_close(&session);
    return exit_code;
}
