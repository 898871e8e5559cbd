/*
 * told - files of a directory that the card itself tells of.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.4.3, 11.2.2; ISO/IEC 7816-15:2016 clause 8
 * SPDX-License-Identifier: MIT
 */
#include "card/files/told.h"

#include "card/files/cryptographic_objects.h"
#include "card/files/finding.h"
#include "card/files/select.h"
#include "system/memory.h"

/* Control parameters with identifiers, table 10 of the standard. */
#define TAG_EXTENSION            0x87
#define TAG_SECURITY_ENVIRONMENT 0x8D
#define TAG_SHORT_IDS            0xA2
#define TAG_FILE_REFERENCE       0x51
/* No card has more files in a directory, but one that goes round in circles. */
#define STEPS_MAX 512
/* The DF of PKCS#15, where EF.DIR does not say otherwise. */
#define DF_PKCS15 0x5015

/* A file that a path leads to, where it lies in the directory. */
static scm_result try_path(struct card_finding *finding, const struct card_path *path)
{
    if (path->count != finding->dir->count + 1) return HR_OK;
    if (!card_path_begins_with(path, finding->dir)) return HR_OK;
    uint16_t id = card_path_element_id(&path->elements[path->count - 1]);
    return id ? card_finding_try(finding, id) : HR_OK;
}

static scm_result try_reference(struct card_finding *finding, struct bytes ids)
{
    struct card_path path;
    return card_object_path(finding->dir, ids, &path) ? try_path(finding, &path) : HR_OK;
}

scm_result card_told_by_parameters(struct card_finding *finding, struct bytes parameters)
{
    struct byte_reader reader = byte_reader_of(parameters);
    struct ber_tlv object, reference;
    scm_result result = HR_OK;

    while (!result_failed(result) && ber_tlv_next(&reader, &object))
    {
        struct byte_reader inner = byte_reader_of(object.value);
        if (object.tag == TAG_EXTENSION || object.tag == TAG_SECURITY_ENVIRONMENT)
            result = try_reference(finding, object.value);
        if (object.tag != TAG_SHORT_IDS) continue;
        while (!result_failed(result) && ber_tlv_next(&inner, &reference))
            if (reference.tag == TAG_FILE_REFERENCE)
                result = try_reference(finding, reference.value);
    }
    return result;
}

/* An EF that a step has led to. */
static scm_result add_step(struct card_finding *finding, const struct fcp *fcp)
{
    struct card_entry entry = { .kind = (uint8_t)fcp->kind };

    card_finding_set_id(&entry.element, fcp->id);
    card_finding_note(finding, fcp->id);
    finding->has_looked = true;
    return card_finding_add(finding, &entry);
}

/* SELECT of the next file until there is none. A DF in between becomes the current one, and what
 * follows may be its files: so those are looked for by their identifiers. */
static scm_result step(struct card_finding *finding, enum apdu_select_by by, bool *is_told)
{
    struct card_files *files = finding->files;
    uint16_t later[STEPS_MAX];
    size_t later_count = 0;
    bool is_below = false, has_ended = false;
    scm_result result = HR_OK;

    *is_told = false;
    for (unsigned i = 0; i < STEPS_MAX && !result_failed(result); i++)
    {
        struct apdu_command command = apdu_select(
            by, APDU_SELECT_NEXT | files->link->profile.select.answer, bytes_of(NULL, 0));
        struct card_answer answer;
        result = card_exchange(files->link, &command, &answer);
        if (result_failed(result)) return result;
        has_ended = answer.sw == SW_FILE_NOT_FOUND && i > 0;
        if (result_failed(status_word_result(answer.sw, STATUS_ACTIVATE))) break;
        card_files_lose_place(files);
        struct fcp fcp = fcp_read(answer.data);
        bool is_file = fcp.has_id && fcp.id != CARD_PATH_MF && fcp.kind != FCP_KIND_UNKNOWN;
        /* Some cards begin again, or take this for another command. */
        if (!is_file || card_finding_knows(finding, fcp.id)) break;
        is_below = is_below || fcp.kind == FCP_KIND_DF;
        if (is_below)
            later[later_count++] = fcp.id;
        else
            result = add_step(finding, &fcp);
    }
    for (size_t i = 0; i < later_count && !result_failed(result); i++)
        result = card_finding_try(finding, later[i]);
    *is_told = has_ended && !is_below;
    return result;
}

scm_result card_told_by_steps(struct card_finding *finding)
{
    const struct card_profile *profile = &finding->files->link->profile;
    bool is_mf = finding->dir->count == 0, is_told = false;
    scm_result result;

    if (profile->select.answer_is_sim || profile->select.answer == APDU_SELECT_NO_ANSWER)
        return HR_OK;
    result = step(finding, is_mf ? APDU_SELECT_ID : APDU_SELECT_EF, &is_told);
    /* Of EFs alone, DFs are not told. */
    finding->is_told = is_told && is_mf;
    return result;
}

/* The files of a directory of objects. */
static scm_result try_objects(struct card_finding *finding, const struct card_path *application,
                              const struct card_path *directory)
{
    struct secret_bytes contents = secret_bytes_from(&system_memory);
    struct cryptographic_path place;
    struct ber_tlv object;
    struct card_path path;

    scm_result result = card_object_file_read(finding->files, directory, &contents);
    struct byte_reader reader = byte_reader_of(secret_bytes_span(&contents));
    while (!result_failed(result) && cryptographic_next_object(&reader, &object))
    {
        if (!cryptographic_object_path(object.value, &place)) continue;
        if (card_object_path(application, place.ids, &path)) result = try_path(finding, &path);
    }
    secret_bytes_free(&contents);
    return result;
}

scm_result card_told_by_objects(struct card_finding *finding)
{
    struct card_path application = *finding->dir;
    struct card_object_directories directories;

    if (!card_finding_has(finding, CRYPTOGRAPHIC_EF_OD))
    {
        if (!card_finding_has(finding, DF_PKCS15)) return HR_OK;
        if (!card_path_add_id(&application, DF_PKCS15)) return HR_OK;
    }
    scm_result result = card_object_directories_read(finding->files, &application, &directories);
    for (size_t i = 0; i < directories.count && !result_failed(result); i++)
    {
        result = try_path(finding, &directories.all[i].path);
        if (result_failed(result)) break;
        result = try_objects(finding, &application, &directories.all[i].path);
    }
    return result;
}
