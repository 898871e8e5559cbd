/*
 * hostile - answers no honest card gives, to see what readers and libraries make of them.
 * Layer: simcard (between card and link; does no I/O).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/hostile.h"

#include <stdio.h>
#include <stdlib.h>

#define SW_LEN            2
#define LONG_EXCESS       70
#define FILL_BYTE         0xA5
#define DEFAULT_SEED      1u
#define SHORT_ANSWER_ROOM 256

static const char *const names[] = {
    [HOSTILE_OFF] = "off",     [HOSTILE_LONG] = "long",         [HOSTILE_OVERSIZED] = "oversized",
    [HOSTILE_EMPTY] = "empty", [HOSTILE_ONE_BYTE] = "one-byte", [HOSTILE_GARBAGE] = "garbage",
    [HOSTILE_MORE] = "more",   [HOSTILE_WRONG_LE] = "wrong-le", [HOSTILE_MUTE] = "mute",
    [HOSTILE_CLOSE] = "close", [HOSTILE_RANDOM] = "random",
};
#define MODE_COUNT (sizeof(names) / sizeof(names[0]))

const char *hostile_name(enum hostile_mode mode)
{
    return (size_t)mode < MODE_COUNT ? names[mode] : "";
}

static bool read_number(const char *text, int base, unsigned long max, unsigned long *number)
{
    char *end;
    if (!((*text >= '0' && *text <= '9') || (base == 16 && *text >= 'A' && *text <= 'f')))
        return false;
    *number = strtoul(text, &end, base);
    return end != text && *end == 0 && *number <= max;
}

static bool parse_option(const char *option, struct hostile *hostile)
{
    unsigned long number = 0;
    if (strncmp(option, "seed=", 5) == 0)
    {
        if (!read_number(option + 5, 10, UINT32_MAX, &number)) return false;
        hostile->random = (uint32_t)number ? (uint32_t)number : DEFAULT_SEED;
        return true;
    }
    if (strncmp(option, "next=", 5) == 0)
    {
        if (!read_number(option + 5, 10, UINT32_MAX, &number)) return false;
        hostile->is_limited = true;
        hostile->left = (uint32_t)number;
        return true;
    }
    if (strncmp(option, "ins=", 4) == 0)
    {
        if (!read_number(option + 4, 16, 0xFF, &number)) return false;
        hostile->is_for_one_ins = true;
        hostile->ins = (uint8_t)number;
        return true;
    }
    return false;
}

bool hostile_parse(const char *text, struct hostile *hostile)
{
    char copy[128];
    size_t len = strlen(text);
    if (len >= sizeof(copy)) return false;
    memcpy(copy, text, len + 1);

    struct hostile parsed = { .random = DEFAULT_SEED };
    char *rest = NULL;
    char *word = strtok_r(copy, " \t", &rest);
    if (!word) return false;
    size_t mode = 0;
    while (mode < MODE_COUNT && strcmp(word, names[mode]) != 0)
        mode++;
    if (mode == MODE_COUNT) return false;
    parsed.mode = (enum hostile_mode)mode;
    while ((word = strtok_r(NULL, " \t", &rest)))
        if (!parse_option(word, &parsed)) return false;
    *hostile = parsed;
    return true;
}

/* xorshift: the same seed gives the same answers everywhere. */
static uint32_t next_random(struct hostile *hostile)
{
    uint32_t x = hostile->random;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    return hostile->random = x;
}

static void fill(struct byte_writer *answer, size_t count)
{
    while (count-- > 0 && answer->len < answer->capacity)
        byte_writer_u8(answer, FILL_BYTE);
}

/* Puts bytes between the data and the status word. */
static void lengthen(struct byte_writer *answer, size_t count)
{
    uint8_t sw[SW_LEN] = { 0x90, 0x00 };
    if (answer->len >= SW_LEN)
    {
        answer->len -= SW_LEN;
        memcpy(sw, answer->data + answer->len, SW_LEN);
    }
    size_t room = answer->capacity - answer->len;
    if (room < SW_LEN) return;
    fill(answer, count < room - SW_LEN ? count : room - SW_LEN);
    byte_writer_put(answer, bytes_of(sw, SW_LEN));
}

static void replace(struct byte_writer *answer, uint8_t sw1, uint8_t sw2, size_t data_len)
{
    answer->len = 0;
    fill(answer, data_len);
    byte_writer_u8(answer, sw1);
    byte_writer_u8(answer, sw2);
}

static void put_garbage_sw(struct hostile *hostile, struct byte_writer *answer)
{
    static const uint8_t sw1[] = { 0x00, 0x12, 0x60, 0x66, 0x6F, 0x8F, 0x91, 0xFF };
    uint32_t random = next_random(hostile);
    if (answer->len >= SW_LEN) answer->len -= SW_LEN;
    byte_writer_u8(answer, sw1[random % sizeof(sw1)]);
    byte_writer_u8(answer, (uint8_t)(random >> 8));
}

static void damage(struct hostile *hostile, struct byte_writer *answer)
{
    for (size_t flips = 1 + next_random(hostile) % 3; flips > 0 && answer->len; flips--)
        answer->data[next_random(hostile) % answer->len] ^=
            (uint8_t)(1u << next_random(hostile) % 8);
}

static void apply(struct hostile *hostile, enum hostile_mode mode, struct bytes command,
                  struct byte_writer *answer);

static void apply_random(struct hostile *hostile, struct bytes command, struct byte_writer *answer)
{
    switch (next_random(hostile) % 10)
    {
    case 0:
        apply(hostile, HOSTILE_LONG, command, answer);
        break;
    case 1:
        apply(hostile, HOSTILE_OVERSIZED, command, answer);
        break;
    case 2:
        apply(hostile, HOSTILE_EMPTY, command, answer);
        break;
    case 3:
        apply(hostile, HOSTILE_ONE_BYTE, command, answer);
        break;
    case 4:
        apply(hostile, HOSTILE_GARBAGE, command, answer);
        break;
    case 5:
        apply(hostile, HOSTILE_MORE, command, answer);
        break;
    case 6:
        apply(hostile, HOSTILE_WRONG_LE, command, answer);
        break;
    case 7:
        damage(hostile, answer);
        break;
    case 8:
        answer->len = next_random(hostile) % (answer->len + 1);
        break;
    default:
        break; /* honest */
    }
}

static void apply(struct hostile *hostile, enum hostile_mode mode, struct bytes command,
                  struct byte_writer *answer)
{
    switch (mode)
    {
    case HOSTILE_LONG:
        lengthen(answer, (answer->len < SHORT_ANSWER_ROOM ? SHORT_ANSWER_ROOM : 0) + LONG_EXCESS);
        break;
    case HOSTILE_OVERSIZED:
        lengthen(answer, answer->capacity);
        break;
    case HOSTILE_EMPTY:
        answer->len = 0;
        break;
    case HOSTILE_ONE_BYTE:
        answer->len = 0;
        byte_writer_u8(answer, 0x90);
        break;
    case HOSTILE_GARBAGE:
        put_garbage_sw(hostile, answer);
        break;
    case HOSTILE_MORE:
        /* GET RESPONSE gets all that it asks for: only a reader that counts comes to an end. */
        replace(answer, 0x61, 0x10,
                command.len >= 5 && command.data[1] == 0xC0 ? command.data[4] : 0);
        break;
    case HOSTILE_WRONG_LE:
        replace(answer, 0x6C, (uint8_t)(1 + next_random(hostile) % 255), 0);
        break;
    case HOSTILE_RANDOM:
        apply_random(hostile, command, answer);
        break;
    case HOSTILE_OFF:
    case HOSTILE_MUTE:
    case HOSTILE_CLOSE:
        break;
    }
}

enum hostile_action hostile_change(struct hostile *hostile, struct bytes command,
                                   struct byte_writer *answer)
{
    if (hostile->mode == HOSTILE_OFF) return HOSTILE_SEND;
    if (hostile->is_for_one_ins && (command.len < 2 || command.data[1] != hostile->ins))
        return HOSTILE_SEND;
    if (hostile->is_limited)
    {
        if (hostile->left == 0) return HOSTILE_SEND;
        hostile->left--;
    }
    if (hostile->mode == HOSTILE_MUTE) return HOSTILE_KEEP_SILENT;
    if (hostile->mode == HOSTILE_CLOSE) return HOSTILE_SEND_HALF_AND_CLOSE;
    apply(hostile, hostile->mode, command, answer);
    return HOSTILE_SEND;
}
