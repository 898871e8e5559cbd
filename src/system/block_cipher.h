/*
 * block_cipher - DES, triple DES and AES with a key of the caller's, by the cryptography of the
 *                platform.
 * Layer: system (knows only base). What the platform does lies in
 *        system/block_cipher_windows.c (CryptoAPI, as Windows XP has it) and system/block_cipher_posix.c
 *        (libcrypto).
 * Owns: a cipher owns its key, which is wiped when it is destroyed; threads: one cipher belongs to
 * one thread at a time.
 * Standard: ISO/IEC 18033-3 (TDEA, AES); FIPS 197; ISO/IEC 10116 (ECB, CBC)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_BLOCK_CIPHER_H
#define SCM_SYSTEM_BLOCK_CIPHER_H

#include "base/bytes.h"
#include "base/result.h"

#define BLOCK_CIPHER_KEY_MAX   32
#define BLOCK_CIPHER_BLOCK_MAX 16
#define DES_BLOCK_LEN          8
#define AES_BLOCK_LEN          16

enum block_cipher_kind
{
    BLOCK_CIPHER_DES,  /**< keys of 8 bytes; only as a part of MACs */
    BLOCK_CIPHER_3DES, /**< keys of 16 (two parts) or 24 bytes (three) */
    BLOCK_CIPHER_AES,  /**< keys of 16, 24 or 32 bytes */
};

struct block_cipher;

/** Bytes of a block. */
size_t block_cipher_block_len(enum block_cipher_kind kind);

/** Whether the algorithm has keys of this length. */
bool block_cipher_accepts_key_len(enum block_cipher_kind kind, size_t len);

/**
 * Whether a key gives less than it promises: a triple DES key two neighbouring parts of which are
 * the same, parity bits aside, is a single DES key. False for keys of the other algorithms.
 */
bool block_cipher_is_key_weak(enum block_cipher_kind kind, struct bytes key);

/**
 * A cipher with a key.
 *
 * @param[in] key copied; parity bits do not matter.
 * @param[out] cipher NULL on failure; for block_cipher_destroy().
 * @retval HR_OK
 * @retval HR_INVALIDARG no key of the algorithm has this length.
 * @retval HR_OUTOFMEMORY
 * @retval SC_E_UNSUPPORTED_FEATURE the platform does not have the algorithm.
 */
scm_result block_cipher_create(enum block_cipher_kind kind, struct bytes key,
                               struct block_cipher **cipher);

/** Wipes and frees a cipher; NULL is allowed. */
void block_cipher_destroy(struct block_cipher *cipher);

enum block_cipher_kind block_cipher_kind_of(const struct block_cipher *cipher);

/**
 * Each block by itself, in place.
 *
 * @param[in] len whole blocks.
 * @retval HR_OK
 * @retval HR_INVALIDARG a block is not whole.
 * @retval SC_F_INTERNAL_ERROR the platform failed; the data is undefined then.
 */
scm_result block_cipher_encrypt(struct block_cipher *cipher, uint8_t *data, size_t len);
scm_result block_cipher_decrypt(struct block_cipher *cipher, uint8_t *data, size_t len);

/**
 * The same with the blocks chained (CBC).
 *
 * @param[in] iv as long as a block; NULL: zeros.
 */
scm_result block_cipher_cbc_encrypt(struct block_cipher *cipher, const uint8_t *iv, uint8_t *data,
                                    size_t len);
scm_result block_cipher_cbc_decrypt(struct block_cipher *cipher, const uint8_t *iv, uint8_t *data,
                                    size_t len);

/**
 * Random bytes of the platform's generator, good for challenges and keys.
 * @return false when it has none to give.
 */
bool block_cipher_random(uint8_t *buffer, size_t len);

#endif
