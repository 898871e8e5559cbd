/*
 * digest_posix - SHA-1 by libcrypto, for the native builds of the layers.
 * Layer: system (knows only base; implements system/digest.h).
 * Reference: EVP_Digest(3)
 * SPDX-License-Identifier: MIT
 */
#include "system/digest.h"

#include <openssl/evp.h>

scm_result digest_sha1(struct bytes message, uint8_t digest[DIGEST_SHA1_LEN])
{
    unsigned len = DIGEST_SHA1_LEN;
    return EVP_Digest(message.data, message.len, digest, &len, EVP_sha1(), NULL) == 1
               ? HR_OK
               : SC_E_UNSUPPORTED_FEATURE;
}
