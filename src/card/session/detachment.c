/*
 * detachment - the end of an attachment, whoever carries it out.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: the callers hold session->lock.
 * Reference: SCardDisconnect, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

static scm_result drop_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    connection_forget_card_locked(session);
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    if (session->lock_count > 0) transaction_give_back_locked(session, session->unlock_disposition);
    transaction_forget_locked(session);
    scm_result result = connection_drop_locked(session, disposition);
    connection_give_context_back_locked(session);
    session->is_attached = false;
    session->owns_handle = false;
    /* A card that is left as it is gives nothing to complain of, even where it is gone. */
    return disposition == PCSC_LEAVE_CARD ? HR_OK : result;
}

/* The client's handle goes on, but its card is to be reset, unpowered or ejected. */
static scm_result dispose_of_clients_card_locked(struct card_session *session,
                                                 enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    scm_result result = session->lock_count > 0 ? HR_OK : transaction_begin_locked(session);
    transaction_forget_locked(session);
    return result_failed(result) ? result : transaction_end_locked(session, disposition);
}

scm_result detachment_end_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    INVARIANT(lock_is_mine(session->lock), "the session's lock is held");
    bool is_clients = session->is_attached && !session->owns_handle;
    scm_result result = HR_OK;

    if (is_clients && disposition != PCSC_LEAVE_CARD)
    {
        result = dispose_of_clients_card_locked(session, disposition);
        disposition = PCSC_LEAVE_CARD;
    }
    scm_result detached = drop_locked(session, disposition);
    return result_failed(result) ? result : detached;
}
