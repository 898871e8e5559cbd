/*
 * object - what every object of ours is made of, once: identity, references, aggregation, the
 *          side interfaces, and the frame around a method call.
 * Layer: com (calls card; knows no registry).
 *
 * Design notes. An object is a struct with its interface first (IFoo_iface), then a com_object,
 * then its state. References are counted in the com_object. When aggregated, every interface but
 * the inner IUnknown hands QueryInterface, AddRef and Release to the outer object, which is not
 * counted by us (COM's aggregation rules). The free-threaded marshaler is aggregated in turn, so a
 * pointer given to another apartment stays a direct one; nothing of ours is bound to an apartment.
 * Reference: "Rules for Implementing QueryInterface", "Aggregation", CoCreateFreeThreadedMarshaler,
 * Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_OBJECT_H
#define SCM_COM_OBJECT_H

#include <stddef.h>
#include <windows.h>
#include <objbase.h>
#include <oaidl.h>
#include <ocidl.h>

#include "base/result.h"
#include "com/class.h"
#include "card/link/fault.h"

struct com_object
{
    IUnknown IUnknown_inner;
    ISupportErrorInfo ISupportErrorInfo_iface;
    IProvideClassInfo IProvideClassInfo_iface;
    LONG refs;

    const struct com_class *class;
    IDispatch *dual;     /* the interface of the object that embeds this */
    IUnknown *outer;     /* controlling unknown; our own inner one when not aggregated */
    IUnknown *marshaler; /* inner unknown of the free-threaded marshaler */
};

/**
 * Makes a zeroed struct's com_object ready, with one reference that the caller holds on the inner
 * unknown.
 *
 * @param[in] dual the embedding object's interface, its vtable set.
 * @param[in] outer controlling unknown or NULL.
 * @retval S_OK
 * @retval E_OUTOFMEMORY the object is not usable; the caller frees it.
 */
HRESULT com_object_init(struct com_object *object, const struct com_class *class, IDispatch *dual,
                        IUnknown *outer);

/**
 * Ends a constructor: hands out the interface asked for and gives the constructor's reference
 * back, which destroys an object that does not have the interface.
 */
HRESULT com_object_hand_out(struct com_object *object, REFIID iid, void **out);

/**
 * The rule of aggregation for constructors and factories: with an outer object only IUnknown may
 * be asked for. Also checks and zeroes `out`.
 * @retval S_OK, E_POINTER `out` or `iid` is NULL, CLASS_E_NOAGGREGATION
 */
HRESULT com_check_create(IUnknown *outer, REFIID iid, void **out);

/** Undoes com_object_init(); for a class's destroy function, before it frees the memory. */
void com_object_fini(struct com_object *object);

/* The seven members every dual interface begins with, as called through it. */
HRESULT com_object_QueryInterface(struct com_object *object, REFIID iid, void **out);
ULONG com_object_AddRef(struct com_object *object);
ULONG com_object_Release(struct com_object *object);

/** Defines those seven for an object struct `type` whose member is `interface##_iface`. */
#define COM_OBJECT_MEMBERS(prefix, interface, type)                                                \
    _Static_assert(offsetof(type, interface##_iface) == 0, "an object's interface comes first");   \
    _Static_assert(offsetof(type, object) == sizeof(interface), "its com_object comes next");      \
    static inline type *impl_from_##interface(interface *iface)                                    \
    {                                                                                              \
        return CONTAINING_RECORD(iface, type, interface##_iface);                                  \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_QueryInterface(interface *iface, REFIID iid,         \
                                                             void **out)                           \
    {                                                                                              \
        return com_object_QueryInterface(&impl_from_##interface(iface)->object, iid, out);         \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_AddRef(interface *iface)                               \
    {                                                                                              \
        return com_object_AddRef(&impl_from_##interface(iface)->object);                           \
    }                                                                                              \
    static ULONG STDMETHODCALLTYPE prefix##_Release(interface *iface)                              \
    {                                                                                              \
        return com_object_Release(&impl_from_##interface(iface)->object);                          \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_GetTypeInfoCount(interface *iface, UINT *count)      \
    {                                                                                              \
        (void)iface;                                                                               \
        return dispatch_get_type_info_count(count);                                                \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_GetTypeInfo(interface *iface, UINT index, LCID lcid, \
                                                          ITypeInfo **info)                        \
    {                                                                                              \
        (void)lcid;                                                                                \
        return dispatch_get_type_info(impl_from_##interface(iface)->object.class, index, info);    \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_GetIDsOfNames(                                       \
        interface *iface, REFIID iid, LPOLESTR *names, UINT names_count, LCID lcid, DISPID *ids)   \
    {                                                                                              \
        (void)lcid;                                                                                \
        return dispatch_get_ids_of_names(impl_from_##interface(iface)->object.class, iid, names,   \
                                         names_count, ids);                                        \
    }                                                                                              \
    static HRESULT STDMETHODCALLTYPE prefix##_Invoke(                                              \
        interface *iface, DISPID id, REFIID iid, LCID lcid, WORD flags, DISPPARAMS *params,        \
        VARIANT *result, EXCEPINFO *exception, UINT *bad_argument)                                 \
    {                                                                                              \
        (void)lcid;                                                                                \
        return dispatch_invoke(impl_from_##interface(iface)->object.class, iface, id, iid, flags,  \
                               params, result, exception, bad_argument);                           \
    }                                                                                              \
    struct com_object_members_need_a_semicolon

/** Those seven in a vtable, by name. */
#define COM_OBJECT_VTABLE(prefix)                                                                  \
    .QueryInterface = prefix##_QueryInterface, .AddRef = prefix##_AddRef,                          \
    .Release = prefix##_Release, .GetTypeInfoCount = prefix##_GetTypeInfoCount,                    \
    .GetTypeInfo = prefix##_GetTypeInfo, .GetIDsOfNames = prefix##_GetIDsOfNames,                  \
    .Invoke = prefix##_Invoke

/**
 * A method call under way; begin and end make the trace and the error description.
 *
 * The call holds a reference on its object: what a client's own objects do when they are asked, or a
 * message that a window dispatches, may release the last one of the client.
 */
struct com_call
{
    struct com_object *object;
    const char *method;
    const WCHAR *subject; /**< what the call is about, e.g. the reader's name; NULL when nothing */
    struct card_fault fault; /**< what the card layer tells of a failure */
};

/** The first beat of a method. com_call_end() follows, whatever happens. */
struct com_call com_call_begin(struct com_object *object, const char *method);

/**
 * The last beat of a method, after which its object may be gone: traces the result and, for a failure, leaves an IErrorInfo whose
 * description says what failed and what to do.
 * @return the result as HRESULT.
 */
HRESULT com_call_end(const struct com_call *call, scm_result result);

#endif
