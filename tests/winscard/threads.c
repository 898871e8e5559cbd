/*
 * threads - winscard.dll under many threads and in great numbers: handles freed while they are in
 *           use, ten thousand contexts, no descriptor or thread left behind.
 * Layer: tests. Needs the simulated card in its reader.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <winscard.h>
#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

#define CONTEXT_ROUNDS 10000
#define CONTEXTS_OPEN  1000
#define THREAD_COUNT   8
#define FREE_ROUNDS    40

static void check_many_contexts(void)
{
    static SCARDCONTEXT contexts[CONTEXTS_OPEN];
    DWORD handles_before = 0, handles_after = 0, chars = 0, descriptors;

    check_context("ten thousand contexts");
    check_result(SCardReleaseContext(open_context()), 0);
    GetProcessHandleCount(GetCurrentProcess(), &handles_before);
    descriptors = unix_count(L"fd");
    for (int i = 0; i < CONTEXT_ROUNDS; i++)
    {
        SCARDCONTEXT context = 0;
        LONG result = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
        if (result == 0) result = SCardReleaseContext(context);
        if (result != 0 && !check_result(result, 0)) return;
    }
    check_context("a thousand contexts at once");
    for (int i = 0; i < CONTEXTS_OPEN; i++)
        if (!check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &contexts[i]), 0))
            return;
    check_result(SCardListReadersW(contexts[CONTEXTS_OPEN - 1], NULL, NULL, &chars), 0);
    check_result(SCardListReadersW(contexts[0], NULL, NULL, &chars), 0);
    for (int i = 0; i < CONTEXTS_OPEN; i++)
        check_result(SCardReleaseContext(contexts[i]), 0);
    GetProcessHandleCount(GetCurrentProcess(), &handles_after);
    check(handles_after <= handles_before + 4);
    check(unix_count(L"fd") <= descriptors + 2);
}

/* ---- One context, many threads ---- */

struct worker
{
    SCARDCONTEXT context;
    SCARDHANDLE card;
    int failures;
    LONG last;
};

static DWORD WINAPI work(void *argument)
{
    struct worker *worker = argument;

    for (int i = 0; i < 50; i++)
    {
        SCARD_READERSTATEW state = { .szReader = test_reader() };
        DWORD chars = 0, protocol;
        SCARDHANDLE own;
        LONG results[6];

        results[0] = SCardListReadersW(worker->context, NULL, NULL, &chars);
        results[1] = SCardGetStatusChangeW(worker->context, 0, &state, 1);
        results[2] = exchange(worker->card);
        results[3] = SCardConnectW(worker->context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY,
                                   &own, &protocol);
        results[4] = results[3] ? 0 : exchange(own);
        results[5] = results[3] ? 0 : SCardDisconnect(own, SCARD_LEAVE_CARD);
        for (int r = 0; r < 6; r++)
        {
            if (results[r] == 0) continue;
            worker->failures++;
            worker->last = results[r];
        }
    }
    return 0;
}

static void check_shared_context(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    struct worker workers[THREAD_COUNT];
    HANDLE threads[THREAD_COUNT];

    check_context("one context and one card in %d threads", THREAD_COUNT);
    for (int i = 0; i < THREAD_COUNT; i++)
    {
        workers[i] = (struct worker){ context, card, 0, 0 };
        threads[i] = CreateThread(NULL, 0, work, &workers[i], 0, NULL);
    }
    check_int(WaitForMultipleObjects(THREAD_COUNT, threads, TRUE, 120000), WAIT_OBJECT_0);
    for (int i = 0; i < THREAD_COUNT; i++)
    {
        CloseHandle(threads[i]);
        check_int(workers[i].failures, 0);
        check_result(workers[i].last, 0);
    }
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- Freed while in use ---- */

static DWORD WINAPI use_until_invalid(void *argument)
{
    struct worker *worker = argument;

    do
        worker->last = exchange(worker->card);
    while (worker->last == 0);
    return 0;
}

static DWORD WINAPI wait_until_invalid(void *argument)
{
    struct worker *worker = argument;
    SCARD_READERSTATEW state = { .szReader = test_reader() };

    do
    {
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        worker->last = SCardGetStatusChangeW(worker->context, INFINITE, &state, 1);
    } while (worker->last == 0);
    return 0;
}

static bool is_gone(LONG result)
{
    return result == ERROR_INVALID_HANDLE || result == SCARD_E_CANCELLED ||
           result == SCARD_W_RESET_CARD;
}

static void check_freed_in_use(void)
{
    check_context("handles freed by another thread");
    for (DWORD round = 0; round < FREE_ROUNDS; round++)
    {
        SCARDCONTEXT context = open_context();
        struct worker user = { context, open_card(context, SCARD_SHARE_SHARED), 0, -1 };
        struct worker waiter = user;
        HANDLE threads[2] = { CreateThread(NULL, 0, use_until_invalid, &user, 0, NULL),
                              CreateThread(NULL, 0, wait_until_invalid, &waiter, 0, NULL) };

        Sleep(round % 20);
        if (round % 2) check_result(SCardDisconnect(user.card, SCARD_LEAVE_CARD), 0);
        check_result(SCardReleaseContext(context), 0);
        if (!check_int(WaitForMultipleObjects(2, threads, TRUE, 20000), WAIT_OBJECT_0)) return;
        CloseHandle(threads[0]);
        CloseHandle(threads[1]);
        if (!check(is_gone(user.last)) || !check(is_gone(waiter.last)))
            printf("    %08lx %08lx\n", user.last, waiter.last);
    }
}

/* ---- One thread waits for the card, the others go on ---- */

static DWORD WINAPI begin(void *argument)
{
    struct worker *worker = argument;
    worker->last = SCardBeginTransaction(worker->card);
    return 0;
}

static void check_waiting_begin(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE holder = open_card(context, SCARD_SHARE_SHARED);
    struct worker worker = { context, open_card(context, SCARD_SHARE_SHARED), 0, -1 };
    HANDLE thread;
    DWORD chars = 0;

    check_context("a transaction waited for");
    check_result(SCardBeginTransaction(holder), 0);
    thread = CreateThread(NULL, 0, begin, &worker, 0, NULL);
    check_int(WaitForSingleObject(thread, 400), WAIT_TIMEOUT);
    check_result(SCardListReadersW(context, NULL, NULL, &chars), 0);
    check_result(exchange(holder), 0);
    check_result(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    check_int(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0);
    check_result(worker.last, 0);
    CloseHandle(thread);
    check_result(SCardEndTransaction(worker.card, SCARD_LEAVE_CARD), 0);

    check_context("disconnected while waiting for a transaction");
    check_result(SCardBeginTransaction(holder), 0);
    thread = CreateThread(NULL, 0, begin, &worker, 0, NULL);
    check_int(WaitForSingleObject(thread, 400), WAIT_TIMEOUT);
    check_result(SCardDisconnect(worker.card, SCARD_LEAVE_CARD), 0);
    if (check_int(WaitForSingleObject(thread, 10000), WAIT_OBJECT_0))
        check_result(worker.last, ERROR_INVALID_HANDLE);
    CloseHandle(thread);
    check_result(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!check(simcard_wait(true))) return check_finish();
    check_many_contexts();
    check_shared_context();
    check_freed_in_use();
    check_waiting_begin();
    check_context(NULL);
    return check_finish();
}
