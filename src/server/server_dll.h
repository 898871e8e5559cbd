/*
 * server_dll - the file this DLL was loaded from, and whether a path out of the registry names it.
 * Layer: server.
 * Owns: the two texts of a struct server_dll; threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_SERVER_DLL_H
#define SCM_SERVER_SERVER_DLL_H

#include <stdbool.h>
#include <windows.h>

struct server_dll
{
    WCHAR *path;   /**< full path */
    WCHAR *folder; /**< its folder, without a backslash at the end unless it is a root */
};

/**
 * Finds out where the DLL lies.
 *
 * @param[out] dll both texts NULL on failure; otherwise for server_dll_free().
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 * Other Win32 codes as HRESULT.
 */
HRESULT server_dll_find(HINSTANCE module, struct server_dll *dll);

void server_dll_free(struct server_dll *dll);

/**
 * Whether a path registered as a server is this DLL: the same text without regard to case, or another
 * name of the same file (short names, links, other drive letters).
 *
 * @param[in] registered from the registry, not trusted; NULL is never this DLL.
 */
bool server_dll_is(const struct server_dll *dll, const WCHAR *registered);

#endif
