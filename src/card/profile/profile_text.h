/*
 * profile_text - a text with profiles of cards: bytes in, rows or a message with its line out.
 * Layer: card/profile (pure but for memory: no file, no card).
 * Owns: what it has read, until card_profile_text_free(); threads: one text belongs to one thread.
 *
 * Design notes. A text is taken whole or not at all. It ends with [end], so that one that was cut
 * off anywhere is known as such: a cut number is a number as well. The form is told to users in
 * packaging/doc/profiles.md.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_TEXT_H
#define SCM_CARD_PROFILE_TEXT_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/profile/profile.h"

#define CARD_PROFILE_TEXT_LEN_MAX  (1024 * 1024)
#define CARD_PROFILE_LINE_LEN_MAX  1024
#define CARD_PROFILE_TEXT_ROWS_MAX 1024 /**< of each: ATRs, applications, files */

/** What one text says. */
struct card_profile_text
{
    struct card_profile *rows; /**< one for each ATR, in the order of the text */
    size_t row_count;
    /** Applications of whatever card first, `common_count` of them, then those of the rows. */
    struct card_application *applications;
    size_t application_count;
    size_t common_count;
    struct card_known_file *known_files; /**< of the rows */
    size_t known_file_count;
    char *strings;
};

/** What is wrong with a text. */
struct card_profile_trouble
{
    uint32_t line;   /**< counted from 1; 0: the text as a whole */
    const char *why; /**< static */
};

/**
 * Reads a text.
 *
 * @param[in] text any bytes; not needed afterwards.
 * @param[in] file what the rows say of where they come from; outlives them. NULL is allowed.
 * @param[out] read nothing on failure.
 * @param[out] trouble on HR_INVALIDARG.
 * @retval HR_OK perhaps with nothing in it.
 * @retval HR_INVALIDARG the text is wrong.
 * @retval HR_OUTOFMEMORY
 */
scm_result card_profile_text_read(struct bytes text, const char *file,
                                  struct card_profile_text *read,
                                  struct card_profile_trouble *trouble);

void card_profile_text_free(struct card_profile_text *read);

#endif
