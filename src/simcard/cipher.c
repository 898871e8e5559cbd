/*
 * cipher - the block ciphers authentication uses, by libcrypto.
 * Layer: simcard (uses base; the only file that knows OpenSSL).
 * Standard: ISO/IEC 18033-3, ISO/IEC 10116.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/cipher.h"

#include <openssl/evp.h>
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

bool cipher_random(uint8_t *buffer, size_t len)
{
    return RAND_bytes(buffer, (int)len) == 1;
}
