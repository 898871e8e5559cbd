/*
 * generated_files - file contents that follow from the card itself: EF.DIR, EF.ATR/INFO, patterns.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clauses 12.2.2, 12.2.3.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/generated_files.h"
#include "simcard/atr.h"
#include "simcard/tlv.h"

#include <stdlib.h>

#define DO_APPLICATION      0x61
#define DO_AID              0x4F
#define DO_LABEL            0x50
#define DO_PATH             0x51
#define DO_SERVICE_DATA     0x43
#define DO_CAPABILITIES     0x47
#define DO_EXTENDED_LENGTHS 0x7F66
#define DO_INTEGER          0x02
#define EXTENDED_OVERHEAD   9 /* header, Lc, Le around the longest data field */

#define GENERATED_LEN_MAX 4096
#define TEMPLATE_LEN_MAX  128

const struct named_value generated_content_words[] = {
    { "directory", GENERATED_DIRECTORY },
    { "card-info", GENERATED_CARD_INFO },
    { NULL, 0 },
};

static void put_path(const struct card_file *file, struct byte_writer *writer)
{
    if (file->parent) put_path(file->parent, writer);
    byte_writer_u16(writer, file->id);
}

static void put_application(const struct card_file *df, struct byte_writer *writer)
{
    uint8_t value_room[TEMPLATE_LEN_MAX], path_room[2 * (FILE_DEPTH_MAX + 2)];
    struct byte_writer value = byte_writer_of(value_room, sizeof(value_room));
    struct byte_writer path = byte_writer_of(path_room, sizeof(path_room));
    put_path(df, &path);
    tlv_put(&value, DO_AID, bytes_of(df->name, df->name_len));
    if (df->label[0]) tlv_put(&value, DO_LABEL, bytes_of(df->label, strlen(df->label)));
    tlv_put(&value, DO_PATH, byte_writer_written(&path));
    writer->failed |= value.failed || path.failed;
    tlv_put(writer, DO_APPLICATION, byte_writer_written(&value));
}

static void put_limit(struct byte_writer *writer, uint32_t limit)
{
    if (limit > 0xFFFF) limit = 0xFFFF;
    const uint8_t bytes[] = { (uint8_t)(limit >> 8), (uint8_t)limit };
    tlv_put(writer, DO_INTEGER, bytes_of(bytes, sizeof(bytes)));
}

static void put_card_info(const struct card_style *style, struct card_file *mf,
                          struct byte_writer *writer)
{
    uint8_t service = atr_service_data(style, mf);
    uint8_t capabilities[3];
    atr_capabilities(style, mf, capabilities);
    tlv_put(writer, DO_SERVICE_DATA, bytes_of(&service, 1));
    tlv_put(writer, DO_CAPABILITIES, bytes_of(capabilities, sizeof(capabilities)));
    if (!style->has_extended && !style->has_envelope) return;
    uint8_t room[8];
    struct byte_writer limits = byte_writer_of(room, sizeof(room));
    put_limit(&limits, style->max_command_data + EXTENDED_OVERHEAD);
    put_limit(&limits, style->max_answer_data + 2);
    tlv_put(writer, DO_EXTENDED_LENGTHS, byte_writer_written(&limits));
}

static const char *store(struct card_file *file, struct bytes content)
{
    if (file->kind == FILE_TRANSPARENT)
    {
        if (!file_allocate(file, content.len)) return "out of memory";
        if (content.len) memcpy(file->data, content.data, content.len);
        return NULL;
    }
    if (file->kind != FILE_LINEAR_VARIABLE)
        return "generated files are transparent or linear-variable";
    file->record_len = APDU_SHORT_LC_MAX;
    file->record_count_max = RECORD_COUNT_MAX;
    struct byte_reader reader = byte_reader_of(content);
    while (reader.rest.len)
    {
        struct bytes start = reader.rest;
        struct tlv object;
        if (!tlv_next(&reader, &object)) return "generated contents are no data objects";
        struct bytes record = bytes_of(start.data, start.len - reader.rest.len);
        file->size += record.len;
        if (file_record_append(file, record) != RECORD_STORED)
            return "generated contents do not fit records";
    }
    return NULL;
}

const char *generated_files_fill(struct card *card)
{
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
    {
        if (!file->generated) continue;
        uint8_t room[GENERATED_LEN_MAX];
        struct byte_writer writer = byte_writer_of(room, sizeof(room));
        if (file->generated == GENERATED_CARD_INFO)
            put_card_info(&card->style, card->mf, &writer);
        else
            for (struct card_file *df = card->mf; df; df = file_next_in_tree(card->mf, df))
                if (!file_is_mf(df) && df->name_len) put_application(df, &writer);
        if (writer.failed) return "generated contents are too long";
        file->generated = GENERATED_NOTHING;
        const char *wrong = store(file, byte_writer_written(&writer));
        if (wrong) return wrong;
    }
    return file_memory(card->mf) > card->style.memory
               ? "the files need more memory than the card has"
               : NULL;
}
