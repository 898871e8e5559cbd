/*
 * scard_auth - class SCardAuth with ISCardAuth: authentication between card, application and user.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Reference: ISCardAuth, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/platform.h"
#include "base/wipe.h"
#include "card/card_auth.h"
#include "card/card_pins.h"
#include "com/buffer_bytes.h"
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

/*
 * What a client gives: algorithm ids 0 to 255 are P1 of the command, 0 where the card knows. The
 * parameters are bytes: the key's reference (P2; with bit 8 a key of the current directory), 0 where
 * there are none; for User_Auth also the code's reference and the code.
 */
#define ALGORITHM_MAX 255

struct request
{
    struct card_key key;
    struct bytes user; /* code's reference and code; empty where there is none */
    uint8_t *param;
    size_t param_len;
    uint8_t *data;
    size_t data_len;
};

static void request_free(struct request *request)
{
    if (request->param) wipe(request->param, request->param_len);
    platform_free(request->param);
    if (request->data) wipe(request->data, request->data_len);
    platform_free(request->data);
}

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

/* Reads what the client gives, before the card is taken; to be freed also on failure. */
static scm_result request_read(struct request *request, LONG algorithm, IByteBuffer *param,
                               IByteBuffer *data, bool may_have_user, struct card_fault *fault)
{
    HRESULT hr = S_OK;

    *request = (struct request){ 0 };
    if (algorithm < 0 || algorithm > ALGORITHM_MAX)
        return refuse(fault, "an algorithm is a number from 0 to 255");
    if (param) hr = buffer_read_all(param, &request->param, &request->param_len);
    if (SUCCEEDED(hr) && data) hr = buffer_read_all(data, &request->data, &request->data_len);
    if (FAILED(hr)) return hr;
    if (request->param_len > 1 && !may_have_user)
        return refuse(fault, "the parameters are one byte, the key's reference");

    request->key.algorithm = (uint8_t)algorithm;
    if (request->param_len) request->key.reference = request->param[0];
    request->user = bytes_slice(bytes_of(request->param, request->param_len), 1, SIZE_MAX);
    return HR_OK;
}

/* What a card gave, kept until the card is free for others again. */
static scm_result keep(struct bytes given, uint8_t **kept)
{
    *kept = platform_alloc(given.len ? given.len : 1);
    if (!*kept) return HR_OUTOFMEMORY;
    if (given.len) memcpy(*kept, given.data, given.len);
    return HR_OK;
}

/* One piece of work on the card that ends with an answer for the client. */
typedef scm_result card_work(struct card_files *files, const struct request *request,
                             uint32_t wanted, struct bytes *answer, struct card_fault *fault);

static scm_result work_for_answer(struct scard_auth *auth, card_work *work,
                                  const struct request *request, LONG *len, IByteBuffer **buffer,
                                  struct card_fault *fault)
{
    struct bytes answer = { 0 };
    struct card_files *files;
    uint8_t *kept = NULL;
    LONG wanted = *len;

    *len = 0;
    if (wanted < 0) return refuse(fault, "the length is negative");
    scm_result result = card_session_begin_work(auth->session, &files);
    if (result_failed(result)) return result;
    result = work(files, request, (uint32_t)wanted, &answer, fault);
    if (!result_failed(result)) result = keep(answer, &kept);
    card_session_end_work(auth->session);
    if (result_failed(result)) return result;

    HRESULT hr = buffer_replace(buffer, kept, answer.len);
    if (SUCCEEDED(hr)) *len = (LONG)answer.len;
    wipe(kept, answer.len);
    platform_free(kept);
    return hr;
}

/* EXTERNAL AUTHENTICATE: the buffer holds the answer to the card's challenge. */
static HRESULT STDMETHODCALLTYPE auth_APP_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, IByteBuffer *buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "APP_Auth");
    struct card_files *files;
    struct request request;

    if (!buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, buffer, false, &call.fault);
    if (!result_failed(result)) result = card_session_begin_work(auth->session, &files);
    if (!result_failed(result))
    {
        result = card_auth_external(files, request.key, bytes_of(request.data, request.data_len),
                                    &call.fault);
        card_session_end_work(auth->session);
    }
    request_free(&request);
    return com_call_end(&call, result);
}

static scm_result get_challenge(struct card_files *files, const struct request *request,
                                uint32_t wanted, struct bytes *answer, struct card_fault *fault)
{
    return card_auth_get_challenge(files, request->key, wanted, answer, fault);
}

/* GET CHALLENGE; a length of 0 leaves it to the card how long it is. */
static HRESULT STDMETHODCALLTYPE auth_GetChallenge(ISCardAuth *iface, LONG algorithm,
                                                   IByteBuffer *param, LONG *len,
                                                   IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "GetChallenge");
    struct request request;

    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, NULL, false, &call.fault);
    if (!result_failed(result))
        result = work_for_answer(auth, get_challenge, &request, len, buffer, &call.fault);
    request_free(&request);
    return com_call_end(&call, result);
}

/* The holder's code first, where there is one, then the card's answer to the data. */
static scm_result authenticate(struct card_files *files, const struct request *request,
                               uint32_t wanted, struct bytes *answer, struct card_fault *fault)
{
    scm_result result = HR_OK;

    if (request->user.len)
    {
        struct card_pin pin = { CARD_PIN_AS_NUMBERED, request->user.data[0] };
        result = card_pin_verify(files, pin, bytes_slice(request->user, 1, SIZE_MAX), fault);
    }
    if (result_failed(result)) return result;
    return card_auth_internal(files, request->key, bytes_of(request->data, request->data_len),
                              wanted, answer, fault);
}

static HRESULT authenticate_for(ISCardAuth *iface, const char *method, LONG algorithm,
                                IByteBuffer *param, bool may_have_user, LONG *len,
                                IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, method);
    struct request request;

    if (!len || !buffer || !*buffer) return com_call_end(&call, HR_POINTER);
    scm_result result =
        request_read(&request, algorithm, param, *buffer, may_have_user, &call.fault);
    if (!result_failed(result))
        result = work_for_answer(auth, authenticate, &request, len, buffer, &call.fault);
    request_free(&request);
    return com_call_end(&call, result);
}

/* INTERNAL AUTHENTICATE: the buffer holds the application's challenge, then the card's answer. */
static HRESULT STDMETHODCALLTYPE auth_ICC_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_for(iface, "ICC_Auth", algorithm, param, false, len, buffer);
}

static HRESULT STDMETHODCALLTYPE auth_Initialize(ISCardAuth *iface, LONG *data)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

/* A remote application's challenge, answered by the card after its holder gave his code. */
static HRESULT STDMETHODCALLTYPE auth_User_Auth(ISCardAuth *iface, LONG algorithm,
                                                IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_for(iface, "User_Auth", algorithm, param, true, len, buffer);
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
