/*
 * work - the session taken for as long as a piece of work on the card lasts.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/work.h"

#include "card/session/session_private.h"

/* Makes what is remembered of the card, or sees that it still belongs to this one. */
static scm_result know_card_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct pcsc_status status;

    if (session->files && !session->card_may_differ) return HR_OK;
    scm_result result = connection_status_locked(session, &status);
    if (result_failed(result)) return result;
    if (session->files && card_files_take_over(session->files, session->card, &status))
    {
        session->card_may_differ = false;
        return HR_OK;
    }
    connection_forget_card_locked(session);
    session->files = card_files_create(session->port, session->card, &status);
    return session->files ? HR_OK : HR_OUTOFMEMORY;
}

static scm_result enter_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = connection_check_locked(session);
    return result_failed(result) ? result : know_card_locked(session);
}

scm_result card_session_enter(struct card_session *session, struct card_files **files)
{
    *files = NULL;
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = enter_locked(session);
    if (result_failed(result))
    {
        session_give(session);
        return result;
    }
    *files = session->files;
    if (session->entries++ > 0) return HR_OK;
    struct card_link *link = session->files->link;
    link->budget.endings = &session->endings;
    card_budget_begin(&link->budget);
    link->channel_why = NULL;
    link->channel_sw = 0;
    return HR_OK;
}

void card_session_leave(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "who leaves a session has entered it");
    INVARIANT(session->entries > session->works_under_way, "what was entered is left once");
    session->entries--;
    session_give(session);
}

scm_result card_session_begin_work(struct card_session *session, struct card_files **files)
{
    scm_result result = card_session_enter(session, files);
    if (result_failed(result)) return result;
    /* Who begins while another thread waits to detach would only keep it waiting. */
    result = card_budget_check_ending(&session->files->link->budget);
    if (!result_failed(result) && session->lock_count == 0)
        result = transaction_begin_locked(session);
    else if (!session->owns_handle)
        card_files_distrust(session->files);
    if (result_failed(result))
    {
        *files = NULL;
        card_session_leave(session);
        return result;
    }
    session->works_under_way++;
    struct card_link *link = session->files->link;
    link->is_secure = link->channel && card_channel_covers_all(link->channel);
    return HR_OK;
}

/* Where nobody else keeps the card from this thread, that is what helps to know. */
static const char *why_not_shared(struct card_session *session)
{
    const char *why = NULL;

    if (result_failed(session_take(session))) return NULL;
    if (connection_is_blocked_by_thread_locked(session))
        why = "this thread has the card to itself, by the lock of another object";
    session_give(session);
    return why;
}

scm_result card_session_begin_protected(struct card_session *session,
                                        enum card_protection protection, struct card_files **files,
                                        struct card_fault *fault)
{
    scm_result result = card_session_begin_work(session, files);
    if (result == SC_E_CANCELLED) fault->why = CARD_BUDGET_WHY_ENDING;
    if (result == SC_E_SHARING_VIOLATION) fault->why = why_not_shared(session);
    if (result_failed(result) || protection == CARD_PLAIN) return result;
    if (!(*files)->link->channel)
    {
        card_session_end_work(session);
        *files = NULL;
        fault->why = "secure messaging needs keys, and there are none";
        return SC_E_UNSUPPORTED_FEATURE;
    }
    (*files)->link->is_secure = true;
    return HR_OK;
}

scm_result card_session_explain(const struct card_files *files, scm_result result,
                                struct card_fault *fault)
{
    const struct card_link *link = files->link;

    result = card_budget_result(&link->budget, result);
    if (link->budget.why)
        *fault = (struct card_fault){ .why = link->budget.why,
                                      .tries_left = -1,
                                      .has_written = fault->has_written,
                                      .written = fault->written };
    else if (result_failed(result) && link->channel_why)
    {
        fault->why = link->channel_why;
        card_fault_answered(fault, link->channel_sw, 0);
    }
    return result;
}

void card_session_end_work(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the thread that begins work ends it");
    INVARIANT(session->works_under_way > 0, "work that ends has begun");
    session->works_under_way--;
    session->files->link->is_secure = false;
    /* What cannot be ended at all has ended with the card or the service. */
    if (session->lock_count == 0) transaction_give_back_locked(session, PCSC_LEAVE_CARD);
    card_session_leave(session);
}
