/*
 * started_event - the event that says "the smart card service runs".
 * Layer: wine bridge, PE side.
 * Reference: SCardAccessStartedEvent, SCardReleaseStartedEvent, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_STARTED_EVENT_H
#define SCM_WINE_STARTED_EVENT_H

void started_event_init(void);

#endif
