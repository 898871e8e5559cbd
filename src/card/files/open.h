/*
 * open - EFs opened, DFs made the current directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_OPEN_H
#define SCM_CARD_FILES_OPEN_H

#include "base/result.h"
#include "card/files/path.h"

struct card_files;

/**
 * Opens an EF.
 *
 * @param[in] path absolute. @param[out] handle 0 on failure.
 * @retval HR_OK
 * @retval SC_E_NO_FILE the path is that of a directory.
 * @retval HR_OUTOFMEMORY also for more than CARD_FILES_OPEN_MAX files.
 * @retval as card_files_select().
 */
scm_result card_files_open(struct card_files *files, const struct card_path *path, uint32_t *handle,
                           struct card_fault *fault);

/**
 * Makes a DF the current directory.
 *
 * @retval HR_OK
 * @retval SC_E_NO_DIR the path is that of an EF; any other as card_files_select().
 */
scm_result card_files_change_dir(struct card_files *files, const struct card_path *path,
                                 struct card_fault *fault);

#endif
