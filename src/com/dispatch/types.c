/*
 * types - what a parameter of a member is, read from its description.
 * Layer: com.
 * Reference: TYPEDESC, TYPEATTR, ITypeInfo, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/types.h"

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

static HRESULT resolve(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *out);

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
            hr = resolve(target, &attributes->tdescAlias, out);
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

static HRESULT resolve(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *out)
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

HRESULT type_resolve(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *resolved)
{
    *resolved = (struct parameter_type){ 0 };
    return resolve(info, type, resolved);
}
