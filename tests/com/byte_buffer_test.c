/*
 * byte_buffer_test - every method of IByteBuffer, good and bad, early and late bound; and how the
 *                    server reads and fills the byte buffers of others.
 * Layer: tests. Needs the registered server; no reader.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <stddef.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "system/memory.h"
#include "com/buffer_bytes.h"
#include "com/byte_buffer.h"
#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(member, slot)                                                                         \
    _Static_assert(offsetof(IByteBufferVtbl, member) == (slot) * sizeof(void *), #member)
SLOT(get_Stream, 7);
SLOT(put_Stream, 8);
SLOT(Clone, 9);
SLOT(Commit, 10);
SLOT(CopyTo, 11);
SLOT(Initialize, 12);
SLOT(LockRegion, 13);
SLOT(Read, 14);
SLOT(Revert, 15);
SLOT(Seek, 16);
SLOT(SetSize, 17);
SLOT(Stat, 18);
SLOT(UnlockRegion, 19);
SLOT(Write, 20);

#define POISON ((void *)(ULONG_PTR)0x5555)

/* What buffer_bytes.c wants of the server around it. */
static long live_allocations;

void *memory_alloc(size_t size)
{
    live_allocations++;
    return calloc(1, size);
}

void memory_free(void *memory)
{
    if (memory) live_allocations--;
    free(memory);
}

const struct memory_source system_memory = { .allocate = memory_alloc, .release = memory_free };

static IByteBuffer *create(void)
{
    IByteBuffer *buffer = NULL;
    check_hr(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                              (void **)&buffer),
             S_OK);
    return buffer;
}

HRESULT byte_buffer_create_with(const void *data, size_t len, IByteBuffer **out)
{
    *out = create();
    return IByteBuffer_Initialize(*out, (LONG)len, (BYTE *)data);
}

static IByteBuffer *create_holding(const char *text)
{
    IByteBuffer *buffer = create();
    check_hr(IByteBuffer_Initialize(buffer, (LONG)strlen(text), (BYTE *)text), S_OK);
    return buffer;
}

/* The whole content is exactly `text`; the seek pointer stays. */
#define check_content(buffer, text) check_content_at(__LINE__, buffer, text, strlen(text))
static void check_content_at(int line, IByteBuffer *buffer, const void *bytes, size_t len)
{
    struct secret_bytes got = secret_bytes_from(&system_memory);
    if (!check_hr_at(__FILE__, line, buffer_read(buffer, &got), S_OK, "content")) return;
    check_int_at(__FILE__, line, (int64_t)got.len, (int64_t)len, "length");
    check_true_at(__FILE__, line, bytes_equal(secret_bytes_span(&got), bytes_of(bytes, len)),
                  "bytes");
    secret_bytes_free(&got);
}

#define check_position(buffer, expected) check_position_at(__LINE__, buffer, expected)
static void check_position_at(int line, IByteBuffer *buffer, LONG expected)
{
    LONG position = 4711;
    check_hr_at(__FILE__, line, IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position), S_OK,
                "Seek");
    check_int_at(__FILE__, line, position, expected, "position");
}

static LONG size_of(IByteBuffer *buffer)
{
    STATSTRUCT stat = { .cbSize = -1 };
    check_hr(IByteBuffer_Stat(buffer, &stat, STATFLAG_NONAME), S_OK);
    return stat.cbSize;
}

/* As old C# clients use it: no Initialize anywhere. */
static void without_initialize(void)
{
    IByteBuffer *buffer = create();
    BYTE apdu[] = { 0x00, 0xA4, 0x00, 0x00, 0x02 }, back[8];
    LONG count = 4711;

    check_context("without Initialize");
    check_int(size_of(buffer), 0);
    check_position(buffer, 0);
    check_hr(IByteBuffer_Read(buffer, back, 8, &count), S_OK);
    check_int(count, 0);
    check_hr(IByteBuffer_SetSize(buffer, sizeof(apdu)), S_OK);
    check_int(size_of(buffer), sizeof(apdu));
    check_position(buffer, 0);
    check_hr(IByteBuffer_Write(buffer, apdu, sizeof(apdu), &count), S_OK);
    check_int(count, sizeof(apdu));
    check_content_at(__LINE__, buffer, apdu, sizeof(apdu));
    check_position(buffer, sizeof(apdu));
    check_int(IByteBuffer_Release(buffer), 0);
}

static void initialize(void)
{
    IByteBuffer *buffer = create(), *clone = NULL;
    static const BYTE zeros[3];
    LONG count;

    check_context("Initialize");
    check_hr(IByteBuffer_Initialize(buffer, 4, (BYTE *)"1234"), S_OK);
    check_content(buffer, "1234");
    check_position(buffer, 0);
    /* Afresh: others keep what they have. */
    check_hr(IByteBuffer_Clone(buffer, &clone), S_OK);
    check_hr(IByteBuffer_Initialize(buffer, 3, NULL), S_OK);
    check_content_at(__LINE__, buffer, zeros, 3);
    check_content(clone, "1234");
    check_hr(IByteBuffer_Initialize(buffer, 0, NULL), S_OK);
    check_int(size_of(buffer), 0);
    check_hr(IByteBuffer_Initialize(buffer, 0, (BYTE *)"1234"), S_OK);
    check_int(size_of(buffer), 0);

    check_hr(IByteBuffer_Write(buffer, (BYTE *)"kept", 4, &count), S_OK);
    check_hr(IByteBuffer_Initialize(buffer, -1, NULL), E_INVALIDARG);
    check_hr(IByteBuffer_Initialize(buffer, (LONG)0x80000000, (BYTE *)"1234"), E_INVALIDARG);
    check_hr(IByteBuffer_Initialize(buffer, 0x7FFFFFFF, NULL), E_OUTOFMEMORY);
    check_hr(IByteBuffer_Initialize(buffer, BYTE_BUFFER_LEN_MAX + 1, NULL), E_OUTOFMEMORY);
    check_content(buffer, "kept");
    check_position(buffer, 4);
    IByteBuffer_Release(clone);
    IByteBuffer_Release(buffer);
}

static void read_and_write(void)
{
    IByteBuffer *buffer = create_holding("0123456789");
    BYTE data[16];
    LONG count = 4711;

    check_context("Read and Write");
    check_hr(IByteBuffer_Read(buffer, data, 4, &count), S_OK);
    check_int(count, 4);
    check(memcmp(data, "0123", 4) == 0);
    check_hr(IByteBuffer_Read(buffer, data, 2, NULL), S_OK);
    check(memcmp(data, "45", 2) == 0);
    check_hr(IByteBuffer_Read(buffer, data, 0, &count), S_OK);
    check_int(count, 0);
    count = 4711;
    check_hr(IByteBuffer_Read(buffer, data, 16, &count), S_OK); /* there are fewer */
    check_int(count, 4);
    check_hr(IByteBuffer_Read(buffer, data, 0x7FFFFFFF, &count), S_OK);
    check_int(count, 0);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"ab", 2, &count), S_OK); /* it grows */
    check_int(count, 2);
    check_hr(IByteBuffer_Seek(buffer, 1, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"XY", 2, NULL), S_OK);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"Z", 0, &count), S_OK);
    check_int(count, 0);
    check_content(buffer, "0XY3456789ab");
    check_position(buffer, 3);

    static const LONG bad[] = { -1, (LONG)0x80000000 };
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        count = 4711;
        check_hr(IByteBuffer_Read(buffer, data, bad[i], &count), E_INVALIDARG);
        check_int(count, 0);
        count = 4711;
        check_hr(IByteBuffer_Write(buffer, data, bad[i], &count), E_INVALIDARG);
        check_int(count, 0);
    }
    count = 4711;
    check_hr(IByteBuffer_Read(buffer, NULL, 1, &count), E_POINTER);
    check_int(count, 0);
    count = 4711;
    check_hr(IByteBuffer_Write(buffer, NULL, 0, &count), E_POINTER);
    check_int(count, 0);
    check_content(buffer, "0XY3456789ab");
    check_position(buffer, 3);
    IByteBuffer_Release(buffer);
}

static void seek_and_size(void)
{
    static const struct
    {
        LONG move, origin, position;
    } rows[] = {
        { 3, STREAM_SEEK_SET, 3 },     { 2, STREAM_SEEK_CUR, 5 },   { -4, STREAM_SEEK_CUR, 1 },
        { 0, STREAM_SEEK_END, 10 },    { -10, STREAM_SEEK_END, 0 }, { 5, STREAM_SEEK_END, 15 },
        { 100, STREAM_SEEK_SET, 100 }, { 7, STREAM_SEEK_SET, 7 },
    };
    IByteBuffer *buffer = create_holding("0123456789");
    LONG position, count;

    check_context("Seek");
    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        position = 4711;
        check_hr(IByteBuffer_Seek(buffer, rows[i].move, rows[i].origin, &position), S_OK);
        check_int(position, rows[i].position);
    }
    check(FAILED(IByteBuffer_Seek(buffer, -8, STREAM_SEEK_CUR, &position)));
    check_int(position, 0);
    check(FAILED(IByteBuffer_Seek(buffer, -11, STREAM_SEEK_END, NULL)));
    check_hr(IByteBuffer_Seek(buffer, 0, 3, &position), E_INVALIDARG);
    check_hr(IByteBuffer_Seek(buffer, 0, -1, &position), E_INVALIDARG);
    check_position(buffer, 7);
    /* From the beginning, a distance has no sign; what 31 bits cannot tell is too far. */
    check(FAILED(IByteBuffer_Seek(buffer, -1, STREAM_SEEK_SET, &position)));
    check_position(buffer, 7);
    /* Our memory does not grow for ever. */
    check_hr(IByteBuffer_Seek(buffer, 0x7FFFFFFF, STREAM_SEEK_SET, NULL), S_OK);
    check(FAILED(IByteBuffer_Seek(buffer, 1, STREAM_SEEK_CUR, NULL)));
    check_position(buffer, 0x7FFFFFFF);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"x", 1, &count), E_OUTOFMEMORY);
    check_int(count, 0);
    check_int(size_of(buffer), 10);

    check_context("a gap is filled with zeros");
    check_hr(IByteBuffer_Seek(buffer, 12, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"ab", 2, &count), S_OK);
    check_content_at(__LINE__, buffer, "0123456789\0\0ab", 14);

    check_context("SetSize");
    check_hr(IByteBuffer_Seek(buffer, 5, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_SetSize(buffer, 2), S_OK);
    check_position(buffer, 5);
    check_hr(IByteBuffer_SetSize(buffer, 4), S_OK);
    check_content_at(__LINE__, buffer, "01\0\0", 4);
    check_position(buffer, 5);
    check_hr(IByteBuffer_SetSize(buffer, -1), E_INVALIDARG);
    check_hr(IByteBuffer_SetSize(buffer, 0x7FFFFFFF), E_OUTOFMEMORY);
    check_int(size_of(buffer), 4);
    check_hr(IByteBuffer_SetSize(buffer, 0), S_OK);
    check_int(size_of(buffer), 0);
    IByteBuffer_Release(buffer);
}

/* A seek pointer may stand behind the end; there is nothing to read there. */
static void read_behind_the_end(void)
{
    IByteBuffer *buffer = create_holding("12345678"), *other = create(), *target = create();
    IStream *stream = NULL;

    check_context("behind the end");
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    check_hr(IByteBuffer_put_Stream(other, stream), S_OK); /* a stream that a client puts in */
    static const LONG places[] = { 8, 9, 100, 0x10000000, 0x7FFFFFFF };
    for (size_t i = 0; i < 2 * ARRAYSIZE(places); i++)
    {
        IByteBuffer *tried = i % 2 ? other : buffer;
        BYTE data[64];
        LONG count = 4711, written = 4711;

        memset(data, 0x55, sizeof(data));
        check_hr(IByteBuffer_Seek(tried, places[i / 2], STREAM_SEEK_SET, NULL), S_OK);
        check_hr(IByteBuffer_Read(tried, data, sizeof(data), &count), S_OK);
        check_int(count, 0);
        check_int(data[0], 0x55);
        check_position(tried, places[i / 2]);
        count = 4711;
        check_hr(IByteBuffer_CopyTo(tried, &target, 64, &count, &written), S_OK);
        check_int(count, 0);
        check_int(written, 0);
    }
    check_int(size_of(target), 0);
    IStream_Release(stream);
    check_int(IByteBuffer_Release(target), 0);
    check_int(IByteBuffer_Release(other), 0);
    check_int(IByteBuffer_Release(buffer), 0);
}

enum
{
    UNIT_LEN = 16,
    UNIT_COUNT = 4,
    MASK = 0xA5,
};

/* A text that is nowhere in memory but where the test puts it: here it is masked. */
static const BYTE masked_unit[UNIT_LEN] = { 0x91, 0x17, 0xE3, 0x4C, 0x08, 0xB6, 0x5D, 0xF2,
                                            0x3A, 0xC7, 0x60, 0x9E, 0x24, 0xDB, 0x75, 0x0F };

/* Who copied bytes last may have left them in a register, which Wine saves in memory at every system
 * call, or on the stack below us. Neither is a byte buffer's memory. */
static void forget_last_copies(void)
{
    volatile BYTE stack[16384];

    for (size_t i = 0; i < sizeof(stack); i++)
        stack[i] = 0;
#ifdef __x86_64__
    __asm__ volatile("pxor %%xmm0, %%xmm0\n\tpxor %%xmm1, %%xmm1\n\tpxor %%xmm2, %%xmm2\n\t"
                     "pxor %%xmm3, %%xmm3\n\tpxor %%xmm4, %%xmm4\n\tpxor %%xmm5, %%xmm5\n\t"
                     "pxor %%xmm6, %%xmm6\n\tpxor %%xmm7, %%xmm7\n\tpxor %%xmm8, %%xmm8\n\t"
                     "pxor %%xmm9, %%xmm9\n\tpxor %%xmm10, %%xmm10\n\tpxor %%xmm11, %%xmm11\n\t"
                     "pxor %%xmm12, %%xmm12\n\tpxor %%xmm13, %%xmm13\n\tpxor %%xmm14, %%xmm14\n\t"
                     "pxor %%xmm15, %%xmm15"
                     :
                     :
                     : "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8",
                       "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15");
#endif
    Sleep(1);
}

/* How often it is in the private memory of this process, freed or not. */
static int copies_in_memory(void)
{
    MEMORY_BASIC_INFORMATION region;
    int found = 0;

    forget_last_copies();
    for (const BYTE *at = NULL; VirtualQuery(at, &region, sizeof(region));
         at = (const BYTE *)region.BaseAddress + region.RegionSize)
    {
        const BYTE *bytes = region.BaseAddress;
        if (region.State != MEM_COMMIT || region.Type != MEM_PRIVATE ||
            region.Protect != PAGE_READWRITE)
            continue;
        for (SIZE_T i = 0; i + UNIT_LEN <= region.RegionSize; i++)
        {
            SIZE_T same = 0;
            while (same < UNIT_LEN && (bytes[i + same] ^ MASK) == masked_unit[same])
                same++;
            if (same == UNIT_LEN) found++;
        }
    }
    return found;
}

static void write_secret(IByteBuffer *buffer)
{
    BYTE secret[UNIT_LEN * UNIT_COUNT];
    LONG written = 0;

    for (size_t i = 0; i < sizeof(secret); i++)
        secret[i] = masked_unit[i % UNIT_LEN] ^ MASK;
    check_hr(IByteBuffer_Write(buffer, secret, sizeof(secret), &written), S_OK);
    check_int(written, (LONG)sizeof(secret));
    SecureZeroMemory(secret, sizeof(secret));
}

/* What was in a buffer is not found in memory that the system has back. */
static void wiped(void)
{
    static BYTE zeros[100];
    IByteBuffer *buffer = create(), *clone = NULL;

    check_context("released");
    check_int(copies_in_memory(), 0);
    write_secret(buffer);
    check_int(copies_in_memory(), UNIT_COUNT);
    check_int(IByteBuffer_Release(buffer), 0);
    check_int(copies_in_memory(), 0);

    check_context("grown");
    buffer = create();
    write_secret(buffer);
    for (int i = 0; i < 60; i++)
    {
        check_hr(IByteBuffer_Write(buffer, zeros, sizeof(zeros), NULL), S_OK);
        if (i % 20 == 0) check_int(copies_in_memory(), UNIT_COUNT);
    }
    check_int(copies_in_memory(), UNIT_COUNT);
    check_int(size_of(buffer), UNIT_LEN * UNIT_COUNT + 60 * (LONG)sizeof(zeros));

    check_context("cut");
    check_hr(IByteBuffer_SetSize(buffer, UNIT_LEN), S_OK);
    check_int(copies_in_memory(), 1);
    check_hr(IByteBuffer_SetSize(buffer, 3000), S_OK);
    check_int(copies_in_memory(), 1);
    check_hr(IByteBuffer_Initialize(buffer, 4, NULL), S_OK);
    check_int(copies_in_memory(), 0);

    check_context("cloned");
    write_secret(buffer);
    check_hr(IByteBuffer_Clone(buffer, &clone), S_OK);
    check_int(IByteBuffer_Release(buffer), 0);
    check_int(copies_in_memory(), UNIT_COUNT);
    check_int(IByteBuffer_Release(clone), 0);
    check_int(copies_in_memory(), 0);

    /* A client's own stream over the same memory reads on when all buffers are gone. */
    check_context("the stream stays a client's");
    IStream *stream = NULL, *other = NULL;
    BYTE data[8] = { 0 };
    ULONG got = 0;
    buffer = create_holding("12345678");
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    check_hr(IStream_Clone(stream, &other), S_OK);
    IStream_Release(stream);
    check_hr(IByteBuffer_Write(buffer, (BYTE *)"abcdefghij", 10, NULL), S_OK);
    check_int(IByteBuffer_Release(buffer), 0);
    check_hr(IStream_Read(other, data, sizeof(data), &got), S_OK);
    check(got == 8 && memcmp(data, "abcdefgh", 8) == 0);
    IStream_Release(other);
}

static void clones(void)
{
    IByteBuffer *buffer = create_holding("0123456789"), *clone = POISON;
    LONG count;

    check_context("Clone");
    check_hr(IByteBuffer_Seek(buffer, 4, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_Clone(buffer, NULL), E_POINTER);
    check_hr(IByteBuffer_Clone(buffer, &clone), S_OK); /* what was in the variable is not used */
    check_position(clone, 4);
    check_hr(IByteBuffer_Write(clone, (BYTE *)"XYZ", 3, &count), S_OK);
    check_position(clone, 7);
    check_position(buffer, 4);
    check_content(buffer, "0123XYZ789");
    check_hr(IByteBuffer_SetSize(buffer, 2), S_OK);
    check_int(size_of(clone), 2);
    check_hr(IByteBuffer_Seek(clone, 0, STREAM_SEEK_END, NULL), S_OK);
    check_hr(IByteBuffer_Write(clone, (BYTE *)"abc", 3, &count), S_OK);
    check_content(buffer, "01abc");
    /* It survives the one it came from. */
    check_int(IByteBuffer_Release(buffer), 0);
    check_content(clone, "01abc");
    check_int(IByteBuffer_Release(clone), 0);
}

static void copies(void)
{
    IByteBuffer *from = create_holding("0123456789"), *to = create_holding("abcdef"), *clone = NULL;
    IByteBuffer *none = NULL;
    LONG got = 4711, written = 4711;

    check_context("CopyTo");
    check_hr(IByteBuffer_Seek(from, 2, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_Seek(to, 1, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_CopyTo(from, &to, 3, &got, &written), S_OK);
    check_int(got, 3);
    check_int(written, 3);
    check_position(from, 5);
    check_position(to, 4);
    check_content(to, "a234ef");
    check_hr(IByteBuffer_CopyTo(from, &to, 100, NULL, NULL), S_OK); /* as many as there are */
    check_content(to, "a23456789");
    check_hr(IByteBuffer_CopyTo(from, &to, 0x7FFFFFFF, &got, &written), S_OK);
    check_int(got, 0);
    check_int(written, 0);
    check_hr(IByteBuffer_CopyTo(from, &to, 0, &got, &written), S_OK);

    got = written = 4711;
    check_hr(IByteBuffer_CopyTo(from, &to, -1, &got, &written), E_INVALIDARG);
    check_int(got, 0);
    check_int(written, 0);
    got = written = 4711;
    check_hr(IByteBuffer_CopyTo(from, &none, 1, &got, &written), E_POINTER);
    check_hr(IByteBuffer_CopyTo(from, NULL, 1, &got, &written), E_POINTER);
    check_int(got, 0);
    check_int(written, 0);

    check_context("CopyTo a clone, and itself");
    check_hr(IByteBuffer_Seek(from, 0, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_Clone(from, &clone), S_OK);
    check_hr(IByteBuffer_Seek(clone, 2, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_CopyTo(from, &clone, 10, &got, &written), S_OK);
    check_content(from, "010123456789");
    check_hr(IByteBuffer_Seek(from, 0, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(IByteBuffer_CopyTo(from, &from, 3, &got, &written), S_OK);
    check_int(written, 3);
    check_position(from, 6);
    check_content(from, "010010456789");
    IByteBuffer_Release(clone);
    IByteBuffer_Release(from);
    IByteBuffer_Release(to);
}

static void the_rest(void)
{
    IByteBuffer *buffer = create_holding("0123");
    STATSTRUCT stat;

    check_context("Stat");
    memset(&stat, 0x55, sizeof(stat));
    check_hr(IByteBuffer_Stat(buffer, &stat, STATFLAG_DEFAULT), S_OK);
    check_int(stat.type, STGTY_STREAM);
    check_int(stat.cbSize, 4);
    check_int(stat.grfLocksSupported, 0);
    check_int(stat.grfStateBits, 0);
    memset(&stat, 0x55, sizeof(stat));
    check_hr(IByteBuffer_Stat(buffer, &stat, 2), STG_E_INVALIDFLAG);
    check_int(stat.type, 0);
    check_int(stat.cbSize, 0);
    check_hr(IByteBuffer_Stat(buffer, NULL, STATFLAG_NONAME), E_POINTER);

    check_context("Commit, Revert, regions");
    check_hr(IByteBuffer_Commit(buffer, STGC_DEFAULT), S_OK);
    check_hr(IByteBuffer_Revert(buffer), S_OK);
    check_hr(IByteBuffer_LockRegion(buffer, 0, 2, LOCK_WRITE), STG_E_INVALIDFUNCTION);
    check_hr(IByteBuffer_UnlockRegion(buffer, 0, 2, LOCK_WRITE), STG_E_INVALIDFUNCTION);
    check_hr(IByteBuffer_LockRegion(buffer, -1, 2, LOCK_WRITE), E_INVALIDARG);
    check_hr(IByteBuffer_UnlockRegion(buffer, 0, -2, LOCK_WRITE), E_INVALIDARG);
    check_content(buffer, "0123");
    IByteBuffer_Release(buffer);
}

static void stream_property(void)
{
    IByteBuffer *buffer = create_holding("0123456789"), *clone = NULL;
    IStream *stream = POISON, *same = NULL;
    ULONG len = 0;
    BYTE data[4];

    check_context("Stream");
    check_hr(IByteBuffer_get_Stream(buffer, NULL), E_POINTER);
    check_hr(IByteBuffer_put_Stream(buffer, NULL), E_POINTER);
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    /* One seek pointer for both. */
    check_hr(IStream_Read(stream, data, 3, &len), S_OK);
    check_position(buffer, 3);
    check_hr(IStream_Write(stream, "XY", 2, &len), S_OK);
    check_content(buffer, "012XY56789");
    IStream_Release(stream);

    check_hr(CreateStreamOnHGlobal(NULL, TRUE, &stream), S_OK);
    check_hr(IStream_Write(stream, "mine", 4, &len), S_OK);
    check_hr(IByteBuffer_put_Stream(buffer, stream), S_OK);
    check_content(buffer, "mine");
    check_position(buffer, 4);
    check_hr(IByteBuffer_get_Stream(buffer, &same), S_OK);
    check(same == stream);
    IStream_Release(same);
    check_hr(IByteBuffer_Clone(buffer, &clone), S_OK);
    check_hr(IByteBuffer_Write(clone, (BYTE *)"!", 1, NULL), S_OK);
    check_content(buffer, "mine!");
    check_hr(IByteBuffer_Initialize(buffer, 2, (BYTE *)"ab"), S_OK);
    check_content(clone, "mine!");
    IByteBuffer_Release(clone);
    IByteBuffer_Release(buffer);
    check_int(IStream_Release(stream), 0);
}

/* A failure leaves a description, as all objects do. */
static void errors(void)
{
    IByteBuffer *buffer = create();
    IErrorInfo *error = NULL;
    BSTR text = NULL, source = NULL;

    check_context("errors");
    check_hr(IByteBuffer_SetSize(buffer, -1), E_INVALIDARG);
    if (check_hr(GetErrorInfo(0, &error), S_OK))
    {
        IErrorInfo_GetDescription(error, &text);
        IErrorInfo_GetSource(error, &source);
        check(text && wcsstr(text, L"IByteBuffer::SetSize"));
        check_wide(source, L"ScardManage.CByteBuffer.1");
        SysFreeString(text);
        SysFreeString(source);
        IErrorInfo_Release(error);
    }
    IByteBuffer_Release(buffer);
}

/* A client's own byte buffer, with the habits such objects have. */
struct foreign
{
    IByteBuffer IByteBuffer_iface;
    LONG refs;

    BYTE data[64];
    LONG size, position;
    LONG chunk;        /* the most that a Read or Write moves */
    bool fails_at_end; /* instead of reading nothing */
    bool has_no_end;   /* Seek does not know STREAM_SEEK_END */
    bool needs_count;  /* NULL for a count is an error */
    bool is_raw;       /* not initialized: everything but Initialize fails */
    LONG end_lies_by;  /* what Seek says too much */
    LONG read_lies_by; /* what Read says too much */
    HRESULT read_fails, write_fails;
    IUnknown
        *releases; /* let go in the next Read or Write: the last reference that its owner has */
    LONG left;     /* the references that were left then */
};

static struct foreign *foreign_from(IByteBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct foreign, IByteBuffer_iface);
}

static HRESULT STDMETHODCALLTYPE foreign_QueryInterface(IByteBuffer *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) &&
        !IsEqualIID(iid, &IID_IByteBuffer))
        return E_NOINTERFACE;
    foreign_from(iface)->refs++;
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE foreign_AddRef(IByteBuffer *iface)
{
    return (ULONG)++foreign_from(iface)->refs;
}

static ULONG STDMETHODCALLTYPE foreign_Release(IByteBuffer *iface)
{
    return (ULONG)--foreign_from(iface)->refs;
}

static HRESULT STDMETHODCALLTYPE foreign_Initialize(IByteBuffer *iface, LONG size, BYTE *data)
{
    struct foreign *foreign = foreign_from(iface);
    if (size < 0 || size > (LONG)sizeof(foreign->data)) return E_OUTOFMEMORY;
    foreign->is_raw = false;
    foreign->size = size;
    foreign->position = 0;
    if (data) memcpy(foreign->data, data, (size_t)size);
    return S_OK;
}

static void release_owner(struct foreign *foreign)
{
    if (!foreign->releases) return;
    foreign->left = (LONG)IUnknown_Release(foreign->releases);
    foreign->releases = NULL;
}

static HRESULT STDMETHODCALLTYPE foreign_Read(IByteBuffer *iface, BYTE *data, LONG len, LONG *got)
{
    struct foreign *foreign = foreign_from(iface);
    LONG rest = foreign->size - foreign->position;

    release_owner(foreign);
    if (foreign->is_raw) return E_UNEXPECTED;
    if (foreign->needs_count && !got) return E_POINTER;
    if (foreign->read_fails) return foreign->read_fails;
    if (rest <= 0)
    {
        *got = 0;
        return foreign->fails_at_end ? STG_E_READFAULT : S_FALSE;
    }
    if (len > rest) len = rest;
    if (foreign->chunk && len > foreign->chunk) len = foreign->chunk;
    memcpy(data, foreign->data + foreign->position, (size_t)len);
    foreign->position += len;
    *got = len + foreign->read_lies_by;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Seek(IByteBuffer *iface, LONG move, LONG origin, LONG *now)
{
    struct foreign *foreign = foreign_from(iface);
    LONG base = origin == STREAM_SEEK_SET   ? 0
                : origin == STREAM_SEEK_CUR ? foreign->position
                                            : foreign->size + foreign->end_lies_by;

    if (foreign->is_raw) return E_UNEXPECTED;
    if (foreign->needs_count && !now) return E_POINTER;
    if (origin == STREAM_SEEK_END && foreign->has_no_end) return E_NOTIMPL;
    foreign->position = base + move;
    *now = foreign->position;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_SetSize(IByteBuffer *iface, LONG size)
{
    struct foreign *foreign = foreign_from(iface);
    if (foreign->is_raw) return E_UNEXPECTED;
    if (size > (LONG)sizeof(foreign->data)) return STG_E_MEDIUMFULL;
    foreign->size = size;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE foreign_Write(IByteBuffer *iface, BYTE *data, LONG len, LONG *done)
{
    struct foreign *foreign = foreign_from(iface);
    LONG room = (LONG)sizeof(foreign->data) - foreign->position;

    release_owner(foreign);
    if (foreign->is_raw) return E_UNEXPECTED;
    if (foreign->write_fails) return foreign->write_fails;
    if (len > room) len = room;
    if (foreign->chunk && len > foreign->chunk) len = foreign->chunk;
    memcpy(foreign->data + foreign->position, data, (size_t)len);
    foreign->position += len;
    if (foreign->position > foreign->size) foreign->size = foreign->position;
    *done = len;
    return S_OK;
}

static const IByteBufferVtbl foreign_vtbl = {
    .QueryInterface = foreign_QueryInterface,
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .Initialize = foreign_Initialize,
    .Read = foreign_Read,
    .Seek = foreign_Seek,
    .SetSize = foreign_SetSize,
    .Write = foreign_Write,
};

static struct foreign foreign_holding(const char *text)
{
    struct foreign foreign = { { &foreign_vtbl }, 1, .size = (LONG)strlen(text) };
    memcpy(foreign.data, text, strlen(text));
    return foreign;
}

static void copy_to_foreign(void)
{
    IByteBuffer *buffer = create_holding("0123456789"), *target;
    struct foreign foreign = foreign_holding("abc");
    LONG got = 0, written = 0;

    check_context("CopyTo another's object");
    target = &foreign.IByteBuffer_iface;
    foreign.position = 3;
    check_hr(IByteBuffer_CopyTo(buffer, &target, 5, &got, &written), S_OK);
    check_int(got, 5);
    check_int(written, 5);
    check_content(target, "abc01234");
    foreign.write_fails = STG_E_ACCESSDENIED;
    check_hr(IByteBuffer_CopyTo(buffer, &target, 2, &got, &written), STG_E_ACCESSDENIED);
    check_int(got, 2);
    check_int(written, 0);
    check_int(foreign.refs, 1);
    IByteBuffer_Release(buffer);
}

static void read_foreign(void)
{
    static const struct
    {
        const char *what;
        struct foreign habits;
        HRESULT hr;
        const char *content;
    } rows[] = {
        { "plain", { .chunk = 0 }, S_OK, "0123456789" },
        { "byte by byte", { .chunk = 1 }, S_OK, "0123456789" },
        { "three at once", { .chunk = 3 }, S_OK, "0123456789" },
        { "an error at the end", { .chunk = 4, .fails_at_end = true }, S_OK, "0123456789" },
        { "no end to seek", { .has_no_end = true, .chunk = 4 }, S_OK, "0123456789" },
        { "counts are needed", { .needs_count = true }, S_OK, "0123456789" },
        { "it says too little of itself", { .end_lies_by = -4 }, S_OK, "0123456789" },
        { "it says too much of itself", { .end_lies_by = 40 }, S_OK, "0123456789" },
        { "it says much too much", { .end_lies_by = 0x7FFFFFF0 }, S_OK, "0123456789" },
        { "less than nothing", { .end_lies_by = -40 }, S_OK, "0123456789" },
        { "reads more than asked for", { .read_lies_by = 10 }, E_UNEXPECTED, NULL },
        { "reads less than nothing", { .read_lies_by = -20 }, E_UNEXPECTED, NULL },
        { "does not read", { .read_fails = STG_E_REVERTED }, STG_E_REVERTED, NULL },
        { "not initialized", { .is_raw = true }, E_UNEXPECTED, NULL },
        { "neither end nor end",
          { .has_no_end = true, .fails_at_end = true },
          STG_E_READFAULT,
          NULL },
    };

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        struct foreign foreign = rows[i].habits;
        struct secret_bytes bytes = secret_bytes_from(&system_memory);
        long before = live_allocations;

        check_context("another's buffer: %s", rows[i].what);
        foreign.IByteBuffer_iface.lpVtbl = (IByteBufferVtbl *)&foreign_vtbl;
        foreign.refs = 1;
        foreign.size = 10;
        memcpy(foreign.data, "0123456789", 10);
        foreign.position = 7;
        /* What was in it before goes only when there is something new. */
        secret_bytes_add(&bytes, bytes_of("old", 3));
        check_hr(buffer_read(&foreign.IByteBuffer_iface, &bytes), rows[i].hr);
        check_int(foreign.position, 7);
        check_int(foreign.refs, 1);
        check(bytes_equal(secret_bytes_span(&bytes),
                          rows[i].content ? bytes_of(rows[i].content, 10) : bytes_of("old", 3)));
        secret_bytes_free(&bytes);
        check_int(live_allocations, before);
    }

    struct secret_bytes bytes = secret_bytes_from(&system_memory);
    check_context("reading nothing");
    check_hr(buffer_read(NULL, &bytes), E_POINTER);
    check(bytes.data == NULL && bytes.len == 0);
    IByteBuffer *empty = create();
    check_hr(buffer_read(empty, &bytes), S_OK);
    check(bytes.data != NULL && bytes.len == 0);
    check_context("reading too much");
    check_hr(IByteBuffer_SetSize(empty, BUFFER_BYTES_MAX), S_OK);
    check_hr(buffer_read(empty, &bytes), S_OK);
    check_int((int64_t)bytes.len, BUFFER_BYTES_MAX);
    secret_bytes_free(&bytes);
    check_hr(IByteBuffer_SetSize(empty, BUFFER_BYTES_MAX + 1), S_OK);
    check_hr(buffer_read(empty, &bytes), E_OUTOFMEMORY);
    check(bytes.data == NULL);
    IByteBuffer_Release(empty);
}

static void replace(void)
{
    IByteBuffer *buffer = NULL, *before;
    struct foreign foreign = foreign_holding("something else that is longer");
    char long_text[65];

    check_context("a result replaces what was there");
    check_hr(buffer_replace(NULL, "1234", 4), E_POINTER);
    check_hr(buffer_replace(&buffer, "1234", 4), S_OK);
    check_content(buffer, "1234");
    check_position(buffer, 0);
    before = buffer;
    check_hr(IByteBuffer_Seek(buffer, 2, STREAM_SEEK_SET, NULL), S_OK);
    check_hr(buffer_replace(&buffer, "abcdefgh", 8), S_OK);
    check(buffer == before);
    check_content(buffer, "abcdefgh");
    check_position(buffer, 0);
    check_hr(buffer_replace(&buffer, "x", 1), S_OK);
    check_content(buffer, "x");
    check_hr(buffer_replace(&buffer, NULL, 0), S_OK);
    check_content(buffer, "");
    check_int(IByteBuffer_Release(buffer), 0);

    buffer = &foreign.IByteBuffer_iface;
    foreign.position = 5;
    foreign.chunk = 3;
    check_hr(buffer_replace(&buffer, "12345678", 8), S_OK);
    check_content(buffer, "12345678");
    check_int(foreign.position, 0);
    foreign.is_raw = true; /* as the original class is before its Initialize */
    check_hr(buffer_replace(&buffer, "abc", 3), S_OK);
    check_content(buffer, "abc");
    foreign.write_fails = STG_E_ACCESSDENIED;
    check_hr(buffer_replace(&buffer, "abc", 3), STG_E_ACCESSDENIED);
    foreign.write_fails = S_OK;
    memset(long_text, 'x', sizeof(long_text));
    check(FAILED(buffer_replace(&buffer, long_text, sizeof(long_text))));
    check_int(foreign.refs, 1);
}

/* What a client's buffer does when it is asked may release the object that asks: the object lives
 * until its call has ended, and no longer. */
static void owner_released_meanwhile(void)
{
    IByteBuffer *source = create_holding("0123456789");
    ISCardCmd *cmd = NULL, *built = NULL;
    ISCardISO7816 *iso = NULL;
    ISCardTypeConv *conv = NULL;
    ISCardVerify *verify = NULL;
    SAFEARRAY *array = NULL;
    struct foreign foreign = foreign_holding("0123");
    IByteBuffer *buffer = &foreign.IByteBuffer_iface;

    check_context("the owner is released meanwhile");
    foreign.releases = (IUnknown *)source;
    check_hr(IByteBuffer_CopyTo(source, &buffer, 4, NULL, NULL), S_OK);
    check_int(foreign.left, 1);

    check_hr(CoCreateInstance(&CLSID_CSCardCmd, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardCmd,
                              (void **)&cmd),
             S_OK);
    foreign = foreign_holding("0123");
    foreign.releases = (IUnknown *)cmd;
    check_hr(ISCardCmd_put_Data(cmd, buffer), S_OK);
    check_int(foreign.left, 1);

    check_hr(CoCreateInstance(&CLSID_CSCardISO7816, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardISO7816,
                              (void **)&iso),
             S_OK);
    foreign = foreign_holding("0123");
    foreign.releases = (IUnknown *)iso;
    check_hr(ISCardISO7816_Verify(iso, 1, buffer, &built), S_OK);
    check_int(foreign.left, 1);
    if (built) check_int(ISCardCmd_Release(built), 0);

    check_hr(CoCreateInstance(&CLSID_CSCardTypeConv, NULL, CLSCTX_INPROC_SERVER,
                              &IID_ISCardTypeConv, (void **)&conv),
             S_OK);
    foreign = foreign_holding("0123");
    foreign.releases = (IUnknown *)conv;
    check_hr(ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array), S_OK);
    check_int(foreign.left, 1);
    SafeArrayDestroy(array);

    /* Not attached: the buffer is read before that is seen. */
    check_hr(CoCreateInstance(&CLSID_SCardVerify, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardVerify,
                              (void **)&verify),
             S_OK);
    foreign = foreign_holding("0123");
    foreign.releases = (IUnknown *)verify;
    check_hr(ISCardVerify_ChangeCode(verify, buffer, buffer, SC_FL_IHV_GLOBAL, 1),
             SCARD_E_INVALID_HANDLE);
    check_int(foreign.left, 1);
}

static VARIANT number(LONG value)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_I4;
    V_I4(&variant) = value;
    return variant;
}

static VARIANT text_of(const WCHAR *value)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = SysAllocString(value);
    return variant;
}

static VARIANT by_ref(VARTYPE vt, void *target)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_BYREF | vt;
    V_BYREF(&variant) = target;
    return variant;
}

static VARIANT bytes_of_text(const char *text, VARTYPE vt)
{
    VARIANT variant = { 0 };
    SAFEARRAY *array = SafeArrayCreateVector(vt, 5, (ULONG)strlen(text));
    void *elements;

    SafeArrayAccessData(array, &elements);
    for (size_t i = 0; i < strlen(text); i++)
    {
        if (vt == VT_UI1)
            ((BYTE *)elements)[i] = (BYTE)text[i];
        else if (vt == VT_I4)
            ((LONG *)elements)[i] = text[i];
        else
            ((VARIANT *)elements)[i] = number(text[i]);
    }
    SafeArrayUnaccessData(array);
    V_VT(&variant) = VT_ARRAY | vt;
    V_ARRAY(&variant) = array;
    return variant;
}

/* Arguments in the order of the call; what they own is freed. */
static HRESULT call(IByteBuffer *buffer, DISPID id, WORD flags, VARIANT *result, UINT count,
                    const VARIANT *arguments)
{
    VARIANT reversed[4];
    DISPID put = DISPID_PROPERTYPUT;
    DISPPARAMS params = { .rgvarg = reversed, .cArgs = count };
    EXCEPINFO exception = { 0 };

    for (UINT i = 0; i < count; i++)
        reversed[i] = arguments[count - 1 - i];
    if (flags & DISPATCH_PROPERTYPUT)
    {
        params.rgdispidNamedArgs = &put;
        params.cNamedArgs = 1;
    }
    HRESULT hr =
        IByteBuffer_Invoke(buffer, id, &IID_NULL, 0x409, flags, &params, result, &exception, NULL);
    for (UINT i = 0; i < count; i++)
        VariantClear(&reversed[i]); /* does nothing to what is by reference */
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    return hr == DISP_E_EXCEPTION ? exception.scode : hr;
}

#define CALL(buffer, id, ...)                                                                      \
    call(buffer, id, DISPATCH_METHOD, NULL, ARRAYSIZE(((VARIANT[]){ __VA_ARGS__ })),               \
         (VARIANT[]){ __VA_ARGS__ })

enum
{
    ID_STREAM,
    ID_CLONE,
    ID_COMMIT,
    ID_COPY_TO,
    ID_INITIALIZE,
    ID_LOCK_REGION,
    ID_READ,
    ID_REVERT,
    ID_SEEK,
    ID_SET_SIZE,
    ID_STAT,
    ID_UNLOCK_REGION,
    ID_WRITE,
};

static void names(IByteBuffer *buffer)
{
    static const WCHAR *const members[] = {
        L"Stream", L"Clone", L"Commit",  L"CopyTo", L"Initialize",   L"LockRegion", L"Read",
        L"Revert", L"Seek",  L"SetSize", L"Stat",   L"UnlockRegion", L"Write"
    };
    ITypeInfo *info = NULL;
    ITypeLib *library = NULL;
    TLIBATTR *attributes;
    UINT index;

    for (size_t i = 0; i < ARRAYSIZE(members); i++)
    {
        LPOLESTR name = (LPOLESTR)members[i];
        DISPID id = 4711;
        check_context("%ls", members[i]);
        check_hr(IByteBuffer_GetIDsOfNames(buffer, &IID_NULL, &name, 1, 0x409, &id), S_OK);
        check_int(id, (DISPID)i);
    }
    check_context("type library");
    check_hr(IByteBuffer_GetTypeInfo(buffer, 0, 0, &info), S_OK);
    check_hr(ITypeInfo_GetContainingTypeLib(info, &library, &index), S_OK);
    check_hr(ITypeLib_GetLibAttr(library, &attributes), S_OK);
    check(IsEqualGUID(&attributes->guid, &LIBID_SCARDSSPLib));
    check_int(attributes->wMajorVerNum, 1);
    check_int(attributes->wMinorVerNum, 0);
    ITypeLib_ReleaseTLibAttr(library, attributes);
    ITypeLib_Release(library);
    ITypeInfo_Release(info);
}

/* What a script reads: an array of bytes. */
static void check_array_at(int line, const VARIANT *value, const char *text)
{
    void *elements = NULL;
    LONG first = 0, last = -2;

    if (!check_int_at(__FILE__, line, V_VT(value), VT_ARRAY | VT_UI1, "type")) return;
    SafeArrayGetLBound(V_ARRAY(value), 1, &first);
    SafeArrayGetUBound(V_ARRAY(value), 1, &last);
    check_int_at(__FILE__, line, last - first + 1, (int64_t)strlen(text), "length");
    SafeArrayAccessData(V_ARRAY(value), &elements);
    check_true_at(__FILE__, line, memcmp(elements, text, strlen(text)) == 0, "bytes");
    SafeArrayUnaccessData(V_ARRAY(value));
}
#define check_array(value, text) check_array_at(__LINE__, value, text)

static void late_bound(void)
{
    IByteBuffer *buffer = create(), *other;
    VARIANT count = { 0 }, data = { 0 }, object = { 0 }, result;
    LONG typed_count = 4711;
    BYTE bytes[4] = "wxyz";
    BSTR typed_text = NULL;
    SAFEARRAY *typed_array = NULL;

    names(buffer);
    check_context("late bound Write");
    check_hr(CALL(buffer, ID_WRITE, text_of(L"12\x00FF"), number(3), by_ref(VT_VARIANT, &count)),
             S_OK);
    check_int(V_VT(&count), VT_I4);
    check_int(V_I4(&count), 3);
    check_hr(CALL(buffer, ID_WRITE, bytes_of_text("abc", VT_UI1), number(2),
                  by_ref(VT_I4, &typed_count)),
             S_OK);
    check_int(typed_count, 2);
    check_hr(CALL(buffer, ID_WRITE, bytes_of_text("de", VT_VARIANT), number(2), number(0)), S_OK);
    check_hr(CALL(buffer, ID_WRITE, number(0x66), number(1), number(0)), S_OK);
    check_hr(CALL(buffer, ID_WRITE, by_ref(VT_UI1, bytes), number(4), number(0)), S_OK);
    check_content(buffer, "12\xFF"
                          "abdefwxyz");
    /* More than is there, what is no byte, and nothing. */
    check_hr(CALL(buffer, ID_WRITE, text_of(L"12"), number(3), number(0)), E_INVALIDARG);
    check_hr(CALL(buffer, ID_WRITE, bytes_of_text("12", VT_UI1), number(3), number(0)),
             E_INVALIDARG);
    check_hr(CALL(buffer, ID_WRITE, number(1), number(2), number(0)), E_INVALIDARG);
    check_hr(CALL(buffer, ID_WRITE, text_of(L"\x20AC"), number(1), number(0)), DISP_E_OVERFLOW);
    check_hr(CALL(buffer, ID_WRITE, number(256), number(1), number(0)), DISP_E_OVERFLOW);
    check_hr(CALL(buffer, ID_WRITE, bytes_of_text("1", VT_I4), number(1), number(0)),
             DISP_E_TYPEMISMATCH);
    /* An array that is not what the variant around it says. */
    VARIANT mislabelled = bytes_of_text("12345678", VT_UI1);
    V_VT(&mislabelled) = VT_ARRAY | VT_VARIANT;
    check_hr(CALL(buffer, ID_WRITE, mislabelled, number(8), number(0)), DISP_E_TYPEMISMATCH);
    mislabelled = bytes_of_text("12345678", VT_VARIANT);
    V_VT(&mislabelled) = VT_ARRAY | VT_UI1;
    check_hr(CALL(buffer, ID_WRITE, mislabelled, number(8), number(0)), DISP_E_TYPEMISMATCH);
    check_hr(CALL(buffer, ID_WRITE, object, number(1), number(0)), E_POINTER);
    check_hr(CALL(buffer, ID_WRITE, text_of(L"12"), number(-1), number(0)), E_INVALIDARG);
    check_hr(CALL(buffer, ID_WRITE, text_of(L"12"), number(0x7FFFFFFF), number(0)), E_INVALIDARG);
    check_content(buffer, "12\xFF"
                          "abdefwxyz");

    check_context("late bound Seek and Read");
    check_hr(CALL(buffer, ID_SEEK, number(3), number(STREAM_SEEK_SET)), S_OK);
    check_hr(CALL(buffer, ID_SEEK, number(0), number(STREAM_SEEK_CUR), by_ref(VT_VARIANT, &count)),
             S_OK);
    check_int(V_I4(&count), 3);
    check_hr(
        CALL(buffer, ID_READ, by_ref(VT_VARIANT, &data), number(4), by_ref(VT_VARIANT, &count)),
        S_OK);
    check_array(&data, "abde");
    check_int(V_I4(&count), 4);
    VariantClear(&data);
    data = text_of(L"a text");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_VARIANT, &data), number(2)), S_OK);
    check_int(V_VT(&data), VT_BSTR);
    check_wide(V_BSTR(&data), L"fw");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_BSTR, &typed_text), number(1)), S_OK);
    check_wide(typed_text, L"x");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_ARRAY | VT_UI1, &typed_array), number(0x7FFFFFFF)),
             S_OK);
    VariantClear(&data);
    V_VT(&data) = VT_ARRAY | VT_UI1;
    V_ARRAY(&data) = typed_array;
    check_array(&data, "yz");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_VARIANT, &data), number(5)), S_OK); /* at the end */
    check_array(&data, "");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_VARIANT, &data), number(-1)), E_INVALIDARG);
    check_hr(CALL(buffer, ID_SEEK, number(0), number(STREAM_SEEK_SET)), S_OK);
    memset(bytes, 0, sizeof(bytes));
    check_hr(CALL(buffer, ID_READ, by_ref(VT_UI1, bytes), number(2)), S_OK);
    check(bytes[0] == '1' && bytes[1] == '2' && bytes[2] == 0);
    check_hr(CALL(buffer, ID_READ, number(0), number(1)), S_OK); /* given by value: dropped */

    check_context("arrays as Basic has them");
    check_hr(CALL(buffer, ID_SEEK, number(0), number(STREAM_SEEK_SET)), S_OK);
    VariantClear(&data);
    data = bytes_of_text("....", VT_UI1);
    SAFEARRAY *fixed = V_ARRAY(&data), *handed_on = fixed;
    fixed->fFeatures |= FADF_STATIC | FADF_FIXEDSIZE;
    check_hr(CALL(buffer, ID_READ, by_ref(VT_ARRAY | VT_UI1, &handed_on), number(2)), S_OK);
    check(handed_on == fixed);
    check_array(&data, "12..");
    check_hr(CALL(buffer, ID_READ, by_ref(VT_ARRAY | VT_UI1, &handed_on), number(5)),
             DISP_E_ARRAYISLOCKED);
    check(handed_on == fixed);
    check_array(&data, "12..");
    fixed->fFeatures &= (USHORT) ~(FADF_STATIC | FADF_FIXEDSIZE);
    /* A procedure's own parameter, which refers to its caller's array. */
    check_hr(CALL(buffer, ID_SEEK, number(3), number(STREAM_SEEK_SET)), S_OK);
    VARIANT own = by_ref(VT_ARRAY | VT_UI1, &handed_on);
    check_hr(CALL(buffer, ID_READ, by_ref(VT_VARIANT, &own), number(4)), S_OK);
    check_int(V_VT(&own), VT_BYREF | VT_ARRAY | VT_UI1);
    V_ARRAY(&data) = handed_on;
    check_array(&data, "abde");
    check_hr(CALL(buffer, ID_SEEK, number(0), number(STREAM_SEEK_SET)), S_OK);
    check_hr(CALL(buffer, ID_WRITE, by_ref(VT_VARIANT, &own), number(2), number(0)), S_OK);
    check_content(buffer, "ab\xFF"
                          "abdefwxyz");
    SysFreeString(typed_text);
    VariantClear(&data);

    check_context("late bound Initialize and SetSize");
    check_hr(CALL(buffer, ID_INITIALIZE, number(4), text_of(L"1234")), S_OK);
    check_content(buffer, "1234");
    check_hr(CALL(buffer, ID_SET_SIZE, number(2)), S_OK);
    check_content(buffer, "12");
    check_hr(CALL(buffer, ID_SET_SIZE, number(-2)), E_INVALIDARG);
    check_hr(CALL(buffer, ID_INITIALIZE, number(3)), S_OK);
    check_content_at(__LINE__, buffer, "\0\0\0", 3);
    check_hr(call(buffer, ID_INITIALIZE, DISPATCH_METHOD, NULL, 0, NULL), S_OK);
    check_int(size_of(buffer), 1); /* the default */
    check_hr(CALL(buffer, ID_INITIALIZE, number(4), text_of(L"12")), E_INVALIDARG);

    check_context("late bound Clone and CopyTo");
    check_hr(CALL(buffer, ID_INITIALIZE, number(4), text_of(L"1234")), S_OK);
    check_hr(CALL(buffer, ID_CLONE, by_ref(VT_VARIANT, &object)), S_OK);
    check_int(V_VT(&object), VT_DISPATCH);
    /* The one that was in the variable is released. */
    IDispatch *first = V_DISPATCH(&object);
    IDispatch_AddRef(first);
    check_hr(CALL(buffer, ID_CLONE, by_ref(VT_VARIANT, &object)), S_OK);
    check(V_DISPATCH(&object) != first);
    check_int(IDispatch_Release(first), 0);
    check_hr(IDispatch_QueryInterface(V_DISPATCH(&object), &IID_IByteBuffer, (void **)&other),
             S_OK);
    check_hr(IByteBuffer_Initialize(other, 2, (BYTE *)"ab"), S_OK);
    check_hr(CALL(other, ID_SEEK, number(0), number(STREAM_SEEK_END)), S_OK);
    check_hr(CALL(buffer, ID_COPY_TO, by_ref(VT_VARIANT, &object), number(3), number(0),
                  by_ref(VT_VARIANT, &count)),
             S_OK);
    check_int(V_I4(&count), 3);
    check_content(other, "ab123");
    check_int(IByteBuffer_Release(other), 1);

    check_context("late bound Stream, and the rest");
    check_hr(call(buffer, ID_STREAM, DISPATCH_PROPERTYGET, &result, 0, NULL), S_OK);
    check_int(V_VT(&result), VT_UNKNOWN);
    check_hr(
        call((IByteBuffer *)V_DISPATCH(&object), ID_STREAM, DISPATCH_PROPERTYPUT, NULL, 1, &result),
        S_OK);
    check_hr(IDispatch_QueryInterface(V_DISPATCH(&object), &IID_IByteBuffer, (void **)&other),
             S_OK);
    check_content(other, "1234");
    IByteBuffer_Release(other);
    check_hr(CALL(buffer, ID_COMMIT, number(0)), S_OK);
    check_hr(call(buffer, ID_REVERT, DISPATCH_METHOD, NULL, 0, NULL), S_OK);
    check_hr(CALL(buffer, ID_LOCK_REGION, number(0), number(1), number(1)), STG_E_INVALIDFUNCTION);
    check_hr(CALL(buffer, ID_UNLOCK_REGION, number(0), number(1), number(1)),
             STG_E_INVALIDFUNCTION);
    /* A structure is an array of its numbers. */
    check_hr(CALL(buffer, ID_STAT, by_ref(VT_VARIANT, &count), number(1)), S_OK);
    check_int(V_VT(&count), VT_ARRAY | VT_VARIANT);
    VariantClear(&count);
    VariantClear(&object);
    check_int(IByteBuffer_Release(buffer), 0);
}

#define STRESS_THREADS 4
#define STRESS_ROUNDS  400

static DWORD WINAPI stress(void *argument)
{
    IByteBuffer *shared = argument, *clone = NULL;
    BYTE data[64];
    LONG got;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    check_hr(IByteBuffer_Clone(shared, &clone), S_OK);
    for (int i = 0; clone && i < STRESS_ROUNDS; i++)
    {
        IByteBuffer_Seek(clone, i % 50, STREAM_SEEK_SET, NULL);
        IByteBuffer_Write(clone, (BYTE *)"0123456789", 10, &got);
        IByteBuffer_SetSize(shared, 30 + i % 5000);
        IByteBuffer_Seek(shared, 0, STREAM_SEEK_SET, NULL);
        IByteBuffer_Read(shared, data, sizeof(data), &got);
        IByteBuffer_CopyTo(shared, &clone, 20, NULL, NULL);
        IByteBuffer_CopyTo(clone, &shared, 20, NULL, NULL);
        if (i % 40 == 0) IByteBuffer_Initialize(shared, 20, NULL);
    }
    if (clone) IByteBuffer_Release(clone);
    CoUninitialize();
    return 0;
}

/* Clones share memory: no crash, no deadlock, and the object works afterwards. */
static void many_threads(void)
{
    IByteBuffer *buffer = create_holding("0123456789");
    HANDLE threads[STRESS_THREADS];

    check_context("threads");
    for (int i = 0; i < STRESS_THREADS; i++)
        threads[i] = CreateThread(NULL, 0, stress, buffer, 0, NULL);
    check_int(WaitForMultipleObjects(STRESS_THREADS, threads, TRUE, 120000), WAIT_OBJECT_0);
    for (int i = 0; i < STRESS_THREADS; i++)
        CloseHandle(threads[i]);
    check_hr(IByteBuffer_Initialize(buffer, 2, (BYTE *)"ok"), S_OK);
    check_content(buffer, "ok");
    check_int(IByteBuffer_Release(buffer), 0);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    without_initialize();
    initialize();
    read_and_write();
    seek_and_size();
    read_behind_the_end();
    wiped();
    clones();
    copies();
    the_rest();
    stream_property();
    errors();
    copy_to_foreign();
    read_foreign();
    replace();
    owner_released_meanwhile();
    late_bound();
    many_threads();
    check_context(NULL);
    check_int(live_allocations, 0);
    CoUninitialize();
    return check_finish();
}
