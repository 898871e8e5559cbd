/*
 * libraries - the type libraries in our own resources, loaded once.
 * Layer: com.
 * Owns: the libraries; threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_LIBRARIES_H
#define SCM_COM_DISPATCH_LIBRARIES_H

#include "com/class.h"

/**
 * The description of an interface or class, out of the library of a class.
 *
 * @param[out] info with one reference; NULL on failure.
 * @retval S_OK
 * @retval E_POINTER info is NULL.
 * @retval TYPE_E_CANTLOADLIBRARY
 * @retval TYPE_E_ELEMENTNOTFOUND it is not described there.
 * Other failures of LoadTypeLibEx unchanged.
 */
HRESULT library_type_info(const struct com_class *class, REFGUID guid, ITypeInfo **info);

/** Lets the libraries go, when the module is unloaded. */
void library_release_all(void);

#endif
