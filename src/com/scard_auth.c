/*
 * scard_auth - class SCardAuth with ISCardAuth: authentication between card, application and user.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Identity, lifetime, IDispatch and the rules of attachment are complete; the methods that work on
 * the card answer E_NOTIMPL once something is attached.
 * Reference: ISCardAuth, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/platform.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "scard_interfaces.h"

struct scard_auth
{
    ISCardAuth ISCardAuth_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(auth, ISCardAuth, struct scard_auth);

static HRESULT STDMETHODCALLTYPE auth_APP_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, IByteBuffer *buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "APP_Auth");

    (void)algorithm;
    (void)param;
    if (!buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(auth->session));
}

static HRESULT STDMETHODCALLTYPE auth_GetChallenge(ISCardAuth *iface, LONG algorithm,
                                                   IByteBuffer *param, LONG *len,
                                                   IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "GetChallenge");

    (void)algorithm;
    (void)param;
    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(auth->session));
}

static HRESULT STDMETHODCALLTYPE auth_ICC_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "ICC_Auth");

    (void)algorithm;
    (void)param;
    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(auth->session));
}

static HRESULT STDMETHODCALLTYPE auth_Initialize(ISCardAuth *iface, LONG *data)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

static HRESULT STDMETHODCALLTYPE auth_User_Auth(ISCardAuth *iface, LONG algorithm,
                                                IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "User_Auth");

    (void)algorithm;
    (void)param;
    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, child_lacks_method(auth->session));
}

static const ISCardAuthVtbl auth_vtbl = {
    COM_OBJECT_VTABLE(auth),   .APP_Auth = auth_APP_Auth,     .GetChallenge = auth_GetChallenge,
    .ICC_Auth = auth_ICC_Auth, .Initialize = auth_Initialize, .User_Auth = auth_User_Auth,
};

static void destroy_auth(struct com_object *object)
{
    struct scard_auth *auth = CONTAINING_RECORD(object, struct scard_auth, object);

    card_session_release(auth->session);
    com_object_fini(object);
    platform_free(auth);
}

static const struct com_class auth_class = {
    .clsid = &CLSID_SCardAuth,
    .iid = &IID_ISCardAuth,
    .interface_name = "ISCardAuth",
    .prog_id = L"ScardManage.SCardAuth.1",
    .destroy = destroy_auth,
};

HRESULT scard_auth_create_on(struct card_session *session, IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_auth *auth = platform_alloc(sizeof(*auth));
    if (!auth) return E_OUTOFMEMORY;
    auth->ISCardAuth_iface.lpVtbl = &auth_vtbl;
    hr = com_object_init(&auth->object, &auth_class, (IDispatch *)&auth->ISCardAuth_iface, outer);
    if (FAILED(hr))
    {
        platform_free(auth);
        return hr;
    }
    auth->session = card_session_add_ref(session);
    return com_object_hand_out(&auth->object, iid, out);
}

HRESULT scard_auth_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_auth_create_on, outer, iid, out);
}
