/*
 * description_parser - what the readers of a card description share: a position in the text, words,
 *                      values, blocks.
 * Layer: simcard (core, private to description_*.c).
 * Owns: nothing; the card being made belongs to description_parse.
 * SPDX-License-Identifier: MIT
 *
 * Every function that returns bool returns false after the first failure, which stays recorded.
 */
#ifndef SCM_SIMCARD_DESCRIPTION_PARSER_H
#define SCM_SIMCARD_DESCRIPTION_PARSER_H

#include "simcard/description.h"
#include "simcard/description_words.h"

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

/** One word of a line. */
struct word
{
    const char *text;
    size_t len;
    bool is_quoted; /**< text and len then are what stands between the quotes, escapes unread */
};

/* --- description_scanner.c: lines, words, values --- */

/** Records what is wrong in the current line, unless something is already; returns false. */
bool parser_fail(struct parser *parser, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
bool parser_out_of_memory(struct parser *parser);

/** Moves to the next line that says something and takes its keyword; false at the text's end. */
bool parser_next_line(struct parser *parser, struct word *keyword);

/** The next line of a block: true with its keyword, false at its `end` or on failure. */
bool parser_next_in_block(struct parser *parser, const char *block, struct word *keyword);

/** The next word of the line; false at its end. */
bool parser_next_word(struct parser *parser, struct word *word);

/** The next word, which must be there. @param[in] what names it in a message. */
bool parser_word(struct parser *parser, const char *what, struct word *word);

/** Fails unless the line is at its end. */
bool parser_end_of_line(struct parser *parser);

bool word_is(const struct word *word, const char *text);

/** How much of a word to show in a message. */
int word_shown_len(const struct word *word);

/** A decimal number, or one after 0x. */
bool parser_number(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                   uint32_t *number);

/** The same into a byte; `max` is at most 255. */
bool parser_small_number(struct parser *parser, const char *what, uint32_t min, uint32_t max,
                         uint8_t *number);

/** A word of exactly `digits` hexadecimal digits. */
bool parser_hex(struct parser *parser, const char *what, size_t digits, uint32_t *number);

/** The value a word names. */
bool parser_choose(struct parser *parser, const char *what, const struct word *word,
                   const struct named_value *values, uint32_t *value);
bool parser_choice(struct parser *parser, const char *what, const struct named_value *values,
                   uint32_t *value);

/** on or off. */
bool parser_flag(struct parser *parser, const char *what, bool *flag);

/** The rest of the line as bytes, added to what is there, which stays below `limit`. */
bool parser_bytes(struct parser *parser, struct collected *bytes, size_t limit);

/** The rest of the line into a fixed room; at least one byte. */
bool parser_bytes_into(struct parser *parser, const char *what, uint8_t *room, size_t capacity,
                       size_t *len);

/** The rest of the line as bytes on the heap that replace `*data`; none are NULL. */
bool parser_take_bytes(struct parser *parser, size_t limit, uint8_t **data, size_t *len);

bool parser_unknown_keyword(struct parser *parser, const struct word *keyword, const char *block);

/* --- description_security.c --- */

/** always | never | TERM { and TERM | or TERM } */
bool parser_condition(struct parser *parser, struct access_rule *rule);

/** The blocks that begin with pin, key, secure-messaging, object. */
bool parser_pin(struct parser *parser, struct card_file *df);
bool parser_key(struct parser *parser, struct card_file *df);
bool parser_channel(struct parser *parser, struct card_file *df);
bool parser_object(struct parser *parser, struct card_file *df);

/* --- description_files.c --- */

/** The lines of the mf or a df, to its `end`. */
bool parser_df_lines(struct parser *parser, struct card_file *df);

#endif
