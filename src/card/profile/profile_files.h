/*
 * profile_files - the profiles in files: those of this user, of this machine, of this program.
 * Layer: card/profile (calls system for the files).
 * Owns: what was read, for the process's life or until card_profile_files_forget(); threads: any.
 *
 * Design notes. They are read when the first card is met, and once: a change counts for the
 * programs that are started after that. Two threads that are first may both read; one of them
 * throws its work away. No lock is held meanwhile. Files come in the order in which they count:
 * the user's before the machine's before the program's (system/settings_files.h), by name in each.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_FILES_H
#define SCM_CARD_PROFILE_FILES_H

#include "card/profile/profile_text.h"

#define CARD_PROFILE_FILES_MAX 256 /**< in one folder */
#define CARD_PROFILE_ENDING    ".profile"

/** One file, good or not. */
struct card_profile_source
{
    char *path; /**< UTF-8 */
    struct card_profile_text text;
    struct card_profile_trouble trouble; /**< why is NULL where the file is good */
};

struct card_profile_files
{
    struct card_profile_source *sources;
    size_t count;
    size_t capacity;
};

/** The profiles in files, read now if they were not. Out of memory there are none. Never NULL. */
const struct card_profile_files *card_profile_files(void);

/**
 * Frees them; the next question reads again. For the module's end, and for tests: nobody may have a
 * profile any more. Allowed in DllMain.
 */
void card_profile_files_forget(void);

#endif
