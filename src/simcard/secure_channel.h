/*
 * secure_channel - the card's side of secure messaging: session keys of a DF, commands opened,
 *                  answers wrapped.
 * Layer: simcard (core; uses cipher, tlv, command_apdu). Shares no code with the other side.
 * Owns: nothing but its values; keys are wiped with the file that has them.
 * Standard: ISO/IEC 7816-4:2013 clause 6 (secure messaging); ICAO Doc 9303 part 11 clause 9.8
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_SECURE_CHANNEL_H
#define SCM_SIMCARD_SECURE_CHANNEL_H

#include "simcard/cipher.h"
#include "simcard/command_apdu.h"
#include "simcard/status_word.h"

/** Session keys as the description gives them, and where their conversation stands. */
struct secure_channel
{
    bool is_there; /**< the description gives keys */
    enum cipher_algorithm algorithm;
    uint8_t encryption_key[CIPHER_KEY_MAX];
    size_t encryption_len;
    uint8_t mac_key[CIPHER_KEY_MAX];
    size_t mac_len;
    uint8_t first_counter[CIPHER_BLOCK_MAX]; /**< at every reset */
    size_t counter_len;
    bool is_agreed;       /**< the keys above are static: MUTUAL AUTHENTICATE makes those in use */
    bool ends_with_plain; /**< a plain command after the first wrapped one ends the conversation */

    /* Never saved. */
    uint8_t session_encryption[CIPHER_KEY_MAX]; /**< what is in use, as long as the keys above */
    uint8_t session_mac[CIPHER_KEY_MAX];
    uint8_t counter[CIPHER_BLOCK_MAX]; /**< of the last message */
    bool has_begun;                    /**< a wrapped command was in order since the reset */
    bool has_ended;                    /**< something was not; wrapped commands are refused */
};

/** Back to the first counter; where keys are agreed on, to none. */
void secure_channel_reset(struct secure_channel *channel);

/**
 * Opens a wrapped command.
 *
 * @param[in] wrapped with the class bits of secure messaging.
 * @param[out] plain what it says; its data lies in `room`.
 * @param[in,out] room a writer of as many bytes as the command's data field has.
 * @retval SW_OK
 * @retval SW_SM_OBJECTS_MISSING no MAC, or an object that cannot be left out.
 * @retval SW_SM_OBJECTS_INCORRECT the MAC is wrong, or an object is not as it has to be.
 * @retval SW_CONDITIONS_OF_USE the conversation has ended.
 * After any but SW_OK it has.
 */
uint16_t secure_channel_open(struct secure_channel *channel, const struct command_apdu *wrapped,
                             struct command_apdu *plain, struct byte_writer *room);

/**
 * Wraps an answer.
 *
 * @param[in] ins of the command: odd ones answer data objects.
 * @param[out] wrapped gets the data objects.
 * @return false where it does not fit or a cipher fails.
 */
bool secure_channel_wrap(struct secure_channel *channel, uint8_t ins, struct bytes data,
                         uint16_t sw, struct byte_writer *wrapped);

#define MUTUAL_MESSAGE_LEN 40

/**
 * The card's part of ICAO's basic access control: proves the terminal, answers and begins a
 * conversation with the keys that follow.
 *
 * @param[in] challenge the card's, 8 bytes. @param[in] message MUTUAL_MESSAGE_LEN bytes.
 * @param[in] own_half the card's half of the key, 16 random bytes.
 * @param[out] answer gets MUTUAL_MESSAGE_LEN bytes.
 * @retval SW_OK
 * @retval SW_NO_MATCH the terminal does not have the keys.
 * @retval SW_MEMORY_FAILURE a cipher fails.
 */
uint16_t secure_channel_agree(struct secure_channel *channel, struct bytes challenge,
                              struct bytes message, const uint8_t own_half[16],
                              struct byte_writer *answer);

#endif
