/*
 * own_winscard - the calls of unix_call.h answered by Wine's own winscard.dll, for where no module
 *                with Linux code of ours can be loaded.
 * Layer: wine bridge (below the border, PE side; no Windows header, so that it compiles natively
 *        for its tests).
 * Wine's own winscard.dll is pcsc-lite behind Windows' functions: its results, states and protocols
 * are pcsc-lite's numbers, which is what the border carries. What it loses on the way is made up for
 * here: it does not wait (own_wait.h), trusts every handle (own_live.h), does not tell how long an
 * answer is that does not fit, and exports stubs that end the process.
 * Threads: any, several at once.
 * Reference: winscard.h, Microsoft Learn; how Wine 10.0's behaves was observed
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_OWN_WINSCARD_H
#define SCM_WINE_OWN_WINSCARD_H

#include <stdint.h>

#include "wine/own_functions.h"

/**
 * Sets up the calls, once.
 *
 * @param[in] functions complete, and none of them a stub; stays where it is.
 */
void own_winscard_init(const struct own_functions *functions);

/**
 * Makes one call of the border, but for UNIX_ATTACH.
 *
 * @param[in]     function  one of enum unix_function.
 * @param[in,out] arguments the structure of that function.
 * @retval 0 the call was made; its own result is in the structure.
 * @retval OWN_NO_SUCH_CALL there is no call of that number.
 */
int32_t own_winscard_call(uint32_t function, void *arguments);

/** STATUS_INVALID_PARAMETER. */
#define OWN_NO_SUCH_CALL ((int32_t)0xC000000D)

#endif
