/*
 * lock_windows - locks on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/lock.h"

#include <windows.h>

#include <stdatomic.h>
#include <stdint.h>

#include "base/invariant.h"
#include "system/memory.h"

struct lock
{
    CRITICAL_SECTION section;
#ifdef SCM_CHECK_INVARIANTS
    atomic_uintptr_t holder; /* a thread, or 0 */
    unsigned depth;          /* how often it has entered; the holder's to read */
#endif
};

#ifdef SCM_CHECK_INVARIANTS

static uintptr_t this_thread(void)
{
    return GetCurrentThreadId();
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
    /* The spinning variant with the top bit reserves its event at once: on Windows XP the plain
     * one may raise an exception in EnterCriticalSection when out of memory. */
    if (lock && !InitializeCriticalSectionAndSpinCount(&lock->section, 0x80000000))
    {
        memory_free(lock);
        return NULL;
    }
    return lock;
}

void lock_destroy(struct lock *lock)
{
    if (!lock) return;
    DeleteCriticalSection(&lock->section);
    memory_free(lock);
}

void lock_enter(struct lock *lock)
{
    EnterCriticalSection(&lock->section);
    note_enter(lock);
}

bool lock_try(struct lock *lock)
{
    if (!TryEnterCriticalSection(&lock->section)) return false;
    note_enter(lock);
    return true;
}

void lock_leave(struct lock *lock)
{
    note_leave(lock);
    LeaveCriticalSection(&lock->section);
}
