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
 * The loaded winscard.dll; NULL while it cannot be loaded.
 * @param[out] dialect what it speaks.
 * Threads: any.
 */
HMODULE pcsc_winscard_module(enum pcsc_dialect *dialect);

#endif
