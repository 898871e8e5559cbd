/*
 * arguments - a caller's arguments as a method takes them.
 * Layer: com.
 * Reference: IDispatch::Invoke, VARIANT, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/arguments.h"

#include <oleauto.h>

#include "base/guid_text.h"
#include "base/wipe.h"
#include "com/dispatch/given.h"
#include "com/dispatch/structs.h"
#include "com/script_bytes.h"
#include "system/memory.h"

/* The most bytes a script gets at once; it asks again for more. */
#define SCRIPT_BYTES_MAX 0x1000000

static bool holds_nothing(const VARIANT *value)
{
    return V_VT(value) == VT_EMPTY || V_VT(value) == VT_NULL || argument_is_absent(value);
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
    HRESULT hr = script_value_change(&wide, source, VT_I8);
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

/* An array is passed as it is, and held meanwhile: a copy of what is in it may be endless. */
static HRESULT take_array(struct parameter *parameter, struct script_value *source)
{
    bool is_array = V_VT(&source->value) & VT_ARRAY;

    if (!is_array && !holds_nothing(&source->value)) return DISP_E_TYPEMISMATCH;
    V_VT(&parameter->value) = parameter->type->vt;
    V_ARRAY(&parameter->value) = is_array ? V_ARRAY(&source->value) : NULL;
    parameter->array = *source;
    ZeroMemory(source, sizeof(*source));
    return S_OK;
}

static HRESULT take_source(struct parameter *parameter, struct script_value *source)
{
    VARTYPE vt = parameter->type->vt;

    /* JScript writes null where something comes out. */
    if (V_VT(&source->value) == VT_NULL && parameter->flags & PARAMFLAG_FOUT)
        V_VT(&source->value) = VT_EMPTY;
    if (vt == VT_UNKNOWN)
        return take_interface(&source->value, &parameter->type->iid, &parameter->value);
    if (vt & VT_ARRAY) return take_array(parameter, source);
    if (vt == VT_BSTR && holds_nothing(&source->value))
    {
        V_VT(&parameter->value) = VT_BSTR;
        V_BSTR(&parameter->value) = NULL;
        return S_OK;
    }
    if (vt == VT_UI2 || vt == VT_UI4 || vt == VT_UI8)
        return take_unsigned(&source->value, vt, &parameter->value);
    return script_value_change(&parameter->value, &source->value, vt);
}

/* The caller's argument as a value of the parameter's type. */
static HRESULT take_value(struct parameter *parameter)
{
    struct script_value source;

    HRESULT hr = argument_begin(parameter, &source);
    if (SUCCEEDED(hr)) hr = take_source(parameter, &source);
    script_value_end(&source);
    return hr;
}

/* A GUID given as text. */
static HRESULT take_guid(struct parameter *parameter, bool *is_null)
{
    struct script_value text;

    *is_null =
        argument_is_absent(parameter->given) || holds_nothing(argument_given(parameter->given));
    if (*is_null) return S_OK;
    HRESULT hr = argument_begin(parameter, &text);
    if (SUCCEEDED(hr)) hr = DISP_E_TYPEMISMATCH;
    if (hr == DISP_E_TYPEMISMATCH && V_VT(&text.value) == VT_BSTR)
    {
        *is_null = SysStringLen(V_BSTR(&text.value)) == 0;
        if (*is_null || guid_from_text(V_BSTR(&text.value), (uint8_t *)&parameter->guid)) hr = S_OK;
    }
    script_value_end(&text);
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

    if (argument_is_absent(given))
        return !goes_out || parameter->flags & (PARAMFLAG_FOPT | PARAMFLAG_FHASDEFAULT);
    /* A program with types says so with a pointer of its own. */
    if (V_VT(given) & VT_BYREF && !V_BYREF(given)) return !goes_out;
    return !goes_out && holds_nothing(argument_given(parameter->given));
}

static HRESULT prepare_pointer(struct parameter *parameter, VARIANTARG *argument)
{
    if (parameter_gives_memory(parameter))
    {
        V_BYREF(&parameter->value) = NULL;
        pass_pointer(argument, &V_BYREF(&parameter->value));
        return S_OK;
    }
    if (parameter->type->vt == VT_RECORD)
    {
        bool is_null = true;
        HRESULT hr = S_OK;
        /* Structs but GUIDs are nothing a script can have: they get NULL. */
        if (parameter->type->is_guid) hr = take_guid(parameter, &is_null);
        if (FAILED(hr)) return hr;
        pass_pointer(argument, is_null ? NULL : (void *)&parameter->guid);
        return S_OK;
    }
    /* A program with types gives back a pointer it was given: where it points to is what counts. */
    if (!(parameter->flags & PARAMFLAG_FOUT) && parameter->type->vt == VT_UI1 && parameter->given &&
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
    if (parameter->flags & PARAMFLAG_FIN && !argument_is_absent(parameter->given))
    {
        HRESULT hr = take_value(parameter);
        if (FAILED(hr)) return hr;
        if (V_VT(&parameter->value) == VT_UNKNOWN)
            parameter->interface_in = V_UNKNOWN(&parameter->value);
    }
    else
    {
        ZeroMemory(&parameter->value, sizeof(parameter->value));
        V_VT(&parameter->value) = parameter->type->vt;
    }
    /* All members of the variant's union lie at one address. */
    pass_pointer(argument, &V_I8(&parameter->value));
    return S_OK;
}

static HRESULT prepare_value(struct parameter *parameter, VARIANT *default_value,
                             VARIANTARG *argument)
{
    VARIANT *written = parameter->given;

    if (argument_is_absent(parameter->given))
    {
        /* The one default that objects have is none. */
        if (parameter->flags & PARAMFLAG_FHASDEFAULT && parameter->type->vt != VT_UNKNOWN)
            parameter->given = default_value;
        else if (!(parameter->flags & PARAMFLAG_FOPT) && parameter->type->vt != VT_UNKNOWN)
            return DISP_E_PARAMNOTOPTIONAL;
    }
    HRESULT hr = S_OK;
    if (parameter->given)
        hr = take_value(parameter);
    else
        V_VT(&parameter->value) = parameter->type->vt;
    parameter->given = written;
    *argument = parameter->value;
    return hr;
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

/* Whether each name stands for a parameter, or is one of the system's own, which are negative. */
static bool names_are_known(const DISPPARAMS *params, UINT parameters_count)
{
    for (UINT i = 0; i < params->cNamedArgs; i++)
        if (params->rgdispidNamedArgs[i] >= (DISPID)parameters_count) return false;
    return true;
}

static const struct com_counted_bytes *counted_bytes_at(const struct invocation *invocation, UINT i)
{
    const struct com_class *class = invocation->class;

    for (size_t row = 0; row < class->counted_bytes_count; row++)
        if (class->counted_bytes[row].dispid == invocation->member->dispid &&
            class->counted_bytes[row].bytes == i)
            return &class->counted_bytes[row];
    return NULL;
}

/* The bytes of a script's argument, copied. */
static HRESULT take_counted(struct parameter *parameter, size_t len)
{
    struct script_value source;

    HRESULT hr = argument_begin(parameter, &source);
    if (SUCCEEDED(hr)) hr = script_bytes_take(&source.value, len, &parameter->bytes);
    script_value_end(&source);
    return hr;
}

/* A pointer to as many bytes as another parameter says, once all others are prepared. */
static HRESULT prepare_counted(struct invocation *invocation, struct parameter *parameter,
                               VARIANTARG *argument)
{
    const struct com_counted_bytes *counted = parameter->counted;
    LONG *count = &V_I4(&invocation->arguments[counted->count]);
    bool is_missing =
        argument_is_absent(parameter->given) || holds_nothing(argument_given(parameter->given));
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
        if (!secret_bytes_reserve(&parameter->bytes, len)) hr = E_OUTOFMEMORY;
        if (SUCCEEDED(hr)) parameter->bytes.len = len;
    }
    else if (!is_missing)
        hr = take_counted(parameter, len);
    pass_pointer(argument, parameter->bytes.data);
    return hr;
}

static HRESULT prepare_all_counted(struct invocation *invocation, UINT *bad_argument)
{
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
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

HRESULT arguments_prepare(struct invocation *invocation, const DISPPARAMS *params,
                          UINT *bad_argument)
{
    const struct member *member = invocation->member;
    UINT count = member->parameter_count;

    if (params->cArgs > count || params->cNamedArgs > params->cArgs) return DISP_E_BADPARAMCOUNT;
    if (!names_are_known(params, count)) return DISP_E_PARAMNOTFOUND;
    for (UINT i = 0; i < count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        HRESULT hr = S_OK;

        parameter->given = argument_for(params, i, count, &parameter->given_index);
        bool is_needed = !(parameter->flags & (PARAMFLAG_FOPT | PARAMFLAG_FHASDEFAULT));
        if (!parameter->given && is_needed && !parameter_is_retval(parameter))
            return DISP_E_BADPARAMCOUNT;

        parameter->counted = counted_bytes_at(invocation, i);
        if (!parameter->counted && parameter->type->pointers > 0)
            hr = prepare_pointer(parameter, &invocation->arguments[i]);
        else if (!parameter->counted)
            hr = prepare_value(parameter, &member->parameters[i].default_value,
                               &invocation->arguments[i]);
        if (FAILED(hr))
        {
            if (bad_argument) *bad_argument = parameter->given_index;
            return hr;
        }
        invocation->types[i] = V_VT(&invocation->arguments[i]);
        invocation->argument_pointers[i] = &invocation->arguments[i];
    }
    HRESULT hr = prepare_all_counted(invocation, bad_argument);
    return SUCCEEDED(hr) ? structs_prepare(invocation, bad_argument) : hr;
}

static bool is_optional(const struct com_class *class, DISPID dispid, UINT position)
{
    for (size_t row = 0; row < class->optional_parameters_count; row++)
        if (class->optional_parameters[row].dispid == dispid &&
            class->optional_parameters[row].position == position)
            return true;
    return false;
}

void arguments_begin(struct invocation *invocation, const struct com_class *class,
                     const struct member *member)
{
    ZeroMemory(invocation, sizeof(*invocation));
    invocation->class = class;
    invocation->member = member;
    for (UINT i = 0; i < member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        parameter->type = &member->parameters[i].type;
        parameter->flags = member->parameters[i].flags;
        if (is_optional(class, member->dispid, i)) parameter->flags |= PARAMFLAG_FOPT;
        parameter->bytes = secret_bytes_from(&system_memory);
    }
}

void arguments_free(struct invocation *invocation)
{
    UINT count = invocation->member->parameter_count;

    structs_free(invocation);
    for (UINT i = 0; i < count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        bool is_held = parameter->array.locked || parameter->array.is_ours;
        if (is_held) V_VT(&parameter->value) = VT_EMPTY;
        script_value_end(&parameter->array);
        script_value_clear(&parameter->value);
        secret_bytes_free(&parameter->bytes);
    }
    /* A number may be the key of somebody, too. */
    wipe(invocation, sizeof(*invocation));
}
