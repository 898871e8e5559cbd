/*
 * description_quirks - the `quirk` lines of a card description, read and written.
 * Layer: simcard (core, private to description_*.c).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description_quirks.h"
#include "simcard/card.h"

#define CHAIN_MAX 10000000u

static const struct named_value answer_kind_words[] = {
    { "longer", QUIRK_ANSWER_LONGER },   { "at-most", QUIRK_ANSWER_AT_MOST },
    { "behind", QUIRK_ANSWER_BEHIND },   { "chain", QUIRK_ANSWER_CHAIN },
    { "endless", QUIRK_ANSWER_ENDLESS }, { NULL, 0 },
};

static bool read_bytes(struct parser *parser, const char *what, struct quirk_bytes *bytes)
{
    return parser_bytes_into(parser, what, bytes->bytes, QUIRK_BYTES_MAX, &bytes->count);
}

static bool read_select_p1(struct parser *parser, struct card_quirks *quirks)
{
    return read_bytes(parser, "select-p1", &quirks->select_p1);
}

static bool read_select_p2(struct parser *parser, struct card_quirks *quirks)
{
    return read_bytes(parser, "select-p2", &quirks->select_p2);
}

static bool read_unblock_p1(struct parser *parser, struct card_quirks *quirks)
{
    return read_bytes(parser, "unblock-p1", &quirks->unblock_p1);
}

/* never | HH */
static bool read_select_mf(struct parser *parser, struct card_quirks *quirks)
{
    const char *rest = parser->at;
    struct word word;
    uint32_t p1 = 0;
    if (!parser_word(parser, "select-mf", &word)) return false;
    quirks->mf = QUIRK_MF_NEVER;
    if (word_is(&word, "never")) return true;
    parser->at = rest;
    if (!parser_hex(parser, "select-mf", 2, &p1)) return false;
    quirks->mf = QUIRK_MF_ONE_P1;
    quirks->mf_p1 = (uint8_t)p1;
    return true;
}

static bool read_path_with_mf(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->has_mf_in_paths = true;
}

static bool read_every_id_df(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->has_df_for_every_id = true;
}

static bool read_delete_current_df(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->is_deleting_current_df = true;
}

static bool read_delete_no_id(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->is_deleting_current = true;
}

/* SW [spends] */
static bool read_verify_query(struct parser *parser, struct card_quirks *quirks)
{
    struct word word;
    uint32_t sw = 0;
    if (!parser_hex(parser, "verify-query", 4, &sw)) return false;
    if (sw == 0) return parser_fail(parser, "0000 is no status word");
    quirks->query_sw = (uint16_t)sw;
    quirks->is_query_spending = parser_next_word(parser, &word);
    if (!quirks->is_query_spending || word_is(&word, "spends")) return !parser->has_failed;
    return parser_fail(parser, "\"spends\" expected, not \"%.*s\"", word_shown_len(&word),
                       word.text);
}

static bool read_announce_in_file(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->is_announcing_in_file = true;
}

static bool read_nested_fci(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->is_nesting_templates = true;
}

static bool read_count_room(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->is_counting_room = true;
}

static bool read_records_in_turn(struct parser *parser, struct card_quirks *quirks)
{
    (void)parser;
    return quirks->has_records_in_turn = true;
}

static bool read_record_missing(struct parser *parser, struct card_quirks *quirks)
{
    uint32_t sw = 0;
    if (!parser_hex(parser, "record-missing", 4, &sw)) return false;
    if (sw == 0) return parser_fail(parser, "0000 is no status word");
    quirks->record_missing_sw = (uint16_t)sw;
    return true;
}

static bool read_read_at_most(struct parser *parser, struct card_quirks *quirks)
{
    return parser_number(parser, "read-at-most", 1, CARD_ANSWER_MAX, &quirks->read_max);
}

/* any | INS, then longer N | at-most N | behind N | chain N SW | endless */
static bool read_answer(struct parser *parser, struct card_quirks *quirks)
{
    const char *rest = parser->at;
    struct word word;
    uint32_t ins = 0, kind = 0, sw = 0;
    struct quirk_answer quirk = { 0 };
    if (quirks->answer_count == QUIRK_ANSWERS_MAX)
        return parser_fail(parser, "more than %d answers with a quirk", QUIRK_ANSWERS_MAX);
    if (!parser_word(parser, "an instruction", &word)) return false;
    quirk.is_for_all = word_is(&word, "any");
    if (!quirk.is_for_all)
    {
        parser->at = rest;
        if (!parser_hex(parser, "an instruction", 2, &ins)) return false;
    }
    if (!parser_choice(parser, "what befalls the answer", answer_kind_words, &kind)) return false;
    quirk.ins = (uint8_t)ins;
    quirk.kind = (enum quirk_answer_kind)kind;
    if (quirk.kind != QUIRK_ANSWER_ENDLESS)
    {
        uint32_t max = quirk.kind == QUIRK_ANSWER_CHAIN    ? CHAIN_MAX
                       : quirk.kind == QUIRK_ANSWER_BEHIND ? QUIRK_BEHIND_MAX
                                                           : CARD_ANSWER_MAX;
        if (!parser_number(parser, "a number of bytes or answers", 1, max, &quirk.number))
            return false;
    }
    if (quirk.kind == QUIRK_ANSWER_CHAIN && !parser_hex(parser, "a status word", 4, &sw))
        return false;
    quirk.sw = (uint16_t)sw;
    quirks->answers[quirks->answer_count++] = quirk;
    return true;
}

bool quirks_read(struct parser *parser, struct card_quirks *quirks)
{
    static const struct
    {
        const char *name;
        bool (*read)(struct parser *parser, struct card_quirks *quirks);
    } rows[] = {
        { "select-p1", read_select_p1 },
        { "select-p2", read_select_p2 },
        { "select-mf", read_select_mf },
        { "unblock-p1", read_unblock_p1 },
        { "path-with-mf", read_path_with_mf },
        { "every-id-df", read_every_id_df },
        { "delete-current-df", read_delete_current_df },
        { "delete-no-id", read_delete_no_id },
        { "verify-query", read_verify_query },
        { "announce-in-ef-atr", read_announce_in_file },
        { "nested-fci", read_nested_fci },
        { "count-room", read_count_room },
        { "records-in-turn", read_records_in_turn },
        { "record-missing", read_record_missing },
        { "read-at-most", read_read_at_most },
        { "answer", read_answer },
    };
    struct word word;
    if (!parser_word(parser, "a quirk", &word)) return false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (word_is(&word, rows[i].name)) return rows[i].read(parser, quirks);
    return parser_fail(parser, "there is no quirk \"%.*s\"", word_shown_len(&word), word.text);
}

static void write_flag(bool flag, const char *name, FILE *stream)
{
    if (flag) fprintf(stream, "quirk %s\n", name);
}

static void write_bytes(const struct quirk_bytes *bytes, const char *name, FILE *stream)
{
    if (bytes->count == 0) return;
    fprintf(stream, "quirk %s", name);
    for (size_t i = 0; i < bytes->count; i++)
        fprintf(stream, " %02X", bytes->bytes[i]);
    fputc('\n', stream);
}

static void write_answer(const struct quirk_answer *quirk, FILE *stream)
{
    fputs("quirk answer ", stream);
    if (quirk->is_for_all)
        fputs("any", stream);
    else
        fprintf(stream, "%02X", quirk->ins);
    fprintf(stream, " %s", named_value_name(answer_kind_words, quirk->kind));
    if (quirk->kind != QUIRK_ANSWER_ENDLESS) fprintf(stream, " %u", quirk->number);
    if (quirk->kind == QUIRK_ANSWER_CHAIN) fprintf(stream, " %04X", quirk->sw);
    fputc('\n', stream);
}

void quirks_write(const struct card_quirks *quirks, FILE *stream)
{
    write_bytes(&quirks->select_p1, "select-p1", stream);
    write_bytes(&quirks->select_p2, "select-p2", stream);
    write_bytes(&quirks->unblock_p1, "unblock-p1", stream);
    write_flag(quirks->mf == QUIRK_MF_NEVER, "select-mf never", stream);
    if (quirks->mf == QUIRK_MF_ONE_P1) fprintf(stream, "quirk select-mf %02X\n", quirks->mf_p1);
    write_flag(quirks->has_mf_in_paths, "path-with-mf", stream);
    write_flag(quirks->has_df_for_every_id, "every-id-df", stream);
    write_flag(quirks->is_deleting_current_df, "delete-current-df", stream);
    write_flag(quirks->is_deleting_current, "delete-no-id", stream);
    if (quirks->query_sw)
        fprintf(stream, "quirk verify-query %04X%s\n", quirks->query_sw,
                quirks->is_query_spending ? " spends" : "");
    write_flag(quirks->is_announcing_in_file, "announce-in-ef-atr", stream);
    write_flag(quirks->is_nesting_templates, "nested-fci", stream);
    write_flag(quirks->is_counting_room, "count-room", stream);
    write_flag(quirks->has_records_in_turn, "records-in-turn", stream);
    if (quirks->record_missing_sw)
        fprintf(stream, "quirk record-missing %04X\n", quirks->record_missing_sw);
    if (quirks->read_max) fprintf(stream, "quirk read-at-most %u\n", quirks->read_max);
    for (size_t i = 0; i < quirks->answer_count; i++)
        write_answer(&quirks->answers[i], stream);
}
