/*
 * description_files - the mf, df and ef blocks of a card description.
 * Layer: simcard (core, private to description_*.c).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description_parser.h"
#include "simcard/generated_files.h"

#include <stdlib.h>

#define DESCRIPTION_FILES_MAX 4096

static bool read_access(struct parser *parser, struct card_file *file)
{
    struct word word;
    struct access_rule rule;
    uint32_t operation = 0;
    if (!parser_word(parser, "an operation", &word)) return false;
    bool is_all = word_is(&word, "all");
    const struct named_value *words = file_is_df(file) ? df_access_words : ef_access_words;
    if (!is_all && !parser_choose(parser, "an operation", &word, words, &operation)) return false;
    if (!parser_condition(parser, &rule)) return false;
    for (uint32_t i = 0; i < ACCESS_OPERATIONS; i++)
        if (is_all || i == operation) file->access[i] = rule;
    return true;
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
    if (!file_has_records(file)) return parser_fail(parser, "a transparent file has no records");
    if (file->record_count == RECORD_COUNT_MAX)
        return parser_fail(parser, "more than %d records", RECORD_COUNT_MAX);
    struct record *grown =
        realloc(file->records, (file->record_count + 1) * sizeof(*file->records));
    if (!grown) return parser_out_of_memory(parser);
    file->records = grown;
    struct record *record = &grown[file->record_count++];
    *record = (struct record){ NULL, 0 };
    return parser_take_bytes(parser, RECORD_LEN_MAX, &record->data, &record->len);
}

static bool read_short_id(struct parser *parser, struct card_file *file)
{
    uint8_t short_id = 0;
    if (!parser_small_number(parser, "a short identifier", 1, FILE_SHORT_ID_MAX, &short_id))
        return false;
    if (file_child_with_short_id(file->parent, short_id))
        return parser_fail(parser, "short identifier %u is taken", short_id);
    file->short_id = short_id;
    return true;
}

/* Reads a line that EFs and DFs share. Another line gives false, and false in `*is_known`. */
static bool read_file_line(struct parser *parser, const struct word *keyword,
                           struct card_file *file, bool *is_known)
{
    *is_known = true;
    if (word_is(keyword, "access")) return read_access(parser, file);
    if (word_is(keyword, "life-cycle"))
    {
        uint32_t life_cycle = 0;
        if (!parser_choice(parser, "life-cycle", life_cycle_words, &life_cycle)) return false;
        file->life_cycle = (enum file_life_cycle)life_cycle;
        return true;
    }
    if (word_is(keyword, "answer"))
        return parser_take_bytes(parser, RECORD_LEN_MAX, &file->control_info,
                                 &file->control_info_len);
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
    if (word_is(keyword, "short-id")) return read_short_id(parser, file);
    if (word_is(keyword, "size"))
    {
        draft->has_size = true;
        return parser_number(parser, "size", 0, FILE_SIZE_MAX, &draft->size);
    }
    if (word_is(keyword, "data"))
    {
        if (file_has_records(file))
            return parser_fail(parser, "a file of records has no data lines");
        size_t limit = parser->card->style.memory;
        return parser_bytes(parser, &draft->content, limit < FILE_SIZE_MAX ? limit : FILE_SIZE_MAX);
    }
    if (word_is(keyword, "record")) return read_record(parser, file);
    if (word_is(keyword, "record-length"))
    {
        if (!parser_number(parser, "record-length", 1, RECORD_LEN_MAX, &value)) return false;
        file->record_len = value;
        return true;
    }
    if (word_is(keyword, "record-count"))
        return parser_number(parser, "record-count", 1, RECORD_COUNT_MAX, &draft->record_count);
    if (word_is(keyword, "tlv")) return parser_flag(parser, "tlv", &file->has_tlv_records);
    if (word_is(keyword, "write"))
    {
        if (!parser_choice(parser, "write", write_mode_words, &value)) return false;
        file->write_mode = (enum file_write_mode)value;
        return true;
    }
    if (word_is(keyword, "erased"))
    {
        if (!parser_hex(parser, "erased", 2, &value)) return false;
        if (value != 0x00 && value != 0xFF) return parser_fail(parser, "erased bytes are 00 or FF");
        file->erased_value = (uint8_t)value;
        return true;
    }
    if (word_is(keyword, "generate"))
    {
        if (!parser_choice(parser, "generate", generated_content_words, &value)) return false;
        file->generated = (uint8_t)value;
        return true;
    }
    return parser_unknown_keyword(parser, keyword, "an ef");
}

static bool spend_memory(struct parser *parser, const struct card_file *file, size_t len)
{
    (void)file;
    size_t limit = parser->card->style.memory;
    if (len > limit || parser->memory_used > limit - len)
        return parser_fail(parser, "the card has only %zu bytes of memory", limit);
    parser->memory_used += len;
    return true;
}

static bool finish_transparent(struct parser *parser, struct card_file *file,
                               struct ef_draft *draft)
{
    size_t size = draft->has_size ? draft->size : draft->content.len;
    if (draft->content.len > size)
        return parser_fail(parser, "%zu bytes of data in a file of %zu", draft->content.len, size);
    if (!spend_memory(parser, file, size)) return false;
    if (!file_allocate(file, size)) return parser_out_of_memory(parser);
    if (draft->content.len) memcpy(file->data, draft->content.data, draft->content.len);
    return true;
}

static bool pad_record(struct parser *parser, struct card_file *file, struct record *record)
{
    if (record->len > file->record_len)
        return parser_fail(parser, "a record of %zu bytes where they have %zu", record->len,
                           file->record_len);
    if (record->len == file->record_len) return true;
    uint8_t *grown = realloc(record->data, file->record_len);
    if (!grown) return parser_out_of_memory(parser);
    memset(grown + record->len, file->erased_value, file->record_len - record->len);
    record->data = grown;
    record->len = file->record_len;
    return true;
}

static bool finish_fixed(struct parser *parser, struct card_file *file, struct ef_draft *draft)
{
    for (size_t i = 0; file->record_len == 0 && i < file->record_count; i++)
        file->record_len = file->records[i].len;
    if (file->record_len == 0) return parser_fail(parser, "record-length is missing");
    file->record_count_max = draft->record_count ? draft->record_count : file->record_count;
    if (file->record_count_max == 0) return parser_fail(parser, "record-count is missing");
    if (file->record_count > file->record_count_max)
        return parser_fail(parser, "%zu records in a file of %zu", file->record_count,
                           file->record_count_max);
    if (draft->has_size)
        return parser_fail(parser, "size follows from record-length and record-count");
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
        return parser_fail(parser, "%zu bytes of records in a file of %zu", len, file->size);
    if (file->record_count > file->record_count_max)
        return parser_fail(parser, "%zu records in a file of %zu", file->record_count,
                           file->record_count_max);
    for (size_t i = 0; i < file->record_count; i++)
        if (file->records[i].len > file->record_len)
            return parser_fail(parser, "a record of %zu bytes where they have %zu at most",
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
    if (!parser_hex(parser, "a file identifier", 4, &id)) return NULL;
    if (id == 0 || id == FILE_ID_MF || id == FILE_ID_CURRENT_DF || id == FILE_ID_RESERVED)
    {
        parser_fail(parser, "file identifier %04X is reserved", id);
        return NULL;
    }
    if (file_child(df, (uint16_t)id))
    {
        parser_fail(parser, "there is a file %04X here already", id);
        return NULL;
    }
    if (++parser->file_count > DESCRIPTION_FILES_MAX)
    {
        parser_fail(parser, "more than %d files", DESCRIPTION_FILES_MAX);
        return NULL;
    }
    struct card_file *file = file_new(FILE_DF, (uint16_t)id);
    if (!file)
    {
        parser_out_of_memory(parser);
        return NULL;
    }
    file_attach(df, file);
    return file;
}

static bool read_ef(struct parser *parser, struct card_file *df)
{
    uint32_t kind = 0;
    struct card_file *file = begin_file(parser, df);
    if (!file || !parser_choice(parser, "the structure of an ef", file_kind_words, &kind) ||
        !parser_end_of_line(parser))
        return false;
    file->kind = (enum file_kind)kind;

    struct ef_draft draft = { 0 };
    struct word keyword;
    bool is_good = true;
    while (is_good && parser_next_in_block(parser, "an ef", &keyword))
        is_good = read_ef_line(parser, &keyword, file, &draft) && parser_end_of_line(parser);
    is_good = is_good && !parser->has_failed && finish_ef(parser, file, &draft);
    collected_clear(&draft.content);
    return is_good;
}

static bool read_name(struct parser *parser, struct card_file *df)
{
    if (!parser_bytes_into(parser, "name", df->name, FILE_NAME_MAX, &df->name_len)) return false;
    for (struct card_file *other = parser->card->mf; other;
         other = file_next_in_tree(parser->card->mf, other))
        if (other != df &&
            bytes_equal(bytes_of(other->name, other->name_len), bytes_of(df->name, df->name_len)))
            return parser_fail(parser, "another DF has this name");
    return true;
}

static bool read_df(struct parser *parser, struct card_file *parent)
{
    struct card_file *df = begin_file(parser, parent);
    if (!df || !parser_end_of_line(parser)) return false;
    if (file_depth(df) > FILE_DEPTH_MAX) return parser_fail(parser, "files nested too deep");
    return parser_df_lines(parser, df);
}

static bool read_df_line(struct parser *parser, const struct word *keyword, struct card_file *df,
                         bool *is_block)
{
    bool is_known;
    bool is_read = read_file_line(parser, keyword, df, &is_known);
    *is_block = false;
    if (is_known) return is_read;
    if (word_is(keyword, "name")) return read_name(parser, df);
    if (word_is(keyword, "label"))
    {
        size_t len = 0;
        if (!parser_bytes_into(parser, "label", (uint8_t *)df->label, FILE_LABEL_MAX, &len))
            return false;
        df->label[len] = 0;
        return strlen(df->label) == len || parser_fail(parser, "a label has no zero bytes");
    }
    *is_block = true;
    if (word_is(keyword, "pin")) return parser_pin(parser, df);
    if (word_is(keyword, "key")) return parser_key(parser, df);
    if (word_is(keyword, "secure-messaging")) return parser_channel(parser, df);
    if (word_is(keyword, "object")) return parser_object(parser, df);
    if (word_is(keyword, "ef")) return read_ef(parser, df);
    if (word_is(keyword, "df")) return read_df(parser, df);
    return parser_unknown_keyword(parser, keyword, "a df");
}

bool parser_df_lines(struct parser *parser, struct card_file *df)
{
    struct word keyword;
    bool is_block;
    while (parser_next_in_block(parser, "a df", &keyword))
    {
        if (!read_df_line(parser, &keyword, df, &is_block)) return false;
        if (!is_block && !parser_end_of_line(parser)) return false;
    }
    return !parser->has_failed;
}
