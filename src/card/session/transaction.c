/*
 * transaction - the card taken for one session alone: locks, counted, and the card's transaction.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * Reference: SCardBeginTransaction, SCardEndTransaction, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

void transaction_forget_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    session->lock_count = 0;
    session->unlock_disposition = PCSC_LEAVE_CARD;
}

scm_result transaction_begin_locked(struct card_session *session)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = session->port->begin(session->port, session->card);
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

scm_result card_session_lock(struct card_session *session)
{
    lock_enter(session->lock);
    scm_result result = connection_check_locked(session);
    if (!result_failed(result) && session->lock_count == 0)
        result = transaction_begin_locked(session);
    if (!result_failed(result)) session->lock_count++;
    lock_leave(session->lock);
    return result;
}

static scm_result unlock_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    if (session->lock_count == 0) return SC_E_NOT_TRANSACTED;

    if (disposition > session->unlock_disposition) session->unlock_disposition = disposition;
    if (--session->lock_count > 0) return HR_OK;

    disposition = session->unlock_disposition;
    transaction_forget_locked(session);
    return transaction_end_locked(session, disposition);
}

scm_result card_session_unlock(struct card_session *session, enum pcsc_disposition disposition)
{
    if ((unsigned)disposition > PCSC_EJECT_CARD) return HR_INVALIDARG;
    lock_enter(session->lock);
    scm_result result = unlock_locked(session, disposition);
    lock_leave(session->lock);
    return result;
}

scm_result card_session_reset(struct card_session *session)
{
    lock_enter(session->lock);
    scm_result result = connection_check_locked(session);
    if (!result_failed(result) && session->lock_count == 0)
        result = transaction_begin_locked(session);
    if (!result_failed(result))
    {
        result = transaction_end_locked(session, PCSC_RESET_CARD);
        if (!result_failed(result) && session->files) card_files_distrust(session->files);
        /* Also where the card was not reset, the lock's transaction has ended. */
        scm_result begun = session->lock_count > 0 ? transaction_begin_locked(session) : HR_OK;
        if (result_failed(begun)) transaction_forget_locked(session);
        if (!result_failed(result)) result = begun;
    }
    lock_leave(session->lock);
    return result;
}
