/*
 * answers - how data and status word of a command travel: at once, in pieces behind 61xx, or
 *           corrected by 6Cxx.
 * Layer: simcard (core; knows no command but GET RESPONSE).
 * Owns: nothing; what waits for GET RESPONSE belongs to the card's session.
 * Standard: ISO/IEC 7816-3:2006 clause 12.2 (T=0); ISO/IEC 7816-4:2013 clauses 5.1.3, 11.7.1.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_ANSWERS_H
#define SCM_SIMCARD_ANSWERS_H

#include "simcard/card_state.h"

/** Whether a status word says that nothing was done, so that no data comes with it. */
bool answer_is_failure(uint16_t sw);

/** A status word alone. */
void answer_put_sw(struct byte_writer *answer, uint16_t sw);

/**
 * Answers a command that was carried out, as the protocol and its Le allow.
 *
 * @param[in] takes_data the instruction has a data field: with T=0 the answer is then fetched.
 */
void answer_send(struct card *card, bool takes_data, const struct command_apdu *command,
                 struct bytes data, uint16_t sw, struct byte_writer *answer);

/** Answers a wrapped command: its data come whatever the status word says. */
void answer_send_wrapped(struct card *card, const struct command_apdu *wrapped, struct bytes data,
                         uint16_t sw, struct byte_writer *answer);

/**
 * Puts more bytes behind an answer already given, for GET RESPONSE to fetch.
 *
 * @param[in] sw the status word of the answer, which the last piece then ends with.
 * @return the status word that announces them: 61xx.
 */
uint16_t answer_append(struct card *card, struct bytes more, uint16_t sw);

/** GET RESPONSE. */
void answer_get_response(struct card *card, const struct command_apdu *command,
                         struct byte_writer *answer);

#endif
