/*
 * replay - the inputs of a target's corpus, as they are and damaged in many ways that are the same
 *          every time: for compilers without libFuzzer, and to keep what was once found.
 * Usage: SCM_FUZZ_TARGET=NAME replay FILE...
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX      4096
#define DAMAGED_A_FILE 400
#define DAMAGED_IN_ALL 4500
#define CHANGES_MAX    4
#define SEED           0x2545F491u

static uint32_t state = SEED;

static uint32_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 17;
    return state ^= state << 5;
}

/* In a block of its own, so that the sanitizer sees any step beside it. */
static void run(fuzz_target *target, const uint8_t *input, size_t len)
{
    uint8_t *block = malloc(len ? len : 1);
    if (!block) abort();
    if (len) memcpy(block, input, len);
    target(bytes_of(block, len));
    free(block);
}

static size_t damage(uint8_t *input, size_t len)
{
    for (uint32_t i = next_random() % CHANGES_MAX + 1; i > 0; i--)
    {
        uint32_t kind = next_random() % 4;
        size_t at = len ? next_random() % len : 0;
        if (kind == 0 && len)
            input[at] ^= (uint8_t)(1u << next_random() % 8);
        else if (kind == 1 && len)
            input[at] = (uint8_t)next_random();
        else if (kind == 2)
            len = at; /* cut off */
        else if (len < INPUT_MAX)
        {
            memmove(input + at + 1, input + at, len - at);
            input[at] = (uint8_t)next_random();
            len++;
        }
    }
    return len;
}

int main(int argc, char **argv)
{
    static uint8_t original[INPUT_MAX], damaged[INPUT_MAX];
    fuzz_target *target = fuzz_target_find(getenv("SCM_FUZZ_TARGET"));
    int damaged_each = DAMAGED_IN_ALL / (argc > 1 ? argc - 1 : 1);
    unsigned runs = 0;

    if (!target || argc < 2)
    {
        fprintf(stderr, "usage: SCM_FUZZ_TARGET=NAME %s FILE...\n", argv[0]);
        return EXIT_FAILURE;
    }
    if (damaged_each > DAMAGED_A_FILE) damaged_each = DAMAGED_A_FILE;
    for (int i = 1; i < argc; i++)
    {
        FILE *file = fopen(argv[i], "rb");
        if (!file)
        {
            perror(argv[i]);
            return EXIT_FAILURE;
        }
        size_t len = fread(original, 1, sizeof(original), file);
        fclose(file);
        run(target, original, len);
        for (int round = 0; round < damaged_each; round++, runs++)
        {
            memcpy(damaged, original, len);
            run(target, damaged, damage(damaged, len));
        }
    }
    printf("%d inputs, %u damaged ones\n", argc - 1, runs);
    return EXIT_SUCCESS;
}
