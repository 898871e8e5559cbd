/*
 * session_private - what the files of a session share: its state, and functions that want its lock.
 * Layer: card/session; for its own files only.
 *
 * Design notes. Each function stands in the file that it is named after. The files call each other
 * in one direction:
 *   session, attachment, reconnection, locking, work -> taking -> detachment -> transaction
 *     -> connection
 * Locks are taken in this order, and never the other way round: session, pool (context_pool.h),
 * turns (turns.h), what the port keeps for itself. Nobody takes two sessions. Locks of COM objects
 * come before all of these. The session's lock is held while the port is called, also where that
 * waits for another program or for the card's holder; the pool's lock is not held while a card is
 * talked to.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_SESSION_SESSION_PRIVATE_H
#define SCM_CARD_SESSION_SESSION_PRIVATE_H

#include "base/invariant.h"
#include "card/files/memory.h"
#include "card/session/session.h"
#include "pcsc/context_pool.h"
#include "system/lock.h"

#include <stdatomic.h>

struct card_session
{
    atomic_int refs;
    atomic_uint endings; /* that threads wait for, or have left: what is under way ends first */
    atomic_uint endings_left;       /* of these, to whoever holds the lock, or takes it next */
    atomic_uint ending_disposition; /* of those left */
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
    struct turn turn;   /* taken while the card's transaction is */
    unsigned lock_count;
    enum pcsc_disposition unlock_disposition; /* the strongest that a nested unlock asked for */

    struct card_files *files; /* what is remembered of the card; NULL before the first work on it */
    bool card_may_differ;     /* reconnected since: the ATR has to be compared */
    unsigned entries;         /* entered and not left, by the thread that holds the lock */
    unsigned works_under_way; /* begun and not ended, likewise */
};

/* taking.c */

/**
 * Takes the session for a call: its lock, after what was left for whoever takes it.
 *
 * @retval HR_OK give it back with session_give().
 * @retval SC_E_INVALID_HANDLE its attachment has ended, but for a command of another thread that is
 *         still under way.
 */
scm_result session_take(struct card_session *session);

/** Gives it back, after what was left for whoever holds it. */
void session_give(struct card_session *session);

/**
 * The same to end the attachment: a call that another thread has under way sends no further command
 * meanwhile.
 *
 * @return false where its command takes long: then session_leave_ending().
 */
bool session_take_to_end(struct card_session *session);

/** Leaves the end of the attachment to the thread whose command is under way. */
void session_leave_ending(struct card_session *session, enum pcsc_disposition disposition);

/**
 * The same to attach anew.
 *
 * @retval HR_OK
 * @retval SC_E_NOT_READY an ending was left to a thread whose command is still under way.
 */
scm_result session_take_to_attach(struct card_session *session);

/* detachment.c */

/**
 * Ends a lock and the attachment. A client's own handle stays connected: what is to be done to its
 * card is done by a transaction that ends with it.
 *
 * @retval as card_session_detach_to().
 */
scm_result detachment_end_locked(struct card_session *session, enum pcsc_disposition disposition);

/* connection.c */

/** HR_OK where there is a connection; else why there is none. */
scm_result connection_check_locked(const struct card_session *session);

/** Whether a share mode is one that a client may ask for. */
bool connection_is_share(enum pcsc_share share);

/**
 * Whether this thread has the card to itself by another session: what waits for the card would wait
 * for ever.
 */
bool connection_is_blocked_by_thread_locked(const struct card_session *session);

/** The same of what waits for the card with some resource managers only: all but a transaction. */
bool connection_would_wait_for_itself_locked(const struct card_session *session);

/**
 * What the resource manager tells of the connection.
 * @retval SC_E_SHARING_VIOLATION connection_would_wait_for_itself_locked()
 * @retval HR_OK, any other PC/SC code unchanged.
 */
scm_result connection_status_locked(struct card_session *session, struct pcsc_status *status);

/** Connects by reader name, with a context that leads to the resource manager of now. */
scm_result connection_open_locked(struct card_session *session);

/** Makes the link anew on the same handle; by reader name, where the handle of ours is dead. */
scm_result connection_renew_locked(struct card_session *session,
                                   enum pcsc_disposition initialization);

/** Ends a connection of ours; a client's handle stays connected. */
scm_result connection_drop_locked(struct card_session *session, enum pcsc_disposition disposition);

/** Gives the context back, unless the session keeps it. */
void connection_give_context_back_locked(struct card_session *session);

/** Finds out how the client's own handle shares its card. */
void connection_learn_share_locked(struct card_session *session);

/**
 * Whether nobody else can use the card without our knowing. With others kept out all the time, what
 * we selected stays selected. The client itself may use its own handle.
 */
bool connection_is_alone_locked(const struct card_session *session);

/** Forgets everything about the card. */
void connection_forget_card_locked(struct card_session *session);

/**
 * Forgets what a reset ends, and everything where it may be another card now: no open file and no
 * directory belongs to that.
 */
void connection_doubt_card_locked(struct card_session *session);

/* transaction.c */

/**
 * Takes the card's transaction.
 *
 * @retval HR_OK
 * @retval SC_E_SHARING_VIOLATION this thread has it already, by another session: it would wait for
 *         ever.
 * @retval any other PC/SC code unchanged.
 */
scm_result transaction_begin_locked(struct card_session *session);

/**
 * Gives the card's transaction back, whatever the first attempt says: where the card cannot be
 * disposed of as wanted, it is left as it is. Nothing is held afterwards.
 *
 * @return what the first attempt gave; SC_E_NOT_TRANSACTED where there was nothing to give back.
 */
scm_result transaction_give_back_locked(struct card_session *session,
                                        enum pcsc_disposition disposition);

/**
 * The same, and goes on with the card. Who resets the card himself knows of it: the handle goes on
 * without Reconnect, on every platform.
 */
scm_result transaction_end_locked(struct card_session *session, enum pcsc_disposition disposition);

/** The transaction has ended by itself: there is no lock any more. */
void transaction_forget_locked(struct card_session *session);

#endif
