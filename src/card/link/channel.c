/*
 * channel - the keys of secure messaging that a client gave for its attachment.
 * Layer: card/link (calls iso7816; knows no COM).
 * Standard: ICAO Doc 9303 part 11 clause 9.8
 * SPDX-License-Identifier: MIT
 */
#include "card/link/channel.h"

#include "base/wipe.h"
#include "iso7816/secure_messaging.h"
#include "system/memory.h"

/* Triple DES session keys have two parts: the retail MAC takes no other. */
#define TDEA_SESSION_KEY_LEN 16

struct card_channel
{
    struct secure_channel messages;
    bool covers_all;
};

static const char *wrong_with(const struct card_channel_keys *keys)
{
    bool is_3des = keys->cipher == BLOCK_CIPHER_3DES;

    if (keys->encryption.len != keys->mac.len) return "the two keys are not of the same length";
    if (is_3des ? keys->encryption.len != TDEA_SESSION_KEY_LEN
                : !block_cipher_accepts_key_len(keys->cipher, keys->encryption.len))
        return is_3des ? "a triple DES key for secure messaging has 16 bytes"
                       : "an AES key has 16, 24 or 32 bytes";
    if (block_cipher_is_key_weak(keys->cipher, keys->encryption) ||
        block_cipher_is_key_weak(keys->cipher, keys->mac))
        return "the parts of a key are the same, so that it is a single DES key";
    if (keys->counter.len != block_cipher_block_len(keys->cipher))
        return is_3des ? "the counter has 8 bytes" : "the counter has 16 bytes";
    return NULL;
}

scm_result card_channel_create(const struct card_channel_keys *keys, struct card_channel **channel,
                               struct card_fault *fault)
{
    *channel = NULL;
    fault->why = wrong_with(keys);
    if (fault->why) return HR_INVALIDARG;
    struct card_channel *made = memory_alloc(sizeof(*made));
    if (!made) return HR_OUTOFMEMORY;
    made->covers_all = keys->covers_all;
    memcpy(made->messages.counter, keys->counter.data, keys->counter.len);
    scm_result result = block_cipher_create(keys->cipher, keys->encryption, &made->messages.cipher);
    if (!result_failed(result))
        result =
            block_mac_create(keys->cipher == BLOCK_CIPHER_AES ? BLOCK_MAC_CMAC : BLOCK_MAC_RETAIL,
                             keys->mac, &made->messages.mac);
    if (result_failed(result))
    {
        card_channel_destroy(made);
        return result;
    }
    *channel = made;
    return HR_OK;
}

bool card_channel_covers_all(const struct card_channel *channel)
{
    return channel->covers_all;
}

struct secure_channel *card_channel_messages(struct card_channel *channel)
{
    return &channel->messages;
}

void card_channel_destroy(struct card_channel *channel)
{
    if (!channel) return;
    block_cipher_destroy(channel->messages.cipher);
    block_mac_destroy(channel->messages.mac);
    wipe(channel, sizeof(*channel));
    memory_free(channel);
}
