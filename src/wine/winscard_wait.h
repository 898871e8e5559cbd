/*
 * winscard_wait - waiting for readers, as SCardGetStatusChange and SCardLocateCards share it.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_WAIT_H
#define SCM_WINE_WINSCARD_WAIT_H

#include <windows.h>
#include <winscard.h>

#include "wine/winscard_result.h"
#include "wine/bridge_session.h"

/**
 * SCardGetStatusChange for both forms, whose structures differ only in the type of the name.
 *
 * @param[in]     timeout_ms INFINITE waits for ever.
 * @param[in,out] states     `count` entries; szReader is not looked at.
 * @param[in]     names      the readers' names.
 * @retval SC_E_INVALID_PARAMETER a missing name, or more entries than the service has readers;
 *         other codes as bridge_wait.
 */
struct winscard_result winscard_wait(SCARDCONTEXT context, DWORD timeout_ms,
                                     SCARD_READERSTATEW *states, const WCHAR *const *names,
                                     DWORD count);

/**
 * The readers' names of an array of the A form, in UTF-16.
 *
 * @param[out] names to be freed with winscard_names_free, whatever the result.
 * @retval SC_E_INVALID_PARAMETER no array, or too many entries.
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result winscard_names_from_ansi(const SCARD_READERSTATEA *states, DWORD count,
                                                WCHAR *names[UNIX_READER_STATES_MAX]);

void winscard_names_free(WCHAR *names[UNIX_READER_STATES_MAX]);

/** The same of the W form: the client's own names. */
struct winscard_result winscard_names_from_wide(const SCARD_READERSTATEW *states, DWORD count,
                                                const WCHAR *names[UNIX_READER_STATES_MAX]);

#endif
