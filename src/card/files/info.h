/*
 * info - what EF.ATR/INFO tells of the card.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clause 12.2.3 (EF.ATR/INFO)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_INFO_H
#define SCM_CARD_FILES_INFO_H

#include "base/bytes.h"

struct card_files;

/**
 * Selects EF.ATR/INFO and reads its beginning, which has everything that is looked for.
 * @return data objects, the link's until its next exchange; none where the card gives none.
 */
struct bytes card_info_read(struct card_files *files);

/** Learns the longest command and answer, once, of a card that has extended length. */
void card_info_learn_limits(struct card_files *files);

#endif
