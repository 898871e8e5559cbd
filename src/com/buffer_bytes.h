/*
 * buffer_bytes - the bytes of any IByteBuffer, ours or a client's own, through its methods.
 * Layer: com.
 * Every PIN, key and file content of a client travels in an IByteBuffer, and a client may
 * implement it himself: what its methods answer is not trusted.
 * Reference: IByteBuffer, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_BUFFER_BYTES_H
#define SCM_COM_BUFFER_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <windows.h>
#include <ole2.h>

#include "base/secret_bytes.h"
#include "scard_interfaces.h"

enum
{
    /** The longest content taken from a client: more than any card holds. */
    BUFFER_BYTES_MAX = 16 * 1024 * 1024,
};

/**
 * Reads a buffer from byte 0 to its end, wherever its seek pointer stands, and puts the seek pointer
 * back. Short reads are continued.
 *
 * @param[in] buffer a client's, NULL is refused.
 * @param[in,out] bytes its content is replaced, by at most BUFFER_BYTES_MAX; its data is not NULL on
 *                success, even if there are no bytes. As it was on failure.
 * @retval S_OK
 * @retval E_POINTER buffer is NULL.
 * @retval E_OUTOFMEMORY also where it is longer than BUFFER_BYTES_MAX.
 * @retval E_UNEXPECTED it says that it read more than was asked for.
 * Any other failure of its methods unchanged.
 * Threads: any; others must not use the buffer meanwhile.
 */
HRESULT buffer_read(IByteBuffer *buffer, struct secret_bytes *bytes);

/**
 * Gives a client a result in an [in, out] buffer: a buffer that comes in gets the bytes as its only
 * content, a NULL is replaced by a new one. The seek pointer is at 0 afterwards.
 *
 * @param[in,out] buffer address of the client's buffer or of a NULL; a reference that comes in
 *                stays the client's.
 * @param[in] data may be NULL where `len` is 0.
 * @retval S_OK
 * @retval E_POINTER buffer is NULL.
 * @retval E_OUTOFMEMORY
 * @retval STG_E_MEDIUMFULL the client's buffer took no more.
 * Any other failure of its methods unchanged; its content is undefined then.
 */
HRESULT buffer_replace(IByteBuffer **buffer, const void *data, size_t len);

#endif
