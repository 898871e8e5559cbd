/*
 * fake_pcsclite - a libpcsclite that remembers what it was called with.
 * Layer: tests.
 * Its answers have bits set above the 32nd wherever pcsc-lite's types have room for them.
 * SPDX-License-Identifier: MIT
 */
#include "support/fake_pcsclite.h"

#include <string.h>
#include <strings.h>
#include <time.h>

struct fake_pcsclite fake_pcsclite;

LONG SCardEstablishContext(DWORD scope, LPCVOID one, LPCVOID two, LPSCARDCONTEXT context)
{
    fake_pcsclite.numbers[0] = scope;
    *context = 0x6ABBCCDD;
    return one || two ? SCARD_E_INVALID_PARAMETER : fake_pcsclite.result;
}

LONG SCardReleaseContext(SCARDCONTEXT context)
{
    __atomic_store_n(&fake_pcsclite.context, context, __ATOMIC_SEQ_CST);
    return fake_pcsclite.result;
}

LONG SCardCancel(SCARDCONTEXT context)
{
    fake_pcsclite.context = context;
    return fake_pcsclite.result;
}

LONG SCardIsValidContext(SCARDCONTEXT context)
{
    fake_pcsclite.context = context;
    return fake_pcsclite.result;
}

/** Room for "Desk XX 00". */
#define DESK_NAME_SIZE 11

static void name_desk(char name[DESK_NAME_SIZE], DWORD number)
{
    memcpy(name, "Desk 00 00", DESK_NAME_SIZE);
    name[5] = "0123456789ABCDEF"[number / 16 % 16];
    name[6] = "0123456789ABCDEF"[number % 16];
}

static LONG list_desks(LPSTR readers, LPDWORD len)
{
    DWORD needed = fake_pcsclite.readers * DESK_NAME_SIZE + 1, room = *len;

    *len = needed;
    if (!readers) return fake_pcsclite.result;
    if (room < needed) return SCARD_E_INSUFFICIENT_BUFFER;
    for (DWORD i = 0; i < fake_pcsclite.readers; i++)
        name_desk(readers + i * DESK_NAME_SIZE, i);
    readers[needed - 1] = 0;
    return fake_pcsclite.result;
}

/** Whether a reader is unknown, be it by mistake. */
static int is_unknown(const char *wanted)
{
    char name[DESK_NAME_SIZE];

    if (!fake_pcsclite.readers || strcasecmp(wanted, "\\\\?PnP?\\Notification") == 0) return 0;
    if (fake_pcsclite.mistakes)
    {
        fake_pcsclite.mistakes--;
        return 1;
    }
    for (DWORD i = 0; i < fake_pcsclite.readers; i++)
    {
        name_desk(name, i);
        if (strcmp(name, wanted) == 0) return 0;
    }
    return 1;
}

/** Readers with a card each, in which nothing happens but in one. */
static LONG look_at_desks(SCARD_READERSTATE *states, DWORD count)
{
    LONG result = SCARD_E_TIMEOUT;

    for (DWORD i = 0; i < count; i++)
        if (is_unknown(states[i].szReader)) return SCARD_E_UNKNOWN_READER;
    for (DWORD i = 0; i < count; i++)
    {
        states[i].dwEventState = SCARD_STATE_PRESENT;
        if (!fake_pcsclite.changed || strcmp(states[i].szReader, fake_pcsclite.changed) != 0)
            continue;
        states[i].dwEventState |= SCARD_STATE_CHANGED;
        result = SCARD_S_SUCCESS;
    }
    return result;
}

LONG SCardListReaderGroups(SCARDCONTEXT context, LPSTR groups, LPDWORD len)
{
    fake_pcsclite.context = context;
    if (groups) groups[0] = 0;
    *len = 1;
    return fake_pcsclite.result;
}

LONG SCardListReaders(SCARDCONTEXT context, LPCSTR groups, LPSTR readers, LPDWORD len)
{
    static const char names[] = "One 00 00\0Two 01 00\0";
    fake_pcsclite.context = context;
    fake_pcsclite.pointer = readers;
    fake_pcsclite.numbers[0] = *len;
    if (groups) return SCARD_E_INVALID_PARAMETER;
    if (fake_pcsclite.readers) return list_desks(readers, len);
    if (readers && *len >= sizeof(names)) memcpy(readers, names, sizeof(names));
    *len = sizeof(names);
    return fake_pcsclite.result;
}

LONG SCardGetStatusChange(SCARDCONTEXT context, DWORD timeout, SCARD_READERSTATE *states,
                          DWORD count)
{
    fake_pcsclite.context = context;
    fake_pcsclite.numbers[0] = timeout;
    fake_pcsclite.numbers[1] = count;
    if (fake_pcsclite.states_max && count > fake_pcsclite.states_max)
        return SCARD_E_INVALID_PARAMETER;
    if (fake_pcsclite.readers) return look_at_desks(states, count);
    for (DWORD i = 0; i < count; i++)
    {
        if (i < 4) fake_pcsclite.states[i] = states[i];
        if (i == 0) strncpy(fake_pcsclite.text, states[i].szReader, sizeof(fake_pcsclite.text) - 1);
        states[i].dwEventState = (DWORD)0x00010022 + i;
        states[i].cbAtr = MAX_ATR_SIZE;
        memset(states[i].rgbAtr, 0xA0 + (int)i, MAX_ATR_SIZE);
    }
    return fake_pcsclite.result;
}

LONG SCardConnect(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols,
                  LPSCARDHANDLE card, LPDWORD protocol)
{
    fake_pcsclite.context = context;
    strncpy(fake_pcsclite.text, reader, sizeof(fake_pcsclite.text) - 1);
    fake_pcsclite.numbers[0] = share;
    fake_pcsclite.numbers[1] = protocols;
    if (is_unknown(reader)) return SCARD_E_UNKNOWN_READER;
    *card = 0x7EDCBA98;
    *protocol = SCARD_PROTOCOL_T1;
    return fake_pcsclite.result;
}

LONG SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD initialization,
                    LPDWORD protocol)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = share;
    fake_pcsclite.numbers[1] = protocols;
    fake_pcsclite.numbers[2] = initialization;
    *protocol = SCARD_PROTOCOL_T0;
    return fake_pcsclite.result;
}

LONG SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = disposition;
    if (fake_pcsclite.disconnect_ms > 0)
    {
        const struct timespec pause = { 0, (long)fake_pcsclite.disconnect_ms * 1000000 };
        nanosleep(&pause, NULL);
    }
    return fake_pcsclite.result;
}

LONG SCardBeginTransaction(SCARDHANDLE card)
{
    fake_pcsclite.card = card;
    return fake_pcsclite.result;
}

LONG SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = disposition;
    return fake_pcsclite.result;
}

LONG SCardStatus(SCARDHANDLE card, LPSTR reader, LPDWORD reader_len, LPDWORD state,
                 LPDWORD protocol, LPBYTE atr, LPDWORD atr_len)
{
    (void)reader;
    (void)reader_len;
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = *atr_len;
    *state = 0x00050034;
    *protocol = SCARD_PROTOCOL_RAW;
    memset(atr, 0xB0, 20);
    *atr_len = 20;
    return fake_pcsclite.result;
}

LONG SCardTransmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send_pci, LPCBYTE send, DWORD send_len,
                   SCARD_IO_REQUEST *receive_pci, LPBYTE receive, LPDWORD receive_len)
{
    fake_pcsclite.card = card;
    fake_pcsclite.send_pci = *send_pci;
    fake_pcsclite.receive_pci = *receive_pci;
    fake_pcsclite.numbers[0] = send_len;
    fake_pcsclite.numbers[1] = *receive_len;
    if (send_len <= sizeof(fake_pcsclite.text)) memcpy(fake_pcsclite.text, send, send_len);
    receive[0] = 0x90;
    receive[1] = 0x00;
    *receive_len = 2;
    receive_pci->dwProtocol = SCARD_PROTOCOL_T1;
    return fake_pcsclite.result;
}

LONG SCardControl(SCARDHANDLE card, DWORD code, LPCVOID send, DWORD send_len, LPVOID receive,
                  DWORD capacity, LPDWORD got)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = code;
    fake_pcsclite.numbers[1] = send_len;
    fake_pcsclite.numbers[2] = capacity;
    if (send_len <= sizeof(fake_pcsclite.text)) memcpy(fake_pcsclite.text, send, send_len);
    memset(receive, 'k', 2);
    *got = 2;
    return fake_pcsclite.result;
}

LONG SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE value, LPDWORD len)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = id;
    fake_pcsclite.numbers[1] = *len;
    memset(value, 'v', 5);
    *len = 5;
    return fake_pcsclite.result;
}

LONG SCardSetAttrib(SCARDHANDLE card, DWORD id, LPCBYTE value, DWORD len)
{
    fake_pcsclite.card = card;
    fake_pcsclite.numbers[0] = id;
    fake_pcsclite.numbers[1] = len;
    memcpy(fake_pcsclite.text, value, len);
    return fake_pcsclite.result;
}
