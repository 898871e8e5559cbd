/*
 * records - one record of an EF: read, written, added; told by its number, or in turn.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 7.5 (record identification), 11.4 (record handling)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/records.h"

#include "card/files/memory.h"

/* Where the search for the end begins on cards that do not tell. */
#define FIRST_PROBE 9

static bool is_missing(uint16_t sw)
{
    return status_word_result(sw, STATUS_READ_RECORD) == SC_W_EOF;
}

/* Whether the card has understood which record is meant. */
static bool is_form_taken(uint16_t sw)
{
    return is_missing(sw) || !result_failed(status_word_result(sw, STATUS_READ_RECORD));
}

/* ---- reading ---- */

static uint32_t record_ne(const struct card_files *files, const struct card_file *file)
{
    uint32_t most = card_link_answer_max(files->link);
    uint32_t ne = file->record_len > APDU_SHORT_NE_MAX ? file->record_len : APDU_SHORT_NE_MAX;
    bool is_fixed = file->kind == FCP_KIND_LINEAR_FIXED || file->kind == FCP_KIND_CYCLIC;
    /* T=0 wants the exact length, and tells it where we are wrong. */
    bool is_exact =
        (files->link->protocol == PCSC_PROTOCOL_T0 && is_fixed) || files->wants_record_len;

    if (is_exact && file->record_len) ne = file->record_len;
    return ne < most ? ne : most;
}

static scm_result send_read(struct card_files *files, const struct card_file *file,
                            enum apdu_record_mode mode, uint32_t number, struct card_answer *answer)
{
    struct apdu_command command = apdu_read_record((uint8_t)number, 0, record_ne(files, file));
    if (mode != APDU_RECORD_NUMBER)
        command = apdu_read_record_in_turn(mode, record_ne(files, file));
    scm_result result = card_exchange(files->link, &command, answer);
    bool is_too_long = !result_failed(result) && answer->sw == SW_WRONG_LENGTH;
    if (!is_too_long || !file->record_len || command.ne <= file->record_len) return result;

    command.ne = file->record_len;
    result = card_exchange(files->link, &command, answer);
    if (!result_failed(result) && is_form_taken(answer->sw)) files->wants_record_len = true;
    return result;
}

static uint32_t current_record(const struct card_files *files)
{
    return card_files_selection(files)->record;
}

/* A record by way of those before it: it is the current one then. */
static scm_result read_in_turn(struct card_files *files, const struct card_file *file,
                               uint32_t number, struct card_answer *answer)
{
    uint32_t at = current_record(files);

    /* In a cyclic EF the first one may follow the last. */
    if (file->kind == FCP_KIND_CYCLIC && file->record_count && number > file->record_count)
    {
        *answer = (struct card_answer){ .sw = SW_RECORD_NOT_FOUND };
        return HR_OK;
    }
    for (at = at < number ? at : 0; at < number; at++)
    {
        scm_result result =
            send_read(files, file, at ? APDU_RECORD_NEXT : APDU_RECORD_FIRST, 0, answer);
        bool is_read = !result_failed(result) &&
                       !result_failed(status_word_result(answer->sw, STATUS_READ_RECORD));
        bool is_known = is_read || (!result_failed(result) && is_missing(answer->sw));
        files->selection.record = is_known ? at + is_read : 0;
        if (!is_read) return result;
    }
    return HR_OK;
}

static scm_result judge_read(const struct card_answer *answer, struct card_fault *fault)
{
    scm_result result = status_word_result(answer->sw, STATUS_READ_RECORD);
    if (result_failed(result)) card_fault_answered(fault, answer->sw, STATUS_READ_RECORD);
    return result;
}

/* By number; where that is refused, `is_refused`. */
static scm_result read_by_number(struct card_files *files, const struct card_file *file,
                                 uint32_t number, struct card_answer *answer, bool *is_refused)
{
    enum card_record_form *form = &files->record_forms[CARD_RECORD_READ];
    struct card_answer first;

    scm_result result = send_read(files, file, APDU_RECORD_NUMBER, number, answer);
    /* Where the way is known to work, it says that there is no such record. */
    *is_refused = !result_failed(result) && status_word_refuses_p1_p2(answer->sw);
    if (result_failed(result)) return result;
    if (is_form_taken(answer->sw)) *form = CARD_RECORD_BY_NUMBER;
    if (!*is_refused || *form != CARD_RECORD_UNKNOWN || number == 1) return HR_OK;

    /* It may be the number that is refused, and not that there is one. */
    uint16_t sw = answer->sw;
    result = send_read(files, file, APDU_RECORD_NUMBER, 1, &first);
    if (!result_failed(result) && is_form_taken(first.sw)) *form = CARD_RECORD_BY_NUMBER;
    *answer = (struct card_answer){ .sw = sw };
    return result;
}

scm_result card_record_read(struct card_files *files, const struct card_file *file, uint32_t number,
                            struct card_answer *answer, struct card_fault *fault)
{
    enum card_record_form *form = &files->record_forms[CARD_RECORD_READ];
    bool is_refused = false;
    uint16_t refusal = 0;
    scm_result result = HR_OK;

    if (*form != CARD_RECORD_BY_TURNS)
    {
        result = read_by_number(files, file, number, answer, &is_refused);
        if (result_failed(result)) return result;
        if (!is_refused) return judge_read(answer, fault);
        refusal = answer->sw;
    }
    if (*form == CARD_RECORD_BY_NUMBER)
    {
        card_fault_answered(fault, refusal, STATUS_READ_RECORD);
        return SC_W_EOF;
    }
    result = read_in_turn(files, file, number, answer);
    if (result_failed(result)) return result;
    if (is_form_taken(answer->sw)) *form = CARD_RECORD_BY_TURNS;
    if (status_word_refuses_p1_p2(answer->sw) && refusal) answer->sw = refusal;
    return judge_read(answer, fault);
}

/* ---- writing ---- */

static scm_result send_change(struct card_files *files, enum apdu_ins ins,
                              enum apdu_record_mode mode, uint32_t number, struct bytes data,
                              struct card_fault *fault)
{
    struct apdu_command command = apdu_change_record(ins, (uint8_t)number, mode, data);
    fault->sw = 0;
    return card_exchange_judged(files->link, &command, STATUS_WRITE_RECORD, NULL, fault);
}

/* A record after the last one, which is looked at before: else the new one would not be where the
 * pointer is. */
static scm_result append_record(struct card_files *files, struct card_file *file, struct bytes data,
                                struct card_fault *fault)
{
    struct card_fault ignored = card_fault_none();
    struct card_answer answer;

    if (file->position > 0 && current_record(files) != file->position)
    {
        scm_result look = card_record_read(files, file, file->position, &answer, &ignored);
        if (look == SC_W_EOF) return SC_E_BAD_SEEK;
    }
    scm_result result =
        send_change(files, APDU_INS_APPEND_RECORD, APDU_RECORD_FIRST, 0, data, fault);
    /* The record is known to be the next one, and P1-P2 are the only ones that there are. */
    bool is_full = result_failed(result) && (fault->sw == SW_WRONG_OFFSET || is_missing(fault->sw));
    if (is_full) return SC_E_WRITE_TOO_MANY;
    if (result_failed(result)) return result;
    /* Where the card tells how many there can be, that stays so. */
    if (file->position > 0 && file->record_count == file->position) file->record_count++;
    files->selection.record = ++file->position;
    return HR_OK;
}

static scm_result add_cyclic_record(struct card_files *files, struct card_file *file,
                                    struct bytes data, struct card_fault *fault)
{
    scm_result result =
        send_change(files, APDU_INS_UPDATE_RECORD, APDU_RECORD_PREVIOUS, 0, data, fault);
    bool is_refused = result == SC_E_UNSUPPORTED_FEATURE || result == SC_E_INVALID_VALUE;
    /* In an empty one there is no record before the current one. */
    if (is_refused || (result_failed(result) && is_missing(fault->sw)))
        result = send_change(files, APDU_INS_APPEND_RECORD, APDU_RECORD_FIRST, 0, data, fault);
    if (!result_failed(result)) files->selection.record = file->position = 1;
    return result;
}

/* A record behind the current one, which is reached by reading. `is_absent`: there is none. */
static scm_result change_in_turn(struct card_files *files, const struct card_file *file,
                                 enum apdu_ins ins, uint32_t number, struct bytes data,
                                 bool *is_absent, struct card_fault *fault)
{
    struct card_answer answer;
    scm_result result = HR_OK;

    if (number > 1 && current_record(files) != number - 1)
    {
        result = read_in_turn(files, file, number - 1, &answer);
        if (!result_failed(result)) result = judge_read(&answer, fault);
        if (result_failed(result)) return result == SC_W_EOF ? SC_E_BAD_SEEK : result;
    }
    result =
        send_change(files, ins, number > 1 ? APDU_RECORD_NEXT : APDU_RECORD_FIRST, 0, data, fault);
    *is_absent = result_failed(result) && is_missing(fault->sw);
    if (!*is_absent) files->selection.record = result_failed(result) ? 0 : number;
    return result;
}

/* The record at the pointer, in the form that the card knows. `is_absent`: there is none. */
static scm_result change_record(struct card_files *files, const struct card_file *file,
                                enum apdu_ins ins, struct bytes data, bool *is_absent,
                                struct card_fault *fault)
{
    enum card_record_form *form = &files->record_forms[CARD_RECORD_CHANGE];
    struct card_fault ignored = card_fault_none(), refusal = ignored;
    uint32_t number = file->position + 1;
    struct card_answer answer;
    scm_result refused = HR_OK;

    if (*form != CARD_RECORD_BY_TURNS || ins == APDU_INS_ERASE_RECORD)
    {
        refused = send_change(files, ins, APDU_RECORD_NUMBER, number, data, fault);
        bool is_taken = !result_failed(refused) || is_missing(fault->sw);
        *is_absent = is_taken && result_failed(refused);
        if (is_taken) *form = CARD_RECORD_BY_NUMBER;
        if (!result_failed(refused) || !status_word_refuses_p1_p2(fault->sw)) return refused;
        if (ins == APDU_INS_ERASE_RECORD) return refused;

        /* Is it the number that is refused, or that there is one? */
        refusal = *fault;
        scm_result look = card_record_read(files, file, number, &answer, &ignored);
        *is_absent = look == SC_W_EOF;
        if (files->record_forms[CARD_RECORD_READ] == CARD_RECORD_BY_NUMBER)
            return *is_absent ? SC_E_BAD_SEEK : refused;
        *is_absent = false;
    }
    scm_result result = change_in_turn(files, file, ins, number, data, is_absent, fault);
    if (!result_failed(result) || *is_absent) *form = CARD_RECORD_BY_TURNS;
    if (!result_failed(result) || !status_word_refuses_p1_p2(fault->sw) || !refusal.sw)
        return result;
    *fault = refusal;
    return refused;
}

scm_result card_record_write(struct card_files *files, struct card_file *file, struct bytes data,
                             enum card_write how, struct card_fault *fault)
{
    static const enum apdu_ins instructions[] = {
        [CARD_WRITE_UPDATE] = APDU_INS_UPDATE_RECORD,
        [CARD_WRITE_OR] = APDU_INS_WRITE_RECORD,
        [CARD_WRITE_AND] = APDU_INS_WRITE_RECORD,
        [CARD_WRITE_ERASE] = APDU_INS_ERASE_RECORD,
    };
    bool is_absent = false;

    if (file->record_len && data.len > file->record_len) return SC_E_WRITE_TOO_MANY;
    if (file->kind == FCP_KIND_CYCLIC && how == CARD_WRITE_UPDATE)
        return add_cyclic_record(files, file, data, fault);
    if (file->position >= APDU_RECORD_MAX) return SC_E_BAD_SEEK;
    if (how == CARD_WRITE_ERASE) data = bytes_of(NULL, 0);
    scm_result result = change_record(files, file, instructions[how], data, &is_absent, fault);
    if (is_absent && how == CARD_WRITE_UPDATE) return append_record(files, file, data, fault);
    if (!result_failed(result)) file->position++;
    return result;
}

/* ---- counting ---- */

scm_result card_record_count(struct card_files *files, const struct card_file *file,
                             uint32_t *count, struct card_fault *fault)
{
    uint32_t told = file->record_count < APDU_RECORD_MAX ? file->record_count : APDU_RECORD_MAX;
    /* All up to `low` are there; none above `high`. */
    uint32_t low = 0, high = APDU_RECORD_MAX, probe = told ? told : FIRST_PROBE;
    bool is_bounded = false;
    struct card_answer answer;

    /* No record is beyond the last of a cyclic EF but, on some cards, the first one again. */
    if (told && file->kind == FCP_KIND_CYCLIC) high = told;
    while (low < high)
    {
        fault->sw = 0;
        scm_result result = card_record_read(files, file, probe, &answer, fault);
        bool is_there = !result_failed(result);
        if (!is_there && result != SC_W_EOF)
        {
            *count = told;
            return told && fault->sw ? HR_OK : result;
        }
        if (is_there)
            low = probe;
        else
            high = probe - 1;
        is_bounded = is_bounded || !is_there;
        if (files->record_forms[CARD_RECORD_READ] == CARD_RECORD_BY_TURNS)
        {
            /* One after the other, whatever is looked for. */
            if (low < current_record(files)) low = current_record(files);
            probe = low + 1;
        }
        else if (is_bounded)
            probe = low + (high - low + 1) / 2;
        else
            probe = low == told ? told + 1 : low * 2;
        if (probe > high) probe = high;
    }
    fault->sw = 0;
    *count = low;
    return HR_OK;
}
