/*
 * object - identity, references, aggregation and side interfaces of every object, and the frame
 *          around a method call.
 * Layer: com (calls card; knows no registry).
 * Owns: the count of living objects; threads: any, by interlocked operations.
 * SPDX-License-Identifier: MIT
 */
#include "com/object.h"

#include "base/invariant.h"
#include "base/text.h"
#include "com/com_private.h"
#include "com/dispatch.h"
#include "com/error_info.h"
#include "system/trace.h"

static LONG objects_alive;

LONG com_objects_alive(void)
{
    return InterlockedCompareExchange(&objects_alive, 0, 0);
}

static struct com_object *impl_from_inner(IUnknown *iface)
{
    return CONTAINING_RECORD(iface, struct com_object, IUnknown_inner);
}

static HRESULT STDMETHODCALLTYPE inner_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct com_object *object = impl_from_inner(iface);

    if (!out) return E_POINTER;
    *out = NULL;
    if (!iid) return E_POINTER;
    if (IsEqualIID(iid, &IID_IUnknown))
        *out = &object->IUnknown_inner;
    else if (IsEqualIID(iid, &IID_IDispatch) || IsEqualIID(iid, object->class->iid))
        *out = object->dual;
    else if (IsEqualIID(iid, &IID_ISupportErrorInfo))
        *out = &object->ISupportErrorInfo_iface;
    else if (IsEqualIID(iid, &IID_IProvideClassInfo))
        *out = &object->IProvideClassInfo_iface;
    else if (IsEqualIID(iid, &IID_IMarshal))
        return IUnknown_QueryInterface(object->marshaler, iid, out);
    else
        return E_NOINTERFACE;
    IUnknown_AddRef((IUnknown *)*out);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE inner_AddRef(IUnknown *iface)
{
    return (ULONG)InterlockedIncrement(&impl_from_inner(iface)->refs);
}

static ULONG STDMETHODCALLTYPE inner_Release(IUnknown *iface)
{
    struct com_object *object = impl_from_inner(iface);
    LONG refs = InterlockedDecrement(&object->refs);

    INVARIANT(refs >= 0, "references on an object never fall below zero");
    if (refs == 0)
    {
        /* Whoever takes and gives references while the object goes must not destroy it again. */
        object->refs = 1;
        object->class->destroy(object);
    }
    return (ULONG)refs;
}

static const IUnknownVtbl inner_vtbl = {
    .QueryInterface = inner_QueryInterface,
    .AddRef = inner_AddRef,
    .Release = inner_Release,
};

HRESULT com_object_QueryInterface(struct com_object *object, REFIID iid, void **out)
{
    return IUnknown_QueryInterface(object->outer, iid, out);
}

ULONG com_object_AddRef(struct com_object *object)
{
    return IUnknown_AddRef(object->outer);
}

ULONG com_object_Release(struct com_object *object)
{
    return IUnknown_Release(object->outer);
}

static struct com_object *impl_from_ISupportErrorInfo(ISupportErrorInfo *iface)
{
    return CONTAINING_RECORD(iface, struct com_object, ISupportErrorInfo_iface);
}

static HRESULT STDMETHODCALLTYPE support_QueryInterface(ISupportErrorInfo *iface, REFIID iid,
                                                        void **out)
{
    return com_object_QueryInterface(impl_from_ISupportErrorInfo(iface), iid, out);
}

static ULONG STDMETHODCALLTYPE support_AddRef(ISupportErrorInfo *iface)
{
    return com_object_AddRef(impl_from_ISupportErrorInfo(iface));
}

static ULONG STDMETHODCALLTYPE support_Release(ISupportErrorInfo *iface)
{
    return com_object_Release(impl_from_ISupportErrorInfo(iface));
}

static HRESULT STDMETHODCALLTYPE support_InterfaceSupportsErrorInfo(ISupportErrorInfo *iface,
                                                                    REFIID iid)
{
    if (!iid) return E_POINTER;
    return IsEqualIID(iid, impl_from_ISupportErrorInfo(iface)->class->iid) ? S_OK : S_FALSE;
}

static const ISupportErrorInfoVtbl support_vtbl = {
    .QueryInterface = support_QueryInterface,
    .AddRef = support_AddRef,
    .Release = support_Release,
    .InterfaceSupportsErrorInfo = support_InterfaceSupportsErrorInfo,
};

static struct com_object *impl_from_IProvideClassInfo(IProvideClassInfo *iface)
{
    return CONTAINING_RECORD(iface, struct com_object, IProvideClassInfo_iface);
}

static HRESULT STDMETHODCALLTYPE class_info_QueryInterface(IProvideClassInfo *iface, REFIID iid,
                                                           void **out)
{
    return com_object_QueryInterface(impl_from_IProvideClassInfo(iface), iid, out);
}

static ULONG STDMETHODCALLTYPE class_info_AddRef(IProvideClassInfo *iface)
{
    return com_object_AddRef(impl_from_IProvideClassInfo(iface));
}

static ULONG STDMETHODCALLTYPE class_info_Release(IProvideClassInfo *iface)
{
    return com_object_Release(impl_from_IProvideClassInfo(iface));
}

static HRESULT STDMETHODCALLTYPE class_info_GetClassInfo(IProvideClassInfo *iface, ITypeInfo **info)
{
    return dispatch_get_class_info(impl_from_IProvideClassInfo(iface)->class, info);
}

static const IProvideClassInfoVtbl class_info_vtbl = {
    .QueryInterface = class_info_QueryInterface,
    .AddRef = class_info_AddRef,
    .Release = class_info_Release,
    .GetClassInfo = class_info_GetClassInfo,
};

HRESULT com_check_create(IUnknown *outer, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!iid) return E_POINTER;
    if (outer && !IsEqualIID(iid, &IID_IUnknown)) return CLASS_E_NOAGGREGATION;
    return S_OK;
}

HRESULT com_object_init(struct com_object *object, const struct com_class *class, IDispatch *dual,
                        IUnknown *outer)
{
    object->IUnknown_inner.lpVtbl = &inner_vtbl;
    object->ISupportErrorInfo_iface.lpVtbl = &support_vtbl;
    object->IProvideClassInfo_iface.lpVtbl = &class_info_vtbl;
    object->refs = 1;
    object->class = class;
    object->dual = dual;
    object->outer = outer ? outer : &object->IUnknown_inner;
    HRESULT hr = CoCreateFreeThreadedMarshaler(object->outer, &object->marshaler);
    if (FAILED(hr)) return hr;
    InterlockedIncrement(&objects_alive);
    return S_OK;
}

HRESULT com_object_hand_out(struct com_object *object, REFIID iid, void **out)
{
    HRESULT hr = IUnknown_QueryInterface(&object->IUnknown_inner, iid, out);
    IUnknown_Release(&object->IUnknown_inner);
    return hr;
}

void com_object_fini(struct com_object *object)
{
    IUnknown_Release(object->marshaler);
    LONG alive = InterlockedDecrement(&objects_alive);
    (void)alive; /* where invariants are not checked */
    INVARIANT(alive >= 0, "no more objects end than have begun");
}

static struct text call_name(const struct com_call *call, char *buffer, size_t capacity)
{
    struct text name = text_in(buffer, capacity);
    text_add(&name, call->object->class->interface_name);
    text_add(&name, "::");
    text_add(&name, call->method);
    return name;
}

struct com_call com_call_begin(struct com_object *object, const char *method)
{
    struct com_call call = { .object = object, .method = method, .fault = card_fault_none() };
    char name[64];

    IUnknown_AddRef(&object->IUnknown_inner);
    if (trace_is_on())
    {
        call_name(&call, name, sizeof(name));
        trace_line("com", name, NULL);
    }
    return call;
}

HRESULT com_call_end(const struct com_call *call, scm_result result)
{
    char name[64];

    if (trace_is_on())
    {
        call_name(call, name, sizeof(name));
        trace_result("com", name, result);
    }
    if (result_failed(result))
        error_info_set(call->object->class, call->method, call->subject, &call->fault, result);
    IUnknown_Release(&call->object->IUnknown_inner);
    return result;
}
