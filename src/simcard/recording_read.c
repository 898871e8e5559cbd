/*
 * recording_read - recordings as text: our own form, and apdu4j's.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/recording.h"

#include "base/hex_digits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define HEAD_WORD   "scardmanage-recording"
#define FORM_NUMBER 1
#define SW_LEN      2
#define ATR_LEN_MIN 2
#define FIRST_ROWS  256
#define FIRST_BYTES 16384
#define ANSWER_MAX  (65536 + SW_LEN)

/* A piece of the text. */
struct piece
{
    const char *at, *end;
};

struct reading
{
    struct recording *recording;
    struct description_error *error;
    struct piece rest; /* the lines to come */
    size_t line;
    bool has_failed;

    bool is_ours;  /* and not apdu4j's */
    bool has_card; /* our form: a line "card" was read since the head */
    bool is_other; /* what follows is about another card than the first */
    bool is_answer_due;
    bool is_first; /* the next exchange is the card's first after a reset */
    unsigned long card_number;
    struct recorded pending; /* the command whose answer is due */
    size_t pending_line;
};

static bool fail(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool fail(struct reading *reading, const char *format, ...)
{
    if (reading->has_failed) return false;
    reading->has_failed = true;
    reading->error->line = reading->line;
    va_list arguments;
    va_start(arguments, format);
    /* NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized) */
    vsnprintf(reading->error->message, sizeof(reading->error->message), format, arguments);
    va_end(arguments);
    return false;
}

/* --- pieces of lines --- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v';
}

static struct piece trimmed(struct piece piece)
{
    while (piece.at < piece.end && is_blank(*piece.at))
        piece.at++;
    while (piece.at < piece.end && is_blank(piece.end[-1]))
        piece.end--;
    return piece;
}

static size_t len_of(struct piece piece)
{
    return (size_t)(piece.end - piece.at);
}

/* Takes this text off the front. */
static bool takes(struct piece *piece, const char *text)
{
    size_t len = strlen(text);
    if (len_of(*piece) < len || memcmp(piece->at, text, len) != 0) return false;
    piece->at += len;
    return true;
}

/* The next word, up to a blank; empty at the end. */
static struct piece next_word(struct piece *piece)
{
    *piece = trimmed(*piece);
    struct piece word = *piece;
    while (piece->at < piece->end && !is_blank(*piece->at))
        piece->at++;
    word.end = piece->at;
    return word;
}

static bool is_word(struct piece word, const char *text)
{
    return len_of(word) == strlen(text) && memcmp(word.at, text, len_of(word)) == 0;
}

/* A decimal number of at most `max`. */
static bool read_decimal(struct piece word, unsigned long max, unsigned long *number)
{
    *number = 0;
    if (word.at == word.end) return false;
    for (; word.at < word.end; word.at++)
    {
        if (*word.at < '0' || *word.at > '9') return false;
        *number = *number * 10 + (unsigned long)(*word.at - '0');
        if (*number > max) return false;
    }
    return true;
}

/* The next line without its end; false behind the last one. */
static bool next_line(struct reading *reading, struct piece *line)
{
    if (reading->rest.at == reading->rest.end) return false;
    const char *newline = memchr(reading->rest.at, '\n', len_of(reading->rest));
    reading->line++;
    *line = (struct piece){ reading->rest.at, newline ? newline : reading->rest.end };
    reading->rest.at = newline ? newline + 1 : reading->rest.end;
    if (memchr(line->at, 0, len_of(*line)))
        return fail(reading, "a byte of zero: this is no text, or UTF-16; save it as UTF-8");
    if (!newline && reading->is_ours)
        return fail(reading, "the last line has no end: the file is cut off");
    *line = trimmed(*line);
    return true;
}

/* --- bytes --- */

static bool put_byte(struct reading *reading, uint8_t value)
{
    struct recording *recording = reading->recording;
    if (recording->bytes_len == recording->bytes_capacity)
    {
        size_t capacity = recording->bytes_capacity ? 2 * recording->bytes_capacity : FIRST_BYTES;
        uint8_t *grown =
            recording->bytes_len < RECORDING_BYTES_MAX ? realloc(recording->bytes, capacity) : NULL;
        if (!grown)
            return fail(reading, recording->bytes_len < RECORDING_BYTES_MAX
                                     ? "out of memory"
                                     : "more bytes than any recording has");
        recording->bytes = grown;
        recording->bytes_capacity = capacity;
    }
    recording->bytes[recording->bytes_len++] = value;
    return true;
}

static bool put_hex(struct reading *reading, struct piece word)
{
    if (len_of(word) % 2) return fail(reading, "an odd number of hexadecimal digits");
    for (; word.at < word.end; word.at += 2)
    {
        int high = hex_digit_value((uint8_t)word.at[0]);
        int low = hex_digit_value((uint8_t)word.at[1]);
        if (high < 0 || low < 0) return fail(reading, "something that is not hexadecimal");
        if (!put_byte(reading, (uint8_t)(high << 4 | low))) return false;
    }
    return true;
}

/* Where bytes of a line went, and those that it leaves out. */
struct span
{
    size_t offset, len, hidden_offset, hidden;
};

/* All bytes of a line: hexadecimal, blanks where they like, and perhaps one "*N". */
static bool put_bytes(struct reading *reading, struct piece line, size_t max, struct span *span)
{
    *span = (struct span){ .offset = reading->recording->bytes_len };
    for (struct piece word = next_word(&line); word.at < word.end; word = next_word(&line))
    {
        unsigned long hidden = 0;
        if (*word.at != '*')
        {
            if (!put_hex(reading, word)) return false;
            continue;
        }
        word.at++;
        if (!read_decimal(word, max, &hidden) || hidden == 0 || span->hidden)
            return fail(reading, "\"*\" and a number stand for bytes that were left out, once");
        span->hidden_offset = reading->recording->bytes_len - span->offset;
        span->hidden = hidden;
        while (hidden--)
            if (!put_byte(reading, 0)) return false;
    }
    span->len = reading->recording->bytes_len - span->offset;
    if (span->len > max) return fail(reading, "more bytes than a command or an answer can have");
    return true;
}

/* --- what lines say --- */

static bool read_atr(struct reading *reading, struct piece text)
{
    struct recording *recording = reading->recording;
    struct span span;
    if (!put_bytes(reading, text, RECORDING_COMMAND_MAX, &span)) return false;
    if (span.len < ATR_LEN_MIN || span.len > RECORDING_ATR_MAX || span.hidden)
        return fail(reading, "an ATR has 2 to 33 bytes");
    const uint8_t *atr = recording->bytes + span.offset;
    if (recording->atr_len == 0)
    {
        memcpy(recording->atr, atr, span.len);
        recording->atr_len = span.len;
    }
    /* Another ATR is another card. */
    else if (!bytes_equal(bytes_of(recording->atr, recording->atr_len), bytes_of(atr, span.len)))
        reading->is_other = true;
    recording->bytes_len = span.offset;
    return true;
}

static bool read_protocol(struct reading *reading, struct piece word)
{
    bool is_t0 = is_word(word, "T=0");
    /* A contactless card's reader speaks of T=CL, a direct one of raw. */
    if (!is_t0 && !is_word(word, "T=1") && !is_word(word, "T=CL") && !is_word(word, "raw"))
        return fail(reading, "the protocol is T=0, T=1, T=CL or raw");
    if (!reading->is_other) reading->recording->protocol = is_t0 ? 0 : 1;
    return true;
}

static bool take_command(struct reading *reading, struct piece text)
{
    struct span span;
    if (!put_bytes(reading, text, RECORDING_COMMAND_MAX, &span)) return false;
    if (span.len == 0) return fail(reading, "a command without bytes");
    reading->pending = (struct recorded){ .command = (uint32_t)span.offset,
                                          .command_len = (uint32_t)span.len,
                                          .command_hidden = (uint32_t)span.hidden,
                                          .hidden_offset = (uint32_t)span.hidden_offset };
    reading->is_answer_due = true;
    reading->pending_line = reading->line;
    return true;
}

static bool add_row(struct reading *reading)
{
    struct recording *recording = reading->recording;
    if (recording->count == recording->capacity)
    {
        size_t capacity = recording->capacity ? 2 * recording->capacity : FIRST_ROWS;
        struct recorded *grown = realloc(recording->rows, capacity * sizeof(*grown));
        if (!grown) return fail(reading, "out of memory");
        recording->rows = grown;
        recording->capacity = capacity;
    }
    reading->pending.is_first = reading->is_first;
    reading->is_first = false;
    recording->rows[recording->count++] = reading->pending;
    return true;
}

/* The command under way is not among those that are played. */
static void drop_command(struct reading *reading)
{
    reading->recording->bytes_len = reading->pending.command;
    reading->is_answer_due = false;
}

static bool take_answer(struct reading *reading, struct piece text)
{
    struct span span;
    if (!put_bytes(reading, text, ANSWER_MAX, &span)) return false;
    if (span.len < SW_LEN || span.hidden_offset + span.hidden > span.len - SW_LEN)
        return fail(reading, "an answer has a status word of two bytes at its end");
    reading->pending.answer = (uint32_t)span.offset;
    reading->pending.answer_len = (uint32_t)span.len;
    reading->is_answer_due = false;
    if (!reading->is_other) return add_row(reading);
    reading->recording->other_count++;
    drop_command(reading);
    return true;
}

/* --- our form --- */

static bool read_head(struct reading *reading, struct piece words)
{
    unsigned long form = 0;
    if (!read_decimal(trimmed(words), 1000000, &form) || form == 0)
        return fail(reading, "\"" HEAD_WORD "\" and the number of the form");
    if (form != FORM_NUMBER)
        return fail(reading, "form %lu; this simcard knows form %d", form, FORM_NUMBER);
    reading->has_card = false;
    reading->is_first = true;
    return true;
}

static bool read_card(struct reading *reading, struct piece words)
{
    unsigned long number = 0;
    struct piece word = next_word(&words);
    if (!read_decimal(word, 1000000, &number))
        return fail(reading, "\"card\", a number, the protocol, the ATR");
    struct piece protocol = next_word(&words);
    if (reading->recording->atr_len == 0) reading->card_number = number;
    reading->is_other = number != reading->card_number;
    reading->has_card = true;
    return read_atr(reading, words) && read_protocol(reading, protocol);
}

static bool read_our_line(struct reading *reading, struct piece line)
{
    if (line.at == line.end || *line.at == '#') return true;
    bool is_answer = *line.at == '<' || *line.at == '!';
    if (is_answer != reading->is_answer_due)
        return fail(reading,
                    is_answer ? "an answer without a command" : "no answer to the command before");
    if (takes(&line, HEAD_WORD)) return read_head(reading, line);
    if (takes(&line, "card ")) return read_card(reading, line);
    if (!reading->has_card) return fail(reading, "a line \"card\" has to be first");
    if (is_word(line, "reset"))
    {
        if (!reading->is_other) reading->is_first = true;
        return true;
    }
    if (takes(&line, ">")) return take_command(reading, line);
    if (takes(&line, "<")) return take_answer(reading, line);
    if (!takes(&line, "!")) return fail(reading, "nobody knows what this line means");
    /* The card gave no answer; there is none to play. */
    drop_command(reading);
    return true;
}

/* --- apdu4j's form --- */

static bool read_other_line(struct reading *reading, struct piece line)
{
    if (line.at == line.end) return true;
    if (takes(&line, "# ATR:")) return read_atr(reading, line);
    if (takes(&line, "# PROTOCOL:")) return read_protocol(reading, trimmed(line));
    if (*line.at == '#') return true;
    if (reading->recording->atr_len == 0)
        return fail(reading, "no ATR yet: a line \"# ATR: 3B...\" has to be before the commands");
    return reading->is_answer_due ? take_answer(reading, line) : take_command(reading, line);
}

/* --- the whole --- */

static bool begins_with(struct bytes text, const char *beginning, size_t len)
{
    return text.len >= len && memcmp(text.data, beginning, len) == 0;
}

static bool read_text(struct reading *reading, struct bytes text)
{
    struct piece line;

    reading->line = 1;
    if (text.len > RECORDING_LEN_MAX) return fail(reading, "longer than any recording (16 MiB)");
    if (begins_with(text, "\xFF\xFE", 2) || begins_with(text, "\xFE\xFF", 2))
        return fail(reading, "this is UTF-16; save it as UTF-8");
    if (begins_with(text, "\xEF\xBB\xBF", 3)) text = bytes_slice(text, 3, text.len);
    reading->line = 0;
    reading->is_ours = begins_with(text, HEAD_WORD, strlen(HEAD_WORD));
    reading->rest.at = (const char *)text.data;
    reading->rest.end = reading->rest.at + text.len;
    while (!reading->has_failed && next_line(reading, &line))
        if (!(reading->is_ours ? read_our_line : read_other_line)(reading, line)) return false;
    if (reading->has_failed) return false;
    if (reading->is_answer_due)
    {
        reading->line = reading->pending_line;
        return fail(reading, "no answer to this command: the file is cut off");
    }
    if (reading->recording->count) return true;
    reading->line = 0;
    return fail(reading, "there is no command with an answer in it");
}

struct recording *recording_parse(struct bytes text, struct description_error *error)
{
    *error = (struct description_error){ 0 };
    struct reading reading = { .error = error, .is_first = true };
    reading.recording = calloc(1, sizeof(*reading.recording));
    if (!reading.recording)
    {
        fail(&reading, "out of memory");
        return NULL;
    }
    reading.recording->protocol = 1;
    if (read_text(&reading, text)) return reading.recording;
    recording_free(reading.recording);
    return NULL;
}

struct recording *recording_read(const char *path, struct description_error *error)
{
    *error = (struct description_error){ 0 };
    FILE *file = fopen(path, "rb");
    uint8_t *text = malloc(RECORDING_LEN_MAX + 1);
    struct recording *recording = NULL;
    if (!file || !text)
        snprintf(error->message, sizeof(error->message), "%s",
                 file ? "out of memory" : strerror(errno));
    else
    {
        /* One byte more than there may be tells of a file that is too long. */
        size_t len = fread(text, 1, RECORDING_LEN_MAX + 1, file);
        if (ferror(file))
            snprintf(error->message, sizeof(error->message), "%s", strerror(errno));
        else
            recording = recording_parse(bytes_of(text, len), error);
    }
    if (file) fclose(file);
    free(text);
    return recording;
}

void recording_free(struct recording *recording)
{
    if (!recording) return;
    free(recording->rows);
    free(recording->bytes);
    free(recording);
}
