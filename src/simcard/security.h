/*
 * security - whether an operation is allowed now: conditions against what has been proved.
 * Layer: simcard (core).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clause 9.2 (security status, local and global).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_SECURITY_H
#define SCM_SIMCARD_SECURITY_H

#include "simcard/card_state.h"

/**
 * Finds the PIN a reference means, seen from a DF: global ones in the MF, local ones in the nearest
 * DF below the MF that has the number.
 *
 * @param[in] reference as in P2; 00 means the only PIN there is to see, if there is just one.
 */
struct pin *security_find_pin(struct card *card, struct card_file *df, uint8_t reference);

/** The same for keys. */
struct key *security_find_key(struct card *card, struct card_file *df, uint8_t reference);

/** Whether a rule is satisfied, its local references seen from `df`. */
bool security_is_satisfied(struct card *card, const struct access_rule *rule, struct card_file *df);

/**
 * Whether an operation may be done on a file now.
 *
 * Files being created have no conditions yet; deactivated and terminated ones (or those in such a
 * DF) refuse everything but what changes that.
 *
 * @retval SW_OK it may.
 * @retval SW_CONDITIONS_OF_USE the life cycle forbids it.
 * @retval SW_SECURITY_STATUS the access condition is not satisfied.
 */
uint16_t security_check(struct card *card, struct card_file *file, enum access_operation operation);

/** The DF, from one up to the MF, whose session keys serve there; NULL where there are none. */
struct card_file *security_find_channel(struct card_file *df);

/** Forgets what was proved with the credentials of one DF. */
void security_forget(struct card_file *df);

#endif
