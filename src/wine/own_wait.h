/*
 * own_wait - SCardGetStatusChange over Wine's own winscard.dll, which never waits.
 * Layer: wine bridge (below the border, PE side; no Windows header).
 * That DLL hands pcsc-lite a current state of 0 whatever its caller says, so that every call ends at
 * once. So it is asked again and again, less and less often, and what pcsc-lite would have called a
 * change is found here. The readers' notification is answered with their number, as Windows does.
 * Threads: any; one wait a context.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_OWN_WAIT_H
#define SCM_WINE_OWN_WAIT_H

#include "wine/own_functions.h"
#include "wine/own_live.h"

/** Between two looks at the readers: at first, and at last; twice as long each time. */
#define OWN_WAIT_FIRST_MS 10u
#define OWN_WAIT_LAST_MS  200u

/**
 * UNIX_STATUS_CHANGE.
 *
 * @param[in]     context counted in; a wait in it ends by own_live_cancel() at once.
 * @param[in,out] call    its result is pcsc-lite's: 0, SCARD_E_TIMEOUT, SCARD_E_CANCELLED,
 *                        SCARD_E_UNKNOWN_READER, SCARD_E_NO_MEMORY, and what winscard.dll gives.
 */
void own_wait_for_change(const struct own_functions *functions, struct own_live *context,
                         struct unix_status_change *call);

#endif
