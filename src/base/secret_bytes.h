/*
 * secret_bytes - bytes that grow, and that nobody finds in memory afterwards: PINs, keys, APDUs, what
 *                a card or a client gave.
 * Layer: base (knows nothing of ours).
 *
 * Design notes. The memory is wiped whole before it goes back to its source: when the container
 * moves to a larger one, and at the end. Bytes cut off are wiped at once. What the owner writes
 * through `data` may lie anywhere below `capacity`, and is wiped as well. A function that runs out
 * of memory leaves the content as it was. One container belongs to one thread at a time.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_BASE_SECRET_BYTES_H
#define SCM_BASE_SECRET_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/bytes.h"
#include "base/memory_source.h"

/** Read the members as you like; write them only as the functions say. */
struct secret_bytes
{
    uint8_t *data; /**< NULL as long as `capacity` is 0 */
    size_t len;
    size_t capacity;
    const struct memory_source *memory;
};

/**
 * No bytes, and no memory taken yet.
 *
 *     struct secret_bytes pin = secret_bytes_from(&memory);
 *     if (!secret_bytes_add(&pin, digits)) return HR_OUTOFMEMORY;
 *     ...
 *     secret_bytes_free(&pin);
 *
 * @param[in] memory outlives the container.
 */
static inline struct secret_bytes secret_bytes_from(const struct memory_source *memory)
{
    return (struct secret_bytes){ .memory = memory };
}

/**
 * Makes room for `capacity` bytes in all, so that the owner may write up to there through `data` and
 * then raise `len` by what he wrote. Room above `len` holds zeros, or what the owner wrote there.
 *
 * @param[in] capacity 0 asks for a byte of room, so that `data` is not NULL.
 * @return false when out of memory.
 */
bool secret_bytes_reserve(struct secret_bytes *bytes, size_t capacity);

/**
 * Adds bytes at the end. Memory grows to at least the double, so that many small parts cost little.
 *
 * @param[in] added may be a part of the container's own bytes.
 * @return false when out of memory.
 */
bool secret_bytes_add(struct secret_bytes *bytes, struct bytes added);

/** Cuts the content to `len` bytes; nothing happens where there are no more than that. */
void secret_bytes_cut(struct secret_bytes *bytes, size_t len);

/** Wipes the memory and gives it back. The container may be used again. */
void secret_bytes_free(struct secret_bytes *bytes);

/** Moves the bytes into another container, which the caller frees; this one is empty afterwards. */
static inline struct secret_bytes secret_bytes_move(struct secret_bytes *bytes)
{
    struct secret_bytes moved = *bytes;
    *bytes = secret_bytes_from(moved.memory);
    return moved;
}

/** The content, valid until the container changes. */
static inline struct bytes secret_bytes_span(const struct secret_bytes *bytes)
{
    return bytes_of(bytes->data, bytes->len);
}

#endif
