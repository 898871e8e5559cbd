/*
 * instructions - the table of instructions: who carries each out, and what its command consists of.
 * Layer: simcard (core; above the command families, below those that carry commands out).
 * Owns: nothing.
 * Standard: ISO/IEC 7816-4:2013 clause 5.4.2, table 4; ISO/IEC 7816-3:2006 clause 12.1 (cases).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_INSTRUCTIONS_H
#define SCM_SIMCARD_INSTRUCTIONS_H

#include "simcard/commands.h"

#define INS_EXTERNAL_AUTHENTICATE 0x82
#define INS_GET_CHALLENGE         0x84
#define INS_GET_RESPONSE          0xC0
#define INS_ENVELOPE              0xC2

/** Whether a command has a data field, and whether it gives one. */
enum presence
{
    ABSENT,
    OPTIONAL,
    REQUIRED
};

/** One instruction. */
struct instruction
{
    uint8_t ins;
    enum presence data;    /**< ABSENT makes P3 of T=0 an Le, anything else an Lc */
    enum presence answer;  /**< ABSENT: an Le is a wrong length */
    bool is_secret;        /**< no trace may show its data */
    card_handler *handler; /**< NULL: GET RESPONSE and ENVELOPE, which carry other commands */
};

/** The instruction with this number, whatever the card; NULL where there is none. */
const struct instruction *instruction_find(uint8_t ins);

/** The same, where a card of this style knows it. */
const struct instruction *instruction_find_for(const struct card_style *style, uint8_t ins);

#endif
