/*
 * winscard_wait - waiting for readers, as SCardGetStatusChange and SCardLocateCards share it.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_WAIT_H
#define SCM_WINE_WINSCARD_WAIT_H

#include <windows.h>
#include <winscard.h>

#include "base/result.h"

/**
 * SCardGetStatusChange for both forms, whose structures differ only in the type of the name.
 *
 * @param[in]     timeout_ms INFINITE waits for ever.
 * @param[in,out] states     `count` entries; szReader is not looked at.
 * @param[in]     names      the readers' names.
 * @retval SC_E_INVALID_PARAMETER a missing name, or more entries than the service has readers;
 *         other codes as bridge_wait.
 */
scm_result winscard_wait(SCARDCONTEXT context, DWORD timeout_ms, SCARD_READERSTATEW *states,
                         const WCHAR *const *names, DWORD count);

#endif
