/*
 * bridge_module - what scmbridge.dll exports, in either of its forms.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_MODULE_H
#define SCM_WINE_BRIDGE_MODULE_H

#include <windows.h>
#include <stdint.h>

/** STATUS_DLL_NOT_FOUND: the module runs, but has no way down. */
#define BRIDGE_NO_UNIX_PART ((int32_t)0xC0000135)

/** Where Wine's own winscard.dll is kept, from the module's own folder. */
#define BRIDGE_OWN_WINSCARD L"scmbridge\\winscard.dll"

/**
 * Makes one call of the border.
 *
 * @param[in]     function  one of enum unix_function (wine/unix_call.h); UNIX_ATTACH first.
 * @param[in,out] arguments the structure of that function.
 * @retval 0 the call was made; its own result is in the structure.
 * @retval BRIDGE_NO_UNIX_PART there is nothing below, or this is not Wine.
 * @retval negative Wine refused the call.
 * Threads: any; blocks as long as the call of libpcsclite does.
 */
int32_t WINAPI scmbridge_call(uint32_t function, void *arguments);

/** The same as a type, for GetProcAddress. */
typedef int32_t(WINAPI *scmbridge_call_function)(uint32_t function, void *arguments);

#endif
