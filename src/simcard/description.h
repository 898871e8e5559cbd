/*
 * description - the text file a card is made from, read and written.
 * Layer: simcard (core; reads and writes streams, nothing else of I/O).
 * Owns: nothing.
 * SPDX-License-Identifier: MIT
 *
 * The format is explained in cards/FORMAT.md; cards/demo.card is an example of nearly everything.
 */
#ifndef SCM_SIMCARD_DESCRIPTION_H
#define SCM_SIMCARD_DESCRIPTION_H

#include "simcard/card.h"
#include "simcard/description_error.h"

#include <stdio.h>

#define DESCRIPTION_LEN_MAX (4u * 1024 * 1024) /* of the text, in bytes */

/**
 * Makes a card from a description.
 *
 * @param[in] text any bytes at all, not terminated.
 * @param[out] error set on failure.
 * @return the card, reset, for the caller to free with card_free; NULL on failure.
 */
struct card *description_parse(struct bytes text, struct description_error *error);

/** The same from a file. */
struct card *description_read(const char *path, struct description_error *error);

/**
 * The same with more lines of the card's head before those of the file.
 *
 * @param[in] head whole lines; line numbers in `error` are still the file's.
 */
struct card *description_read_with(const char *path, const char *head,
                                   struct description_error *error);

/**
 * Writes a card with its present contents, tries and PINs. description_parse makes the same
 * card from it.
 *
 * @return false when the stream reports an error.
 */
bool description_write(struct card *card, FILE *stream);

#endif
