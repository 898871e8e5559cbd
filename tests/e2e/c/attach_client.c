/*
 * attach_client - a program as a customer would write it in C: finds a card with winscard, works with
 *                 it through ISCardManage, and says what it saw; as a test it holds every answer
 *                 against the reference.
 * Layer: a client (includes only what a client includes).
 * Reference: ISCardManage, Microsoft Learn ("Connect and work", "AttachByHandle")
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>
#include "scardmanage.h"

static unsigned passed, failed;

/* Counts one expectation and prints it, with what was there instead where it does not hold. */
static BOOL expect(BOOL holds, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf(holds ? "  ok      " : "  FAILED  ");
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    fflush(stdout);
    if (holds)
        passed++;
    else
        failed++;
    return holds;
}

static BOOL expect_result(HRESULT hr, HRESULT wanted, const char *what)
{
    if (hr == wanted) return expect(TRUE, "%s: %08lX", what, (unsigned long)hr);
    return expect(FALSE, "%s: %08lX instead of %08lX", what, (unsigned long)hr,
                  (unsigned long)wanted);
}

/* The description that the server left for the last failure must be there and say something. */
static void expect_description(ISCardManage *manage)
{
    ISupportErrorInfo *support = NULL;
    IErrorInfo *info = NULL;
    BSTR text = NULL;

    if (SUCCEEDED(ISCardManage_QueryInterface(manage, &IID_ISupportErrorInfo, (void **)&support)))
    {
        expect(ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_ISCardManage) == S_OK,
               "errors of ISCardManage come with a description");
        ISupportErrorInfo_Release(support);
    }
    else
        expect(FALSE, "the object has no ISupportErrorInfo");
    if (GetErrorInfo(0, &info) == S_OK)
    {
        IErrorInfo_GetDescription(info, &text);
        IErrorInfo_Release(info);
    }
    expect(SysStringLen(text) > 10, "it says: %ls", text ? text : L"(nothing)");
    SysFreeString(text);
}

static const char *state_name(SCARD_STATES state)
{
    switch (state)
    {
    case ABSENT:
        return "absent";
    case PRESENT:
        return "present";
    case SWALLOWED:
        return "swallowed";
    case POWERED:
        return "powered";
    case NEGOTIABLEMODE:
        return "negotiable mode";
    case SPECIFICMODE:
        return "specific mode";
    default:
        return "not a state";
    }
}

static const char *protocol_name(SCARD_PROTOCOLS protocol)
{
    switch (protocol)
    {
    case T0:
        return "T=0";
    case T1:
        return "T=1";
    case RAW:
        return "raw";
    default:
        return "not a protocol";
    }
}

static void expect_card_at_work(ISCardManage *manage, const char *when)
{
    SCARD_STATES state = 99;
    SCARD_PROTOCOLS protocol = 99;

    expect_result(ISCardManage_Status(manage, &state, &protocol), S_OK, when);
    expect(state == NEGOTIABLEMODE || state == SPECIFICMODE, "the card is in %s (%d)",
           state_name(state), state);
    expect(protocol == T0 || protocol == T1, "its protocol is %s (%d)", protocol_name(protocol),
           protocol);
}

/*
 * Prints all readers and the ATR of their cards, and gives the one to use: `wanted`, or the first
 * with a card. To be freed by the caller.
 */
static WCHAR *find_card(SCARDCONTEXT context, const WCHAR *wanted)
{
    DWORD chars = SCARD_AUTOALLOCATE;
    WCHAR *names = NULL, *found = NULL;
    LONG rv = SCardListReadersW(context, NULL, (LPWSTR)&names, &chars);

    if (rv)
    {
        expect_result(rv, SCARD_S_SUCCESS, "SCardListReaders");
        return NULL;
    }
    for (const WCHAR *name = names; *name; name += wcslen(name) + 1)
    {
        SCARD_READERSTATEW state = { 0 };

        state.szReader = name;
        rv = SCardGetStatusChangeW(context, 0, &state, 1);
        printf("  reader  %ls: ", name);
        if (!rv && (state.dwEventState & SCARD_STATE_PRESENT))
        {
            printf("card, ATR");
            for (DWORD i = 0; i < state.cbAtr && i < sizeof(state.rgbAtr); i++)
                printf(" %02X", state.rgbAtr[i]);
            putchar('\n');
            if (!found && (!wanted || wcscmp(name, wanted) == 0)) found = _wcsdup(name);
        }
        else
            puts("no card");
    }
    SCardFreeMemory(context, names);
    return found;
}

static void work_before_attaching(ISCardManage *manage)
{
    SCARD_STATES state = 99;
    SCARD_PROTOCOLS protocol = 99;
    BSTR nowhere = SysAllocString(L"No such reader 7");

    puts("before a card is attached");
    expect_result(ISCardManage_Status(manage, &state, &protocol), SCARD_E_INVALID_HANDLE, "Status");
    expect((int)state == 0 && (int)protocol == 0, "Status leaves no garbage behind");
    expect_result(ISCardManage_SCardLock(manage), SCARD_E_INVALID_HANDLE, "SCardLock");
    expect_result(ISCardManage_Detach(manage), SCARD_E_INVALID_HANDLE, "Detach");
    expect_result(ISCardManage_AttachByIFD(manage, NULL, SHARED), E_INVALIDARG,
                  "AttachByIFD without a name");
    expect_result(ISCardManage_AttachByIFD(manage, nowhere, 3), E_INVALIDARG,
                  "AttachByIFD with an unknown mode");
    expect_result(ISCardManage_AttachByIFD(manage, nowhere, SHARED), SCARD_E_UNKNOWN_READER,
                  "AttachByIFD, a reader that is not there");
    expect_description(manage);
    SysFreeString(nowhere);
}

static void work_with_card(ISCardManage *manage, const WCHAR *reader)
{
    BSTR name = SysAllocString(reader);

    printf("attached to \"%ls\"\n", reader);
    if (!expect_result(ISCardManage_AttachByIFD(manage, name, SHARED), S_OK, "AttachByIFD"))
    {
        expect_description(manage);
        SysFreeString(name);
        return;
    }
    SysFreeString(name);
    expect_card_at_work(manage, "Status");
    expect_result(ISCardManage_SCardLock(manage), S_OK, "SCardLock");
    expect_result(ISCardManage_SCardLock(manage), S_OK, "SCardLock, once more");
    expect_result(ISCardManage_SCardUnlock(manage, LEAVE), S_OK, "SCardUnlock");
    expect_result(ISCardManage_SCardUnlock(manage, LEAVE), S_OK, "SCardUnlock, once more");
    expect_result(ISCardManage_SCardUnlock(manage, LEAVE), SCARD_E_NOT_TRANSACTED,
                  "SCardUnlock without a lock");
    expect_result(ISCardManage_Reconnect(manage), S_OK, "Reconnect");
    expect_card_at_work(manage, "Status afterwards");
}

static void work_with_children(ISCardManage *manage)
{
    ISCardFileAccess *files = NULL;
    ISCardVerify *verify = NULL;
    ISCardAuth *auth = NULL;
    IUnknown *by_id = NULL;
    GUID id = IID_ISCardFileAccess;
    LONG data = 0;

    puts("services of the card");
    expect_result(ISCardManage_CreateFileAccess(manage, &files), S_OK, "CreateFileAccess");
    expect_result(ISCardManage_CreateCHVerification(manage, &verify), S_OK, "CreateCHVerification");
    expect_result(ISCardManage_CreateCardAuth(manage, &auth), S_OK, "CreateCardAuth");
    expect_result(ISCardManage_CreateInterface(manage, &id, NULL, &data, &by_id), S_OK,
                  "CreateInterface by id");
    expect_result(ISCardManage_CreateFileAccess(manage, NULL), E_POINTER,
                  "CreateFileAccess without a place for it");
    if (by_id)
    {
        ISCardFileAccess *again = NULL;

        expect_result(IUnknown_QueryInterface(by_id, &IID_ISCardFileAccess, (void **)&again), S_OK,
                      "which is an ISCardFileAccess");
        if (again) ISCardFileAccess_Release(again);
        IUnknown_Release(by_id);
    }
    if (files) ISCardFileAccess_Release(files);
    if (verify) ISCardVerify_Release(verify);
    if (auth) ISCardAuth_Release(auth);
}

static void work_with_own_handle(ISCardManage *manage, SCARDCONTEXT context, const WCHAR *reader)
{
    const DWORD any_protocol = SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1;
    SCARDHANDLE card = 0;
    DWORD protocol = 0, state = 0, name_chars = 0, atr_len = 36;
    BYTE atr[36];
    LONG rv = SCardConnectW(context, reader, SCARD_SHARE_SHARED, any_protocol, &card, &protocol);

    puts("attached to a handle of winscard's");
    if (!expect_result(rv, SCARD_S_SUCCESS, "SCardConnect")) return;
    expect_result(ISCardManage_AttachByHandle(manage, card), S_OK, "AttachByHandle");
    expect_card_at_work(manage, "Status");
    expect_result(ISCardManage_Detach(manage), S_OK, "Detach");
    rv = SCardStatusW(card, NULL, &name_chars, &state, &protocol, atr, &atr_len);
    expect_result(rv, SCARD_S_SUCCESS, "the handle stays ours: SCardStatus");
    expect(state <= SCARD_SPECIFIC, "SCardStatus gives a state of Windows' (%lu)",
           (unsigned long)state);
    expect_result(SCardDisconnect(card, SCARD_LEAVE_CARD), SCARD_S_SUCCESS, "SCardDisconnect");
    expect_result(ISCardManage_AttachByHandle(manage, card), E_INVALIDARG,
                  "AttachByHandle, a handle that is no more");
    expect_result(ISCardManage_AttachByHandle(manage, 0), E_INVALIDARG, "AttachByHandle(0)");
}

static void work(const WCHAR *wanted)
{
    SCARDCONTEXT context = 0;
    ISCardManage *manage = NULL;
    WCHAR *reader;
    HRESULT hr;

    puts("readers, as winscard lists them");
    if (!expect_result(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context),
                       SCARD_S_SUCCESS, "SCardEstablishContext"))
        return;
    reader = find_card(context, wanted);
    expect(reader != NULL, "there is a card to work with");

    puts("the server");
    hr = CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                          (void **)&manage);
    expect_result(hr, S_OK, "CoCreateInstance");
    if (SUCCEEDED(hr))
    {
        work_before_attaching(manage);
        if (reader)
        {
            work_with_card(manage, reader);
            work_with_children(manage);
            expect_result(ISCardManage_Detach(manage), S_OK, "Detach");
            expect_result(ISCardManage_Detach(manage), SCARD_E_INVALID_HANDLE, "Detach, once more");
            work_with_own_handle(manage, context, reader);
        }
        expect(ISCardManage_Release(manage) == 0, "the last Release ends the object");
    }
    free(reader);
    SCardReleaseContext(context);
}

int main(void)
{
    int count = 0;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count);
    HRESULT hr = CoInitialize(NULL);

    if (expect_result(hr, S_OK, "CoInitialize"))
    {
        work(arguments && count > 1 ? arguments[1] : NULL);
        CoUninitialize();
    }
    LocalFree(arguments);
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
