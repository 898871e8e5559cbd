/*
 * object_test - what every class of ours owes COM: identity, references, aggregation, factories,
 *               side interfaces, marshaling between apartments, unloading.
 * Layer: tests. Needs the registered server; no reader.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <ocidl.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"

static const struct
{
    const CLSID *clsid;
    const IID *iid;
    const WCHAR *prog_id;
} classes[] = {
    { &CLSID_SCardManage, &IID_ISCardManage, L"ScardManage.SCardManage" },
    { &CLSID_SCardFileAccess, &IID_ISCardFileAccess, L"ScardManage.SCardFileAccess" },
    { &CLSID_SCardVerify, &IID_ISCardVerify, L"ScardManage.SCardVerify" },
    { &CLSID_SCardAuth, &IID_ISCardAuth, L"ScardManage.SCardAuth" },
    { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv, L"ScardManage.CSCardTypeConv" },
    { &CLSID_CSCardCmd, &IID_ISCardCmd, L"ScardManage.CSCardCmd" },
    { &CLSID_CSCardISO7816, &IID_ISCardISO7816, L"ScardManage.CSCardISO7816" },
    { &CLSID_CByteBuffer, &IID_IByteBuffer, L"ScardManage.CByteBuffer" },
    { &CLSID_CSCard, &IID_ISCard, L"ScardManage.CSCard" },
    { &CLSID_CSCardDatabase, &IID_ISCardDatabase, L"ScardManage.CSCardDatabase" },
    { &CLSID_CSCardLocate, &IID_ISCardLocate, L"ScardManage.CSCardLocate" },
};

static void identity(size_t i)
{
    const IID *const iids[] = { &IID_IUnknown,          &IID_IDispatch,         classes[i].iid,
                                &IID_ISupportErrorInfo, &IID_IProvideClassInfo, &IID_IMarshal };
    IUnknown *unknown = NULL;
    void *out = (void *)(ULONG_PTR)0x5555;

    check_hr(CoCreateInstance(classes[i].clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                              (void **)&unknown),
             S_OK);
    for (size_t from = 0; from < ARRAYSIZE(iids); from++)
    {
        IUnknown *first = NULL;
        check_hr(IUnknown_QueryInterface(unknown, iids[from], (void **)&first), S_OK);
        for (size_t to = 0; first && to < ARRAYSIZE(iids); to++)
        {
            IUnknown *second = NULL, *same = NULL;
            check_hr(IUnknown_QueryInterface(first, iids[to], (void **)&second), S_OK);
            if (!second) continue;
            check_hr(IUnknown_QueryInterface(second, &IID_IUnknown, (void **)&same), S_OK);
            check(same == unknown);
            IUnknown_Release(same);
            IUnknown_Release(second);
        }
        if (first) IUnknown_Release(first);
    }
    check_hr(IUnknown_QueryInterface(unknown, &IID_IPersist, &out), E_NOINTERFACE);
    check(out == NULL);
    check_hr(IUnknown_QueryInterface(unknown, &IID_IUnknown, NULL), E_POINTER);
    out = (void *)(ULONG_PTR)0x5555;
    check_hr(unknown->lpVtbl->QueryInterface(unknown, NULL, &out), E_POINTER);
    check(out == NULL);
    check_int(IUnknown_AddRef(unknown), 2);
    check_int(IUnknown_Release(unknown), 1);
    check_int(IUnknown_Release(unknown), 0);
}

static void side_interfaces(size_t i)
{
    ISupportErrorInfo *support = NULL;
    IProvideClassInfo *provide = NULL;
    ITypeInfo *info = NULL;
    TYPEATTR *attributes;
    CLSID clsid;

    check_hr(CoCreateInstance(classes[i].clsid, NULL, CLSCTX_INPROC_SERVER, &IID_ISupportErrorInfo,
                              (void **)&support),
             S_OK);
    check_hr(ISupportErrorInfo_InterfaceSupportsErrorInfo(support, classes[i].iid), S_OK);
    check_hr(ISupportErrorInfo_InterfaceSupportsErrorInfo(support, &IID_IUnknown), S_FALSE);
    check_hr(ISupportErrorInfo_QueryInterface(support, &IID_IProvideClassInfo, (void **)&provide),
             S_OK);
    check_hr(IProvideClassInfo_GetClassInfo(provide, NULL), E_POINTER);
    check_hr(IProvideClassInfo_GetClassInfo(provide, &info), S_OK);
    if (info && check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK))
    {
        check_int(attributes->typekind, TKIND_COCLASS);
        check(IsEqualGUID(&attributes->guid, classes[i].clsid));
        ITypeInfo_ReleaseTypeAttr(info, attributes);
    }
    if (info) ITypeInfo_Release(info);
    IProvideClassInfo_Release(provide);
    check_int(ISupportErrorInfo_Release(support), 0);

    check_hr(CLSIDFromProgID(classes[i].prog_id, &clsid), S_OK);
    check(IsEqualCLSID(&clsid, classes[i].clsid));
}

/* An outer object that aggregates one of ours. */
struct outer
{
    IUnknown IUnknown_iface;
    LONG refs;
    IUnknown *inner;
};

static HRESULT STDMETHODCALLTYPE outer_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct outer *outer = CONTAINING_RECORD(iface, struct outer, IUnknown_iface);
    if (!IsEqualIID(iid, &IID_IUnknown)) return IUnknown_QueryInterface(outer->inner, iid, out);
    *out = iface;
    outer->refs++;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE outer_AddRef(IUnknown *iface)
{
    return (ULONG)++CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->refs;
}

static ULONG STDMETHODCALLTYPE outer_Release(IUnknown *iface)
{
    return (ULONG)--CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->refs;
}

static const IUnknownVtbl outer_vtbl = {
    .QueryInterface = outer_QueryInterface,
    .AddRef = outer_AddRef,
    .Release = outer_Release,
};

static void aggregation(size_t i)
{
    struct outer outer = { .IUnknown_iface = { (IUnknownVtbl *)&outer_vtbl }, .refs = 1 };
    IUnknown *dual = NULL, *same = NULL;
    IMarshal *marshal = NULL;
    void *out = (void *)(ULONG_PTR)0x5555;

    check_hr(CoCreateInstance(classes[i].clsid, &outer.IUnknown_iface, CLSCTX_INPROC_SERVER,
                              classes[i].iid, &out),
             CLASS_E_NOAGGREGATION);
    check(out == NULL);
    check_hr(CoCreateInstance(classes[i].clsid, &outer.IUnknown_iface, CLSCTX_INPROC_SERVER,
                              &IID_IUnknown, (void **)&outer.inner),
             S_OK);
    if (!outer.inner) return;
    check(outer.inner != &outer.IUnknown_iface);
    check_int(outer.refs, 1); /* the inner object does not count its outer one */
    check_hr(IUnknown_QueryInterface(&outer.IUnknown_iface, classes[i].iid, (void **)&dual), S_OK);
    check_int(outer.refs, 2); /* but its interfaces are the outer object's */
    check_hr(IUnknown_QueryInterface(dual, &IID_IUnknown, (void **)&same), S_OK);
    check(same == &outer.IUnknown_iface);
    IUnknown_Release(same);
    check_hr(IUnknown_QueryInterface(dual, &IID_IMarshal, (void **)&marshal), S_OK);
    check_int(outer.refs, 3);
    IMarshal_Release(marshal);
    IUnknown_Release(dual);
    check_int(outer.refs, 1);
    check_int(IUnknown_Release(outer.inner), 0);
}

static void factories(void)
{
    IClassFactory *factory = NULL;
    IUnknown *unknown = NULL;
    void *out = (void *)(ULONG_PTR)0x5555;

    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        check_hr(CoGetClassObject(classes[i].clsid, CLSCTX_INPROC_SERVER, NULL, &IID_IClassFactory,
                                  (void **)&factory),
                 S_OK);
        check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IUnknown, NULL), E_POINTER);
        out = (void *)(ULONG_PTR)0x5555;
        check_hr(factory->lpVtbl->CreateInstance(factory, NULL, NULL, &out), E_POINTER);
        check(out == NULL);
        out = (void *)(ULONG_PTR)0x5555;
        check_hr(factory->lpVtbl->QueryInterface(factory, NULL, &out), E_POINTER);
        check(out == NULL);
        check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IPersist, &out), E_NOINTERFACE);
        check(out == NULL);
        check_hr(IClassFactory_CreateInstance(factory, NULL, classes[i].iid, (void **)&unknown),
                 S_OK);
        check_int(IUnknown_Release(unknown), 0);
        check_hr(IClassFactory_LockServer(factory, TRUE), S_OK);
        check_hr(IClassFactory_LockServer(factory, FALSE), S_OK);
        IClassFactory_Release(factory);
    }
}

struct crossing
{
    IStream *stream;
    HRESULT hr;
    ISCardManage *seen;
};

static DWORD WINAPI other_apartment(void *argument)
{
    struct crossing *crossing = argument;
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol;
    ISCardManage *manage = NULL;

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    crossing->hr =
        CoGetInterfaceAndReleaseStream(crossing->stream, &IID_ISCardManage, (void **)&manage);
    crossing->seen = manage;
    if (manage)
    {
        crossing->hr = ISCardManage_Status(manage, &state, &protocol);
        ISCardManage_Release(manage);
    }
    CoUninitialize();
    return 0;
}

/* Handed to another apartment, the pointer stays a direct one. */
static void other_apartments(void)
{
    ISCardManage *manage = NULL;
    struct crossing crossing = { 0 };

    check_hr(CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                              (void **)&manage),
             S_OK);
    check_hr(CoMarshalInterThreadInterfaceInStream(&IID_ISCardManage, (IUnknown *)manage,
                                                   &crossing.stream),
             S_OK);
    HANDLE thread = CreateThread(NULL, 0, other_apartment, &crossing, 0, NULL);
    check_int(WaitForSingleObject(thread, 20000), WAIT_OBJECT_0);
    CloseHandle(thread);
    check(crossing.seen == manage);
    check_hr(crossing.hr, SCARD_E_INVALID_HANDLE);
    check_int(ISCardManage_Release(manage), 0);
}

static const WCHAR *dll_path(void)
{
    static WCHAR path[MAX_PATH];
    if (GetEnvironmentVariableW(L"SCM_DLL", path, MAX_PATH)) return path;
    GetModuleFileNameW(NULL, path, MAX_PATH);
    *wcsrchr(path, L'\\') = 0;
    wcscpy(wcsrchr(path, L'\\'), L"\\scardmanage.dll");
    return path;
}

/* The DLL by itself: entry points, unloading, and objects of a DLL that nobody registered. */
static void unloading(void)
{
    HMODULE module = LoadLibraryW(dll_path());
    IClassFactory *factory = NULL;
    ISCardManage *manage = NULL;
    ISCardAuth *child = NULL;
    DISPID id;
    LPOLESTR name = (LPOLESTR)L"AttachByIFD";
    void *out = (void *)(ULONG_PTR)0x5555;

    if (!check(module != NULL)) return;
    HRESULT(WINAPI * get_class_object)
    (REFCLSID, REFIID, void **) = (void *)GetProcAddress(module, "DllGetClassObject");
    HRESULT(WINAPI * can_unload)(void) = (void *)GetProcAddress(module, "DllCanUnloadNow");
    if (!check(get_class_object && can_unload)) return;

    CoFreeUnusedLibraries();
    check_hr(can_unload(), S_OK);
    check_hr(get_class_object(&CLSID_SCardManage, &IID_IClassFactory, NULL), E_POINTER);
    check_hr(get_class_object(&IID_IUnknown, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    check(out == NULL);
    out = (void *)(ULONG_PTR)0x5555;
    check_hr(get_class_object(&CLSID_SCardManage, &IID_IPersist, &out), E_NOINTERFACE);
    check(out == NULL);
    check_hr(get_class_object(&CLSID_SCardManage, &IID_IClassFactory, (void **)&factory), S_OK);
    check_hr(IClassFactory_LockServer(factory, TRUE), S_OK);
    check_hr(can_unload(), S_FALSE);
    check_hr(IClassFactory_LockServer(factory, FALSE), S_OK);
    check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ISCardManage, (void **)&manage),
             S_OK);
    IClassFactory_Release(factory);
    check_hr(can_unload(), S_FALSE);
    check_hr(ISCardManage_GetIDsOfNames(manage, &IID_NULL, &name, 1, LOCALE_NEUTRAL, &id), S_OK);
    check_hr(ISCardManage_CreateCardAuth(manage, &child), S_OK);
    ISCardManage_Release(manage);
    check_hr(can_unload(), S_FALSE); /* the child is still there */
    ISCardAuth_Release(child);
    check_hr(can_unload(), S_OK);
    check(FreeLibrary(module));
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        check_context("%ls", classes[i].prog_id);
        identity(i);
        side_interfaces(i);
        aggregation(i);
    }
    check_context(NULL);
    factories();
    other_apartments();
    unloading();
    CoUninitialize();
    return check_finish();
}
