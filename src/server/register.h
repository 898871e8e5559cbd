/*
 * register - the registry keys of our classes, type libraries and interfaces: written, and removed.
 * Layer: server (calls registry; knows no COM object).
 * Threads: one transaction at a time.
 * Reference: "CLSID Key", "InprocServer32", "ProgID", "Registering a Type Library", "Interface Key",
 *            "Registry Keys Affected by WOW64", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTER_H
#define SCM_SERVER_REGISTER_H

#include <stdbool.h>
#include <windows.h>

#include "server/registry/keys.h"
#include "server/server_dll.h"

/**
 * Writes every key of this word size.
 *
 * RegisterTypeLib is not used: it would take the interface keys from another provider on the
 * computer, whose interface ids are the same as ours. Those are written only where they are missing
 * or lead nowhere. The classes of the base service providers and their type library keep the ids of
 * the original: they are written where no other server has them.
 *
 * @param[in,out] registry the transaction; the caller commits or rolls back.
 * @retval S_OK
 * @retval HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE) the DLL's path is too long for a type library
 *         to be loaded from it; nothing was written.
 * @retval TYPE_E_REGISTRYACCESS writing is not permitted.
 * @retval E_OUTOFMEMORY
 * @retval SELFREG_E_CLASS the keys of a class failed.
 * @retval SELFREG_E_TYPELIB the keys of the type library or an interface failed.
 */
HRESULT register_server(struct registry *registry, const struct server_dll *dll);

/**
 * Removes what register_server() wrote for this file and this word size, and nothing else: what
 * another copy of the DLL registered, values and subkeys of others, and what the other word size
 * still needs stay.
 *
 * @param[in,out] registry the transaction; the caller commits or rolls back. No change was journalled
 *                where nothing of ours was there.
 * Return codes as register_server().
 */
HRESULT unregister_server(struct registry *registry, const struct server_dll *dll);

/**
 * Deletes the keys that a user's registry need not have (Classes with CLSID, Interface, TypeLib) where
 * they are empty; does nothing on a machine's. For the end of a removal that found something.
 */
LONG register_prune(struct registry *registry);

/** Whether a class is one of those register_server() registers. */
bool register_is_own_class(REFCLSID clsid);

/** Whether a class has a server of any kind: what COM activates or follows. `id` is {..} as text. */
bool register_class_has_server(struct registry *registry, enum registry_place place,
                               const WCHAR *id);

/** A registry status as HRESULT: memory and permission have codes of their own, the rest is `other`. */
HRESULT register_result(LONG status, HRESULT denied, HRESULT other);

#endif
