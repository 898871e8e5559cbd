/*
 * scard_card - class CSCard with ISCard: one connection to a card, for clients that build their
 *              commands themselves.
 * Layer: com (calls card).
 * Owns: one reference on a session, which does the locking; threads: any.
 * Reference: ISCard, Microsoft Learn; vtable order of the published type library.
 *
 * Design notes. The object has a context from its creation on, as documented: without the resource
 * manager it is not created. A handle given to AttachByHandle stays the client's, as everywhere in
 * this server: Detach carries its disposition out, but leaves the handle connected. PC/SC has no
 * way to choose a node address of T=1, so ISCardCmd's Nad is not looked at and its ReplyNad not
 * set.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/wipe.h"
#include "com/arguments.h"
#include "com/buffer_bytes.h"
#include "com/byte_buffer.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/doors/relay.h"
#include "card/session/service.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

struct scard_card
{
    ISCard ISCard_iface;
    struct com_object object;

    struct card_session *session;
};

COM_OBJECT_MEMBERS(card, ISCard, struct scard_card);

/**
 * Answer to reset of the card.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::get_Atr, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_get_Atr(ISCard *iface, IByteBuffer **atr)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "get_Atr");
    struct pcsc_status status;

    if (!atr) return com_call_end(&call, HR_POINTER);
    *atr = NULL;
    scm_result result = card_session_describe(card->session, &status);
    if (!result_failed(result)) result = byte_buffer_create_with(status.atr, status.atr_len, atr);
    return com_call_end(&call, result);
}

/**
 * Handle of the connection; 0 while nothing is attached. It stays ours to end.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCard::get_CardHandle, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_get_CardHandle(ISCard *iface, HSCARD *handle)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "get_CardHandle");

    if (!handle) return com_call_end(&call, HR_POINTER);
    *handle = card_session_facts(card->session).card;
    return com_call_end(&call, HR_OK);
}

/**
 * Resource manager context of the connection; it stays ours to end.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCard::get_Context, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_get_Context(ISCard *iface, HSCARDCONTEXT *context)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "get_Context");

    if (!context) return com_call_end(&call, HR_POINTER);
    *context = card_session_facts(card->session).context;
    return com_call_end(&call, HR_OK);
}

/**
 * Protocol between reader and card.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::get_Protocol, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_get_Protocol(ISCard *iface, SCARD_PROTOCOLS *protocol)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "get_Protocol");
    struct pcsc_status status;

    if (!protocol) return com_call_end(&call, HR_POINTER);
    *protocol = 0;
    scm_result result = card_session_describe(card->session, &status);
    if (!result_failed(result)) *protocol = argument_protocol_for_client(status.protocol);
    return com_call_end(&call, result);
}

/**
 * State of the card in the reader.
 *
 * @retval S_OK also with the card gone: ABSENT.
 * @retval E_POINTER the address for the result is NULL.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_F_UNKNOWN_ERROR the resource manager gives no state.
 * @retval SCARD_W_RESET_CARD another program reset the card.
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::get_Status, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_get_Status(ISCard *iface, SCARD_STATES *state)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "get_Status");
    enum pcsc_state card_state;
    enum pcsc_protocol protocol;

    if (!state) return com_call_end(&call, HR_POINTER);
    *state = 0;
    scm_result result = card_session_status(card->session, &card_state, &protocol);
    if (!result_failed(result)) *state = (SCARD_STATES)card_state;
    return com_call_end(&call, result);
}

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
 * Source: ISCard::AttachByHandle, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_AttachByHandle(ISCard *iface, HSCARD handle)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "AttachByHandle");

    return com_call_end(&call, card_session_attach_handle(card->session, handle));
}

/**
 * Connects to the card in the reader of this name.
 *
 * @retval S_OK
 * @retval E_INVALIDARG share mode or protocols are unknown, or the name is empty; what was attached
 *         stays attached.
 * @retval SCARD_E_UNKNOWN_READER no reader has this name.
 * @retval SCARD_E_NO_SMARTCARD there is no card in it.
 * @retval SCARD_E_SHARING_VIOLATION another program holds the card.
 * @retval SCARD_E_PROTO_MISMATCH the card offers none of the protocols, or others use it with
 *         another one.
 * @retval SCARD_E_NO_SERVICE the resource manager is not running.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::AttachByReader, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_AttachByReader(ISCard *iface, BSTR reader_name,
                                                     SCARD_SHARE_MODES share,
                                                     SCARD_PROTOCOLS protocols)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "AttachByReader");
    char name[PCSC_READER_NAME_MAX];
    unsigned wanted = argument_protocols(protocols);

    call.subject = reader_name;
    if ((share != SHARED && share != EXCLUSIVE) || !wanted)
        return com_call_end(&call, HR_INVALIDARG);
    scm_result result = argument_reader_name(reader_name, name);
    if (!result_failed(result))
        result = card_session_attach_protocol(card->session, name, (enum pcsc_share)share, wanted);
    return com_call_end(&call, result);
}

/**
 * Ends the connection, and locks with it.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the disposition is unknown; what was attached stays attached.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_CANT_DISPOSE the reader cannot do that; nothing is attached then either.
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::Detach, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_Detach(ISCard *iface, SCARD_DISPOSITIONS disposition)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "Detach");

    return com_call_end(&call,
                        card_session_detach_to(card->session, (enum pcsc_disposition)disposition));
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
 * Source: ISCard::LockSCard, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_LockSCard(ISCard *iface)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "LockSCard");

    return com_call_end(&call, card_session_lock(card->session));
}

/**
 * Establishes the connection again; what was known of the card is forgotten.
 *
 * @retval S_OK
 * @retval E_INVALIDARG share mode or disposition are unknown; nothing is changed.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached, or the client closed the handle it gave.
 * @retval SCARD_E_NO_SMARTCARD, SCARD_E_SHARING_VIOLATION, SCARD_E_NO_SERVICE
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * Threads: any.
 * Source: ISCard::ReAttach, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_ReAttach(ISCard *iface, SCARD_SHARE_MODES share,
                                               SCARD_DISPOSITIONS initialization)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "ReAttach");

    return com_call_end(&call, card_session_reattach(card->session, (enum pcsc_share)share,
                                                     (enum pcsc_disposition)initialization));
}

/* The bytes of a client's command; E_INVALIDARG where it has none. */
static HRESULT take_apdu(ISCardCmd *cmd, struct secret_bytes *bytes, struct card_fault *fault)
{
    IByteBuffer *apdu = NULL;

    HRESULT hr = ISCardCmd_get_Apdu(cmd, &apdu);
    if (SUCCEEDED(hr) && apdu) hr = buffer_read(apdu, bytes);
    if (apdu) IByteBuffer_Release(apdu);
    if (SUCCEEDED(hr) && bytes->len == 0)
    {
        fault->why = "there is no command in the ISCardCmd";
        hr = E_INVALIDARG;
    }
    return hr;
}

/* The reply with SW1 SW2 at its end; the status for itself as well, since a client's own ISCardCmd
 * need not look for it there. */
static HRESULT give_reply(ISCardCmd *cmd, const struct door_relay_reply *reply)
{
    IByteBuffer *buffer;

    HRESULT hr = byte_buffer_create_with(reply->bytes.data, reply->bytes.len, &buffer);
    if (FAILED(hr)) return hr;
    hr = ISCardCmd_put_ApduReply(cmd, buffer);
    IByteBuffer_Release(buffer);
    if (FAILED(hr)) return hr;
    return ISCardCmd_put_ReplyStatus(cmd, reply->sw);
}

/**
 * Sends the command and stores the reply in it, whatever the status word says.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command, or the command, is NULL.
 * @retval E_INVALIDARG there is no command in it.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_W_REMOVED_CARD, SCARD_W_RESET_CARD
 * @retval SCARD_E_COMM_DATA_LOST the card answers what no card may.
 * @retval E_OUTOFMEMORY
 * Any other PC/SC code unchanged.
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCard::Transaction, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_Transaction(ISCard *iface, ISCardCmd **cmd)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "Transaction");
    struct secret_bytes apdu = secret_bytes_from(&system_memory);
    struct door_relay_reply reply;
    uint8_t following_cla;

    if (!cmd || !*cmd) return com_call_end(&call, HR_POINTER);
    scm_result result = card_session_check_attached(card->session);
    if (result_failed(result)) return com_call_end(&call, result);
    ISCardCmd_AddRef(*cmd);
    ISCardCmd *used = *cmd;
    result = take_apdu(used, &apdu, &call.fault);
    if (!result_failed(result))
    {
        /* Of the commands that follow with T=0 a client says something only where he set it. */
        bool is_told = SUCCEEDED(ISCardCmd_get_AlternateClassId(used, &following_cla));
        result = door_relay_send(card->session, secret_bytes_span(&apdu),
                                 is_told ? &following_cla : NULL, &reply);
        call.fault = reply.fault;
        if (!result_failed(result)) result = give_reply(used, &reply);
        door_relay_reply_free(&reply);
    }
    secret_bytes_free(&apdu);
    ISCardCmd_Release(used);
    return com_call_end(&call, result);
}

/**
 * Ends LockSCard.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the disposition is unknown; the lock stays.
 * @retval SCARD_E_INVALID_HANDLE nothing is attached.
 * @retval SCARD_E_NOT_TRANSACTED nothing is locked.
 * Any other PC/SC code unchanged; the lock is gone all the same.
 * Threads: any.
 * Source: ISCard::UnlockSCard, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE card_UnlockSCard(ISCard *iface, SCARD_DISPOSITIONS disposition)
{
    struct scard_card *card = impl_from_ISCard(iface);
    struct com_call call = com_call_begin(&card->object, "UnlockSCard");

    return com_call_end(&call,
                        card_session_unlock(card->session, (enum pcsc_disposition)disposition));
}

static const ISCardVtbl card_vtbl = {
    COM_OBJECT_VTABLE(card),
    .get_Atr = card_get_Atr,
    .get_CardHandle = card_get_CardHandle,
    .get_Context = card_get_Context,
    .get_Protocol = card_get_Protocol,
    .get_Status = card_get_Status,
    .AttachByHandle = card_AttachByHandle,
    .AttachByReader = card_AttachByReader,
    .Detach = card_Detach,
    .LockSCard = card_LockSCard,
    .ReAttach = card_ReAttach,
    .Transaction = card_Transaction,
    .UnlockSCard = card_UnlockSCard,
};

static void destroy_card(struct com_object *object)
{
    struct scard_card *card = CONTAINING_RECORD(object, struct scard_card, object);

    card_session_release(card->session);
    com_object_fini(object);
    memory_free(card);
}

static const struct com_class card_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCard,
    .iid = &IID_ISCard,
    .interface_name = "ISCard",
    .prog_id = L"ScardManage.CSCard.1",
    .destroy = destroy_card,
};

HRESULT scard_card_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_card *card = memory_alloc(sizeof(*card));
    if (!card) return E_OUTOFMEMORY;
    card->ISCard_iface.lpVtbl = &card_vtbl;
    card->session = card_service_open_session();
    hr = card->session ? card_session_keep_context(card->session) : E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
        hr = com_object_init(&card->object, &card_class, (IDispatch *)&card->ISCard_iface, outer);
    if (SUCCEEDED(hr)) return com_object_hand_out(&card->object, iid, out);
    card_session_release(card->session);
    memory_free(card);
    return hr;
}
