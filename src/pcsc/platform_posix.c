/*
 * platform_posix - memory, locks and the trace file on Linux, where the portable layers are tested.
 * Layer: pcsc (the layer that knows the system; implements base/platform.h).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "base/platform.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct platform_lock
{
    pthread_mutex_t mutex;
};

void *platform_alloc(size_t size)
{
    return calloc(1, size);
}

void platform_free(void *memory)
{
    free(memory);
}

struct platform_lock *platform_lock_create(void)
{
    struct platform_lock *lock = platform_alloc(sizeof(*lock));
    pthread_mutexattr_t attributes;

    if (!lock) return NULL;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&lock->mutex, &attributes);
    pthread_mutexattr_destroy(&attributes);
    return lock;
}

void platform_lock_destroy(struct platform_lock *lock)
{
    if (!lock) return;
    pthread_mutex_destroy(&lock->mutex);
    platform_free(lock);
}

void platform_lock_enter(struct platform_lock *lock)
{
    pthread_mutex_lock(&lock->mutex);
}

void platform_lock_leave(struct platform_lock *lock)
{
    pthread_mutex_unlock(&lock->mutex);
}

/* 0: not looked for; -1: no trace wanted or not to be opened; else descriptor + 1. */
static int trace_state;
static pthread_mutex_t trace_mutex = PTHREAD_MUTEX_INITIALIZER;

static int trace_descriptor(void)
{
    pthread_mutex_lock(&trace_mutex);
    if (trace_state == 0)
    {
        const char *path = getenv("SCARDMANAGE_TRACE");
        int file = path ? open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600) : -1;
        trace_state = file < 0 ? -1 : file + 1;
    }
    int file = trace_state > 0 ? trace_state - 1 : -1;
    pthread_mutex_unlock(&trace_mutex);
    return file;
}

bool platform_trace_is_on(void)
{
    return trace_descriptor() >= 0;
}

void platform_trace_write(const char *line, size_t len)
{
    int file = trace_descriptor();
    /* A trace that cannot be written is no reason to fail the call that is traced. */
    if (file >= 0 && write(file, line, len) < 0) return;
}

void platform_trace_close(void)
{
    pthread_mutex_lock(&trace_mutex);
    if (trace_state > 0) close(trace_state - 1);
    trace_state = 0;
    pthread_mutex_unlock(&trace_mutex);
}

uint32_t platform_thread_id(void)
{
    return (uint32_t)gettid();
}

uint32_t platform_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}
