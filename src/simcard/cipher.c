/*
 * cipher - the block ciphers authentication uses, by libcrypto.
 * Layer: simcard (uses base; the only file that knows OpenSSL).
 * Standard: ISO/IEC 18033-3, ISO/IEC 10116.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/cipher.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#define CHALLENGE_MAX     256
#define TDEA_KEY_PART_LEN 8
#define TDEA_TWO_PARTS    16
#define TDEA_THREE_PARTS  24

bool cipher_accepts_key_len(enum cipher_algorithm algorithm, size_t len)
{
    if (algorithm == CIPHER_3DES) return len == TDEA_TWO_PARTS || len == TDEA_THREE_PARTS;
    return len == 16 || len == 24 || len == 32;
}

size_t cipher_block_len(enum cipher_algorithm algorithm)
{
    return algorithm == CIPHER_3DES ? 8 : 16;
}

static const EVP_CIPHER *evp_cipher(enum cipher_algorithm algorithm, size_t key_len)
{
    if (algorithm == CIPHER_3DES) return EVP_des_ede3_cbc();
    return key_len == 16   ? EVP_aes_128_cbc()
           : key_len == 24 ? EVP_aes_192_cbc()
                           : EVP_aes_256_cbc();
}

bool cipher_authenticate(enum cipher_algorithm algorithm, struct bytes key, struct bytes challenge,
                         struct byte_writer *answer)
{
    if (!cipher_accepts_key_len(algorithm, key.len)) return false;
    if (challenge.len == 0 || challenge.len > CHALLENGE_MAX) return false;

    uint8_t full_key[CIPHER_KEY_MAX] = { 0 };
    memcpy(full_key, key.data, key.len);
    if (algorithm == CIPHER_3DES && key.len == TDEA_TWO_PARTS) /* K1 K2 K1 */
        memcpy(full_key + TDEA_TWO_PARTS, key.data, TDEA_KEY_PART_LEN);

    uint8_t plain[CHALLENGE_MAX + CIPHER_BLOCK_MAX] = { 0 };
    uint8_t coded[CHALLENGE_MAX + 2 * CIPHER_BLOCK_MAX];
    static const uint8_t zero_iv[CIPHER_BLOCK_MAX];
    size_t block = cipher_block_len(algorithm);
    size_t padded_len = (challenge.len + block - 1) / block * block;
    memcpy(plain, challenge.data, challenge.len);

    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int coded_len = 0;
    bool is_done =
        context &&
        EVP_EncryptInit_ex(context, evp_cipher(algorithm, key.len), NULL, full_key, zero_iv) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
        EVP_EncryptUpdate(context, coded, &coded_len, plain, (int)padded_len) == 1 &&
        (size_t)coded_len == padded_len;
    EVP_CIPHER_CTX_free(context);
    explicit_bzero(full_key, sizeof(full_key));
    if (is_done) byte_writer_put(answer, bytes_of(coded, padded_len));
    return is_done && !answer->failed;
}

bool cipher_chain(enum cipher_algorithm algorithm, struct bytes key, const uint8_t *iv,
                  bool is_encryption, uint8_t *data, size_t len)
{
    if (!cipher_accepts_key_len(algorithm, key.len) || len > INT32_MAX) return false;
    uint8_t full_key[CIPHER_KEY_MAX] = { 0 };
    memcpy(full_key, key.data, key.len);
    if (algorithm == CIPHER_3DES && key.len == TDEA_TWO_PARTS)
        memcpy(full_key + TDEA_TWO_PARTS, key.data, TDEA_KEY_PART_LEN);

    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    int done = 0;
    bool is_done = context &&
                   EVP_CipherInit_ex(context, evp_cipher(algorithm, key.len), NULL, full_key, iv,
                                     is_encryption) == 1 &&
                   EVP_CIPHER_CTX_set_padding(context, 0) == 1 &&
                   EVP_CipherUpdate(context, data, &done, data, (int)len) == 1 &&
                   (size_t)done == len;
    EVP_CIPHER_CTX_free(context);
    explicit_bzero(full_key, sizeof(full_key));
    return is_done;
}

/* All blocks but the last with single DES, the last with the whole key: E(K1, D(K2, E(K1, ...))). */
static bool retail_mac(struct bytes key, struct bytes blocks, uint8_t *checksum)
{
    uint8_t single[TDEA_THREE_PARTS];
    for (size_t i = 0; i < sizeof(single); i++)
        single[i] = key.data[i % TDEA_KEY_PART_LEN];
    size_t block = cipher_block_len(CIPHER_3DES);
    uint8_t state[8] = { 0 }, next[8];
    bool is_done = blocks.len >= block && blocks.len % block == 0;
    for (size_t i = 0; is_done && i < blocks.len; i += block)
    {
        bool is_last = i + block == blocks.len;
        memcpy(next, blocks.data + i, block);
        is_done = cipher_chain(CIPHER_3DES, is_last ? key : bytes_of(single, sizeof(single)), state,
                               true, next, block);
        memcpy(state, next, block);
    }
    memcpy(checksum, state, block);
    explicit_bzero(single, sizeof(single));
    return is_done;
}

static bool cmac(struct bytes key, struct bytes blocks, uint8_t *checksum)
{
    char name[] = "AES-128-CBC";
    if (key.len == 24) memcpy(name, "AES-192-CBC", sizeof(name));
    if (key.len == 32) memcpy(name, "AES-256-CBC", sizeof(name));
    const OSSL_PARAM parameters[] = { OSSL_PARAM_construct_utf8_string("cipher", name, 0),
                                      OSSL_PARAM_construct_end() };
    EVP_MAC *algorithm = EVP_MAC_fetch(NULL, "CMAC", NULL);
    EVP_MAC_CTX *context = algorithm ? EVP_MAC_CTX_new(algorithm) : NULL;
    size_t len = 0;
    bool is_done = context && EVP_MAC_init(context, key.data, key.len, parameters) == 1 &&
                   EVP_MAC_update(context, blocks.data, blocks.len) == 1 &&
                   EVP_MAC_final(context, checksum, &len, CIPHER_BLOCK_MAX) == 1 &&
                   len == CIPHER_BLOCK_MAX;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(algorithm);
    return is_done;
}

bool cipher_checksum(enum cipher_algorithm algorithm, struct bytes key, struct bytes blocks,
                     uint8_t checksum[CIPHER_BLOCK_MAX])
{
    if (!cipher_accepts_key_len(algorithm, key.len)) return false;
    if (algorithm == CIPHER_AES) return cmac(key, blocks, checksum);
    return key.len == TDEA_TWO_PARTS && retail_mac(key, blocks, checksum);
}

bool cipher_sha1(struct bytes message, uint8_t digest[CIPHER_SHA1_LEN])
{
    return EVP_Digest(message.data, message.len, digest, NULL, EVP_sha1(), NULL) == 1;
}

bool cipher_random(uint8_t *buffer, size_t len)
{
    return RAND_bytes(buffer, (int)len) == 1;
}
