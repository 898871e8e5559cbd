/*
 * mutual_authentication - two sides that share static keys prove it to each other and agree on keys
 *                         for secure messaging: ICAO's basic access control.
 * Layer: iso7816 (no I/O; the ciphers and random numbers are handed in).
 * Standard: ICAO Doc 9303 part 11 (8th edition) clauses 4.3 (basic access control), 9.7 (deriving
 *           keys); ISO/IEC 11770-2:2018 (key establishment mechanism 6)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_MUTUAL_AUTHENTICATION_H
#define SCM_ISO7816_MUTUAL_AUTHENTICATION_H

#include "system/block_mac.h"

#define MUTUAL_CHALLENGE_LEN 8
#define MUTUAL_KEY_LEN       16
/** What each side sends: two challenges and its half of the key, enciphered, and a MAC. */
#define MUTUAL_MESSAGE_LEN (2 * MUTUAL_CHALLENGE_LEN + MUTUAL_KEY_LEN + 8)

/** One exchange. Ciphers (two-part triple DES, retail MAC) stay their owner's. */
struct mutual_exchange
{
    struct block_cipher *cipher;
    struct block_mac *mac;
    uint8_t card_challenge[MUTUAL_CHALLENGE_LEN];
    uint8_t own_challenge[MUTUAL_CHALLENGE_LEN]; /**< random */
    uint8_t own_half[MUTUAL_KEY_LEN];            /**< random */
};

/** The keys agreed on; to be wiped. */
struct mutual_keys
{
    uint8_t encryption[MUTUAL_KEY_LEN];
    uint8_t mac[MUTUAL_KEY_LEN];
    uint8_t counter[DES_BLOCK_LEN];
};

/**
 * What the application sends to the card (EXTERNAL AUTHENTICATE with an answer).
 *
 * @retval HR_OK
 * @retval SC_F_INTERNAL_ERROR a cipher failed.
 */
scm_result mutual_authentication_ask(const struct mutual_exchange *exchange,
                                     uint8_t message[MUTUAL_MESSAGE_LEN]);

/**
 * Reads the card's answer and derives the keys.
 *
 * @param[in] answer any bytes.
 * @param[out] keys all zero on failure.
 * @retval HR_OK it is the card that has the static keys.
 * @retval SC_W_SECURITY_VIOLATION it is not: length, MAC or challenges are wrong.
 * @retval SC_F_INTERNAL_ERROR, SC_E_UNSUPPORTED_FEATURE of the platform's cryptography.
 */
scm_result mutual_authentication_finish(const struct mutual_exchange *exchange, struct bytes answer,
                                        struct mutual_keys *keys);

#endif
