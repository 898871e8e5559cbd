/*
 * script - see script.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/script.h"

#include "support/hex.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static size_t play(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                   size_t capacity)
{
    struct script *script = context;
    if (script_is_over(script)) fail_msg("a command too many");
    const struct exchange *row = &script->rows[script->played++];
    assert_hex(bytes_of(command, command_len), row->command, "command");
    struct bytes bytes = hex(row->answer);
    if (bytes.len <= capacity) memcpy(answer, bytes.data, bytes.len);
    return bytes.len;
}

void script_insert(struct faulty_port *port, struct script *script, const char *atr,
                   enum pcsc_protocol protocol)
{
    script_start(script, NULL, 0);
    faulty_port_set_atr(port, atr);
    port->protocol = protocol;
    port->answer = play;
    port->answer_context = script;
}

void script_start(struct script *script, const struct exchange *rows, size_t count)
{
    script->rows = rows;
    script->played = 0;
    for (script->count = 0; script->count < count; script->count++)
        if (!rows[script->count].command) break;
}

bool script_is_over(const struct script *script)
{
    return script->played == script->count;
}

void faulty_port_set_atr(struct faulty_port *port, const char *atr)
{
    struct bytes bytes = hex(atr);
    assert_true(bytes.len <= sizeof(port->atr));
    memcpy(port->atr, bytes.data, bytes.len);
    port->atr_len = bytes.len;
}

pcsc_card faulty_port_begin(struct faulty_port *faulty, struct pcsc_status *status)
{
    const struct pcsc_port *port = &faulty->port;
    pcsc_context context;
    pcsc_card card;
    enum pcsc_protocol active;

    assert_int_equal(port->establish(port, &context), HR_OK);
    assert_int_equal(
        port->connect(port, context, FAULTY_READER, PCSC_SHARE_SHARED, 3, &card, &active), HR_OK);
    assert_int_equal(port->begin(port, card), HR_OK);
    assert_int_equal(port->status(port, card, status), HR_OK);
    return card;
}
