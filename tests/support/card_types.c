/*
 * card_types - kinds of cards put into the smart card database for a test, and taken out again.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/card_types.h"

#include <winscard.h>

#include "support/simcard_control.h"

static bool read_atr(SCARDCONTEXT context, BYTE *atr, DWORD *atr_len)
{
    SCARD_READERSTATEW state = { .szReader = test_reader() };

    if (SCardGetStatusChangeW(context, 0, &state, 1) != 0 || state.cbAtr > SCARD_ATR_LENGTH)
        return false;
    memcpy(atr, state.rgbAtr, state.cbAtr);
    *atr_len = state.cbAtr;
    return state.cbAtr > 0;
}

bool card_types_introduce(BYTE *atr, DWORD *atr_len)
{
    static const BYTE other_atr[] = { 0x3B, 0x02, 0x14, 0x50 };
    GUID interfaces[2], provider;
    SCARDCONTEXT context;
    bool done = false;

    card_types_forget();
    CLSIDFromString(CARD_TYPE_SIGNS_TEXT, &interfaces[0]);
    CLSIDFromString(CARD_TYPE_CALLS_TEXT, &interfaces[1]);
    CLSIDFromString(CARD_TYPE_PROVIDER, &provider);
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return false;
    if (read_atr(context, atr, atr_len))
        done = SCardIntroduceCardTypeW(context, CARD_TYPE_HERE, &provider, interfaces, 2, atr, NULL,
                                       *atr_len) == 0 &&
               SCardIntroduceCardTypeW(context, CARD_TYPE_ELSEWHERE, NULL, NULL, 0, other_atr, NULL,
                                       sizeof(other_atr)) == 0;
    SCardReleaseContext(context);
    return done;
}

void card_types_forget(void)
{
    SCARDCONTEXT context;

    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0) return;
    SCardForgetCardTypeW(context, CARD_TYPE_HERE);
    SCardForgetCardTypeW(context, CARD_TYPE_ELSEWHERE);
    SCardReleaseContext(context);
}
