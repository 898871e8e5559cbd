/*
 * directory - what files there are in the current directory.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.2.2 (SELECT, occurrences), 12.2.2 (EF.DIR)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/directory.h"

#include "card/files/applications.h"
#include "card/files/finding.h"
#include "card/files/guesses.h"
#include "card/files/known_files.h"
#include "card/files/select.h"
#include "card/files/siblings.h"
#include "card/files/told.h"
#include "iso7816/ber_tlv.h"
#include "system/memory.h"

#define EF_DIR 0x2F00

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

/* Identifiers first and in their order, whoever told of them first. Names stay in the card's. */
static bool stands_before(const struct card_entry *a, const struct card_entry *b)
{
    bool has_ids = a->element.kind == CARD_PATH_ID && b->element.kind == CARD_PATH_ID;
    if (has_ids) return card_path_element_id(&a->element) < card_path_element_id(&b->element);
    return a->element.kind == CARD_PATH_ID && b->element.kind != CARD_PATH_ID;
}

static void put_in_order(struct card_listing *listing)
{
    for (size_t i = 1; i < listing->count; i++)
    {
        struct card_entry entry = listing->entries[i];
        size_t to = i;
        for (; to > 0 && stands_before(&entry, &listing->entries[to - 1]); to--)
            listing->entries[to] = listing->entries[to - 1];
        listing->entries[to] = entry;
    }
}

/* The applications in the MF that EF.DIR does not name. They are no reason to lose the MF's files. */
static scm_result find_by_names(struct card_finding *finding, bool has_ef_dir)
{
    bool is_there;

    if (finding->listing->count > 0 && !card_files_may_return_to_mf(finding->files)) return HR_OK;
    scm_result result = card_applications_step(finding, &is_there);
    if (result_failed(result) || has_ef_dir || is_there) return result;
    return card_applications_try(finding);
}

/* The files that an application is known to have. */
static scm_result find_known_files(struct card_finding *finding,
                                   const struct card_known_application *application)
{
    scm_result result = HR_OK;

    for (size_t i = 0; application && i < CARD_APPLICATION_RANGES_MAX; i++)
    {
        struct card_id_range range = application->files[i];
        for (unsigned id = range.first; range.last && id <= range.last; id++)
        {
            if (result_failed(result)) return result;
            result = card_finding_try(finding, (uint16_t)id);
        }
    }
    return result;
}

/* Selects the directory, and hears what the card says of it. */
static scm_result hear_parameters(struct card_finding *finding, struct secret_bytes *parameters,
                                  const struct card_known_application **application,
                                  struct card_fault *fault)
{
    struct card_fault ignored = card_fault_none();
    struct card_selected selected;
    bool is_mf = finding->dir->count == 0;

    scm_result result = card_files_select(finding->files, finding->dir, STATUS_SELECT_DIR,
                                          &selected, is_mf ? &ignored : fault);
    /* Some cards have a MF, and no way to select it. */
    if (is_mf && result_failed(result) && card_finding_is_answer(&ignored, result)) return HR_OK;
    if (result_failed(result)) return result;
    finding->has_child_count = selected.fcp.has_child_count;
    finding->child_count = selected.fcp.child_count;
    struct bytes name = selected.fcp.name;
    if (!is_mf && name.len == 0)
    {
        const struct card_path_element *last = &finding->dir->elements[finding->dir->count - 1];
        if (last->kind == CARD_PATH_NAME) name = bytes_of(last->bytes, last->len);
    }
    if (!is_mf && name.len > 0) *application = card_known_application_of(name);
    return secret_bytes_add(parameters, selected.fcp.parameters) ? HR_OK : HR_OUTOFMEMORY;
}

/* What the card itself tells of the directory. */
static scm_result hear_card(struct card_finding *finding,
                            const struct card_known_application **application,
                            struct card_fault *fault)
{
    struct secret_bytes parameters = secret_bytes_from(&system_memory);

    *application = NULL;
    scm_result result = hear_parameters(finding, &parameters, application, fault);
    if (!result_failed(result)) result = card_told_by_steps(finding);
    if (!result_failed(result))
        result = card_told_by_parameters(finding, secret_bytes_span(&parameters));
    secret_bytes_free(&parameters);
    return result;
}

/* What the card tells comes first, what is only likely last. */
static scm_result find_all(struct card_finding *finding, struct card_fault *fault)
{
    const struct card_known_application *application;
    bool is_mf = finding->dir->count == 0, has_ef_dir = false;

    /* With the first file it shows how the card selects. */
    scm_result result = is_mf ? card_finding_try(finding, EF_DIR) : HR_OK;
    if (!result_failed(result)) result = hear_card(finding, &application, fault);
    if (!result_failed(result)) result = card_known_files_try(finding);
    if (result_failed(result) || card_finding_is_done(finding)) return result;
    if (card_finding_has(finding, EF_DIR)) result = card_applications_read(finding, &has_ef_dir);
    if (!result_failed(result)) result = find_known_files(finding, application);
    if (!result_failed(result)) result = card_guesses_try(finding);
    if (!result_failed(result)) result = card_told_by_objects(finding);
    if (result_failed(result) || card_finding_is_done(finding)) return result;
    /* EF.DIR lies elsewhere: the way there comes last. */
    if (!is_mf) return card_applications_read(finding, &has_ef_dir);
    return find_by_names(finding, has_ef_dir);
}

scm_result card_directory_list(struct card_files *files, const struct card_path *dir,
                               enum card_filter filter, struct card_listing *listing,
                               struct card_fault *fault)
{
    if ((unsigned)filter > CARD_FILTER_VARIABLE)
    {
        fault->why = "the kind of files is not one of 0 to 7";
        return HR_INVALIDARG;
    }
    struct card_finding *finding = memory_alloc(sizeof(*finding));
    if (!finding) return HR_OUTOFMEMORY;
    finding->files = files;
    finding->dir = dir;
    finding->listing = listing;
    scm_result result = find_all(finding, fault);
    if (!result_failed(result)) result = card_siblings_remove(finding);
    if (!result_failed(result) && !finding->has_looked) result = HR_NOTIMPL;
    listing->is_complete = !result_failed(result) && card_finding_is_done(finding);
    memory_free(finding);
    put_in_order(listing);
    keep_wanted(listing, filter);
    return result;
}
