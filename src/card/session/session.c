/*
 * session - one program's attachment to a card: attach, lock, reconnect, detach.
 * Layer: card (calls pcsc; knows no COM).
 * Owns: at most one attachment; threads: every function holds session->lock unless named _locked.
 * SPDX-License-Identifier: MIT
 */
#include "card/session/work.h"

#include "system/lock.h"
#include "system/memory.h"

#include <stdatomic.h>
#include <string.h>

struct card_session
{
    atomic_int refs;
    struct context_pool *pool;
    const struct pcsc_port *port;
    struct lock *lock;

    bool is_attached;
    bool owns_handle; /* attached by reader name */
    pcsc_card card;   /* 0 while a connection of ours is lost, then lost_because says why */
    scm_result lost_because;
    struct pooled_context *context;
    bool keeps_context;                     /* attached or not */
    char reader_name[PCSC_READER_NAME_MAX]; /* "" when the client's handle did not tell */
    enum pcsc_share share;
    unsigned protocols; /* what to ask for when connecting again */
    unsigned lock_count;
    enum pcsc_disposition unlock_disposition; /* the strongest that a nested unlock asked for */

    struct card_files *files; /* what is remembered of the card; NULL before the first work on it */
    bool card_may_differ;     /* reconnected since: the ATR has to be compared */
};

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
    session->pool = pool;
    session->port = context_pool_port(pool);
    return session;
}

struct card_session *card_session_add_ref(struct card_session *session)
{
    atomic_fetch_add(&session->refs, 1);
    return session;
}

void card_session_release(struct card_session *session)
{
    if (!session || atomic_fetch_sub(&session->refs, 1) != 1) return;
    card_session_detach(session);
    context_pool_return(session->pool, session->context);
    lock_destroy(session->lock);
    memory_free(session);
}

static void forget_lock_locked(struct card_session *session)
{
    session->lock_count = 0;
    session->unlock_disposition = PCSC_LEAVE_CARD;
}

static scm_result drop_connection_locked(struct card_session *session,
                                         enum pcsc_disposition disposition)
{
    scm_result result = HR_OK;

    if (session->owns_handle && session->card)
        result = session->port->disconnect(session->port, session->card, disposition);
    session->card = 0;
    return result;
}

static void forget_card_locked(struct card_session *session)
{
    card_files_destroy(session->files);
    session->files = NULL;
    session->card_may_differ = false;
}

static void give_context_back_locked(struct card_session *session)
{
    if (session->keeps_context) return;
    context_pool_return(session->pool, session->context);
    session->context = NULL;
}

static scm_result detach_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    forget_card_locked(session);
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    if (session->lock_count > 0)
        session->port->end(session->port, session->card, session->unlock_disposition);
    forget_lock_locked(session);
    scm_result result = drop_connection_locked(session, disposition);
    give_context_back_locked(session);
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

static scm_result try_connect_locked(struct card_session *session)
{
    enum pcsc_protocol active;

    if (!session->context)
    {
        scm_result result = context_pool_borrow(session->pool, &session->context);
        if (result_failed(result)) return result;
    }
    return session->port->connect(session->port, pooled_context_handle(session->context),
                                  session->reader_name, session->share, session->protocols,
                                  &session->card, &active);
}

/* A daemon that dies under a call is told of as a lost service, or as if it had refused the call;
 * whether it really has, another context shows. */
static bool may_be_the_contexts_fault(scm_result result)
{
    return result_says_service_lost(result) || result == SC_E_INVALID_HANDLE ||
           result == SC_W_SECURITY_VIOLATION;
}

/* Connects by reader name; once more with another context where the pool's turns out to lead to
 * a resource manager that is gone. */
static scm_result connect_locked(struct card_session *session)
{
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

static bool is_share(enum pcsc_share share)
{
    return share == PCSC_SHARE_SHARED || share == PCSC_SHARE_EXCLUSIVE;
}

scm_result card_session_attach_protocol(struct card_session *session, const char *reader_name,
                                        enum pcsc_share share, unsigned protocols)
{
    if (!reader_name || !reader_name[0]) return HR_INVALIDARG;
    if (!is_share(share)) return HR_INVALIDARG;
    if (!protocols || protocols & ~(unsigned)(PCSC_PROTOCOL_ANY | PCSC_PROTOCOL_RAW))
        return HR_INVALIDARG;
    size_t name_len = strlen(reader_name);

    lock_enter(session->lock);
    detach_locked(session, PCSC_LEAVE_CARD);
    scm_result result = SC_E_UNKNOWN_READER; /* no reader has a name that long */
    if (name_len < PCSC_READER_NAME_MAX)
    {
        memcpy(session->reader_name, reader_name, name_len + 1);
        session->share = share;
        session->protocols = protocols;
        result = connect_locked(session);
    }
    if (!result_failed(result))
    {
        session->is_attached = true;
        session->owns_handle = true;
    }
    else
        give_context_back_locked(session);
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

    lock_enter(session->lock);
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

/* The client did not tell how it opened its handle: where its reader is held exclusively, that is
 * by this handle. */
static enum pcsc_share share_of_clients_handle_locked(struct card_session *session)
{
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

static bool result_says_connection_lost(scm_result result)
{
    return result_says_service_lost(result) || result == SC_E_INVALID_HANDLE ||
           result == SC_E_READER_UNAVAILABLE;
}

/* After a reset it is the same card; after anything else it may be another one of its kind, to
 * which no open file and no directory belongs. */
static void forget_card_unless_only_reset_locked(struct card_session *session)
{
    struct pcsc_status status;

    if (!session->files) return;
    card_link_set_channel(session->files->link, NULL);
    scm_result result = session->card ? session->port->status(session->port, session->card, &status)
                                      : SC_E_NOT_READY;
    if (result_failed(result) && result != SC_W_RESET_CARD)
        forget_card_locked(session);
    else
    {
        card_files_forget_selection(session->files);
        session->card_may_differ = true;
    }
}

/* A connection for a moment: it powers a card that has none, and leaves one that has as it is. */
static scm_result visit_card_locked(struct card_session *session)
{
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
 * Sees to it that the card has power after a reconnection that leaves it as it is: pcsc-lite's does
 * not power one that came in meanwhile, nor one that somebody else has switched off, and does not
 * tell. What the card remembers for others is kept wherever it can be: a reset is needed only where
 * nobody else can be there, or nothing else is left.
 */
static scm_result power_card_locked(struct card_session *session, bool *needs_reset)
{
    struct pcsc_status status;
    scm_result seen = session->port->status(session->port, session->card, &status);
    bool is_unharmed = !result_failed(seen);
    bool has_name = session->reader_name[0] != 0;

    if (result_says_service_lost(seen) || seen == SC_E_INVALID_HANDLE) return HR_OK;
    if (is_unharmed && session->files && session->files->link->has_lost_card)
    {
        /* The client reconnected his handle by himself, to another card, and without power. */
        forget_card_locked(session);
        *needs_reset = true;
        return HR_OK;
    }
    if (is_unharmed && session->owns_handle) return HR_OK;

    scm_result visited = SC_E_UNKNOWN_READER;
    if (has_name)
    {
        /* The visit would wait for the end of a transaction that every reconnection ends. */
        session->port->end(session->port, session->card, PCSC_LEAVE_CARD);
        visited = visit_card_locked(session);
        if (visited == SC_E_SHARING_VIOLATION && session->share != PCSC_SHARE_EXCLUSIVE)
            return visited;
    }
    /* A card of ours alone that was only reset was reset by us, and has power. */
    bool may_lack_power = !is_unharmed && (seen != SC_W_RESET_CARD || !has_name);
    *needs_reset = result_failed(visited) && may_lack_power;
    return HR_OK;
}

static scm_result reconnect_handle_locked(struct card_session *session,
                                          enum pcsc_disposition initialization)
{
    enum pcsc_protocol active;
    scm_result result = session->port->reconnect(session->port, session->card, session->share,
                                                 session->protocols, initialization, &active);
    if (!session->owns_handle || !result_says_connection_lost(result)) return result;

    /* The resource manager was restarted, or the reader was away: begin again by name. */
    drop_connection_locked(session, PCSC_LEAVE_CARD);
    return connect_locked(session);
}

static scm_result reconnect_with_locked(struct card_session *session,
                                        enum pcsc_disposition initialization)
{
    scm_result result = HR_OK;
    bool needs_reset = false;

    if (session->card && initialization == PCSC_LEAVE_CARD)
        result = power_card_locked(session, &needs_reset);
    forget_card_unless_only_reset_locked(session);
    if (result_failed(result)) return result;
    if (!session->card) return connect_locked(session);
    result = reconnect_handle_locked(session, initialization);
    /* Only now: pcsc-lite takes note of a reset also where there is no card. */
    if (!result_failed(result) && needs_reset)
        result = reconnect_handle_locked(session, PCSC_RESET_CARD);
    if (!result_failed(result) && session->files) session->files->link->has_lost_card = false;
    return result;
}

static void learn_share_locked(struct card_session *session)
{
    if (session->card && !session->owns_handle)
        session->share = share_of_clients_handle_locked(session);
}

static scm_result check_attached_locked(const struct card_session *session)
{
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    return session->card ? HR_OK : session->lost_because;
}

/* With others kept out all the time, what we selected stays selected. The client itself may use
 * its own handle without our knowing. */
static bool is_alone_locked(const struct card_session *session)
{
    return session->owns_handle && session->share == PCSC_SHARE_EXCLUSIVE;
}

static scm_result begin_transaction_locked(struct card_session *session)
{
    scm_result result = session->port->begin(session->port, session->card);
    if (session->files && !is_alone_locked(session)) card_files_forget_selection(session->files);
    if (session->files && result_failed(result)) card_link_set_channel(session->files->link, NULL);
    return result;
}

/* A reconnection ends the transaction: it is taken again where there was a lock. */
static scm_result renew_lock_locked(struct card_session *session, scm_result result)
{
    if (!result_failed(result) && session->lock_count > 0)
        result = begin_transaction_locked(session);
    if (result_failed(result)) forget_lock_locked(session);
    return result;
}

scm_result card_session_reconnect(struct card_session *session)
{
    lock_enter(session->lock);
    scm_result result = SC_E_INVALID_HANDLE;
    if (session->is_attached)
    {
        learn_share_locked(session);
        result = renew_lock_locked(session, reconnect_with_locked(session, PCSC_LEAVE_CARD));
    }
    lock_leave(session->lock);
    return result;
}

scm_result card_session_reattach(struct card_session *session, enum pcsc_share share,
                                 enum pcsc_disposition initialization)
{
    if (!is_share(share) || (unsigned)initialization > PCSC_UNPOWER_CARD) return HR_INVALIDARG;
    lock_enter(session->lock);
    scm_result result = SC_E_INVALID_HANDLE;
    if (session->is_attached)
    {
        session->share = share;
        result = renew_lock_locked(session, reconnect_with_locked(session, initialization));
    }
    lock_leave(session->lock);
    return result;
}

scm_result card_session_lock(struct card_session *session)
{
    lock_enter(session->lock);
    scm_result result = check_attached_locked(session);
    if (!result_failed(result) && session->lock_count == 0)
        result = begin_transaction_locked(session);
    if (!result_failed(result)) session->lock_count++;
    lock_leave(session->lock);
    return result;
}

/* Ends the transaction. Who resets the card himself knows of it: pcsc-lite would ask him all the
 * same to reconnect first, Windows does not. */
static scm_result end_transaction_locked(struct card_session *session,
                                         enum pcsc_disposition disposition)
{
    scm_result result = session->port->end(session->port, session->card, disposition);
    bool is_reset = disposition == PCSC_RESET_CARD || disposition == PCSC_UNPOWER_CARD;
    if (result_failed(result) || !is_reset) return result;
    learn_share_locked(session);
    forget_card_unless_only_reset_locked(session);
    reconnect_handle_locked(session, PCSC_LEAVE_CARD);
    return result;
}

/* The client's handle goes on, but its card is to be reset, unpowered or ejected. */
static scm_result dispose_of_clients_card_locked(struct card_session *session,
                                                 enum pcsc_disposition disposition)
{
    scm_result result = session->lock_count > 0 ? HR_OK : begin_transaction_locked(session);
    forget_lock_locked(session);
    return result_failed(result) ? result : end_transaction_locked(session, disposition);
}

scm_result card_session_detach_to(struct card_session *session, enum pcsc_disposition disposition)
{
    if ((unsigned)disposition > PCSC_EJECT_CARD) return HR_INVALIDARG;
    lock_enter(session->lock);
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

static scm_result unlock_locked(struct card_session *session, enum pcsc_disposition disposition)
{
    if (!session->is_attached) return SC_E_INVALID_HANDLE;
    if (session->lock_count == 0) return SC_E_NOT_TRANSACTED;

    if (disposition > session->unlock_disposition) session->unlock_disposition = disposition;
    if (--session->lock_count > 0) return HR_OK;

    disposition = session->unlock_disposition;
    forget_lock_locked(session);
    return end_transaction_locked(session, disposition);
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
    scm_result result = check_attached_locked(session);
    if (!result_failed(result) && session->lock_count == 0)
        result = begin_transaction_locked(session);
    if (!result_failed(result)) result = end_transaction_locked(session, PCSC_RESET_CARD);
    if (!result_failed(result) && session->files) card_files_forget_selection(session->files);
    if (!result_failed(result) && session->lock_count > 0)
    {
        result = begin_transaction_locked(session);
        if (result_failed(result)) forget_lock_locked(session);
    }
    lock_leave(session->lock);
    return result;
}

scm_result card_session_status(struct card_session *session, enum pcsc_state *state,
                               enum pcsc_protocol *protocol)
{
    struct pcsc_status status;

    *state = PCSC_STATE_UNKNOWN;
    *protocol = PCSC_PROTOCOL_NONE;
    lock_enter(session->lock);
    scm_result result = check_attached_locked(session);
    if (!result_failed(result))
        result = session->port->status(session->port, session->card, &status);
    lock_leave(session->lock);

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

    lock_enter(session->lock);
    if (session->context) facts.context = pooled_context_handle(session->context);
    if (session->is_attached) facts.card = session->card;
    lock_leave(session->lock);
    return facts;
}

scm_result card_session_describe(struct card_session *session, struct pcsc_status *status)
{
    memset(status, 0, sizeof(*status));
    lock_enter(session->lock);
    scm_result result = check_attached_locked(session);
    if (!result_failed(result))
        result = session->port->status(session->port, session->card, status);
    lock_leave(session->lock);
    return result;
}

scm_result card_session_check_attached(struct card_session *session)
{
    lock_enter(session->lock);
    scm_result result = check_attached_locked(session);
    lock_leave(session->lock);
    return result;
}

/* Makes what is remembered of the card, or sees that it still belongs to this one. */
static scm_result know_card_locked(struct card_session *session)
{
    struct pcsc_status status;

    if (session->files && !session->card_may_differ) return HR_OK;
    scm_result result = session->port->status(session->port, session->card, &status);
    if (result_failed(result)) return result;
    if (session->files && card_files_take_over(session->files, session->card, &status))
    {
        session->card_may_differ = false;
        return HR_OK;
    }
    forget_card_locked(session);
    session->files = card_files_create(session->port, session->card, &status);
    return session->files ? HR_OK : HR_OUTOFMEMORY;
}

static scm_result enter_locked(struct card_session *session)
{
    scm_result result = check_attached_locked(session);
    return result_failed(result) ? result : know_card_locked(session);
}

scm_result card_session_enter(struct card_session *session, struct card_files **files)
{
    *files = NULL;
    lock_enter(session->lock);
    scm_result result = enter_locked(session);
    if (result_failed(result))
        lock_leave(session->lock);
    else
        *files = session->files;
    return result;
}

void card_session_leave(struct card_session *session)
{
    lock_leave(session->lock);
}

scm_result card_session_begin_work(struct card_session *session, struct card_files **files)
{
    scm_result result = card_session_enter(session, files);
    if (result_failed(result)) return result;
    if (session->lock_count == 0)
        result = begin_transaction_locked(session);
    else if (!session->owns_handle)
        card_files_forget_selection(session->files);
    if (result_failed(result))
    {
        *files = NULL;
        lock_leave(session->lock);
        return result;
    }
    struct card_link *link = session->files->link;
    link->is_secure = link->channel && card_channel_covers_all(link->channel);
    link->channel_why = NULL;
    link->channel_sw = 0;
    return HR_OK;
}

scm_result card_session_begin_protected(struct card_session *session,
                                        enum card_protection protection, struct card_files **files,
                                        struct card_fault *fault)
{
    scm_result result = card_session_begin_work(session, files);
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

void card_session_explain(const struct card_files *files, scm_result result,
                          struct card_fault *fault)
{
    if (!result_failed(result) || !files->link->channel_why) return;
    fault->why = files->link->channel_why;
    fault->sw = files->link->channel_sw;
}

void card_session_end_work(struct card_session *session)
{
    session->files->link->is_secure = false;
    /* A transaction that cannot be ended has ended with the card or the service. */
    if (session->lock_count == 0) session->port->end(session->port, session->card, PCSC_LEAVE_CARD);
    lock_leave(session->lock);
}
