/*
 * applications - what applications a card has: those that EF.DIR names, those that it finds by the
 *                beginning of a name, and where it does neither, those that many cards have.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Selecting an application by its name costs the holder nothing on any card we know
 * of: no PIN is presented and no key used. A profile says so where it is otherwise
 * (card_select_rules.asks_no_names). Whoever selects an application leaves the MF; afterwards it is
 * selected again.
 * Standard: ISO/IEC 7816-4:2020 clauses 11.2.2 (SELECT, occurrences), 12.2.2 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_APPLICATIONS_H
#define SCM_CARD_FILES_APPLICATIONS_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/profile/profile.h"

struct card_finding;

#define CARD_APPLICATION_RANGES_MAX 3

/** An application that cards of many makers have. */
struct card_known_application
{
    const char *aid;    /**< hexadecimal: its DF name, or the beginning that finds it */
    const char *name;   /**< for people */
    const char *source; /**< the document that gives the name */
    struct card_id_range files[CARD_APPLICATION_RANGES_MAX]; /**< in it; ends with 0, 0 */
};

/** All that are known. */
extern const struct card_known_application card_known_applications[];
extern const size_t card_known_applications_count;

/** The known application that a DF name is, or begins with; NULL. */
const struct card_known_application *card_known_application_of(struct bytes name);

/**
 * Notes the applications in the directory that EF.DIR names.
 *
 * @param[out] is_there whether the card has an EF.DIR.
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_applications_read(struct card_finding *finding, bool *is_there);

/**
 * Notes the applications of a card that selects one after the other by an empty beginning.
 *
 * @param[out] is_there whether there are any.
 * @retval as card_applications_read().
 */
scm_result card_applications_step(struct card_finding *finding, bool *is_there);

/**
 * Notes the known applications that the card has.
 *
 * @retval as card_applications_read().
 */
scm_result card_applications_try(struct card_finding *finding);

#endif
