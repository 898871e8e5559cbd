/*
 * properties - what cards tell of their files and of themselves, and what of it can be changed.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4 (control information), 11.5 (data objects)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_PROPERTIES_H
#define SCM_CARD_FILES_PROPERTIES_H

#include "base/result.h"
#include "base/secret_bytes.h"
#include "card/files/path.h"

struct card_files;

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
scm_result card_file_properties(struct card_files *files, const struct card_path *path,
                                struct bytes tags, enum card_properties which,
                                struct secret_bytes *properties, struct card_fault *fault);

/**
 * Changes properties: the life cycle status (8A) with ACTIVATE and DEACTIVATE FILE, anything else
 * with PUT DATA.
 *
 * @param[in] properties whole data objects; all are checked before the first is sent.
 * @retval HR_OK
 * @retval HR_INVALIDARG no data objects, a tag that PUT DATA cannot carry (of the universal class), an
 *         unknown life cycle.
 * @retval as card_files_select().
 */
scm_result card_file_set_properties(struct card_files *files, const struct card_path *path,
                                    struct bytes properties, struct card_fault *fault);

/**
 * What can be done with the current file and with the card: descriptor, size, life cycle and
 * security attributes of the one; service data (43), capabilities (47), limits (7F66) of the other.
 */
scm_result card_capabilities(struct card_files *files, struct secret_bytes *capabilities,
                             struct card_fault *fault);

#endif
