/*
 * session - one program's attachment to a card: its beginning and end, and what it is now.
 * Layer: card/session (calls files and pcsc; knows no COM).
 * Owns: at most one attachment.
 * Threads: every function holds session->lock unless named _locked; those want it held.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/session_private.h"

#include "system/memory.h"

#include <string.h>

struct card_session *card_session_create(struct context_pool *pool)
{
    struct card_session *session = memory_alloc(sizeof(*session));
    if (!session) return NULL;
    session->lock = lock_create();
    if (!session->lock)
    {
        memory_free(session);
        return NULL;
    }
    atomic_init(&session->refs, 1);
    atomic_init(&session->endings, 0);
    atomic_init(&session->endings_left, 0);
    atomic_init(&session->ending_disposition, PCSC_LEAVE_CARD);
    session->pool = pool;
    session->port = context_pool_port(pool);
    return session;
}

struct card_session *card_session_add_ref(struct card_session *session)
{
    int refs = atomic_fetch_add(&session->refs, 1);
    INVARIANT(refs > 0, "a session that has ended gets no reference");
    return session;
}

void card_session_release(struct card_session *session)
{
    if (!session) return;
    int refs = atomic_fetch_sub(&session->refs, 1) - 1;
    INVARIANT(refs >= 0, "references on a session never fall below zero");
    if (refs != 0) return;
    card_session_detach(session);
    context_pool_return(session->pool, session->context);
    lock_destroy(session->lock);
    memory_free(session);
}

scm_result card_session_status(struct card_session *session, enum pcsc_state *state,
                               enum pcsc_protocol *protocol)
{
    struct pcsc_status status;

    *state = PCSC_STATE_UNKNOWN;
    *protocol = PCSC_PROTOCOL_NONE;
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = connection_check_locked(session);
    if (!result_failed(result)) result = connection_status_locked(session, &status);
    session_give(session);

    if (result == SC_W_REMOVED_CARD || result == SC_E_NO_SMARTCARD)
    {
        *state = PCSC_STATE_ABSENT;
        return HR_OK;
    }
    if (result_failed(result)) return result;
    if (status.state == PCSC_STATE_UNKNOWN) return SC_F_UNKNOWN_ERROR;
    *state = status.state;
    if (status.state != PCSC_STATE_ABSENT) *protocol = status.protocol;
    return HR_OK;
}

struct card_session_facts card_session_facts(struct card_session *session)
{
    struct card_session_facts facts = { 0 };

    if (result_failed(session_take(session))) return facts;
    if (session->context) facts.context = pooled_context_handle(session->context);
    if (session->is_attached) facts.card = session->card;
    session_give(session);
    return facts;
}

scm_result card_session_describe(struct card_session *session, struct pcsc_status *status)
{
    memset(status, 0, sizeof(*status));
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = connection_check_locked(session);
    if (!result_failed(result)) result = connection_status_locked(session, status);
    session_give(session);
    return result;
}

scm_result card_session_check_attached(struct card_session *session)
{
    scm_result result = session_take(session);
    if (result_failed(result)) return result;
    result = connection_check_locked(session);
    session_give(session);
    return result;
}
