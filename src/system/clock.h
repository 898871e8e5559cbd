/*
 * clock - time that only goes forward.
 * Layer: system (knows only base). clock_posix.c, clock_windows.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_CLOCK_H
#define SCM_SYSTEM_CLOCK_H

#include <stdint.h>

/** Milliseconds since some moment before the process began; wraps after 49 days. Threads: any. */
uint32_t clock_now_ms(void);

#endif
