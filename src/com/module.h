/*
 * module - the DLL's own handle, for the type library in its resources.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_MODULE_H
#define SCM_COM_MODULE_H

#include <windows.h>

/** The DLL itself. */
HMODULE com_module(void);

#endif
