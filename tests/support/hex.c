/*
 * hex - bytes written as text in test vectors.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/hex.h"

#include "support/fail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#define KEPT_MAX  64
#define SHOWN_MAX 200

static uint8_t *kept[KEPT_MAX];
static size_t kept_count;

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

static size_t parse(const char *text, uint8_t *room)
{
    size_t len = 0;
    while (*text)
    {
        if (*text == ' ')
        {
            text++;
            continue;
        }
        int high = digit(text[0]), low = high < 0 ? -1 : digit(text[1]);
        if (low < 0)
        {
            fail_msg("bad hexadecimal text at \"%s\"", text);
            return 0;
        }
        text += 2;
        size_t times = 1;
        if (*text == '*')
        {
            char *end;
            times = strtoul(text + 1, &end, 10);
            text = end;
        }
        for (; times > 0; times--, len++)
            if (room) room[len] = (uint8_t)(high << 4 | low);
    }
    return len;
}

struct bytes hex(const char *text)
{
    size_t len = parse(text, NULL);
    uint8_t **place = &kept[kept_count++ % KEPT_MAX];

    free(*place);
    *place = malloc(len ? len : 1);
    if (!*place) abort();
    parse(text, *place);
    return bytes_of(*place, len);
}

void hex_forget(void)
{
    for (size_t i = 0; i < KEPT_MAX; i++)
    {
        free(kept[i]);
        kept[i] = NULL;
    }
}

void assert_hex_at(struct bytes actual, const char *expected, const char *why, const char *file,
                   int line)
{
    struct bytes wanted = hex(expected);

    if (bytes_equal(actual, wanted)) return;
    char text[2 * SHOWN_MAX + 1] = "";
    for (size_t i = 0; i < actual.len && i < SHOWN_MAX; i++)
        sprintf(text + 2 * i, "%02X", actual.data[i]);
    fail_at(file, line, "%s: gave %s (%zu bytes), expected %s", why ? why : "bytes", text,
            actual.len, expected);
}
