/*
 * session - what a card remembers from one reset to the next: selection, and unfinished business.
 * Layer: simcard (core; the command families and those that carry commands out use it).
 * Owns: nothing; struct card_session belongs to its card.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_SESSION_H
#define SCM_SIMCARD_SESSION_H

#include "simcard/card_state.h"

/** Begins again, the MF selected: what was selected, proved or left unfinished is forgotten. */
void session_reset(struct card *card);

/** Makes a file current; leaving a DF ends what was proved there. */
void session_select(struct card *card, struct card_file *file);

/** Drops the answer that waits for GET RESPONSE. */
void session_clear_pending(struct card *card);

/** Drops the parts of an unfinished command chain. */
void session_clear_chain(struct card *card);

/** Wipes all of it before its card goes. */
void session_end(struct card *card);

#endif
