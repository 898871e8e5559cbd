/*
 * atr - the answer to reset: computed from a card's style, or checked where it is given.
 * Layer: simcard (core).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-3:2006 clause 8.2; ISO/IEC 7816-4:2013 clause 12.1.1 (historical bytes).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_ATR_H
#define SCM_SIMCARD_ATR_H

#include "simcard/card_state.h"

/**
 * Checks an ATR: initial character, announced interface and historical bytes all there, nothing
 * after them, TCK present exactly when a protocol other than T=0 is offered, and right.
 *
 * @param[out] protocols bit n set for every T=n offered; T=0 where none is named. May be NULL.
 * @return NULL when it is right; else what is wrong, a static string.
 */
const char *atr_check(struct bytes atr, uint32_t *protocols);

/**
 * Writes the historical bytes: those given, or category 80 with card service data, capabilities
 * and life cycle that agree with the style, and the issuer's data if there is room.
 *
 * @param[in] mf the card's files, to see whether EF.DIR and EF.ATR are there.
 */
void atr_historical(const struct card_style *style, struct card_file *mf,
                    struct byte_writer *writer);

/** The three card capabilities bytes (software function tables), as announced in several places. */
void atr_capabilities(const struct card_style *style, struct card_file *mf,
                      uint8_t capabilities[3]);

/** The card service data byte. */
uint8_t atr_service_data(const struct card_style *style, struct card_file *mf);

/** Computes the ATR of a style (ATR_COMPUTED) into style->atr. */
void atr_compute(struct card_style *style, struct card_file *mf);

#endif
