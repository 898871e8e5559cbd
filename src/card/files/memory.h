/*
 * memory - what is remembered of one card's file system: the current directory, open files, what
 *          the card has shown of itself.
 * Layer: card/files (calls link; knows no COM).
 * Owns: the link to the card, open files.
 * Threads: the caller holds the session (card_session_enter).
 *
 * Design notes. Every file is known by its absolute path. What a card tells of a file is believed
 * only as far as it does no harm: a size bounds reading and writing, it never is a reason to
 * allocate.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_MEMORY_H
#define SCM_CARD_FILES_MEMORY_H

#include "card/files/path.h"
#include "card/files/told_passwords.h"
#include "card/link/exchange.h"
#include "iso7816/fcp.h"

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

/** How a command tells its record. */
enum card_record_form
{
    CARD_RECORD_UNKNOWN,
    CARD_RECORD_BY_NUMBER,
    CARD_RECORD_BY_TURNS, /**< the first, or the one after the current one */
};

/** Commands that know their record each in its own form. */
enum card_record_use
{
    CARD_RECORD_READ,
    CARD_RECORD_CHANGE, /**< UPDATE and WRITE RECORD */
    CARD_RECORD_USES,
};

/** What is selected on the card, as far as nobody else can have changed it. */
struct card_selection
{
    bool is_known;      /**< `path` is selected */
    enum fcp_kind kind; /**< of that file */
    bool is_ef;         /**< of an unknown kind, but no DF */
    /** The way to it began where the card was left, which nobody else has changed, we think. */
    bool is_assumed;
    bool is_doubted;  /**< somebody else may have selected another, unless the channel proves not */
    unsigned channel; /**< under which it was selected; 0: none */
    struct card_path path;
    uint32_t record; /**< the current one, from 1, where records go by turns; 0: none, or unknown */
};

/** The forms of SELECT. Each is learnt for itself. */
enum card_select_form
{
    CARD_SELECT_ID,             /**< P1 00: an identifier below the current DF, or near it */
    CARD_SELECT_CHILD_DF,       /**< P1 01 */
    CARD_SELECT_EF,             /**< P1 02 */
    CARD_SELECT_PARENT,         /**< P1 03 */
    CARD_SELECT_NAME,           /**< P1 04 */
    CARD_SELECT_PATH,           /**< P1 08, as the standard has it: without 3F00 */
    CARD_SELECT_PATH_AT_MF,     /**< P1 08, 3F00 in front */
    CARD_SELECT_PATH_FROM_DF,   /**< P1 09 */
    CARD_SELECT_MF_BY_ID,       /**< P1 00, 3F00 */
    CARD_SELECT_MF_WITHOUT,     /**< P1 00 without data */
    CARD_SELECT_MF_BY_PATH,     /**< P1 08, 3F00 and nothing else */
    CARD_SELECT_MF_AS_EF,       /**< P1 02, 3F00 */
    CARD_SELECT_MF_AS_CHILD_DF, /**< P1 01, 3F00 */
    CARD_SELECT_FORMS,
};

/** What is known of a form. */
struct card_form
{
    bool works;              /**< it has selected something; no refusal takes that back */
    uint8_t answer;          /**< the kind of answer asked for then; apdu_select_what */
    uint8_t refused_answers; /**< kinds of answer with which it was refused, as bits (P2 >> 2) */
    bool is_refuted;         /**< it did not find what is there */
};

struct card_files
{
    struct card_link *link;
    struct card_selection selection; /**< read it with card_files_selection() */
    unsigned disturbances_seen;      /**< of the link, when `selection` was noted */
    struct card_path current_dir;
    struct card_path current_file; /**< last opened or changed to */
    struct card_file *open[CARD_FILES_OPEN_MAX];

    bool has_worked;       /**< some SELECT succeeded: the class is right */
    bool is_answer_proven; /**< the kind of answer asked for was accepted */
    bool tries_all;        /**< nothing else is left: forms that are refused, with every answer */
    struct card_form forms[CARD_SELECT_FORMS];
    /** The current DF, if nobody else has selected one since the reset: for cards that do not let
     * their MF be selected. */
    struct card_path left_in;
    bool is_place_lost;            /**< a DF was selected since, and the card did not tell which */
    struct card_path below;        /**< of a DF name alone, whose parent was asked for */
    struct card_path parent_below; /**< the answer; `below` is empty where none is known */
    bool has_asked_limits;         /**< EF.ATR/INFO was looked at */
    bool is_limit_guessed;         /**< the longest command: nobody told it */
    struct card_passwords passwords; /**< what the card told of its PINs */
    /** Forms of RESET RETRY COUNTER, a bit for each P1: what the card understood, what it did not. */
    uint8_t unblock_forms_proven, unblock_forms_refused;
    uint16_t pin_look_sw; /**< the answer to a look at a PIN that may have cost a try; or 0 */
    struct card_made_dir made_dir;
    enum card_delete_form delete_forms[2];                /**< of EFs and of DFs: what has worked */
    enum card_record_form record_forms[CARD_RECORD_USES]; /**< what has worked */
    bool wants_record_len;    /**< READ RECORD: no Le but a record's own length has worked */
    uint32_t read_bytes_max;  /**< READ BINARY: more was refused as too long; 0: nothing was */
    uint32_t write_bytes_max; /**< UPDATE and WRITE BINARY, likewise */
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
void card_files_distrust(struct card_files *files);

/** What is selected; not known where the link was disturbed since it was noted. */
const struct card_selection *card_files_selection(const struct card_files *files);

/** Notes that a file is selected: the first `count` elements of a path. */
void card_files_note_selection(struct card_files *files, const struct card_path *path, size_t count,
                               enum fcp_kind kind);

/** Notes of what kind the selected file turned out to be. */
void card_files_note_kind(struct card_files *files, enum fcp_kind kind);

/** What we did ourselves has changed what is selected, and the card does not tell to what. */
void card_files_forget_selection(struct card_files *files);

/** The same, where another DF may have become the current one: it is not the MF for sure any more,
 * not even on a card whose MF is there after a reset only. */
void card_files_lose_place(struct card_files *files);

/** The open file of a handle; NULL where there is none. */
struct card_file *card_files_find(struct card_files *files, uint64_t handle);

/**
 * Remembers an open file, of which no more is known than its path.
 *
 * @param[out] file belongs to `files`; NULL on failure.
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY also for more than CARD_FILES_OPEN_MAX files.
 */
scm_result card_files_add(struct card_files *files, const struct card_path *path,
                          struct card_file **file);

/** Closes a file. */
void card_files_close(struct card_files *files, struct card_file *file);

/** What an open file is, brought up to date by what its selection told. */
void card_file_learn(struct card_file *file, const struct fcp *fcp);

/**
 * A file was made. A directory that was not there before is empty now. It stays known to be, while
 * everything that is made is made in it by its own path.
 */
void card_files_note_made(struct card_files *files, const struct card_path *path, bool is_new_dir);

/** A file was deleted, with all that was in it. */
void card_files_note_deleted(struct card_files *files, const struct card_path *path);

#endif
