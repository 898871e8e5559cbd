/*
 * description_words - the words of card descriptions, shared by their reader and writer.
 * Layer: simcard (core, private to description*.c).
 * Owns: nothing.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_DESCRIPTION_WORDS_H
#define SCM_SIMCARD_DESCRIPTION_WORDS_H

#include "simcard/card_state.h"

/** A word and the number it stands for. */
struct named_value
{
    const char *name;
    uint32_t value;
};

enum style_kind
{
    STYLE_FLAG,   /**< bool: on, off */
    STYLE_NUMBER, /**< uint32_t: decimal or 0x */
    STYLE_HEX,    /**< uint32_t: two hexadecimal digits */
    STYLE_CHOICE  /**< uint32_t: one of named values */
};

/** A line of the description's head that sets one field of struct card_style. */
struct style_word
{
    const char *keyword;
    enum style_kind kind;
    size_t offset;
    uint32_t min, max;                /**< STYLE_NUMBER */
    const struct named_value *values; /**< STYLE_CHOICE; ends with a NULL name */
};

extern const struct style_word style_words[];
extern const size_t style_word_count;

extern const struct named_value file_kind_words[];  /* enum file_kind of EFs */
extern const struct named_value life_cycle_words[]; /* enum file_life_cycle */
extern const struct named_value write_mode_words[]; /* enum file_write_mode */
extern const struct named_value ef_access_words[];  /* enum access_operation */
extern const struct named_value df_access_words[];  /* enum access_operation */
extern const struct named_value algorithm_words[];  /* enum cipher_algorithm */

/** The name of a value; "" for one that has none. */
const char *named_value_name(const struct named_value *values, uint32_t value);

#endif
