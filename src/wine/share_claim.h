/*
 * share_claim - a reader connected with SCARD_SHARE_DIRECT belongs to one connection alone.
 * Layer: wine bridge (PE side: named objects of the prefix; a stand-in in the unit tests).
 * pcsc-lite lets others connect beside a direct connection. All programs of a prefix keep to these
 * claims; what programs outside Wine have connected is asked of pcsc-lite besides.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_SHARE_CLAIM_H
#define SCM_WINE_SHARE_CLAIM_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/winscard_result.h"

/** What a connection claims; { NULL } claims nothing. */
struct share_claim
{
    void *object;
};

/**
 * Claims a reader.
 *
 * @param[in]  reader    pcsc-lite's name.
 * @param[in]  is_direct a direct connection needs the reader to be claimed by nobody, any other
 *                       one needs that nobody holds it directly.
 * @param[out] claim     to be given back; empty on failure.
 * @retval WINSCARD_OK
 * @retval SC_E_SHARING_VIOLATION somebody holds it.
 * @retval SC_E_NO_MEMORY
 * Threads: any. Claims end with the process at the latest.
 */
struct winscard_result share_claim_take(struct share_claim *claim, const uint16_t *reader,
                                        bool is_direct);

/** Gives a claim back; an empty one is allowed. */
void share_claim_give(struct share_claim *claim);

#endif
