/*
 * memory - what is remembered of one card's file system: current directory, open files, what
 *              is selected; and selecting.
 * Layer: card (calls iso7816 through card_exchange; knows no COM).
 * Owns: the link to the card; threads: the caller holds the session (card_session_enter), and for
 * everything that talks to the card a transaction (card_session_begin_work).
 *
 * Design notes. Every file is known by its absolute path and selected by it whenever somebody else
 * may have selected another: a stale selection would read or write the wrong file. Paths are
 * selected in one command where the card can, because a way through the MF may cost rights that
 * local PINs gave. What a card tells of a file is believed only as far as it does no harm: a size
 * bounds reading and writing, it never is a reason to allocate.
 * Standard: ISO/IEC 7816-4:2020 clauses 7.3 (file referencing), 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_MEMORY_H
#define SCM_CARD_FILES_MEMORY_H

#include "card/link/exchange.h"
#include "iso7816/fcp.h"
#include "iso7816/status_words.h"

/** Most files open at the same time on one card. */
#define CARD_FILES_OPEN_MAX 255

/** An open file. */
struct card_file
{
    uint32_t handle; /**< never 0, never used again in this process */
    struct card_path path;

    enum fcp_kind kind; /**< FCP_KIND_LINEAR_VARIABLE also for records of unknown form */
    bool is_kind_sure;  /**< the card said so, or it showed */
    enum fcp_write write;
    bool has_size; /**< `size` is the number of data bytes */
    uint32_t size;
    uint32_t record_len;   /**< 0: not known */
    uint32_t record_count; /**< 0: not known, or none */

    uint32_t position; /**< bytes, or records, before the file pointer */
};

/**
 * The directory made last on this attachment, as long as nobody else can have put a file into it:
 * what is known to be empty.
 */
struct card_made_dir
{
    bool is_known;
    struct card_path path;
    unsigned file_count; /**< made below it since and not deleted again, at most */
};

/** How DELETE FILE tells its file. */
enum card_delete_form
{
    CARD_DELETE_UNKNOWN,
    CARD_DELETE_NAMED,           /**< by identifier or DF name; the file is selected as well */
    CARD_DELETE_NAMED_IN_PARENT, /**< by identifier, with the directory selected that it lies in */
    CARD_DELETE_UNNAMED,         /**< by nothing but being selected */
};

struct card_files
{
    struct card_link *link;
    struct card_path current_dir;
    struct card_path current_file; /**< last opened or changed to */
    struct card_file *open[CARD_FILES_OPEN_MAX];

    bool has_worked;       /**< some SELECT succeeded: the class is right */
    bool is_answer_proven; /**< the kind of answer asked for was accepted */
    bool is_path_proven;   /**< selecting by path has worked */
    bool has_asked_limits; /**< EF.ATR/INFO was looked at */
    struct card_made_dir made_dir;
    enum card_delete_form delete_forms[2]; /**< of EFs and of DFs: what has worked */
};

/**
 * Nothing open, the MF as current directory.
 * @return NULL when out of memory.
 */
struct card_files *card_files_create(const struct pcsc_port *port, pcsc_card card,
                                     const struct pcsc_status *status);

/** Closes and frees everything; NULL is allowed. */
void card_files_destroy(struct card_files *files);

/**
 * Goes on with a new connection to the same card.
 * @return false where the ATR says that it is another card.
 */
bool card_files_take_over(struct card_files *files, pcsc_card card,
                          const struct pcsc_status *status);

/** Somebody else may have used the card: what is selected, and what empty, is not known now. */
void card_files_forget_selection(struct card_files *files);

/** The open file of a handle; NULL where there is none. */
struct card_file *card_files_find(struct card_files *files, uint64_t handle);

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

/**
 * Finds out what the selected file is, where the card did not tell: by trying to read it.
 *
 * @param[out] kind FCP_KIND_DF, _TRANSPARENT, _LINEAR_VARIABLE (records of any form).
 * @param[out] is_sure false where the file may not be read, so that it is a guess.
 */
scm_result card_files_probe_kind(struct card_files *files, enum fcp_kind *kind, bool *is_sure,
                                 struct card_fault *fault);

/** Sends a command to the card and judges the status word; the answer is optional. */
scm_result card_files_command(struct card_files *files, const struct apdu_command *command,
                              enum status_context context, struct card_answer *answer,
                              struct card_fault *fault);

/**
 * Opens an EF.
 *
 * @param[in] path absolute. @param[out] handle 0 on failure.
 * @retval HR_OK
 * @retval SC_E_NO_FILE the path is that of a directory.
 * @retval HR_OUTOFMEMORY also for more than CARD_FILES_OPEN_MAX files.
 * @retval as card_files_select().
 */
scm_result card_files_open(struct card_files *files, const struct card_path *path, uint32_t *handle,
                           struct card_fault *fault);

/** Closes a file. */
void card_files_close(struct card_files *files, struct card_file *file);

/**
 * Makes a DF the current directory.
 *
 * @retval HR_OK
 * @retval SC_E_NO_DIR the path is that of an EF; any other as card_files_select().
 */
scm_result card_files_change_dir(struct card_files *files, const struct card_path *path,
                                 struct card_fault *fault);

/** What an open file is, brought up to date by what its selection told. */
void card_file_learn(struct card_file *file, const struct fcp *fcp);

/** Learns the longest command and answer from EF.ATR/INFO, once, where the card keeps them there. */
void card_files_learn_limits(struct card_files *files);

#endif
