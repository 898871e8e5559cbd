/*
 * tlv - BER-TLV data objects, read strictly and written in the shortest form.
 * Layer: simcard (uses base).
 * Standard: ISO/IEC 7816-4:2013 clause 5.2.2.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/tlv.h"

#define TLV_TAG_GOES_ON      0x1Fu /* low five bits of a first tag byte: more bytes follow */
#define TLV_TAG_BYTES_MAX    3
#define TLV_LENGTH_BYTES_MAX 3
#define TLV_LENGTH_MAX       0xFFFFFFu

static uint32_t read_tag(struct byte_reader *reader)
{
    uint32_t tag = byte_reader_u8(reader);
    if ((tag & TLV_TAG_GOES_ON) != TLV_TAG_GOES_ON) return tag;
    for (int i = 1; i < TLV_TAG_BYTES_MAX; i++)
    {
        uint8_t next = byte_reader_u8(reader);
        tag = tag << 8 | next;
        if (!(next & 0x80)) return tag;
    }
    reader->failed = true; /* a fourth tag byte */
    return 0;
}

static size_t read_length(struct byte_reader *reader)
{
    uint8_t first = byte_reader_u8(reader);
    if (first < 0x80) return first;
    int count = first & 0x7F;
    if (count == 0 || count > TLV_LENGTH_BYTES_MAX)
    {
        reader->failed = true; /* indefinite, or longer than any card's file */
        return 0;
    }
    size_t length = 0;
    while (count-- > 0)
        length = length << 8 | byte_reader_u8(reader);
    return length;
}

bool tlv_next(struct byte_reader *reader, struct tlv *object)
{
    *object = (struct tlv){ 0, { NULL, 0 } };
    if (reader->failed || reader->rest.len == 0) return false;

    uint32_t tag = read_tag(reader);
    size_t length = read_length(reader);
    struct bytes value = byte_reader_take(reader, length);
    if (tag == 0) reader->failed = true; /* '00' is padding, never a tag */
    if (reader->failed) return false;
    *object = (struct tlv){ tag, value };
    return true;
}

bool tlv_find(struct bytes objects, uint32_t tag, struct bytes *value)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct tlv object;
    *value = bytes_of(NULL, 0);
    while (tlv_next(&reader, &object))
    {
        if (object.tag != tag) continue;
        *value = object.value;
        return true;
    }
    return false;
}

bool tlv_is_well_formed(struct bytes objects)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct tlv object;
    while (tlv_next(&reader, &object))
        continue;
    return !reader.failed;
}

static size_t tag_len(uint32_t tag)
{
    return tag > 0xFFFF ? 3 : tag > 0xFF ? 2 : 1;
}

size_t tlv_header_len(uint32_t tag, size_t value_len)
{
    return tag_len(tag) + (value_len < 0x80      ? 1
                           : value_len < 0x100   ? 2
                           : value_len < 0x10000 ? 3
                                                 : 4);
}

void tlv_put_header(struct byte_writer *writer, uint32_t tag, size_t value_len)
{
    if (value_len > TLV_LENGTH_MAX)
    {
        writer->failed = true;
        return;
    }
    for (size_t i = tag_len(tag); i-- > 0;)
        byte_writer_u8(writer, (uint8_t)(tag >> (8 * i)));
    size_t length_bytes = tlv_header_len(tag, value_len) - tag_len(tag) - 1;
    if (length_bytes > 0) byte_writer_u8(writer, (uint8_t)(0x80 | length_bytes));
    for (size_t i = length_bytes ? length_bytes : 1; i-- > 0;)
        byte_writer_u8(writer, (uint8_t)(value_len >> (8 * i)));
}

void tlv_put(struct byte_writer *writer, uint32_t tag, struct bytes value)
{
    tlv_put_header(writer, tag, value.len);
    byte_writer_put(writer, value);
}
