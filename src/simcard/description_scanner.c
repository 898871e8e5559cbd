/*
 * description_scanner - lines, words, numbers and bytes of a card description.
 * Layer: simcard (core, private to description_*.c).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description_parser.h"
#include "simcard/generated_files.h"

#include <stdarg.h>
#include <stdlib.h>

#define WORD_SHOWN_MAX 64

bool parser_fail(struct parser *parser, const char *format, ...)
{
    if (parser->has_failed) return false;
    parser->has_failed = true;
    parser->error->line = parser->line;
    va_list arguments;
    va_start(arguments, format);
    /* clang-tidy 14 does not see the va_start above as one.
     * NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
    va_end(arguments);
    return false;
}

bool parser_out_of_memory(struct parser *parser)
{
    return parser_fail(parser, "out of memory");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line; false at its end. A # outside quotes begins a comment. */
bool parser_next_word(struct parser *parser, struct word *word)
{
    while (parser->at < parser->line_end && is_blank(*parser->at))
        parser->at++;
    *word = (struct word){ parser->at, 0, false };
    if (parser->has_failed || parser->at == parser->line_end || *parser->at == '#') return false;
    if (*parser->at != '"')
    {
        while (parser->at < parser->line_end && !is_blank(*parser->at) && *parser->at != '#' &&
               *parser->at != '"')
            parser->at++;
        word->len = (size_t)(parser->at - word->text);
        return true;
    }
    word->is_quoted = true;
    word->text = ++parser->at;
    while (parser->at < parser->line_end && *parser->at != '"')
        parser->at += *parser->at == '\\' && parser->at + 1 < parser->line_end ? 2 : 1;
    if (parser->at >= parser->line_end) return parser_fail(parser, "a text is not closed by \"");
    word->len = (size_t)(parser->at++ - word->text);
    return true;
}

/* Moves to the next line that says something and takes its keyword; false at the end of the text. */
bool parser_next_line(struct parser *parser, struct word *keyword)
{
    while (!parser->has_failed && parser->next < parser->end)
    {
        const char *newline = memchr(parser->next, '\n', (size_t)(parser->end - parser->next));
        parser->at = parser->next;
        parser->line_end = newline ? newline : parser->end;
        parser->next = newline ? newline + 1 : parser->end;
        parser->line++;
        if (parser_next_word(parser, keyword)) return true;
    }
    return false;
}

bool word_is(const struct word *word, const char *text)
{
    return !word->is_quoted && word->len == strlen(text) &&
           memcmp(word->text, text, word->len) == 0;
}

/* How much of a word to show in a message. */
int word_shown_len(const struct word *word)
{
    return word->len > WORD_SHOWN_MAX ? WORD_SHOWN_MAX : (int)word->len;
}

bool parser_end_of_line(struct parser *parser)
{
    struct word word;
    if (!parser_next_word(parser, &word)) return !parser->has_failed;
    return parser_fail(parser, "\"%.*s\" is one word too many", word_shown_len(&word), word.text);
}

bool parser_word(struct parser *parser, const char *what, struct word *word)
{
    if (parser_next_word(parser, word)) return true;
    return parser_fail(parser, "%s is missing", what);
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool number_of(const struct word *word, uint32_t *number)
{
    bool is_hex = word->len > 2 && word->text[0] == '0' && (word->text[1] | 0x20) == 'x';
    uint32_t base = is_hex ? 16 : 10;
    uint64_t value = 0;
    if (word->is_quoted || word->len == 0) return false;
    for (size_t i = is_hex ? 2 : 0; i < word->len; i++)
    {
        int digit = hex_digit(word->text[i]);
        if (digit < 0 || (uint32_t)digit >= base) return false;
        value = value * base + (uint32_t)digit;
        if (value > UINT32_MAX) return false;
    }
    *number = (uint32_t)value;
    return true;
}

bool parser_number(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                   uint32_t *number)
{
    struct word word;
    if (!parser_word(parser, what, &word)) return false;
    if (!number_of(&word, number) || *number < min || *number > max)
        return parser_fail(parser, "%s must be a number from %u to %u, not \"%.*s\"", what, min,
                           max, word_shown_len(&word), word.text);
    return true;
}

/* A word of exactly `digits` hexadecimal digits. */
bool parser_hex(struct parser *parser, const char *what, size_t digits, uint32_t *number)
{
    struct word word;
    if (!parser_word(parser, what, &word)) return false;
    bool is_hex = !word.is_quoted && word.len == digits;
    *number = 0;
    for (size_t i = 0; is_hex && i < digits; i++)
    {
        int digit = hex_digit(word.text[i]);
        is_hex = digit >= 0;
        *number = *number << 4 | (uint32_t)(digit & 0x0F);
    }
    if (!is_hex)
        return parser_fail(parser, "%s must be %zu hexadecimal digits, not \"%.*s\"", what, digits,
                           word_shown_len(&word), word.text);
    return true;
}

bool parser_choose(struct parser *parser, const char *what, const struct word *word,
                   const struct named_value *values, uint32_t *value)
{
    for (const struct named_value *row = values; row->name; row++)
    {
        if (!word_is(word, row->name)) continue;
        *value = row->value;
        return true;
    }
    return parser_fail(parser, "%s cannot be \"%.*s\"", what, word_shown_len(word), word->text);
}

bool parser_choice(struct parser *parser, const char *what, const struct named_value *values,
                   uint32_t *value)
{
    struct word word;
    return parser_word(parser, what, &word) && parser_choose(parser, what, &word, values, value);
}

bool parser_flag(struct parser *parser, const char *what, bool *flag)
{
    static const struct named_value flags[] = { { "off", 0 }, { "on", 1 }, { NULL, 0 } };
    uint32_t value = 0;
    if (!parser_choice(parser, what, flags, &value)) return false;
    *flag = value != 0;
    return true;
}

static bool add_bytes(struct parser *parser, struct collected *bytes, struct bytes more,
                      size_t limit)
{
    if (more.len > limit || bytes->len > limit - more.len)
        return parser_fail(parser, "more than %zu bytes", limit);
    return collected_add(bytes, more, limit) || parser_out_of_memory(parser);
}

/* Quoted text: \" \\ \n \t and \xHH stand for one byte. */
static bool add_text(struct parser *parser, const struct word *word, struct collected *bytes,
                     size_t limit)
{
    for (size_t i = 0; i < word->len; i++)
    {
        uint8_t byte = (uint8_t)word->text[i];
        if (byte == '\\')
        {
            char escape = ++i < word->len ? word->text[i] : 0;
            if (escape == 'x' && i + 2 < word->len && hex_digit(word->text[i + 1]) >= 0 &&
                hex_digit(word->text[i + 2]) >= 0)
            {
                byte = (uint8_t)(hex_digit(word->text[i + 1]) << 4 | hex_digit(word->text[i + 2]));
                i += 2;
            }
            else if (escape == 'n')
                byte = '\n';
            else if (escape == 't')
                byte = '\t';
            else if (escape == '"' || escape == '\\')
                byte = (uint8_t)escape;
            else
                return parser_fail(parser, "a text knows only \\\" \\\\ \\n \\t and \\xHH");
        }
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    }
    return true;
}

static bool add_repeated(struct parser *parser, const struct word *word, size_t star,
                         struct collected *bytes, size_t limit)
{
    struct word count_word = { word->text + star + 1, word->len - star - 1, false };
    uint32_t count = 0;
    int high = star == 2 ? hex_digit(word->text[0]) : -1;
    int low = star == 2 ? hex_digit(word->text[1]) : -1;
    if (high < 0 || low < 0 || !number_of(&count_word, &count))
        return parser_fail(parser, "a repeated byte is written XX*COUNT");
    if (count > limit || bytes->len > limit - count)
        return parser_fail(parser, "more than %zu bytes", limit);
    uint8_t byte = (uint8_t)(high << 4 | low);
    while (count-- > 0)
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    return true;
}

static bool add_hex(struct parser *parser, const struct word *word, struct collected *bytes,
                    size_t limit)
{
    const char *star = memchr(word->text, '*', word->len);
    if (star) return add_repeated(parser, word, (size_t)(star - word->text), bytes, limit);
    if (word->len % 2) return parser_fail(parser, "an odd number of hexadecimal digits");
    for (size_t i = 0; i < word->len; i += 2)
    {
        int high = hex_digit(word->text[i]), low = hex_digit(word->text[i + 1]);
        if (high < 0 || low < 0)
            return parser_fail(parser, "\"%.*s\" is not hexadecimal; texts stand in quotes",
                               word_shown_len(word), word->text);
        uint8_t byte = (uint8_t)(high << 4 | low);
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    }
    return true;
}

/* `pattern COUNT`: bytes that tell where they stand, so that a misplaced piece shows. */
static bool add_pattern(struct parser *parser, struct collected *bytes, size_t limit)
{
    uint32_t count = 0;
    if (!parser_number(parser, "the length of a pattern", 1, FILE_SIZE_MAX, &count)) return false;
    if (count > limit || bytes->len > limit - count)
        return parser_fail(parser, "more than %zu bytes", limit);
    for (uint32_t i = 0; i < count; i++)
    {
        uint8_t byte = generated_pattern_byte(i);
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    }
    return true;
}

/* The rest of the line as bytes, added to what is there. */
bool parser_bytes(struct parser *parser, struct collected *bytes, size_t limit)
{
    struct word word;
    while (parser_next_word(parser, &word))
    {
        bool is_added = word.is_quoted              ? add_text(parser, &word, bytes, limit)
                        : word_is(&word, "pattern") ? add_pattern(parser, bytes, limit)
                                                    : add_hex(parser, &word, bytes, limit);
        if (!is_added) return false;
    }
    return !parser->has_failed;
}

/* The rest of the line into a fixed room; at least one byte. */
bool parser_bytes_into(struct parser *parser, const char *what, uint8_t *room, size_t capacity,
                       size_t *len)
{
    struct collected bytes = { 0 };
    bool is_read = parser_bytes(parser, &bytes, capacity);
    if (is_read && bytes.len)
    {
        memcpy(room, bytes.data, bytes.len);
        *len = bytes.len;
    }
    else if (is_read)
        is_read = parser_fail(parser, "%s is empty", what);
    collected_clear(&bytes);
    return is_read;
}

/* Bytes that a heap block will own; empty ones are NULL. */
bool parser_take_bytes(struct parser *parser, size_t limit, uint8_t **data, size_t *len)
{
    struct collected bytes = { 0 };
    if (!parser_bytes(parser, &bytes, limit))
    {
        collected_clear(&bytes);
        return false;
    }
    free(*data);
    *data = bytes.data;
    *len = bytes.len;
    return true;
}

bool parser_unknown_keyword(struct parser *parser, const struct word *keyword, const char *block)
{
    return parser_fail(parser, "\"%.*s\" is no keyword of %s", word_shown_len(keyword),
                       keyword->text, block);
}

/* The next line of a block: true with its keyword, false at its end or on failure. */
bool parser_next_in_block(struct parser *parser, const char *block, struct word *keyword)
{
    if (!parser_next_line(parser, keyword))
        return parser_fail(parser, "the text ends inside %s", block);
    return !word_is(keyword, "end");
}

bool parser_small_number(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                         uint8_t *number)
{
    uint32_t value = 0;
    if (!parser_number(parser, what, min, max, &value)) return false;
    *number = (uint8_t)value;
    return true;
}
