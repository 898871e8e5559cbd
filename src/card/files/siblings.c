/*
 * siblings - files that a card finds by an identifier though they do not lie in the directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 11.2.2 (order of the search by file identifier)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/siblings.h"

#include "card/files/finding.h"
#include "card/files/select.h"

/* So many identifiers of each kind are asked for about one file. */
#define SIGNS_MAX 3

/* Identifiers that tell where a file lies, by being found from there or not. */
struct signs
{
    uint16_t ids[SIGNS_MAX];
    size_t count;
};

struct judgement
{
    struct card_finding *finding;
    struct card_path above;
    struct signs own;    /* of the directory alone */
    struct signs common; /* found from the directory and from the one above */
    struct signs beyond; /* found from above, and not from the directory */
};

static void add_sign(struct signs *signs, uint16_t id)
{
    if (signs->count < SIGNS_MAX) signs->ids[signs->count++] = id;
}

static scm_result is_found_above(struct judgement *judgement, uint16_t id, bool *is_found)
{
    struct card_path path = judgement->above;
    enum card_file_presence presence;

    *is_found = true;
    if (!card_path_add_id(&path, id)) return HR_OK;
    scm_result result = card_files_look_for(judgement->finding->files, &path, &presence);
    *is_found = presence != CARD_FILE_ABSENT;
    /* It may lie elsewhere, and the current DF with it. */
    if (*is_found) card_files_forget_selection(judgement->finding->files);
    return result;
}

/* Selects a file of the listing, and then another by its identifier from there. */
static scm_result is_found_from(struct judgement *judgement, const struct card_entry *entry,
                                uint16_t id, bool *is_found)
{
    struct card_files *files = judgement->finding->files;
    struct card_path path = *judgement->finding->dir, other;
    enum card_file_presence presence;

    *is_found = false;
    bool is_path = card_path_add_id(&path, card_path_element_id(&entry->element));
    other = entry->kind == FCP_KIND_DF ? path : *judgement->finding->dir;
    is_path = is_path && card_path_add_id(&other, id);
    if (!is_path) return HR_OK;
    scm_result result = card_files_look_for(files, &path, &presence);
    if (result_failed(result) || presence != CARD_FILE_PRESENT) return result;
    /* With the current DF known, the other is selected from there and not from the MF. */
    card_files_note_selection(files, &path, path.count, (enum fcp_kind)entry->kind);
    result = card_files_look_for(files, &other, &presence);
    *is_found = presence == CARD_FILE_PRESENT;
    card_files_forget_selection(files);
    return result;
}

/* Whether all of the signs are found from a file; `has_any` whether there are any but the file. */
static scm_result finds_all(struct judgement *judgement, const struct card_entry *entry,
                            const struct signs *signs, bool *finds, bool *has_any)
{
    scm_result result = HR_OK;

    *finds = true;
    *has_any = false;
    for (size_t i = 0; i < signs->count && *finds && !result_failed(result); i++)
    {
        if (signs->ids[i] == card_path_element_id(&entry->element)) continue;
        *has_any = true;
        result = is_found_from(judgement, entry, signs->ids[i], finds);
    }
    return result;
}

/* Whether a file that is found from the directory above, too, lies in the directory. */
static scm_result lies_below(struct judgement *judgement, const struct card_entry *entry,
                             bool *is_below)
{
    bool is_df = entry->kind == FCP_KIND_DF, finds_own, finds_other, has_own, has_other;
    const struct signs *other = is_df ? &judgement->common : &judgement->beyond;

    *is_below = false;
    scm_result result = finds_all(judgement, entry, &judgement->own, &finds_own, &has_own);
    if (result_failed(result) || !finds_own) return result;
    if (has_own && !is_df)
    {
        *is_below = true;
        return HR_OK;
    }
    /* A DF may have such a file itself. But from a DF below, nothing above is found. */
    result = finds_all(judgement, entry, other, &finds_other, &has_other);
    *is_below = has_other ? !finds_other : has_own;
    return result;
}

/* Which files of the listing are found from above as well; and signs for these. */
static scm_result look_above(struct judgement *judgement, bool *is_doubtful)
{
    const struct card_listing *listing = judgement->finding->listing;
    scm_result result = HR_OK;

    for (size_t i = 0; i < listing->count && !result_failed(result); i++)
    {
        uint16_t id = card_path_element_id(&listing->entries[i].element);
        is_doubtful[i] = false;
        if (!id) continue;
        result = is_found_above(judgement, id, &is_doubtful[i]);
        bool is_df = listing->entries[i].kind == FCP_KIND_DF;
        if (!is_df) add_sign(is_doubtful[i] ? &judgement->common : &judgement->own, id);
    }
    return result;
}

/* Whether an identifier is found from above, and not from the directory. */
static scm_result look_beyond_for(struct judgement *judgement, uint16_t id)
{
    const struct card_finding *finding = judgement->finding;
    enum card_file_presence presence = CARD_FILE_ABSENT;
    struct card_path path = *finding->dir;
    bool is_found;

    if (card_finding_has(finding, id)) return HR_OK;
    scm_result result = is_found_above(judgement, id, &is_found);
    if (result_failed(result) || !is_found || !card_path_add_id(&path, id)) return result;
    if (!card_finding_knows(finding, id))
        result = card_files_look_for(finding->files, &path, &presence);
    if (presence == CARD_FILE_ABSENT) add_sign(&judgement->beyond, id);
    card_files_forget_selection(finding->files);
    return result;
}

/* What the directory above finds, and the directory does not: files beside the one above. */
static scm_result look_beyond(struct judgement *judgement)
{
    static const struct card_id_range likely[] = {
        { 0x2F00, 0x2F05 }, { 0x7F00, 0x7F02 }, { 0x7F10, 0x7F2F }, { 0x5015, 0x5015 }
    };
    scm_result result = HR_OK;

    for (size_t i = 0; i < sizeof(likely) / sizeof(likely[0]); i++)
        for (unsigned id = likely[i].first; id <= likely[i].last; id++)
        {
            if (result_failed(result) || judgement->beyond.count > 0) return result;
            result = look_beyond_for(judgement, (uint16_t)id);
        }
    return result;
}

scm_result card_siblings_remove(struct card_finding *finding)
{
    struct card_listing *listing = finding->listing;
    struct judgement judgement = { .finding = finding, .above = card_path_parent(finding->dir) };
    bool is_doubtful[CARD_FINDING_TRIES_MAX];
    size_t doubts = 0, kept = 0;

    bool is_needed = finding->dir->count > 0 && listing->count > 0 &&
                     listing->count <= CARD_FINDING_TRIES_MAX &&
                     finding->dir->elements[finding->dir->count - 1].kind == CARD_PATH_ID;
    if (!is_needed || card_files_finds_only_below(finding->files)) return HR_OK;
    if (finding->files->link->profile.select.answer_is_sim) return HR_OK;
    scm_result result = look_above(&judgement, is_doubtful);
    for (size_t i = 0; i < listing->count && !result_failed(result); i++)
        doubts += is_doubtful[i];
    if (result_failed(result) || doubts == 0) return result;
    bool has_above = judgement.above.count > 0;
    if (has_above && judgement.own.count == 0) result = look_beyond(&judgement);
    for (size_t i = 0; i < listing->count; i++)
    {
        bool is_below = true;
        if (result_failed(result)) return result;
        if (is_doubtful[i]) result = lies_below(&judgement, &listing->entries[i], &is_below);
        if (is_below) listing->entries[kept++] = listing->entries[i];
    }
    listing->count = kept;
    return result;
}
