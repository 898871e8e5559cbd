/*
 * known_files - files and applications that the card's profile names, and perhaps nothing else.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * The page for users: packaging/doc/profiles.md.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_KNOWN_FILES_H
#define SCM_CARD_FILES_KNOWN_FILES_H

#include "base/result.h"

struct card_finding;

/** Most applications that a listing of the MF asks for by their names in profiles. */
#define CARD_KNOWN_NAMES_MAX 64

/**
 * Looks for the files in the directory that the profile names, and in the MF for the applications:
 * those of the card, and those that files know of every card. What is not there is not noted.
 *
 * @retval HR_OK
 * @retval as card_finding_try().
 */
scm_result card_known_files_try(struct card_finding *finding);

#endif
