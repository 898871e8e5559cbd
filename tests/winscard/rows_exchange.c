/*
 * rows_exchange - conformance rows on exchanges with the card.
 * Layer: tests.
 * Reference: SCardTransmit, SCardGetTransmitCount, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "winscard/conformance.h"
#include "winscard/winscard_support.h"

#include <stdio.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"

void row_PCI_NULL(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    SCARD_IO_REQUEST received = { 77, sizeof(received) };
    BYTE answer[300];
    DWORD len = sizeof(answer), protocol = 0;

    check_result(card_protocol(card, &protocol), 0);
    check_result(SCardTransmit(card, NULL, challenge, CHALLENGE_LEN, &received, answer, &len), 0);
    check_int(len, CHALLENGE_ANSWER_LEN);
    check_int(answer[8] << 8 | answer[9], 0x9000);
    check_int(received.dwProtocol, protocol);
    check_int(received.cbPciLength, sizeof(received));

    /* A buffer too short: the length it should have had. */
    len = CHALLENGE_ANSWER_LEN - 1;
    check_result(SCardTransmit(card, NULL, challenge, CHALLENGE_LEN, NULL, answer, &len),
                 SCARD_E_INSUFFICIENT_BUFFER);
    check_int(len, CHALLENGE_ANSWER_LEN);
    /* The other protocol is not the one in use. */
    len = sizeof(answer);
    check_result(SCardTransmit(card, protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                               challenge, CHALLENGE_LEN, NULL, answer, &len),
                 SCARD_E_PROTO_MISMATCH);
    check_int(len, 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

void row_TRANSMIT_COUNT(void)
{
    typedef LONG(WINAPI * count_function)(SCARDHANDLE, DWORD *);
    count_function transmit_count =
        (count_function)(void *)winscard_function("SCardGetTransmitCount");
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    DWORD count = 99;

    if (check(transmit_count != NULL))
    {
        check_result(transmit_count(card, &count), 0);
        check_int(count, 0);
        for (int i = 0; i < 3; i++)
            check_result(exchange(card), 0);
        check_result(transmit_count(card, &count), 0);
        check_int(count, 3);
        check_result(transmit_count(card, NULL), SCARD_E_INVALID_PARAMETER);
        check_result(transmit_count(0, &count), ERROR_INVALID_HANDLE);
    }
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

struct puller
{
    SCARDHANDLE card;
    LONG result;
};

static DWORD WINAPI exchange_slowly(void *argument)
{
    struct puller *puller = argument;
    puller->result = exchange(puller->card);
    return 0;
}

void row_RESULT_REMOVED(void)
{
    SCARDCONTEXT context = open_context();
    struct puller puller = { open_card(context, SCARD_SHARE_SHARED), -1 };
    HANDLE thread;
    DWORD protocol;

    check(simcard_order("delay 1500"));
    thread = CreateThread(NULL, 0, exchange_slowly, &puller, 0, NULL);
    Sleep(500); /* the card is at work, for another second */
    check(simcard_order("remove"));
    check(simcard_order("delay 0"));
    if (check_int(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0))
        check_result(puller.result, SCARD_W_REMOVED_CARD);
    CloseHandle(thread);
    check(simcard_wait(false));
    check_result(exchange(puller.card), SCARD_W_REMOVED_CARD);
    check(simcard_insert());
    /* The connection is to the card that went. */
    check_result(exchange(puller.card), SCARD_W_REMOVED_CARD);
    check_result(
        SCardReconnect(puller.card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, &protocol),
        0);
    check_result(exchange(puller.card), 0);
    check_result(SCardDisconnect(puller.card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}
