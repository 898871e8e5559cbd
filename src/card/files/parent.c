/*
 * parent - paths that lead upward, made absolute.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 11.2.2 (SELECT, parent DF)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/parent.h"

#include "card/files/select.h"
#include "card/files/select_form.h"

/* What is met on the way up: DFs with identifiers, until one has a name or is the MF. */
struct climb
{
    uint16_t ids[CARD_PATH_DEPTH_MAX];
    uint8_t count;
    bool is_nameless; /* the last one tells neither: only the MF may do that */
    bool is_at_end;
    struct card_path top; /* of the last one, where is_at_end */
};

static void take_step(struct climb *climb, const struct fcp *fcp)
{
    bool is_mf = fcp->has_id && fcp->id == CARD_PATH_MF;
    bool is_named = !is_mf && fcp->name.len > 0 && fcp->name.len <= CARD_PATH_NAME_MAX;

    climb->is_at_end = is_mf || is_named;
    climb->is_nameless = !climb->is_at_end && !fcp->has_id;
    if (is_named)
    {
        struct card_path_element *first = &climb->top.elements[climb->top.count++];
        first->kind = CARD_PATH_NAME;
        first->len = (uint8_t)fcp->name.len;
        memcpy(first->bytes, fcp->name.data, fcp->name.len);
    }
    if (!climb->is_at_end && !climb->is_nameless) climb->ids[climb->count++] = fcp->id;
}

/* Goes up from the current DF. @return whether what lies there can be told. */
static scm_result go_up(struct card_files *files, struct climb *climb, bool *is_told)
{
    *is_told = true;
    while (!climb->is_at_end && card_select_may_send(files, CARD_SELECT_PARENT))
    {
        struct card_answer answer;
        scm_result result = card_select_send(files, CARD_SELECT_PARENT, bytes_of(NULL, 0), &answer);
        if (result_failed(result)) return result;
        if (card_select_verdict(answer.sw) != CARD_SELECT_FOUND)
        {
            /* Nothing is above: the last one was the MF, whatever identifier it has. */
            if (climb->count > 0 && !climb->is_nameless) climb->count--;
            break;
        }
        card_files_lose_place(files);
        *is_told = !climb->is_nameless && climb->count + 2u < CARD_PATH_DEPTH_MAX;
        if (!*is_told) return HR_OK;
        struct fcp fcp = card_files_read_answer(files, answer.data);
        take_step(climb, &fcp);
    }
    return HR_OK;
}

/* What lies above a DF that is known by its name alone. */
static scm_result find_parent(struct card_files *files, const struct card_path *named,
                              struct card_path *parent, struct card_fault *fault)
{
    struct climb climb = { .top = { .is_absolute = true } };
    bool is_told;

    if (files->below.count > 0 && card_path_equal(&files->below, named))
    {
        *parent = files->parent_below;
        return HR_OK;
    }
    scm_result result = card_files_ensure_dir_selected(files, named, fault);
    if (!result_failed(result)) result = go_up(files, &climb, &is_told);
    if (result_failed(result)) return result;
    if (!is_told)
    {
        fault->why = "the card does not tell which directory lies above this application";
        return SC_E_UNSUPPORTED_FEATURE;
    }
    *parent = climb.top;
    for (size_t i = climb.count; i > 0; i--)
        card_path_add_id(parent, climb.ids[i - 1]);
    /* Where nothing was sent, or nothing found, the application is selected still. */
    if (!card_files_selection(files)->is_known)
        card_files_note_selection(files, parent, climb.top.count, FCP_KIND_DF);
    files->below = *named;
    files->parent_below = *parent;
    return HR_OK;
}

scm_result card_files_resolve(struct card_files *files, const struct card_path *path,
                              struct card_path *absolute, struct card_fault *fault)
{
    struct card_path current = files->current_dir;
    struct card_path left = *path;

    for (uint8_t i = 0; i < left.count; i++)
    {
        struct card_path before = left, above;
        if (left.elements[i].kind != CARD_PATH_UP) continue;
        before.count = i;
        scm_result result = card_path_resolve(&current, &before, &before, fault);
        if (result_failed(result)) return result;
        if (before.count != 1 || before.elements[0].kind != CARD_PATH_NAME) continue;
        result = find_parent(files, &before, &above, fault);
        if (result_failed(result)) return result;
        current = above;
        left.is_absolute = false;
        left.count = (uint8_t)(left.count - i - 1);
        memmove(left.elements, &left.elements[i + 1], left.count * sizeof(left.elements[0]));
        i = UINT8_MAX; /* begins again with 0 */
    }
    return card_path_resolve(&current, &left, absolute, fault);
}
