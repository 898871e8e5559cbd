/*
 * service - winscard.dll when the resource manager is killed under it: whoever waits is told, nobody
 *           hangs, nothing is left behind, and a new context works once there is a new daemon.
 * Layer: tests. Needs the simulated card in its reader, and somebody who carries out orders: a line
 * "order: kill service" on standard output is answered by "done" on standard input.
 * Reference: SCardGetStatusChange, SCardBeginTransaction, SCardIsValidContext, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <winscard.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

#define ROUNDS      3
#define PATIENCE_MS 30000

static bool order(const char *what)
{
    char line[64] = "";

    printf("order: %s\n", what);
    fflush(stdout);
    return fgets(line, sizeof(line), stdin) && strncmp(line, "done", 4) == 0;
}

struct waiter
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    LONG result;
};

static DWORD WINAPI wait_for_change(void *argument)
{
    struct waiter *waiter = argument;
    SCARD_READERSTATEW state = { .szReader = test_reader() };

    do
    {
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        waiter->result = SCardGetStatusChangeW(waiter->context, INFINITE, &state, 1);
    } while (waiter->result == 0);
    return 0;
}

static DWORD WINAPI wait_for_card(void *argument)
{
    struct waiter *waiter = argument;
    waiter->result = SCardBeginTransaction(waiter->card);
    return 0;
}

static bool is_told(LONG result)
{
    if (result == SCARD_E_SERVICE_STOPPED || result == SCARD_E_NO_SERVICE) return true;
    printf("    it gave %08lx\n", (unsigned long)result);
    return false;
}

static void check_killed(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE holder = open_card(context, SCARD_SHARE_SHARED);
    struct waiter change = { context, 0, 0 };
    struct waiter card = { context, open_card(context, SCARD_SHARE_SHARED), 0 };
    DWORD chars = 0;

    check_result(SCardBeginTransaction(holder), 0);
    HANDLE threads[2] = { CreateThread(NULL, 0, wait_for_change, &change, 0, NULL),
                          CreateThread(NULL, 0, wait_for_card, &card, 0, NULL) };
    check_int(WaitForMultipleObjects(2, threads, FALSE, 300), WAIT_TIMEOUT);

    if (!check(order("kill service"))) return;
    if (!check_int(WaitForMultipleObjects(2, threads, TRUE, PATIENCE_MS), WAIT_OBJECT_0)) return;
    CloseHandle(threads[0]);
    CloseHandle(threads[1]);
    check(is_told(change.result));
    check(is_told(card.result));

    SCARD_READERSTATEW state = { .szReader = test_reader() };
    check(is_told(SCardIsValidContext(context)));
    check(is_told(SCardListReadersW(context, NULL, NULL, &chars)));
    check(is_told(SCardGetStatusChangeW(context, 0, &state, 1)));
    check(is_told(exchange(holder)));
    check(is_told(SCardEndTransaction(holder, SCARD_LEAVE_CARD)));
    SCARDCONTEXT none = 0;
    check(is_told(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &none)));
    check_int(none, 0);
    SCardDisconnect(card.card, SCARD_LEAVE_CARD);
    SCardDisconnect(holder, SCARD_LEAVE_CARD);
    check_result(SCardReleaseContext(context), 0);
    check_result(SCardReleaseContext(context), ERROR_INVALID_HANDLE);

    if (!check(order("start service"))) return;
    if (!check(simcard_wait(true))) return;
    context = open_context();
    holder = open_card(context, SCARD_SHARE_SHARED);
    check_result(exchange(holder), 0);
    check_result(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

int main(void)
{
    DWORD descriptors = 0, threads = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (!check(simcard_wait(true))) return check_finish();
    for (int round = 0; round < ROUNDS; round++)
    {
        check_context("killed, round %d", round + 1);
        check_killed();
        /* What the first round opened for good is no leak. */
        if (round == 0)
        {
            descriptors = unix_count(L"fd");
            threads = unix_count(L"task");
            printf("    %lu descriptors, %lu threads\n", descriptors, threads);
        }
    }
    check_context("what is left behind");
    check(unix_count(L"fd") <= descriptors + 2);
    check(unix_count(L"task") <= threads + 1);
    printf("    %lu descriptors, %lu threads\n", unix_count(L"fd"), unix_count(L"task"));
    check_context(NULL);
    return check_finish();
}
