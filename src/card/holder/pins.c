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

/* P2 of the commands, clause 11.6.2: bit 8 for the current DF's PINs, bits 5-1 the number. */
#define P2_LOCAL       0x80
#define P2_NUMBER_MASK 0x1F
#define P2_MAX         0xFF

/* P1, by which data is there. */
#define P1_ALL         0x00
#define P1_NEW_ONLY    0x01 /* CHANGE REFERENCE DATA */
#define P1_CODE_ONLY   0x01 /* RESET RETRY COUNTER */
#define P1_NEW_CODE    0x02 /* RESET RETRY COUNTER */
#define P1_NO_CODE     0x03 /* RESET RETRY COUNTER */
#define DATA_FIELD_MAX (2 * CARD_PIN_LEN_MAX)

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

static scm_result find_p2(const struct card_pin_rules *rules, struct card_pin_reference reference,
                          uint8_t *p2, struct card_fault *fault)
{
    uint8_t scope = reference.scope == CARD_PIN_LOCAL ? rules->local_p2 : rules->global_p2;

    if (reference.number < 0 || reference.number > P2_MAX)
        return refuse(fault, "a PIN's reference is a number from 0 to 255");
    *p2 = (uint8_t)reference.number;
    if (reference.scope == CARD_PIN_AS_NUMBERED) return HR_OK;
    /* Programs that know their card may have put the scope into the number already. */
    if (reference.number > P2_NUMBER_MASK && (*p2 & ~P2_NUMBER_MASK) != scope)
        return refuse(fault, "the reference and the flags disagree whose PIN it is");
    *p2 = (uint8_t)(scope | (*p2 & P2_NUMBER_MASK));
    return HR_OK;
}

/* A PIN as the card wants it. */
static scm_result put_pin(const struct card_pin_rules *rules, struct bytes pin,
                          struct byte_writer *data, struct card_fault *fault)
{
    if (pin.len < rules->len_min || pin.len > rules->len_max || pin.len > CARD_PIN_LEN_MAX)
        return refuse(fault, "the PIN is shorter or longer than PINs of this card are");
    byte_writer_put(data, pin);
    for (size_t i = pin.len; rules->is_padded && i < rules->len_max; i++)
        byte_writer_u8(data, rules->padding);
    return data->failed ? refuse(fault, "the PINs are too long for one command") : HR_OK;
}

/* How PINs are presented here: as the current application wants them, or the card. */
static const struct card_pin_rules *rules_of(const struct card_files *files)
{
    const struct card_path_element *first = &files->current_dir.elements[0];
    bool is_named = files->current_dir.count > 0 && first->kind == CARD_PATH_NAME;
    const struct card_application *application =
        is_named ? card_application_find(&files->link->profile, bytes_of(first->bytes, first->len))
                 : NULL;

    return application ? &application->pin : &files->link->profile.pin;
}

/* Makes the card's class known. A card without an MF to select keeps the one it has. */
static scm_result know_the_class(struct card_files *files)
{
    struct card_fault ignored = card_fault_none();

    if (files->has_worked) return HR_OK;
    scm_result result =
        card_files_ensure_selected(files, &files->current_dir, STATUS_SELECT_DIR, &ignored);
    return result_failed(result) && !ignored.sw ? result : HR_OK;
}

/* A command about a PIN, and its place: local ones mean the directory that is selected. */
static scm_result prepare(struct card_files *files, uint8_t ins, uint8_t p1,
                          struct card_pin_reference reference, struct apdu_command *command,
                          struct card_fault *fault)
{
    const struct card_pin_rules *rules = rules_of(files);

    *command = (struct apdu_command){ .ins = ins, .p1 = p1 };
    scm_result result = find_p2(rules, reference, &command->p2, fault);
    bool is_unblocking = ins == APDU_INS_RESET_RETRY_COUNTER;
    if (is_unblocking && rules->first_unblocks_as_0 && command->p2 == 1) command->p2 = 0;
    bool is_local = reference.scope == CARD_PIN_LOCAL || command->p2 & P2_LOCAL;
    if (!result_failed(result) && is_local)
        result = card_files_ensure_selected(files, &files->current_dir, STATUS_SELECT_DIR, fault);
    return result;
}

static scm_result send(struct card_files *files, uint8_t ins, uint8_t p1,
                       struct card_pin_reference reference, struct bytes data,
                       struct card_fault *fault)
{
    /* Without data VERIFY presents nothing: it looks. */
    enum status_context context = ins == APDU_INS_RESET_RETRY_COUNTER       ? STATUS_UNBLOCK
                                  : ins == APDU_INS_VERIFY && data.len == 0 ? STATUS_LOOK
                                                                            : STATUS_VERIFY;
    struct apdu_command command;

    scm_result result = prepare(files, ins, p1, reference, &command, fault);
    if (result_failed(result)) return result;
    command.data = data;
    result = card_exchange_judged(files->link, &command, context, NULL, fault);
    if (result_failed(result)) fault->tries_left = status_word_tries(fault->sw);
    return result;
}

/* The same with up to two PINs as data; empty ones are left out. */
static scm_result send_pins(struct card_files *files, uint8_t ins, uint8_t p1,
                            struct card_pin_reference reference, struct bytes first,
                            struct bytes second, struct card_fault *fault)
{
    uint8_t room[DATA_FIELD_MAX];
    struct byte_writer data = byte_writer_of(room, sizeof(room));
    scm_result result = know_the_class(files);
    const struct card_pin_rules *rules = rules_of(files);

    if (!result_failed(result) && first.len) result = put_pin(rules, first, &data, fault);
    if (!result_failed(result) && second.len) result = put_pin(rules, second, &data, fault);
    if (!result_failed(result))
        result = send(files, ins, p1, reference, byte_writer_written(&data), fault);
    wipe(room, sizeof(room));
    return result;
}

/* The same with PINs that the holder types at the reader: the old one, a new one, or both. */
static scm_result have_typed(struct card_files *files, uint8_t ins, uint8_t p1,
                             struct card_pin_reference reference, bool has_new,
                             struct card_fault *fault)
{
    struct card_pad_request request = { .has_old = true, .has_new = has_new };

    scm_result result = know_the_class(files);
    if (!result_failed(result))
        result = prepare(files, ins, p1, reference, &request.command, fault);
    if (result_failed(result)) return result;
    request.rules = rules_of(files);
    request.command.cla = files->link->profile.cla;
    return card_pin_pad_enter(files->link, &request, fault);
}

static const struct bytes no_pin = { 0 };

scm_result card_pin_verify(struct card_files *files, struct card_pin_reference reference,
                           struct bytes pin, struct card_fault *fault)
{
    /* Without data the command would ask for the tries, and succeed where nothing is proved. */
    if (pin.len == 0) return have_typed(files, APDU_INS_VERIFY, P1_ALL, reference, false, fault);
    return send_pins(files, APDU_INS_VERIFY, P1_ALL, reference, pin, no_pin, fault);
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
    scm_result known = know_the_class(files);
    if (result_failed(known)) return known;
    if (files->link->profile.select.answer_is_sim) return check_sim_pin(files, reference, fault);
    if (files->pin_look_sw) return refuse_to_look(files, fault);
    scm_result result = send(files, APDU_INS_VERIFY, P1_ALL, reference, no_pin, fault);
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
        return have_typed(files, APDU_INS_CHANGE_REFERENCE_DATA, P1_ALL, reference, true, fault);
    if (new_pin.len == 0) return half_typed(fault);
    return send_pins(files, APDU_INS_CHANGE_REFERENCE_DATA, old_pin.len ? P1_ALL : P1_NEW_ONLY,
                     reference, old_pin, new_pin, fault);
}

scm_result card_pin_require(struct card_files *files, struct card_pin_reference reference,
                            struct bytes pin, bool is_required, struct card_fault *fault)
{
    enum apdu_ins ins = is_required ? APDU_INS_ENABLE_VERIFICATION : APDU_INS_DISABLE_VERIFICATION;

    if (pin.len == 0) return have_typed(files, (uint8_t)ins, P1_ALL, reference, false, fault);
    return send_pins(files, (uint8_t)ins, P1_ALL, reference, pin, no_pin, fault);
}

scm_result card_pin_unblock(struct card_files *files, struct card_pin_reference reference,
                            struct bytes resetting_code, struct bytes new_pin,
                            struct card_fault *fault)
{
    uint8_t p1 = resetting_code.len ? (new_pin.len ? P1_ALL : P1_CODE_ONLY)
                                    : (new_pin.len ? P1_NEW_CODE : P1_NO_CODE);

    scm_result result = send_pins(files, APDU_INS_RESET_RETRY_COUNTER, p1, reference,
                                  resetting_code, new_pin, fault);
    if (p1 != P1_NO_CODE || fault->sw != SW_SECURITY_STATUS) return result;

    /* The right is not there, and no PIN was presented: the holder may know the unblocking code. */
    struct card_fault typed = card_fault_none();
    scm_result other =
        have_typed(files, APDU_INS_RESET_RETRY_COUNTER, P1_CODE_ONLY, reference, false, &typed);
    bool has_no_keys = other == SC_E_UNSUPPORTED_FEATURE && !typed.sw;
    if (!has_no_keys) *fault = typed;
    return has_no_keys ? result : other;
}

scm_result card_pin_reset(struct card_files *files, struct card_pin_reference reference,
                          struct bytes resetting_code, struct bytes new_pin,
                          struct card_fault *fault)
{
    if (new_pin.len == 0 && resetting_code.len == 0)
        return have_typed(files, APDU_INS_RESET_RETRY_COUNTER, P1_ALL, reference, true, fault);
    if (new_pin.len == 0) return half_typed(fault);
    return card_pin_unblock(files, reference, resetting_code, new_pin, fault);
}
