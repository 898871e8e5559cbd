/*
 * service - the door to the card layer: sessions over this system's resource manager.
 * Layer: card/session (calls pcsc; knows no COM).
 * Owns: the process's pool of contexts, made with the first session; threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_SESSION_SERVICE_H
#define SCM_CARD_SESSION_SERVICE_H

#include "card/session/query.h"
#include "card/session/session.h"

/**
 * A session with nothing attached, holding one reference. Does not need the resource manager yet.
 * @return NULL when out of memory.
 */
struct card_session *card_service_open_session(void);

/**
 * The way to what the system knows of readers and cards.
 * @return false when out of memory.
 */
bool card_service_query(struct card_query *query);

/** Gives idle contexts back to the resource manager. Not to be called from DllMain. */
void card_service_release_idle(void);

/**
 * Closes the file of a recording, where there is one, and forgets the profiles that were read from
 * files; no session is there any more. Allowed in DllMain.
 */
void card_service_end(void);

#endif
