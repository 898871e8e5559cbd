/*
 * arguments - winscard.dll with arguments that make no sense: NULL everywhere, lengths of nothing
 *             and of everything, names of 64 KiB, and every exported function there is.
 * Layer: tests. Needs the simulated card in its reader.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <winscard.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/simcard_control.h"
#include "winscard/winscard_support.h"

#define LONG_NAME_CHARS 0x10000

static void check_nulls(SCARDCONTEXT context, SCARDHANDLE card)
{
    SCARD_READERSTATEW state = { .szReader = NULL };
    BYTE bytes[64];
    DWORD len = sizeof(bytes), protocol;
    SCARDHANDLE other = 9;

    check_context("NULL");
    check_result(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardListReadersW(context, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListReadersA(context, NULL, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListReaderGroupsW(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListReaderGroupsA(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListCardsW(context, NULL, NULL, 0, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListCardsW(context, NULL, NULL, 3, NULL, &len), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListInterfacesW(context, NULL, NULL, &len), SCARD_E_INVALID_PARAMETER);
    check_result(SCardListInterfacesW(context, L"card", NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetProviderIdW(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetCardTypeProviderNameW(context, NULL, 1, NULL, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceCardTypeW(context, NULL, NULL, NULL, 0, NULL, NULL, 0),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardForgetCardTypeW(context, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardSetCardTypeProviderNameW(context, NULL, 2, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceReaderW(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceReaderA(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardForgetReaderW(context, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardIntroduceReaderGroupW(context, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardForgetReaderGroupW(context, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardAddReaderToGroupW(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardRemoveReaderFromGroupW(context, NULL, NULL), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetStatusChangeW(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetStatusChangeA(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetStatusChangeW(context, 0, NULL, 0), 0);
    check_result(SCardLocateCardsW(context, L"", NULL, 1), SCARD_E_INVALID_PARAMETER);
    check_result(SCardConnectW(context, NULL, SCARD_SHARE_SHARED, PROTOCOL_ANY, &other, &protocol),
                 SCARD_E_INVALID_PARAMETER);
    check_int(other, 0);
    check_result(
        SCardConnectW(context, test_reader(), SCARD_SHARE_SHARED, PROTOCOL_ANY, NULL, &protocol),
        SCARD_E_INVALID_PARAMETER);
    check_result(SCardConnectA(context, NULL, SCARD_SHARE_SHARED, PROTOCOL_ANY, NULL, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, NULL), 0);
    check_result(SCardState(card, NULL, NULL, NULL, NULL), 0);
    DWORD card_state = 0, by_status = 0;
    check_result(SCardState(card, &card_state, &protocol, NULL, NULL), 0);
    check_int(card_state, SCARD_SPECIFIC);
    check_result(card_protocol(card, &by_status), 0);
    check_int(protocol, by_status);
    check_result(SCardTransmit(card, NULL, NULL, 5, NULL, bytes, &len), SCARD_E_INVALID_PARAMETER);
    check_result(SCardTransmit(card, NULL, challenge, 5, NULL, NULL, &len),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardTransmit(card, NULL, challenge, 5, NULL, bytes, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardTransmit(card, NULL, challenge, 0, NULL, bytes, &len),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardControl(card, SCARD_CTL_CODE(3400), NULL, 0, NULL, 9, &len),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardSetAttrib(card, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, NULL, 4),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardFreeMemory(context, NULL), 0);
    check_result(exchange(card), 0);
}

static void check_values(SCARDCONTEXT context, SCARDHANDLE card)
{
    static const DWORD scopes[] = { 3, 99, 0x80000000, 0xFFFFFFFF };
    SCARD_READERSTATEW states[40];
    SCARDCONTEXT other = 9;
    BYTE *large = calloc(1, 0x20000), bytes[300];
    DWORD len;

    check_context("values");
    for (size_t i = 0; i < sizeof(scopes) / sizeof(scopes[0]); i++)
    {
        check_result(SCardEstablishContext(scopes[i], NULL, NULL, &other), SCARD_E_INVALID_VALUE);
        check_int(other, 0);
    }
    for (DWORD scope = SCARD_SCOPE_USER; scope <= SCARD_SCOPE_SYSTEM; scope++)
    {
        check_result(SCardEstablishContext(scope, NULL, NULL, &other), 0);
        check_result(SCardReleaseContext(other), 0);
    }
    memset(states, 0, sizeof(states));
    for (int i = 0; i < 40; i++)
        states[i].szReader = test_reader();
    check_result(SCardGetStatusChangeW(context, 0, states, 40), 0);
    check(states[39].dwEventState == states[0].dwEventState && states[39].cbAtr);
    for (int i = 0; i < 40; i++)
        states[i].dwCurrentState = states[i].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeW(context, 700, states, 40), SCARD_E_TIMEOUT);
    states[38].szReader = L"No Such Reader 00 00";
    check_result(SCardGetStatusChangeW(context, 700, states, 40), SCARD_E_UNKNOWN_READER);
    check(states[38].dwEventState & SCARD_STATE_UNKNOWN);
    check_result(SCardGetStatusChangeW(context, 0, states, 0xFFFFFFFF), SCARD_E_INVALID_PARAMETER);
    states[0].dwCurrentState = SCARD_STATE_UNAWARE;
    check_result(SCardGetStatusChangeW(context, 0, states, 16), 0);

    /* Longest and too long commands, a receive buffer larger than any message. */
    len = 0x20000;
    check_result(SCardTransmit(card, NULL, challenge, CHALLENGE_LEN, NULL, large, &len), 0);
    check_int(len, CHALLENGE_ANSWER_LEN);
    len = sizeof(bytes);
    check_result(SCardTransmit(card, NULL, large, 0x20000, NULL, bytes, &len),
                 SCARD_E_INVALID_PARAMETER);
    check_int(len, 0);
    len = SCARD_AUTOALLOCATE;
    check_result(SCardTransmit(card, NULL, challenge, CHALLENGE_LEN, NULL, bytes, &len),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardSetAttrib(card, SCARD_ATTR_SUPRESS_T1_IFS_REQUEST, large, 0x20000),
                 SCARD_E_INVALID_PARAMETER);
    check_result(exchange(card), 0);
    free(large);
}

static void check_long_names(SCARDCONTEXT context)
{
    wchar_t *wide = malloc(LONG_NAME_CHARS * sizeof(*wide));
    char *ansi = malloc(LONG_NAME_CHARS);
    SCARD_READERSTATEW state = { .szReader = wide };
    SCARDHANDLE card;
    DWORD protocol;

    check_context("names of 64 KiB");
    for (int i = 0; i < LONG_NAME_CHARS - 1; i++)
        wide[i] = ansi[i] = 'x';
    wide[LONG_NAME_CHARS - 1] = ansi[LONG_NAME_CHARS - 1] = 0;
    check_result(SCardConnectW(context, wide, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardConnectA(context, ansi, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), SCARD_E_UNKNOWN_READER);
    check_result(SCardIntroduceReaderW(context, wide, test_reader()), SCARD_E_INVALID_PARAMETER);
    check_result(SCardForgetReaderW(context, wide), SCARD_E_UNKNOWN_READER);
    check_result(SCardForgetCardTypeW(context, wide), SCARD_E_UNKNOWN_CARD);
    check_result(
        SCardIntroduceCardTypeW(context, wide, NULL, NULL, 0, (const BYTE *)"\x3B\x00", NULL, 2),
        SCARD_E_INVALID_PARAMETER);
    /* The name of a reader and more behind it is no reader's name. */
    wcscpy(wide, test_reader());
    wide[wcslen(wide)] = 'x';
    check_result(SCardConnectW(context, wide, SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_UNKNOWN_READER);
    check_result(SCardConnectW(context, L"", SCARD_SHARE_SHARED, PROTOCOL_ANY, &card, &protocol),
                 SCARD_E_UNKNOWN_READER);
    free(wide);
    free(ansi);
}

static void check_times(SCARDCONTEXT context)
{
    static const DWORD timeouts[] = { 0, 1, 300, 1500 };
    SCARD_READERSTATEW state = { .szReader = test_reader() };

    check_context("time-outs");
    check_result(SCardGetStatusChangeW(context, 0, &state, 1), 0);
    state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    for (size_t i = 0; i < sizeof(timeouts) / sizeof(timeouts[0]); i++)
    {
        DWORD began = GetTickCount(), took;
        check_result(SCardGetStatusChangeW(context, timeouts[i], &state, 1), SCARD_E_TIMEOUT);
        took = GetTickCount() - began;
        /* GetTickCount steps by up to 16 ms. */
        if (!check(took + 16 >= timeouts[i] && took < timeouts[i] + 3000))
            printf("    %lu ms for %lu\n", took, timeouts[i]);
    }

    /* A new reader is waited for like anything else. */
    SCARD_READERSTATEW pnp = { .szReader = L"\\\\?PnP?\\Notification" };
    check_result(SCardGetStatusChangeW(context, 0, &pnp, 1), 0);
    pnp.dwCurrentState = pnp.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeW(context, 200, &pnp, 1), SCARD_E_TIMEOUT);
    check(!(pnp.dwEventState & SCARD_STATE_CHANGED));
    SCARD_READERSTATEW both[2] = { state, pnp };
    check_result(SCardGetStatusChangeW(context, 200, both, 2), SCARD_E_TIMEOUT);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!check(simcard_wait(true))) return check_finish();
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    check_nulls(context, card);
    check_values(context, card);
    check_long_names(context);
    check_times(context);
    check_context(NULL);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
    return check_finish();
}
