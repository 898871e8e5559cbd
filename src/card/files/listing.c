/*
 * listing - the files of a directory, as they are found and given out.
 * Layer: card/files (knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/files/listing.h"

#include "system/memory.h"

void card_listing_free(struct card_listing *listing)
{
    memory_free(listing->entries);
    *listing = (struct card_listing){ 0 };
}
