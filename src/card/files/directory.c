/*
 * directory - what files there are in the current directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.2.2 (SELECT, occurrences), 12.2.2 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/directory.h"

#include "card/files/content.h"
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

/* Everything about one listing under way. */
struct search
{
    struct card_files *files;
    const struct card_path *dir;
    struct card_listing *listing;
    bool has_looked; /* at least one way of looking worked, whether it found something or not */
    struct card_fault *fault;
};

void card_listing_free(struct card_listing *listing)
{
    memory_free(listing->entries);
    *listing = (struct card_listing){ 0 };
}

static bool same_element(const struct card_path_element *a, const struct card_path_element *b)
{
    return a->len > 0 && a->kind == b->kind &&
           bytes_equal(bytes_of(a->bytes, a->len), bytes_of(b->bytes, b->len));
}

static scm_result add_entry(struct card_listing *listing, const struct card_entry *entry)
{
    for (size_t i = 0; i < listing->count; i++)
        if (same_element(&listing->entries[i].element, &entry->element) ||
            same_element(&listing->entries[i].name, &entry->name))
            return HR_OK;
    if (listing->count == listing->capacity)
    {
        size_t capacity = listing->capacity ? 2 * listing->capacity : 16;
        struct card_entry *grown = memory_alloc(capacity * sizeof(*grown));
        if (!grown) return HR_OUTOFMEMORY;
        if (listing->count) memcpy(grown, listing->entries, listing->count * sizeof(*grown));
        memory_free(listing->entries);
        listing->entries = grown;
        listing->capacity = capacity;
    }
    listing->entries[listing->count++] = *entry;
    return HR_OK;
}

static bool set_name(struct card_path_element *element, struct bytes name)
{
    if (name.len == 0 || name.len > CARD_PATH_NAME_MAX) return false;
    element->kind = CARD_PATH_NAME;
    element->len = (uint8_t)name.len;
    memcpy(element->bytes, name.data, name.len);
    return true;
}

static void set_id(struct card_path_element *element, uint16_t id)
{
    struct card_path one = { 0 };
    card_path_add_id(&one, id);
    *element = one.elements[0];
}

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

static scm_result add_application(struct search *search, struct bytes template)
{
    struct card_entry entry = { .kind = FCP_KIND_DF };
    struct ber_tlv aid, path;
    uint16_t id;

    bool has_name = ber_tlv_find(template, DO_AID, &aid) && set_name(&entry.name, aid.value);
    if (ber_tlv_find(template, DO_PATH, &path) && path.value.len > 0)
    {
        if (!is_child_path(search->dir, path.value, &id)) return HR_OK;
        set_id(&entry.element, id);
    }
    else if (has_name && search->dir->count == 0)
        entry.element = entry.name;
    else
        return HR_OK;
    return add_entry(search->listing, &entry);
}

static scm_result add_applications(struct search *search, struct bytes content)
{
    struct byte_reader reader = byte_reader_of(content);
    struct ber_tlv object;
    scm_result result = HR_OK;

    while (!result_failed(result) && ber_tlv_next(&reader, &object))
    {
        if (object.tag == DO_APPLICATION) result = add_application(search, object.value);
        if (object.tag == DO_AID) result = add_application(search, object.whole);
    }
    return result;
}

/* Whether a failure is the card's answer and not that of reader or service. */
static bool is_cards_answer(const struct card_fault *fault, scm_result result)
{
    return fault->sw != 0 || result == SC_W_EOF;
}

/* What EF.DIR holds, in one piece or record by record. Each piece is looked at by itself: a length
 * beyond its record spoils nothing that follows. */
static scm_result read_applications(struct search *search, struct card_file *file, bool *is_empty,
                                    struct card_fault *fault)
{
    scm_result result = HR_OK;
    bool is_whole = false;

    for (unsigned i = 0; i < APDU_RECORD_MAX && !is_whole && !result_failed(result); i++)
    {
        struct secret_bytes piece = secret_bytes_from(&system_memory);
        *fault = card_fault_none();
        result = card_file_read(search->files, file, EF_DIR_LEN_MAX, &piece, fault);
        is_whole = !fcp_kind_has_records(file->kind);
        if (piece.len > 0)
        {
            *is_empty = false;
            scm_result added = add_applications(search, bytes_of(piece.data, piece.len));
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
static scm_result read_ef_dir(struct search *search)
{
    struct card_files *files = search->files;
    struct card_path path = { .is_absolute = true }, current_file = files->current_file;
    struct card_fault fault = card_fault_none();
    bool is_empty = true;
    uint32_t handle;

    card_path_add_id(&path, EF_DIR);
    scm_result result = card_files_open(files, &path, &handle, &fault);
    files->current_file = current_file;
    if (result_failed(result))
    {
        bool is_answered = is_cards_answer(&fault, result) || result == SC_E_NO_FILE;
        return is_answered ? HR_OK : result;
    }
    search->has_looked = true;
    struct card_file *file = card_files_find(files, handle);
    result = read_applications(search, file, &is_empty, &fault);
    bool is_refused = result_failed(result) && is_cards_answer(&fault, result);
    if (is_refused && is_empty && result != SC_W_SECURITY_VIOLATION)
    {
        take_other_structure(file);
        result = read_applications(search, file, &is_empty, &fault);
    }
    card_files_close(files, file);
    return result_failed(result) && is_cards_answer(&fault, result) ? HR_OK : result;
}

/* Applications by the beginning of their names, which may be empty: the first, the next ... */
static scm_result select_applications(struct search *search)
{
    struct card_files *files = search->files;
    struct card_path_element first = { 0 }, last = { 0 };
    struct card_answer answer;
    unsigned occurrence = APDU_SELECT_FIRST;
    scm_result result = HR_OK;

    if (!files->link->atr.capabilities.select_by_partial_name) return HR_OK;
    for (unsigned i = 0; i < APPLICATIONS_MAX; i++, occurrence = APDU_SELECT_NEXT)
    {
        struct apdu_command command = apdu_select(
            APDU_SELECT_NAME, occurrence | files->link->profile.select.answer, bytes_of(NULL, 0));
        result = card_exchange(files->link, &command, &answer);
        if (result_failed(result)) return result;
        if (result_failed(status_word_result(answer.sw, STATUS_ACTIVATE))) break;
        card_files_forget_selection(files);
        struct fcp fcp = fcp_read(answer.data);
        struct card_entry entry = { .kind = FCP_KIND_DF };
        if (!set_name(&entry.name, fcp.name)) break;
        /* Some cards begin again, or stay where they are, instead of ending. */
        if (same_element(&entry.name, &first) || same_element(&entry.name, &last)) break;
        if (i == 0) first = entry.name;
        last = entry.name;
        entry.element = entry.name;
        search->has_looked = true;
        result = add_entry(search->listing, &entry);
        if (result_failed(result)) return result;
    }
    return HR_OK;
}

/* SIMs find more by an identifier than what lies in the directory. Its first byte says where a file
 * belongs. */
static bool is_sims_place(const struct card_path *dir, uint16_t id)
{
    static const struct
    {
        uint8_t parent, child;
    } places[] = { { 0x00, 0x2F }, { 0x00, 0x7F }, { 0x7F, 0x6F }, { 0x7F, 0x5F }, { 0x5F, 0x4F } };
    uint8_t parent = dir->count ? dir->elements[dir->count - 1].bytes[0] : 0;

    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        if (places[i].parent == parent && places[i].child == id >> 8) return true;
    return false;
}

static scm_result try_id(struct search *search, uint16_t id)
{
    struct card_fault fault = card_fault_none();
    struct card_path path = *search->dir;
    struct card_selected selected;
    struct card_entry entry = { .kind = FCP_KIND_UNKNOWN };
    bool is_sure = true;

    if (search->files->link->profile.select.answer_is_sim && !is_sims_place(search->dir, id))
        return HR_OK;
    if (!card_path_add_id(&path, id)) return HR_OK;
    scm_result result = card_files_select(search->files, &path, STATUS_ACTIVATE, &selected, &fault);
    if (result == SC_E_FILE_NOT_FOUND) search->has_looked = true;
    bool is_locked = result == SC_W_SECURITY_VIOLATION || result == SC_E_NO_ACCESS;
    if (result_failed(result) && !is_locked)
        return is_cards_answer(&fault, result) ? HR_OK : result;

    search->has_looked = true;
    entry.kind = selected.fcp.kind;
    set_name(&entry.name, selected.fcp.name);
    set_id(&entry.element, id);
    if (!is_locked && entry.kind == FCP_KIND_UNKNOWN)
    {
        enum fcp_kind kind;
        result = card_files_probe_kind(search->files, &kind, &is_sure);
        if (result_failed(result)) return result;
        if (is_sure) entry.kind = (uint8_t)kind;
    }
    return add_entry(search->listing, &entry);
}

static scm_result try_ranges(struct search *search)
{
    /* A refused class changes the profile, and the ranges with it. */
    const struct card_id_range *ranges = search->files->link->profile.ranges;

    for (size_t i = 0; i < CARD_PROFILE_RANGES_MAX && ranges[i].last; i++)
        for (unsigned id = ranges[i].first; id <= ranges[i].last; id++)
        {
            scm_result result = try_id(search, (uint16_t)id);
            if (result_failed(result)) return result;
        }
    return HR_OK;
}

static bool is_wanted(enum card_filter filter, enum fcp_kind kind)
{
    static const enum fcp_kind kinds[] = {
        [CARD_FILTER_DF] = FCP_KIND_DF,
        [CARD_FILTER_TRANSPARENT] = FCP_KIND_TRANSPARENT,
        [CARD_FILTER_FIXED] = FCP_KIND_LINEAR_FIXED,
        [CARD_FILTER_CYCLIC] = FCP_KIND_CYCLIC,
        [CARD_FILTER_VARIABLE] = FCP_KIND_LINEAR_VARIABLE,
    };
    switch (filter)
    {
    case CARD_FILTER_ALL:
        return true;
    case CARD_FILTER_DIRECTORIES:
        return kind == FCP_KIND_DF;
    case CARD_FILTER_FILES:
        return kind != FCP_KIND_DF;
    default:
        return kinds[filter] == kind;
    }
}

static void keep_wanted(struct card_listing *listing, enum card_filter filter)
{
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++)
        if (is_wanted(filter, listing->entries[i].kind))
            listing->entries[kept++] = listing->entries[i];
    listing->count = kept;
}

scm_result card_directory_list(struct card_files *files, const struct card_path *dir,
                               enum card_filter filter, struct card_listing *listing,
                               struct card_fault *fault)
{
    struct search search = { .files = files, .dir = dir, .listing = listing, .fault = fault };

    if ((unsigned)filter > CARD_FILTER_VARIABLE)
    {
        fault->why = "the kind of files is not one of 0 to 7";
        return HR_INVALIDARG;
    }
    scm_result result = HR_OK;
    if (dir->count > 0) result = card_files_ensure_selected(files, dir, STATUS_SELECT_DIR, fault);
    if (!result_failed(result)) result = try_ranges(&search);
    if (!result_failed(result)) result = read_ef_dir(&search);
    if (!result_failed(result) && dir->count == 0) result = select_applications(&search);
    if (!result_failed(result) && !search.has_looked) result = HR_NOTIMPL;
    keep_wanted(listing, filter);
    return result;
}
