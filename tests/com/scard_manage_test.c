/*
 * scard_manage_test - every method of ISCardManage, good and bad, on a card in a reader, through
 *                     real COM activation.
 * Layer: tests. Needs the registered server, a reader with a card, and the card's control port.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stddef.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(interface, member, slot)                                                              \
    _Static_assert(offsetof(interface##Vtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ISCardManage, AttachByHandle, 7);
SLOT(ISCardManage, AttachByIFD, 8);
SLOT(ISCardManage, CreateFileAccess, 9);
SLOT(ISCardManage, CreateCardAuth, 10);
SLOT(ISCardManage, CreateCHVerification, 11);
SLOT(ISCardManage, Detach, 12);
SLOT(ISCardManage, SCardLock, 13);
SLOT(ISCardManage, Reconnect, 14);
SLOT(ISCardManage, Status, 15);
SLOT(ISCardManage, SCardUnlock, 16);
SLOT(ISCardManage, CreateInterface, 17);

#define SC(name) ((HRESULT)SCARD_##name)

static BSTR reader;

#define check_status(manage, hr, state, protocol)                                                  \
    check_status_at(__FILE__, __LINE__, manage, hr, state, protocol)
static void check_status_at(const char *file, int line, ISCardManage *manage, HRESULT hr, int state,
                            int protocol)
{
    SCARD_STATES got_state = 0x55555555;
    SCARD_PROTOCOLS got_protocol = 0x55555555;
    check_hr_at(file, line, ISCardManage_Status(manage, &got_state, &got_protocol), hr, "Status");
    check_int_at(file, line, got_state, state, "state");
    check_int_at(file, line, got_protocol, protocol, "protocol");
}

/* Every failure here is of one interface. */
#undef check_description
#define check_description(...)                                                                     \
    check_description_of(L"ScardManage.SCardManage.1", &IID_ISCardManage, __VA_ARGS__)

static void before_attach(void)
{
    ISCardManage *manage = client_manage();
    check_context("before attach");
    check_status(manage, SC(E_INVALID_HANDLE), 0, 0);
    check_description(L"ISCardManage::Status", L"SCARD_E_INVALID_HANDLE", L"AttachByIFD");
    check_hr(ISCardManage_Detach(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_Reconnect(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_SCardLock(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), SC(E_INVALID_HANDLE));
    ISCardManage_Release(manage);
}

static void attach_by_name(void)
{
    ISCardManage *manage = client_manage(), *other = client_manage();

    check_context("attach by name");
    check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK);
    check_status(manage, S_OK, SPECIFICMODE, T1);
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), S_OK);
    check_hr(ISCardManage_AttachByIFD(other, reader, EXCLUSIVE), SC(E_SHARING_VIOLATION));
    check_description(L"AttachByIFD", L"SCARD_E_SHARING_VIOLATION", L"Another program", reader);
    check_status(other, SC(E_INVALID_HANDLE), 0, 0); /* the earlier attachment was ended first */
    check_hr(ISCardManage_AttachByIFD(manage, reader, EXCLUSIVE), S_OK);
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), SC(E_SHARING_VIOLATION));
    check_hr(ISCardManage_Detach(manage), S_OK);
    check_hr(ISCardManage_Detach(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_AttachByIFD(other, reader, EXCLUSIVE), S_OK);
    /* The last reference detaches. */
    check_int(ISCardManage_Release(other), 0);
    check_hr(ISCardManage_AttachByIFD(manage, reader, EXCLUSIVE), S_OK);
    ISCardManage_Release(manage);
}

static void bad_names_and_modes(void)
{
    ISCardManage *manage = client_attached(reader, SHARED);
    BSTR empty = SysAllocString(L""), unknown = SysAllocString(L"No such reader");
    BSTR umlaut = SysAllocString(L"Leser \x00e4\x20ac \xd83d\xde00 \xd800"), huge, nul, padded;
    WCHAR buffer[300];

    check_context("bad names");
    huge = SysAllocStringLen(NULL, 65536);
    for (int i = 0; i < 65536; i++)
        huge[i] = L'R';
    nul = SysAllocStringLen(L"\0abc", 4);
    ZeroMemory(buffer, sizeof(buffer));
    lstrcpyW(buffer, reader);
    padded = SysAllocStringLen(buffer, 300);

    check_hr(ISCardManage_AttachByIFD(manage, NULL, SHARED), E_INVALIDARG);
    check_description(L"ISCardManage::AttachByIFD", L"E_INVALIDARG", L"SCardListReaders");
    check_hr(ISCardManage_AttachByIFD(manage, empty, SHARED), E_INVALIDARG);
    check_hr(ISCardManage_AttachByIFD(manage, nul, SHARED), E_INVALIDARG);
    static const int modes[] = { 0, 3, 4, -1, 0x7fffffff, (int)0x80000000 };
    for (size_t i = 0; i < ARRAYSIZE(modes); i++)
        check_hr(ISCardManage_AttachByIFD(manage, reader, (SCARD_SHARE_MODES)modes[i]),
                 E_INVALIDARG);
    /* Arguments that cannot be meant leave the attachment alone. */
    check_status(manage, S_OK, SPECIFICMODE, T1);

    check_hr(ISCardManage_AttachByIFD(manage, unknown, SHARED), SC(E_UNKNOWN_READER));
    check_description(L"No such reader", L"SCARD_E_UNKNOWN_READER", L"0x80100009", L"plugged in");
    check_status(manage, SC(E_INVALID_HANDLE), 0, 0);
    check_hr(ISCardManage_AttachByIFD(manage, huge, SHARED), SC(E_UNKNOWN_READER));
    check_description(L"RRRR...\"", L"SCARD_E_UNKNOWN_READER");
    check_hr(ISCardManage_AttachByIFD(manage, umlaut, SHARED), SC(E_UNKNOWN_READER));
    /* Visual Basic's fixed-length strings are padded with NULs. */
    check_hr(ISCardManage_AttachByIFD(manage, padded, SHARED), S_OK);
    ISCardManage_Release(manage);
    SysFreeString(empty);
    SysFreeString(unknown);
    SysFreeString(umlaut);
    SysFreeString(huge);
    SysFreeString(nul);
    SysFreeString(padded);
}

static void attach_by_handle(void)
{
    ISCardManage *manage = client_manage();
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0;

    check_context("attach by handle");
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &card, &protocol), 0);
    check_hr(ISCardManage_AttachByHandle(manage, card), S_OK);
    check_status(manage, S_OK, SPECIFICMODE, T1);
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    /* Attaching what is attached. */
    check_hr(ISCardManage_AttachByHandle(manage, card), S_OK);
    check_hr(ISCardManage_Detach(manage), S_OK);
    /* It stays the caller's. */
    check_int(SCardBeginTransaction(card), 0);
    check_int(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);

    /* Released while attached and locked: the lock ends, the handle lives. */
    check_hr(ISCardManage_AttachByHandle(manage, card), S_OK);
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    ISCardManage_Release(manage);
    check_int(SCardEndTransaction(card, SCARD_LEAVE_CARD), (LONG)SCARD_E_NOT_TRANSACTED);

    /* Closed behind our back: no crash, an honest answer. */
    manage = client_manage();
    check_hr(ISCardManage_AttachByHandle(manage, card), S_OK);
    check_int(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_status(manage, SC(E_INVALID_HANDLE), 0, 0);
    check_hr(ISCardManage_SCardLock(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_Reconnect(manage), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_Detach(manage), S_OK);
    check_hr(ISCardManage_AttachByHandle(manage, card), E_INVALIDARG);
    check_description(L"AttachByHandle", L"E_INVALIDARG", L"SCardConnect");

    /* An exclusive handle stays exclusive over Reconnect. */
    check_int(SCardConnectW(context, reader, SCARD_SHARE_EXCLUSIVE, 3, &card, &protocol), 0);
    check_hr(ISCardManage_AttachByHandle(manage, card), S_OK);
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    ISCardManage *other = client_manage();
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), SC(E_SHARING_VIOLATION));
    ISCardManage_Release(other);
    ISCardManage_Release(manage);
    check_int(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_int(SCardReleaseContext(context), 0);
}

static void garbage_handles(void)
{
    ISCardManage *manage = client_attached(reader, SHARED);
    SCARDCONTEXT context = 0;
    ULONG_PTR on_stack[16] = { 0 };
    void *heap = HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, 256);

    check_context("garbage handles");
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    const HSCARD garbage[] = {
        0,
        1,
        2,
        4,
        7,
        0x1000,
        0xdeadbeef,
        (HSCARD)-1,
        (HSCARD)-2,
        (HSCARD) ~(HSCARD)0 >> 1,
        (HSCARD)on_stack,
        (HSCARD)on_stack + 1,
        (HSCARD)heap,
        (HSCARD)garbage_handles,
        (HSCARD)manage,
        (HSCARD)GetModuleHandleW(NULL),
        (HSCARD)context,
    };
    for (size_t i = 0; i < ARRAYSIZE(garbage); i++)
    {
        check_context("garbage handle %u: %p", (unsigned)i, (void *)garbage[i]);
        check_hr(ISCardManage_AttachByHandle(manage, garbage[i]), E_INVALIDARG);
        check_status(manage, S_OK, SPECIFICMODE, T1); /* still attached to what it was */
    }
    SCardReleaseContext(context);
    HeapFree(GetProcessHeap(), 0, heap);
    ISCardManage_Release(manage);
}

static void locks(void)
{
    ISCardManage *manage = client_attached(reader, SHARED),
                 *other = client_attached(reader, SHARED);

    check_context("locks");
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), SC(E_NOT_TRANSACTED));
    check_description(L"SCardUnlock", L"SCARD_E_NOT_TRANSACTED", L"SCardLock first");
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    static const int unknown[] = { 4, -1, 0x7fffffff };
    for (size_t i = 0; i < ARRAYSIZE(unknown); i++)
        check_hr(ISCardManage_SCardUnlock(manage, (SCARD_DISPOSITIONS)unknown[i]), E_INVALIDARG);
    check_description(L"E_INVALIDARG", L"LEAVE (0)");
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), SC(E_NOT_TRANSACTED));

    /* A reset on the way out: the one who did it goes on, the other has to reconnect. */
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, RESET), S_OK);
    check_status(manage, S_OK, SPECIFICMODE, T1);
    check_hr(ISCardManage_SCardLock(other), SC(W_RESET_CARD));
    check_description(L"SCARD_W_RESET_CARD", L"Reconnect");
    check_hr(ISCardManage_Reconnect(other), S_OK);
    check_hr(ISCardManage_SCardLock(other), S_OK);

    /* Reconnect keeps the lock. */
    check_hr(ISCardManage_Reconnect(other), S_OK);
    check_hr(ISCardManage_SCardUnlock(other, UNPOWER), S_OK);
    check_hr(ISCardManage_SCardUnlock(other, LEAVE), SC(E_NOT_TRANSACTED));
    check_hr(ISCardManage_Reconnect(other), S_OK);
    check_status(other, S_OK, SPECIFICMODE, T1);
    ISCardManage_Release(manage);
    ISCardManage_Release(other);
}

struct waiter
{
    ISCardManage *manage;
    HANDLE ready;
    volatile LONG has_lock;
    HRESULT hr;
};

static DWORD WINAPI wait_for_lock(void *argument)
{
    struct waiter *waiter = argument;
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    SetEvent(waiter->ready);
    waiter->hr = ISCardManage_SCardLock(waiter->manage);
    InterlockedExchange(&waiter->has_lock, 1);
    if (SUCCEEDED(waiter->hr)) ISCardManage_SCardUnlock(waiter->manage, LEAVE);
    CoUninitialize();
    return 0;
}

static void a_lock_keeps_others_out(void)
{
    ISCardManage *manage = client_attached(reader, SHARED);
    struct waiter waiter = { .manage = client_attached(reader, SHARED),
                             .ready = CreateEventW(NULL, FALSE, FALSE, NULL) };

    check_context("a lock keeps others out");
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    HANDLE thread = CreateThread(NULL, 0, wait_for_lock, &waiter, 0, NULL);
    WaitForSingleObject(waiter.ready, INFINITE);
    check_int(WaitForSingleObject(thread, 300), WAIT_TIMEOUT);
    check_int(waiter.has_lock, 0);
    check_status(manage, S_OK, SPECIFICMODE, T1); /* the holder is not held up */
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
    check_int(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    check_hr(waiter.hr, S_OK);
    CloseHandle(thread);
    CloseHandle(waiter.ready);
    ISCardManage_Release(waiter.manage);
    ISCardManage_Release(manage);
}

static void null_pointers(void)
{
    ISCardManage *manage = client_attached(reader, SHARED);
    SCARD_STATES state = 0x5555;
    SCARD_PROTOCOLS protocol = 0x5555;
    IUnknown *unknown = (IUnknown *)(ULONG_PTR)0x5555;
    GUID iid = IID_ISCardAuth;

    check_context("NULL pointers");
    check_hr(ISCardManage_Status(manage, NULL, NULL), E_POINTER);
    check_hr(ISCardManage_Status(manage, &state, NULL), E_POINTER);
    check_int(state, 0);
    check_hr(ISCardManage_Status(manage, NULL, &protocol), E_POINTER);
    check_int(protocol, 0);
    check_description(L"Status", L"E_POINTER", L"every result");
    check_hr(ISCardManage_CreateFileAccess(manage, NULL), E_POINTER);
    check_hr(ISCardManage_CreateCardAuth(manage, NULL), E_POINTER);
    check_hr(ISCardManage_CreateCHVerification(manage, NULL), E_POINTER);
    check_hr(ISCardManage_CreateInterface(manage, &iid, NULL, NULL, NULL), E_POINTER);
    check_hr(ISCardManage_CreateInterface(manage, NULL, NULL, NULL, &unknown), E_POINTER);
    check(unknown == NULL);
    check_hr(ISCardManage_QueryInterface(manage, &IID_IUnknown, NULL), E_POINTER);
    ISCardManage_Release(manage);
}

static void removal_and_insertion(void)
{
    ISCardManage *manage = client_attached(reader, SHARED), *late = client_manage();

    check_context("removal and insertion");
    check(simcard_remove());
    check_status(manage, S_OK, ABSENT, 0);
    check_hr(ISCardManage_SCardLock(manage), SC(W_REMOVED_CARD));
    check_description(L"SCARD_W_REMOVED_CARD", L"Insert the card again");
    check_hr(ISCardManage_Reconnect(manage), SC(E_NO_SMARTCARD));
    check_status(manage, S_OK, ABSENT, 0);
    check_hr(ISCardManage_AttachByIFD(late, reader, SHARED), SC(E_NO_SMARTCARD));
    check_description(L"SCARD_E_NO_SMARTCARD", L"Insert a card");
    check(simcard_insert());
    /* Another card may be in the reader now: nothing works until Reconnect says so. */
    check_hr(ISCardManage_SCardLock(manage), SC(W_REMOVED_CARD));
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    check_status(manage, S_OK, SPECIFICMODE, T1);
    check_hr(ISCardManage_SCardLock(manage), S_OK);

    /* The card is pulled under a lock: the lock goes with it. */
    check(simcard_remove());
    check(FAILED(ISCardManage_SCardUnlock(manage, LEAVE)));
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), SC(E_NOT_TRANSACTED));
    check(simcard_insert());
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    check_hr(ISCardManage_Detach(manage), S_OK);
    check_hr(ISCardManage_AttachByIFD(late, reader, EXCLUSIVE), S_OK);
    ISCardManage_Release(manage);
    ISCardManage_Release(late);
}

/* The card was put back so long ago that its power was taken again: Reconnect gives it, whoever opened
 * the connection, and the children work. */
static void reconnecting_late(void)
{
    ISCardManage *by_name = client_attached(reader, SHARED), *by_handle = client_manage();
    ISCardFileAccess *files[2] = { NULL, NULL };
    BSTR path = SysAllocString(L"2F00");
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD active;
    HSCARD_FILE file;

    check_context("reconnecting late");
    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &card, &active), 0);
    check_hr(ISCardManage_AttachByHandle(by_handle, card), S_OK);
    check_hr(ISCardManage_CreateFileAccess(by_name, &files[0]), S_OK);
    check_hr(ISCardManage_CreateFileAccess(by_handle, &files[1]), S_OK);
    for (int i = 0; i < 2; i++)
    {
        ISCardManage *manage = i == 0 ? by_name : by_handle;
        check(simcard_remove());
        check(simcard_insert());
        Sleep(2000);
        check_hr(ISCardFileAccess_Open(files[i], SC_TYPE_BY_ID, path, &file), SC(W_REMOVED_CARD));
        check_hr(ISCardManage_Reconnect(manage), S_OK);
        check_status(manage, S_OK, SPECIFICMODE, T1);
        check_hr(ISCardFileAccess_Open(files[i], SC_TYPE_BY_ID, path, &file), S_OK);
    }
    /* The second did not disturb the first, but for the card that was taken out. */
    check_hr(ISCardManage_Reconnect(by_name), S_OK);
    check_status(by_handle, S_OK, SPECIFICMODE, T1);
    for (int i = 0; i < 2; i++)
        ISCardFileAccess_Release(files[i]);
    check_int(ISCardManage_Release(by_handle), 0);
    check_int(ISCardManage_Release(by_name), 0);
    check_int(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_int(SCardReleaseContext(context), 0);
    SysFreeString(path);
}

/* One child method that takes no pointers: it tells whether something is attached. */
static HRESULT probe_child(IUnknown *child)
{
    ISCardFileAccess *file_access;
    ISCardVerify *verify;
    ISCardAuth *auth;
    HRESULT hr = E_UNEXPECTED;
    LONG len = 8;
    IByteBuffer *buffer = NULL;

    if (SUCCEEDED(IUnknown_QueryInterface(child, &IID_ISCardFileAccess, (void **)&file_access)))
    {
        hr = ISCardFileAccess_Close(file_access, 0);
        ISCardFileAccess_Release(file_access);
    }
    else if (SUCCEEDED(IUnknown_QueryInterface(child, &IID_ISCardVerify, (void **)&verify)))
    {
        hr = ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS);
        ISCardVerify_Release(verify);
    }
    else if (SUCCEEDED(IUnknown_QueryInterface(child, &IID_ISCardAuth, (void **)&auth)))
    {
        hr = ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer);
        if (buffer) IByteBuffer_Release(buffer);
        ISCardAuth_Release(auth);
    }
    return hr;
}

static void children_follow_their_manager(void)
{
    ISCardManage *manage = client_manage(), *other = client_manage();
    IUnknown *children[3] = { NULL, NULL, NULL };

    check_context("children");
    check_hr(ISCardManage_CreateFileAccess(manage, (ISCardFileAccess **)&children[0]), S_OK);
    check_hr(ISCardManage_CreateCardAuth(manage, (ISCardAuth **)&children[1]), S_OK);
    check_hr(ISCardManage_CreateCHVerification(manage, (ISCardVerify **)&children[2]), S_OK);
    for (int i = 0; i < 3; i++)
        check_hr(probe_child(children[i]), SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_AttachByIFD(manage, reader, EXCLUSIVE), S_OK);
    for (int i = 0; i < 3; i++)
        check(probe_child(children[i]) != SC(E_INVALID_HANDLE));
    check_hr(ISCardManage_Detach(manage), S_OK);
    for (int i = 0; i < 3; i++)
        check_hr(probe_child(children[i]), SC(E_INVALID_HANDLE));

    /* Released, the manager leaves its attachment to the children; the last of them ends it. */
    check_hr(ISCardManage_AttachByIFD(manage, reader, EXCLUSIVE), S_OK);
    check_int(ISCardManage_Release(manage), 0);
    for (int i = 0; i < 3; i++)
    {
        check(probe_child(children[i]) != SC(E_INVALID_HANDLE));
        check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), SC(E_SHARING_VIOLATION));
        check_int(IUnknown_Release(children[i]), 0);
    }
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), S_OK);
    ISCardManage_Release(other);
}

static void create_interface(void)
{
    static const struct
    {
        const IID *iid;
        const WCHAR *name;
        HRESULT hr;
        const IID *gives;
    } rows[] = {
        { &IID_ISCardFileAccess, NULL, S_OK, &IID_ISCardFileAccess },
        { &IID_ISCardVerify, NULL, S_OK, &IID_ISCardVerify },
        { &IID_ISCardAuth, NULL, S_OK, &IID_ISCardAuth },
        { &IID_ISCardManage, NULL, S_OK, &IID_ISCardManage },
        { NULL, L"ISCardFileAccess", S_OK, &IID_ISCardFileAccess },
        { NULL, L"iscardverify", S_OK, &IID_ISCardVerify },
        { NULL, L"SCardAuth", S_OK, &IID_ISCardAuth },
        { &GUID_NULL, L"ISCardAuth", S_OK, &IID_ISCardAuth },
        { &IID_ISCardVerify, L"ISCardAuth", S_OK, &IID_ISCardVerify }, /* the id decides */
        { &IID_IPersist, NULL, E_NOINTERFACE, NULL },
        { NULL, L"CryptoProvider", E_NOINTERFACE, NULL },
        { NULL, L"NoSuchService", E_INVALIDARG, NULL },
        { NULL, L"ProfileFiles", S_OK, &IID_IByteBuffer },
        { NULL, L"Profile", SC(E_INVALID_HANDLE), NULL }, /* nothing is attached */
        { NULL, L"", E_POINTER, NULL },
        { NULL, NULL, E_POINTER, NULL },
        { &GUID_NULL, NULL, E_POINTER, NULL },
    };
    ISCardManage *manage = client_manage();
    LONG user_data = 5;

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        IUnknown *out = (IUnknown *)(ULONG_PTR)0x5555, *same = NULL;
        BSTR name = SysAllocString(rows[i].name);
        check_context("CreateInterface row %u", (unsigned)i);
        HRESULT hr = ISCardManage_CreateInterface(manage, (GUID *)rows[i].iid, name,
                                                  i % 2 ? &user_data : NULL, &out);
        SysFreeString(name);
        check_hr(hr, rows[i].hr);
        if (FAILED(hr))
        {
            check(out == NULL);
            continue;
        }
        check_hr(IUnknown_QueryInterface(out, rows[i].gives, (void **)&same), S_OK);
        check(same == out); /* the interface asked for, not only one that leads to it */
        if (same) IUnknown_Release(same);
        IUnknown_Release(out);
    }
    check_int(user_data, 5);
    ISCardManage_Release(manage);
}

#define STRESS_THREADS 4
#define STRESS_ROUNDS  40

static DWORD WINAPI stress(void *argument)
{
    ISCardManage *manage = argument;
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int i = 0; i < STRESS_ROUNDS; i++)
    {
        SCARD_STATES state;
        SCARD_PROTOCOLS protocol;
        ISCardFileAccess *file_access = NULL;
        ISCardManage_AttachByIFD(manage, reader, SHARED);
        ISCardManage_SCardLock(manage);
        ISCardManage_Status(manage, &state, &protocol);
        ISCardManage_SCardUnlock(manage, LEAVE);
        if (i % 8 == 0) ISCardManage_Reconnect(manage);
        if (SUCCEEDED(ISCardManage_CreateFileAccess(manage, &file_access)))
        {
            ISCardFileAccess_Close(file_access, (HSCARD_FILE)i);
            ISCardFileAccess_Release(file_access);
        }
        if (i % 3 == 0) ISCardManage_Detach(manage);
    }
    CoUninitialize();
    return 0;
}

/* Every thread does everything to one object at the same time: no crash, no deadlock, and the
 * object works afterwards. */
static void one_object_many_threads(void)
{
    ISCardManage *manage = client_manage();
    HANDLE threads[STRESS_THREADS];

    check_context("threads");
    for (int i = 0; i < STRESS_THREADS; i++)
        threads[i] = CreateThread(NULL, 0, stress, manage, 0, NULL);
    check_int(WaitForMultipleObjects(STRESS_THREADS, threads, TRUE, 120000), WAIT_OBJECT_0);
    for (int i = 0; i < STRESS_THREADS; i++)
        CloseHandle(threads[i]);
    check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK);
    check_status(manage, S_OK, SPECIFICMODE, T1);
    check_int(ISCardManage_Release(manage), 0);
}

/* Attach and detach all day: no handle or context may be left. */
static void many_attachments(void)
{
    ISCardManage *managers[40];

    check_context("many attachments");
    for (size_t i = 0; i < ARRAYSIZE(managers); i++)
        managers[i] = client_attached(reader, SHARED);
    for (size_t i = 0; i < ARRAYSIZE(managers); i++)
        check_status(managers[i], S_OK, SPECIFICMODE, T1);
    for (size_t i = 0; i < ARRAYSIZE(managers); i++)
        ISCardManage_Release(managers[i]);
    for (int i = 0; i < 300; i++)
    {
        ISCardManage *manage = client_manage();
        check_hr(ISCardManage_AttachByIFD(manage, reader, EXCLUSIVE), S_OK);
        ISCardManage_Release(manage);
    }
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    before_attach();
    attach_by_name();
    bad_names_and_modes();
    attach_by_handle();
    garbage_handles();
    locks();
    a_lock_keeps_others_out();
    null_pointers();
    removal_and_insertion();
    reconnecting_late();
    children_follow_their_manager();
    create_interface();
    one_object_many_threads();
    many_attachments();
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
