/*
 * scard_verify - class SCardVerify with ISCardVerify: verification of the card's holder.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Identity, lifetime, IDispatch and the rules of attachment are complete; the methods that work on
 * the card answer E_NOTIMPL once something is attached.
 * Reference: ISCardVerify, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/platform.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "scard_interfaces.h"

struct scard_verify
{
    ISCardVerify ISCardVerify_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(verify, ISCardVerify, struct scard_verify);

static HRESULT STDMETHODCALLTYPE verify_ChangeCode(ISCardVerify *iface, IByteBuffer *old_code,
                                                   IByteBuffer *new_code, SCARD_FLAGS flags,
                                                   LONG reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "ChangeCode");

    (void)flags;
    (void)reference;
    if (!old_code || !new_code) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(verify->session));
}

static HRESULT STDMETHODCALLTYPE verify_Initialize(ISCardVerify *iface, LONG *data)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

static HRESULT STDMETHODCALLTYPE verify_Unblock(ISCardVerify *iface, LONG data, SCARD_FLAGS flags,
                                                LONG reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Unblock");

    (void)data;
    (void)flags;
    (void)reference;
    return com_call_end(&call, child_lacks_method(verify->session));
}

static HRESULT STDMETHODCALLTYPE verify_ResetSecurityState(ISCardVerify *iface, SCARD_FLAGS flags)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "ResetSecurityState");

    (void)flags;
    return com_call_end(&call, child_lacks_method(verify->session));
}

static HRESULT STDMETHODCALLTYPE verify_Verify(ISCardVerify *iface, IByteBuffer *code,
                                               SCARD_FLAGS flags, LONG *reference)
{
    struct scard_verify *verify = impl_from_ISCardVerify(iface);
    struct com_call call = com_call_begin(&verify->object, "Verify");

    (void)flags;
    if (!code || !reference) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(verify->session));
}

static const ISCardVerifyVtbl verify_vtbl = {
    COM_OBJECT_VTABLE(verify),
    .ChangeCode = verify_ChangeCode,
    .Initialize = verify_Initialize,
    .Unblock = verify_Unblock,
    .ResetSecurityState = verify_ResetSecurityState,
    .Verify = verify_Verify,
};

static void destroy_verify(struct com_object *object)
{
    struct scard_verify *verify = CONTAINING_RECORD(object, struct scard_verify, object);

    card_session_release(verify->session);
    com_object_fini(object);
    platform_free(verify);
}

static const struct com_class verify_class = {
    .clsid = &CLSID_SCardVerify,
    .iid = &IID_ISCardVerify,
    .interface_name = "ISCardVerify",
    .prog_id = L"ScardManage.SCardVerify.1",
    .destroy = destroy_verify,
};

HRESULT scard_verify_create_on(struct card_session *session, IUnknown *outer, REFIID iid,
                               void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_verify *verify = platform_alloc(sizeof(*verify));
    if (!verify) return E_OUTOFMEMORY;
    verify->ISCardVerify_iface.lpVtbl = &verify_vtbl;
    hr = com_object_init(&verify->object, &verify_class, (IDispatch *)&verify->ISCardVerify_iface,
                         outer);
    if (FAILED(hr))
    {
        platform_free(verify);
        return hr;
    }
    verify->session = card_session_add_ref(session);
    return com_object_hand_out(&verify->object, iid, out);
}

HRESULT scard_verify_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_verify_create_on, outer, iid, out);
}
