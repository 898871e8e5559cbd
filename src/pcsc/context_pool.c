/*
 * context_pool - contexts of the resource manager, lent to attachments and used again.
 * Layer: pcsc (knows only base).
 * Owns: the contexts; threads: every function takes the pool's lock.
 * SPDX-License-Identifier: MIT
 */
#include "pcsc/context_pool.h"

#include "base/invariant.h"
#include "system/lock.h"
#include "system/memory.h"

struct pooled_context
{
    struct pooled_context *next;
    pcsc_context context;
    unsigned borrowers;
    bool is_dead;
};

struct context_pool
{
    const struct pcsc_port *port;
    struct lock *lock;
    struct turns *turns;
    struct pooled_context *entries;
    unsigned live_count; /* entries that are not dead */
};

struct context_pool *context_pool_create(const struct pcsc_port *port)
{
    struct context_pool *pool = memory_alloc(sizeof(*pool));
    if (!pool) return NULL;
    pool->port = port;
    pool->lock = lock_create();
    pool->turns = turns_create();
    if (pool->lock && pool->turns) return pool;
    turns_destroy(pool->turns);
    lock_destroy(pool->lock);
    memory_free(pool);
    return NULL;
}

void context_pool_destroy(struct context_pool *pool)
{
    if (!pool) return;
    context_pool_release_idle(pool);
    INVARIANT(!pool->entries, "a pool ends with all its contexts returned");
    turns_destroy(pool->turns);
    lock_destroy(pool->lock);
    memory_free(pool);
}

const struct pcsc_port *context_pool_port(const struct context_pool *pool)
{
    return pool->port;
}

struct turns *context_pool_turns(const struct context_pool *pool)
{
    return pool->turns;
}

static void mark_dead_locked(struct context_pool *pool, struct pooled_context *entry)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    if (entry->is_dead) return;
    entry->is_dead = true;
    pool->live_count--;
}

/* One context that leads to a resource manager that is gone: so do all that were opened by then,
 * though the library may only tell of each when it is used. */
static void mark_all_dead_locked(struct context_pool *pool)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    for (struct pooled_context *entry = pool->entries; entry; entry = entry->next)
        mark_dead_locked(pool, entry);
}

/* Releases entries without borrowers: all of them, or only the dead ones. */
static void sweep_locked(struct context_pool *pool, bool only_dead)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    struct pooled_context **link = &pool->entries;
    while (*link)
    {
        struct pooled_context *entry = *link;
        if (entry->borrowers != 0 || (only_dead && !entry->is_dead))
        {
            link = &entry->next;
            continue;
        }
        *link = entry->next;
        mark_dead_locked(pool, entry);
        pool->port->release(pool->port, entry->context);
        memory_free(entry);
    }
}

static struct pooled_context *least_borrowed_locked(struct context_pool *pool)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    struct pooled_context *least = NULL;
    for (struct pooled_context *entry = pool->entries; entry; entry = entry->next)
        if (!entry->is_dead && (!least || entry->borrowers < least->borrowers)) least = entry;
    return least;
}

static scm_result establish_locked(struct context_pool *pool, struct pooled_context **out)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    struct pooled_context *entry = memory_alloc(sizeof(*entry));
    if (!entry) return HR_OUTOFMEMORY;
    scm_result result = pool->port->establish(pool->port, &entry->context);
    if (result_failed(result))
    {
        memory_free(entry);
        return result;
    }
    entry->next = pool->entries;
    pool->entries = entry;
    pool->live_count++;
    *out = entry;
    return HR_OK;
}

/* Where no further context is to be had, one that is there is shared, if it can be. */
static scm_result borrow_locked(struct context_pool *pool, struct pooled_context **out)
{
    INVARIANT(lock_is_mine(pool->lock), "the pool's lock is held");
    bool is_for_one = pcsc_port_traits(pool->port).context_is_for_one;
    unsigned most = is_for_one ? POOL_OWN_CONTEXTS_MAX : POOL_CONTEXTS_MAX;
    scm_result refusal = HR_OK;
    for (;;)
    {
        struct pooled_context *entry = least_borrowed_locked(pool);
        if (is_for_one && entry && entry->borrowers > 0) entry = NULL;
        if (!entry && pool->live_count >= most) return SC_E_SERVER_TOO_BUSY;
        bool is_wanted = !entry || (entry->borrowers > 0 && pool->live_count < most);
        if (is_wanted && !result_failed(refusal))
        {
            refusal = establish_locked(pool, out);
            if (!result_failed(refusal)) return HR_OK;
        }
        if (!entry) return refusal;
        if (!result_failed(pool->port->is_valid(pool->port, entry->context)))
        {
            *out = entry;
            return HR_OK;
        }
        mark_all_dead_locked(pool);
        sweep_locked(pool, true);
    }
}

scm_result context_pool_borrow(struct context_pool *pool, struct pooled_context **borrowed)
{
    *borrowed = NULL;
    lock_enter(pool->lock);
    scm_result result = borrow_locked(pool, borrowed);
    if (!result_failed(result)) (*borrowed)->borrowers++;
    lock_leave(pool->lock);
    return result;
}

pcsc_context pooled_context_handle(const struct pooled_context *borrowed)
{
    return borrowed->context;
}

void context_pool_return(struct context_pool *pool, struct pooled_context *borrowed)
{
    if (!borrowed) return;
    lock_enter(pool->lock);
    INVARIANT(borrowed->borrowers > 0, "a context that is returned is borrowed");
    borrowed->borrowers--;
    if (borrowed->borrowers == 0 && pool->live_count > POOL_CONTEXTS_MAX)
        mark_dead_locked(pool, borrowed);
    sweep_locked(pool, true);
    lock_leave(pool->lock);
}

void context_pool_discard(struct context_pool *pool, struct pooled_context *borrowed)
{
    lock_enter(pool->lock);
    /* Who comes late with one that is known to be dead says nothing of those opened since. */
    if (!borrowed->is_dead) mark_all_dead_locked(pool);
    context_pool_return(pool, borrowed);
    lock_leave(pool->lock);
}

void context_pool_release_idle(struct context_pool *pool)
{
    lock_enter(pool->lock);
    sweep_locked(pool, false);
    lock_leave(pool->lock);
}

bool result_says_service_lost(scm_result result)
{
    switch (result)
    {
    case SC_E_NO_SERVICE:
    case SC_E_SERVICE_STOPPED:
    case SC_P_SHUTDOWN:
    case SC_F_COMM_ERROR:
        return true;
    default:
        return false;
    }
}
