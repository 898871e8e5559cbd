/*
 * simcard_orders - orders to the simulated card and to whoever started pcscd.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "stack/simcard_orders.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <winscard.h>
#include <cmocka.h>

const char *simcard_reader(void)
{
    const char *reader = getenv("SCM_READER");
    return reader ? reader : "Virtual PCD 00 00";
}

void simcard_order(const char *line)
{
    const char *port = getenv("SCM_SIMCARD_CONTROL");
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)atoi(port ? port : "0")),
                                   .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    char answer[128] = "";
    int link = socket(AF_INET, SOCK_STREAM, 0);
    assert_true(link >= 0);
    assert_int_equal(connect(link, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(write(link, line, strlen(line)), (ssize_t)strlen(line));
    assert_true(read(link, answer, sizeof(answer) - 1) > 0);
    assert_memory_equal(answer, "ok", 2);
    close(link);
}

void simcard_wait_for_card(bool present)
{
    SCARDCONTEXT context;
    SCARD_READERSTATE state = { .szReader = simcard_reader() };
    assert_int_equal(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    do
    {
        LONG rv = SCardGetStatusChange(context, 10000, &state, 1);
        assert_int_equal(rv, SCARD_S_SUCCESS);
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    } while (!(state.dwEventState & SCARD_STATE_PRESENT) != !present);
    SCardReleaseContext(context);
}

void service_order(const char *what)
{
    char line[64] = "";

    printf("order: %s\n", what);
    fflush(stdout);
    assert_non_null(fgets(line, sizeof(line), stdin));
    assert_memory_equal(line, "done", 4);
}
