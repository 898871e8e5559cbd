/*
 * pcsc_winscard - the PC/SC port over winscard.dll.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_WINSCARD_H
#define SCM_PCSC_WINSCARD_H

#include "pcsc/pcsc_port.h"

/**
 * The port over winscard.dll, which is loaded on the first call, so that registration and object
 * creation work where it is missing; every function then gives SC_E_NO_SERVICE.
 *
 * @return a static table.
 * Threads: any.
 */
const struct pcsc_port *pcsc_winscard_port(void);

#endif
