/*
 * files - the operations of ISCardFileAccess on a session.
 * Layer: card/doors (knows no COM).
 * Reference: ISCardFileAccess, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/files.h"

#include "card/doors/work.h"
#include "card/files/creation.h"
#include "card/files/deletion.h"
#include "card/files/open.h"
#include "card/files/parent.h"

/* Begins work on the file a reference means. The attachment is asked for first: without one, no
 * reference means anything. */
static scm_result begin_on(struct card_session *session, enum card_protection protection,
                           struct card_reference_text reference, struct door_work *work,
                           struct card_path *path, struct card_fault *fault)
{
    scm_result result = card_session_check_attached(session);
    if (result_failed(result)) return result;
    result = card_path_parse(reference.type, reference.text, reference.len, path, fault);
    if (result_failed(result)) return result;
    return door_work_begin(work, session, protection, fault);
}

static scm_result begin_on_file(struct card_session *session, enum card_protection protection,
                                struct card_reference_text reference, struct door_work *work,
                                struct card_path *path, struct card_fault *fault)
{
    scm_result result = begin_on(session, protection, reference, work, path, fault);
    if (result_failed(result)) return result;
    result = card_files_resolve(work->files, path, path, fault);
    return result_failed(result) ? door_work_end(work, result) : HR_OK;
}

static scm_result check_handle(struct card_files *files, uint64_t handle, struct card_file **file,
                               struct card_fault *fault)
{
    *file = card_files_find(files, handle);
    if (*file) return HR_OK;
    fault->why = "the file handle is not open on this attachment";
    return HR_INVALIDARG;
}

/* Begins work on an open file. */
static scm_result begin_on_handle(struct card_session *session, enum card_protection protection,
                                  uint64_t handle, struct door_work *work, struct card_file **file,
                                  struct card_fault *fault)
{
    struct card_files *files;

    /* Whether a handle is open is known without the card. */
    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    result = check_handle(files, handle, file, fault);
    if (!result_failed(result)) result = door_work_begin(work, session, protection, fault);
    card_session_leave(session);
    return result;
}

scm_result door_files_change_dir(struct card_session *session, struct card_reference_text reference,
                                 struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;
    scm_result result = begin_on_file(session, CARD_PLAIN, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_files_change_dir(work.files, &path, fault);
    return door_work_end(&work, result);
}

scm_result door_files_current_dir(struct card_session *session, struct text *text)
{
    struct card_files *files;
    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    card_path_format(&files->current_dir, text);
    card_session_leave(session);
    return HR_OK;
}

scm_result door_files_open(struct card_session *session, struct card_reference_text reference,
                           uint32_t *handle, struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;

    *handle = 0;
    scm_result result = begin_on_file(session, CARD_PLAIN, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_files_open(work.files, &path, handle, fault);
    result = card_session_explain(work.files, result, fault);
    if (result_failed(result) && *handle)
    {
        card_files_close(work.files, card_files_find(work.files, *handle));
        *handle = 0;
    }
    return door_work_end(&work, result);
}

scm_result door_files_close(struct card_session *session, uint64_t handle, struct card_fault *fault)
{
    struct card_files *files;
    struct card_file *file;
    scm_result result = card_session_enter(session, &files);
    if (result_failed(result)) return result;
    result = check_handle(files, handle, &file, fault);
    if (!result_failed(result)) card_files_close(files, file);
    card_session_leave(session);
    return result;
}

scm_result door_files_read(struct card_session *session, enum card_protection protection,
                           uint64_t handle, uint32_t wanted, struct secret_bytes *data,
                           struct card_fault *fault)
{
    struct door_work work;
    struct card_file *file;
    scm_result result = begin_on_handle(session, protection, handle, &work, &file, fault);
    if (result_failed(result)) return result;
    card_budget_allow_contents(&work.files->link->budget);
    result = card_file_read(work.files, file, wanted, data, fault);
    return door_work_end(&work, result);
}

scm_result door_files_write(struct card_session *session, enum card_protection protection,
                            uint64_t handle, struct bytes data, enum card_write how,
                            struct card_fault *fault)
{
    struct door_work work;
    struct card_file *file;
    scm_result result = begin_on_handle(session, protection, handle, &work, &file, fault);
    if (result_failed(result)) return result;
    card_budget_allow_contents(&work.files->link->budget);
    result = card_file_write(work.files, file, data, how, fault);
    return door_work_end(&work, result);
}

scm_result door_files_seek(struct card_session *session, uint64_t handle, int32_t offset,
                           enum card_seek origin, struct card_fault *fault)
{
    struct door_work work;
    struct card_file *file;
    scm_result result = begin_on_handle(session, CARD_PLAIN, handle, &work, &file, fault);
    if (result_failed(result)) return result;
    result = card_file_seek(work.files, file, offset, origin, fault);
    return door_work_end(&work, result);
}

scm_result door_files_list(struct card_session *session, enum card_filter filter,
                           struct card_listing *listing, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, CARD_PLAIN, fault);
    if (result_failed(result)) return result;
    struct card_path dir = work.files->current_dir;
    result = card_directory_list(work.files, &dir, filter, listing, fault);
    return door_work_end(&work, result);
}

scm_result door_files_create(struct card_session *session, enum card_protection protection,
                             struct card_reference_text reference, struct bytes parameters,
                             struct bytes data, struct card_fault *fault)
{
    struct door_work work;
    struct card_path path, parent;
    struct card_path_element last;

    scm_result result = begin_on(session, protection, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    if (path.count == 0)
    {
        fault->why = "the path does not end with a file's own identifier or name";
        result = HR_INVALIDARG;
    }
    else
    {
        /* Where a new file goes is the directory before it, also when a name says what it is. */
        last = path.elements[--path.count];
        result = card_files_resolve(work.files, &path, &parent, fault);
    }
    card_budget_allow_contents(&work.files->link->budget);
    if (!result_failed(result))
        result = card_file_create(work.files, &parent, &last, parameters, data, fault);
    return door_work_end(&work, result);
}

scm_result door_files_delete(struct card_session *session, enum card_protection protection,
                             struct card_reference_text reference, bool is_recursive,
                             struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;
    scm_result result = begin_on_file(session, protection, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_file_delete(work.files, &path, is_recursive, fault);
    return door_work_end(&work, result);
}

scm_result door_files_set_active(struct card_session *session, enum card_protection protection,
                                 struct card_reference_text reference, bool is_active,
                                 struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;
    scm_result result = begin_on_file(session, protection, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_file_set_active(work.files, &path, is_active, fault);
    return door_work_end(&work, result);
}

scm_result door_files_properties(struct card_session *session, enum card_protection protection,
                                 struct card_reference_text reference, struct bytes tags,
                                 enum card_properties which, struct secret_bytes *properties,
                                 struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;
    scm_result result = begin_on_file(session, protection, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_file_properties(work.files, &path, tags, which, properties, fault);
    return door_work_end(&work, result);
}

scm_result door_files_set_properties(struct card_session *session, enum card_protection protection,
                                     struct card_reference_text reference, struct bytes properties,
                                     struct card_fault *fault)
{
    struct door_work work;
    struct card_path path;
    scm_result result = begin_on_file(session, protection, reference, &work, &path, fault);
    if (result_failed(result)) return result;
    result = card_file_set_properties(work.files, &path, properties, fault);
    return door_work_end(&work, result);
}

scm_result door_files_capabilities(struct card_session *session, enum card_protection protection,
                                   struct secret_bytes *capabilities, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    result = card_capabilities(work.files, capabilities, fault);
    return door_work_end(&work, result);
}
