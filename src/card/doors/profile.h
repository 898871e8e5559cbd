/*
 * profile - what is known of the card, and from where, in words.
 * Layer: card/doors (calls session and link; knows no COM).
 * Threads: any; the card is not asked, but for its ATR.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_PROFILE_H
#define SCM_CARD_DOORS_PROFILE_H

#include "base/secret_bytes.h"
#include "card/session/session.h"

/**
 * The profile that is in force for the attached card, as card_profile_describe() has it, and what the
 * card's answers have taught besides.
 *
 * @param[out] text appended to; UTF-8.
 * @retval HR_OK
 * @retval SC_E_INVALID_HANDLE nothing is attached; any other PC/SC code unchanged.
 * @retval HR_OUTOFMEMORY
 */
scm_result door_profile_describe(struct card_session *session, struct secret_bytes *text);

/**
 * The files with profiles and what is wrong with them, as card_profile_files_describe() has it.
 *
 * @param[in] session not asked for anything.
 * @param[out] text appended to; UTF-8. Nothing where there are no files.
 * @retval HR_OK, HR_OUTOFMEMORY
 */
scm_result door_profile_files(struct card_session *session, struct secret_bytes *text);

#endif
