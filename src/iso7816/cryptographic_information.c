/*
 * cryptographic_information - what an application of ISO/IEC 7816-15 (PKCS#15) tells of its files.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-15:2016 clauses 8.2.5 (Path), 8.3 to 8.9; ISO/IEC 8825-1 (DER)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/cryptographic_information.h"

#define TAG_INTEGER         0x02
#define TAG_OCTET_STRING    0x04
#define TAG_SEQUENCE        0x30
#define TAG_PATH_LENGTH     0x80 /* [0] of Path */
#define TAG_TYPE_ATTRIBUTES 0xA1 /* [1] of an object */
#define TAG_CHOICE          0xA0 /* [0] to [8] of EF.OD */
#define CHOICE_MAX          CRYPTOGRAPHIC_AUTHENTICATION_OBJECTS
#define ID_LEN              2

bool cryptographic_path_read(const struct ber_tlv *object, struct cryptographic_path *path)
{
    struct byte_reader reader = byte_reader_of(object->value);
    struct ber_tlv ids, part;

    *path = (struct cryptographic_path){ 0 };
    if (object->tag != TAG_SEQUENCE) return false;
    if (!ber_tlv_next(&reader, &ids) || ids.tag != TAG_OCTET_STRING) return false;
    if (ids.value.len == 0 || ids.value.len % ID_LEN) return false;
    path->ids = ids.value;
    while (ber_tlv_next(&reader, &part))
    {
        uint32_t number;
        if (!ber_tlv_number(part.value, &number)) continue;
        if (part.tag == TAG_INTEGER) path->has_part = true;
        if (part.tag == TAG_INTEGER) path->index = number;
        if (part.tag == TAG_PATH_LENGTH) path->len = number;
    }
    return true;
}

bool cryptographic_next_directory(struct byte_reader *od, enum cryptographic_kind *kind,
                                  struct cryptographic_path *path)
{
    struct ber_tlv choice, object;

    while (ber_tlv_next(od, &choice))
    {
        if (choice.tag < TAG_CHOICE || choice.tag > TAG_CHOICE + CHOICE_MAX) continue;
        struct byte_reader reader = byte_reader_of(choice.value);
        if (!ber_tlv_next(&reader, &object) || !cryptographic_path_read(&object, path)) continue;
        *kind = (enum cryptographic_kind)(choice.tag - TAG_CHOICE);
        return true;
    }
    return false;
}

bool cryptographic_next_object(struct byte_reader *directory, struct ber_tlv *object)
{
    while (ber_tlv_next(directory, object))
        if (ber_tlv_is_constructed(object->tag)) return true;
    return false;
}

bool cryptographic_object_path(struct bytes attributes, struct cryptographic_path *path)
{
    struct ber_tlv type, inner, object;

    *path = (struct cryptographic_path){ 0 };
    if (!ber_tlv_find(attributes, TAG_TYPE_ATTRIBUTES, &type)) return false;
    struct byte_reader reader = byte_reader_of(type.value);
    if (!ber_tlv_next(&reader, &inner)) return false;
    /* The attributes may be the Path itself. */
    if (cryptographic_path_read(&inner, path)) return true;
    if (inner.tag != TAG_SEQUENCE) return false;
    reader = byte_reader_of(inner.value);
    while (ber_tlv_next(&reader, &object))
        if (cryptographic_path_read(&object, path)) return true;
    return false;
}
