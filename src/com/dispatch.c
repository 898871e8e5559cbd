/*
 * dispatch - IDispatch for every object, from the type libraries in our own resources.
 * Layer: com.
 * Owns: the type libraries, loaded once; threads: any.
 * Reference: IDispatch::Invoke, ITypeInfo, DispCallFunc, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch.h"

#include <oleauto.h>

#include "base/wipe.h"
#include "com/error_info.h"
#include "com/module.h"
#include "com/script_bytes.h"
#include "system/memory.h"

/* More parameters than any member of ours has. */
#define PARAMETERS_MAX 8

/* The most bytes a script gets at once; it asks again for more. */
#define SCRIPT_BYTES_MAX 0x1000000

static void *volatile cached_libraries[COM_LIBRARY_COUNT]; /* ITypeLib */

/* What stands behind the path of the DLL to name the resource; the first one needs nothing. */
static const WCHAR *const resource_suffixes[COM_LIBRARY_COUNT] = {
    [COM_LIBRARY_SCARDMANAGE] = L"",
    [COM_LIBRARY_SCARDSSP] = L"\\2",
};

static HRESULT load_library(enum com_library which, ITypeLib **library)
{
    const WCHAR *suffix = resource_suffixes[which];
    int suffix_chars = lstrlenW(suffix);
    WCHAR path[MAX_PATH];
    DWORD len = GetModuleFileNameW(com_module(), path, ARRAYSIZE(path));

    if (len == 0 || len + (DWORD)suffix_chars >= ARRAYSIZE(path)) return TYPE_E_CANTLOADLIBRARY;
    lstrcpynW(path + len, suffix, suffix_chars + 1);
    return LoadTypeLibEx(path, REGKIND_NONE, library);
}

/* The library stays ours: not to be released by the caller. */
static HRESULT get_library(enum com_library which, ITypeLib **library)
{
    ITypeLib *loaded = cached_libraries[which];
    if (!loaded)
    {
        HRESULT hr = load_library(which, &loaded);
        if (FAILED(hr)) return hr;
        ITypeLib *earlier =
            InterlockedCompareExchangePointer(&cached_libraries[which], loaded, NULL);
        if (earlier)
        {
            ITypeLib_Release(loaded);
            loaded = earlier;
        }
    }
    *library = loaded;
    return S_OK;
}

void dispatch_release_libraries(void)
{
    for (size_t i = 0; i < COM_LIBRARY_COUNT; i++)
    {
        ITypeLib *library = InterlockedExchangePointer(&cached_libraries[i], NULL);
        if (library) ITypeLib_Release(library);
    }
}

static HRESULT info_of_guid(const struct com_class *class, REFGUID guid, ITypeInfo **info)
{
    ITypeLib *library;

    if (!info) return E_POINTER;
    *info = NULL;
    HRESULT hr = get_library(class->library, &library);
    if (FAILED(hr)) return hr;
    return ITypeLib_GetTypeInfoOfGuid(library, guid, info);
}

HRESULT dispatch_get_class_info(const struct com_class *class, ITypeInfo **info)
{
    return info_of_guid(class, class->clsid, info);
}

HRESULT dispatch_get_type_info_count(UINT *count)
{
    if (!count) return E_POINTER;
    *count = 1;
    return S_OK;
}

HRESULT dispatch_get_type_info(const struct com_class *class, UINT index, ITypeInfo **info)
{
    if (!info) return E_POINTER;
    *info = NULL;
    if (index != 0) return DISP_E_BADINDEX;
    return info_of_guid(class, class->iid, info);
}

HRESULT dispatch_get_ids_of_names(const struct com_class *class, REFIID iid, LPOLESTR *names,
                                  UINT names_count, DISPID *ids)
{
    const struct com_older_name *older;
    ITypeInfo *info;

    if (!names || !ids) return E_POINTER;
    for (UINT i = 0; i < names_count; i++)
        ids[i] = DISPID_UNKNOWN;
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (names_count == 0) return E_INVALIDARG;

    for (older = class->older_names; older && older->name; older++)
    {
        if (!names[0] || lstrcmpiW(names[0], older->name) != 0) continue;
        ids[0] = older->dispid;
        return names_count == 1 ? S_OK : DISP_E_UNKNOWNNAME;
    }
    HRESULT hr = info_of_guid(class, class->iid, &info);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetIDsOfNames(info, names, names_count, ids);
    ITypeInfo_Release(info);
    return hr;
}

/* The description of the vtable: a dual interface is found as its dispinterface, which refers to
 * it as "implemented type" -1. */
static HRESULT vtable_info(const struct com_class *class, ITypeInfo **vtable)
{
    ITypeInfo *info;
    TYPEATTR *attributes;
    HREFTYPE reference;

    HRESULT hr = info_of_guid(class, class->iid, &info);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetTypeAttr(info, &attributes);
    if (SUCCEEDED(hr))
    {
        TYPEKIND kind = attributes->typekind;
        ITypeInfo_ReleaseTypeAttr(info, attributes);
        if (kind == TKIND_INTERFACE)
        {
            *vtable = info;
            return S_OK;
        }
        hr = ITypeInfo_GetRefTypeOfImplType(info, (UINT)-1, &reference);
        if (SUCCEEDED(hr)) hr = ITypeInfo_GetRefTypeInfo(info, reference, vtable);
    }
    ITypeInfo_Release(info);
    return hr;
}

static bool is_kind_wanted(INVOKEKIND kind, WORD flags)
{
    if (flags & (DISPATCH_PROPERTYPUT | DISPATCH_PROPERTYPUTREF))
        return kind == INVOKE_PROPERTYPUT || kind == INVOKE_PROPERTYPUTREF;
    /* A script cannot tell a method without arguments from a property. */
    return kind == INVOKE_FUNC || kind == INVOKE_PROPERTYGET;
}

/* The member's description; released by the caller with ReleaseFuncDesc. */
static HRESULT find_member(ITypeInfo *info, DISPID id, WORD flags, FUNCDESC **member)
{
    TYPEATTR *attributes;
    HRESULT hr = ITypeInfo_GetTypeAttr(info, &attributes);
    if (FAILED(hr)) return hr;
    UINT count = attributes->cFuncs;
    ITypeInfo_ReleaseTypeAttr(info, attributes);

    for (UINT i = 0; i < count; i++)
    {
        if (FAILED(ITypeInfo_GetFuncDesc(info, i, member))) continue;
        if ((*member)->memid == id && is_kind_wanted((*member)->invkind, flags)) return S_OK;
        ITypeInfo_ReleaseFuncDesc(info, *member);
    }
    *member = NULL;
    return DISP_E_MEMBERNOTFOUND;
}

/* What a parameter is, its aliases and enumerations resolved. */
struct parameter_type
{
    VARTYPE vt;        /* without VT_BYREF; VT_UNKNOWN for every interface, VT_RECORD for structs */
    unsigned pointers; /* levels of indirection; an interface pointer itself counts as none */
    IID iid;           /* of an interface */
    bool is_guid;      /* a struct that is a GUID */
};

/* Whether a described type, or the structure behind it, has this name. */
static bool is_named(ITypeInfo *info, const WCHAR *name, const WCHAR *tag)
{
    BSTR found = NULL;
    bool is_it = false;

    if (SUCCEEDED(ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &found, NULL, NULL, NULL)))
        is_it = lstrcmpiW(found, name) == 0 || lstrcmpiW(found, tag) == 0;
    SysFreeString(found);
    return is_it;
}

static bool is_named_guid(ITypeInfo *info)
{
    return is_named(info, L"GUID", L"_GUID");
}

/* A structure whose bytes are those of a number. */
static bool is_named_number(ITypeInfo *info)
{
    return is_named(info, L"ULARGE_INTEGER", L"_ULARGE_INTEGER");
}

static HRESULT resolve_type(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *out);

static HRESULT resolve_user_defined(ITypeInfo *info, HREFTYPE reference, struct parameter_type *out)
{
    ITypeInfo *target;
    TYPEATTR *attributes;

    HRESULT hr = ITypeInfo_GetRefTypeInfo(info, reference, &target);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetTypeAttr(target, &attributes);
    if (SUCCEEDED(hr))
    {
        switch (attributes->typekind)
        {
        case TKIND_ALIAS:
            /* widl names the alias, other compilers the struct itself. */
            out->is_guid = is_named_guid(target);
            hr = resolve_type(target, &attributes->tdescAlias, out);
            if (out->vt == VT_RECORD && is_named_number(target)) out->vt = VT_UI8;
            break;
        case TKIND_ENUM:
            out->vt = VT_I4;
            break;
        case TKIND_INTERFACE:
        case TKIND_DISPATCH:
        case TKIND_COCLASS:
            out->vt = VT_UNKNOWN;
            out->iid = attributes->guid;
            if (out->pointers > 0) out->pointers--;
            break;
        default:
            out->vt = is_named_number(target) ? VT_UI8 : VT_RECORD;
            out->is_guid = out->is_guid || is_named_guid(target);
        }
        ITypeInfo_ReleaseTypeAttr(target, attributes);
    }
    ITypeInfo_Release(target);
    return hr;
}

static HRESULT resolve_type(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *out)
{
    for (; type->vt == VT_PTR; type = type->lptdesc)
        out->pointers++;
    switch (type->vt)
    {
    case VT_USERDEFINED:
        return resolve_user_defined(info, type->hreftype, out);
    case VT_SAFEARRAY:
        out->vt = VT_ARRAY | type->lptdesc->vt;
        return S_OK;
    case VT_DISPATCH:
        out->vt = VT_UNKNOWN;
        out->iid = IID_IDispatch;
        return S_OK;
    case VT_UNKNOWN:
        out->vt = VT_UNKNOWN;
        out->iid = IID_IUnknown;
        return S_OK;
    case VT_INT:
        out->vt = VT_I4;
        return S_OK;
    case VT_UINT:
        out->vt = VT_UI4;
        return S_OK;
    default:
        out->vt = type->vt;
        return S_OK;
    }
}

/* One parameter on its way into the call and out again. */
struct parameter
{
    struct parameter_type type;
    USHORT flags;   /* PARAMFLAG_* */
    VARIANT *given; /* the caller's argument, NULL when there is none */
    UINT given_index;
    VARIANT value; /* ours, of type.vt: passed, or pointed to */
    GUID guid;     /* what a GUID * points to */

    const struct com_counted_bytes *counted; /* the pointer to counted bytes; NULL for all others */
    uint8_t *bytes;                          /* ours: copied, or to be filled */
    size_t bytes_len;
    IUnknown *interface_in; /* what an interface pointer was before the call */
};

static bool is_absent(const VARIANT *given)
{
    return !given || (V_VT(given) == VT_ERROR && V_ERROR(given) == DISP_E_PARAMNOTFOUND);
}

/* A variant by reference says whatever it holds. */
static VARIANT *through_variant(VARIANT *given)
{
    return V_VT(given) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(given) ? V_VARIANTREF(given)
                                                                         : given;
}

/* A copy of the caller's argument without references; they may be NULL, as everything may. */
static HRESULT copy_given(const struct parameter *parameter, VARIANT *copy)
{
    VARIANT *given = through_variant(parameter->given);

    VariantInit(copy);
    if (V_VT(given) & VT_BYREF && !V_BYREF(given)) return E_POINTER;
    return VariantCopyInd(copy, given);
}

static bool holds_nothing(const VARIANT *value)
{
    return V_VT(value) == VT_EMPTY || V_VT(value) == VT_NULL || is_absent(value);
}

static HRESULT take_interface(const VARIANT *source, REFIID iid, VARIANT *value)
{
    V_UNKNOWN(value) = NULL;
    V_VT(value) = VT_UNKNOWN;
    if (holds_nothing(source)) return S_OK;
    if (V_VT(source) != VT_UNKNOWN && V_VT(source) != VT_DISPATCH) return DISP_E_TYPEMISMATCH;
    if (!V_UNKNOWN(source)) return S_OK;
    HRESULT hr = IUnknown_QueryInterface(V_UNKNOWN(source), iid, (void **)&V_UNKNOWN(value));
    return FAILED(hr) ? DISP_E_TYPEMISMATCH : S_OK;
}

/* Scripts know only signed numbers, so that &HFFFFFFFF comes as -1 for an unsigned parameter, and
 * &H9000 as a negative one for an unsigned parameter of 16 bits. */
static HRESULT take_unsigned(VARIANT *source, VARTYPE vt, VARIANT *value)
{
    VARIANT wide;

    VariantInit(&wide);
    HRESULT hr = VariantChangeType(&wide, source, 0, VT_I8);
    if (FAILED(hr)) return hr;
    LONGLONG number = V_I8(&wide);
    if (vt == VT_UI4 && (number < -0x80000000LL || number > 0xFFFFFFFFLL)) return DISP_E_OVERFLOW;
    if (vt == VT_UI2 && (number < -0x8000 || number > 0xFFFF)) return DISP_E_OVERFLOW;
    V_VT(value) = vt;
    if (vt == VT_UI2)
        V_UI2(value) = (USHORT)number;
    else if (vt == VT_UI4)
        V_UI4(value) = (ULONG)number;
    else
        V_UI8(value) = (ULONGLONG)number;
    return S_OK;
}

/* The caller's argument as a value of the parameter's type. */
static HRESULT take_value(struct parameter *parameter)
{
    VARTYPE vt = parameter->type.vt;
    VARIANT source;

    HRESULT hr = copy_given(parameter, &source);
    if (FAILED(hr)) return hr;

    if (vt == VT_UNKNOWN)
        hr = take_interface(&source, &parameter->type.iid, &parameter->value);
    else if (vt & VT_ARRAY)
    {
        V_VT(&parameter->value) = vt;
        V_ARRAY(&parameter->value) = NULL;
        if (V_VT(&source) & VT_ARRAY)
            hr = SafeArrayCopy(V_ARRAY(&source), &V_ARRAY(&parameter->value));
        else if (!holds_nothing(&source))
            hr = DISP_E_TYPEMISMATCH;
    }
    else if (vt == VT_BSTR && holds_nothing(&source))
    {
        V_VT(&parameter->value) = VT_BSTR;
        V_BSTR(&parameter->value) = NULL;
    }
    else if (vt == VT_UI2 || vt == VT_UI4 || vt == VT_UI8)
        hr = take_unsigned(&source, vt, &parameter->value);
    else
        hr = VariantChangeType(&parameter->value, &source, 0, vt);
    VariantClear(&source);
    return hr;
}

/* A GUID given as text, {..} as StringFromGUID2 writes it. */
static HRESULT take_guid(struct parameter *parameter, bool *is_null)
{
    VARIANT text;

    *is_null = is_absent(parameter->given) || holds_nothing(through_variant(parameter->given));
    if (*is_null) return S_OK;
    HRESULT hr = copy_given(parameter, &text);
    if (FAILED(hr)) return hr;
    hr = DISP_E_TYPEMISMATCH;
    if (V_VT(&text) == VT_BSTR)
    {
        *is_null = SysStringLen(V_BSTR(&text)) == 0;
        if (*is_null || SUCCEEDED(CLSIDFromString(V_BSTR(&text), &parameter->guid))) hr = S_OK;
    }
    VariantClear(&text);
    return hr;
}

static void pass_pointer(VARIANTARG *argument, void *pointer)
{
    V_VT(argument) = VT_BYREF | VT_UI1;
    V_BYREF(argument) = pointer;
}

/* Whether a pointer that goes in only may be NULL because the caller gave nothing. */
static bool may_be_null(const struct parameter *parameter)
{
    const VARIANT *given = parameter->given;
    bool goes_out = parameter->flags & PARAMFLAG_FOUT;

    if (is_absent(given))
        return !goes_out || parameter->flags & (PARAMFLAG_FOPT | PARAMFLAG_FHASDEFAULT);
    /* A program with types says so with a pointer of its own. */
    if (V_VT(given) & VT_BYREF && !V_BYREF(given)) return !goes_out;
    return !goes_out && holds_nothing(through_variant(parameter->given));
}

/* Whether the method hands memory out through a parameter, which the caller has to free. */
static bool gives_memory(const struct parameter *parameter)
{
    return parameter->type.pointers > 1;
}

static HRESULT prepare_pointer(struct parameter *parameter, VARIANTARG *argument)
{
    if (gives_memory(parameter))
    {
        V_BYREF(&parameter->value) = NULL;
        pass_pointer(argument, &V_BYREF(&parameter->value));
        return S_OK;
    }
    if (parameter->type.vt == VT_RECORD)
    {
        bool is_null = true;
        HRESULT hr = S_OK;
        /* Structs but GUIDs are nothing a script can have: they get NULL. */
        if (parameter->type.is_guid) hr = take_guid(parameter, &is_null);
        if (FAILED(hr)) return hr;
        pass_pointer(argument, is_null ? NULL : (void *)&parameter->guid);
        return S_OK;
    }
    /* A program with types gives back a pointer it was given: where it points to is what counts. */
    if (!(parameter->flags & PARAMFLAG_FOUT) && parameter->type.vt == VT_UI1 && parameter->given &&
        V_VT(parameter->given) == (VT_BYREF | VT_UI1))
    {
        pass_pointer(argument, V_BYREF(parameter->given));
        return S_OK;
    }
    if (may_be_null(parameter))
    {
        pass_pointer(argument, NULL);
        return S_OK;
    }
    /* What goes out only is not looked at: scripts hand in variables of any content. */
    if (parameter->flags & PARAMFLAG_FIN && !is_absent(parameter->given))
    {
        HRESULT hr = take_value(parameter);
        if (FAILED(hr)) return hr;
        if (V_VT(&parameter->value) == VT_UNKNOWN)
            parameter->interface_in = V_UNKNOWN(&parameter->value);
    }
    else
    {
        ZeroMemory(&parameter->value, sizeof(parameter->value));
        V_VT(&parameter->value) = parameter->type.vt;
    }
    /* All members of the variant's union lie at one address. */
    pass_pointer(argument, &V_I8(&parameter->value));
    return S_OK;
}

static HRESULT prepare_value(struct parameter *parameter, const ELEMDESC *element,
                             VARIANTARG *argument)
{
    VARIANT *written = parameter->given;

    if (is_absent(parameter->given))
    {
        /* The one default that objects have is none. */
        if (parameter->flags & PARAMFLAG_FHASDEFAULT && parameter->type.vt != VT_UNKNOWN)
            parameter->given = &element->paramdesc.pparamdescex->varDefaultValue;
        else if (!(parameter->flags & PARAMFLAG_FOPT) && parameter->type.vt != VT_UNKNOWN)
            return DISP_E_PARAMNOTOPTIONAL;
    }
    HRESULT hr = S_OK;
    if (parameter->given)
        hr = take_value(parameter);
    else
        V_VT(&parameter->value) = parameter->type.vt;
    parameter->given = written;
    *argument = parameter->value;
    return hr;
}

/* The value as a script can use it: no unsigned numbers, no bare IUnknown. Moves out of `value`. */
static void make_script_value(VARIANT *value)
{
    IDispatch *dispatch;
    ULONGLONG number;

    switch (V_VT(value))
    {
    case VT_UI2:
        V_VT(value) = VT_I4;
        V_I4(value) = V_UI2(value);
        break;
    case VT_UI4:
    case VT_UI8:
        number = V_VT(value) == VT_UI4 ? V_UI4(value) : V_UI8(value);
        if (number <= 0x7FFFFFFF)
        {
            V_VT(value) = VT_I4;
            V_I4(value) = (LONG)number;
        }
        else
        {
            /* Exact up to 2^53, which no handle or pointer of a user process reaches. */
            V_VT(value) = VT_R8;
            V_R8(value) = (double)(LONGLONG)number;
        }
        break;
    case VT_UNKNOWN:
        if (!V_UNKNOWN(value) || SUCCEEDED(IUnknown_QueryInterface(V_UNKNOWN(value), &IID_IDispatch,
                                                                   (void **)&dispatch)))
        {
            if (V_UNKNOWN(value))
                IUnknown_Release(V_UNKNOWN(value));
            else
                dispatch = NULL;
            V_VT(value) = VT_DISPATCH;
            V_DISPATCH(value) = dispatch;
        }
        break;
    }
}

/* Stores through a pointer of the type the caller chose; takes over what `value` holds. */
static HRESULT store_typed(VARIANT *given, VARIANT *value)
{
    VARTYPE vt = V_VT(given) & ~VT_BYREF;
    void *target = V_BYREF(given);

    if (!target) return S_OK;
    make_script_value(value);
    if (V_VT(value) != vt && !(vt == VT_UNKNOWN && V_VT(value) == VT_DISPATCH))
    {
        HRESULT hr = VariantChangeType(value, value, 0, vt);
        /* An object without IDispatch for a variable that holds only such. */
        if (FAILED(hr)) return hr == E_NOINTERFACE ? DISP_E_TYPEMISMATCH : hr;
    }
    switch (vt)
    {
    case VT_BSTR:
        SysFreeString(*(BSTR *)target);
        *(BSTR *)target = V_BSTR(value);
        break;
    case VT_UNKNOWN:
    case VT_DISPATCH:
        if (*(IUnknown **)target) IUnknown_Release(*(IUnknown **)target);
        *(IUnknown **)target = V_UNKNOWN(value);
        break;
    case VT_I1:
    case VT_UI1:
        *(BYTE *)target = V_UI1(value);
        break;
    case VT_I2:
    case VT_UI2:
    case VT_BOOL:
        *(USHORT *)target = V_UI2(value);
        break;
    case VT_I4:
    case VT_UI4:
    case VT_INT:
    case VT_UINT:
    case VT_R4:
    case VT_ERROR:
        *(ULONG *)target = V_UI4(value);
        break;
    case VT_I8:
    case VT_UI8:
    case VT_R8:
    case VT_CY:
    case VT_DATE:
        *(ULONGLONG *)target = V_UI8(value);
        break;
    default:
        if (!(vt & VT_ARRAY)) return DISP_E_TYPEMISMATCH;
        SafeArrayDestroy(*(SAFEARRAY **)target);
        *(SAFEARRAY **)target = V_ARRAY(value);
    }
    V_VT(value) = VT_EMPTY;
    return S_OK;
}

/* Script engines look into arrays of Variants only. */
static void make_script_array(VARIANT *value)
{
    SAFEARRAY *texts = V_ARRAY(value), *variants;
    VARIANT *elements;
    BSTR *strings;
    LONG first, last;

    if (V_VT(value) != (VT_ARRAY | VT_BSTR) || !texts || SafeArrayGetDim(texts) != 1) return;
    if (FAILED(SafeArrayGetLBound(texts, 1, &first)) || FAILED(SafeArrayGetUBound(texts, 1, &last)))
        return;
    variants = SafeArrayCreateVector(VT_VARIANT, first, (ULONG)(last - first + 1));
    if (!variants) return;
    if (SUCCEEDED(SafeArrayAccessData(texts, (void **)&strings)))
    {
        if (SUCCEEDED(SafeArrayAccessData(variants, (void **)&elements)))
        {
            for (LONG i = 0; i <= last - first; i++)
            {
                V_VT(&elements[i]) = VT_BSTR;
                V_BSTR(&elements[i]) = strings[i];
                strings[i] = NULL; /* moved */
            }
            SafeArrayUnaccessData(variants);
        }
        SafeArrayUnaccessData(texts);
    }
    SafeArrayDestroy(texts);
    V_VT(value) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(value) = variants;
}

static void store_variant(VARIANT *target, VARIANT *value)
{
    make_script_array(value);
    make_script_value(value);
    VariantClear(target);
    *target = *value;
    V_VT(value) = VT_EMPTY;
}

/* What came out goes where the caller wants it. */
static HRESULT store_result(struct parameter *parameter)
{
    VARIANT *given = parameter->given;

    if (!(parameter->flags & PARAMFLAG_FOUT) || parameter->type.pointers == 0) return S_OK;
    if (parameter->counted || is_absent(given)) return S_OK;
    bool is_struct = parameter->type.vt == VT_RECORD || gives_memory(parameter);
    if (is_struct && V_VT(&parameter->value) == VT_EMPTY) return S_OK;
    if (V_VT(given) == (VT_BYREF | VT_VARIANT))
    {
        if (V_VARIANTREF(given)) store_variant(V_VARIANTREF(given), &parameter->value);
        return S_OK;
    }
    return V_VT(given) & VT_BYREF ? store_typed(given, &parameter->value) : S_OK;
}

/* Finds the caller's argument for a parameter: by position, or by the name it was given under. */
static VARIANT *argument_for(const DISPPARAMS *params, UINT position, UINT parameters_count,
                             UINT *index)
{
    for (UINT i = 0; i < params->cNamedArgs; i++)
    {
        DISPID name = params->rgdispidNamedArgs[i];
        bool is_put_value = name == DISPID_PROPERTYPUT && position == parameters_count - 1;
        if (!is_put_value && name != (DISPID)position) continue;
        *index = i;
        return &params->rgvarg[i];
    }
    if (position >= params->cArgs - params->cNamedArgs) return NULL;
    *index = params->cArgs - 1 - position;
    return &params->rgvarg[*index];
}

static bool is_retval(const FUNCDESC *member, UINT i)
{
    return (member->lprgelemdescParam[i].paramdesc.wParamFlags & PARAMFLAG_FRETVAL) != 0;
}

/* Everything about one call. */
struct invocation
{
    const struct com_class *class;
    ITypeInfo *info;
    FUNCDESC *member;
    struct parameter parameters[PARAMETERS_MAX];
    VARIANTARG arguments[PARAMETERS_MAX];
    VARTYPE types[PARAMETERS_MAX];
    VARIANTARG *argument_pointers[PARAMETERS_MAX];
};

static const struct com_counted_bytes *counted_bytes_at(const struct invocation *invocation, UINT i)
{
    const struct com_class *class = invocation->class;

    for (size_t row = 0; row < class->counted_bytes_count; row++)
        if (class->counted_bytes[row].dispid == invocation->member->memid &&
            class->counted_bytes[row].bytes == i)
            return &class->counted_bytes[row];
    return NULL;
}

/* The bytes of a script's argument, copied. */
static HRESULT take_counted(struct parameter *parameter, size_t len)
{
    VARIANT source;

    HRESULT hr = copy_given(parameter, &source);
    if (FAILED(hr)) return hr;
    hr = script_bytes_take(&source, len, &parameter->bytes);
    VariantClear(&source);
    return hr;
}

/* A pointer to as many bytes as another parameter says, once all others are prepared. */
static HRESULT prepare_counted(struct invocation *invocation, struct parameter *parameter,
                               VARIANTARG *argument)
{
    const struct com_counted_bytes *counted = parameter->counted;
    LONG *count = &V_I4(&invocation->arguments[counted->count]);
    bool is_missing =
        is_absent(parameter->given) || holds_nothing(through_variant(parameter->given));
    HRESULT hr = S_OK;

    /* A program with types points to its own bytes: late binding does not make it a script. */
    if (!is_missing && V_VT(parameter->given) == (VT_BYREF | VT_UI1))
    {
        pass_pointer(argument, V_BYREF(parameter->given));
        return S_OK;
    }
    /* No script has so many that their count, unsigned, looks negative. */
    if (*count < 0 && V_VT(&invocation->arguments[counted->count]) == VT_UI4) return E_INVALIDARG;
    if (counted->comes_out && *count > SCRIPT_BYTES_MAX) *count = SCRIPT_BYTES_MAX;
    /* The method refuses a negative count, and a NULL where it needs bytes. */
    size_t len = *count > 0 ? (size_t)*count : 0;
    if (counted->comes_out)
    {
        parameter->bytes = memory_alloc(len ? len : 1);
        if (!parameter->bytes) hr = E_OUTOFMEMORY;
    }
    else if (!is_missing)
        hr = take_counted(parameter, len);
    if (SUCCEEDED(hr)) parameter->bytes_len = len;
    pass_pointer(argument, parameter->bytes);
    return hr;
}

/* What a method with counted bytes gave: as many of them as it reports. */
static HRESULT store_counted(struct parameter *parameter, const struct invocation *invocation)
{
    const struct com_counted_bytes *counted = parameter->counted;

    if (!counted->comes_out || !parameter->bytes || is_absent(parameter->given)) return S_OK;
    LONG len = V_I4(&invocation->parameters[counted->got].value);
    if (len < 0 || (size_t)len > parameter->bytes_len) return E_UNEXPECTED;
    return script_bytes_give(parameter->given, parameter->bytes, (size_t)len);
}

static HRESULT prepare_all_counted(struct invocation *invocation, UINT *bad_argument)
{
    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (!parameter->counted) continue;
        HRESULT hr = prepare_counted(invocation, parameter, &invocation->arguments[i]);
        if (FAILED(hr))
        {
            if (bad_argument) *bad_argument = parameter->given_index;
            return hr;
        }
        invocation->types[i] = V_VT(&invocation->arguments[i]);
        if (!parameter->counted->comes_out) continue;
        /* How many came out has to be known, whether the script asks or not. */
        struct parameter *got = &invocation->parameters[parameter->counted->got];
        V_VT(&got->value) = VT_I4;
        pass_pointer(&invocation->arguments[parameter->counted->got], &V_I4(&got->value));
    }
    return S_OK;
}

static HRESULT prepare(struct invocation *invocation, const DISPPARAMS *params, UINT *bad_argument)
{
    const FUNCDESC *member = invocation->member;
    UINT count = (UINT)member->cParams;

    if (params->cArgs > count || params->cNamedArgs > params->cArgs) return DISP_E_BADPARAMCOUNT;
    for (UINT i = 0; i < count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        const ELEMDESC *element = &member->lprgelemdescParam[i];

        parameter->flags = element->paramdesc.wParamFlags;
        HRESULT hr = resolve_type(invocation->info, &element->tdesc, &parameter->type);
        if (FAILED(hr)) return hr;
        parameter->given = argument_for(params, i, count, &parameter->given_index);
        bool is_needed = !(parameter->flags & (PARAMFLAG_FOPT | PARAMFLAG_FHASDEFAULT));
        if (!parameter->given && is_needed && !is_retval(member, i)) return DISP_E_BADPARAMCOUNT;

        parameter->counted = counted_bytes_at(invocation, i);
        if (parameter->counted)
            hr = S_OK;
        else if (parameter->type.pointers > 0)
            hr = prepare_pointer(parameter, &invocation->arguments[i]);
        else
            hr = prepare_value(parameter, element, &invocation->arguments[i]);
        if (FAILED(hr))
        {
            if (bad_argument) *bad_argument = parameter->given_index;
            return hr;
        }
        invocation->types[i] = V_VT(&invocation->arguments[i]);
        invocation->argument_pointers[i] = &invocation->arguments[i];
    }
    return prepare_all_counted(invocation, bad_argument);
}

/* Memory that the method gave, as a script can have it. */
static HRESULT take_memory(struct invocation *invocation)
{
    const struct invoked_member member = { invocation->member->memid, invocation->arguments };

    if (!invocation->class->give_script) return S_OK;
    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        void *memory = V_BYREF(&parameter->value);
        if (!gives_memory(parameter) || !memory) continue;
        HRESULT hr = invocation->class->give_script(&member, memory, &parameter->value);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

static HRESULT call(struct invocation *invocation, void *object, HRESULT *outcome)
{
    VARIANT returned;

    VariantInit(&returned);
    HRESULT hr = DispCallFunc(object, (ULONG_PTR)invocation->member->oVft, CC_STDCALL, VT_I4,
                              (UINT)invocation->member->cParams, invocation->types,
                              invocation->argument_pointers, &returned);
    *outcome = V_I4(&returned);
    /* An object that a method put in the place of another: methods of ours leave the other one's
     * reference to the caller, who is a script that cannot know. */
    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (parameter->interface_in && V_UNKNOWN(&parameter->value) != parameter->interface_in)
            IUnknown_Release(parameter->interface_in);
    }
    return hr;
}

static HRESULT store_results(struct invocation *invocation, VARIANT *result, UINT *bad_argument)
{
    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (is_retval(invocation->member, i) && !parameter->given)
        {
            if (result) store_variant(result, &parameter->value);
            continue;
        }
        HRESULT hr =
            parameter->counted ? store_counted(parameter, invocation) : store_result(parameter);
        if (FAILED(hr))
        {
            if (bad_argument) *bad_argument = parameter->given_index;
            return hr;
        }
    }
    return S_OK;
}

/* Bytes for a script as the value of its call: numbers in an array of Variants, since JScript looks
 * into no other. */
static HRESULT give_bytes(const struct invocation *invocation, const struct parameter *parameter,
                          VARIANT *result)
{
    LONG len = V_I4(&invocation->parameters[parameter->counted->got].value);
    VARIANT *elements;

    if (len < 0 || (size_t)len > parameter->bytes_len) return E_UNEXPECTED;
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, (ULONG)len);
    if (!array) return E_OUTOFMEMORY;
    HRESULT hr = SafeArrayAccessData(array, (void **)&elements);
    if (FAILED(hr))
    {
        SafeArrayDestroy(array);
        return hr;
    }
    for (LONG i = 0; i < len; i++)
    {
        V_VT(&elements[i]) = VT_I4;
        V_I4(&elements[i]) = parameter->bytes[i];
    }
    SafeArrayUnaccessData(array);
    V_VT(result) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(result) = array;
    return S_OK;
}

/*
 * JScript has no references: what a method gives out in the one place that is for giving out alone is
 * the value of the call, where the script put something else there that cannot take it.
 */
static HRESULT give_value_of_call(struct invocation *invocation, VARIANT *result)
{
    struct parameter *only = NULL;

    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        bool is_out = (parameter->flags & PARAMFLAG_FOUT) && !(parameter->flags & PARAMFLAG_FIN);
        bool is_bytes = parameter->counted && parameter->counted->comes_out;
        if (is_retval(invocation->member, i)) return S_OK;
        if (!is_out && !is_bytes) continue;
        if (only) return S_OK;
        only = parameter;
    }
    if (!result || !only || !only->given || V_VT(only->given) & VT_BYREF) return S_OK;
    if (only->counted) return only->bytes ? give_bytes(invocation, only, result) : S_OK;
    if (only->type.vt != VT_RECORD) store_variant(result, &only->value);
    return S_OK;
}

static HRESULT invoke_member(struct invocation *invocation, void *object, DISPPARAMS *params,
                             VARIANT *result, EXCEPINFO *exception, UINT *bad_argument)
{
    HRESULT outcome = S_OK;

    HRESULT hr = prepare(invocation, params, bad_argument);
    if (SUCCEEDED(hr)) hr = call(invocation, object, &outcome);
    if (SUCCEEDED(hr)) hr = take_memory(invocation);
    /* Before the rest, which turns what came out into what the caller's variables hold. */
    if (SUCCEEDED(hr) && SUCCEEDED(outcome)) hr = give_value_of_call(invocation, result);
    if (SUCCEEDED(hr)) hr = store_results(invocation, result, bad_argument);
    for (UINT i = 0; i < (UINT)invocation->member->cParams; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        VariantClear(&parameter->value);
        if (parameter->bytes) wipe(parameter->bytes, parameter->bytes_len);
        memory_free(parameter->bytes);
    }
    if (FAILED(hr) || SUCCEEDED(outcome)) return hr;

    if (exception) error_info_take(outcome, exception);
    return DISP_E_EXCEPTION;
}

HRESULT dispatch_invoke(const struct com_class *class, void *object, DISPID id, REFIID iid,
                        WORD flags, DISPPARAMS *params, VARIANT *result, EXCEPINFO *exception,
                        UINT *bad_argument)
{
    struct invocation invocation;

    if (result) VariantInit(result);
    if (!IsEqualIID(iid, &IID_NULL)) return DISP_E_UNKNOWNINTERFACE;
    if (!params || (params->cArgs && !params->rgvarg)) return E_POINTER;
    if (params->cNamedArgs && !params->rgdispidNamedArgs) return E_POINTER;

    ZeroMemory(&invocation, sizeof(invocation));
    invocation.class = class;
    HRESULT hr = vtable_info(class, &invocation.info);
    if (FAILED(hr)) return hr;
    hr = find_member(invocation.info, id, flags, &invocation.member);
    if (SUCCEEDED(hr))
    {
        hr = invocation.member->cParams <= PARAMETERS_MAX
                 ? invoke_member(&invocation, object, params, result, exception, bad_argument)
                 : E_UNEXPECTED;
        ITypeInfo_ReleaseFuncDesc(invocation.info, invocation.member);
    }
    ITypeInfo_Release(invocation.info);
    /* A value that was there before something failed is nobody's. */
    if (FAILED(hr) && result) VariantClear(result);
    return hr;
}
