/*
 * script_array - arrays of script engines: SAFEARRAY of VARIANT, and the objects that JScript has.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_array.h"

#include <stdbool.h>

/* More than a card takes or gives at once. */
#define ELEMENTS_MAX 0x100000
#define INDEX_CHARS  12

static HRESULT get_member(IDispatch *object, WCHAR *name, VARIANT *value)
{
    DISPPARAMS none = { 0 };
    DISPID id;

    VariantInit(value);
    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_USER_DEFAULT, &id);
    if (FAILED(hr)) return hr;
    return IDispatch_Invoke(object, id, &IID_NULL, LOCALE_USER_DEFAULT, DISPATCH_PROPERTYGET, &none,
                            value, NULL, NULL);
}

static WCHAR *index_name(LONG index, WCHAR name[INDEX_CHARS])
{
    WCHAR *at = name + INDEX_CHARS - 1;

    *at = 0;
    do
    {
        *--at = (WCHAR)('0' + index % 10);
        index /= 10;
    } while (index > 0);
    return at;
}

static bool has_member(IDispatch *object, WCHAR *name)
{
    DISPID id;

    return SUCCEEDED(
        IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, LOCALE_USER_DEFAULT, &id));
}

/* JScript's `new String`: it has a length as well, and none of its characters by their numbers. */
static bool is_text(IDispatch *object)
{
    WCHAR name[] = L"charAt";

    return has_member(object, name);
}

/* Where it has no member of this number, an array has nothing there. What has none at all is no array,
 * but a function, whose length is that of its parameters, or a collection. */
static bool read_elements(IDispatch *object, VARIANT *elements, LONG count)
{
    WCHAR name[INDEX_CHARS], join[] = L"join";
    bool is_array = count == 0 || has_member(object, join);

    for (LONG i = 0; i < count; i++)
    {
        if (SUCCEEDED(get_member(object, index_name(i, name), &elements[i])))
            is_array = true;
        else
            VariantInit(&elements[i]);
    }
    return is_array;
}

HRESULT script_array_from_object(VARIANT *value)
{
    WCHAR name[] = L"length";
    VARIANT length;
    VARIANT *elements;

    if (V_VT(value) != VT_DISPATCH || !V_DISPATCH(value)) return S_OK;
    if (is_text(V_DISPATCH(value))) return VariantChangeType(value, value, 0, VT_BSTR);
    if (FAILED(get_member(V_DISPATCH(value), name, &length))) return S_OK;
    /* The system would copy an array before it finds that it is no number. */
    HRESULT hr = V_VT(&length) & VT_ARRAY ? DISP_E_TYPEMISMATCH
                                          : VariantChangeType(&length, &length, 0, VT_I4);
    if (FAILED(hr))
    {
        VariantClear(&length);
        return S_OK;
    }
    LONG count = V_I4(&length);
    if (count < 0 || count > ELEMENTS_MAX) return E_INVALIDARG;
    SAFEARRAY *array = SafeArrayCreateVector(VT_VARIANT, 0, (ULONG)count);
    if (!array) return E_OUTOFMEMORY;
    hr = SafeArrayAccessData(array, (void **)&elements);
    if (FAILED(hr))
    {
        SafeArrayDestroy(array);
        return hr;
    }
    bool is_array = read_elements(V_DISPATCH(value), elements, count);
    SafeArrayUnaccessData(array);
    if (!is_array)
    {
        SafeArrayDestroy(array);
        return S_OK;
    }
    VariantClear(value);
    V_VT(value) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(value) = array;
    return S_OK;
}

HRESULT script_array_make(VARIANT *values, ULONG count, VARIANT *array)
{
    SAFEARRAY *made = SafeArrayCreateVector(VT_VARIANT, 0, count);
    VARIANT *elements;
    HRESULT hr = made ? SafeArrayAccessData(made, (void **)&elements) : E_OUTOFMEMORY;

    VariantInit(array);
    for (ULONG i = 0; i < count; i++)
    {
        if (SUCCEEDED(hr))
            elements[i] = values[i];
        else
            VariantClear(&values[i]);
        VariantInit(&values[i]);
    }
    if (FAILED(hr))
    {
        if (made) SafeArrayDestroy(made);
        return hr;
    }
    SafeArrayUnaccessData(made);
    V_VT(array) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(array) = made;
    return S_OK;
}
