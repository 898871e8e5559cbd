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

/** The readers' names of an array of either form, in UTF-16. */
struct winscard_names
{
    const WCHAR **names;
    WCHAR **owned; /**< the same where they are ours to free, NULL where they are the client's */
    DWORD count;
};

/**
 * Takes the names of an array of the A form.
 *
 * @param[out] names to be freed with winscard_names_free, whatever the result.
 * @retval SC_E_INVALID_PARAMETER no array, a missing name, or more entries than make sense.
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result winscard_names_from_ansi(const SCARD_READERSTATEA *states, DWORD count,
                                                struct winscard_names *names);

/** The same of the W form. */
struct winscard_result winscard_names_from_wide(const SCARD_READERSTATEW *states, DWORD count,
                                                struct winscard_names *names);

void winscard_names_free(struct winscard_names *names);

/**
 * SCardGetStatusChange for both forms, whose structures differ only in the type of the name.
 *
 * @param[in]     timeout_ms INFINITE waits for ever.
 * @param[in,out] states     as many entries as there are names; szReader is not looked at.
 * @retval SC_E_NO_MEMORY; other codes as bridge_wait.
 */
struct winscard_result winscard_wait(SCARDCONTEXT context, DWORD timeout_ms,
                                     SCARD_READERSTATEW *states,
                                     const struct winscard_names *names);

#endif
