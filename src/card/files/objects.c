/*
 * objects - data objects one behind the other, as control information has them.
 * Layer: card/files (calls iso7816; pure: no card is asked).
 * Standard: ISO/IEC 7816-4:2020 clause 6 (BER-TLV)
 * SPDX-License-Identifier: MIT
 */
#include "card/files/objects.h"

#include "iso7816/ber_tlv.h"

/* Of a tag and a length. */
#define HEADER_MAX 12

bool data_objects_next(struct byte_reader *reader, struct bytes *whole)
{
    struct ber_tlv object;
    bool is_there = ber_tlv_next(reader, &object);
    *whole = object.whole;
    return is_there;
}

bool data_objects_leading_tag(struct bytes record, struct bytes *tag)
{
    struct byte_reader reader = byte_reader_of(record);
    uint32_t read = ber_tlv_read_tag(&reader);
    *tag = bytes_of(record.data, record.len - reader.rest.len);
    return read != 0 && !reader.failed;
}

bool data_objects_add(struct secret_bytes *data, uint32_t tag, struct bytes value)
{
    uint8_t header[HEADER_MAX];
    struct byte_writer writer = byte_writer_of(header, sizeof(header));

    ber_tlv_put_header(&writer, tag, value.len);
    return secret_bytes_add(data, byte_writer_written(&writer)) && secret_bytes_add(data, value);
}

bool data_objects_are_whole(struct bytes objects)
{
    struct byte_reader reader = byte_reader_of(objects);
    struct ber_tlv object;
    while (ber_tlv_next(&reader, &object))
        continue;
    return !reader.failed;
}
