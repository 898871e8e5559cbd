/*
 * thread_windows - what can be said of the calling thread, on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/thread.h"

#include <windows.h>

uint32_t thread_id(void)
{
    return GetCurrentThreadId();
}

void thread_pause_ms(uint32_t ms)
{
    Sleep(ms);
}
