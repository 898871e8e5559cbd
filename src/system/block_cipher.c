/*
 * block_cipher - what is the same on every platform: which keys there are, and chaining.
 * Layer: system (knows only base).
 * Chaining is done here, block by block: a CryptoAPI key that is chaining on its own goes on from the
 * message before unless its end was padded.
 * Standard: ISO/IEC 10116 clause 7 (CBC); ISO/IEC 18033-3
 * SPDX-License-Identifier: MIT
 */
#include "system/block_cipher.h"

#include "base/wipe.h"

#define DES_KEY_LEN     8
#define DES_PARITY_MASK 0xFE

size_t block_cipher_block_len(enum block_cipher_kind kind)
{
    return kind == BLOCK_CIPHER_AES ? AES_BLOCK_LEN : DES_BLOCK_LEN;
}

bool block_cipher_accepts_key_len(enum block_cipher_kind kind, size_t len)
{
    switch (kind)
    {
    case BLOCK_CIPHER_DES:
        return len == DES_KEY_LEN;
    case BLOCK_CIPHER_3DES:
        return len == 2 * DES_KEY_LEN || len == 3 * DES_KEY_LEN;
    case BLOCK_CIPHER_AES:
        return len == 16 || len == 24 || len == 32;
    default:
        return false;
    }
}

/* Whether two parts of a DES key are the same but for parity. */
static bool is_same_part(const uint8_t *a, const uint8_t *b)
{
    uint8_t difference = 0;
    for (size_t i = 0; i < DES_KEY_LEN; i++)
        difference |= (uint8_t)((a[i] ^ b[i]) & DES_PARITY_MASK);
    return difference == 0;
}

bool block_cipher_is_key_weak(enum block_cipher_kind kind, struct bytes key)
{
    if (kind != BLOCK_CIPHER_3DES) return false;
    for (size_t i = 0; i + 2 * DES_KEY_LEN <= key.len; i += DES_KEY_LEN)
        if (is_same_part(key.data + i, key.data + i + DES_KEY_LEN)) return true;
    return false;
}

static void mix(uint8_t *block, const uint8_t *other, size_t len)
{
    for (size_t i = 0; i < len; i++)
        block[i] ^= other[i];
}

scm_result block_cipher_cbc_encrypt(struct block_cipher *cipher, const uint8_t *iv, uint8_t *data,
                                    size_t len)
{
    static const uint8_t zeros[BLOCK_CIPHER_BLOCK_MAX];
    size_t block_len = block_cipher_block_len(block_cipher_kind_of(cipher));
    const uint8_t *before = iv ? iv : zeros;

    if (len % block_len) return HR_INVALIDARG;
    for (size_t i = 0; i < len; i += block_len)
    {
        mix(data + i, before, block_len);
        scm_result result = block_cipher_encrypt(cipher, data + i, block_len);
        if (result_failed(result)) return result;
        before = data + i;
    }
    return HR_OK;
}

scm_result block_cipher_cbc_decrypt(struct block_cipher *cipher, const uint8_t *iv, uint8_t *data,
                                    size_t len)
{
    uint8_t before[BLOCK_CIPHER_BLOCK_MAX] = { 0 }, coded[BLOCK_CIPHER_BLOCK_MAX];
    size_t block_len = block_cipher_block_len(block_cipher_kind_of(cipher));

    if (len % block_len) return HR_INVALIDARG;
    if (iv) memcpy(before, iv, block_len);
    for (size_t i = 0; i < len; i += block_len)
    {
        memcpy(coded, data + i, block_len);
        scm_result result = block_cipher_decrypt(cipher, data + i, block_len);
        if (result_failed(result)) return result;
        mix(data + i, before, block_len);
        memcpy(before, coded, block_len);
    }
    return HR_OK;
}
