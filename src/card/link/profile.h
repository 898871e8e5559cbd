/*
 * profile - in what one card differs from another where the standard leaves it open, or the
 *           card its own way: data, found by ATR.
 * Layer: card/link (uses iso7816; no card is asked).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_PROFILE_H
#define SCM_CARD_LINK_PROFILE_H

#include "base/bytes.h"

/** How a SELECT may be answered; P2's bits 4-3, apdu_select_what. */
struct card_select_rules
{
    uint8_t answer;          /**< APDU_SELECT_FCP, _FCI or _NO_ANSWER to ask for */
    bool by_path;            /**< P1 08 and 09: a whole path in one command */
    bool lacks_path_from_df; /**< learnt: P1 09 is refused where 08 is not */
    bool by_kind;            /**< P1 01 and 02: a child DF, an EF in the current DF */
    bool answer_is_sim;      /**< the answer is that of ETSI TS 151 011, not data objects */
};

/** How PINs are presented. */
struct card_pin_rules
{
    uint8_t global_p2; /**< added to a global PIN's number */
    uint8_t local_p2;  /**< added to a local PIN's number */
    uint8_t len_min;
    uint8_t len_max;
    bool is_padded; /**< always len_max bytes, filled up with `padding` */
    uint8_t padding;
    bool first_unblocks_as_0; /**< RESET RETRY COUNTER names PIN 1 by P2 00 */
};

/** How an application wants its PINs, whatever the card it lies on. */
struct card_application
{
    const char *name; /**< of its DF, written as card_profile.atr */
    struct card_pin_rules pin;
};

/** A range of identifiers that files may have. */
struct card_id_range
{
    uint16_t first;
    uint16_t last;
};

#define CARD_PROFILE_RANGES_MAX 12

struct card_profile
{
    const char *name;
    const char *atr; /**< hexadecimal, ".." for any byte, "*" at the end for any rest; NULL: by
                               its behaviour, or the default */
    uint8_t cla;     /**< class of every command; with 00 chaining is possible */
    uint8_t more_data_sw1; /**< SW1 that announces more data besides 61 */
    uint8_t wrong_le_sw1;  /**< SW1 that tells the right Le besides 6C; 0: no other */
    struct card_select_rules select;
    struct card_pin_rules pin;
    uint32_t command_data_max; /**< bytes; 0: what the coding allows */
    uint32_t answer_data_max;  /**< bytes; 0: what the coding allows */
    /** Where to look for files when the card has no list of them; ends with 0, 0. */
    struct card_id_range ranges[CARD_PROFILE_RANGES_MAX];
};

/** Every profile; profiles.c. The first is the default. */
extern const struct card_profile card_profiles[];
extern const size_t card_profiles_count;

/** Applications with PIN rules of their own; profiles.c. */
extern const struct card_application card_applications[];
extern const size_t card_applications_count;

/**
 * Whether an ATR is one of those that a pattern of the table means.
 * @param[in] pattern well-formed, as card_profile.atr.
 */
bool card_profile_atr_fits(const char *pattern, struct bytes atr);

/**
 * The profile of a card.
 * @param[in] atr any bytes.
 * @return the first whose ATR fits, else the default; static.
 */
const struct card_profile *card_profile_find(struct bytes atr);

/** The application with this DF name; NULL when there is none in the table. */
const struct card_application *card_application_find(struct bytes name);

/**
 * The profile for cards that refuse the default's class byte.
 * @return the first with the class that comes after `cla` in the table; NULL when there is none.
 */
const struct card_profile *card_profile_of_other_class(uint8_t cla);

#endif
