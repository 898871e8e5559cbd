/*
 * control_info - file control information: what SELECT tells about a file, what CREATE FILE is told.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clause 7.4.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/control_info.h"
#include "simcard/tlv.h"

/* Control parameters, table 12. */
#define DO_SIZE              0x80
#define DO_TOTAL_SIZE        0x81
#define DO_DESCRIPTOR        0x82
#define DO_FILE_ID           0x83
#define DO_DF_NAME           0x84
#define DO_SHORT_ID          0x88
#define DO_LIFE_CYCLE        0x8A
#define DO_SECURITY_COMPACT  0x8C
#define DO_SECURITY_EXPANDED 0xAB
#define DO_APPLICATION_LABEL 0x50 /* management data, ISO/IEC 7816-4 clause 12.2.3 */

#define DESCRIPTOR_KIND_MASK 0x3F
#define DESCRIPTOR_SHAREABLE 0x40
#define CODING_ERASED_FF     0x10 /* data coding byte: erased bytes are FF, not 00 */
#define CODING_WRITE_MASK    0x60
#define CODING_UNIT_ONE_BYTE 0x01 /* data unit of 2^1 quartets */

static void put_number(struct byte_writer *writer, uint32_t tag, size_t number)
{
    const uint8_t bytes[] = { (uint8_t)(number >> 16), (uint8_t)(number >> 8), (uint8_t)number };
    size_t skipped = number > 0xFFFF ? 0 : 1; /* two bytes unless three are needed */
    tlv_put(writer, tag, bytes_of(bytes + skipped, sizeof(bytes) - skipped));
}

static void put_descriptor(const struct card_file *file, const struct card_quirks *quirks,
                           struct byte_writer *writer)
{
    uint8_t room[6];
    struct byte_writer value = byte_writer_of(room, sizeof(room));
    byte_writer_u8(&value,
                   (uint8_t)(file->kind | (file->has_tlv_records ? FILE_DESCRIPTOR_TLV : 0)));
    if (!file_is_df(file))
        byte_writer_u8(&value, (uint8_t)(file->write_mode | CODING_UNIT_ONE_BYTE |
                                         (file->erased_value ? CODING_ERASED_FF : 0)));
    if (file_has_records(file))
    {
        byte_writer_u16(&value, (uint16_t)file->record_len);
        byte_writer_u8(&value, (uint8_t)(quirks->is_counting_room ? file->record_count_max
                                                                  : file->record_count));
    }
    tlv_put(writer, DO_DESCRIPTOR, byte_writer_written(&value));
}

static void put_parameters(const struct card_file *file, const struct card_quirks *quirks,
                           struct byte_writer *writer)
{
    if (file->kind == FILE_TRANSPARENT || file->kind == FILE_LINEAR_VARIABLE)
        put_number(writer, DO_SIZE, file->size);
    else if (file_has_records(file))
        put_number(writer, DO_SIZE, file->record_len * file->record_count_max);
    put_descriptor(file, quirks, writer);
    put_number(writer, DO_FILE_ID, file->id);
    if (file->name_len) tlv_put(writer, DO_DF_NAME, bytes_of(file->name, file->name_len));
    if (!file_is_df(file))
    {
        const uint8_t short_id = (uint8_t)(file->short_id << 3);
        tlv_put(writer, DO_SHORT_ID, bytes_of(&short_id, file->short_id ? 1 : 0));
    }
    const uint8_t life_cycle = (uint8_t)file->life_cycle;
    tlv_put(writer, DO_LIFE_CYCLE, bytes_of(&life_cycle, 1));
    access_rules_encode(file->access, writer);
}

static void put_management(const struct card_file *file, struct byte_writer *writer)
{
    if (file->name_len) tlv_put(writer, DO_DF_NAME, bytes_of(file->name, file->name_len));
    if (file->label[0])
        tlv_put(writer, DO_APPLICATION_LABEL, bytes_of(file->label, strlen(file->label)));
}

/* FCP and FMD as templates of their own. */
static void put_templates(const struct card_file *file, const struct card_quirks *quirks,
                          struct byte_writer *writer)
{
    uint8_t room[CONTROL_INFO_MAX];
    struct byte_writer value = byte_writer_of(room, sizeof(room));
    put_parameters(file, quirks, &value);
    if (value.failed) writer->failed = true;
    tlv_put(writer, DO_FCP, byte_writer_written(&value));
    value = byte_writer_of(room, sizeof(room));
    put_management(file, &value);
    if (value.failed) writer->failed = true;
    if (value.len) tlv_put(writer, DO_FMD, byte_writer_written(&value));
}

void control_info_encode(const struct card_file *file, const struct card_quirks *quirks,
                         uint32_t template, struct byte_writer *writer)
{
    if (file->control_info)
    {
        byte_writer_put(writer, bytes_of(file->control_info, file->control_info_len));
        return;
    }
    uint8_t room[CONTROL_INFO_MAX];
    struct byte_writer value = byte_writer_of(room, sizeof(room));
    bool is_nested = template == DO_FCI && quirks->is_nesting_templates;
    if (is_nested) put_templates(file, quirks, &value);
    if (template != DO_FMD && !is_nested) put_parameters(file, quirks, &value);
    if (template == DO_FMD)
        put_management(file, &value);
    else if (template == DO_FCI && !is_nested && file->label[0])
        tlv_put(&value, DO_APPLICATION_LABEL, bytes_of(file->label, strlen(file->label)));
    if (value.failed) writer->failed = true;
    tlv_put(writer, template, byte_writer_written(&value));
}

/* What the parameters say, besides what stands in the file already. */
struct shape
{
    bool has_descriptor;
    bool has_size;
    bool has_id;
    bool has_short_id; /**< DO 88 was there; without it one follows from the file id */
    size_t size;
    size_t record_count;
};

static bool read_number(struct bytes value, size_t len_max, size_t *number)
{
    if (value.len == 0 || value.len > len_max) return false;
    *number = 0;
    for (size_t i = 0; i < value.len; i++)
        *number = *number << 8 | value.data[i];
    return true;
}

static bool read_descriptor(struct bytes value, struct card_file *file, struct shape *shape)
{
    struct byte_reader reader = byte_reader_of(value);
    uint8_t descriptor = byte_reader_u8(&reader) & (uint8_t)~DESCRIPTOR_SHAREABLE;
    if (reader.failed || descriptor & 0x80) return false;
    shape->has_descriptor = true;
    file->has_tlv_records = false;
    if (descriptor == FILE_DF || descriptor == FILE_TRANSPARENT)
        file->kind = (enum file_kind)descriptor;
    else
    {
        uint8_t structure = descriptor & (uint8_t)~FILE_DESCRIPTOR_TLV;
        if (structure != FILE_LINEAR_FIXED && structure != FILE_LINEAR_VARIABLE &&
            structure != FILE_CYCLIC)
            return false; /* internal EFs, BER-TLV structure and what is reserved */
        file->kind = (enum file_kind)structure;
        file->has_tlv_records = descriptor & FILE_DESCRIPTOR_TLV;
    }
    if (reader.rest.len == 0) return !file_has_records(file);
    uint8_t coding = byte_reader_u8(&reader);
    file->write_mode = (enum file_write_mode)(coding & CODING_WRITE_MASK);
    file->erased_value = coding & CODING_ERASED_FF ? 0xFF : 0x00;
    if (!file_has_records(file)) return reader.rest.len == 0;
    if (reader.rest.len == 0) return false;
    if (reader.rest.len == 1)
        file->record_len = byte_reader_u8(&reader);
    else
        file->record_len = byte_reader_u16(&reader);
    size_t count = 0;
    if (reader.rest.len > 2) return false;
    if (reader.rest.len && !read_number(reader.rest, 2, &count)) return false;
    shape->record_count = count;
    return file->record_len > 0 && count <= RECORD_COUNT_MAX;
}

static bool read_life_cycle(struct bytes value, struct card_file *file)
{
    if (value.len != 1) return false;
    switch (value.data[0])
    {
    case LIFE_CREATION:
    case LIFE_INITIALISATION:
    case LIFE_DEACTIVATED:
    case LIFE_ACTIVATED:
        file->life_cycle = (enum file_life_cycle)value.data[0];
        return true;
    case LIFE_DEACTIVATED | 0x02:
        file->life_cycle = LIFE_DEACTIVATED;
        return true;
    case LIFE_ACTIVATED | 0x02:
        file->life_cycle = LIFE_ACTIVATED;
        return true;
    default:
        return false;
    }
}

static bool read_short_id(struct bytes value, struct card_file *file, struct shape *shape)
{
    shape->has_short_id = true;
    if (value.len == 0) return true; /* explicitly none */
    if (value.len != 1 || value.data[0] & 0x07) return false;
    file->short_id = value.data[0] >> 3;
    return file->short_id >= 1 && file->short_id <= FILE_SHORT_ID_MAX;
}

static bool read_parameter(const struct tlv *object, struct card_file *file, struct shape *shape)
{
    size_t number = 0;
    switch (object->tag)
    {
    case DO_SIZE:
    case DO_TOTAL_SIZE:
        if (!read_number(object->value, 4, &number) || number > FILE_SIZE_MAX) return false;
        if (object->tag == DO_SIZE || !shape->has_size) shape->size = number;
        shape->has_size = true;
        return true;
    case DO_DESCRIPTOR:
        return read_descriptor(object->value, file, shape);
    case DO_FILE_ID:
        if (object->value.len != 2) return false;
        file->id = (uint16_t)(object->value.data[0] << 8 | object->value.data[1]);
        shape->has_id = true;
        return file->id != FILE_ID_MF && file->id != FILE_ID_CURRENT_DF &&
               file->id != FILE_ID_RESERVED && file->id != 0;
    case DO_DF_NAME:
        if (object->value.len == 0 || object->value.len > FILE_NAME_MAX) return false;
        memcpy(file->name, object->value.data, object->value.len);
        file->name_len = object->value.len;
        return true;
    case DO_SHORT_ID:
        return read_short_id(object->value, file, shape);
    case DO_LIFE_CYCLE:
        return read_life_cycle(object->value, file);
    case DO_SECURITY_COMPACT:
        return access_rules_decode_compact(object->value, file->access);
    case DO_SECURITY_EXPANDED:
        return access_rules_decode_expanded(object->value, file->access);
    default:
        return true; /* parameters this card has no use for are no error */
    }
}

/* Gives the file its size, where the parameters agree with its structure. */
static uint16_t give_size(struct card_file *file, const struct shape *shape, size_t memory_left)
{
    if (file->kind == FILE_DF) return SW_OK;
    size_t size = shape->size;
    if (file->kind == FILE_LINEAR_FIXED || file->kind == FILE_CYCLIC)
    {
        size_t count = shape->record_count;
        if (count == 0) count = size / file->record_len;
        if (count == 0) return SW_BAD_DATA;
        if (shape->has_size && size < count * file->record_len) return SW_BAD_DATA;
        file->record_count_max = count > RECORD_COUNT_MAX ? RECORD_COUNT_MAX : count;
        return file->record_len * file->record_count_max <= memory_left ? SW_OK
                                                                        : SW_NOT_ENOUGH_MEMORY;
    }
    if (!shape->has_size) return SW_BAD_DATA;
    if (size > memory_left) return SW_NOT_ENOUGH_MEMORY;
    if (file->kind == FILE_LINEAR_VARIABLE)
    {
        file->size = size;
        file->record_count_max = shape->record_count ? shape->record_count : RECORD_COUNT_MAX;
        return SW_OK;
    }
    return file_allocate(file, size) ? SW_OK : SW_MEMORY_FAILURE;
}

uint16_t control_info_decode(struct bytes parameters, size_t memory_left, struct card_file **file)
{
    *file = NULL;
    struct card_file *made = file_new(FILE_TRANSPARENT, 0);
    if (!made) return SW_MEMORY_FAILURE;

    struct shape shape = { 0 };
    struct byte_reader reader = byte_reader_of(parameters);
    struct tlv object;
    uint16_t sw = SW_OK;
    while (sw == SW_OK && tlv_next(&reader, &object))
        if (!read_parameter(&object, made, &shape)) sw = SW_BAD_DATA;
    if (reader.failed || !shape.has_descriptor || !shape.has_id) sw = SW_BAD_DATA;
    if (file_is_df(made) ? made->short_id != 0 : made->name_len != 0) sw = SW_BAD_DATA;
    if (sw == SW_OK && !file_is_df(made) && !shape.has_short_id)
    {
        uint8_t derived = made->id & 0x1F; /* clause 7.3.1.2: the low five bits of the file id */
        made->short_id = derived <= FILE_SHORT_ID_MAX ? derived : 0;
    }
    if (sw == SW_OK) sw = give_size(made, &shape, memory_left);
    if (sw != SW_OK)
    {
        file_free(made);
        return sw;
    }
    *file = made;
    return SW_OK;
}
