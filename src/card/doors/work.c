/*
 * work - how every door opens and closes.
 * Layer: card/doors (calls session; knows no COM).
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/work.h"

scm_result door_work_begin(struct door_work *work, struct card_session *session,
                           enum card_protection protection, struct card_fault *fault)
{
    *work = (struct door_work){ .session = session, .fault = fault };
    return card_session_begin_protected(session, protection, &work->files, fault);
}

scm_result door_work_end(struct door_work *work, scm_result result)
{
    result = card_session_explain(work->files, result, work->fault);
    card_session_end_work(work->session);
    work->files = NULL;
    return result;
}
