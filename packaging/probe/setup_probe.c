/*
 * setup_probe - tries, inside a Wine prefix, what the installer wants to know: does this prefix's
 *               winscard.dll behave like Windows', and is our bridge whole, does our server activate and
 *               reach a reader?
 * Layer: none (a client program, late bound; of ours it knows the border of the Wine bridge).
 * Reference: SCardEstablishContext, SCardStatus, IDispatch::Invoke, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <initguid.h>
#include <windows.h>
#include <ole2.h>
#include <cguid.h>
#include <winscard.h>

#include "wine/bridge_module.h"
#include "wine/unix_call.h"

/* The verdicts, by exit code; packaging/lib/prefix_halves.sh knows the same numbers. */
enum verdict
{
    VERDICT_GOOD = 0,
    VERDICT_USAGE = 2,
    VERDICT_UNUSABLE = 10,     /* winscard is missing, a stub, or fails without cause */
    VERDICT_UNFAITHFUL = 11,   /* winscard works, but answers what Windows never would */
    VERDICT_UNDECIDED = 12,    /* no resource manager or no reader: nothing to judge by */
    VERDICT_NO_UNIX_PART = 13, /* our bridge is there, but not its way out of Wine */
    VERDICT_NO_PCSCLITE = 14,  /* the way is there, but no libpcsclite of this word size */
    VERDICT_PASSED_OVER = 15,  /* Wine takes its own winscard.dll all the same */
    VERDICT_INACTIVE = 20      /* the server does not activate, or does not do what it should */
};

DEFINE_GUID(IID_ISCardManage_probe, 0x5e586211, 0x5a09, 0x11d0, 0xb8, 0x4c, 0x00, 0xc0, 0x4f, 0xd4,
            0x24, 0xb9);

/* winscard.dll is loaded by hand: where it is missing, that is an answer, not a failed start. */
static struct
{
    LONG(WINAPI *establish)(DWORD, LPCVOID, LPCVOID, SCARDCONTEXT *);
    LONG(WINAPI *release)(SCARDCONTEXT);
    LONG(WINAPI *is_valid)(SCARDCONTEXT);
    LONG(WINAPI *list_readers)(SCARDCONTEXT, LPCWSTR, LPWSTR, LPDWORD);
    LONG(WINAPI *connect)(SCARDCONTEXT, LPCWSTR, DWORD, DWORD, SCARDHANDLE *, LPDWORD);
    LONG(WINAPI *status)(SCARDHANDLE, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
    LONG(WINAPI *disconnect)(SCARDHANDLE, DWORD);
} winscard;

static BOOL resolve(HMODULE module, const char *name, void *slot)
{
    FARPROC address = GetProcAddress(module, name);

    memcpy(slot, &address, sizeof(address));
    return address != NULL;
}

static BOOL load_winscard(void)
{
    HMODULE module = LoadLibraryW(L"winscard.dll");

    if (!module) return FALSE;
    return resolve(module, "SCardEstablishContext", &winscard.establish) &&
           resolve(module, "SCardReleaseContext", &winscard.release) &&
           resolve(module, "SCardIsValidContext", &winscard.is_valid) &&
           resolve(module, "SCardListReadersW", &winscard.list_readers) &&
           resolve(module, "SCardConnectW", &winscard.connect) &&
           resolve(module, "SCardStatusW", &winscard.status) &&
           resolve(module, "SCardDisconnect", &winscard.disconnect);
}

static int said(enum verdict verdict, const char *format, LONG code)
{
    printf(format, (unsigned long)code);
    putchar('\n');
    fflush(stdout);
    return verdict;
}

/* The names of all readers as a multi-string to free(), or NULL with the reason in *error. */
static WCHAR *reader_names(SCARDCONTEXT context, LONG *error)
{
    DWORD chars = 0;
    WCHAR *names;

    *error = winscard.list_readers(context, NULL, NULL, &chars);
    if (*error) return NULL;
    names = calloc(chars + 2, sizeof(*names));
    if (names) *error = winscard.list_readers(context, NULL, names, &chars);
    if (names && *error)
    {
        free(names);
        names = NULL;
    }
    return names;
}

static int judge_reader(SCARDCONTEXT context, const WCHAR *reader)
{
    const DWORD any_protocol = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    DWORD protocol = 0, state = 0, name_chars = 0, atr_len;
    BYTE atr[36];
    SCARDHANDLE card = 0;
    LONG rv = winscard.connect(context, reader, SCARD_SHARE_SHARED, any_protocol, &card, &protocol);

    /* An empty reader can be opened too, and its state tells as much. */
    if (rv) rv = winscard.connect(context, reader, SCARD_SHARE_DIRECT, 0, &card, &protocol);
    if (rv) return VERDICT_UNDECIDED;

    atr_len = sizeof(atr);
    rv = winscard.status(card, NULL, &name_chars, &state, &protocol, atr, &atr_len);
    winscard.disconnect(card, SCARD_LEAVE_CARD);
    if (rv && rv != SCARD_E_INSUFFICIENT_BUFFER)
        return said(VERDICT_UNUSABLE, "SCardStatus fails with %08lX", rv);
    if (state > SCARD_SPECIFIC)
        return said(VERDICT_UNFAITHFUL, "SCardStatus gives the state 0x%lX: no state of Windows'",
                    (LONG)state);
    return VERDICT_GOOD;
}

/* A winscard that trusts its callers' handles may not survive a wrong one: that is its verdict. */
static LONG WINAPI handle_was_trusted(EXCEPTION_POINTERS *exception)
{
    (void)exception;
    said(VERDICT_UNFAITHFUL, "SCardIsValidContext crashes on a wrong handle", 0);
    ExitProcess(VERDICT_UNFAITHFUL);
}

static int judge_handles(void)
{
    LPTOP_LEVEL_EXCEPTION_FILTER previous = SetUnhandledExceptionFilter(handle_was_trusted);
    LONG rv = winscard.is_valid((SCARDCONTEXT)0x5ca1ab1e);

    SetUnhandledExceptionFilter(previous);
    if (rv == ERROR_INVALID_HANDLE) return VERDICT_GOOD;
    return said(VERDICT_UNFAITHFUL, "SCardIsValidContext answers a wrong handle with %08lX", rv);
}

static int judge_winscard(void)
{
    int verdict = VERDICT_UNDECIDED;
    SCARDCONTEXT context = 0;
    WCHAR *readers;
    LONG rv;

    if (!load_winscard())
        return said(VERDICT_UNUSABLE, "winscard.dll does not load, or lacks functions", 0);
    rv = winscard.establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (rv == SCARD_E_NO_SERVICE || rv == SCARD_E_SERVICE_STOPPED)
    {
        /* Handles can be judged even so. */
        if (judge_handles() != VERDICT_GOOD) return VERDICT_UNFAITHFUL;
        return said(VERDICT_UNDECIDED, "no resource manager answers (%08lX)", rv);
    }
    if (rv) return said(VERDICT_UNUSABLE, "SCardEstablishContext fails with %08lX", rv);

    if (judge_handles() != VERDICT_GOOD) return VERDICT_UNFAITHFUL;

    readers = reader_names(context, &rv);
    if (!readers)
    {
        winscard.release(context);
        if (rv == (LONG)SCARD_E_NO_READERS_AVAILABLE)
            return said(VERDICT_UNDECIDED, "there is no reader to try (%08lX)", rv);
        return said(VERDICT_UNUSABLE, "SCardListReaders fails with %08lX", rv);
    }
    for (const WCHAR *name = readers; *name; name += wcslen(name) + 1)
    {
        int judged = judge_reader(context, name);

        if (judged == VERDICT_UNDECIDED) continue;
        verdict = judged;
        if (judged != VERDICT_GOOD) break;
    }
    free(readers);
    winscard.release(context);

    if (verdict == VERDICT_UNDECIDED) return said(verdict, "no reader can be opened", 0);
    return verdict;
}

/* Why Wine's own winscard.dll does not serve under our bridge. */
static int own_winscard_fails(LONG result)
{
    if (result == (LONG)SCARD_E_NO_SERVICE)
        return said(VERDICT_NO_UNIX_PART,
                    "Wine's own winscard.dll does not load beside ours, or has no Linux side "
                    "(%08lX)",
                    result);
    return said(VERDICT_NO_UNIX_PART,
                "Wine's own winscard.dll lacks functions that cannot be done without (%08lX): "
                "this Wine is too old for it",
                result);
}

/* Whether what is below lets anybody in, as far as it can be told: a service that is not there, is full
   or does not want this user proves nothing. */
static int try_establishing(scmbridge_call_function bridge_call)
{
    static const LONG of_the_service[] = { SCARD_S_SUCCESS,         SCARD_E_NO_SERVICE,
                                           SCARD_E_SERVICE_STOPPED, SCARD_W_SECURITY_VIOLATION,
                                           SCARD_F_COMM_ERROR,      SCARD_E_SERVER_TOO_BUSY };
    struct unix_establish establish = { .scope = SCARD_SCOPE_SYSTEM };
    struct unix_context release = { 0 };

    if (bridge_call(UNIX_ESTABLISH, &establish) != 0)
        return said(VERDICT_NO_UNIX_PART, "scmbridge.dll makes no calls", 0);
    release.context = establish.context;
    if (establish.result == 0) bridge_call(UNIX_RELEASE, &release);
    for (size_t i = 0; i < sizeof(of_the_service) / sizeof(of_the_service[0]); i++)
        if (establish.result == of_the_service[i]) return VERDICT_GOOD;
    return said(VERDICT_NO_UNIX_PART, "Wine's own winscard.dll reaches no card (%08lX)",
                establish.result);
}

static int load_bridge(scmbridge_call_function *bridge_call)
{
    HMODULE winscard_dll = LoadLibraryW(L"winscard.dll"), module;
    FARPROC is_ours = NULL;

    if (winscard_dll) is_ours = GetProcAddress(winscard_dll, "scmbridge_winscard_version");
    if (!is_ours)
        return said(VERDICT_PASSED_OVER,
                    "Wine takes its own winscard.dll all the same: WINEDLLOVERRIDES, or an "
                    "override for one program, forces it",
                    0);
    module = LoadLibraryW(L"scmbridge.dll");
    if (!module && GetLastError() == ERROR_BAD_EXE_FORMAT)
        return said(VERDICT_NO_UNIX_PART,
                    sizeof(void *) == 8
                        ? "this Wine loads no 64-bit Linux libraries (error %lu)"
                        : "this Wine runs 32-bit programs without 32-bit Linux libraries, it is a "
                          "\"new WoW64\" one (error %lu)",
                    ERROR_BAD_EXE_FORMAT);
    if (!module || !resolve(module, "scmbridge_call", bridge_call))
        return said(VERDICT_NO_UNIX_PART, "scmbridge.dll does not load (error %lu)",
                    (LONG)GetLastError());
    return VERDICT_GOOD;
}

/* Our bridge by itself: is it found, does it fit together, is there anything below? */
static int try_bridge(void)
{
    struct unix_attach attach = { .version = UNIX_CALL_VERSION };
    scmbridge_call_function bridge_call = NULL;
    int verdict = load_bridge(&bridge_call);
    LONG status;

    if (verdict != VERDICT_GOOD) return verdict;
    status = bridge_call(UNIX_ATTACH, &attach);
    if (status != 0)
        return said(VERDICT_NO_UNIX_PART, "scmbridge.dll has no way to cards here (%08lX)", status);
    if (attach.version != UNIX_CALL_VERSION)
        return said(VERDICT_NO_UNIX_PART,
                    "scmbridge.dll is of another version (%lu): install both again",
                    (LONG)attach.version);
    if (attach.result != 0 && attach.way == UNIX_WAY_OWN_WINSCARD)
        return own_winscard_fails(attach.result);
    if (attach.result != 0)
        return said(VERDICT_NO_PCSCLITE,
                    sizeof(void *) == 8 ? "there is no 64-bit libpcsclite.so.1 (%08lX): install it"
                                        : "there is no 32-bit libpcsclite.so.1 (%08lX): install "
                                          "libpcsclite1:i386",
                    attach.result);
    return attach.way == UNIX_WAY_OWN_WINSCARD ? try_establishing(bridge_call) : VERDICT_GOOD;
}

/* Calls a method by its name, with arguments in IDispatch's reversed order. */
static HRESULT call(IDispatch *object, const WCHAR *name, VARIANT *arguments, UINT count)
{
    DISPPARAMS parameters = { arguments, NULL, count, 0 };
    WCHAR *text = (WCHAR *)name;
    EXCEPINFO exception;
    DISPID id;
    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &text, 1, LOCALE_USER_DEFAULT, &id);

    if (FAILED(hr)) return hr;
    memset(&exception, 0, sizeof(exception));
    hr = IDispatch_Invoke(object, id, &IID_NULL, LOCALE_USER_DEFAULT, DISPATCH_METHOD, &parameters,
                          NULL, &exception, NULL);
    if (hr == DISP_E_EXCEPTION && FAILED(exception.scode)) hr = exception.scode;
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrHelpFile);
    return hr;
}

static HRESULT attach(IDispatch *manage, const WCHAR *reader)
{
    VARIANT arguments[2];
    HRESULT hr;

    VariantInit(&arguments[0]);
    VariantInit(&arguments[1]);
    V_VT(&arguments[1]) = VT_BSTR;
    V_BSTR(&arguments[1]) = SysAllocString(reader);
    V_VT(&arguments[0]) = VT_I4;
    V_I4(&arguments[0]) = SCARD_SHARE_SHARED;
    hr = call(manage, L"AttachByIFD", arguments, 2);
    VariantClear(&arguments[1]);
    return hr;
}

/* What the server says of one reader. An empty reader proves the way to it as well as a card. */
static int try_reader(IDispatch *manage, const WCHAR *reader)
{
    HRESULT hr = attach(manage, reader);

    if (hr == SCARD_E_NO_SMARTCARD || hr == SCARD_W_REMOVED_CARD)
    {
        printf("reader \"%ls\": reached, no card in it\n", reader);
        return VERDICT_GOOD;
    }
    if (hr == SCARD_W_UNRESPONSIVE_CARD || hr == SCARD_W_UNPOWERED_CARD ||
        hr == SCARD_E_SHARING_VIOLATION)
    {
        printf("reader \"%ls\": reached, its card cannot be used now (%08lX)\n", reader,
               (unsigned long)hr);
        return VERDICT_GOOD;
    }
    if (FAILED(hr))
    {
        printf("reader \"%ls\": not attached (%08lX)\n", reader, (unsigned long)hr);
        return VERDICT_INACTIVE;
    }
    hr = call(manage, L"Detach", NULL, 0);
    if (FAILED(hr))
    {
        printf("reader \"%ls\": attached, but not detached (%08lX)\n", reader, (unsigned long)hr);
        return VERDICT_INACTIVE;
    }
    printf("reader \"%ls\": attached and detached\n", reader);
    return VERDICT_GOOD;
}

static int try_readers(IDispatch *manage)
{
    int verdict = VERDICT_UNDECIDED;
    SCARDCONTEXT context = 0;
    WCHAR *readers;
    LONG rv;

    if (!load_winscard())
        return said(VERDICT_INACTIVE, "winscard.dll does not load, or lacks functions", 0);
    rv = winscard.establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context);
    if (rv == SCARD_E_NO_SERVICE || rv == SCARD_E_SERVICE_STOPPED)
        return said(VERDICT_UNDECIDED, "no resource manager answers (%08lX): is pcscd running?",
                    rv);
    if (rv) return said(VERDICT_INACTIVE, "SCardEstablishContext fails with %08lX", rv);
    readers = reader_names(context, &rv);
    if (!readers)
    {
        winscard.release(context);
        return said(rv == (LONG)SCARD_E_NO_READERS_AVAILABLE ? VERDICT_UNDECIDED : VERDICT_INACTIVE,
                    "there is no reader to try (%08lX)", rv);
    }
    for (const WCHAR *name = readers; *name; name += wcslen(name) + 1)
    {
        int tried = try_reader(manage, name);

        if (verdict == VERDICT_UNDECIDED || tried != VERDICT_GOOD) verdict = tried;
    }
    free(readers);
    winscard.release(context);
    return verdict;
}

static int try_server(void)
{
    int verdict = VERDICT_INACTIVE;
    IUnknown *manage = NULL;
    IDispatch *object = NULL;
    CLSID class_id;
    HRESULT hr = CoInitialize(NULL);

    if (SUCCEEDED(hr)) hr = CLSIDFromProgID(L"ScardManage.SCardManage", &class_id);
    if (SUCCEEDED(hr))
        hr = CoCreateInstance(&class_id, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch,
                              (void **)&object);
    if (SUCCEEDED(hr))
        hr = IDispatch_QueryInterface(object, &IID_ISCardManage_probe, (void **)&manage);
    if (FAILED(hr))
        said(verdict, "ScardManage.SCardManage does not activate (%08lX)", hr);
    else
    {
        said(verdict, "ScardManage.SCardManage activates", 0);
        verdict = try_readers(object);
    }
    if (manage) IUnknown_Release(manage);
    if (object) IDispatch_Release(object);
    CoUninitialize();
    return verdict;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "winscard") == 0) return judge_winscard();
    if (argc == 2 && strcmp(argv[1], "bridge") == 0) return try_bridge();
    if (argc == 2 && strcmp(argv[1], "server") == 0) return try_server();
    fprintf(stderr, "usage: setup_probe winscard | bridge | server\n");
    return VERDICT_USAGE;
}
