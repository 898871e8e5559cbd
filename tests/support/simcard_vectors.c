/*
 * simcard_vectors - commands and answers as one-line vectors against a simulated card.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/simcard_vectors.h"

#include "support/fail.h"
#include "simcard/description.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define COMMAND_MAX 70000
#define SHOWN_MAX   64

/* Whatever `text` holds into bytes and a mask of those that count. */
static size_t read_pattern(const char *text, uint8_t *bytes, uint8_t *mask, size_t capacity)
{
    size_t len = 0;
    while (*text)
    {
        char digits[3] = { text[0], text[0] ? text[1] : 0, 0 };
        char *end;
        unsigned long count = 1;
        if (isspace((unsigned char)*text))
        {
            text++;
            continue;
        }
        bool is_any = strcmp(digits, "..") == 0;
        unsigned long value = is_any ? 0 : strtoul(digits, &end, 16);
        if (!is_any && end != digits + 2) fail_msg("bad hexadecimal text: \"%s\"", text);
        text += 2;
        if (*text == '*')
        {
            count = strtoul(text + 1, &end, 10);
            text = end;
        }
        if (count > capacity - len) fail_msg("a vector is too long");
        for (; count > 0; count--, len++)
        {
            bytes[len] = (uint8_t)value;
            if (mask) mask[len] = !is_any;
        }
    }
    return len;
}

size_t simcard_hex(const char *text, uint8_t *room, size_t capacity)
{
    return read_pattern(text, room, NULL, capacity);
}

struct card *simcard_make(const char *description)
{
    struct description_error error;
    struct card *card = description_parse(bytes_of(description, strlen(description)), &error);
    if (!card) fail_msg("description line %zu: %s", error.line, error.message);
    return card;
}

struct card *simcard_sample_at(const char *name, const char *file, int line)
{
    struct description_error error;
    char path[500];
    snprintf(path, sizeof(path), "%s/%s", SIMCARD_SAMPLES, name);
    struct card *card = description_read(path, &error);
    if (!card) fail_at(file, line, "%s:%zu: %s", path, error.line, error.message);
    return card;
}

uint16_t simcard_send(struct card *card, struct bytes command, uint8_t *answer, size_t *answer_len)
{
    /* In blocks of their own, so that a sanitizer sees any step beside them. */
    uint8_t *received = malloc(command.len ? command.len : 1);
    uint8_t *room = malloc(CARD_ANSWER_MAX);
    assert_non_null(received);
    assert_non_null(room);
    if (command.len) memcpy(received, command.data, command.len);
    struct byte_writer writer = byte_writer_of(room, CARD_ANSWER_MAX);
    card_command(card, bytes_of(received, command.len), &writer);
    assert_false(writer.failed);
    assert_true(writer.len >= 2);
    uint16_t sw = (uint16_t)(room[writer.len - 2] << 8 | room[writer.len - 1]);
    if (answer) memcpy(answer, room, writer.len - 2);
    if (answer_len) *answer_len = writer.len - 2;
    free(received);
    free(room);
    return sw;
}

static bool is_match(const uint8_t *answer, size_t len, const char *expected)
{
    static uint8_t bytes[COMMAND_MAX], mask[COMMAND_MAX];
    bool is_tail = *expected == '*';
    size_t expected_len = read_pattern(expected + is_tail, bytes, mask, sizeof(bytes));
    if (is_tail ? len < expected_len : len != expected_len) return false;
    answer += len - expected_len;
    for (size_t i = 0; i < expected_len; i++)
        if (mask[i] && answer[i] != bytes[i]) return false;
    return true;
}

static void show(const uint8_t *bytes, size_t len, char *text)
{
    size_t shown = len < SHOWN_MAX ? len : SHOWN_MAX;
    *text = 0;
    for (size_t i = 0; i < shown; i++)
        sprintf(text + 2 * i, "%02X", bytes[i]);
    if (shown < len) sprintf(text + 2 * shown, "... (%zu bytes)", len);
}

void simcard_run_at(struct card *card, const struct simcard_vector *vectors, size_t count,
                    const char *file, int line)
{
    static uint8_t command[COMMAND_MAX], answer[COMMAND_MAX];
    for (size_t i = 0; i < count; i++)
    {
        if (strcmp(vectors[i].command, "reset") == 0)
        {
            card_reset(card);
            continue;
        }
        size_t answer_len;
        size_t len = simcard_hex(vectors[i].command, command, sizeof(command));
        uint16_t sw = simcard_send(card, bytes_of(command, len), answer, &answer_len);
        answer[answer_len++] = (uint8_t)(sw >> 8);
        answer[answer_len++] = (uint8_t)sw;
        if (is_match(answer, answer_len, vectors[i].answer)) continue;
        char text[2 * SHOWN_MAX + 40];
        show(answer, answer_len, text);
        fail_at(file, line, "vector %zu, %s: %s gave %s, expected %s", i, vectors[i].reason,
                vectors[i].command, text, vectors[i].answer);
    }
}

void simcard_script_at(const char *description, const struct simcard_vector *vectors, size_t count,
                       const char *file, int line)
{
    struct card *card = simcard_make(description);
    simcard_run_at(card, vectors, count, file, line);
    card_free(card);
}
