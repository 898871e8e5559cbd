/*
 * client_memory - the buffer-size protocol and the memory behind SCARD_AUTOALLOCATE.
 * Layer: wine bridge, PE side (kernel32).
 * Owns: the memory handed out, in lists by address; threads: `memory.lock`.
 * SPDX-License-Identifier: MIT
 */
#include "wine/client_memory.h"

#include <string.h>

#include "wine/system.h"

/** SCARD_AUTOALLOCATE as the DWORD it is. */
#define AUTOALLOCATE 0xFFFFFFFFu

#define BUCKET_COUNT 64u

struct allocation
{
    struct allocation *next;
    uint64_t payload[]; /* aligned for anything a client keeps in it */
};

static struct
{
    struct system_lock lock;
    struct allocation *buckets[BUCKET_COUNT];
} memory;

void client_memory_init(void)
{
    system_lock_init(&memory.lock);
}

void client_memory_shutdown(void)
{
    for (unsigned int i = 0; i < BUCKET_COUNT; i++)
    {
        while (memory.buckets[i])
        {
            struct allocation *first = memory.buckets[i];
            memory.buckets[i] = first->next;
            system_free(first);
        }
    }
    system_lock_destroy(&memory.lock);
}

static struct allocation **bucket_of(const void *payload)
{
    return &memory.buckets[((uintptr_t)payload >> 4) % BUCKET_COUNT];
}

static void *allocate(size_t len)
{
    struct allocation *allocation = system_alloc(sizeof(*allocation) + len);
    struct allocation **bucket;

    if (!allocation) return NULL;
    bucket = bucket_of(allocation->payload);
    system_lock_take(&memory.lock);
    allocation->next = *bucket;
    *bucket = allocation;
    system_lock_give(&memory.lock);
    return allocation->payload;
}

struct winscard_result client_memory_free(const void *payload)
{
    struct allocation *found = NULL;

    system_lock_take(&memory.lock);
    for (struct allocation **at = bucket_of(payload); *at; at = &(*at)->next)
    {
        if ((const void *)(*at)->payload != payload) continue;
        found = *at;
        *at = found->next;
        break;
    }
    system_lock_give(&memory.lock);
    if (!found) return winscard_code(SC_E_INVALID_PARAMETER);
    system_free(found);
    return WINSCARD_OK;
}

struct winscard_result client_give_items(const void *items, size_t count, size_t item_size,
                                         void *buffer, DWORD *capacity)
{
    DWORD room;

    if (!capacity) return winscard_code(SC_E_INVALID_PARAMETER);
    room = *capacity;
    if (!buffer)
    {
        *capacity = (DWORD)count;
        return WINSCARD_OK;
    }
    if (room == AUTOALLOCATE)
    {
        void *allocated = allocate(count * item_size);

        if (!allocated) return winscard_code(SC_E_NO_MEMORY);
        if (count) memcpy(allocated, items, count * item_size);
        memcpy(buffer, &allocated, sizeof(allocated));
        *capacity = (DWORD)count;
        return WINSCARD_OK;
    }
    *capacity = (DWORD)count;
    if (room < count) return winscard_code(SC_E_INSUFFICIENT_BUFFER);
    if (count) memcpy(buffer, items, count * item_size);
    return WINSCARD_OK;
}

struct winscard_result client_give_wide(const WCHAR *text, size_t count, WCHAR *buffer,
                                        DWORD *capacity)
{
    return client_give_items(text, count, sizeof(*text), buffer, capacity);
}

struct winscard_result client_give_ansi(const WCHAR *text, size_t count, char *buffer,
                                        DWORD *capacity)
{
    int len = WideCharToMultiByte(CP_ACP, 0, text, (int)count, NULL, 0, NULL, NULL);
    char *ansi = system_alloc((size_t)len + 1);
    struct winscard_result result;

    if (!ansi) return winscard_code(SC_E_NO_MEMORY);
    WideCharToMultiByte(CP_ACP, 0, text, (int)count, ansi, len, NULL, NULL);
    result = client_give_items(ansi, (size_t)len, 1, buffer, capacity);
    system_free(ansi);
    return result;
}

/** Bytes of an ANSI text or multi-string, its terminating NUL bytes included. */
static size_t ansi_len(const char *text, bool is_multi)
{
    const char *end = text;

    if (!is_multi) return strlen(text) + 1;
    while (*end)
        end += strlen(end) + 1;
    return (size_t)(end - text) + 1;
}

struct winscard_result client_text_from_ansi(const char *text, bool is_multi, WCHAR **wide)
{
    size_t len;
    int count;

    *wide = NULL;
    if (!text) return WINSCARD_OK;
    len = ansi_len(text, is_multi);
    if (len > INT_MAX) return winscard_code(SC_E_NO_MEMORY);
    count = MultiByteToWideChar(CP_ACP, 0, text, (int)len, NULL, 0);
    *wide = system_alloc(((size_t)count + 1) * sizeof(**wide));
    if (!*wide) return winscard_code(SC_E_NO_MEMORY);
    MultiByteToWideChar(CP_ACP, 0, text, (int)len, *wide, count);
    return WINSCARD_OK;
}
