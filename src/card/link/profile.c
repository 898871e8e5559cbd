/*
 * profile - the profile of a card, found by its ATR.
 * Layer: card/link.
 * SPDX-License-Identifier: MIT
 */
#include "card/link/profile.h"

#include "base/hex_digits.h"

/* Patterns are our own data, so they are well-formed: pairs of digits or dots, perhaps a star. */
bool card_profile_atr_fits(const char *pattern, struct bytes atr)
{
    size_t i = 0;
    for (; pattern[0] && pattern[0] != '*'; pattern += 2, i++)
    {
        if (i >= atr.len) return false;
        if (pattern[0] == '.') continue;
        int high = hex_digit_value(pattern[0]), low = hex_digit_value(pattern[1]);
        if (high < 0 || low < 0 || atr.data[i] != high * 16 + low) return false;
    }
    return pattern[0] == '*' || i == atr.len;
}

const struct card_profile *card_profile_find(struct bytes atr)
{
    for (size_t i = 1; i < card_profiles_count; i++)
        if (card_profiles[i].atr && card_profile_atr_fits(card_profiles[i].atr, atr))
            return &card_profiles[i];
    return &card_profiles[0];
}

const struct card_application *card_application_find(struct bytes name)
{
    for (size_t i = 0; i < card_applications_count; i++)
        if (card_profile_atr_fits(card_applications[i].name, name)) return &card_applications[i];
    return NULL;
}

const struct card_profile *card_profile_of_other_class(uint8_t cla)
{
    bool is_behind = false;
    for (size_t i = 0; i < card_profiles_count; i++)
    {
        if (is_behind && !card_profiles[i].atr && card_profiles[i].cla != cla)
            return &card_profiles[i];
        if (card_profiles[i].cla == cla) is_behind = true;
    }
    return NULL;
}
