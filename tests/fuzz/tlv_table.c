/*
 * tlv_table - properties of files to be, and to be changed, as clients give them.
 * Layer: tests. The first byte chooses what is done; the next one how much of the rest is data.
 * SPDX-License-Identifier: MIT
 */
#include "fuzz/targets.h"

#include <stdlib.h>

#include "card/files/creation.h"
#include "card/files/objects.h"
#include "card/files/properties.h"
#include "fuzz/played_card.h"
#include "system/memory.h"

/* Each record of a client's table: only its tag is looked at, or all of it goes on. */
static void read_records(struct bytes table)
{
    struct byte_reader reader = byte_reader_of(table);
    struct bytes record, tag;
    size_t before = table.len;

    while (data_objects_next(&reader, &record))
    {
        FUZZ_CHECK(reader.rest.len < before);
        before = reader.rest.len;
        FUZZ_CHECK(data_objects_leading_tag(record, &tag));
        FUZZ_CHECK(tag.len > 0 && tag.len <= record.len);
    }
    data_objects_leading_tag(table, &tag);
}

void fuzz_tlv_table(struct bytes input)
{
    struct byte_reader reader = byte_reader_of(input);
    uint8_t action = byte_reader_u8(&reader);
    struct bytes data = byte_reader_take(&reader, byte_reader_u8(&reader));
    struct card_fault fault = card_fault_none();
    struct secret_bytes properties = secret_bytes_from(&system_memory);
    struct played_card played;

    if (reader.failed) return;
    /* A card that answers 9000 to everything, or what the data says. */
    played_card_begin(&played, PCSC_PROTOCOL_T1, action & 0x80 ? data : bytes_of(NULL, 0));
    struct card_path parent = { .is_absolute = true }, path = parent;
    card_path_add_id(&path, 0x6F01);
    read_records(reader.rest);
    switch (action & 0x03)
    {
    case 0:
        card_file_create(played.files, &parent, &path.elements[0], reader.rest, data, &fault);
        break;
    case 1:
        card_file_set_properties(played.files, &path, reader.rest, &fault);
        break;
    default:
        card_file_properties(played.files, &path, reader.rest, CARD_PROPERTIES_ALL, &properties,
                             &fault);
        break;
    }
    secret_bytes_free(&properties);
    played_card_end(&played);
}
