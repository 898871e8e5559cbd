/*
 * cipher - the block ciphers authentication uses, by libcrypto.
 * Layer: simcard (uses base; the only file that knows OpenSSL).
 * Owns: nothing.
 * Standard: ISO/IEC 18033-3 (TDEA, AES), ISO/IEC 10116 (CBC), ISO/IEC 9797-1 (MAC algorithms 3, 5).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_CIPHER_H
#define SCM_SIMCARD_CIPHER_H

#include "base/bytes.h"

#define CIPHER_KEY_MAX   32
#define CIPHER_BLOCK_MAX 16

enum cipher_algorithm
{
    CIPHER_3DES, /* keys of 16 (two parts) or 24 bytes */
    CIPHER_AES   /* keys of 16, 24 or 32 bytes */
};

/** Whether a key of this length exists for the algorithm. */
bool cipher_accepts_key_len(enum cipher_algorithm algorithm, size_t len);

size_t cipher_block_len(enum cipher_algorithm algorithm);

/**
 * What a card or terminal answers to a challenge: the challenge, filled with zero bytes to whole
 * blocks, encrypted in CBC mode with a zero initial vector. For a challenge of one block that is
 * the plain block encryption.
 *
 * @param[in] challenge 1 to 256 bytes.
 * @param[out] answer the writer the cryptogram is put to.
 * @return false where the cipher refuses or the answer does not fit.
 */
bool cipher_authenticate(enum cipher_algorithm algorithm, struct bytes key, struct bytes challenge,
                         struct byte_writer *answer);

/**
 * Enciphers or deciphers whole blocks in place, in CBC mode.
 *
 * @param[in] iv a block.
 * @return false where the cipher refuses.
 */
bool cipher_chain(enum cipher_algorithm algorithm, struct bytes key, const uint8_t *iv,
                  bool is_encryption, uint8_t *data, size_t len);

/**
 * A checksum of whole blocks, which the caller has padded: for 3DES (keys of 16 bytes) MAC algorithm
 * 3 of ISO/IEC 9797-1, 8 bytes; for AES CMAC, 16 bytes.
 *
 * @return false where the cipher refuses.
 */
bool cipher_checksum(enum cipher_algorithm algorithm, struct bytes key, struct bytes blocks,
                     uint8_t checksum[CIPHER_BLOCK_MAX]);

#define CIPHER_SHA1_LEN 20

/** SHA-1; false where libcrypto refuses. */
bool cipher_sha1(struct bytes message, uint8_t digest[CIPHER_SHA1_LEN]);

/** Fills a buffer with random bytes; false where the system has none to give. */
bool cipher_random(uint8_t *buffer, size_t len);

#endif
