/*
 * options - what a user can set about the bridge.
 * Layer: wine bridge, PE side (kernel32, advapi32).
 * Each option is an environment variable or, where that is not set, a value (REG_SZ) of
 * HKEY_CURRENT_USER\Software\scardmanage\Bridge or HKEY_LOCAL_MACHINE\Software\scardmanage\Bridge:
 *
 *   SCMBRIDGE_READER_NAMES  ReaderNames  "windows": readers are called `Name 0` and not, as
 *                                        pcsc-lite calls them, `Name 00 00`.
 *
 * The trace is of the server and the bridge: SCMBRIDGE_TRACE, or SCARDMANAGE_TRACE, or the value
 * Trace of the key Software\scardmanage of either root.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_OPTIONS_H
#define SCM_WINE_OPTIONS_H

#include <windows.h>
#include <stdbool.h>

#include "wine/reader_names.h"

enum reader_names_style options_reader_names(void);

/** The file to write calls into. @return false: none. */
bool options_trace_file(WCHAR path[MAX_PATH]);

#endif
