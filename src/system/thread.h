/*
 * thread - what can be said of the calling thread, and that it rests.
 * Layer: system (knows only base). thread_posix.c, thread_windows.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_THREAD_H
#define SCM_SYSTEM_THREAD_H

#include <stdint.h>

/** A number that names the calling thread. */
uint32_t thread_id(void);

/** The calling thread rests for about so long. */
void thread_pause_ms(uint32_t ms);

#endif
