/*
 * directory - what files there are in the current directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. ISO/IEC 7816-4 has no command that lists a directory. So whatever tells of files is
 * asked, the surest first: the card, where it selects the next file, counts its files, or names some
 * in the directory's control parameters (told.h); EF.DIR and the names of applications
 * (applications.h); files that known applications have; the identifiers that files usually have
 * (guesses.h); and EF.OD of a PKCS#15 application. A list may miss files with uncommon identifiers:
 * it is complete only where the card has said so, and an empty one proves nothing.
 * And it may have applications that EF.DIR names and the card does not have. However the card
 * answers, it ends.
 * Standard: ISO/IEC 7816-4:2020 clauses 11.2.2 (SELECT, occurrences), 12.2.2 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_DIRECTORY_H
#define SCM_CARD_FILES_DIRECTORY_H

#include "card/files/listing.h"

struct card_files;

/** What to list; the values are FILETYPE's. */
enum card_filter
{
    CARD_FILTER_DIRECTORIES = 0,
    CARD_FILTER_FILES = 1,
    CARD_FILTER_ALL = 2,
    CARD_FILTER_DF = 3,
    CARD_FILTER_TRANSPARENT = 4,
    CARD_FILTER_FIXED = 5,
    CARD_FILTER_CYCLIC = 6,
    CARD_FILTER_VARIABLE = 7,
};

/**
 * Lists the files of a directory.
 *
 * Identifiers come first, in their order, then names. Afterwards another file may be selected, but
 * after a listing of the MF not another application.
 *
 * @param[in] dir absolute.
 * @param[out] listing empty before; free with card_listing_free(), also on failure.
 * @retval HR_OK perhaps with nothing in it; whether there may be more, `listing` tells.
 * @retval HR_INVALIDARG unknown filter.
 * @retval HR_NOTIMPL the card knows no way to look for files.
 * @retval as card_files_change_dir().
 */
scm_result card_directory_list(struct card_files *files, const struct card_path *dir,
                               enum card_filter filter, struct card_listing *listing,
                               struct card_fault *fault);

#endif
