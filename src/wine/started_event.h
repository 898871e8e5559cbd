/*
 * started_event - the event that says "the smart card service runs".
 * Layer: wine bridge, PE side.
 * Reference: SCardAccessStartedEvent, SCardReleaseStartedEvent, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_STARTED_EVENT_H
#define SCM_WINE_STARTED_EVENT_H

#include <windows.h>

void started_event_init(void);

/** The event, which the caller shares with others of the process; NULL where there is no memory. */
HANDLE started_event_access(void);

/** One caller less needs it. */
void started_event_release(void);

#endif
