/*
 * buffer_bytes - the bytes of any IByteBuffer, ours or a client's own, through its methods.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/buffer_bytes.h"

#include "com/byte_buffer.h"

#include <stdbool.h>

#define UNKNOWN_LEN SIZE_MAX

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* `known_len`: a failure after so many bytes is a way to say that there are no more. */
static HRESULT collect(IByteBuffer *buffer, size_t known_len, struct secret_bytes *into)
{
    enum
    {
        FIRST_CAPACITY = 512,
        /* One byte more than there may be tells a content that is too long. */
        CAPACITY_MAX = BUFFER_BYTES_MAX + 1,
    };
    /* One byte more than there should be finds the end at once. */
    size_t first = known_len < BUFFER_BYTES_MAX ? known_len + 1 : FIRST_CAPACITY;

    if (!secret_bytes_reserve(into, first)) return E_OUTOFMEMORY;
    while (into->len < CAPACITY_MAX)
    {
        LONG got = 0;
        if (into->len == into->capacity &&
            !secret_bytes_reserve(into, smaller(into->capacity * 2, CAPACITY_MAX)))
            return E_OUTOFMEMORY;
        LONG wanted = (LONG)(into->capacity - into->len);
        HRESULT hr = IByteBuffer_Read(buffer, into->data + into->len, wanted, &got);
        if (FAILED(hr)) return into->len >= known_len ? S_OK : hr;
        if (got < 0 || got > wanted) return E_UNEXPECTED;
        if (got == 0) return S_OK;
        into->len += (size_t)got;
    }
    return E_OUTOFMEMORY;
}

HRESULT buffer_read(IByteBuffer *buffer, struct secret_bytes *bytes)
{
    struct secret_bytes collected = secret_bytes_from(bytes->memory);
    LONG position = 0, end = -1, ignored = 0;
    size_t known_len = UNKNOWN_LEN;

    if (!buffer) return E_POINTER;
    /* What it calls back may release it. */
    IByteBuffer_AddRef(buffer);
    HRESULT hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position);
    if (FAILED(hr))
    {
        IByteBuffer_Release(buffer);
        return hr;
    }
    if (SUCCEEDED(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, &end)) && end >= 0)
        known_len = (size_t)end;
    hr = IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, &ignored);
    if (SUCCEEDED(hr)) hr = collect(buffer, known_len, &collected);
    IByteBuffer_Seek(buffer, position, STREAM_SEEK_SET, &ignored);
    IByteBuffer_Release(buffer);
    if (SUCCEEDED(hr))
    {
        secret_bytes_free(bytes);
        *bytes = secret_bytes_move(&collected);
    }
    secret_bytes_free(&collected);
    return hr;
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

    /* What it calls back may release it, and put another one in its place. */
    IByteBuffer *held = *buffer;
    IByteBuffer_AddRef(held);
    HRESULT hr = IByteBuffer_SetSize(held, (LONG)len);
    /* The original class does nothing before its Initialize. */
    if (FAILED(hr)) hr = IByteBuffer_Initialize(held, (LONG)len, NULL);
    if (SUCCEEDED(hr)) hr = IByteBuffer_Seek(held, 0, STREAM_SEEK_SET, &ignored);
    if (SUCCEEDED(hr)) hr = write_all(held, data, len);
    if (SUCCEEDED(hr)) hr = IByteBuffer_Seek(held, 0, STREAM_SEEK_SET, &ignored);
    IByteBuffer_Release(held);
    return hr;
}
