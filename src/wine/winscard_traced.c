/*
 * winscard_traced - what winscard.dll exports: each call goes to its plain_ function, and into the
 *                   trace before and after if there is one.
 * Layer: wine bridge, PE side.
 * SPDX-License-Identifier: MIT
 */
#include "wine/winscard_calls.h"

#include "wine/started_event.h"
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

HANDLE WINAPI SCardAccessStartedEvent(void)
{
    static const char name[] = "SCardAccessStartedEvent", format[] = "event:H";
    HANDLE event;
    uint32_t began;

    if (!winscard_trace_is_on) return started_event_access();
    began = winscard_trace_begin(name, "");
    event = started_event_access();
    winscard_trace_end(name, format, began, event ? SCARD_S_SUCCESS : SCARD_E_NO_MEMORY, &event);
    return event;
}

void WINAPI SCardReleaseStartedEvent(void)
{
    static const char name[] = "SCardReleaseStartedEvent";
    uint32_t began;

    if (!winscard_trace_is_on)
    {
        started_event_release();
        return;
    }
    began = winscard_trace_begin(name, "");
    started_event_release();
    winscard_trace_end(name, "", began, SCARD_S_SUCCESS);
}
