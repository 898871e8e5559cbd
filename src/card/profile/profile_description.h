/*
 * profile_description - a profile in words: as a text that profile_text reads, and why it is that.
 * Layer: card/profile (pure but for memory).
 * Owns: nothing; threads: the caller keeps the profile.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_DESCRIPTION_H
#define SCM_CARD_PROFILE_DESCRIPTION_H

#include "base/secret_bytes.h"
#include "card/profile/profile_files.h"

/**
 * Appends a profile as a text that card_profile_text_read() takes. What is to be known of it is in
 * comments: which row it is and why, and what the card's answers have changed. What rules for PINs
 * merely assume is a comment as well.
 *
 * @param[in] profile as it is in force.
 * @param[in] row as it was before the card answered: card_profile_row_of(). It may be the same.
 * @param[in] atr the card's: what the text is found by, where the profile itself has none.
 * @return false when out of memory.
 */
bool card_profile_describe(const struct card_profile *profile, const struct card_profile *row,
                           struct bytes atr, struct secret_bytes *text);

/**
 * Appends a line for each file: "good" or "wrong", its path, how much is in it or what is wrong in
 * which line.
 * @return false when out of memory.
 */
bool card_profile_files_describe(const struct card_profile_files *files, struct secret_bytes *text);

#endif
