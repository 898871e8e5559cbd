/*
 * types - what a parameter of a member is, read from its description.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_TYPES_H
#define SCM_COM_DISPATCH_TYPES_H

#include <stdbool.h>
#include <windows.h>
#include <oleauto.h>

/** The type of a parameter, its aliases and enumerations resolved. */
struct parameter_type
{
    VARTYPE vt; /**< without VT_BYREF; VT_UNKNOWN for every interface, VT_RECORD for structs */
    unsigned pointers; /**< levels of indirection; an interface pointer itself counts as none */
    IID iid;           /**< of an interface */
    bool is_guid;      /**< a struct that is a GUID */
};

/**
 * Resolves the description of a type.
 *
 * @param[in] info where it is described.
 * Failures of ITypeInfo unchanged.
 */
HRESULT type_resolve(ITypeInfo *info, const TYPEDESC *type, struct parameter_type *resolved);

#endif
