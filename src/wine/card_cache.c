/*
 * card_cache - cached card data, a list with the newest first.
 * Layer: wine bridge (pure but for its lock).
 * Owns: the items; threads: `cache.lock`.
 * SPDX-License-Identifier: MIT
 */
#include "wine/card_cache.h"

#include <stdbool.h>
#include <string.h>

#include "wine/multi_string.h"
#include "wine/system.h"

struct item
{
    struct item *next;
    uint8_t card[CARD_CACHE_CARD_LEN];
    uint32_t freshness;
    size_t len;
    size_t name_chars; /* with its NUL */
    uint16_t name[];   /* the data follow */
};

static struct
{
    struct system_lock lock;
    struct item *newest;
    size_t total;
} cache;

static size_t item_size(size_t name_chars, size_t len)
{
    return sizeof(struct item) + name_chars * sizeof(uint16_t) + len;
}

static uint8_t *data_of(struct item *item)
{
    return (uint8_t *)(item->name + item->name_chars);
}

void card_cache_init(void)
{
    system_lock_init(&cache.lock);
    cache.newest = NULL;
    cache.total = 0;
}

/** Takes an item out of the list, wipes it (it may be from behind a PIN) and frees it. */
static void delete_locked(struct item **at)
{
    struct item *item = *at;
    size_t size = item_size(item->name_chars, item->len);

    *at = item->next;
    cache.total -= size;
    for (volatile uint8_t *byte = data_of(item), *end = byte + item->len; byte < end; byte++)
        *byte = 0;
    system_free(item);
}

void card_cache_shutdown(void)
{
    while (cache.newest)
        delete_locked(&cache.newest);
    system_lock_destroy(&cache.lock);
}

static struct item **find_locked(const uint8_t *card, const uint16_t *name)
{
    struct item **at = &cache.newest;

    while (*at &&
           (memcmp((*at)->card, card, CARD_CACHE_CARD_LEN) != 0 || !text_equal((*at)->name, name)))
        at = &(*at)->next;
    return at;
}

static struct winscard_result read_locked(const uint8_t *card, uint32_t freshness,
                                          const uint16_t *name, uint8_t **data, size_t *len)
{
    struct item **at = find_locked(card, name);

    if (!*at) return winscard_code(SC_W_CACHE_ITEM_NOT_FOUND);
    if ((*at)->freshness != freshness)
    {
        delete_locked(at);
        return winscard_code(SC_W_CACHE_ITEM_STALE);
    }
    *data = system_alloc((*at)->len + 1);
    if (!*data) return winscard_code(SC_E_NO_MEMORY);
    *len = (*at)->len;
    memcpy(*data, data_of(*at), *len);
    return WINSCARD_OK;
}

struct winscard_result card_cache_read(const uint8_t card[CARD_CACHE_CARD_LEN], uint32_t freshness,
                                       const uint16_t *name, uint8_t **data, size_t *len)
{
    struct winscard_result result;

    *data = NULL;
    *len = 0;
    system_lock_take(&cache.lock);
    result = read_locked(card, freshness, name, data, len);
    system_lock_give(&cache.lock);
    return result;
}

static void delete_oldest_locked(void)
{
    struct item **at = &cache.newest;

    while ((*at)->next)
        at = &(*at)->next;
    delete_locked(at);
}

struct winscard_result card_cache_write(const uint8_t card[CARD_CACHE_CARD_LEN], uint32_t freshness,
                                        const uint16_t *name, const uint8_t *data, size_t len)
{
    size_t name_chars = text_len(name) + 1;
    struct item *item, **old;

    if (len > CARD_CACHE_ITEM_MAX || name_chars > CARD_CACHE_ITEM_MAX)
        return winscard_code(SC_W_CACHE_ITEM_TOO_BIG);
    item = system_alloc(item_size(name_chars, len));
    if (!item) return winscard_code(SC_E_NO_MEMORY);
    memcpy(item->card, card, sizeof(item->card));
    item->freshness = freshness;
    item->len = len;
    item->name_chars = name_chars;
    memcpy(item->name, name, name_chars * sizeof(*name));
    if (len) memcpy(data_of(item), data, len);

    system_lock_take(&cache.lock);
    old = find_locked(card, name);
    if (*old) delete_locked(old);
    while (cache.newest && cache.total + item_size(name_chars, len) > CARD_CACHE_TOTAL_MAX)
        delete_oldest_locked();
    item->next = cache.newest;
    cache.newest = item;
    cache.total += item_size(name_chars, len);
    system_lock_give(&cache.lock);
    return WINSCARD_OK;
}
