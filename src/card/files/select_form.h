/*
 * select_form - SELECT in one of its forms, and what is learnt of it.
 * Layer: card/files (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. A form is P1, what the data field begins with, and the kind of answer asked for in
 * P2. What has worked stays known to work, whatever is refused later; what is refused is refused for
 * this form and this kind of answer. A form that does not find what is there is refuted, unless it
 * has worked. Nothing here knows which form follows on which: that is select.c.
 * Standard: ISO/IEC 7816-4:2020 clause 11.2 (SELECT)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_FILES_SELECT_FORM_H
#define SCM_CARD_FILES_SELECT_FORM_H

#include "card/files/memory.h"

/** What a status word says of a SELECT. */
enum card_select_verdict
{
    CARD_SELECT_FOUND,
    CARD_SELECT_MISSING, /**< understood, and there is no such file */
    CARD_SELECT_REFUSED, /**< this form is not understood, or not with this file */
    CARD_SELECT_DENIED,  /**< anything else: no other form would do better */
};

/** In place of a status word: no form was left to be sent. */
#define CARD_SELECT_UNSENT 0

enum card_select_verdict card_select_verdict(uint16_t sw);

/** Whether a form may be sent: the profile has it, and it is neither refused nor refuted. */
bool card_select_may_send(const struct card_files *files, enum card_select_form form);

/**
 * Sends a form with the kind of answer that it is known to take, or else with those that it may.
 *
 * @param[in] data without the 3F00 of the forms that put it in front.
 * @param[out] answer the last one.
 * @retval HR_OK the card has answered; any code of card_exchange().
 */
scm_result card_select_send(struct card_files *files, enum card_select_form form, struct bytes data,
                            struct card_answer *answer);

/** A form did not find what is there: it is not sent any more, unless it has worked. */
void card_select_refute(struct card_files *files, enum card_select_form form);

/** The class is another one: what was refused was refused to the first. */
void card_select_forget_refusals(struct card_files *files);

#endif
