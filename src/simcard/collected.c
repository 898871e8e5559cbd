/*
 * collected - a piece of bytes that grows while its parts arrive.
 * Layer: simcard (uses base).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/collected.h"

#include <stdlib.h>

bool collected_add(struct collected *collected, struct bytes bytes, size_t limit)
{
    if (bytes.len > limit || collected->len > limit - bytes.len) return false;
    size_t needed = collected->len + bytes.len;
    if (needed > collected->capacity)
    {
        /* Not realloc: what is moved away may be secret and must not stay behind. */
        size_t capacity = needed * 2 < limit ? needed * 2 : limit;
        uint8_t *grown = malloc(capacity);
        if (!grown) return false;
        if (collected->len) memcpy(grown, collected->data, collected->len);
        if (collected->data) explicit_bzero(collected->data, collected->capacity);
        free(collected->data);
        collected->data = grown;
        collected->capacity = capacity;
    }
    if (bytes.len) memcpy(collected->data + collected->len, bytes.data, bytes.len);
    collected->len = needed;
    return true;
}

void collected_clear(struct collected *collected)
{
    if (collected->data) explicit_bzero(collected->data, collected->capacity);
    free(collected->data);
    *collected = (struct collected){ 0 };
}
