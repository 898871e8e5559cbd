/*
 * attach_bench - what ISCardManage costs beside the winscard calls it stands for, in the same run.
 * Layer: tests. Needs the registered server and a reader with a card.
 * Prints a line for each pair: microseconds of the raw loop, of ours, and their ratio. Judges
 * nothing: times depend on the machine, and a test that depends on them fails by chance.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "support/simcard_control.h"

static SCARDCONTEXT context;
static SCARDHANDLE card;
static ISCardManage *manage;
static BSTR reader;

static bool raw_attach(void)
{
    SCARDHANDLE opened;
    DWORD protocol;
    return SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &opened, &protocol) == 0 &&
           SCardDisconnect(opened, SCARD_LEAVE_CARD) == 0;
}

static bool com_attach(void)
{
    ISCardManage *other = NULL;
    bool done = SUCCEEDED(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER,
                                           &IID_ISCardManage, (void **)&other)) &&
                SUCCEEDED(ISCardManage_AttachByIFD(other, reader, SHARED)) &&
                SUCCEEDED(ISCardManage_Detach(other));
    if (other) ISCardManage_Release(other);
    return done;
}

/* The object kept, as programs that attach for every customer do. */
static bool com_attach_again(void)
{
    static ISCardManage *kept;
    if (!kept && FAILED(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER,
                                         &IID_ISCardManage, (void **)&kept)))
        return false;
    return SUCCEEDED(ISCardManage_AttachByIFD(kept, reader, SHARED)) &&
           SUCCEEDED(ISCardManage_Detach(kept));
}

static bool raw_status(void)
{
    WCHAR name[128];
    BYTE atr[36];
    DWORD name_chars = 128, atr_len = sizeof(atr), state, protocol;
    return SCardStatusW(card, name, &name_chars, &state, &protocol, atr, &atr_len) == 0;
}

static bool com_status(void)
{
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;
    return SUCCEEDED(ISCardManage_Status(manage, &state, &protocol));
}

static bool raw_lock(void)
{
    return SCardBeginTransaction(card) == 0 && SCardEndTransaction(card, SCARD_LEAVE_CARD) == 0;
}

static bool com_lock(void)
{
    return SUCCEEDED(ISCardManage_SCardLock(manage)) &&
           SUCCEEDED(ISCardManage_SCardUnlock(manage, LEAVE));
}

/* Microseconds for one round; negative when a round failed. */
static double measure(bool (*round)(void), int rounds)
{
    LARGE_INTEGER frequency, from, to;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&from);
    for (int i = 0; i < rounds; i++)
        if (!round()) return -1;
    QueryPerformanceCounter(&to);
    return (double)(to.QuadPart - from.QuadPart) * 1e6 / (double)frequency.QuadPart / rounds;
}

static const struct
{
    const char *name;
    bool (*raw)(void);
    bool (*ours)(void);
} pairs[] = {
    { "connect, disconnect", raw_attach, com_attach_again },
    { "the same, a new object", raw_attach, com_attach },
    { "status", raw_status, com_status },
    { "begin, end transaction", raw_lock, com_lock },
};

static bool set_up(void)
{
    DWORD protocol;

    reader = SysAllocString(test_reader());
    return SUCCEEDED(CoInitializeEx(NULL, COINIT_APARTMENTTHREADED)) && simcard_wait(true) &&
           SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) == 0 &&
           SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &card, &protocol) == 0 &&
           SUCCEEDED(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER,
                                      &IID_ISCardManage, (void **)&manage)) &&
           SUCCEEDED(ISCardManage_AttachByIFD(manage, reader, SHARED));
}

int main(int argc, char **argv)
{
    int rounds = argc > 1 ? atoi(argv[1]) : 200, status = EXIT_SUCCESS;

    if (rounds < 1 || !set_up())
    {
        printf("usage: attach_bench [ROUNDS]; needs the server registered and a card in \"%ls\"\n",
               test_reader());
        return EXIT_FAILURE;
    }
    printf("%-24s %12s %12s %7s\n", "microseconds a round", "winscard", "ISCardManage", "ratio");
    for (size_t i = 0; i < ARRAYSIZE(pairs); i++)
    {
        double raw = -1, ours = -1;
        /* In turns, so that whatever else the machine does hits both; the best of five. */
        for (int run = 0; run < 5; run++)
        {
            double raw_now = measure(pairs[i].raw, rounds);
            double ours_now = measure(pairs[i].ours, rounds);
            if (raw_now < 0 || ours_now < 0) status = EXIT_FAILURE;
            if (run == 0 || raw_now < raw) raw = raw_now;
            if (run == 0 || ours_now < ours) ours = ours_now;
        }
        printf("%-24s %12.1f %12.1f %7.2f\n", pairs[i].name, raw, ours, ours / raw);
    }
    ISCardManage_Release(manage);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
    SysFreeString(reader);
    CoUninitialize();
    return status;
}
