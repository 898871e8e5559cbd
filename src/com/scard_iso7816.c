/*
 * scard_iso7816 - class CSCardISO7816 with ISCardISO7816: builds commands inside an ISCardCmd.
 * Layer: com (calls card for what a command is; no card, no session).
 * Owns: the class byte of its commands; threads: any.
 * Reference: ISCardISO7816, "Building an ISO7816-4 APDU Command", Microsoft Learn; vtable order of
 *            the published type library.
 *
 * Design notes. The ISCardCmd may be anybody's and is filled by its BuildCmd alone. So is the data
 * buffer: it goes on to BuildCmd rewound, and its seek pointer is put back.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/secret_bytes.h"
#include "com/buffer_bytes.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/doors/interindustry.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

struct scard_iso7816
{
    ISCardISO7816 ISCardISO7816_iface;
    struct com_object object;

    LONG cla; /* interlocked */
};

COM_OBJECT_MEMBERS(iso, ISCardISO7816, struct scard_iso7816);

/* A command with its data still in the client's buffer. */
static HRESULT fill(const struct scard_iso7816 *iso, ISCardCmd *cmd,
                    const struct door_command *command, IByteBuffer *data)
{
    LONG position = 0, ignored = 0, le = (LONG)command->ne;
    BYTE cla = (BYTE)iso->cla;
    HRESULT hr = S_OK;

    if (command->data.len == 0) data = NULL;
    if (data) hr = IByteBuffer_Seek(data, 0, STREAM_SEEK_CUR, &position);
    if (SUCCEEDED(hr) && data) hr = IByteBuffer_Seek(data, 0, STREAM_SEEK_SET, &ignored);
    if (FAILED(hr)) return hr;
    hr = ISCardCmd_BuildCmd(cmd, cla, command->ins, command->p1, command->p2, data,
                            command->ne ? &le : NULL);
    if (data) IByteBuffer_Seek(data, position, STREAM_SEEK_SET, &ignored);
    return hr;
}

/* Fills the object that comes in; in the place of a NULL goes a new one, once it is filled. */
static HRESULT fill_or_create(const struct scard_iso7816 *iso, ISCardCmd **cmd,
                              const struct door_command *command, IByteBuffer *data)
{
    ISCardCmd *created = NULL;

    if (*cmd)
    {
        /* A client's own buffer or command may put another one in its place meanwhile. */
        ISCardCmd *used = *cmd;
        ISCardCmd_AddRef(used);
        HRESULT filled = fill(iso, used, command, data);
        ISCardCmd_Release(used);
        return filled;
    }
    HRESULT hr = scard_cmd_create(NULL, &IID_ISCardCmd, (void **)&created);
    if (FAILED(hr)) return hr;
    hr = fill(iso, created, command, data);
    if (SUCCEEDED(hr))
        *cmd = created;
    else
        ISCardCmd_Release(created);
    return hr;
}

static HRESULT build(ISCardISO7816 *iface, const char *method, enum interindustry_command which,
                     struct interindustry_request request, IByteBuffer *data, ISCardCmd **cmd)
{
    struct scard_iso7816 *iso = impl_from_ISCardISO7816(iface);
    struct com_call call = com_call_begin(&iso->object, method);
    struct door_command command;
    struct secret_bytes bytes = secret_bytes_from(&system_memory);
    HRESULT hr = S_OK;

    if (!cmd) return com_call_end(&call, HR_POINTER);
    if (data) IByteBuffer_AddRef(data);
    if (data) hr = buffer_read(data, &bytes);
    request.has_data = data != NULL;
    request.data = secret_bytes_span(&bytes);
    bool is_read = SUCCEEDED(hr);
    if (is_read) hr = interindustry_build(which, &request, &command);
    if (is_read && hr == E_INVALIDARG)
        call.fault.why = "the command needs data that is empty here, or a length is not from 0 to "
                         "what a command can say (65535 bytes of data, 65536 of answer)";
    if (SUCCEEDED(hr)) hr = fill_or_create(iso, cmd, &command, data);
    if (data) IByteBuffer_Release(data);
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

#define REQUEST(...) ((struct interindustry_request){ __VA_ARGS__ })

/**
 * Builds the command APPEND RECORD.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::AppendRecord, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_AppendRecord(ISCardISO7816 *iface, BYTE ref_ctrl,
                                                  IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "AppendRecord", INTERINDUSTRY_APPEND_RECORD, REQUEST(.p2 = ref_ctrl), data,
                 cmd);
}

/**
 * Builds the command ERASE BINARY.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG more than 65535 bytes of data.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::EraseBinary, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_EraseBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                 IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "EraseBinary", INTERINDUSTRY_ERASE_BINARY, REQUEST(.p1 = p1, .p2 = p2),
                 data, cmd);
}

/**
 * Builds the command EXTERNAL AUTHENTICATE.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG more than 65535 bytes of data.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::ExternalAuthenticate, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_ExternalAuthenticate(ISCardISO7816 *iface, BYTE algorithm,
                                                          BYTE secret, IByteBuffer *challenge,
                                                          ISCardCmd **cmd)
{
    return build(iface, "ExternalAuthenticate", INTERINDUSTRY_EXTERNAL_AUTHENTICATE,
                 REQUEST(.p1 = algorithm, .p2 = secret), challenge, cmd);
}

/**
 * Builds the command GET CHALLENGE.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::GetChallenge, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_GetChallenge(ISCardISO7816 *iface, LONG wanted_len,
                                                  ISCardCmd **cmd)
{
    return build(iface, "GetChallenge", INTERINDUSTRY_GET_CHALLENGE,
                 REQUEST(.wanted_len = wanted_len), NULL, cmd);
}

/**
 * Builds the command GET DATA.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::GetData, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_GetData(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                             LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "GetData", INTERINDUSTRY_GET_DATA,
                 REQUEST(.p1 = p1, .p2 = p2, .wanted_len = wanted_len), NULL, cmd);
}

/**
 * Builds the command GET RESPONSE.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::GetResponse, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_GetResponse(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                 LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "GetResponse", INTERINDUSTRY_GET_RESPONSE,
                 REQUEST(.p1 = p1, .p2 = p2, .wanted_len = wanted_len), NULL, cmd);
}

/**
 * Builds the command INTERNAL AUTHENTICATE.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes; the length is not from
 *         0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::InternalAuthenticate, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_InternalAuthenticate(ISCardISO7816 *iface, BYTE algorithm,
                                                          BYTE secret, IByteBuffer *challenge,
                                                          LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "InternalAuthenticate", INTERINDUSTRY_INTERNAL_AUTHENTICATE,
                 REQUEST(.p1 = algorithm, .p2 = secret, .wanted_len = wanted_len), challenge, cmd);
}

/**
 * Builds the command MANAGE CHANNEL.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::ManageChannel, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_ManageChannel(ISCardISO7816 *iface, BYTE state, BYTE channel,
                                                   ISCardCmd **cmd)
{
    return build(iface, "ManageChannel", INTERINDUSTRY_MANAGE_CHANNEL,
                 REQUEST(.p1 = state, .p2 = channel), NULL, cmd);
}

/**
 * Builds the command PUT DATA.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::PutData, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_PutData(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                             IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "PutData", INTERINDUSTRY_PUT_DATA, REQUEST(.p1 = p1, .p2 = p2), data, cmd);
}

/**
 * Builds the command READ BINARY.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::ReadBinary, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_ReadBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "ReadBinary", INTERINDUSTRY_READ_BINARY,
                 REQUEST(.p1 = p1, .p2 = p2, .wanted_len = wanted_len), NULL, cmd);
}

/**
 * Builds the command READ RECORD.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::ReadRecord, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_ReadRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl,
                                                LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "ReadRecord", INTERINDUSTRY_READ_RECORD,
                 REQUEST(.p1 = record, .p2 = ref_ctrl, .wanted_len = wanted_len), NULL, cmd);
}

/**
 * Builds the command SELECT.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG more than 65535 bytes of data; the length is not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::SelectFile, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_SelectFile(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                IByteBuffer *data, LONG wanted_len, ISCardCmd **cmd)
{
    return build(iface, "SelectFile", INTERINDUSTRY_SELECT_FILE,
                 REQUEST(.p1 = p1, .p2 = p2, .wanted_len = wanted_len), data, cmd);
}

/**
 * Class byte of the commands built from now on.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardISO7816::SetDefaultClassId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE iso_SetDefaultClassId(ISCardISO7816 *iface, BYTE cla)
{
    struct scard_iso7816 *iso = impl_from_ISCardISO7816(iface);
    struct com_call call = com_call_begin(&iso->object, "SetDefaultClassId");

    InterlockedExchange(&iso->cla, cla);
    return com_call_end(&call, HR_OK);
}

/**
 * Builds the command UPDATE BINARY.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::UpdateBinary, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_UpdateBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                  IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "UpdateBinary", INTERINDUSTRY_UPDATE_BINARY, REQUEST(.p1 = p1, .p2 = p2),
                 data, cmd);
}

/**
 * Builds the command UPDATE RECORD.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::UpdateRecord, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_UpdateRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl,
                                                  IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "UpdateRecord", INTERINDUSTRY_UPDATE_RECORD,
                 REQUEST(.p1 = record, .p2 = ref_ctrl), data, cmd);
}

/**
 * Builds the command VERIFY.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL.
 * @retval E_INVALIDARG more than 65535 bytes of data.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::Verify, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_Verify(ISCardISO7816 *iface, BYTE ref_ctrl, IByteBuffer *data,
                                            ISCardCmd **cmd)
{
    return build(iface, "Verify", INTERINDUSTRY_VERIFY, REQUEST(.p2 = ref_ctrl), data, cmd);
}

/**
 * Builds the command WRITE BINARY.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::WriteBinary, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_WriteBinary(ISCardISO7816 *iface, BYTE p1, BYTE p2,
                                                 IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "WriteBinary", INTERINDUSTRY_WRITE_BINARY, REQUEST(.p1 = p1, .p2 = p2),
                 data, cmd);
}

/**
 * Builds the command WRITE RECORD.
 *
 * @retval S_OK
 * @retval E_POINTER the address of the command is NULL, or the buffer is.
 * @retval E_INVALIDARG the buffer is empty, or holds more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer or command object unchanged.
 * Threads: any.
 * Source: ISCardISO7816::WriteRecord, Microsoft Learn; iso7816/interindustry.h.
 */
static HRESULT STDMETHODCALLTYPE iso_WriteRecord(ISCardISO7816 *iface, BYTE record, BYTE ref_ctrl,
                                                 IByteBuffer *data, ISCardCmd **cmd)
{
    return build(iface, "WriteRecord", INTERINDUSTRY_WRITE_RECORD,
                 REQUEST(.p1 = record, .p2 = ref_ctrl), data, cmd);
}

static const ISCardISO7816Vtbl iso_vtbl = {
    COM_OBJECT_VTABLE(iso),
    .AppendRecord = iso_AppendRecord,
    .EraseBinary = iso_EraseBinary,
    .ExternalAuthenticate = iso_ExternalAuthenticate,
    .GetChallenge = iso_GetChallenge,
    .GetData = iso_GetData,
    .GetResponse = iso_GetResponse,
    .InternalAuthenticate = iso_InternalAuthenticate,
    .ManageChannel = iso_ManageChannel,
    .PutData = iso_PutData,
    .ReadBinary = iso_ReadBinary,
    .ReadRecord = iso_ReadRecord,
    .SelectFile = iso_SelectFile,
    .SetDefaultClassId = iso_SetDefaultClassId,
    .UpdateBinary = iso_UpdateBinary,
    .UpdateRecord = iso_UpdateRecord,
    .Verify = iso_Verify,
    .WriteBinary = iso_WriteBinary,
    .WriteRecord = iso_WriteRecord,
};

static void destroy_iso(struct com_object *object)
{
    struct scard_iso7816 *iso = CONTAINING_RECORD(object, struct scard_iso7816, object);

    com_object_fini(object);
    memory_free(iso);
}

static const struct com_class iso_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCardISO7816,
    .iid = &IID_ISCardISO7816,
    .interface_name = "ISCardISO7816",
    .prog_id = L"ScardManage.CSCardISO7816.1",
    .destroy = destroy_iso,
};

HRESULT scard_iso7816_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_iso7816 *iso = memory_alloc(sizeof(*iso));
    if (!iso) return E_OUTOFMEMORY;
    iso->ISCardISO7816_iface.lpVtbl = &iso_vtbl;
    hr = com_object_init(&iso->object, &iso_class, (IDispatch *)&iso->ISCardISO7816_iface, outer);
    if (FAILED(hr))
    {
        memory_free(iso);
        return hr;
    }
    return com_object_hand_out(&iso->object, iid, out);
}
