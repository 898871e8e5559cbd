/*
 * ber_tlv - BER-TLV data objects in a span of bytes.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 6.3 (BER-TLV data objects)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/ber_tlv.h"

#define TAG_NUMBER_MASK  0x1F /* all ones: the number is in the next bytes */
#define TAG_MORE         0x80
#define TAG_CONSTRUCTED  0x20
#define TAG_LEN_MAX      3
#define LENGTH_LONG_FORM 0x80
#define LENGTH_BYTES_MAX 4
#define LENGTH_SHORT_MAX 0x7F
#define FILL_ZERO        0x00
#define FILL_ERASED      0xFF

uint32_t ber_tlv_read_tag(struct byte_reader *reader)
{
    uint32_t tag = byte_reader_u8(reader);
    if ((tag & TAG_NUMBER_MASK) != TAG_NUMBER_MASK) return tag;
    for (size_t len = 2; len <= TAG_LEN_MAX && !reader->failed; len++)
    {
        uint8_t next = byte_reader_u8(reader);
        tag = tag << 8 | next;
        if (!(next & TAG_MORE)) return tag;
    }
    reader->failed = true;
    return 0;
}

static size_t read_length(struct byte_reader *reader)
{
    uint32_t len = byte_reader_u8(reader);
    if (!(len & LENGTH_LONG_FORM)) return len;
    size_t bytes_count = len & LENGTH_SHORT_MAX;
    if (bytes_count == 0 || bytes_count > LENGTH_BYTES_MAX) reader->failed = true;
    len = 0;
    for (size_t i = 0; i < bytes_count && !reader->failed; i++)
        len = len << 8 | byte_reader_u8(reader);
    return len;
}

static void skip_fill(struct byte_reader *reader)
{
    while (reader->rest.len &&
           (reader->rest.data[0] == FILL_ZERO || reader->rest.data[0] == FILL_ERASED))
        byte_reader_u8(reader);
}

bool ber_tlv_next(struct byte_reader *reader, struct ber_tlv *object)
{
    *object = (struct ber_tlv){ 0 };
    if (reader->failed) return false;
    skip_fill(reader);
    if (reader->rest.len == 0) return false;

    struct bytes start = reader->rest;
    uint32_t tag = ber_tlv_read_tag(reader);
    size_t len = read_length(reader);
    struct bytes value = byte_reader_take(reader, len);
    if (reader->failed) return false;
    object->tag = tag;
    object->value = value;
    object->whole = bytes_of(start.data, start.len - reader->rest.len);
    return true;
}

bool ber_tlv_find(struct bytes span, uint32_t tag, struct ber_tlv *object)
{
    struct byte_reader reader = byte_reader_of(span);
    while (ber_tlv_next(&reader, object))
        if (object->tag == tag) return true;
    return false;
}

static unsigned tag_len(uint32_t tag)
{
    return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

bool ber_tlv_is_constructed(uint32_t tag)
{
    return tag >> 8 * (tag_len(tag) - 1) & TAG_CONSTRUCTED;
}

bool ber_tlv_is_tag(uint32_t tag)
{
    if (tag == 0 || tag > 0xFFFFFF) return false;
    const uint8_t bytes[] = { (uint8_t)(tag >> 16), (uint8_t)(tag >> 8), (uint8_t)tag };
    size_t len = tag_len(tag);
    struct byte_reader reader = byte_reader_of(bytes_of(bytes + TAG_LEN_MAX - len, len));
    return ber_tlv_read_tag(&reader) == tag && !reader.failed && reader.rest.len == 0;
}

static unsigned number_len(size_t number)
{
    return number > 0xFFFFFF ? 4 : number > 0xFFFF ? 3 : number > 0xFF ? 2 : 1;
}

size_t ber_tlv_header_len(uint32_t tag, size_t value_len)
{
    size_t length_len = value_len <= LENGTH_SHORT_MAX ? 1 : 1 + number_len(value_len);
    return tag_len(tag) + length_len;
}

static void put_number(struct byte_writer *writer, size_t number, unsigned len)
{
    while (len-- > 0)
        byte_writer_u8(writer, (uint8_t)(number >> 8 * len));
}

void ber_tlv_put_header(struct byte_writer *writer, uint32_t tag, size_t value_len)
{
    put_number(writer, tag, tag_len(tag));
    if (value_len > LENGTH_SHORT_MAX)
    {
        byte_writer_u8(writer, (uint8_t)(LENGTH_LONG_FORM | number_len(value_len)));
        put_number(writer, value_len, number_len(value_len));
    }
    else
        byte_writer_u8(writer, (uint8_t)value_len);
}

void ber_tlv_put(struct byte_writer *writer, uint32_t tag, struct bytes value)
{
    if (ber_tlv_header_len(tag, value.len) + value.len > writer->capacity - writer->len)
    {
        writer->failed = true;
        return;
    }
    ber_tlv_put_header(writer, tag, value.len);
    byte_writer_put(writer, value);
}

bool ber_tlv_number(struct bytes value, uint32_t *number)
{
    *number = 0;
    if (value.len == 0) return false;
    for (size_t i = 0; i < value.len; i++)
    {
        if (*number > 0xFFFFFF) return false;
        *number = *number << 8 | value.data[i];
    }
    return true;
}
