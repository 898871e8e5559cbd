/*
 * block_cipher_posix - block ciphers by libcrypto, for the native builds of the layers.
 * Layer: system (knows only base; implements system/block_cipher.h).
 * Reference: EVP_EncryptInit_ex(3), RAND_bytes(3)
 * SPDX-License-Identifier: MIT
 */
#include "system/block_cipher.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/wipe.h"
#include "system/memory.h"

#define DES_KEY_LEN 8

struct block_cipher
{
    enum block_cipher_kind kind;
    EVP_CIPHER_CTX *encryption;
    EVP_CIPHER_CTX *decryption;
};

/* libcrypto keeps single DES among its old algorithms; three times the same part is just that. */
static const EVP_CIPHER *algorithm_of(enum block_cipher_kind kind, size_t key_len)
{
    if (kind != BLOCK_CIPHER_AES) return EVP_des_ede3_ecb();
    return key_len == 16   ? EVP_aes_128_ecb()
           : key_len == 24 ? EVP_aes_192_ecb()
                           : EVP_aes_256_ecb();
}

static EVP_CIPHER_CTX *make_context(const EVP_CIPHER *algorithm, const uint8_t *key, int direction)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    if (context && EVP_CipherInit_ex(context, algorithm, NULL, key, NULL, direction) == 1 &&
        EVP_CIPHER_CTX_set_padding(context, 0) == 1)
        return context;
    EVP_CIPHER_CTX_free(context);
    return NULL;
}

scm_result block_cipher_create(enum block_cipher_kind kind, struct bytes key,
                               struct block_cipher **cipher)
{
    uint8_t full_key[BLOCK_CIPHER_KEY_MAX] = { 0 };
    size_t full_len = kind == BLOCK_CIPHER_AES ? key.len : 3 * DES_KEY_LEN;

    *cipher = NULL;
    if (!block_cipher_accepts_key_len(kind, key.len)) return HR_INVALIDARG;
    struct block_cipher *made = memory_alloc(sizeof(*made));
    if (!made) return HR_OUTOFMEMORY;
    for (size_t i = 0; i < full_len; i++)
        full_key[i] = key.data[i % key.len];
    made->kind = kind;
    made->encryption = make_context(algorithm_of(kind, key.len), full_key, 1);
    made->decryption = make_context(algorithm_of(kind, key.len), full_key, 0);
    wipe(full_key, sizeof(full_key));
    if (!made->encryption || !made->decryption)
    {
        block_cipher_destroy(made);
        return SC_E_UNSUPPORTED_FEATURE;
    }
    *cipher = made;
    return HR_OK;
}

void block_cipher_destroy(struct block_cipher *cipher)
{
    if (!cipher) return;
    EVP_CIPHER_CTX_free(cipher->encryption); /* wipes */
    EVP_CIPHER_CTX_free(cipher->decryption);
    memory_free(cipher);
}

enum block_cipher_kind block_cipher_kind_of(const struct block_cipher *cipher)
{
    return cipher->kind;
}

static scm_result run(const struct block_cipher *cipher, EVP_CIPHER_CTX *context, uint8_t *data,
                      size_t len)
{
    int done = 0;

    if (len % block_cipher_block_len(cipher->kind) || len > INT32_MAX) return HR_INVALIDARG;
    if (len == 0) return HR_OK;
    if (EVP_CipherUpdate(context, data, &done, data, (int)len) != 1 || (size_t)done != len)
        return SC_F_INTERNAL_ERROR;
    return HR_OK;
}

scm_result block_cipher_encrypt(struct block_cipher *cipher, uint8_t *data, size_t len)
{
    return run(cipher, cipher->encryption, data, len);
}

scm_result block_cipher_decrypt(struct block_cipher *cipher, uint8_t *data, size_t len)
{
    return run(cipher, cipher->decryption, data, len);
}

bool block_cipher_random(uint8_t *buffer, size_t len)
{
    return len <= INT32_MAX && RAND_bytes(buffer, (int)len) == 1;
}
