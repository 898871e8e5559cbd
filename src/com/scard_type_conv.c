/*
 * scard_type_conv - class CSCardTypeConv with ISCardTypeConv: bytes from one container into another.
 * Layer: com.
 * Owns: nothing; threads: any.
 * Reference: ISCardTypeConv, GetHGlobalFromStream, GlobalLock, Microsoft Learn; vtable order of the
 *            published type library.
 *
 * Design notes. What comes out belongs to the caller: a BYTEARRAY and its bytes are two blocks of
 * CoTaskMemAlloc, and so are the bytes of CreateByteArray; a BYTEARRAY of GetAtIStreamMemory is such
 * a block, too, but its bytes are the stream's own memory, locked, with a reference on the stream
 * for each pointer that is out. The memory's lock count says how many are out, so that one pointer
 * too many given back takes nobody's reference.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/bytes.h"
#include "base/secret_bytes.h"
#include "com/array_elements.h"
#include "com/buffer_bytes.h"
#include "com/byte_buffer.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "com/script_bytes.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

/* The most bytes in any of the containers. */
#define CONTAINER_LEN_MAX BYTE_BUFFER_LEN_MAX

/* Members whose result a script cannot have as it is. */
enum
{
    ID_BYTE_BUFFER_TO_BYTE_ARRAY = 1,
    ID_CREATE_BYTE_ARRAY = 4,
    ID_GET_AT_STREAM_MEMORY = 8,
};

struct scard_type_conv
{
    ISCardTypeConv ISCardTypeConv_iface;
    struct com_object object;
};

COM_OBJECT_MEMBERS(conv, ISCardTypeConv, struct scard_type_conv);

/**
 * A byte buffer with a copy of the bytes.
 *
 * @retval S_OK
 * @retval E_POINTER the array, or the address for the result, is NULL.
 * @retval E_OUTOFMEMORY also for more than CONTAINER_LEN_MAX bytes.
 * Threads: any.
 * Source: ISCardTypeConv::ConvertByteArrayToByteBuffer, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_ConvertByteArrayToByteBuffer(ISCardTypeConv *iface,
                                                                   BYTE *array, DWORD len,
                                                                   IByteBuffer **buffer)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "ConvertByteArrayToByteBuffer");

    if (!buffer) return com_call_end(&call, HR_POINTER);
    *buffer = NULL;
    if (!array) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, byte_buffer_create_with(array, len, buffer));
}

/* A BYTEARRAY with room for `len` bytes, or none where `len` is 0. */
static BYTEARRAY *byte_array_create(size_t len)
{
    BYTEARRAY *array = CoTaskMemAlloc(sizeof(*array));

    if (!array) return NULL;
    ZeroMemory(array, sizeof(*array));
    array->dwSize = (DWORD)len;
    if (len == 0) return array;
    array->pbyData = CoTaskMemAlloc(len);
    if (array->pbyData) return array;
    CoTaskMemFree(array);
    return NULL;
}

/**
 * The bytes of a byte buffer in memory of the task.
 *
 * Structure and bytes are for CoTaskMemFree.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer, or the address for the result, is NULL.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardTypeConv::ConvertByteBufferToByteArray, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_ConvertByteBufferToByteArray(ISCardTypeConv *iface,
                                                                   IByteBuffer *buffer,
                                                                   BYTEARRAY **array)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "ConvertByteBufferToByteArray");
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    if (!array) return com_call_end(&call, HR_POINTER);
    *array = NULL;
    HRESULT hr = buffer_read(buffer, &bytes);
    if (FAILED(hr)) return com_call_end(&call, hr);
    *array = byte_array_create(bytes.len);
    if (!*array)
        hr = E_OUTOFMEMORY;
    else if (bytes.len)
        memcpy((*array)->pbyData, bytes.data, bytes.len);
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

/* An array of bytes as safe arrays hold them, with `data` in it or zeros where that is NULL. */
static HRESULT create_safe_array(const uint8_t *data, size_t len, SAFEARRAY **array)
{
    void *elements;

    *array = NULL;
    if (len > CONTAINER_LEN_MAX) return E_OUTOFMEMORY;
    SAFEARRAY *created = SafeArrayCreateVector(VT_UI1, 0, (ULONG)len);
    if (!created) return E_OUTOFMEMORY;
    HRESULT hr = data && len ? SafeArrayAccessData(created, &elements) : S_FALSE;
    if (hr == S_OK)
    {
        memcpy(elements, data, len);
        SafeArrayUnaccessData(created);
    }
    if (SUCCEEDED(hr))
        *array = created;
    else
        SafeArrayDestroy(created);
    return FAILED(hr) ? hr : S_OK;
}

/**
 * The bytes of a byte buffer as a safe array.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer, or the address for the result, is NULL.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardTypeConv::ConvertByteBufferToSafeArray, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_ConvertByteBufferToSafeArray(ISCardTypeConv *iface,
                                                                   IByteBuffer *buffer,
                                                                   SAFEARRAY **array)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "ConvertByteBufferToSafeArray");
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    if (!array) return com_call_end(&call, HR_POINTER);
    *array = NULL;
    HRESULT hr = buffer_read(buffer, &bytes);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = create_safe_array(bytes.data, bytes.len, array);
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

/* The bytes of an array with one dimension: of bytes, or of a script's Variants that hold bytes. */
static HRESULT take_safe_array(SAFEARRAY *array, struct secret_bytes *bytes)
{
    struct array_elements elements;
    VARIANT given;

    HRESULT hr = array_elements_begin(array, &elements);
    if (SUCCEEDED(hr))
    {
        V_VT(&given) = VT_ARRAY | elements.vt;
        V_ARRAY(&given) = array;
        hr = elements.count > CONTAINER_LEN_MAX ? E_OUTOFMEMORY
                                                : script_bytes_take(&given, elements.count, bytes);
        array_elements_end(&elements);
    }
    return hr == DISP_E_TYPEMISMATCH || hr == DISP_E_OVERFLOW ? E_INVALIDARG : hr;
}

/**
 * A byte buffer with the bytes of a safe array.
 *
 * @retval S_OK
 * @retval E_POINTER the array, or the address for the result, is NULL.
 * @retval E_INVALIDARG not one dimension, or elements that hold no bytes.
 * @retval E_OUTOFMEMORY also for more than CONTAINER_LEN_MAX bytes.
 * Threads: any.
 * Source: ISCardTypeConv::ConvertSafeArrayToByteBuffer, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_ConvertSafeArrayToByteBuffer(ISCardTypeConv *iface,
                                                                   SAFEARRAY *array,
                                                                   IByteBuffer **buffer)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "ConvertSafeArrayToByteBuffer");
    struct secret_bytes bytes = secret_bytes_from(&system_memory);

    if (!buffer) return com_call_end(&call, HR_POINTER);
    *buffer = NULL;
    if (!array) return com_call_end(&call, HR_POINTER);
    HRESULT hr = take_safe_array(array, &bytes);
    if (SUCCEEDED(hr)) hr = byte_buffer_create_with(bytes.data, bytes.len, buffer);
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

/**
 * Memory for so many bytes, zeros, for CoTaskMemFree.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_OUTOFMEMORY also for more than CONTAINER_LEN_MAX bytes.
 * Threads: any.
 * Source: ISCardTypeConv::CreateByteArray, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_CreateByteArray(ISCardTypeConv *iface, DWORD len,
                                                      BYTE **array)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "CreateByteArray");

    if (!array) return com_call_end(&call, HR_INVALIDARG);
    *array = NULL;
    if (len > CONTAINER_LEN_MAX) return com_call_end(&call, HR_OUTOFMEMORY);
    *array = CoTaskMemAlloc(len ? len : 1);
    if (*array) ZeroMemory(*array, len ? len : 1);
    return com_call_end(&call, *array ? HR_OK : HR_OUTOFMEMORY);
}

/**
 * A byte buffer of this size, of zeros.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_OUTOFMEMORY also for more than CONTAINER_LEN_MAX bytes.
 * Threads: any.
 * Source: ISCardTypeConv::CreateByteBuffer, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_CreateByteBuffer(ISCardTypeConv *iface, DWORD len,
                                                       IByteBuffer **buffer)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "CreateByteBuffer");

    if (!buffer) return com_call_end(&call, HR_INVALIDARG);
    *buffer = NULL;
    if (len > CONTAINER_LEN_MAX) return com_call_end(&call, HR_OUTOFMEMORY);
    HRESULT hr = byte_buffer_create_with(NULL, 0, buffer);
    if (SUCCEEDED(hr) && len)
    {
        hr = IByteBuffer_SetSize(*buffer, (LONG)len);
        if (FAILED(hr))
        {
            IByteBuffer_Release(*buffer);
            *buffer = NULL;
        }
    }
    return com_call_end(&call, hr);
}

/**
 * A safe array of so many bytes, zeros.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_OUTOFMEMORY also for more than CONTAINER_LEN_MAX bytes.
 * Threads: any.
 * Source: ISCardTypeConv::CreateSafeArray, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_CreateSafeArray(ISCardTypeConv *iface, UINT len,
                                                      SAFEARRAY **array)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "CreateSafeArray");

    if (!array) return com_call_end(&call, HR_INVALIDARG);
    return com_call_end(&call, create_safe_array(NULL, len, array));
}

/* How often memory is locked; GMEM_LOCKCOUNT is "too often to count". */
static UINT lock_count(HGLOBAL memory)
{
    UINT flags = GlobalFlags(memory);
    return flags == GMEM_INVALID_HANDLE ? 0 : flags & GMEM_LOCKCOUNT;
}

/* Takes a pointer back that lock_stream() gave out. */
static HRESULT unlock_stream(IStream *stream, const BYTE *pointer)
{
    HGLOBAL memory = NULL;

    HRESULT hr = GetHGlobalFromStream(stream, &memory);
    if (FAILED(hr)) return hr;
    /* Nobody can have been given a pointer to memory that is not locked. */
    if (lock_count(memory) == 0) return E_INVALIDARG;
    const BYTE *locked = GlobalLock(memory);
    if (locked) GlobalUnlock(memory);
    if (locked != pointer) return E_INVALIDARG;
    GlobalUnlock(memory);
    IStream_Release(stream);
    return S_OK;
}

/**
 * Gives back what GetAtIStreamMemory gave.
 *
 * @retval S_OK
 * @retval E_POINTER the stream or the pointer is NULL.
 * @retval E_INVALIDARG not a stream over memory, or not a pointer to its memory that was given and
 *         not taken back.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: ISCardTypeConv::FreeIStreamMemoryPtr, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_FreeIStreamMemoryPtr(ISCardTypeConv *iface, IStream *stream,
                                                           BYTE *pointer)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "FreeIStreamMemoryPtr");

    if (!stream || !pointer) return com_call_end(&call, HR_POINTER);
    IStream_AddRef(stream);
    HRESULT hr = unlock_stream(stream, pointer);
    IStream_Release(stream);
    return com_call_end(&call, hr);
}

/* How many bytes of its memory a stream uses. */
static HRESULT stream_len(IStream *stream, ULONGLONG *len)
{
    STATSTG stat = { 0 };
    HRESULT hr = IStream_Stat(stream, &stat, STATFLAG_NONAME);
    *len = SUCCEEDED(hr) ? stat.cbSize.QuadPart : 0;
    return hr;
}

/* The stream's memory, locked, and one more reference; neither where there are no bytes. */
static HRESULT lock_stream(IStream *stream, BYTEARRAY *array)
{
    HGLOBAL memory = NULL;
    ULONGLONG len = 0;

    HRESULT hr = GetHGlobalFromStream(stream, &memory);
    if (SUCCEEDED(hr)) hr = stream_len(stream, &len);
    if (FAILED(hr)) return hr;
    if (len > GlobalSize(memory) || len > MAXDWORD) return E_UNEXPECTED;
    array->hMem = memory;
    array->dwSize = (DWORD)len;
    if (len == 0) return S_OK;
    /* One more would not be counted, and the memory stay locked for ever. */
    if (lock_count(memory) >= GMEM_LOCKCOUNT - 1) return E_OUTOFMEMORY;
    array->pbyData = GlobalLock(memory);
    if (!array->pbyData) return E_OUTOFMEMORY;
    IStream_AddRef(stream);
    return S_OK;
}

/**
 * The memory under a stream, locked.
 *
 * The structure is for CoTaskMemFree, the pointer in it for FreeIStreamMemoryPtr.
 *
 * @retval S_OK
 * @retval E_POINTER the stream, or the address for the result, is NULL.
 * @retval E_INVALIDARG not a stream over memory.
 * @retval E_UNEXPECTED the stream says that it is longer than its memory.
 * @retval E_OUTOFMEMORY also where the memory is locked too often to count.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: ISCardTypeConv::GetAtIStreamMemory, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_GetAtIStreamMemory(ISCardTypeConv *iface, IStream *stream,
                                                         BYTEARRAY **array)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "GetAtIStreamMemory");

    if (!array) return com_call_end(&call, HR_POINTER);
    *array = NULL;
    if (!stream) return com_call_end(&call, HR_POINTER);
    BYTEARRAY *created = byte_array_create(0);
    if (!created) return com_call_end(&call, HR_OUTOFMEMORY);
    IStream_AddRef(stream);
    HRESULT hr = lock_stream(stream, created);
    IStream_Release(stream);
    if (SUCCEEDED(hr))
        *array = created;
    else
        CoTaskMemFree(created);
    return com_call_end(&call, hr);
}

/**
 * How many bytes a stream has.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_POINTER the stream is NULL.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: ISCardTypeConv::SizeOfIStream, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE conv_SizeOfIStream(ISCardTypeConv *iface, IStream *stream,
                                                    ULARGE_INTEGER *size)
{
    struct scard_type_conv *conv = impl_from_ISCardTypeConv(iface);
    struct com_call call = com_call_begin(&conv->object, "SizeOfIStream");
    ULONGLONG len = 0;

    if (!size) return com_call_end(&call, HR_INVALIDARG);
    size->QuadPart = 0;
    if (!stream) return com_call_end(&call, HR_POINTER);
    IStream_AddRef(stream);
    HRESULT hr = stream_len(stream, &len);
    IStream_Release(stream);
    size->QuadPart = len;
    return com_call_end(&call, hr);
}

static const ISCardTypeConvVtbl conv_vtbl = {
    COM_OBJECT_VTABLE(conv),
    .ConvertByteArrayToByteBuffer = conv_ConvertByteArrayToByteBuffer,
    .ConvertByteBufferToByteArray = conv_ConvertByteBufferToByteArray,
    .ConvertByteBufferToSafeArray = conv_ConvertByteBufferToSafeArray,
    .ConvertSafeArrayToByteBuffer = conv_ConvertSafeArrayToByteBuffer,
    .CreateByteArray = conv_CreateByteArray,
    .CreateByteBuffer = conv_CreateByteBuffer,
    .CreateSafeArray = conv_CreateSafeArray,
    .FreeIStreamMemoryPtr = conv_FreeIStreamMemoryPtr,
    .GetAtIStreamMemory = conv_GetAtIStreamMemory,
    .SizeOfIStream = conv_SizeOfIStream,
};

static void destroy_conv(struct com_object *object)
{
    struct scard_type_conv *conv = CONTAINING_RECORD(object, struct scard_type_conv, object);

    com_object_fini(object);
    memory_free(conv);
}

/* Bytes that a script gets as an array of its own: memory is nothing it could give back. */
static HRESULT give_script(const struct invoked_member *member, void *memory, VARIANT *value)
{
    const BYTEARRAY *array = memory;
    struct bytes bytes = { 0 };

    if (member->dispid == ID_CREATE_BYTE_ARRAY)
        bytes = bytes_of(memory, V_UI4(&member->arguments[0]));
    else
        bytes = bytes_of(array->pbyData, array->dwSize);
    V_VT(value) = VT_ARRAY | VT_UI1;
    HRESULT hr = create_safe_array(bytes.data, bytes.len, &V_ARRAY(value));
    if (FAILED(hr)) V_VT(value) = VT_EMPTY;

    if (member->dispid == ID_BYTE_BUFFER_TO_BYTE_ARRAY) CoTaskMemFree(array->pbyData);
    if (member->dispid == ID_GET_AT_STREAM_MEMORY && array->pbyData)
        unlock_stream((IStream *)V_UNKNOWN(&member->arguments[0]), array->pbyData);
    CoTaskMemFree(memory);
    return hr;
}

static const struct com_counted_bytes counted_bytes[] = {
    { .dispid = 0, .bytes = 0, .count = 1 }, /* ConvertByteArrayToByteBuffer */
};

static const struct com_class conv_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCardTypeConv,
    .iid = &IID_ISCardTypeConv,
    .interface_name = "ISCardTypeConv",
    .prog_id = L"ScardManage.CSCardTypeConv.1",
    .counted_bytes = counted_bytes,
    .counted_bytes_count = ARRAYSIZE(counted_bytes),
    .give_script = give_script,
    .destroy = destroy_conv,
};

HRESULT scard_type_conv_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_type_conv *conv = memory_alloc(sizeof(*conv));
    if (!conv) return E_OUTOFMEMORY;
    conv->ISCardTypeConv_iface.lpVtbl = &conv_vtbl;
    hr = com_object_init(&conv->object, &conv_class, (IDispatch *)&conv->ISCardTypeConv_iface,
                         outer);
    if (FAILED(hr))
    {
        memory_free(conv);
        return hr;
    }
    return com_object_hand_out(&conv->object, iid, out);
}
