/*
 * siblings - files that a card finds by an identifier though they do not lie in the directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. SELECT by identifier (P1 00) may find, besides the files of the current DF, its
 * parent and what lies beside it. A card that knows no other way cannot be asked what lies where.
 * But a file that is selected makes its own directory the current DF, and from there others are
 * found. A file that is not found from the directory above is the directory's own: a witness. Where a
 * file is selected that both find, the witness is found as well if the file lies in the directory,
 * and is not if it lies above. What cannot be decided is left out: a list may be incomplete, but has
 * nothing in it that is elsewhere.
 * Standard: ISO/IEC 7816-4:2020 clause 11.2.2 (order of the search by file identifier)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_SIBLINGS_H
#define SCM_CARD_FILES_SIBLINGS_H

#include "base/result.h"

struct card_finding;

/**
 * Takes out of a listing what does not lie in its directory; no command where the card looks for
 * files in the current DF only.
 *
 * @retval HR_OK
 * @retval SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_siblings_remove(struct card_finding *finding);

#endif
