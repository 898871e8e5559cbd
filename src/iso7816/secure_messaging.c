/*
 * secure_messaging - commands made secret and unforgeable, answers opened and proven.
 * Layer: iso7816 (no I/O; the ciphers are handed in).
 * Standard: ISO/IEC 7816-4:2020 clause 10; ICAO Doc 9303 part 11 (8th edition) clause 9.8
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/secure_messaging.h"

#include "base/wipe.h"
#include "iso7816/ber_tlv.h"

#define HEADER_LEN 4

/* Data objects, ISO/IEC 7816-4:2020 clause 10.2; bit 1 of the tag: counts for the MAC. */
#define DO_PLAIN         0x81
#define DO_SECRET_TLV    0x85 /* cryptogram of data objects: of odd instructions */
#define DO_SECRET        0x87 /* padding indicator and cryptogram */
#define DO_MAC           0x8E
#define DO_LE            0x97
#define DO_STATUS        0x99
#define PADDING_METHOD_2 0x01 /* padding indicator: 80 and zeros */

#define CODE_OBJECT_LEN   (2 + SECURE_MESSAGING_MAC_LEN)
#define LE_OBJECT_MAX     4
#define STATUS_OBJECT_LEN 4

static size_t block_len_of(const struct secure_channel *channel)
{
    return block_cipher_block_len(block_cipher_kind_of(channel->cipher));
}

size_t secure_messaging_counter_len(const struct secure_channel *channel)
{
    return block_len_of(channel);
}

static size_t padded_len(size_t len, size_t block_len)
{
    return (len / block_len + 1) * block_len;
}

/* The most data whose object, padding and all, is not longer than `len`. */
static size_t data_within(const struct secure_channel *channel, size_t len)
{
    size_t block_len = block_len_of(channel);
    size_t padded = len / block_len * block_len;

    while (padded > 0 && ber_tlv_header_len(DO_SECRET, padded + 1) + 1 + padded > len)
        padded -= block_len;
    return padded > 0 ? padded - 1 : 0;
}

size_t secure_messaging_data_max(const struct secure_channel *channel, size_t wrapped_max)
{
    size_t others = LE_OBJECT_MAX + CODE_OBJECT_LEN;
    return wrapped_max > others ? data_within(channel, wrapped_max - others) : 0;
}

uint32_t secure_messaging_answer_max(const struct secure_channel *channel, uint32_t wrapped_max)
{
    uint32_t others = STATUS_OBJECT_LEN + CODE_OBJECT_LEN;
    return wrapped_max > others ? (uint32_t)data_within(channel, wrapped_max - others) : 0;
}

size_t secure_messaging_room(const struct secure_channel *channel, size_t data_len)
{
    size_t value_len = 1 + padded_len(data_len, block_len_of(channel));
    return ber_tlv_header_len(DO_SECRET, value_len) + value_len + LE_OBJECT_MAX + CODE_OBJECT_LEN;
}

static void count(struct secure_channel *channel)
{
    for (size_t i = block_len_of(channel); i > 0; i--)
        if (++channel->counter[i - 1] != 0) break;
}

/* The initial vector of the message that is counted now; NULL: zeros. */
static scm_result initial_vector(struct secure_channel *channel, uint8_t *room, const uint8_t **iv)
{
    *iv = NULL;
    if (block_cipher_kind_of(channel->cipher) != BLOCK_CIPHER_AES) return HR_OK;
    memcpy(room, channel->counter, AES_BLOCK_LEN);
    *iv = room;
    return block_cipher_encrypt(channel->cipher, room, AES_BLOCK_LEN);
}

/* The padding that makes a length whole blocks, as an explicit part of what is coded. */
static struct bytes padding_for(size_t len, size_t block_len)
{
    static const uint8_t padding[BLOCK_CIPHER_BLOCK_MAX] = { BLOCK_MAC_PADDING };
    return bytes_of(padding, padded_len(len, block_len) - len);
}

/*
 * The MAC of a message: the counter, a command's header filled to a block, the data objects, and
 * padding. The retail MAC pads by itself; CMAC does not, so it gets the padding.
 */
static scm_result compute_mac(struct secure_channel *channel, struct bytes header,
                              struct bytes objects, uint8_t code[BLOCK_MAC_MAX])
{
    size_t block_len = block_len_of(channel), count = 0;
    struct bytes parts[5];
    bool pads_itself = block_mac_kind_of(channel->mac) == BLOCK_MAC_RETAIL;

    parts[count++] = bytes_of(channel->counter, block_len);
    if (header.len)
    {
        parts[count++] = header;
        if (objects.len || !pads_itself) parts[count++] = padding_for(header.len, block_len);
    }
    if (objects.len)
    {
        parts[count++] = objects;
        if (!pads_itself) parts[count++] = padding_for(objects.len, block_len);
    }
    return block_mac_compute(channel->mac, parts, count, code);
}

static scm_result put_secret(struct secure_channel *channel, const struct apdu_command *plain,
                             struct byte_writer *room)
{
    size_t block_len = block_len_of(channel);
    size_t len = padded_len(plain->data.len, block_len);
    bool is_tlv = plain->ins & 1;
    uint8_t vector[BLOCK_CIPHER_BLOCK_MAX];
    const uint8_t *iv;

    ber_tlv_put_header(room, is_tlv ? DO_SECRET_TLV : DO_SECRET, is_tlv ? len : len + 1);
    if (!is_tlv) byte_writer_u8(room, PADDING_METHOD_2);
    size_t start = room->len;
    byte_writer_put(room, plain->data);
    byte_writer_put(room, padding_for(plain->data.len, block_len));
    if (room->failed) return SC_E_UNSUPPORTED_FEATURE;
    scm_result result = initial_vector(channel, vector, &iv);
    if (result_failed(result)) return result;
    return block_cipher_cbc_encrypt(channel->cipher, iv, room->data + start, len);
}

static void put_le(uint32_t ne, struct byte_writer *room)
{
    const uint8_t le[] = { (uint8_t)(ne >> 8), (uint8_t)ne };
    bool is_short = ne <= APDU_SHORT_NE_MAX;
    ber_tlv_put(room, DO_LE, bytes_of(le + (is_short ? 1 : 0), is_short ? 1 : 2));
}

scm_result secure_messaging_wrap(struct secure_channel *channel, const struct apdu_command *plain,
                                 struct byte_writer *room, struct apdu_command *wrapped)
{
    uint8_t code[BLOCK_MAC_MAX];
    uint8_t header[HEADER_LEN] = { (uint8_t)(plain->cla | SECURE_MESSAGING_CLA), plain->ins,
                                   plain->p1, plain->p2 };
    scm_result result = HR_OK;

    count(channel);
    if (plain->data.len) result = put_secret(channel, plain, room);
    if (result_failed(result)) return result;
    if (plain->ne) put_le(plain->ne, room);
    if (room->failed) return SC_E_UNSUPPORTED_FEATURE;
    result =
        compute_mac(channel, bytes_of(header, sizeof(header)), byte_writer_written(room), code);
    if (result_failed(result)) return result;
    ber_tlv_put(room, DO_MAC, bytes_of(code, SECURE_MESSAGING_MAC_LEN));
    if (room->failed) return SC_E_UNSUPPORTED_FEATURE;

    bool is_long = plain->ne > APDU_SHORT_NE_MAX || room->len > APDU_SHORT_LC_MAX;
    *wrapped = *plain;
    wrapped->cla = header[0];
    wrapped->data = byte_writer_written(room);
    wrapped->ne = is_long ? APDU_EXTENDED_NE_MAX : APDU_SHORT_NE_MAX;
    return HR_OK;
}

/* The objects of an answer, each of which may come once. */
struct answer_objects
{
    struct ber_tlv data;   /* 81, 85 or 87; tag 0 where there is none */
    struct ber_tlv status; /* 99 */
    struct ber_tlv code;   /* 8E, the last one */
    size_t coded_len;      /* bytes before it */
};

static enum secure_fault read_objects(struct bytes answer, struct answer_objects *objects)
{
    struct byte_reader reader = byte_reader_of(answer);
    struct ber_tlv object;

    *objects = (struct answer_objects){ 0 };
    while (objects->code.tag == 0 && reader.rest.len > 0)
    {
        size_t before = reader.rest.len;
        if (!ber_tlv_next(&reader, &object)) return SECURE_FAULT_FORM;
        /* Bytes between objects would not be where the MAC thinks they are. */
        if (object.whole.len != before - reader.rest.len) return SECURE_FAULT_FORM;
        switch (object.tag)
        {
        case DO_PLAIN:
        case DO_SECRET_TLV:
        case DO_SECRET:
            if (objects->data.tag || objects->status.tag) return SECURE_FAULT_FORM;
            objects->data = object;
            break;
        case DO_STATUS:
            if (objects->status.tag || object.value.len != 2) return SECURE_FAULT_FORM;
            objects->status = object;
            break;
        case DO_MAC:
            objects->code = object;
            objects->coded_len = answer.len - before;
            break;
        default:
            return SECURE_FAULT_FORM;
        }
    }
    if (objects->code.tag == 0) return SECURE_FAULT_NOT_PROTECTED;
    bool is_whole = reader.rest.len == 0 && objects->status.tag != 0 &&
                    objects->code.value.len == SECURE_MESSAGING_MAC_LEN;
    return is_whole ? SECURE_FAULT_NONE : SECURE_FAULT_FORM;
}

/* Takes 80 and the zeros behind it off; false where they are not there. */
static bool take_padding_off(struct bytes *data, size_t block_len)
{
    size_t least = data->len > block_len ? data->len - block_len : 0;
    while (data->len > least && data->data[data->len - 1] == 0)
        data->len--;
    if (data->len == least || data->data[data->len - 1] != BLOCK_MAC_PADDING) return false;
    data->len--;
    return true;
}

/* The data of its object, deciphered where it lies in the answer. */
static bool open_data(struct secure_channel *channel, uint8_t *answer, struct bytes answer_bytes,
                      const struct ber_tlv *object, struct bytes *data)
{
    uint8_t vector[BLOCK_CIPHER_BLOCK_MAX];
    const uint8_t *iv;
    struct bytes value = object->value;

    *data = value;
    if (object->tag == 0 || object->tag == DO_PLAIN) return true;
    if (object->tag == DO_SECRET)
    {
        if (value.len < 1 || value.data[0] != PADDING_METHOD_2) return false;
        value = bytes_of(value.data + 1, value.len - 1);
    }
    if (value.len == 0 || value.len % block_len_of(channel)) return false;
    uint8_t *at = answer + (value.data - answer_bytes.data);
    if (result_failed(initial_vector(channel, vector, &iv))) return false;
    if (result_failed(block_cipher_cbc_decrypt(channel->cipher, iv, at, value.len))) return false;
    *data = value;
    return take_padding_off(data, block_len_of(channel));
}

enum secure_fault secure_messaging_unwrap(struct secure_channel *channel, uint8_t *answer,
                                          size_t answer_len, uint16_t outer_sw, struct bytes *data,
                                          uint16_t *sw)
{
    struct bytes whole = bytes_of(answer, answer_len);
    struct answer_objects objects;
    uint8_t code[BLOCK_MAC_MAX];

    *data = bytes_of(NULL, 0);
    *sw = 0;
    count(channel);
    if (answer_len == 0) return SECURE_FAULT_NOT_PROTECTED;
    enum secure_fault fault = read_objects(whole, &objects);
    if (fault != SECURE_FAULT_NONE) return fault;
    scm_result result =
        compute_mac(channel, bytes_of(NULL, 0), bytes_slice(whole, 0, objects.coded_len), code);
    bool is_proven = !result_failed(result) &&
                     block_mac_equal(code, objects.code.value.data, SECURE_MESSAGING_MAC_LEN);
    wipe(code, sizeof(code));
    if (!is_proven) return SECURE_FAULT_MAC;
    uint16_t inner_sw =
        (uint16_t)(objects.status.value.data[0] << 8 | objects.status.value.data[1]);
    if (inner_sw != outer_sw) return SECURE_FAULT_STATUS;
    if (!open_data(channel, answer, whole, &objects.data, data))
    {
        *data = bytes_of(NULL, 0);
        return SECURE_FAULT_FORM;
    }
    *sw = inner_sw;
    return SECURE_FAULT_NONE;
}
