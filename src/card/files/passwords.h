/*
 * passwords - what the card itself tells of its PINs, where it has an application of ISO/IEC 7816-15
 *             (PKCS#15): how long they are, in which form and directory they are presented.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. The card is asked once, by SELECT and READ BINARY alone: nothing that a card counts
 * against its holder. It is not asked where the profile or the current application says how PINs
 * are, and not while there are keys of secure messaging, which the way to another directory may
 * end. A card without such an application costs one SELECT; three, where its historical bytes say
 * nothing of applications.
 * Standard: ISO/IEC 7816-15:2016 clauses 8.3 (EF.OD), 8.9 (EF.AOD); ISO/IEC 7816-4:2020 12.1.1.3
 *           (card service data)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_PASSWORDS_H
#define SCM_CARD_FILES_PASSWORDS_H

#include "base/result.h"
#include "card/files/told_passwords.h"

struct card_files;

/** Whether what the card tells of its PINs counts in the current directory. */
bool card_passwords_count_here(const struct card_files *files);

/**
 * Asks the card, where it counts and was not done before. What was selected is selected again then;
 * where that was not known, the current directory is.
 *
 * @retval HR_OK whether there is something to tell or not.
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code.
 */
scm_result card_passwords_learn(struct card_files *files);

#endif
