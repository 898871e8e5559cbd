/*
 * script_bytes - bytes as scripts have them: arrays, texts and numbers in a VARIANT.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_bytes.h"

#include <string.h>

#include "com/script_hex.h"

static HRESULT byte_of(VARIANT *given, uint8_t *byte)
{
    VARIANT number;

    VariantInit(&number);
    HRESULT hr = VariantChangeType(&number, given, 0, VT_UI1);
    if (SUCCEEDED(hr)) *byte = V_UI1(&number);
    return hr;
}

static HRESULT take_text(BSTR text, size_t len, uint8_t *to)
{
    for (size_t i = 0; i < len; i++)
    {
        if (text[i] > 0xFF) return DISP_E_OVERFLOW;
        to[i] = (uint8_t)text[i];
    }
    return S_OK;
}

static HRESULT take_elements(VARTYPE vt, void *elements, size_t len, uint8_t *to)
{
    VARIANT *variants = elements;

    if (vt == VT_UI1 || vt == VT_I1)
    {
        memcpy(to, elements, len);
        return S_OK;
    }
    for (size_t i = 0; i < len; i++)
    {
        HRESULT hr = byte_of(&variants[i], &to[i]);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

static HRESULT take_array(SAFEARRAY *array, VARTYPE vt, size_t len, uint8_t *to)
{
    void *elements;
    HRESULT hr = SafeArrayAccessData(array, &elements);
    if (FAILED(hr)) return hr;
    hr = take_elements(vt, elements, len, to);
    SafeArrayUnaccessData(array);
    return hr;
}

/* Whether an array is what the variant around it says: it is read by that. */
static bool holds_elements(SAFEARRAY *array, VARTYPE vt)
{
    VARTYPE own = vt;
    bool are_variants = vt == VT_VARIANT;

    /* Not every array knows the type of its elements; every one knows their size. */
    if (SUCCEEDED(SafeArrayGetVartype(array, &own)) && (own == VT_VARIANT) != are_variants)
        return false;
    return SafeArrayGetElemsize(array) == (are_variants ? sizeof(VARIANT) : sizeof(uint8_t));
}

/* How many bytes there are to take, before memory is asked for. */
static HRESULT count_bytes(const VARIANT *given, ULONGLONG *count)
{
    LONG first = 0, last = -1;

    *count = 1;
    if (V_VT(given) == VT_BSTR) *count = SysStringLen(V_BSTR(given));
    if (!(V_VT(given) & VT_ARRAY)) return S_OK;

    VARTYPE vt = V_VT(given) & VT_TYPEMASK;
    *count = 0;
    if (vt != VT_UI1 && vt != VT_I1 && vt != VT_VARIANT) return DISP_E_TYPEMISMATCH;
    if (!V_ARRAY(given)) return S_OK;
    if (SafeArrayGetDim(V_ARRAY(given)) != 1 || !holds_elements(V_ARRAY(given), vt))
        return DISP_E_TYPEMISMATCH;
    HRESULT hr = SafeArrayGetLBound(V_ARRAY(given), 1, &first);
    if (SUCCEEDED(hr)) hr = SafeArrayGetUBound(V_ARRAY(given), 1, &last);
    if (SUCCEEDED(hr)) *count = (ULONGLONG)((LONGLONG)last - first + 1);
    return hr;
}

static HRESULT take(VARIANT *given, size_t len, uint8_t *to)
{
    uint8_t byte;

    if (V_VT(given) & VT_ARRAY)
        return len ? take_array(V_ARRAY(given), V_VT(given) & VT_TYPEMASK, len, to) : S_OK;
    if (V_VT(given) == VT_BSTR) return take_text(V_BSTR(given), len, to);
    return byte_of(given, len ? to : &byte);
}

/* Digits that stand for as many bytes as are wanted: with "0x" in front, they are no text of that
 * many characters. */
static bool is_hex_of(const VARIANT *given, size_t len)
{
    return V_VT(given) == VT_BSTR && script_hex_is_marked(V_BSTR(given)) &&
           SysStringLen(V_BSTR(given)) == 2 + 2 * (ULONGLONG)len;
}

HRESULT script_bytes_take(VARIANT *given, size_t len, struct secret_bytes *bytes)
{
    ULONGLONG count = 0;

    HRESULT hr = count_bytes(given, &count);
    if (FAILED(hr)) return hr;
    if (count < len) return E_INVALIDARG;
    struct secret_bytes taken = secret_bytes_from(bytes->memory);
    if (!secret_bytes_reserve(&taken, len)) return E_OUTOFMEMORY;
    bool is_hex = is_hex_of(given, len);
    hr = is_hex ? script_hex_take(V_BSTR(given), &taken) : take(given, len, taken.data);
    if (is_hex && SUCCEEDED(hr) && taken.len != len) hr = DISP_E_TYPEMISMATCH;
    if (SUCCEEDED(hr))
    {
        taken.len = len;
        secret_bytes_free(bytes);
        *bytes = secret_bytes_move(&taken);
    }
    secret_bytes_free(&taken);
    return hr;
}

static HRESULT make_text(const uint8_t *bytes, size_t len, BSTR *text)
{
    *text = SysAllocStringLen(NULL, (UINT)len);
    if (!*text) return E_OUTOFMEMORY;
    for (size_t i = 0; i < len; i++)
        (*text)[i] = bytes[i];
    return S_OK;
}

static HRESULT make_array(const uint8_t *bytes, size_t len, SAFEARRAY **array)
{
    void *elements;

    *array = SafeArrayCreateVector(VT_UI1, 0, (ULONG)len);
    if (!*array) return E_OUTOFMEMORY;
    if (len == 0) return S_OK;
    HRESULT hr = SafeArrayAccessData(*array, &elements);
    if (FAILED(hr))
    {
        SafeArrayDestroy(*array);
        return hr;
    }
    memcpy(elements, bytes, len);
    SafeArrayUnaccessData(*array);
    return S_OK;
}

static HRESULT give_text(BSTR *target, const uint8_t *bytes, size_t len)
{
    BSTR text;
    HRESULT hr = script_hex_is_asked(*target) ? script_hex_make(bytes_of(bytes, len), true, &text)
                                              : make_text(bytes, len, &text);
    if (FAILED(hr)) return hr;
    SysFreeString(*target);
    *target = text;
    return S_OK;
}

/* An array whose size its owner has fixed, as Basic declares them, is a part of something else: it
 * cannot be replaced. It has room for the bytes, or it has not. */
static bool is_fixed(const SAFEARRAY *array)
{
    return array && array->fFeatures & (FADF_AUTO | FADF_STATIC | FADF_EMBEDDED | FADF_FIXEDSIZE);
}

static HRESULT fill_array(SAFEARRAY *array, const uint8_t *bytes, size_t len)
{
    void *elements;

    if (SafeArrayGetDim(array) != 1 || SafeArrayGetElemsize(array) != 1) return DISP_E_TYPEMISMATCH;
    if (array->rgsabound[0].cElements < len) return DISP_E_ARRAYISLOCKED;
    HRESULT hr = SafeArrayAccessData(array, &elements);
    if (FAILED(hr)) return hr;
    memcpy(elements, bytes, len);
    return SafeArrayUnaccessData(array);
}

static HRESULT give_array(SAFEARRAY **target, const uint8_t *bytes, size_t len)
{
    SAFEARRAY *array;

    if (is_fixed(*target)) return fill_array(*target, bytes, len);
    HRESULT hr = make_array(bytes, len, &array);
    if (FAILED(hr)) return hr;
    /* Destroying it says whether the caller's array is his to lose. */
    if (*target) hr = SafeArrayDestroy(*target);
    if (FAILED(hr))
    {
        SafeArrayDestroy(array);
        return hr;
    }
    *target = array;
    return S_OK;
}

static HRESULT give_variant(VARIANT *target, const uint8_t *bytes, size_t len)
{
    VARIANT value;

    if (V_VT(target) == VT_BSTR) return give_text(&V_BSTR(target), bytes, len);
    VariantInit(&value);
    HRESULT hr = make_array(bytes, len, &V_ARRAY(&value));
    if (FAILED(hr)) return hr;
    V_VT(&value) = VT_ARRAY | VT_UI1;
    hr = VariantClear(target);
    if (FAILED(hr))
    {
        VariantClear(&value);
        return hr;
    }
    *target = value;
    return S_OK;
}

HRESULT script_bytes_give(VARIANT *given, const uint8_t *bytes, size_t len)
{
    if (!(V_VT(given) & VT_BYREF) || !V_BYREF(given)) return S_OK;
    switch (V_VT(given) & ~VT_BYREF)
    {
    case VT_VARIANT:
        return give_variant(V_VARIANTREF(given), bytes, len);
    case VT_BSTR:
        return give_text(V_BSTRREF(given), bytes, len);
    case VT_ARRAY | VT_UI1:
        return give_array(V_ARRAYREF(given), bytes, len);
    default:
        return DISP_E_TYPEMISMATCH;
    }
}
