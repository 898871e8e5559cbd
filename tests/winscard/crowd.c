/*
 * crowd - as many connections at once as a program gets, and another program that takes what the
 *         service has left: who is refused is refused alone, and the others go on.
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

/** pcscd takes 200 contexts of all programs together. */
#define CROWD_MAX 260
#define CROWD_MIN 100

/** So many others find room beside one program that takes all it gets. */
#define ROOM_MIN 8

/** How often one more asks: what libpcsclite makes of a refusal changes from time to time. */
#define REFUSALS 40

static SCARDHANDLE cards[CROWD_MAX];
static int count;

/** Connects until it is refused, and goes on asking: each time it is told the same. */
static void connect_all(SCARDCONTEXT context)
{
    SCARDHANDLE card;
    LONG result = 0;

    for (count = 0; count < CROWD_MAX && result == 0;)
    {
        result = SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY,
                               &cards[count], NULL);
        if (result == 0) count++;
    }
    printf("    %d connections\n", count);
    for (int i = 0; i < REFUSALS; i++)
        if (!check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY,
                                        &card, NULL),
                          SCARD_E_SERVER_TOO_BUSY))
            break;
}

static void disconnect_all(void)
{
    while (count > 0)
        if (!check_result(SCardDisconnect(cards[--count], SCARD_LEAVE_CARD), 0)) break;
}

/** The other program: takes what there is, and sees that everybody else hears of it. */
static int take_the_rest(void)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    SCARDCONTEXT context = open_context(), late = 0;

    check_context("another program");
    connect_all(context);
    check(count >= ROOM_MIN);
    check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &late),
                 SCARD_E_SERVER_TOO_BUSY);
    check_int(late, 0);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), SCARD_E_SERVER_TOO_BUSY);
    check_result(SCardIsValidContext(context), 0);
    check_int(run_child(L"late"), 0);
    for (int i = 0; i < count; i++)
        if (!check_result(exchange(cards[i]), 0)) break;

    check_context("another program, once one of its own has gone");
    check_result(SCardDisconnect(cards[--count], SCARD_LEAVE_CARD), 0);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    check_result(exchange(cards[count++] = open_card(context, SCARD_SHARE_SHARED)), 0);
    disconnect_all();
    check_result(SCardReleaseContext(context), 0);
    return check_finish();
}

/** A program that begins when there is nothing left at all. */
static int come_late(void)
{
    SCARDCONTEXT context = 0;
    DWORD chars = 0;

    check_context("a program that comes late");
    for (int i = 0; i < 4; i++)
    {
        check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context),
                     SCARD_E_SERVER_TOO_BUSY);
        check_int(context, 0);
        check_result(SCardListReadersW(0, NULL, NULL, &chars), SCARD_E_SERVER_TOO_BUSY);
    }
    return check_finish();
}

int main(int argc, char **argv)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    SCARDCONTEXT context, another;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (argc > 1) return strcmp(argv[1], "late") == 0 ? come_late() : take_the_rest();
    if (!check(simcard_wait(true))) return check_finish();
    context = open_context();
    connect_all(context);
    if (!check(count >= CROWD_MIN && count < CROWD_MAX)) return check_finish();

    check_context("what else it does finds room");
    another = open_context();
    check_result(SCardGetStatusChangeW(another, 0, &state, 1), 0);
    check_result(SCardReleaseContext(another), 0);
    check_int(run_child(L"rest"), 0);

    check_context("all the while");
    check_result(SCardIsValidContext(context), 0);
    for (int i = 0; i < count; i++)
        if (!check_result(exchange(cards[i]), 0)) break;
    check_result(SCardDisconnect(cards[--count], SCARD_LEAVE_CARD), 0);
    check_result(exchange(cards[count++] = open_card(context, SCARD_SHARE_SHARED)), 0);
    disconnect_all();
    check_result(SCardReleaseContext(context), 0);
    return check_finish();
}
