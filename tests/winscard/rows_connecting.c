/*
 * rows_connecting - conformance rows on connecting, sharing, states, transactions.
 * Layer: tests.
 * Reference: SCardConnect, SCardReconnect, SCardStatus, SCardBeginTransaction, SCardEndTransaction,
 *            Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

void row_PROTOCOL_RAW(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = 0;
    DWORD protocol = 0, status_protocol = 0;

    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW,
                               &card, &protocol),
                 0);
    check_int(protocol, SCARD_PROTOCOL_RAW);
    check_result(card_protocol(card, &status_protocol), 0);
    check_int(status_protocol, SCARD_PROTOCOL_RAW);
    check_int(g_rgSCardRawPci.dwProtocol, SCARD_PROTOCOL_RAW);
    check_int(g_rgSCardT0Pci.dwProtocol, SCARD_PROTOCOL_T0);
    check_int(g_rgSCardT1Pci.dwProtocol, SCARD_PROTOCOL_T1);
    check_int(g_rgSCardRawPci.cbPciLength, sizeof(SCARD_IO_REQUEST));
    check_result(SCardDisconnect(card, SCARD_RESET_CARD), 0);
    /* pcsc-lite's number is none. */
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, 4, &card, &protocol),
                 SCARD_E_PROTO_MISMATCH);
    check_int(card, 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_PROTOCOL_DEFAULT(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = 0;
    DWORD protocol = 0;

    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_DEFAULT,
                               &card, &protocol),
                 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED,
                               SCARD_PROTOCOL_DEFAULT | PROTOCOL_ANY, &card, &protocol),
                 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    /* No protocol at all is for DIRECT only. */
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, 0, &card, &protocol),
                 SCARD_E_PROTO_MISMATCH);
    check_result(SCardConnectW(context, test_reader(), 0, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_INVALID_VALUE);
    check_result(SCardConnectW(context, test_reader(), 4, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_INVALID_VALUE);
    check_result(SCardReleaseContext(context), 0);
}

/* Programs that want one protocol, or send without a PCI, have no use for the answer. */
void row_PROTOCOL_NULL(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = 0;
    DWORD protocol = 0;

    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, NULL), 0);
    check_result(exchange(card), 0);
    check_result(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_RESET_CARD, NULL), 0);
    check_result(card_protocol(card, &protocol), 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, NULL, NULL), 0);
    check_result(SCardStatusA(card, NULL, NULL, NULL, &protocol, NULL, NULL), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(
        SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, NULL),
        0);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_CARD_STATE(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD state = 99, protocol;

    check_result(SCardStatusW(card, NULL, NULL, &state, &protocol, NULL, NULL), 0);
    check(state <= SCARD_SPECIFIC && state >= SCARD_POWERED);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);

    if (check(simcard_remove()))
    {
        check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card,
                                   &protocol),
                     SCARD_E_NO_SMARTCARD);
        check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &card, &protocol),
                     0);
        check_result(SCardStatusW(card, NULL, NULL, &state, &protocol, NULL, NULL), 0);
        check_int(state, SCARD_ABSENT);
        check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    }
    check(simcard_insert());
    check_result(SCardReleaseContext(context), 0);
}

void row_CARD_STATE_SPECIFIC(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD state = 99, protocol = 99;

    check_result(SCardStatusW(card, NULL, NULL, &state, &protocol, NULL, NULL), 0);
    check_int(state, SCARD_SPECIFIC);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_STATUS_NAME(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    wchar_t name[256];
    char ansi[256];
    BYTE atr[36];
    DWORD name_len = (DWORD)wcslen(test_reader()), chars = 256, atr_len = 0, len;

    memset(name, 0x55, sizeof(name));
    check_result(SCardStatusW(card, name, &chars, NULL, NULL, NULL, &atr_len), 0);
    check_int(chars, name_len + 2);
    check_wide(name, test_reader());
    check_int(name[name_len + 1], 0);
    memset(ansi, 0x55, sizeof(ansi));
    chars = 256;
    check_result(SCardStatusA(card, ansi, &chars, NULL, NULL, NULL, NULL), 0);
    check_int(chars, name_len + 2);
    check(strcmp(ansi, test_reader_ansi()) == 0 && ansi[name_len + 1] == 0);

    /* Lengths alone, and buffers one too short. */
    chars = 0;
    check_result(SCardStatusW(card, NULL, &chars, NULL, NULL, NULL, NULL), 0);
    check_int(chars, name_len + 2);
    chars--;
    check_result(SCardStatusW(card, name, &chars, NULL, NULL, NULL, NULL),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(chars, name_len + 2);
    len = atr_len - 1;
    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, atr, &len),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(len, atr_len);
    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, NULL, NULL), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- Sharing ---- */

/** A connection from another process. */
int child_uses_shared(void)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return 100;
    LONG result =
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol);
    if (result == 0) SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return result == 0 ? 0 : result == SCARD_E_SHARING_VIOLATION ? 1 : 101;
}

/** A direct connection from another process. */
int child_holds_direct(void)
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    DWORD protocol = 99;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return 100;
    LONG result = SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &card, &protocol);
    if (result == 0) SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    return result == 0 ? 0 : result == SCARD_E_SHARING_VIOLATION ? 1 : 101;
}

void row_SHARE_DIRECT(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE direct = 0, card = 0;
    DWORD protocol = 99;

    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &direct, &protocol),
                 0);
    check_int(protocol, 0);
    check_result(card_protocol(direct, &protocol), 0);
    check_int(protocol, 0);
    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
        SCARD_E_SHARING_VIOLATION);
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &card, &protocol),
                 SCARD_E_SHARING_VIOLATION);
    check_int(run_child(L"--child-uses-shared"), 1);
    /* It becomes a shared one, and others may come. */
    check_result(
        SCardReconnect(direct, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(exchange(direct), 0);
    check_int(run_child(L"--child-uses-shared"), 0);
    check_int(run_child(L"--child-holds-direct"), 1);
    card = open_card(context, SCARD_SHARE_SHARED);
    check_result(SCardReconnect(direct, SCARD_SHARE_DIRECT, 0, SCARD_LEAVE_CARD, &protocol),
                 SCARD_E_SHARING_VIOLATION);
    check_result(exchange(direct), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(direct, SCARD_LEAVE_CARD), 0);
    check_int(run_child(L"--child-holds-direct"), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_RECONNECT_POWERS(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD protocol = 0;

    check_result(SCardDisconnect(card, SCARD_UNPOWER_CARD), 0);
    check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_DIRECT, 0, &card, &protocol), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(exchange(card), 0);
    check_result(SCardReconnect(card, SCARD_SHARE_DIRECT, 0, SCARD_LEAVE_CARD, &protocol), 0);
    check_int(protocol, 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_UNPOWER_CARD, &protocol), 0);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

/** The time after which pcscd has taken the power from a card that nobody connects to. */
#define POWER_LOST_MS 1000

static void check_new_card(SCARDCONTEXT context, DWORD share, bool in_transaction)
{
    SCARDHANDLE card = open_card(context, share);
    DWORD protocol = 0;

    check_result(exchange(card), 0);
    if (in_transaction) check_result(SCardBeginTransaction(card), 0);
    if (!check(simcard_remove() && simcard_insert())) return;
    Sleep(POWER_LOST_MS);
    check_result(exchange(card), SCARD_W_REMOVED_CARD);
    check_result(SCardReconnect(card, share, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_result(exchange(card), 0);
    /* And keeps it. */
    Sleep(POWER_LOST_MS);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

void row_RECONNECT_NEW_CARD(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card, other;
    DWORD protocol = 0;

    check_new_card(context, SCARD_SHARE_SHARED, false);
    check_new_card(context, SCARD_SHARE_SHARED, true);
    check_new_card(context, SCARD_SHARE_EXCLUSIVE, false);

    /* A card that was not removed is left alone: another connection hears of no reset. */
    card = open_card(context, SCARD_SHARE_SHARED);
    other = open_card(context, SCARD_SHARE_SHARED);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check_result(exchange(other), 0);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);

    /* With no card there is nothing to reconnect to; with the next one there is. */
    if (check(simcard_remove()))
        check(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, NULL) != 0);
    check(simcard_insert());
    check_result(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, NULL), 0);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_RECONNECT_EXCLUSIVE(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    SCARDHANDLE other = open_card(context, SCARD_SHARE_SHARED), third;
    DWORD protocol;

    check_result(
        SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol),
        SCARD_E_SHARING_VIOLATION);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check_result(exchange(card), 0);
    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &third, &protocol),
        SCARD_E_SHARING_VIOLATION);
    check_result(
        SCardReconnect(card, SCARD_SHARE_EXCLUSIVE, PROTOCOL_ANY, SCARD_RESET_CARD, &protocol), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    third = open_card(context, SCARD_SHARE_SHARED);
    check_result(exchange(third), 0);
    check_result(SCardReconnect(card, 0, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol),
                 SCARD_E_INVALID_VALUE);
    check_result(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, 9, &protocol),
                 SCARD_E_INVALID_VALUE);
    check_result(SCardDisconnect(third, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(card, 9), SCARD_E_INVALID_VALUE);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- Transactions ---- */

struct beginner
{
    SCARDHANDLE card;
    LONG result;
};

static DWORD WINAPI begin_and_end(void *argument)
{
    struct beginner *beginner = argument;

    beginner->result = SCardBeginTransaction(beginner->card);
    if (beginner->result == 0) beginner->result = SCardEndTransaction(beginner->card, 0);
    return 0;
}

void row_RECONNECT_ENDS_LOCK(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    struct beginner other = { open_card(context, SCARD_SHARE_SHARED), -1 };
    HANDLE thread;
    DWORD protocol;

    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardBeginTransaction(card), 0);
    thread = CreateThread(NULL, 0, begin_and_end, &other, 0, NULL);
    check_int(WaitForSingleObject(thread, 500), WAIT_TIMEOUT);
    check_result(exchange(card), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    if (check_int(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0)) check_result(other.result, 0);
    CloseHandle(thread);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    check_result(SCardDisconnect(other.card, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_NOT_TRANSACTED(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_EXCLUSIVE), third;
    DWORD protocol;

    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardEndTransaction(card, 9), SCARD_E_INVALID_VALUE);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    /* The exclusive connection is as exclusive as before. */
    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &third, &protocol),
        SCARD_E_SHARING_VIOLATION);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    card = open_card(context, SCARD_SHARE_SHARED);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}
