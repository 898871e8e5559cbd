/*
 * creation - files made and filled, activated and deactivated.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clause 7.4 (control information)
 *           ISO/IEC 7816-9:2017 (creating files, life cycle)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_CREATION_H
#define SCM_CARD_FILES_CREATION_H

#include "base/result.h"
#include "card/files/path.h"

struct card_files;

/**
 * Creates a file.
 *
 * What the control parameters leave out follows from the rest: the identifier or DF name from the
 * path, a size from the data, a transparent EF where no descriptor says otherwise.
 *
 * @param[in] parent absolute path of the directory. @param[in] last the new file's own element.
 * @param[in] parameters data objects as in an FCP, or the template itself.
 * @param[in] data first contents, perhaps none: bytes, or records one behind the other where they
 *            have a fixed length, or one record.
 * @retval HR_OK
 * @retval HR_INVALIDARG the parameters are no data objects or contradict the path; there is a file
 *         already.
 * @retval SC_E_WRITE_TOO_MANY more data than the file is to hold, nothing was done; or the card is
 *         full.
 * @retval SC_E_DIR_NOT_FOUND, SC_E_NO_DIR, SC_W_SECURITY_VIOLATION and so on. Where the contents
 *         could not be written, the file is removed again if the card allows it, and if the card
 *         did not find it before.
 */
scm_result card_file_create(struct card_files *files, const struct card_path *parent,
                            const struct card_path_element *last, struct bytes parameters,
                            struct bytes data, struct card_fault *fault);

/** Activates or deactivates a file; results as card_files_select(). */
scm_result card_file_set_active(struct card_files *files, const struct card_path *path,
                                bool is_active, struct card_fault *fault);

#endif
