/*
 * regsvr32 - registering with the real regsvr32, and what the tests need around it: files to register
 *            and a registry without us.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_REGSVR32_H
#define SCM_TESTS_SUPPORT_REGSVR32_H

#include <stdbool.h>
#include <windows.h>

/**
 * Runs regsvr32 of the program's own word size and waits for it.
 *
 * @param[in] options the command line between the program and the DLL, e.g. L"/s /u".
 * @return its exit code; -1 where it could not be run or did not end within two minutes.
 */
int regsvr32(const WCHAR *options, const WCHAR *dll);

/** The same of the other word size, for a computer with two. */
int regsvr32_other(const WCHAR *options, const WCHAR *dll);

/**
 * Calls the entry points that regsvr32 would call, in this process: for what is about the registry,
 * and not about regsvr32, whose process takes long to begin.
 *
 * @param[in] options as above; no quotes, and /i last.
 * @return 0 where all that was called succeeded.
 */
int registered_here(const WCHAR *options, const WCHAR *dll);

/** The DLL under test: environment variable SCM_DLL, or ..\scardmanage.dll beside the program. */
const WCHAR *dll_under_test(void);

/**
 * Copies the DLL under test into a new folder of the temporary folder.
 *
 * @param[in] folder names of the new folders, may have several levels.
 * @return the copy's path, for free(); ends the program on failure.
 */
WCHAR *dll_copy_in(const WCHAR *folder);

/** Deletes a copy and the folders made for it, and frees the path. */
void dll_copy_delete(WCHAR *copy);

/**
 * Takes our registration out of the registry, of both word sizes, and remembers it, so that a test
 * begins with nothing of ours.
 */
void registration_set_aside(void);

/** The DLL of the other word size that was registered and set aside; NULL where there was none. */
const WCHAR *registration_other_dll(void);

/** Registers again what registration_set_aside() found. */
void registration_put_back(void);

#endif
