/*
 * select - files selected, in the ways that the card knows: by path, by identifier or DF name, by
 *          short identifier.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. A file is selected by its absolute path whenever somebody else may have selected
 * another: a stale selection would read or write the wrong file. Where the card can, a path goes in
 * one command: a way through the MF may cost rights that local PINs gave. Which forms of SELECT a
 * card knows is learnt from its answers (select_form.h). A file is missing where one form says so,
 * whatever the others are refused with; but a form that has found nothing yet is not believed before
 * the others were asked. Where no form leads to the MF, it is what the reset has selected.
 * Standard: ISO/IEC 7816-4:2020 clauses 7.3 (file referencing), 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_SELECT_H
#define SCM_CARD_FILES_SELECT_H

#include "card/files/memory.h"
#include "iso7816/status_words.h"

/** What a selected file is. */
struct card_selected
{
    struct fcp fcp; /**< spans belong to the link until its next exchange */
    uint16_t sw;
};

/**
 * Selects a file and tells what the card says about it.
 *
 * @param[in] path absolute.
 * @param[in] context which status words are failures: STATUS_SELECT, _SELECT_DIR, _ACTIVATE.
 * @param[out] selected empty where the card says nothing.
 * @param[out] fault the status word, on failure.
 * @retval HR_OK
 * @retval SC_E_FILE_NOT_FOUND, SC_E_DIR_NOT_FOUND, SC_E_NO_ACCESS and so on: status_words.h.
 * @retval any code of card_exchange().
 */
scm_result card_files_select(struct card_files *files, const struct card_path *path,
                             enum status_context context, struct card_selected *selected,
                             struct card_fault *fault);

/** The same, without a command where the file is selected already. */
scm_result card_files_ensure_selected(struct card_files *files, const struct card_path *path,
                                      enum status_context context, struct card_fault *fault);

/** What the answer to a SELECT tells of the file. */
struct fcp card_files_read_answer(const struct card_files *files, struct bytes answer);

/**
 * Makes a directory the current DF, without a command where it is.
 *
 * @retval HR_OK
 * @retval SC_E_NO_DIR the path is that of an EF; any other as card_files_select().
 */
scm_result card_files_ensure_dir_selected(struct card_files *files, const struct card_path *dir,
                                          struct card_fault *fault);

/** Whether there is a file of a path. */
enum card_file_presence
{
    CARD_FILE_DOUBTFUL,
    CARD_FILE_ABSENT,
    CARD_FILE_PRESENT,
};

/**
 * Looks whether there is a file, by selecting it.
 *
 * @retval HR_OK the card has answered, perhaps in a way that does not tell.
 * @retval any code of card_exchange().
 */
scm_result card_files_look_for(struct card_files *files, const struct card_path *path,
                               enum card_file_presence *presence);

/** Whether a card that is asked for a file below the current DF looks nowhere else. */
bool card_files_finds_only_below(const struct card_files *files);

/** Whether some form of SELECT is known to lead into the MF. */
bool card_files_may_return_to_mf(const struct card_files *files);

/**
 * Finds out what the selected file is, where the card did not tell: by trying to read it.
 *
 * @param[out] kind FCP_KIND_DF, _TRANSPARENT, _LINEAR_VARIABLE (records of any form).
 * @param[out] is_sure false where the file may not be read, so that it is a guess.
 * @retval HR_OK; any code of card_exchange().
 */
scm_result card_files_probe_kind(struct card_files *files, enum fcp_kind *kind, bool *is_sure);

#endif
