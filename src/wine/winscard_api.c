/*
 * winscard_api - winscard.dll's functions for contexts, readers and cards.
 * Layer: wine bridge, PE side (arguments, texts and buffers; what they do is in bridge_session.h).
 * A function here checks what it was given, makes one call down and hands out the answer. The
 * functions with an A and a W form share one core that works in UTF-16; the A form converts.
 *
 * The road of SCardTransmit, down:
 *   winscard_trace_begin       winscard_trace.c     into the trace, if there is one
 *   plain_SCardTransmit        here                 pointers; the PCI's protocol, or none
 *   bridge_transmit            bridge_exchange.c    length; the protocol as pcsc-lite has it
 *   bridge_card_enter          bridge_card.c        the handle's card, counted in
 *   lite_channel_call          lite_channel.c       struct unix_transmit, in the card's channel
 *   call_bridge                winscard_main.c      finds scmbridge.dll, the first time
 *   scmbridge_call             elf_module.c         out of Wine; or bridge_module.c, to own_winscard.c
 *   lite_transmit              unix_lite.c          unsigned long; SCardTransmit of libpcsclite
 * and up:
 *   struct lite_result         lite_channel_call    pcsc-lite's code, of a type of its own
 *   bridge_card_exchange_result  bridge_card.c      removed or reset, instead of no answer
 *   bridge_card_result         bridge_card.c        reader unplugged, handle closed meanwhile
 *   lite_channel_result        lite_channel.c       the service gone: its epoch ends
 *   difference_result          differences.c        what is left: struct winscard_result
 *   winscard_long              here                 the LONG, and the length got or needed
 * Threads: any.
 * Reference: the pages of the same names, Microsoft Learn; winscard.h
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <winscard.h>
#include <string.h>

#include "wine/bridge_session.h"
#include "wine/client_memory.h"
#include "wine/differences.h"
#include "wine/multi_string.h"
#include "wine/reader_database.h"
#include "wine/system.h"
#include "wine/winscard_calls.h"
#include "wine/winscard_trace.h"
#include "wine/winscard_wait.h"

const SCARD_IO_REQUEST g_rgSCardT0Pci = { SCARD_PROTOCOL_T0, sizeof(SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardT1Pci = { SCARD_PROTOCOL_T1, sizeof(SCARD_IO_REQUEST) };
const SCARD_IO_REQUEST g_rgSCardRawPci = { SCARD_PROTOCOL_RAW, sizeof(SCARD_IO_REQUEST) };

/* ---- Contexts ---- */

LONG WINAPI plain_SCardEstablishContext(DWORD scope, LPCVOID reserved1, LPCVOID reserved2,
                                        LPSCARDCONTEXT context)
{
    uint32_t handle;
    struct winscard_result result;

    (void)reserved1;
    (void)reserved2;
    if (!context) return SC_E_INVALID_PARAMETER;
    result = bridge_establish(scope, &handle);
    *context = handle;
    return winscard_long(result);
}

LONG WINAPI plain_SCardReleaseContext(SCARDCONTEXT context)
{
    return winscard_long(bridge_release(context));
}

LONG WINAPI plain_SCardIsValidContext(SCARDCONTEXT context)
{
    return winscard_long(bridge_check(context));
}

LONG WINAPI plain_SCardCancel(SCARDCONTEXT context)
{
    return winscard_long(bridge_cancel(context));
}

LONG WINAPI plain_SCardFreeMemory(SCARDCONTEXT context, LPCVOID memory)
{
    if (context && winscard_is(bridge_check(context), WINDOWS_ERROR_INVALID_HANDLE))
        return WINDOWS_ERROR_INVALID_HANDLE;
    if (!memory) return SCARD_S_SUCCESS;
    return winscard_long(client_memory_free(memory));
}

/* ---- Readers ---- */

LONG WINAPI plain_SCardListReadersW(SCARDCONTEXT context, LPCWSTR groups, LPWSTR readers,
                                    LPDWORD readers_chars)
{
    struct text_list names = { 0 };
    struct winscard_result result;

    if (!readers_chars) return SC_E_INVALID_PARAMETER;
    result = reader_database_list_readers(context, groups, &names);
    if (winscard_ok(result))
        result =
            client_give_wide(names.chars, multi_string_len(names.chars), readers, readers_chars);
    text_list_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListReadersA(SCARDCONTEXT context, LPCSTR groups, LPSTR readers,
                                    LPDWORD readers_chars)
{
    struct text_list names = { 0 };
    WCHAR *wide_groups;
    struct winscard_result result;

    if (!readers_chars) return SC_E_INVALID_PARAMETER;
    result = client_text_from_ansi(groups, true, &wide_groups);
    if (!winscard_ok(result)) return winscard_long(result);
    result = reader_database_list_readers(context, wide_groups, &names);
    if (winscard_ok(result))
        result =
            client_give_ansi(names.chars, multi_string_len(names.chars), readers, readers_chars);
    text_list_free(&names);
    system_free(wide_groups);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListReaderGroupsW(SCARDCONTEXT context, LPWSTR groups, LPDWORD groups_chars)
{
    struct text_list names = { 0 };
    struct winscard_result result;

    if (!groups_chars) return SC_E_INVALID_PARAMETER;
    result = reader_database_list_groups(context, &names);
    if (winscard_ok(result))
        result = client_give_wide(names.chars, multi_string_len(names.chars), groups, groups_chars);
    text_list_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardListReaderGroupsA(SCARDCONTEXT context, LPSTR groups, LPDWORD groups_chars)
{
    struct text_list names = { 0 };
    struct winscard_result result;

    if (!groups_chars) return SC_E_INVALID_PARAMETER;
    result = reader_database_list_groups(context, &names);
    if (winscard_ok(result))
        result = client_give_ansi(names.chars, multi_string_len(names.chars), groups, groups_chars);
    text_list_free(&names);
    return winscard_long(result);
}

/* ---- Waiting ---- */

LONG WINAPI plain_SCardGetStatusChangeW(SCARDCONTEXT context, DWORD timeout_ms,
                                        LPSCARD_READERSTATEW states, DWORD count)
{
    struct winscard_names names;
    struct winscard_result result = winscard_names_from_wide(states, count, &names);

    if (winscard_ok(result)) result = winscard_wait(context, timeout_ms, states, &names);
    winscard_names_free(&names);
    return winscard_long(result);
}

LONG WINAPI plain_SCardGetStatusChangeA(SCARDCONTEXT context, DWORD timeout_ms,
                                        LPSCARD_READERSTATEA states, DWORD count)
{
    struct winscard_names names;
    struct winscard_result result = winscard_names_from_ansi(states, count, &names);

    if (winscard_ok(result))
        result = winscard_wait(context, timeout_ms, (SCARD_READERSTATEW *)(void *)states, &names);
    winscard_names_free(&names);
    return winscard_long(result);
}

/* ---- Cards ---- */

LONG WINAPI plain_SCardConnectW(SCARDCONTEXT context, LPCWSTR reader, DWORD share, DWORD protocols,
                                LPSCARDHANDLE card, LPDWORD active_protocol)
{
    WCHAR device[READER_NAME_CAPACITY];
    uint32_t handle, protocol;
    struct winscard_result result;

    if (card) *card = 0;
    if (active_protocol) *active_protocol = 0;
    if (!card || !reader) return SC_E_INVALID_PARAMETER;
    result = bridge_connect(context, reader_database_device_of(reader, device), reader, share,
                            protocols, &handle, &protocol);
    *card = handle;
    if (active_protocol) *active_protocol = protocol;
    return winscard_long(result);
}

LONG WINAPI plain_SCardConnectA(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols,
                                LPSCARDHANDLE card, LPDWORD active_protocol)
{
    WCHAR *wide;
    struct winscard_result result = client_text_from_ansi(reader, false, &wide);

    if (card) *card = 0;
    if (active_protocol) *active_protocol = 0;
    if (!winscard_ok(result)) return winscard_long(result);
    result =
        winscard_code(plain_SCardConnectW(context, wide, share, protocols, card, active_protocol));
    system_free(wide);
    return winscard_long(result);
}

LONG WINAPI plain_SCardReconnect(SCARDHANDLE card, DWORD share, DWORD protocols,
                                 DWORD initialization, LPDWORD active_protocol)
{
    uint32_t protocol;
    struct winscard_result result =
        bridge_reconnect(card, share, protocols, initialization, &protocol);

    if (active_protocol) *active_protocol = protocol;
    return winscard_long(result);
}

LONG WINAPI plain_SCardDisconnect(SCARDHANDLE card, DWORD disposition)
{
    struct winscard_result result = bridge_disconnect(card, disposition);

    if (winscard_trace_is_on && winscard_ok(result)) winscard_trace_closed(card);
    return winscard_long(result);
}

LONG WINAPI plain_SCardBeginTransaction(SCARDHANDLE card)
{
    return winscard_long(bridge_begin(card));
}

LONG WINAPI plain_SCardEndTransaction(SCARDHANDLE card, DWORD disposition)
{
    return winscard_long(bridge_end(card, disposition));
}

/** A function that fills a text buffer, W or A. */
typedef struct winscard_result (*give_text)(const WCHAR *text, size_t count, void *buffer,
                                            DWORD *capacity);

static struct winscard_result give_wide(const WCHAR *text, size_t count, void *buffer,
                                        DWORD *capacity)
{
    return client_give_wide(text, count, buffer, capacity);
}

static struct winscard_result give_ansi(const WCHAR *text, size_t count, void *buffer,
                                        DWORD *capacity)
{
    return client_give_ansi(text, count, buffer, capacity);
}

static struct winscard_result card_status(SCARDHANDLE card, give_text give, void *reader,
                                          DWORD *reader_chars, DWORD *state, DWORD *protocol,
                                          BYTE *atr, DWORD *atr_len)
{
    struct bridge_card_status status;
    WCHAR name[READER_NAME_CAPACITY + 1];
    struct winscard_result result = bridge_status(card, &status), given;
    size_t name_len;

    if (state) *state = status.state;
    if (protocol) *protocol = status.protocol;
    if (!winscard_ok(result)) return result;
    if (reader_chars)
    {
        name_len = text_len(status.reader);
        memcpy(name, status.reader, (name_len + 1) * sizeof(*name));
        name[name_len + 1] = 0;
        result = give(name, name_len + 2, reader, reader_chars);
    }
    if (atr_len)
    {
        given = client_give_items(status.atr, status.atr_len, 1, atr, atr_len);
        if (winscard_ok(result)) result = given;
    }
    return result;
}

LONG WINAPI plain_SCardStatusW(SCARDHANDLE card, LPWSTR reader, LPDWORD reader_chars, LPDWORD state,
                               LPDWORD protocol, LPBYTE atr, LPDWORD atr_len)
{
    return winscard_long(
        card_status(card, give_wide, reader, reader_chars, state, protocol, atr, atr_len));
}

LONG WINAPI plain_SCardStatusA(SCARDHANDLE card, LPSTR reader, LPDWORD reader_chars, LPDWORD state,
                               LPDWORD protocol, LPBYTE atr, LPDWORD atr_len)
{
    return winscard_long(
        card_status(card, give_ansi, reader, reader_chars, state, protocol, atr, atr_len));
}

LONG WINAPI plain_SCardState(SCARDHANDLE card, LPDWORD state, LPDWORD protocol, LPBYTE atr,
                             LPDWORD atr_len)
{
    return winscard_long(card_status(card, give_wide, NULL, NULL, state, protocol, atr, atr_len));
}

LONG WINAPI plain_SCardTransmit(SCARDHANDLE card, LPCSCARD_IO_REQUEST send_pci, LPCBYTE send,
                                DWORD send_len, LPSCARD_IO_REQUEST receive_pci, LPBYTE receive,
                                LPDWORD receive_len)
{
    uint32_t send_protocol, receive_protocol, got;
    uint8_t *traced = NULL;
    DWORD capacity;
    struct winscard_result result;

    if (!send || !receive || !receive_len) return SC_E_INVALID_PARAMETER;
    capacity = *receive_len;
    if (capacity == SCARD_AUTOALLOCATE) return SC_E_INVALID_PARAMETER;
    if (send_pci) send_protocol = send_pci->dwProtocol;
    /* The answer may go where the command came from. */
    if (winscard_trace_is_on) traced = winscard_trace_command(send, send_len);
    result = bridge_transmit(card, send_pci ? &send_protocol : NULL, send, send_len,
                             &receive_protocol, receive, capacity, &got);
    if (traced)
        winscard_trace_exchange(card, traced, send_len, receive, winscard_ok(result) ? got : 0);
    *receive_len = got;
    if (winscard_ok(result) && receive_pci)
    {
        receive_pci->dwProtocol = receive_protocol;
        receive_pci->cbPciLength = sizeof(*receive_pci);
    }
    return winscard_long(result);
}

LONG WINAPI plain_SCardControl(SCARDHANDLE card, DWORD code, LPCVOID send, DWORD send_len,
                               LPVOID receive, DWORD capacity, LPDWORD receive_len)
{
    uint32_t got;
    struct winscard_result result;

    if (!receive_len) return SC_E_INVALID_PARAMETER;
    *receive_len = 0;
    if ((!send && send_len) || (!receive && capacity)) return SC_E_INVALID_PARAMETER;
    /* A reader with a PIN pad may give the card a PIN. */
    if (winscard_trace_is_on) winscard_trace_opened();
    result = bridge_control(card, code, send, send_len, receive, capacity, &got);
    *receive_len = got;
    return winscard_long(result);
}

/** The reader's name as an attribute, its NUL included; lengths are in bytes. */
static struct winscard_result give_name_attribute(SCARDHANDLE card, bool is_wide, BYTE *value,
                                                  DWORD *value_len)
{
    uint16_t name[READER_NAME_CAPACITY];
    struct winscard_result result = bridge_card_reader(card, name);
    size_t count = text_len(name) + 1;

    if (!winscard_ok(result)) return result;
    if (!is_wide) return client_give_ansi(name, count, (char *)value, value_len);
    return client_give_items(name, count * sizeof(*name), 1, value, value_len);
}

LONG WINAPI plain_SCardGetAttrib(SCARDHANDLE card, DWORD id, LPBYTE value, LPDWORD value_len)
{
    uint8_t got[BRIDGE_ATTRIBUTE_MAX];
    uint32_t got_len;
    struct winscard_result result;

    if (!value_len) return SC_E_INVALID_PARAMETER;
    switch (id)
    {
    case ATTRIBUTE_FRIENDLY_NAME_A:
    case ATTRIBUTE_SYSTEM_NAME_A:
        return winscard_long(give_name_attribute(card, false, value, value_len));
    case ATTRIBUTE_FRIENDLY_NAME_W:
    case ATTRIBUTE_SYSTEM_NAME_W:
        return winscard_long(give_name_attribute(card, true, value, value_len));
    }
    result = bridge_get_attribute(card, id, got, &got_len);
    if (!winscard_ok(result)) return winscard_long(result);
    return winscard_long(client_give_items(got, got_len, 1, value, value_len));
}

LONG WINAPI plain_SCardSetAttrib(SCARDHANDLE card, DWORD id, LPCBYTE value, DWORD value_len)
{
    if (!value && value_len) return SC_E_INVALID_PARAMETER;
    return winscard_long(bridge_set_attribute(card, id, value, value_len));
}
