/*
 * foreign_streams_test - byte buffers over a client's own stream: one that lies, one that puts another
 *                        in its place while it is asked, one that lives in another apartment.
 * Layer: tests. Needs the registered server; no reader.
 * SPDX-License-Identifier: MIT
 */
#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/late_bound.h"

struct foreign
{
    IStream IStream_iface;
    LONG refs;
    DWORD thread; /* the one it was made on */

    LONG calls, calls_elsewhere, calls_after_end;
    ULONG says_more; /* bytes that Read and Write say they moved beyond what was asked for */
    ULONGLONG position;
    IByteBuffer *leaves; /* the next call puts another stream in there */
};

static struct foreign *impl(IStream *iface)
{
    return CONTAINING_RECORD(iface, struct foreign, IStream_iface);
}

static HRESULT STDMETHODCALLTYPE foreign_QueryInterface(IStream *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_ISequentialStream) &&
        !IsEqualIID(iid, &IID_IStream))
        return E_NOINTERFACE;
    InterlockedIncrement(&impl(iface)->refs);
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE foreign_AddRef(IStream *iface)
{
    return (ULONG)InterlockedIncrement(&impl(iface)->refs);
}

static ULONG STDMETHODCALLTYPE foreign_Release(IStream *iface)
{
    return (ULONG)InterlockedDecrement(&impl(iface)->refs);
}

/* What every method begins with. */
static struct foreign *called(IStream *iface)
{
    struct foreign *foreign = impl(iface);

    foreign->calls++;
    if (GetCurrentThreadId() != foreign->thread) foreign->calls_elsewhere++;
    if (foreign->refs <= 0) foreign->calls_after_end++;
    if (foreign->leaves)
    {
        IByteBuffer *buffer = foreign->leaves;
        foreign->leaves = NULL;
        check_hr(IByteBuffer_Initialize(buffer, 4, (BYTE *)"next"), S_OK);
        /* Whoever works on this stream holds it. */
        check(foreign->refs > 0);
    }
    return foreign;
}

static HRESULT STDMETHODCALLTYPE foreign_Read(IStream *iface, void *data, ULONG len, ULONG *got)
{
    struct foreign *foreign = called(iface);

    memset(data, 'R', len);
    *got = len + foreign->says_more;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Write(IStream *iface, const void *data, ULONG len,
                                               ULONG *written)
{
    struct foreign *foreign = called(iface);

    (void)data;
    *written = len + foreign->says_more;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Seek(IStream *iface, LARGE_INTEGER move, DWORD origin,
                                              ULARGE_INTEGER *position)
{
    struct foreign *foreign = called(iface);

    (void)move;
    (void)origin;
    if (position) position->QuadPart = foreign->position;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_SetSize(IStream *iface, ULARGE_INTEGER size)
{
    (void)size;
    called(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_CopyTo(IStream *iface, IStream *target, ULARGE_INTEGER len,
                                                ULARGE_INTEGER *got, ULARGE_INTEGER *written)
{
    (void)target;
    (void)len;
    (void)got;
    (void)written;
    called(iface);
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE foreign_Commit(IStream *iface, DWORD flags)
{
    (void)flags;
    called(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Revert(IStream *iface)
{
    called(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_lock(IStream *iface, ULARGE_INTEGER from,
                                              ULARGE_INTEGER count, DWORD type)
{
    (void)from;
    (void)count;
    (void)type;
    called(iface);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Stat(IStream *iface, STATSTG *stat, DWORD flags)
{
    (void)flags;
    called(iface);
    stat->cbSize.QuadPart = 0xFFFFFFFFFFFFFFFFULL;
    return S_OK;
}

/* Says that it has done it. */
static HRESULT STDMETHODCALLTYPE foreign_Clone(IStream *iface, IStream **clone)
{
    called(iface);
    *clone = NULL;
    return S_OK;
}

static IStreamVtbl foreign_vtbl = {
    .QueryInterface = foreign_QueryInterface,
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .Read = foreign_Read,
    .Write = foreign_Write,
    .Seek = foreign_Seek,
    .SetSize = foreign_SetSize,
    .CopyTo = foreign_CopyTo,
    .Commit = foreign_Commit,
    .Revert = foreign_Revert,
    .LockRegion = foreign_lock,
    .UnlockRegion = foreign_lock,
    .Stat = foreign_Stat,
    .Clone = foreign_Clone,
};

/* A buffer over the stream, whose one reference is the buffer's then. */
static IByteBuffer *over(struct foreign *foreign)
{
    IByteBuffer *buffer = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);

    *foreign = (struct foreign){ .IStream_iface = { &foreign_vtbl }, .refs = 1 };
    foreign->thread = GetCurrentThreadId();
    check_hr(IByteBuffer_put_Stream(buffer, &foreign->IStream_iface), S_OK);
    IStream_Release(&foreign->IStream_iface);
    check(foreign->refs > 0);
    return buffer;
}

static void given_back(void)
{
    struct foreign foreign;
    IByteBuffer *buffer = over(&foreign);
    IStream *stream = NULL;

    check_context("a stream that is kept");
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    check(stream == &foreign.IStream_iface);
    if (stream) IStream_Release(stream);
    check_int(IByteBuffer_Release(buffer), 0);
    check_int(foreign.refs, 0);
}

static void lies(void)
{
    struct foreign foreign;
    IByteBuffer *buffer = over(&foreign), *clone = NULL;
    IByteBuffer *target = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    BYTE room[8];
    LONG count = 4711;

    check_context("a stream that lies");
    foreign.says_more = 1000;
    check_hr(IByteBuffer_Read(buffer, room, 4, &count), E_UNEXPECTED);
    check_int(count, 0);
    count = 4711;
    check_hr(IByteBuffer_Write(buffer, room, 4, &count), E_UNEXPECTED);
    check_int(count, 0);
    check_hr(IByteBuffer_CopyTo(buffer, &target, 100, &count, NULL), E_UNEXPECTED);
    check_hr(IByteBuffer_Clone(buffer, &clone), E_UNEXPECTED);
    check(clone == NULL);
    foreign.position = 0xFFFFFFFFFFFFFFFFULL;
    check_hr(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, &count), STG_E_SEEKERROR);
    check_int(count, 0);
    IByteBuffer_Release(target);
    IByteBuffer_Release(buffer);
    check_int(foreign.refs, 0);
}

static HRESULT do_read(IByteBuffer *buffer)
{
    BYTE room[8];
    LONG count;
    return IByteBuffer_Read(buffer, room, 4, &count);
}

static HRESULT do_write(IByteBuffer *buffer)
{
    return IByteBuffer_Write(buffer, (BYTE *)"1234", 4, NULL);
}

static HRESULT do_seek(IByteBuffer *buffer)
{
    return IByteBuffer_Seek(buffer, 1, STREAM_SEEK_SET, NULL);
}

static HRESULT do_set_size(IByteBuffer *buffer)
{
    return IByteBuffer_SetSize(buffer, 8);
}

static HRESULT do_stat(IByteBuffer *buffer)
{
    STATSTRUCT stat;
    return IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME);
}

static HRESULT do_copy(IByteBuffer *buffer)
{
    IByteBuffer *target = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    HRESULT hr = IByteBuffer_CopyTo(buffer, &target, 6, NULL, NULL);
    IByteBuffer_Release(target);
    return hr;
}

static HRESULT do_commit(IByteBuffer *buffer)
{
    return IByteBuffer_Commit(buffer, 0);
}

static HRESULT do_revert(IByteBuffer *buffer)
{
    return IByteBuffer_Revert(buffer);
}

static HRESULT do_lock(IByteBuffer *buffer)
{
    return IByteBuffer_LockRegion(buffer, 0, 4, 0);
}

static HRESULT do_unlock(IByteBuffer *buffer)
{
    return IByteBuffer_UnlockRegion(buffer, 0, 4, 0);
}

/* The buffer has another stream, its own, while the first one is being asked. */
static void put_away_meanwhile(void)
{
    static HRESULT (*const methods[])(IByteBuffer *) = {
        do_read, do_write,  do_seek,   do_set_size, do_stat,
        do_copy, do_commit, do_revert, do_lock,     do_unlock,
    };

    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
    {
        struct foreign foreign;
        IByteBuffer *buffer = over(&foreign);

        check_context("put away in method %d", (int)i);
        foreign.leaves = buffer;
        check_hr(methods[i](buffer), S_OK);
        check(foreign.calls > 0);
        check_int(foreign.calls_after_end, 0);
        check_int(foreign.refs, 0);
        check_rest(buffer, "6E657874");
        IByteBuffer_Release(buffer);
    }
}

static DWORD WINAPI work_elsewhere(void *argument)
{
    IByteBuffer *buffer = argument;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    check_hr(do_read(buffer), S_OK);
    check_hr(do_write(buffer), S_OK);
    check_hr(do_seek(buffer), S_OK);
    CoUninitialize();
    return 0;
}

/* A stream is called in the apartment where its client has it; the buffer itself is of none. */
static void other_apartment(void)
{
    struct foreign foreign;
    IByteBuffer *buffer = over(&foreign);
    HANDLE thread = CreateThread(NULL, 0, work_elsewhere, buffer, 0, NULL);
    DWORD end = GetTickCount() + 20000;
    bool is_done = false;
    MSG message;

    check_context("a stream of another apartment");
    while (thread && !is_done && (LONG)(end - GetTickCount()) > 0)
    {
        is_done = MsgWaitForMultipleObjects(1, &thread, FALSE, 1000, QS_ALLINPUT) == WAIT_OBJECT_0;
        while (PeekMessageW(&message, NULL, 0, 0, PM_REMOVE))
            DispatchMessageW(&message);
        /* Nobody waits for the buffer while its stream is asked from elsewhere. */
        if (!is_done) do_commit(buffer);
    }
    check(is_done);
    check(foreign.calls > 0);
    check_int(foreign.calls_elsewhere, 0);
    IByteBuffer_Release(buffer);
    check_int(foreign.refs, 0);
    if (thread) CloseHandle(thread);
}

/* The client who made the stream made its memory smaller behind its back. */
static void memory_shrunk(void)
{
    IByteBuffer *buffer = buffer_of("0123456789ABCDEF", 16), *clone = NULL;
    IStream *stream = NULL;
    HGLOBAL memory = NULL;
    BYTE room[16];
    LONG count = 4711;

    check_context("memory that shrank");
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    check_hr(GetHGlobalFromStream(stream, &memory), S_OK);
    HGLOBAL smaller = GlobalReAlloc(memory, 4, 0);
    if (smaller == memory && GlobalSize(memory) < 16)
    {
        check_hr(IByteBuffer_Read(buffer, room, 16, &count), E_UNEXPECTED);
        check_int(count, 0);
        check_hr(IByteBuffer_Write(buffer, room, 16, &count), E_UNEXPECTED);
        check_hr(IByteBuffer_Clone(buffer, &clone), E_UNEXPECTED);
    }
    else
        check_skip("this system does not make memory smaller in its place");
    IStream_Release(stream);
    IByteBuffer_Release(buffer);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    given_back();
    lies();
    put_away_meanwhile();
    other_apartment();
    memory_shrunk();
    check_context(NULL);
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
