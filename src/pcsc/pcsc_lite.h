/*
 * pcsc_lite - the PC/SC port over libpcsclite, for the native tests of the layers above.
 * Layer: pcsc (knows only base).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_LITE_H
#define SCM_PCSC_LITE_H

#include "pcsc/pcsc_port.h"

/** The port over libpcsclite, a static table. Threads: as the contract says. */
const struct pcsc_port *pcsc_lite_port(void);

#endif
