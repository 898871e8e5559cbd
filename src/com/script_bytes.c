/*
 * script_bytes - bytes as scripts have them: arrays, texts and numbers in a VARIANT.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#include "com/script_bytes.h"

#include <string.h>

#include "com/array_elements.h"
#include "com/script_hex.h"
#include "com/script_value.h"

static HRESULT byte_of(const VARIANT *given, uint8_t *byte)
{
    struct script_value element;
    VARIANT number;

    VariantInit(&number);
    /* An element of an array may refer to anything as well. */
    HRESULT hr = script_value_begin(given, false, &element);
    if (SUCCEEDED(hr)) hr = script_value_change(&number, &element.value, VT_UI1);
    if (SUCCEEDED(hr)) *byte = V_UI1(&number);
    script_value_end(&element);
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

static HRESULT take_elements(const struct array_elements *elements, size_t len, uint8_t *to)
{
    if (len && elements->vt == VT_UI1) memcpy(to, elements->first, len);
    for (size_t i = 0; elements->vt == VT_VARIANT && i < len; i++)
    {
        HRESULT hr = byte_of(&((const VARIANT *)elements->first)[i], &to[i]);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

/* Digits that stand for as many bytes as are wanted: with "0x" in front, they are no text of that
 * many characters. */
static bool is_hex_of(const VARIANT *given, size_t len)
{
    return V_VT(given) == VT_BSTR && script_hex_is_marked(V_BSTR(given)) &&
           SysStringLen(V_BSTR(given)) == 2 + 2 * (ULONGLONG)len;
}

/* Whether an array is what the VARIANT around it says. */
static bool fits(const struct array_elements *elements, VARTYPE vt)
{
    if (elements->vt == VT_UI1) return vt == VT_UI1 || vt == VT_I1;
    return elements->vt == VT_VARIANT && vt == VT_VARIANT;
}

/* `elements`: NULL where it is no array. */
static HRESULT take(const VARIANT *given, const struct array_elements *elements, size_t len,
                    struct secret_bytes *taken)
{
    ULONG count = 1;
    uint8_t byte;

    if (V_VT(given) & VT_ARRAY) count = elements ? elements->count : 0;
    if (V_VT(given) == VT_BSTR) count = SysStringLen(V_BSTR(given));
    if (elements && !fits(elements, V_VT(given) & VT_TYPEMASK)) return DISP_E_TYPEMISMATCH;
    if (count < len) return E_INVALIDARG;
    if (!secret_bytes_reserve(taken, len)) return E_OUTOFMEMORY;
    if (is_hex_of(given, len))
    {
        HRESULT hr = script_hex_take(V_BSTR(given), taken);
        return SUCCEEDED(hr) && taken->len != len ? DISP_E_TYPEMISMATCH : hr;
    }
    taken->len = len;
    if (elements) return take_elements(elements, len, taken->data);
    if (V_VT(given) & VT_ARRAY) return S_OK;
    if (V_VT(given) == VT_BSTR) return take_text(V_BSTR(given), len, taken->data);
    return byte_of(given, len ? taken->data : &byte);
}

HRESULT script_bytes_take(const VARIANT *given, size_t len, struct secret_bytes *bytes)
{
    struct secret_bytes taken = secret_bytes_from(bytes->memory);
    struct array_elements elements;
    bool is_array = V_VT(given) & VT_ARRAY && V_ARRAY(given);

    if (is_array)
    {
        HRESULT hr = array_elements_begin(V_ARRAY(given), &elements);
        if (FAILED(hr)) return hr;
    }
    HRESULT hr = take(given, is_array ? &elements : NULL, len, &taken);
    if (is_array) array_elements_end(&elements);
    if (SUCCEEDED(hr))
    {
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
