/*
 * trace_file_posix - the trace file on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/trace_file.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

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

bool trace_file_is_open(void)
{
    return trace_descriptor() >= 0;
}

void trace_file_write(const char *line, size_t len)
{
    int file = trace_descriptor();
    /* A trace that cannot be written is no reason to fail the call that is traced. */
    if (file >= 0 && write(file, line, len) < 0) return;
}

void trace_file_close(void)
{
    pthread_mutex_lock(&trace_mutex);
    if (trace_state > 0) close(trace_state - 1);
    trace_state = 0;
    pthread_mutex_unlock(&trace_mutex);
}

uint32_t trace_file_thread_id(void)
{
    return (uint32_t)gettid();
}
