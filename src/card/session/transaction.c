/*
 * transaction - the card's transaction, begun and given back.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: the callers hold session->lock.
 * Reference: SCardBeginTransaction, SCardEndTransaction, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

void transaction_forget_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    turns_leave(context_pool_turns(session->pool), &session->turn);
    session->lock_count = 0;
    session->unlock_disposition = PCSC_LEAVE_CARD;
}

scm_result transaction_begin_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    struct turns *turns = context_pool_turns(session->pool);
    bool has_name = session->reader_name[0] != 0;

    if (has_name && connection_is_blocked_by_thread_locked(session)) return SC_E_SHARING_VIOLATION;
    scm_result result = session->port->begin(session->port, session->card);
    if (has_name && !result_failed(result)) turns_take(turns, &session->turn, session->reader_name);
    if (session->files && !connection_is_alone_locked(session)) card_files_distrust(session->files);
    if (session->files && result_failed(result)) card_link_set_channel(session->files->link, NULL);
    return result;
}

/* Nothing is held of a card that is gone or was reset, nor through a handle or service that is. */
static bool says_nothing_is_held(scm_result result)
{
    return !result_failed(result) || result == SC_E_NOT_TRANSACTED ||
           result == SC_E_INVALID_HANDLE || result == SC_W_RESET_CARD ||
           result == SC_W_REMOVED_CARD || result_says_service_lost(result);
}

scm_result transaction_give_back_locked(struct card_session *session,
                                        enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    const struct pcsc_port *port = session->port;

    turns_leave(context_pool_turns(session->pool), &session->turn);
    scm_result result = port->end(port, session->card, disposition);

    if (!result_failed(result) || result == SC_E_NOT_TRANSACTED) return result;
    if (says_nothing_is_held(port->end(port, session->card, PCSC_LEAVE_CARD))) return result;
    /* The last means: every reconnection ends it. */
    connection_learn_share_locked(session);
    connection_doubt_card_locked(session);
    connection_renew_locked(session, PCSC_LEAVE_CARD);
    return result;
}

/* pcsc-lite asks even the one who has reset the card to reconnect; Windows does not. */
scm_result transaction_end_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = transaction_give_back_locked(session, disposition);
    bool is_reset = disposition == PCSC_RESET_CARD || disposition == PCSC_UNPOWER_CARD;
    if (result_failed(result) || !is_reset) return result;
    connection_learn_share_locked(session);
    connection_doubt_card_locked(session);
    connection_renew_locked(session, PCSC_LEAVE_CARD);
    return result;
}
