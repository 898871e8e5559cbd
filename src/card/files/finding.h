/*
 * finding - one listing under way: identifiers are asked for, and what is there is noted.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Whoever tells of a file, be it the card or a habit of those who lay out cards, gives
 * an identifier; whether there is such a file in the directory, the card says. Each is asked for
 * once. A listing asks for CARD_FINDING_TRIES_MAX identifiers at most, so that it stays far below
 * what a call may send, also where each costs three commands.
 * Standard: ISO/IEC 7816-4:2020 clause 7.3 (file referencing)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_FINDING_H
#define SCM_CARD_FILES_FINDING_H

#include "card/files/listing.h"
#include "iso7816/fcp.h"

#define CARD_FINDING_TRIES_MAX 1000
#define CARD_FINDING_IDS       0x10000

struct card_files;

struct card_finding
{
    struct card_files *files;
    const struct card_path *dir;
    struct card_listing *listing;
    bool has_looked; /**< at least one way of looking worked, whether it found something or not */
    bool is_told;    /**< the card has named all of its files */
    bool finds_all;  /**< the card finds whatever it is asked for: that tells nothing */
    bool has_child_count;
    unsigned child_count; /**< how many files the card says there are */
    unsigned tries;
    unsigned hits;                          /**< of `tries` */
    uint8_t is_tried[CARD_FINDING_IDS / 8]; /**< bits, by identifier */
    uint8_t is_there[CARD_FINDING_IDS / 8]; /**< found by being asked for, or told by the card */
};

/** Whether an identifier is known to be that of a file in the directory. */
bool card_finding_has(const struct card_finding *finding, uint16_t id);

/** Whether an identifier was asked for, or told. */
bool card_finding_knows(const struct card_finding *finding, uint16_t id);

/** Whether nothing is left to be found: the card has told all, or counts no more. */
bool card_finding_is_done(const struct card_finding *finding);

/** Whether the listing may ask for no more identifiers. */
bool card_finding_is_spent(const struct card_finding *finding);

/**
 * Looks for a file in the directory by its identifier and notes it; nothing for one that was asked
 * for, where the listing is spent, and for identifiers that no file has.
 *
 * @retval HR_OK whether it is there or not.
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_finding_try(struct card_finding *finding, uint16_t id);

/**
 * Notes a file that was found otherwise. One that is noted is not noted again.
 *
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY
 */
scm_result card_finding_add(struct card_finding *finding, const struct card_entry *entry);

/** Notes that a file of this identifier is there, without asking for it. */
void card_finding_note(struct card_finding *finding, uint16_t id);

/** Makes an element of a DF name; false where it is empty, or longer than one can be. */
bool card_finding_set_name(struct card_path_element *element, struct bytes name);

/** Makes an element of an identifier. */
void card_finding_set_id(struct card_path_element *element, uint16_t id);

/** Whether a failure is the card's answer and not that of reader or service. */
bool card_finding_is_answer(const struct card_fault *fault, scm_result result);

#endif
