/*
 * finding - one listing under way: identifiers are asked for, and what is there is noted.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 7.3 (file referencing)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/finding.h"

#include "card/files/select.h"
#include "system/memory.h"

/* An identifier that no card has, but one that finds whatever it is asked for. */
#define ID_OF_NONE 0xB5E9
/* So many hits without a miss are a reason to ask for it. */
#define HITS_TO_DOUBT 12
/* So many answers that say nothing of the file are those of a card that knows no identifiers. */
#define SILENT_MAX 4

static bool has_bit(const uint8_t *bits, uint16_t id)
{
    return bits[id / 8] >> id % 8 & 1;
}

static void set_bit(uint8_t *bits, uint16_t id)
{
    bits[id / 8] |= (uint8_t)(1u << id % 8);
}

bool card_finding_has(const struct card_finding *finding, uint16_t id)
{
    return has_bit(finding->is_there, id);
}

bool card_finding_knows(const struct card_finding *finding, uint16_t id)
{
    return has_bit(finding->is_tried, id);
}

bool card_finding_is_spent(const struct card_finding *finding)
{
    bool is_useless = finding->tries >= SILENT_MAX && !finding->has_looked;
    return finding->tries >= CARD_FINDING_TRIES_MAX || finding->finds_all || is_useless;
}

bool card_finding_is_done(const struct card_finding *finding)
{
    size_t with_id = 0;

    if (finding->is_told) return true;
    if (!finding->has_child_count) return false;
    for (size_t i = 0; i < finding->listing->count; i++)
        if (finding->listing->entries[i].element.kind == CARD_PATH_ID) with_id++;
    return with_id >= finding->child_count;
}

bool card_finding_is_answer(const struct card_fault *fault, scm_result result)
{
    return fault->sw != 0 || result == SC_W_EOF;
}

bool card_finding_set_name(struct card_path_element *element, struct bytes name)
{
    if (name.len == 0 || name.len > CARD_PATH_NAME_MAX) return false;
    element->kind = CARD_PATH_NAME;
    element->len = (uint8_t)name.len;
    memcpy(element->bytes, name.data, name.len);
    return true;
}

void card_finding_set_id(struct card_path_element *element, uint16_t id)
{
    struct card_path one = { 0 };
    card_path_add_id(&one, id);
    *element = one.elements[0];
}

static bool same_element(const struct card_path_element *a, const struct card_path_element *b)
{
    return a->len > 0 && card_path_element_equal(a, b);
}

scm_result card_finding_add(struct card_finding *finding, const struct card_entry *entry)
{
    struct card_listing *listing = finding->listing;

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

void card_finding_note(struct card_finding *finding, uint16_t id)
{
    set_bit(finding->is_tried, id);
    set_bit(finding->is_there, id);
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

/* Identifiers with a meaning of their own, which are no file's; clause 7.3.1. */
static bool is_reserved(uint16_t id)
{
    return id == CARD_PATH_MF || id == CARD_PATH_CURRENT_DF || id == 0x0000 || id == 0xFFFF;
}

/* Selects a file of the directory. `entry` says what it is, where it is there. */
static scm_result ask_for(struct card_finding *finding, uint16_t id, bool *is_there,
                          struct card_entry *entry)
{
    struct card_files *files = finding->files;
    struct card_fault fault = card_fault_none();
    struct card_path path = *finding->dir;
    struct card_selected selected;
    bool is_sure = true;

    *is_there = false;
    *entry = (struct card_entry){ .kind = FCP_KIND_UNKNOWN };
    if (!card_path_add_id(&path, id)) return HR_OK;
    scm_result result = card_files_select(files, &path, STATUS_ACTIVATE, &selected, &fault);
    if (result == SC_E_FILE_NOT_FOUND) finding->has_looked = true;
    bool is_locked = result == SC_W_SECURITY_VIOLATION || result == SC_E_NO_ACCESS;
    if (result_failed(result) && !is_locked)
        return card_finding_is_answer(&fault, result) ? HR_OK : result;

    *is_there = true;
    entry->kind = selected.fcp.kind;
    card_finding_set_name(&entry->name, selected.fcp.name);
    card_finding_set_id(&entry->element, id);
    if (!is_locked && entry->kind == FCP_KIND_UNKNOWN)
    {
        enum fcp_kind kind;
        result = card_files_probe_kind(files, &kind, &is_sure);
        if (!result_failed(result) && is_sure) entry->kind = (uint8_t)kind;
    }
    else
        result = HR_OK;
    /* It may lie beside the directory, and the current DF with it. */
    if (finding->dir->count > 0 && !card_files_finds_only_below(files))
        card_files_forget_selection(files);
    return result;
}

/* Where nothing was missing so far, perhaps nothing ever is. */
static scm_result doubt_hits(struct card_finding *finding)
{
    struct card_entry ignored;

    if (finding->hits != HITS_TO_DOUBT || finding->tries != HITS_TO_DOUBT) return HR_OK;
    return ask_for(finding, ID_OF_NONE, &finding->finds_all, &ignored);
}

scm_result card_finding_try(struct card_finding *finding, uint16_t id)
{
    struct card_entry entry;
    bool is_there;

    if (card_finding_knows(finding, id) || card_finding_is_spent(finding)) return HR_OK;
    if (is_reserved(id)) return HR_OK;
    set_bit(finding->is_tried, id);
    if (finding->files->link->profile.select.answer_is_sim && !is_sims_place(finding->dir, id))
        return HR_OK;
    finding->tries++;
    scm_result result = ask_for(finding, id, &is_there, &entry);
    if (result_failed(result) || !is_there) return result;
    finding->hits++;
    finding->has_looked = true;
    set_bit(finding->is_there, id);
    result = card_finding_add(finding, &entry);
    return result_failed(result) ? result : doubt_hits(finding);
}
