/*
 * lock_posix - locks on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/lock.h"

#include <pthread.h>

#include "system/memory.h"

struct lock
{
    pthread_mutex_t mutex;
};

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
}

void lock_leave(struct lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}
