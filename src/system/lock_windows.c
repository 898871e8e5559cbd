/*
 * lock_windows - locks on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/lock.h"

#include <windows.h>

#include "system/memory.h"

struct lock
{
    CRITICAL_SECTION section;
};

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
}

void lock_leave(struct lock *lock)
{
    LeaveCriticalSection(&lock->section);
}
