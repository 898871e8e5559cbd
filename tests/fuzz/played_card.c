/*
 * played_card - a card that answers what it is told to, byte by byte.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/played_card.h"

#include <string.h>

#include "fuzz/targets.h"

#define LONG_ANSWER     0xFF /* a length of two bytes follows */
#define LONG_ANSWER_MAX 1024

static size_t answer_word(uint8_t *answer, uint16_t sw)
{
    answer[0] = (uint8_t)(sw >> 8);
    answer[1] = (uint8_t)sw;
    return 2;
}

size_t played_card_answer(void *context, const uint8_t *command, size_t command_len,
                          uint8_t *answer, size_t capacity)
{
    struct played_card *played = context;
    struct byte_reader reader = byte_reader_of(played->script);

    FUZZ_CHECK(command != NULL && command_len >= 4);
    if (++played->commands > PLAYED_COMMANDS_MAX) return answer_word(answer, 0x6F00);
    if (played->script.len == 0) return answer_word(answer, 0x9000);
    size_t len = byte_reader_u8(&reader);
    if (len == LONG_ANSWER) len = byte_reader_u16(&reader) % LONG_ANSWER_MAX;
    if (reader.failed || len > reader.rest.len) len = reader.rest.len;
    struct bytes bytes = byte_reader_take(&reader, len);
    played->script = reader.rest;
    if (bytes.len && bytes.len <= capacity) memcpy(answer, bytes.data, bytes.len);
    return bytes.len;
}

void played_card_insert(struct played_card *played, enum pcsc_protocol protocol,
                        struct bytes script)
{
    static const uint8_t atr[] = { 0x3B, 0x86, 0x01, 0x80, 0x73, 0xF7, 0x21, 0xE0, 0x00 };

    memset(played, 0, sizeof(*played));
    faulty_port_init(&played->port);
    played->port.answer = played_card_answer;
    played->port.answer_context = played;
    played->port.protocol = protocol;
    memcpy(played->port.atr, atr, sizeof(atr));
    played->port.atr_len = sizeof(atr);
    played->script = script;
}

void played_card_begin(struct played_card *played, enum pcsc_protocol protocol, struct bytes script)
{
    struct pcsc_status status;
    enum pcsc_protocol active;
    pcsc_context context;
    pcsc_card card;

    played_card_insert(played, protocol, script);
    const struct pcsc_port *port = &played->port.port;
    FUZZ_CHECK(port->establish(port, &context) == HR_OK);
    FUZZ_CHECK(port->connect(port, context, FAULTY_READER, PCSC_SHARE_SHARED, PCSC_PROTOCOL_ANY,
                             &card, &active) == HR_OK);
    FUZZ_CHECK(port->begin(port, card) == HR_OK);
    FUZZ_CHECK(port->status(port, card, &status) == HR_OK);
    played->files = card_files_create(port, card, &status);
    FUZZ_CHECK(played->files != NULL);
}

void played_card_end(struct played_card *played)
{
    card_files_destroy(played->files);
}
