/*
 * own_winscard_test - a prefix whose user keeps Wine's own winscard.dll: what that has not implemented
 *                     is an unsupported feature to us, not the end of the process.
 * Layer: tests. Needs the registered server and Wine's own winscard.dll before ours; imports nothing
 * of it itself, since a client that did could call a stub by itself.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "pcsc/pcsc_port.h"
#include "pcsc/pcsc_winscard.h"
#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/simcard_control.h"

/* ---- What the server takes for a function is one ---- */

/* Calls a function that the server asks for, with nothing that it could work with. */
typedef void harmless_call(FARPROC function);

#define AS(name, function) ((__typeof__(&(name)))(void (*)(void))(function))
#define CALL(name, ...)                                                                            \
    static void call_##name(FARPROC function)                                                      \
    {                                                                                              \
        check(AS(name, function)(__VA_ARGS__) != 0);                                               \
    }

static SCARDHANDLE no_card;
static DWORD len;
static BYTE bytes[4];
static GUID guid;

CALL(SCardEstablishContext, SCARD_SCOPE_SYSTEM, NULL, NULL, NULL)
CALL(SCardReleaseContext, 0)
CALL(SCardIsValidContext, 0)
CALL(SCardConnectW, 0, L"No reader has this name", SCARD_SHARE_SHARED, 3, &no_card, &len)
CALL(SCardReconnect, 0, SCARD_SHARE_SHARED, 3, SCARD_LEAVE_CARD, &len)
CALL(SCardDisconnect, 0, SCARD_LEAVE_CARD)
CALL(SCardBeginTransaction, 0)
CALL(SCardEndTransaction, 0, SCARD_LEAVE_CARD)
CALL(SCardStatusW, 0, NULL, NULL, &len, &len, NULL, NULL)
CALL(SCardTransmit, 0, &(SCARD_IO_REQUEST){ 1, sizeof(SCARD_IO_REQUEST) }, bytes, 4, NULL, bytes,
     &len)
CALL(SCardGetStatusChangeW, 0, 0, &(SCARD_READERSTATEW){ .szReader = L"No reader" }, 1)
CALL(SCardControl, 0, 1, NULL, 0, bytes, 4, &len)
CALL(SCardCancel, 0)
CALL(SCardListReaderGroupsW, 0, NULL, NULL)
CALL(SCardListReadersW, 0, NULL, NULL, NULL)
CALL(SCardListCardsW, 0, NULL, NULL, 0, NULL, NULL)
CALL(SCardListInterfacesW, 0, L"No card has this name", &guid, &len)
CALL(SCardGetProviderIdW, 0, L"No card has this name", &guid)

static void functions(void)
{
    static const struct
    {
        const char *name;
        harmless_call *call;
    } asked[] = {
#define ENTER_PORT(name, slot) { #name, call_##name },
#define ENTER_DATABASE(name)   { #name, call_##name },
        PCSC_WINSCARD_PORT(ENTER_PORT) PCSC_WINSCARD_DATABASE(ENTER_DATABASE)
    };
    enum pcsc_dialect dialect;
    FARPROC function;

    for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++)
    {
        check_context("%s", asked[i].name);
        scm_result result = pcsc_winscard_find(asked[i].name, &dialect, &function);
        check_int(dialect, PCSC_DIALECT_LITE);
        if (result == HR_OK)
            asked[i].call(function);
        else
            check_hr(result, SC_E_UNSUPPORTED_FEATURE);
    }
    check_context(NULL);
}

#define LOOKS       4
#define LOOKS_TOOK  100
#define LOOK_MS     1000
#define NO_SUCH     "No reader has this name"
#define READER_SIZE 256

/* What the server watches readers with does not go round without a pause where nothing happens. */
static void watching(void)
{
    const struct pcsc_port *port = pcsc_port_of_system();
    char reader[READER_SIZE];
    struct pcsc_watched watched[2] = { { .reader_name = reader },
                                       { .reader_name = PCSC_READER_NEWS } };
    pcsc_context context;
    pcsc_card card;
    enum pcsc_protocol active;

    check_context("watching");
    WideCharToMultiByte(CP_UTF8, 0, test_reader(), -1, reader, sizeof(reader), NULL, NULL);
    scm_result result = port->establish(port, &context);
    if (result != HR_OK)
    {
        check(context == 0);
        check(result == SC_E_NO_SERVICE || result == SC_E_INVALID_PARAMETER);
        return;
    }
    result = port->watch(port, context, 0, watched, 2);
    check(result == HR_OK || result == SC_E_TIMEOUT);
    check(watched[0].has_card && !watched[0].is_gone);
    DWORD began = GetTickCount();
    for (int i = 0; i < LOOKS; i++)
    {
        result = port->watch(port, context, LOOK_MS, watched, 2);
        check(result == HR_OK || result == SC_E_TIMEOUT);
    }
    check(GetTickCount() - began >= LOOKS_TOOK);
    check_hr(
        port->connect(port, context, NO_SUCH, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY, &card, &active),
        SC_E_UNKNOWN_READER);
    check_hr(port->release(port, context), HR_OK);
}

/* ---- Through the server ---- */

/* No Wine so far has a database of cards; one that comes to have it does not know this card. */
static bool is_unsupported(HRESULT hr)
{
    if (hr == (HRESULT)SCARD_E_UNSUPPORTED_FEATURE || hr == (HRESULT)SCARD_E_UNKNOWN_CARD)
        return true;
    check_hr(hr, SCARD_E_UNSUPPORTED_FEATURE);
    return false;
}

static void database(void)
{
    ISCardDatabase *database = NULL;
    BSTR card = SysAllocString(L"No card has this name");
    SAFEARRAY *names;
    GUID *provider;

    check_context("database");
    check_hr(CoCreateInstance(&CLSID_CSCardDatabase, NULL, CLSCTX_INPROC_SERVER,
                              &IID_ISCardDatabase, (void **)&database),
             S_OK);
    if (!database) return;
    for (int i = 0; i < 3; i++)
    {
        provider = (GUID *)(ULONG_PTR)0x5555;
        check(is_unsupported(ISCardDatabase_GetProviderCardId(database, card, &provider)));
        check(provider == NULL);
        names = (SAFEARRAY *)(ULONG_PTR)0x5555;
        check(is_unsupported(ISCardDatabase_ListCardInterfaces(database, card, &names)));
        check(names == NULL);
        names = (SAFEARRAY *)(ULONG_PTR)0x5555;
        HRESULT hr = ISCardDatabase_ListCards(database, NULL, NULL, 0, &names);
        check(hr == S_OK ? names != NULL : names == NULL && is_unsupported(hr));
        if (hr == S_OK) SafeArrayDestroy(names);
        /* These two there may be; whatever they say, they return. */
        names = NULL;
        hr = ISCardDatabase_ListReaders(database, 0, &names);
        check(SUCCEEDED(hr) == (names != NULL));
        if (names) SafeArrayDestroy(names);
        names = NULL;
        hr = ISCardDatabase_ListReaderGroups(database, 0, &names);
        check(SUCCEEDED(hr) == (names != NULL));
        if (names) SafeArrayDestroy(names);
    }
    check_int(ISCardDatabase_Release(database), 0);
    SysFreeString(card);
}

static void cards(void)
{
    ISCardManage *manage = NULL;
    BSTR reader = SysAllocString(L"No reader has this name");

    check_context("cards");
    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    if (!manage) return;
    for (int i = 0; i < 3; i++)
    {
        HRESULT hr = ISCardManage_AttachByIFD(manage, reader, SHARED);
        check(hr == (HRESULT)SCARD_E_NO_SERVICE || hr == (HRESULT)SCARD_E_UNKNOWN_READER);
        hr = ISCardManage_AttachByHandle(manage, (HSCARD)0xEA010001);
        check(hr == (HRESULT)SCARD_E_NO_SERVICE || hr == E_INVALIDARG);
    }
    check_hr(ISCardManage_Reconnect(manage), SCARD_E_INVALID_HANDLE);
    check_int(ISCardManage_Release(manage), 0);
    SysFreeString(reader);
}

/* A search looks at readers and waits for them. */
static void search(void)
{
    ISCardLocate *locate = NULL;
    SCARDINFO *info = (SCARDINFO *)(ULONG_PTR)0x5555;

    check_context("search");
    check_hr(CoCreateInstance(&CLSID_CSCardLocate, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardLocate,
                              (void **)&locate),
             S_OK);
    if (!locate) return;
    HRESULT hr = ISCardLocate_FindCard(locate, SHARED, (SCARD_PROTOCOLS)(T0 | T1), 2, &info);
    check(SUCCEEDED(hr) == (info != NULL));
    CoTaskMemFree(info);
    check_int(ISCardLocate_Release(locate), 0);
}

/* Where it reaches the card: from attaching to detaching. Where not, it says so. */
static void work(void)
{
    ISCardManage *manage = NULL;
    BSTR reader = SysAllocString(test_reader());

    check_context("work");
    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    if (!manage) return;
    HRESULT hr = ISCardManage_AttachByIFD(manage, reader, SHARED);
    if (hr == S_OK)
    {
        check_hr(ISCardManage_SCardLock(manage), S_OK);
        check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
        check_hr(ISCardManage_Reconnect(manage), S_OK);
        check_hr(ISCardManage_Detach(manage), S_OK);
    }
    else
    {
        check(hr == (HRESULT)SCARD_E_NO_SERVICE || hr == (HRESULT)SCARD_E_INVALID_PARAMETER ||
              hr == E_INVALIDARG);
    }
    check_int(ISCardManage_Release(manage), 0);
    SysFreeString(reader);
}

int main(void)
{
    HMODULE winscard = LoadLibraryW(L"winscard.dll");

    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!check(winscard != NULL)) return check_finish();
    if (!check(!GetProcAddress(winscard, "scmbridge_winscard_version"))) return check_finish();
    functions();
    watching();
    database();
    cards();
    search();
    work();
    CoUninitialize();
    return check_finish();
}
