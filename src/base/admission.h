/*
 * admission - how pcsc-lite's daemon lets a client in: what a full one says, and one that is gone.
 * Layer: base (pure). Both ways to pcsc-lite use it: the port, and the Wine bridge.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_ADMISSION_H
#define SCM_BASE_ADMISSION_H

#include "base/result.h"

/** One try to open a context of pcsc-lite: what SCardEstablishContext says. */
typedef scm_result admission_attempt(void *context);

/**
 * Opens a context of pcsc-lite, and tells a daemon that has no more contexts to give from one that
 * is not there.
 *
 * A full daemon hangs up, and libpcsclite takes that now for SCARD_W_SECURITY_VIOLATION, now for
 * SCARD_E_NO_SERVICE, several times in a row; where there is no daemon it says the latter each time.
 * So it is asked until it has said both (a daemon killed just then says the former once, and no
 * more). Who hears nothing but the former for a while is refused for himself.
 *
 * @param[in] now_ms a clock that only goes forward, and may wrap.
 * @retval HR_OK
 * @retval SC_E_SERVER_TOO_BUSY the daemon is there, and full.
 * @retval SC_E_NO_SERVICE, SC_W_SECURITY_VIOLATION, any other code unchanged.
 */
scm_result admission_ask(admission_attempt *attempt, void *context, uint32_t (*now_ms)(void));

#endif
