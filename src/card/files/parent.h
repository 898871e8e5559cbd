/*
 * parent - paths that lead upward, made absolute; the card is asked for what it alone knows.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clause 11.2.2 (SELECT, parent DF)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_PARENT_H
#define SCM_CARD_FILES_PARENT_H

#include "card/files/memory.h"

/**
 * Makes a path absolute, from the current directory. Where it leads above a DF that is known by its
 * name alone, the card is asked what lies there, once. A card that cannot be asked is taken to have
 * it in the MF, as most have their applications.
 *
 * @param[in] path absolute or not; may be the same object as `absolute`.
 * @retval HR_OK
 * @retval SC_E_UNSUPPORTED_FEATURE there is a directory above, and the card does not tell which.
 * @retval as card_path_resolve(); where the card is asked, as card_files_select().
 */
scm_result card_files_resolve(struct card_files *files, const struct card_path *path,
                              struct card_path *absolute, struct card_fault *fault);

#endif
