/*
 * learnt - what the card's answers have taught, in words.
 * Layer: card/files (no card is asked).
 * Threads: the caller holds the session (card_session_enter).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_LEARNT_H
#define SCM_CARD_FILES_LEARNT_H

#include "base/secret_bytes.h"

struct card_files;

/**
 * Appends a line for each thing that is known of the card by now and is no value of its profile:
 * comments in a profile's text.
 * @return false when out of memory.
 */
bool card_files_tell_learnt(const struct card_files *files, struct secret_bytes *text);

#endif
