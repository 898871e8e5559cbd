/*
 * description_read - making a card from its text.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 *
 * Design notes. The text is read line by line; a line is a keyword and its words. Blocks (mf, df,
 * ef, pin, key, object) run to their `end`; each has one function, which loops over its lines. The
 * first error is kept, and every function returns false from then on. What was built belongs to the
 * card and goes with it. The card's memory bounds what is allocated.
 */
#include "simcard/description.h"
#include "simcard/atr.h"
#include "simcard/description_parser.h"
#include "simcard/description_quirks.h"
#include "simcard/generated_files.h"
#include "simcard/gsm_profile.h"

#include <errno.h>
#include <stdlib.h>

static bool read_style_word(struct parser *parser, const struct style_word *row)
{
    uint8_t *field = (uint8_t *)&parser->card->style + row->offset;
    uint32_t value = 0;
    bool flag = false;
    switch (row->kind)
    {
    case STYLE_FLAG:
        if (!parser_flag(parser, row->keyword, &flag)) return false;
        memcpy(field, &flag, sizeof(flag));
        return true;
    case STYLE_NUMBER:
        if (!parser_number(parser, row->keyword, row->min, row->max, &value)) return false;
        break;
    case STYLE_HEX:
        if (!parser_hex(parser, row->keyword, 2, &value)) return false;
        break;
    case STYLE_CHOICE:
        if (!parser_choice(parser, row->keyword, row->values, &value)) return false;
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
    if (!parser_word(parser, "atr", &word)) return false;
    style->atr_source = ATR_GIVEN;
    if (word_is(&word, "auto"))
    {
        style->atr_source = ATR_COMPUTED;
        return true;
    }
    if (word_is(&word, "unchecked"))
        style->atr_source = ATR_GIVEN_UNCHECKED;
    else
        parser->at = rest;
    if (!parser_bytes_into(parser, "atr", style->atr, CARD_ATR_MAX, &style->atr_len)) return false;
    if (style->atr_source == ATR_GIVEN_UNCHECKED) return true;
    const char *wrong = atr_check(card_atr(parser->card), NULL);
    return !wrong || parser_fail(parser, "the ATR is not right: %s", wrong);
}

/* auto [issuer's data] | BYTES */
static bool read_historical(struct parser *parser)
{
    struct card_style *style = &parser->card->style;
    const char *rest = parser->at;
    struct word word;
    struct collected bytes = { 0 };
    if (!parser_word(parser, "historical", &word)) return false;
    style->historical_source = word_is(&word, "auto") ? HISTORICAL_COMPUTED : HISTORICAL_GIVEN;
    if (style->historical_source == HISTORICAL_GIVEN) parser->at = rest;
    bool is_read = parser_bytes(parser, &bytes, CARD_HISTORICAL_MAX);
    if (is_read && bytes.len) memcpy(style->historical, bytes.data, bytes.len);
    style->historical_len = is_read ? bytes.len : 0;
    collected_clear(&bytes);
    return is_read;
}

/* Descriptions of earlier versions call a profile "manners". */
static bool names_style(const struct word *keyword, const struct style_word *row)
{
    if (word_is(keyword, row->keyword)) return true;
    return strcmp(row->keyword, "profile") == 0 && word_is(keyword, "manners");
}

static bool read_head_line(struct parser *parser, const struct word *keyword)
{
    for (size_t i = 0; i < style_word_count; i++)
        if (names_style(keyword, &style_words[i])) return read_style_word(parser, &style_words[i]);
    if (word_is(keyword, "quirk")) return quirks_read(parser, &parser->card->style.quirks);
    if (word_is(keyword, "atr")) return read_atr(parser);
    if (word_is(keyword, "historical")) return read_historical(parser);
    if (word_is(keyword, "name"))
    {
        char *name = parser->card->style.name;
        size_t len = 0;
        if (!parser_bytes_into(parser, "name", (uint8_t *)name, CARD_NAME_MAX, &len)) return false;
        name[len] = 0;
        return strlen(name) == len || parser_fail(parser, "a name has no zero bytes");
    }
    return parser_unknown_keyword(parser, keyword, "a card");
}

static bool check_style(struct parser *parser)
{
    struct card_style *style = &parser->card->style;
    if (style->protocol == 0 && style->has_extended)
        return parser_fail(parser, "T=0 has no extended length but through \"envelope on\"");
    if (style->protocol != 0 && style->has_envelope)
        return parser_fail(parser, "\"envelope\" is for T=0; T=1 has \"extended\"");
    if (style->class_byte && style->class_byte < 0x80)
        return parser_fail(parser,
                           "a class is 00 (all interindustry ones) or proprietary (80 to FE)");
    if (style->class_byte == 0xFF) return parser_fail(parser, "class FF cannot be");
    if (style->profile == PROFILE_GSM)
    {
        if (style->protocol != 0 || style->has_envelope)
            return parser_fail(parser, "\"profile gsm\" goes with T=0 and without ENVELOPE");
        style->class_byte = GSM_CLASS;
        style->more_data_sw1 = GSM_MORE_DATA_SW1;
    }
    if (style->class_byte) style->has_chaining = false;
    uint32_t protocols = 0;
    if (style->atr_source == ATR_GIVEN && !atr_check(card_atr(parser->card), &protocols) &&
        !(protocols & 1u << style->protocol))
        return parser_fail(parser, "the ATR does not offer T=%u", style->protocol);
    return true;
}

static bool read_card(struct parser *parser)
{
    struct word keyword;
    bool has_files = false;
    while (parser_next_line(parser, &keyword))
    {
        if (!word_is(&keyword, "mf"))
        {
            if (has_files) return parser_fail(parser, "nothing can follow the files");
            if (!read_head_line(parser, &keyword) || !parser_end_of_line(parser)) return false;
            continue;
        }
        if (has_files) return parser_fail(parser, "there is one mf");
        has_files = true;
        if (!parser_end_of_line(parser) || !check_style(parser)) return false;
        if (!parser_df_lines(parser, parser->card->mf)) return false;
    }
    if (parser->has_failed) return false;
    if (!has_files) return parser_fail(parser, "there is no mf");
    const char *wrong = generated_files_fill(parser->card);
    if (wrong) return parser_fail(parser, "%s", wrong);
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
        parser_fail(&parser, "longer than %u bytes", DESCRIPTION_LEN_MAX);
        return NULL;
    }
    parser.card = card_new();
    if (!parser.card)
    {
        parser_out_of_memory(&parser);
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

static size_t count_lines(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

struct card *description_read_with(const char *path, const char *head,
                                   struct description_error *error)
{
    *error = (struct description_error){ 0 };
    size_t head_len = strlen(head), capacity = head_len + DESCRIPTION_LEN_MAX + 1;
    FILE *file = fopen(path, "rb");
    uint8_t *text = malloc(capacity);
    if (!file || !text)
    {
        snprintf(error->message, sizeof(error->message), "%s",
                 file ? "out of memory" : strerror(errno));
        if (file) fclose(file);
        free(text);
        return NULL;
    }
    struct byte_writer writer = byte_writer_of(text, capacity);
    byte_writer_put(&writer, bytes_of(head, head_len));
    size_t len = fread(text + head_len, 1, DESCRIPTION_LEN_MAX + 1, file);
    bool has_failed = ferror(file) != 0;
    int reason = errno;
    fclose(file);
    struct card *card = NULL;
    if (has_failed)
        snprintf(error->message, sizeof(error->message), "%s", strerror(reason));
    else
        card = description_parse(bytes_of(text, head_len + len), error);
    size_t head_lines = count_lines(head);
    error->line = error->line > head_lines ? error->line - head_lines : 0;
    explicit_bzero(text, capacity);
    free(text);
    return card;
}

struct card *description_read(const char *path, struct description_error *error)
{
    return description_read_with(path, "", error);
}
