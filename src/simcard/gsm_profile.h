/*
 * gsm_profile - the card as a SIM of the first generation: its commands, its answer to SELECT, its
 *               status words.
 * Layer: simcard (core).
 * Owns: nothing.
 * Standard: GSM 11.11 / ETSI TS 100 977 clauses 6.5 (selection), 8 (functions), 9.2 (coding of the
 *           commands), 9.4 (status conditions)
 * SPDX-License-Identifier: MIT
 *
 * Design notes. Files, PINs and conditions are those of any card. What differs stands around the
 * command families: before them, which commands there are and how long their data is; behind them,
 * the translation of the status word. SEEK, INCREASE, RUN GSM ALGORITHM, SLEEP and the toolkit are
 * not there.
 */
#ifndef SCM_SIMCARD_GSM_PROFILE_H
#define SCM_SIMCARD_GSM_PROFILE_H

#include "simcard/card_state.h"

#define GSM_CLASS         0xA0
#define GSM_MORE_DATA_SW1 0x9F
#define GSM_INS_STATUS    0xF2
#define GSM_INS_UNBLOCK   0x2C

/** Whether a SIM of ours knows an instruction. */
bool gsm_has_instruction(uint8_t ins);

/**
 * Looks at a command before it is carried out; UNBLOCK CHV's number for CHV1 becomes ours.
 * @return SW_OK, or the status word it ends with.
 */
uint16_t gsm_prepare(const struct card *card, struct command_apdu *command);

/** What follows from a command that was carried out: UNBLOCK CHV also enables and verifies. */
void gsm_conclude(struct card *card, const struct command_apdu *command, uint16_t sw);

/** SELECT, by identifier alone. */
uint16_t gsm_select(struct card *card, const struct command_apdu *command, struct byte_writer *out);

/** The status word a SIM has for ours. @param[in] ins what was to be done. */
uint16_t gsm_status_word(uint8_t ins, uint16_t sw);

#endif
