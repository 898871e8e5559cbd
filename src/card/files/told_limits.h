/*
 * told_limits - what data objects of the card tell of its capabilities, and of the longest command
 *               and answer. They lie in EF.ATR/INFO, and come with the selection of a directory.
 * Layer: card/files (knows no COM; asks the card for nothing).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_TOLD_LIMITS_H
#define SCM_CARD_FILES_TOLD_LIMITS_H

#include "base/bytes.h"

struct card_files;

/** Learns what data objects tell; nothing from those that do not concern it. */
void card_limits_hear(struct card_files *files, struct bytes objects);

#endif
