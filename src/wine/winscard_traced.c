/*
 * winscard_traced - what winscard.dll exports: each call goes to its plain_ function, and into the
 *                   trace before and after if there is one.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_calls.h"

#include "wine/winscard_later.h"
#include "wine/winscard_trace.h"

#define WINSCARD_TRACED(name, format, parameters, ...)                                             \
    LONG WINAPI name parameters                                                                    \
    {                                                                                              \
        if (!winscard_trace_is_on) return plain_##name(__VA_ARGS__);                               \
        uint32_t began = winscard_trace_begin(#name, format, __VA_ARGS__);                         \
        LONG result = plain_##name(__VA_ARGS__);                                                   \
        winscard_trace_end(#name, format, began, result, __VA_ARGS__);                             \
        return result;                                                                             \
    }
WINSCARD_CALLS(WINSCARD_TRACED)
