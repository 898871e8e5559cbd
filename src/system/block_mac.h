/*
 * block_mac - message authentication MACs made with block ciphers: the retail MAC and CMAC.
 * Layer: system (knows only base).
 * Owns: a MAC's maker owns its key, which is wiped when it is destroyed; threads: one at a time.
 * Standard: ISO/IEC 9797-1:2011 (MAC algorithm 3, padding method 2); NIST SP 800-38B (CMAC)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_BLOCK_MAC_H
#define SCM_SYSTEM_BLOCK_MAC_H

#include "system/block_cipher.h"

#define BLOCK_MAC_MAX BLOCK_CIPHER_BLOCK_MAX
/** First byte of padding method 2, before zeros. */
#define BLOCK_MAC_PADDING 0x80

enum block_mac_kind
{
    BLOCK_MAC_RETAIL, /**< 8 bytes; DES keys of 16 bytes; messages are padded by method 2 */
    BLOCK_MAC_CMAC,   /**< 16 bytes; AES keys of 16, 24 or 32 bytes */
};

struct block_mac;

/** Bytes of a MAC. */
size_t block_mac_len(enum block_mac_kind kind);

/**
 * A maker of MACs with a key.
 *
 * @param[in] key copied.
 * @param[out] mac NULL on failure; for block_mac_destroy().
 * @retval as block_cipher_create().
 */
scm_result block_mac_create(enum block_mac_kind kind, struct bytes key, struct block_mac **mac);

/** Wipes and frees; NULL is allowed. */
void block_mac_destroy(struct block_mac *mac);

enum block_mac_kind block_mac_kind_of(const struct block_mac *mac);

/**
 * The MAC of a message that comes in parts.
 *
 * @param[in] parts one behind the other, of any lengths.
 * @param[out] MAC block_mac_len() bytes.
 * @retval HR_OK
 * @retval SC_F_INTERNAL_ERROR the platform failed.
 */
scm_result block_mac_compute(struct block_mac *mac, const struct bytes *parts, size_t parts_count,
                             uint8_t code[BLOCK_MAC_MAX]);

/** Whether two values are the same, in a time that does not tell where they differ. */
bool block_mac_equal(const uint8_t *a, const uint8_t *b, size_t len);

#endif
