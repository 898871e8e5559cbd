/*
 * records - one record of an EF: read, written, added; told by its number, or in turn.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Most cards find a record by its number. Some know only the first one and the one
 * after the current one: there a record is reached from the first by reading those before it, and
 * what is current is remembered as part of the selection. Which form a card knows is learnt once.
 * Standard: ISO/IEC 7816-4:2020 clauses 7.5 (record identification), 11.4 (record handling)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_RECORDS_H
#define SCM_CARD_FILES_RECORDS_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/link/fault.h"

struct card_answer;
struct card_file;
struct card_files;

/** What a write does with what is there. */
enum card_write
{
    CARD_WRITE_UPDATE, /**< replaces it */
    CARD_WRITE_OR,     /**< sets bits */
    CARD_WRITE_AND,    /**< clears bits */
    CARD_WRITE_ERASE,  /**< puts it into its erased state; there is no data */
};

/**
 * Reads a record of the selected EF.
 *
 * @param[in] number from 1 to APDU_RECORD_MAX.
 * @param[out] answer its data.
 * @retval HR_OK
 * @retval SC_W_EOF there is no such record.
 * @retval SC_W_SECURITY_VIOLATION, SC_E_NO_ACCESS and so on: status_words.h.
 * @retval any code of card_exchange().
 */
scm_result card_record_read(struct card_files *files, const struct card_file *file, uint32_t number,
                            struct card_answer *answer, struct card_fault *fault);

/**
 * Writes the record at the file pointer of the selected EF, as card_file_write() has it, and moves
 * the pointer behind it.
 *
 * @retval HR_OK
 * @retval SC_E_WRITE_TOO_MANY longer than a record can be, or the file is full.
 * @retval SC_E_BAD_SEEK the pointer is behind the place after the last record.
 * @retval as card_record_read().
 */
scm_result card_record_write(struct card_files *files, struct card_file *file, struct bytes data,
                             enum card_write how, struct card_fault *fault);

/**
 * How many records there are in the selected EF. What the card tells may be how many there can be:
 * so it is looked whether the last one is there, and none after it; where not, or where nothing was
 * told, the end is found by halving.
 *
 * @retval HR_OK also where a record may not be read, and the card tells how many there are.
 * @retval as card_record_read().
 */
scm_result card_record_count(struct card_files *files, const struct card_file *file,
                             uint32_t *count, struct card_fault *fault);

#endif
