/*
 * profile_search - the profile of a card, found by its ATR: in the files, then in the compiled table.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_SEARCH_H
#define SCM_CARD_PROFILE_SEARCH_H

#include "card/profile/profile.h"

/**
 * Whether an ATR is one of those that a pattern of the table means.
 * @param[in] pattern well-formed, as card_profile.atr.
 */
bool card_profile_atr_fits(const char *pattern, struct bytes atr);

/** The same where only the bits of a mask count. @param[in] mask NULL: all of them. */
bool card_profile_atr_fits_masked(const char *pattern, const char *mask, struct bytes atr);

/**
 * The profile of a card.
 * @param[in] atr any bytes.
 * @return the first whose ATR fits, of the files' (profile_files.h) and then of the compiled ones,
 *         else the default. It stays.
 */
const struct card_profile *card_profile_find(struct bytes atr);

/** The row that a profile was before the card's answers corrected it. */
const struct card_profile *card_profile_row_of(const struct card_profile *profile);

/**
 * The application with this DF name that has rules for PINs: of the card, else of those that files
 * or the compiled table know of every card. NULL when there is none.
 */
const struct card_application *card_application_find(const struct card_profile *profile,
                                                     struct bytes name);

/**
 * The profile for cards that refuse the default's class byte.
 * @return the first with the class that comes after `cla` in the table; NULL when there is none.
 */
const struct card_profile *card_profile_of_other_class(uint8_t cla);

#endif
