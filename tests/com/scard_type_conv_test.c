/*
 * scard_type_conv_test - every method of ISCardTypeConv, good and bad, early and late bound.
 * Layer: tests. Needs the registered server; no reader.
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <stdio.h>
#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/late_bound.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(member, slot)                                                                         \
    _Static_assert(offsetof(ISCardTypeConvVtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ConvertByteArrayToByteBuffer, 7);
SLOT(ConvertByteBufferToByteArray, 8);
SLOT(ConvertByteBufferToSafeArray, 9);
SLOT(ConvertSafeArrayToByteBuffer, 10);
SLOT(CreateByteArray, 11);
SLOT(CreateByteBuffer, 12);
SLOT(CreateSafeArray, 13);
SLOT(FreeIStreamMemoryPtr, 14);
SLOT(GetAtIStreamMemory, 15);
SLOT(SizeOfIStream, 16);

_Static_assert(offsetof(BYTEARRAY, dwSize) == sizeof(void *), "BYTEARRAY");
_Static_assert(offsetof(BYTEARRAY, pbyData) == (sizeof(void *) == 8 ? 16 : 8), "BYTEARRAY");

#define POISON ((void *)(ULONG_PTR)0x5555)

static ISCardTypeConv *conv;

/* A safe array of one dimension with these bytes. */
static SAFEARRAY *safe_array_of_hex(const char *hex, LONG first)
{
    BYTE bytes[512];
    LONG len = bytes_of_hex(hex, bytes, sizeof(bytes));
    SAFEARRAY *array = SafeArrayCreateVector(VT_UI1, first, (ULONG)len);
    void *elements;

    check_hr(SafeArrayAccessData(array, &elements), S_OK);
    memcpy(elements, bytes, (size_t)len);
    SafeArrayUnaccessData(array);
    return array;
}

#define check_safe_array(array, hex) check_safe_array_at(__LINE__, array, hex)
static void check_safe_array_at(int line, SAFEARRAY *array, const char *hex)
{
    BYTE bytes[512];
    LONG len = bytes_of_hex(hex, bytes, sizeof(bytes)), first = 9, last = 9;
    VARTYPE vt = VT_EMPTY;
    void *elements = NULL;

    if (!check_true_at(__FILE__, line, array && array != POISON, "there is an array")) return;
    check_int_at(__FILE__, line, SafeArrayGetDim(array), 1, "dimensions");
    check_hr_at(__FILE__, line, SafeArrayGetVartype(array, &vt), S_OK, "SafeArrayGetVartype");
    check_int_at(__FILE__, line, vt, VT_UI1, "type");
    SafeArrayGetLBound(array, 1, &first);
    SafeArrayGetUBound(array, 1, &last);
    check_int_at(__FILE__, line, first, 0, "first");
    check_int_at(__FILE__, line, last, len - 1, "last");
    check_hr_at(__FILE__, line, SafeArrayAccessData(array, &elements), S_OK, "access");
    check_true_at(__FILE__, line, len == 0 || memcmp(elements, bytes, (size_t)len) == 0, hex);
    SafeArrayUnaccessData(array);
}

static void byte_arrays(void)
{
    IByteBuffer *buffer = POISON;
    BYTEARRAY *array = POISON;
    BYTE *bytes = POISON;

    check_context("byte arrays");
    check_hr(ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"\1\2\3\4", 3, &buffer),
             S_OK);
    check_rest(buffer, "010203");
    check_hr(ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array), S_OK);
    check_int(array->dwSize, 3);
    check(array->hMem == NULL);
    check(memcmp(array->pbyData, "\1\2\3", 3) == 0);
    CoTaskMemFree(array->pbyData);
    CoTaskMemFree(array);
    check_int(IByteBuffer_Release(buffer), 0);

    check_hr(ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"", 0, &buffer), S_OK);
    check_rest(buffer, "");
    check_hr(ISCardTypeConv_ConvertByteBufferToByteArray(conv, buffer, &array), S_OK);
    check_int(array->dwSize, 0);
    CoTaskMemFree(array->pbyData);
    CoTaskMemFree(array);
    check_int(IByteBuffer_Release(buffer), 0);

    buffer = POISON;
    check_hr(ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, NULL, 3, &buffer), E_POINTER);
    check(buffer == NULL);
    check_described(L"ISCardTypeConv::ConvertByteArrayToByteBuffer");
    check_hr(ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"x", 1, NULL), E_POINTER);
    /* Refused before a byte is read. */
    check_hr(ISCardTypeConv_ConvertByteArrayToByteBuffer(conv, (BYTE *)"x", 0xFFFFFFFF, &buffer),
             E_OUTOFMEMORY);
    check(buffer == NULL);
    array = POISON;
    check_hr(ISCardTypeConv_ConvertByteBufferToByteArray(conv, NULL, &array), E_POINTER);
    check(array == NULL);
    check_hr(ISCardTypeConv_ConvertByteBufferToByteArray(conv, NULL, NULL), E_POINTER);

    check_context("CreateByteArray");
    check_hr(ISCardTypeConv_CreateByteArray(conv, 5, &bytes), S_OK);
    check(memcmp(bytes, "\0\0\0\0\0", 5) == 0);
    CoTaskMemFree(bytes);
    check_hr(ISCardTypeConv_CreateByteArray(conv, 0, &bytes), S_OK);
    check(bytes != NULL);
    CoTaskMemFree(bytes);
    check_hr(ISCardTypeConv_CreateByteArray(conv, 0xFFFFFFFF, &bytes), E_OUTOFMEMORY);
    check(bytes == NULL);
    check_hr(ISCardTypeConv_CreateByteArray(conv, 1, NULL), E_INVALIDARG);
}

static void byte_buffers(void)
{
    IByteBuffer *buffer = POISON;

    check_context("CreateByteBuffer");
    check_hr(ISCardTypeConv_CreateByteBuffer(conv, 4, &buffer), S_OK);
    check_rest(buffer, "00000000");
    check_int(IByteBuffer_Release(buffer), 0);
    check_hr(ISCardTypeConv_CreateByteBuffer(conv, 0, &buffer), S_OK);
    check_rest(buffer, "");
    check_int(IByteBuffer_Release(buffer), 0);
    static const DWORD huge[] = { 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF };
    for (size_t i = 0; i < ARRAYSIZE(huge); i++)
    {
        buffer = POISON;
        check_hr(ISCardTypeConv_CreateByteBuffer(conv, huge[i], &buffer), E_OUTOFMEMORY);
        check(buffer == NULL);
    }
    check_hr(ISCardTypeConv_CreateByteBuffer(conv, 1, NULL), E_INVALIDARG);
}

static void safe_arrays(void)
{
    IByteBuffer *buffer = buffer_of_hex("3F00A5"), *back = POISON;
    SAFEARRAY *array = POISON;
    LONG position = 0;

    check_context("safe arrays");
    IByteBuffer_Seek(buffer, 2, STREAM_SEEK_SET, NULL);
    check_hr(ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, &array), S_OK);
    check_safe_array(array, "3F00A5");
    check_hr(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_CUR, &position), S_OK);
    check_int(position, 2);
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &back), S_OK);
    check_rest(back, "3F00A5");
    check_int(IByteBuffer_Release(back), 0);
    SafeArrayDestroy(array);

    array = safe_array_of_hex("0102", -7); /* wherever the indices begin */
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &back), S_OK);
    check_rest(back, "0102");
    check_int(IByteBuffer_Release(back), 0);
    SafeArrayDestroy(array);
    array = safe_array_of_hex("", 0);
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &back), S_OK);
    check_rest(back, "");
    check_int(IByteBuffer_Release(back), 0);
    SafeArrayDestroy(array);

    check_context("safe arrays, bad");
    static const VARTYPE wrong[] = { VT_I4, VT_BSTR, VT_UNKNOWN, VT_R8, VT_I2 };
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++)
    {
        array = SafeArrayCreateVector(wrong[i], 0, 3);
        back = POISON;
        check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &back), E_INVALIDARG);
        check(back == NULL);
        SafeArrayDestroy(array);
    }
    SAFEARRAYBOUND two[2] = { { 2, 0 }, { 3, 0 } };
    array = SafeArrayCreate(VT_UI1, 2, two);
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, array, &back), E_INVALIDARG);
    SafeArrayDestroy(array);
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, NULL, &back), E_POINTER);
    check_hr(ISCardTypeConv_ConvertSafeArrayToByteBuffer(conv, NULL, NULL), E_POINTER);
    array = POISON;
    check_hr(ISCardTypeConv_ConvertByteBufferToSafeArray(conv, NULL, &array), E_POINTER);
    check(array == NULL);
    check_hr(ISCardTypeConv_ConvertByteBufferToSafeArray(conv, buffer, NULL), E_POINTER);

    check_context("CreateSafeArray");
    check_hr(ISCardTypeConv_CreateSafeArray(conv, 3, &array), S_OK);
    check_safe_array(array, "000000");
    SafeArrayDestroy(array);
    check_hr(ISCardTypeConv_CreateSafeArray(conv, 0, &array), S_OK);
    check_safe_array(array, "");
    SafeArrayDestroy(array);
    check_hr(ISCardTypeConv_CreateSafeArray(conv, 0xFFFFFFFF, &array), E_OUTOFMEMORY);
    check(array == NULL);
    check_hr(ISCardTypeConv_CreateSafeArray(conv, 3, NULL), E_INVALIDARG);
    check_int(IByteBuffer_Release(buffer), 0);
}

static ULONG refs_of(IStream *stream)
{
    IStream_AddRef(stream);
    return IStream_Release(stream);
}

/* A stream that is over no memory. */
static ULONG foreign_refs = 1;

static ULONG STDMETHODCALLTYPE foreign_AddRef(IStream *iface)
{
    (void)iface;
    return ++foreign_refs;
}

static ULONG STDMETHODCALLTYPE foreign_Release(IStream *iface)
{
    (void)iface;
    return --foreign_refs;
}

static HRESULT STDMETHODCALLTYPE foreign_Stat(IStream *stream, STATSTG *stat, DWORD flag)
{
    (void)stream;
    (void)flag;
    stat->cbSize.QuadPart = 0x123456789ULL;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE failing_Stat(IStream *stream, STATSTG *stat, DWORD flag)
{
    (void)stream;
    (void)stat;
    (void)flag;
    return STG_E_REVERTED;
}

static void stream_memory(void)
{
    IByteBuffer *buffer = buffer_of_hex("0102030405");
    IStream *stream = NULL, *empty = NULL;
    BYTEARRAY *first = POISON, *second = POISON;
    ULARGE_INTEGER size = { .QuadPart = 4711 };
    BYTE other = 0;

    check_context("stream memory");
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    ULONG refs = refs_of(stream);
    check_hr(ISCardTypeConv_SizeOfIStream(conv, stream, &size), S_OK);
    check_int(size.QuadPart, 5);
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, stream, &first), S_OK);
    check_int(first->dwSize, 5);
    check(first->hMem != NULL);
    check(memcmp(first->pbyData, "\1\2\3\4\5", 5) == 0);
    check_int(refs_of(stream), refs + 1);
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, stream, &second), S_OK);
    check(second->pbyData == first->pbyData);
    check_int(refs_of(stream), refs + 2);
    /* It is the stream's own memory. */
    first->pbyData[1] = 0xAA;
    check_hr(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_SET, NULL), S_OK);
    check_rest(buffer, "01AA030405");
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, &other), E_INVALIDARG);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData + 1), E_INVALIDARG);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, NULL, first->pbyData), E_POINTER);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, NULL), E_POINTER);
    check_int(refs_of(stream), refs + 2);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData), S_OK);
    check_int(refs_of(stream), refs + 1);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, second->pbyData), S_OK);
    check_int(refs_of(stream), refs);
    /* Once too often takes nobody's reference. */
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, first->pbyData), E_INVALIDARG);
    check_int(refs_of(stream), refs);
    CoTaskMemFree(first);
    CoTaskMemFree(second);

    check_context("more pointers than the system counts");
    BYTEARRAY *many[256];
    UINT count = 0;
    while (count < ARRAYSIZE(many) &&
           SUCCEEDED(ISCardTypeConv_GetAtIStreamMemory(conv, stream, &many[count])))
        count++;
    check(count > 100 && count < ARRAYSIZE(many));
    check(many[count] == NULL);
    check_int(refs_of(stream), refs + count);
    while (count-- > 0)
    {
        check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, stream, many[count]->pbyData), S_OK);
        CoTaskMemFree(many[count]);
    }
    check_int(refs_of(stream), refs);

    check_context("no bytes");
    check_hr(CreateStreamOnHGlobal(NULL, TRUE, &empty), S_OK);
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, empty, &first), S_OK);
    check_int(first->dwSize, 0);
    check(first->pbyData == NULL);
    CoTaskMemFree(first);
    check_hr(ISCardTypeConv_SizeOfIStream(conv, empty, &size), S_OK);
    check_int(size.QuadPart, 0);
    check_int(IStream_Release(empty), 0);

    check_context("stream memory, bad");
    IStreamVtbl vtbl = { .AddRef = foreign_AddRef,
                         .Release = foreign_Release,
                         .Stat = foreign_Stat };
    IStream foreign = { &vtbl };
    first = POISON;
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, &foreign, &first), E_INVALIDARG);
    check(first == NULL);
    check_hr(ISCardTypeConv_FreeIStreamMemoryPtr(conv, &foreign, &other), E_INVALIDARG);
    check_hr(ISCardTypeConv_SizeOfIStream(conv, &foreign, &size), S_OK);
    check_int(size.QuadPart, 0x123456789LL);
    vtbl.Stat = failing_Stat;
    check_hr(ISCardTypeConv_SizeOfIStream(conv, &foreign, &size), STG_E_REVERTED);
    check_int(size.QuadPart, 0);
    check_int(foreign_refs, 1); /* held while it was asked, and let go of */
    size.QuadPart = 4711;
    check_hr(ISCardTypeConv_SizeOfIStream(conv, NULL, &size), E_POINTER);
    check_int(size.QuadPart, 0);
    check_hr(ISCardTypeConv_SizeOfIStream(conv, stream, NULL), E_INVALIDARG);
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, stream, NULL), E_POINTER);
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, NULL, &first), E_POINTER);
    IStream_Release(stream);
    check_int(IByteBuffer_Release(buffer), 0);
}

static ULONG STDMETHODCALLTYPE broken_AddRef(IByteBuffer *iface)
{
    (void)iface;
    return 2;
}

static ULONG STDMETHODCALLTYPE broken_Release(IByteBuffer *iface)
{
    (void)iface;
    return 1;
}

/* Buffers of a client that do not work: their own code comes back. */
static HRESULT STDMETHODCALLTYPE broken_Seek(IByteBuffer *iface, LONG move, LONG origin, LONG *now)
{
    (void)iface;
    (void)move;
    (void)origin;
    (void)now;
    return E_UNEXPECTED; /* as the original says before its Initialize */
}

static void broken_buffers(void)
{
    static const IByteBufferVtbl vtbl = { .AddRef = broken_AddRef,
                                          .Release = broken_Release,
                                          .Seek = broken_Seek };
    IByteBuffer broken = { (IByteBufferVtbl *)&vtbl };
    BYTEARRAY *array = POISON;
    SAFEARRAY *safe = POISON;

    check_context("another's buffer that is not initialized");
    check_hr(ISCardTypeConv_ConvertByteBufferToByteArray(conv, &broken, &array), E_UNEXPECTED);
    check(array == NULL);
    check_hr(ISCardTypeConv_ConvertByteBufferToSafeArray(conv, &broken, &safe), E_UNEXPECTED);
    check(safe == NULL);
}

static HRESULT late(const WCHAR *name, VARIANT *arguments, UINT count, VARIANT *result)
{
    if (result) VariantInit(result);
    return late_call((IDispatch *)conv, name, DISPATCH_METHOD, arguments, count, result);
}

/* An array as scripts make them: of Variants. */
static VARIANT script_array(LONG first, LONG second)
{
    VARIANT array, element;
    LONG index = 0;

    V_VT(&array) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(&array) = SafeArrayCreateVector(VT_VARIANT, 0, 2);
    element = late_number(first);
    check_hr(SafeArrayPutElement(V_ARRAY(&array), &index, &element), S_OK);
    index = 1;
    element = late_number(second);
    check_hr(SafeArrayPutElement(V_ARRAY(&array), &index, &element), S_OK);
    return array;
}

static void late_bound(void)
{
    IByteBuffer *buffer = buffer_of_hex("3F00A5");
    IStream *stream = NULL;
    VARIANT arguments[2], result, array;

    check_context("late bound");
    arguments[0] = late_object(buffer);
    check_hr(late(L"ConvertByteBufferToSafeArray", arguments, 1, &result), S_OK);
    check_int(V_VT(&result), VT_ARRAY | VT_UI1);
    check_safe_array(V_ARRAY(&result), "3F00A5");
    arguments[0] = result;
    check_hr(late(L"ConvertSafeArrayToByteBuffer", arguments, 1, &array), S_OK);
    check_rest((IByteBuffer *)V_DISPATCH(&array), "3F00A5");
    VariantClear(&array);
    VariantClear(&result);

    array = script_array(0x3F, 0xFF);
    arguments[0] = array;
    check_hr(late(L"ConvertSafeArrayToByteBuffer", arguments, 1, &result), S_OK);
    check_rest((IByteBuffer *)V_DISPATCH(&result), "3FFF");
    VariantClear(&result);
    arguments[1] = late_number(2);
    check_hr(late(L"ConvertByteArrayToByteBuffer", arguments, 2, &result), S_OK);
    check_rest((IByteBuffer *)V_DISPATCH(&result), "3FFF");
    VariantClear(&result);
    /* Fewer bytes than it says; as many as no array has. */
    arguments[1] = late_number(3);
    check_hr(late(L"ConvertByteArrayToByteBuffer", arguments, 2, &result), E_INVALIDARG);
    arguments[1] = late_number(-1);
    check_hr(late(L"ConvertByteArrayToByteBuffer", arguments, 2, &result), E_INVALIDARG);
    VariantClear(&array);
    array = script_array(0x3F, 256);
    arguments[0] = array;
    check_hr(late(L"ConvertSafeArrayToByteBuffer", arguments, 1, &result), E_INVALIDARG);
    VariantClear(&array);

    arguments[0] = late_number(4);
    check_hr(late(L"CreateByteBuffer", arguments, 1, &result), S_OK);
    check_rest((IByteBuffer *)V_DISPATCH(&result), "00000000");
    VariantClear(&result);
    check_hr(late(L"CreateSafeArray", arguments, 1, &result), S_OK);
    check_safe_array(V_ARRAY(&result), "00000000");
    VariantClear(&result);
    arguments[0] = late_number(-1);
    check_hr(late(L"CreateByteBuffer", arguments, 1, &result), E_OUTOFMEMORY);

    check_context("memory is an array of the script's own");
    arguments[0] = late_number(2);
    check_hr(late(L"CreateByteArray", arguments, 1, &result), S_OK);
    check_int(V_VT(&result), VT_ARRAY | VT_UI1);
    check_safe_array(V_ARRAY(&result), "0000");
    VariantClear(&result);
    arguments[0] = late_object(buffer);
    check_hr(late(L"ConvertByteBufferToByteArray", arguments, 1, &result), S_OK);
    check_safe_array(V_ARRAY(&result), "3F00A5");
    VariantClear(&result);
    check_hr(late(L"ConvertByteBufferToByteArray", arguments, 1, NULL), S_OK);
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    ULONG refs = refs_of(stream);
    V_VT(&arguments[0]) = VT_UNKNOWN;
    V_UNKNOWN(&arguments[0]) = (IUnknown *)stream;
    check_hr(late(L"GetAtIStreamMemory", arguments, 1, &result), S_OK);
    check_safe_array(V_ARRAY(&result), "3F00A5");
    VariantClear(&result);
    check_int(refs_of(stream), refs); /* nothing is left to be given back */
    check_hr(late(L"SizeOfIStream", arguments, 1, &result), S_OK);
    check_hr(VariantChangeType(&result, &result, 0, VT_I4), S_OK);
    check_int(V_I4(&result), 3);

    check_context("a typed client gives a pointer back by name");
    BYTEARRAY *memory = NULL;
    check_hr(ISCardTypeConv_GetAtIStreamMemory(conv, stream, &memory), S_OK);
    V_VT(&arguments[1]) = VT_BYREF | VT_UI1;
    V_UI1REF(&arguments[1]) = memory->pbyData;
    check_hr(late(L"FreeIStreamMemoryPtr", arguments, 2, &result), S_OK);
    check_int(refs_of(stream), refs);
    check_hr(late(L"FreeIStreamMemoryPtr", arguments, 2, &result), E_INVALIDARG);
    CoTaskMemFree(memory);
    IStream_Release(stream);
    check_int(IByteBuffer_Release(buffer), 0);
}

/* What is in use of the heap that COM's allocator takes from. */
static ULONGLONG heap_in_use(void)
{
    PROCESS_HEAP_ENTRY entry = { .lpData = NULL };
    ULONGLONG bytes = 0;

    check(HeapLock(GetProcessHeap()));
    while (HeapWalk(GetProcessHeap(), &entry))
        if (entry.wFlags & PROCESS_HEAP_ENTRY_BUSY) bytes += entry.cbData;
    HeapUnlock(GetProcessHeap());
    return bytes;
}

/* What a script gets by name, with and without a variable for the result, and what is refused. */
static void one_round(IByteBuffer *buffer, IStream *stream, LONG len)
{
    VARIANT result, object = late_object(buffer), count = late_number(len), memory = late_number(0);

    V_VT(&memory) = VT_UNKNOWN;
    V_UNKNOWN(&memory) = (IUnknown *)stream;
    for (int i = 0; i < 2; i++)
    {
        VariantInit(&result);
        VARIANT *wanted = i ? &result : NULL;
        late(L"ConvertByteBufferToByteArray", &object, 1, wanted);
        VariantClear(&result);
        late(L"CreateByteArray", &count, 1, wanted);
        VariantClear(&result);
        late(L"GetAtIStreamMemory", &memory, 1, wanted);
        VariantClear(&result);
        late(L"CreateSafeArray", &count, 1, wanted);
        VariantClear(&result);
        late(L"ConvertByteBufferToSafeArray", &object, 1, wanted);
        VariantClear(&result);
        late(L"CreateByteBuffer", &count, 1, wanted);
        VariantClear(&result);
        late(L"GetAtIStreamMemory", &object, 1, wanted); /* no stream */
        VariantClear(&result);
    }
}

/* Fifty rounds with results of so many bytes: one of them left behind each time would be seen. */
static void nothing_leaks(void)
{
    enum
    {
        LEN = 50000,
        ROUNDS = 50,
    };
    IByteBuffer *buffer = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    IStream *stream = NULL;

    check_context("nothing leaks");
    check_hr(IByteBuffer_SetSize(buffer, LEN), S_OK);
    check_hr(IByteBuffer_get_Stream(buffer, &stream), S_OK);
    one_round(buffer, stream, LEN); /* what the system keeps for reuse is there now */
    ULONGLONG before = heap_in_use();
    for (int i = 0; i < ROUNDS; i++)
        one_round(buffer, stream, LEN);
    ULONGLONG after = heap_in_use();
    check(before > 10000); /* the heap could be walked */
    if (!check(after < before + ROUNDS * LEN / 2))
        printf("  %ld bytes a round\n", (long)((after - before) / ROUNDS));

    /* The check itself: results that are kept are seen. */
    BYTE *kept[ROUNDS];
    for (int i = 0; i < ROUNDS; i++)
        check_hr(ISCardTypeConv_CreateByteArray(conv, LEN, &kept[i]), S_OK);
    check(heap_in_use() >= after + ROUNDS * LEN / 2);
    for (int i = 0; i < ROUNDS; i++)
        CoTaskMemFree(kept[i]);
    IStream_Release(stream);
    check_int(IByteBuffer_Release(buffer), 0);
}

int main(void)
{
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    conv = create_object(&CLSID_CSCardTypeConv, &IID_ISCardTypeConv);
    byte_arrays();
    byte_buffers();
    safe_arrays();
    stream_memory();
    broken_buffers();
    late_bound();
    nothing_leaks();
    check_context(NULL);
    check_int(ISCardTypeConv_Release(conv), 0);
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
