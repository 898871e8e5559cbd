/*
 * byte_buffer - class CByteBuffer with IByteBuffer: bytes with a seek pointer, over an IStream.
 * Layer: com.
 * Owns: one reference on the stream, and on the lock; threads: any.
 * Reference: IByteBuffer, IStream, CreateStreamOnHGlobal, Microsoft Learn; vtable order of the
 *            published type library.
 *
 * Design notes. A buffer begins with an empty stream over memory, so that it works without
 * Initialize, as old clients expect. Clones share the memory below their streams, which is not
 * safe from two threads: so they share the lock too. Streams that a client puts in are used as
 * they are; the limit of size, and zeros in what was never written, are our memory's only.
 *
 * A method holds the stream it works on (struct stream_use): a client's stream may call back, and put
 * another one in meanwhile. The lock is held while a stream over memory works, never while another
 * byte buffer does, nor a stream of a client's own: it may live in another apartment, whose thread
 * waits for this lock. From there it is had through the global interface table, as every pointer that
 * is kept; what no apartment owns (memory, or a client without COM) is kept as it is. What streams
 * tell of themselves is not believed where memory depends on it.
 *
 * PINs travel in byte buffers, so our memory is wiped before the system has it back: when its last
 * buffer goes, when content is cut off, and when a short content may move because it grows. A client
 * that has asked for the stream may have made streams over the same memory that nobody can count:
 * then it is left to him when the last buffer goes, and is not touched while it grows.
 * SPDX-License-Identifier: MIT
 */
#include "com/byte_buffer.h"

#include <oleauto.h>

#include "base/invariant.h"
#include "base/secret_bytes.h"
#include "base/wipe.h"
#include "com/com_private.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "com/script_stat.h"
#include "system/lock.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

enum
{
    /* No PIN and no key is longer; to copy more whenever it grows would take its time. */
    SECRET_LEN_MAX = 4096,
};

/* What clones share. */
struct shared_lock
{
    LONG refs;
    struct lock *lock;
};

/* Memory of ours under one stream and its clones. */
struct stream_memory
{
    LONG refs;       /* of byte buffers */
    bool is_outside; /* a client has had one of the streams */
};

/* A client's stream in the global interface table. */
struct foreign_stream
{
    LONG refs;
    DWORD cookie;
};

/* The stream of a byte buffer; one reference on what is not NULL. */
struct kept_stream
{
    IStream *stream;                /* NULL where it is a foreign one */
    struct stream_memory *memory;   /* under the stream; NULL where a client put the stream in */
    struct foreign_stream *foreign; /* NULL where the stream can be used from every apartment */
};

/* The stream while a method works on it, with a reference; see use_begin(). */
struct stream_use
{
    IStream *stream;
    struct stream_memory *memory;
    struct lock *lock; /* NULL where it is not held */
};

struct byte_buffer
{
    IByteBuffer IByteBuffer_iface;
    struct com_object object;

    struct shared_lock *shared;
    struct kept_stream kept;
};

COM_OBJECT_MEMBERS(buffer, IByteBuffer, struct byte_buffer);

static struct shared_lock *shared_lock_create(void)
{
    struct shared_lock *shared = memory_alloc(sizeof(*shared));
    if (!shared) return NULL;
    shared->refs = 1;
    shared->lock = lock_create();
    if (shared->lock) return shared;
    memory_free(shared);
    return NULL;
}

static struct shared_lock *shared_lock_add_ref(struct shared_lock *shared)
{
    InterlockedIncrement(&shared->refs);
    return shared;
}

static void shared_lock_release(struct shared_lock *shared)
{
    if (!shared) return;
    LONG refs = InterlockedDecrement(&shared->refs);
    INVARIANT(refs >= 0, "references on a shared lock never fall below zero");
    if (refs != 0) return;
    lock_destroy(shared->lock);
    memory_free(shared);
}

/* A new stream over memory of ours. Both are given back with stream_release(). */
static HRESULT stream_create(IStream **stream, struct stream_memory **memory)
{
    *stream = NULL;
    *memory = memory_alloc(sizeof(**memory));
    if (!*memory) return E_OUTOFMEMORY;
    (*memory)->refs = 1;
    HRESULT hr = CreateStreamOnHGlobal(NULL, TRUE, stream);
    if (SUCCEEDED(hr)) return hr;
    memory_free(*memory);
    *memory = NULL;
    return hr;
}

static struct stream_memory *stream_memory_add_ref(struct stream_memory *memory)
{
    if (memory) InterlockedIncrement(&memory->refs);
    return memory;
}

/* The system's memory under a stream of ours, from byte `from` on. */
static void wipe_memory(IStream *stream, SIZE_T from)
{
    HGLOBAL handle = NULL;

    if (FAILED(GetHGlobalFromStream(stream, &handle))) return;
    SIZE_T size = GlobalSize(handle);
    if (from >= size) return;
    uint8_t *bytes = GlobalLock(handle);
    if (!bytes) return;
    wipe(bytes + from, size - from);
    GlobalUnlock(handle);
}

/* `memory` NULL: the stream is a client's. */
static void stream_release(IStream *stream, struct stream_memory *memory)
{
    if (memory)
    {
        LONG refs = InterlockedDecrement(&memory->refs);
        INVARIANT(refs >= 0, "references on a stream's memory never fall below zero");
        if (refs == 0)
        {
            if (!memory->is_outside) wipe_memory(stream, 0);
            memory_free(memory);
        }
    }
    if (stream) IStream_Release(stream);
}

/* Whether a stream is over movable memory, ours or a client's. */
static bool is_over_memory(IStream *stream)
{
    HGLOBAL memory;
    return SUCCEEDED(GetHGlobalFromStream(stream, &memory));
}

static HRESULT open_interface_table(IGlobalInterfaceTable **table)
{
    return CoCreateInstance(&CLSID_StdGlobalInterfaceTable, NULL, CLSCTX_INPROC_SERVER,
                            &IID_IGlobalInterfaceTable, (void **)table);
}

static void foreign_release(struct foreign_stream *foreign)
{
    IGlobalInterfaceTable *table;

    if (!foreign) return;
    LONG refs = InterlockedDecrement(&foreign->refs);
    INVARIANT(refs >= 0, "references on a client's stream never fall below zero");
    if (refs != 0) return;
    if (SUCCEEDED(open_interface_table(&table)))
    {
        IGlobalInterfaceTable_RevokeInterfaceFromGlobal(table, foreign->cookie);
        IGlobalInterfaceTable_Release(table);
    }
    memory_free(foreign);
}

static HRESULT foreign_register(IStream *stream, DWORD *cookie)
{
    IGlobalInterfaceTable *table;

    HRESULT hr = open_interface_table(&table);
    if (FAILED(hr)) return hr;
    hr = IGlobalInterfaceTable_RegisterInterfaceInGlobal(table, (IUnknown *)stream, &IID_IStream,
                                                         cookie);
    IGlobalInterfaceTable_Release(table);
    return hr;
}

/* The client's stream as this apartment may use it. */
static HRESULT foreign_stream_here(const struct foreign_stream *foreign, IStream **stream)
{
    IGlobalInterfaceTable *table;

    HRESULT hr = open_interface_table(&table);
    if (FAILED(hr)) return hr;
    hr = IGlobalInterfaceTable_GetInterfaceFromGlobal(table, foreign->cookie, &IID_IStream,
                                                      (void **)stream);
    IGlobalInterfaceTable_Release(table);
    return hr;
}

/* Keeps a client's stream. */
static HRESULT keep_stream(IStream *stream, struct kept_stream *kept)
{
    *kept = (struct kept_stream){ .stream = NULL };
    if (!is_over_memory(stream))
    {
        struct foreign_stream *foreign = memory_alloc(sizeof(*foreign));
        if (!foreign) return E_OUTOFMEMORY;
        foreign->refs = 1;
        if (SUCCEEDED(foreign_register(stream, &foreign->cookie)))
        {
            kept->foreign = foreign;
            return S_OK;
        }
        memory_free(foreign);
    }
    kept->stream = stream;
    IStream_AddRef(stream);
    return S_OK;
}

static struct kept_stream kept_add_ref(const struct kept_stream *kept)
{
    if (kept->stream) IStream_AddRef(kept->stream);
    if (kept->foreign) InterlockedIncrement(&kept->foreign->refs);
    stream_memory_add_ref(kept->memory);
    return *kept;
}

static void kept_release(const struct kept_stream *kept)
{
    stream_release(kept->stream, kept->memory);
    foreign_release(kept->foreign);
}

static void enter(struct byte_buffer *buffer)
{
    lock_enter(buffer->shared->lock);
}

static void leave(struct byte_buffer *buffer)
{
    lock_leave(buffer->shared->lock);
}

/* A client who had the stream may have made its memory smaller without the stream's knowledge. */
static HRESULT check_memory(IStream *stream)
{
    HGLOBAL handle = NULL;
    STATSTG stat = { 0 };

    HRESULT hr = GetHGlobalFromStream(stream, &handle);
    if (SUCCEEDED(hr)) hr = IStream_Stat(stream, &stat, STATFLAG_NONAME);
    if (SUCCEEDED(hr) && stat.cbSize.QuadPart > GlobalSize(handle)) hr = E_UNEXPECTED;
    return hr;
}

static void use_end(struct stream_use *use)
{
    if (use->lock) lock_leave(use->lock);
    stream_release(use->stream, use->memory);
}

/* Begins to work on the stream of a buffer; use_end() follows a success. */
static HRESULT use_begin(struct byte_buffer *buffer, struct stream_use *use)
{
    HRESULT hr = S_OK;

    *use = (struct stream_use){ .stream = NULL };
    enter(buffer);
    struct kept_stream kept = kept_add_ref(&buffer->kept);
    bool is_locked = kept.stream && (kept.memory || is_over_memory(kept.stream));
    if (!is_locked) leave(buffer);
    if (kept.foreign)
    {
        hr = foreign_stream_here(kept.foreign, &kept.stream);
        foreign_release(kept.foreign);
    }
    if (FAILED(hr)) return hr;
    use->stream = kept.stream;
    use->memory = kept.memory;
    if (!is_locked) return S_OK;
    use->lock = buffer->shared->lock;
    hr = check_memory(use->stream);
    if (FAILED(hr)) use_end(use);
    return hr;
}

/* Functions named _locked work on a stream between use_begin() and use_end(). */

static HRESULT seek_locked(struct stream_use *use, LONGLONG move, DWORD origin, ULONGLONG *position)
{
    LARGE_INTEGER distance = { .QuadPart = move };
    ULARGE_INTEGER now = { .QuadPart = 0 };

    HRESULT hr = IStream_Seek(use->stream, distance, origin, &now);
    if (SUCCEEDED(hr) && position) *position = now.QuadPart;
    return hr;
}

static HRESULT size_locked(struct stream_use *use, ULONGLONG *size)
{
    STATSTG stat = { 0 };
    HRESULT hr = IStream_Stat(use->stream, &stat, STATFLAG_NONAME);
    if (SUCCEEDED(hr)) *size = stat.cbSize.QuadPart;
    return hr;
}

/* Reads no further than the end. Wine 8 reads on behind it where the seek pointer is there already. */
static HRESULT read_locked(struct stream_use *use, void *data, ULONG len, ULONG *got)
{
    ULONGLONG position = 0, size = 0;

    *got = 0;
    if (is_over_memory(use->stream))
    {
        HRESULT hr = seek_locked(use, 0, STREAM_SEEK_CUR, &position);
        if (SUCCEEDED(hr)) hr = size_locked(use, &size);
        if (FAILED(hr)) return hr;
        if (position >= size) return S_OK;
        if (len > size - position) len = (ULONG)(size - position);
    }
    HRESULT hr = IStream_Read(use->stream, data, len, got);
    return SUCCEEDED(hr) && *got > len ? E_UNEXPECTED : hr;
}

static HRESULT write_locked(struct stream_use *use, const void *data, ULONG len, ULONG *written)
{
    *written = 0;
    if (len == 0) return S_OK;
    HRESULT hr = IStream_Write(use->stream, data, len, written);
    return SUCCEEDED(hr) && *written > len ? E_UNEXPECTED : hr;
}

/* Storages have codes of their own for "out of memory". */
static HRESULT memory_result(const struct stream_use *use, HRESULT hr)
{
    bool is_full = hr == STG_E_MEDIUMFULL || hr == STG_E_INSUFFICIENTMEMORY;
    return use->memory && is_full ? E_OUTOFMEMORY : hr;
}

/* Zeros from `from` on. What the system's memory holds is nothing to write onto a card. */
static HRESULT fill_locked(struct stream_use *use, ULONGLONG from, ULONGLONG to)
{
    static const uint8_t zeros[1024];
    HRESULT hr = seek_locked(use, (LONGLONG)from, STREAM_SEEK_SET, NULL);

    while (SUCCEEDED(hr) && from < to)
    {
        ULONG written, len = to - from < sizeof(zeros) ? (ULONG)(to - from) : sizeof(zeros);
        hr = write_locked(use, zeros, len, &written);
        if (SUCCEEDED(hr) && written != len) hr = E_OUTOFMEMORY;
        from += len;
    }
    return hr;
}

/* Whether content is short enough for a PIN or a key, and nobody else looks at it. */
static bool is_secret_locked(const struct stream_use *use, ULONGLONG size)
{
    return size > 0 && size <= SECRET_LEN_MAX && !use->memory->is_outside;
}

/* The system may move the memory that grows, and leave what was in it where it was. */
static HRESULT set_size_locked(struct stream_use *use, ULARGE_INTEGER size, ULONGLONG old_size)
{
    struct secret_bytes content = secret_bytes_from(&system_memory);
    HGLOBAL handle = NULL;
    ULONG ignored;

    if (size.QuadPart <= old_size || !is_secret_locked(use, old_size))
        return IStream_SetSize(use->stream, size);
    HRESULT hr = GetHGlobalFromStream(use->stream, &handle);
    if (FAILED(hr)) return hr;
    const uint8_t *bytes = GlobalLock(handle);
    bool is_copied = bytes && secret_bytes_add(&content, bytes_of(bytes, (size_t)old_size));
    if (bytes) GlobalUnlock(handle);
    if (!is_copied) return E_OUTOFMEMORY;
    wipe_memory(use->stream, 0);
    hr = IStream_SetSize(use->stream, size);
    HRESULT seek_hr = seek_locked(use, 0, STREAM_SEEK_SET, NULL);
    /* Also where it did not grow: there is room for what was there. */
    if (SUCCEEDED(seek_hr)) seek_hr = write_locked(use, content.data, (ULONG)content.len, &ignored);
    secret_bytes_free(&content);
    return FAILED(hr) ? hr : seek_hr;
}

/* A new size for our memory; the seek pointer stays where it is. */
static HRESULT resize_locked(struct stream_use *use, ULONGLONG new_size)
{
    ULARGE_INTEGER size = { .QuadPart = new_size };
    ULONGLONG old_size = 0, position = 0;

    if (new_size > BYTE_BUFFER_LEN_MAX) return E_OUTOFMEMORY;
    HRESULT hr = seek_locked(use, 0, STREAM_SEEK_CUR, &position);
    if (SUCCEEDED(hr)) hr = size_locked(use, &old_size);
    if (SUCCEEDED(hr) && new_size < old_size) wipe_memory(use->stream, (SIZE_T)new_size);
    if (SUCCEEDED(hr)) hr = set_size_locked(use, size, old_size);
    if (FAILED(hr)) return hr;
    if (old_size < new_size) hr = fill_locked(use, old_size, new_size);
    HRESULT seek_hr = seek_locked(use, (LONGLONG)position, STREAM_SEEK_SET, NULL);
    return FAILED(hr) ? hr : seek_hr;
}

/* Puts another stream in, whose references it takes over. */
static void set_stream(struct byte_buffer *buffer, const struct kept_stream *kept)
{
    enter(buffer);
    struct kept_stream old = buffer->kept;
    buffer->kept = *kept;
    leave(buffer);
    kept_release(&old);
}

/**
 * The stream under this buffer.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: IByteBuffer, type library; no page.
 */
static HRESULT STDMETHODCALLTYPE buffer_get_Stream(IByteBuffer *iface, IStream **stream)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "get_Stream");
    struct stream_use use;

    if (!stream) return com_call_end(&call, HR_POINTER);
    *stream = NULL;
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    *stream = use.stream;
    IStream_AddRef(*stream);
    if (use.memory) use.memory->is_outside = true;
    use_end(&use);
    return com_call_end(&call, HR_OK);
}

/**
 * Puts another stream under this buffer.
 *
 * @retval S_OK
 * @retval E_POINTER the stream is NULL.
 * Threads: any.
 * Source: IByteBuffer, type library; no page.
 */
static HRESULT STDMETHODCALLTYPE buffer_put_Stream(IByteBuffer *iface, IStream *stream)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "put_Stream");
    struct kept_stream kept;

    if (!stream) return com_call_end(&call, HR_POINTER);
    IStream_AddRef(stream);
    HRESULT hr = keep_stream(stream, &kept);
    if (SUCCEEDED(hr)) set_stream(buffer, &kept);
    IStream_Release(stream);
    return com_call_end(&call, hr);
}

static HRESULT create_over(struct shared_lock *shared, const struct kept_stream *kept,
                           IUnknown *outer, REFIID iid, void **out);

/**
 * Another byte buffer over the same bytes, with a seek pointer of its own.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Clone, Microsoft Learn.
 * Differs: [in, out] in the type library: what comes in is not looked at, as the page has it.
 */
static HRESULT STDMETHODCALLTYPE buffer_Clone(IByteBuffer *iface, IByteBuffer **clone)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Clone");
    struct kept_stream kept = { .stream = NULL };
    struct stream_use use;
    IStream *stream = NULL;

    if (!clone) return com_call_end(&call, HR_POINTER);
    /* [in, out] in the type library, but [out] on the page: what is in it may be anything. */
    *clone = NULL;
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = IStream_Clone(use.stream, &stream);
    if (SUCCEEDED(hr) && !stream) hr = E_UNEXPECTED;
    if (SUCCEEDED(hr) && use.memory)
        kept = (struct kept_stream){ stream, stream_memory_add_ref(use.memory), NULL };
    use_end(&use);
    if (SUCCEEDED(hr) && !kept.memory)
    {
        hr = keep_stream(stream, &kept);
        IStream_Release(stream);
    }
    if (SUCCEEDED(hr))
    {
        hr = create_over(buffer->shared, &kept, NULL, &IID_IByteBuffer, (void **)clone);
        kept_release(&kept);
    }
    return com_call_end(&call, hr);
}

/**
 * Makes changes of a transacted stream last.
 *
 * @retval S_OK
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Commit, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Commit(IByteBuffer *iface, LONG flags)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Commit");
    struct stream_use use;

    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = IStream_Commit(use.stream, (DWORD)flags);
    use_end(&use);
    return com_call_end(&call, hr);
}

/* Up to `most` bytes from the seek pointer on. */
static HRESULT read_on_locked(struct stream_use *use, size_t most, struct secret_bytes *into)
{
    enum
    {
        FIRST_CAPACITY = 512,
    };

    while (into->len < most)
    {
        ULONG got = 0;
        size_t capacity = into->capacity ? into->capacity * 2 : FIRST_CAPACITY;
        if (into->len == into->capacity &&
            !secret_bytes_reserve(into, capacity < most ? capacity : most))
            return E_OUTOFMEMORY;
        ULONG wanted = (ULONG)(into->capacity - into->len);
        HRESULT hr = read_locked(use, into->data + into->len, wanted, &got);
        if (FAILED(hr)) return hr;
        if (got == 0) return S_OK;
        into->len += got;
    }
    return S_OK;
}

/**
 * Copies bytes from this seek pointer to that of another buffer.
 *
 * @retval S_OK also where fewer were there.
 * @retval E_POINTER there is no target.
 * @retval E_INVALIDARG the number is negative.
 * @retval E_UNEXPECTED the stream says that it read more than was asked for.
 * @retval E_OUTOFMEMORY
 * A failure of the stream unchanged.
 * A failure of the target unchanged.
 * Threads: any.
 * Source: IByteBuffer::CopyTo, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_CopyTo(IByteBuffer *iface, IByteBuffer **target, LONG len,
                                               LONG *read_count, LONG *written_count)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "CopyTo");
    struct secret_bytes copied = secret_bytes_from(&system_memory);
    struct stream_use use;
    LONG written = 0;

    if (read_count) *read_count = 0;
    if (written_count) *written_count = 0;
    if (!target || !*target) return com_call_end(&call, HR_POINTER);
    if (len < 0) return com_call_end(&call, HR_INVALIDARG);

    /* All is read before anything is written: the target may be a clone, or this very object. */
    IByteBuffer *held = *target;
    IByteBuffer_AddRef(held);
    HRESULT hr = use_begin(buffer, &use);
    if (SUCCEEDED(hr))
    {
        hr = read_on_locked(&use, (size_t)len, &copied);
        use_end(&use);
    }
    /* Where nothing was copied, the target is asked all the same; it wants a pointer. */
    if (SUCCEEDED(hr) && !secret_bytes_reserve(&copied, copied.len)) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        if (read_count) *read_count = (LONG)copied.len;
        hr = IByteBuffer_Write(held, copied.data, (LONG)copied.len, &written);
        if (written_count) *written_count = written;
    }
    IByteBuffer_Release(held);
    secret_bytes_free(&copied);
    return com_call_end(&call, hr);
}

/**
 * A new stream over memory in the place of the old one, its seek pointer at 0.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the size is negative.
 * @retval E_OUTOFMEMORY also where the size is above BYTE_BUFFER_LEN_MAX.
 * Threads: any.
 * Source: IByteBuffer::Initialize, Microsoft Learn.
 * Differs: the page wants it before any other call; here a buffer works without, being empty.
 */
static HRESULT STDMETHODCALLTYPE buffer_Initialize(IByteBuffer *iface, LONG size, BYTE *data)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Initialize");
    struct stream_use fresh = { .stream = NULL };
    ULONG written = 0;

    if (size < 0) return com_call_end(&call, HR_INVALIDARG);
    if (size > BYTE_BUFFER_LEN_MAX) return com_call_end(&call, HR_OUTOFMEMORY);
    HRESULT hr = stream_create(&fresh.stream, &fresh.memory);
    if (FAILED(hr)) return com_call_end(&call, hr);
    /* Nobody else knows the new stream: no lock is needed. */
    if (data)
        hr = write_locked(&fresh, data, (ULONG)size, &written);
    else
        hr = resize_locked(&fresh, (ULONGLONG)size);
    if (SUCCEEDED(hr) && data && written != (ULONG)size) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) hr = seek_locked(&fresh, 0, STREAM_SEEK_SET, NULL);
    hr = memory_result(&fresh, hr);
    if (SUCCEEDED(hr))
        set_stream(buffer, &(struct kept_stream){ fresh.stream, fresh.memory, NULL });
    else
        stream_release(fresh.stream, fresh.memory);
    return com_call_end(&call, hr);
}

/* Ranges of our memory cannot be locked, which streams over memory say in different words. */
static HRESULT lock_range(struct byte_buffer *buffer, LONG offset, LONG len, LONG type, bool lock)
{
    ULARGE_INTEGER from = { .QuadPart = (ULONG)offset }, count = { .QuadPart = (ULONG)len };
    struct stream_use use;

    if (offset < 0 || len < 0) return E_INVALIDARG;
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return hr;
    if (use.memory)
        hr = STG_E_INVALIDFUNCTION;
    else if (lock)
        hr = IStream_LockRegion(use.stream, from, count, (DWORD)type);
    else
        hr = IStream_UnlockRegion(use.stream, from, count, (DWORD)type);
    use_end(&use);
    return hr;
}

/**
 * Locks a range of bytes.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the range is negative.
 * @retval STG_E_INVALIDFUNCTION memory has no locks.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::LockRegion, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_LockRegion(IByteBuffer *iface, LONG offset, LONG len,
                                                   LONG type)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "LockRegion");

    return com_call_end(&call, lock_range(buffer, offset, len, type, true));
}

/**
 * Reads at the seek pointer.
 *
 * @retval S_OK also where fewer were left.
 * @retval E_POINTER there is no place for the bytes.
 * @retval E_INVALIDARG the number is negative.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Read, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Read(IByteBuffer *iface, BYTE *data, LONG len,
                                             LONG *read_count)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Read");
    struct stream_use use;
    ULONG got = 0;

    if (read_count) *read_count = 0;
    if (!data) return com_call_end(&call, HR_POINTER);
    if (len < 0) return com_call_end(&call, HR_INVALIDARG);
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = read_locked(&use, data, (ULONG)len, &got);
    use_end(&use);
    if (SUCCEEDED(hr) && read_count) *read_count = (LONG)got;
    return com_call_end(&call, hr);
}

/**
 * Drops changes of a transacted stream.
 *
 * @retval S_OK
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Revert, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Revert(IByteBuffer *iface)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Revert");
    struct stream_use use;

    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = IStream_Revert(use.stream);
    use_end(&use);
    return com_call_end(&call, hr);
}

static HRESULT seek(struct byte_buffer *buffer, LONG move, DWORD origin, LONG *new_position)
{
    /* From the beginning, a distance has no sign. */
    LONGLONG distance = origin == STREAM_SEEK_SET ? (LONGLONG)(ULONG)move : move;
    ULONGLONG before = 0, after = 0;
    struct stream_use use;

    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return hr;
    hr = seek_locked(&use, 0, STREAM_SEEK_CUR, &before);
    if (SUCCEEDED(hr)) hr = seek_locked(&use, distance, origin, &after);
    if (SUCCEEDED(hr) && after > LONG_MAX)
    {
        /* Nothing that the caller's LONG could tell. */
        seek_locked(&use, (LONGLONG)before, STREAM_SEEK_SET, NULL);
        hr = STG_E_SEEKERROR;
    }
    use_end(&use);
    if (SUCCEEDED(hr) && new_position) *new_position = (LONG)after;
    return hr;
}

/**
 * Moves the seek pointer.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the origin is unknown.
 * @retval STG_E_SEEKERROR further than a LONG can tell; the seek pointer stays.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Seek, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Seek(IByteBuffer *iface, LONG move, LONG origin,
                                             LONG *new_position)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Seek");

    if (new_position) *new_position = 0;
    if (origin < STREAM_SEEK_SET || origin > STREAM_SEEK_END)
        return com_call_end(&call, HR_INVALIDARG);
    return com_call_end(&call, seek(buffer, move, (DWORD)origin, new_position));
}

/**
 * Cuts the content, or fills it up.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the size is negative.
 * @retval E_OUTOFMEMORY also where the size is above BYTE_BUFFER_LEN_MAX.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::SetSize, Microsoft Learn.
 * Differs: what is new is zeros; the page leaves it undefined.
 */
static HRESULT STDMETHODCALLTYPE buffer_SetSize(IByteBuffer *iface, LONG new_size)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "SetSize");
    ULARGE_INTEGER size = { .QuadPart = (ULONG)new_size };
    struct stream_use use;

    if (new_size < 0) return com_call_end(&call, HR_INVALIDARG);
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = use.memory ? resize_locked(&use, size.QuadPart) : IStream_SetSize(use.stream, size);
    hr = memory_result(&use, hr);
    use_end(&use);
    return com_call_end(&call, hr);
}

/**
 * Size, mode and state of the stream.
 *
 * @retval S_OK
 * @retval E_POINTER there is no place for them.
 * @retval STG_E_INVALIDFLAG the flag is unknown.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Stat, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Stat(IByteBuffer *iface, STATSTRUCT *narrow, LONG flag)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Stat");
    STATSTG wide = { 0 };
    struct stream_use use;

    if (!narrow) return com_call_end(&call, HR_POINTER);
    ZeroMemory(narrow, sizeof(*narrow));
    if (flag != STATFLAG_DEFAULT && flag != STATFLAG_NONAME)
        return com_call_end(&call, STG_E_INVALIDFLAG);
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    /* The narrow structure has no place for a name. */
    hr = IStream_Stat(use.stream, &wide, STATFLAG_NONAME);
    use_end(&use);
    if (SUCCEEDED(hr))
    {
        narrow->type = (LONG)wide.type;
        narrow->cbSize = (LONG)wide.cbSize.LowPart;
        narrow->grfMode = (LONG)wide.grfMode;
        narrow->grfLocksSupported = (LONG)wide.grfLocksSupported;
        narrow->grfStateBits = (LONG)wide.grfStateBits;
    }
    return com_call_end(&call, hr);
}

/**
 * Unlocks a range of bytes.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the range is negative.
 * @retval STG_E_INVALIDFUNCTION memory has no locks.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::UnlockRegion, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_UnlockRegion(IByteBuffer *iface, LONG offset, LONG len,
                                                     LONG type)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "UnlockRegion");

    return com_call_end(&call, lock_range(buffer, offset, len, type, false));
}

/* Makes our memory reach to where the next write begins, and keeps it from growing for ever. What
 * holds a secret grows here and not in the write, which would leave the old memory as it is. */
static HRESULT prepare_write_locked(struct stream_use *use, ULONG len)
{
    ULONGLONG position = 0, size = 0;

    if (!use->memory || len == 0) return S_OK;
    HRESULT hr = seek_locked(use, 0, STREAM_SEEK_CUR, &position);
    if (SUCCEEDED(hr) && position + len > BYTE_BUFFER_LEN_MAX) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) hr = size_locked(use, &size);
    if (SUCCEEDED(hr) && position > size)
        hr = resize_locked(use, position);
    else if (SUCCEEDED(hr) && position + len > size && is_secret_locked(use, size))
        hr = resize_locked(use, position + len);
    return hr;
}

/**
 * Writes at the seek pointer; the content grows.
 *
 * @retval S_OK
 * @retval E_POINTER there are no bytes.
 * @retval E_INVALIDARG the number is negative.
 * @retval E_OUTOFMEMORY also where the content would be longer than BYTE_BUFFER_LEN_MAX.
 * A failure of the stream unchanged.
 * Threads: any.
 * Source: IByteBuffer::Write, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE buffer_Write(IByteBuffer *iface, BYTE *data, LONG len,
                                              LONG *written_count)
{
    struct byte_buffer *buffer = impl_from_IByteBuffer(iface);
    struct com_call call = com_call_begin(&buffer->object, "Write");
    struct stream_use use;
    ULONG written = 0;

    if (written_count) *written_count = 0;
    if (!data) return com_call_end(&call, HR_POINTER);
    if (len < 0) return com_call_end(&call, HR_INVALIDARG);
    HRESULT hr = use_begin(buffer, &use);
    if (FAILED(hr)) return com_call_end(&call, hr);
    hr = prepare_write_locked(&use, (ULONG)len);
    if (SUCCEEDED(hr)) hr = write_locked(&use, data, (ULONG)len, &written);
    hr = memory_result(&use, hr);
    use_end(&use);
    if (SUCCEEDED(hr) && written_count) *written_count = (LONG)written;
    return com_call_end(&call, hr);
}

static const IByteBufferVtbl buffer_vtbl = {
    COM_OBJECT_VTABLE(buffer),
    .get_Stream = buffer_get_Stream,
    .put_Stream = buffer_put_Stream,
    .Clone = buffer_Clone,
    .Commit = buffer_Commit,
    .CopyTo = buffer_CopyTo,
    .Initialize = buffer_Initialize,
    .LockRegion = buffer_LockRegion,
    .Read = buffer_Read,
    .Revert = buffer_Revert,
    .Seek = buffer_Seek,
    .SetSize = buffer_SetSize,
    .Stat = buffer_Stat,
    .UnlockRegion = buffer_UnlockRegion,
    .Write = buffer_Write,
};

static void destroy_buffer(struct com_object *object)
{
    struct byte_buffer *buffer = CONTAINING_RECORD(object, struct byte_buffer, object);

    kept_release(&buffer->kept);
    shared_lock_release(buffer->shared);
    com_object_fini(object);
    memory_free(buffer);
}

static const struct com_counted_bytes counted_bytes[] = {
    { .dispid = 4, .bytes = 1, .count = 0 },                              /* Initialize */
    { .dispid = 6, .bytes = 0, .count = 1, .comes_out = true, .got = 2 }, /* Read */
    { .dispid = 12, .bytes = 0, .count = 1 },                             /* Write */
};

static const struct com_script_structs script_structs[] = {
    { 10, 0, 0, script_stat_take, script_stat_give, script_stat_free, NULL }, /* Stat */
};

static const struct com_class buffer_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CByteBuffer,
    .iid = &IID_IByteBuffer,
    .interface_name = "IByteBuffer",
    .prog_id = L"ScardManage.CByteBuffer.1",
    .counted_bytes = counted_bytes,
    .counted_bytes_count = ARRAYSIZE(counted_bytes),
    .script_structs = script_structs,
    .script_structs_count = ARRAYSIZE(script_structs),
    .destroy = destroy_buffer,
};

/* A buffer on a stream; lock and stream stay the caller's and get one more reference. */
static HRESULT create_over(struct shared_lock *shared, const struct kept_stream *kept,
                           IUnknown *outer, REFIID iid, void **out)
{
    struct byte_buffer *buffer = memory_alloc(sizeof(*buffer));
    if (!buffer) return E_OUTOFMEMORY;
    buffer->IByteBuffer_iface.lpVtbl = &buffer_vtbl;
    HRESULT hr = com_object_init(&buffer->object, &buffer_class,
                                 (IDispatch *)&buffer->IByteBuffer_iface, outer);
    if (FAILED(hr))
    {
        memory_free(buffer);
        return hr;
    }
    buffer->shared = shared_lock_add_ref(shared);
    buffer->kept = kept_add_ref(kept);
    return com_object_hand_out(&buffer->object, iid, out);
}

HRESULT byte_buffer_create(IUnknown *outer, REFIID iid, void **out)
{
    struct kept_stream kept = { .stream = NULL };

    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct shared_lock *shared = shared_lock_create();
    if (!shared) return E_OUTOFMEMORY;
    hr = stream_create(&kept.stream, &kept.memory);
    if (SUCCEEDED(hr))
    {
        hr = create_over(shared, &kept, outer, iid, out);
        kept_release(&kept);
    }
    shared_lock_release(shared);
    return hr;
}

HRESULT byte_buffer_create_with(const void *data, size_t len, IByteBuffer **out)
{
    IByteBuffer *buffer = NULL;
    LONG written = 0;

    *out = NULL;
    if (len > BYTE_BUFFER_LEN_MAX) return E_OUTOFMEMORY;
    HRESULT hr = byte_buffer_create(NULL, &IID_IByteBuffer, (void **)&buffer);
    if (FAILED(hr)) return hr;
    if (len > 0)
    {
        /* The parameter is [in, out] in the interface, and only read. */
        hr = buffer_Write(buffer, (BYTE *)data, (LONG)len, &written);
        if (SUCCEEDED(hr) && (size_t)written != len) hr = E_OUTOFMEMORY;
        if (SUCCEEDED(hr)) hr = buffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL);
    }
    if (SUCCEEDED(hr))
        *out = buffer;
    else
        IByteBuffer_Release(buffer);
    return hr;
}
