/*
 * pcsc_winscard - winscard.dll, loaded once for the port and the database beside it.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_WINSCARD_H
#define SCM_PCSC_WINSCARD_H

#include <windows.h>

#include "pcsc/pcsc_dialect.h"

/**
 * A function of winscard.dll, which is loaded with the first.
 *
 * @param[out] dialect what winscard.dll speaks.
 * @param[out] function NULL on failure.
 * @retval HR_OK
 * @retval SC_E_NO_SERVICE winscard.dll cannot be loaded.
 * @retval SC_E_UNSUPPORTED_FEATURE it has no such function, or one that must not be called: Wine's
 *         own exports stubs, which end the process.
 * Threads: any.
 */
scm_result pcsc_winscard_find(const char *name, enum pcsc_dialect *dialect, FARPROC *function);

#endif
