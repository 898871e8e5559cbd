/*
 * control - files made, removed, blocked and described: what is not their contents.
 * Layer: card (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4 (control information), 11.4 (data objects);
 *           ISO/IEC 7816-9:2017 (creating, deleting, life cycle)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_CONTROL_H
#define SCM_CARD_FILES_CONTROL_H

#include "base/result.h"
#include "base/secret_bytes.h"
#include "card/files/path.h"

struct card_files;

/**
 * Creates a file.
 *
 * What the control parameters leave out follows from the rest: the identifier or DF name from the
 * path, a size from the data, a transparent EF where no descriptor says otherwise.
 *
 * @param[in] parent absolute path of the directory. @param[in] last the new file's own element.
 * @param[in] parameters data objects as in an FCP, or the template itself.
 * @param[in] data first contents, perhaps none: bytes, or records one behind the other where they
 *            have a fixed length, or one record.
 * @retval HR_OK
 * @retval HR_INVALIDARG the parameters are no data objects or contradict the path; there is a file
 *         already.
 * @retval SC_E_WRITE_TOO_MANY more data than the file is to hold, nothing was done; or the card is
 *         full.
 * @retval SC_E_DIR_NOT_FOUND, SC_E_NO_DIR, SC_W_SECURITY_VIOLATION and so on. Where the contents
 *         could not be written, the file is removed again if the card allows it, and if the card
 *         did not find it before.
 */
scm_result card_control_create(struct card_files *files, const struct card_path *parent,
                               const struct card_path_element *last, struct bytes parameters,
                               struct bytes data, struct card_fault *fault);

/**
 * Deletes a file; open handles of it are closed, the current directory leaves it.
 *
 * That a directory is empty has to be proven: the card counts its files, or it was made here, on a
 * card that nobody else can have used since. No list of files proves it, since no card has one, nor
 * does what a card refuses.
 *
 * DELETE FILE names its file, by identifier or DF name, with the file selected: whichever a card
 * goes by, it is the same one. Without a name it is sent only where the card refuses that form.
 *
 * @param[in] is_recursive whether a directory may have files in it.
 * @retval HR_OK
 * @retval HR_INVALIDARG the MF.
 * @retval SC_E_NO_ACCESS a directory that is not proven to be empty, and nothing was deleted; what
 *         may be one; one that an open file or the current directory lies in; a file that the card
 *         takes for the one named, and is not; a short identifier, and the card does not tell which
 *         file has it; or the card does not allow it.
 * @retval as card_files_select().
 */
scm_result card_control_delete(struct card_files *files, const struct card_path *path,
                               bool is_recursive, struct card_fault *fault);

/** Activates or deactivates a file; results as card_files_select(). */
scm_result card_control_set_active(struct card_files *files, const struct card_path *path,
                                   bool is_active, struct card_fault *fault);

/** Which properties are wanted where no tags are given. */
enum card_properties
{
    CARD_PROPERTIES_ALL,
    CARD_PROPERTIES_USUAL, /**< sizes, descriptor, identifiers, name, life cycle */
};

/**
 * What the card tells about a file.
 *
 * @param[in] tags tags wanted, one behind the other; empty: what `which` says. A tag that is no
 *            control parameter is asked for with GET DATA.
 * @param[out] properties whole data objects, one behind the other; to be freed also on failure.
 * @retval HR_OK those that there are.
 * @retval HR_INVALIDARG `tags` are no tags.
 * @retval SC_E_FILE_NOT_FOUND none of the tags is there, or the file is not.
 * @retval as card_files_select().
 */
scm_result card_control_properties(struct card_files *files, const struct card_path *path,
                                   struct bytes tags, enum card_properties which,
                                   struct secret_bytes *properties, struct card_fault *fault);

/**
 * Changes properties: the life cycle status (8A) with ACTIVATE and DEACTIVATE FILE, anything else
 * with PUT DATA.
 *
 * @param[in] properties whole data objects; all are checked before the first is sent.
 * @retval HR_OK
 * @retval HR_INVALIDARG no data objects, a tag PUT DATA cannot carry, an unknown life cycle.
 * @retval as card_files_select().
 */
scm_result card_control_set_properties(struct card_files *files, const struct card_path *path,
                                       struct bytes properties, struct card_fault *fault);

/**
 * What can be done with the current file and with the card: descriptor, size, life cycle and
 * security attributes of the one; service data (43), capabilities (47), limits (7F66) of the other.
 */
scm_result card_control_capabilities(struct card_files *files, struct secret_bytes *capabilities,
                                     struct card_fault *fault);

/** The next whole data object of several; false at the end. For those who know no BER-TLV. */
bool card_control_next_object(struct byte_reader *reader, struct bytes *whole);

/**
 * The tag at the front of a record that asks for a property: alone, or with a length and a value,
 * which do not matter. False where there is none.
 */
bool card_control_leading_tag(struct bytes record, struct bytes *tag);

#endif
