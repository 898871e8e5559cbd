/*
 * random_calls_test - calls by a seed through all that the type libraries describe, by vtable and
 *                     by IDispatch::Invoke, with arguments good and bad, from several threads, on
 *                     objects with a card and without one; what clients' own objects do meanwhile
 *                     is random too.
 * Layer: tests. Needs the registered server and a reader with a card, which it leaves as new.
 *
 * Design notes. A round has objects of its own and a stream of numbers of its own, made of seed and
 * round: so it is had again by SCM_RANDOM_SEED and SCM_RANDOM_ROUND, whatever other threads did
 * (SCM_RANDOM_ROUNDS: and so many from there on). SCM_RANDOM_SECONDS says how long (20). Some rounds
 * call the same objects from several threads. A crash names round and call. No pointer is given that
 * leads nowhere, and none to less memory than the numbers beside it may count: no server could tell.
 * NULL is given everywhere.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/hostile_object.h"
#include "support/late_bound.h"
#include "support/random_values.h"
#include "support/regsvr32.h"
#include "support/simcard_control.h"

enum
{
    THREADS = 3,
    HELPERS = 3, /* threads of a round that shares its objects */
    CALLS_A_ROUND = 48,
    SLOTS = 8,
    HOSTILES = 3,
    DEPTH_MAX = 2, /* calls within calls */
    ACTS_MAX = 40, /* a client's object may be asked a million times within one call */
    PARAMETERS_MAX = 8,
    CLASSES_MAX = 16,
    MEMBERS_MAX = 48,
    RECORDS = 2000,
    SMALL_STACK = 256 * 1024,
    PATIENCE_MS = 120000,
    CARD_EVERY_ROUNDS = 400,
};

/* What a parameter is to whoever calls through the vtable. */
enum kind
{
    KIND_NUMBER,
    KIND_TEXT,
    KIND_ARRAY,
    KIND_OBJECT,
    KIND_BYTES, /* as many as numbers beside it say */
    KIND_RECORDS,
    KIND_CELL,   /* a pointer to one of the first four */
    KIND_MEMORY, /* a pointer to a pointer to anything else */
};

struct described_parameter
{
    enum kind kind;
    VARTYPE vt; /* of what is pointed to, where it is a pointer */
    USHORT flags;
    IID iid;
    WCHAR record[24];
};

struct described_member
{
    BSTR name;
    MEMBERID id;
    INVOKEKIND invkind;
    ULONG_PTR offset;
    UINT count;
    bool has_bytes; /* numbers count memory of the caller's */
    struct described_parameter parameters[PARAMETERS_MAX];
};

struct described_class
{
    BSTR name;
    CLSID clsid;
    IID iid;
    IClassFactory *factory;
    UINT count;
    struct described_member members[MEMBERS_MAX];
};

static struct described_class classes[CLASSES_MAX];
static UINT classes_count;

/* What is called at the moment, for crash and watchdog. */
struct note
{
    LONG round;
    UINT call;
    const struct described_class *class;
    const struct described_member *member;
    bool is_late;
    UINT count;
    VARTYPE types[PARAMETERS_MAX + 1];
};

struct slot
{
    IDispatch *object;
    const struct described_class *class;
};

struct worker
{
    LONG volatile calls;
    const char *volatile phase; /* NULL where it does nothing */
    UINT depth;
    UINT acts; /* of clients' objects within one call */
    struct note notes[DEPTH_MAX];
    struct random_values *levels[DEPTH_MAX];
    struct slot slots[SLOTS];
    struct hostile *hostiles[HOSTILES];
    struct hostile *fragile[DEPTH_MAX]; /* of one call, and of one of its arguments */
    IStream *stream;
};

static DWORD current_worker;
static struct worker *workers[THREADS * (1 + HELPERS)];
static LONG volatile rounds_begun;
static LONG rounds_end; /* 0: the clock says when */
static DWORD end_time;
static ULONGLONG seed;
static const WCHAR *texts[] = { NULL /* the reader */,
                                L"/",
                                L"3F00",
                                L"/3F00",
                                L"..",
                                L"5015",
                                L"2F00",
                                L"A000000063",
                                L"SCARD$AllReaders",
                                L"300",
                                L"{4029DD85-5902-11D0-B84C-00C04FD424B9}",
                                L"no such thing" };

/* ---- what the type libraries say ---- */

static void describe_type(ITypeInfo *info, const TYPEDESC *type, UINT *pointers,
                          struct described_parameter *parameter)
{
    ITypeInfo *target;
    TYPEATTR *attributes;
    BSTR name = NULL;

    for (; type->vt == VT_PTR; type = type->lptdesc)
        (*pointers)++;
    parameter->vt = type->vt;
    if (type->vt == VT_SAFEARRAY) parameter->vt = VT_ARRAY | type->lptdesc->vt;
    if (type->vt != VT_USERDEFINED ||
        !check_hr(ITypeInfo_GetRefTypeInfo(info, type->hreftype, &target), S_OK))
        return;
    check_hr(ITypeInfo_GetTypeAttr(target, &attributes), S_OK);
    switch (attributes->typekind)
    {
    case TKIND_ALIAS:
        describe_type(target, &attributes->tdescAlias, pointers, parameter);
        break;
    case TKIND_ENUM:
        parameter->vt = VT_I4;
        break;
    case TKIND_INTERFACE:
    case TKIND_DISPATCH:
        parameter->vt = VT_UNKNOWN;
        parameter->iid = attributes->guid;
        (*pointers)--;
        break;
    default:
        ITypeInfo_GetDocumentation(target, MEMBERID_NIL, &name, NULL, NULL, NULL);
        lstrcpynW(parameter->record, name, ARRAYSIZE(parameter->record));
        SysFreeString(name);
        parameter->vt = VT_RECORD;
    }
    ITypeInfo_ReleaseTypeAttr(target, attributes);
    ITypeInfo_Release(target);
}

static bool is_record(const struct described_parameter *parameter, const WCHAR *name)
{
    return wcsstr(parameter->record, name) != NULL;
}

static void describe_parameter(ITypeInfo *info, const ELEMDESC *element,
                               struct described_parameter *parameter)
{
    UINT pointers = 0;

    parameter->flags = element->paramdesc.wParamFlags;
    describe_type(info, &element->tdesc, &pointers, parameter);
    bool is_memory = parameter->vt == VT_RECORD || parameter->vt == VT_UI1;
    if (pointers > 1)
        parameter->kind = KIND_MEMORY;
    else if (pointers == 1 && parameter->vt == VT_RECORD)
        parameter->kind = KIND_RECORDS;
    else if (pointers == 1 && is_memory && parameter->flags & PARAMFLAG_FIN)
        parameter->kind = KIND_BYTES;
    else if (pointers == 1)
        parameter->kind = KIND_CELL;
    else if (parameter->vt == VT_UNKNOWN)
        parameter->kind = KIND_OBJECT;
    else if (parameter->vt & VT_ARRAY)
        parameter->kind = KIND_ARRAY;
    else
        parameter->kind = parameter->vt == VT_BSTR ? KIND_TEXT : KIND_NUMBER;
}

static void describe_member(ITypeInfo *info, const FUNCDESC *description,
                            struct described_member *member)
{
    ITypeInfo_GetDocumentation(info, description->memid, &member->name, NULL, NULL, NULL);
    member->id = description->memid;
    member->invkind = description->invkind;
    member->offset = (ULONG_PTR)description->oVft;
    member->count = (UINT)description->cParams;
    if (!check(member->count <= PARAMETERS_MAX)) exit(check_finish());
    for (UINT i = 0; i < member->count; i++)
    {
        struct described_parameter *parameter = &member->parameters[i];
        describe_parameter(info, &description->lprgelemdescParam[i], parameter);
        bool goes_in = parameter->flags & PARAMFLAG_FIN;
        if (goes_in && (parameter->kind == KIND_BYTES || parameter->kind == KIND_RECORDS ||
                        parameter->kind == KIND_MEMORY))
            member->has_bytes = true;
    }
}

/* The vtable behind a dual interface, and its members but those of IDispatch. */
static void describe_interface(ITypeInfo *dual, struct described_class *class)
{
    ITypeInfo *info = dual;
    HREFTYPE reference;
    TYPEATTR *attributes;
    FUNCDESC *description;

    ITypeInfo_AddRef(info);
    check_hr(ITypeInfo_GetTypeAttr(dual, &attributes), S_OK);
    TYPEKIND kind = attributes->typekind;
    class->iid = attributes->guid;
    ITypeInfo_ReleaseTypeAttr(dual, attributes);
    if (kind == TKIND_DISPATCH)
    {
        ITypeInfo_Release(info);
        check_hr(ITypeInfo_GetRefTypeOfImplType(dual, (UINT)-1, &reference), S_OK);
        check_hr(ITypeInfo_GetRefTypeInfo(dual, reference, &info), S_OK);
    }
    check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
    for (UINT i = 0; i < attributes->cFuncs; i++)
    {
        check_hr(ITypeInfo_GetFuncDesc(info, i, &description), S_OK);
        if (!(description->wFuncFlags & FUNCFLAG_FRESTRICTED) &&
            (size_t)description->oVft >= sizeof(IDispatchVtbl) && check(class->count < MEMBERS_MAX))
            describe_member(info, description, &class->members[class->count++]);
        ITypeInfo_ReleaseFuncDesc(info, description);
    }
    check(class->count > 0);
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    ITypeInfo_Release(info);
}

static void describe_class(ITypeInfo *info)
{
    struct described_class *class = &classes[classes_count];
    TYPEATTR *attributes;
    HREFTYPE reference;
    ITypeInfo *dual;

    if (!check(classes_count < CLASSES_MAX)) return;
    ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &class->name, NULL, NULL, NULL);
    check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
    class->clsid = attributes->guid;
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    check_hr(ITypeInfo_GetRefTypeOfImplType(info, 0, &reference), S_OK);
    check_hr(ITypeInfo_GetRefTypeInfo(info, reference, &dual), S_OK);
    describe_interface(dual, class);
    ITypeInfo_Release(dual);
    if (check_hr(CoGetClassObject(&class->clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory,
                                  (void **)&class->factory),
                 S_OK))
        classes_count++;
}

static void describe_library(const WCHAR *resource)
{
    WCHAR path[MAX_PATH + 8];
    ITypeLib *library;
    ITypeInfo *info;
    TYPEKIND kind;

    swprintf(path, ARRAYSIZE(path), L"%ls%ls", dll_under_test(), resource);
    if (!check_hr(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK)) return;
    for (UINT i = 0; i < ITypeLib_GetTypeInfoCount(library); i++)
    {
        check_hr(ITypeLib_GetTypeInfoType(library, i, &kind), S_OK);
        if (kind != TKIND_COCLASS || !check_hr(ITypeLib_GetTypeInfo(library, i, &info), S_OK))
            continue;
        describe_class(info);
        ITypeInfo_Release(info);
    }
    ITypeLib_Release(library);
}

static const struct described_class *class_of(const IID *iid)
{
    for (UINT i = 0; i < classes_count; i++)
        if (IsEqualIID(&classes[i].iid, iid)) return &classes[i];
    return NULL;
}

/* ---- the objects of a round ---- */

static struct random_values *level(struct worker *worker)
{
    return worker->levels[worker->depth];
}

/* An object of ours takes a free place, or goes. */
static void adopt(struct worker *worker, IUnknown *object, const IID *iid)
{
    const struct described_class *class = class_of(iid);

    for (UINT i = 0; class && i < SLOTS; i++)
    {
        if (worker->slots[i].object) continue;
        worker->slots[i] = (struct slot){ (IDispatch *)object, class };
        return;
    }
    IUnknown_Release(object);
}

static void create_object_of(struct worker *worker, const struct described_class *class)
{
    IUnknown *object = NULL;

    if (SUCCEEDED(
            IClassFactory_CreateInstance(class->factory, NULL, &class->iid, (void **)&object)))
        adopt(worker, object, &class->iid);
}

static void drop_slot(struct worker *worker, UINT i)
{
    IDispatch *object = worker->slots[i].object;

    worker->slots[i].object = NULL;
    if (object) IDispatch_Release(object);
}

static void call_one(struct worker *worker);

/* Its client's reference; whoever works on it has one of his own. */
static void drop_fragile(struct hostile *hostile)
{
    if (InterlockedExchangePointer(&hostile->context, NULL))
        IByteBuffer_Release(&hostile->IByteBuffer_iface);
}

/* What a client's object does while a method of ours works on it. */
static void during(struct hostile *hostile)
{
    struct worker *worker = TlsGetValue(current_worker);

    if (worker && hostile->context && random_once_in(level(worker), 2)) drop_fragile(hostile);
    if (!worker || worker->depth + 1 >= DEPTH_MAX || worker->acts++ > ACTS_MAX) return;
    switch (random_below(level(worker), 12))
    {
    case 0:
    case 1:
        drop_slot(worker, random_below(level(worker), SLOTS));
        break;
    case 2:
    case 3:
        worker->depth++;
        call_one(worker);
        worker->depth--;
        break;
    }
}

static HRESULT hostile_result(struct hostile *hostile)
{
    static const HRESULT results[] = { E_FAIL, S_FALSE, E_OUTOFMEMORY, E_NOTIMPL, STG_E_SEEKERROR };
    struct worker *worker = TlsGetValue(current_worker);

    (void)hostile;
    if (!worker || !random_once_in(level(worker), 8)) return S_OK;
    return results[random_below(level(worker), ARRAYSIZE(results))];
}

static LONGLONG hostile_told(struct hostile *hostile, LONGLONG true_one)
{
    struct worker *worker = TlsGetValue(current_worker);

    (void)hostile;
    if (!worker || !random_once_in(level(worker), 8)) return true_one;
    return random_number(level(worker));
}

/* A buffer: a client's, or one of ours; not counted. */
static IByteBuffer *some_buffer(struct worker *worker)
{
    struct hostile *hostile = worker->hostiles[random_below(level(worker), HOSTILES)];

    for (UINT i = 0; i < SLOTS && random_once_in(level(worker), 2); i++)
        if (worker->slots[i].object && IsEqualIID(&worker->slots[i].class->iid, &IID_IByteBuffer))
            return (IByteBuffer *)worker->slots[i].object;
    return &hostile->IByteBuffer_iface;
}

/* An object that may give up its client's reference within the call. */
static struct hostile *make_fragile(struct worker *worker)
{
    struct hostile *hostile = hostile_create("12345678", 8);

    hostile->context = hostile;
    hostile->during = during;
    hostile->result = hostile_result;
    return worker->fragile[worker->depth] = hostile;
}

static IUnknown *some_object(struct worker *worker, const IID *iid)
{
    bool is_stream = IsEqualIID(iid, &IID_IStream);

    if (random_once_in(level(worker), 12)) return NULL;
    if ((is_stream || IsEqualIID(iid, &IID_IByteBuffer)) && !worker->fragile[worker->depth] &&
        random_once_in(level(worker), 8))
    {
        struct hostile *hostile = make_fragile(worker);
        return is_stream ? (IUnknown *)&hostile->IStream_iface
                         : (IUnknown *)&hostile->IByteBuffer_iface;
    }
    if (IsEqualIID(iid, &IID_IByteBuffer)) return (IUnknown *)some_buffer(worker);
    if (is_stream)
    {
        struct hostile *hostile = worker->hostiles[random_below(level(worker), HOSTILES)];
        if (random_once_in(level(worker), 2)) return (IUnknown *)&hostile->IStream_iface;
        return (IUnknown *)worker->stream;
    }
    for (UINT i = 0; i < SLOTS; i++)
        if (worker->slots[i].object && IsEqualIID(&worker->slots[i].class->iid, iid))
            return (IUnknown *)worker->slots[i].object;
    return NULL;
}

/* ---- calls by vtable ---- */

/* What a pointer of a call leads to. */
union cell
{
    LONGLONG number;
    BSTR text;
    SAFEARRAY *array;
    IUnknown *object;
    void *memory;
    BYTE room[512];
};

struct typed_call
{
    VARIANTARG arguments[PARAMETERS_MAX];
    VARTYPE types[PARAMETERS_MAX];
    VARIANTARG *pointers[PARAMETERS_MAX];
    union cell cells[PARAMETERS_MAX], before[PARAMETERS_MAX];
};

static struct tagTLV_TABLE *some_records(void)
{
    static TLV_TABLE records[RECORDS];

    /* The same for all threads. */
    for (UINT i = 0; !records[RECORDS - 1].byData && i < RECORDS; i++)
    {
        records[i].cbSize = (LONG)(i % 300);
        records[i].byData = random_bytes() + i % 1000;
    }
    return records;
}

static bool has_records(const struct described_member *member)
{
    for (UINT i = 0; i < member->count; i++)
        if (is_record(&member->parameters[i], L"TLV_TABLE")) return true;
    return false;
}

static LONGLONG number_for(struct worker *worker, const struct described_member *member)
{
    LONGLONG number = random_number(level(worker)), most = RECORDS;

    if (!member->has_bytes) return number;
    /* Much takes its time. */
    if (random_once_in(level(worker), 500) && !has_records(member)) most = RANDOM_BYTES_LEN;
    number = (LONG)number;
    return number < 0 ? number : number % most;
}

static void fill_cell(struct worker *worker, const struct described_member *member,
                      const struct described_parameter *parameter, union cell *cell)
{
    memset(cell, 0, sizeof(*cell));
    if (!(parameter->flags & PARAMFLAG_FIN)) return;
    if (parameter->vt == VT_UNKNOWN)
    {
        cell->object = some_object(worker, &parameter->iid);
        if (cell->object) IUnknown_AddRef(cell->object);
    }
    else if (parameter->vt != VT_BSTR && !(parameter->vt & VT_ARRAY))
        cell->number = number_for(worker, member);
}

static void prepare(struct worker *worker, const struct described_member *member, UINT i,
                    struct typed_call *call)
{
    const struct described_parameter *parameter = &member->parameters[i];
    struct random_values *values = level(worker);
    VARIANTARG *argument = &call->arguments[i];
    union cell *cell = &call->cells[i];

    memset(argument, 0, sizeof(*argument));
    memset(cell, 0, sizeof(cell->number));
    V_VT(argument) = parameter->kind <= KIND_OBJECT ? parameter->vt : VT_BYREF | VT_UI1;
    switch (parameter->kind)
    {
    case KIND_NUMBER:
        V_I8(argument) = number_for(worker, member);
        /* Numbers that are not signed count memory, too. */
        if (member->has_bytes && V_I8(argument) < 0 && parameter->vt != VT_I4) V_I8(argument) = 0;
        break;
    case KIND_TEXT:
        V_BSTR(argument) = random_text(values);
        break;
    case KIND_ARRAY:
        V_ARRAY(argument) = random_array(values);
        break;
    case KIND_OBJECT:
        V_UNKNOWN(argument) = some_object(worker, &parameter->iid);
        break;
    case KIND_BYTES:
        V_BYREF(argument) = random_once_in(values, 10) ? NULL : random_bytes();
        break;
    case KIND_RECORDS:
        memset(cell, 0, sizeof(*cell));
        V_BYREF(argument) = is_record(parameter, L"TLV_TABLE") ? (void *)some_records() : cell;
        if (random_once_in(values, 10)) V_BYREF(argument) = NULL;
        break;
    default:
        fill_cell(worker, member, parameter, cell);
        if (parameter->kind == KIND_MEMORY && parameter->flags & PARAMFLAG_FIN)
            cell->memory = random_once_in(values, 3) ? NULL : some_records();
        else if (parameter->kind == KIND_MEMORY)
            cell->memory = NULL;
        V_BYREF(argument) = random_once_in(values, 10) ? NULL : cell;
    }
    call->before[i].number = cell->number;
    call->types[i] = V_VT(argument);
    call->pointers[i] = argument;
}

static void free_records(TLV_TABLE *records, LONG count)
{
    for (LONG i = 0; i < count; i++)
        CoTaskMemFree(records[i].byData);
    CoTaskMemFree(records);
}

/* What the method allocated. */
static void free_memory(struct slot *slot, const struct described_member *member, UINT i,
                        const struct typed_call *call)
{
    const struct described_parameter *parameter = &member->parameters[i];
    void *memory = call->cells[i].memory;

    if (!memory || memory == call->before[i].memory) return;
    if (is_record(parameter, L"TLV_TABLE"))
    {
        free_records(memory, (LONG)call->cells[i + 1].number);
        return;
    }
    if (is_record(parameter, L"SCARDINFO"))
    {
        SCardDisconnect(((SCARDINFO *)memory)->hCard, SCARD_LEAVE_CARD);
        SCardReleaseContext(((SCARDINFO *)memory)->hContext);
    }
    if (is_record(parameter, L"BYTEARRAY"))
    {
        BYTEARRAY *array = memory;
        if (array->hMem && array->pbyData)
            ISCardTypeConv_FreeIStreamMemoryPtr((ISCardTypeConv *)slot->object,
                                                (IStream *)V_UNKNOWN(&call->arguments[0]),
                                                array->pbyData);
        else if (!array->hMem)
            CoTaskMemFree(array->pbyData);
    }
    CoTaskMemFree(memory);
}

static void take_back(struct worker *worker, struct slot *slot,
                      const struct described_member *member, UINT i, struct typed_call *call)
{
    const struct described_parameter *parameter = &member->parameters[i];
    union cell *cell = &call->cells[i];

    if (parameter->kind == KIND_MEMORY)
        free_memory(slot, member, i, call);
    else if (parameter->kind != KIND_CELL)
        return;
    else if (parameter->vt == VT_BSTR)
        SysFreeString(cell->text);
    else if (parameter->vt & VT_ARRAY)
        SafeArrayDestroy(cell->array);
    else if (parameter->vt != VT_UNKNOWN)
        random_remember(level(worker), cell->number);
    else
    {
        if (cell->object && cell->object != call->before[i].object)
            adopt(worker, cell->object, &parameter->iid);
        if (call->before[i].object) IUnknown_Release(call->before[i].object);
    }
}

static void call_typed(struct worker *worker, struct slot *slot,
                       const struct described_member *member)
{
    struct note *note = &worker->notes[worker->depth];
    struct typed_call *call = calloc(1, sizeof(*call));
    VARIANT returned;

    if (!call) abort();
    for (UINT i = 0; i < member->count; i++)
    {
        prepare(worker, member, i, call);
        note->types[i] = call->types[i];
    }
    note->count = member->count;
    VariantInit(&returned);
    check_hr(DispCallFunc(slot->object, member->offset, CC_STDCALL, VT_I4, member->count,
                          call->types, call->pointers, &returned),
             S_OK);
    for (UINT i = 0; i < member->count; i++)
    {
        if (V_BYREF(&call->arguments[i]) || member->parameters[i].kind <= KIND_OBJECT)
            take_back(worker, slot, member, i, call);
        else if (call->before[i].object && member->parameters[i].kind == KIND_CELL &&
                 member->parameters[i].vt == VT_UNKNOWN)
            IUnknown_Release(call->before[i].object);
    }
    free(call);
}

/* ---- calls by name ---- */

static VARIANT plausible(struct worker *worker, const struct described_parameter *parameter)
{
    VARIANT value;

    memset(&value, 0, sizeof(value));
    switch (parameter->kind)
    {
    case KIND_TEXT:
        V_VT(&value) = VT_BSTR;
        V_BSTR(&value) = random_text(level(worker));
        break;
    case KIND_OBJECT:
        V_VT(&value) = IsEqualIID(&parameter->iid, &IID_IStream) ? VT_UNKNOWN : VT_DISPATCH;
        V_UNKNOWN(&value) = some_object(worker, &parameter->iid);
        break;
    case KIND_ARRAY:
    case KIND_BYTES:
    case KIND_RECORDS:
    case KIND_MEMORY:
        V_VT(&value) = VT_ARRAY | VT_VARIANT;
        V_ARRAY(&value) = random_array(level(worker));
        break;
    default:
        V_VT(&value) = VT_I4;
        V_I4(&value) = (LONG)random_number(level(worker));
    }
    return value;
}

static WORD flags_of(struct worker *worker, INVOKEKIND kind)
{
    if (random_once_in(level(worker), 30)) return (WORD)random_below(level(worker), 16);
    switch (kind)
    {
    case INVOKE_PROPERTYGET:
        return DISPATCH_PROPERTYGET;
    case INVOKE_PROPERTYPUT:
        return DISPATCH_PROPERTYPUT;
    case INVOKE_PROPERTYPUTREF:
        return DISPATCH_PROPERTYPUTREF;
    default:
        return DISPATCH_METHOD;
    }
}

static void call_late(struct worker *worker, struct slot *slot,
                      const struct described_member *member)
{
    struct random_values *values = level(worker);
    struct note *note = &worker->notes[worker->depth];
    VARIANT given[PARAMETERS_MAX + 1], result;
    DISPID names[PARAMETERS_MAX + 1] = { DISPID_PROPERTYPUT, 0, 1, -1, 7 };
    EXCEPINFO exception;
    UINT bad_argument = 0, count = member->count;
    bool wants_result = !random_once_in(values, 4);

    memset(&exception, 0, sizeof(exception));
    VariantInit(&result);
    if (random_once_in(values, 4)) count = random_below(values, member->count + 2);
    for (UINT i = 0; i < count; i++)
    {
        UINT position = count - 1 - i;
        given[position] = random_once_in(values, 2) || i >= member->count
                              ? random_variant(values)
                              : plausible(worker, &member->parameters[i]);
        note->types[i] = V_VT(&given[position]);
    }
    note->count = count;
    DISPPARAMS params = { given, names, count, 0 };
    WORD flags = flags_of(worker, member->invkind);
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF) && count > 0)
        params.cNamedArgs = 1;
    if (random_once_in(values, 30)) params.cNamedArgs = random_below(values, PARAMETERS_MAX);
    if (random_once_in(values, 60)) params.rgdispidNamedArgs = NULL;
    if (random_once_in(values, 60)) params.rgvarg = NULL;
    DISPID id = random_once_in(values, 40) ? (DISPID)random_number(values) : member->id;
    HRESULT hr = IDispatch_Invoke(slot->object, id, &IID_NULL, 0, flags, &params,
                                  wants_result ? &result : NULL,
                                  random_once_in(values, 4) ? NULL : &exception,
                                  random_once_in(values, 4) ? NULL : &bad_argument);
    if (hr != DISP_E_EXCEPTION) check(!exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrHelpFile);
    if (V_VT(&result) == VT_I4) random_remember(values, V_I4(&result));
    VariantClear(&result);
}

/* ---- rounds ---- */

static bool is_named(const struct described_member *member, const WCHAR *name)
{
    return lstrcmpW(member->name, name) == 0;
}

/* Nobody waits for a card that is kept from him by an object of his own thread. */
static void unlock(struct slot *slot)
{
    if (IsEqualIID(&slot->class->iid, &IID_ISCardManage))
        ISCardManage_SCardUnlock((ISCardManage *)slot->object, LEAVE);
    if (IsEqualIID(&slot->class->iid, &IID_ISCard))
        ISCard_UnlockSCard((ISCard *)slot->object, LEAVE);
}

/* What may be an argument is held by its caller, but not the object that is called itself. */
static void hold_objects(struct worker *worker, UINT called)
{
    struct random_values *values = level(worker);

    values->objects_count = 0;
    for (UINT i = 0; i < SLOTS; i++)
        if (worker->slots[i].object && i != called)
            values->objects[values->objects_count++] = worker->slots[i].object;
    for (UINT i = 0; i < HOSTILES; i++)
        values->objects[values->objects_count++] = &worker->hostiles[i]->IByteBuffer_iface;
    for (UINT i = 0; i < values->objects_count; i++)
        IUnknown_AddRef((IUnknown *)values->objects[i]);
}

static void release_objects(struct random_values *values)
{
    for (UINT i = 0; i < values->objects_count; i++)
        IUnknown_Release((IUnknown *)values->objects[i]);
}

static void call_one(struct worker *worker)
{
    struct random_values *values = level(worker);
    UINT at = random_below(values, SLOTS);
    struct slot slot = worker->slots[at];
    struct note *note = &worker->notes[worker->depth];

    if (!slot.object) return;
    const struct described_member *member =
        &slot.class->members[random_below(values, slot.class->count)];
    bool is_late = random_once_in(values, 2);
    /* A script cannot end the connection that it is given. */
    if (is_named(member, L"FindCard") && (is_late || !random_once_in(values, 10))) return;
    bool locks = is_named(member, L"SCardLock") || is_named(member, L"LockSCard");

    hold_objects(worker, at);
    note->class = slot.class;
    note->member = member;
    note->is_late = is_late;
    note->call++;
    if (worker->depth == 0) worker->acts = 0;
    worker->calls++;
    /* Afterwards it unlocks, or frees what it gave. */
    bool is_held = locks || is_named(member, L"GetAtIStreamMemory");
    if (is_held) IDispatch_AddRef(slot.object);
    if (is_late)
        call_late(worker, &slot, member);
    else
        call_typed(worker, &slot, member);
    if (worker->fragile[worker->depth]) drop_fragile(worker->fragile[worker->depth]);
    worker->fragile[worker->depth] = NULL;
    if (locks) unlock(&slot);
    if (is_held) IDispatch_Release(slot.object);
    random_values_end(values);
    release_objects(values);
    note->member = NULL;
}

static void begin_numbers(struct worker *worker, LONG round, UINT stream)
{
    for (UINT i = 0; i < DEPTH_MAX; i++)
    {
        struct random_values *values = worker->levels[i];
        if (!values) values = worker->levels[i] = calloc(1, sizeof(*values));
        if (!values) abort();
        values->state = seed * 0x10001 + (ULONGLONG)round * 64 + stream * 4 + i;
        memset(values->numbers, 0, sizeof(values->numbers));
        values->numbers_next = 0;
        values->texts = texts;
        values->texts_count = ARRAYSIZE(texts);
        worker->notes[i] = (struct note){ .round = round };
    }
    worker->depth = 0;
}

static void begin_hostiles(struct worker *worker)
{
    for (UINT i = 0; i < HOSTILES; i++)
    {
        struct hostile *hostile = hostile_create("1234ABCDEFGHIJKL", 4 + 6 * (LONG)i);
        hostile->during = during;
        hostile->result = i ? hostile_result : NULL;
        hostile->told = i ? hostile_told : NULL;
        worker->hostiles[i] = hostile;
    }
    check_hr(CreateStreamOnHGlobal(NULL, TRUE, &worker->stream), S_OK);
}

static void end_round(struct worker *worker)
{
    for (UINT i = 0; i < SLOTS; i++)
        drop_slot(worker, i);
    for (UINT i = 0; i < HOSTILES; i++)
        IByteBuffer_Release(&worker->hostiles[i]->IByteBuffer_iface);
    IStream_Release(worker->stream);
}

/* With a card: a manager and its children, or an ISCard. */
static void begin_attached(struct worker *worker, BSTR reader)
{
    ISCardManage *manage = create_object(&CLSID_SCardManage, &IID_ISCardManage);
    ISCardFileAccess *files = NULL;
    ISCardVerify *verify = NULL;
    ISCardAuth *auth = NULL;

    ISCardManage_AttachByIFD(manage, reader,
                             random_once_in(level(worker), 16) ? EXCLUSIVE : SHARED);
    if (SUCCEEDED(ISCardManage_CreateFileAccess(manage, &files)))
        adopt(worker, (IUnknown *)files, &IID_ISCardFileAccess);
    if (SUCCEEDED(ISCardManage_CreateCHVerification(manage, &verify)))
        adopt(worker, (IUnknown *)verify, &IID_ISCardVerify);
    if (SUCCEEDED(ISCardManage_CreateCardAuth(manage, &auth)))
        adopt(worker, (IUnknown *)auth, &IID_ISCardAuth);
    adopt(worker, (IUnknown *)manage, &IID_ISCardManage);
}

static void begin_objects(struct worker *worker, BSTR reader)
{
    if (random_once_in(level(worker), 4)) begin_attached(worker, reader);
    create_object_of(worker, class_of(&IID_IByteBuffer));
    while (!worker->slots[SLOTS - 2].object)
        create_object_of(worker, &classes[random_below(level(worker), classes_count)]);
}

static void call_many(struct worker *worker)
{
    for (UINT i = 0; i < CALLS_A_ROUND; i++)
        call_one(worker);
}

struct helper
{
    struct worker *worker;
    LONG round;
    UINT stream;
};

static DWORD WINAPI help(void *argument)
{
    struct helper *helper = argument;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    TlsSetValue(current_worker, helper->worker);
    helper->worker->phase = "calling";
    call_many(helper->worker);
    helper->worker->phase = "releasing";
    end_round(helper->worker);
    helper->worker->phase = NULL;
    CoUninitialize();
    return 0;
}

/* Several threads on the same objects. */
static void call_shared(struct worker *worker, struct worker **helpers, LONG round)
{
    struct helper arguments[HELPERS];
    HANDLE threads[HELPERS];

    for (UINT i = 0; i < HELPERS; i++)
    {
        begin_numbers(helpers[i], round, i + 1);
        begin_hostiles(helpers[i]);
        for (UINT slot = 0; slot < SLOTS; slot++)
        {
            helpers[i]->slots[slot] = worker->slots[slot];
            if (worker->slots[slot].object) IDispatch_AddRef(worker->slots[slot].object);
        }
        arguments[i] = (struct helper){ helpers[i], round, i + 1 };
        threads[i] = CreateThread(NULL, SMALL_STACK, help, &arguments[i],
                                  STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    }
    call_many(worker);
    for (UINT i = 0; i < HELPERS; i++)
    {
        WaitForSingleObject(threads[i], INFINITE);
        CloseHandle(threads[i]);
    }
}

/* A card as new: PINs that work, files that are there. */
static void renew_card(void)
{
    if (simcard_order("remove") && simcard_order("card demo.card")) simcard_order("insert");
}

static bool next_round(LONG *round)
{
    *round = InterlockedIncrement(&rounds_begun) - 1;
    return rounds_end ? *round < rounds_end : (LONG)(end_time - GetTickCount()) > 0;
}

static DWORD WINAPI work(void *argument)
{
    struct worker **own = argument, *worker = own[0];
    BSTR reader = SysAllocString(test_reader());
    LONG round;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    TlsSetValue(current_worker, worker);
    while (next_round(&round))
    {
        worker->phase = "beginning";
        begin_numbers(worker, round, 0);
        begin_hostiles(worker);
        begin_objects(worker, reader);
        worker->phase = "calling";
        if (random_once_in(level(worker), 8))
            call_shared(worker, own + 1, round);
        else
            call_many(worker);
        worker->phase = "releasing";
        end_round(worker);
        worker->phase = NULL;
        if (round % CARD_EVERY_ROUNDS == CARD_EVERY_ROUNDS - 1) renew_card();
        if (round % 16 == 0) check(HeapValidate(GetProcessHeap(), 0, NULL));
    }
    CoUninitialize();
    SysFreeString(reader);
    return 0;
}

/* ---- crashes, and calls that do not come back ---- */

static void say(const struct worker *worker)
{
    for (UINT d = 0; d <= worker->depth && d < DEPTH_MAX; d++)
    {
        const struct note *note = &worker->notes[d];
        if (!note->member) continue;
        printf("  SCM_RANDOM_SEED=%llu SCM_RANDOM_ROUND=%ld, call %u: %ls.%ls by %s (", seed,
               note->round, note->call, note->class->name, note->member->name,
               note->is_late ? "Invoke" : "vtable");
        for (UINT i = 0; i < note->count; i++)
            printf("%s%04X", i ? " " : "", note->types[i]);
        printf(")\n");
    }
    fflush(stdout);
}

/* A client's object was not held by whoever worked on it. */
static void notice(void)
{
    static LONG volatile said;

    if (InterlockedIncrement(&said) > 10) return;
    printf("a client's object is called after its end\n");
    say(TlsGetValue(current_worker));
}

static LONG WINAPI crashed(EXCEPTION_POINTERS *exception)
{
    const struct worker *worker = TlsGetValue(current_worker);
    ULONG_PTR at = (ULONG_PTR)exception->ExceptionRecord->ExceptionAddress;

    printf("crash %08lX at %p, scardmanage.dll + 0x%llX\n",
           (unsigned long)exception->ExceptionRecord->ExceptionCode, (void *)at,
           (unsigned long long)(at - (ULONG_PTR)GetModuleHandleW(L"scardmanage.dll")));
    if (worker) say(worker);
    TerminateProcess(GetCurrentProcess(), 3);
    return EXCEPTION_EXECUTE_HANDLER;
}

/* Who has no stack left has others speak for him. */
static struct worker *volatile without_stack;

static LONG WINAPI stack_overflowed(EXCEPTION_POINTERS *exception)
{
    if (exception->ExceptionRecord->ExceptionCode != EXCEPTION_STACK_OVERFLOW)
        return EXCEPTION_CONTINUE_SEARCH;
    without_stack = TlsGetValue(current_worker);
    Sleep(INFINITE);
    return EXCEPTION_CONTINUE_SEARCH;
}

static BOOL CALLBACK close_window(HWND window, LPARAM process)
{
    DWORD owner = 0;

    GetWindowThreadProcessId(window, &owner);
    if (owner == (DWORD)process && IsWindowVisible(window)) PostMessageW(window, WM_CLOSE, 0, 0);
    return TRUE;
}

/* Cancels dialogs, and ends the program where a call does not come back. */
static DWORD WINAPI watch(void *stop)
{
    LONG last[ARRAYSIZE(workers)] = { 0 };
    DWORD since[ARRAYSIZE(workers)];

    for (size_t i = 0; i < ARRAYSIZE(workers); i++)
        since[i] = GetTickCount();
    while (WaitForSingleObject(stop, 20) == WAIT_TIMEOUT)
    {
        if (without_stack)
        {
            printf("no stack is left\n");
            say(without_stack);
            TerminateProcess(GetCurrentProcess(), 3);
        }
        EnumWindows(close_window, (LPARAM)GetCurrentProcessId());
        for (size_t i = 0; i < ARRAYSIZE(workers); i++)
        {
            if (workers[i]->calls != last[i] || !workers[i]->phase)
            {
                last[i] = workers[i]->calls;
                since[i] = GetTickCount();
            }
            if (GetTickCount() - since[i] < PATIENCE_MS) continue;
            printf("%s in round %ld does not come back\n", workers[i]->phase,
                   workers[i]->notes[0].round);
            say(workers[i]);
            TerminateProcess(GetCurrentProcess(), 4);
        }
    }
    return 0;
}

static ULONGLONG option(const char *name, ULONGLONG otherwise)
{
    const char *value = getenv(name);
    return value && *value ? strtoull(value, NULL, 10) : otherwise;
}

int main(void)
{
    HANDLE threads[THREADS], stop = CreateEventW(NULL, TRUE, FALSE, NULL), watchdog;
    UINT thread_count = THREADS;
    LONG calls = 0;

    current_worker = TlsAlloc();
    seed = option("SCM_RANDOM_SEED", 1);
    ULONGLONG seconds = option("SCM_RANDOM_SECONDS", 20);
    texts[0] = test_reader();
    if (getenv("SCM_RANDOM_ROUND"))
    {
        rounds_begun = (LONG)option("SCM_RANDOM_ROUND", 0);
        rounds_end = rounds_begun + (LONG)option("SCM_RANDOM_ROUNDS", 1);
        thread_count = 1;
    }
    hostile_notice = notice;
    SetUnhandledExceptionFilter(crashed);
    AddVectoredExceptionHandler(1, stack_overflowed);
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    describe_library(L"");
    describe_library(L"\\2");
    check_int(classes_count, 11);
    some_records();
    for (size_t i = 0; i < ARRAYSIZE(workers); i++)
        if (!(workers[i] = calloc(1, sizeof(*workers[i])))) abort();
    watchdog = CreateThread(NULL, 0, watch, stop, 0, NULL);
    end_time = GetTickCount() + (DWORD)seconds * 1000;
    for (UINT i = 0; i < thread_count; i++)
        threads[i] = CreateThread(NULL, SMALL_STACK, work, &workers[i * (1 + HELPERS)],
                                  STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    for (UINT i = 0; i < thread_count; i++)
        WaitForSingleObject(threads[i], INFINITE);
    SetEvent(stop);
    check_int(WaitForSingleObject(watchdog, 10000), WAIT_OBJECT_0);
    for (size_t i = 0; i < ARRAYSIZE(workers); i++)
        calls += workers[i]->calls;
    printf("seed %llu: %ld rounds, %ld calls\n", seed, rounds_begun - (LONG)thread_count, calls);
    check(calls > 0);

    for (UINT i = 0; i < classes_count; i++)
        IClassFactory_Release(classes[i].factory);
    check_int(hostile_calls_after_end(), 0);
    check_int(hostile_alive(), 0);
    check_nothing_alive();
    simcard_remove();
    simcard_order("card demo.card");
    simcard_insert();
    CoUninitialize();
    return check_finish();
}
