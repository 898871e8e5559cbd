/*
 * hostile_object - see hostile_object.h.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/hostile_object.h"

#include <stdlib.h>
#include <string.h>

static LONG volatile calls_after_end, alive;

void (*hostile_notice)(void);

static void notice(void)
{
    InterlockedIncrement(&calls_after_end);
    if (hostile_notice) hostile_notice();
}

LONG hostile_calls_after_end(void)
{
    return calls_after_end;
}

LONG hostile_alive(void)
{
    return alive;
}

static struct hostile *of_buffer(IByteBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct hostile, IByteBuffer_iface);
}

static struct hostile *of_stream(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct hostile, IStream_iface);
}

static void called(struct hostile *hostile)
{
    if (hostile->refs <= 0) notice();
    if (hostile->during) hostile->during(hostile);
    /* Whoever calls it holds it. */
    if (hostile->refs <= 0) notice();
}

static HRESULT result_of(struct hostile *hostile)
{
    return hostile->result ? hostile->result(hostile) : S_OK;
}

static LONGLONG told(struct hostile *hostile, LONGLONG true_one)
{
    return hostile->told ? hostile->told(hostile, true_one) : true_one;
}

static HRESULT query(struct hostile *hostile, REFIID iid, void **out)
{
    *out = NULL;
    called(hostile);
    if (IsEqualIID(iid, &IID_IStream) || IsEqualIID(iid, &IID_ISequentialStream))
        *out = &hostile->IStream_iface;
    else if (IsEqualIID(iid, &IID_IUnknown) || IsEqualIID(iid, &IID_IDispatch) ||
             IsEqualIID(iid, &IID_IByteBuffer))
        *out = &hostile->IByteBuffer_iface;
    else
        return E_NOINTERFACE;
    InterlockedIncrement(&hostile->refs);
    return S_OK;
}

static ULONG add_ref(struct hostile *hostile)
{
    LONG refs = InterlockedIncrement(&hostile->refs);
    if (refs <= 1) notice();
    return (ULONG)refs;
}

static ULONG release(struct hostile *hostile)
{
    LONG refs = InterlockedDecrement(&hostile->refs);
    if (refs == 0) InterlockedDecrement(&alive);
    if (refs < 0) notice();
    return (ULONG)refs;
}

static HRESULT read(struct hostile *hostile, void *data, LONGLONG len, LONGLONG *got)
{
    called(hostile);
    LONGLONG there = hostile->len - hostile->position;
    if (there > len) there = len;
    if (there < 0) there = 0;
    memcpy(data, hostile->content + hostile->position, (size_t)there);
    hostile->position += (LONG)there;
    *got = told(hostile, there);
    return result_of(hostile);
}

static HRESULT seek(struct hostile *hostile, LONGLONG move, DWORD origin, LONGLONG *position)
{
    called(hostile);
    LONGLONG from = origin == STREAM_SEEK_SET   ? 0
                    : origin == STREAM_SEEK_CUR ? hostile->position
                                                : hostile->len;
    LONGLONG to = from + move;
    if (to >= 0 && to <= hostile->len) hostile->position = (LONG)to;
    *position = told(hostile, hostile->position);
    return result_of(hostile);
}

/* What is written to it is gone. */
static HRESULT write(struct hostile *hostile, LONGLONG len, LONGLONG *written)
{
    called(hostile);
    *written = told(hostile, len);
    return result_of(hostile);
}

static HRESULT other(struct hostile *hostile)
{
    called(hostile);
    return result_of(hostile);
}

static HRESULT STDMETHODCALLTYPE buffer_QueryInterface(IByteBuffer *iface, REFIID iid, void **out)
{
    return query(of_buffer(iface), iid, out);
}

static ULONG STDMETHODCALLTYPE buffer_AddRef(IByteBuffer *iface)
{
    return add_ref(of_buffer(iface));
}

static ULONG STDMETHODCALLTYPE buffer_Release(IByteBuffer *iface)
{
    return release(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_GetTypeInfoCount(IByteBuffer *iface, UINT *count)
{
    *count = 0;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_GetTypeInfo(IByteBuffer *iface, UINT index, LCID lcid,
                                                    ITypeInfo **info)
{
    (void)index;
    (void)lcid;
    *info = NULL;
    called(of_buffer(iface));
    return E_NOTIMPL;
}

/* Knows one name, that of an array's length. */
static HRESULT STDMETHODCALLTYPE buffer_GetIDsOfNames(IByteBuffer *iface, REFIID iid,
                                                      LPOLESTR *names, UINT count, LCID lcid,
                                                      DISPID *ids)
{
    (void)iid;
    (void)lcid;
    called(of_buffer(iface));
    for (UINT i = 0; i < count; i++)
        ids[i] = DISPID_UNKNOWN;
    if (count != 1 || FAILED(result_of(of_buffer(iface)))) return DISP_E_UNKNOWNNAME;
    ids[0] = (DISPID)names[0][0];
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE buffer_Invoke(IByteBuffer *iface, DISPID id, REFIID iid, LCID lcid,
                                               WORD flags, DISPPARAMS *params, VARIANT *result,
                                               EXCEPINFO *exception, UINT *bad_argument)
{
    (void)iid;
    (void)lcid;
    (void)flags;
    (void)params;
    (void)exception;
    (void)bad_argument;
    called(of_buffer(iface));
    if (result)
    {
        V_VT(result) = VT_I4;
        V_I4(result) = id == 'l' ? (LONG)told(of_buffer(iface), 4) : 7;
    }
    return result_of(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_get_Stream(IByteBuffer *iface, IStream **stream)
{
    *stream = NULL;
    called(of_buffer(iface));
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE buffer_put_Stream(IByteBuffer *iface, IStream *stream)
{
    (void)stream;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Clone(IByteBuffer *iface, IByteBuffer **clone)
{
    *clone = NULL;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Commit(IByteBuffer *iface, LONG flags)
{
    (void)flags;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_CopyTo(IByteBuffer *iface, IByteBuffer **target, LONG len,
                                               LONG *got, LONG *written)
{
    (void)target;
    (void)len;
    if (got) *got = 0;
    if (written) *written = 0;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Initialize(IByteBuffer *iface, LONG size, BYTE *data)
{
    (void)size;
    (void)data;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_LockRegion(IByteBuffer *iface, LONG offset, LONG len,
                                                   LONG type)
{
    (void)offset;
    (void)len;
    (void)type;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Read(IByteBuffer *iface, BYTE *data, LONG len, LONG *got)
{
    LONGLONG count = 0;
    HRESULT hr = read(of_buffer(iface), data, len, &count);
    if (got) *got = (LONG)count;
    return hr;
}

static HRESULT STDMETHODCALLTYPE buffer_Revert(IByteBuffer *iface)
{
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Seek(IByteBuffer *iface, LONG move, LONG origin,
                                             LONG *position)
{
    LONGLONG now = 0;
    HRESULT hr = seek(of_buffer(iface), move, (DWORD)origin, &now);
    if (position) *position = (LONG)now;
    return hr;
}

static HRESULT STDMETHODCALLTYPE buffer_SetSize(IByteBuffer *iface, LONG size)
{
    (void)size;
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Stat(IByteBuffer *iface, STATSTRUCT *stat, LONG flags)
{
    (void)flags;
    memset(stat, 0, sizeof(*stat));
    stat->cbSize = (LONG)told(of_buffer(iface), of_buffer(iface)->len);
    return other(of_buffer(iface));
}

static HRESULT STDMETHODCALLTYPE buffer_Write(IByteBuffer *iface, BYTE *data, LONG len,
                                              LONG *written)
{
    LONGLONG count = 0;
    (void)data;
    HRESULT hr = write(of_buffer(iface), len, &count);
    if (written) *written = (LONG)count;
    return hr;
}

static const IByteBufferVtbl buffer_vtbl = {
    .QueryInterface = buffer_QueryInterface,
    .AddRef = buffer_AddRef,
    .Release = buffer_Release,
    .GetTypeInfoCount = buffer_GetTypeInfoCount,
    .GetTypeInfo = buffer_GetTypeInfo,
    .GetIDsOfNames = buffer_GetIDsOfNames,
    .Invoke = buffer_Invoke,
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
    .UnlockRegion = buffer_LockRegion,
    .Write = buffer_Write,
};

static HRESULT STDMETHODCALLTYPE stream_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    return query(of_stream(iface), iid, out);
}

static ULONG STDMETHODCALLTYPE stream_AddRef(IStream *iface)
{
    return add_ref(of_stream(iface));
}

static ULONG STDMETHODCALLTYPE stream_Release(IStream *iface)
{
    return release(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_Read(IStream *iface, void *data, ULONG len, ULONG *got)
{
    LONGLONG count = 0;
    HRESULT hr = read(of_stream(iface), data, len, &count);
    if (got) *got = (ULONG)count;
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_Write(IStream *iface, const void *data, ULONG len,
                                              ULONG *written)
{
    LONGLONG count = 0;
    (void)data;
    HRESULT hr = write(of_stream(iface), len, &count);
    if (written) *written = (ULONG)count;
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin,
                                             ULARGE_INTEGER *position)
{
    LONGLONG now = 0;
    HRESULT hr = seek(of_stream(iface), move.QuadPart, origin, &now);
    if (position) position->QuadPart = (ULONGLONG)now;
    return hr;
}

static HRESULT STDMETHODCALLTYPE stream_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    (void)size;
    return other(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER len,
                                               ULARGE_INTEGER *got, ULARGE_INTEGER *written)
{
    (void)target;
    (void)len;
    (void)got;
    (void)written;
    called(of_stream(iface));
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE stream_Commit(IStream *iface, DWORD flags)
{
    (void)flags;
    return other(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_Revert(IStream *iface)
{
    return other(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_LockRegion(IStream *iface, ULARGE_INTEGER from,
                                                   ULARGE_INTEGER count, DWORD type)
{
    (void)from;
    (void)count;
    (void)type;
    return other(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    (void)flags;
    memset(stat, 0, sizeof(*stat));
    stat->cbSize.QuadPart = (ULONGLONG)told(of_stream(iface), of_stream(iface)->len);
    return other(of_stream(iface));
}

static HRESULT STDMETHODCALLTYPE stream_Clone(IStream *iface, IStream **clone)
{
    *clone = NULL;
    return other(of_stream(iface));
}

static const IStreamVtbl stream_vtbl = {
    .QueryInterface = stream_QueryInterface,
    .AddRef = stream_AddRef,
    .Release = stream_Release,
    .Read = stream_Read,
    .Write = stream_Write,
    .Seek = stream_Seek,
    .SetSize = stream_SetSize,
    .CopyTo = stream_CopyTo,
    .Commit = stream_Commit,
    .Revert = stream_Revert,
    .LockRegion = stream_LockRegion,
    .UnlockRegion = stream_LockRegion,
    .Stat = stream_Stat,
    .Clone = stream_Clone,
};

struct hostile *hostile_create(const void *bytes, LONG len)
{
    struct hostile *hostile = calloc(1, sizeof(*hostile));

    if (!hostile || len > (LONG)sizeof(hostile->content)) abort();
    hostile->IByteBuffer_iface.lpVtbl = (IByteBufferVtbl *)&buffer_vtbl;
    hostile->IStream_iface.lpVtbl = (IStreamVtbl *)&stream_vtbl;
    hostile->refs = 1;
    memcpy(hostile->content, bytes, (size_t)len);
    hostile->len = len;
    InterlockedIncrement(&alive);
    return hostile;
}
