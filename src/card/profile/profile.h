/*
 * profile - in what one card differs from another where the standard leaves it open, or the
 *           card its own way: data, found by ATR.
 * Layer: card/profile (uses iso7816; no card is asked).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_PROFILE_H
#define SCM_CARD_PROFILE_PROFILE_H

#include "base/bytes.h"

/** Which forms of SELECT to begin with. What a card answers decides what is used of them. */
struct card_select_rules
{
    uint8_t answer;     /**< APDU_SELECT_FCP, _FCI or _NO_ANSWER to ask for */
    bool asks_no_names; /**< applications are not looked for by names that are only well known */
    bool by_path;       /**< P1 08 and 09: a whole path in one command */
    bool path_begins_at_mf;  /**< P1 08: with 3F00 in front, which the standard leaves out */
    bool lacks_path_from_df; /**< P1 09 is refused where 08 is not */
    bool by_kind;            /**< P1 01 and 02: a child DF, an EF in the current DF */
    bool answer_is_sim;      /**< the answer is that of ETSI TS 151 011, not data objects */
};

/** How a PIN's characters become bytes. */
enum card_pin_encoding
{
    CARD_PIN_CHARACTERS,  /**< as the client gives them: one byte each */
    CARD_PIN_BCD,         /**< two digits a byte */
    CARD_PIN_HALF_NIBBLE, /**< a digit a byte, F before it */
    CARD_PIN_BLOCK,       /**< ISO 9564-1, format 2: eight bytes with the number of digits */
};

/** How PINs are presented. */
struct card_pin_rules
{
    bool is_untold;    /**< nothing is known of them: what the card itself tells counts */
    uint8_t global_p2; /**< added to a global PIN's number */
    uint8_t local_p2;  /**< added to a local PIN's number */
    uint8_t len_min;   /**< characters */
    uint8_t len_max;
    bool is_min_for_new; /**< the one there is now may be shorter than len_min */
    uint8_t encoding;    /**< enum card_pin_encoding */
    bool is_padded;      /**< always stored_len bytes, filled up with `padding` */
    uint8_t stored_len;  /**< 0: len_max */
    uint8_t padding;
    bool first_unblocks_as_0; /**< RESET RETRY COUNTER names PIN 1 by P2 00 */
};

/** An application, and how it wants its PINs, whatever the card it lies on. */
struct card_application
{
    const char *name;          /**< of its DF, written as card_profile.atr */
    const char *label;         /**< for people; NULL: none */
    bool tells_pins;           /**< of ISO/IEC 7816-15: what its EF.AOD says counts, not `pin` */
    bool has_pin_blocks;       /**< whatever that says, PINs are CARD_PIN_BLOCK */
    struct card_pin_rules pin; /**< is_untold: as the card has them */
};

#define CARD_KNOWN_FILE_DEPTH_MAX 8
#define CARD_KNOWN_FILE_NAME_MAX  16

/** A file that is on a card though the card has no list that names it. */
struct card_known_file
{
    uint8_t name[CARD_KNOWN_FILE_NAME_MAX]; /**< DF name that the path begins with */
    uint8_t name_len;                       /**< 0: the path begins at the MF */
    uint8_t id_count;                       /**< 1 or more, but for a path of a DF name alone */
    uint16_t ids[CARD_KNOWN_FILE_DEPTH_MAX];
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
    /** Hexadecimal, ".." for any byte, "*" at the end for any rest; NULL: found by the card's
     * behaviour, or the default. */
    const char *atr;
    const char *atr_mask; /**< hexadecimal, the bits of `atr` that count, byte by byte; NULL: all */
    const char *file;     /**< the file that has this row, UTF-8; NULL: it is compiled in */
    uint32_t line;        /**< of that file, where the row begins */
    uint8_t cla;          /**< class of every command; with 00 chaining is possible */
    uint8_t more_data_sw1; /**< SW1 that announces more data besides 61 */
    uint8_t wrong_le_sw1;  /**< SW1 that tells the right Le besides 6C; 0: no other */
    struct card_select_rules select;
    bool plain_ends_channel; /**< keys of secure messaging end with the first plain command, as
                                  ICAO Doc 9303 part 11 has it: who has them has the card alone */
    struct card_pin_rules pin;
    uint32_t command_data_max; /**< bytes; 0: what the coding allows */
    uint32_t answer_data_max;  /**< bytes; 0: what the coding allows */
    /** Where to look for files when the card has no list of them; ends with 0, 0. */
    struct card_id_range ranges[CARD_PROFILE_RANGES_MAX];
    /** Files to show in their directories, besides what the card lists, where they are there. */
    const struct card_known_file *known_files;
    size_t known_file_count;
    /** Applications of this card, besides those that are known of every card. */
    const struct card_application *applications;
    size_t application_count;
};

/** Every profile that is compiled in; profiles.c. The first is the default. */
extern const struct card_profile card_profiles[];
extern const size_t card_profiles_count;

/** Applications with PIN rules of their own; profiles.c. */
extern const struct card_application card_applications[];
extern const size_t card_applications_count;

#endif
