/*
 * pins - the operations of ISCardVerify on a session.
 * Layer: card/doors (calls session and holder; knows no COM).
 * Reference: ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/pins.h"

#include "card/doors/work.h"
#include "iso7816/status_words.h"

scm_result door_pins_verify(struct card_session *session, enum card_protection protection,
                            struct card_pin_reference reference, struct bytes pin,
                            struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, card_pin_verify(work.files, reference, pin, fault));
}

scm_result door_pins_check(struct card_session *session, enum card_protection protection,
                           struct card_pin_reference reference, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, card_pin_check(work.files, reference, fault));
}

scm_result door_pins_require(struct card_session *session, enum card_protection protection,
                             struct card_pin_reference reference, struct bytes pin,
                             bool is_required, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, card_pin_require(work.files, reference, pin, is_required, fault));
}

/* Whether a card refused to enable what is enabled, or to disable what is disabled. */
static bool is_so_already(scm_result result, const struct card_fault *fault)
{
    return result == SC_E_NO_ACCESS &&
           (fault->sw == SW_CONDITIONS_OF_USE || fault->sw == SW_SIM_CHV_CONTRADICTION);
}

static scm_result require_as_well(struct card_files *files, struct card_pin_reference reference,
                                  struct bytes pin, bool is_required, struct card_fault *fault)
{
    scm_result result = card_pin_require(files, reference, pin, is_required, fault);
    if (!is_so_already(result, fault)) return result;
    *fault = card_fault_none();
    return HR_OK;
}

static scm_result carry_out(struct card_files *files, struct card_pin_reference reference,
                            const struct door_pins_change *change, struct card_fault *fault)
{
    scm_result result = HR_OK;

    if (change->enables_before)
        result = require_as_well(files, reference, change->old_pin, true, fault);
    if (result_failed(result)) return result;
    result = change->is_resetting_code
                 ? card_pin_reset(files, reference, change->old_pin, change->new_pin, fault)
                 : card_pin_change(files, reference, change->old_pin, change->new_pin, fault);
    if (!result_failed(result) && change->disables_after)
        result = require_as_well(files, reference, change->new_pin, false, fault);
    return result;
}

scm_result door_pins_change(struct card_session *session, enum card_protection protection,
                            struct card_pin_reference reference,
                            const struct door_pins_change *change, struct card_fault *fault)
{
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    return door_work_end(&work, carry_out(work.files, reference, change, fault));
}

scm_result door_pins_unblock(struct card_session *session, enum card_protection protection,
                             struct card_pin_reference reference, struct bytes resetting_code,
                             struct card_fault *fault)
{
    static const struct bytes no_new_pin = { 0 };
    struct door_work work;
    scm_result result = door_work_begin(&work, session, protection, fault);
    if (result_failed(result)) return result;
    return door_work_end(
        &work, card_pin_unblock(work.files, reference, resetting_code, no_new_pin, fault));
}
