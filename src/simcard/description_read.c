/*
 * description_read - making a card from its text.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 *
 * Design notes. The text is read line by line; a line is a keyword and its words. Blocks (mf, df,
 * ef, pin, key, object) run to their `end`; each has one function, which loops over its lines. The
 * first error is kept and ends everything: every function returns false from then on, and what was
 * built belongs to the card, which is freed. The memory the card may have bounds what is allocated.
 */
#include "simcard/description.h"
#include "simcard/description_words.h"
#include "simcard/generated_files.h"
#include "simcard/atr.h"
#include "simcard/tlv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>

#define DESCRIPTION_FILES_MAX 4096
#define WORD_LEN_MAX          64

struct parser
{
    const char *next; /* start of the next line */
    const char *end;
    size_t line;

    const char *at; /* rest of the current line */
    const char *line_end;

    struct card *card;
    size_t memory_used;
    size_t file_count;
    struct description_error *error;
    bool has_failed;
};

/* One word of a line. */
struct word
{
    const char *text;
    size_t len;
    bool is_quoted; /* text and len then are what stands between the quotes, escapes unread */
};

static bool fail(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct parser *parser, const char *format, ...)
{
    if (parser->has_failed) return false;
    parser->has_failed = true;
    parser->error->line = parser->line;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(parser->error->message, sizeof(parser->error->message), format, arguments);
    va_end(arguments);
    return false;
}

static bool out_of_heap(struct parser *parser)
{
    return fail(parser, "out of memory");
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The next word of the line; false at its end. A # outside quotes begins a comment. */
static bool next_word(struct parser *parser, struct word *word)
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
    if (parser->at >= parser->line_end) return fail(parser, "a text is not closed by \"");
    word->len = (size_t)(parser->at++ - word->text);
    return true;
}

/* Moves to the next line that says something and takes its keyword; false at the end of the text. */
static bool next_line(struct parser *parser, struct word *keyword)
{
    while (!parser->has_failed && parser->next < parser->end)
    {
        const char *newline = memchr(parser->next, '\n', (size_t)(parser->end - parser->next));
        parser->at = parser->next;
        parser->line_end = newline ? newline : parser->end;
        parser->next = newline ? newline + 1 : parser->end;
        parser->line++;
        if (next_word(parser, keyword)) return true;
    }
    return false;
}

static bool is_word(const struct word *word, const char *text)
{
    return !word->is_quoted && word->len == strlen(text) &&
           memcmp(word->text, text, word->len) == 0;
}

/* How much of a word to show in a message. */
static int shown_len(const struct word *word)
{
    return word->len > WORD_LEN_MAX ? WORD_LEN_MAX : (int)word->len;
}

static bool expect_end_of_line(struct parser *parser)
{
    struct word word;
    if (!next_word(parser, &word)) return !parser->has_failed;
    return fail(parser, "\"%.*s\" is one word too many", shown_len(&word), word.text);
}

static bool expect_word(struct parser *parser, const char *what, struct word *word)
{
    if (next_word(parser, word)) return true;
    return fail(parser, "%s is missing", what);
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

static bool read_number(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                        uint32_t *number)
{
    struct word word;
    if (!expect_word(parser, what, &word)) return false;
    if (!number_of(&word, number) || *number < min || *number > max)
        return fail(parser, "%s must be a number from %u to %u, not \"%.*s\"", what, min, max,
                    shown_len(&word), word.text);
    return true;
}

/* A word of exactly `digits` hexadecimal digits. */
static bool read_hex(struct parser *parser, const char *what, size_t digits, uint32_t *number)
{
    struct word word;
    if (!expect_word(parser, what, &word)) return false;
    bool is_hex = !word.is_quoted && word.len == digits;
    *number = 0;
    for (size_t i = 0; is_hex && i < digits; i++)
    {
        int digit = hex_digit(word.text[i]);
        is_hex = digit >= 0;
        *number = *number << 4 | (uint32_t)(digit & 0x0F);
    }
    if (!is_hex)
        return fail(parser, "%s must be %zu hexadecimal digits, not \"%.*s\"", what, digits,
                    shown_len(&word), word.text);
    return true;
}

static bool choose(struct parser *parser, const char *what, const struct word *word,
                   const struct named_value *values, uint32_t *value)
{
    for (const struct named_value *row = values; row->name; row++)
    {
        if (!is_word(word, row->name)) continue;
        *value = row->value;
        return true;
    }
    return fail(parser, "%s cannot be \"%.*s\"", what, shown_len(word), word->text);
}

static bool read_choice(struct parser *parser, const char *what, const struct named_value *values,
                        uint32_t *value)
{
    struct word word;
    return expect_word(parser, what, &word) && choose(parser, what, &word, values, value);
}

static bool read_flag(struct parser *parser, const char *what, bool *flag)
{
    static const struct named_value flags[] = { { "off", 0 }, { "on", 1 }, { NULL, 0 } };
    uint32_t value = 0;
    if (!read_choice(parser, what, flags, &value)) return false;
    *flag = value != 0;
    return true;
}

/* --- bytes --- */

static bool add_bytes(struct parser *parser, struct collected *bytes, struct bytes more,
                      size_t limit)
{
    if (more.len > limit || bytes->len > limit - more.len)
        return fail(parser, "more than %zu bytes", limit);
    return collected_add(bytes, more, limit) || out_of_heap(parser);
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
                return fail(parser, "a text knows only \\\" \\\\ \\n \\t and \\xHH");
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
        return fail(parser, "a repeated byte is written XX*COUNT");
    if (count > limit || bytes->len > limit - count)
        return fail(parser, "more than %zu bytes", limit);
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
    if (word->len % 2) return fail(parser, "an odd number of hexadecimal digits");
    for (size_t i = 0; i < word->len; i += 2)
    {
        int high = hex_digit(word->text[i]), low = hex_digit(word->text[i + 1]);
        if (high < 0 || low < 0)
            return fail(parser, "\"%.*s\" is not hexadecimal; texts stand in quotes",
                        shown_len(word), word->text);
        uint8_t byte = (uint8_t)(high << 4 | low);
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    }
    return true;
}

/* `pattern COUNT`: bytes that tell where they stand, so that a misplaced piece shows. */
static bool add_pattern(struct parser *parser, struct collected *bytes, size_t limit)
{
    uint32_t count = 0;
    if (!read_number(parser, "the length of a pattern", 1, FILE_SIZE_MAX, &count)) return false;
    if (count > limit || bytes->len > limit - count)
        return fail(parser, "more than %zu bytes", limit);
    for (uint32_t i = 0; i < count; i++)
    {
        uint8_t byte = generated_pattern_byte(i);
        if (!add_bytes(parser, bytes, bytes_of(&byte, 1), limit)) return false;
    }
    return true;
}

/* The rest of the line as bytes, added to what is there. */
static bool read_bytes(struct parser *parser, struct collected *bytes, size_t limit)
{
    struct word word;
    while (next_word(parser, &word))
    {
        bool is_added = word.is_quoted              ? add_text(parser, &word, bytes, limit)
                        : is_word(&word, "pattern") ? add_pattern(parser, bytes, limit)
                                                    : add_hex(parser, &word, bytes, limit);
        if (!is_added) return false;
    }
    return !parser->has_failed;
}

/* The rest of the line into a fixed room; at least one byte. */
static bool read_bytes_into(struct parser *parser, const char *what, uint8_t *room, size_t capacity,
                            size_t *len)
{
    struct collected bytes = { 0 };
    bool is_read = read_bytes(parser, &bytes, capacity);
    if (is_read && bytes.len == 0) is_read = fail(parser, "%s is empty", what);
    if (is_read)
    {
        memcpy(room, bytes.data, bytes.len);
        *len = bytes.len;
    }
    collected_clear(&bytes);
    return is_read;
}

/* Bytes that a heap block will own; empty ones are NULL. */
static bool take_bytes(struct parser *parser, size_t limit, uint8_t **data, size_t *len)
{
    struct collected bytes = { 0 };
    if (!read_bytes(parser, &bytes, limit))
    {
        collected_clear(&bytes);
        return false;
    }
    free(*data);
    *data = bytes.data;
    *len = bytes.len;
    return true;
}

/* --- conditions --- */

static bool read_term(struct parser *parser, const struct word *word, bool starts_alternative,
                      struct access_rule *rule)
{
    static const struct named_value terms[] = {
        { "pin", 0 }, { "local-pin", 1 }, { "key", 2 }, { "local-key", 3 }, { NULL, 0 },
    };
    uint32_t kind = 0, number = 0;
    if (!choose(parser, "a condition", word, terms, &kind)) return false;
    if (!read_number(parser, "the number of a PIN or key", 1, CREDENTIAL_NUMBERS, &number))
        return false;
    if (rule->term_count == ACCESS_TERMS_MAX)
        return fail(parser, "more than %d terms in a condition", ACCESS_TERMS_MAX);
    rule->terms[rule->term_count++] = (struct access_term){
        .starts_alternative = starts_alternative,
        .is_key = kind >= 2,
        .reference = (uint8_t)(number | (kind & 1 ? REFERENCE_LOCAL : 0)),
    };
    return true;
}

/* always | never | TERM { and TERM | or TERM } */
static bool read_condition(struct parser *parser, struct access_rule *rule)
{
    struct word word;
    *rule = (struct access_rule){ .kind = ACCESS_ALWAYS };
    if (!expect_word(parser, "a condition", &word)) return false;
    if (is_word(&word, "always")) return true;
    rule->kind = ACCESS_NEVER;
    if (is_word(&word, "never")) return true;
    rule->kind = ACCESS_TERMS;
    if (!read_term(parser, &word, true, rule)) return false;
    while (next_word(parser, &word))
    {
        bool is_or = is_word(&word, "or");
        if (!is_or && !is_word(&word, "and"))
            return fail(parser, "\"and\" or \"or\" expected, not \"%.*s\"", shown_len(&word),
                        word.text);
        if (!expect_word(parser, "a condition", &word)) return false;
        if (!read_term(parser, &word, is_or, rule)) return false;
    }
    return !parser->has_failed;
}

static bool read_access(struct parser *parser, struct card_file *file)
{
    struct word word;
    struct access_rule rule;
    uint32_t operation = 0;
    if (!expect_word(parser, "an operation", &word)) return false;
    bool is_all = is_word(&word, "all");
    const struct named_value *words = file_is_df(file) ? df_access_words : ef_access_words;
    if (!is_all && !choose(parser, "an operation", &word, words, &operation)) return false;
    if (!read_condition(parser, &rule)) return false;
    for (uint32_t i = 0; i < ACCESS_OPERATIONS; i++)
        if (is_all || i == operation) file->access[i] = rule;
    return true;
}

/* --- blocks --- */

static bool unknown_keyword(struct parser *parser, const struct word *keyword, const char *block)
{
    return fail(parser, "\"%.*s\" is no keyword of %s", shown_len(keyword), keyword->text, block);
}

/* The next line of a block: true with its keyword, false at its end or on failure. */
static bool next_in_block(struct parser *parser, const char *block, struct word *keyword)
{
    if (!next_line(parser, keyword)) return fail(parser, "the text ends inside %s", block);
    return !is_word(keyword, "end");
}

static bool read_small(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                       uint8_t *number)
{
    uint32_t value = 0;
    if (!read_number(parser, what, min, max, &value)) return false;
    *number = (uint8_t)value;
    return true;
}

static bool read_tries(struct parser *parser, struct secret *secret, bool is_maximum)
{
    if (!is_maximum)
        return read_small(parser, "the tries left", 0, PIN_TRIES_MAX, &secret->tries_left);
    if (!read_small(parser, "the number of tries", 1, PIN_TRIES_MAX, &secret->tries_max))
        return false;
    secret->tries_left = secret->tries_max;
    return true;
}

static bool read_pin_line(struct parser *parser, const struct word *keyword, struct pin *pin)
{
    if (is_word(keyword, "value"))
        return read_bytes_into(parser, "value", pin->code.value, PIN_LEN_MAX, &pin->code.len);
    if (is_word(keyword, "tries")) return read_tries(parser, &pin->code, true);
    if (is_word(keyword, "left")) return read_tries(parser, &pin->code, false);
    if (is_word(keyword, "length"))
        return read_small(parser, "the shortest length", 1, PIN_LEN_MAX, &pin->min_len) &&
               read_small(parser, "the longest length", pin->min_len, PIN_LEN_MAX, &pin->max_len);
    if (is_word(keyword, "pad"))
    {
        uint32_t padding = 0;
        pin->is_padded = read_hex(parser, "pad", 2, &padding);
        pin->padding = (uint8_t)padding;
        return pin->is_padded;
    }
    if (is_word(keyword, "unblock-code"))
        return read_bytes_into(parser, "unblock-code", pin->unblock_code.value, PIN_LEN_MAX,
                               &pin->unblock_code.len);
    if (is_word(keyword, "unblock-tries")) return read_tries(parser, &pin->unblock_code, true);
    if (is_word(keyword, "unblock-left")) return read_tries(parser, &pin->unblock_code, false);
    if (is_word(keyword, "enabled")) return read_flag(parser, "enabled", &pin->is_enabled);
    if (is_word(keyword, "change")) return read_condition(parser, &pin->change);
    if (is_word(keyword, "unblock")) return read_condition(parser, &pin->unblock);
    if (is_word(keyword, "disable")) return read_condition(parser, &pin->disable);
    return unknown_keyword(parser, keyword, "a pin");
}

static void pad(struct secret *secret, const struct pin *pin)
{
    while (secret->len && secret->len < pin->max_len)
        secret->value[secret->len++] = pin->padding;
}

static bool finish_pin(struct parser *parser, struct pin *pin)
{
    if (pin->code.len == 0) return fail(parser, "a pin needs a value");
    if (pin->code.len < pin->min_len || pin->code.len > pin->max_len)
        return fail(parser, "the pin's value is not %u to %u bytes long", pin->min_len,
                    pin->max_len);
    if (pin->is_padded)
    {
        pad(&pin->code, pin);
        pad(&pin->unblock_code, pin);
    }
    if (!pin_accepts_new(pin, bytes_of(pin->code.value, pin->code.len)))
        return fail(parser, "the pin's value contains its padding");
    if (pin->code.tries_left > pin->code.tries_max ||
        pin->unblock_code.tries_left > pin->unblock_code.tries_max)
        return fail(parser, "more tries left than there are");
    return true;
}

static bool read_pin(struct parser *parser, struct card_file *df)
{
    uint8_t number = 0;
    if (!read_small(parser, "the number of a pin", 1, CREDENTIAL_NUMBERS, &number)) return false;
    if (!expect_end_of_line(parser)) return false;
    if (pin_find(df->pins, number)) return fail(parser, "there is a pin %u here already", number);
    struct pin *pin = pin_new(number);
    if (!pin) return out_of_heap(parser);
    struct pin **link = &df->pins;
    while (*link)
        link = &(*link)->next;
    *link = pin;

    struct word keyword;
    while (next_in_block(parser, "a pin", &keyword))
        if (!read_pin_line(parser, &keyword, pin) || !expect_end_of_line(parser)) return false;
    return !parser->has_failed && finish_pin(parser, pin);
}

static bool read_key_line(struct parser *parser, const struct word *keyword, struct key *key)
{
    if (is_word(keyword, "algorithm"))
    {
        uint32_t algorithm = 0;
        if (!read_choice(parser, "algorithm", algorithm_words, &algorithm)) return false;
        key->algorithm = (enum cipher_algorithm)algorithm;
        return true;
    }
    if (is_word(keyword, "value"))
        return read_bytes_into(parser, "value", key->value, CIPHER_KEY_MAX, &key->len);
    if (is_word(keyword, "tries"))
    {
        if (!read_small(parser, "the number of tries", 1, PIN_TRIES_MAX, &key->tries_max))
            return false;
        key->tries_left = key->tries_max;
        return true;
    }
    if (is_word(keyword, "left"))
        return read_small(parser, "the tries left", 0, PIN_TRIES_MAX, &key->tries_left);
    if (is_word(keyword, "use"))
    {
        static const struct named_value uses[] = {
            { "internal", 1 },
            { "external", 2 },
            { "both", 3 },
            { NULL, 0 },
        };
        uint32_t use = 0;
        if (!read_choice(parser, "use", uses, &use)) return false;
        key->is_for_internal = use & 1;
        key->is_for_external = use & 2;
        return true;
    }
    if (is_word(keyword, "condition")) return read_condition(parser, &key->use);
    return unknown_keyword(parser, keyword, "a key");
}

static bool read_key(struct parser *parser, struct card_file *df)
{
    uint8_t number = 0;
    if (!read_small(parser, "the number of a key", 1, CREDENTIAL_NUMBERS, &number)) return false;
    if (!expect_end_of_line(parser)) return false;
    if (key_find(df->keys, number)) return fail(parser, "there is a key %u here already", number);
    struct key *key = key_new(number);
    if (!key) return out_of_heap(parser);
    struct key **link = &df->keys;
    while (*link)
        link = &(*link)->next;
    *link = key;

    struct word keyword;
    while (next_in_block(parser, "a key", &keyword))
        if (!read_key_line(parser, &keyword, key) || !expect_end_of_line(parser)) return false;
    if (parser->has_failed) return false;
    if (!cipher_accepts_key_len(key->algorithm, key->len))
        return fail(parser, "no %s key has %zu bytes",
                    named_value_name(algorithm_words, key->algorithm), key->len);
    if (key->tries_left > key->tries_max) return fail(parser, "more tries left than there are");
    return true;
}

static bool read_object(struct parser *parser, struct card_file *df)
{
    uint32_t tag = 0;
    if (!read_hex(parser, "the tag of an object", 4, &tag)) return false;
    if (!expect_end_of_line(parser)) return false;
    if (file_object_find(df, (uint16_t)tag))
        return fail(parser, "there is an object %04X here already", tag);
    struct data_object *object = file_object_add(df, (uint16_t)tag);
    if (!object) return out_of_heap(parser);

    struct word keyword;
    while (next_in_block(parser, "an object", &keyword))
    {
        bool is_read = is_word(&keyword, "value")
                           ? take_bytes(parser, RECORD_LEN_MAX, &object->value, &object->len)
                       : is_word(&keyword, "get") ? read_condition(parser, &object->get)
                       : is_word(&keyword, "put") ? read_condition(parser, &object->put)
                                                  : unknown_keyword(parser, &keyword, "an object");
        if (!is_read || !expect_end_of_line(parser)) return false;
    }
    parser->memory_used += object->len;
    if (parser->memory_used > parser->card->style.memory)
        return fail(parser, "the card has only %u bytes of memory", parser->card->style.memory);
    return !parser->has_failed;
}

/* What EF lines say until the block ends. */
struct ef_draft
{
    struct collected content;
    uint32_t size;
    bool has_size;
    uint32_t record_count;
};

/* Records are listed in the order of their numbers, whatever the structure. */
static bool read_record(struct parser *parser, struct card_file *file)
{
    if (!file_has_records(file)) return fail(parser, "a transparent file has no records");
    if (file->record_count == RECORD_COUNT_MAX)
        return fail(parser, "more than %d records", RECORD_COUNT_MAX);
    struct record *grown =
        realloc(file->records, (file->record_count + 1) * sizeof(*file->records));
    if (!grown) return out_of_heap(parser);
    file->records = grown;
    struct record *record = &grown[file->record_count++];
    *record = (struct record){ NULL, 0 };
    return take_bytes(parser, RECORD_LEN_MAX, &record->data, &record->len);
}

static bool read_short_id(struct parser *parser, struct card_file *file)
{
    uint8_t short_id = 0;
    if (!read_small(parser, "a short identifier", 1, FILE_SHORT_ID_MAX, &short_id)) return false;
    if (file_child_with_short_id(file->parent, short_id))
        return fail(parser, "short identifier %u is taken", short_id);
    file->short_id = short_id;
    return true;
}

/* Lines that EFs and DFs share; false with `*is_known` false for others. */
static bool read_file_line(struct parser *parser, const struct word *keyword,
                           struct card_file *file, bool *is_known)
{
    *is_known = true;
    if (is_word(keyword, "access")) return read_access(parser, file);
    if (is_word(keyword, "life-cycle"))
    {
        uint32_t life_cycle = 0;
        if (!read_choice(parser, "life-cycle", life_cycle_words, &life_cycle)) return false;
        file->life_cycle = (enum file_life_cycle)life_cycle;
        return true;
    }
    if (is_word(keyword, "answer"))
        return take_bytes(parser, RECORD_LEN_MAX, &file->control_info, &file->control_info_len);
    *is_known = false;
    return false;
}

static bool read_ef_line(struct parser *parser, const struct word *keyword, struct card_file *file,
                         struct ef_draft *draft)
{
    uint32_t value = 0;
    bool is_known;
    bool is_read = read_file_line(parser, keyword, file, &is_known);
    if (is_known) return is_read;
    if (is_word(keyword, "short-id")) return read_short_id(parser, file);
    if (is_word(keyword, "size"))
    {
        draft->has_size = true;
        return read_number(parser, "size", 0, FILE_SIZE_MAX, &draft->size);
    }
    if (is_word(keyword, "data"))
    {
        if (file_has_records(file)) return fail(parser, "a file of records has no data lines");
        size_t limit = parser->card->style.memory;
        return read_bytes(parser, &draft->content, limit < FILE_SIZE_MAX ? limit : FILE_SIZE_MAX);
    }
    if (is_word(keyword, "record")) return read_record(parser, file);
    if (is_word(keyword, "record-length"))
    {
        if (!read_number(parser, "record-length", 1, RECORD_LEN_MAX, &value)) return false;
        file->record_len = value;
        return true;
    }
    if (is_word(keyword, "record-count"))
        return read_number(parser, "record-count", 1, RECORD_COUNT_MAX, &draft->record_count);
    if (is_word(keyword, "tlv")) return read_flag(parser, "tlv", &file->has_tlv_records);
    if (is_word(keyword, "write"))
    {
        if (!read_choice(parser, "write", write_mode_words, &value)) return false;
        file->write_mode = (enum file_write_mode)value;
        return true;
    }
    if (is_word(keyword, "erased"))
    {
        if (!read_hex(parser, "erased", 2, &value)) return false;
        if (value != 0x00 && value != 0xFF) return fail(parser, "erased bytes are 00 or FF");
        file->erased_value = (uint8_t)value;
        return true;
    }
    if (is_word(keyword, "generate"))
    {
        if (!read_choice(parser, "generate", generated_content_words, &value)) return false;
        file->generated = (uint8_t)value;
        return true;
    }
    return unknown_keyword(parser, keyword, "an ef");
}

static bool spend_memory(struct parser *parser, const struct card_file *file, size_t len)
{
    (void)file;
    size_t limit = parser->card->style.memory;
    if (len > limit || parser->memory_used > limit - len)
        return fail(parser, "the card has only %zu bytes of memory", limit);
    parser->memory_used += len;
    return true;
}

static bool finish_transparent(struct parser *parser, struct card_file *file,
                               struct ef_draft *draft)
{
    size_t size = draft->has_size ? draft->size : draft->content.len;
    if (draft->content.len > size)
        return fail(parser, "%zu bytes of data in a file of %zu", draft->content.len, size);
    if (!spend_memory(parser, file, size)) return false;
    if (!file_allocate(file, size)) return out_of_heap(parser);
    if (draft->content.len) memcpy(file->data, draft->content.data, draft->content.len);
    return true;
}

static bool pad_record(struct parser *parser, struct card_file *file, struct record *record)
{
    if (record->len > file->record_len)
        return fail(parser, "a record of %zu bytes where they have %zu", record->len,
                    file->record_len);
    if (record->len == file->record_len) return true;
    uint8_t *grown = realloc(record->data, file->record_len);
    if (!grown) return out_of_heap(parser);
    memset(grown + record->len, file->erased_value, file->record_len - record->len);
    record->data = grown;
    record->len = file->record_len;
    return true;
}

static bool finish_fixed(struct parser *parser, struct card_file *file, struct ef_draft *draft)
{
    for (size_t i = 0; file->record_len == 0 && i < file->record_count; i++)
        file->record_len = file->records[i].len;
    if (file->record_len == 0) return fail(parser, "record-length is missing");
    file->record_count_max = draft->record_count ? draft->record_count : file->record_count;
    if (file->record_count_max == 0) return fail(parser, "record-count is missing");
    if (file->record_count > file->record_count_max)
        return fail(parser, "%zu records in a file of %zu", file->record_count,
                    file->record_count_max);
    if (draft->has_size) return fail(parser, "size follows from record-length and record-count");
    if (!spend_memory(parser, file, file->record_len * file->record_count_max)) return false;
    for (size_t i = 0; i < file->record_count; i++)
        if (!pad_record(parser, file, &file->records[i])) return false;
    return true;
}

static bool finish_variable(struct parser *parser, struct card_file *file, struct ef_draft *draft)
{
    if (file->record_len == 0) file->record_len = APDU_SHORT_LC_MAX;
    file->record_count_max = draft->record_count ? draft->record_count : RECORD_COUNT_MAX;
    size_t len = file_records_len(file);
    file->size = draft->has_size ? draft->size : len;
    if (len > file->size)
        return fail(parser, "%zu bytes of records in a file of %zu", len, file->size);
    if (file->record_count > file->record_count_max)
        return fail(parser, "%zu records in a file of %zu", file->record_count,
                    file->record_count_max);
    for (size_t i = 0; i < file->record_count; i++)
        if (file->records[i].len > file->record_len)
            return fail(parser, "a record of %zu bytes where they have %zu at most",
                        file->records[i].len, file->record_len);
    return spend_memory(parser, file, file->size);
}

static bool finish_ef(struct parser *parser, struct card_file *file, struct ef_draft *draft)
{
    if (file->generated) return true; /* when the whole card is known */
    if (file->kind == FILE_TRANSPARENT) return finish_transparent(parser, file, draft);
    return file->kind == FILE_LINEAR_VARIABLE ? finish_variable(parser, file, draft)
                                              : finish_fixed(parser, file, draft);
}

/* A new file in its DF, with the identifier the line gives. */
static struct card_file *begin_file(struct parser *parser, struct card_file *df)
{
    uint32_t id = 0;
    if (!read_hex(parser, "a file identifier", 4, &id)) return NULL;
    if (id == 0 || id == FILE_ID_MF || id == FILE_ID_CURRENT_DF || id == FILE_ID_RESERVED)
    {
        fail(parser, "file identifier %04X is reserved", id);
        return NULL;
    }
    if (file_child(df, (uint16_t)id))
    {
        fail(parser, "there is a file %04X here already", id);
        return NULL;
    }
    if (++parser->file_count > DESCRIPTION_FILES_MAX)
    {
        fail(parser, "more than %d files", DESCRIPTION_FILES_MAX);
        return NULL;
    }
    struct card_file *file = file_new(FILE_DF, (uint16_t)id);
    if (!file)
    {
        out_of_heap(parser);
        return NULL;
    }
    file_attach(df, file);
    return file;
}

static bool read_ef(struct parser *parser, struct card_file *df)
{
    uint32_t kind = 0;
    struct card_file *file = begin_file(parser, df);
    if (!file || !read_choice(parser, "the structure of an ef", file_kind_words, &kind) ||
        !expect_end_of_line(parser))
        return false;
    file->kind = (enum file_kind)kind;

    struct ef_draft draft = { 0 };
    struct word keyword;
    bool is_good = true;
    while (is_good && next_in_block(parser, "an ef", &keyword))
        is_good = read_ef_line(parser, &keyword, file, &draft) && expect_end_of_line(parser);
    is_good = is_good && !parser->has_failed && finish_ef(parser, file, &draft);
    collected_clear(&draft.content);
    return is_good;
}

static bool read_name(struct parser *parser, struct card_file *df)
{
    if (!read_bytes_into(parser, "name", df->name, FILE_NAME_MAX, &df->name_len)) return false;
    for (struct card_file *other = parser->card->mf; other;
         other = file_next_in_tree(parser->card->mf, other))
        if (other != df &&
            bytes_equal(bytes_of(other->name, other->name_len), bytes_of(df->name, df->name_len)))
            return fail(parser, "another DF has this name");
    return true;
}

static bool read_df_lines(struct parser *parser, struct card_file *df);

static bool read_df(struct parser *parser, struct card_file *parent)
{
    struct card_file *df = begin_file(parser, parent);
    if (!df || !expect_end_of_line(parser)) return false;
    if (file_depth(df) > FILE_DEPTH_MAX) return fail(parser, "files nested too deep");
    return read_df_lines(parser, df);
}

static bool read_df_line(struct parser *parser, const struct word *keyword, struct card_file *df,
                         bool *is_block)
{
    bool is_known;
    bool is_read = read_file_line(parser, keyword, df, &is_known);
    *is_block = false;
    if (is_known) return is_read;
    if (is_word(keyword, "name")) return read_name(parser, df);
    if (is_word(keyword, "label"))
    {
        size_t len = 0;
        if (!read_bytes_into(parser, "label", (uint8_t *)df->label, FILE_LABEL_MAX, &len))
            return false;
        df->label[len] = 0;
        return strlen(df->label) == len || fail(parser, "a label has no zero bytes");
    }
    *is_block = true;
    if (is_word(keyword, "pin")) return read_pin(parser, df);
    if (is_word(keyword, "key")) return read_key(parser, df);
    if (is_word(keyword, "object")) return read_object(parser, df);
    if (is_word(keyword, "ef")) return read_ef(parser, df);
    if (is_word(keyword, "df")) return read_df(parser, df);
    return unknown_keyword(parser, keyword, "a df");
}

static bool read_df_lines(struct parser *parser, struct card_file *df)
{
    struct word keyword;
    bool is_block;
    while (next_in_block(parser, "a df", &keyword))
    {
        if (!read_df_line(parser, &keyword, df, &is_block)) return false;
        if (!is_block && !expect_end_of_line(parser)) return false;
    }
    return !parser->has_failed;
}

/* --- the head --- */

static bool read_style_word(struct parser *parser, const struct style_word *row)
{
    uint8_t *field = (uint8_t *)&parser->card->style + row->offset;
    uint32_t value = 0;
    bool flag = false;
    switch (row->kind)
    {
    case STYLE_FLAG:
        if (!read_flag(parser, row->keyword, &flag)) return false;
        memcpy(field, &flag, sizeof(flag));
        return true;
    case STYLE_NUMBER:
        if (!read_number(parser, row->keyword, row->min, row->max, &value)) return false;
        break;
    case STYLE_HEX:
        if (!read_hex(parser, row->keyword, 2, &value)) return false;
        break;
    case STYLE_CHOICE:
        if (!read_choice(parser, row->keyword, row->values, &value)) return false;
        break;
    }
    memcpy(field, &value, sizeof(value));
    return true;
}

/* auto | unchecked BYTES | BYTES */
static bool read_atr(struct parser *parser)
{
    struct card_style *style = &parser->card->style;
    const char *rest = parser->at;
    struct word word;
    if (!expect_word(parser, "atr", &word)) return false;
    style->atr_source = ATR_GIVEN;
    if (is_word(&word, "auto"))
    {
        style->atr_source = ATR_COMPUTED;
        return true;
    }
    if (is_word(&word, "unchecked"))
        style->atr_source = ATR_GIVEN_UNCHECKED;
    else
        parser->at = rest;
    if (!read_bytes_into(parser, "atr", style->atr, CARD_ATR_MAX, &style->atr_len)) return false;
    if (style->atr_source == ATR_GIVEN_UNCHECKED) return true;
    const char *wrong = atr_check(card_atr(parser->card), NULL);
    return !wrong || fail(parser, "the ATR is not right: %s", wrong);
}

/* auto [issuer's data] | BYTES */
static bool read_historical(struct parser *parser)
{
    struct card_style *style = &parser->card->style;
    const char *rest = parser->at;
    struct word word;
    struct collected bytes = { 0 };
    if (!expect_word(parser, "historical", &word)) return false;
    style->historical_source = is_word(&word, "auto") ? HISTORICAL_COMPUTED : HISTORICAL_GIVEN;
    if (style->historical_source == HISTORICAL_GIVEN) parser->at = rest;
    bool is_read = read_bytes(parser, &bytes, CARD_HISTORICAL_MAX);
    if (is_read && bytes.len) memcpy(style->historical, bytes.data, bytes.len);
    style->historical_len = is_read ? bytes.len : 0;
    collected_clear(&bytes);
    return is_read;
}

static bool read_head_line(struct parser *parser, const struct word *keyword)
{
    for (size_t i = 0; i < style_word_count; i++)
        if (is_word(keyword, style_words[i].keyword))
            return read_style_word(parser, &style_words[i]);
    if (is_word(keyword, "atr")) return read_atr(parser);
    if (is_word(keyword, "historical")) return read_historical(parser);
    if (is_word(keyword, "name"))
    {
        char *name = parser->card->style.name;
        size_t len = 0;
        if (!read_bytes_into(parser, "name", (uint8_t *)name, CARD_NAME_MAX, &len)) return false;
        name[len] = 0;
        return strlen(name) == len || fail(parser, "a name has no zero bytes");
    }
    return unknown_keyword(parser, keyword, "a card");
}

static bool check_style(struct parser *parser)
{
    struct card_style *style = &parser->card->style;
    if (style->protocol == 0 && style->has_extended)
        return fail(parser, "T=0 has no extended length but through \"envelope on\"");
    if (style->protocol != 0 && style->has_envelope)
        return fail(parser, "\"envelope\" is for T=0; T=1 has \"extended\"");
    if (style->class_byte && style->class_byte < 0x80)
        return fail(parser, "a class is 00 (all interindustry ones) or proprietary (80 to FE)");
    if (style->class_byte == 0xFF) return fail(parser, "class FF cannot be");
    if (style->class_byte) style->has_chaining = false;
    uint32_t protocols = 0;
    if (style->atr_source == ATR_GIVEN && !atr_check(card_atr(parser->card), &protocols) &&
        !(protocols & 1u << style->protocol))
        return fail(parser, "the ATR does not offer T=%u", style->protocol);
    return true;
}

static bool read_card(struct parser *parser)
{
    struct word keyword;
    bool has_files = false;
    while (next_line(parser, &keyword))
    {
        if (!is_word(&keyword, "mf"))
        {
            if (has_files) return fail(parser, "nothing can follow the files");
            if (!read_head_line(parser, &keyword) || !expect_end_of_line(parser)) return false;
            continue;
        }
        if (has_files) return fail(parser, "there is one mf");
        has_files = true;
        if (!expect_end_of_line(parser) || !check_style(parser)) return false;
        if (!read_df_lines(parser, parser->card->mf)) return false;
    }
    if (parser->has_failed) return false;
    if (!has_files) return fail(parser, "there is no mf");
    const char *wrong = generated_files_fill(parser->card);
    if (wrong) return fail(parser, "%s", wrong);
    if (parser->card->style.atr_source == ATR_COMPUTED)
        atr_compute(&parser->card->style, parser->card->mf);
    return true;
}

struct card *description_parse(struct bytes text, struct description_error *error)
{
    *error = (struct description_error){ 0 };
    struct parser parser = {
        .next = text.len ? (const char *)text.data : "",
        .error = error,
    };
    parser.end = parser.next + text.len;
    if (text.len > DESCRIPTION_LEN_MAX)
    {
        fail(&parser, "longer than %u bytes", DESCRIPTION_LEN_MAX);
        return NULL;
    }
    parser.card = card_new();
    if (!parser.card)
    {
        out_of_heap(&parser);
        return NULL;
    }
    if (!read_card(&parser))
    {
        card_free(parser.card);
        return NULL;
    }
    card_reset(parser.card);
    return parser.card;
}

struct card *description_read(const char *path, struct description_error *error)
{
    *error = (struct description_error){ 0 };
    FILE *file = fopen(path, "rb");
    char *text = malloc(DESCRIPTION_LEN_MAX + 1);
    if (!file || !text)
    {
        snprintf(error->message, sizeof(error->message), "%s",
                 file ? "out of memory" : strerror(errno));
        if (file) fclose(file);
        free(text);
        return NULL;
    }
    size_t len = fread(text, 1, DESCRIPTION_LEN_MAX + 1, file);
    bool has_failed = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    struct card *card = NULL;
    if (has_failed)
        snprintf(error->message, sizeof(error->message), "%s", strerror(reason));
    else
        card = description_parse(bytes_of(text, len), error);
    explicit_bzero(text, DESCRIPTION_LEN_MAX + 1);
    free(text);
    return card;
}
