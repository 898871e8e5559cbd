/*
 * wait_bench - what SCardGetStatusChange costs while nothing happens, and how long after the order to the
 *              card it tells of it.
 * Layer: tests. Needs a reader with a card that takes orders.
 * Prints the processor time of ten idle seconds, then milliseconds from taking out or putting in to the
 * end of the wait, of ten times each. The reader's driver has its share in these: pcscd looks at
 * it every 400 ms at the latest. Judges nothing.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <winscard.h>

#include "support/simcard_control.h"

#define IDLE_MS 10000u
#define ROUNDS  10

static SCARDCONTEXT context;
static SCARD_READERSTATEW state;

static double processor_ms(void)
{
    FILETIME created, ended, kernel, user;
    ULARGE_INTEGER a, b;
    GetProcessTimes(GetCurrentProcess(), &created, &ended, &kernel, &user);
    a.LowPart = kernel.dwLowDateTime;
    a.HighPart = kernel.dwHighDateTime;
    b.LowPart = user.dwLowDateTime;
    b.HighPart = user.dwHighDateTime;
    return (double)(a.QuadPart + b.QuadPart) / 10000.0;
}

/* As it is now. */
static void look(void)
{
    state.dwCurrentState = SCARD_STATE_UNAWARE;
    SCardGetStatusChangeW(context, 0, &state, 1);
    state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
}

static DWORD WINAPI give_order(void *order)
{
    Sleep(1500); /* the wait has become slow by then */
    state.pvUserData = (void *)(ULONG_PTR)GetTickCount();
    simcard_order(order);
    return 0;
}

/* Milliseconds from an order to what it does to the reader. */
static DWORD time_order(const char *order, DWORD wanted)
{
    HANDLE thread;
    DWORD ended;

    look();
    thread = CreateThread(NULL, 0, give_order, (void *)order, 0, NULL);
    do
    {
        LONG result = SCardGetStatusChangeW(context, 20000, &state, 1);
        ended = GetTickCount();
        if (result) printf("SCardGetStatusChange: %08lX\n", result);
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    } while (!(state.dwEventState & wanted));
    WaitForSingleObject(thread, INFINITE);
    CloseHandle(thread);
    return ended - (DWORD)(ULONG_PTR)state.pvUserData;
}

int main(void)
{
    double began;

    state.szReader = test_reader();
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)) return 1;
    look();
    began = processor_ms();
    SCardGetStatusChangeW(context, IDLE_MS, &state, 1);
    printf("idle: %.1f ms of processor time a second\n",
           (processor_ms() - began) * 1000.0 / IDLE_MS);
    for (int i = 0; i < ROUNDS; i++)
    {
        DWORD out = time_order("remove", SCARD_STATE_EMPTY);
        DWORD in = time_order("insert", SCARD_STATE_PRESENT);
        printf("out %lu ms, in %lu ms\n", out, in);
    }
    SCardReleaseContext(context);
    return 0;
}
