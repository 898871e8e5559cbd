/*
 * portions - more entries than pcsc-lite takes in one SCardGetStatusChange, asked for in portions.
 * Layer: base (pure).
 * SPDX-License-Identifier: MIT
 */
#include "base/portions.h"

#include <stdbool.h>

/* What every pcsc-lite takes. */
#define ENTRIES_AT_ONCE 16

/* How long one portion is waited for before the others are looked at again. */
#define SLICE_MS 250u

scm_result portions_watch(portions_look *look, void *watch, size_t count, uint32_t timeout_ms)
{
    bool has_changed = false;
    scm_result result = look(watch, 0, count, timeout_ms);

    if (result != SC_E_INVALID_PARAMETER || count <= ENTRIES_AT_ONCE) return result;
    for (size_t first = 0; first < count; first += ENTRIES_AT_ONCE)
    {
        size_t left = count - first;
        result = look(watch, first, left < ENTRIES_AT_ONCE ? left : ENTRIES_AT_ONCE, 0);
        if (result != HR_OK && result != SC_E_TIMEOUT) return result;
        has_changed |= result == HR_OK;
    }
    if (has_changed) return HR_OK;
    if (timeout_ms == 0) return SC_E_TIMEOUT;
    return look(watch, 0, ENTRIES_AT_ONCE, timeout_ms < SLICE_MS ? timeout_ms : SLICE_MS);
}
