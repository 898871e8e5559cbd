/*
 * threads_test - sixteen threads, in apartments of their own and in the common one, on shared and on
 *                separate objects, with pointers handed from one to the other: nobody waits for ever,
 *                nothing is told that is not documented, and each object works alone afterwards.
 * Layer: tests. Needs the registered server and the sample card in its reader.
 * SCM_THREADS_MS: how long each kind goes on, 1000.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

#define THREADS     16
#define OBJECTS_MAX 20 /* more than a process has contexts to share */
#define FILE_LEN    64

/* Whoever is not back by then waits for ever. */
#define PATIENCE_MS 120000

static BSTR reader, path;
static DWORD long_ms = 1000;

static struct
{
    ISCardManage *managers[OBJECTS_MAX];
    ISCardFileAccess *files[OBJECTS_MAX];
    DWORD handed[OBJECTS_MAX]; /* the same in the global interface table */
    LONG count;
    bool may_detach;
    volatile LONG is_over, calls, unexpected;
} crowd;

/* What others may make of a call: they detach, reset and lock meanwhile. */
static void expect(HRESULT hr)
{
    static const LONG known[] = {
        (LONG)SCARD_E_INVALID_HANDLE,
        (LONG)SCARD_E_NOT_TRANSACTED,
        (LONG)SCARD_W_RESET_CARD,
        (LONG)SCARD_E_CANCELLED,
        (LONG)SCARD_E_SHARING_VIOLATION,
        (LONG)SCARD_E_NOT_READY,
        (LONG)SCARD_W_EOF,
        E_INVALIDARG,
    };
    bool is_known = SUCCEEDED(hr);

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (hr == known[i]) is_known = true;
    InterlockedIncrement(&crowd.calls);
    if (!is_known) InterlockedCompareExchange(&crowd.unexpected, hr, 0);
}

/* Each writes the file as a whole, so each reads one value all over. */
static void use_file(ISCardFileAccess *files, DWORD random)
{
    BYTE bytes[FILE_LEN];
    IByteBuffer *buffer = NULL;
    LONG count = FILE_LEN, got = 0;
    HSCARD_FILE file;
    HRESULT hr = ISCardFileAccess_Open(files, SC_TYPE_BY_ID, path, &file);

    expect(hr);
    if (FAILED(hr)) return;
    if (random & 1)
    {
        memset(bytes, (int)(random >> 8 & 0xFF), FILE_LEN);
        buffer = buffer_of(bytes, FILE_LEN);
        expect(ISCardFileAccess_Write(files, file, FILE_LEN, buffer, SC_FL_NO_FLAGS));
    }
    else
    {
        hr = ISCardFileAccess_Read(files, file, &count, &buffer, SC_FL_NO_FLAGS);
        expect(hr);
        if (SUCCEEDED(hr)) IByteBuffer_Read(buffer, bytes, FILE_LEN, &got);
        for (LONG i = 1; i < got; i++)
            if (bytes[i] != bytes[0]) expect(E_UNEXPECTED);
    }
    if (buffer) IByteBuffer_Release(buffer);
    expect(ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING));
    expect(ISCardFileAccess_Close(files, file));
}

static void lock_for_a_moment(ISCardManage *manage)
{
    HRESULT hr = ISCardManage_SCardLock(manage);
    expect(hr);
    if (SUCCEEDED(hr)) expect(ISCardManage_SCardUnlock(manage, LEAVE));
}

static void attach_anew(ISCardManage *manage)
{
    expect(ISCardManage_Detach(manage));
    expect(ISCardManage_AttachByIFD(manage, reader, SHARED));
}

static void one_call(ISCardManage *manage, ISCardFileAccess *files, DWORD random)
{
    IUnknown *child = NULL;
    BSTR directory = NULL;
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;

    switch (random % 12)
    {
    case 0:
        expect(ISCardManage_Status(manage, &state, &protocol));
        break;
    case 1:
        lock_for_a_moment(manage);
        break;
    case 2:
        expect(ISCardManage_Reconnect(manage));
        break;
    case 3:
        expect(ISCardManage_CreateCHVerification(manage, (ISCardVerify **)&child));
        break;
    case 4:
        expect(ISCardManage_CreateCardAuth(manage, (ISCardAuth **)&child));
        break;
    case 5:
        expect(ISCardManage_CreateFileAccess(manage, (ISCardFileAccess **)&child));
        break;
    case 6:
        expect(ISCardFileAccess_GetCurrentDir(files, &directory));
        break;
    case 7:
        if (crowd.may_detach) attach_anew(manage);
        break;
    default:
        use_file(files, random >> 4);
        break;
    }
    if (child) IUnknown_Release(child);
    SysFreeString(directory);
}

/* Every other thread has an apartment of its own, and gets its pointers through the table. */
static DWORD WINAPI use_objects(void *argument)
{
    DWORD random = (DWORD)(ULONG_PTR)argument * 7919u + 1u;
    bool is_apartment = (ULONG_PTR)argument % 2 != 0;
    IGlobalInterfaceTable *table = NULL;

    if (FAILED(
            CoInitializeEx(NULL, is_apartment ? COINIT_APARTMENTTHREADED : COINIT_MULTITHREADED)))
        return 1;
    CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER,
                     &IID_IGlobalInterfaceTable, (void **)&table);
    while (table && !crowd.is_over)
    {
        random = random * 1664525u + 1013904223u;
        LONG which = (LONG)((random >> 16) % (DWORD)crowd.count);
        ISCardManage *manage = crowd.managers[which];

        if (is_apartment && FAILED(IGlobalInterfaceTable_GetInterfaceFromGlobal(
                                table, crowd.handed[which], &IID_ISCardManage, (void **)&manage)))
            break;
        one_call(manage, crowd.files[which], random >> 8);
        if (is_apartment) ISCardManage_Release(manage);
    }
    if (table) IGlobalInterfaceTable_Release(table);
    CoUninitialize();
    return 0;
}

static void check_crowd(LONG count, bool may_detach)
{
    IGlobalInterfaceTable *table = NULL;
    HANDLE threads[THREADS];
    DWORD code = 1;

    check_context("%ld objects%s", count, may_detach ? ", attached anew all the time" : "");
    memset(&crowd, 0, sizeof(crowd));
    crowd.count = count;
    crowd.may_detach = may_detach;
    check_hr(CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER,
                              &IID_IGlobalInterfaceTable, (void **)&table),
             S_OK);
    for (LONG i = 0; i < count; i++)
    {
        crowd.managers[i] = client_attached(reader, SHARED);
        check_hr(ISCardManage_CreateFileAccess(crowd.managers[i], &crowd.files[i]), S_OK);
        check_hr(IGlobalInterfaceTable_RegisterInterfaceInGlobal(
                     table, (IUnknown *)crowd.managers[i], &IID_ISCardManage, &crowd.handed[i]),
                 S_OK);
    }
    use_file(crowd.files[0], 1);
    for (ULONG_PTR i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, use_objects, (void *)i, 0, NULL);
    Sleep(long_ms);
    InterlockedExchange(&crowd.is_over, 1);
    bool is_over =
        check_int(WaitForMultipleObjects(THREADS, threads, TRUE, PATIENCE_MS), WAIT_OBJECT_0);
    if (!is_over) ExitProcess((UINT)check_finish());
    for (int i = 0; i < THREADS; i++)
    {
        check(GetExitCodeThread(threads[i], &code) && code == 0);
        CloseHandle(threads[i]);
    }
    printf("    %ld calls in %d threads on %ld objects\n", crowd.calls, THREADS, count);
    check(crowd.calls > 0);
    check_hr(crowd.unexpected, S_OK);

    /* Whatever was interrupted, each works when it is alone. */
    for (LONG i = 0; i < count; i++)
    {
        ISCardManage_Detach(crowd.managers[i]);
        check_hr(ISCardManage_AttachByIFD(crowd.managers[i], reader, SHARED), S_OK);
        use_file(crowd.files[i], 0);
        check_hr(ISCardManage_SCardLock(crowd.managers[i]), S_OK);
        check_hr(ISCardManage_SCardUnlock(crowd.managers[i], LEAVE), S_OK);
        check_hr(IGlobalInterfaceTable_RevokeInterfaceFromGlobal(table, crowd.handed[i]), S_OK);
        check_int(ISCardFileAccess_Release(crowd.files[i]), 0);
        check_int(ISCardManage_Release(crowd.managers[i]), 0);
    }
    check_hr(crowd.unexpected, S_OK);
    IGlobalInterfaceTable_Release(table);
}

int main(void)
{
    const char *text = getenv("SCM_THREADS_MS");

    if (text) long_ms = (DWORD)strtoul(text, NULL, 10);
    setvbuf(stdout, NULL, _IONBF, 0);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    reader = SysAllocString(test_reader());
    path = SysAllocString(L"3F00\\7F10\\6F01");
    if (!check(simcard_wait(true))) return check_finish();
    check_crowd(1, false);
    check_crowd(1, true);
    check_crowd(4, true);
    check_crowd(OBJECTS_MAX, true);
    check_context(NULL);
    /* The sample card as it was. */
    check(simcard_order("reset-state") && simcard_remove() && simcard_insert());
    SysFreeString(path);
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
