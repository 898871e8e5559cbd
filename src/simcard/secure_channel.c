/*
 * secure_channel - the card's side of secure messaging.
 * Layer: simcard (core; uses cipher, tlv, command_apdu).
 * Standard: ISO/IEC 7816-4:2013 clause 6; ICAO Doc 9303 part 11 clause 9.8
 * SPDX-License-Identifier: MIT
 */
#include "simcard/secure_channel.h"
#include "simcard/tlv.h"

#include <stdlib.h>

/* Tags, ISO/IEC 7816-4:2013 tables 32 and 33. */
#define TAG_PLAIN_VALUE    0x81 /* with 80: not counted for the MAC */
#define TAG_CRYPTOGRAM_TLV 0x85 /* plain value is BER-TLV */
#define TAG_CRYPTOGRAM     0x87 /* padding-content indicator in front */
#define TAG_CHECKSUM       0x8E
#define TAG_LE             0x97
#define TAG_STATUS         0x99

#define INDICATOR_ISO_PADDING 0x01
#define CHECKSUM_LEN          8
#define PAD_BYTE              0x80
#define HEADER_ROUNDED        CIPHER_BLOCK_MAX

void secure_channel_reset(struct secure_channel *channel)
{
    memcpy(channel->session_encryption, channel->encryption_key, sizeof(channel->encryption_key));
    memcpy(channel->session_mac, channel->mac_key, sizeof(channel->mac_key));
    memcpy(channel->counter, channel->first_counter, sizeof(channel->counter));
    channel->has_begun = false;
    channel->has_ended = channel->is_agreed; /* until there are keys */
}

static void step(struct secure_channel *channel)
{
    size_t i = channel->counter_len;
    while (i > 0 && ++channel->counter[--i] == 0)
        continue;
}

/* 80 and zeros up to a whole block. */
static void pad(struct byte_writer *writer, size_t block_len)
{
    byte_writer_u8(writer, PAD_BYTE);
    while (!writer->failed && writer->len % block_len)
        byte_writer_u8(writer, 0);
}

/* The checksum of counter, header and objects, each padded. Header and objects may be missing. */
static bool checksum(const struct secure_channel *channel, const struct command_apdu *command,
                     struct bytes objects, uint8_t sum[CIPHER_BLOCK_MAX])
{
    size_t block_len = cipher_block_len(channel->algorithm);
    size_t capacity = objects.len + 3 * CIPHER_BLOCK_MAX + HEADER_ROUNDED;
    uint8_t *message = malloc(capacity);
    if (!message) return false;
    struct byte_writer writer = byte_writer_of(message, capacity);
    byte_writer_put(&writer, bytes_of(channel->counter, channel->counter_len));
    if (command)
    {
        const uint8_t header[] = { command->cla, command->ins, command->p1, command->p2 };
        byte_writer_put(&writer, bytes_of(header, sizeof(header)));
        pad(&writer, block_len);
    }
    if (objects.len)
    {
        byte_writer_put(&writer, objects);
        pad(&writer, block_len);
    }
    bool is_done =
        !writer.failed &&
        cipher_checksum(channel->algorithm, bytes_of(channel->session_mac, channel->mac_len),
                        byte_writer_written(&writer), sum);
    explicit_bzero(message, capacity);
    free(message);
    return is_done;
}

static bool crypt(const struct secure_channel *channel, bool is_encryption, uint8_t *data,
                  size_t len)
{
    struct bytes key = bytes_of(channel->session_encryption, channel->encryption_len);
    uint8_t iv[CIPHER_BLOCK_MAX] = { 0 };
    static const uint8_t zeros[CIPHER_BLOCK_MAX];
    if (channel->algorithm == CIPHER_AES)
    {
        /* The initial vector is the enciphered counter: one block, which chaining leaves alone. */
        memcpy(iv, channel->counter, channel->counter_len);
        if (!cipher_chain(channel->algorithm, key, zeros, true, iv, sizeof(iv))) return false;
    }
    return cipher_chain(channel->algorithm, key, iv, is_encryption, data, len);
}

/* What was found in a wrapped command. */
struct command_objects
{
    bool has_data, has_le, has_checksum;
    uint32_t data_tag;
    struct bytes data, le, checksum;
    size_t counted_len; /* bytes before the checksum */
};

static uint16_t take_objects(struct bytes body, struct command_objects *objects)
{
    struct byte_reader reader = byte_reader_of(body);
    struct tlv object;
    *objects = (struct command_objects){ 0 };
    for (size_t before = body.len; tlv_next(&reader, &object); before = reader.rest.len)
    {
        if (objects->has_checksum) return SW_SM_OBJECTS_INCORRECT; /* it comes last */
        switch (object.tag)
        {
        case TAG_PLAIN_VALUE:
        case TAG_CRYPTOGRAM_TLV:
        case TAG_CRYPTOGRAM:
            if (objects->has_data || objects->has_le) return SW_SM_OBJECTS_INCORRECT;
            objects->has_data = true;
            objects->data_tag = object.tag;
            objects->data = object.value;
            break;
        case TAG_LE:
            if (objects->has_le) return SW_SM_OBJECTS_INCORRECT;
            objects->has_le = true;
            objects->le = object.value;
            break;
        case TAG_CHECKSUM:
            objects->has_checksum = true;
            objects->checksum = object.value;
            objects->counted_len = body.len - before;
            break;
        default:
            return SW_SM_OBJECTS_INCORRECT;
        }
    }
    if (reader.failed) return SW_SM_OBJECTS_INCORRECT;
    return objects->has_checksum ? SW_OK : SW_SM_OBJECTS_MISSING;
}

static bool is_right(const struct secure_channel *channel, const struct command_apdu *wrapped,
                     const struct command_objects *objects)
{
    uint8_t sum[CIPHER_BLOCK_MAX];
    if (objects->checksum.len != CHECKSUM_LEN) return false;
    if (!checksum(channel, wrapped, bytes_slice(wrapped->data, 0, objects->counted_len), sum))
        return false;
    uint8_t difference = 0;
    for (size_t i = 0; i < CHECKSUM_LEN; i++)
        difference |= sum[i] ^ objects->checksum.data[i];
    return difference == 0;
}

/* The command's data into `room`. */
static bool open_data(const struct secure_channel *channel, const struct command_objects *objects,
                      uint8_t ins, struct byte_writer *room)
{
    size_t block_len = cipher_block_len(channel->algorithm);
    struct bytes data = objects->data;
    if (objects->data_tag == TAG_PLAIN_VALUE)
    {
        byte_writer_put(room, data);
        return !room->failed;
    }
    /* The instruction says whether the plain value is BER-TLV. */
    if ((objects->data_tag == TAG_CRYPTOGRAM_TLV) != (ins & 1)) return false;
    if (objects->data_tag == TAG_CRYPTOGRAM)
    {
        if (data.len == 0 || data.data[0] != INDICATOR_ISO_PADDING) return false;
        data = bytes_slice(data, 1, SIZE_MAX);
    }
    if (data.len == 0 || data.len % block_len) return false;
    byte_writer_put(room, data);
    if (room->failed || !crypt(channel, false, room->data, room->len)) return false;
    size_t end = room->len;
    while (end > 0 && room->len - end < block_len && room->data[end - 1] == 0)
        end--;
    if (end == 0 || room->len - end >= block_len || room->data[end - 1] != PAD_BYTE) return false;
    room->len = end - 1;
    return true;
}

static bool open_le(const struct command_objects *objects, struct command_apdu *plain)
{
    if (!objects->has_le) return true;
    bool is_long = objects->le.len == 2;
    if (objects->le.len != 1 && !is_long) return false;
    uint32_t coded = objects->le.data[0];
    if (is_long) coded = coded << 8 | objects->le.data[1];
    plain->has_le = true;
    plain->is_le_open = coded == 0;
    plain->ne = coded ? coded : is_long ? APDU_EXTENDED_NE_MAX : APDU_SHORT_NE_MAX;
    return true;
}

static uint16_t open_command(struct secure_channel *channel, const struct command_apdu *wrapped,
                             struct command_apdu *plain, struct byte_writer *room)
{
    struct command_objects objects;
    step(channel);
    uint16_t sw = take_objects(wrapped->data, &objects);
    if (sw != SW_OK) return sw;
    if (!is_right(channel, wrapped, &objects)) return SW_SM_OBJECTS_INCORRECT;
    *plain = (struct command_apdu){ .cla = 0,
                                    .ins = wrapped->ins,
                                    .p1 = wrapped->p1,
                                    .p2 = wrapped->p2,
                                    .is_extended = wrapped->is_extended };
    if (objects.has_data && !open_data(channel, &objects, wrapped->ins, room))
        return SW_SM_OBJECTS_INCORRECT;
    if (!open_le(&objects, plain)) return SW_SM_OBJECTS_INCORRECT;
    plain->data = byte_writer_written(room);
    return SW_OK;
}

uint16_t secure_channel_open(struct secure_channel *channel, const struct command_apdu *wrapped,
                             struct command_apdu *plain, struct byte_writer *room)
{
    if (channel->has_ended) return SW_CONDITIONS_OF_USE;
    uint16_t sw = open_command(channel, wrapped, plain, room);
    channel->has_begun = true;
    channel->has_ended = sw != SW_OK;
    return sw;
}

bool secure_channel_wrap(struct secure_channel *channel, uint8_t ins, struct bytes data,
                         uint16_t sw, struct byte_writer *wrapped)
{
    size_t block_len = cipher_block_len(channel->algorithm);
    uint8_t sum[CIPHER_BLOCK_MAX];
    step(channel);
    if (data.len)
    {
        bool is_tlv = ins & 1;
        size_t padded = (data.len / block_len + 1) * block_len;
        tlv_put_header(wrapped, is_tlv ? TAG_CRYPTOGRAM_TLV : TAG_CRYPTOGRAM,
                       is_tlv ? padded : padded + 1);
        if (!is_tlv) byte_writer_u8(wrapped, INDICATOR_ISO_PADDING);
        size_t start = wrapped->len;
        byte_writer_put(wrapped, data);
        byte_writer_u8(wrapped, PAD_BYTE);
        while (!wrapped->failed && wrapped->len - start < padded)
            byte_writer_u8(wrapped, 0);
        if (wrapped->failed || !crypt(channel, true, wrapped->data + start, padded)) return false;
    }
    const uint8_t status[] = { (uint8_t)(sw >> 8), (uint8_t)sw };
    tlv_put(wrapped, TAG_STATUS, bytes_of(status, sizeof(status)));
    if (wrapped->failed || !checksum(channel, NULL, byte_writer_written(wrapped), sum))
        return false;
    tlv_put(wrapped, TAG_CHECKSUM, bytes_of(sum, CHECKSUM_LEN));
    return !wrapped->failed;
}

#define CHALLENGE_LEN 8
#define HALF_LEN      16
#define SECRET_LEN    (2 * CHALLENGE_LEN + HALF_LEN)

/* Doc 9303 part 11 clause 9.7.1: the front of SHA-1 over the seed and a number of 32 bits. */
static bool derive_key(const uint8_t *seed, uint8_t number, uint8_t *key)
{
    uint8_t input[HALF_LEN + 4] = { 0 }, digest[CIPHER_SHA1_LEN];
    memcpy(input, seed, HALF_LEN);
    input[HALF_LEN + 3] = number;
    bool is_done = cipher_sha1(bytes_of(input, sizeof(input)), digest);
    memcpy(key, digest, HALF_LEN);
    explicit_bzero(input, sizeof(input));
    explicit_bzero(digest, sizeof(digest));
    return is_done;
}

/* The retail MAC of SECRET_LEN bytes. They are whole blocks: the padding is one block more. */
static bool static_checksum(const struct secure_channel *channel, const uint8_t *secret,
                            uint8_t sum[CIPHER_BLOCK_MAX])
{
    uint8_t room[SECRET_LEN + 8];
    struct byte_writer writer = byte_writer_of(room, sizeof(room));
    byte_writer_put(&writer, bytes_of(secret, SECRET_LEN));
    pad(&writer, cipher_block_len(CIPHER_3DES));
    return cipher_checksum(CIPHER_3DES, bytes_of(channel->mac_key, channel->mac_len),
                           byte_writer_written(&writer), sum);
}

static bool static_crypt(const struct secure_channel *channel, bool is_encryption, uint8_t *secret)
{
    static const uint8_t zeros[CIPHER_BLOCK_MAX];
    return cipher_chain(CIPHER_3DES, bytes_of(channel->encryption_key, channel->encryption_len),
                        zeros, is_encryption, secret, SECRET_LEN);
}

uint16_t secure_channel_agree(struct secure_channel *channel, struct bytes challenge,
                              struct bytes message, const uint8_t own_half[16],
                              struct byte_writer *answer)
{
    uint8_t theirs[SECRET_LEN], ours[SECRET_LEN], seed[HALF_LEN], sum[CIPHER_BLOCK_MAX];
    uint8_t difference = 0;
    if (challenge.len != CHALLENGE_LEN || message.len != MUTUAL_MESSAGE_LEN) return SW_NO_MATCH;
    memcpy(theirs, message.data, SECRET_LEN);
    if (!static_checksum(channel, theirs, sum)) return SW_MEMORY_FAILURE;
    for (size_t i = 0; i < CHECKSUM_LEN; i++)
        difference |= sum[i] ^ message.data[SECRET_LEN + i];
    if (!static_crypt(channel, false, theirs)) return SW_MEMORY_FAILURE;
    for (size_t i = 0; i < CHALLENGE_LEN; i++)
        difference |= theirs[CHALLENGE_LEN + i] ^ challenge.data[i];
    if (difference) return SW_NO_MATCH;

    memcpy(ours, challenge.data, CHALLENGE_LEN);
    memcpy(ours + CHALLENGE_LEN, theirs, CHALLENGE_LEN);
    memcpy(ours + 2 * CHALLENGE_LEN, own_half, HALF_LEN);
    for (size_t i = 0; i < HALF_LEN; i++)
        seed[i] = theirs[2 * CHALLENGE_LEN + i] ^ own_half[i];
    bool is_done = static_crypt(channel, true, ours) && static_checksum(channel, ours, sum) &&
                   derive_key(seed, 1, channel->session_encryption) &&
                   derive_key(seed, 2, channel->session_mac);
    memcpy(channel->counter, challenge.data + 4, 4);
    memcpy(channel->counter + 4, theirs + 4, 4);
    channel->has_begun = false;
    channel->has_ended = !is_done;
    byte_writer_put(answer, bytes_of(ours, SECRET_LEN));
    byte_writer_put(answer, bytes_of(sum, CHECKSUM_LEN));
    explicit_bzero(theirs, sizeof(theirs));
    explicit_bzero(seed, sizeof(seed));
    return is_done ? SW_OK : SW_MEMORY_FAILURE;
}
