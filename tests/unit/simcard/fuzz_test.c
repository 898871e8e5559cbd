/* simcard_fuzz_test - random and damaged commands: an answer to each, and no step beside the bytes.
 * Layer under test: simcard (core, under sanitizers). The seeds are fixed, so that a failure comes
 * back. SPDX-License-Identifier: MIT */
#include "support/simcard_vectors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

#define COMMANDS_A_SEED 60000
#define SEEDS           6

static uint32_t state_of_random;

static uint32_t next_random(void)
{
    state_of_random ^= state_of_random << 13;
    state_of_random ^= state_of_random >> 17;
    return state_of_random ^= state_of_random << 5;
}

static uint32_t below(uint32_t limit)
{
    return next_random() % limit;
}

/* Commands that lead somewhere, to be damaged. */
static const char *const sensible[] = {
    "00A40000 02 7F10 00",
    "00A40000 02 7F30",
    "0CA4020C 15 8709016375432908C044F6 8E08BF8B92D635FF24F8 00",
    "0CB00000 0D 970104 8E08ED6705417E96BA55 00",
    "00A4080C 04 7F106F01",
    "00A40400 02 F053 00",
    "00A40406 00",
    "00A4030C",
    "00B00000 00",
    "00B08100 10",
    "00B00000 00 0000",
    "00D60000 04 AABBCCDD",
    "00D08A00 02 0F0F",
    "000E0000 02 0010",
    "00B10003 04 54021000 00",
    "00D70003 08 54021000 5302AABB",
    "000F0003 03 540101",
    "00B20104 00",
    "00B20025 00",
    "00B2012D 00",
    "00B20002 00",
    "00DC0024 10 41*16",
    "00DC002C 05 4142434445",
    "00D20034 03 020141",
    "00E20038 08 41*8",
    "00E20030 04 05024142",
    "00A20124 02 4142 00",
    "000C0124",
    "00200001 04 31323334",
    "00200081 04 39393939",
    "00200002 08 30303030FFFFFFFF",
    "00240001 08 3132333431323334",
    "002C0001 0C 3132333435363738 31323334",
    "00260001 04 31323334",
    "00280001 04 31323334",
    "00840000 08",
    "00820001 08 00*8",
    "00880001 08 00*8 00",
    "00880002 10 00*16 00",
    "00CA5F20 00",
    "00DA0102 04 41424344",
    "00CA0062 00",
    "00E00000 0D 620B 80020010 820101 83026F21",
    "00E00000 10 620E 82050221 0004 03 83026F22 8800",
    "00E00000 0F 620D 820138 83027F21 8404A0000021",
    "00E00000 15 6213 80020004 820101 83026F23 8A0101 8C030311FF",
    "00E00000 1A 6218 80020004 820101 83026F24 AB0B 800101 A406 830101 950108",
    "00E40000 02 6F21",
    "00E40000",
    "00440000",
    "00040000",
    "00C00000 00",
    "10D60000 04 AABBCCDD",
    "10A4080C 02 7F10",
    "00C20000 07 00B08100000010",
    "00C20000 00",
    "00E80000 02 6F22",
};

static size_t damaged(uint8_t *command, size_t capacity)
{
    size_t len = simcard_hex(sensible[below(sizeof(sensible) / sizeof(sensible[0]))], command, 300);
    for (uint32_t i = below(2) * below(4); i > 0 && len > 0; i--)
    {
        switch (below(6))
        {
        case 0:
            command[below((uint32_t)len)] = (uint8_t)next_random();
            break;
        case 1:
            command[below((uint32_t)len)] ^= (uint8_t)(1u << below(8));
            break;
        case 2:
            len = below((uint32_t)len + 1);
            break;
        case 3:
            for (uint32_t more = below(20); more > 0 && len < capacity; more--)
                command[len++] = (uint8_t)next_random();
            break;
        case 4:
            if (len > 3) command[2 + below(2)] = (uint8_t)below(8);
            break;
        default:
            if (len > 4) command[4] = (uint8_t)(len - 5);
            break;
        }
    }
    return len;
}

static size_t random_command(uint8_t *command)
{
    size_t len = below(below(8) ? 24 : 400);
    for (size_t i = 0; i < len; i++)
        command[i] = (uint8_t)next_random();
    if (len > 0 && below(8)) command[0] = below(8) ? 0x00 : 0x10;
    return len;
}

static bool is_status_word(uint16_t sw)
{
    return sw == 0x9000 || (sw >= 0x6100 && sw < 0x7000 && sw != 0x6000);
}

static void feed(const char *sample, uint32_t seed)
{
    struct card *card = simcard_sample(sample);
    uint32_t done = 0, refused = 0;
    state_of_random = seed;
    for (int i = 0; i < COMMANDS_A_SEED; i++)
    {
        uint8_t command[500];
        size_t len = below(4) ? damaged(command, sizeof(command)) : random_command(command);
        uint16_t sw = simcard_send(card, bytes_of(command, len), NULL, NULL);
        if (!is_status_word(sw)) fail_msg("command %d of seed %u: %04X", i, seed, sw);
        if (sw >> 8 == 0x90 || sw >> 8 == 0x61)
            done++;
        else
            refused++;
        if (below(200) == 0) card_reset(card);
        if (below(2000) == 0)
        {
            /* PINs get blocked and files deleted: a new card, so that there is something to find. */
            card_free(card);
            card = simcard_sample(sample);
        }
    }
    card_free(card);
    /* Both ends were reached, or the commands were no test. */
    assert_true(done > COMMANDS_A_SEED / 10);
    assert_true(refused > COMMANDS_A_SEED / 10);
}

static void t1_card(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        feed("demo.card", seed * 7919);
}

static void t0_card(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        feed("t0.card", seed * 104729);
}

static void secure_card(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++)
        feed("secure.card", seed * 15485863);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(t1_card),
        cmocka_unit_test(t0_card),
        cmocka_unit_test(secure_card),
    };
    return cmocka_run_group_tests_name("simcard fuzz", tests, NULL, NULL);
}
