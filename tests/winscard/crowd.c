/*
 * crowd - as many connections at once as the service takes, and one more: that one is refused, and
 *         the others go on.
 * Layer: tests. Needs the simulated card in its reader.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <winscard.h>
#include <stdio.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

/** pcscd takes 200 contexts of all programs together. */
#define CROWD_MAX 260
#define CROWD_MIN 100

/** How often one more asks: what libpcsclite makes of a refusal changes from time to time. */
#define REFUSALS 40

static SCARDHANDLE cards[CROWD_MAX];

int main(void)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };
    SCARDCONTEXT context, late = 0;
    SCARDHANDLE card;
    LONG result = 0;
    int count = 0;

    setvbuf(stdout, NULL, _IONBF, 0);
    if (!check(simcard_wait(true))) return check_finish();
    context = open_context();
    while (count < CROWD_MAX && result == 0)
    {
        result = SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY,
                               &cards[count], NULL);
        if (result == 0) count++;
    }
    printf("    %d connections\n", count);
    if (!check(count >= CROWD_MIN && count < CROWD_MAX)) return check_finish();
    check_result(result, SCARD_E_SERVER_TOO_BUSY);

    check_context("one more");
    for (int i = 0; i < REFUSALS; i++)
        if (!check_result(SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY,
                                        &card, NULL),
                          SCARD_E_SERVER_TOO_BUSY))
            break;
    check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &late),
                 SCARD_E_SERVER_TOO_BUSY);
    check_int(late, 0);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), SCARD_E_SERVER_TOO_BUSY);

    check_context("the others");
    check_result(SCardIsValidContext(context), 0);
    for (int i = 0; i < count; i++)
        if (!check_result(exchange(cards[i]), 0)) break;

    check_context("once one has gone");
    check_result(SCardDisconnect(cards[--count], SCARD_LEAVE_CARD), 0);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    cards[count++] = card = open_card(context, SCARD_SHARE_SHARED);
    check_result(exchange(card), 0);
    for (int i = 0; i < count; i++)
        if (!check_result(SCardDisconnect(cards[i], SCARD_LEAVE_CARD), 0)) break;
    check_result(SCardReleaseContext(context), 0);
    return check_finish();
}
