/*
 * select_form - SELECT in one of its forms, and what is learnt of it.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clause 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/select_form.h"

#include "iso7816/status_words.h"

#define ID_LEN 2

static const uint8_t answers[] = { APDU_SELECT_FCP, APDU_SELECT_FCI, APDU_SELECT_NO_ANSWER };
#define ANSWERS (sizeof(answers) / sizeof(answers[0]))

static const struct
{
    uint8_t p1;
    bool has_mf; /* the data begins with 3F00 */
} forms[CARD_SELECT_FORMS] = {
    [CARD_SELECT_ID] = { APDU_SELECT_ID, false },
    [CARD_SELECT_CHILD_DF] = { APDU_SELECT_CHILD_DF, false },
    [CARD_SELECT_EF] = { APDU_SELECT_EF, false },
    [CARD_SELECT_PARENT] = { APDU_SELECT_PARENT, false },
    [CARD_SELECT_NAME] = { APDU_SELECT_NAME, false },
    [CARD_SELECT_PATH] = { APDU_SELECT_PATH_FROM_MF, false },
    [CARD_SELECT_PATH_AT_MF] = { APDU_SELECT_PATH_FROM_MF, true },
    [CARD_SELECT_PATH_FROM_DF] = { APDU_SELECT_PATH_FROM_DF, false },
    [CARD_SELECT_MF_BY_ID] = { APDU_SELECT_ID, true },
    [CARD_SELECT_MF_WITHOUT] = { APDU_SELECT_ID, false },
    [CARD_SELECT_MF_BY_PATH] = { APDU_SELECT_PATH_FROM_MF, true },
    [CARD_SELECT_MF_AS_EF] = { APDU_SELECT_EF, true },
    [CARD_SELECT_MF_AS_CHILD_DF] = { APDU_SELECT_CHILD_DF, true },
};

enum card_select_verdict card_select_verdict(uint16_t sw)
{
    if (!result_failed(status_word_result(sw, STATUS_ACTIVATE))) return CARD_SELECT_FOUND;
    if (status_word_refuses_p1_p2(sw)) return CARD_SELECT_REFUSED;
    switch (sw)
    {
    case SW_FILE_NOT_FOUND:
    case SW_REFERENCE_NOT_FOUND:
    case 0x9404: /* a SIM */
        return CARD_SELECT_MISSING;
    case SW_WRONG_LENGTH:
    case 0x6A80:
    case 0x6A87:
    case SW_INS_UNSUPPORTED:
    case CARD_SELECT_UNSENT:
        return CARD_SELECT_REFUSED;
    default:
        return CARD_SELECT_DENIED;
    }
}

static bool is_in_profile(const struct card_files *files, enum card_select_form form)
{
    const struct card_select_rules *rules = &files->link->profile.select;

    switch (form)
    {
    case CARD_SELECT_CHILD_DF:
    case CARD_SELECT_EF:
    case CARD_SELECT_MF_AS_EF:
    case CARD_SELECT_MF_AS_CHILD_DF:
        return rules->by_kind;
    case CARD_SELECT_PATH:
    case CARD_SELECT_PATH_AT_MF:
    case CARD_SELECT_MF_BY_PATH:
        return rules->by_path;
    case CARD_SELECT_PATH_FROM_DF:
        return rules->by_path && !rules->lacks_path_from_df;
    case CARD_SELECT_PARENT:
    case CARD_SELECT_MF_WITHOUT:
        return !rules->answer_is_sim;
    default:
        return true;
    }
}

static unsigned answer_bit(uint8_t what)
{
    return 1u << (what >> 2);
}

/* Whether a form may be sent with a kind of answer. As long as no kind is known to be understood,
 * each may be the right one. A name has no other form; and a SIM has no names. */
static bool may_ask(const struct card_files *files, enum card_select_form form, uint8_t what)
{
    const struct card_form *known = &files->forms[form];

    if (known->refused_answers & answer_bit(what)) return false;
    /* Some cards answer otherwise of DFs than of EFs. */
    if (known->works) return true;
    const struct card_select_rules *rules = &files->link->profile.select;
    return what == rules->answer || !files->is_answer_proven || files->tries_all ||
           (form == CARD_SELECT_NAME && !rules->answer_is_sim);
}

bool card_select_may_send(const struct card_files *files, enum card_select_form form)
{
    const struct card_form *known = &files->forms[form];

    if (known->works) return true;
    if (known->is_refuted || !is_in_profile(files, form)) return false;
    for (size_t i = 0; i < ANSWERS; i++)
        if (may_ask(files, form, answers[i])) return true;
    return false;
}

void card_select_refute(struct card_files *files, enum card_select_form form)
{
    struct card_form *known = &files->forms[form];
    if (!known->works) known->is_refuted = true;
}

void card_select_forget_refusals(struct card_files *files)
{
    for (size_t i = 0; i < CARD_SELECT_FORMS; i++)
        if (!files->forms[i].works) files->forms[i] = (struct card_form){ 0 };
}

static void learn(struct card_files *files, enum card_select_form form, uint8_t what, uint16_t sw)
{
    struct card_form *known = &files->forms[form];
    enum card_select_verdict verdict = card_select_verdict(sw);

    if (verdict == CARD_SELECT_REFUSED)
    {
        known->refused_answers |= (uint8_t)answer_bit(what);
        /* The other paths from the MF have the same P1. */
        if (form != CARD_SELECT_PATH || !status_word_refuses_p1_p2(sw)) return;
        files->forms[CARD_SELECT_PATH_AT_MF].refused_answers |= (uint8_t)answer_bit(what);
        files->forms[CARD_SELECT_MF_BY_PATH].refused_answers |= (uint8_t)answer_bit(what);
        return;
    }
    bool is_understood = verdict == CARD_SELECT_FOUND || verdict == CARD_SELECT_MISSING;
    if (is_understood && !files->is_answer_proven)
    {
        /* Not found is an answer as well: P2 was understood. */
        files->link->profile.select.answer = what;
        files->is_answer_proven = true;
    }
    if (verdict != CARD_SELECT_FOUND || known->works) return;
    *known = (struct card_form){ .works = true, .answer = what };
    files->has_worked = true;
}

static scm_result send_with(struct card_files *files, enum card_select_form form, uint8_t what,
                            struct bytes data, struct card_answer *answer)
{
    struct apdu_command command = apdu_select(forms[form].p1, what, data);

    scm_result result = card_exchange(files->link, &command, answer);
    if (!result_failed(result)) learn(files, form, what, answer->sw);
    return result;
}

scm_result card_select_send(struct card_files *files, enum card_select_form form, struct bytes data,
                            struct card_answer *answer)
{
    static const uint8_t mf[ID_LEN] = { CARD_PATH_MF >> 8, CARD_PATH_MF & 0xFF };
    const struct card_form *known = &files->forms[form];
    uint8_t room[ID_LEN + CARD_PATH_DEPTH_MAX * ID_LEN];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));

    if (forms[form].has_mf)
    {
        byte_writer_put(&writer, bytes_of(mf, sizeof(mf)));
        byte_writer_put(&writer, data);
        data = byte_writer_written(&writer);
    }
    uint8_t first = known->works ? known->answer : files->link->profile.select.answer;
    bool has_sent = false;
    scm_result result = HR_OK;
    for (size_t i = 0; i <= ANSWERS && !result_failed(result); i++)
    {
        bool is_first = i == 0;
        uint8_t what = is_first ? first : answers[i - 1];
        if (!is_first && (what == first || !may_ask(files, form, what))) continue;
        if (is_first && !known->works && !may_ask(files, form, what)) continue;
        result = send_with(files, form, what, data, answer);
        has_sent = true;
        if (!result_failed(result) && card_select_verdict(answer->sw) != CARD_SELECT_REFUSED) break;
    }
    /* Where all are refused, the first one is sent for the sake of an answer. */
    if (!has_sent) result = send_with(files, form, first, data, answer);
    return result;
}
