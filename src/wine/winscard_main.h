/*
 * winscard_main - what tells our winscard.dll from another.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_WINSCARD_MAIN_H
#define SCM_WINE_WINSCARD_MAIN_H

#include <windows.h>

#define SCMBRIDGE_WINSCARD_VERSION 0x00010000u

/** The version of the bridge; only our winscard.dll exports this function. */
DWORD WINAPI scmbridge_winscard_version(void);

#endif
