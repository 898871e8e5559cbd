/*
 * settings_files - files in which a user, a machine and a program say how they want things.
 * Layer: system (knows only base). settings_files_posix.c, settings_files_windows.c.
 * Owns: nothing; threads: any.
 *
 * Design notes. The folders, those first that count first:
 *   1. the user's: %APPDATA%\scardmanage.
 *   2. the machine's: %ProgramData%\scardmanage, on Windows XP %ALLUSERSPROFILE%\Application
 *      Data\scardmanage. There any user may make a folder and put files into it: a file counts only
 *      where it belongs to the administrators, the system, or the user who runs this.
 *   3. the program's: the folder of the module that this code is in. Who may write there may
 *      exchange the module itself. Not the folder of the program that has loaded it, which may be
 *      where downloads go, and never the current directory: others choose what is in those.
 * The variables have to be full paths; otherwise the folder is none.
 * Natively, for tests: those of the variable SCARDMANAGE_PROFILES, with colons between; one with
 * "shared=" before it is treated as the machine's.
 * Reference: "ACL technology overview" (inheritance of %ProgramData%), GetKernelObjectSecurity,
 *            Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_SETTINGS_FILES_H
#define SCM_SYSTEM_SETTINGS_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** Longest path in bytes of UTF-8, terminator included. */
#define SETTINGS_PATH_MAX 1024

struct settings_folder
{
    char path[SETTINGS_PATH_MAX]; /**< with its separator at the end; empty: there is none */
    bool is_shared;               /**< others may put files there, too */
};

/**
 * A folder by its place in the order above.
 * @return false where no further one comes.
 */
bool settings_folder_find(unsigned index, struct settings_folder *folder);

/**
 * Names the files of a folder, in any order. A folder that is not there has none.
 * @param[in] ending of the names that are wanted. A system may give others as well.
 * @param[in] visit gets UTF-8; returns false to see no more.
 */
void settings_folder_list(const struct settings_folder *folder, const char *ending,
                          bool (*visit)(void *context, const char *name), void *context);

enum settings_file_result
{
    SETTINGS_FILE_GOOD,
    SETTINGS_FILE_TOO_LONG,   /**< than allowed; nothing of it was read */
    SETTINGS_FILE_STRANGERS,  /**< in a shared folder, and neither the system's nor the user's */
    SETTINGS_FILE_UNREADABLE, /**< or no plain file */
    SETTINGS_FILE_NO_MEMORY,
};

/**
 * Reads a whole file.
 *
 * @param[out] data for memory_free(); NULL on failure.
 */
enum settings_file_result settings_file_read(const char *path, size_t len_max, bool is_shared,
                                             uint8_t **data, size_t *len);

#endif
