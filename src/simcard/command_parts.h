/*
 * command_parts - a command's header, data and Le as its bytes alone tell them.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-3:2006 clause 12.1
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_COMMAND_PARTS_H
#define SCM_SIMCARD_COMMAND_PARTS_H

#include "base/bytes.h"

struct command_parts
{
    bool is_whole; /**< the lengths fit the bytes; otherwise there is only a header, or zeros */
    uint8_t cla, ins, p1, p2;
    struct bytes data; /**< within the command */
    uint32_t ne;       /**< 0: no Le. With T=0 and neither data nor answer, P3 looks like one */
};

/** Takes any bytes apart, whatever the protocol that they came by. */
struct command_parts command_parts_of(struct bytes command);

#endif
