/*
 * work - how every door opens and closes: a client's work on the card begun, protected, explained,
 *        ended.
 * Layer: card/doors (calls session; knows no COM). For doors only.
 * Owns: nothing; threads: the session is taken from beginning to end.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_WORK_H
#define SCM_CARD_DOORS_WORK_H

#include "card/session/work.h"

/** Work that has begun. */
struct door_work
{
    struct card_session *session;
    struct card_files *files; /**< what is remembered of the card; NULL where work did not begin */
    struct card_fault *fault; /**< for the client's description */
};

/**
 * Takes session and card.
 *
 * @retval HR_OK end with door_work_end().
 * @retval as card_session_begin_protected(); there is nothing to end then.
 */
scm_result door_work_begin(struct door_work *work, struct card_session *session,
                           enum card_protection protection, struct card_fault *fault);

/**
 * Gives card and session back. Where secure messaging failed on the way, that is the reason of all
 * other failures, and the description says so; likewise where the call's budget was spent, or its
 * attachment ended.
 *
 * @return as card_session_explain().
 */
scm_result door_work_end(struct door_work *work, scm_result result);

#endif
