/*
 * collected - a piece of bytes that grows while its parts arrive.
 * Layer: simcard (uses base).
 * Owns: its bytes, which are wiped wherever they are given back: they may be secret.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_COLLECTED_H
#define SCM_SIMCARD_COLLECTED_H

#include "base/bytes.h"

/** All zero is an empty piece. */
struct collected
{
    uint8_t *data;
    size_t len;
    size_t capacity;
};

/** Appends; false where it would exceed `limit`, or out of memory. */
bool collected_add(struct collected *collected, struct bytes bytes, size_t limit);

/** Wipes and empties. */
void collected_clear(struct collected *collected);

#endif
