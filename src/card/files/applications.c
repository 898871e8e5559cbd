/*
 * applications - what applications a card has.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.2.2 (SELECT, occurrences), 12.2.2 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/applications.h"

#include "base/hex_digits.h"
#include "card/files/content.h"
#include "card/files/finding.h"
#include "card/files/open.h"
#include "card/files/select.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define EF_DIR         0x2F00
#define DO_APPLICATION 0x61
#define DO_AID         0x4F
#define DO_PATH        0x51
/* A card that goes on naming applications has no end. */
#define APPLICATIONS_MAX 64
/* More than any EF.DIR has, read in as many commands at worst. */
#define EF_DIR_LEN_MAX 4096

/* ---- EF.DIR ---- */

/* Whether a path object of EF.DIR leads to a child of the directory; its identifier. */
static bool is_child_path(const struct card_path *dir, struct bytes path, uint16_t *id)
{
    struct byte_reader reader = byte_reader_of(path);
    size_t count = path.len / 2;

    if (path.len % 2 || count == 0) return false;
    if (byte_reader_u16(&reader) != CARD_PATH_MF)
        reader = byte_reader_of(path);
    else
        count--;
    if (count != dir->count + 1u) return false;
    for (size_t i = 0; i < dir->count; i++)
        if (byte_reader_u16(&reader) != card_path_element_id(&dir->elements[i])) return false;
    *id = byte_reader_u16(&reader);
    return !reader.failed;
}

static scm_result add_application(struct card_finding *finding, struct bytes template)
{
    struct card_entry entry = { .kind = FCP_KIND_DF };
    struct ber_tlv aid, path;
    uint16_t id;

    bool has_name =
        ber_tlv_find(template, DO_AID, &aid) && card_finding_set_name(&entry.name, aid.value);
    if (ber_tlv_find(template, DO_PATH, &path) && path.value.len > 0)
    {
        if (!is_child_path(finding->dir, path.value, &id)) return HR_OK;
        card_finding_set_id(&entry.element, id);
        card_finding_note(finding, id);
    }
    else if (has_name && finding->dir->count == 0)
        entry.element = entry.name;
    else
        return HR_OK;
    return card_finding_add(finding, &entry);
}

static scm_result add_applications(struct card_finding *finding, struct bytes content)
{
    struct byte_reader reader = byte_reader_of(content);
    struct ber_tlv object;
    scm_result result = HR_OK;

    while (!result_failed(result) && ber_tlv_next(&reader, &object))
    {
        if (object.tag == DO_APPLICATION) result = add_application(finding, object.value);
        if (object.tag == DO_AID) result = add_application(finding, object.whole);
    }
    return result;
}

/* What EF.DIR holds, in one piece or record by record. Each piece is looked at by itself: a length
 * beyond its record spoils nothing that follows. */
static scm_result read_applications(struct card_finding *finding, struct card_file *file,
                                    bool *is_empty, struct card_fault *fault)
{
    scm_result result = HR_OK;
    bool is_whole = false;

    for (unsigned i = 0; i < APDU_RECORD_MAX && !is_whole && !result_failed(result); i++)
    {
        struct secret_bytes piece = secret_bytes_from(&system_memory);
        *fault = card_fault_none();
        result = card_file_read(finding->files, file, EF_DIR_LEN_MAX, &piece, fault);
        is_whole = !fcp_kind_has_records(file->kind);
        if (piece.len > 0)
        {
            *is_empty = false;
            scm_result added = add_applications(finding, bytes_of(piece.data, piece.len));
            if (result_failed(added)) result = added;
        }
        secret_bytes_free(&piece);
    }
    return result;
}

/* The other structure, for a card that says the wrong one. */
static void take_other_structure(struct card_file *file)
{
    file->kind = fcp_kind_has_records(file->kind) ? FCP_KIND_TRANSPARENT : FCP_KIND_LINEAR_VARIABLE;
    file->is_kind_sure = true;
    file->has_size = false;
    file->position = 0;
}

/* All of EF.DIR, which has records or is transparent. */
scm_result card_applications_read(struct card_finding *finding, bool *is_there)
{
    struct card_files *files = finding->files;
    struct card_path path = { .is_absolute = true }, current_file = files->current_file;
    struct card_fault fault = card_fault_none();
    bool is_empty = true;
    uint32_t handle;

    *is_there = false;
    card_path_add_id(&path, EF_DIR);
    scm_result result = card_files_open(files, &path, &handle, &fault);
    files->current_file = current_file;
    if (result_failed(result))
    {
        bool is_answered = card_finding_is_answer(&fault, result) || result == SC_E_NO_FILE;
        return is_answered ? HR_OK : result;
    }
    *is_there = finding->has_looked = true;
    struct card_file *file = card_files_find(files, handle);
    result = read_applications(finding, file, &is_empty, &fault);
    bool is_refused = result_failed(result) && card_finding_is_answer(&fault, result);
    if (is_refused && is_empty && result != SC_W_SECURITY_VIOLATION)
    {
        take_other_structure(file);
        result = read_applications(finding, file, &is_empty, &fault);
    }
    card_files_close(files, file);
    return result_failed(result) && card_finding_is_answer(&fault, result) ? HR_OK : result;
}

/* ---- names ---- */

/* Applications by the beginning of their names, which may be empty: the first, the next ... */
scm_result card_applications_step(struct card_finding *finding, bool *is_there)
{
    struct card_files *files = finding->files;
    struct card_path_element first = { 0 }, last = { 0 };
    struct card_answer answer;
    unsigned occurrence = APDU_SELECT_FIRST;
    scm_result result = HR_OK;

    *is_there = false;
    if (!files->link->atr.capabilities.select_by_partial_name) return HR_OK;
    for (unsigned i = 0; i < APPLICATIONS_MAX; i++, occurrence = APDU_SELECT_NEXT)
    {
        struct apdu_command command = apdu_select(
            APDU_SELECT_NAME, occurrence | files->link->profile.select.answer, bytes_of(NULL, 0));
        result = card_exchange(files->link, &command, &answer);
        if (result_failed(result)) return result;
        if (result_failed(status_word_result(answer.sw, STATUS_ACTIVATE))) break;
        card_files_lose_place(files);
        struct fcp fcp = fcp_read(answer.data);
        struct card_entry entry = { .kind = FCP_KIND_DF };
        if (!card_finding_set_name(&entry.name, fcp.name)) break;
        /* Some cards begin again, or stay where they are, instead of ending. */
        if (card_path_element_equal(&entry.name, &first) ||
            card_path_element_equal(&entry.name, &last))
            break;
        if (i == 0) first = entry.name;
        last = entry.name;
        entry.element = entry.name;
        *is_there = finding->has_looked = true;
        result = card_finding_add(finding, &entry);
        if (result_failed(result)) return result;
    }
    return HR_OK;
}

/* Status words of a card that knows no names, or wants another kind of them. */
static bool is_way_refused(uint16_t sw)
{
    return status_word_refuses_p1_p2(sw) || sw == SW_INS_UNSUPPORTED || sw == SW_CLA_UNSUPPORTED;
}

static size_t aid_bytes(const char *aid, uint8_t bytes[CARD_PATH_NAME_MAX])
{
    size_t len = 0;
    for (; aid[0] && len < CARD_PATH_NAME_MAX; aid += 2)
        bytes[len++] = (uint8_t)(hex_digit_value(aid[0]) * 16 + hex_digit_value(aid[1]));
    return len;
}

static bool begins_with(struct bytes name, struct bytes beginning)
{
    return bytes_equal(bytes_slice(name, 0, beginning.len), beginning);
}

const struct card_known_application *card_known_application_of(struct bytes name)
{
    uint8_t aid[CARD_PATH_NAME_MAX];

    for (size_t i = 0; i < card_known_applications_count; i++)
    {
        size_t len = aid_bytes(card_known_applications[i].aid, aid);
        if (begins_with(name, bytes_of(aid, len))) return &card_known_applications[i];
    }
    return NULL;
}

/* Whether an application is in the listing already, under its name or a longer one. */
static bool is_listed(const struct card_finding *finding, struct bytes aid)
{
    for (size_t i = 0; i < finding->listing->count; i++)
    {
        const struct card_path_element *name = &finding->listing->entries[i].name;
        if (name->len > 0 && begins_with(bytes_of(name->bytes, name->len), aid)) return true;
    }
    return false;
}

/* One SELECT by name. `told` is what the card says its name is, empty where it does not. */
static scm_result ask_for(struct card_finding *finding, struct bytes aid, struct card_fault *fault,
                          struct card_entry *entry, bool *is_there)
{
    struct card_path path = { .is_absolute = true, .count = 1 };
    struct card_selected selected;

    *entry = (struct card_entry){ .kind = FCP_KIND_DF };
    *is_there = false;
    card_finding_set_name(&path.elements[0], aid);
    /* By its name it is found from anywhere. */
    card_files_forget_selection(finding->files);
    scm_result result = card_files_select(finding->files, &path, STATUS_ACTIVATE, &selected, fault);
    if (result_failed(result)) return card_finding_is_answer(fault, result) ? HR_OK : result;
    *is_there = true;
    card_finding_set_name(&entry->name, selected.fcp.name);
    /* It is a DF that was found by its identifier, and told no name then. */
    if (selected.fcp.has_id && card_finding_has(finding, selected.fcp.id)) *is_there = false;
    return HR_OK;
}

/* A name that no application has. A card that finds it finds every name. */
static scm_result finds_any_name(struct card_finding *finding, bool *finds)
{
    static const uint8_t none[] = { 0xF0, 0xB5, 0xE9, 0x00, 0xB5, 0xE9, 0x00, 0xB5 };
    struct card_fault fault = card_fault_none();
    struct card_entry ignored;

    return ask_for(finding, bytes_of(none, sizeof(none)), &fault, &ignored, finds);
}

static scm_result try_application(struct card_finding *finding, struct bytes aid, bool *is_useless)
{
    struct card_fault fault = card_fault_none();
    struct card_entry entry;
    bool is_there;

    if (is_listed(finding, aid)) return HR_OK;
    scm_result result = ask_for(finding, aid, &fault, &entry, &is_there);
    if (result_failed(result)) return result;
    *is_useless = is_way_refused(fault.sw);
    if (!is_there) return HR_OK;
    bool is_told = begins_with(bytes_of(entry.name.bytes, entry.name.len), aid);
    if (!is_told)
    {
        result = finds_any_name(finding, is_useless);
        if (result_failed(result) || *is_useless) return result;
        card_finding_set_name(&entry.name, aid);
    }
    entry.element = entry.name;
    finding->has_looked = true;
    return card_finding_add(finding, &entry);
}

scm_result card_applications_try(struct card_finding *finding)
{
    struct card_files *files = finding->files;
    struct card_path mf = { .is_absolute = true };
    struct card_fault ignored = card_fault_none();
    uint8_t aid[CARD_PATH_NAME_MAX];
    bool is_useless = files->link->profile.select.asks_no_names;
    scm_result result = HR_OK;

    if (is_useless) return HR_OK;
    for (size_t i = 0; i < card_known_applications_count && !is_useless; i++)
    {
        size_t len = aid_bytes(card_known_applications[i].aid, aid);
        result = try_application(finding, bytes_of(aid, len), &is_useless);
        if (result_failed(result)) return result;
    }
    result = card_files_ensure_selected(files, &mf, STATUS_SELECT_DIR, &ignored);
    return result_failed(result) && !card_finding_is_answer(&ignored, result) ? result : HR_OK;
}
