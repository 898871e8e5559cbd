/*
 * buffer_bytes - the bytes of any IByteBuffer, ours or a client's own, through its methods.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/buffer_bytes.h"

#include "base/wipe.h"
#include "com/byte_buffer.h"
#include "system/memory.h"

#include <stdbool.h>

#define UNKNOWN_LEN SIZE_MAX

/* What was read so far. */
struct collected
{
    uint8_t *data;
    size_t len;
    size_t capacity;
};

static void collected_free(struct collected *collected)
{
    wipe(collected->data, collected->len);
    memory_free(collected->data);
}

static bool collected_reserve(struct collected *collected, size_t capacity)
{
    uint8_t *data = memory_alloc(capacity ? capacity : 1);
    if (!data) return false;
    if (collected->len) memcpy(data, collected->data, collected->len);
    collected_free(collected);
    collected->data = data;
    collected->capacity = capacity;
    return true;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* `known_len`: a failure after so many bytes is a way to say that there are no more. */
static HRESULT collect(IByteBuffer *buffer, size_t most, size_t known_len, struct collected *into)
{
    enum
    {
        FIRST_CAPACITY = 512,
    };
    /* One byte more than there should be finds the end at once. */
    size_t first = known_len < BUFFER_BYTES_MAX ? known_len + 1 : FIRST_CAPACITY;

    if (!collected_reserve(into, smaller(first, most))) return E_OUTOFMEMORY;
    while (into->len < most)
    {
        LONG got = 0;
        if (into->len == into->capacity &&
            !collected_reserve(into, smaller(into->capacity * 2, most)))
            return E_OUTOFMEMORY;
        LONG wanted = (LONG)smaller(into->capacity - into->len, LONG_MAX);
        HRESULT hr = IByteBuffer_Read(buffer, into->data + into->len, wanted, &got);
        if (FAILED(hr)) return into->len >= known_len ? S_OK : hr;
        if (got < 0 || got > wanted) return E_UNEXPECTED;
        if (got == 0) return S_OK;
        into->len += (size_t)got;
    }
    return S_OK;
}

static HRESULT hand_out(struct collected *collected, HRESULT hr, uint8_t **data, size_t *len)
{
    if (FAILED(hr))
    {
        collected_free(collected);
        return hr;
    }
    *data = collected->data;
    *len = collected->len;
    return S_OK;
}

HRESULT buffer_read_on(IByteBuffer *buffer, size_t most, uint8_t **data, size_t *len)
{
    struct collected collected = { 0 };

    *data = NULL;
    *len = 0;
    if (!buffer) return E_POINTER;
    HRESULT hr = collect(buffer, most, UNKNOWN_LEN, &collected);
    return hand_out(&collected, hr, data, len);
}

HRESULT buffer_read_all(IByteBuffer *buffer, uint8_t **data, size_t *len)
{
    struct collected collected = { 0 };
    LONG position = 0, end = -1, ignored = 0;
    size_t known_len = UNKNOWN_LEN;

    *data = NULL;
    *len = 0;
    if (!buffer) return E_POINTER;
    HRESULT hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position);
    if (FAILED(hr)) return hr;
    if (SUCCEEDED(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, &end)) && end >= 0)
        known_len = (size_t)end;
    hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, &ignored);
    if (SUCCEEDED(hr)) hr = collect(buffer, BUFFER_BYTES_MAX + 1, known_len, &collected);
    if (SUCCEEDED(hr) && collected.len > BUFFER_BYTES_MAX) hr = E_OUTOFMEMORY;
    IByteBuffer_Seek(buffer, position, STREAM_SEEK_SET, &ignored);
    return hand_out(&collected, hr, data, len);
}

static HRESULT write_all(IByteBuffer *buffer, const uint8_t *data, size_t len)
{
    while (len > 0)
    {
        LONG written = 0;
        /* The parameter is [in, out] in the interface, and only read. */
        HRESULT hr = IByteBuffer_Write(buffer, (BYTE *)data, (LONG)len, &written);
        if (FAILED(hr)) return hr;
        if (written < 0 || (size_t)written > len) return E_UNEXPECTED;
        if (written == 0) return STG_E_MEDIUMFULL;
        data += written;
        len -= (size_t)written;
    }
    return S_OK;
}

HRESULT buffer_replace(IByteBuffer **buffer, const void *data, size_t len)
{
    LONG ignored = 0;

    if (!buffer) return E_POINTER;
    if (len > LONG_MAX) return E_OUTOFMEMORY;
    if (!*buffer) return byte_buffer_create_with(data, len, buffer);

    HRESULT hr = IByteBuffer_SetSize(*buffer, (LONG)len);
    /* The original class does nothing before its Initialize. */
    if (FAILED(hr)) hr = IByteBuffer_Initialize(*buffer, (LONG)len, NULL);
    if (SUCCEEDED(hr)) hr = IByteBuffer_Seek(*buffer, 0, STREAM_SEEK_SET, &ignored);
    if (SUCCEEDED(hr)) hr = write_all(*buffer, data, len);
    if (SUCCEEDED(hr)) hr = IByteBuffer_Seek(*buffer, 0, STREAM_SEEK_SET, &ignored);
    return hr;
}
