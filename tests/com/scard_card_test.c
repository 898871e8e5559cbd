/*
 * scard_card_test - every method of ISCard, good and bad, on a card in a reader, with commands in a
 *                   client's own ISCardCmd; compiled and late bound.
 * Layer: tests. Needs the registered server, a reader with the demo card (or that for T=0), and its
 * control port.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stddef.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/client_cmd.h"
#include "support/simcard_control.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(interface, member, slot)                                                              \
    _Static_assert(offsetof(interface##Vtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ISCard, get_Atr, 7);
SLOT(ISCard, get_CardHandle, 8);
SLOT(ISCard, get_Context, 9);
SLOT(ISCard, get_Protocol, 10);
SLOT(ISCard, get_Status, 11);
SLOT(ISCard, AttachByHandle, 12);
SLOT(ISCard, AttachByReader, 13);
SLOT(ISCard, Detach, 14);
SLOT(ISCard, LockSCard, 15);
SLOT(ISCard, ReAttach, 16);
SLOT(ISCard, Transaction, 17);
SLOT(ISCard, UnlockSCard, 18);

#define SC(name) ((HRESULT)SCARD_##name)
#define ANY      ((SCARD_PROTOCOLS)(T0 | T1))

static BSTR reader;
static SCARD_PROTOCOLS spoken; /* by the card in the reader */

static ISCard *create_card(void)
{
    ISCard *card = NULL;
    check_hr(
        CoCreateInstance(&CLSID_CSCard, NULL, CLSCTX_INPROC_SERVER, &IID_ISCard, (void **)&card),
        S_OK);
    return card;
}

static ISCard *create_attached(void)
{
    ISCard *card = create_card();
    check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
    return card;
}

static HSCARD handle_of(ISCard *card)
{
    HSCARD handle = 0x5555;
    check_hr(ISCard_get_CardHandle(card, &handle), S_OK);
    return handle;
}

#define check_state(card, hr, state) check_state_at(__LINE__, card, hr, state)
static void check_state_at(int line, ISCard *card, HRESULT hr, int state)
{
    SCARD_STATES got = 0x5555;
    check_hr_at(__FILE__, line, ISCard_get_Status(card, &got), hr, "Status");
    check_int_at(__FILE__, line, got, state, "state");
}

/* One command, and the bytes that came back; their number, or -1. */
static LONG transact(ISCard *card, const void *command, LONG command_len, HRESULT expected,
                     BYTE *reply, LONG capacity, WORD *status)
{
    IByteBuffer *apdu = buffer_of(command, command_len);
    struct client_cmd *cmd = client_cmd_create(apdu);
    ISCardCmd *iface = &cmd->ISCardCmd_iface;
    LONG len = -1;

    IByteBuffer_Release(apdu);
    check_hr(ISCard_Transaction(card, &iface), expected);
    check(iface == &cmd->ISCardCmd_iface);
    if (cmd->reply) check_hr(IByteBuffer_Read(cmd->reply, reply, capacity, &len), S_OK);
    if (status) *status = cmd->status;
    check_int(ISCardCmd_Release(iface), 0);
    return len;
}

/* A command whose answer is only a status word. */
static WORD status_of(ISCard *card, const void *command, LONG command_len)
{
    BYTE reply[300] = { 0 };
    WORD status = 0;
    LONG len = transact(card, command, command_len, S_OK, reply, sizeof(reply), &status);

    check(len >= 2);
    if (len >= 2) check_int(reply[len - 2] << 8 | reply[len - 1], status);
    return status;
}

#define STATUS_OF(card, bytes) status_of(card, bytes, sizeof(bytes) - 1)

static void before_attach(void)
{
    ISCard *card = create_card();
    HSCARDCONTEXT context = 0;
    SCARD_PROTOCOLS protocol = 0x5555;
    IByteBuffer *atr = (IByteBuffer *)(ULONG_PTR)0x5555;
    BYTE reply[16];

    check_context("before attach");
    check_int((int64_t)handle_of(card), 0);
    check_hr(ISCard_get_Context(card, &context), S_OK);
    check(context != 0);
    check_int(SCardIsValidContext(context), 0);
    check_hr(ISCard_get_Atr(card, &atr), SC(E_INVALID_HANDLE));
    check(atr == NULL);
    check_hr(ISCard_get_Protocol(card, &protocol), SC(E_INVALID_HANDLE));
    check_int(protocol, 0);
    check_state(card, SC(E_INVALID_HANDLE), 0);
    check_description(L"ISCard::get_Status", L"AttachByReader");
    check_hr(ISCard_Detach(card, LEAVE), SC(E_INVALID_HANDLE));
    check_hr(ISCard_LockSCard(card), SC(E_INVALID_HANDLE));
    check_hr(ISCard_UnlockSCard(card, LEAVE), SC(E_INVALID_HANDLE));
    check_hr(ISCard_ReAttach(card, SHARED, LEAVE), SC(E_INVALID_HANDLE));
    check_int(transact(card, "\0\xA4\0\0", 4, SC(E_INVALID_HANDLE), reply, sizeof(reply), NULL),
              -1);
    check_int(ISCard_Release(card), 0);
}

/* A card that nobody has used since it came, and then one without power again, does not have the
 * protocol: nobody else is to blame. */
static void protocols_of_an_unused_card(void)
{
    static const DWORD waits_ms[] = { 0, 1500 };
    ISCard *card = create_card();

    for (size_t i = 0; i < ARRAYSIZE(waits_ms); i++)
    {
        check_context("an unused card, after %lu ms", (unsigned long)waits_ms[i]);
        check(simcard_remove() && simcard_insert());
        Sleep(waits_ms[i]);
        check_hr(ISCard_AttachByReader(card, reader, SHARED, (SCARD_PROTOCOLS)(3 - spoken)),
                 SC(E_PROTO_MISMATCH));
        check_description(L"AttachByReader", L"Ask for both protocols");
        check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
        check_hr(ISCard_Detach(card, LEAVE), S_OK);
    }
    ISCard_Release(card);
}

static void attach_by_reader(void)
{
    ISCard *card = create_card(), *other = create_card();
    BSTR empty = SysAllocString(L""), unknown = SysAllocString(L"No such reader");
    SCARD_PROTOCOLS protocol = 0;
    HSCARD first;

    check_context("attach by reader");
    check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
    check_hr(ISCard_get_Protocol(card, &protocol), S_OK);
    check_int(protocol, spoken);
    check_state(card, S_OK, SPECIFICMODE);
    first = handle_of(card);
    check(first != 0);
    check_hr(ISCard_AttachByReader(other, reader, SHARED, spoken), S_OK);
    check(handle_of(other) != first);
    check_hr(ISCard_AttachByReader(other, reader, EXCLUSIVE, ANY), SC(E_SHARING_VIOLATION));
    check_int((int64_t)handle_of(other), 0); /* the earlier attachment was ended first */
    check_hr(ISCard_AttachByReader(card, reader, EXCLUSIVE, ANY), S_OK); /* twice */
    check_hr(ISCard_AttachByReader(other, reader, SHARED, ANY), SC(E_SHARING_VIOLATION));
    check_hr(ISCard_Detach(card, LEAVE), S_OK);
    check_hr(ISCard_Detach(card, LEAVE), SC(E_INVALID_HANDLE));
    check_int((int64_t)handle_of(card), 0);
    check_hr(ISCard_AttachByReader(other, reader, SHARED, (SCARD_PROTOCOLS)(3 - spoken)),
             SC(E_PROTO_MISMATCH));

    check_context("attach by reader, bad");
    check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
    first = handle_of(card);
    check_hr(ISCard_AttachByReader(card, NULL, SHARED, ANY), E_INVALIDARG);
    check_description(L"ISCard::AttachByReader", L"SCardListReaders");
    check_hr(ISCard_AttachByReader(card, empty, SHARED, ANY), E_INVALIDARG);
    check_hr(ISCard_AttachByReader(card, reader, (SCARD_SHARE_MODES)0, ANY), E_INVALIDARG);
    check_hr(ISCard_AttachByReader(card, reader, (SCARD_SHARE_MODES)3, ANY), E_INVALIDARG);
    check_hr(ISCard_AttachByReader(card, reader, SHARED, (SCARD_PROTOCOLS)0), E_INVALIDARG);
    check_hr(ISCard_AttachByReader(card, reader, SHARED, (SCARD_PROTOCOLS)4), E_INVALIDARG);
    check_hr(ISCard_AttachByReader(card, reader, SHARED, (SCARD_PROTOCOLS)-1), E_INVALIDARG);
    check(handle_of(card) == first); /* bad arguments change nothing */
    check_state(card, S_OK, SPECIFICMODE);
    check_hr(ISCard_AttachByReader(card, unknown, SHARED, ANY), SC(E_UNKNOWN_READER));
    check_int((int64_t)handle_of(card), 0);
    SysFreeString(empty);
    SysFreeString(unknown);
    check_int(ISCard_Release(card), 0);
    check_int(ISCard_Release(other), 0);
}

static void atr(void)
{
    ISCard *card = create_attached();
    BYTE expected[SCARD_ATR_LENGTH], got[64] = { 0 };
    WCHAR names[256];
    DWORD names_chars = 256, state, protocol, expected_len = sizeof(expected);
    IByteBuffer *buffer = NULL;
    LONG len = 0;

    check_context("Atr");
    check_int(SCardStatusW(handle_of(card), names, &names_chars, &state, &protocol, expected,
                           &expected_len),
              0);
    check_hr(ISCard_get_Atr(card, &buffer), S_OK);
    check_hr(IByteBuffer_Read(buffer, got, sizeof(got), &len), S_OK);
    check_int(len, expected_len);
    check(memcmp(got, expected, expected_len) == 0);
    IByteBuffer_Release(buffer);
    ISCard_Release(card);
}

/* A handle of ours in ISCardManage, a handle of the client's in both, and the other way round. */
static void handles_go_round(void)
{
    ISCard *card = create_attached(), *second = create_card();
    ISCardManage *manage = NULL;
    SCARDCONTEXT context;
    SCARDHANDLE handle;
    DWORD active;
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;

    check_context("handles");
    manage = client_manage();
    check_hr(ISCardManage_AttachByHandle(manage, handle_of(card)), S_OK);
    check_hr(ISCardManage_Status(manage, &state, &protocol), S_OK);
    check_int(protocol, spoken);
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
    check_hr(ISCardManage_Detach(manage), S_OK);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000); /* not disconnected */
    check_hr(ISCard_AttachByHandle(second, handle_of(card)), S_OK);
    check_int(STATUS_OF(second, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    /* Somebody else's handle is dead when he is done. */
    check_hr(ISCard_Detach(card, LEAVE), S_OK);
    check_state(second, SC(E_INVALID_HANDLE), 0);
    check_hr(ISCard_Detach(second, LEAVE), S_OK);

    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(
        SCardConnectW(context, reader, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, &handle, &active), 0);
    check_hr(ISCardManage_AttachByHandle(manage, handle), S_OK);
    check_hr(ISCard_AttachByHandle(card, handle), S_OK);
    check(handle_of(card) == handle);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_hr(ISCard_Detach(card, RESET), S_OK);
    check_hr(ISCard_AttachByHandle(card, handle), S_OK); /* the handle is the client's still */
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_hr(ISCardManage_Status(manage, &state, &protocol), S_OK);
    check_int(ISCard_Release(card), 0);
    check_int(ISCardManage_Release(manage), 0);
    check_int(SCardDisconnect(handle, SCARD_LEAVE_CARD), 0);
    check_int(SCardReleaseContext(context), 0);

    check_context("garbage handles");
    static const ULONG_PTR garbage[] = { 0, 1, 0xFFFF, 0xEA010001, (ULONG_PTR)-1, (ULONG_PTR)-8 };
    check_hr(ISCard_AttachByReader(second, reader, SHARED, ANY), S_OK);
    HSCARD kept = handle_of(second);
    for (size_t i = 0; i < ARRAYSIZE(garbage); i++)
        check_hr(ISCard_AttachByHandle(second, garbage[i]), E_INVALIDARG);
    check_hr(ISCard_AttachByHandle(second, (HSCARD)handle), E_INVALIDARG); /* closed by now */
    check(handle_of(second) == kept);
    check_int(ISCard_Release(second), 0);
}

static void detach_dispositions(void)
{
    ISCard *card = create_attached(), *witness = create_attached();

    check_context("Detach");
    check_hr(ISCard_Detach(card, (SCARD_DISPOSITIONS)4), E_INVALIDARG);
    check_description(L"ISCard::Detach", L"LEAVE (0)");
    check_hr(ISCard_Detach(card, (SCARD_DISPOSITIONS)-1), E_INVALIDARG);
    check(handle_of(card) != 0);
    check_hr(ISCard_Detach(card, RESET), S_OK);
    check_state(witness, SC(W_RESET_CARD), 0);
    check_hr(ISCard_ReAttach(witness, SHARED, LEAVE), S_OK);
    check_state(witness, S_OK, SPECIFICMODE);
    check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
    check_hr(ISCard_LockSCard(card), S_OK);
    check_hr(ISCard_Detach(card, LEAVE), S_OK); /* ends the lock */
    check_hr(ISCard_LockSCard(witness), S_OK);
    check_hr(ISCard_UnlockSCard(witness, LEAVE), S_OK);
    check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
    check_hr(ISCard_Detach(card, UNPOWER), S_OK);
    check_state(witness, SC(W_RESET_CARD), 0);
    ISCard_Release(card);
    ISCard_Release(witness);
}

static void reattach(void)
{
    ISCard *card = create_attached(), *other = create_card();

    check_context("ReAttach");
    check_hr(ISCard_ReAttach(card, EXCLUSIVE, LEAVE), S_OK);
    check_hr(ISCard_AttachByReader(other, reader, SHARED, ANY), SC(E_SHARING_VIOLATION));
    check_hr(ISCard_ReAttach(card, SHARED, LEAVE), S_OK);
    check_hr(ISCard_AttachByReader(other, reader, SHARED, ANY), S_OK);
    check_hr(ISCard_ReAttach(card, EXCLUSIVE, LEAVE), SC(E_SHARING_VIOLATION));
    check_state(card, S_OK, SPECIFICMODE);
    check_hr(ISCard_ReAttach(card, SHARED, RESET), S_OK);
    check_state(card, S_OK, SPECIFICMODE);
    check_state(other, SC(W_RESET_CARD), 0);
    check_hr(ISCard_ReAttach(other, SHARED, UNPOWER), S_OK);
    check_hr(ISCard_ReAttach(card, SHARED, LEAVE), S_OK);
    check_hr(ISCard_ReAttach(card, SHARED, EJECT), E_INVALIDARG);
    check_hr(ISCard_ReAttach(card, SHARED, (SCARD_DISPOSITIONS)-1), E_INVALIDARG);
    check_hr(ISCard_ReAttach(card, (SCARD_SHARE_MODES)3, LEAVE), E_INVALIDARG);
    /* A lock is kept. */
    check_hr(ISCard_LockSCard(card), S_OK);
    check_hr(ISCard_ReAttach(card, SHARED, LEAVE), S_OK);
    check_hr(ISCard_UnlockSCard(card, LEAVE), S_OK);
    check_hr(ISCard_UnlockSCard(card, LEAVE), SC(E_NOT_TRANSACTED));
    ISCard_Release(card);
    ISCard_Release(other);
}

static HANDLE has_lock;

static DWORD WINAPI lock_in_thread(void *argument)
{
    ISCard *card = argument;

    check_hr(ISCard_LockSCard(card), S_OK);
    SetEvent(has_lock);
    check_hr(ISCard_UnlockSCard(card, LEAVE), S_OK);
    return 0;
}

static void locks(void)
{
    ISCard *card = create_attached(), *other = create_attached();
    HANDLE thread;

    check_context("locks");
    check_hr(ISCard_UnlockSCard(card, LEAVE), SC(E_NOT_TRANSACTED));
    check_hr(ISCard_LockSCard(card), S_OK);
    check_hr(ISCard_LockSCard(card), S_OK);
    check_hr(ISCard_UnlockSCard(card, (SCARD_DISPOSITIONS)4), E_INVALIDARG);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_hr(ISCard_UnlockSCard(card, LEAVE), S_OK);
    /* Still one lock: another connection waits. */
    has_lock = CreateEventW(NULL, TRUE, FALSE, NULL);
    thread = CreateThread(NULL, 0, lock_in_thread, other, 0, NULL);
    check_int(WaitForSingleObject(has_lock, 300), WAIT_TIMEOUT);
    check_hr(ISCard_UnlockSCard(card, LEAVE), S_OK);
    check_int(WaitForSingleObject(has_lock, 10000), WAIT_OBJECT_0);
    check_int(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    CloseHandle(thread);
    CloseHandle(has_lock);
    check_hr(ISCard_LockSCard(card), S_OK);
    check_hr(ISCard_UnlockSCard(card, RESET), S_OK);
    check_state(card, S_OK, SPECIFICMODE); /* who resets knows of it */
    check_state(other, SC(W_RESET_CARD), 0);
    ISCard_Release(card);
    ISCard_Release(other);
}

static void transactions(void)
{
    ISCard *card = create_attached();
    BYTE reply[700];
    WORD status = 0;

    check_context("Transaction");
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x2F\x02"), 0x9000);
    check_int(transact(card, "\0\xB0\0\0\x08", 5, S_OK, reply, sizeof(reply), &status), 10);
    check_int(status, 0x9000);
    check(memcmp(reply, spoken == T1 ? "SCM-0001\x90\0" : "SCM-T0-0\x90\0", 10) == 0);
    /* Refusals are the client's to judge. */
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x12\x34"), 0x6A82);
    check_int(STATUS_OF(card, "\0\xEE\0\0"), 0x6D00);
    check_int(STATUS_OF(card, "\0\x20\0\x01\x04"
                              "1234"),
              0x9000);
    /* Data and Le: with T=0 the answer is fetched, with T=1 it comes by itself. */
    check_int(STATUS_OF(card, "\0\xA4\x04\0\x06\xF0SCMT0"), spoken == T1 ? 0x6A82 : 0x9000);
    LONG len = transact(card, "\0\xA4\0\0\x02\x3F\0\0", 8, S_OK, reply, sizeof(reply), &status);
    check_int(status, 0x9000);
    check(len > 10 && reply[0] == 0x6F && reply[1] == len - 4);

    check_context("a file of many bytes");
    check_int(STATUS_OF(card, "\0\xA4\x08\x0C\x04\x7F\x10\x6F\x03"), 0x9000);
    check_int(transact(card, "\0\xB0\0\0\0", 5, S_OK, reply, sizeof(reply), &status), 258);
    check_int(status, 0x9000);
    check_int(reply[200], 200);
    if (spoken == T1)
        check_int(transact(card, "\0\xB0\0\0\0\x02\x58", 7, S_OK, reply, sizeof(reply), &status),
                  602);
    /* Le beyond the end: T=1 tells, T=0 is mended. */
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x2F\x02"), 0x9000);
    len = transact(card, "\0\xB0\0\0\x40", 5, S_OK, reply, sizeof(reply), &status);
    check_int(status, spoken == T1 ? 0x6282 : 0x9000);
    check_int(len, spoken == T1 ? 10 : 11);
    ISCard_Release(card);
}

/* Commands that are none, objects that fail, and pointers that are missing. */
static void bad_commands(void)
{
    ISCard *card = create_attached();
    struct client_cmd *cmd = client_cmd_create(NULL);
    ISCardCmd *iface = &cmd->ISCardCmd_iface, *none = NULL;
    BYTE reply[16];

    check_context("bad commands");
    check_hr(ISCard_Transaction(card, NULL), E_POINTER);
    check_hr(ISCard_Transaction(card, &none), E_POINTER);
    check_hr(ISCard_Transaction(card, &iface), E_INVALIDARG); /* no APDU at all */
    check_description(L"ISCard::Transaction", L"no command");
    cmd->apdu = buffer_of("", 0);
    check_hr(ISCard_Transaction(card, &iface), E_INVALIDARG);
    cmd->fail_get_apdu = STG_E_ACCESSDENIED;
    check_hr(ISCard_Transaction(card, &iface), STG_E_ACCESSDENIED);
    cmd->fail_get_apdu = S_OK;
    IByteBuffer_Release(cmd->apdu);
    cmd->apdu = buffer_of("\0\xA4\0\x0C\x02\x3F\0", 7);
    cmd->fail_put_reply = E_OUTOFMEMORY;
    check_hr(ISCard_Transaction(card, &iface), E_OUTOFMEMORY);
    cmd->fail_put_reply = S_OK;
    check_hr(IByteBuffer_Seek(cmd->apdu, 0, STREAM_SEEK_END, NULL), S_OK);
    check_hr(ISCard_Transaction(card, &iface), S_OK); /* wherever the seek pointer stands */
    check_int(cmd->status, 0x9000);
    check_int(cmd->refs, 1);
    ISCardCmd_Release(iface);
    check_int(transact(card, "\0\xA4\0", 3, E_INVALIDARG, reply, sizeof(reply), NULL), -1);
    static BYTE huge[70000];
    check_int(transact(card, huge, sizeof(huge), E_INVALIDARG, reply, sizeof(reply), NULL), -1);

    check_hr(ISCard_get_Atr(card, NULL), E_POINTER);
    check_hr(ISCard_get_CardHandle(card, NULL), E_POINTER);
    check_hr(ISCard_get_Context(card, NULL), E_POINTER);
    check_hr(ISCard_get_Protocol(card, NULL), E_POINTER);
    check_hr(ISCard_get_Status(card, NULL), E_POINTER);
    ISCard_Release(card);
}

/* Cards that lie about lengths: nothing is lost, nothing crashes, and the next command works. */
static void hostile_answers(void)
{
    static const char *const modes[] = { "long",    "oversized", "one-byte",
                                         "garbage", "more",      "wrong-le" };
    static BYTE reply[70000];

    for (size_t i = 0; i < ARRAYSIZE(modes); i++)
    {
        char order[40];
        ISCard *card = create_attached();
        IByteBuffer *apdu = buffer_of("\0\xB0\0\0\x08", 5);
        struct client_cmd *cmd = client_cmd_create(apdu);
        ISCardCmd *iface = &cmd->ISCardCmd_iface;

        check_context("hostile %s", modes[i]);
        snprintf(order, sizeof(order), "hostile %s", modes[i]);
        check(simcard_order(order));
        HRESULT hr = ISCard_Transaction(card, &iface);
        check(hr == S_OK || FAILED(hr));
        if (hr == S_OK)
        {
            LONG len = 0;
            check_hr(IByteBuffer_Read(cmd->reply, reply, sizeof(reply), &len), S_OK);
            check(len >= 2 && (reply[len - 2] << 8 | reply[len - 1]) == cmd->status);
            if (strcmp(modes[i], "long") == 0) check(len > 10); /* longer than announced: whole */
        }
        else
            check(cmd->reply == NULL);
        check(simcard_order("hostile off"));
        hr = ISCard_ReAttach(card, SHARED, RESET);
        if (FAILED(hr))
        {
            check(simcard_remove());
            check(simcard_insert());
            check_hr(ISCard_AttachByReader(card, reader, SHARED, ANY), S_OK);
        }
        check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
        IByteBuffer_Release(apdu);
        ISCardCmd_Release(iface);
        ISCard_Release(card);
    }
}

static void removal(void)
{
    ISCard *card = create_attached();
    BYTE reply[16];
    IByteBuffer *buffer;

    check_context("removal");
    check_hr(ISCard_LockSCard(card), S_OK);
    check(simcard_remove());
    check_state(card, S_OK, ABSENT);
    check_int(
        transact(card, "\0\xA4\0\x0C\x02\x3F\0", 7, SC(W_REMOVED_CARD), reply, sizeof(reply), NULL),
        -1);
    check_description(L"ISCard::Transaction", L"SCARD_W_REMOVED_CARD", L"ReAttach");
    check_hr(ISCard_get_Atr(card, &buffer), SC(W_REMOVED_CARD));
    check(FAILED(ISCard_ReAttach(card, SHARED, LEAVE)));
    check(simcard_insert());
    check_hr(ISCard_ReAttach(card, SHARED, LEAVE), S_OK);
    check_state(card, S_OK, SPECIFICMODE);
    check_int(STATUS_OF(card, "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    check_hr(ISCard_Detach(card, LEAVE), S_OK);
    ISCard_Release(card);
}

static HRESULT invoke(IDispatch *object, const WCHAR *member, WORD flags, VARIANT *arguments,
                      UINT count, VARIANT *result, EXCEPINFO *exception)
{
    DISPPARAMS params = { arguments, NULL, count, 0 };
    LPOLESTR name = (LPOLESTR)(ULONG_PTR)member;
    DISPID id;

    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, 0, &id);
    if (FAILED(hr)) return hr;
    return IDispatch_Invoke(object, id, &IID_NULL, 0, flags, &params, result, exception, NULL);
}

static void late_bound(void)
{
    ISCard *card = create_card();
    IDispatch *object = (IDispatch *)card;
    IByteBuffer *apdu = buffer_of("\0\xA4\0\x0C\x02\x3F\0", 7);
    struct client_cmd *cmd = client_cmd_create(apdu);
    VARIANT arguments[3], result, held;
    EXCEPINFO exception = { 0 };

    check_context("late bound");
    V_VT(&arguments[2]) = VT_BSTR;
    V_BSTR(&arguments[2]) = reader;
    V_VT(&arguments[1]) = VT_I2; /* as scripts number */
    V_I2(&arguments[1]) = SHARED;
    V_VT(&arguments[0]) = VT_I2;
    V_I2(&arguments[0]) = T0 | T1;
    check_hr(invoke(object, L"AttachByReader", DISPATCH_METHOD, arguments, 3, NULL, NULL), S_OK);
    check_hr(invoke(object, L"CardHandle", DISPATCH_PROPERTYGET, NULL, 0, &result, NULL), S_OK);
    V_VT(&held) = VT_EMPTY;
    check_hr(VariantChangeType(&held, &result, 0, VT_R8), S_OK);
    check(V_R8(&held) == (double)(LONGLONG)handle_of(card));
    check_hr(invoke(object, L"Context", DISPATCH_PROPERTYGET, NULL, 0, &result, NULL), S_OK);
    check_hr(invoke(object, L"Protocol", DISPATCH_PROPERTYGET, NULL, 0, &result, NULL), S_OK);
    check_int(V_VT(&result), VT_I4);
    check_int(V_I4(&result), spoken);
    check_hr(invoke(object, L"Status", DISPATCH_PROPERTYGET, NULL, 0, &result, NULL), S_OK);
    check_int(V_I4(&result), SPECIFICMODE);
    /* Atr is the default member. */
    DISPPARAMS nothing = { NULL, NULL, 0, 0 };
    check_hr(IDispatch_Invoke(object, DISPID_VALUE, &IID_NULL, 0, DISPATCH_PROPERTYGET, &nothing,
                              &result, NULL, NULL),
             S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    VariantClear(&result);
    check_hr(invoke(object, L"LockSCard", DISPATCH_METHOD, NULL, 0, NULL, NULL), S_OK);
    /* The command by reference, in a Variant, and by value. */
    V_VT(&held) = VT_DISPATCH;
    V_DISPATCH(&held) = (IDispatch *)&cmd->ISCardCmd_iface;
    V_VT(&arguments[0]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&arguments[0]) = &held;
    check_hr(invoke(object, L"Transaction", DISPATCH_METHOD, arguments, 1, NULL, NULL), S_OK);
    check_int(cmd->status, 0x9000);
    check(V_VT(&held) == VT_DISPATCH && V_DISPATCH(&held) == (IDispatch *)&cmd->ISCardCmd_iface);
    cmd->status = 0;
    check_hr(invoke(object, L"Transaction", DISPATCH_METHOD, &held, 1, NULL, NULL), S_OK);
    check_int(cmd->status, 0x9000);
    check_int(cmd->refs, 1);
    check_hr(invoke(object, L"UnlockSCard", DISPATCH_METHOD, NULL, 0, NULL, NULL), S_OK);
    check_hr(invoke(object, L"UnlockSCard", DISPATCH_METHOD, NULL, 0, NULL, &exception),
             DISP_E_EXCEPTION);
    check_hr(exception.scode, SC(E_NOT_TRANSACTED));
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"UnlockSCard"));
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrHelpFile);
    V_VT(&arguments[1]) = VT_I2;
    V_VT(&arguments[0]) = VT_I2;
    V_I2(&arguments[0]) = RESET;
    check_hr(invoke(object, L"ReAttach", DISPATCH_METHOD, arguments, 2, NULL, NULL), S_OK);
    check_hr(invoke(object, L"Detach", DISPATCH_METHOD, NULL, 0, NULL, NULL), S_OK);
    /* Defaults: EXCLUSIVE and T=0. */
    check_hr(invoke(object, L"AttachByReader", DISPATCH_METHOD,
                    &(VARIANT){ .vt = VT_BSTR, .bstrVal = reader }, 1, NULL, &exception),
             spoken == T0 ? S_OK : DISP_E_EXCEPTION);
    if (spoken == T1) check_hr(exception.scode, SC(E_PROTO_MISMATCH));
    if (spoken == T1) SysFreeString(exception.bstrDescription);
    if (spoken == T1) SysFreeString(exception.bstrSource);
    IByteBuffer_Release(apdu);
    ISCardCmd_Release(&cmd->ISCardCmd_iface);
    ISCard_Release(card);
}

/* An object made and let go holds neither contexts nor handles. */
static void many_objects(void)
{
    check_context("many objects");
    for (int i = 0; i < 300; i++)
    {
        ISCard *card = create_attached();
        check_int(ISCard_Release(card), 0);
    }
    ISCard *cards[40];
    for (size_t i = 0; i < ARRAYSIZE(cards); i++)
        cards[i] = create_attached();
    for (size_t i = 0; i < ARRAYSIZE(cards); i++)
        check_int(STATUS_OF(cards[i], "\0\xA4\0\x0C\x02\x3F\0"), 0x9000);
    for (size_t i = 0; i < ARRAYSIZE(cards); i++)
        check_int(ISCard_Release(cards[i]), 0);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    ISCard *card = create_attached();
    check_hr(ISCard_get_Protocol(card, &spoken), S_OK);
    ISCard_Release(card);
    before_attach();
    attach_by_reader();
    protocols_of_an_unused_card();
    atr();
    handles_go_round();
    detach_dispositions();
    reattach();
    locks();
    transactions();
    bad_commands();
    hostile_answers();
    removal();
    late_bound();
    many_objects();
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
