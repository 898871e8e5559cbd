/*
 * clock_windows - time that only goes forward on Windows.
 * Layer: system (knows only base).
 * SPDX-License-Identifier: MIT
 */
#include "system/clock.h"

#include <windows.h>

uint32_t clock_now_ms(void)
{
    return GetTickCount();
}
