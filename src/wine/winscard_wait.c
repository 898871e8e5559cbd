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

struct winscard_result winscard_wait(SCARDCONTEXT context, DWORD timeout_ms,
                                     SCARD_READERSTATEW *states, const WCHAR *const *names,
                                     DWORD count)
{
    struct bridge_reader_state inner[UNIX_READER_STATES_MAX];
    WCHAR devices[UNIX_READER_STATES_MAX][READER_NAME_CAPACITY];
    struct winscard_result result;

    if (count > UNIX_READER_STATES_MAX || (count && !states))
        return winscard_code(SC_E_INVALID_PARAMETER);
    memset(inner, 0, sizeof(inner));
    for (DWORD i = 0; i < count; i++)
    {
        if (!names[i]) return winscard_code(SC_E_INVALID_PARAMETER);
        inner[i].reader = reader_database_device_of(names[i], devices[i]);
        inner[i].current_state = states[i].dwCurrentState;
    }
    result = bridge_wait(context, timeout_ms, inner, count);
    if (winscard_is(result, WINDOWS_ERROR_INVALID_HANDLE)) return result;
    for (DWORD i = 0; i < count; i++)
    {
        states[i].dwEventState = inner[i].event_state;
        states[i].cbAtr = inner[i].atr_len;
        memcpy(states[i].rgbAtr, inner[i].atr, sizeof(states[i].rgbAtr));
    }
    return result;
}

struct winscard_result winscard_names_from_ansi(const SCARD_READERSTATEA *states, DWORD count,
                                                WCHAR *names[UNIX_READER_STATES_MAX])
{
    struct winscard_result result = WINSCARD_OK;

    memset(names, 0, UNIX_READER_STATES_MAX * sizeof(*names));
    if (count > UNIX_READER_STATES_MAX || (count && !states))
        return winscard_code(SC_E_INVALID_PARAMETER);
    for (DWORD i = 0; i < count && winscard_ok(result); i++)
        result = client_text_from_ansi(states[i].szReader, false, &names[i]);
    return result;
}

void winscard_names_free(WCHAR *names[UNIX_READER_STATES_MAX])
{
    for (int i = 0; i < UNIX_READER_STATES_MAX; i++)
        system_free(names[i]);
}

struct winscard_result winscard_names_from_wide(const SCARD_READERSTATEW *states, DWORD count,
                                                const WCHAR *names[UNIX_READER_STATES_MAX])
{
    if (count > UNIX_READER_STATES_MAX || (count && !states))
        return winscard_code(SC_E_INVALID_PARAMETER);
    for (DWORD i = 0; i < count; i++)
        names[i] = states[i].szReader;
    return WINSCARD_OK;
}
