/*
 * cipher_vectors - published values of block ciphers and codes made with them.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/cipher_vectors.h"

#include <string.h>

#include "system/block_mac.h"
#include "system/digest.h"

#define DATA_MAX 128

enum job
{
    ECB,
    CBC,
    MAC,
};

struct vector
{
    const char *name;
    enum job job;
    int kind; /* enum block_cipher_kind or enum block_mac_kind */
    const char *key;
    const char *iv; /* "" : zeros */
    const char *plain;
    const char *result;
};

#define AES_128_KEY "2b7e151628aed2a6abf7158809cf4f3c"
#define AES_192_KEY "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b"
#define AES_256_KEY "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
#define BLOCK_1     "6bc1bee22e409f96e93d7e117393172a"
#define BLOCK_2     "ae2d8a571e03ac9c9eb76fac45af8e51"
#define BLOCK_3     "30c81c46a35ce411e5fbc1191a0a52ef"
#define BLOCK_4     "f69f2445df4f9b17ad2b417be66c3710"
#define ALL_BLOCKS  BLOCK_1 BLOCK_2 BLOCK_3 BLOCK_4
#define COUNTING    "000102030405060708090a0b0c0d0e0f"
#define FIPS_PLAIN  "00112233445566778899aabbccddeeff"
#define MAC_KEY     "0123456789abcdeffedcba9876543210"
#define ICAO_ENC    "979EC13B1CBFE9DCD01AB0FED307EAE5"
#define ICAO_MAC    "F1CB1F1FB5ADF208806B89DC579DC1F8"

/* clang-format off */
static const struct vector vectors[] = {
    { "FIPS 197 C.1, AES-128", ECB, BLOCK_CIPHER_AES, COUNTING, "", FIPS_PLAIN,
      "69c4e0d86a7b0430d8cdb78070b4c55a" },
    { "FIPS 197 C.2, AES-192", ECB, BLOCK_CIPHER_AES, COUNTING "1011121314151617", "", FIPS_PLAIN,
      "dda97ca4864cdfe06eaf70a0ec0d7191" },
    { "FIPS 197 C.3, AES-256", ECB, BLOCK_CIPHER_AES,
      COUNTING "101112131415161718191a1b1c1d1e1f", "", FIPS_PLAIN,
      "8ea2b7ca516745bfeafc49904b496089" },
    { "SP 800-38A F.2.1, CBC AES-128", CBC, BLOCK_CIPHER_AES, AES_128_KEY, COUNTING, ALL_BLOCKS,
      "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b2"
      "73bed6b8e3c1743b7116e69e222295163ff1caa1681fac09120eca307586e1a7" },
    { "SP 800-38A F.2.3, CBC AES-192", CBC, BLOCK_CIPHER_AES, AES_192_KEY, COUNTING, ALL_BLOCKS,
      "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a"
      "571b242012fb7ae07fa9baac3df102e008b0e27988598881d920a9e64f5615cd" },
    { "SP 800-38A F.2.5, CBC AES-256", CBC, BLOCK_CIPHER_AES, AES_256_KEY, COUNTING, ALL_BLOCKS,
      "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d"
      "39f23369a9d9bacfa530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b" },
    { "DES, the classic example", ECB, BLOCK_CIPHER_DES, "133457799BBCDFF1", "",
      "0123456789ABCDEF", "85E813540F0AB405" },
    { "SP 800-67 B.1, 3DES of three parts", ECB, BLOCK_CIPHER_3DES,
      "0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", "",
      "5468652071756663" "6B2062726F776E20" "666F78206A756D70",
      "A826FD8CE53B855F" "CCE21C8112256FE6" "68D5C05DD9B6B900" },
    { "Doc 9303 D.3, E_IFD, 3DES of two parts", CBC, BLOCK_CIPHER_3DES,
      "AB94FDECF2674FDFB9B391F85D7F76F2", "",
      "781723860C06C2264608F919887022120B795240CB7049B01C19B33E32804F0B",
      "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2" },
    { "Doc 9303 D.4, padded 011E", CBC, BLOCK_CIPHER_3DES, ICAO_ENC, "", "011E800000000000",
      "6375432908C044F6" },
    { "Doc 9303 D.3, M_IFD", MAC, BLOCK_MAC_RETAIL, "7962D9ECE03D1ACD4C76089DCE131543", "",
      "72C29C2371CC9BDB65B779B8E8D37B29ECC154AA56A8799FAE2F498F76ED92F2", "5F1448EEA8AD90A7" },
    { "Doc 9303 D.4, CC of SELECT", MAC, BLOCK_MAC_RETAIL, ICAO_MAC, "",
      "887022120C06C227" "0CA4020C80000000" "8709016375432908C044F6", "BF8B92D635FF24F8" },
    { "ISO/IEC 9797-1, algorithm 3, padding 2, whole blocks", MAC, BLOCK_MAC_RETAIL, MAC_KEY, "",
      /* Now is the time for all_ */
      "4e6f77206973207468652074696d6520666f7220616c6c20", "e9086230ca3be796" },
    { "ISO/IEC 9797-1, algorithm 3, padding 2, the last block filled", MAC, BLOCK_MAC_RETAIL,
      MAC_KEY, "",
      /* Now is the time for it */
      "4e6f77206973207468652074696d6520666f72206974", "5a692ce64f404145" },
    { "SP 800-38B D.1 example 1, no message", MAC, BLOCK_MAC_CMAC, AES_128_KEY, "", "",
      "bb1d6929e95937287fa37d129b756746" },
    { "SP 800-38B D.1 example 2, one block", MAC, BLOCK_MAC_CMAC, AES_128_KEY, "", BLOCK_1,
      "070a16b46b4d4144f79bdd9dd04a287c" },
    { "SP 800-38B D.1 example 3, 40 bytes", MAC, BLOCK_MAC_CMAC, AES_128_KEY, "",
      BLOCK_1 BLOCK_2 "30c81c46a35ce411", "dfa66747de9ae63030ca32611497c827" },
    { "SP 800-38B D.1 example 4, four blocks", MAC, BLOCK_MAC_CMAC, AES_128_KEY, "", ALL_BLOCKS,
      "51f0bebf7e3b9d92fc49741779363cfe" },
    { "SP 800-38B D.2 example 5, no message", MAC, BLOCK_MAC_CMAC, AES_192_KEY, "", "",
      "d17ddf46adaacde531cac483de7a9367" },
    { "SP 800-38B D.2 example 8, four blocks", MAC, BLOCK_MAC_CMAC, AES_192_KEY, "", ALL_BLOCKS,
      "a1d5df0eed790f794d77589659f39a11" },
    { "SP 800-38B D.3 example 9, no message", MAC, BLOCK_MAC_CMAC, AES_256_KEY, "", "",
      "028962f61b7bf89efc6b551f4667d983" },
    { "SP 800-38B D.3 example 11, 40 bytes", MAC, BLOCK_MAC_CMAC, AES_256_KEY, "",
      BLOCK_1 BLOCK_2 "30c81c46a35ce411", "aaf3d8f1de5640c232f5b169b9c911e6" },
    { "SP 800-38B D.3 example 12, four blocks", MAC, BLOCK_MAC_CMAC, AES_256_KEY, "", ALL_BLOCKS,
      "e1992190549f6ed5696a2c056c315410" },
};
/* clang-format on */

size_t cipher_vectors_count(void)
{
    return sizeof(vectors) / sizeof(vectors[0]);
}

const char *cipher_vector_name(size_t i)
{
    return vectors[i].name;
}

static unsigned digit(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
}

static size_t bytes_from(const char *text, uint8_t *bytes)
{
    size_t len = strlen(text) / 2;
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
    return len;
}

static bool cipher_holds(const struct vector *vector, struct bytes key)
{
    uint8_t iv[BLOCK_CIPHER_BLOCK_MAX], data[DATA_MAX], plain[DATA_MAX], expected[DATA_MAX];
    size_t len = bytes_from(vector->plain, plain);
    const uint8_t *start = bytes_from(vector->iv, iv) ? iv : NULL;
    struct block_cipher *cipher;

    bytes_from(vector->result, expected);
    memcpy(data, plain, len);
    if (block_cipher_create((enum block_cipher_kind)vector->kind, key, &cipher) != HR_OK)
        return false;
    bool holds = true;
    /* Twice in both directions: nothing of one message may reach into the next. */
    for (int round = 0; round < 2 && holds; round++)
    {
        scm_result result = vector->job == ECB ? block_cipher_encrypt(cipher, data, len)
                                               : block_cipher_cbc_encrypt(cipher, start, data, len);
        holds = result == HR_OK && memcmp(data, expected, len) == 0;
        result = vector->job == ECB ? block_cipher_decrypt(cipher, data, len)
                                    : block_cipher_cbc_decrypt(cipher, start, data, len);
        holds = holds && result == HR_OK && memcmp(data, plain, len) == 0;
    }
    block_cipher_destroy(cipher);
    return holds;
}

/* The message in one part, and cut in two at every place. */
static bool mac_holds(const struct vector *vector, struct bytes key)
{
    uint8_t message[DATA_MAX], expected[DATA_MAX], code[BLOCK_MAC_MAX];
    size_t len = bytes_from(vector->plain, message);
    size_t code_len = bytes_from(vector->result, expected);
    enum block_mac_kind kind = (enum block_mac_kind)vector->kind;
    struct block_mac *mac;

    if (code_len != block_mac_len(kind) || block_mac_create(kind, key, &mac) != HR_OK) return false;
    bool holds = true;
    for (size_t cut = 0; cut <= len && holds; cut++)
    {
        struct bytes parts[] = { bytes_of(message, cut), bytes_of(message + cut, len - cut) };
        holds = block_mac_compute(mac, parts, 2, code) == HR_OK &&
                block_mac_equal(code, expected, code_len);
    }
    block_mac_destroy(mac);
    return holds;
}

bool cipher_vector_holds(size_t i)
{
    uint8_t key[BLOCK_CIPHER_KEY_MAX];
    struct bytes key_bytes = bytes_of(key, bytes_from(vectors[i].key, key));
    return vectors[i].job == MAC ? mac_holds(&vectors[i], key_bytes)
                                 : cipher_holds(&vectors[i], key_bytes);
}

/* Keys of every length: those that exist are taken, the others refused. */
static bool lengths_hold(void)
{
    uint8_t key[2 * BLOCK_CIPHER_KEY_MAX];
    bool holds = true;

    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)(17 * i + 3);
    for (size_t len = 0; len <= sizeof(key); len++)
        for (int kind = BLOCK_CIPHER_DES; kind <= BLOCK_CIPHER_AES; kind++)
        {
            struct block_cipher *cipher = (struct block_cipher *)key;
            bool exists = kind == BLOCK_CIPHER_DES    ? len == 8
                          : kind == BLOCK_CIPHER_3DES ? len == 16 || len == 24
                                                      : len == 16 || len == 24 || len == 32;
            scm_result result =
                block_cipher_create((enum block_cipher_kind)kind, bytes_of(key, len), &cipher);
            holds = holds && result == (exists ? HR_OK : HR_INVALIDARG) && !cipher == !exists;
            block_cipher_destroy(cipher);
        }
    for (size_t len = 0; len <= sizeof(key); len++)
        for (int kind = BLOCK_MAC_RETAIL; kind <= BLOCK_MAC_CMAC; kind++)
        {
            struct block_mac *mac = (struct block_mac *)key;
            bool exists = len == 16 || (kind == BLOCK_MAC_CMAC && (len == 24 || len == 32));
            scm_result result =
                block_mac_create((enum block_mac_kind)kind, bytes_of(key, len), &mac);
            holds = holds && result == (exists ? HR_OK : HR_INVALIDARG) && !mac == !exists;
            block_mac_destroy(mac);
        }
    return holds;
}

static bool weak_keys_hold(void)
{
    static const struct
    {
        const char *key;
        bool is_weak;
    } rows[] = {
        { "0123456789abcdeffedcba9876543210", false },
        { "0123456789abcdef0123456789abcdef", true },
        { "0123456789abcdef0022446688aaccee", true }, /* but for parity */
        { "00000000000000000000000000000000", true },
        { "0123456789abcdeffedcba98765432100123456789abcdef", false },
        { "0123456789abcdef0123456789abcdeffedcba9876543210", true },
        { "0123456789abcdeffedcba9876543210fedcba9876543210", true },
    };
    uint8_t key[BLOCK_CIPHER_KEY_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct bytes bytes = bytes_of(key, bytes_from(rows[i].key, key));
        if (block_cipher_is_key_weak(BLOCK_CIPHER_3DES, bytes) != rows[i].is_weak) return false;
        if (block_cipher_is_key_weak(BLOCK_CIPHER_AES, bytes)) return false;
    }
    return true;
}

/* Half a block is refused; nothing at all is no work. */
static bool blocks_hold(void)
{
    uint8_t key[16] = { 1, 2, 3 }, data[32] = { 0 };
    struct block_cipher *cipher;

    if (block_cipher_create(BLOCK_CIPHER_AES, bytes_of(key, sizeof(key)), &cipher) != HR_OK)
        return false;
    bool holds = block_cipher_encrypt(cipher, data, 17) == HR_INVALIDARG &&
                 block_cipher_decrypt(cipher, data, 15) == HR_INVALIDARG &&
                 block_cipher_cbc_encrypt(cipher, NULL, data, 1) == HR_INVALIDARG &&
                 block_cipher_cbc_decrypt(cipher, NULL, data, 31) == HR_INVALIDARG &&
                 block_cipher_encrypt(cipher, data, 0) == HR_OK &&
                 block_cipher_cbc_decrypt(cipher, NULL, data, 0) == HR_OK;
    for (size_t i = 0; i < sizeof(data); i++)
        holds = holds && data[i] == 0;
    block_cipher_destroy(cipher);
    return holds;
}

static bool random_holds(void)
{
    uint8_t first[16] = { 0 }, second[16] = { 0 };
    return block_cipher_random(first, sizeof(first)) &&
           block_cipher_random(second, sizeof(second)) && memcmp(first, second, sizeof(first)) != 0;
}

/* FIPS 180 appendix A: "abc", and the longer message. */
static bool digest_holds(void)
{
    static const struct
    {
        const char *message, *digest;
    } rows[] = {
        { "", "da39a3ee5e6b4b0d3255bfef95601890afd80709" },
        { "abc", "a9993e364706816aba3e25717850c26c9cd0d89d" },
        { "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
          "84983e441c3bd26ebaae4aa1f95129e5e54670f1" },
    };
    uint8_t digest[DIGEST_SHA1_LEN], expected[DIGEST_SHA1_LEN];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
    {
        struct bytes message = bytes_of(rows[i].message, strlen(rows[i].message));
        bytes_from(rows[i].digest, expected);
        if (digest_sha1(message, digest) != HR_OK) return false;
        if (memcmp(digest, expected, sizeof(digest)) != 0) return false;
    }
    return true;
}

static bool comparison_holds(void)
{
    uint8_t a[9], b[9];
    memset(a, 0x5A, sizeof(a));
    for (size_t i = 0; i < sizeof(a); i++)
    {
        memcpy(b, a, sizeof(b));
        b[i] ^= 0x80;
        if (block_mac_equal(a, b, sizeof(a))) return false;
        if (!block_mac_equal(a, b, i)) return false;
    }
    return block_mac_equal(a, a, sizeof(a));
}

size_t cipher_rules_broken(void (*say)(const char *rule))
{
    static const struct
    {
        const char *rule;
        bool (*holds)(void);
    } rules[] = {
        { "keys have the lengths of their algorithm", lengths_hold },
        { "keys of equal parts are weak", weak_keys_hold },
        { "blocks are whole", blocks_hold },
        { "random bytes differ", random_holds },
        { "digests are those published", digest_holds },
        { "codes are compared to their ends", comparison_holds },
    };
    size_t broken = 0;

    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
    {
        if (rules[i].holds()) continue;
        say(rules[i].rule);
        broken++;
    }
    return broken;
}
