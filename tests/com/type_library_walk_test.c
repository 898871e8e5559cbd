/*
 * type_library_walk_test - every member of every class that the type libraries in the DLL describe,
 *                          called by name with arguments that are missing, empty or of a wrong type:
 *                          never a crash, always a documented HRESULT, and nothing kept.
 * Layer: tests. Needs the registered server and a resource manager. A card may get connected to, since
 *        that is what some arguments ask for; nothing is sent to it.
 *
 * The classes are those of the type libraries: one that comes new is walked without a change here.
 * Each call is made on an object of its own, so that no call prepares the next one.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/late_bound.h"
#include "support/regsvr32.h"

#define PARAMETERS_MAX     8
#define PATIENCE_MS        120000
#define LARGE_ENOUGH_BYTES 65536

/* What is called at the moment, for the watchdog. */
static struct
{
    const WCHAR *class_name;
    BSTR member;
    LONG volatile number;
} now;

static long calls, members, classes;

/* An object of a client with nothing in it. */
static HRESULT STDMETHODCALLTYPE stranger_QueryInterface(IDispatch *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch)) return E_NOINTERFACE;
    IDispatch_AddRef(iface);
    *out = iface;
    return S_OK;
}

static LONG stranger_refs = 1;

static ULONG STDMETHODCALLTYPE stranger_AddRef(IDispatch *iface)
{
    (void)iface;
    return (ULONG)InterlockedIncrement(&stranger_refs);
}

static ULONG STDMETHODCALLTYPE stranger_Release(IDispatch *iface)
{
    (void)iface;
    return (ULONG)InterlockedDecrement(&stranger_refs);
}

static HRESULT STDMETHODCALLTYPE stranger_GetIDsOfNames(IDispatch *iface, REFIID iid,
                                                        LPOLESTR *names, UINT count, LCID lcid,
                                                        DISPID *ids)
{
    (void)iface;
    (void)iid;
    (void)names;
    (void)lcid;
    for (UINT i = 0; i < count; i++)
        ids[i] = DISPID_UNKNOWN;
    return DISP_E_UNKNOWNNAME;
}

/* Its default value is asked for where it stands for a number or a text. */
static HRESULT STDMETHODCALLTYPE stranger_Invoke(IDispatch *iface, DISPID id, REFIID iid, LCID lcid,
                                                 WORD flags, DISPPARAMS *params, VARIANT *result,
                                                 EXCEPINFO *exception, UINT *bad_argument)
{
    (void)iface;
    (void)id;
    (void)iid;
    (void)lcid;
    (void)flags;
    (void)params;
    (void)result;
    (void)exception;
    (void)bad_argument;
    return DISP_E_MEMBERNOTFOUND;
}

static const IDispatchVtbl stranger_vtbl = {
    .QueryInterface = stranger_QueryInterface,
    .AddRef = stranger_AddRef,
    .Release = stranger_Release,
    .GetIDsOfNames = stranger_GetIDsOfNames,
    .Invoke = stranger_Invoke,
};
static IDispatch stranger = { (IDispatchVtbl *)&stranger_vtbl };

/* What is given in the place of what a parameter wants. */
static struct
{
    const char *what;
    VARIANT value;
    bool is_for_one; /* given for one parameter at a time: all others have to fit it */
} pool[40];
static size_t pool_count;

static IByteBuffer *buffer;
static IStream *stream;
static VARIANT variable, number_variable;
static LONG referred_number = 7;
static BSTR referred_text;
static IDispatch *referred_object;
static SAFEARRAY *referred_array;
static BYTE large_enough[LARGE_ENOUGH_BYTES];

static VARIANT *pool_add(const char *what, VARTYPE vt)
{
    if (pool_count >= ARRAYSIZE(pool)) abort();
    pool[pool_count].what = what;
    VariantInit(&pool[pool_count].value);
    V_VT(&pool[pool_count].value) = vt;
    return &pool[pool_count++].value;
}

static void pool_add_number(const char *what, LONG number)
{
    V_I4(pool_add(what, VT_I4)) = number;
}

static void pool_fill(void)
{
    SAFEARRAYBOUND two[2] = { { 2, 0 }, { 2, 0 } };

    pool_add("empty", VT_EMPTY);
    pool_add("null", VT_NULL);
    V_ERROR(pool_add("missing", VT_ERROR)) = DISP_E_PARAMNOTFOUND;
    V_ERROR(pool_add("an error", VT_ERROR)) = E_FAIL;
    V_DISPATCH(pool_add("no object", VT_DISPATCH)) = NULL;
    V_UNKNOWN(pool_add("no unknown", VT_UNKNOWN)) = NULL;
    pool_add_number("0", 0);
    pool_add_number("1", 1);
    pool_add_number("-1", -1);
    pool_add_number("the largest number", 0x7FFFFFFF);
    pool_add_number("the smallest number", (LONG)0x80000000);
    V_I8(pool_add("64 bits", VT_I8)) = 0x123456789LL;
    V_R8(pool_add("1e300", VT_R8)) = 1e300;
    V_BOOL(pool_add("true", VT_BOOL)) = VARIANT_TRUE;
    V_DATE(pool_add("a date", VT_DATE)) = 36526;
    V_BSTR(pool_add("a text", VT_BSTR)) = SysAllocString(L"no such thing");
    V_BSTR(pool_add("a number as text", VT_BSTR)) = SysAllocString(L"300");
    V_BSTR(pool_add("an empty text", VT_BSTR)) = SysAllocString(L"");
    V_BSTR(pool_add("NULL as text", VT_BSTR)) = NULL;
    V_DISPATCH(pool_add("a byte buffer", VT_DISPATCH)) = (IDispatch *)buffer;
    V_DISPATCH(pool_add("a stranger", VT_DISPATCH)) = &stranger;
    V_UNKNOWN(pool_add("a stream", VT_UNKNOWN)) = (IUnknown *)stream;
    V_ARRAY(pool_add("bytes", VT_ARRAY | VT_UI1)) = SafeArrayCreateVector(VT_UI1, 0, 3);
    V_ARRAY(pool_add("variants", VT_ARRAY | VT_VARIANT)) = SafeArrayCreateVector(VT_VARIANT, 0, 3);
    V_ARRAY(pool_add("texts", VT_ARRAY | VT_BSTR)) = SafeArrayCreateVector(VT_BSTR, 0, 2);
    V_ARRAY(pool_add("two dimensions", VT_ARRAY | VT_UI1)) = SafeArrayCreate(VT_UI1, 2, two);
    V_ARRAY(pool_add("texts in two dimensions", VT_ARRAY | VT_BSTR)) =
        SafeArrayCreate(VT_BSTR, 2, two);
    V_ARRAY(pool_add("no array", VT_ARRAY | VT_UI1)) = NULL;
    V_VARIANTREF(pool_add("an empty variable", VT_BYREF | VT_VARIANT)) = &variable;
    V_VARIANTREF(pool_add("a variable", VT_BYREF | VT_VARIANT)) = &number_variable;
    V_VARIANTREF(pool_add("no variable", VT_BYREF | VT_VARIANT)) = NULL;
    V_I4REF(pool_add("a number by reference", VT_BYREF | VT_I4)) = &referred_number;
    V_I4REF(pool_add("NULL for a number", VT_BYREF | VT_I4)) = NULL;
    V_BSTRREF(pool_add("a text by reference", VT_BYREF | VT_BSTR)) = &referred_text;
    V_DISPATCHREF(pool_add("an object by reference", VT_BYREF | VT_DISPATCH)) = &referred_object;
    V_UNKNOWNREF(pool_add("NULL for an object", VT_BYREF | VT_UNKNOWN)) = NULL;
    V_ARRAYREF(pool_add("an array by reference", VT_BYREF | VT_ARRAY | VT_BSTR)) = &referred_array;
    V_UI1REF(pool_add("bytes of the caller's", VT_BYREF | VT_UI1)) = large_enough;
    pool[pool_count - 1].is_for_one = true;
}

/* Variables as a script has them before a call. */
static void variables_reset(void)
{
    VariantClear(&variable);
    VariantClear(&number_variable);
    number_variable = late_number(3);
    SysFreeString(referred_text);
    referred_text = SysAllocString(L"a variable's text");
    if (referred_object) IDispatch_Release(referred_object);
    referred_object = NULL;
    SafeArrayDestroy(referred_array);
    referred_array = NULL;
    referred_number = 7;
}

/* What the pages document: the codes they name, smart card codes, and those of streams. */
static bool is_documented(HRESULT hr)
{
    static const HRESULT codes[] = { E_INVALIDARG, E_POINTER, E_OUTOFMEMORY, E_ACCESSDENIED,
                                     E_UNEXPECTED, E_NOTIMPL, E_NOINTERFACE };
    for (size_t i = 0; i < ARRAYSIZE(codes); i++)
        if (hr == codes[i]) return true;
    return FAILED(hr) &&
           (HRESULT_FACILITY(hr) == FACILITY_SCARD || HRESULT_FACILITY(hr) == FACILITY_STORAGE);
}

/* What IDispatch::Invoke says of arguments that the member is not even called with. */
static bool is_refusal(HRESULT hr)
{
    static const HRESULT codes[] = {
        DISP_E_BADPARAMCOUNT, DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, DISP_E_PARAMNOTOPTIONAL,
        DISP_E_BADVARTYPE,    E_POINTER,           E_INVALIDARG,    E_OUTOFMEMORY,
    };
    for (size_t i = 0; i < ARRAYSIZE(codes); i++)
        if (hr == codes[i]) return true;
    return false;
}

static WORD flags_of(INVOKEKIND kind)
{
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

/* One call on a new object: `arguments` stand in the order of the parameters. */
static void call_once(const CLSID *clsid, const FUNCDESC *member, const VARIANT *arguments,
                      UINT count)
{
    VARIANT reversed[PARAMETERS_MAX + 1], result;
    DISPID put = DISPID_PROPERTYPUT;
    DISPPARAMS params = { reversed, NULL, count, 0 };
    WORD flags = flags_of(member->invkind);
    EXCEPINFO exception;
    UINT bad_argument = 0;
    IDispatch *object = NULL;

    memset(&exception, 0, sizeof(exception));
    VariantInit(&result);
    variables_reset();
    if (!check_hr(
            CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object),
            S_OK))
        return;
    for (UINT i = 0; i < count; i++)
        reversed[count - 1 - i] = arguments[i];
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF) && count > 0)
    {
        params.rgdispidNamedArgs = &put;
        params.cNamedArgs = 1;
    }
    InterlockedIncrement(&now.number);
    HRESULT hr = IDispatch_Invoke(object, member->memid, &IID_NULL, 0, flags, &params, &result,
                                  &exception, &bad_argument);
    calls++;
    if (hr == DISP_E_EXCEPTION)
    {
        if (!check(is_documented(exception.scode)))
            printf("  the member's code is %08lX\n", (unsigned long)exception.scode);
        check(SysStringLen(exception.bstrDescription) > 10);
        check(SysStringLen(exception.bstrSource) > 0);
    }
    else if (!check(hr == S_OK || is_refusal(hr)))
        printf("  Invoke's code is %08lX\n", (unsigned long)hr);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrHelpFile);
    VariantClear(&result);
    variables_reset();
    /* Nothing of the caller's is kept, and nobody else holds the object. */
    check_int(IDispatch_Release(object), 0);
    IByteBuffer_AddRef(buffer);
    check_int(IByteBuffer_Release(buffer), 1);
    check_int(stranger_refs, 1);
}

/* The type behind aliases and pointers, enumerations as numbers. */
static VARTYPE plain_type(ITypeInfo *info, const TYPEDESC *type)
{
    ITypeInfo *target;
    TYPEATTR *attributes;
    VARTYPE vt = VT_USERDEFINED;

    while (type->vt == VT_PTR)
        type = type->lptdesc;
    if (type->vt != VT_USERDEFINED) return type->vt;
    if (FAILED(ITypeInfo_GetRefTypeInfo(info, type->hreftype, &target))) return vt;
    if (SUCCEEDED(ITypeInfo_GetTypeAttr(target, &attributes)))
    {
        if (attributes->typekind == TKIND_ALIAS) vt = plain_type(target, &attributes->tdescAlias);
        if (attributes->typekind == TKIND_ENUM) vt = VT_I4;
        if (attributes->typekind == TKIND_INTERFACE || attributes->typekind == TKIND_DISPATCH)
            vt = IsEqualIID(&attributes->guid, &IID_IStream) ? VT_UNKNOWN : VT_DISPATCH;
        ITypeInfo_ReleaseTypeAttr(target, attributes);
    }
    ITypeInfo_Release(target);
    return vt;
}

/* Something a parameter could be: the others beside it are then what is tried. */
static VARIANT plausible(ITypeInfo *info, const ELEMDESC *parameter)
{
    VARIANT value;

    VariantInit(&value);
    switch (plain_type(info, &parameter->tdesc))
    {
    case VT_DISPATCH:
        return late_object(buffer);
    case VT_UNKNOWN:
        V_VT(&value) = VT_UNKNOWN;
        V_UNKNOWN(&value) = (IUnknown *)stream;
        return value;
    case VT_BSTR:
        V_VT(&value) = VT_BYREF | VT_BSTR;
        V_BSTRREF(&value) = &referred_text;
        return value;
    case VT_SAFEARRAY:
    case VT_USERDEFINED:
        return value;
    default:
        return late_number(1);
    }
}

static void walk_member(const CLSID *clsid, const WCHAR *class_name, ITypeInfo *info,
                        const FUNCDESC *member)
{
    VARIANT fitting[PARAMETERS_MAX], given[PARAMETERS_MAX + 1];
    UINT count = (UINT)member->cParams;
    BSTR name = NULL;

    ITypeInfo_GetDocumentation(info, member->memid, &name, NULL, NULL, NULL);
    now.class_name = class_name;
    now.member = name;
    members++;
    if (!check(count <= PARAMETERS_MAX)) return;
    for (UINT i = 0; i < count; i++)
        fitting[i] = plausible(info, &member->lprgelemdescParam[i]);

    for (UINT n = 0; n <= count; n++)
    {
        check_context("%ls.%ls, %u plausible arguments", class_name, name, n);
        call_once(clsid, member, fitting, n);
    }
    for (size_t p = 0; p < pool_count; p++)
    {
        for (UINT n = 1; n <= count + 1 && !pool[p].is_for_one; n++)
        {
            for (UINT i = 0; i < n; i++)
                given[i] = pool[p].value;
            check_context("%ls.%ls, %u times %s", class_name, name, n, pool[p].what);
            call_once(clsid, member, given, n);
        }
        for (UINT at = 0; at < count; at++)
        {
            memcpy(given, fitting, count * sizeof(VARIANT));
            given[at] = pool[p].value;
            check_context("%ls.%ls, %s as argument %u", class_name, name, pool[p].what, at);
            call_once(clsid, member, given, count);
            /* The result may be left out, or stand where a result variable would. */
            if (count > 1 && at < count - 1) call_once(clsid, member, given, count - 1);
        }
    }
    check_context(NULL);
    now.member = NULL;
    SysFreeString(name);
}

/* The members of an interface, but those that every dual interface begins with. */
static void walk_interface(const CLSID *clsid, const WCHAR *class_name, ITypeInfo *info)
{
    TYPEATTR *attributes;
    FUNCDESC *member;

    if (!check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK)) return;
    UINT count = attributes->cFuncs;
    check(attributes->wTypeFlags & TYPEFLAG_FDUAL);
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    long before = members;
    for (UINT i = 0; i < count; i++)
    {
        if (!check_hr(ITypeInfo_GetFuncDesc(info, i, &member), S_OK)) continue;
        if (!(member->wFuncFlags & FUNCFLAG_FRESTRICTED))
            walk_member(clsid, class_name, info, member);
        ITypeInfo_ReleaseFuncDesc(info, member);
    }
    check(members > before);
    printf("%ls: %ld members\n", class_name, members - before);
}

static void walk_class(ITypeInfo *class_info)
{
    TYPEATTR *attributes;
    BSTR name = NULL;
    IDispatch *object = NULL;
    HRESULT hr;

    if (!check_hr(ITypeInfo_GetTypeAttr(class_info, &attributes), S_OK)) return;
    check_hr(ITypeInfo_GetDocumentation(class_info, MEMBERID_NIL, &name, NULL, NULL, NULL), S_OK);
    check_context("%ls", name);
    check(attributes->wTypeFlags & TYPEFLAG_FCANCREATE);
    check(attributes->cImplTypes > 0);
    hr = CoCreateInstance(&attributes->guid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch,
                          (void **)&object);
    if (check_hr(hr, S_OK))
    {
        classes++;
        IDispatch_Release(object);
        for (UINT i = 0; i < attributes->cImplTypes; i++)
        {
            HREFTYPE reference;
            ITypeInfo *info = NULL;
            check_hr(ITypeInfo_GetRefTypeOfImplType(class_info, i, &reference), S_OK);
            if (!check_hr(ITypeInfo_GetRefTypeInfo(class_info, reference, &info), S_OK)) continue;
            walk_interface(&attributes->guid, name, info);
            ITypeInfo_Release(info);
        }
    }
    check_context(NULL);
    SysFreeString(name);
    ITypeInfo_ReleaseTypeAttr(class_info, attributes);
}

static void walk_library(const WCHAR *resource)
{
    WCHAR path[MAX_PATH];
    ITypeLib *library = NULL;
    TYPEKIND kind;
    long before = classes;

    swprintf(path, ARRAYSIZE(path), L"%ls%ls", dll_under_test(), resource);
    if (!check_hr(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK)) return;
    for (UINT i = 0; i < ITypeLib_GetTypeInfoCount(library); i++)
    {
        ITypeInfo *info = NULL;
        check_hr(ITypeLib_GetTypeInfoType(library, i, &kind), S_OK);
        if (kind != TKIND_COCLASS) continue;
        if (!check_hr(ITypeLib_GetTypeInfo(library, i, &info), S_OK)) continue;
        walk_class(info);
        ITypeInfo_Release(info);
    }
    check(classes > before);
    ITypeLib_Release(library);
}

static BOOL CALLBACK close_window(HWND window, LPARAM process)
{
    DWORD owner = 0;

    GetWindowThreadProcessId(window, &owner);
    if (owner == (DWORD)process && IsWindowVisible(window)) PostMessageW(window, WM_CLOSE, 0, 0);
    return TRUE;
}

/* Cancels whatever dialog a member shows, and ends the program where a call does not come back. */
static DWORD WINAPI watch(void *stop)
{
    LONG last = -1;
    DWORD since = GetTickCount();

    while (WaitForSingleObject(stop, 200) == WAIT_TIMEOUT)
    {
        EnumWindows(close_window, (LPARAM)GetCurrentProcessId());
        if (now.number != last)
        {
            last = now.number;
            since = GetTickCount();
        }
        if (GetTickCount() - since < PATIENCE_MS) continue;
        printf("%ls.%ls does not come back\n", now.class_name, now.member ? now.member : L"?");
        fflush(stdout);
        ExitProcess(1);
    }
    return 0;
}

int main(void)
{
    HANDLE stop = CreateEventW(NULL, TRUE, FALSE, NULL);
    HANDLE watchdog = CreateThread(NULL, 0, watch, stop, 0, NULL);

    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    buffer = buffer_of_hex("00A4000000");
    check_hr(CreateStreamOnHGlobal(NULL, TRUE, &stream), S_OK);
    pool_fill();
    walk_library(L"");
    walk_library(L"\\2");
    printf("%ld classes walked, %ld members, %ld calls\n", classes, members, calls);

    variables_reset();
    check_int(IByteBuffer_Release(buffer), 0);
    check_int(IStream_Release(stream), 0);
    check_nothing_alive();
    CoUninitialize();
    SetEvent(stop);
    check_int(WaitForSingleObject(watchdog, 10000), WAIT_OBJECT_0);
    return check_finish();
}
