/*
 * class_factory - one class factory for each class, a table line each.
 * Layer: server (calls the constructors of com).
 * Owns: the factories, which are static; threads: any.
 * Reference: IClassFactory, "DllGetClassObject", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_CLASS_FACTORY_H
#define SCM_SERVER_CLASS_FACTORY_H

#include <windows.h>
#include <objbase.h>

/**
 * The factory of a class, or of the class that an alias in the registry leads to.
 *
 * @param[in] iid interface of the factory: IUnknown or IClassFactory.
 * @param[out] out the factory with one reference; NULL on failure.
 * @retval S_OK
 * @retval CLASS_E_CLASSNOTAVAILABLE neither a class of ours nor a recorded alias.
 * @retval E_NOINTERFACE
 * Threads: any.
 */
HRESULT class_factory_find(REFCLSID clsid, REFIID iid, void **out);

#endif
