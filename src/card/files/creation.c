/*
 * creation - files made and filled, activated and deactivated.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 7.4; ISO/IEC 7816-9:2017
 * SPDX-License-Identifier: MIT
 */
#include "card/files/creation.h"

#include "card/files/content.h"
#include "card/files/deletion.h"
#include "card/files/objects.h"
#include "card/files/open.h"
#include "card/files/select.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define DESCRIPTOR_DF          0x38
#define DESCRIPTOR_TRANSPARENT 0x01
#define SHORT_ID_SHIFT         3

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
            return card_fault_invalid(fault,
                                      "the identifier in the properties is not that of the path");
        if (!plan->fcp.has_id) is_added = data_objects_add(&plan->parameters, FCP_TAG_FILE_ID, own);
        break;
    case CARD_PATH_NAME:
        if (plan->fcp.name.len && !bytes_equal(plan->fcp.name, own))
            return card_fault_invalid(fault,
                                      "the DF name in the properties is not that of the path");
        if (!plan->fcp.name.len)
            is_added = data_objects_add(&plan->parameters, FCP_TAG_DF_NAME, own);
        break;
    case CARD_PATH_SHORT_ID:
        if (plan->fcp.short_id && plan->fcp.short_id != last->bytes[0])
            return card_fault_invalid(
                fault, "the short identifier in the properties is not that of the path");
        if (!plan->fcp.short_id)
            is_added =
                data_objects_add(&plan->parameters, FCP_TAG_SHORT_ID, bytes_of(&short_id, 1));
        break;
    default:
        return card_fault_invalid(fault,
                                  "the path does not end with a file's own identifier or name");
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
            return card_fault_invalid(
                fault, "neither the properties nor the data say how long the file is");
        if (!data_objects_add(&plan->parameters, FCP_TAG_DESCRIPTOR, bytes_of(&descriptor, 1)))
            return HR_OUTOFMEMORY;
    }
    else
        is_df = plan->fcp.kind == FCP_KIND_DF;
    if (has_size || is_df || data_len == 0 || fcp_kind_has_records(plan->fcp.kind)) return HR_OK;
    return data_objects_add(&plan->parameters, FCP_TAG_SIZE, bytes_of(size + skipped, 3 - skipped))
               ? HR_OK
               : HR_OUTOFMEMORY;
}

/* Control information is read from a template; so it is put into one. */
static bool make_template(const struct plan *plan, struct secret_bytes *template)
{
    return data_objects_add(template, FCP_TEMPLATE, planned(plan));
}

static scm_result make_plan(const struct card_path_element *last, struct bytes parameters,
                            size_t data_len, struct plan *plan, struct secret_bytes *template,
                            struct card_fault *fault)
{
    struct ber_tlv given;

    if (!data_objects_are_whole(parameters))
        return card_fault_invalid(fault, "the properties are no data objects");
    if (ber_tlv_find(parameters, FCP_TEMPLATE, &given)) parameters = given.value;
    if (!data_objects_are_whole(parameters))
        return card_fault_invalid(fault, "the properties are no data objects");
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
        return card_fault_invalid(fault, "a directory has no contents of its own");
    if (plan->fcp.has_size && data_len > plan->fcp.size) return SC_E_WRITE_TOO_MANY;
    return HR_OK;
}

/* What the card does not tell of a file is as it was asked for. That there are records may have shown
 * by trying; how long they are has not. */
static void learn_planned(struct card_file *file, const struct fcp *planned)
{
    bool has_records = fcp_kind_has_records(file->kind) && fcp_kind_has_records(planned->kind);
    bool is_told = file->is_kind_sure && !(has_records && file->record_len == 0);

    if (is_told || planned->kind == FCP_KIND_UNKNOWN) return;
    file->kind = planned->kind;
    file->is_kind_sure = true;
    file->record_len = planned->record_len;
}

/* Contents into a new file: bytes at once, records one by one. */
static scm_result fill(struct card_files *files, const struct card_path *path,
                       const struct fcp *planned, struct bytes data, struct card_fault *fault)
{
    uint32_t handle;
    struct card_path current_file = files->current_file;
    scm_result result = card_files_open(files, path, &handle, fault);

    files->current_file = current_file;
    if (result_failed(result)) return result;
    struct card_file *file = card_files_find(files, handle);
    learn_planned(file, planned);
    bool is_fixed = file->kind == FCP_KIND_LINEAR_FIXED || file->kind == FCP_KIND_CYCLIC;
    size_t piece_len = is_fixed && file->record_len ? file->record_len : data.len;
    for (size_t at = 0; at < data.len && !result_failed(result); at += piece_len)
        result = card_file_write(files, file, bytes_slice(data, at, piece_len), CARD_WRITE_UPDATE,
                                 fault);
    card_files_close(files, file);
    return result;
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

/* Makes a file in the selected directory, and gives it its contents. */
static scm_result make_file(struct card_files *files, const struct card_path *path,
                            struct bytes template, const struct fcp *planned,
                            enum card_file_presence presence, struct bytes data,
                            struct card_fault *fault)
{
    struct apdu_command command = apdu_create_file(template);
    scm_result result = card_exchange_judged(files->link, &command, STATUS_CREATE, NULL, fault);

    card_files_lose_place(files); /* most cards select what they made */
    if (result_failed(result))
    {
        files->made_dir.is_known = false;
        return result;
    }
    bool is_dir = planned->kind == FCP_KIND_DF;
    card_files_note_made(files, path, is_dir && presence == CARD_FILE_ABSENT);
    if (data.len == 0) return HR_OK;
    if (presence == CARD_FILE_PRESENT && card_files_finds_only_below(files))
        return card_fault_invalid(
            fault, "there was such a file before, though the card says that it made one");
    result = fill(files, path, planned, data, fault);
    if (result_failed(result) && presence == CARD_FILE_ABSENT) card_file_take_back(files, path);
    return result;
}

scm_result card_file_create(struct card_files *files, const struct card_path *parent,
                            const struct card_path_element *last, struct bytes parameters,
                            struct bytes data, struct card_fault *fault)
{
    enum card_file_presence presence = CARD_FILE_DOUBTFUL;
    struct plan plan = { .parameters = secret_bytes_from(&system_memory) };
    struct secret_bytes template = secret_bytes_from(&system_memory);
    struct card_path path;

    scm_result result = make_plan(last, parameters, data.len, &plan, &template, fault);
    bool is_dir = plan.fcp.kind == FCP_KIND_DF;
    if (!result_failed(result) && !path_of_new(parent, last, &plan, &path))
        result = card_fault_invalid(fault, "the path has too many elements");
    if (!result_failed(result) && (is_dir || data.len > 0))
        result = card_files_look_for(files, &path, &presence);
    if (!result_failed(result)) result = card_files_ensure_dir_selected(files, parent, fault);
    if (!result_failed(result))
        result = make_file(files, &path, bytes_of(template.data, template.len), &plan.fcp, presence,
                           data, fault);
    secret_bytes_free(&plan.parameters);
    secret_bytes_free(&template);
    return result;
}

scm_result card_file_set_active(struct card_files *files, const struct card_path *path,
                                bool is_active, struct card_fault *fault)
{
    scm_result result = card_files_ensure_selected(files, path, STATUS_ACTIVATE, fault);
    if (result_failed(result)) return result;
    struct apdu_command command =
        apdu_on_current_file(is_active ? APDU_INS_ACTIVATE_FILE : APDU_INS_DEACTIVATE_FILE);
    result = card_exchange_judged(files->link, &command, STATUS_ACTIVATE, NULL, fault);
    card_files_forget_selection(files);
    return result;
}
