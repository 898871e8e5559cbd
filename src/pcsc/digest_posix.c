/*
 * digest_posix - SHA-1 by libcrypto, for the native builds of the layers.
 * Layer: pcsc (the layer that knows the system; implements base/digest.h).
 * Reference: EVP_Digest(3)
 * SPDX-License-Identifier: MIT
 */
#include "base/digest.h"

#include <openssl/evp.h>

scm_result digest_sha1(struct bytes message, uint8_t digest[DIGEST_SHA1_LEN])
{
    unsigned len = DIGEST_SHA1_LEN;
    return EVP_Digest(message.data, message.len, digest, &len, EVP_sha1(), NULL) == 1
               ? HR_OK
               : SC_E_UNSUPPORTED_FEATURE;
}
