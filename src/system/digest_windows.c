/*
 * digest_windows - SHA-1 by CryptoAPI, as every Windows has it.
 * Layer: system (knows only base; implements system/digest.h).
 * Reference: CryptCreateHash, CryptHashData, CryptGetHashParam, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "system/digest.h"

#include <windows.h>
#include <wincrypt.h>

static bool compute(HCRYPTPROV provider, struct bytes message, uint8_t *digest)
{
    HCRYPTHASH hash;
    DWORD len = DIGEST_SHA1_LEN;

    if (!CryptCreateHash(provider, CALG_SHA1, 0, 0, &hash)) return false;
    bool is_done = CryptHashData(hash, message.data, (DWORD)message.len, 0) &&
                   CryptGetHashParam(hash, HP_HASHVAL, digest, &len, 0) && len == DIGEST_SHA1_LEN;
    CryptDestroyHash(hash);
    return is_done;
}

scm_result digest_sha1(struct bytes message, uint8_t digest[DIGEST_SHA1_LEN])
{
    HCRYPTPROV provider;

    if (!CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_FULL,
                              CRYPT_VERIFYCONTEXT | CRYPT_SILENT))
        return SC_E_UNSUPPORTED_FEATURE;
    bool is_done = compute(provider, message, digest);
    CryptReleaseContext(provider, 0);
    return is_done ? HR_OK : SC_E_UNSUPPORTED_FEATURE;
}
