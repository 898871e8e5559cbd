/*
 * clock_posix - time that only goes forward on Linux, where the portable layers are tested.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#define _GNU_SOURCE
#include "system/clock.h"

#include <time.h>

uint32_t clock_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint32_t)(now.tv_sec * 1000 + now.tv_nsec / 1000000);
}
