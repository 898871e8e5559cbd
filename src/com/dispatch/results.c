/*
 * results - what a method gives, as the caller wants it.
 * Layer: com.
 * Reference: IDispatch::Invoke, VARIANT, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/results.h"

#include <oleauto.h>

#include "com/dispatch/given.h"
#include "com/script_array.h"
#include "com/script_bytes.h"
#include "com/script_hex.h"

/* Where the caller wants what comes out. A procedure of Basic hands on its own parameter as a variant
 * that refers to its caller's variable: what was stored in the variant itself, only the procedure
 * would see. */
static VARIANT *destination(const struct parameter *parameter)
{
    VARIANT *inner = argument_given(parameter->given);
    bool refers = V_VT(inner) & VT_BYREF && V_VT(inner) != (VT_BYREF | VT_VARIANT);

    return refers ? inner : parameter->given;
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
        HRESULT hr = SafeArrayDestroy(*(SAFEARRAY **)target);
        if (FAILED(hr)) return hr;
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

/* Fails where the target is an array that its owner has locked. */
static HRESULT store_variant(VARIANT *target, VARIANT *value)
{
    make_script_array(value);
    make_script_value(value);
    HRESULT hr = VariantClear(target);
    if (hr == DISP_E_ARRAYISLOCKED) return hr;
    *target = *value;
    V_VT(value) = VT_EMPTY;
    return S_OK;
}

/* What came out goes where the caller wants it. */
static HRESULT store_result(struct parameter *parameter)
{
    VARIANT *given = parameter->given;

    if (!(parameter->flags & PARAMFLAG_FOUT) || parameter->type->pointers == 0) return S_OK;
    if (parameter->counted || argument_is_absent(given)) return S_OK;
    bool is_struct = parameter->type->vt == VT_RECORD || parameter_gives_memory(parameter);
    if (is_struct && V_VT(&parameter->value) == VT_EMPTY) return S_OK;
    given = destination(parameter);
    if (V_VT(given) == (VT_BYREF | VT_VARIANT))
    {
        return V_VARIANTREF(given) ? store_variant(V_VARIANTREF(given), &parameter->value) : S_OK;
    }
    return V_VT(given) & VT_BYREF ? store_typed(given, &parameter->value) : S_OK;
}

/* What a method with counted bytes gave: as many of them as it reports. */
static HRESULT store_counted(struct parameter *parameter, const struct invocation *invocation)
{
    const struct com_counted_bytes *counted = parameter->counted;

    if (!counted->comes_out || !parameter->bytes.data || argument_is_absent(parameter->given))
        return S_OK;
    LONG len = V_I4(&invocation->parameters[counted->got].value);
    if (len < 0 || (size_t)len > parameter->bytes.len) return E_UNEXPECTED;
    return script_bytes_give(destination(parameter), parameter->bytes.data, (size_t)len);
}

/* Memory that the method gave, as a script can have it. */
HRESULT results_take_memory(struct invocation *invocation)
{
    const struct invoked_member member = { invocation->member->dispid, invocation->arguments };

    if (!invocation->class->give_script) return S_OK;
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        void *memory = V_BYREF(&parameter->value);
        if (!parameter_gives_memory(parameter) || !memory) continue;
        HRESULT hr = invocation->class->give_script(&member, memory, &parameter->value);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

HRESULT results_store(struct invocation *invocation, VARIANT *result, UINT *bad_argument)
{
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (parameter_is_retval(parameter) && !parameter->given)
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

/* Bytes for a script as the value of its call: digits where it asks for them by a text "0x", else
 * numbers in an array of Variants, since JScript looks into no other. */
static HRESULT give_bytes(const struct invocation *invocation, const struct parameter *parameter,
                          VARIANT *result)
{
    LONG len = V_I4(&invocation->parameters[parameter->counted->got].value);
    VARIANT *elements;

    if (len < 0 || (size_t)len > parameter->bytes.len) return E_UNEXPECTED;
    if (V_VT(parameter->given) == VT_BSTR && script_hex_is_asked(V_BSTR(parameter->given)))
    {
        HRESULT made =
            script_hex_make(bytes_of(parameter->bytes.data, (size_t)len), true, &V_BSTR(result));
        V_VT(result) = SUCCEEDED(made) ? VT_BSTR : VT_EMPTY;
        return made;
    }
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
        V_I4(&elements[i]) = parameter->bytes.data[i];
    }
    SafeArrayUnaccessData(array);
    V_VT(result) = VT_ARRAY | VT_VARIANT;
    V_ARRAY(result) = array;
    return S_OK;
}

/* What a method gives, for a script that has no variable there. */
static HRESULT give_one(const struct invocation *invocation, struct parameter *parameter,
                        VARIANT *result)
{
    VariantInit(result);
    if (!parameter->counted)
        store_variant(result, &parameter->value);
    else if (parameter->bytes.data)
        return give_bytes(invocation, parameter, result);
    return S_OK;
}

/* What a parameter may be among the values of a call; the higher come before the others. */
enum rank
{
    RANK_NONE,
    RANK_NUMBER, /* a number that changes */
    RANK_THING,  /* an object, or structs, in the place of what went in */
    RANK_OUT,    /* gives out alone */
};

static enum rank rank_of(const struct parameter *parameter)
{
    if (argument_is_absent(parameter->given)) return RANK_NONE;
    if (parameter->counted) return parameter->counted->comes_out ? RANK_OUT : RANK_NONE;
    if (!(parameter->flags & PARAMFLAG_FOUT) || V_VT(&parameter->value) == VT_EMPTY)
        return RANK_NONE;
    if (parameter->type->vt == VT_RECORD && !parameter->script_structs) return RANK_NONE;
    if (!(parameter->flags & PARAMFLAG_FIN)) return RANK_OUT;
    if (parameter->type->vt == VT_RECORD) return RANK_THING;
    if (parameter->type->vt != VT_UNKNOWN) return RANK_NUMBER;
    return V_UNKNOWN(&parameter->value) == parameter->interface_in ? RANK_NONE : RANK_THING;
}

/*
 * JScript has no references: what a method gives is the value of the call, where the script put
 * something else there that cannot take it. That is what gives out alone, or else a new object, or
 * else the numbers that change; several are an array, in the order of the parameters.
 */
HRESULT results_give_value(struct invocation *invocation, VARIANT *result)
{
    struct parameter *chosen[INVOCATION_PARAMETERS_MAX];
    VARIANT values[INVOCATION_PARAMETERS_MAX];
    enum rank best = RANK_NONE;
    UINT count = 0;

    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        enum rank rank = rank_of(parameter);
        if (parameter_is_retval(parameter)) return S_OK;
        if (rank == RANK_NONE || rank < best) continue;
        if (rank > best) count = 0;
        best = rank;
        chosen[count++] = parameter;
    }
    for (UINT i = 0; i < count; i++)
        if (V_VT(chosen[i]->given) & VT_BYREF) return S_OK;
    if (!result || count == 0) return S_OK;
    if (count == 1) return give_one(invocation, chosen[0], result);
    HRESULT hr = S_OK;
    for (UINT i = 0; i < count; i++)
    {
        HRESULT given = give_one(invocation, chosen[i], &values[i]);
        if (FAILED(given)) hr = given;
    }
    if (SUCCEEDED(hr)) return script_array_make(values, count, result);
    for (UINT i = 0; i < count; i++)
        VariantClear(&values[i]);
    return hr;
}
