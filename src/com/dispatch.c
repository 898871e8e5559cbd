/*
 * dispatch - IDispatch for every object, from the type libraries in our own resources.
 * Layer: com.
 * Threads: any.
 * Reference: IDispatch::Invoke, ITypeInfo, DispCallFunc, Microsoft Learn.
 *
 * Design notes. One call: members.c finds what is called, arguments.c makes the caller's arguments into what the method
 * takes, DispCallFunc calls it, results.c gives what comes out to the caller.
 * SPDX-License-Identifier: MIT
 */
#include "com/dispatch.h"

#include <oleauto.h>

#include "base/invariant.h"
#include "com/dispatch/arguments.h"
#include "com/dispatch/libraries.h"
#include "com/dispatch/members.h"
#include "com/dispatch/results.h"
#include "com/dispatch/structs.h"
#include "com/error_info.h"

HRESULT dispatch_get_class_info(const struct com_class *class, ITypeInfo **info)
{
    return library_type_info(class, class->clsid, info);
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
    return library_type_info(class, class->iid, info);
}

/* The id is reserved: some clients give none at all. */
static bool is_null_iid(const IID *iid)
{
    return !iid || IsEqualIID(iid, &IID_NULL);
}

HRESULT dispatch_get_ids_of_names(const struct com_class *class, REFIID iid, LPOLESTR *names,
                                  UINT names_count, DISPID *ids)
{
    const struct com_older_name *older;
    ITypeInfo *info;

    if (!names || !ids) return E_POINTER;
    for (UINT i = 0; i < names_count; i++)
        ids[i] = DISPID_UNKNOWN;
    if (!is_null_iid(iid)) return DISP_E_UNKNOWNINTERFACE;
    if (names_count == 0) return E_INVALIDARG;

    for (older = class->older_names; older && older->name; older++)
    {
        if (!names[0] || lstrcmpiW(names[0], older->name) != 0) continue;
        ids[0] = older->dispid;
        return names_count == 1 ? S_OK : DISP_E_UNKNOWNNAME;
    }
    HRESULT hr = library_type_info(class, class->iid, &info);
    if (FAILED(hr)) return hr;
    hr = ITypeInfo_GetIDsOfNames(info, names, names_count, ids);
    ITypeInfo_Release(info);
    return hr;
}

static HRESULT call(struct invocation *invocation, void *object, HRESULT *outcome)
{
    VARIANT returned;

    VariantInit(&returned);
    HRESULT hr = DispCallFunc(object, invocation->member->vtable_offset, CC_STDCALL, VT_I4,
                              invocation->member->parameter_count, invocation->types,
                              invocation->argument_pointers, &returned);
    *outcome = V_I4(&returned);
    /* An object that a method put in the place of another: methods of ours leave the other one's
     * reference to the caller, who is a script that cannot know. */
    for (UINT i = 0; i < invocation->member->parameter_count; i++)
    {
        struct parameter *parameter = &invocation->parameters[i];
        if (parameter->interface_in && V_UNKNOWN(&parameter->value) != parameter->interface_in)
            IUnknown_Release(parameter->interface_in);
    }
    return hr;
}

static HRESULT invoke_member(struct invocation *invocation, void *object, DISPPARAMS *params,
                             VARIANT *result, EXCEPINFO *exception, UINT *bad_argument)
{
    HRESULT outcome = S_OK;

    HRESULT hr = arguments_prepare(invocation, params, bad_argument);
    if (SUCCEEDED(hr)) hr = call(invocation, object, &outcome);
    if (SUCCEEDED(hr)) hr = results_take_memory(invocation);
    if (SUCCEEDED(hr)) hr = structs_take_results(invocation);
    if (SUCCEEDED(hr) && SUCCEEDED(outcome)) hr = results_give_value(invocation, result);
    if (SUCCEEDED(hr)) hr = results_store(invocation, result, bad_argument);
    if (FAILED(hr) || SUCCEEDED(outcome)) return hr;

    if (exception) error_info_take(outcome, exception);
    return DISP_E_EXCEPTION;
}

HRESULT dispatch_invoke(const struct com_class *class, void *object, DISPID id, REFIID iid,
                        WORD flags, DISPPARAMS *params, VARIANT *result, EXCEPINFO *exception,
                        UINT *bad_argument)
{
    struct invocation invocation;
    const struct member *member;

    if (result) VariantInit(result);
    if (!is_null_iid(iid)) return DISP_E_UNKNOWNINTERFACE;
    if (!params || (params->cArgs && !params->rgvarg)) return E_POINTER;
    if (params->cNamedArgs && !params->rgdispidNamedArgs) return E_POINTER;

    HRESULT hr = member_find(class, id, flags, &member);
    if (FAILED(hr)) return hr;
    INVARIANT(member->parameter_count <= INVOCATION_PARAMETERS_MAX,
              "an invocation has room for every member's parameters");
    if (member->parameter_count > INVOCATION_PARAMETERS_MAX) return E_UNEXPECTED;
    /* Objects of the client's that are asked for something may give this one up. */
    IDispatch_AddRef((IDispatch *)object);
    arguments_begin(&invocation, class, member);
    hr = invoke_member(&invocation, object, params, result, exception, bad_argument);
    arguments_free(&invocation);
    IDispatch_Release((IDispatch *)object);
    /* A value that was there before something failed is nobody's. */
    if (FAILED(hr) && result) VariantClear(result);
    return hr;
}

void dispatch_release(void)
{
    members_release_all();
    library_release_all();
}
