/*
 * com_private - what the server layer may ask of the COM layer: one constructor a class, the count
 *               of living objects, and the beginning and end of the module.
 * Layer: com (calls card; knows no registry and no class factory).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_PRIVATE_H
#define SCM_COM_PRIVATE_H

#include <windows.h>
#include <objbase.h>

/**
 * Creates an object of a class and returns the interface asked for, with one reference.
 *
 * A child class (SCardFileAccess, SCardVerify, SCardAuth) created here has no manager and so never
 * an attachment; useful children come from ISCardManage::CreateFileAccess and its sisters.
 *
 * @param[in] outer controlling unknown when aggregated, then iid must be IID_IUnknown; or NULL.
 * @param[in] iid interface wanted.
 * @param[out] out the interface, NULL on failure.
 * @retval S_OK
 * @retval E_POINTER out or iid is NULL.
 * @retval CLASS_E_NOAGGREGATION outer given and iid is not IID_IUnknown.
 * @retval E_NOINTERFACE the class has no such interface.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 */
HRESULT scard_manage_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_file_access_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_verify_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_auth_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_type_conv_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_cmd_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_iso7816_create(IUnknown *outer, REFIID iid, void **out);
HRESULT byte_buffer_create(IUnknown *outer, REFIID iid, void **out);
/** SC_E_NO_SERVICE and other PC/SC codes: this one needs the resource manager from the beginning. */
HRESULT scard_card_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_database_create(IUnknown *outer, REFIID iid, void **out);
HRESULT scard_locate_create(IUnknown *outer, REFIID iid, void **out);

/** How many objects of this module are alive, children included. Threads: any. */
LONG com_objects_alive(void);

/** Gives back what is kept only for reuse (idle PC/SC contexts); for DllCanUnloadNow. Threads: any. */
void com_release_idle(void);

/** The module's handle, for what is in its resources; from DllMain's attach. */
void com_module_attach(HINSTANCE module);

/** Releases what the module caches; from DllMain's detach, not when the process ends. */
void com_module_detach(void);

#endif
