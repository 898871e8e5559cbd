/*
 * lock_posix - locks on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/lock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "base/invariant.h"
#include "system/memory.h"

struct lock
{
    pthread_mutex_t mutex;
#ifdef SCM_CHECK_INVARIANTS
    atomic_uintptr_t holder; /* a thread, or 0 */
    unsigned depth;          /* how often it has entered; the holder's to read */
#endif
};

#ifdef SCM_CHECK_INVARIANTS

/* A place of its own stands for each thread. */
static uintptr_t this_thread(void)
{
    static _Thread_local char place;
    return (uintptr_t)&place;
}

bool lock_is_mine(struct lock *lock)
{
    return atomic_load(&lock->holder) == this_thread();
}

static void note_enter(struct lock *lock)
{
    lock->depth++;
    atomic_store(&lock->holder, this_thread());
}

static void note_leave(struct lock *lock)
{
    INVARIANT(lock_is_mine(lock), "a lock is left by the thread that holds it");
    if (--lock->depth == 0) atomic_store(&lock->holder, 0);
}

#else

static void note_enter(struct lock *lock)
{
    (void)lock;
}

static void note_leave(struct lock *lock)
{
    (void)lock;
}

#endif

struct lock *lock_create(void)
{
    struct lock *lock = memory_alloc(sizeof(*lock));
    pthread_mutexattr_t attributes;

    if (!lock) return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return lock;
}

void lock_destroy(struct lock *lock)
{
    if (!lock) return;
    pthread_mutex_destroy(&lock->mutex);
    memory_free(lock);
}

void lock_enter(struct lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
    note_enter(lock);
}

bool lock_try(struct lock *lock)
{
    if (pthread_mutex_trylock(&lock->mutex) != 0) return false;
    note_enter(lock);
    return true;
}

void lock_leave(struct lock *lock)
{
    note_leave(lock);
    pthread_mutex_unlock(&lock->mutex);
}
