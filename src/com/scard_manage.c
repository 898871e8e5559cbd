/*
 * scard_manage - class SCardManage with ISCardManage: attach to a card, lock it, hand out children.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Reference: ISCardManage, Microsoft Learn; vtable order of the published type library.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "com/arguments.h"
#include "com/byte_buffer.h"
#include "com/children.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/doors/profile.h"
#include "card/session/service.h"
#include "system/memory.h"
#include "scard_interfaces.h"

struct scard_manage
{
    ISCardManage ISCardManage_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(manage, ISCardManage, struct scard_manage);

/**
 * Uses a card handle the caller got from SCardConnect.
 *
 * @retval S_OK
 * @retval E_INVALIDARG not a card handle of this process, or one no longer connected; what was
 *         attached stays attached.
 * @retval E_OUTOFMEMORY
 * @retval SCARD_W_REMOVED_CARD, SCARD_E_NO_SERVICE likewise.
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardManage::AttachByHandle, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_AttachByHandle(ISCardManage *iface, HSCARD card)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "AttachByHandle");

    return com_call_end(&call, card_session_attach_handle(manage->session, card));
}

/**
 * Connects to the card in the reader of this name, on T=0 or T=1.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the share mode is unknown, or the name is empty; what was attached stays
 *         attached.
 * @retval SCARD_E_UNKNOWN_READER no reader has this name.
 * @retval SCARD_E_NO_SMARTCARD there is no card in it.
 * @retval SCARD_E_SHARING_VIOLATION another program holds the card.
 * @retval SCARD_E_NO_SERVICE the resource manager is not running.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardManage::AttachByIFD, Microsoft Learn.
 * Differs: the page has no share mode; the published type library has.
 */
static HRESULT STDMETHODCALLTYPE manage_AttachByIFD(ISCardManage *iface, BSTR ifd_name,
                                                    SCARD_SHARE_MODES share)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "AttachByIFD");
    char reader_name[PCSC_READER_NAME_MAX];

    call.subject = ifd_name;
    if (share != SHARED && share != EXCLUSIVE) return com_call_end(&call, HR_INVALIDARG);
    scm_result result = argument_reader_name(ifd_name, reader_name);
    if (!result_failed(result))
        result = card_session_attach_reader(manage->session, reader_name, (enum pcsc_share)share);
    return com_call_end(&call, result);
}

/* The body of the three Create... methods. */
static HRESULT create_child(struct scard_manage *manage, const char *method,
                            child_constructor *constructor, REFIID iid, void **out)
{
    struct com_call call = com_call_begin(&manage->object, method);

    if (!out) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, constructor(manage->session, NULL, iid, out));
}

/**
 * The file system of the card.
 *
 * The object follows what this one attaches, before or later.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardManage::CreateFileAccess, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_CreateFileAccess(ISCardManage *iface,
                                                         ISCardFileAccess **file_access)
{
    return create_child(impl_from_ISCardManage(iface), "CreateFileAccess",
                        scard_file_access_create_on, &IID_ISCardFileAccess, (void **)file_access);
}

/**
 * Authentication services of the card.
 *
 * The object follows what this one attaches, before or later.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardManage::CreateCardAuth, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_CreateCardAuth(ISCardManage *iface, ISCardAuth **auth)
{
    return create_child(impl_from_ISCardManage(iface), "CreateCardAuth", scard_auth_create_on,
                        &IID_ISCardAuth, (void **)auth);
}

/**
 * Verification of the card's holder.
 *
 * The object follows what this one attaches, before or later.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardManage::CreateCHVerification, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_CreateCHVerification(ISCardManage *iface,
                                                             ISCardVerify **verify)
{
    return create_child(impl_from_ISCardManage(iface), "CreateCHVerification",
                        scard_verify_create_on, &IID_ISCardVerify, (void **)verify);
}

/**
 * Ends the connection made by an attach method, and locks with it.
 *
 * A call that another thread has under way on this card ends with SCARD_E_CANCELLED before its next
 * command.
 *
 * @retval S_OK
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * Threads: any.
 * Source: ISCardManage::Detach, Microsoft Learn.
 * Differs: the page lists no code for it.
 */
static HRESULT STDMETHODCALLTYPE manage_Detach(ISCardManage *iface)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "Detach");

    return com_call_end(&call, card_session_detach(manage->session));
}

/**
 * Claims the card for this program; nests.
 *
 * Waits while another program holds the card.
 *
 * @retval S_OK
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_RESET_CARD, SCARD_W_REMOVED_CARD the lock is not taken.
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardManage::SCardLock, Microsoft Learn.
 * Differs: the page knows E_FAIL only; the code says why.
 */
static HRESULT STDMETHODCALLTYPE manage_SCardLock(ISCardManage *iface)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "SCardLock");

    return com_call_end(&call, card_session_lock(manage->session));
}

/**
 * Establishes the connection again; what was known of the card is forgotten.
 *
 * @retval S_OK
 * @retval SCARD_E_INVALID_HANDLE nothing is attached, or the client closed the handle it gave.
 * @retval SCARD_E_NO_SMARTCARD, SCARD_E_SHARING_VIOLATION, SCARD_E_NO_SERVICE
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardManage::Reconnect, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_Reconnect(ISCardManage *iface)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "Reconnect");

    return com_call_end(&call, card_session_reconnect(manage->session));
}

/**
 * State and protocol of the card.
 *
 * @retval S_OK also with the card gone: ABSENT.
 * @retval E_POINTER one of the addresses is NULL.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached, or the client closed the handle it gave.
 * @retval SCARD_F_UNKNOWN_ERROR the resource manager gives no state.
 * @retval SCARD_W_RESET_CARD another program reset the card.
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCardManage::Status, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_Status(ISCardManage *iface, SCARD_STATES *state,
                                               SCARD_PROTOCOLS *protocol)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "Status");
    enum pcsc_state card_state;
    enum pcsc_protocol card_protocol;

    if (state) *state = 0;
    if (protocol) *protocol = 0;
    if (!state || !protocol) return com_call_end(&call, HR_POINTER);
    scm_result result = card_session_status(manage->session, &card_state, &card_protocol);
    if (!result_failed(result))
    {
        *state = (SCARD_STATES)card_state;
        *protocol = argument_protocol_for_client(card_protocol);
    }
    return com_call_end(&call, result);
}

/**
 * Ends SCardLock and says in what state to leave the card.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the disposition is unknown; the lock stays.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_NOT_TRANSACTED nothing is locked.
 * Any other PC/SC code unchanged; the lock is gone all the same.
 * Threads: any.
 * Source: ISCardManage::SCardUnlock, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE manage_SCardUnlock(ISCardManage *iface,
                                                    SCARD_DISPOSITIONS disposition)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "SCardUnlock");

    return com_call_end(&call,
                        card_session_unlock(manage->session, (enum pcsc_disposition)disposition));
}

/* What CreateInterface can give; ISCardManage is the object itself. */
static const struct
{
    const IID *iid;
    const WCHAR *name;
    child_constructor *constructor;
} services[] = {
    { &IID_ISCardManage, L"ISCardManage", NULL },
    { &IID_ISCardFileAccess, L"ISCardFileAccess", scard_file_access_create_on },
    { &IID_ISCardVerify, L"ISCardVerify", scard_verify_create_on },
    { &IID_ISCardAuth, L"ISCardAuth", scard_auth_create_on },
};

/* What CreateInterface can tell besides: a text in UTF-8, in a byte buffer. By name only. */
static const struct
{
    const WCHAR *name;
    scm_result (*tell)(struct card_session *session, struct secret_bytes *text);
} texts[] = {
    { L"Profile", door_profile_describe },
    { L"ProfileFiles", door_profile_files },
};

/* The one name that the documentation gives, of a service that this provider does not have. */
static const WCHAR crypto_provider[] = L"CryptoProvider";

static bool is_name_of(const WCHAR *name, const WCHAR *interface_name)
{
    /* With the interface's leading I or without it. */
    return lstrcmpiW(name, interface_name) == 0 || lstrcmpiW(name, interface_name + 1) == 0;
}

static HRESULT create_text(struct scard_manage *manage, const WCHAR *name, void **out)
{
    struct secret_bytes text = secret_bytes_from(&system_memory);
    HRESULT hr = E_INVALIDARG;

    for (size_t i = 0; i < ARRAYSIZE(texts); i++)
        if (lstrcmpiW(name, texts[i].name) == 0) hr = texts[i].tell(manage->session, &text);
    if (SUCCEEDED(hr)) hr = byte_buffer_create_with(text.data, text.len, (IByteBuffer **)out);
    secret_bytes_free(&text);
    return hr;
}

static HRESULT create_service(struct scard_manage *manage, const IID *iid, const WCHAR *name,
                              void **out)
{
    for (size_t i = 0; i < ARRAYSIZE(services); i++)
    {
        bool is_wanted =
            iid ? IsEqualIID(iid, services[i].iid) : is_name_of(name, services[i].name);
        if (!is_wanted) continue;
        if (services[i].constructor)
            return services[i].constructor(manage->session, NULL, services[i].iid, out);
        return com_object_QueryInterface(&manage->object, services[i].iid, out);
    }
    if (iid || lstrcmpiW(name, crypto_provider) == 0) return E_NOINTERFACE;
    return create_text(manage, name, out);
}

/**
 * Creates an interface of the card by GUID or by name.
 *
 * Two names give an IByteBuffer with a text: "Profile", what is known of the card in the reader, and
 * "ProfileFiles", which files with profiles were found and what is wrong with them.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL, or there is neither GUID nor name.
 * @retval E_INVALIDARG the name is not one of an interface.
 * @retval E_NOINTERFACE the GUID is of no interface here, or the name is "CryptoProvider", which is
 *         not here.
 * @retval SCARD_E_INVALID_HANDLE "Profile", and nothing is attached.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardManage::CreateInterface, Microsoft Learn.
 * Differs: the user data may be NULL: nothing here takes any.
 */
static HRESULT STDMETHODCALLTYPE manage_CreateInterface(ISCardManage *iface, GUID *iid, BSTR name,
                                                        LONG *user_data, IUnknown **out)
{
    struct scard_manage *manage = impl_from_ISCardManage(iface);
    struct com_call call = com_call_begin(&manage->object, "CreateInterface");
    bool has_iid = iid && !IsEqualGUID(iid, &GUID_NULL);
    bool has_name = name && name[0];

    (void)user_data; /* none of these services takes data for its creation */
    call.subject = has_name ? name : NULL;
    if (out) *out = NULL;
    if (!out || (!has_iid && !has_name)) return com_call_end(&call, HR_POINTER);
    return com_call_end(&call, create_service(manage, has_iid ? iid : NULL, name, (void **)out));
}

static const ISCardManageVtbl manage_vtbl = {
    COM_OBJECT_VTABLE(manage),
    .AttachByHandle = manage_AttachByHandle,
    .AttachByIFD = manage_AttachByIFD,
    .CreateFileAccess = manage_CreateFileAccess,
    .CreateCardAuth = manage_CreateCardAuth,
    .CreateCHVerification = manage_CreateCHVerification,
    .Detach = manage_Detach,
    .SCardLock = manage_SCardLock,
    .Reconnect = manage_Reconnect,
    .Status = manage_Status,
    .SCardUnlock = manage_SCardUnlock,
    .CreateInterface = manage_CreateInterface,
};

static void destroy_manage(struct com_object *object)
{
    struct scard_manage *manage = CONTAINING_RECORD(object, struct scard_manage, object);

    card_session_release(manage->session);
    com_object_fini(object);
    memory_free(manage);
}

/* What programs of 1998 call two of the members. */
static const struct com_older_name older_names[] = {
    { L"CreateAuth", 4 },
    { L"CreateVerify", 5 },
    { NULL, 0 },
};

static const struct com_class manage_class = {
    .clsid = &CLSID_SCardManage,
    .iid = &IID_ISCardManage,
    .interface_name = "ISCardManage",
    .prog_id = L"ScardManage.SCardManage.1",
    .older_names = older_names,
    .destroy = destroy_manage,
};

HRESULT scard_manage_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_manage *manage = memory_alloc(sizeof(*manage));
    if (!manage) return E_OUTOFMEMORY;
    manage->ISCardManage_iface.lpVtbl = &manage_vtbl;
    manage->session = card_service_open_session();
    hr = manage->session ? com_object_init(&manage->object, &manage_class,
                                           (IDispatch *)&manage->ISCardManage_iface, outer)
                         : E_OUTOFMEMORY;
    if (SUCCEEDED(hr)) return com_object_hand_out(&manage->object, iid, out);
    card_session_release(manage->session);
    memory_free(manage);
    return hr;
}
