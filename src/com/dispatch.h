/*
 * dispatch - IDispatch for every object, from the type libraries in our own resources.
 * Layer: com.
 * Threads: any.
 *
 * Design notes. The registry is never asked, so objects work unregistered. Invoke goes by the type
 * library's description of the vtable, and calls through it. DispInvoke would do for most clients;
 * but script engines send a VARIANT by reference for a typed out parameter, which it refuses.
 * Reference: IDispatch::Invoke, DispCallFunc, Microsoft Learn.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_H
#define SCM_COM_DISPATCH_H

#include "com/class.h"

HRESULT dispatch_get_type_info_count(UINT *count);
HRESULT dispatch_get_type_info(const struct com_class *class, UINT index, ITypeInfo **info);
HRESULT dispatch_get_ids_of_names(const struct com_class *class, REFIID iid, LPOLESTR *names,
                                  UINT names_count, DISPID *ids);

/**
 * Calls a member as IDispatch::Invoke does.
 *
 * Out parameters may be given as VT_BYREF of their type, of another type they can be changed to,
 * or as VT_BYREF|VT_VARIANT; or by value, then what comes out is dropped. A parameter marked
 * [retval] may be given like any other. A GUID may be given as text.
 *
 * @param[in] object the interface whose vtable is called.
 * @retval S_OK, DISP_E_MEMBERNOTFOUND, DISP_E_BADPARAMCOUNT, DISP_E_TYPEMISMATCH,
 *         DISP_E_OVERFLOW, DISP_E_PARAMNOTOPTIONAL, DISP_E_UNKNOWNINTERFACE, E_POINTER,
 *         E_OUTOFMEMORY; DISP_E_EXCEPTION with the method's own failure in `exception`.
 */
HRESULT dispatch_invoke(const struct com_class *class, void *object, DISPID id, REFIID iid,
                        WORD flags, DISPPARAMS *params, VARIANT *result, EXCEPINFO *exception,
                        UINT *bad_argument);

/** The description of the class itself, for IProvideClassInfo. */
HRESULT dispatch_get_class_info(const struct com_class *class, ITypeInfo **info);

/** Lets the type libraries go and what was read from them, when the module is unloaded. */
void dispatch_release(void);

#endif
