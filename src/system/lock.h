/*
 * lock - locks that the thread holding them may take again.
 * Layer: system (knows only base). lock_posix.c, lock_windows.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_LOCK_H
#define SCM_SYSTEM_LOCK_H

#include <stdbool.h>

struct lock;

/** A new lock, NULL when out of memory. */
struct lock *lock_create(void);

/** @param[in] lock not held by anybody; NULL is allowed. */
void lock_destroy(struct lock *lock);

/** Waits for the lock. Every lock_enter() has its lock_leave(), in the same thread. */
void lock_enter(struct lock *lock);
void lock_leave(struct lock *lock);

/** The same where another thread does not hold it. @return whether the lock was taken. */
bool lock_try(struct lock *lock);

/** Whether the calling thread holds a lock. For invariants: builds without them do not have it. */
bool lock_is_mine(struct lock *lock);

#endif
