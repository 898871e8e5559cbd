/*
 * class_factory - one class factory for each class, a table line each.
 * Layer: server (calls the constructors of com).
 * Owns: the factories, which are static; threads: any.
 * Reference: IClassFactory, "DllGetClassObject", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "server/class_factory.h"

#include "com/com_private.h"
#include "server/aliases.h"
#include "server/module_lifetime.h"

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"

struct class_factory
{
    IClassFactory IClassFactory_iface;
    LONG refs; /* the factory is static: references only keep the DLL loaded */

    const CLSID *clsid;
    HRESULT (*create)(IUnknown *outer, REFIID iid, void **out);
};

static struct class_factory *impl_from_IClassFactory(IClassFactory *iface)
{
    return CONTAINING_RECORD(iface, struct class_factory, IClassFactory_iface);
}

static HRESULT WINAPI factory_QueryInterface(IClassFactory *iface, REFIID iid, void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!iid) return E_POINTER;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IClassFactory))
        return E_NOINTERFACE;
    IClassFactory_AddRef(iface);
    *out = iface;
    return S_OK;
}

static ULONG WINAPI factory_AddRef(IClassFactory *iface)
{
    /* Held before it is known whether that is needed: in between, somebody might ask for the end. */
    module_hold();
    LONG refs = InterlockedIncrement(&impl_from_IClassFactory(iface)->refs);
    if (refs != 1) module_let_go();
    return (ULONG)refs;
}

static ULONG WINAPI factory_Release(IClassFactory *iface)
{
    LONG refs = InterlockedDecrement(&impl_from_IClassFactory(iface)->refs);

    if (refs == 0) module_let_go();
    return (ULONG)refs;
}

static HRESULT WINAPI factory_CreateInstance(IClassFactory *iface, IUnknown *outer, REFIID iid,
                                             void **out)
{
    if (!out) return E_POINTER;
    *out = NULL;
    if (!iid) return E_POINTER;
    /* An outer object gets our own IUnknown and nothing else: any other interface would hand out
     * its identity before it has the means to keep it. */
    if (outer && !IsEqualIID(iid, &IID_IUnknown)) return CLASS_E_NOAGGREGATION;
    return impl_from_IClassFactory(iface)->create(outer, iid, out);
}

static HRESULT WINAPI factory_LockServer(IClassFactory *iface, BOOL lock)
{
    (void)iface;
    if (!lock) return module_unlock();
    module_lock();
    return S_OK;
}

static const IClassFactoryVtbl factory_vtbl = {
    .QueryInterface = factory_QueryInterface,
    .AddRef = factory_AddRef,
    .Release = factory_Release,
    .CreateInstance = factory_CreateInstance,
    .LockServer = factory_LockServer,
};

#define FACTORY(class_id, constructor)                                                             \
    {                                                                                              \
        { &factory_vtbl }, 0, class_id, constructor                                                \
    }
static struct class_factory factories[] = {
    /* The first one also serves the aliases. */
    FACTORY(&CLSID_SCardManage, scard_manage_create),
    FACTORY(&CLSID_SCardFileAccess, scard_file_access_create),
    FACTORY(&CLSID_SCardVerify, scard_verify_create),
    FACTORY(&CLSID_SCardAuth, scard_auth_create),
    FACTORY(&CLSID_CSCardTypeConv, scard_type_conv_create),
    FACTORY(&CLSID_CSCardCmd, scard_cmd_create),
    FACTORY(&CLSID_CSCardISO7816, scard_iso7816_create),
    FACTORY(&CLSID_CByteBuffer, byte_buffer_create),
    FACTORY(&CLSID_CSCard, scard_card_create),
    FACTORY(&CLSID_CSCardDatabase, scard_database_create),
    FACTORY(&CLSID_CSCardLocate, scard_locate_create),
};

HRESULT class_factory_find(REFCLSID clsid, REFIID iid, void **out)
{
    for (size_t i = 0; i < ARRAYSIZE(factories); i++)
        if (IsEqualCLSID(clsid, factories[i].clsid))
            return factory_QueryInterface(&factories[i].IClassFactory_iface, iid, out);
    if (alias_is_recorded(clsid))
        return factory_QueryInterface(&factories[0].IClassFactory_iface, iid, out);
    return CLASS_E_CLASSNOTAVAILABLE;
}
