/*
 * description_write - a card's present contents as the text that makes it again.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description.h"
#include "simcard/description_quirks.h"
#include "simcard/description_words.h"

#define BYTES_A_LINE 32

/* Where the text goes, and how deep it is nested. */
struct text_writer
{
    FILE *stream;
    int depth;
};

static void begin_line(const struct text_writer *writer, const char *keyword)
{
    fprintf(writer->stream, "%*s%s", 4 * writer->depth, "", keyword);
}

static void put_line(const struct text_writer *writer, const char *keyword)
{
    begin_line(writer, keyword);
    fputc('\n', writer->stream);
}

static void put_hex(const struct text_writer *writer, struct bytes bytes)
{
    fputc(' ', writer->stream);
    for (size_t i = 0; i < bytes.len; i++)
        fprintf(writer->stream, "%02X", bytes.data[i]);
}

static void put_bytes(const struct text_writer *writer, const char *keyword, struct bytes bytes)
{
    begin_line(writer, keyword);
    if (bytes.len) put_hex(writer, bytes);
    fputc('\n', writer->stream);
}

static void put_number(const struct text_writer *writer, const char *keyword, size_t number)
{
    begin_line(writer, keyword);
    fprintf(writer->stream, " %zu\n", number);
}

static void put_choice(const struct text_writer *writer, const char *keyword,
                       const struct named_value *values, uint32_t value)
{
    begin_line(writer, keyword);
    fprintf(writer->stream, " %s\n", named_value_name(values, value));
}

static void put_flag(const struct text_writer *writer, const char *keyword, bool flag)
{
    begin_line(writer, keyword);
    fprintf(writer->stream, " %s\n", flag ? "on" : "off");
}

static void put_condition(const struct text_writer *writer, const char *keyword,
                          const struct access_rule *rule)
{
    begin_line(writer, keyword);
    if (rule->kind != ACCESS_TERMS)
        fputs(rule->kind == ACCESS_NEVER ? " never" : " always", writer->stream);
    for (size_t i = 0; rule->kind == ACCESS_TERMS && i < rule->term_count; i++)
    {
        const struct access_term *term = &rule->terms[i];
        if (i) fputs(term->starts_alternative ? " or" : " and", writer->stream);
        if (term->reference == REFERENCE_SECURE)
        {
            fputs(" secure", writer->stream);
            continue;
        }
        fprintf(writer->stream, " %s%s %u", term->reference & REFERENCE_LOCAL ? "local-" : "",
                term->is_key ? "key" : "pin", (unsigned)(term->reference & REFERENCE_NUMBER_MASK));
    }
    fputc('\n', writer->stream);
}

static void put_access(const struct text_writer *writer, const struct card_file *file)
{
    for (const struct named_value *word = file_is_df(file) ? df_access_words : ef_access_words;
         word->name; word++)
    {
        char keyword[40];
        snprintf(keyword, sizeof(keyword), "access %s", word->name);
        if (file->access[word->value].kind != ACCESS_ALWAYS)
            put_condition(writer, keyword, &file->access[word->value]);
    }
}

static void put_pin(struct text_writer *writer, const struct pin *pin)
{
    put_number(writer, "pin", pin->number);
    writer->depth++;
    begin_line(writer, "length");
    fprintf(writer->stream, " %u %u\n", pin->min_len, pin->max_len);
    if (pin->is_padded) put_bytes(writer, "pad", bytes_of(&pin->padding, 1));
    put_bytes(writer, "value", bytes_of(pin->secret.value, pin->secret.len));
    put_number(writer, "tries", pin->secret.tries_max);
    put_number(writer, "left", pin->secret.tries_left);
    if (pin->puk.len) put_bytes(writer, "unblock-pin", bytes_of(pin->puk.value, pin->puk.len));
    put_number(writer, "unblock-tries", pin->puk.tries_max);
    put_number(writer, "unblock-left", pin->puk.tries_left);
    put_flag(writer, "enabled", pin->is_enabled);
    put_condition(writer, "change", &pin->change);
    put_condition(writer, "unblock", &pin->unblock);
    put_condition(writer, "disable", &pin->disable);
    writer->depth--;
    put_line(writer, "end");
}

static void put_key(struct text_writer *writer, const struct key *key)
{
    put_number(writer, "key", key->number);
    writer->depth++;
    put_choice(writer, "algorithm", algorithm_words, key->algorithm);
    put_bytes(writer, "value", bytes_of(key->value, key->len));
    put_number(writer, "tries", key->tries_max);
    put_number(writer, "left", key->tries_left);
    put_line(writer, key->is_for_internal && key->is_for_external ? "use both"
                     : key->is_for_internal                       ? "use internal"
                                                                  : "use external");
    put_condition(writer, "condition", &key->use);
    writer->depth--;
    put_line(writer, "end");
}

static void put_channel(struct text_writer *writer, const struct secure_channel *channel)
{
    put_choice(writer, "secure-messaging", algorithm_words, channel->algorithm);
    writer->depth++;
    put_bytes(writer, "encryption-key", bytes_of(channel->encryption_key, channel->encryption_len));
    put_bytes(writer, "mac-key", bytes_of(channel->mac_key, channel->mac_len));
    if (!channel->is_agreed)
        put_bytes(writer, "counter", bytes_of(channel->first_counter, channel->counter_len));
    put_flag(writer, "agreed", channel->is_agreed);
    put_flag(writer, "ends-with-plain", channel->ends_with_plain);
    writer->depth--;
    put_line(writer, "end");
}

static void put_object(struct text_writer *writer, const struct data_object *object)
{
    begin_line(writer, "object");
    fprintf(writer->stream, object->tag > 0xFFFF ? " %06X\n" : " %04X\n", object->tag);
    writer->depth++;
    put_bytes(writer, "value", bytes_of(object->value, object->len));
    put_condition(writer, "get", &object->get);
    put_condition(writer, "put", &object->put);
    writer->depth--;
    put_line(writer, "end");
}

static void put_contents(const struct text_writer *writer, const struct card_file *file)
{
    if (file->kind == FILE_TRANSPARENT)
    {
        struct bytes all = bytes_of(file->data, file->size);
        put_number(writer, "size", file->size);
        for (size_t i = 0; i < file->size; i += BYTES_A_LINE)
            put_bytes(writer, "data", bytes_slice(all, i, BYTES_A_LINE));
        return;
    }
    put_number(writer, "record-length", file->record_len);
    put_number(writer, "record-count", file->record_count_max);
    if (file->kind == FILE_LINEAR_VARIABLE) put_number(writer, "size", file->size);
    put_flag(writer, "tlv", file->has_tlv_records);
    for (size_t i = 0; i < file->record_count; i++)
        put_bytes(writer, "record", bytes_of(file->records[i].data, file->records[i].len));
}

static void put_file_head(const struct text_writer *writer, const struct card_file *file)
{
    put_choice(writer, "life-cycle", life_cycle_words, file->life_cycle);
    if (file->control_info)
        put_bytes(writer, "answer", bytes_of(file->control_info, file->control_info_len));
    put_access(writer, file);
}

static void put_ef(struct text_writer *writer, const struct card_file *file)
{
    begin_line(writer, "ef");
    fprintf(writer->stream, " %04X %s\n", file->id, named_value_name(file_kind_words, file->kind));
    writer->depth++;
    if (file->short_id) put_number(writer, "short-id", file->short_id);
    put_file_head(writer, file);
    put_choice(writer, "write", write_mode_words, file->write_mode);
    put_bytes(writer, "erased", bytes_of(&file->erased_value, 1));
    put_contents(writer, file);
    writer->depth--;
    put_line(writer, "end");
}

static void put_df(struct text_writer *writer, const struct card_file *df)
{
    if (file_is_mf(df))
        put_line(writer, "mf");
    else
    {
        begin_line(writer, "df");
        fprintf(writer->stream, " %04X\n", df->id);
    }
    writer->depth++;
    if (df->name_len) put_bytes(writer, "name", bytes_of(df->name, df->name_len));
    if (df->label[0]) put_bytes(writer, "label", bytes_of(df->label, strlen(df->label)));
    put_file_head(writer, df);
    for (const struct pin *pin = df->pins; pin; pin = pin->next)
        put_pin(writer, pin);
    for (const struct key *key = df->keys; key; key = key->next)
        put_key(writer, key);
    if (df->channel.is_there) put_channel(writer, &df->channel);
    for (const struct data_object *object = df->objects; object; object = object->next)
        put_object(writer, object);
    for (const struct card_file *child = df->first_child; child; child = child->next_sibling)
    {
        if (file_is_df(child))
            put_df(writer, child);
        else
            put_ef(writer, child);
    }
    writer->depth--;
    put_line(writer, "end");
}

static void put_style(const struct text_writer *writer, const struct card_style *style)
{
    for (size_t i = 0; i < style_word_count; i++)
    {
        const struct style_word *row = &style_words[i];
        const uint8_t *field = (const uint8_t *)style + row->offset;
        uint32_t value = 0;
        bool flag = false;
        if (row->kind == STYLE_FLAG)
            memcpy(&flag, field, sizeof(flag));
        else
            memcpy(&value, field, sizeof(value));
        if (row->kind == STYLE_FLAG)
            put_flag(writer, row->keyword, flag);
        else if (row->kind == STYLE_CHOICE)
            put_choice(writer, row->keyword, row->values, value);
        else if (row->kind == STYLE_NUMBER)
            put_number(writer, row->keyword, value);
        else
        {
            begin_line(writer, row->keyword);
            fprintf(writer->stream, " %02X\n", value);
        }
    }
    put_bytes(writer,
              style->historical_source == HISTORICAL_COMPUTED ? "historical auto" : "historical",
              bytes_of(style->historical, style->historical_len));
    struct bytes atr = bytes_of(style->atr, style->atr_len);
    if (style->atr_source == ATR_COMPUTED)
        put_line(writer, "atr auto");
    else
        put_bytes(writer, style->atr_source == ATR_GIVEN ? "atr" : "atr unchecked", atr);
}

bool description_write(struct card *card, FILE *stream)
{
    struct text_writer writer = { stream, 0 };
    if (card->style.name[0])
        put_bytes(&writer, "name", bytes_of(card->style.name, strlen(card->style.name)));
    put_style(&writer, &card->style);
    quirks_write(&card->style.quirks, stream);
    put_df(&writer, card->mf);
    return fflush(stream) == 0 && !ferror(stream);
}
