/*
 * block_cipher_windows - block ciphers by CryptoAPI, as Windows XP has it.
 * Layer: system (knows only base; implements system/block_cipher.h).
 *
 * Design notes. A key that was used for encryption and never padded to an end cannot be used for
 * decryption (NTE_BAD_DATA on Wine), so a cipher imports its key twice. Keys are used without
 * chaining: see block_cipher.c. Before its second service pack for the 64-bit edition, Windows XP
 * knew the provider with AES only as a prototype; where there is none at all, DES and triple DES
 * are found in the enhanced provider.
 * Reference: CryptAcquireContext, CryptImportKey (PLAINTEXTKEYBLOB), CryptSetKeyParam, CryptEncrypt,
 *            CryptGenRandom, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "system/block_cipher.h"

#include <windows.h>
#include <wincrypt.h>

#include "base/wipe.h"
#include "system/memory.h"

struct block_cipher
{
    enum block_cipher_kind kind;
    HCRYPTPROV provider;
    HCRYPTKEY encryption;
    HCRYPTKEY decryption;
};

/* What CryptImportKey takes for a key that lies open. */
struct plain_key_blob
{
    BLOBHEADER header;
    DWORD len;
    BYTE bytes[BLOCK_CIPHER_KEY_MAX];
};
C_ASSERT(sizeof(struct plain_key_blob) == sizeof(BLOBHEADER) + 4 + BLOCK_CIPHER_KEY_MAX);

static bool acquire_provider(HCRYPTPROV *provider)
{
    static const struct
    {
        const WCHAR *name; /* NULL: the default one of the type */
        DWORD type;
    } rows[] = {
        { NULL, PROV_RSA_AES },
        { MS_ENH_RSA_AES_PROV_W, PROV_RSA_AES },
        { MS_ENH_RSA_AES_PROV_XP_W, PROV_RSA_AES },
        { MS_ENHANCED_PROV_W, PROV_RSA_FULL },
    };

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
        if (CryptAcquireContextW(provider, NULL, rows[i].name, rows[i].type,
                                 CRYPT_VERIFYCONTEXT | CRYPT_SILENT))
            return true;
    *provider = 0;
    return false;
}

static ALG_ID algorithm_of(enum block_cipher_kind kind, size_t key_len)
{
    if (kind == BLOCK_CIPHER_DES) return CALG_DES;
    if (kind == BLOCK_CIPHER_3DES) return key_len == 16 ? CALG_3DES_112 : CALG_3DES;
    return key_len == 16 ? CALG_AES_128 : key_len == 24 ? CALG_AES_192 : CALG_AES_256;
}

static bool import_key(HCRYPTPROV provider, const struct plain_key_blob *blob, HCRYPTKEY *key)
{
    DWORD mode = CRYPT_MODE_ECB;
    DWORD blob_len = (DWORD)offsetof(struct plain_key_blob, bytes) + blob->len;

    *key = 0;
    return CryptImportKey(provider, (const BYTE *)blob, blob_len, 0, 0, key) &&
           CryptSetKeyParam(*key, KP_MODE, (const BYTE *)&mode, 0);
}

scm_result block_cipher_create(enum block_cipher_kind kind, struct bytes key,
                               struct block_cipher **cipher)
{
    struct plain_key_blob blob = { .header = { PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, 0 } };

    *cipher = NULL;
    if (!block_cipher_accepts_key_len(kind, key.len)) return HR_INVALIDARG;
    struct block_cipher *made = memory_alloc(sizeof(*made));
    if (!made) return HR_OUTOFMEMORY;
    made->kind = kind;
    blob.header.aiKeyAlg = algorithm_of(kind, key.len);
    blob.len = (DWORD)key.len;
    memcpy(blob.bytes, key.data, key.len);
    bool is_made = acquire_provider(&made->provider) &&
                   import_key(made->provider, &blob, &made->encryption) &&
                   import_key(made->provider, &blob, &made->decryption);
    wipe(&blob, sizeof(blob));
    if (!is_made)
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
    if (cipher->encryption) CryptDestroyKey(cipher->encryption);
    if (cipher->decryption) CryptDestroyKey(cipher->decryption);
    if (cipher->provider) CryptReleaseContext(cipher->provider, 0);
    memory_free(cipher);
}

enum block_cipher_kind block_cipher_kind_of(const struct block_cipher *cipher)
{
    return cipher->kind;
}

static bool is_whole(const struct block_cipher *cipher, size_t len)
{
    return len % block_cipher_block_len(cipher->kind) == 0 && len <= INT32_MAX;
}

scm_result block_cipher_encrypt(struct block_cipher *cipher, uint8_t *data, size_t len)
{
    DWORD done = (DWORD)len;

    if (!is_whole(cipher, len)) return HR_INVALIDARG;
    if (len == 0) return HR_OK;
    bool is_done = CryptEncrypt(cipher->encryption, 0, FALSE, 0, data, &done, (DWORD)len);
    return is_done && done == len ? HR_OK : SC_F_INTERNAL_ERROR;
}

scm_result block_cipher_decrypt(struct block_cipher *cipher, uint8_t *data, size_t len)
{
    DWORD done = (DWORD)len;

    if (!is_whole(cipher, len)) return HR_INVALIDARG;
    if (len == 0) return HR_OK;
    bool is_done = CryptDecrypt(cipher->decryption, 0, FALSE, 0, data, &done);
    return is_done && done == len ? HR_OK : SC_F_INTERNAL_ERROR;
}

bool block_cipher_random(uint8_t *buffer, size_t len)
{
    HCRYPTPROV provider;

    if (len > INT32_MAX || !acquire_provider(&provider)) return false;
    bool is_filled = CryptGenRandom(provider, (DWORD)len, buffer);
    CryptReleaseContext(provider, 0);
    return is_filled;
}
