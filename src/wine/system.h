/*
 * system - what the bridge's core wants from the system below it: a lock, an event, memory, a clock,
 *          a pause.
 * Layer: wine bridge (no Windows header here, so that the core compiles natively for its tests).
 * Windows code uses what XP has: critical sections, the process heap, GetTickCount.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_SYSTEM_H
#define SCM_WINE_SYSTEM_H

#include <stdbool.h>
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

/** Once set, it stays set: nobody waits for it any more. */
struct system_event
{
    HANDLE handle;
};

/** @retval false there is no memory for it. */
static inline bool system_event_init(struct system_event *event)
{
    event->handle = CreateEventW(NULL, TRUE, FALSE, NULL);
    return event->handle != NULL;
}

static inline void system_event_destroy(struct system_event *event)
{
    CloseHandle(event->handle);
}

static inline void system_event_set(struct system_event *event)
{
    SetEvent(event->handle);
}

static inline void system_event_clear(struct system_event *event)
{
    ResetEvent(event->handle);
}

/** Waits for it, at most so long. @retval true it is set. */
static inline bool system_event_wait(struct system_event *event, uint32_t ms)
{
    return WaitForSingleObject(event->handle, ms) == WAIT_OBJECT_0;
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

/** Once set, it stays set: nobody waits for it any more. */
struct system_event
{
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_set;
};

/** @retval false there is no memory for it. */
static inline bool system_event_init(struct system_event *event)
{
    event->is_set = false;
    pthread_mutex_init(&event->mutex, NULL);
    pthread_cond_init(&event->changed, NULL);
    return true;
}

static inline void system_event_destroy(struct system_event *event)
{
    pthread_cond_destroy(&event->changed);
    pthread_mutex_destroy(&event->mutex);
}

static inline void system_event_put(struct system_event *event, bool is_set)
{
    pthread_mutex_lock(&event->mutex);
    event->is_set = is_set;
    pthread_cond_broadcast(&event->changed);
    pthread_mutex_unlock(&event->mutex);
}

static inline void system_event_set(struct system_event *event)
{
    system_event_put(event, true);
}

static inline void system_event_clear(struct system_event *event)
{
    system_event_put(event, false);
}

/** Waits for it, at most so long. @retval true it is set. */
static inline bool system_event_wait(struct system_event *event, uint32_t ms)
{
    struct timespec until;
    bool is_set, is_late = false;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += ms / 1000 + (until.tv_nsec + (long)(ms % 1000) * 1000000) / 1000000000;
    until.tv_nsec = (until.tv_nsec + (long)(ms % 1000) * 1000000) % 1000000000;
    pthread_mutex_lock(&event->mutex);
    while (!event->is_set && !is_late)
        is_late = pthread_cond_timedwait(&event->changed, &event->mutex, &until) != 0;
    is_set = event->is_set;
    pthread_mutex_unlock(&event->mutex);
    return is_set;
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
