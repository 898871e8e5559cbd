/*
 * codes - the codes of the card's holder: verified, looked at, changed, unblocked.
 * Layer: tool (a client of ISCardVerify).
 * Reference: ISCardVerify, Microsoft Learn; SetConsoleMode, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/codes.h"

#include <stdlib.h>
#include <string.h>

#include "tool/output.h"

/* Longer than any code a card takes. */
#define CODE_LEN_MAX 64
/* A number with more bits than these is a whole reference and says itself whose code it is. */
#define NUMBER_ALONE_MAX 0x1F

struct code
{
    BYTE bytes[CODE_LEN_MAX];
    size_t len;
};

/* Where codes come from. */
struct source
{
    HANDLE handle;
    bool is_file;
    bool is_console;
    DWORD console_mode;
};

static bool source_open(struct source *source, const char *from)
{
    *source = (struct source){ .is_file = strcmp(from, OPTIONS_STANDARD_STREAM) != 0 };
    if (source->is_file)
    {
        BSTR path = session_bstr(from);
        source->handle = path ? CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL,
                                            OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL, NULL)
                              : INVALID_HANDLE_VALUE;
        SysFreeString(path);
        if (source->handle != INVALID_HANDLE_VALUE) return true;
        output_trouble("%s: cannot be opened (error %lu)", from, (unsigned long)GetLastError());
        return false;
    }
    source->handle = GetStdHandle(STD_INPUT_HANDLE);
    source->is_console = GetConsoleMode(source->handle, &source->console_mode) != 0;
    if (source->is_console)
        SetConsoleMode(source->handle, source->console_mode & ~(DWORD)ENABLE_ECHO_INPUT);
    return true;
}

static void source_close(struct source *source)
{
    if (source->is_console) SetConsoleMode(source->handle, source->console_mode);
    if (source->is_file) CloseHandle(source->handle);
}

/* Byte by byte: what a larger read would leave behind somewhere could not be wiped. */
static bool read_line(const struct source *source, struct code *code, bool *is_too_long)
{
    bool has_line = false;
    DWORD got = 0;
    BYTE byte = 0;

    *is_too_long = false;
    while (ReadFile(source->handle, &byte, 1, &got, NULL) && got == 1)
    {
        has_line = true;
        if (byte == '\n') break;
        if (byte == '\r') continue;
        if (code->len < CODE_LEN_MAX)
            code->bytes[code->len++] = byte;
        else
            *is_too_long = true;
    }
    SecureZeroMemory(&byte, sizeof(byte));
    return has_line;
}

/* The next line as a code; `name` is what it is. */
static bool source_read(const struct source *source, const char *name, struct code *code)
{
    bool is_too_long;

    code->len = 0;
    if (source->is_console)
    {
        output_prompt(name);
        output_prompt(": ");
    }
    bool has_line = read_line(source, code, &is_too_long);
    if (source->is_console) output_prompt("\n");
    if (has_line && !is_too_long) return true;
    output_trouble(is_too_long ? "the %s is longer than any" : "the %s is missing: it is one line",
                   name);
    return false;
}

/* The client's own copy is wiped as well, before its memory goes back. */
static void release_code(IByteBuffer *buffer, size_t len)
{
    static BYTE zeros[CODE_LEN_MAX];
    LONG written = 0;

    if (!buffer) return;
    IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL);
    IByteBuffer_Write(buffer, zeros, (LONG)len, &written);
    IByteBuffer_Release(buffer);
}

static SCARD_FLAGS scope_of(const struct options *options)
{
    if (options->given & OPTION_LOCAL) return SC_FL_IHV_LOCAL;
    return options->number > NUMBER_ALONE_MAX ? SC_FL_NO_FLAGS : SC_FL_IHV_GLOBAL;
}

static const char *scope_name(const struct options *options)
{
    return options->given & OPTION_LOCAL ? "local code" : "code";
}

static HRESULT verify(ISCardVerify *verify_object, const struct options *options,
                      const struct code *code)
{
    LONG reference = options->number;
    IByteBuffer *buffer = session_buffer(code->bytes, code->len);

    if (!buffer) return E_OUTOFMEMORY;
    HRESULT hr = ISCardVerify_Verify(verify_object, buffer, scope_of(options), &reference);
    if (FAILED(hr)) session_trouble(hr, "the code was not accepted");
    release_code(buffer, code->len);
    return hr;
}

static HRESULT change(ISCardVerify *verify_object, const struct options *options,
                      const struct code *old_code, const struct code *new_code)
{
    unsigned how = options->given & OPTION_UNBLOCK ? SC_FL_REPLACE : SC_FL_IHV_CHANGE;
    IByteBuffer *old_buffer = session_buffer(old_code->bytes, old_code->len);
    IByteBuffer *new_buffer = session_buffer(new_code->bytes, new_code->len);
    HRESULT hr = E_OUTOFMEMORY;

    if (old_buffer && new_buffer)
    {
        hr = ISCardVerify_ChangeCode(verify_object, old_buffer, new_buffer,
                                     (SCARD_FLAGS)(how | (unsigned)scope_of(options)),
                                     options->number);
        if (FAILED(hr)) session_trouble(hr, "the code was not changed");
    }
    release_code(old_buffer, old_code->len);
    release_code(new_buffer, new_code->len);
    return hr;
}

/* Two lines: the code that gives the right, and the new one. */
static HRESULT read_and_change(ISCardVerify *verify_object, const struct options *options,
                               const struct source *source)
{
    const char *first = options->given & OPTION_UNBLOCK ? "unblocking code" : "old code";
    struct code old_code = { .len = 0 }, new_code = { .len = 0 };
    HRESULT hr = E_INVALIDARG;

    if (source_read(source, first, &old_code) && source_read(source, "new code", &new_code))
        hr = change(verify_object, options, &old_code, &new_code);
    SecureZeroMemory(&old_code, sizeof(old_code));
    SecureZeroMemory(&new_code, sizeof(new_code));
    return hr;
}

static HRESULT read_and_verify(ISCardVerify *verify_object, const struct options *options,
                               const struct source *source)
{
    struct code code = { .len = 0 };
    HRESULT hr = E_INVALIDARG;

    if (source_read(source, "code", &code)) hr = verify(verify_object, options, &code);
    SecureZeroMemory(&code, sizeof(code));
    return hr;
}

static ISCardVerify *create_verify(const struct session *session)
{
    ISCardVerify *verify_object = NULL;
    HRESULT hr = ISCardManage_CreateCHVerification(session->manage, &verify_object);

    if (FAILED(hr)) session_trouble(hr, "the codes cannot be reached");
    return SUCCEEDED(hr) ? verify_object : NULL;
}

bool codes_present(const struct session *session, const struct options *options)
{
    ISCardVerify *verify_object = create_verify(session);
    struct source source;
    HRESULT hr = E_FAIL;

    if (!verify_object) return false;
    if (source_open(&source, options->pin_from))
    {
        hr = read_and_verify(verify_object, options, &source);
        source_close(&source);
    }
    ISCardVerify_Release(verify_object);
    return SUCCEEDED(hr);
}

/* How things stand with the code; no try is spent. Not presented yet is a good answer too. */
static int check(ISCardVerify *verify_object, const struct options *options)
{
    LONG reference = options->number;
    HRESULT hr = ISCardVerify_Verify(
        verify_object, NULL, (SCARD_FLAGS)(SC_FL_IHV_CHECKONLY | (unsigned)scope_of(options)),
        &reference);
    IErrorInfo *info = NULL;
    BSTR description = NULL;

    if (hr == S_OK)
    {
        output_text("%s %d: not asked for, or presented already\n", scope_name(options),
                    options->number);
        return TOOL_GOOD;
    }
    if (hr != (HRESULT)SCARD_W_CARD_NOT_AUTHENTICATED)
        return session_trouble(hr, "the code cannot be looked at");
    if (GetErrorInfo(0, &info) == S_OK)
    {
        IErrorInfo_GetDescription(info, &description);
        IErrorInfo_Release(info);
    }
    /* The number of tries is in the description only. */
    const WCHAR *tries = description ? wcsstr(description, L"Tries left: ") : NULL;
    int left = tries ? _wtoi(tries + wcslen(L"Tries left: ")) : -1;
    SysFreeString(description);
    if (left >= 0)
        output_text("%s %d: not presented; tries left: %d\n", scope_name(options), options->number,
                    left);
    else
        output_text("%s %d: not presented; the card does not tell the tries left\n",
                    scope_name(options), options->number);
    return TOOL_GOOD;
}

static int read_and_do(ISCardVerify *verify_object, const struct options *options)
{
    unsigned deed = options->given & (OPTION_CHANGE | OPTION_UNBLOCK);
    struct source source;

    if (!source_open(&source, OPTIONS_STANDARD_STREAM)) return TOOL_REFUSED;
    HRESULT hr = deed ? read_and_change(verify_object, options, &source)
                      : read_and_verify(verify_object, options, &source);
    source_close(&source);
    if (FAILED(hr)) return TOOL_REFUSED;
    output_text("%s %d: %s\n", scope_name(options), options->number,
                deed == OPTION_CHANGE    ? "changed"
                : deed == OPTION_UNBLOCK ? "unblocked, with a new code"
                                         : "right");
    return TOOL_GOOD;
}

int codes_command(const struct options *options)
{
    struct session session;
    int code = TOOL_REFUSED;

    if (!session_open(&session, options)) return TOOL_REFUSED;
    ISCardVerify *verify_object = create_verify(&session);
    if (verify_object)
    {
        code = options->given & OPTION_CHECK ? check(verify_object, options)
                                             : read_and_do(verify_object, options);
        ISCardVerify_Release(verify_object);
    }
    session_close(&session);
    return code;
}
