/*
 * content - reading, writing and seeking in open files: bytes of transparent EFs, records
 *           of linear and cyclic ones.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.3 (binary), 11.4 (records)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_CONTENT_H
#define SCM_CARD_FILES_CONTENT_H

#include "base/result.h"
#include "base/secret_bytes.h"
#include "card/files/records.h"

/** Where a seek counts from; the values are SEEKTYPE's. */
enum card_seek
{
    CARD_SEEK_BEGINNING = 0,
    CARD_SEEK_END = 1,
    CARD_SEEK_RELATIVE = 2,
};

/**
 * Reads at the file pointer and moves it behind what was read.
 *
 * Of a transparent EF, up to `wanted` bytes. Of an EF with records one record: its first `wanted`
 * bytes, never more than a record has by the card's own words, and the pointer goes to the next.
 *
 * @param[in] wanted bytes; more than CARD_ANSWER_LEN_MAX means that. 0 reads nothing and succeeds.
 * @param[out] data empty before; gets the bytes. To be freed also on failure.
 * @retval HR_OK fewer bytes than wanted where the file ends, or where the card gives no more of it
 *         although it told a larger size.
 * @retval SC_W_EOF the pointer is at the end.
 * @retval SC_W_SECURITY_VIOLATION, SC_E_NO_ACCESS and so on: status_words.h; the pointer stays.
 * @retval SC_E_COMM_DATA_LOST, HR_OUTOFMEMORY, any PC/SC code.
 */
scm_result card_file_read(struct card_files *files, struct card_file *file, uint32_t wanted,
                          struct secret_bytes *data, struct card_fault *fault);

/**
 * Writes at the file pointer and moves it behind what was written.
 *
 * Of an EF with records one record: the one at the pointer, or a new one where the pointer is
 * behind the last. In a cyclic EF a write makes the newest record, number 1, and the pointer goes
 * behind it.
 *
 * @param[in] data the bytes; of CARD_WRITE_ERASE only the length counts.
 * @param[out] fault has how many bytes were written when a failure came after some.
 * @retval HR_OK
 * @retval SC_E_WRITE_TOO_MANY beyond the end of the file; nothing was written where its size is
 *         known.
 * @retval SC_E_UNSUPPORTED_FEATURE the file's data coding byte says that WRITE does something else.
 * @retval SC_E_BAD_SEEK the pointer is behind the place after the last record.
 * @retval as card_file_read().
 */
scm_result card_file_write(struct card_files *files, struct card_file *file, struct bytes data,
                           enum card_write how, struct card_fault *fault);

/**
 * Moves the file pointer, in bytes or records; to the end at most. The end of records is looked for
 * (card_record_count), that of bytes where the card does not tell their number.
 *
 * @retval HR_OK
 * @retval HR_INVALIDARG unknown origin.
 * @retval SC_E_BAD_SEEK before the beginning, or beyond the end where that is known; the pointer
 *         stays.
 * @retval as card_file_read(), where the end has to be found first.
 */
scm_result card_file_seek(struct card_files *files, struct card_file *file, int32_t offset,
                          enum card_seek origin, struct card_fault *fault);

#endif
