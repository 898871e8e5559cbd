/*
 * listing - the files of a directory, as they are found and given out.
 * Layer: card/files (knows no COM).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_LISTING_H
#define SCM_CARD_FILES_LISTING_H

#include "card/files/path.h"

struct card_entry
{
    struct card_path_element element; /**< an identifier, or a DF name where that is all we know */
    struct card_path_element name;    /**< DF name of a directory; len 0 when not known */
    uint8_t kind; /**< enum fcp_kind; FCP_KIND_UNKNOWN where the card does not let us look */
};

struct card_listing
{
    struct card_entry *entries;
    size_t count;
    size_t capacity;
    bool is_complete; /**< the card has told that there are no more */
};

/** Frees what is in it; it is empty then. */
void card_listing_free(struct card_listing *listing);

#endif
