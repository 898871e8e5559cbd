/*
 * script_value - what a VARIANT of a script holds, behind its reference, looked at where it is.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_value.h"

#include <string.h>

#include "base/wipe.h"
#include "com/array_elements.h"
#include "com/script_array.h"

/* Bytes of a value in a VARIANT; 0 for a type that it cannot have, or that no script gives. */
static size_t size_of_type(VARTYPE vt)
{
    if (vt & VT_ARRAY) return vt & (VT_VECTOR | VT_BYREF) ? 0 : sizeof(SAFEARRAY *);
    switch (vt)
    {
    case VT_I1:
    case VT_UI1:
        return sizeof(BYTE);
    case VT_I2:
    case VT_UI2:
    case VT_BOOL:
        return sizeof(USHORT);
    case VT_I4:
    case VT_UI4:
    case VT_INT:
    case VT_UINT:
    case VT_R4:
    case VT_ERROR:
        return sizeof(ULONG);
    case VT_I8:
    case VT_UI8:
    case VT_R8:
    case VT_CY:
    case VT_DATE:
        return sizeof(ULONGLONG);
    case VT_BSTR:
    case VT_UNKNOWN:
    case VT_DISPATCH:
        return sizeof(void *);
    case VT_DECIMAL:
        return sizeof(DECIMAL);
    default:
        return 0;
    }
}

static HRESULT look_behind(const VARIANT *given, VARIANT *value)
{
    VARTYPE vt = V_VT(given) & ~VT_BYREF;
    size_t size = size_of_type(vt);

    if (!V_BYREF(given)) return E_POINTER;
    if (vt == VT_VARIANT || vt == VT_RECORD) return DISP_E_TYPEMISMATCH;
    if (size == 0) return DISP_E_BADVARTYPE;
    if (vt == VT_DECIMAL)
        V_DECIMAL(value) = *V_DECIMALREF(given);
    else
        memcpy(&V_I8(value), V_BYREF(given), size);
    V_VT(value) = vt;
    return S_OK;
}

/* What is there, nothing of it held. */
static HRESULT look(const VARIANT *given, VARIANT *value)
{
    if (!given) return S_OK;
    /* One reference leads to a VARIANT, and that may refer to a value. */
    if (V_VT(given) == (VT_BYREF | VT_VARIANT) && V_VARIANTREF(given)) given = V_VARIANTREF(given);
    if (V_VT(given) & VT_BYREF) return look_behind(given, value);
    if (V_VT(given) == VT_RECORD) return DISP_E_TYPEMISMATCH;
    if (V_VT(given) != VT_EMPTY && V_VT(given) != VT_NULL && size_of_type(V_VT(given)) == 0)
        return DISP_E_BADVARTYPE;
    *value = *given;
    return S_OK;
}

static HRESULT hold(struct script_value *value, bool is_array_wanted)
{
    VARTYPE vt = V_VT(&value->value);
    void *ignored;

    if ((vt == VT_UNKNOWN || vt == VT_DISPATCH) && V_UNKNOWN(&value->value))
    {
        IUnknown_AddRef(V_UNKNOWN(&value->value));
        value->is_ours = true;
        return is_array_wanted ? script_array_from_object(&value->value) : S_OK;
    }
    if (!(vt & VT_ARRAY) || !V_ARRAY(&value->value)) return S_OK;
    HRESULT hr = SafeArrayAccessData(V_ARRAY(&value->value), &ignored);
    if (SUCCEEDED(hr)) value->locked = V_ARRAY(&value->value);
    return hr;
}

HRESULT script_value_begin(const VARIANT *given, bool is_array_wanted, struct script_value *value)
{
    ZeroMemory(value, sizeof(*value));
    HRESULT hr = look(given, &value->value);
    if (SUCCEEDED(hr)) hr = hold(value, is_array_wanted);
    if (FAILED(hr)) script_value_end(value);
    return hr;
}

void script_value_end(struct script_value *value)
{
    if (value->locked) SafeArrayUnaccessData(value->locked);
    if (value->is_ours) script_value_clear(&value->value);
    wipe(value, sizeof(*value));
}

HRESULT script_value_change(VARIANT *changed, const VARIANT *value, VARTYPE vt)
{
    if (V_VT(value) & (VT_ARRAY | VT_BYREF)) return DISP_E_TYPEMISMATCH;
    return VariantChangeType(changed, (VARIANT *)value, 0, vt);
}

static void wipe_text(const VARIANT *value)
{
    if (V_VT(value) == VT_BSTR && V_BSTR(value))
        wipe(V_BSTR(value), SysStringLen(V_BSTR(value)) * sizeof(WCHAR));
}

static void wipe_array(SAFEARRAY *array)
{
    struct array_elements elements;

    if (FAILED(array_elements_begin(array, &elements))) return;
    if (elements.vt == VT_UI1) wipe(elements.first, elements.count);
    for (ULONG i = 0; elements.vt == VT_VARIANT && i < elements.count; i++)
    {
        VARIANT *element = &((VARIANT *)elements.first)[i];
        wipe_text(element);
        if (SUCCEEDED(VariantClear(element))) wipe(element, sizeof(*element));
    }
    array_elements_end(&elements);
}

void script_value_clear(VARIANT *value)
{
    wipe_text(value);
    if (V_VT(value) & VT_ARRAY && !(V_VT(value) & VT_BYREF) && V_ARRAY(value))
        wipe_array(V_ARRAY(value));
    VariantClear(value);
}
