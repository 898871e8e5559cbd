/*
 * attachment - cards attached by reader name or by the client's handle, and detached.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * Reference: SCardConnect, SCardDisconnect, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

#include <string.h>

/* Takes the session's lock to end the attachment. A call that another thread has under way sends no
 * further command meanwhile. */
static void enter_to_end(struct card_session *session)
{
    atomic_fetch_add(&session->endings, 1);
    lock_enter(session->lock);
    atomic_fetch_sub(&session->endings, 1);
}

static scm_result detach_locked(struct card_session *session, enum pcsc_disposition disposition)
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

scm_result card_session_keep_context(struct card_session *session)
{
    scm_result result = HR_OK;

    lock_enter(session->lock);
    if (!session->context) result = context_pool_borrow(session->pool, &session->context);
    if (!result_failed(result)) session->keeps_context = true;
    lock_leave(session->lock);
    return result;
}

scm_result card_session_attach_protocol(struct card_session *session, const char *reader_name,
                                        enum pcsc_share share, unsigned protocols)
{
    if (!reader_name || !reader_name[0]) return HR_INVALIDARG;
    if (!connection_is_share(share)) return HR_INVALIDARG;
    if (!protocols || protocols & ~(unsigned)(PCSC_PROTOCOL_ANY | PCSC_PROTOCOL_RAW))
        return HR_INVALIDARG;
    size_t name_len = strlen(reader_name);

    enter_to_end(session);
    detach_locked(session, PCSC_LEAVE_CARD);
    scm_result result = SC_E_UNKNOWN_READER; /* no reader has a name that long */
    if (name_len < PCSC_READER_NAME_MAX)
    {
        memcpy(session->reader_name, reader_name, name_len + 1);
        session->share = share;
        session->protocols = protocols;
        result = connection_open_locked(session);
    }
    if (!result_failed(result))
    {
        session->is_attached = true;
        session->owns_handle = true;
    }
    else
        connection_give_context_back_locked(session);
    lock_leave(session->lock);
    return result;
}

scm_result card_session_attach_reader(struct card_session *session, const char *reader_name,
                                      enum pcsc_share share)
{
    return card_session_attach_protocol(session, reader_name, share, PCSC_PROTOCOL_ANY);
}

scm_result card_session_attach_handle(struct card_session *session, pcsc_card card)
{
    struct pcsc_status status;
    scm_result result = session->port->status(session->port, card, &status);

    if (result == SC_E_INVALID_HANDLE) return HR_INVALIDARG;
    if (result_failed(result) && result != SC_W_RESET_CARD) return result;

    enter_to_end(session);
    detach_locked(session, PCSC_LEAVE_CARD);
    session->is_attached = true;
    session->owns_handle = false;
    session->card = card;
    memcpy(session->reader_name, status.reader_name, sizeof(session->reader_name));
    session->protocols =
        status.protocol == PCSC_PROTOCOL_RAW ? PCSC_PROTOCOL_RAW : PCSC_PROTOCOL_ANY;
    lock_leave(session->lock);
    return HR_OK;
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

scm_result card_session_detach_to(struct card_session *session, enum pcsc_disposition disposition)
{
    if ((unsigned)disposition > PCSC_EJECT_CARD) return HR_INVALIDARG;
    enter_to_end(session);
    bool is_clients = session->is_attached && !session->owns_handle;
    scm_result result = HR_OK;
    if (is_clients && disposition != PCSC_LEAVE_CARD)
    {
        result = dispose_of_clients_card_locked(session, disposition);
        disposition = PCSC_LEAVE_CARD;
    }
    scm_result detached = detach_locked(session, disposition);
    lock_leave(session->lock);
    return result_failed(result) ? result : detached;
}

scm_result card_session_detach(struct card_session *session)
{
    return card_session_detach_to(session, PCSC_LEAVE_CARD);
}
