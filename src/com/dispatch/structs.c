/*
 * structs - parameters that point to structs, which scripts give and get in forms of their own.
 * Layer: com.
 * Reference: IDispatch::Invoke, VARIANT, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch/structs.h"

#include <oleauto.h>

#include "com/dispatch/given.h"

/* Whether a script gives it: a program with types refers to memory of its own. */
static bool is_of_script(const VARIANT *given)
{
    VARTYPE vt = V_VT(given);

    if (argument_is_absent(given)) return false;
    if (!(vt & VT_BYREF)) return true;
    vt &= (VARTYPE)~VT_BYREF;
    return vt == VT_VARIANT || vt == VT_BSTR || vt == VT_DISPATCH || vt & VT_ARRAY;
}

/* Where the number of structs is; NULL where nothing counts them. */
static LONG *count_of(struct invocation *invocation, const struct com_script_structs *row)
{
    struct parameter *parameter = &invocation->parameters[row->count];

    if (row->count == row->position) return NULL;
    return parameter->type->pointers > 0 ? &V_I4(&parameter->value)
                                         : &V_I4(&invocation->arguments[row->count]);
}

static HRESULT prepare(struct invocation *invocation, const struct com_script_structs *row)
{
    struct parameter *parameter = &invocation->parameters[row->position];
    LONG *count = count_of(invocation, row), taken = 0;
    struct script_value source;

    HRESULT hr = argument_begin(parameter, &source);
    if (SUCCEEDED(hr)) hr = row->take(&source.value, &parameter->structs, &taken);
    script_value_end(&source);
    if (FAILED(hr) || !parameter->structs) return hr;
    parameter->structs_count = taken;
    if (count) *count = taken;
    if (parameter_gives_memory(parameter))
        V_BYREF(&parameter->value) = parameter->structs;
    else
        V_BYREF(&invocation->arguments[row->position]) = parameter->structs;
    return S_OK;
}

HRESULT structs_prepare(struct invocation *invocation, UINT *bad_argument)
{
    const struct com_class *class = invocation->class;

    for (size_t i = 0; i < class->script_structs_count; i++)
    {
        const struct com_script_structs *row = &class->script_structs[i];
        if (row->dispid != invocation->member->dispid) continue;
        struct parameter *parameter = &invocation->parameters[row->position];
        parameter->script_structs = row;
        if (!is_of_script(parameter->given)) continue;
        HRESULT hr = prepare(invocation, row);
        if (FAILED(hr))
        {
            if (bad_argument) *bad_argument = parameter->given_index;
            return hr;
        }
    }
    return S_OK;
}

/* A pointer of the method's own in the place of ours. */
static HRESULT take_new(struct invocation *invocation, struct parameter *parameter)
{
    const struct com_script_structs *row = parameter->script_structs;
    const LONG *count = count_of(invocation, row);
    void *memory = V_BYREF(&parameter->value);

    V_BYREF(&parameter->value) = NULL;
    if (!memory || memory == parameter->structs) return S_OK;
    HRESULT hr = row->give(memory, count ? *count : 1, &parameter->value);
    row->free_given(memory, count ? *count : 1);
    return hr;
}

HRESULT structs_take_results(struct invocation *invocation)
{
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        const struct com_script_structs *row = parameter->script_structs;
        HRESULT hr = S_OK;

        if (!row || !row->give) continue;
        if (parameter_gives_memory(parameter))
            hr = take_new(invocation, parameter);
        else if (parameter->structs)
            hr = row->give(parameter->structs, parameter->structs_count, &parameter->value);
        if (FAILED(hr)) return hr;
    }
    return S_OK;
}

void structs_free(struct invocation *invocation)
{
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (parameter->structs)
            parameter->script_structs->free_taken(parameter->structs, parameter->structs_count);
        parameter->structs = NULL;
    }
}
