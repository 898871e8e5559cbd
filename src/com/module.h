/*
 * module - the DLL's own handle, for what is in its resources.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_MODULE_H
#define SCM_COM_MODULE_H

#include <windows.h>

/** The DLL itself. */
HMODULE com_module(void);

#endif
