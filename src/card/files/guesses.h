/*
 * guesses - files looked for by the identifiers that files usually have.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. A profile that was made for a card names the identifiers worth asking for, and all
 * of them are. The ranges of the others are habits of those who lay out cards, hundreds of
 * identifiers for each directory. So a few of each range are tried, those that a range begins with
 * or that standards give to files; where one is there, its neighbours are tried, upwards as long as
 * they are there, and where they are not numbered one behind the other, the range as a whole. In a
 * directory where nothing is found that way, everything is tried.
 * Standard: ETSI TS 151 011 clause 6.1 (identifiers of SIMs); ISO/IEC 7816-15:2016 clause 7.4
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_GUESSES_H
#define SCM_CARD_FILES_GUESSES_H

#include "base/result.h"

struct card_finding;

/**
 * Looks for files by the ranges of the card's profile.
 *
 * @retval HR_OK
 * @retval as card_finding_try().
 */
scm_result card_guesses_try(struct card_finding *finding);

#endif
