/*
 * command_apdu - taking a received command apart: header, data field, Le.
 * Layer: simcard (uses base).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-3:2006 clause 12.1.3 (the cases), 12.2 (what T=0 leaves of them).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_COMMAND_APDU_H
#define SCM_SIMCARD_COMMAND_APDU_H

#include "base/bytes.h"

#define APDU_HEADER_LEN      4
#define APDU_SHORT_LC_MAX    255
#define APDU_SHORT_NE_MAX    256
#define APDU_EXTENDED_NE_MAX 65536
#define APDU_CLA_CHAINING    0x10 /* CLA bit 5: not the last command of a chain */

/** A command, taken apart; data points into the bytes it was decoded from. */
struct command_apdu
{
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct bytes data; /**< command data field; empty where absent */
    bool has_le;
    bool is_le_open;  /**< Le is all zeros: as much as there is, up to ne */
    bool is_extended; /**< Lc or Le took more than one byte, or the command came in ENVELOPEs */
    uint32_t ne;      /**< bytes the sender has room for; 0 without Le */
};

/** How a received command may be coded. */
enum apdu_coding
{
    APDU_CODING_SHORT,       /**< the short cases only */
    APDU_CODING_EXTENDED,    /**< short and extended cases */
    APDU_CODING_T0_INCOMING, /**< T=0, and the instruction takes data: P3 is Lc */
    APDU_CODING_T0_OUTGOING  /**< T=0, and the instruction gives data: P3 is Le */
};

/**
 * Takes a command apart.
 *
 * @param[in] bytes the command as received, at least APDU_HEADER_LEN bytes for anything but failure.
 * @param[in] may_drop_le T=0 incoming only: an Le after the data field is ignored, as drivers do
 *            that cut it off; otherwise it is a wrong length.
 * @return false where the bytes fit no allowed case: the card answers 6700.
 */
bool command_apdu_decode(struct bytes bytes, enum apdu_coding coding, bool may_drop_le,
                         struct command_apdu *command);

#endif
