/*
 * system - what the bridge's core wants from the system below it: a lock, memory, a clock, a pause.
 * Layer: wine bridge (no Windows header here, so that the core compiles natively for its tests).
 * Windows code uses what XP has: critical sections, the process heap, GetTickCount.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_SYSTEM_H
#define SCM_WINE_SYSTEM_H

#include <stddef.h>
#include <stdint.h>

#ifdef _WIN32
#include <windows.h>

struct system_lock
{
    CRITICAL_SECTION section;
};

static inline void system_lock_init(struct system_lock *lock)
{
    InitializeCriticalSection(&lock->section);
}

static inline void system_lock_destroy(struct system_lock *lock)
{
    DeleteCriticalSection(&lock->section);
}

static inline void system_lock_take(struct system_lock *lock)
{
    EnterCriticalSection(&lock->section);
}

static inline void system_lock_give(struct system_lock *lock)
{
    LeaveCriticalSection(&lock->section);
}

/** Zeroed memory, or NULL. */
static inline void *system_alloc(size_t len)
{
    return HeapAlloc(GetProcessHeap(), HEAP_ZERO_MEMORY, len);
}

/** NULL is allowed. */
static inline void system_free(void *memory)
{
    if (memory) HeapFree(GetProcessHeap(), 0, memory);
}

/** Milliseconds that wrap after 49 days: compare differences. */
static inline uint32_t system_tick_ms(void)
{
    return GetTickCount();
}

static inline void system_pause_ms(uint32_t ms)
{
    Sleep(ms);
}

#else
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct system_lock
{
    pthread_mutex_t mutex;
};

static inline void system_lock_init(struct system_lock *lock)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

static inline void system_lock_destroy(struct system_lock *lock)
{
    pthread_mutex_destroy(&lock->mutex);
}

static inline void system_lock_take(struct system_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

static inline void system_lock_give(struct system_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

/** Zeroed memory, or NULL. */
static inline void *system_alloc(size_t len)
{
    return calloc(1, len);
}

/** NULL is allowed. */
static inline void system_free(void *memory)
{
    free(memory);
}

/** Milliseconds that wrap after 49 days: compare differences. */
static inline uint32_t system_tick_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)((uint64_t)now.tv_sec * 1000u + (uint64_t)now.tv_nsec / 1000000u);
}

static inline void system_pause_ms(uint32_t ms)
{
    const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };
    nanosleep(&pause, NULL);
}
#endif

#endif
