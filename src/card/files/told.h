/*
 * told - files of a directory that the card itself tells of: by SELECT of the next one, in the
 *        directory's control parameters, in EF.OD and the directories of objects that it names.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. A card that knows no "next" file may take SELECT without data for the MF's, and so
 * leave a directory whose local PIN it has seen. Below the MF only the form is used that asks for an
 * EF of the current DF, which is never another directory's.
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4.3 (control parameters), 11.2.2 (SELECT, occurrences);
 *           ISO/IEC 7816-15:2016 clause 8 (EF.OD and the directories)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_TOLD_H
#define SCM_CARD_FILES_TOLD_H

#include "base/bytes.h"
#include "base/result.h"

struct card_finding;

/**
 * Looks for files that a directory's control parameters name: the extension of its control
 * information (87), its security environments (8D), its files with short identifiers (A2).
 *
 * @param[in] parameters whole data objects, which last.
 * @retval HR_OK
 * @retval as card_finding_try().
 */
scm_result card_told_by_parameters(struct card_finding *finding, struct bytes parameters);

/**
 * Steps through the files of a directory, which is selected, where the card can. Afterwards another
 * file may be selected. A card that has told all of them has ended the finding.
 *
 * @retval HR_OK
 * @retval as card_finding_try().
 */
scm_result card_told_by_steps(struct card_finding *finding);

/**
 * Looks for the files in the directory that an application of PKCS#15 names: its own, or that of the
 * directory 5015 in it.
 *
 * @retval HR_OK
 * @retval as card_finding_try().
 */
scm_result card_told_by_objects(struct card_finding *finding);

#endif
