/*
 * client_cmd - an ISCardCmd as a client implements it for itself.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/client_cmd.h"

#include <stdlib.h>

static struct client_cmd *impl(ISCardCmd *iface)
{
    return CONTAINING_RECORD(iface, struct client_cmd, ISCardCmd_iface);
}

static HRESULT STDMETHODCALLTYPE cmd_QueryInterface(ISCardCmd *iface, REFIID iid, void **out)
{
    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown) && !IsEqualIID(iid, &IID_IDispatch) &&
        !IsEqualIID(iid, &IID_ISCardCmd))
        return E_NOINTERFACE;
    *out = iface;
    ISCardCmd_AddRef(iface);
    return S_OK;
}

static ULONG STDMETHODCALLTYPE cmd_AddRef(ISCardCmd *iface)
{
    return (ULONG)InterlockedIncrement(&impl(iface)->refs);
}

static ULONG STDMETHODCALLTYPE cmd_Release(ISCardCmd *iface)
{
    struct client_cmd *cmd = impl(iface);
    LONG refs = InterlockedDecrement(&cmd->refs);

    if (refs == 0)
    {
        if (cmd->apdu) IByteBuffer_Release(cmd->apdu);
        if (cmd->reply) IByteBuffer_Release(cmd->reply);
        free(cmd);
    }
    return (ULONG)refs;
}

static HRESULT STDMETHODCALLTYPE cmd_GetTypeInfoCount(ISCardCmd *iface, UINT *count)
{
    (void)iface;
    *count = 0;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_GetTypeInfo(ISCardCmd *iface, UINT index, LCID lcid,
                                                 ITypeInfo **info)
{
    (void)iface;
    (void)index;
    (void)lcid;
    *info = NULL;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE cmd_GetIDsOfNames(ISCardCmd *iface, REFIID iid, LPOLESTR *names,
                                                   UINT count, LCID lcid, DISPID *ids)
{
    (void)iface;
    (void)iid;
    (void)names;
    (void)count;
    (void)lcid;
    (void)ids;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE cmd_Invoke(ISCardCmd *iface, DISPID id, REFIID iid, LCID lcid,
                                            WORD flags, DISPPARAMS *params, VARIANT *result,
                                            EXCEPINFO *exception, UINT *bad)
{
    (void)iface;
    (void)id;
    (void)iid;
    (void)lcid;
    (void)flags;
    (void)params;
    (void)result;
    (void)exception;
    (void)bad;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE cmd_get_Apdu(ISCardCmd *iface, IByteBuffer **out)
{
    struct client_cmd *cmd = impl(iface);

    *out = NULL;
    if (FAILED(cmd->fail_get_apdu)) return cmd->fail_get_apdu;
    *out = cmd->apdu;
    if (*out) IByteBuffer_AddRef(*out);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_get_ApduReply(ISCardCmd *iface, IByteBuffer **out)
{
    *out = impl(iface)->reply;
    if (*out) IByteBuffer_AddRef(*out);
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_put_ApduReply(ISCardCmd *iface, IByteBuffer *value)
{
    struct client_cmd *cmd = impl(iface);

    if (FAILED(cmd->fail_put_reply)) return cmd->fail_put_reply;
    IByteBuffer_AddRef(value);
    if (cmd->reply) IByteBuffer_Release(cmd->reply);
    cmd->reply = value;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_get_ReplyStatus(ISCardCmd *iface, WORD *out)
{
    *out = impl(iface)->status;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_put_ReplyStatus(ISCardCmd *iface, WORD value)
{
    impl(iface)->status = value;
    return S_OK;
}

static HRESULT STDMETHODCALLTYPE cmd_get_AlternateClassId(ISCardCmd *iface, BYTE *out)
{
    struct client_cmd *cmd = impl(iface);

    *out = cmd->alternate_class;
    return cmd->has_alternate_class ? S_OK : E_ACCESSDENIED;
}

/* What Transaction has no business with. */
#define NOT_ASKED_FOR(member, parameter)                                                           \
    static HRESULT STDMETHODCALLTYPE cmd_##member(ISCardCmd *iface, parameter)                     \
    {                                                                                              \
        (void)iface;                                                                               \
        (void)value;                                                                               \
        return E_NOTIMPL;                                                                          \
    }                                                                                              \
    struct not_asked_for_needs_a_semicolon
NOT_ASKED_FOR(get_ApduLength, LONG *value);
NOT_ASKED_FOR(get_ApduReplyLength, LONG *value);
NOT_ASKED_FOR(put_ApduReplyLength, LONG value);
NOT_ASKED_FOR(get_ClassId, BYTE *value);
NOT_ASKED_FOR(put_ClassId, BYTE value);
NOT_ASKED_FOR(get_Data, IByteBuffer **value);
NOT_ASKED_FOR(put_Data, IByteBuffer *value);
NOT_ASKED_FOR(get_InstructionId, BYTE *value);
NOT_ASKED_FOR(put_InstructionId, BYTE value);
NOT_ASKED_FOR(get_LeField, LONG *value);
NOT_ASKED_FOR(get_P1, BYTE *value);
NOT_ASKED_FOR(put_P1, BYTE value);
NOT_ASKED_FOR(get_P2, BYTE *value);
NOT_ASKED_FOR(put_P2, BYTE value);
NOT_ASKED_FOR(get_P3, BYTE *value);
NOT_ASKED_FOR(get_ReplyStatusSW1, BYTE *value);
NOT_ASKED_FOR(get_ReplyStatusSW2, BYTE *value);
NOT_ASKED_FOR(get_Type, ISO_APDU_TYPE *value);
NOT_ASKED_FOR(get_Nad, BYTE *value);
NOT_ASKED_FOR(put_Nad, BYTE value);
NOT_ASKED_FOR(get_ReplyNad, BYTE *value);
NOT_ASKED_FOR(put_ReplyNad, BYTE value);
NOT_ASKED_FOR(put_Apdu, IByteBuffer *value);
NOT_ASKED_FOR(put_AlternateClassId, BYTE value);

static HRESULT STDMETHODCALLTYPE cmd_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1,
                                              BYTE p2, IByteBuffer *data, LONG *le)
{
    (void)iface;
    (void)cla;
    (void)ins;
    (void)p1;
    (void)p2;
    (void)data;
    (void)le;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE cmd_Clear(ISCardCmd *iface)
{
    (void)iface;
    return E_NOTIMPL;
}

static HRESULT STDMETHODCALLTYPE cmd_Encapsulate(ISCardCmd *iface, IByteBuffer *apdu,
                                                 ISO_APDU_TYPE type)
{
    (void)iface;
    (void)apdu;
    (void)type;
    return E_NOTIMPL;
}

static const ISCardCmdVtbl cmd_vtbl = {
    .QueryInterface = cmd_QueryInterface,
    .AddRef = cmd_AddRef,
    .Release = cmd_Release,
    .GetTypeInfoCount = cmd_GetTypeInfoCount,
    .GetTypeInfo = cmd_GetTypeInfo,
    .GetIDsOfNames = cmd_GetIDsOfNames,
    .Invoke = cmd_Invoke,
    .get_Apdu = cmd_get_Apdu,
    .get_ApduReply = cmd_get_ApduReply,
    .put_ApduReply = cmd_put_ApduReply,
    .get_ReplyStatus = cmd_get_ReplyStatus,
    .put_ReplyStatus = cmd_put_ReplyStatus,
    .get_AlternateClassId = cmd_get_AlternateClassId,
    .put_AlternateClassId = cmd_put_AlternateClassId,
    .BuildCmd = cmd_BuildCmd,
    .Clear = cmd_Clear,
    .Encapsulate = cmd_Encapsulate,
    .get_ApduLength = cmd_get_ApduLength,
    .get_ApduReplyLength = cmd_get_ApduReplyLength,
    .put_ApduReplyLength = cmd_put_ApduReplyLength,
    .get_ClassId = cmd_get_ClassId,
    .put_ClassId = cmd_put_ClassId,
    .get_Data = cmd_get_Data,
    .put_Data = cmd_put_Data,
    .get_InstructionId = cmd_get_InstructionId,
    .put_InstructionId = cmd_put_InstructionId,
    .get_LeField = cmd_get_LeField,
    .get_P1 = cmd_get_P1,
    .put_P1 = cmd_put_P1,
    .get_P2 = cmd_get_P2,
    .put_P2 = cmd_put_P2,
    .get_P3 = cmd_get_P3,
    .get_ReplyStatusSW1 = cmd_get_ReplyStatusSW1,
    .get_ReplyStatusSW2 = cmd_get_ReplyStatusSW2,
    .get_Type = cmd_get_Type,
    .get_Nad = cmd_get_Nad,
    .put_Nad = cmd_put_Nad,
    .get_ReplyNad = cmd_get_ReplyNad,
    .put_ReplyNad = cmd_put_ReplyNad,
    .put_Apdu = cmd_put_Apdu,
};

struct client_cmd *client_cmd_create(IByteBuffer *apdu)
{
    struct client_cmd *cmd = calloc(1, sizeof(*cmd));

    if (!cmd) abort();
    cmd->ISCardCmd_iface.lpVtbl = &cmd_vtbl;
    cmd->refs = 1;
    cmd->apdu = apdu;
    if (apdu) IByteBuffer_AddRef(apdu);
    return cmd;
}
