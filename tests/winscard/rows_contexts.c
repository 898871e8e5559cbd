/*
 * rows_contexts - conformance rows on contexts, handles, memory and threads.
 * Layer: tests.
 * Reference: SCardEstablishContext, SCardReleaseContext, SCardIsValidContext, SCardFreeMemory,
 *            SCardCancel, SCardAccessStartedEvent, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

/** Values that are nobody's handle: none, small, unmapped, our own memory, all bits. */
static const ULONG_PTR no_handles[] = { 0, 1, 0x1000, 0x40000000, 0x7FFEFFFF, (ULONG_PTR)-1 };
#define NO_HANDLE_COUNT (sizeof(no_handles) / sizeof(no_handles[0]))

static void check_bad_context(SCARDCONTEXT bad)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    SCARDHANDLE card = 7;
    DWORD chars = 0, protocol;

    check_result(SCardIsValidContext(bad), ERROR_INVALID_HANDLE);
    check_result(SCardReleaseContext(bad), ERROR_INVALID_HANDLE);
    check_result(SCardCancel(bad), ERROR_INVALID_HANDLE);
    check_result(SCardGetStatusChangeW(bad, 0, &state, 1), ERROR_INVALID_HANDLE);
    check_result(
        SCardConnectW(bad, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
        ERROR_INVALID_HANDLE);
    check_int(card, 0);
    /* No context at all is allowed for a list. */
    if (bad) check_result(SCardListReadersW(bad, NULL, NULL, &chars), ERROR_INVALID_HANDLE);
}

static void check_bad_card(SCARDHANDLE bad)
{
    BYTE answer[64];
    DWORD len = sizeof(answer), state, protocol;

    check_result(SCardState(bad, &state, &protocol, NULL, NULL), ERROR_INVALID_HANDLE);
    check_result(SCardStatusW(bad, NULL, NULL, &state, &protocol, NULL, NULL),
                 ERROR_INVALID_HANDLE);
    check_result(SCardTransmit(bad, SCARD_PCI_T1, challenge, CHALLENGE_LEN, NULL, answer, &len),
                 ERROR_INVALID_HANDLE);
    check_result(SCardBeginTransaction(bad), ERROR_INVALID_HANDLE);
    check_result(SCardEndTransaction(bad, SCARD_LEAVE_CARD), ERROR_INVALID_HANDLE);
    check_result(SCardReconnect(bad, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol),
                 ERROR_INVALID_HANDLE);
    check_result(SCardControl(bad, SCARD_CTL_CODE(3400), NULL, 0, answer, sizeof(answer), &len),
                 ERROR_INVALID_HANDLE);
    len = sizeof(answer);
    check_result(SCardGetAttrib(bad, SCARD_ATTR_ATR_STRING, answer, &len), ERROR_INVALID_HANDLE);
    check_result(SCardDisconnect(bad, SCARD_LEAVE_CARD), ERROR_INVALID_HANDLE);
}

void row_BAD_HANDLE(void)
{
    BYTE memory[64] = { 0 };
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);

    for (size_t i = 0; i < NO_HANDLE_COUNT; i++)
    {
        check_bad_context(no_handles[i]);
        check_bad_card(no_handles[i]);
    }
    check_bad_context((ULONG_PTR)memory);
    check_bad_card((ULONG_PTR)memory);
    /* Of the other kind. */
    check_bad_card(context);
    check_bad_context(card);
    check_result(SCardIsValidContext(context), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_STALE_HANDLE(void)
{
    SCARDCONTEXT first = open_context(), context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);

    check_result(SCardReleaseContext(first), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    /* Newer handles do not bring the old ones back. */
    for (int i = 0; i < 300; i++)
    {
        SCARDCONTEXT other = open_context();
        if (!check(other != first)) break;
        check_result(SCardReleaseContext(other), 0);
    }
    check_bad_context(first);
    check_bad_card(card);
    card = open_card(context, SCARD_SHARE_SHARED);
    check_result(SCardReleaseContext(context), 0);
    /* A context takes its cards with it. */
    check_bad_card(card);
}

void row_AUTOALLOCATE(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    wchar_t *names = NULL;
    char *ansi = NULL;
    BYTE *bytes = NULL, *atr = NULL;
    DWORD chars = SCARD_AUTOALLOCATE, len, state, protocol, atr_len = SCARD_AUTOALLOCATE;

    check_result(SCardListReadersW(context, NULL, (wchar_t *)&names, &chars), 0);
    check(names && chars != SCARD_AUTOALLOCATE && wcslen(names) + 2 <= chars && !names[chars - 1]);
    check_result(SCardFreeMemory(context, names), 0);

    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReadersA(context, NULL, (char *)&ansi, &chars), 0);
    check(ansi && strlen(ansi) + 2 <= chars);
    check_result(SCardFreeMemory(context, ansi), 0);

    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReaderGroupsW(context, (wchar_t *)&names, &chars), 0);
    check_result(SCardFreeMemory(context, names), 0);

    chars = SCARD_AUTOALLOCATE;
    check_result(
        SCardStatusW(card, (wchar_t *)&names, &chars, &state, &protocol, (BYTE *)&atr, &atr_len),
        0);
    check(atr && atr_len >= 2 && atr_len <= 33 && (atr[0] == 0x3B || atr[0] == 0x3F));
    check_wide(names, test_reader());
    check_result(SCardFreeMemory(context, names), 0);
    check_result(SCardFreeMemory(context, atr), 0);

    len = SCARD_AUTOALLOCATE;
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (BYTE *)&bytes, &len), 0);
    check_int(len, atr_len);
    check_result(SCardFreeMemory(context, bytes), 0);

    /* Where there is no place for a pointer, the length is asked for all the same. */
    DWORD needed = 0;
    check_result(SCardListReadersW(context, NULL, NULL, &needed), 0);
    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReadersW(context, NULL, NULL, &chars), 0);
    check_int(chars, needed);
    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReadersA(context, NULL, NULL, &chars), 0);
    check_int(chars, needed);
    chars = atr_len = SCARD_AUTOALLOCATE;
    check_result(SCardStatusW(card, NULL, &chars, &state, &protocol, NULL, &atr_len), 0);
    check_int(chars, wcslen(test_reader()) + 2);
    check_int(atr_len, len);
    len = SCARD_AUTOALLOCATE;
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, &len), 0);
    check_int(len, atr_len);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_FREE_MEMORY(void)
{
    SCARDCONTEXT context = open_context();
    wchar_t *names = NULL;
    DWORD chars = SCARD_AUTOALLOCATE;
    int not_ours = 0;

    check_result(SCardListReadersW(0, NULL, (wchar_t *)&names, &chars), 0);
    check_result(SCardFreeMemory(0, names), 0);
    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReadersW(context, NULL, (wchar_t *)&names, &chars), 0);
    check_result(SCardFreeMemory(0x1234, names), ERROR_INVALID_HANDLE);
    check_result(SCardFreeMemory(context, names), 0);
    check_result(SCardFreeMemory(context, &not_ours), SCARD_E_INVALID_PARAMETER);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- Threads ---- */

struct waiter
{
    SCARDCONTEXT context;
    DWORD timeout_ms;
    LONG result;
};

static DWORD WINAPI wait_for_change(void *argument)
{
    struct waiter *waiter = argument;
    SCARD_READERSTATEW state = { .szReader = test_reader() };

    SCardGetStatusChangeW(waiter->context, 0, &state, 1);
    state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    waiter->result = SCardGetStatusChangeW(waiter->context, waiter->timeout_ms, &state, 1);
    return 0;
}

static bool ends_within(HANDLE thread, DWORD ms)
{
    return WaitForSingleObject(thread, ms) == WAIT_OBJECT_0;
}

void row_THREADS(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    struct waiter waiter = { context, INFINITE, -1 };
    HANDLE thread = CreateThread(NULL, 0, wait_for_change, &waiter, 0, NULL);
    DWORD began, chars = 0;

    Sleep(300); /* any time will do; usually the wait has begun */
    began = GetTickCount();
    check_result(SCardListReadersW(context, NULL, NULL, &chars), 0);
    check_result(exchange(card), 0);
    check(reader_state(context) & SCARD_STATE_PRESENT);
    check(GetTickCount() - began < 5000);
    check(!ends_within(thread, 0));
    check_result(SCardCancel(context), 0);
    if (check(ends_within(thread, 10000))) check_result(waiter.result, SCARD_E_CANCELLED);
    CloseHandle(thread);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_CANCEL(void)
{
    SCARDCONTEXT context = open_context();

    /* At whatever moment of its life the wait is hit: cancelling again ends it at the latest. */
    for (DWORD pause = 0; pause < 30; pause++)
    {
        struct waiter waiter = { context, INFINITE, -1 };
        HANDLE thread = CreateThread(NULL, 0, wait_for_change, &waiter, 0, NULL);
        bool ended = false;

        Sleep(pause);
        for (int i = 0; i < 100 && !ended; i++)
        {
            SCardCancel(context);
            ended = ends_within(thread, 100);
        }
        if (check(ended)) check_result(waiter.result, SCARD_E_CANCELLED);
        CloseHandle(thread);
        if (!ended) return;
    }
    /* A cancel without a wait does not linger. */
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    check_result(SCardCancel(context), 0);
    check_result(SCardGetStatusChangeW(context, 1000, &state, 1), 0);
    /* Releasing the context ends its waits too. */
    struct waiter waiter = { context, INFINITE, -1 };
    HANDLE thread = CreateThread(NULL, 0, wait_for_change, &waiter, 0, NULL);
    Sleep(200);
    check_result(SCardReleaseContext(context), 0);
    if (check(ends_within(thread, 10000)))
        check(waiter.result == SCARD_E_CANCELLED || waiter.result == ERROR_INVALID_HANDLE);
    CloseHandle(thread);
}

void row_STARTED_EVENT(void)
{
    HANDLE event = SCardAccessStartedEvent(), again;

    if (!check(event != NULL)) return;
    check_int(WaitForSingleObject(event, 5000), WAIT_OBJECT_0);
    again = SCardAccessStartedEvent();
    check(again == event);
    SCardReleaseStartedEvent();
    /* The first user's event is still there. */
    check_int(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    SCardReleaseStartedEvent();
    SCardReleaseStartedEvent(); /* once too often: nothing happens */
}

/* ---- Ends ---- */

int child_leaves_card_open(void)
{
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return 1;
    if (SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol))
        return 2;
    return exchange(card) == 0 ? 0 : 3;
}

void row_LEFT_OPEN(void)
{
    SCARDCONTEXT context = open_context(), other = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD protocol;

    check_int(run_child(L"--child-leaves-card-open"), 0);
    check_result(exchange(card), SCARD_W_RESET_CARD);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol), 0);
    check_result(exchange(card), 0);

    open_card(other, SCARD_SHARE_SHARED);
    check_result(SCardReleaseContext(other), 0);
    check_result(exchange(card), SCARD_W_RESET_CARD);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}
