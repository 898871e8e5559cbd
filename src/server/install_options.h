/*
 * install_options - what `regsvr32 /i:"..."` asks for.
 * Layer: server (pure: text in, struct out).
 * Threads: any.
 * Reference: "DllInstall", "Regsvr32", Microsoft Learn
 *
 * Options are separated by spaces, tabs or semicolons; upper and lower case are the same:
 *   user                          the user's registry instead of the machine's
 *   alias={CLSID}[,{CLSID}...]    these class ids lead to our SCardManage
 *   unalias={CLSID}[,{CLSID}...]  and these no longer
 *   force                         an alias may take a class id from another server
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_INSTALL_OPTIONS_H
#define SCM_SERVER_INSTALL_OPTIONS_H

#include <stdbool.h>
#include <windows.h>

struct alias_request
{
    CLSID clsid;
    bool is_removal; /**< unalias */
};

struct install_options
{
    bool for_user;
    bool force;
    struct alias_request *aliases; /**< in the order they were given; NULL when there is none */
    size_t alias_count;
};

/**
 * Reads the options. All or nothing: an error anywhere leaves `options` empty.
 *
 * @param[in] line NULL or empty is no option. One pair of quotes around it is ignored.
 * @param[out] options for install_options_free().
 * @retval S_OK
 * @retval E_INVALIDARG an unknown option, a malformed class id, one that cannot be an alias, `force`
 *                      without an alias.
 * @retval E_OUTOFMEMORY
 */
HRESULT install_options_parse(const WCHAR *line, struct install_options *options);

void install_options_free(struct install_options *options);

#endif
