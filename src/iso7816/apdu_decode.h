/*
 * apdu_decode - a command's bytes taken apart again, and what can be told of a command.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:1995 clause 5.3; ISO/IEC 7816-3:2006 clause 12.1 (short and extended
 *           cases), 11.3.2.1 (node addresses)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_APDU_DECODE_H
#define SCM_ISO7816_APDU_DECODE_H

#include "iso7816/apdu.h"

#define APDU_HEADER_LEN 4

/**
 * Takes a command's bytes apart; apdu_encode() in the coding found gives the same bytes again.
 *
 * @param[in] raw the whole command; stays its owner's, and so does the data found in it.
 * @param[out] command what the bytes say; zeroed where they are no command.
 * @param[out] coding how the lengths are written; APDU_SHORT where there are none.
 * @return whether the lengths fit the bytes.
 */
bool apdu_decode(struct bytes raw, struct apdu_command *command, enum apdu_coding *coding);

/** The shortest coding that can say all of a command. */
enum apdu_coding apdu_coding_for(const struct apdu_command *command);

/** The length of a command in a coding that can say it. */
size_t apdu_encoded_len(const struct apdu_command *command, enum apdu_coding coding);

/** The case of the standard: 1 header only, 2 with Le, 3 with data, 4 with data and Le. */
unsigned apdu_case_of(const struct apdu_command *command);

/** The byte behind P2: Lc, or Le where there is no data, or 0 where a length is extended. */
uint8_t apdu_p3(const struct apdu_command *command, enum apdu_coding coding);

/**
 * Whether a byte can be a node address of T=1: source and destination differ, or both are 0; the
 * two bits that were for the programming voltage are 0.
 */
bool apdu_node_address_is_valid(uint8_t nad);

#endif
