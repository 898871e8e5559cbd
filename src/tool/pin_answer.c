/*
 * pin_answer - what a card says of a PIN.
 * Layer: tool (pure).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.6, 11.6.6
 * SPDX-License-Identifier: MIT
 */
#include "tool/pin_answer.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_WORD_DIGITS 4

/* What stands behind these words, or NULL. */
static const char *behind(const char *description, const char *words)
{
    const char *at = description ? strstr(description, words) : NULL;

    return at ? at + strlen(words) : NULL;
}

static unsigned status_word_of(const char *text)
{
    char *end = NULL;
    unsigned long number = text ? strtoul(text, &end, 16) : 0;

    return text && end == text + STATUS_WORD_DIGITS ? (unsigned)number : 0;
}

struct pin_answer pin_answer_read(const char *description)
{
    const char *tries = behind(description, "Tries left: ");

    return (struct pin_answer){
        .status_word = status_word_of(behind(description, "The card answered ")),
        .tries_left = tries && *tries >= '0' && *tries <= '9' ? atoi(tries) : -1,
    };
}

const char *pin_answer_silence(const struct pin_answer *answer)
{
    /* VERIFY without data is no question to these cards. */
    static const struct
    {
        unsigned status_word;
        const char *why;
    } rows[] = {
        { 0x6300, "this card does not tell the tries left (it answered 6300); being asked may have "
                  "cost one of them, so it is not asked again" },
        { 0x6700, "this card does not tell the tries left (it answered 6700)" },
        { 0x6A80, "this card does not tell the tries left (it answered 6A80)" },
        { 0x6A81, "this card does not tell the tries left (it answered 6A81)" },
        { 0x6A86, "this card does not tell the tries left (it answered 6A86)" },
        { 0x6A87, "this card does not tell the tries left (it answered 6A87)" },
        { 0x6A88, "this card has no such PIN, or does not tell of it (it answered 6A88)" },
        { 0x6B00, "this card does not tell the tries left (it answered 6B00)" },
        { 0x6D00, "this card does not tell the tries left (it answered 6D00)" },
    };

    if (answer->tries_left >= 0) return NULL;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (rows[i].status_word == answer->status_word) return rows[i].why;
    return NULL;
}
