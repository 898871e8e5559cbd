/*
 * select - files selected, in the ways that the card knows.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.3 (file referencing), 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/select.h"

#include "card/files/info.h"

#define ID_LEN 2

/* Status words of a card that does not know this way of selecting. */
static bool is_form_refused(uint16_t sw)
{
    switch (sw)
    {
    case SW_WRONG_P1_P2:
    case SW_FUNCTION_UNSUPPORTED:
    case SW_WRONG_OFFSET: /* says "wrong P1-P2" in all commands but those with an offset */
    case 0x6A00:
    case 0x6A87:
    case SW_WRONG_LENGTH:
        return true;
    default:
        return false;
    }
}

/* SELECT, asking for the best answer that the card gives. */
static scm_result send_select(struct card_files *files, enum apdu_select_by by, struct bytes data,
                              struct card_answer *answer)
{
    static const uint8_t answers[] = { APDU_SELECT_FCP, APDU_SELECT_FCI, APDU_SELECT_NO_ANSWER };
    struct card_select_rules *rules = &files->link->profile.select;
    uint8_t first = rules->answer;
    struct apdu_command command = apdu_select(by, first, data);

    scm_result result = card_exchange(files->link, &command, answer);
    if (result_failed(result) || !is_form_refused(answer->sw))
    {
        if (!result_failed(result) &&
            !result_failed(status_word_result(answer->sw, STATUS_ACTIVATE)))
            files->is_answer_proven = true;
        return result;
    }
    for (size_t i = 0; i < sizeof(answers) && !files->is_answer_proven; i++)
    {
        if (answers[i] == first) continue;
        command = apdu_select(by, answers[i], data);
        result = card_exchange(files->link, &command, answer);
        if (result_failed(result)) return result;
        if (is_form_refused(answer->sw)) continue;
        /* Not found is an answer as well: P2 was understood. */
        rules->answer = answers[i];
        files->is_answer_proven = true;
    }
    return HR_OK;
}

static bool is_success(uint16_t sw)
{
    return !result_failed(status_word_result(sw, STATUS_ACTIVATE));
}

/* Keeps track of what is selected now. */
static void note_selection(struct card_files *files, const struct card_path *path, size_t count,
                           enum fcp_kind kind, uint16_t sw)
{
    if (is_success(sw))
    {
        card_files_note_selection(files, path, count, kind);
        files->has_worked = true;
    }
    else if (status_word_result(sw, STATUS_SELECT) != SC_E_FILE_NOT_FOUND)
        card_files_forget_selection(files);
    /* What was not found leaves the selection as it was. */
}

static struct fcp read_answer(const struct card_files *files, struct bytes answer)
{
    struct fcp fcp = fcp_read(answer);
    bool is_sim = files->link->profile.select.answer_is_sim && !fcp.template_tag;
    return is_sim ? fcp_read_sim(answer) : fcp;
}

/* One identifier below the current DF. */
static scm_result select_child(struct card_files *files, struct bytes id, bool is_last,
                               struct card_answer *answer)
{
    static const enum apdu_select_by by_kind[] = { APDU_SELECT_EF, APDU_SELECT_CHILD_DF };
    struct card_select_rules *rules = &files->link->profile.select;
    scm_result result = HR_OK;

    for (size_t i = is_last ? 0 : 1; i < 2 && rules->by_kind; i++)
    {
        result = send_select(files, by_kind[i], id, answer);
        if (result_failed(result) || is_success(answer->sw)) return result;
        if (is_form_refused(answer->sw)) rules->by_kind = false;
    }
    return rules->by_kind ? result : send_select(files, APDU_SELECT_ID, id, answer);
}

/* The DF that a selection leaves current: how many elements of its path. */
static size_t df_count(const struct card_selection *selection)
{
    bool is_df = selection->kind == FCP_KIND_DF || selection->path.count == 0;
    return is_df ? selection->path.count : selection->path.count - 1u;
}

/* How many elements of a path the current DF covers already; SIZE_MAX when it is not above it. */
static size_t covered_count(const struct card_files *files, const struct card_path *path)
{
    const struct card_selection *selection = card_files_selection(files);
    struct card_path current = selection->path;

    if (!selection->is_known || selection->kind == FCP_KIND_UNKNOWN) return SIZE_MAX;
    current.count = (uint8_t)df_count(selection);
    return card_path_begins_with(path, &current) ? current.count : SIZE_MAX;
}

static struct bytes element_bytes(const struct card_path *path, size_t i)
{
    return bytes_of(path->elements[i].bytes, path->elements[i].len);
}

/* Begins a path: the application of a DF name, or the MF. `*done` elements are selected then. */
static scm_result select_beginning(struct card_files *files, const struct card_path *path,
                                   size_t *done, struct card_answer *answer)
{
    static const uint8_t mf[ID_LEN] = { CARD_PATH_MF >> 8, CARD_PATH_MF & 0xFF };
    scm_result result;

    *done = path->count && path->elements[0].kind == CARD_PATH_NAME ? 1 : 0;
    if (*done)
        result = send_select(files, APDU_SELECT_NAME, element_bytes(path, 0), answer);
    else
        result = send_select(files, APDU_SELECT_ID, bytes_of(mf, sizeof(mf)), answer);
    if (!result_failed(result)) note_selection(files, path, *done, FCP_KIND_DF, answer->sw);
    return result;
}

/* Identifier by identifier, from where the current DF is above the file or else from the front. */
static scm_result select_by_steps(struct card_files *files, const struct card_path *path,
                                  struct card_answer *answer)
{
    size_t done = covered_count(files, path);
    scm_result result = HR_OK;

    if (done >= path->count)
    {
        result = select_beginning(files, path, &done, answer);
        if (result_failed(result) || !is_success(answer->sw)) return result;
    }
    for (; done < path->count; done++)
    {
        bool is_last = done + 1u == path->count;
        result = select_child(files, element_bytes(path, done), is_last, answer);
        if (result_failed(result)) return result;
        enum fcp_kind kind = is_last ? read_answer(files, answer->data).kind : FCP_KIND_DF;
        note_selection(files, path, done + 1, kind, answer->sw);
        if (!is_success(answer->sw)) return HR_OK;
    }
    return result;
}

/* The rest of a path in one command. */
static scm_result select_by_path(struct card_files *files, const struct card_path *path,
                                 size_t from, enum apdu_select_by by, struct card_answer *answer)
{
    uint8_t ids[CARD_PATH_DEPTH_MAX * ID_LEN];
    struct byte_writer writer = byte_writer_of(ids, sizeof(ids));

    for (size_t i = from; i < path->count; i++)
        byte_writer_put(&writer, element_bytes(path, i));
    scm_result result = send_select(files, by, byte_writer_written(&writer), answer);
    if (result_failed(result)) return result;
    note_selection(files, path, path->count, read_answer(files, answer->data).kind, answer->sw);
    return result;
}

/* A path of identifiers, perhaps behind a DF name, in as few commands as the card allows. */
static scm_result select_ids(struct card_files *files, const struct card_path *path,
                             struct card_answer *answer)
{
    struct card_select_rules *rules = &files->link->profile.select;
    size_t from = covered_count(files, path);
    enum apdu_select_by by = APDU_SELECT_PATH_FROM_DF;
    scm_result result = HR_OK;

    if (path->count == 0) return select_beginning(files, path, &from, answer);
    bool is_named = path->elements[0].kind == CARD_PATH_NAME;
    if (rules->lacks_path_from_df && !is_named) from = SIZE_MAX;
    if (from >= path->count)
    {
        if (is_named)
        {
            result = select_beginning(files, path, &from, answer);
            if (result_failed(result) || !is_success(answer->sw) || path->count == 1) return result;
        }
        else
        {
            from = 0;
            by = APDU_SELECT_PATH_FROM_MF;
        }
    }
    if (!rules->by_path) return select_by_steps(files, path, answer);

    result = select_by_path(files, path, from, by, answer);
    if (result_failed(result)) return result;
    if (by == APDU_SELECT_PATH_FROM_DF && !is_named && is_form_refused(answer->sw))
    {
        /* A refusal of paths from the current DF says nothing of those from the MF. */
        result = select_by_path(files, path, 0, APDU_SELECT_PATH_FROM_MF, answer);
        if (result_failed(result)) return result;
        rules->lacks_path_from_df = !is_form_refused(answer->sw);
    }
    if (is_success(answer->sw)) files->is_path_proven = true;
    bool is_doubtful = is_form_refused(answer->sw) || answer->sw == SW_FILE_NOT_FOUND;
    if (files->is_path_proven || !is_doubtful) return result;

    /* Perhaps it does not know paths at all. */
    uint16_t sw = answer->sw;
    result = select_by_steps(files, path, answer);
    if (!result_failed(result) && (is_success(answer->sw) || is_form_refused(sw)))
        rules->by_path = false;
    return result;
}

/* An EF by its short identifier becomes current by reading it; whether that is allowed or not. */
static scm_result select_short_id(struct card_files *files, const struct card_path *path,
                                  struct card_answer *answer)
{
    struct card_path dir = card_path_parent(path);
    uint8_t short_id = path->elements[path->count - 1].bytes[0];

    if (!card_files_selection(files)->is_known || covered_count(files, path) != dir.count)
    {
        scm_result result = select_ids(files, &dir, answer);
        if (result_failed(result) || !is_success(answer->sw)) return result;
    }
    struct apdu_command command = apdu_read_binary_short_id(short_id, 1);
    scm_result result = card_exchange(files->link, &command, answer);
    if (result_failed(result)) return result;
    if (answer->sw == SW_WRONG_FILE_STRUCTURE)
    {
        command = apdu_read_record(1, short_id, APDU_SHORT_NE_MAX);
        result = card_exchange(files->link, &command, answer);
        if (result_failed(result)) return result;
    }
    switch (answer->sw)
    {
    case SW_SECURITY_STATUS:
    case SW_CONDITIONS_OF_USE:
    case SW_RECORD_NOT_FOUND:
    case SW_WRONG_OFFSET:
        answer->sw = SW_OK; /* it is there; what is in it, is not the question */
        break;
    case SW_REFERENCE_NOT_FOUND:
        answer->sw = SW_FILE_NOT_FOUND;
        break;
    }
    answer->data = bytes_of(NULL, 0);
    note_selection(files, path, path->count, FCP_KIND_TRANSPARENT, answer->sw);
    return HR_OK;
}

static scm_result select_once(struct card_files *files, const struct card_path *path,
                              struct card_answer *answer)
{
    bool is_short = path->count && path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID;
    return is_short ? select_short_id(files, path, answer) : select_ids(files, path, answer);
}

scm_result card_files_select(struct card_files *files, const struct card_path *path,
                             enum status_context context, struct card_selected *selected,
                             struct card_fault *fault)
{
    struct card_link *link = files->link;
    struct card_answer answer;

    *selected = (struct card_selected){ 0 };
    struct card_profile first = link->profile;
    scm_result result = select_once(files, path, &answer);
    while (!result_failed(result) && answer.sw == SW_CLA_UNSUPPORTED && !files->has_worked)
    {
        const struct card_profile *other = card_profile_of_other_class(link->profile.cla);
        link->profile = other ? *other : first;
        if (!other) break;
        result = select_once(files, path, &answer);
    }
    if (result_failed(result)) return result;
    selected->sw = answer.sw;
    result = status_word_result(answer.sw, context);
    if (result_failed(result))
        card_fault_answered(fault, answer.sw, context);
    else
    {
        selected->fcp = read_answer(files, answer.data);
        if (selected->fcp.kind == FCP_KIND_DF) card_info_hear(files, selected->fcp.parameters);
    }
    return result;
}

scm_result card_files_ensure_selected(struct card_files *files, const struct card_path *path,
                                      enum status_context context, struct card_fault *fault)
{
    const struct card_selection *selection = card_files_selection(files);
    struct card_selected selected;

    if (selection->is_known && card_path_equal(&selection->path, path)) return HR_OK;
    return card_files_select(files, path, context, &selected, fault);
}

scm_result card_files_ensure_dir_selected(struct card_files *files, const struct card_path *dir,
                                          struct card_fault *fault)
{
    const struct card_selection *selection = card_files_selection(files);
    struct card_selected selected;

    if (selection->is_known && selection->kind == FCP_KIND_DF &&
        card_path_equal(&selection->path, dir))
        return HR_OK;
    scm_result result = card_files_select(files, dir, STATUS_SELECT_DIR, &selected, fault);
    if (result_failed(result)) return result;
    bool is_ef = selected.fcp.kind != FCP_KIND_DF && selected.fcp.kind != FCP_KIND_UNKNOWN;
    return is_ef && dir->count > 0 ? SC_E_NO_DIR : HR_OK;
}

scm_result card_files_look_for(struct card_files *files, const struct card_path *path,
                               enum card_file_presence *presence)
{
    struct card_fault fault = card_fault_none();
    struct card_selected selected;

    scm_result result = card_files_select(files, path, STATUS_ACTIVATE, &selected, &fault);
    *presence = result == SC_E_FILE_NOT_FOUND ? CARD_FILE_ABSENT
                : result_failed(result)       ? CARD_FILE_DOUBTFUL
                                              : CARD_FILE_PRESENT;
    return result_failed(result) && fault.sw == 0 ? result : HR_OK;
}

bool card_files_finds_only_below(const struct card_files *files)
{
    const struct card_select_rules *rules = &files->link->profile.select;
    return rules->by_path || rules->by_kind;
}

scm_result card_files_probe_kind(struct card_files *files, enum fcp_kind *kind, bool *is_sure)
{
    struct card_answer answer;
    struct apdu_command command = apdu_read_binary(0, 1);

    *kind = FCP_KIND_TRANSPARENT;
    *is_sure = true;
    scm_result result = card_exchange(files->link, &command, &answer);
    if (result_failed(result)) return result;
    switch (answer.sw)
    {
    case SW_NO_CURRENT_EF:
        *kind = FCP_KIND_DF;
        break;
    case SW_WRONG_FILE_STRUCTURE:
        *kind = FCP_KIND_LINEAR_VARIABLE;
        break;
    case SW_SECURITY_STATUS:
    case SW_CONDITIONS_OF_USE:
        *is_sure = false;
        break;
    }
    return HR_OK;
}
