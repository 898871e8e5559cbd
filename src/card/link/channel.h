/*
 * channel - the keys of secure messaging that a client gave for its attachment.
 * Layer: card/link (calls iso7816; knows no COM).
 * Owns: a channel owns its ciphers, which are wiped with it; it belongs to a card_link.
 *
 * Design notes. A channel is good for one conversation: it ends with the attachment, with a reset
 * or a reconnection of the card, and with the first message that is not in order, because from then
 * on the two sides no longer count the same. It is never begun again by our own doing.
 * Standard: ISO/IEC 7816-4:2020 clause 10; ICAO Doc 9303 part 11 clause 9.8
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_CHANNEL_H
#define SCM_CARD_LINK_CHANNEL_H

#include "card/link/fault.h"
#include "base/bytes.h"
#include "system/block_cipher.h"

struct card_channel;
struct secure_channel;

/** What a channel is made of; spans stay their owner's. */
struct card_channel_keys
{
    enum block_cipher_kind cipher; /**< BLOCK_CIPHER_3DES or BLOCK_CIPHER_AES */
    struct bytes encryption;
    struct bytes mac;
    struct bytes counter; /**< of the last message: the first command counts one more */
    bool covers_all;
};

/**
 * Makes a channel.
 *
 * @param[out] channel NULL on failure; for card_channel_destroy().
 * @param[out] fault why, for wrong keys.
 * @retval HR_OK
 * @retval HR_INVALIDARG a length that the algorithm does not have, a key of equal parts.
 * @retval HR_OUTOFMEMORY
 * @retval SC_E_UNSUPPORTED_FEATURE the platform lacks the algorithm.
 */
scm_result card_channel_create(const struct card_channel_keys *keys, struct card_channel **channel,
                               struct card_fault *fault);

/** Whether every command is wrapped, asked for or not. */
bool card_channel_covers_all(const struct card_channel *channel);

/** Ciphers and counter, for secure_messaging.h; they stay the channel's. */
struct secure_channel *card_channel_messages(struct card_channel *channel);

/** Wipes and frees; NULL is allowed. */
void card_channel_destroy(struct card_channel *channel);

#endif
