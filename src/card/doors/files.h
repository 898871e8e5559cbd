/*
 * files - the operations of ISCardFileAccess on a session: references read, the card
 *         held for as long as one operation takes.
 * Layer: card/doors (knows no COM).
 * Threads: any; every function takes the session and, where it talks to the card, a transaction.
 *
 * Every function returns, besides what it says itself,
 *   SC_E_INVALID_HANDLE nothing is attached,
 *   HR_INVALIDARG a reference that is none, a handle that is not open,
 *   SC_W_RESET_CARD, SC_W_REMOVED_CARD and any other PC/SC code unchanged,
 *   SC_E_UNSUPPORTED_FEATURE `protection` is CARD_SECURE and there are no keys,
 *   SC_W_SECURITY_VIOLATION also where secure messaging was not in order,
 *   the result of the card's status word (status_words.h), which `fault` has then.
 * Reference: ISCardFileAccess, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_FILES_H
#define SCM_CARD_DOORS_FILES_H

#include "card/files/content.h"
#include "card/files/directory.h"
#include "card/files/objects.h"
#include "card/files/properties.h"
#include "card/session/session.h"

/** A reference as the client wrote it: UTF-8, not terminated. */
struct card_reference_text
{
    enum card_reference type;
    const char *text;
    size_t len;
};

/** As card_files_change_dir(). */
scm_result door_files_change_dir(struct card_session *session, struct card_reference_text reference,
                                 struct card_fault *fault);

/** Appends the absolute path of the current directory. Does not ask the card. */
scm_result door_files_current_dir(struct card_session *session, struct text *text);

/** As card_files_open(). */
scm_result door_files_open(struct card_session *session, struct card_reference_text reference,
                           uint32_t *handle, struct card_fault *fault);

/** Closes a file. Does not ask the card. */
scm_result door_files_close(struct card_session *session, uint64_t handle,
                            struct card_fault *fault);

/** As card_file_read(). */
scm_result door_files_read(struct card_session *session, enum card_protection protection,
                           uint64_t handle, uint32_t wanted, struct secret_bytes *data,
                           struct card_fault *fault);

/** As card_file_write(). */
scm_result door_files_write(struct card_session *session, enum card_protection protection,
                            uint64_t handle, struct bytes data, enum card_write how,
                            struct card_fault *fault);

/** As card_file_seek(). */
scm_result door_files_seek(struct card_session *session, uint64_t handle, int32_t offset,
                           enum card_seek origin, struct card_fault *fault);

/** As card_directory_list() of the current directory; whether it is complete, `listing` tells. */
scm_result door_files_list(struct card_session *session, enum card_filter filter,
                           struct card_listing *listing, struct card_fault *fault);

/** As card_file_create(). */
scm_result door_files_create(struct card_session *session, enum card_protection protection,
                             struct card_reference_text reference, struct bytes parameters,
                             struct bytes data, struct card_fault *fault);

/** As card_file_delete(). */
scm_result door_files_delete(struct card_session *session, enum card_protection protection,
                             struct card_reference_text reference, bool is_recursive,
                             struct card_fault *fault);

/** As card_file_set_active(). */
scm_result door_files_set_active(struct card_session *session, enum card_protection protection,
                                 struct card_reference_text reference, bool is_active,
                                 struct card_fault *fault);

/** As card_file_properties(). */
scm_result door_files_properties(struct card_session *session, enum card_protection protection,
                                 struct card_reference_text reference, struct bytes tags,
                                 enum card_properties which, struct secret_bytes *properties,
                                 struct card_fault *fault);

/** As card_file_set_properties(). */
scm_result door_files_set_properties(struct card_session *session, enum card_protection protection,
                                     struct card_reference_text reference, struct bytes properties,
                                     struct card_fault *fault);

/** As card_capabilities(). */
scm_result door_files_capabilities(struct card_session *session, enum card_protection protection,
                                   struct secret_bytes *capabilities, struct card_fault *fault);

#endif
