/*
 * scard_file_access - class SCardFileAccess with ISCardFileAccess: the file system of the card.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Identity, lifetime, IDispatch and the rules of attachment are complete; the methods that work on
 * the card answer E_NOTIMPL once something is attached.
 * Reference: ISCardFileAccess, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/platform.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "scard_interfaces.h"

struct scard_file_access
{
    ISCardFileAccess ISCardFileAccess_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(file_access, ISCardFileAccess, struct scard_file_access);

static HRESULT STDMETHODCALLTYPE file_access_ChangeDir(ISCardFileAccess *iface, REFTYPE type,
                                                       BSTR path)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "ChangeDir");

    (void)type;
    (void)path;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Close(ISCardFileAccess *iface, HSCARD_FILE file)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Close");

    (void)file;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Create(ISCardFileAccess *iface, REFTYPE type,
                                                    BSTR path, TLV_TABLE **tlvs, LONG *tlvs_count,
                                                    SCARD_FLAGS flags, IByteBuffer *data)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Create");

    (void)type;
    (void)path;
    (void)flags;
    (void)data;
    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Delete(ISCardFileAccess *iface, REFTYPE type,
                                                    BSTR path, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Delete");

    (void)type;
    (void)path;
    (void)flags;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Directory(ISCardFileAccess *iface, FILETYPE type,
                                                       SAFEARRAY **files)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Directory");

    (void)type;
    if (files) *files = NULL;
    if (!files) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_GetCurrentDir(ISCardFileAccess *iface, BSTR *path)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetCurrentDir");

    if (path) *path = NULL;
    if (!path) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_GetFileCapabilities(ISCardFileAccess *iface,
                                                                 TLV_TABLE **tlvs, LONG *tlvs_count,
                                                                 SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetFileCapabilities");

    (void)flags;
    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_GetProperties(ISCardFileAccess *iface, REFTYPE type,
                                                           BSTR path, TLV_TABLE **tlvs,
                                                           LONG *tlvs_count, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "GetProperties");

    (void)type;
    (void)path;
    (void)flags;
    if (!tlvs || !tlvs_count) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Initialize(ISCardFileAccess *iface, LONG *data)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

static HRESULT STDMETHODCALLTYPE file_access_Invalidate(ISCardFileAccess *iface, BSTR path,
                                                        SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Invalidate");

    (void)path;
    (void)flags;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Open(ISCardFileAccess *iface, REFTYPE type, BSTR path,
                                                  HSCARD_FILE *file)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Open");

    (void)type;
    (void)path;
    if (file) *file = 0;
    if (!file) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Read(ISCardFileAccess *iface, HSCARD_FILE file,
                                                  LONG *bytes, IByteBuffer **buffer,
                                                  SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Read");

    (void)file;
    (void)flags;
    if (buffer) *buffer = NULL;
    if (!bytes || !buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Rehabilitate(ISCardFileAccess *iface, BSTR path,
                                                          SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Rehabilitate");

    (void)path;
    (void)flags;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Seek(ISCardFileAccess *iface, HSCARD_FILE file,
                                                  LONG offset, SEEKTYPE origin)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Seek");

    (void)file;
    (void)offset;
    (void)origin;
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_SetProperties(ISCardFileAccess *iface, REFTYPE type,
                                                           BSTR path, TLV_TABLE *tlvs,
                                                           LONG tlvs_count, SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "SetProperties");

    (void)type;
    (void)path;
    (void)tlvs_count;
    (void)flags;
    if (!tlvs) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static HRESULT STDMETHODCALLTYPE file_access_Write(ISCardFileAccess *iface, HSCARD_FILE file,
                                                   LONG bytes, IByteBuffer *buffer,
                                                   SCARD_FLAGS flags)
{
    struct scard_file_access *file_access = impl_from_ISCardFileAccess(iface);
    struct com_call call = com_call_begin(&file_access->object, "Write");

    (void)file;
    (void)bytes;
    (void)flags;
    if (!buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(file_access->session));
}

static const ISCardFileAccessVtbl file_access_vtbl = {
    COM_OBJECT_VTABLE(file_access),
    .ChangeDir = file_access_ChangeDir,
    .Close = file_access_Close,
    .Create = file_access_Create,
    .Delete = file_access_Delete,
    .Directory = file_access_Directory,
    .GetCurrentDir = file_access_GetCurrentDir,
    .GetFileCapabilities = file_access_GetFileCapabilities,
    .GetProperties = file_access_GetProperties,
    .Initialize = file_access_Initialize,
    .Invalidate = file_access_Invalidate,
    .Open = file_access_Open,
    .Read = file_access_Read,
    .Rehabilitate = file_access_Rehabilitate,
    .Seek = file_access_Seek,
    .SetProperties = file_access_SetProperties,
    .Write = file_access_Write,
};

static void destroy_file_access(struct com_object *object)
{
    struct scard_file_access *file_access =
        CONTAINING_RECORD(object, struct scard_file_access, object);

    card_session_release(file_access->session);
    com_object_fini(object);
    platform_free(file_access);
}

static const struct com_class file_access_class = {
    .clsid = &CLSID_SCardFileAccess,
    .iid = &IID_ISCardFileAccess,
    .interface_name = "ISCardFileAccess",
    .prog_id = L"ScardManage.SCardFileAccess.1",
    .destroy = destroy_file_access,
};

HRESULT scard_file_access_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                                    void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_file_access *file_access = platform_alloc(sizeof(*file_access));
    if (!file_access) return E_OUTOFMEMORY;
    file_access->ISCardFileAccess_iface.lpVtbl = &file_access_vtbl;
    hr = com_object_init(&file_access->object, &file_access_class,
                         (IDispatch *)&file_access->ISCardFileAccess_iface, outer);
    if (FAILED(hr))
    {
        platform_free(file_access);
        return hr;
    }
    file_access->session = card_session_add_ref(session);
    return com_object_hand_out(&file_access->object, iid, out);
}

HRESULT scard_file_access_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_file_access_create_on, outer, iid, out);
}
