/*
 * secure_messaging - commands made secret and unforgeable, answers opened and proven: the profile of
 *                    ISO/IEC 7816-4's secure messaging that ICAO's travel documents use.
 * Layer: iso7816 (no I/O; the ciphers are handed in).
 *
 * Design notes. A channel counts every command and every answer, so that none can be repeated, left
 * out or put in: what the two sides count must agree, and after any failure they no longer do. What
 * an answer says is believed only with its MAC in order; a status word outside of it is compared
 * and never taken for an answer. With AES the counter, enciphered, is the initial vector; with
 * triple DES it is zero.
 * Standard: ISO/IEC 7816-4:2020 clause 10; ICAO Doc 9303 part 11 (8th edition) clause 9.8
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_SECURE_MESSAGING_H
#define SCM_ISO7816_SECURE_MESSAGING_H

#include "iso7816/apdu.h"
#include "system/block_mac.h"

/** CLA bits 4 and 3: secure messaging, the command's header included in the MAC. */
#define SECURE_MESSAGING_CLA 0x0C
/** Bytes of a MAC in its data object. */
#define SECURE_MESSAGING_MAC_LEN 8

/** What both sides of a conversation know. Ciphers stay their owner's. */
struct secure_channel
{
    struct block_cipher *cipher; /**< 3DES or AES */
    struct block_mac *mac;       /**< BLOCK_MAC_RETAIL with 3DES, BLOCK_MAC_CMAC with AES */
    uint8_t counter[BLOCK_CIPHER_BLOCK_MAX]; /**< as long as a block; of the last message */
};

/** Bytes of a channel's counter: 8 with 3DES, 16 with AES. */
size_t secure_messaging_counter_len(const struct secure_channel *channel);

/**
 * The most bytes of command data, and of answer, that a message of limited length can carry.
 *
 * @param[in] wrapped_max the most bytes of data of a command, or of an answer, as they travel.
 * @return 0 where nothing fits.
 */
size_t secure_messaging_data_max(const struct secure_channel *channel, size_t wrapped_max);
uint32_t secure_messaging_answer_max(const struct secure_channel *channel, uint32_t wrapped_max);

/** Room for the data field of a wrapped command with so many bytes of data. */
size_t secure_messaging_room(const struct secure_channel *channel, size_t data_len);

/**
 * Wraps a command; the counter goes on.
 *
 * @param[in] plain its class without the bits of secure messaging.
 * @param[out] room empty, of secure_messaging_room() bytes; keeps the data field.
 * @param[out] wrapped the command to send: it always wants an answer.
 * @retval HR_OK
 * @retval SC_E_UNSUPPORTED_FEATURE it does not fit.
 * @retval SC_F_INTERNAL_ERROR a cipher failed.
 */
scm_result secure_messaging_wrap(struct secure_channel *channel, const struct apdu_command *plain,
                                 struct byte_writer *room, struct apdu_command *wrapped);

/** What was wrong with an answer, for descriptions. */
enum secure_fault
{
    SECURE_FAULT_NONE,
    SECURE_FAULT_NOT_PROTECTED, /**< a status word and nothing else, or data without a MAC */
    SECURE_FAULT_MAC,           /**< the MAC is wrong */
    SECURE_FAULT_FORM,          /**< not the data objects that belong there */
    SECURE_FAULT_STATUS,        /**< the status words within and outside differ */
};

/**
 * Opens an answer; the counter goes on.
 *
 * @param[in,out] answer what the card gave, without its status word; is deciphered in place.
 * @param[in] outer_sw the status word behind it.
 * @param[out] data the card's data, part of `answer`; empty on failure.
 * @param[out] sw the status word within; 0 on failure.
 * @retval SECURE_FAULT_NONE, else what is wrong, and nothing of the answer may be used.
 */
enum secure_fault secure_messaging_unwrap(struct secure_channel *channel, uint8_t *answer,
                                          size_t answer_len, uint16_t outer_sw, struct bytes *data,
                                          uint16_t *sw);

#endif
