/*
 * mutual_authentication - ICAO's basic access control, without the conversation around it.
 * Layer: iso7816 (no I/O; the ciphers and random numbers are handed in).
 * Standard: ICAO Doc 9303 part 11 (8th edition) clauses 4.3, 9.7
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/mutual_authentication.h"

#include "base/wipe.h"
#include "system/digest.h"

#define CODE_LEN   8
#define SECRET_LEN (MUTUAL_MESSAGE_LEN - CODE_LEN)

/* What a key is derived for: a counter behind the seed. */
#define FOR_ENCRYPTION 1
#define FOR_MAC        2

static scm_result code_of(const struct mutual_exchange *exchange, const uint8_t *secret,
                          uint8_t code[BLOCK_MAC_MAX])
{
    struct bytes part = bytes_of(secret, SECRET_LEN);
    return block_mac_compute(exchange->mac, &part, 1, code);
}

scm_result mutual_authentication_ask(const struct mutual_exchange *exchange,
                                     uint8_t message[MUTUAL_MESSAGE_LEN])
{
    struct byte_writer writer = byte_writer_of(message, MUTUAL_MESSAGE_LEN);
    uint8_t code[BLOCK_MAC_MAX];

    byte_writer_put(&writer, bytes_of(exchange->own_challenge, MUTUAL_CHALLENGE_LEN));
    byte_writer_put(&writer, bytes_of(exchange->card_challenge, MUTUAL_CHALLENGE_LEN));
    byte_writer_put(&writer, bytes_of(exchange->own_half, MUTUAL_KEY_LEN));
    scm_result result = block_cipher_cbc_encrypt(exchange->cipher, NULL, message, SECRET_LEN);
    if (!result_failed(result)) result = code_of(exchange, message, code);
    if (result_failed(result))
        wipe(message, MUTUAL_MESSAGE_LEN);
    else
        byte_writer_put(&writer, bytes_of(code, CODE_LEN));
    return result;
}

static scm_result derive(const uint8_t *seed, uint8_t purpose, uint8_t key[MUTUAL_KEY_LEN])
{
    uint8_t input[MUTUAL_KEY_LEN + 4] = { 0 }, digest[DIGEST_SHA1_LEN];

    memcpy(input, seed, MUTUAL_KEY_LEN);
    input[sizeof(input) - 1] = purpose;
    scm_result result = digest_sha1(bytes_of(input, sizeof(input)), digest);
    if (!result_failed(result)) memcpy(key, digest, MUTUAL_KEY_LEN);
    wipe(input, sizeof(input));
    wipe(digest, sizeof(digest));
    return result;
}

/* Both challenges come back, the card's in front, and the halves make the seed of the keys. */
static scm_result read_secret(const struct mutual_exchange *exchange, const uint8_t *secret,
                              struct mutual_keys *keys)
{
    const uint8_t *half = secret + 2 * MUTUAL_CHALLENGE_LEN;
    uint8_t seed[MUTUAL_KEY_LEN];
    bool is_ours = block_mac_equal(secret, exchange->card_challenge, MUTUAL_CHALLENGE_LEN) &&
                   block_mac_equal(secret + MUTUAL_CHALLENGE_LEN, exchange->own_challenge,
                                   MUTUAL_CHALLENGE_LEN);

    if (!is_ours) return SC_W_SECURITY_VIOLATION;
    for (size_t i = 0; i < sizeof(seed); i++)
        seed[i] = exchange->own_half[i] ^ half[i];
    scm_result result = derive(seed, FOR_ENCRYPTION, keys->encryption);
    if (!result_failed(result)) result = derive(seed, FOR_MAC, keys->mac);
    wipe(seed, sizeof(seed));
    /* The counter begins with the last halves of the two challenges. */
    memcpy(keys->counter, exchange->card_challenge + 4, 4);
    memcpy(keys->counter + 4, exchange->own_challenge + 4, 4);
    return result;
}

scm_result mutual_authentication_finish(const struct mutual_exchange *exchange, struct bytes answer,
                                        struct mutual_keys *keys)
{
    uint8_t secret[SECRET_LEN], code[BLOCK_MAC_MAX];

    *keys = (struct mutual_keys){ 0 };
    if (answer.len != MUTUAL_MESSAGE_LEN) return SC_W_SECURITY_VIOLATION;
    memcpy(secret, answer.data, SECRET_LEN);
    scm_result result = code_of(exchange, secret, code);
    if (!result_failed(result) && !block_mac_equal(code, answer.data + SECRET_LEN, CODE_LEN))
        result = SC_W_SECURITY_VIOLATION;
    if (!result_failed(result))
        result = block_cipher_cbc_decrypt(exchange->cipher, NULL, secret, SECRET_LEN);
    if (!result_failed(result)) result = read_secret(exchange, secret, keys);
    wipe(secret, sizeof(secret));
    if (result_failed(result)) wipe(keys, sizeof(*keys));
    return result;
}
