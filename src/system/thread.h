/*
 * thread - what can be said of the calling thread.
 * Layer: system (knows only base). thread_posix.c, thread_windows.c.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_THREAD_H
#define SCM_SYSTEM_THREAD_H

#include <stdint.h>

/** A number that names the calling thread. */
uint32_t thread_id(void);

#endif
