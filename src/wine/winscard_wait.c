/*
 * winscard_wait - waiting for readers, as SCardGetStatusChange and SCardLocateCards share it.
 * Layer: wine bridge, PE side.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_wait.h"

#include <stddef.h>
#include <string.h>

#include "wine/client_memory.h"
#include "wine/differences.h"
#include "wine/reader_database.h"
#include "wine/system.h"

/*
 * SCARD_READERSTATEA and SCARD_READERSTATEW differ only in the type of the name; so both forms hand
 * their array in as the W structure and the names, in UTF-16, beside it.
 */
_Static_assert(sizeof(SCARD_READERSTATEA) == sizeof(SCARD_READERSTATEW), "one structure");
_Static_assert(offsetof(SCARD_READERSTATEA, rgbAtr) == offsetof(SCARD_READERSTATEW, rgbAtr),
               "one structure");
_Static_assert(sizeof(((SCARD_READERSTATEW *)0)->rgbAtr) == UNIX_ATR_CAPACITY, "Windows' field");

static struct winscard_result names_alloc(const void *states, DWORD count,
                                          struct winscard_names *names)
{
    *names = (struct winscard_names){ .count = count };
    if (count > UNIX_STATES_MAX || (count && !states)) return winscard_code(SC_E_INVALID_PARAMETER);
    names->names = system_alloc(((size_t)count + 1) * sizeof(*names->names));
    return names->names ? WINSCARD_OK : winscard_code(SC_E_NO_MEMORY);
}

struct winscard_result winscard_names_from_ansi(const SCARD_READERSTATEA *states, DWORD count,
                                                struct winscard_names *names)
{
    struct winscard_result result = names_alloc(states, count, names);

    if (!winscard_ok(result)) return result;
    names->owned = system_alloc(((size_t)count + 1) * sizeof(*names->owned));
    if (!names->owned) return winscard_code(SC_E_NO_MEMORY);
    for (DWORD i = 0; i < count; i++)
    {
        if (!states[i].szReader) return winscard_code(SC_E_INVALID_PARAMETER);
        result = client_text_from_ansi(states[i].szReader, false, &names->owned[i]);
        if (!winscard_ok(result)) return result;
        names->names[i] = names->owned[i];
    }
    return WINSCARD_OK;
}

struct winscard_result winscard_names_from_wide(const SCARD_READERSTATEW *states, DWORD count,
                                                struct winscard_names *names)
{
    struct winscard_result result = names_alloc(states, count, names);

    if (!winscard_ok(result)) return result;
    for (DWORD i = 0; i < count; i++)
    {
        if (!states[i].szReader) return winscard_code(SC_E_INVALID_PARAMETER);
        names->names[i] = states[i].szReader;
    }
    return WINSCARD_OK;
}

void winscard_names_free(struct winscard_names *names)
{
    for (DWORD i = 0; names->owned && i < names->count; i++)
        system_free(names->owned[i]);
    system_free(names->owned);
    system_free(names->names);
}

static struct winscard_result wait_for_entries(SCARDCONTEXT context, DWORD timeout_ms,
                                               SCARD_READERSTATEW *states,
                                               const struct winscard_names *names,
                                               struct bridge_reader_state *inner,
                                               WCHAR (*devices)[READER_NAME_CAPACITY])
{
    struct winscard_result result;

    for (DWORD i = 0; i < names->count; i++)
    {
        inner[i].reader = reader_database_device_of(names->names[i], devices[i]);
        inner[i].current_state = states[i].dwCurrentState;
    }
    result = bridge_wait(context, timeout_ms, inner, names->count);
    if (winscard_is(result, WINDOWS_ERROR_INVALID_HANDLE)) return result;
    for (DWORD i = 0; i < names->count; i++)
    {
        states[i].dwEventState = inner[i].event_state;
        states[i].cbAtr = inner[i].atr_len;
        memcpy(states[i].rgbAtr, inner[i].atr, sizeof(states[i].rgbAtr));
    }
    return result;
}

struct winscard_result winscard_wait(SCARDCONTEXT context, DWORD timeout_ms,
                                     SCARD_READERSTATEW *states, const struct winscard_names *names)
{
    struct bridge_reader_state *inner = system_alloc(((size_t)names->count + 1) * sizeof(*inner));
    WCHAR(*devices)
    [READER_NAME_CAPACITY] = system_alloc(((size_t)names->count + 1) * sizeof(*devices));
    struct winscard_result result =
        inner && devices ? wait_for_entries(context, timeout_ms, states, names, inner, devices)
                         : winscard_code(SC_E_NO_MEMORY);

    system_free(devices);
    system_free(inner);
    return result;
}
