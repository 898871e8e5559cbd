/*
 * simcard_control - orders to the simulated card from a Windows test program.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <winsock2.h>
#include <windows.h>
#include <winscard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/simcard_control.h"

const wchar_t *test_reader(void)
{
    static wchar_t name[256];
    if (!GetEnvironmentVariableW(L"SCM_READER", name, 256)) wcscpy(name, L"Virtual PCD 00 00");
    return name;
}

/* One line out, one line back. */
static bool exchange(SOCKET link, const char *order, char *answer, size_t capacity)
{
    char line[128];
    size_t got = 0;

    snprintf(line, sizeof(line), "%s\n", order);
    if (send(link, line, (int)strlen(line), 0) != (int)strlen(line)) return false;
    while (got < capacity - 1)
    {
        int len = recv(link, answer + got, (int)(capacity - 1 - got), 0);
        if (len <= 0) return false;
        got += (size_t)len;
        answer[got] = 0;
        if (strchr(answer, '\n')) return true;
    }
    return false;
}

bool simcard_order(const char *order)
{
    const char *port = getenv("SCM_SIMCARD_CONTROL");
    struct sockaddr_in address = { .sin_family = AF_INET };
    char answer[256] = "no answer";
    WSADATA data;
    bool done = false;

    if (!port || WSAStartup(MAKEWORD(2, 2), &data) != 0) return false;
    address.sin_port = htons((u_short)atoi(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SOCKET link = socket(AF_INET, SOCK_STREAM, 0);
    if (link != INVALID_SOCKET)
    {
        if (connect(link, (struct sockaddr *)&address, sizeof(address)) == 0)
            done = exchange(link, order, answer, sizeof(answer)) && strncmp(answer, "ok", 2) == 0;
        closesocket(link);
    }
    WSACleanup();
    if (!done) printf("simcard did not carry out \"%s\": %s\n", order, answer);
    return done;
}

bool simcard_wait(bool present)
{
    SCARDCONTEXT context;
    bool seen = false;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return false;
    for (int i = 0; i < 200 && !seen; i++)
    {
        SCARD_READERSTATEW reader = { .szReader = test_reader() };
        if (SCardGetStatusChangeW(context, 0, &reader, 1) == 0)
            seen = !(reader.dwEventState & SCARD_STATE_PRESENT) == !present &&
                   !(reader.dwEventState & SCARD_STATE_UNAVAILABLE);
        if (!seen) Sleep(50);
    }
    SCardReleaseContext(context);
    return seen;
}

bool simcard_remove(void)
{
    return simcard_order("remove") && simcard_wait(false);
}

bool simcard_insert(void)
{
    return simcard_order("insert") && simcard_wait(true);
}
