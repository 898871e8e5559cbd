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
#include "card/doors/keys.h"
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
 * 8 a key of the current directory), 0 where there are none; for User_Auth also the PIN's reference
 * and the PIN.
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
    struct secret_bytes param;
    struct secret_bytes data;
};

static void request_free(struct request *request)
{
    secret_bytes_free(&request->param);
    secret_bytes_free(&request->data);
}

static scm_result refuse(struct card_fault *fault, const char *why)
{
    fault->why = why;
    return HR_INVALIDARG;
}

/* What a method takes besides algorithms of the card and one byte of parameters. */
enum extras
{
    TAKES_USER = 1,    /* a PIN's reference and a PIN */
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
    *request = (struct request){ .param = secret_bytes_from(&system_memory),
                                 .data = secret_bytes_from(&system_memory) };
    scm_result result = find_algorithm(request, algorithm, extras, fault);
    /* Reading one may make the client let go of the other. */
    if (data) IByteBuffer_AddRef(data);
    if (!result_failed(result) && param) result = buffer_read(param, &request->param);
    if (!result_failed(result) && data) result = buffer_read(data, &request->data);
    if (data) IByteBuffer_Release(data);
    if (result_failed(result)) return result;
    struct bytes given = secret_bytes_span(&request->param);
    if (given.len > 1 && !request->algorithm && !(extras & TAKES_USER))
        return refuse(fault, "the parameters are one byte, the key's reference");

    if (given.len) request->key.reference = given.data[0];
    request->rest = bytes_slice(given, 1, SIZE_MAX);
    return HR_OK;
}

static struct bytes data_of(const struct request *request)
{
    return secret_bytes_span(&request->data);
}

static struct card_known_key known_key(const struct request *request)
{
    return (struct card_known_key){ .cipher = request->algorithm->cipher,
                                    .how = request->algorithm->how,
                                    .value = data_of(request) };
}

/* What goes out is zero before anything can fail. */
static LONG take_length(LONG *len)
{
    LONG wanted = len ? *len : 0;

    if (len) *len = 0;
    return wanted;
}

/* The client's length says how many bytes of answer are wanted. */
static scm_result check_length(LONG wanted, struct card_fault *fault)
{
    return wanted < 0 ? refuse(fault, "the length is negative") : HR_OK;
}

/* What the card gave goes into the client's buffer, where the card gave something; wiped here. */
static scm_result give_answer(scm_result result, struct secret_bytes *answer, LONG *len,
                              IByteBuffer **buffer)
{
    struct bytes given = secret_bytes_span(answer);

    if (!result_failed(result)) result = buffer_replace(buffer, given.data, given.len);
    if (!result_failed(result)) *len = (LONG)given.len;
    secret_bytes_free(answer);
    return result;
}

/* Takes the keys of secure messaging apart: the counter is as long as a block, the rest is halved. */
static scm_result take_apart(const struct request *request, struct card_channel_keys *keys,
                             struct card_fault *fault)
{
    struct bytes all = data_of(request);
    size_t counter_len = block_cipher_block_len(request->algorithm->cipher);

    if (all.len <= counter_len || (all.len - counter_len) % 2)
        return refuse(fault, "the buffer does not hold two keys and a counter");
    size_t key_len = (all.len - counter_len) / 2;
    *keys = (struct card_channel_keys){
        .cipher = request->algorithm->cipher,
        .encryption = bytes_slice(all, 0, key_len),
        .mac = bytes_slice(all, key_len, key_len),
        .counter = bytes_slice(all, 2 * key_len, counter_len),
        .covers_all = request->key.reference == COVERS_ALL,
    };
    return HR_OK;
}

/* Gives the attachment keys, or takes them away. */
static scm_result give_keys(struct card_session *session, const struct request *request,
                            struct card_fault *fault)
{
    struct card_channel_keys keys = { 0 };
    scm_result result = card_session_check_attached(session);

    if (result_failed(result)) return result;
    if (request->rest.len || request->key.reference > COVERS_ALL)
        return refuse(fault,
                      "the parameters are one byte, 0 or 1: whether all commands are wrapped");
    bool has_keys = data_of(request).len > 0;
    if (has_keys) result = take_apart(request, &keys, fault);
    if (result_failed(result)) return result;
    return door_keys_give(session, has_keys ? &keys : NULL, fault);
}

/* Computes with the client's key what the card is to see. */
static scm_result prove(struct card_session *session, const struct request *request,
                        struct card_fault *fault)
{
    struct card_known_key known = known_key(request);
    uint8_t challenge_len = request->rest.len ? request->rest.data[0] : 0;

    if (request->rest.len > 1)
        return refuse(fault, "the parameters are the key's reference and the challenge's length");
    return door_keys_prove(session, request->key, &known, challenge_len, fault);
}

/* Makes session keys with the card from the client's static ones. */
static scm_result agree(struct card_session *session, const struct request *request,
                        struct card_fault *fault)
{
    struct bytes data = data_of(request);
    uint8_t covered = request->rest.len ? request->rest.data[0] : 0;

    if (request->rest.len > 1 || covered > COVERS_ALL)
        return refuse(
            fault,
            "the parameters are the key's reference and 0 or 1: whether all commands are wrapped");
    return door_keys_agree(session, request->key, bytes_slice(data, 0, data.len / 2),
                           bytes_slice(data, data.len / 2, SIZE_MAX), covered == COVERS_ALL, fault);
}

static scm_result authenticate_application(struct card_session *session,
                                           const struct request *request, struct card_fault *fault)
{
    if (!request->algorithm)
        return door_keys_present(session, request->key, data_of(request), fault);
    switch (request->algorithm->use)
    {
    case USE_CHANNEL:
        return give_keys(session, request, fault);
    case USE_AGREEMENT:
        return agree(session, request, fault);
    default:
        return prove(session, request, fault);
    }
}

/**
 * EXTERNAL AUTHENTICATE: the buffer holds the answer to the card's challenge, or the key for it.
 *
 * @retval S_OK the card knows the application now, or has keys for secure messaging.
 * @retval E_POINTER no buffer.
 * @retval E_INVALIDARG algorithm, parameters, or a key of wrong length or equal parts; nothing was
 *         sent.
 * @retval SCARD_W_SECURITY_VIOLATION the cryptogram is wrong. @retval SCARD_W_CHV_BLOCKED the key has
 *         no tries left. @retval SCARD_E_FILE_NOT_FOUND the card has no such key.
 * @retval SCARD_E_NO_ACCESS no challenge was asked for, or it is used up.
 * @retval SCARD_E_COMM_DATA_LOST the card gave a challenge of another length than was asked for.
 * @retval SCARD_E_UNSUPPORTED_FEATURE the system lacks the cipher, or the card the command.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached; any other smart card code, failures of the
 *         client's buffers unchanged.
 * Threads: any. Source: ISCardAuth::APP_Auth, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE auth_APP_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, IByteBuffer *buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "APP_Auth");
    struct request request;

    if (!buffer) return com_call_end(&call, HR_POINTER);
    scm_result result =
        request_read(&request, algorithm, param, buffer, TAKES_KEY | TAKES_CHANNEL, &call.fault);
    if (!result_failed(result))
        result = authenticate_application(auth->session, &request, &call.fault);
    request_free(&request);
    return com_call_end(&call, result);
}

/**
 * GET CHALLENGE; a length of 0 leaves it to the card how long it is.
 *
 * @retval S_OK the buffer holds the challenge, the length says how long it is.
 * @retval E_POINTER no length or no place for the buffer.
 * @retval E_INVALIDARG algorithm, parameters, a negative length; nothing was sent.
 * @retval SCARD_E_UNSUPPORTED_FEATURE the card does not know the command.
 * @retval as APP_Auth.
 * Threads: any. Source: ISCardAuth::GetChallenge, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE auth_GetChallenge(ISCardAuth *iface, LONG algorithm,
                                                   IByteBuffer *param, LONG *len,
                                                   IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "GetChallenge");
    struct secret_bytes challenge = secret_bytes_from(&system_memory);
    struct request request;

    LONG wanted = take_length(len);
    if (!len || !buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, NULL, 0, &call.fault);
    if (!result_failed(result)) result = check_length(wanted, &call.fault);
    if (!result_failed(result))
        result = door_keys_get_challenge(auth->session, request.key, (uint32_t)wanted, &challenge,
                                         &call.fault);
    result = give_answer(result, &challenge, len, buffer);
    request_free(&request);
    return com_call_end(&call, result);
}

/* The card's answer to the data; before it the holder's PIN, or after it the comparison with a key. */
static scm_result ask(struct card_session *session, const struct request *request, uint32_t wanted,
                      struct secret_bytes *answer, struct card_fault *fault)
{
    if (request->algorithm)
    {
        struct card_known_key known = known_key(request);
        return door_keys_check(session, request->key, &known, request->rest, answer, fault);
    }
    if (request->rest.len == 0)
        return door_keys_ask(session, request->key, data_of(request), wanted, answer, fault);
    const struct card_pin_reference reference = { CARD_PIN_AS_NUMBERED, request->rest.data[0] };
    return door_keys_ask_for_holder(session, request->key, reference,
                                    bytes_slice(request->rest, 1, SIZE_MAX), data_of(request),
                                    wanted, answer, fault);
}

static HRESULT authenticate_card(ISCardAuth *iface, const char *method, LONG algorithm,
                                 IByteBuffer *param, enum extras extras, LONG *len,
                                 IByteBuffer **buffer)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, method);
    struct secret_bytes answer = secret_bytes_from(&system_memory);
    struct request request;

    LONG wanted = take_length(len);
    if (!len || !buffer || !*buffer) return com_call_end(&call, HR_POINTER);
    scm_result result = request_read(&request, algorithm, param, *buffer, extras, &call.fault);
    if (!result_failed(result)) result = check_length(wanted, &call.fault);
    if (!result_failed(result))
        result = ask(auth->session, &request, (uint32_t)wanted, &answer, &call.fault);
    result = give_answer(result, &answer, len, buffer);
    request_free(&request);
    return com_call_end(&call, result);
}

/**
 * INTERNAL AUTHENTICATE: the buffer holds the application's challenge, or the key to compare with,
 * then the card's answer.
 *
 * @retval S_OK the card answered; where there is a key, it is the card that has it.
 * @retval E_POINTER no length or no buffer.
 * @retval E_INVALIDARG algorithm, parameters, a negative length, an empty challenge; nothing was sent.
 * @retval SCARD_W_SECURITY_VIOLATION the answer is not the key's.
 * @retval as APP_Auth.
 * Threads: any. Source: ISCardAuth::ICC_Auth, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE auth_ICC_Auth(ISCardAuth *iface, LONG algorithm,
                                               IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_card(iface, "ICC_Auth", algorithm, param, TAKES_KEY, len, buffer);
}

/**
 * @retval E_NOTIMPL always: internal to the original provider; ours links its objects otherwise.
 * Threads: any. Source: ISCardAuth, type library.
 */
static HRESULT STDMETHODCALLTYPE auth_Initialize(ISCardAuth *iface, LONG *data)
{
    struct scard_auth *auth = impl_from_ISCardAuth(iface);
    struct com_call call = com_call_begin(&auth->object, "Initialize");

    (void)data;
    return com_call_end(&call, HR_NOTIMPL);
}

/**
 * A remote application's challenge, answered by the card after its holder gave his PIN. An empty PIN
 * is typed at the reader's keys.
 *
 * @retval S_OK the buffer holds the card's answer.
 * @retval SCARD_W_WRONG_CHV, SCARD_W_CHV_BLOCKED the PIN; one try less.
 * @retval as ICC_Auth.
 * Threads: any. Source: ISCardAuth::User_Auth, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE auth_User_Auth(ISCardAuth *iface, LONG algorithm,
                                                IByteBuffer *param, LONG *len, IByteBuffer **buffer)
{
    return authenticate_card(iface, "User_Auth", algorithm, param, TAKES_USER, len, buffer);
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
