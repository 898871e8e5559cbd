/*
 * byte_buffer - our own byte buffers, for objects that hand one out.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_BYTE_BUFFER_H
#define SCM_COM_BYTE_BUFFER_H

#include <stddef.h>
#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"

enum
{
    /** The size that the memory of a byte buffer does not grow beyond. */
    BYTE_BUFFER_LEN_MAX = 64 * 1024 * 1024,
};

/**
 * A byte buffer with a copy of some bytes, its seek pointer at 0.
 *
 * @param[in] data may be NULL where `len` is 0.
 * @param[out] out the buffer with one reference; NULL on failure.
 * @retval S_OK
 * @retval E_OUTOFMEMORY also where `len` is above BYTE_BUFFER_LEN_MAX.
 * Threads: any.
 */
HRESULT byte_buffer_create_with(const void *data, size_t len, IByteBuffer **out);

#endif
