/*
 * aliases - class ids of other products that lead to our SCardManage: made, recorded, undone.
 * Layer: server (calls registry; knows no COM object).
 * Threads: one transaction at a time; alias_is_recorded() any.
 * Reference: "CLSID Key", "InprocServer32", "DllInstall", Microsoft Learn
 *
 * Design notes. Old programs ask for the class id of the provider their vendor sold. An alias is
 * that class id with our DLL as its server, plus a record below our own class,
 * `CLSID\{SCardManage}\Aliases\{alias}`, whose unnamed value is the DLL's path as it was registered.
 * The record is what makes an alias ours: removal touches nothing without one, and nothing whose
 * server has changed since. Whatever stood under the class id before is moved into the record's
 * subkey `Saved` and comes back with the removal.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_ALIASES_H
#define SCM_SERVER_ALIASES_H

#include <stdbool.h>
#include <windows.h>

#include "server/registry/keys.h"
#include "server/server_dll.h"

/** HRESULT of an alias refused because another server owns the class id. */
#define ALIAS_E_OWNED HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS)

/** Whether a class id may be an alias at all: not the null id, none of our own classes. */
bool alias_is_allowed(REFCLSID alias);

/**
 * Makes a class id lead to our SCardManage. An alias that is there already is written again.
 *
 * @param[in,out] registry the transaction; the caller commits or rolls back.
 * @param[in] alias one that alias_is_allowed().
 * @param[in] force take the class id even from another server, which is saved.
 * @retval S_OK
 * @retval ALIAS_E_OWNED another server has the class id, in this root or, for a user, in the
 *                       machine's, and `force` is not set.
 * @retval E_ACCESSDENIED writing is not permitted.
 * @retval E_OUTOFMEMORY
 * @retval SELFREG_E_CLASS the registry failed otherwise.
 */
HRESULT alias_add(struct registry *registry, const struct server_dll *dll, REFCLSID alias,
                  bool force);

/**
 * Undoes alias_add(), whichever copy of the DLL it was; does nothing where there is no record.
 *
 * Return codes as alias_add(), without ALIAS_E_OWNED.
 */
HRESULT alias_remove(struct registry *registry, const struct server_dll *dll, REFCLSID alias);

/** Undoes every recorded alias that leads to this file; return codes as alias_remove(). */
HRESULT alias_remove_all(struct registry *registry, const struct server_dll *dll);

/** Whether a class id is recorded as an alias, for the user or for the machine. */
bool alias_is_recorded(REFCLSID clsid);

#endif
