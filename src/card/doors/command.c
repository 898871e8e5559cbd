/*
 * command - a client's own command: taken apart, put together, described.
 * Layer: card/doors (calls iso7816; pure: no card, no session).
 * SPDX-License-Identifier: MIT
 */
#include "card/doors/command.h"

#include "iso7816/apdu_decode.h"

_Static_assert(DOOR_COMMAND_HEADER_LEN == APDU_HEADER_LEN, "a header");
_Static_assert(DOOR_COMMAND_LEN_MAX == APDU_COMMAND_MAX, "the longest command");
_Static_assert(DOOR_COMMAND_DATA_MAX == APDU_EXTENDED_LC_MAX, "its data");
_Static_assert(DOOR_COMMAND_ANSWER_MAX == APDU_EXTENDED_NE_MAX, "the longest answer");
_Static_assert(DOOR_COMMAND_ANSWER_SHORT == APDU_SHORT_NE_MAX, "the longest short one");
_Static_assert(DOOR_COMMAND_REPLY_LEN_MAX == APDU_ANSWER_MAX, "an answer with its status word");
_Static_assert(DOOR_COMMAND_ENVELOPE == APDU_INS_ENVELOPE, "ENVELOPE");

static struct apdu_command apdu_of(const struct door_command *command)
{
    return (struct apdu_command){ .cla = command->cla,
                                  .ins = command->ins,
                                  .p1 = command->p1,
                                  .p2 = command->p2,
                                  .data = command->data,
                                  .ne = command->ne };
}

static enum apdu_coding coding_of(bool is_extended)
{
    return is_extended ? APDU_EXTENDED : APDU_SHORT;
}

bool door_command_decode(struct bytes raw, struct door_command *command, bool *is_extended)
{
    struct apdu_command apdu;
    enum apdu_coding coding;

    bool is_command = apdu_decode(raw, &apdu, &coding);
    *command = (struct door_command){ .cla = apdu.cla,
                                      .ins = apdu.ins,
                                      .p1 = apdu.p1,
                                      .p2 = apdu.p2,
                                      .data = apdu.data,
                                      .ne = apdu.ne };
    *is_extended = is_command && coding == APDU_EXTENDED;
    return is_command;
}

bool door_command_needs_extended(const struct door_command *command)
{
    struct apdu_command apdu = apdu_of(command);
    return apdu_coding_for(&apdu) == APDU_EXTENDED;
}

size_t door_command_len(const struct door_command *command, bool is_extended)
{
    struct apdu_command apdu = apdu_of(command);
    return apdu_encoded_len(&apdu, coding_of(is_extended));
}

void door_command_encode(const struct door_command *command, bool is_extended,
                         struct byte_writer *writer)
{
    struct apdu_command apdu = apdu_of(command);
    apdu_encode(&apdu, coding_of(is_extended), writer);
}

unsigned door_command_case(const struct door_command *command)
{
    struct apdu_command apdu = apdu_of(command);
    return apdu_case_of(&apdu);
}

uint8_t door_command_p3(const struct door_command *command, bool is_extended)
{
    struct apdu_command apdu = apdu_of(command);
    return apdu_p3(&apdu, coding_of(is_extended));
}

bool door_command_node_address_is_valid(uint8_t nad)
{
    return apdu_node_address_is_valid(nad);
}
