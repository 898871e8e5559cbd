/*
 * locking - the card taken for one session alone: locks, counted.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function takes the session unless named _locked; those want its lock held.
 * Reference: SCardBeginTransaction, SCardEndTransaction, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

scm_result card_session_lock(struct card_session *session)
{
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = connection_check_locked(session);
    if (!result_failed(result) && session->lock_count == 0)
        result = transaction_begin_locked(session);
    if (!result_failed(result)) session->lock_count++;
    session_give(session);
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
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = unlock_locked(session, disposition);
    session_give(session);
    return result;
}

scm_result card_session_reset(struct card_session *session)
{
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = connection_check_locked(session);
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
    session_give(session);
    return result;
}
