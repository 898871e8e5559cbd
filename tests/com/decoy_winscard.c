/*
 * decoy_winscard - a winscard.dll in the folder of a client's program, as somebody may put it there who
 *                  wants to see PINs: it says that it was loaded.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved);

BOOL WINAPI DllMain(HINSTANCE instance, DWORD reason, void *reserved)
{
    (void)instance;
    (void)reserved;
    if (reason == DLL_PROCESS_ATTACH) SetEnvironmentVariableW(L"SCM_DECOY_LOADED", L"yes");
    return TRUE;
}
