/*
 * ber_tlv - data objects: what is read as one lies inside the bytes, and written again it is read
 *           as the same.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdlib.h>

#include "iso7816/ber_tlv.h"

#define DEPTH_MAX 8

static void check_object(const struct ber_tlv *object)
{
    size_t capacity = object->value.len + 16;
    uint8_t *room = malloc(capacity);
    struct byte_writer writer = byte_writer_of(room, capacity);
    struct ber_tlv again;

    ber_tlv_put(&writer, object->tag, object->value);
    FUZZ_CHECK(!writer.failed);
    struct byte_reader reader = byte_reader_of(byte_writer_written(&writer));
    FUZZ_CHECK(ber_tlv_next(&reader, &again));
    FUZZ_CHECK(again.tag == object->tag);
    FUZZ_CHECK(bytes_equal(again.value, object->value));
    free(room);
}

static void walk(struct bytes span, unsigned depth)
{
    struct byte_reader reader = byte_reader_of(span);
    struct ber_tlv object, found;
    size_t before = span.len;

    while (ber_tlv_next(&reader, &object))
    {
        FUZZ_CHECK(reader.rest.len < before);
        before = reader.rest.len;
        FUZZ_CHECK(object.value.len <= object.whole.len);
        FUZZ_CHECK(ber_tlv_find(span, object.tag, &found));
        check_object(&object);
        if (depth < DEPTH_MAX) walk(object.value, depth + 1);
    }
}

void fuzz_ber_tlv(struct bytes input)
{
    uint32_t number;

    walk(input, 0);
    ber_tlv_number(input, &number);
}
