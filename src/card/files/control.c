/*
 * control - files made, removed, blocked and described: what is not their contents.
 * Layer: card (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4, 11.4; ISO/IEC 7816-9:2017
 * SPDX-License-Identifier: MIT
 */
#include "card/files/control.h"

#include "card/files/memory.h"
#include "card/files/content.h"
#include "card/files/directory.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define EF_ATR                   0x2F01
#define TAG_IN_P1_P2_MAX         0xFFFF
#define DISCRETIONARY_HEADER_MAX 4
#define DESCRIPTOR_DF            0x38
#define DESCRIPTOR_TRANSPARENT   0x01
#define SHORT_ID_SHIFT           3
#define LIFE_DEACTIVATED         0x04 /* 04 and 06 */
#define LIFE_ACTIVATED           0x05 /* 05 and 07 */
#define LIFE_EITHER_MASK         0xFD

bool card_control_next_object(struct byte_reader *reader, struct bytes *whole)
{
    struct ber_tlv object;
    bool is_there = ber_tlv_next(reader, &object);
    *whole = object.whole;
    return is_there;
}

bool card_control_leading_tag(struct bytes record, struct bytes *tag)
{
    struct byte_reader reader = byte_reader_of(record);
    uint32_t read = ber_tlv_read_tag(&reader);
    *tag = bytes_of(record.data, record.len - reader.rest.len);
    return read != 0 && !reader.failed;
}

static bool add_object(struct secret_bytes *data, uint32_t tag, struct bytes value)
{
    uint8_t header[12];
    struct byte_writer writer = byte_writer_of(header, sizeof(header));

    ber_tlv_put_header(&writer, tag, value.len);
    return secret_bytes_add(data, byte_writer_written(&writer)) && secret_bytes_add(data, value);
}

static bool is_object_list(struct bytes objects)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct ber_tlv object;
    while (ber_tlv_next(&reader, &object))
        continue;
    return !reader.failed;
}

static scm_result invalid(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

/* The parameters of a file to be, made complete. */
struct plan
{
    struct secret_bytes parameters;
    struct fcp fcp; /* spans lie in parameters */
};

static scm_result add_identity(struct plan *plan, const struct card_path_element *last,
                               struct card_fault *fault)
{
    struct bytes own = bytes_of(last->bytes, last->len);
    uint8_t short_id = (uint8_t)(last->bytes[0] << SHORT_ID_SHIFT);
    bool is_added = true;

    switch (last->kind)
    {
    case CARD_PATH_ID:
        if (plan->fcp.has_id && plan->fcp.id != card_path_element_id(last))
            return invalid(fault, "the identifier in the properties is not that of the path");
        if (!plan->fcp.has_id) is_added = add_object(&plan->parameters, FCP_TAG_FILE_ID, own);
        break;
    case CARD_PATH_NAME:
        if (plan->fcp.name.len && !bytes_equal(plan->fcp.name, own))
            return invalid(fault, "the DF name in the properties is not that of the path");
        if (!plan->fcp.name.len) is_added = add_object(&plan->parameters, FCP_TAG_DF_NAME, own);
        break;
    case CARD_PATH_SHORT_ID:
        if (plan->fcp.short_id && plan->fcp.short_id != last->bytes[0])
            return invalid(fault, "the short identifier in the properties is not that of the path");
        if (!plan->fcp.short_id)
            is_added = add_object(&plan->parameters, FCP_TAG_SHORT_ID, bytes_of(&short_id, 1));
        break;
    default:
        return invalid(fault, "the path does not end with a file's own identifier or name");
    }
    return is_added ? HR_OK : HR_OUTOFMEMORY;
}

static bool has_object(struct bytes objects, uint32_t tag)
{
    struct ber_tlv object;
    return ber_tlv_find(objects, tag, &object);
}

static struct bytes planned(const struct plan *plan)
{
    return bytes_of(plan->parameters.data, plan->parameters.len);
}

static scm_result add_shape(struct plan *plan, const struct card_path_element *last,
                            size_t data_len, struct card_fault *fault)
{
    bool has_size =
        has_object(planned(plan), FCP_TAG_SIZE) || has_object(planned(plan), FCP_TAG_TOTAL_SIZE);
    bool is_df = last->kind == CARD_PATH_NAME;
    const uint8_t descriptor = is_df ? DESCRIPTOR_DF : DESCRIPTOR_TRANSPARENT;
    const uint8_t size[] = { (uint8_t)(data_len >> 16), (uint8_t)(data_len >> 8),
                             (uint8_t)data_len };
    size_t skipped = data_len > 0xFFFF ? 0 : 1;

    if (!has_object(planned(plan), FCP_TAG_DESCRIPTOR))
    {
        if (!is_df && !has_size && data_len == 0)
            return invalid(fault, "neither the properties nor the data say how long the file is");
        if (!add_object(&plan->parameters, FCP_TAG_DESCRIPTOR, bytes_of(&descriptor, 1)))
            return HR_OUTOFMEMORY;
    }
    else
        is_df = plan->fcp.kind == FCP_KIND_DF;
    if (has_size || is_df || data_len == 0 || fcp_kind_has_records(plan->fcp.kind)) return HR_OK;
    return add_object(&plan->parameters, FCP_TAG_SIZE, bytes_of(size + skipped, 3 - skipped))
               ? HR_OK
               : HR_OUTOFMEMORY;
}

/* Control information is read from a template; so it is put into one. */
static bool make_template(const struct plan *plan, struct secret_bytes *template)
{
    return add_object(template, FCP_TEMPLATE, planned(plan));
}

static scm_result make_plan(const struct card_path_element *last, struct bytes parameters,
                            size_t data_len, struct plan *plan, struct secret_bytes *template,
                            struct card_fault *fault)
{
    struct ber_tlv given;

    if (!is_object_list(parameters)) return invalid(fault, "the properties are no data objects");
    if (ber_tlv_find(parameters, FCP_TEMPLATE, &given)) parameters = given.value;
    if (!is_object_list(parameters)) return invalid(fault, "the properties are no data objects");
    if (!secret_bytes_add(&plan->parameters, parameters) || !make_template(plan, template))
        return HR_OUTOFMEMORY;
    plan->fcp = fcp_read(bytes_of(template->data, template->len));
    scm_result result = add_identity(plan, last, fault);
    if (!result_failed(result)) result = add_shape(plan, last, data_len, fault);
    if (result_failed(result)) return result;

    secret_bytes_free(template);
    if (!make_template(plan, template)) return HR_OUTOFMEMORY;
    plan->fcp = fcp_read(bytes_of(template->data, template->len));
    if (plan->fcp.kind == FCP_KIND_DF && data_len > 0)
        return invalid(fault, "a directory has no contents of its own");
    if (plan->fcp.has_size && data_len > plan->fcp.size) return SC_E_WRITE_TOO_MANY;
    return HR_OK;
}

/* Contents into a new file: bytes at once, records one by one. */
static scm_result fill(struct card_files *files, const struct card_path *path, struct bytes data,
                       struct card_fault *fault)
{
    uint32_t handle;
    struct card_path current_file = files->current_file;
    scm_result result = card_files_open(files, path, &handle, fault);

    files->current_file = current_file;
    if (result_failed(result)) return result;
    struct card_file *file = card_files_find(files, handle);
    bool is_fixed = file->kind == FCP_KIND_LINEAR_FIXED || file->kind == FCP_KIND_CYCLIC;
    size_t piece_len = is_fixed && file->record_len ? file->record_len : data.len;
    for (size_t at = 0; at < data.len && !result_failed(result); at += piece_len)
        result = card_file_write(files, file, bytes_slice(data, at, piece_len), CARD_WRITE_UPDATE,
                                 fault);
    card_files_close(files, file);
    return result;
}

static scm_result select_dir(struct card_files *files, const struct card_path *dir,
                             struct card_fault *fault)
{
    const struct card_selection *selection = &files->link->selection;
    struct card_selected selected;

    if (selection->is_known && selection->kind == FCP_KIND_DF &&
        card_path_equal(&selection->path, dir))
        return HR_OK;
    scm_result result = card_files_select(files, dir, STATUS_SELECT_DIR, &selected, fault);
    if (result_failed(result)) return result;
    bool is_ef = selected.fcp.kind != FCP_KIND_DF && selected.fcp.kind != FCP_KIND_UNKNOWN;
    return is_ef && dir->count > 0 ? SC_E_NO_DIR : HR_OK;
}

/* Where a new file is found again: by the identifier it has, or its name. */
static bool path_of_new(const struct card_path *parent, const struct card_path_element *last,
                        const struct plan *plan, struct card_path *path)
{
    *path = *parent;
    if (plan->fcp.has_id) return card_path_add_id(path, plan->fcp.id);
    if (last->kind == CARD_PATH_NAME) path->count = 0;
    if (path->count == CARD_PATH_DEPTH_MAX) return false;
    path->elements[path->count++] = *last;
    return true;
}

/* Whether a card that is asked for a file below the current DF looks nowhere else. */
static bool looks_only_below(const struct card_files *files)
{
    const struct card_select_rules *rules = &files->link->profile.select;
    return rules->by_path || rules->by_kind;
}

/* What is known, before a file is made, of a file of its name. */
enum presence
{
    PRESENCE_UNKNOWN,
    PRESENCE_NONE,
    PRESENCE_THERE,
};

static scm_result look_for(struct card_files *files, const struct card_path *path,
                           enum presence *presence)
{
    struct card_fault fault = card_fault_none();
    struct card_selected selected;

    scm_result result = card_files_select(files, path, STATUS_ACTIVATE, &selected, &fault);
    *presence = result == SC_E_FILE_NOT_FOUND ? PRESENCE_NONE
                : result_failed(result)       ? PRESENCE_UNKNOWN
                                              : PRESENCE_THERE;
    return result_failed(result) && fault.sw == 0 ? result : HR_OK;
}

/* Whether one path leads to something in the directory of another. */
static bool is_below(const struct card_path *path, const struct card_path *dir)
{
    return path->count > dir->count && card_path_begins_with(path, dir);
}

/* A directory that was not there before CREATE FILE is empty now; and stays known to be, while all
 * that is made is made in it by its own path. */
static void note_made(struct card_files *files, const struct card_path *path, bool is_new_dir)
{
    struct card_made_dir *made = &files->made_dir;
    if (is_new_dir)
        *made = (struct card_made_dir){ .is_known = true, .path = *path };
    else if (is_below(path, &made->path))
        made->file_count++;
    else
        made->is_known = false;
}

static void note_deleted(struct card_files *files, const struct card_path *path)
{
    struct card_made_dir *made = &files->made_dir;
    if (card_path_begins_with(&made->path, path)) made->is_known = false;
    if (is_below(path, &made->path) && made->file_count > 0) made->file_count--;
}

static void undo_create(struct card_files *files, const struct card_path *path);

/* Makes a file in the selected directory, and gives it its contents. */
static scm_result make_file(struct card_files *files, const struct card_path *path,
                            struct bytes template, bool is_dir, enum presence presence,
                            struct bytes data, struct card_fault *fault)
{
    struct apdu_command command = apdu_create_file(template);
    scm_result result = card_files_command(files, &command, STATUS_CREATE, NULL, fault);

    card_link_forget_selection(files->link); /* most cards select what they made */
    if (result_failed(result))
    {
        files->made_dir.is_known = false;
        return result;
    }
    note_made(files, path, is_dir && presence == PRESENCE_NONE);
    if (data.len == 0) return HR_OK;
    if (presence == PRESENCE_THERE && looks_only_below(files))
        return invalid(fault,
                       "there was such a file before, though the card says that it made one");
    result = fill(files, path, data, fault);
    if (result_failed(result) && presence == PRESENCE_NONE) undo_create(files, path);
    return result;
}

scm_result card_control_create(struct card_files *files, const struct card_path *parent,
                               const struct card_path_element *last, struct bytes parameters,
                               struct bytes data, struct card_fault *fault)
{
    enum presence presence = PRESENCE_UNKNOWN;
    struct plan plan = { .parameters = secret_bytes_from(&system_memory) };
    struct secret_bytes template = secret_bytes_from(&system_memory);
    struct card_path path;

    scm_result result = make_plan(last, parameters, data.len, &plan, &template, fault);
    bool is_dir = plan.fcp.kind == FCP_KIND_DF;
    if (!result_failed(result) && !path_of_new(parent, last, &plan, &path))
        result = invalid(fault, "the path has too many elements");
    if (!result_failed(result) && (is_dir || data.len > 0))
        result = look_for(files, &path, &presence);
    if (!result_failed(result)) result = select_dir(files, parent, fault);
    if (!result_failed(result))
        result = make_file(files, &path, bytes_of(template.data, template.len), is_dir, presence,
                           data, fault);
    secret_bytes_free(&plan.parameters);
    secret_bytes_free(&template);
    return result;
}

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

/* The same, where it is not selected already; whatever deletes or looks elsewhere forgets that. */
static scm_result ready_target(struct card_files *files, const struct card_path *path,
                               struct card_fault *fault)
{
    const struct card_selection *selection = &files->link->selection;
    struct fcp fcp;

    if (selection->is_known && card_path_equal(&selection->path, path)) return HR_OK;
    return select_named_target(files, path, &fcp, fault);
}

/* Whether an identifier is found as that of an EF, and not as that of a DF. */
static scm_result is_ef_by_selection(struct card_files *files, const struct card_path *path,
                                     bool *is_ef, struct card_fault *fault)
{
    static const enum apdu_select_by kinds[] = { APDU_SELECT_CHILD_DF, APDU_SELECT_EF };
    const struct card_path_element *last = &path->elements[path->count - 1];
    const struct card_select_rules *rules = &files->link->profile.select;
    struct card_path parent = card_path_parent(path);
    scm_result found[2] = { SC_E_FILE_NOT_FOUND, SC_E_FILE_NOT_FOUND };

    *is_ef = false;
    if (last->kind != CARD_PATH_ID || !rules->by_kind) return HR_OK;
    for (size_t i = 0; i < 2; i++)
    {
        struct card_answer answer;
        scm_result result = select_dir(files, &parent, fault);
        if (result_failed(result)) return result;
        struct apdu_command command =
            apdu_select(kinds[i], rules->answer, bytes_of(last->bytes, last->len));
        result = card_exchange(files->link, &command, &answer);
        if (result_failed(result)) return result;
        card_link_forget_selection(files->link);
        found[i] = status_word_result(answer.sw, STATUS_ACTIVATE);
    }
    *is_ef = found[0] == SC_E_FILE_NOT_FOUND && !result_failed(found[1]);
    return HR_OK;
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
        *kind = FCP_KIND_TRANSPARENT;
    else if (answer.sw == SW_NO_CURRENT_EF)
        *kind = FCP_KIND_DF;
    else
        result = is_ef_by_selection(files, path, &is_ef, fault);
    if (is_ef) *kind = FCP_KIND_TRANSPARENT;
    return result;
}

/* Whether nothing lies in a directory: the card counts its files, or we have just made it. That no
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
    enum presence presence;

    *holds = false;
    if (last->kind != CARD_PATH_ID || !looks_only_below(files)) return HR_OK;
    if (!card_path_add_id(&child, card_path_element_id(last))) return HR_OK;
    scm_result result = ready_target(files, path, fault);
    if (!result_failed(result)) result = look_for(files, &child, &presence);
    /* Some cards do not stay where they were when they find nothing. */
    card_link_forget_selection(files->link);
    *holds = !result_failed(result) && presence == PRESENCE_NONE;
    return result;
}

/* Status words of a card that does not take a form of DELETE FILE, and has looked for no file. */
static bool is_form_refused(uint16_t sw)
{
    switch (sw)
    {
    case SW_WRONG_LENGTH:
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_P1_P2:
    case SW_WRONG_OFFSET: /* says "wrong P1-P2" here */
    case 0x6A00:
    case 0x6A80:
    case 0x6A87:
        return true;
    default:
        return false;
    }
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
    scm_result result = card_files_command(files, &command, STATUS_ANY, NULL, fault);
    card_link_forget_selection(files->link);
    return result;
}

/* Without a name, the selected file; there are cards that take their current DF for it all the
 * same, and there an EF has to be named. */
static scm_result delete_unnamed(struct card_files *files, const struct card_path *path,
                                 enum card_delete_form *form, struct card_fault *fault)
{
    scm_result result = ready_target(files, path, fault);
    if (!result_failed(result)) result = send_delete(files, NULL, fault);
    if (!result_failed(result)) *form = CARD_DELETE_UNNAMED;
    return result;
}

/* By its identifier, among the files of the selected directory. Only for cards that have shown that
 * they look at what is named: another would delete the directory. */
static scm_result delete_in_parent(struct card_files *files, const struct card_path *path,
                                   enum card_delete_form *form, struct card_fault *fault)
{
    struct card_path parent = card_path_parent(path);

    scm_result result = select_dir(files, &parent, fault);
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
            result = card_control_delete(files, &child, true, fault);
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
        if (files->open[i] && is_below(&files->open[i]->path, path))
            return "a file in the directory is open";
    return is_below(&files->current_dir, path) ? "the current directory lies in the directory"
                                               : NULL;
}

/* Whether a file may be deleted, or a directory with what is in it. */
static scm_result check_deletion(struct card_files *files, const struct card_path *path,
                                 bool is_recursive, bool *is_dir, struct card_fault *fault)
{
    struct fcp fcp;

    scm_result result = select_named_target(files, path, &fcp, fault);
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

/* The path of a file that was referenced by its short identifier, which DELETE FILE cannot: by the
 * file that the card says has it. */
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

scm_result card_control_delete(struct card_files *files, const struct card_path *path,
                               bool is_recursive, struct card_fault *fault)
{
    struct card_path found = *path;
    bool is_dir = false;
    scm_result result = HR_OK;

    if (path->count == 0) return invalid(fault, "the MF is not deleted");
    bool is_short = path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID;
    if (is_short && files->delete_forms[0] != CARD_DELETE_UNNAMED)
        result = find_by_short_id(files, path, &found, fault);
    if (!result_failed(result))
        result = check_deletion(files, &found, is_recursive, &is_dir, fault);
    if (!result_failed(result))
        result = is_dir ? delete_directory(files, &found, is_recursive, fault)
                        : delete_target(files, &found, false, fault);
    if (result_failed(result)) return result;

    note_deleted(files, &found);
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

/* A file that was made, and could not be filled, goes again: by its identifier, or in a way that
 * has worked before. */
static void undo_create(struct card_files *files, const struct card_path *path)
{
    struct card_fault fault = card_fault_none();
    enum card_delete_form *form = &files->delete_forms[0];
    struct fcp fcp;

    scm_result result = select_named_target(files, path, &fcp, &fault);
    if (result_failed(result) || fcp.kind == FCP_KIND_DF) return;
    if (*form == CARD_DELETE_UNNAMED)
        result = delete_unnamed(files, path, form, &fault);
    else if (path->elements[path->count - 1].kind == CARD_PATH_ID)
        result = delete_named(files, path, false, form, &fault);
    else
        return;
    if (!result_failed(result)) note_deleted(files, path);
}

scm_result card_control_set_active(struct card_files *files, const struct card_path *path,
                                   bool is_active, struct card_fault *fault)
{
    scm_result result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
    if (result_failed(result)) return result;
    struct apdu_command command =
        apdu_on_current_file(is_active ? APDU_INS_ACTIVATE_FILE : APDU_INS_DEACTIVATE_FILE);
    result = card_files_command(files, &command, STATUS_ACTIVATE, NULL, fault);
    card_link_forget_selection(files->link);
    return result;
}

/* Control parameters of a card that told in its own form, or nothing: as far as they are known. */
static scm_result describe(struct card_files *files, const struct card_path *path,
                           const struct fcp *fcp, struct secret_bytes *parameters,
                           struct card_fault *fault)
{
    static const uint8_t descriptors[] = {
        [FCP_KIND_DF] = 0x38,           [FCP_KIND_TRANSPARENT] = 0x01,
        [FCP_KIND_LINEAR_FIXED] = 0x02, [FCP_KIND_LINEAR_VARIABLE] = 0x04,
        [FCP_KIND_CYCLIC] = 0x06,       [FCP_KIND_DATA_OBJECTS] = 0x39,
    };
    const struct card_path_element *last = path->count ? &path->elements[path->count - 1] : NULL;
    const uint8_t size[] = { (uint8_t)(fcp->size >> 8), (uint8_t)fcp->size };
    const uint8_t record_len = (uint8_t)fcp->record_len;
    enum fcp_kind kind = fcp->kind;
    bool is_sure = true, is_added = true;

    if (path->count == 0 || last->kind == CARD_PATH_NAME) kind = FCP_KIND_DF;
    if (kind == FCP_KIND_UNKNOWN)
    {
        scm_result result = card_files_probe_kind(files, &kind, &is_sure, fault);
        if (result_failed(result)) return result;
    }
    if (fcp->has_size) is_added = add_object(parameters, FCP_TAG_SIZE, bytes_of(size, 2));
    if (is_sure && is_added)
    {
        const uint8_t descriptor[] = { descriptors[kind], 0x01, record_len };
        is_added =
            add_object(parameters, FCP_TAG_DESCRIPTOR, bytes_of(descriptor, record_len ? 3 : 1));
    }
    if (is_added && last && last->kind == CARD_PATH_ID)
        is_added = add_object(parameters, FCP_TAG_FILE_ID, bytes_of(last->bytes, last->len));
    if (is_added && last && last->kind == CARD_PATH_NAME)
        is_added = add_object(parameters, FCP_TAG_DF_NAME, bytes_of(last->bytes, last->len));
    const uint8_t life_cycle =
        fcp->life_cycle == FCP_LIFE_DEACTIVATED ? LIFE_DEACTIVATED : LIFE_ACTIVATED;
    if (is_added && fcp->life_cycle != FCP_LIFE_UNKNOWN)
        is_added = add_object(parameters, FCP_TAG_LIFE_CYCLE, bytes_of(&life_cycle, 1));
    return is_added ? HR_OK : HR_OUTOFMEMORY;
}

/* All control parameters of a file, as data objects of our own. */
static scm_result read_parameters(struct card_files *files, const struct card_path *path,
                                  struct secret_bytes *parameters, struct card_fault *fault)
{
    struct card_selected selected;
    scm_result result = card_files_select(files, path, STATUS_ACTIVATE, &selected, fault);
    if (result_failed(result)) return result;
    if (!selected.fcp.template_tag) return describe(files, path, &selected.fcp, parameters, fault);

    struct byte_reader reader = byte_reader_of(selected.fcp.parameters);
    struct ber_tlv object;
    while (ber_tlv_next(&reader, &object))
        if (!secret_bytes_add(parameters, object.whole)) return HR_OUTOFMEMORY;
    return HR_OK;
}

static bool is_usual(uint32_t tag)
{
    switch (tag)
    {
    case FCP_TAG_SIZE:
    case FCP_TAG_TOTAL_SIZE:
    case FCP_TAG_DESCRIPTOR:
    case FCP_TAG_FILE_ID:
    case FCP_TAG_DF_NAME:
    case FCP_TAG_SHORT_ID:
    case FCP_TAG_LIFE_CYCLE:
        return true;
    default:
        return false;
    }
}

static bool tells_ability(uint32_t tag)
{
    switch (tag)
    {
    case FCP_TAG_SIZE:
    case FCP_TAG_DESCRIPTOR:
    case FCP_TAG_SHORT_ID:
    case FCP_TAG_LIFE_CYCLE:
    case FCP_TAG_SECURITY_EXPANDED_REFERENCE:
    case FCP_TAG_SECURITY_COMPACT:
    case FCP_TAG_SECURITY_EXPANDED:
        return true;
    default:
        return false;
    }
}

static bool copy_objects(struct bytes objects, bool (*is_wanted)(uint32_t tag),
                         struct secret_bytes *copy)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct ber_tlv object;
    while (ber_tlv_next(&reader, &object))
        if ((!is_wanted || is_wanted(object.tag)) && !secret_bytes_add(copy, object.whole))
            return false;
    return true;
}

/* Adds an object that the card gave: whole, as its value, or inside a template of discretionary data. */
static bool add_given(struct secret_bytes *properties, uint32_t tag, struct bytes given)
{
    struct ber_tlv object;

    if (ber_tlv_find(given, tag, &object) && object.whole.len == given.len)
        return secret_bytes_add(properties, given);
    bool is_wrapped = ber_tlv_find(given, APDU_DO_DISCRETIONARY, &object) &&
                      object.whole.len == given.len && tag > TAG_IN_P1_P2_MAX;
    return add_object(properties, tag, is_wrapped ? object.value : given);
}

/* GET DATA with the tag in a list: of three bytes, or where the card knows no other way. */
static scm_result get_listed_object(struct card_files *files, uint32_t tag,
                                    struct card_answer *answer, struct card_fault *fault)
{
    uint8_t room[APDU_TAG_LIST_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    struct apdu_command command =
        apdu_get_data_odd(tag, card_link_answer_max(files->link), &writer);

    fault->sw = 0;
    return card_files_command(files, &command, STATUS_READ, answer, fault);
}

/* A data object that is no control parameter. */
static scm_result get_object(struct card_files *files, const struct card_path *path, uint32_t tag,
                             struct secret_bytes *properties, struct card_fault *fault)
{
    struct card_answer answer;

    scm_result result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
    if (result_failed(result)) return result;
    bool has_short_tag = tag <= TAG_IN_P1_P2_MAX;
    if (has_short_tag)
    {
        struct apdu_command command =
            apdu_get_data((uint16_t)tag, card_link_answer_max(files->link));
        result = card_files_command(files, &command, STATUS_READ, &answer, fault);
    }
    if (!has_short_tag || fault->sw == SW_INS_UNSUPPORTED)
        result = get_listed_object(files, tag, &answer, fault);
    if (result_failed(result)) return result;
    return add_given(properties, tag, answer.data) ? HR_OK : HR_OUTOFMEMORY;
}

static scm_result copy_wanted(struct card_files *files, const struct card_path *path,
                              struct bytes parameters, struct bytes tags,
                              struct secret_bytes *properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(tags);
    scm_result result = HR_OK;

    while (reader.rest.len > 0)
    {
        struct ber_tlv object;
        uint32_t tag = ber_tlv_read_tag(&reader);
        if (ber_tlv_find(parameters, tag, &object))
        {
            if (!secret_bytes_add(properties, object.whole)) return HR_OUTOFMEMORY;
            continue;
        }
        struct card_fault missing = card_fault_none();
        scm_result got = get_object(files, path, tag, properties, &missing);
        if (!result_failed(got)) continue;
        if (!missing.sw && got != SC_E_FILE_NOT_FOUND) return got;
        result = got;
        *fault = missing;
    }
    return properties->len > 0 ? HR_OK : result;
}

static bool is_tag_list(struct bytes tags)
{
    struct byte_reader reader = byte_reader_of(tags);
    while (reader.rest.len > 0 && !reader.failed)
        if (ber_tlv_read_tag(&reader) == 0) return false;
    return !reader.failed;
}

scm_result card_control_properties(struct card_files *files, const struct card_path *path,
                                   struct bytes tags, enum card_properties which,
                                   struct secret_bytes *properties, struct card_fault *fault)
{
    struct secret_bytes parameters = secret_bytes_from(&system_memory);

    if (!is_tag_list(tags)) return invalid(fault, "the tags wanted are no tags");
    scm_result result = read_parameters(files, path, &parameters, fault);
    struct bytes all = bytes_of(parameters.data, parameters.len);
    if (!result_failed(result) && tags.len > 0)
        result = copy_wanted(files, path, all, tags, properties, fault);
    else if (!result_failed(result) &&
             !copy_objects(all, which == CARD_PROPERTIES_USUAL ? is_usual : NULL, properties))
        result = HR_OUTOFMEMORY;
    secret_bytes_free(&parameters);
    return result;
}

static bool is_life_cycle(const struct ber_tlv *object)
{
    if (object->value.len != 1) return false;
    uint8_t status = object->value.data[0] & LIFE_EITHER_MASK;
    return status == LIFE_ACTIVATED || status == LIFE_DEACTIVATED;
}

static scm_result check_properties(struct bytes properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(properties);
    struct ber_tlv object;

    if (!is_object_list(properties)) return invalid(fault, "the properties are no data objects");
    while (ber_tlv_next(&reader, &object))
    {
        if (object.tag == FCP_TAG_LIFE_CYCLE && !is_life_cycle(&object))
            return invalid(fault, "a life cycle status can be set to 04 or 05 only");
    }
    return HR_OK;
}

/* PUT DATA: with the tag in P1-P2, or with a list of it where it does not fit or is not known so. */
static scm_result put_object(struct card_files *files, const struct ber_tlv *object,
                             struct card_fault *fault)
{
    struct secret_bytes room = secret_bytes_from(&system_memory);
    scm_result result = HR_OK;

    if (object->tag <= TAG_IN_P1_P2_MAX)
    {
        struct apdu_command command = apdu_put_data((uint16_t)object->tag, object->value);
        result = card_files_command(files, &command, STATUS_WRITE, NULL, fault);
        if (fault->sw != SW_INS_UNSUPPORTED) return result;
    }
    fault->sw = 0;
    room.capacity = APDU_TAG_LIST_MAX + DISCRETIONARY_HEADER_MAX + object->value.len;
    room.data = memory_alloc(room.capacity);
    if (!room.data) return HR_OUTOFMEMORY;
    struct byte_writer writer = byte_writer_of(room.data, room.capacity);
    struct apdu_command command = apdu_put_data_odd(object->tag, object->value, &writer);
    room.len = writer.len;
    result = card_files_command(files, &command, STATUS_WRITE, NULL, fault);
    secret_bytes_free(&room);
    return result;
}

scm_result card_control_set_properties(struct card_files *files, const struct card_path *path,
                                       struct bytes properties, struct card_fault *fault)
{
    struct byte_reader reader = byte_reader_of(properties);
    struct ber_tlv object;

    scm_result result = check_properties(properties, fault);
    while (!result_failed(result) && ber_tlv_next(&reader, &object))
    {
        if (object.tag == FCP_TAG_LIFE_CYCLE)
        {
            bool is_active = (object.value.data[0] & LIFE_EITHER_MASK) == LIFE_ACTIVATED;
            result = card_control_set_active(files, path, is_active, fault);
            continue;
        }
        result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
        if (result_failed(result)) break;
        result = put_object(files, &object, fault);
    }
    return result;
}

/* What EF.ATR/INFO says of the card, or else its historical bytes. */
static scm_result add_card_capabilities(struct card_files *files, struct secret_bytes *capabilities)
{
    static const uint32_t tags[] = { ATR_TAG_SERVICE_DATA, ATR_TAG_CAPABILITIES,
                                     ATR_TAG_EXTENDED_LENGTHS };
    const struct atr *atr = &files->link->atr;
    struct card_fault ignored = card_fault_none();
    struct card_path path = { .is_absolute = true };
    struct card_answer answer = { 0 };
    struct card_selected selected;
    bool is_added = true;

    card_path_add_id(&path, EF_ATR);
    if (!result_failed(card_files_select(files, &path, STATUS_SELECT, &selected, &ignored)))
    {
        struct apdu_command command = apdu_read_binary(0, APDU_SHORT_NE_MAX);
        if (result_failed(card_files_command(files, &command, STATUS_READ, &answer, &ignored)))
            answer.data = bytes_of(NULL, 0);
    }
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]) && is_added; i++)
    {
        struct bytes told = tags[i] == ATR_TAG_SERVICE_DATA   ? atr->service_data
                            : tags[i] == ATR_TAG_CAPABILITIES ? atr->capabilities_value
                                                              : bytes_of(NULL, 0);
        struct ber_tlv object;
        if (ber_tlv_find(answer.data, tags[i], &object))
            is_added = secret_bytes_add(capabilities, object.whole);
        else if (told.len > 0)
            is_added = add_object(capabilities, tags[i], told);
    }
    return is_added ? HR_OK : HR_OUTOFMEMORY;
}

scm_result card_control_capabilities(struct card_files *files, struct secret_bytes *capabilities,
                                     struct card_fault *fault)
{
    struct secret_bytes parameters = secret_bytes_from(&system_memory);
    struct card_path path = files->current_file;

    scm_result result = read_parameters(files, &path, &parameters, fault);
    if (!result_failed(result) &&
        !copy_objects(bytes_of(parameters.data, parameters.len), tells_ability, capabilities))
        result = HR_OUTOFMEMORY;
    secret_bytes_free(&parameters);
    return result_failed(result) ? result : add_card_capabilities(files, capabilities);
}
