/*
 * password_attributes - what an application of ISO/IEC 7816-15 (PKCS#15) tells of a PIN.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-15:2016 clauses 8.2.8 (objects), 8.9 (authentication objects), 8.9.2
 *           (passwords)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/password_attributes.h"

#define TAG_INTEGER      0x02
#define TAG_BIT_STRING   0x03
#define TAG_OCTET_STRING 0x04
#define TAG_ENUMERATED   0x0A
#define TAG_SEQUENCE     0x30
#define TAG_REFERENCE    0x80 /* [0], of the password's attributes */
#define TAG_SUBCLASS     0xA0 /* [0], of the object */
#define TAG_TYPE         0xA1 /* [1], of the object */

/* Bits of the flags, the first one 0. */
#define FLAG_LOCAL     1
#define FLAG_PADDED    5
#define FLAG_UNBLOCKS  6
#define FLAG_OFFICERS  7
#define PADDING_UNTOLD 0xFF

static bool has_flag(struct bytes bits, unsigned number)
{
    size_t at = 1 + number / 8; /* behind the count of unused bits */
    return at < bits.len && bits.data[at] & 0x80 >> number % 8;
}

/* A reference is an INTEGER: with bit 8 set it comes with 00 in front, or is called negative. */
static bool read_reference(struct bytes value, uint8_t *reference)
{
    if (value.len == 0) return false;
    *reference = value.data[value.len - 1];
    uint8_t sign = value.data[0] == 0xFF && *reference & 0x80 ? 0xFF : 0x00;
    for (size_t i = 0; i + 1 < value.len; i++)
        if (value.data[i] != sign) return false;
    return true;
}

/* What follows the five first members; each may be missing. */
static bool read_options(struct byte_reader *reader, struct password_attributes *password)
{
    struct ber_tlv member;

    while (ber_tlv_next(reader, &member))
        switch (member.tag)
        {
        case TAG_INTEGER:
            if (!ber_tlv_number(member.value, &password->len_max)) return false;
            break;
        case TAG_REFERENCE:
            if (!read_reference(member.value, &password->reference)) return false;
            break;
        case TAG_OCTET_STRING:
            if (member.value.len != 1) return false;
            password->padding = member.value.data[0];
            break;
        case TAG_SEQUENCE:
            if (!cryptographic_path_read(&member, &password->path))
                password->path = (struct cryptographic_path){ 0 };
            break;
        }
    return !reader->failed;
}

static bool read_type(struct bytes attributes, struct password_attributes *password)
{
    struct byte_reader reader = byte_reader_of(attributes);
    struct ber_tlv flags, type, len_min, stored_len;
    uint32_t encoding;

    if (!ber_tlv_next(&reader, &flags) || flags.tag != TAG_BIT_STRING || flags.value.len == 0 ||
        !ber_tlv_next(&reader, &type) || type.tag != TAG_ENUMERATED ||
        !ber_tlv_number(type.value, &encoding) || encoding > PASSWORD_ISO9564_1 ||
        !ber_tlv_next(&reader, &len_min) || len_min.tag != TAG_INTEGER ||
        !ber_tlv_number(len_min.value, &password->len_min) || !ber_tlv_next(&reader, &stored_len) ||
        stored_len.tag != TAG_INTEGER || !ber_tlv_number(stored_len.value, &password->stored_len))
        return false;
    password->encoding = (enum password_encoding)encoding;
    password->is_local = has_flag(flags.value, FLAG_LOCAL);
    password->is_padded = has_flag(flags.value, FLAG_PADDED);
    password->is_unblocking = has_flag(flags.value, FLAG_UNBLOCKS);
    password->is_officers = has_flag(flags.value, FLAG_OFFICERS);
    password->padding = PADDING_UNTOLD;
    return read_options(&reader, password);
}

/* The first OCTET STRING of attributes: an identifier. Others there are texts and numbers. */
static struct bytes identifier_in(struct bytes attributes)
{
    struct ber_tlv member;
    return ber_tlv_find(attributes, TAG_OCTET_STRING, &member) ? member.value : bytes_of(NULL, 0);
}

static bool read_object(const struct ber_tlv *object, struct password_attributes *password)
{
    struct byte_reader reader = byte_reader_of(object->value);
    struct ber_tlv common, class, member, type;

    /* Biometric data and keys, the other kinds of authentication objects, have tags of their own. */
    if (object->tag != TAG_SEQUENCE || !ber_tlv_next(&reader, &common) ||
        common.tag != TAG_SEQUENCE || !ber_tlv_next(&reader, &class) || class.tag != TAG_SEQUENCE ||
        !ber_tlv_next(&reader, &member))
        return false;
    if (member.tag == TAG_SUBCLASS && !ber_tlv_next(&reader, &member)) return false;
    if (member.tag != TAG_TYPE || !ber_tlv_find(member.value, TAG_SEQUENCE, &type)) return false;
    password->guard_id = identifier_in(common.value);
    password->id = identifier_in(class.value);
    return read_type(type.value, password);
}

bool password_attributes_read(const struct ber_tlv *object, struct password_attributes *password)
{
    *password = (struct password_attributes){ 0 };
    bool is_one = read_object(object, password);
    if (!is_one) *password = (struct password_attributes){ 0 };
    return is_one;
}
