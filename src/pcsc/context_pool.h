/*
 * context_pool - contexts of the resource manager, lent to attachments and used again.
 * Layer: pcsc (knows only base).
 * Owns: the contexts; threads: every function takes the pool's lock. Order of locks: session, pool,
 * port. The pool's lock is taken with a session's lock held or with none, and no session's lock is
 * taken under it. Of the port only establish(), is_valid() and release() are called under it, none
 * of which waits for a card.
 *
 * Design notes. pcscd serves every context with a thread of its own and refuses more than about
 * two hundred in all, so a process that attaches and detaches all day must not open one each time.
 * An attachment gets a context of its own while fewer than POOL_CONTEXTS_MAX are open; beyond that,
 * and where the resource manager has no further one to give, the least used is shared. But not with
 * pcsc-lite's library itself (pcsc_traits): its SCardConnect and SCardTransmit hold their context's
 * lock as long as they wait for the daemon, and whoever comes with the same context waits for that
 * with the lock of all contexts held. Where the first waits for the end of a transaction, nobody is
 * left who can end it. There every attachment has a context of its own, or is refused. Of those that
 * come back no more than POOL_CONTEXTS_MAX are kept.
 * With one context found dead (its resource manager was restarted) all that were opened by then are
 * taken for dead, since most libraries tell of each only when it is used. A dead one is kept from
 * new borrowers and goes when the last one returns it: a borrower it serves all the same keeps it.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_PCSC_CONTEXT_POOL_H
#define SCM_PCSC_CONTEXT_POOL_H

#include "pcsc/pcsc_port.h"
#include "pcsc/turns.h"

/** Most contexts one process has open through the pool: to share, and where each is for one. */
#define POOL_CONTEXTS_MAX     16
#define POOL_OWN_CONTEXTS_MAX 180

struct context_pool;

/** A context lent out. */
struct pooled_context;

/**
 * A pool over a port, empty.
 * @return NULL when out of memory; free with context_pool_destroy().
 */
struct context_pool *context_pool_create(const struct pcsc_port *port);

/** Releases every context. Nothing may be lent out. NULL is allowed. */
void context_pool_destroy(struct context_pool *pool);

/** The port the pool was made over. */
const struct pcsc_port *context_pool_port(const struct context_pool *pool);

/** Who of those that borrow from the pool has which card to itself; lives as long as the pool. */
struct turns *context_pool_turns(const struct context_pool *pool);

/**
 * Borrows a context.
 *
 * It was valid when last looked at, but pcsc-lite tells of a restarted daemon only when the context
 * is used: a borrower that sees result_says_service_lost() calls context_pool_discard() and
 * borrows again.
 *
 * @param[out] borrowed give it back with context_pool_return(); NULL on failure.
 * @retval HR_OK
 * @retval HR_OUTOFMEMORY
 * @retval SC_E_NO_SERVICE, SC_E_SERVER_TOO_BUSY and any other code of the port's establish(), where
 *         there is none to share either.
 */
scm_result context_pool_borrow(struct context_pool *pool, struct pooled_context **borrowed);

/** The context for calls to the port. */
pcsc_context pooled_context_handle(const struct pooled_context *borrowed);

/** Gives a borrowed context back. NULL is allowed. */
void context_pool_return(struct context_pool *pool, struct pooled_context *borrowed);

/**
 * Gives a borrowed context back that was found dead, so that nobody gets it any more, nor any other
 * that was opened by then.
 */
void context_pool_discard(struct context_pool *pool, struct pooled_context *borrowed);

/** Releases the contexts that nobody has borrowed. */
void context_pool_release_idle(struct context_pool *pool);

/** Whether a result means that the resource manager behind a context is gone. */
bool result_says_service_lost(scm_result result);

#endif
