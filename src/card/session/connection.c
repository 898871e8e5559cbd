/*
 * connection - the handle of an attachment: opened, shared, renewed, dropped.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: the callers hold session->lock.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

#include "system/thread.h"

bool connection_is_share(enum pcsc_share share)
{
    return share == PCSC_SHARE_SHARED || share == PCSC_SHARE_EXCLUSIVE;
}

scm_result connection_check_locked(const struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    return session->card ? HR_OK : session->lost_because;
}

bool connection_is_blocked_by_thread_locked(const struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    return turns_is_mine(context_pool_turns(session->pool), &session->turn, session->reader_name);
}

bool connection_would_wait_for_itself_locked(const struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    return pcsc_port_traits(session->port).everybody_waits &&
           connection_is_blocked_by_thread_locked(session);
}

scm_result connection_status_locked(struct card_session *session, struct pcsc_status *status)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (connection_would_wait_for_itself_locked(session)) return SC_E_SHARING_VIOLATION;
    return session->port->status(session->port, session->card, status);
}

bool connection_is_alone_locked(const struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    return session->owns_handle && session->share == PCSC_SHARE_EXCLUSIVE;
}

scm_result connection_drop_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = HR_OK, disposed = HR_OK;

    if (session->owns_handle && session->card)
    {
        if (disposition != PCSC_LEAVE_CARD && connection_would_wait_for_itself_locked(session))
        {
            disposed = SC_E_CANT_DISPOSE;
            disposition = PCSC_LEAVE_CARD;
        }
        result = session->port->disconnect(session->port, session->card, disposition);
    }
    session->card = 0;
    return result_failed(disposed) ? disposed : result;
}

void connection_forget_card_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    card_files_destroy(session->files);
    session->files = NULL;
    session->card_may_differ = false;
}

void connection_give_context_back_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (session->keeps_context) return;
    context_pool_return(session->pool, session->context);
    session->context = NULL;
}

/* With pcsc-lite a card that is just coming has told no protocol yet. Who takes either waits a moment:
 * there is none that he could not agree upon. */
#define COMING_LOOKS   5
#define COMING_LOOK_MS 100

static bool wait_for_protocol_locked(const struct card_session *session, scm_result result,
                                     unsigned *looks)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    bool takes_either = (session->protocols & PCSC_PROTOCOL_ANY) == PCSC_PROTOCOL_ANY;

    if (result != SC_E_PROTO_MISMATCH || !takes_either || *looks == COMING_LOOKS) return false;
    ++*looks;
    thread_pause_ms(COMING_LOOK_MS);
    return true;
}

static scm_result try_connect_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    enum pcsc_protocol active;

    if (connection_would_wait_for_itself_locked(session)) return SC_E_SHARING_VIOLATION;
    if (!session->context)
    {
        scm_result result = context_pool_borrow(session->pool, &session->context);
        if (result_failed(result)) return result;
    }
    unsigned looks = 0;
    scm_result result;
    do
        result = session->port->connect(session->port, pooled_context_handle(session->context),
                                        session->reader_name, session->share, session->protocols,
                                        &session->card, &active);
    while (wait_for_protocol_locked(session, result, &looks));
    return result;
}

/* Where the daemon dies under a call, the service seems lost, or the call refused. Which of them it
 * was, another context shows. */
static bool may_be_the_contexts_fault(scm_result result)
{
    return result_says_service_lost(result) || result == SC_E_INVALID_HANDLE ||
           result == SC_W_SECURITY_VIOLATION;
}

/* The pool's context may lead to a resource manager that is gone: then once more with another. */
scm_result connection_open_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = try_connect_locked(session);
    if (session->context && may_be_the_contexts_fault(result))
    {
        context_pool_discard(session->pool, session->context);
        session->context = NULL;
        result = try_connect_locked(session);
    }
    session->lost_because = result;
    return result;
}

static bool result_says_connection_lost(scm_result result)
{
    return result_says_service_lost(result) || result == SC_E_INVALID_HANDLE ||
           result == SC_E_READER_UNAVAILABLE;
}

scm_result connection_renew_locked(struct card_session *session,
                                   enum pcsc_disposition initialization)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    enum pcsc_protocol active;
    unsigned looks = 0;
    scm_result result;
    do
        result = session->port->reconnect(session->port, session->card, session->share,
                                          session->protocols, initialization, &active);
    while (wait_for_protocol_locked(session, result, &looks));
    if (!session->owns_handle || !result_says_connection_lost(result)) return result;

    /* The resource manager was restarted, or the reader was away: begin again by name. */
    connection_drop_locked(session, PCSC_LEAVE_CARD);
    return connection_open_locked(session);
}

/* The client did not tell how it opened its handle: where its reader is held exclusively, that is
 * by this handle. */
static enum pcsc_share share_of_clients_handle_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct pooled_context *context;
    bool exclusive = false;

    if (!session->reader_name[0]) return PCSC_SHARE_SHARED;
    for (int i = 0; i < 2; i++)
    {
        if (result_failed(context_pool_borrow(session->pool, &context))) return PCSC_SHARE_SHARED;
        scm_result result = session->port->is_exclusive(
            session->port, pooled_context_handle(context), session->reader_name, &exclusive);
        if (!result_says_service_lost(result) && result != SC_E_INVALID_HANDLE)
        {
            context_pool_return(session->pool, context);
            break;
        }
        context_pool_discard(session->pool, context);
    }
    return exclusive ? PCSC_SHARE_EXCLUSIVE : PCSC_SHARE_SHARED;
}

void connection_learn_share_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (session->card && !session->owns_handle)
        session->share = share_of_clients_handle_locked(session);
}

void connection_doubt_card_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct pcsc_status status;

    if (!session->files) return;
    card_link_set_channel(session->files->link, NULL);
    scm_result result = session->card ? connection_status_locked(session, &status) : SC_E_NOT_READY;
    if (result_failed(result) && result != SC_W_RESET_CARD)
        connection_forget_card_locked(session);
    else
    {
        card_files_distrust(session->files);
        session->card_may_differ = true;
    }
}
