/*
 * open - EFs opened, DFs made the current directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/files/open.h"

#include "card/files/select.h"
#include "card/files/select_form.h"

/* What a file is, by what the card told or else by trying. */
static scm_result find_kind(struct card_files *files, struct card_file *file, const struct fcp *fcp)
{
    card_file_learn(file, fcp);
    if (file->is_kind_sure) return HR_OK;
    enum fcp_kind kind;
    scm_result result = card_files_probe_kind(files, &kind, &file->is_kind_sure);
    if (result_failed(result)) return result;
    file->kind = kind;
    card_files_note_kind(files, kind);
    return HR_OK;
}

scm_result card_files_open(struct card_files *files, const struct card_path *path, uint32_t *handle,
                           struct card_fault *fault)
{
    struct card_selected selected;
    struct card_file *file;

    *handle = 0;
    scm_result result = card_files_select(files, path, STATUS_SELECT, &selected, fault);
    if (result_failed(result)) return result;
    bool is_named = path->count == 0 || path->elements[path->count - 1].kind == CARD_PATH_NAME;
    if (is_named || selected.fcp.kind == FCP_KIND_DF) return SC_E_NO_FILE;

    result = card_files_add(files, path, &file);
    if (result_failed(result)) return result;
    result = find_kind(files, file, &selected.fcp);
    if (!result_failed(result) && file->kind == FCP_KIND_DF) result = SC_E_NO_FILE;
    if (result_failed(result))
    {
        card_files_close(files, file);
        return result;
    }
    files->current_file = *path;
    *handle = file->handle;
    return HR_OK;
}

scm_result card_files_change_dir(struct card_files *files, const struct card_path *path,
                                 struct card_fault *fault)
{
    struct card_selected selected = { .sw = 0 };
    bool is_named = path->count == 0 || path->elements[path->count - 1].kind == CARD_PATH_NAME;

    if (path->count && path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID)
    {
        fault->why = "a short identifier names a file";
        return SC_E_NO_DIR;
    }
    scm_result result = HR_OK;
    const struct card_selection *selection = card_files_selection(files);
    bool is_current = selection->is_known && selection->kind == FCP_KIND_DF &&
                      card_path_equal(&selection->path, path);
    if (!is_current) result = card_files_select(files, path, STATUS_SELECT_DIR, &selected, fault);
    bool is_no_form = card_select_verdict(fault->sw) != CARD_SELECT_DENIED;
    if (result_failed(result) && path->count == 0 && fault->sw && is_no_form)
    {
        /* The MF is there, and paths and names may begin in it, though it is not selected. */
        fault->sw = 0;
        files->current_dir = files->current_file = *path;
        return HR_OK;
    }
    if (result_failed(result)) return result;
    enum fcp_kind kind = is_named || is_current ? FCP_KIND_DF : selected.fcp.kind;
    bool is_sure = true;
    if (kind == FCP_KIND_UNKNOWN) result = card_files_probe_kind(files, &kind, &is_sure);
    if (result_failed(result)) return result;
    card_files_note_kind(files, kind);
    if (kind != FCP_KIND_DF) return SC_E_NO_DIR;
    files->current_dir = *path;
    files->current_file = *path;
    return HR_OK;
}
