/*
 * select - files selected, in the ways that the card knows.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.3 (file referencing), 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/select.h"

#include "card/files/select_form.h"
#include "card/files/told_limits.h"
#include "card/profile/profile_search.h"

#define ID_LEN 2

struct fcp card_files_read_answer(const struct card_files *files, struct bytes answer)
{
    struct fcp fcp = fcp_read(answer);
    bool is_sim = files->link->profile.select.answer_is_sim && !fcp.template_tag;
    return is_sim ? fcp_read_sim(answer) : fcp;
}

/* How many elements of a path the current DF covers already; SIZE_MAX when it is not above it. */
static size_t covered_count(const struct card_files *files, const struct card_path *path)
{
    const struct card_selection *selection = card_files_selection(files);
    struct card_path current = selection->path;

    if (!selection->is_known) return SIZE_MAX;
    if (selection->is_ef)
        current = card_path_parent(&current);
    else if (selection->kind != FCP_KIND_DF)
        return SIZE_MAX;
    /* A DF name is found from anywhere: nothing before it is a part of the way, not even the MF. */
    bool is_named = path->count > 0 && path->elements[0].kind == CARD_PATH_NAME;
    if (is_named && current.count == 0) return SIZE_MAX;
    return card_path_begins_with(path, &current) ? current.count : SIZE_MAX;
}

static struct bytes element_bytes(const struct card_path *path, size_t i)
{
    return bytes_of(path->elements[i].bytes, path->elements[i].len);
}

/* Keeps track of what is selected now. What was not found, or not understood, leaves it as it was. */
static void note_selection(struct card_files *files, const struct card_path *path, size_t count,
                           enum fcp_kind kind, uint16_t sw)
{
    enum card_select_verdict verdict = card_select_verdict(sw);

    if (verdict == CARD_SELECT_FOUND)
        card_files_note_selection(files, path, count, kind);
    else if (verdict == CARD_SELECT_DENIED)
        card_files_forget_selection(files);
}

/* The ways to one file, tried one after the other. */
struct ways
{
    struct card_files *files;
    const struct card_path *path;
    struct card_answer *answer;
    bool is_look;           /* only whether there is such a file is asked */
    bool is_over;           /* the last answer is the one that counts */
    bool is_near;           /* a step may have found a file near its directory, not in it */
    unsigned doubted_forms; /* bits of forms that did not find the file, and have found none yet */
    uint16_t missing_sw;    /* a way did not find the file; another may */
};

/* Sends a form, and judges whether its answer is the last word. */
static scm_result try_form(struct ways *ways, enum card_select_form form, struct bytes data,
                           enum card_select_verdict *verdict)
{
    scm_result result = card_select_send(ways->files, form, data, ways->answer);

    *verdict = card_select_verdict(ways->answer->sw);
    if (*verdict == CARD_SELECT_MISSING) ways->missing_sw = ways->answer->sw;
    ways->is_over =
        result_failed(result) || *verdict == CARD_SELECT_FOUND || *verdict == CARD_SELECT_DENIED;
    return result;
}

/* Goes up until the card says that there is nothing above. */
static scm_result climb_to_mf(struct ways *ways, bool *is_there)
{
    const struct card_form *known = &ways->files->forms[CARD_SELECT_PARENT];
    enum card_select_verdict verdict = CARD_SELECT_FOUND;

    *is_there = false;
    if (!card_select_may_send(ways->files, CARD_SELECT_PARENT)) return HR_OK;
    for (unsigned i = 0; i <= CARD_PATH_DEPTH_MAX && verdict == CARD_SELECT_FOUND; i++)
    {
        scm_result result = try_form(ways, CARD_SELECT_PARENT, bytes_of(NULL, 0), &verdict);
        if (result_failed(result)) return result;
        card_files_forget_selection(ways->files);
        struct fcp fcp = card_files_read_answer(ways->files, ways->answer->data);
        if (verdict == CARD_SELECT_FOUND && fcp.has_id && fcp.id == CARD_PATH_MF) break;
    }
    *is_there = known->works;
    return HR_OK;
}

/* The MF, in the form that the card knows. It is always there: a form that does not find it is none
 * of this card's. Where no form does, what is selected after the reset is the MF. */
static scm_result select_mf(struct ways *ways)
{
    static const enum card_select_form forms[] = {
        CARD_SELECT_MF_BY_ID, CARD_SELECT_MF_WITHOUT,     CARD_SELECT_MF_BY_PATH,
        CARD_SELECT_MF_AS_EF, CARD_SELECT_MF_AS_CHILD_DF,
    };
    struct card_files *files = ways->files;
    struct bytes nothing = bytes_of(NULL, 0);
    uint16_t missing_sw = ways->missing_sw;
    enum card_select_verdict verdict;
    bool is_there = false;

    for (int works = 1; works >= 0; works--)
        for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        {
            if (files->forms[forms[i]].works != works) continue;
            if (!card_select_may_send(files, forms[i])) continue;
            scm_result result = try_form(ways, forms[i], nothing, &verdict);
            if (result_failed(result)) return result;
            note_selection(files, ways->path, 0, FCP_KIND_DF, ways->answer->sw);
            if (ways->is_over) return HR_OK;
            if (verdict == CARD_SELECT_MISSING) card_select_refute(files, forms[i]);
        }
    scm_result result = climb_to_mf(ways, &is_there);
    ways->is_over = result_failed(result);
    ways->missing_sw = missing_sw;
    bool is_elsewhere = files->left_in.count > 0 || files->is_place_lost;
    if (result_failed(result) || (!is_there && is_elsewhere)) return result;
    *ways->answer = (struct card_answer){ .sw = SW_OK };
    card_files_note_selection(files, ways->path, 0, FCP_KIND_DF);
    files->selection.is_assumed = !is_there;
    ways->is_over = true;
    return HR_OK;
}

/* Begins a path: the application of a DF name, or the MF, or where the card was left. `*done`
 * elements are selected then, where the answer is a success. */
static scm_result select_beginning(struct ways *ways, size_t *done)
{
    struct card_files *files = ways->files;
    const struct card_path *path = ways->path;
    enum card_select_verdict verdict;
    scm_result result;

    *done = path->count && path->elements[0].kind == CARD_PATH_NAME ? 1 : 0;
    if (*done)
    {
        result = try_form(ways, CARD_SELECT_NAME, element_bytes(path, 0), &verdict);
        ways->is_over = true;
        if (!result_failed(result)) note_selection(files, path, 1, FCP_KIND_DF, ways->answer->sw);
        return result;
    }
    result = select_mf(ways);
    bool is_left = !ways->is_over && !files->is_place_lost && files->left_in.count < path->count &&
                   card_path_begins_with(path, &files->left_in);
    if (result_failed(result) || !is_left) return result;
    *done = files->left_in.count;
    *ways->answer = (struct card_answer){ .sw = SW_OK };
    card_files_note_selection(files, path, *done, FCP_KIND_DF);
    files->selection.is_assumed = true;
    return HR_OK;
}

/* What is known to work comes first, in the order of the list. */
static bool forms_work(const struct card_files *files, enum card_select_form a,
                       enum card_select_form b)
{
    return files->forms[a].works || files->forms[b].works;
}

/* One identifier below the current DF. */
static scm_result select_child(struct ways *ways, struct bytes id, bool is_last,
                               enum card_select_form *form)
{
    static const enum card_select_form by_kind[] = { CARD_SELECT_EF, CARD_SELECT_CHILD_DF };
    struct card_files *files = ways->files;
    enum card_select_verdict verdict;
    unsigned missing_count = 0;

    *ways->answer = (struct card_answer){ .sw = CARD_SELECT_UNSENT };
    for (size_t i = is_last ? 0 : 1; i < 2; i++)
    {
        if (!card_select_may_send(files, by_kind[i])) continue;
        *form = by_kind[i];
        scm_result result = try_form(ways, *form, id, &verdict);
        if (ways->is_over) return result;
        if (verdict == CARD_SELECT_MISSING) missing_count++;
    }
    /* Neither EF nor DF: that is believed once one of the two forms has found something. */
    bool is_told = missing_count == (is_last ? 2u : 1u) &&
                   forms_work(files, CARD_SELECT_EF, CARD_SELECT_CHILD_DF);
    if (is_told || !card_select_may_send(files, CARD_SELECT_ID)) return HR_OK;
    *form = CARD_SELECT_ID;
    return try_form(ways, *form, id, &verdict);
}

static enum fcp_kind kind_of_step(const struct ways *ways, enum card_select_form form, bool is_last)
{
    enum fcp_kind kind = card_files_read_answer(ways->files, ways->answer->data).kind;
    bool is_df = !is_last || (form == CARD_SELECT_CHILD_DF && kind == FCP_KIND_UNKNOWN);
    return is_df ? FCP_KIND_DF : kind;
}

/* Identifier by identifier, from where the current DF is above the file or else from the front. */
static scm_result select_by_steps(struct ways *ways)
{
    struct card_files *files = ways->files;
    const struct card_path *path = ways->path;
    size_t done = covered_count(files, path);
    scm_result result = HR_OK;

    ways->is_over = ways->is_near = false;
    if (done >= path->count)
    {
        result = select_beginning(ways, &done);
        if (result_failed(result) || card_select_verdict(ways->answer->sw) != CARD_SELECT_FOUND)
            return result;
    }
    bool is_assumed = files->selection.is_assumed;
    for (; done < path->count; done++)
    {
        bool is_last = done + 1u == path->count;
        enum card_select_form form = CARD_SELECT_ID;
        ways->is_over = false;
        result = select_child(ways, element_bytes(path, done), is_last, &form);
        if (result_failed(result)) return result;
        enum card_select_verdict verdict = card_select_verdict(ways->answer->sw);
        note_selection(files, path, done + 1, kind_of_step(ways, form, is_last), ways->answer->sw);
        files->selection.is_assumed = is_assumed;
        if (verdict == CARD_SELECT_FOUND && form == CARD_SELECT_EF) files->selection.is_ef = true;
        if (verdict != CARD_SELECT_FOUND) return HR_OK;
        card_files_note_kind(files, files->selection.kind);
        if (form == CARD_SELECT_ID && done > 0) ways->is_near = true;
    }
    return result;
}

/* The rest of a path in one command. */
static scm_result select_by_path(struct ways *ways, enum card_select_form form, size_t from)
{
    uint8_t ids[CARD_PATH_DEPTH_MAX * ID_LEN];
    struct byte_writer writer = byte_writer_of(ids, sizeof(ids));
    const struct card_path *path = ways->path;
    enum card_select_verdict verdict;

    for (size_t i = from; i < path->count; i++)
        byte_writer_put(&writer, element_bytes(path, i));
    scm_result result = try_form(ways, form, byte_writer_written(&writer), &verdict);
    if (result_failed(result)) return result;
    enum fcp_kind kind = card_files_read_answer(ways->files, ways->answer->data).kind;
    note_selection(ways->files, path, path->count, kind, ways->answer->sw);
    return result;
}

/* Whether a path form's word is taken that there is no such file: it has found others, or the ATR
 * says that the card knows paths. That does not say whether they begin with 3F00. */
static bool is_path_believed(const struct card_files *files, enum card_select_form form)
{
    bool is_announced = files->link->atr.capabilities.select_by_path;
    return files->forms[form].works || (is_announced && form == CARD_SELECT_PATH_FROM_DF);
}

/* Whether to ask with 3F00 in front, too. Of many files that somebody looks for most are missing, so
 * there it is found out once whether the card takes 3F00 at all. */
static scm_result doubts_front(struct ways *ways, enum card_select_form form, bool *does)
{
    struct card_files *files = ways->files;
    const struct card_form *mf = &files->forms[CARD_SELECT_MF_BY_PATH];
    struct card_answer answer;

    *does = true;
    if (!ways->is_look || form != CARD_SELECT_PATH_AT_MF || files->forms[form].works) return HR_OK;
    *does = mf->works;
    if (mf->works || !card_select_may_send(files, CARD_SELECT_MF_BY_PATH)) return HR_OK;
    scm_result result = card_select_send(files, CARD_SELECT_MF_BY_PATH, bytes_of(NULL, 0), &answer);
    if (result_failed(result)) return result;
    note_selection(files, ways->path, 0, FCP_KIND_DF, answer.sw);
    *does = mf->works;
    if (!mf->works) card_select_refute(files, CARD_SELECT_MF_BY_PATH);
    return HR_OK;
}

/* A path from the MF in one command, without 3F00 and with it. */
static scm_result select_from_mf(struct ways *ways)
{
    struct card_files *files = ways->files;
    bool begins_at_mf =
        files->forms[CARD_SELECT_PATH_AT_MF].works || files->link->profile.select.path_begins_at_mf;
    bool is_at_mf_first = begins_at_mf && !files->forms[CARD_SELECT_PATH].works;
    bool is_missing = false;

    for (int i = 0; i < 2; i++)
    {
        bool is_at_mf = (i == 0) == is_at_mf_first;
        enum card_select_form form = is_at_mf ? CARD_SELECT_PATH_AT_MF : CARD_SELECT_PATH;
        bool is_asked;
        if (!card_select_may_send(files, form)) continue;
        scm_result result = doubts_front(ways, form, &is_asked);
        if (!result_failed(result) && !is_asked) continue;
        if (!result_failed(result)) result = select_by_path(ways, form, 0);
        if (ways->is_over || result_failed(result)) return result;
        if (card_select_verdict(ways->answer->sw) != CARD_SELECT_MISSING) continue;
        is_missing = true;
        ways->doubted_forms |= 1u << form;
        ways->is_over = is_path_believed(files, form);
        if (ways->is_over) return HR_OK;
    }
    ways->is_over = is_missing && files->link->atr.capabilities.select_by_path;
    return HR_OK;
}

/* The steps have found a file that paths did not find. Where it may have been found near its
 * directory and not in it, the paths are asked for what is known to be there. */
static scm_result judge_doubted_paths(struct ways *ways, bool *is_missing)
{
    struct card_path beginning = *ways->path;
    struct card_answer answer;
    struct ways trial = { .files = ways->files, .path = &beginning, .answer = &answer };

    *is_missing = false;
    beginning.count = 1;
    for (unsigned form = 0; form < CARD_SELECT_FORMS && !*is_missing; form++)
    {
        if (!(ways->doubted_forms & 1u << form)) continue;
        if (ways->is_near)
        {
            scm_result result = select_by_path(&trial, (enum card_select_form)form, 0);
            if (result_failed(result)) return result;
        }
        *is_missing = ways->files->forms[form].works;
        if (!*is_missing) card_select_refute(ways->files, (enum card_select_form)form);
    }
    return HR_OK;
}

static scm_result select_doubtful(struct ways *ways)
{
    bool is_missing = false;

    scm_result result = select_by_steps(ways);
    bool is_failure = card_select_verdict(ways->answer->sw) != CARD_SELECT_FOUND;
    if (result_failed(result) || is_failure || !ways->doubted_forms) return result;
    result = judge_doubted_paths(ways, &is_missing);
    ways->doubted_forms = 0;
    if (result_failed(result) || !ways->is_near) return result;
    /* What was asked in between has taken the place of the answer. */
    if (!is_missing) return select_by_steps(ways);
    ways->answer->sw = ways->missing_sw;
    return HR_OK;
}

/* Paths from the current DF do not leave it, which would end local rights. Who only looks has no
 * need to find out whether the card knows them. */
static bool prefers_path_from_df(const struct ways *ways)
{
    const struct card_form *forms = ways->files->forms;
    bool has_other = ways->path->elements[0].kind != CARD_PATH_NAME &&
                     (forms[CARD_SELECT_PATH].works || forms[CARD_SELECT_PATH_AT_MF].works);

    if (!card_select_may_send(ways->files, CARD_SELECT_PATH_FROM_DF)) return false;
    return !ways->is_look || !has_other || is_path_believed(ways->files, CARD_SELECT_PATH_FROM_DF);
}

/* A path of identifiers, perhaps behind a DF name, in as few commands as the card allows. */
static scm_result select_ids(struct ways *ways)
{
    struct card_files *files = ways->files;
    const struct card_path *path = ways->path;
    size_t from = covered_count(files, path);
    scm_result result;

    ways->is_over = false;
    if (path->count == 0) return select_mf(ways);
    bool is_named = path->elements[0].kind == CARD_PATH_NAME;
    if (from >= path->count && is_named)
    {
        result = select_beginning(ways, &from);
        bool is_failure = card_select_verdict(ways->answer->sw) != CARD_SELECT_FOUND;
        if (result_failed(result) || is_failure || path->count == 1) return result;
        ways->is_over = false;
    }
    if (from < path->count && prefers_path_from_df(ways))
    {
        bool is_assumed = files->selection.is_assumed;
        result = select_by_path(ways, CARD_SELECT_PATH_FROM_DF, from);
        files->selection.is_assumed = is_assumed;
        if (ways->is_over) return result;
        bool is_missing = card_select_verdict(ways->answer->sw) == CARD_SELECT_MISSING;
        if (is_missing && is_path_believed(files, CARD_SELECT_PATH_FROM_DF)) return HR_OK;
    }
    if (!is_named)
    {
        result = select_from_mf(ways);
        if (ways->is_over || result_failed(result)) return result;
    }
    return select_doubtful(ways);
}

/* No form is left: one is sent again, for the sake of an answer. */
static scm_result ask_again(struct ways *ways)
{
    const struct card_path *path = ways->path;
    enum card_select_form form = CARD_SELECT_MF_BY_ID;
    struct bytes data = bytes_of(NULL, 0);

    if (path->count > 0 && ways->files->link->profile.select.by_path)
    {
        bool is_named = path->elements[0].kind == CARD_PATH_NAME;
        form = is_named ? CARD_SELECT_PATH_FROM_DF : CARD_SELECT_PATH;
        data = element_bytes(path, path->count - 1u);
    }
    scm_result result = card_select_send(ways->files, form, data, ways->answer);
    bool is_found = card_select_verdict(ways->answer->sw) == CARD_SELECT_FOUND;
    if (result_failed(result) || !is_found) return result;
    card_files_forget_selection(ways->files);
    return select_ids(ways);
}

/* All forms that are left, then those refused before, with each kind of answer. What one form found
 * missing is missing, whatever another one says. */
static scm_result select_by_any(struct card_files *files, const struct card_path *path,
                                enum status_context context, struct card_answer *answer)
{
    struct ways ways = {
        .files = files, .path = path, .answer = answer, .is_look = context == STATUS_ACTIVATE
    };

    *answer = (struct card_answer){ 0 };
    scm_result result = select_ids(&ways);
    bool is_refused = !result_failed(result) && !ways.missing_sw && !ways.is_over;
    if (is_refused && files->is_answer_proven)
    {
        files->tries_all = true;
        result = select_ids(&ways);
        files->tries_all = false;
        is_refused = !result_failed(result) && !ways.missing_sw && !ways.is_over;
    }
    if (is_refused && answer->sw == CARD_SELECT_UNSENT) result = ask_again(&ways);
    enum card_select_verdict verdict = card_select_verdict(answer->sw);
    if (!result_failed(result) && verdict == CARD_SELECT_REFUSED && ways.missing_sw)
        answer->sw = ways.missing_sw;
    return result;
}

/* An EF by its short identifier becomes current by reading it; whether that is allowed or not. */
static scm_result select_short_id(struct card_files *files, const struct card_path *path,
                                  enum status_context context, struct card_answer *answer)
{
    struct card_path dir = card_path_parent(path);
    uint8_t short_id = path->elements[path->count - 1].bytes[0];

    if (!card_files_selection(files)->is_known || covered_count(files, path) != dir.count)
    {
        scm_result result = select_by_any(files, &dir, context, answer);
        if (result_failed(result) || card_select_verdict(answer->sw) != CARD_SELECT_FOUND)
            return result;
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
    bool is_assumed = files->selection.is_assumed;
    note_selection(files, path, path->count, FCP_KIND_TRANSPARENT, answer->sw);
    files->selection.is_assumed = is_assumed;
    return HR_OK;
}

static scm_result select_once(struct card_files *files, const struct card_path *path,
                              enum status_context context, struct card_answer *answer)
{
    bool is_short = path->count && path->elements[path->count - 1].kind == CARD_PATH_SHORT_ID;
    return is_short ? select_short_id(files, path, context, answer)
                    : select_by_any(files, path, context, answer);
}

/* Of what kind the selected file is, where the card does not tell: there may be something in it. */
static enum fcp_kind known_kind(struct card_files *files, const struct card_path *path,
                                enum fcp_kind told)
{
    if (told != FCP_KIND_UNKNOWN) return told;
    bool is_df =
        files->selection.kind == FCP_KIND_DF || card_path_begins_with(&files->current_dir, path);
    for (size_t i = 0; i < CARD_FILES_OPEN_MAX && !is_df; i++)
        is_df = files->open[i] && card_path_is_below(&files->open[i]->path, path);
    if (!is_df) return FCP_KIND_UNKNOWN;
    card_files_note_kind(files, FCP_KIND_DF);
    return FCP_KIND_DF;
}

scm_result card_files_select(struct card_files *files, const struct card_path *path,
                             enum status_context context, struct card_selected *selected,
                             struct card_fault *fault)
{
    struct card_link *link = files->link;
    struct card_answer answer;

    *selected = (struct card_selected){ 0 };
    struct card_profile first = link->profile;
    scm_result result = select_once(files, path, context, &answer);
    while (!result_failed(result) && answer.sw == SW_CLA_UNSUPPORTED && !files->has_worked)
    {
        const struct card_profile *other = card_profile_of_other_class(link->profile.cla);
        link->profile = other ? *other : first;
        card_select_forget_refusals(files);
        if (!other) break;
        result = select_once(files, path, context, &answer);
    }
    if (result_failed(result)) return result;
    selected->sw = answer.sw;
    result = status_word_result(answer.sw, context);
    if (card_select_verdict(answer.sw) == CARD_SELECT_REFUSED)
    {
        card_fault_answered(fault, answer.sw, context);
        fault->why = "the card refuses every way to select it";
        result = SC_E_UNSUPPORTED_FEATURE;
    }
    else if (result_failed(result))
        card_fault_answered(fault, answer.sw, context);
    else
    {
        selected->fcp = card_files_read_answer(files, answer.data);
        if (selected->fcp.kind == FCP_KIND_DF) card_limits_hear(files, selected->fcp.parameters);
        selected->fcp.kind = known_kind(files, path, selected->fcp.kind);
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

static bool works_by_any(const struct card_files *files, const enum card_select_form *forms,
                         size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (files->forms[forms[i]].works) return true;
    return false;
}

bool card_files_finds_only_below(const struct card_files *files)
{
    static const enum card_select_form forms[] = { CARD_SELECT_PATH, CARD_SELECT_PATH_AT_MF,
                                                   CARD_SELECT_PATH_FROM_DF, CARD_SELECT_EF,
                                                   CARD_SELECT_CHILD_DF };

    return works_by_any(files, forms, sizeof(forms) / sizeof(forms[0]));
}

bool card_files_may_return_to_mf(const struct card_files *files)
{
    static const enum card_select_form forms[] = {
        CARD_SELECT_PARENT,   CARD_SELECT_PATH,           CARD_SELECT_PATH_AT_MF,
        CARD_SELECT_MF_BY_ID, CARD_SELECT_MF_WITHOUT,     CARD_SELECT_MF_BY_PATH,
        CARD_SELECT_MF_AS_EF, CARD_SELECT_MF_AS_CHILD_DF,
    };

    return works_by_any(files, forms, sizeof(forms) / sizeof(forms[0]));
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
