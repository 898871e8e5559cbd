/*
 * attachment - cards attached by reader name or by the client's handle, and detached.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * Reference: SCardConnect, SCardDisconnect, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

#include <string.h>

scm_result card_session_keep_context(struct card_session *session)
{
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    if (!session->context) result = context_pool_borrow(session->pool, &session->context);
    if (!result_failed(result)) session->keeps_context = true;
    session_give(session);
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

    scm_result result = session_take_to_attach(session);
    if (result_failed(result)) return result;
    detachment_end_locked(session, PCSC_LEAVE_CARD);
    result = SC_E_UNKNOWN_READER; /* no reader has a name that long */
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
    session_give(session);
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

    result = session_take_to_attach(session);
    if (result_failed(result)) return result;
    detachment_end_locked(session, PCSC_LEAVE_CARD);
    session->is_attached = true;
    session->owns_handle = false;
    session->card = card;
    memcpy(session->reader_name, status.reader_name, sizeof(session->reader_name));
    session->protocols =
        status.protocol == PCSC_PROTOCOL_RAW ? PCSC_PROTOCOL_RAW : PCSC_PROTOCOL_ANY;
    session_give(session);
    return HR_OK;
}

scm_result card_session_detach_to(struct card_session *session, enum pcsc_disposition disposition)
{
    if ((unsigned)disposition > PCSC_EJECT_CARD) return HR_INVALIDARG;
    if (!session_take_to_end(session))
    {
        session_leave_ending(session, disposition);
        return HR_OK;
    }
    scm_result result = detachment_end_locked(session, disposition);
    session_give(session);
    return result;
}

scm_result card_session_detach(struct card_session *session)
{
    return card_session_detach_to(session, PCSC_LEAVE_CARD);
}
