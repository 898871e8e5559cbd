/*
 * known_files - files and applications that the card's profile names, and perhaps nothing else.
 * Layer: card/files.
 * SPDX-License-Identifier: MIT
 */
#include "card/files/known_files.h"

#include "base/hex_digits.h"
#include "card/files/finding.h"
#include "card/files/select.h"
#include "card/profile/profile_files.h"
#include "card/profile/profile_search.h"

/* Which element of a known file's path lies in the directory: its identifier; 0 where none does. */
static uint16_t id_in(const struct card_known_file *file, const struct card_path *dir)
{
    size_t depth = 0;

    if (file->name_len)
    {
        const struct card_path_element *first = &dir->elements[0];
        bool is_same =
            dir->count > 0 && first->kind == CARD_PATH_NAME &&
            bytes_equal(bytes_of(first->bytes, first->len), bytes_of(file->name, file->name_len));
        if (!is_same) return 0;
        depth = 1;
    }
    size_t count = dir->count - depth;
    if (count >= file->id_count) return 0;
    for (size_t i = 0; i < count; i++)
        if (card_path_element_id(&dir->elements[depth + i]) != file->ids[i]) return 0;
    return file->ids[count];
}

/* The bytes that a name begins with for certain. @return false where it cannot be asked for. */
static bool certain_bytes(const char *pattern, struct card_path_element *name)
{
    uint8_t bytes[CARD_PATH_NAME_MAX];
    size_t len = 0;

    for (; pattern[0] && pattern[0] != '*'; pattern += 2)
    {
        if (pattern[0] == '.' || len == sizeof(bytes)) return false;
        bytes[len++] = (uint8_t)(hex_digit_value((uint8_t)pattern[0]) * 16 +
                                 hex_digit_value((uint8_t)pattern[1]));
    }
    return card_finding_set_name(name, bytes_of(bytes, len));
}

static scm_result try_name(struct card_finding *finding, const char *pattern)
{
    struct card_path path = { .is_absolute = true, .count = 1 };
    struct card_entry entry = { .kind = FCP_KIND_DF };
    struct card_fault fault = card_fault_none();
    struct card_selected selected;

    if (!certain_bytes(pattern, &path.elements[0])) return HR_OK;
    scm_result result =
        card_files_select(finding->files, &path, STATUS_ACTIVATE, &selected, &fault);
    bool is_locked = result == SC_W_SECURITY_VIOLATION || result == SC_E_NO_ACCESS;
    if (result_failed(result) && !is_locked)
        return card_finding_is_answer(&fault, result) ? HR_OK : result;
    finding->has_looked = true;
    /* The card may know it by a longer name than the profile. */
    bool is_told = !is_locked && selected.fcp.name.len > 0 &&
                   card_profile_atr_fits(pattern, selected.fcp.name) &&
                   card_finding_set_name(&entry.name, selected.fcp.name);
    if (!is_told) entry.name = path.elements[0];
    entry.element = entry.name;
    return card_finding_add(finding, &entry);
}

/* Asks for applications; `*left` is how many may still be asked for. */
static scm_result try_names(struct card_finding *finding,
                            const struct card_application *applications, size_t count, size_t *left)
{
    scm_result result = HR_OK;

    for (size_t i = 0; i<count && * left> 0 && !result_failed(result); i++, (*left)--)
        result = try_name(finding, applications[i].name);
    return result;
}

scm_result card_known_files_try(struct card_finding *finding)
{
    /* A profile that the card refuses is exchanged for another: what the row says lasts. */
    const struct card_profile profile = finding->files->link->profile;
    const struct card_profile_files *files = card_profile_files();
    size_t left = CARD_KNOWN_NAMES_MAX;
    scm_result result = HR_OK;

    for (size_t i = 0; i < profile.known_file_count && !result_failed(result); i++)
    {
        uint16_t id = id_in(&profile.known_files[i], finding->dir);
        if (id) result = card_finding_try(finding, id);
    }
    if (result_failed(result) || finding->dir->count > 0) return result;
    result = try_names(finding, profile.applications, profile.application_count, &left);
    for (size_t i = 0; i < files->count && !result_failed(result); i++)
        result = try_names(finding, files->sources[i].text.applications,
                           files->sources[i].text.common_count, &left);
    return result;
}
