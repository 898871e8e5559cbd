/*
 * reconnection - the link to the card made anew, and the card given power.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * Reference: SCardReconnect, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

/* A connection for a moment. It powers a card without power, and leaves any other as it is. */
static scm_result visit_card_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct pooled_context *context = session->context;
    enum pcsc_protocol active;
    pcsc_card visit;

    if (!context)
    {
        scm_result result = context_pool_borrow(session->pool, &context);
        if (result_failed(result)) return result;
    }
    scm_result result =
        session->port->connect(session->port, pooled_context_handle(context), session->reader_name,
                               PCSC_SHARE_SHARED, session->protocols, &visit, &active);
    if (!result_failed(result)) session->port->disconnect(session->port, visit, PCSC_LEAVE_CARD);
    if (context != session->context) context_pool_return(session->pool, context);
    return result;
}

/*
 * Sees to it that the card has power after a reconnection that leaves it as it is. With pcsc-lite
 * that powers neither a card that came in meanwhile nor one that another program has switched off,
 * and succeeds all the same. A reset would end what the card remembers for other programs. So it is
 * the last means: where nobody else can be there, or where a visit has failed.
 */
static scm_result power_card_locked(struct card_session *session, bool *needs_reset)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct pcsc_status status;
    scm_result seen = connection_status_locked(session, &status);
    bool is_unharmed = !result_failed(seen);
    bool has_name = session->reader_name[0] != 0;

    if (result_says_service_lost(seen) || seen == SC_E_INVALID_HANDLE) return HR_OK;
    if (is_unharmed && session->files && session->files->link->has_lost_card)
    {
        /* The client reconnected his handle by himself, to another card, and without power. */
        connection_forget_card_locked(session);
        *needs_reset = true;
        return HR_OK;
    }
    if (is_unharmed && session->owns_handle) return HR_OK;

    scm_result visited = SC_E_UNKNOWN_READER;
    if (has_name)
    {
        /* The visit would wait for the end of a transaction that every reconnection ends. */
        transaction_give_back_locked(session, PCSC_LEAVE_CARD);
        visited = visit_card_locked(session);
        if (visited == SC_E_SHARING_VIOLATION && session->share != PCSC_SHARE_EXCLUSIVE)
            return visited;
    }
    /* A card of ours alone that was only reset was reset by us, and has power. */
    bool may_lack_power = !is_unharmed && (seen != SC_W_RESET_CARD || !has_name);
    *needs_reset = result_failed(visited) && may_lack_power;
    return HR_OK;
}

static scm_result reconnect_with_locked(struct card_session *session,
                                        enum pcsc_disposition initialization)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = HR_OK;
    bool needs_reset = false;

    if (connection_would_wait_for_itself_locked(session)) return SC_E_SHARING_VIOLATION;
    if (session->card && initialization == PCSC_LEAVE_CARD)
        result = power_card_locked(session, &needs_reset);
    connection_doubt_card_locked(session);
    if (result_failed(result)) return result;
    if (!session->card) return connection_open_locked(session);
    result = connection_renew_locked(session, initialization);
    /* Only now: pcsc-lite takes note of a reset also where there is no card. */
    if (!result_failed(result) && needs_reset)
        result = connection_renew_locked(session, PCSC_RESET_CARD);
    if (!result_failed(result) && session->files) session->files->link->has_lost_card = false;
    return result;
}

/* A reconnection ends the transaction: it is taken again where there was a lock. */
static scm_result renew_lock_locked(struct card_session *session, scm_result result)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (!result_failed(result) && session->lock_count > 0)
        result = transaction_begin_locked(session);
    if (result_failed(result))
    {
        /* Where it failed early, what it would have ended goes on. */
        if (session->lock_count > 0 && session->card)
            transaction_give_back_locked(session, PCSC_LEAVE_CARD);
        transaction_forget_locked(session);
    }
    return result;
}

scm_result card_session_reconnect(struct card_session *session)
{
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = SC_E_INVALID_HANDLE;
    if (session->is_attached)
    {
        connection_learn_share_locked(session);
        result = renew_lock_locked(session, reconnect_with_locked(session, PCSC_LEAVE_CARD));
    }
    session_give(session);
    return result;
}

scm_result card_session_reattach(struct card_session *session, enum pcsc_share share,
                                 enum pcsc_disposition initialization)
{
    if (!connection_is_share(share) || (unsigned)initialization > PCSC_UNPOWER_CARD)
        return HR_INVALIDARG;
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = SC_E_INVALID_HANDLE;
    if (session->is_attached)
    {
        session->share = share;
        result = renew_lock_locked(session, reconnect_with_locked(session, initialization));
    }
    session_give(session);
    return result;
}
