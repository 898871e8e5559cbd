/*
 * recording_count - what a recording has and what was left out of it, in words.
 * Layer: tool (pure).
 * SPDX-License-Identifier: MIT
 */
#include "tool/recording_count.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

struct counts
{
    size_t commands, hidden_commands, hidden_answers;
};

static void count_line(struct counts *counts, const char *line, size_t len)
{
    bool is_hidden = len && memchr(line, '*', len) != NULL;

    if (len && *line == '>')
    {
        counts->commands++;
        counts->hidden_commands += is_hidden;
    }
    else if (len && *line == '<')
        counts->hidden_answers += is_hidden;
}

size_t recording_count_words(const char *text, size_t len, char *words, size_t words_size)
{
    struct counts counts = { 0 };

    for (size_t at = 0; at < len;)
    {
        const char *newline = memchr(text + at, '\n', len - at);
        size_t line_len = newline ? (size_t)(newline - text) - at : len - at;
        count_line(&counts, text + at, line_len);
        at += line_len + 1;
    }
    if (counts.commands == 0)
        snprintf(words, words_size, "nothing was recorded: the card was asked nothing");
    else
        snprintf(words, words_size,
                 "commands recorded: %zu; left out: the data of %zu and the answers to %zu. What "
                 "anybody may read is in it: look before you give it away",
                 counts.commands, counts.hidden_commands, counts.hidden_answers);
    return counts.commands;
}
