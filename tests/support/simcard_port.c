/*
 * simcard_port - see simcard_port.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/simcard_port.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

void simcard_port_insert(struct faulty_port *port, struct card **place, struct card *card,
                         enum pcsc_protocol protocol)
{
    struct bytes atr = card_atr(card);
    card_free(*place);
    *place = card;
    assert_true(atr.len <= sizeof(port->atr));
    memcpy(port->atr, atr.data, atr.len);
    port->atr_len = atr.len;
    port->protocol = protocol;
}

size_t simcard_port_answer(struct card *card, const uint8_t *command, size_t command_len,
                           uint8_t *answer, size_t capacity)
{
    static uint8_t room[CARD_ANSWER_MAX];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    card_command(card, bytes_of(command, command_len), &writer);
    if (writer.len <= capacity) memcpy(answer, room, writer.len);
    return writer.len;
}
