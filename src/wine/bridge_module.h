/*
 * bridge_module - what scmbridge.dll exports.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_MODULE_H
#define SCM_WINE_BRIDGE_MODULE_H

#include <windows.h>
#include <stdint.h>

/** STATUS_DLL_NOT_FOUND: the module runs, but Wine has no unix part for it. */
#define BRIDGE_NO_UNIX_PART ((int32_t)0xC0000135)

/**
 * Calls the unix part.
 *
 * @param[in]     function  one of enum unix_function (wine/unix_call.h).
 * @param[in,out] arguments the structure of that function.
 * @retval 0 the call was made; its own result is in the structure.
 * @retval BRIDGE_NO_UNIX_PART there is no unix part, or this is not Wine.
 * @retval negative Wine refused the call.
 * Threads: any; blocks as long as the call of libpcsclite does.
 */
int32_t WINAPI scmbridge_call(uint32_t function, void *arguments);

/** The same as a type, for GetProcAddress. */
typedef int32_t(WINAPI *scmbridge_call_function)(uint32_t function, void *arguments);

#endif
