/*
 * command - a client's own command: taken apart, put together, described.
 * Layer: card/doors (calls iso7816; pure: no card, no session).
 * The classes whose clients build commands themselves know a command as this header has it.
 * Everybody else asks the other doors for what a command does, never for a command.
 * Standard: ISO/IEC 7816-4:1995 clause 5.3; ISO/IEC 7816-3:2006 clauses 11.3.2.1, 12.1
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_DOORS_COMMAND_H
#define SCM_CARD_DOORS_COMMAND_H

#include "base/bytes.h"

/** Bytes: of a header, the longest command and answer, their data; of a short answer's data. */
#define DOOR_COMMAND_HEADER_LEN    4
#define DOOR_COMMAND_LEN_MAX       (DOOR_COMMAND_HEADER_LEN + 3 + DOOR_COMMAND_DATA_MAX + 2)
#define DOOR_COMMAND_DATA_MAX      65535
#define DOOR_COMMAND_ANSWER_MAX    65536
#define DOOR_COMMAND_ANSWER_SHORT  256
#define DOOR_COMMAND_REPLY_LEN_MAX (DOOR_COMMAND_ANSWER_MAX + 2)
/** The instruction that carries another command in its data. */
#define DOOR_COMMAND_ENVELOPE 0xC2

struct door_command
{
    uint8_t cla;
    uint8_t ins;
    uint8_t p1;
    uint8_t p2;
    struct bytes data; /**< up to DOOR_COMMAND_DATA_MAX; stays its owner's */
    uint32_t ne;       /**< most bytes of answer wanted; 0: none; DOOR_COMMAND_ANSWER_MAX: all */
};

/**
 * Takes a command's bytes apart; door_command_encode() gives the same bytes again.
 *
 * @param[in] raw the whole command; stays its owner's, and so does the data found in it.
 * @param[out] command what the bytes say; zeroed where they are no command.
 * @param[out] is_extended whether its lengths are.
 * @return whether the lengths fit the bytes.
 */
bool door_command_decode(struct bytes raw, struct door_command *command, bool *is_extended);

/** Whether a command needs extended lengths to be said. */
bool door_command_needs_extended(const struct door_command *command);

/** The length of a command's bytes. @param[in] is_extended true where it needs to be. */
size_t door_command_len(const struct door_command *command, bool is_extended);

/** A command's bytes; the writer has failed where they do not fit. */
void door_command_encode(const struct door_command *command, bool is_extended,
                         struct byte_writer *writer);

/** The case of the standard: 1 header only, 2 with Le, 3 with data, 4 with data and Le. */
unsigned door_command_case(const struct door_command *command);

/** The byte behind P2: Lc, or Le where there is no data, or 0 where a length is extended. */
uint8_t door_command_p3(const struct door_command *command, bool is_extended);

/** Whether a byte can be a node address of T=1. */
bool door_command_node_address_is_valid(uint8_t nad);

#endif
