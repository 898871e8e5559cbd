/*
 * info - what the card tells of itself: its capabilities, and the longest command and answer that it
 *        takes and gives.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. The historical bytes are there with the ATR, the control parameters of directories
 * come with their selection. EF.ATR/INFO has to be asked for, once: before the first command that
 * cannot be sent without what it may tell, and before contents so long that the look pays. Nothing
 * is looked at under secure messaging, or where leaving the directory would give up rights that were
 * gained in it. What is told is only what the card claims: a refusal counts more.
 * Standard: ISO/IEC 7816-4:2020 clauses 12.1 (historical bytes), 12.2.3 (EF.ATR/INFO)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_INFO_H
#define SCM_CARD_FILES_INFO_H

#include "base/bytes.h"

struct card_files;

/** More than any EF.ATR/INFO has; longer ones are cut off. */
#define CARD_INFO_LEN_MAX 256

/** The beginning of EF.ATR/INFO. */
struct card_info
{
    uint8_t bytes[CARD_INFO_LEN_MAX];
    size_t len;
};

/**
 * Reads EF.ATR/INFO, which is transparent or has records: by its identifier or its short one.
 * Learns from it as well.
 *
 * @param[out] info data objects, one behind the other.
 * @return the objects; none where the card gives none.
 */
struct bytes card_info_read(struct card_files *files, struct card_info *info);

/**
 * Looks at EF.ATR/INFO where a command may need it: one that is too long for what is known of the
 * card, in its data or its answer.
 * What is selected is another file then: to be called before that.
 *
 * @param[in] len bytes of data, or of the answer less one.
 */
void card_info_learn_for_command(struct card_files *files, size_t len);

/** The same before contents are written. */
void card_info_learn_for_writing(struct card_files *files, size_t len);

/** Whether the look pays before so many bytes of contents are read. */
bool card_info_is_due_for_reading(const struct card_files *files, size_t len);

/** Looks, unless that was done before. */
void card_info_learn(struct card_files *files);

#endif
