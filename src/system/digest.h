/*
 * digest - SHA-1 by the cryptography of the platform, for keys derived as older cards derive them.
 * Layer: system (knows only base); system/digest_windows.c by CryptoAPI,
 *        system/digest_posix.c by libcrypto.
 * Standard: FIPS 180-4
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SYSTEM_DIGEST_H
#define SCM_SYSTEM_DIGEST_H

#include "base/bytes.h"
#include "base/result.h"

#define DIGEST_SHA1_LEN 20

/**
 * The SHA-1 of some bytes.
 *
 * @retval HR_OK
 * @retval SC_E_UNSUPPORTED_FEATURE the platform does not have it.
 */
scm_result digest_sha1(struct bytes message, uint8_t digest[DIGEST_SHA1_LEN]);

#endif
