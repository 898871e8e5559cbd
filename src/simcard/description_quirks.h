/*
 * description_quirks - the `quirk` lines of a card description, read and written.
 * Layer: simcard (core, private to description_*.c).
 * Owns: nothing.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_DESCRIPTION_QUIRKS_H
#define SCM_SIMCARD_DESCRIPTION_QUIRKS_H

#include "simcard/description_parser.h"

/** Reads what stands behind the word `quirk`. */
bool quirks_read(struct parser *parser, struct card_quirks *quirks);

/** Writes a line for every quirk. */
void quirks_write(const struct card_quirks *quirks, FILE *stream);

#endif
