/*
 * secret_bytes - bytes that grow, and that nobody finds in memory afterwards.
 * Layer: base (knows nothing of ours).
 * SPDX-License-Identifier: MIT
 */
#include "base/secret_bytes.h"

#include "base/invariant.h"
#include "base/wipe.h"

static void check(const struct secret_bytes *bytes)
{
    INVARIANT(bytes->memory, "secret bytes have a source of memory");
    INVARIANT(bytes->len <= bytes->capacity, "secret bytes end inside their memory");
    INVARIANT(!bytes->data == !bytes->capacity, "secret bytes have memory where they have room");
}

static void release(const struct secret_bytes *bytes)
{
    if (!bytes->data) return;
    wipe(bytes->data, bytes->capacity);
    bytes->memory->release(bytes->data);
}

/* Larger memory with the content and `added` behind it, which may lie in the memory that goes. */
static bool move_to(struct secret_bytes *bytes, size_t capacity, struct bytes added)
{
    struct secret_bytes grown = secret_bytes_from(bytes->memory);

    grown.data = bytes->memory->allocate(capacity);
    if (!grown.data) return false;
    grown.capacity = capacity;
    grown.len = bytes->len + added.len;
    if (bytes->len) memcpy(grown.data, bytes->data, bytes->len);
    if (added.len) memcpy(grown.data + bytes->len, added.data, added.len);
    release(bytes);
    *bytes = grown;
    return true;
}

bool secret_bytes_reserve(struct secret_bytes *bytes, size_t capacity)
{
    check(bytes);
    if (capacity == 0) capacity = 1;
    return capacity <= bytes->capacity || move_to(bytes, capacity, bytes_of(NULL, 0));
}

bool secret_bytes_add(struct secret_bytes *bytes, struct bytes added)
{
    check(bytes);
    if (added.len > SIZE_MAX - bytes->len) return false;
    size_t needed = bytes->len + added.len;
    if (needed > bytes->capacity)
    {
        bool may_double = bytes->capacity <= SIZE_MAX / 2 && bytes->capacity * 2 > needed;
        return move_to(bytes, may_double ? bytes->capacity * 2 : needed, added);
    }
    if (added.len) memmove(bytes->data + bytes->len, added.data, added.len);
    bytes->len = needed;
    return true;
}

void secret_bytes_cut(struct secret_bytes *bytes, size_t len)
{
    check(bytes);
    if (len >= bytes->len) return;
    wipe(bytes->data + len, bytes->len - len);
    bytes->len = len;
}

void secret_bytes_free(struct secret_bytes *bytes)
{
    check(bytes);
    release(bytes);
    *bytes = secret_bytes_from(bytes->memory);
}
