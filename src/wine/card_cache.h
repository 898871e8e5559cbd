/*
 * card_cache - data that card modules keep about cards between sessions (SCardReadCache).
 * Layer: wine bridge (pure but for its lock).
 * An item belongs to a card (a UUID its module made up) and a name, and carries the counter of the
 * card's contents it was read at. Windows keeps the cache in its service, for all programs; here it
 * lives as long as the process, which a cache may.
 * Threads: any; the lock is a leaf.
 * Reference: SCardReadCache, SCardWriteCache, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_CARD_CACHE_H
#define SCM_WINE_CARD_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "wine/winscard_result.h"

#define CARD_CACHE_CARD_LEN  16
#define CARD_CACHE_ITEM_MAX  0x10000u
#define CARD_CACHE_TOTAL_MAX 0x100000u

void card_cache_init(void);

/** Wipes and frees every item. */
void card_cache_shutdown(void);

/**
 * A copy of an item.
 *
 * @param[out] data to be freed with system_free.
 * @retval WINSCARD_OK
 * @retval SC_W_CACHE_ITEM_NOT_FOUND
 * @retval SC_W_CACHE_ITEM_STALE it was of another freshness; it is deleted.
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result card_cache_read(const uint8_t card[CARD_CACHE_CARD_LEN], uint32_t freshness,
                                       const uint16_t *name, uint8_t **data, size_t *len);

/**
 * Keeps an item, in place of an older one of this name. The items longest kept make room for it.
 *
 * @retval WINSCARD_OK
 * @retval SC_W_CACHE_ITEM_TOO_BIG
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result card_cache_write(const uint8_t card[CARD_CACHE_CARD_LEN], uint32_t freshness,
                                        const uint16_t *name, const uint8_t *data, size_t len);

#endif
