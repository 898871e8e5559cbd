/*
 * scard_locate_test - every method of ISCardLocate, good and bad, compiled and late bound; its
 *                     dialog cancelled, answered and ended by a card, by another thread.
 * Layer: tests. Needs the registered server, a reader with a card, and its control port. Shows its
 * windows on a desktop of its own; under Wine without a display too.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stddef.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/card_types.h"
#include "support/check.h"
#include "support/late_bound.h"
#include "support/simcard_control.h"
#include "support/text_array.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(interface, member, slot)                                                              \
    _Static_assert(offsetof(interface##Vtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ISCardLocate, ConfigureCardGuidSearch, 7);
SLOT(ISCardLocate, ConfigureCardNameSearch, 8);
SLOT(ISCardLocate, FindCard, 9);

#define SC(name)   ((HRESULT)SCARD_##name)
#define ANY        ((SCARD_PROTOCOLS)(T0 | T1))
#define MINIMAL_UI 1
#define NO_UI      2
#define FORCE_UI   4
#define TITLE      L"scardmanage searches"
#define USUAL      L"Smart card"

/* What takes no longer than that has happened; nothing waits for it to pass. */
#define PATIENCE_MS   20000
#define LOOK_AGAIN_MS 10

static HDESK desktop;
static BSTR title;

static ISCardLocate *create_locate(void)
{
    ISCardLocate *locate = NULL;
    check_hr(CoCreateInstance(&CLSID_CSCardLocate, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardLocate,
                              (void **)&locate),
             S_OK);
    return locate;
}

static HRESULT by_name(ISCardLocate *locate, const WCHAR *name, LONG flags)
{
    SAFEARRAY *names = text_array(VT_BSTR, &name, 1);
    HRESULT hr = ISCardLocate_ConfigureCardNameSearch(locate, names, NULL, title, flags);
    SafeArrayDestroy(names);
    return hr;
}

static HRESULT by_interface(ISCardLocate *locate, const WCHAR *id, LONG flags)
{
    SAFEARRAY *ids = text_array(VT_BSTR, &id, 1);
    HRESULT hr = ISCardLocate_ConfigureCardGuidSearch(locate, ids, NULL, NULL, flags);
    SafeArrayDestroy(ids);
    return hr;
}

/* What a client does with a card that was found: uses handle and context, and closes them. */
#define check_found(info) check_found_at(__LINE__, info)
static void check_found_at(int line, SCARDINFO *info)
{
    WCHAR names[256] = { 0 };
    BYTE atr[SCARD_ATR_LENGTH];
    DWORD names_chars = 256, state, protocol, atr_len = sizeof(atr);

    if (!check_true_at(__FILE__, line, info != NULL, "SCARDINFO")) return;
    check_int_at(__FILE__, line,
                 SCardStatusW(info->hCard, names, &names_chars, &state, &protocol, atr, &atr_len),
                 0, "SCardStatus");
    check_wide_at(__FILE__, line, names, test_reader(), "reader");
    check_int_at(__FILE__, line, info->ActiveProtocol, protocol, "protocol");
    check_int_at(__FILE__, line, info->hwndOwner, 0, "owner");
    check_int_at(__FILE__, line, info->lpfnConnectProc, 0, "function");
    check_int_at(__FILE__, line, SCardDisconnect(info->hCard, SCARD_LEAVE_CARD), 0, "disconnect");
    check_int_at(__FILE__, line, SCardReleaseContext(info->hContext), 0, "release");
    CoTaskMemFree(info);
}

static void without_dialog(void)
{
    ISCardLocate *locate = create_locate();
    SCARDINFO *info = NULL, *second = NULL;

    check_context("not configured: any card");
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, NO_UI, &info), S_OK);
    if (info) check_int(info->ShareMode, SHARED);
    check_found(info);
    check_context("by name");
    check_hr(by_name(locate, CARD_TYPE_HERE, NO_UI), S_OK);
    check_hr(ISCardLocate_FindCard(locate, EXCLUSIVE, ANY, 0, &info), S_OK);
    if (info) check_int(info->ShareMode, EXCLUSIVE);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &second), SC(E_SHARING_VIOLATION));
    check(second == NULL);
    check_found(info);
    check_hr(by_name(locate, L"SCARDMANAGE Test Card", NO_UI), S_OK); /* as registries compare */
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    check_hr(by_name(locate, CARD_TYPE_ELSEWHERE, MINIMAL_UI), S_OK);
    info = (SCARDINFO *)(ULONG_PTR)0x5555;
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, NO_UI, &info), SC(E_NO_SMARTCARD));
    check(info == NULL);
    check_context("by interface");
    check_hr(by_interface(locate, CARD_TYPE_SIGNS_TEXT, NO_UI), S_OK);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    check_hr(by_interface(locate, CARD_TYPE_NOBODY_TEXT, NO_UI), S_OK);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), SC(E_NO_SMARTCARD));
    check_context("no card");
    check_hr(by_name(locate, CARD_TYPE_HERE, NO_UI), S_OK);
    check(simcard_remove());
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), SC(E_NO_SMARTCARD));
    check(simcard_insert());
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    check_int(ISCardLocate_Release(locate), 0);
}

static void groups(void)
{
    static const WCHAR *const name[] = { CARD_TYPE_HERE };
    static const WCHAR *const usual[] = { L"SCard$DefaultReaders", L"SCard$AllReaders" };
    static const WCHAR *const none[] = { L"a group without readers" };
    ISCardLocate *locate = create_locate();
    SAFEARRAY *names = text_array(VT_BSTR, name, 1), *chosen = text_array(VT_BSTR, usual, 2);
    SCARDINFO *info = NULL;

    check_context("groups");
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, names, chosen, NULL, NO_UI), S_OK);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    SafeArrayDestroy(chosen);
    chosen = text_array(VT_BSTR, none, 1);
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, names, chosen, NULL, NO_UI), S_OK);
    check(FAILED(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info)));
    check(info == NULL);
    SafeArrayDestroy(chosen);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}

static void bad_arguments(void)
{
    static const WCHAR *const empty_text[] = { L"" };
    ISCardLocate *locate = create_locate();
    SAFEARRAY *bytes = SafeArrayCreateVector(VT_UI1, 0, 2);
    SAFEARRAY *empty = text_array(VT_BSTR, empty_text, 1), *none = text_array(VT_BSTR, NULL, 0);
    SCARDINFO *info = (SCARDINFO *)(ULONG_PTR)0x5555;

    check_context("bad arguments");
    check_hr(by_name(locate, CARD_TYPE_HERE, NO_UI), S_OK);
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, NULL, NULL, NULL, NO_UI), E_POINTER);
    check_hr(ISCardLocate_ConfigureCardGuidSearch(locate, NULL, NULL, NULL, NO_UI), E_POINTER);
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, bytes, NULL, NULL, NO_UI), E_INVALIDARG);
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, empty, NULL, NULL, NO_UI), E_INVALIDARG);
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, none, bytes, NULL, NO_UI), E_INVALIDARG);
    check_hr(ISCardLocate_ConfigureCardGuidSearch(locate, bytes, NULL, NULL, NO_UI), E_INVALIDARG);
    check_hr(by_interface(locate, L"ScardManage.CSCard", NO_UI), E_INVALIDARG);
    check_hr(by_interface(locate, L"{no id}", NO_UI), E_INVALIDARG);
    check_hr(by_name(locate, CARD_TYPE_ELSEWHERE, 0), E_INVALIDARG);
    check_hr(by_name(locate, CARD_TYPE_ELSEWHERE, 3), E_INVALIDARG);
    check_hr(by_name(locate, CARD_TYPE_ELSEWHERE, -1), E_INVALIDARG);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, NO_UI, NULL), E_POINTER);
    check_hr(ISCardLocate_FindCard(locate, (SCARD_SHARE_MODES)3, ANY, NO_UI, &info), E_INVALIDARG);
    check(info == NULL);
    check_hr(ISCardLocate_FindCard(locate, SHARED, (SCARD_PROTOCOLS)0, NO_UI, &info), E_INVALIDARG);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 8, &info), E_INVALIDARG);
    /* None of it replaced what was configured. */
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    /* No names at all: any card. */
    check_hr(ISCardLocate_ConfigureCardNameSearch(locate, none, NULL, NULL, NO_UI), S_OK);
    check_hr(ISCardLocate_FindCard(locate, SHARED, ANY, 0, &info), S_OK);
    check_found(info);
    SafeArrayDestroy(bytes);
    SafeArrayDestroy(empty);
    SafeArrayDestroy(none);
    ISCardLocate_Release(locate);
}

/* ---- The dialog. One thread searches; this one plays the user. ---- */

struct search
{
    ISCardLocate *locate;
    LONG flags;
    HRESULT hr;
    SCARDINFO *info;
    HANDLE thread;
};

static DWORD WINAPI find_card(void *argument)
{
    struct search *search = argument;

    check(SetThreadDesktop(desktop));
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    search->hr = ISCardLocate_FindCard(search->locate, SHARED, ANY, search->flags, &search->info);
    CoUninitialize();
    return 0;
}

static void begin_search(struct search *search, ISCardLocate *locate, LONG flags)
{
    *search = (struct search){ .locate = locate, .flags = flags, .hr = E_FAIL };
    search->thread = CreateThread(NULL, 0, find_card, search, 0, NULL);
}

/* The dialog of this title, or NULL where the search ends without one. */
static HWND wait_for_dialog(struct search *search, const WCHAR *caption)
{
    for (int i = 0; i < PATIENCE_MS / LOOK_AGAIN_MS; i++)
    {
        HWND window = FindWindowW(L"#32770", caption);
        if (window && IsWindowVisible(window)) return window;
        if (WaitForSingleObject(search->thread, LOOK_AGAIN_MS) == WAIT_OBJECT_0) return NULL;
    }
    return NULL;
}

static HRESULT end_search(struct search *search)
{
    check_int(WaitForSingleObject(search->thread, PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(search->thread);
    return search->hr;
}

static HWND list_of(HWND window)
{
    return GetDlgItem(window, 101);
}

/* Waits until the line of our reader has `part` in it. */
static bool wait_for_line(HWND window, const WCHAR *part)
{
    WCHAR line[1100];

    for (int i = 0; i < PATIENCE_MS / LOOK_AGAIN_MS; i++)
    {
        LRESULT count = SendMessageW(list_of(window), LB_GETCOUNT, 0, 0);
        for (LRESULT at = 0; at < count; at++)
        {
            if (SendMessageW(list_of(window), LB_GETTEXTLEN, (WPARAM)at, 0) >= 1100) continue;
            SendMessageW(list_of(window), LB_GETTEXT, (WPARAM)at, (LPARAM)line);
            if (wcsstr(line, test_reader()) && wcsstr(line, part)) return true;
        }
        Sleep(LOOK_AGAIN_MS);
    }
    return false;
}

static void cancelled(void)
{
    ISCardLocate *locate = create_locate();
    struct search search;
    HWND window;

    check_context("cancelled");
    check_hr(by_name(locate, CARD_TYPE_ELSEWHERE, MINIMAL_UI), S_OK);
    for (int i = 0; i < 5; i++)
    {
        begin_search(&search, locate, 0);
        window = wait_for_dialog(&search, TITLE);
        if (check(window != NULL))
        {
            check(wait_for_line(window, L"another card"));
            check(wait_for_line(window, CARD_TYPE_HERE));
            check(!IsWindowEnabled(GetDlgItem(window, IDOK)));
            PostMessageW(window, WM_COMMAND, IDOK, 0); /* nothing to choose: it stays */
            PostMessageW(GetDlgItem(window, IDCANCEL), BM_CLICK, 0, 0);
        }
        check_hr(end_search(&search), SC(W_CANCELLED_BY_USER));
        check(search.info == NULL);
        check(!IsWindow(window));
    }
    check_context("closed");
    begin_search(&search, locate, FORCE_UI);
    window = wait_for_dialog(&search, TITLE);
    if (check(window != NULL)) PostMessageW(window, WM_CLOSE, 0, 0);
    check_hr(end_search(&search), SC(W_CANCELLED_BY_USER));
    ISCardLocate_Release(locate);
}

static void a_card_is_inserted(void)
{
    ISCardLocate *locate = create_locate();
    struct search search;
    HWND window;
    FILETIME created, ended, kernel_before, user_before, kernel, user;

    check_context("inserted");
    check(simcard_remove());
    check_hr(by_interface(locate, CARD_TYPE_SIGNS_TEXT, MINIMAL_UI), S_OK);
    begin_search(&search, locate, 0);
    window = wait_for_dialog(&search, USUAL);
    if (check(window != NULL))
    {
        check(wait_for_line(window, L"no card"));
        /* Waiting costs nothing: less than a twentieth of the time goes by on a processor. */
        GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel_before, &user_before);
        check_int(WaitForSingleObject(search.thread, 1000), WAIT_TIMEOUT);
        GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
        check((kernel.dwLowDateTime - kernel_before.dwLowDateTime) +
                  (user.dwLowDateTime - user_before.dwLowDateTime) <
              500000);
        check(simcard_order("insert"));
    }
    check_hr(end_search(&search), S_OK);
    check_found(search.info);
    check(simcard_wait(true));

    check_context("there already");
    begin_search(&search, locate, MINIMAL_UI);
    check(wait_for_dialog(&search, USUAL) == NULL);
    check_hr(end_search(&search), S_OK);
    check_found(search.info);
    ISCardLocate_Release(locate);
}

static void chosen(void)
{
    ISCardLocate *locate = create_locate();
    struct search search;
    HWND window;

    check_context("chosen");
    check_hr(by_name(locate, CARD_TYPE_HERE, FORCE_UI), S_OK);
    begin_search(&search, locate, 0);
    window = wait_for_dialog(&search, TITLE);
    if (check(window != NULL))
    {
        check(wait_for_line(window, L"can be used"));
        check(IsWindowEnabled(GetDlgItem(window, IDOK)));
        /* Pulled and put in again, while somebody looks. */
        check(simcard_order("remove"));
        check(wait_for_line(window, L"no card"));
        check(!IsWindowEnabled(GetDlgItem(window, IDOK)));
        check(simcard_order("insert"));
        check(wait_for_line(window, L"can be used"));
        PostMessageW(GetDlgItem(window, IDOK), BM_CLICK, 0, 0);
    }
    check_hr(end_search(&search), S_OK);
    check_found(search.info);
    check(simcard_wait(true));

    check_context("held by another program");
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD active;
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(SCardConnectW(context, test_reader(), SCARD_SHARE_EXCLUSIVE, SCARD_PROTOCOL_Tx,
                            &handle, &active),
              0);
    begin_search(&search, locate, MINIMAL_UI);
    window = wait_for_dialog(&search, TITLE);
    if (check(window != NULL))
    {
        check(wait_for_line(window, L"in use by another program"));
        check_int(SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    }
    check_hr(end_search(&search), S_OK); /* it was let go */
    check_found(search.info);
    check_int(SCardReleaseContext(context), 0);
    ISCardLocate_Release(locate);
}

static void late_bound(void)
{
    static const WCHAR *const name[] = { CARD_TYPE_HERE };
    ISCardLocate *locate = create_locate();
    IDispatch *object = (IDispatch *)locate;
    SAFEARRAY *names = text_array(VT_VARIANT, name, 1);
    VARIANT arguments[4], result;
    ISCard *card = NULL;

    check_context("late bound");
    VariantInit(&result);
    arguments[0] = late_array(names);
    VariantInit(&arguments[1]);
    V_VT(&arguments[1]) = VT_NULL;
    arguments[2] = late_text(title);
    arguments[3] = late_number(NO_UI);
    check_hr(late_call(object, L"ConfigureCardNameSearch", DISPATCH_METHOD, arguments, 4, NULL),
             S_OK);
    /* The groups may be left out, as with the original's type library; the rest has defaults. */
    arguments[1] = late_number(0);
    V_VT(&arguments[1]) = VT_ERROR;
    V_ERROR(&arguments[1]) = DISP_E_PARAMNOTFOUND;
    check_hr(late_call(object, L"ConfigureCardNameSearch", DISPATCH_METHOD, arguments, 4, NULL),
             S_OK);
    check_hr(late_call(object, L"ConfigureCardGuidSearch", DISPATCH_METHOD, arguments, 1, NULL),
             E_INVALIDARG); /* reached: a name is no GUID */
    check_hr(late_call(object, L"ConfigureCardNameSearch", DISPATCH_METHOD, arguments, 0, NULL),
             DISP_E_BADPARAMCOUNT);
    check_hr(late_call(object, L"ConfigureCardNameSearch", DISPATCH_METHOD, arguments, 1, NULL),
             S_OK);
    arguments[0] = late_number(SHARED);
    arguments[1] = late_number(T0 | T1);
    arguments[2] = late_number(0);
    check_hr(late_call(object, L"FindCard", DISPATCH_METHOD, arguments, 3, &result), S_OK);
    /* A script gets the handle, and can work with it. */
    check_hr(
        CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card),
        S_OK);
    check_hr(late_call((IDispatch *)card, L"AttachByHandle", DISPATCH_METHOD, &result, 1, NULL),
             S_OK);
    HSCARD handle = 0;
    check_hr(ISCard_get_CardHandle(card, &handle), S_OK);
    check(handle != 0);
    ISCard_Release(card);
    check_int(SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    arguments[2] = late_number(99);
    VariantClear(&result);
    check_hr(late_call(object, L"FindCard", DISPATCH_METHOD, arguments, 3, &result), E_INVALIDARG);
    SafeArrayDestroy(names);
    ISCardLocate_Release(locate);
}

/* Wine has no windows without a display, unless it is told to draw none; a desktop asks for itself. */
static bool make_desktop(void)
{
    static const WCHAR key_path[] = L"Software\\Wine\\Drivers";
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    WCHAR earlier[64];
    DWORD size = sizeof(earlier);
    bool had_earlier = false;
    HKEY key = NULL;

    if (ntdll && GetProcAddress(ntdll, "wine_get_version") &&
        RegCreateKeyW(HKEY_CURRENT_USER, key_path, &key) == 0)
    {
        had_earlier = RegQueryValueExW(key, L"Graphics", NULL, NULL, (BYTE *)earlier, &size) == 0;
        RegSetValueExW(key, L"Graphics", 0, REG_SZ, (const BYTE *)L"null", 5 * sizeof(WCHAR));
    }
    desktop = CreateDesktopW(L"scardmanage test", NULL, NULL, 0, GENERIC_ALL, NULL);
    bool done =
        desktop && SetThreadDesktop(desktop) && GetDesktopWindow() && FindWindowW(NULL, NULL);
    if (key)
    {
        if (had_earlier)
            RegSetValueExW(key, L"Graphics", 0, REG_SZ, (const BYTE *)earlier, size);
        else
            RegDeleteValueW(key, L"Graphics");
        RegCloseKey(key);
    }
    return done;
}

int main(void)
{
    BYTE atr[SCARD_ATR_LENGTH];
    DWORD atr_len;

    if (!check(make_desktop())) printf("  no desktop: %lu\n", GetLastError());
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    if (!check(simcard_wait(true)) || !check(card_types_introduce(atr, &atr_len)))
        return check_finish();
    title = SysAllocString(TITLE);
    without_dialog();
    groups();
    bad_arguments();
    cancelled();
    a_card_is_inserted();
    chosen();
    late_bound();
    SysFreeString(title);
    card_types_forget();
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
