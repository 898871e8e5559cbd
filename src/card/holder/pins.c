/*
 * pins - the PINs of a card's holder: verified, looked at, changed, enabled, unblocked.
 * Layer: card/holder (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.6 to 11.6.10; ETSI TS 100 977 clauses 8.9 to 8.13
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/pins.h"

#include "card/files/select.h"
#include "base/wipe.h"
#include "card/holder/pin_pad.h"

/* P1, by which data is there. */
#define P1_ALL         0x00
#define P1_NEW_ONLY    0x01 /* CHANGE REFERENCE DATA */
#define P1_CODE_ONLY   0x01 /* RESET RETRY COUNTER */
#define P1_NEW_CODE    0x02 /* RESET RETRY COUNTER */
#define P1_NO_CODE     0x03 /* RESET RETRY COUNTER */
#define DATA_FIELD_MAX (2 * CARD_PIN_LEN_MAX)

/* Makes the card's class known. A card without an MF to select keeps the one it has. */
static scm_result know_the_class(struct card_files *files)
{
    struct card_fault ignored = card_fault_none();

    if (files->has_worked || files->passwords.is_class_right) return HR_OK;
    scm_result result =
        card_files_ensure_selected(files, &files->current_dir, STATUS_SELECT_DIR, &ignored);
    return result_failed(result) && !ignored.sw ? result : HR_OK;
}

/* The terms of a PIN, on a card whose class is known. A card that does not say how applications are
 * found on it may be a SIM: its class is found out before it is asked for one. */
static scm_result find_terms(struct card_files *files, struct card_pin_reference reference,
                             struct card_pin_terms *terms, struct card_fault *fault)
{
    bool may_be_sim = files->link->atr.service_data.len == 0;

    scm_result result = may_be_sim ? know_the_class(files) : HR_OK;
    if (!result_failed(result)) result = card_pin_find_terms(files, reference, terms, fault);
    return result_failed(result) ? result : know_the_class(files);
}

/* Goes where a PIN is presented: local ones mean the directory that is selected. */
static scm_result go_to_pin(struct card_files *files, const struct card_pin_terms *terms,
                            struct card_fault *fault)
{
    const struct card_selection *selection = card_files_selection(files);
    const struct card_path *place = &files->current_dir;

    if (!terms->is_local) return HR_OK;
    if (terms->has_dir)
    {
        bool is_there = selection->is_known && selection->kind == FCP_KIND_DF &&
                        card_path_begins_with(&selection->path, &terms->dir);
        if (is_there) return HR_OK;
        if (!card_path_begins_with(place, &terms->dir)) place = &terms->dir;
    }
    return card_files_ensure_selected(files, place, STATUS_SELECT_DIR, fault);
}

static struct apdu_command command_of(const struct card_pin_terms *terms, uint8_t ins, uint8_t p1)
{
    struct apdu_command command = { .ins = ins, .p1 = p1, .p2 = terms->p2 };
    bool is_unblocking = ins == APDU_INS_RESET_RETRY_COUNTER;
    if (is_unblocking && terms->rules.first_unblocks_as_0 && command.p2 == 1) command.p2 = 0;
    return command;
}

static scm_result send(struct card_files *files, const struct card_pin_terms *terms,
                       struct apdu_command command, enum status_context context,
                       struct card_fault *fault)
{
    scm_result result = go_to_pin(files, terms, fault);
    if (result_failed(result)) return result;
    result = card_exchange_judged(files->link, &command, context, NULL, fault);
    if (result_failed(result)) fault->tries_left = status_word_tries(fault->sw);
    return result;
}

/* A command with up to two PINs as data; empty ones are left out. */
static scm_result send_pins(struct card_files *files, const struct card_pin_terms *terms,
                            uint8_t ins, uint8_t p1, struct bytes first, struct bytes second,
                            struct card_fault *fault)
{
    uint8_t room[DATA_FIELD_MAX];
    struct byte_writer data = byte_writer_of(room, sizeof(room));
    struct apdu_command command = command_of(terms, ins, p1);
    bool is_unblocking = ins == APDU_INS_RESET_RETRY_COUNTER;
    const struct card_pin_rules *first_rules = is_unblocking ? &terms->puk_rules : &terms->rules;
    scm_result result = HR_OK;

    if (first.len) result = card_pin_put(first_rules, first, false, &data, fault);
    if (!result_failed(result) && second.len)
        result = card_pin_put(&terms->rules, second, true, &data, fault);
    command.data = byte_writer_written(&data);
    if (!result_failed(result))
        result = send(files, terms, command, is_unblocking ? STATUS_UNBLOCK : STATUS_VERIFY, fault);
    wipe(room, sizeof(room));
    return result;
}

/* The same for the PIN that a reference means. */
static scm_result present(struct card_files *files, uint8_t ins, uint8_t p1,
                          struct card_pin_reference reference, struct bytes first,
                          struct bytes second, struct card_fault *fault)
{
    struct card_pin_terms terms;

    scm_result result = find_terms(files, reference, &terms, fault);
    if (result_failed(result)) return result;
    return send_pins(files, &terms, ins, p1, first, second, fault);
}

/* The same with PINs that the holder types at the reader: the old one, a new one, or both. */
static scm_result have_typed(struct card_files *files, const struct card_pin_terms *terms,
                             uint8_t ins, uint8_t p1, bool has_new, struct card_fault *fault)
{
    struct card_pad_request request = { .command = command_of(terms, ins, p1),
                                        .rules = &terms->rules,
                                        .has_old = true,
                                        .has_new = has_new };

    scm_result result = go_to_pin(files, terms, fault);
    if (result_failed(result)) return result;
    request.command.cla = files->link->profile.cla;
    return card_pin_pad_enter(files->link, &request, fault);
}

static scm_result present_typed(struct card_files *files, uint8_t ins,
                                struct card_pin_reference reference, bool has_new,
                                struct card_fault *fault)
{
    struct card_pin_terms terms;

    scm_result result = find_terms(files, reference, &terms, fault);
    if (result_failed(result)) return result;
    return have_typed(files, &terms, ins, P1_ALL, has_new, fault);
}

static const struct bytes no_pin = { 0 };

scm_result card_pin_verify(struct card_files *files, struct card_pin_reference reference,
                           struct bytes pin, struct card_fault *fault)
{
    /* Without data the command would ask for the tries, and succeed where nothing is proved. */
    if (pin.len == 0) return present_typed(files, APDU_INS_VERIFY, reference, false, fault);
    return present(files, APDU_INS_VERIFY, P1_ALL, reference, pin, no_pin, fault);
}

/* SIMs tell of their PINs in what they say of a directory, and not otherwise. */
static scm_result check_sim_pin(struct card_files *files, struct card_pin_reference reference,
                                struct card_fault *fault)
{
    struct card_selected selected;
    struct fcp_sim_pin pin;

    scm_result result =
        card_files_select(files, &files->current_dir, STATUS_SELECT_DIR, &selected, fault);
    if (result_failed(result)) return result;
    bool is_told = reference.number > 0 &&
                   fcp_read_sim_pin(selected.fcp.parameters, (unsigned)reference.number, &pin);
    if (!is_told || !pin.is_initialised) return SC_E_INVALID_CHV;
    if (pin.is_disabled) return HR_OK;
    fault->tries_left = pin.tries_left;
    return pin.tries_left ? (scm_result)SC_W_CARD_NOT_AUTHENTICATED : (scm_result)SC_W_CHV_BLOCKED;
}

/* To a card that took a look at a PIN for a wrong one, there is no second look. */
static scm_result refuse_to_look(const struct card_files *files, struct card_fault *fault)
{
    card_fault_answered(fault, files->pin_look_sw, STATUS_LOOK);
    fault->why = "asking may have cost a try, so the card is not asked again";
    return SC_E_UNSUPPORTED_FEATURE;
}

scm_result card_pin_check(struct card_files *files, struct card_pin_reference reference,
                          struct card_fault *fault)
{
    struct card_pin_terms terms;

    scm_result result = find_terms(files, reference, &terms, fault);
    if (result_failed(result)) return result;
    if (files->link->profile.select.answer_is_sim) return check_sim_pin(files, reference, fault);
    if (files->pin_look_sw) return refuse_to_look(files, fault);
    /* Without data VERIFY presents nothing: it looks. */
    result = send(files, &terms, command_of(&terms, APDU_INS_VERIFY, P1_ALL), STATUS_LOOK, fault);
    bool may_have_cost_a_try =
        fault->sw == SW_NOT_AUTHENTICATED || fault->sw == SW_SIM_NOT_AUTHENTICATED;
    if (result_failed(result) && may_have_cost_a_try) files->pin_look_sw = fault->sw;
    return result;
}

/* A reader's keys give all PINs of a command, or none. */
static scm_result half_typed(struct card_fault *fault)
{
    fault->why = "the new PIN is empty, and the old one is not";
    return SC_E_UNSUPPORTED_FEATURE;
}

scm_result card_pin_change(struct card_files *files, struct card_pin_reference reference,
                           struct bytes old_pin, struct bytes new_pin, struct card_fault *fault)
{
    if (new_pin.len == 0 && old_pin.len == 0)
        return present_typed(files, APDU_INS_CHANGE_REFERENCE_DATA, reference, true, fault);
    if (new_pin.len == 0) return half_typed(fault);
    return present(files, APDU_INS_CHANGE_REFERENCE_DATA, old_pin.len ? P1_ALL : P1_NEW_ONLY,
                   reference, old_pin, new_pin, fault);
}

scm_result card_pin_require(struct card_files *files, struct card_pin_reference reference,
                            struct bytes pin, bool is_required, struct card_fault *fault)
{
    enum apdu_ins ins = is_required ? APDU_INS_ENABLE_VERIFICATION : APDU_INS_DISABLE_VERIFICATION;

    if (pin.len == 0) return present_typed(files, (uint8_t)ins, reference, false, fault);
    return present(files, (uint8_t)ins, P1_ALL, reference, pin, no_pin, fault);
}

/* Status words of a card that does not know this form of RESET RETRY COUNTER, and has not looked at
 * what came with it. */
static bool is_form_refused(uint16_t sw)
{
    return status_word_refuses_p1_p2(sw) || sw == SW_WRONG_LENGTH || sw == 0x6A87;
}

static bool is_known_refused(const struct card_files *files, uint8_t p1)
{
    return files->unblock_forms_refused & ~files->unblock_forms_proven & 1u << p1;
}

/* RESET RETRY COUNTER in one of its forms, and what its answer says of that form. */
static scm_result reset_counter(struct card_files *files, const struct card_pin_terms *terms,
                                uint8_t p1, struct bytes code, struct bytes new_pin,
                                struct card_fault *fault)
{
    scm_result result =
        send_pins(files, terms, APDU_INS_RESET_RETRY_COUNTER, p1, code, new_pin, fault);
    bool was_understood = !result_failed(result) || result == SC_W_WRONG_CHV ||
                          result == SC_W_CHV_BLOCKED || result == SC_W_SECURITY_VIOLATION;
    if (was_understood)
        files->unblock_forms_proven |= (uint8_t)(1u << p1);
    else if (is_form_refused(fault->sw))
        files->unblock_forms_refused |= (uint8_t)(1u << p1);
    return result;
}

/* The same secrets in two steps, on cards that tell of their PUK: it is verified as a PIN of its own,
 * which gives the right to the form without it. A PUK that is wrong is presented no further. */
static scm_result reset_by_right(struct card_files *files, const struct card_pin_terms *terms,
                                 struct bytes code, struct bytes new_pin, struct card_fault *fault)
{
    struct card_pin_terms puk = *terms;
    uint8_t room[CARD_PIN_LEN_MAX];
    struct byte_writer data = byte_writer_of(room, sizeof(room));

    puk.p2 = terms->puk_p2;
    struct apdu_command command = command_of(&puk, APDU_INS_VERIFY, P1_ALL);
    scm_result result = card_pin_put(&terms->puk_rules, code, false, &data, fault);
    command.data = byte_writer_written(&data);
    if (!result_failed(result)) result = send(files, &puk, command, STATUS_UNBLOCK, fault);
    wipe(room, sizeof(room));
    if (result_failed(result)) return result;
    return reset_counter(files, terms, new_pin.len ? P1_NEW_CODE : P1_NO_CODE, no_pin, new_pin,
                         fault);
}

/* The resetting code presented, alone or with a new PIN. */
static scm_result reset_by_code(struct card_files *files, const struct card_pin_terms *terms,
                                struct bytes code, struct bytes new_pin, struct card_fault *fault)
{
    uint8_t p1 = new_pin.len ? P1_ALL : P1_CODE_ONLY;

    if (terms->has_puk && is_known_refused(files, p1))
        return reset_by_right(files, terms, code, new_pin, fault);
    scm_result result = reset_counter(files, terms, p1, code, new_pin, fault);
    if (!result_failed(result) || !is_form_refused(fault->sw)) return result;
    /* Only a form that is not known to work may be the reason. */
    bool is_doubtful = is_known_refused(files, p1);
    if (is_doubtful && terms->has_puk)
    {
        *fault = card_fault_none();
        return reset_by_right(files, terms, code, new_pin, fault);
    }
    if (is_doubtful && p1 == P1_CODE_ONLY)
        fault->why = "the card does not take a PUK alone; perhaps with a new PIN "
                     "(ChangeCode with SC_FL_REPLACE)";
    return result;
}

/* Without a resetting code: by rights gained before, or one that is typed at the reader. */
static scm_result reset_by_right_or_keys(struct card_files *files,
                                         const struct card_pin_terms *terms,
                                         struct card_fault *fault)
{
    struct card_fault refusal = card_fault_none(), typed = card_fault_none();
    bool was_refused = is_known_refused(files, P1_NO_CODE);
    scm_result result = HR_OK;

    if (!was_refused)
    {
        result = reset_counter(files, terms, P1_NO_CODE, no_pin, no_pin, &refusal);
        if (!result_failed(result)) return result;
        if (refusal.sw != SW_SECURITY_STATUS && !is_form_refused(refusal.sw))
        {
            *fault = refusal;
            return result;
        }
    }
    /* No PIN was presented so far: the holder may know the unblocking code. */
    scm_result other =
        have_typed(files, terms, APDU_INS_RESET_RETRY_COUNTER, P1_CODE_ONLY, false, &typed);
    bool has_no_keys = other == SC_E_UNSUPPORTED_FEATURE && !typed.sw;
    if (has_no_keys && was_refused)
        result = reset_counter(files, terms, P1_NO_CODE, no_pin, no_pin, &refusal);
    *fault = has_no_keys ? refusal : typed;
    return has_no_keys ? result : other;
}

scm_result card_pin_unblock(struct card_files *files, struct card_pin_reference reference,
                            struct bytes resetting_code, struct bytes new_pin,
                            struct card_fault *fault)
{
    struct card_pin_terms terms;

    scm_result result = find_terms(files, reference, &terms, fault);
    if (result_failed(result)) return result;
    if (resetting_code.len) return reset_by_code(files, &terms, resetting_code, new_pin, fault);
    if (new_pin.len) return reset_counter(files, &terms, P1_NEW_CODE, no_pin, new_pin, fault);
    return reset_by_right_or_keys(files, &terms, fault);
}

scm_result card_pin_reset(struct card_files *files, struct card_pin_reference reference,
                          struct bytes resetting_code, struct bytes new_pin,
                          struct card_fault *fault)
{
    if (new_pin.len == 0 && resetting_code.len == 0)
        return present_typed(files, APDU_INS_RESET_RETRY_COUNTER, reference, true, fault);
    if (new_pin.len == 0) return half_typed(fault);
    return card_pin_unblock(files, reference, resetting_code, new_pin, fault);
}
