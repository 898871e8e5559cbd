/*
 * generated_files - file contents that follow from the card itself: EF.DIR, EF.ATR/INFO, patterns.
 * Layer: simcard (core).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clauses 12.2.2 (EF.ATR/INFO), 12.2.3 (EF.DIR).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_GENERATED_FILES_H
#define SCM_SIMCARD_GENERATED_FILES_H

#include "simcard/description_words.h"

/** The byte at `index` of a pattern; differs from its neighbours and from other blocks of 256. */
static inline uint8_t generated_pattern_byte(uint32_t index)
{
    return (uint8_t)(index ^ (index >> 8) * 5);
}

/** What card_file.generated can ask for. */
enum generated_content
{
    GENERATED_NOTHING,
    GENERATED_DIRECTORY, /**< an application template for every DF with a name */
    GENERATED_CARD_INFO  /**< service data, capabilities, limits of extended length */
};

extern const struct named_value generated_content_words[];

/**
 * Fills the files that ask for it, now that the whole card is known.
 *
 * @return NULL when done; else what is wrong, a static string.
 */
const char *generated_files_fill(struct card *card);

#endif
