/*
 * faults_test - what a client sees while the resource manager is killed or stands still, the card is
 *               pulled in the middle of a call, or answers nothing: documented results in time,
 *               contents as they were told, and objects that work again after Reconnect.
 * Layer: tests. Needs the registered server, a card, and somebody who carries out orders: a line
 * "order: kill service" on standard output is answered by "done" on standard input.
 * SCM_FAULT_ROUNDS: rounds of each kind, 2.
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

#define CONTENTS_LEN 1500

/* A call ends within this, once its fault has; and an object works again. */
#define PATIENCE_MS 20000

static BSTR reader;
static BYTE on_card[CONTENTS_LEN];

static bool order(const char *what)
{
    char line[64] = "";

    printf("order: %s\n", what);
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) && strncmp(line, "done", 4) == 0;
}

/* What a client may hear of a fault. A card that is back before anybody has noticed has nothing
 * selected: no access. One that is only coming has told no protocol yet, which is waited for a while only. */
static bool is_documented(HRESULT hr)
{
    static const LONG known[] = {
        (LONG)SCARD_E_NO_SERVICE,        (LONG)SCARD_E_SERVICE_STOPPED,
        (LONG)SCARD_E_NO_SMARTCARD,      (LONG)SCARD_W_REMOVED_CARD,
        (LONG)SCARD_W_RESET_CARD,        (LONG)SCARD_E_READER_UNAVAILABLE,
        (LONG)SCARD_E_UNKNOWN_READER,    (LONG)SCARD_W_UNRESPONSIVE_CARD,
        (LONG)SCARD_E_COMM_DATA_LOST,    (LONG)SCARD_W_UNPOWERED_CARD,
        (LONG)SCARD_E_SHARING_VIOLATION, (LONG)SCARD_E_INVALID_HANDLE,
        (LONG)SCARD_E_CANCELLED,         (LONG)SCARD_E_NO_READERS_AVAILABLE,
        (LONG)SCARD_E_NO_ACCESS,         (LONG)SCARD_E_PROTO_MISMATCH,
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (hr == known[i]) return true;
    if (FAILED(hr)) printf("    it gave %08lx\n", (unsigned long)hr);
    return SUCCEEDED(hr);
}

struct client
{
    ISCardManage *manage;
    ISCardFileAccess *files;
    HRESULT hr;
};

static HRESULT open_file(const struct client *client, HSCARD_FILE *file)
{
    BSTR path = SysAllocString(L"3F00\\7F10\\6F03");
    HRESULT hr = ISCardFileAccess_Open(client->files, SC_TYPE_BY_ID, path, file);
    SysFreeString(path);
    return hr;
}

static HRESULT read_contents(const struct client *client, BYTE contents[CONTENTS_LEN])
{
    IByteBuffer *buffer = NULL;
    LONG count = CONTENTS_LEN, got = 0;
    HSCARD_FILE file;
    HRESULT hr = open_file(client, &file);

    if (FAILED(hr)) return hr;
    hr = ISCardFileAccess_Read(client->files, file, &count, &buffer, SC_FL_NO_FLAGS);
    if (SUCCEEDED(hr))
    {
        check_int(count, CONTENTS_LEN);
        check_hr(IByteBuffer_Read(buffer, contents, CONTENTS_LEN, &got), S_OK);
        check_int(got, CONTENTS_LEN);
        IByteBuffer_Release(buffer);
    }
    ISCardFileAccess_Close(client->files, file);
    return hr;
}

static HRESULT write_contents(const struct client *client, const BYTE contents[CONTENTS_LEN])
{
    IByteBuffer *buffer = buffer_of(contents, CONTENTS_LEN);
    HSCARD_FILE file;
    HRESULT hr = open_file(client, &file);

    if (SUCCEEDED(hr))
    {
        hr = ISCardFileAccess_Write(client->files, file, CONTENTS_LEN, buffer, SC_FL_NO_FLAGS);
        ISCardFileAccess_Close(client->files, file);
    }
    IByteBuffer_Release(buffer);
    return hr;
}

/* The same objects come back by Reconnect, or where nothing is attached by attaching. */
static bool recover(const struct client *client, BYTE contents[CONTENTS_LEN])
{
    DWORD began = GetTickCount();
    SCARD_STATES state = ABSENT;
    SCARD_PROTOCOLS protocol;
    HRESULT hr;

    do
    {
        hr = ISCardManage_Reconnect(client->manage);
        if (hr == (HRESULT)SCARD_E_INVALID_HANDLE)
            hr = ISCardManage_AttachByIFD(client->manage, reader, SHARED);
        if (SUCCEEDED(hr)) hr = ISCardManage_Status(client->manage, &state, &protocol);
        if (SUCCEEDED(hr) && state != SPECIFICMODE) hr = (HRESULT)SCARD_E_NO_SMARTCARD;
        if (SUCCEEDED(hr)) hr = read_contents(client, contents);
        if (!check(is_documented(hr))) return false;
        if (FAILED(hr)) Sleep(20);
    } while (FAILED(hr) && GetTickCount() - began < PATIENCE_MS);
    return check_hr(hr, S_OK);
}

struct fault
{
    void (*strike)(void);
    DWORD after_ms;
};

static DWORD WINAPI strike_in_time(void *context)
{
    const struct fault *fault = context;
    Sleep(fault->after_ms);
    fault->strike();
    return 0;
}

static void kill_and_start(void)
{
    check(order("kill service") && order("start service"));
}

static void stand_still(void)
{
    check(order("pause service"));
    Sleep(200);
    check(order("continue service"));
}

static void pull_and_put_back(void)
{
    check(simcard_order("remove") && simcard_order("insert"));
}

static void pull_for_a_while(void)
{
    check(simcard_order("remove"));
    Sleep(900);
    check(simcard_order("insert"));
}

/* Reading and writing by turns, with a fault somewhere in the middle. */
static void check_rounds(const struct client *client, const char *name, void (*strike)(void),
                         int rounds, bool succeeds)
{
    BYTE contents[CONTENTS_LEN], found[CONTENTS_LEN];
    int done = 0;

    for (int round = 0; round < rounds; round++)
    {
        struct fault fault = { strike, (DWORD)(round * 13 % 40) };
        bool writes = round % 2 != 0;
        DWORD began = GetTickCount();

        check_context("%s, round %d", name, round + 1);
        memcpy(contents, on_card, CONTENTS_LEN);
        for (int i = 0; writes && i < CONTENTS_LEN; i++)
            contents[i] = (BYTE)(i * 7 + round * 31 + began);
        HANDLE thread = CreateThread(NULL, 0, strike_in_time, &fault, 0, NULL);
        HRESULT hr = writes ? write_contents(client, contents) : read_contents(client, found);
        check(GetTickCount() - began < PATIENCE_MS);
        check_int(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
        CloseHandle(thread);
        check(is_documented(hr));
        if (succeeds) check_hr(hr, S_OK);
        if (SUCCEEDED(hr)) done++;
        if (SUCCEEDED(hr) && !writes) check(memcmp(found, on_card, CONTENTS_LEN) == 0);

        if (!recover(client, found)) return;
        bool is_as_told = true;
        for (int i = 0; i < CONTENTS_LEN; i++)
            if (found[i] != contents[i] && (SUCCEEDED(hr) || found[i] != on_card[i]))
                is_as_told = false;
        check(is_as_told);
        memcpy(on_card, found, CONTENTS_LEN);
    }
    printf("    %s: %d rounds, %d calls succeeded\n", name, rounds, done);
}

static DWORD WINAPI read_once(void *context)
{
    struct client *client = context;
    BYTE contents[CONTENTS_LEN];

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    client->hr = read_contents(client, contents);
    CoUninitialize();
    return 0;
}

/* Another thread is rid of it within a second; pulled out, it lets go of the first as well. */
static void check_mute_card(struct client *client)
{
    BYTE contents[CONTENTS_LEN];
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;

    check_context("a mute card");
    check(simcard_order("hostile mute"));
    HANDLE thread = CreateThread(NULL, 0, read_once, client, 0, NULL);
    check_int(WaitForSingleObject(thread, 300), WAIT_TIMEOUT);
    DWORD began = GetTickCount();
    check_hr(ISCardManage_Detach(client->manage), S_OK);
    check(GetTickCount() - began < 1000);
    check_hr(ISCardManage_Status(client->manage, &state, &protocol), SCARD_E_INVALID_HANDLE);
    check_hr(ISCardManage_Detach(client->manage), S_OK);
    check_hr(ISCardManage_AttachByIFD(client->manage, reader, SHARED), SCARD_E_NOT_READY);
    check(simcard_order("hostile off") && simcard_order("remove"));
    check_int(WaitForSingleObject(thread, PATIENCE_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
    check(FAILED(client->hr) && is_documented(client->hr));
    check_hr(ISCardManage_Detach(client->manage), SCARD_E_INVALID_HANDLE);
    check(simcard_insert());
    recover(client, contents);
}

/* Two objects of one thread on one card. */
static void check_nobody_waits_for_himself(const struct client *client)
{
    ISCardManage *other = client_attached(reader, SHARED);
    struct client late = { other, NULL, S_OK };
    HSCARD_FILE file;
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;

    check_context("two objects of one thread");
    check_hr(ISCardManage_SCardLock(client->manage), S_OK);
    check_hr(ISCardManage_SCardLock(other), SCARD_E_SHARING_VIOLATION);
    check_hr(ISCardManage_Status(other, &state, &protocol), SCARD_E_SHARING_VIOLATION);
    check_hr(ISCardManage_Reconnect(other), SCARD_E_SHARING_VIOLATION);
    check_hr(ISCardManage_CreateFileAccess(other, &late.files), S_OK);
    check_hr(open_file(&late, &file), SCARD_E_SHARING_VIOLATION);
    check_description(L"by the lock of another object");
    check_int(ISCardFileAccess_Release(late.files), 0);
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), SCARD_E_SHARING_VIOLATION);
    check_hr(ISCardManage_SCardUnlock(client->manage, LEAVE), S_OK);
    check_hr(ISCardManage_AttachByIFD(other, reader, SHARED), S_OK);
    check_hr(ISCardManage_SCardLock(other), S_OK);
    check_hr(ISCardManage_SCardUnlock(other, LEAVE), S_OK);
    check_int(ISCardManage_Release(other), 0);
}

static bool change_card(const char *name)
{
    return simcard_remove() && simcard_order(name) && simcard_insert();
}

int main(void)
{
    const char *text = getenv("SCM_FAULT_ROUNDS");
    int rounds = text ? atoi(text) : 2;
    struct client client = { 0 };

    reader = SysAllocString(test_reader());
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    /* Short commands, so that each call takes many. */
    if (!check(simcard_wait(true)) || !check(change_card("card t0.card"))) return check_finish();
    check(simcard_order("delay 5"));
    client.manage = client_attached(reader, SHARED);
    check_hr(ISCardManage_CreateFileAccess(client.manage, &client.files), S_OK);
    check_hr(read_contents(&client, on_card), S_OK);

    check_rounds(&client, "killed", kill_and_start, rounds, false);
    check_rounds(&client, "standing still", stand_still, rounds, true);
    check_rounds(&client, "pulled, back at once", pull_and_put_back, rounds, false);
    check_rounds(&client, "pulled, back after 900 ms", pull_for_a_while, rounds / 2, false);
    check_nobody_waits_for_himself(&client);
    check_mute_card(&client);

    check_context(NULL);
    check_int(ISCardFileAccess_Release(client.files), 0);
    check_int(ISCardManage_Release(client.manage), 0);
    check(simcard_order("delay 0") && change_card("card demo.card"));
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
