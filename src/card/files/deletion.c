/*
 * deletion - files deleted, and nothing by guess.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-9:2017 (DELETE FILE)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/deletion.h"

#include "card/files/directory.h"
#include "card/files/select.h"
#include "card/files/select_form.h"

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return SC_E_NO_ACCESS;
}

/* Selects what is to be deleted, and makes sure that it is what the path says: a card may take the
 * beginning of a DF name for the whole, or know an identifier from elsewhere. */
static scm_result select_target(struct card_files *files, const struct card_path *path,
                                struct fcp *fcp, struct card_fault *fault)
{
    const struct card_path_element *last = &path->elements[path->count - 1];
    struct card_selected selected;

    *fcp = (struct fcp){ 0 };
    scm_result result = card_files_select(files, path, STATUS_ACTIVATE, &selected, fault);
    if (result_failed(result)) return result;
    *fcp = selected.fcp;
    if (files->selection.is_assumed)
        return refuse(fault, "the card does not let the MF be selected, so that it is not sure "
                             "where this file lies");
    bool is_other = false;
    if (last->kind == CARD_PATH_NAME && fcp->name.len > 0)
        is_other = !bytes_equal(fcp->name, bytes_of(last->bytes, last->len));
    if (last->kind == CARD_PATH_ID && fcp->has_id) is_other = fcp->id != card_path_element_id(last);
    return is_other ? refuse(fault, "the card selects another file than the one named") : HR_OK;
}

/* The same for a path whose beginning is a name: the application has to be the one named, too. */
static scm_result select_named_target(struct card_files *files, const struct card_path *path,
                                      struct fcp *fcp, struct card_fault *fault)
{
    struct card_path application = *path;
    scm_result result = HR_OK;

    application.count = 1;
    if (path->count > 1 && path->elements[0].kind == CARD_PATH_NAME)
        result = select_target(files, &application, fcp, fault);
    return result_failed(result) ? result : select_target(files, path, fcp, fault);
}

/* The same, without a command where it is selected. Whatever deletes or looks elsewhere forgets the
 * selection. */
static scm_result ready_target(struct card_files *files, const struct card_path *path,
                               struct card_fault *fault)
{
    const struct card_selection *selection = card_files_selection(files);
    struct fcp fcp;

    if (selection->is_known && card_path_equal(&selection->path, path)) return HR_OK;
    return select_named_target(files, path, &fcp, fault);
}

/* Whether an identifier is found as that of an EF, and not as that of a DF. */
static scm_result is_ef_by_selection(struct card_files *files, const struct card_path *path,
                                     bool *is_ef, struct card_fault *fault)
{
    static const enum card_select_form forms[] = { CARD_SELECT_CHILD_DF, CARD_SELECT_EF };
    const struct card_path_element *last = &path->elements[path->count - 1];
    struct card_path parent = card_path_parent(path);
    scm_result found[2] = { SC_E_FILE_NOT_FOUND, SC_E_FILE_NOT_FOUND };

    *is_ef = false;
    if (last->kind != CARD_PATH_ID) return HR_OK;
    for (size_t i = 0; i < 2; i++)
    {
        struct card_answer answer;
        if (!card_select_may_send(files, forms[i])) return HR_OK;
        scm_result result = card_files_ensure_dir_selected(files, &parent, fault);
        if (result_failed(result)) return result;
        result = card_select_send(files, forms[i], bytes_of(last->bytes, last->len), &answer);
        if (result_failed(result)) return result;
        card_files_forget_selection(files);
        found[i] = status_word_result(answer.sw, STATUS_ACTIVATE);
    }
    *is_ef = found[0] == SC_E_FILE_NOT_FOUND && !result_failed(found[1]);
    return HR_OK;
}

/* Whether the current EF has a record. That READ BINARY does not fit may be said of a directory as
 * well, and that there is no such record, too; but not what is in one. */
static scm_result has_record(struct card_files *files, bool *has)
{
    struct card_answer answer;
    struct apdu_command command = apdu_read_record(1, 0, APDU_SHORT_NE_MAX);

    scm_result result = card_exchange(files->link, &command, &answer);
    *has = !result_failed(result) && answer.data.len > 0 &&
           !result_failed(status_word_result(answer.sw, STATUS_READ_RECORD));
    return result;
}

/* What the selected file is, where SELECT did not tell: FCP_KIND_UNKNOWN where that is not sure.
 * Perhaps another file is selected then. */
static scm_result find_target_kind(struct card_files *files, const struct card_path *path,
                                   enum fcp_kind *kind, struct card_fault *fault)
{
    uint8_t last = path->elements[path->count - 1].kind;
    struct apdu_command command = apdu_read_binary(0, 1);
    struct card_answer answer;
    bool is_ef = false;

    if (last == CARD_PATH_NAME) *kind = FCP_KIND_DF;
    if (last == CARD_PATH_SHORT_ID) *kind = FCP_KIND_TRANSPARENT;
    if (*kind != FCP_KIND_UNKNOWN) return HR_OK;
    scm_result result = card_exchange(files->link, &command, &answer);
    if (result_failed(result)) return result;
    bool is_read = !result_failed(status_word_result(answer.sw, STATUS_READ));
    if (is_read && answer.data.len > 0)
        is_ef = true;
    else if (answer.sw == SW_NO_CURRENT_EF)
        *kind = FCP_KIND_DF;
    else
    {
        if (answer.sw == SW_WRONG_FILE_STRUCTURE) result = has_record(files, &is_ef);
        if (!result_failed(result) && !is_ef)
            result = is_ef_by_selection(files, path, &is_ef, fault);
    }
    if (is_ef) *kind = FCP_KIND_TRANSPARENT;
    return result;
}

/* Whether nothing lies in a directory. The card counts its files, or we have just made it; that no
 * file is found in it proves nothing. */
static bool is_proven_empty(const struct card_files *files, const struct card_path *path,
                            const struct fcp *fcp)
{
    const struct card_made_dir *made = &files->made_dir;
    if (fcp->has_child_count) return fcp->child_count == 0;
    return made->is_known && made->file_count == 0 && card_path_equal(&made->path, path);
}

/* Whether a directory's own identifier is not found in it. A card that finds it there finds files
 * of other directories as well. */
static scm_result holds_only_its_own(struct card_files *files, const struct card_path *path,
                                     bool *holds, struct card_fault *fault)
{
    const struct card_path_element *last = &path->elements[path->count - 1];
    struct card_path child = *path;
    enum card_file_presence presence = CARD_FILE_DOUBTFUL;

    *holds = false;
    if (last->kind != CARD_PATH_ID || !card_files_finds_only_below(files)) return HR_OK;
    if (!card_path_add_id(&child, card_path_element_id(last))) return HR_OK;
    scm_result result = ready_target(files, path, fault);
    if (!result_failed(result)) result = card_files_look_for(files, &child, &presence);
    /* Some cards do not stay where they were when they find nothing. */
    card_files_forget_selection(files);
    *holds = !result_failed(result) && presence == CARD_FILE_ABSENT;
    return result;
}

/* Status words of a card that does not take a form of DELETE FILE, and has looked for no file. */
static bool is_form_refused(uint16_t sw)
{
    return status_word_refuses_p1_p2(sw) || sw == SW_WRONG_LENGTH || sw == 0x6A80 || sw == 0x6A87;
}

static scm_result send_delete(struct card_files *files, const struct card_path_element *named,
                              struct card_fault *fault)
{
    struct apdu_command command = apdu_on_current_file(APDU_INS_DELETE_FILE);

    if (named)
    {
        /* P1 says what the data is, as in SELECT. */
        command.p1 = named->kind == CARD_PATH_NAME ? APDU_SELECT_NAME : APDU_SELECT_ID;
        command.data = bytes_of(named->bytes, named->len);
    }
    fault->sw = 0;
    scm_result result = card_exchange_judged(files->link, &command, STATUS_ANY, NULL, fault);
    card_files_forget_selection(files);
    return result;
}

/* Deletes the selected file without naming it. Some cards delete their current DF then: on those an
 * EF has to be named. */
static scm_result delete_unnamed(struct card_files *files, const struct card_path *path,
                                 enum card_delete_form *form, struct card_fault *fault)
{
    scm_result result = ready_target(files, path, fault);
    if (!result_failed(result)) result = send_delete(files, NULL, fault);
    if (!result_failed(result)) *form = CARD_DELETE_UNNAMED;
    return result;
}

/* By its identifier, among the files of the selected directory. Only for cards that have shown that
 * they look at the name: another would delete the directory. */
static scm_result delete_in_parent(struct card_files *files, const struct card_path *path,
                                   enum card_delete_form *form, struct card_fault *fault)
{
    struct card_path parent = card_path_parent(path);

    scm_result result = card_files_ensure_dir_selected(files, &parent, fault);
    if (!result_failed(result))
        result = send_delete(files, &path->elements[path->count - 1], fault);
    if (!result_failed(result)) *form = CARD_DELETE_NAMED_IN_PARENT;
    return result;
}

/* By identifier or DF name, and selected: so it is the same file, whichever of the two counts. */
static scm_result delete_named(struct card_files *files, const struct card_path *path, bool is_dir,
                               enum card_delete_form *form, struct card_fault *fault)
{
    const struct card_path_element *last = &path->elements[path->count - 1];

    scm_result result = ready_target(files, path, fault);
    if (!result_failed(result)) result = send_delete(files, last, fault);
    if (!result_failed(result)) *form = CARD_DELETE_NAMED;
    bool is_not_found = fault->sw == SW_FILE_NOT_FOUND || fault->sw == SW_REFERENCE_NOT_FOUND;
    /* A card that looks for the identifier below the current DF does not find the DF itself. */
    bool is_looked_for = result_failed(result) && is_not_found;
    if (!is_dir || !is_looked_for || last->kind != CARD_PATH_ID) return result;
    return delete_in_parent(files, path, form, fault);
}

/* Deletes a file in the way that its card knows. */
static scm_result delete_target(struct card_files *files, const struct card_path *path, bool is_dir,
                                struct card_fault *fault)
{
    const struct card_path_element *last = &path->elements[path->count - 1];
    enum card_delete_form *form = &files->delete_forms[is_dir];
    bool is_unique = true;
    scm_result result = HR_OK;

    if (*form == CARD_DELETE_UNNAMED) return delete_unnamed(files, path, form, fault);
    if (*form == CARD_DELETE_NAMED_IN_PARENT && last->kind == CARD_PATH_ID)
        return delete_in_parent(files, path, form, fault);
    if (is_dir && last->kind == CARD_PATH_ID)
        result = holds_only_its_own(files, path, &is_unique, fault);
    if (result_failed(result)) return result;
    if (!is_unique)
    {
        /* With the DF selected, its identifier may be that of a file in it. */
        result = delete_unnamed(files, path, form, fault);
        bool wants_name = result_failed(result) && is_form_refused(fault->sw);
        return wants_name ? delete_in_parent(files, path, form, fault) : result;
    }
    result = delete_named(files, path, is_dir, form, fault);
    bool is_refused = result_failed(result) && is_form_refused(fault->sw);
    return is_refused && *form == CARD_DELETE_UNKNOWN ? delete_unnamed(files, path, form, fault)
                                                      : result;
}

static scm_result delete_children(struct card_files *files, const struct card_path *path,
                                  struct card_fault *fault)
{
    struct card_listing listing = { 0 };
    bool holds_own;

    scm_result result = holds_only_its_own(files, path, &holds_own, fault);
    if (result_failed(result)) return result;
    if (!holds_own)
        return refuse(fault,
                      "the card wants the directory empty, and does not tell what lies in it");
    fault->sw = 0;
    result = card_directory_list(files, path, CARD_FILTER_ALL, &listing, fault);
    if (result == HR_NOTIMPL) result = HR_OK;
    for (size_t i = 0; i < listing.count && !result_failed(result); i++)
    {
        struct card_path child = *path;
        if (child.count == CARD_PATH_DEPTH_MAX)
            result = SC_E_NO_ACCESS;
        else
        {
            child.elements[child.count++] = listing.entries[i].element;
            result = card_file_delete(files, &child, true, fault);
        }
    }
    card_listing_free(&listing);
    return result;
}

/* A directory, perhaps with all that is in it. */
static scm_result delete_directory(struct card_files *files, const struct card_path *path,
                                   bool is_recursive, struct card_fault *fault)
{
    /* Cards that delete whole trees do it better than we. */
    scm_result result = delete_target(files, path, true, fault);
    if (!is_recursive || !result_failed(result) || fault->sw != SW_CONDITIONS_OF_USE) return result;
    result = delete_children(files, path, fault);
    return result_failed(result) ? result : delete_target(files, path, true, fault);
}

/* Whether work under way would lose the ground under its feet. */
static const char *why_in_use(const struct card_files *files, const struct card_path *path)
{
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        if (files->open[i] && card_path_is_below(&files->open[i]->path, path))
            return "a file in the directory is open";
    return card_path_is_below(&files->current_dir, path)
               ? "the current directory lies in the directory"
               : NULL;
}

/* Where a card finds by an identifier more than what lies in the directory, a file above may be what
 * was found. Selecting cannot tell the two apart. */
static scm_result check_place(struct card_files *files, const struct card_path *path,
                              struct card_fault *fault)
{
    const struct card_path_element *last = &path->elements[path->count - 1];
    struct card_path parent = card_path_parent(path), above;
    enum card_file_presence presence = CARD_FILE_DOUBTFUL;

    if (last->kind != CARD_PATH_ID || parent.count == 0) return HR_OK;
    if (parent.elements[parent.count - 1].kind != CARD_PATH_ID) return HR_OK;
    if (card_files_finds_only_below(files)) return HR_OK;
    card_files_forget_selection(files);
    above = card_path_parent(&parent);
    if (!card_path_add_id(&above, card_path_element_id(last))) return HR_OK;
    scm_result result = card_files_look_for(files, &above, &presence);
    if (result_failed(result) || presence == CARD_FILE_ABSENT) return result;
    return refuse(fault, "the card finds a file of this identifier above the directory, too, and "
                         "cannot tell the two apart");
}

/* Whether a file may be deleted, or a directory with what is in it. */
static scm_result check_deletion(struct card_files *files, const struct card_path *path,
                                 bool is_recursive, bool *is_dir, struct card_fault *fault)
{
    struct fcp fcp;

    scm_result result = select_named_target(files, path, &fcp, fault);
    if (result_failed(result)) return result;
    /* How the card selects is known only now. */
    result = check_place(files, path, fault);
    if (!result_failed(result)) result = select_named_target(files, path, &fcp, fault);
    if (result_failed(result)) return result;
    bool is_empty = is_proven_empty(files, path, &fcp);
    enum fcp_kind kind = fcp.kind;
    result = find_target_kind(files, path, &kind, fault);
    if (result_failed(result)) return result;
    *is_dir = kind == FCP_KIND_DF || kind == FCP_KIND_UNKNOWN;
    if (!*is_dir) return HR_OK;
    const char *use = why_in_use(files, path);
    if (use) return refuse(fault, use);
    if (is_recursive || is_empty) return HR_OK;
    return refuse(fault, kind == FCP_KIND_DF
                             ? "the directory cannot be proven to be empty, so SC_FL_RECURSIVE is "
                               "needed"
                             : "it may be a directory, and cannot be proven to be empty, so "
                               "SC_FL_RECURSIVE is needed");
}

/* DELETE FILE takes no short identifier. So the file is found that the card says has it. */
static scm_result find_by_short_id(struct card_files *files, const struct card_path *path,
                                   struct card_path *found, struct card_fault *fault)
{
    struct card_listing listing = { 0 };
    struct card_path parent = card_path_parent(path);
    uint8_t short_id = path->elements[path->count - 1].bytes[0];

    found->count = 0;
    scm_result result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
    if (result_failed(result)) return result;
    result = card_directory_list(files, &parent, CARD_FILTER_FILES, &listing, fault);
    for (size_t i = 0; i < listing.count && !result_failed(result) && found->count == 0; i++)
    {
        struct card_fault ignored = card_fault_none();
        struct card_selected selected;
        struct card_path child = parent;
        child.elements[child.count++] = listing.entries[i].element;
        result = card_files_select(files, &child, STATUS_ACTIVATE, &selected, &ignored);
        if (!result_failed(result) && selected.fcp.short_id == short_id) *found = child;
        if (ignored.sw) result = HR_OK;
    }
    card_listing_free(&listing);
    if (result_failed(result) || found->count > 0) return result;
    return refuse(fault,
                  "the card deletes files by identifier, and does not tell whose the short one "
                  "is");
}

scm_result card_file_delete(struct card_files *files, const struct card_path *path,
                            bool is_recursive, struct card_fault *fault)
{
    struct card_path found = *path;
    bool is_dir = false;
    scm_result result = HR_OK;

    if (path->count == 0)
    {
        fault->why = "the MF is not deleted";
        return HR_INVALIDARG;
    }
    bool is_short = path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID;
    if (is_short && files->delete_forms[0] != CARD_DELETE_UNNAMED)
        result = find_by_short_id(files, path, &found, fault);
    if (!result_failed(result))
        result = check_deletion(files, &found, is_recursive, &is_dir, fault);
    if (!result_failed(result))
        result = is_dir ? delete_directory(files, &found, is_recursive, fault)
                        : delete_target(files, &found, false, fault);
    if (result_failed(result)) return result;

    card_files_note_deleted(files, &found);
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX; i++)
        if (files->open[i] && (card_path_begins_with(&files->open[i]->path, path) ||
                               card_path_begins_with(&files->open[i]->path, &found)))
            card_files_close(files, files->open[i]);
    if (card_path_begins_with(&files->current_dir, path))
        files->current_dir = card_path_parent(path);
    if (card_path_begins_with(&files->current_file, path) ||
        card_path_begins_with(&files->current_file, &found))
        files->current_file = files->current_dir;
    return HR_OK;
}

void card_file_take_back(struct card_files *files, const struct card_path *path)
{
    struct card_fault fault = card_fault_none();
    enum card_delete_form *form = &files->delete_forms[0];
    struct fcp fcp;

    card_budget_undo(&files->link->budget);
    scm_result result = select_named_target(files, path, &fcp, &fault);
    if (result_failed(result) || fcp.kind == FCP_KIND_DF) return;
    if (*form == CARD_DELETE_UNNAMED)
        result = delete_unnamed(files, path, form, &fault);
    else if (path->elements[path->count - 1].kind == CARD_PATH_ID)
        result = delete_named(files, path, false, form, &fault);
    else
        return;
    if (!result_failed(result)) card_files_note_deleted(files, path);
}
