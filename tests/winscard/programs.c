/*
 * programs - what programs that others wrote ask of winscard.dll, in the order in which they do it:
 *            a middleware, Java's and .NET's card libraries, a scripting language's, Wine's own test
 *            of its winscard. Written from what they do, not of what they are written.
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

#define NOTIFICATION     L"\\\\?PnP?\\Notification"
#define NOTIFICATION_A   "\\\\?PnP?\\Notification"
#define STATES_MAX       32
#define LATER_MS         1500
#define FEATURE_SIZE     6
#define CTL_POWER        SCARD_CTL_CODE(1)
#define CTL_FEATURES     SCARD_CTL_CODE(3400)
#define LONG_ENOUGH_MS   20000
#define JAVA_ANSWER_SIZE 8192

/** The readers' names, asked for in the usual two steps; to be freed. */
static char *list_readers(SCARDCONTEXT context, DWORD *count)
{
    DWORD chars = 0;
    char *names;

    *count = 0;
    check_result(SCardListReadersA(context, NULL, NULL, &chars), 0);
    names = calloc(chars + 2, 1);
    check_result(SCardListReadersA(context, NULL, names, &chars), 0);
    for (const char *name = names; *name; name += strlen(name) + 1)
        ++*count;
    return names;
}

/* ---- Wine's own test: what it expects of Windows ---- */

static void check_lengths(SCARDCONTEXT context)
{
    char names[4096], groups[256];
    DWORD chars = 0, needed;

    check_result(SCardListReadersA(context, NULL, NULL, &chars), 0);
    check(chars > 0);
    needed = chars;
    check_result(SCardListReadersA(context, NULL, names, NULL), SCARD_E_INVALID_PARAMETER);
    chars = needed - 1;
    check_result(SCardListReadersA(context, NULL, names, &chars), SCARD_E_INSUFFICIENT_BUFFER);
    chars = needed;
    check_result(SCardListReadersA(context, NULL, names, &chars), 0);
    chars = 0;
    check_result(SCardListReaderGroupsA(context, NULL, &chars), 0);
    check(chars > 0 && chars <= sizeof(groups));
    check_result(SCardListReaderGroupsA(context, groups, &chars), 0);
}

static void check_states(SCARDCONTEXT context)
{
    SCARD_READERSTATEA states[2] = { { .szReader = NOTIFICATION_A },
                                     { .szReader = test_reader_ansi() } };

    check_result(SCardGetStatusChangeW(context, 1000, NULL, 0), 0);
    /* A length of the ATR that is none is not looked at. */
    states[1].cbAtr = sizeof(states[1].rgbAtr) + 1;
    check_result(SCardGetStatusChangeA(context, 1000, states, 2), 0);
    check(states[1].cbAtr > 0 && states[1].cbAtr <= sizeof(states[1].rgbAtr));
    /* The state of the readers' number is still that of somebody who knows none. */
    states[1].dwCurrentState = states[1].dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    check_result(SCardGetStatusChangeA(context, 1000, states, 2), 0);
}

static void check_status(SCARDHANDLE card)
{
    DWORD chars = 0, atr_len = 0, state = 99, protocol = 99;
    wchar_t name[256];
    BYTE atr[36];

    check_result(SCardStatusW(card, NULL, &chars, &state, &protocol, NULL, &atr_len), 0);
    check(chars > 0 && chars <= 256 && atr_len > 0 && atr_len <= sizeof(atr));
    check_int(state, SCARD_SPECIFIC);
    check_result(SCardStatusW(card, name, &chars, &state, &protocol, atr, &atr_len), 0);
    check_result(SCardStatusW(card, name, &chars, &state, &protocol, NULL, NULL), 0);
    check_result(SCardStatusW(card, NULL, NULL, &state, &protocol, NULL, NULL), 0);
    check_result(SCardStatusW(card, NULL, NULL, NULL, NULL, NULL, NULL), 0);
}

static void check_vendor(SCARDHANDLE card)
{
    BYTE vendor[256];
    DWORD len = 0, got;

    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, NULL, &len), 0);
    check(len > 0 && len <= sizeof(vendor));
    got = len;
    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, vendor, &got), 0);
    check_int(got, len);
    check_result(SCardGetAttrib(card, SCARD_ATTR_VENDOR_NAME, vendor, NULL),
                 SCARD_E_INVALID_PARAMETER);
}

static void check_exchange(SCARDHANDLE card, DWORD protocol)
{
    SCARD_IO_REQUEST send = { protocol, sizeof(send) }, receive = send;
    BYTE answer[264];
    DWORD len = sizeof(answer);

    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardTransmit(card, &send, challenge, CHALLENGE_LEN, &receive, answer, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardTransmit(card, NULL, challenge, CHALLENGE_LEN, &receive, answer, &len), 0);
    len = sizeof(answer);
    check_result(SCardTransmit(card, &send, challenge, CHALLENGE_LEN, &receive, answer, &len), 0);
    check_int(len, CHALLENGE_ANSWER_LEN);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
}

static void wines_test(void)
{
    BYTE bytes[32] = { 2 };
    SCARDCONTEXT context;
    SCARDHANDLE first, card;
    DWORD protocol = 99, len;

    check_context("Wine's test");
    check_result(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, NULL),
                 SCARD_E_INVALID_PARAMETER);
    check_result(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    check_result(SCardIsValidContext(context), 0);
    check_lengths(context);
    check_states(context);
    check_result(SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                               &first, NULL),
                 0);
    check_result(SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx,
                               &card, &protocol),
                 0);
    check(protocol == SCARD_PROTOCOL_T0 || protocol == SCARD_PROTOCOL_T1);
    check_status(card);
    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, NULL), 0);
    check_result(
        SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_Tx, SCARD_LEAVE_CARD, &protocol),
        0);
    check_vendor(card);
    check_exchange(card, protocol);
    /* A power request of one byte, which is none: success, and nothing happens. */
    check_result(SCardControl(card, CTL_POWER, bytes, 1, bytes, sizeof(bytes), NULL),
                 SCARD_E_INVALID_PARAMETER);
    len = sizeof(bytes);
    check_result(SCardControl(card, CTL_POWER, bytes, 1, bytes, sizeof(bytes), &len), 0);
    check_int(len, 0);
    check_result(exchange(first), 0);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(0, SCARD_LEAVE_CARD), ERROR_INVALID_HANDLE);
    check_result(SCardCancel(context), 0);
    check_result(SCardCancel(0), ERROR_INVALID_HANDLE);
    check_result(SCardIsValidContext(context), 0);
    check_result(SCardReleaseContext(0), ERROR_INVALID_HANDLE);
    check_result(SCardReleaseContext(context), 0);
    check_result(SCardIsValidContext(context), ERROR_INVALID_HANDLE);
    check_result(SCardIsValidContext(0), ERROR_INVALID_HANDLE);
}

/* ---- A PKCS #11 middleware: the readers' features, and an endless wait for events ---- */

static void ask_for_features(SCARDHANDLE card)
{
    BYTE list[256], value[256];
    DWORD len = 0, version = 0;
    LONG result = SCardControl(card, CTL_FEATURES, NULL, 0, list, sizeof(list), &len);

    /* Where there are any, each is named by a code that the next SCardControl takes. */
    check(result == 0 || result == SCARD_E_UNSUPPORTED_FEATURE);
    check_int(len % FEATURE_SIZE, 0);
    for (DWORD i = 0; result == 0 && i < len; i += FEATURE_SIZE)
        check_int(list[i + 1], 4);
    /* What a driver does not know is no reason to go without the reader. */
    len = sizeof(value);
    result = SCardGetAttrib(card, SCARD_ATTR_VENDOR_IFD_SERIAL_NO, value, &len);
    check(result == 0 || result == SCARD_E_UNSUPPORTED_FEATURE);
    len = sizeof(version);
    result = SCardGetAttrib(card, SCARD_ATTR_VENDOR_IFD_VERSION, (BYTE *)&version, &len);
    check(result == SCARD_E_UNSUPPORTED_FEATURE || (result == 0 && len == sizeof(version)));
    len = sizeof(value);
    check_result(SCardGetAttrib(card, SCARD_ATTR_DEVICE_FRIENDLY_NAME_A, value, &len), 0);
}

/* Whatever has been told is handed back as it is, CHANGED and all. */
static void know(SCARD_READERSTATEA *states, DWORD count)
{
    for (DWORD i = 0; i < count; i++)
        states[i].dwCurrentState = states[i].dwEventState;
}

static void middleware(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEA states[STATES_MAX] = { { 0 } };
    SCARDHANDLE card;
    DWORD count, protocol, own = 0;
    char *names = list_readers(context, &count), *name = names;

    check_context("middleware");
    check(count + 1 <= STATES_MAX);
    check_result(
        SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_DIRECT, 0, &card, &protocol), 0);
    ask_for_features(card);
    check_result(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);

    for (DWORD i = 0; i < count; i++, name += strlen(name) + 1)
    {
        states[i].szReader = name;
        if (strcmp(name, test_reader_ansi()) == 0) own = i;
    }
    states[count].szReader = NOTIFICATION_A;
    check_result(SCardGetStatusChangeA(context, 0, states, count + 1), 0);
    check_int(states[count].dwEventState, count << 16 | SCARD_STATE_CHANGED);
    know(states, count + 1);
    check_result(SCardGetStatusChangeA(context, 300, states, count + 1), SCARD_E_TIMEOUT);
    check(simcard_remove());
    check_result(SCardGetStatusChangeA(context, LONG_ENOUGH_MS, states, count + 1), 0);
    check(states[own].dwEventState & SCARD_STATE_CHANGED);
    check(states[own].dwEventState & SCARD_STATE_EMPTY);
    check(!(states[own].dwEventState & SCARD_STATE_PRESENT));
    check_int(states[count].dwEventState, count << 16);
    know(states, count + 1);
    check(simcard_insert());
    check_result(SCardGetStatusChangeA(context, LONG_ENOUGH_MS, states, count + 1), 0);
    check(states[own].dwEventState & SCARD_STATE_PRESENT);
    check_result(SCardReleaseContext(context), 0);
    free(names);
}

/* ---- Java's library ---- */

static void javas_library(void)
{
    SCARDCONTEXT context = open_context();
    SCARD_READERSTATEA state = { .szReader = test_reader_ansi() };
    SCARD_IO_REQUEST pci = { 0, sizeof(pci) };
    static BYTE answer[JAVA_ANSWER_SIZE];
    char name[128];
    BYTE atr[128];
    DWORD chars = sizeof(name), atr_len = sizeof(atr), card_state, count;
    DWORD len = sizeof(answer);
    SCARDHANDLE card;

    check_context("Java's library");
    free(list_readers(context, &count));
    check_result(SCardConnectA(context, test_reader_ansi(), SCARD_SHARE_SHARED,
                               SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &pci.dwProtocol),
                 0);
    check_result(SCardStatusA(card, name, &chars, &card_state, &pci.dwProtocol, atr, &atr_len), 0);
    check(atr_len >= 2 && atr_len <= 33);
    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardTransmit(card, &pci, challenge, CHALLENGE_LEN, NULL, answer, &len), 0);
    check_int(len, CHALLENGE_ANSWER_LEN);
    check_result(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(card, SCARD_RESET_CARD), 0);

    /* A card that was swapped while nobody looked is told by the count of events above the bits. */
    check_result(SCardGetStatusChangeA(context, 0, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_PRESENT);
    state.dwCurrentState = state.dwEventState;
    state.dwEventState = 0;
    state.cbAtr = 0;
    check(simcard_remove() && simcard_insert());
    check_result(SCardGetStatusChangeA(context, LONG_ENOUGH_MS, &state, 1), 0);
    check(state.dwEventState & SCARD_STATE_CHANGED);
    check(state.dwEventState >> 16 != state.dwCurrentState >> 16);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- .NET's library: wide names, a monitor in a thread of its own ---- */

struct monitor
{
    SCARDCONTEXT context;
    DWORD known;
    LONG result;
};

static DWORD WINAPI watch_readers(void *argument)
{
    struct monitor *monitor = argument;
    SCARD_READERSTATEW state = { .szReader = NOTIFICATION, .dwCurrentState = monitor->known };
    monitor->result = SCardGetStatusChangeW(monitor->context, INFINITE, &state, 1);
    return 0;
}

static void nets_library(void)
{
    SCARDCONTEXT context = open_context();
    const SCARD_IO_REQUEST *pci =
        (const SCARD_IO_REQUEST *)(void *)winscard_function("g_rgSCardT1Pci");
    DWORD count, chars = 0, ended;
    struct monitor monitor = { context, 0, -1 };
    HANDLE thread;

    check_context(".NET's library");
    check(pci && pci->dwProtocol == SCARD_PROTOCOL_T1 && pci->cbPciLength == sizeof(*pci));
    check_result(SCardListReadersW(context, NULL, NULL, &chars), 0);
    check(chars > 2);
    free(list_readers(context, &count));
    monitor.known = count << 16;
    thread = CreateThread(NULL, 0, watch_readers, &monitor, 0, NULL);
    check_int(WaitForSingleObject(thread, 500), WAIT_TIMEOUT);
    /* It is ended by whoever has the context; once may be before the wait has begun. */
    do
    {
        check_result(SCardCancel(context), 0);
        ended = WaitForSingleObject(thread, LATER_MS);
    } while (ended == WAIT_TIMEOUT);
    check_result(monitor.result, SCARD_E_CANCELLED);
    CloseHandle(thread);
    check_result(SCardIsValidContext(context), 0);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- A scripting language's library: everything allocated, groups by name ---- */

static void scripts_library(void)
{
    static const char groups[] = "SCard$DefaultReaders\0SCard$AllReaders\0";
    SCARDCONTEXT context = open_context();
    SCARDHANDLE card = open_card(context, SCARD_SHARE_SHARED);
    char *names = NULL;
    BYTE *atr = NULL;
    DWORD chars = SCARD_AUTOALLOCATE, len = SCARD_AUTOALLOCATE, again = 0;

    check_context("a scripting language's library");
    check_result(SCardListReadersA(context, groups, (char *)&names, &chars), 0);
    check(names && *names && !names[chars - 1] && !names[chars - 2]);
    check_result(SCardFreeMemory(context, names), 0);
    chars = SCARD_AUTOALLOCATE;
    check_result(SCardListReaderGroupsA(context, (char *)&names, &chars), 0);
    check_result(SCardFreeMemory(context, names), 0);
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, (BYTE *)&atr, &len), 0);
    check_result(SCardGetAttrib(card, SCARD_ATTR_ATR_STRING, NULL, &again), 0);
    check_int(len, again);
    check_result(SCardFreeMemory(context, atr), 0);
    /* A card that another program has reset is taken up again, and the transaction with it. */
    check_result(SCardBeginTransaction(card), 0);
    check_result(SCardEndTransaction(card, SCARD_RESET_CARD), 0);
    check_result(SCardReconnect(card, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_RESET_CARD, NULL), 0);
    check_result(exchange(card), 0);
    check_result(SCardDisconnect(card, SCARD_UNPOWER_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

/* ---- Two programs with one card ---- */

/* Whatever he does first, the one hears that the other has reset the card, until he reconnects. */
static void two_programs(void)
{
    SCARDCONTEXT context = open_context();
    SCARDHANDLE resets = open_card(context, SCARD_SHARE_SHARED);
    SCARDHANDLE hears = open_card(context, SCARD_SHARE_SHARED);
    DWORD state, protocol;

    check_context("two programs");
    check_result(SCardBeginTransaction(resets), 0);
    check_result(exchange(resets), 0);
    check_result(SCardEndTransaction(resets, SCARD_RESET_CARD), 0);
    check_result(SCardBeginTransaction(hears), SCARD_W_RESET_CARD);
    check_result(SCardStatusW(hears, NULL, NULL, &state, &protocol, NULL, NULL),
                 SCARD_W_RESET_CARD);
    check_result(exchange(hears), SCARD_W_RESET_CARD);
    check_result(SCardReconnect(hears, SCARD_SHARE_SHARED, PROTOCOL_ANY, SCARD_LEAVE_CARD, NULL),
                 0);
    check_result(SCardBeginTransaction(hears), 0);
    check_result(exchange(hears), 0);
    check_result(SCardEndTransaction(hears, SCARD_LEAVE_CARD), 0);
    /* Once the card is out, so is everything; an empty reader has no ATR. */
    check(simcard_remove());
    SCARD_READERSTATEW reader = { .szReader = test_reader(), .cbAtr = 20 };
    check_result(SCardGetStatusChangeW(context, 0, &reader, 1), 0);
    check(reader.dwEventState & SCARD_STATE_EMPTY);
    check_int(reader.cbAtr, 0);
    check_result(SCardStatusW(hears, NULL, NULL, &state, &protocol, NULL, NULL),
                 SCARD_W_REMOVED_CARD);
    check_result(SCardBeginTransaction(resets), SCARD_W_REMOVED_CARD);
    check(simcard_insert());
    check_result(SCardStatusW(hears, NULL, NULL, &state, &protocol, NULL, NULL),
                 SCARD_W_REMOVED_CARD);
    check_result(SCardDisconnect(hears, SCARD_LEAVE_CARD), 0);
    check_result(SCardDisconnect(resets, SCARD_LEAVE_CARD), 0);
    check_result(SCardReleaseContext(context), 0);
}

int main(void)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    if (!check(simcard_wait(true))) return check_finish();
    wines_test();
    middleware();
    javas_library();
    nets_library();
    scripts_library();
    two_programs();
    check_context(NULL);
    return check_finish();
}
