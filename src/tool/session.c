/*
 * session - a card attached through ISCardManage, its files and its PINs, for one command.
 * Layer: tool (a client: CoCreateInstance and our interfaces).
 * Reference: ISCardManage, Microsoft Learn ("Connect and work")
 * SPDX-License-Identifier: MIT
 */
#include "tool/session.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "tool/output.h"
#include "tool/readers.h"
#include "tool/recording.h"
#include "tool/wide_text.h"

/* A number with more bits than these is a whole reference and says itself whose PIN it is. */
#define NUMBER_ALONE_MAX 0x1F

char *session_description(void)
{
    IErrorInfo *info = NULL;
    BSTR description = NULL;
    char *text = NULL;

    if (GetErrorInfo(0, &info) != S_OK) return NULL;
    IErrorInfo_GetDescription(info, &description);
    IErrorInfo_Release(info);
    if (SysStringLen(description) > 0) text = output_utf8(description);
    SysFreeString(description);
    return text;
}

int session_trouble_described(HRESULT hr, const char *what, const char *description)
{
    if (description)
        output_trouble("%s", description);
    else
        output_trouble("%s: 0x%08lX", what, (unsigned long)hr);
    return TOOL_REFUSED;
}

int session_trouble(HRESULT hr, const char *what)
{
    char *description = session_description();

    session_trouble_described(hr, what, description);
    free(description);
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

BSTR session_bstr(const char *text)
{
    WCHAR *wide = wide_text(text);
    BSTR made = wide ? SysAllocString(wide) : NULL;

    if (wide && !made) output_trouble("out of memory");
    free(wide);
    return made;
}

/* The reader asked for, or the first with a card; to be freed. */
static WCHAR *choose_reader(const char *wanted)
{
    struct reader *list;
    WCHAR *chosen = NULL;
    LONG error;

    if (wanted) return wide_text(wanted);
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

ISCardVerify *session_verification(struct session *session)
{
    if (session->verification) return session->verification;
    HRESULT hr = ISCardManage_CreateCHVerification(session->manage, &session->verification);
    if (SUCCEEDED(hr)) return session->verification;
    session_trouble(hr, "the PINs cannot be reached");
    return session->verification = NULL;
}

SCARD_FLAGS session_pin_scope(const struct options *options)
{
    if (options->given & OPTION_LOCAL) return SC_FL_IHV_LOCAL;
    return options->number > NUMBER_ALONE_MAX ? SC_FL_NO_FLAGS : SC_FL_IHV_GLOBAL;
}

IByteBuffer *session_pin_buffer(struct session *session, const struct pin *pin)
{
    IByteBuffer *buffer = session_buffer(pin->bytes, pin->len);

    session->is_pin_sent |= buffer != NULL;
    return buffer;
}

/* The buffer has a copy of its own: it is overwritten before its memory goes back. */
void session_pin_release(IByteBuffer *buffer, const struct pin *pin)
{
    static BYTE zeros[PIN_LEN_MAX];
    LONG written = 0;

    if (!buffer) return;
    IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL);
    IByteBuffer_Write(buffer, zeros, (LONG)pin->len, &written);
    IByteBuffer_Release(buffer);
}

static bool present(struct session *session, const struct options *options, const struct pin *pin)
{
    LONG reference = options->number;
    ISCardVerify *verification = session_verification(session);
    IByteBuffer *buffer = verification ? session_pin_buffer(session, pin) : NULL;

    if (!buffer) return false;
    HRESULT hr = ISCardVerify_Verify(verification, buffer, session_pin_scope(options), &reference);
    if (FAILED(hr)) session_trouble(hr, "the PIN was not accepted");
    session_pin_release(buffer, pin);
    return SUCCEEDED(hr);
}

bool session_present_pin(struct session *session, const struct options *options,
                         const struct pin_source *source)
{
    struct pin pin = { .len = 0 };
    bool is_right = pin_source_read(source, "PIN", &pin) && present(session, options, &pin);

    SecureZeroMemory(&pin, sizeof(pin));
    return is_right;
}

/* What --pin-from says. */
static bool present_from(struct session *session, const struct options *options)
{
    struct pin_source source;

    if (!options->pin_from) return true;
    if (!pin_source_open(&source, options->pin_from)) return false;
    bool is_right = session_present_pin(session, options, &source);
    pin_source_close(&source);
    return is_right;
}

/* A PIN that another program presented opens the card to everybody: a recording begins closed. */
static bool close_for_recording(struct session *session)
{
    if (!recording_is_on()) return true;
    if (!session_verification(session)) return false;
    HRESULT hr = ISCardVerify_ResetSecurityState(session->verification, SC_FL_NO_FLAGS);
    if (FAILED(hr))
        session_trouble(hr, "the card is not reset: what others opened will be in the recording");
    return true;
}

bool session_open(struct session *session, const struct options *options)
{
    *session = (struct session){ 0 };
    session->reader = choose_reader(options->reader);
    if (session->reader) session->manage = session_create_manage();
    if (session->manage && attach(session, (options->given & OPTION_EXCLUSIVE) != 0) &&
        close_for_recording(session) && change_dir(session, options->dir) &&
        present_from(session, options))
        return true;
    session_close(session);
    return false;
}

/* A reset ends every right; a card that was taken out, or reset by others, has none left. */
static bool close_card(struct session *session)
{
    if (!session->is_pin_sent || !session->verification) return true;
    HRESULT hr = ISCardVerify_ResetSecurityState(session->verification, SC_FL_NO_FLAGS);
    if (SUCCEEDED(hr) || hr == (HRESULT)SCARD_W_REMOVED_CARD || hr == (HRESULT)SCARD_W_RESET_CARD ||
        hr == (HRESULT)SCARD_E_NO_SMARTCARD)
        return true;
    session_trouble(hr, "the card is not reset");
    output_trouble("what the PIN opened may still be open: take the card out");
    return false;
}

bool session_close(struct session *session)
{
    bool is_closed = close_card(session);

    if (session->verification) ISCardVerify_Release(session->verification);
    if (session->files) ISCardFileAccess_Release(session->files);
    /* The last reference detaches. */
    if (session->manage) ISCardManage_Release(session->manage);
    free(session->reader);
    *session = (struct session){ 0 };
    return is_closed;
}
