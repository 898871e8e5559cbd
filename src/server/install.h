/*
 * install - whole installations and removals as transactions: which root, in which order, and what
 *           is taken back when something fails.
 * Layer: server (calls register, aliases).
 * Threads: any; two at once in one process take turns through the registry only.
 * Reference: "Self-Registration", "DllInstall", "Regsvr32", Microsoft Learn
 *
 * Design notes. An installation goes to HKEY_LOCAL_MACHINE, and where that is denied to
 * HKEY_CURRENT_USER; `user` means the latter only; a line that also undoes aliases does not fall back,
 * since the machine's cannot be undone there. A removal looks in both and removes what it finds
 * of this file; `user` again means the user's only. Each is undone as a whole when a part fails.
 * A process that is killed cannot undo: what it wrote is in an order by which the next call knows it for
 * ours, and finishes it or takes it away. What a user's registry needs not have is cleared by any removal.
 * DllRegisterServer and DllInstall may be called both, in any order: each writes only what is not
 * there, and removes only what is.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_INSTALL_H
#define SCM_SERVER_INSTALL_H

#include <stdbool.h>
#include <windows.h>

#include "server/install_options.h"
#include "server/registry/keys.h"
#include "server/server_dll.h"

/**
 * Installs: the server, unless the options ask for aliases only (aliases without `user`), and then
 * the aliases, in order.
 *
 * @retval S_OK
 * @retval HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE) as register_server().
 * @retval TYPE_E_REGISTRYACCESS, E_ACCESSDENIED writing is not permitted, not even for the user.
 * @retval ALIAS_E_OWNED another server has the class id of an alias.
 * @retval SELFREG_E_CLASS, SELFREG_E_TYPELIB the registry failed otherwise.
 * @retval E_OUTOFMEMORY
 */
HRESULT install_server(const struct registry_port *port, const struct server_dll *dll,
                       const struct install_options *options);

/**
 * Removes: the server and all its aliases, or, where the options name aliases without `user`, only
 * these. Finding nothing to remove is S_OK.
 *
 * Return codes as install_server(). Denied at the machine's registry is an error only where nothing
 * was found at the user's: what a user without rights installed went there.
 */
HRESULT remove_server(const struct registry_port *port, const struct server_dll *dll,
                      const struct install_options *options);

#endif
