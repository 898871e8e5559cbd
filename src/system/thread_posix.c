/*
 * thread_posix - what can be said of the calling thread, on Linux.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/thread.h"

#include <time.h>
#include <unistd.h>

uint32_t thread_id(void)
{
    return (uint32_t)gettid();
}

void thread_pause_ms(uint32_t ms)
{
    const struct timespec pause = { ms / 1000, (long)(ms % 1000) * 1000000 };
    nanosleep(&pause, NULL);
}
