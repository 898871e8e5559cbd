/*
 * deletion - files deleted, and nothing by guess.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-9:2017 (DELETE FILE)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_DELETION_H
#define SCM_CARD_FILES_DELETION_H

#include "base/result.h"
#include "card/files/path.h"

struct card_files;

/**
 * Deletes a file; open handles of it are closed, the current directory leaves it.
 *
 * That a directory is empty has to be proven: the card counts its files, or it was made here, on a
 * card that nobody else can have used since. No list of files proves it, since no card has one, nor
 * does what a card refuses.
 *
 * DELETE FILE names its file, by identifier or DF name, with the file selected: whichever a card
 * goes by, it is the same one. Without a name it is sent only where the card refuses that form.
 *
 * @param[in] is_recursive whether a directory may have files in it.
 * @retval HR_OK
 * @retval HR_INVALIDARG the MF.
 * @retval SC_E_NO_ACCESS nothing was deleted. It is, or may be, a directory that is not proven to
 *         be empty; an open file or the current directory lies in it; the card selects another file
 *         than the one named; it does not tell which file has a short identifier; or it does not
 *         allow it.
 * @retval as card_files_select().
 */
scm_result card_file_delete(struct card_files *files, const struct card_path *path,
                            bool is_recursive, struct card_fault *fault);

/**
 * Deletes an EF again that was made, and could not be filled: by its identifier, or in a way that
 * has worked before. Where the card allows neither, it stays.
 */
void card_file_take_back(struct card_files *files, const struct card_path *path);

#endif
