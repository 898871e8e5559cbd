/*
 * scard_auth - class SCardAuth with ISCardAuth: authentication between card, application and user.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Reference: ISCardAuth, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/wipe.h"
#include "com/buffer_bytes.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/holder/auth.h"
#include "card/holder/pins.h"
#include "system/memory.h"
#include "scard_interfaces.h"

struct scard_auth
{
    ISCardAuth ISCardAuth_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(auth, ISCardAuth, struct scard_auth);

/*
 * What a client gives. Algorithm ids 0 to 255 are P1 of the command, 0 where the card knows; the
 * buffer holds what the client computed. The parameters are bytes: the key's reference (P2; with bit
 * 8 a key of the current directory), 0 where there are none; for User_Auth also the code's reference
 * and the code.
 *
 * With the ids from 0x100 on the buffer holds a key, and we compute. The command's P1 is 0 then.
 *
 *   id     key in the buffer         a challenge is answered with
 *   0x100  3DES, 16 or 24 bytes      its encryption, blocks chained (CBC) from zero; a challenge that
 *   0x101  AES, 16, 24 or 32 bytes   is not whole blocks is filled with zero bytes
 *   0x102  3DES                      its encryption, each block by itself (ECB); filled likewise
 *   0x103  AES
 *   0x104  3DES, 16 bytes            the retail MAC (ISO/IEC 9797-1 algorithm 3, padding method 2)
 *   0x105  AES                       CMAC (NIST SP 800-38B)
 *
 *   APP_Auth asks for the challenge itself, answers it and presents the answer. Parameters: the key's
 *   reference, then perhaps one byte, the challenge's length (else one block: 8 or 16).
 *   ICC_Auth compares the card's answer with the key's. Parameters: the key's reference, then perhaps
 *   the challenge (else one block of random bytes). The buffer gets the card's answer.
 *
 *   0x200  3DES   the keys of secure messaging (Doc 9303 part 11), for APP_Auth only: encryption key,
 *   0x201  AES    MAC key, send sequence counter, one behind the other: 16+16+8 bytes for 3DES,
 *               16+16+16, 24+24+16 or 32+32+16 for AES. An empty buffer takes the keys away.
 *   Parameters: none, or one byte: 0, only calls with SC_FL_SECURE_MESSAGING are wrapped; 1, every
 *   command from now on is. No command is sent. The keys end with the attachment, with a reset, with
 *   Reconnect, and with the first answer that is not in order.
 *
 *   0x210  3DES   static keys from which both sides make those of secure messaging (basic access
 *                 control, Doc 9303 part 11), for APP_Auth only: encryption key and MAC key, 16+16
 *                 bytes. Parameters: none, or the key's reference, or that and a byte as above.
 */
#define ALGORITHM_MAX 255
#define COVERS_ALL    1

enum algorithm_use
{
    USE_KEY,       /* a key for one answer */
    USE_CHANNEL,   /* keys for secure messaging */
    USE_AGREEMENT, /* keys to agree on those */
};

static const struct algorithm
{
    LONG id;
    enum algorithm_use use;
    enum block_cipher_kind cipher;
    enum card_answering how;
} algorithms[] = {
    { 0x100, USE_KEY, BLOCK_CIPHER_3DES, CARD_ANSWER_CBC },
    { 0x101, USE_KEY, BLOCK_CIPHER_AES, CARD_ANSWER_CBC },
    { 0x102, USE_KEY, BLOCK_CIPHER_3DES, CARD_ANSWER_ECB },
    { 0x103, USE_KEY, BLOCK_CIPHER_AES, CARD_ANSWER_ECB },
    { 0x104, USE_KEY, BLOCK_CIPHER_3DES, CARD_ANSWER_MAC },
    { 0x105, USE_KEY, BLOCK_CIPHER_AES, CARD_ANSWER_MAC },
    { 0x200, USE_CHANNEL, BLOCK_CIPHER_3DES, CARD_ANSWER_CBC },
    { 0x201, USE_CHANNEL, BLOCK_CIPHER_AES, CARD_ANSWER_CBC },
    { 0x210, USE_AGREEMENT, BLOCK_CIPHER_3DES, CARD_ANSWER_CBC },
};

struct request
{
    struct card_key key;
    const struct algorithm *algorithm; /* where the buffer holds keys; else NULL */
    struct bytes rest;                 /* of the parameters, behind the key's reference */
    uint8_t *param;
    size_t param_len;
    uint8_t *data;
    size_t data_len;
};

static void request_free(struct request *request)
{
    if (request->param) wipe(request->param, request->param_len);
    memory_free(request->param);
    if (request->data) wipe(request->data, request->data_len);
    memory_free(request->data);
}

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

/* What a method takes besides algorithms of the card and one byte of parameters. */
enum extras
{
    TAKES_USER = 1,    /* a code's reference and a code */
    TAKES_KEY = 2,     /* algorithms with a key of the client's */
    TAKES_CHANNEL = 4, /* algorithms with keys of secure messaging */
};

static scm_result find_algorithm(struct request *request, LONG id, unsigned extras,
                                 struct card_fault *fault)
{
    for (size_t i = 0; i < ARRAYSIZE(algorithms); i++)
        if (algorithms[i].id == id) request->algorithm = &algorithms[i];
    const struct algorithm *found = request->algorithm;

    if (id >= 0 && id <= ALGORITHM_MAX)
    {
        request->key.algorithm = (uint8_t)id;
        return HR_OK;
    }
    if (found && extras & (found->use == USE_KEY ? TAKES_KEY : TAKES_CHANNEL)) return HR_OK;
    return refuse(fault,
                  extras & TAKES_KEY
                      ? "an algorithm is a number from 0 to 255, or one for keys of the client's"
                      : "an algorithm is a number from 0 to 255");
}

/* Reads what the client gives, before the card is taken; to be freed also on failure. */
static scm_result request_read(struct request *request, LONG algorithm, IByteBuffer *param,
                               IByteBuffer *data, unsigned extras, struct card_fault *fault)
{
    HRESULT hr = S_OK;

    *request = (struct request){ 0 };
    scm_result result = find_algorithm(request, algorithm, extras, fault);
    if (result_failed(result)) return result;
    if (param) hr = buffer_read_all(param, &request->param, &request->param_len);
    if (SUCCEEDED(hr) && data) hr = buffer_read_all(data, &request->data, &request->data_len);
    if (FAILED(hr)) return hr;
    if (request->param_len > 1 && !request->algorithm && !(extras & TAKES_USER))
        return refuse(fault, "the parameters are one byte, the key's reference");

    if (request->param_len) request->key.reference = request->param[0];
    request->rest = bytes_slice(bytes_of(request->param, request->param_len), 1, SIZE_MAX);
    return HR_OK;
}

static struct bytes data_of(const struct request *request)
{
    return bytes_of(request->data, request->data_len);
}

static struct card_known_key known_key(const struct request *request)
{
    return (struct card_known_key){ .cipher = request->algorithm->cipher,
                                    .how = request->algorithm->how,
                                    .value = data_of(request) };
}

/* What a card gave, kept until the card is free for others again. */
static scm_result keep(struct bytes given, uint8_t **kept)
{
    *kept = memory_alloc(given.len ? given.len : 1);
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
    card_session_explain(files, result, fault);
    card_session_end_work(auth->session);
    if (result_failed(result)) return result;

    HRESULT hr = buffer_replace(buffer, kept, answer.len);
    if (SUCCEEDED(hr)) *len = (LONG)answer.len;
    wipe(kept, answer.len);
    memory_free(kept);
    return hr;
}

/* Takes the keys of secure messaging apart: the counter is as long as a block, the rest is halved. */
static scm_result make_channel(const struct request *request, struct card_channel **channel,
                               struct card_fault *fault)
{
    struct bytes all = data_of(request);
    size_t counter_len = block_cipher_block_len(request->algorithm->cipher);

    if (all.len <= counter_len || (all.len - counter_len) % 2)
        return refuse(fault, "the buffer does not hold two keys and a counter");
    size_t key_len = (all.len - counter_len) / 2;
    const struct card_channel_keys keys = {
        .cipher = request->algorithm->cipher,
        .encryption = bytes_slice(all, 0, key_len),
        .mac = bytes_slice(all, key_len, key_len),
        .counter = bytes_slice(all, 2 * key_len, counter_len),
        .covers_all = request->key.reference == COVERS_ALL,
    };
    return card_channel_create(&keys, channel, fault);
}

/* Gives the attachment keys, or takes them away. */
static scm_result give_keys(struct scard_auth *auth, const struct request *request,
                            struct card_fault *fault)
{
    struct card_channel *channel = NULL;
    struct card_files *files;
    scm_result result = card_session_check_attached(auth->session);

    if (result_failed(result)) return result;
    if (request->rest.len || request->key.reference > COVERS_ALL)
        return refuse(fault,
                      "the parameters are one byte, 0 or 1: whether all commands are wrapped");
    if (request->data_len) result = make_channel(request, &channel, fault);
    if (!result_failed(result)) result = card_session_enter(auth->session, &files);
    if (result_failed(result))
    {
        card_channel_destroy(channel);
        return result;
    }
    card_link_set_channel(files->link, channel);
    card_session_leave(auth->session);
    return HR_OK;
}

static scm_result present(struct card_files *files, const struct request *request,
                          struct card_fault *fault)
{
    struct bytes data = data_of(request);

    if (!request->algorithm) return card_auth_external(files, request->key, data, fault);
    if (request->algorithm->use == USE_AGREEMENT)
    {
        bool covers_all = request->rest.len && request->rest.data[0] == COVERS_ALL;
        return card_auth_agree(files, request->key, bytes_slice(data, 0, data.len / 2),
                               bytes_slice(data, data.len / 2, SIZE_MAX), covers_all, fault);
    }
    struct card_known_key known = known_key(request);
    uint8_t challenge_len = request->rest.len ? request->rest.data[0] : 0;
    return card_auth_prove(files, request->key, &known, challenge_len, fault);
}

/**
 * The application proves itself to the card: EXTERNAL AUTHENTICATE.
 *
 * The buffer holds the answer to the card's challenge, or the key for it, or keys of secure
 * messaging: see the head of this file.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL.
 * @retval E_INVALIDARG the algorithm is unknown, or does not fit the parameters or the buffer.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_SECURITY_VIOLATION the proof fails.
 * @retval SCARD_W_CHV_BLOCKED the key is blocked.
 * @retval SCARD_E_FILE_NOT_FOUND the card has no such key.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardAuth::APP_Auth, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE auth_APP_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, IByteBuffer *buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "APP_Auth");
    struct card_files *files;
    struct request request;

    if (!buffer) return com_call_end(&call, HR_POINTER);
    scm_result result =
        request_read(&request, algorithm, param, buffer, TAKES_KEY | TAKES_CHANNEL, &call.fault);
    if (!result_failed(result) && request.algorithm && request.algorithm->use == USE_CHANNEL)
        result = give_keys(auth, &request, &call.fault);
    else if (!result_failed(result) && request.algorithm && request.rest.len > 1)
        result = refuse(&call.fault, request.algorithm->use == USE_KEY
                                         ? "the parameters are the key's reference and the "
                                           "challenge's length"
                                         : "the parameters are the key's reference and whether all "
                                           "commands are wrapped");
    else if (!result_failed(result))
    {
        result = card_session_begin_work(auth->session, &files);
        if (!result_failed(result))
        {
            result = present(files, &request, &call.fault);
            card_session_explain(files, result, &call.fault);
            card_session_end_work(auth->session);
        }
    }
    request_free(&request);
    return com_call_end(&call, result);
}

static scm_result get_challenge(struct card_files *files, const struct request *request,
                                uint32_t wanted, struct bytes *answer, struct card_fault *fault)
{
    return card_auth_get_challenge(files, request->key, wanted, answer, fault);
}

/**
 * Fetches a challenge from the card: GET CHALLENGE.
 *
 * A length of 0 leaves it to the card how long it is.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the length or of the buffer is NULL.
 * @retval E_INVALIDARG the algorithm is unknown, or does not fit the parameters or the buffer; the
 *         length is negative.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_UNSUPPORTED_FEATURE the card gives no challenges.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardAuth::GetChallenge, Microsoft Learn.
 * Differs: the page has the length by value; the published type library by address, where the
 *          length that came goes.
 */
static HRESULT STDMETHODCALLTYPE auth_GetChallenge(ISCardAuth *iface, LONG algorithm,
                                                   IByteBuffer *param, LONG *len,
                                                   IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "GetChallenge");
    struct request request;

    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, NULL, 0, &call.fault);
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

    if (request->algorithm)
    {
        struct card_known_key known = known_key(request);
        return card_auth_check(files, request->key, &known, request->rest, answer, fault);
    }
    if (request->rest.len)
    {
        struct card_pin_reference pin = { CARD_PIN_AS_NUMBERED, request->rest.data[0] };
        result = card_pin_verify(files, pin, bytes_slice(request->rest, 1, SIZE_MAX), fault);
    }
    if (result_failed(result)) return result;
    return card_auth_internal(files, request->key, data_of(request), wanted, answer, fault);
}

static HRESULT authenticate_for(ISCardAuth *iface, const char *method, LONG algorithm,
                                IByteBuffer *param, enum extras extras, LONG *len,
                                IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, method);
    struct request request;

    if (!len || !buffer || !*buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, *buffer, extras, &call.fault);
    if (!result_failed(result))
        result = work_for_answer(auth, authenticate, &request, len, buffer, &call.fault);
    request_free(&request);
    return com_call_end(&call, result);
}

/**
 * The card proves itself to the application: INTERNAL AUTHENTICATE.
 *
 * The buffer holds the application's challenge, or the key to compare with; then the card's answer.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the length or of the buffer, or the buffer, is NULL.
 * @retval E_INVALIDARG the algorithm is unknown, or does not fit the parameters or the buffer; the
 *         length is negative.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_SECURITY_VIOLATION the proof fails.
 * @retval SCARD_E_FILE_NOT_FOUND the card has no such key.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardAuth::ICC_Auth, Microsoft Learn.
 * Differs: the page has no length; the published type library has.
 */
static HRESULT STDMETHODCALLTYPE auth_ICC_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_for(iface, "ICC_Auth", algorithm, param, TAKES_KEY, len, buffer);
}

/**
 * For use inside a service provider only.
 *
 * @retval E_NOTIMPL always: the objects here are linked in another way.
 * Threads: any.
 * Source: the published type library; no page.
 */
static HRESULT STDMETHODCALLTYPE auth_Initialize(ISCardAuth *iface, LONG *data)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "Initialize");

    (void)data;
    /* Internal to the original provider; ours links its objects otherwise. */
    return com_call_end(&call, HR_NOTIMPL);
}

/**
 * The user proves himself through the card.
 *
 * A remote application's challenge, answered by the card after its holder gave his PIN.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the length or of the buffer, or the buffer, is NULL.
 * @retval E_INVALIDARG the algorithm is unknown, or does not fit the parameters or the buffer; the
 *         length is negative.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_SECURITY_VIOLATION the proof fails.
 * @retval SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED the PIN in the parameters is wrong, or no try is
 *         left.
 * @retval SCARD_E_FILE_NOT_FOUND the card has no such key.
 * @retval E_OUTOFMEMORY
 * A status word of the card as the SCARD_* code made for it (iso7816/status_words.h); any other
 * PC/SC code unchanged.
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardAuth::User_Auth, Microsoft Learn.
 * Differs: the page has no length, and the buffer goes in only; the published type library has both
 *          ways.
 */
static HRESULT STDMETHODCALLTYPE auth_User_Auth(ISCardAuth *iface, LONG algorithm,
                                                IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_for(iface, "User_Auth", algorithm, param, TAKES_USER, len, buffer);
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
    memory_free(auth);
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
    struct scard_auth *auth = memory_alloc(sizeof(*auth));
    if (!auth) return E_OUTOFMEMORY;
    auth->ISCardAuth_iface.lpVtbl = &auth_vtbl;
    hr = com_object_init(&auth->object, &auth_class, (IDispatch *)&auth->ISCardAuth_iface, outer);
    if (FAILED(hr))
    {
        memory_free(auth);
        return hr;
    }
    auth->session = card_session_add_ref(session);
    return com_object_hand_out(&auth->object, iid, out);
}

HRESULT scard_auth_create(IUnknown *outer, REFIID iid, void **out)
{
    return child_create_alone(scard_auth_create_on, outer, iid, out);
}
