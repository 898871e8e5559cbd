/*
 * block_mac - message authentication MACs made with block ciphers: the retail MAC and CMAC.
 * Layer: system (knows only base).
 * Standard: ISO/IEC 9797-1:2011 clauses 6.3.3 (padding method 2), 7.4 (MAC algorithm 3);
 *           NIST SP 800-38B clauses 6.1 (subkeys), 6.2 (CMAC)
 * SPDX-License-Identifier: MIT
 */
#include "system/block_mac.h"

#include "base/wipe.h"
#include "system/memory.h"

#define DES_KEY_LEN    8
#define RETAIL_KEY_LEN 16
#define CMAC_CONSTANT  0x87 /* R128 of SP 800-38B clause 5.3 */

struct block_mac
{
    enum block_mac_kind kind;
    struct block_cipher *chain;    /* of every block */
    struct block_cipher *second;   /* retail: of the output transformation */
    uint8_t whole[AES_BLOCK_LEN];  /* CMAC: K1, for a last block that is whole */
    uint8_t padded[AES_BLOCK_LEN]; /* CMAC: K2, for one that had to be filled */
};

size_t block_mac_len(enum block_mac_kind kind)
{
    return kind == BLOCK_MAC_CMAC ? AES_BLOCK_LEN : DES_BLOCK_LEN;
}

/* Twice a value in the field of CMAC. */
static void doubled(const uint8_t *value, uint8_t *twice)
{
    uint8_t carry = value[0] >> 7;
    for (size_t i = 0; i < AES_BLOCK_LEN; i++)
        twice[i] = (uint8_t)(value[i] << 1 | (i + 1 < AES_BLOCK_LEN ? value[i + 1] >> 7 : 0));
    twice[AES_BLOCK_LEN - 1] ^= (uint8_t)(carry * CMAC_CONSTANT);
}

static scm_result make_retail(struct block_mac *mac, struct bytes key)
{
    scm_result result = key.len == RETAIL_KEY_LEN ? HR_OK : HR_INVALIDARG;
    if (!result_failed(result))
        result =
            block_cipher_create(BLOCK_CIPHER_DES, bytes_slice(key, 0, DES_KEY_LEN), &mac->chain);
    if (!result_failed(result))
        result = block_cipher_create(BLOCK_CIPHER_DES, bytes_slice(key, DES_KEY_LEN, DES_KEY_LEN),
                                     &mac->second);
    return result;
}

static scm_result make_cmac(struct block_mac *mac, struct bytes key)
{
    uint8_t zero[AES_BLOCK_LEN] = { 0 };

    scm_result result = block_cipher_create(BLOCK_CIPHER_AES, key, &mac->chain);
    if (!result_failed(result)) result = block_cipher_encrypt(mac->chain, zero, sizeof(zero));
    if (!result_failed(result))
    {
        doubled(zero, mac->whole);
        doubled(mac->whole, mac->padded);
    }
    wipe(zero, sizeof(zero));
    return result;
}

scm_result block_mac_create(enum block_mac_kind kind, struct bytes key, struct block_mac **mac)
{
    *mac = NULL;
    struct block_mac *made = memory_alloc(sizeof(*made));
    if (!made) return HR_OUTOFMEMORY;
    made->kind = kind;
    scm_result result = kind == BLOCK_MAC_CMAC ? make_cmac(made, key) : make_retail(made, key);
    if (result_failed(result))
    {
        block_mac_destroy(made);
        return result;
    }
    *mac = made;
    return HR_OK;
}

void block_mac_destroy(struct block_mac *mac)
{
    if (!mac) return;
    block_cipher_destroy(mac->chain);
    block_cipher_destroy(mac->second);
    wipe(mac, sizeof(*mac));
    memory_free(mac);
}

enum block_mac_kind block_mac_kind_of(const struct block_mac *mac)
{
    return mac->kind;
}

/* The last block, of which `filled` bytes are mixed into the state already, and what follows it. */
static scm_result finish(struct block_mac *mac, uint8_t *state, size_t filled)
{
    size_t block_len = block_mac_len(mac->kind);

    if (mac->kind == BLOCK_MAC_CMAC)
    {
        bool is_whole = filled == block_len;
        const uint8_t *subkey = is_whole ? mac->whole : mac->padded;
        if (!is_whole) state[filled] ^= BLOCK_MAC_PADDING;
        for (size_t i = 0; i < block_len; i++)
            state[i] ^= subkey[i];
        return block_cipher_encrypt(mac->chain, state, block_len);
    }
    if (filled == block_len)
    {
        scm_result result = block_cipher_encrypt(mac->chain, state, block_len);
        if (result_failed(result)) return result;
        filled = 0;
    }
    state[filled] ^= BLOCK_MAC_PADDING;
    scm_result result = block_cipher_encrypt(mac->chain, state, block_len);
    if (!result_failed(result)) result = block_cipher_decrypt(mac->second, state, block_len);
    if (!result_failed(result)) result = block_cipher_encrypt(mac->chain, state, block_len);
    return result;
}

scm_result block_mac_compute(struct block_mac *mac, const struct bytes *parts, size_t parts_count,
                             uint8_t code[BLOCK_MAC_MAX])
{
    size_t block_len = block_mac_len(mac->kind);
    uint8_t state[BLOCK_MAC_MAX] = { 0 };
    size_t filled = 0;

    for (size_t part = 0; part < parts_count; part++)
        for (size_t i = 0; i < parts[part].len; i++)
        {
            /* A block is enciphered when another byte comes: the last one is finish()'s. */
            if (filled == block_len)
            {
                scm_result result = block_cipher_encrypt(mac->chain, state, block_len);
                if (result_failed(result)) return result;
                filled = 0;
            }
            state[filled++] ^= parts[part].data[i];
        }
    scm_result result = finish(mac, state, filled);
    if (!result_failed(result)) memcpy(code, state, block_len);
    wipe(state, sizeof(state));
    return result;
}

bool block_mac_equal(const uint8_t *a, const uint8_t *b, size_t len)
{
    volatile uint8_t difference = 0;
    for (size_t i = 0; i < len; i++)
        difference |= (uint8_t)(a[i] ^ b[i]);
    return difference == 0;
}
