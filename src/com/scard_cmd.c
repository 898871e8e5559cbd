/*
 * scard_cmd - class CSCardCmd with ISCardCmd: a command for a card, and the card's reply to it.
 * Layer: com (calls card for what a command is; no card, no session).
 * Owns: the bytes of both, wiped when they go; threads: any, under the object's lock.
 * Reference: ISCardCmd, Microsoft Learn; vtable order of the published type library.
 *
 * Design notes. The command is kept taken apart, so that every property is one field; its bytes
 * are made when somebody asks for them, with lengths of two bytes where one cannot say them or
 * where the client's own bytes had them. The reply is kept as the card gave it, SW1 SW2 at its end.
 * Byte buffers of clients are read, and ours made, outside the lock.
 * SPDX-License-Identifier: MIT
 */
#include "com/com_private.h"

#include <oleauto.h>

#include "base/secret_bytes.h"
#include "com/buffer_bytes.h"
#include "com/byte_buffer.h"
#include "com/dispatch.h"
#include "com/object.h"
#include "card/doors/command.h"
#include "system/lock.h"
#include "system/memory.h"
#include "scardssp_interfaces.h"

#define STATUS_LEN 2

/* A byte that the client may not have set. */
struct optional_byte
{
    bool is_set;
    BYTE value;
};

struct scard_cmd
{
    ISCardCmd ISCardCmd_iface;
    struct com_object object;

    struct lock *lock;
    bool has_command;
    struct door_command command; /* its data is in `data` */
    struct secret_bytes data;
    bool is_extended;     /* the client's own bytes had extended lengths */
    ISO_APDU_TYPE inside; /* case of the command that the data is; 0: the data is no command */
    BYTE nad;
    struct optional_byte alternate_class;

    bool has_reply;
    struct secret_bytes reply; /* SW1 SW2 included */
    WORD status;
    struct optional_byte reply_nad;
};

COM_OBJECT_MEMBERS(cmd, ISCardCmd, struct scard_cmd);

static void enter(struct scard_cmd *cmd)
{
    lock_enter(cmd->lock);
}

static void leave(struct scard_cmd *cmd)
{
    lock_leave(cmd->lock);
}

static struct secret_bytes no_bytes(void)
{
    return secret_bytes_from(&system_memory);
}

/* All that a client's buffer holds; more than `most` bytes of it are refused. */
static HRESULT take(IByteBuffer *buffer, size_t most, struct secret_bytes *taken)
{
    HRESULT hr = buffer_read(buffer, taken);
    if (SUCCEEDED(hr) && taken->len > most)
    {
        secret_bytes_free(taken);
        hr = E_INVALIDARG;
    }
    return hr;
}

/* Hands out a copy of bytes of ours, and frees them. */
static HRESULT give(struct secret_bytes *bytes, IByteBuffer **buffer)
{
    HRESULT hr = byte_buffer_create_with(bytes->data, bytes->len, buffer);
    secret_bytes_free(bytes);
    return hr;
}

/* Functions named _locked want the lock held. */

static bool is_extended_locked(const struct scard_cmd *cmd)
{
    return cmd->is_extended || door_command_needs_extended(&cmd->command);
}

static size_t command_len_locked(const struct scard_cmd *cmd)
{
    return cmd->has_command ? door_command_len(&cmd->command, is_extended_locked(cmd)) : 0;
}

/* The bytes of the command; none where there is no command yet. */
static HRESULT encode_locked(const struct scard_cmd *cmd, struct secret_bytes *apdu)
{
    size_t len = command_len_locked(cmd);

    if (!secret_bytes_reserve(apdu, len)) return E_OUTOFMEMORY;
    struct byte_writer writer = byte_writer_of(apdu->data, len);
    if (len) door_command_encode(&cmd->command, is_extended_locked(cmd), &writer);
    apdu->len = writer.len;
    return writer.failed ? E_UNEXPECTED : S_OK;
}

/* A new data field, which it takes over. */
static void set_data_locked(struct scard_cmd *cmd, struct secret_bytes *data)
{
    secret_bytes_free(&cmd->data);
    cmd->data = secret_bytes_move(data);
    cmd->command.data = secret_bytes_span(&cmd->data);
    cmd->inside = 0;
}

static void clear_reply_locked(struct scard_cmd *cmd)
{
    secret_bytes_free(&cmd->reply);
    cmd->has_reply = false;
    cmd->status = 0;
    cmd->reply_nad = (struct optional_byte){ 0 };
}

/* A command in the place of the one before it, whose reply goes with it. */
static void set_command_locked(struct scard_cmd *cmd, const struct door_command *command,
                               struct secret_bytes *data)
{
    cmd->command = *command;
    cmd->has_command = true;
    cmd->is_extended = false;
    set_data_locked(cmd, data);
    clear_reply_locked(cmd);
}

static WORD status_at_end(struct bytes reply)
{
    if (reply.len < STATUS_LEN) return 0;
    const uint8_t *status = reply.data + reply.len - STATUS_LEN;
    return (WORD)(status[0] << 8 | status[1]);
}

/**
 * The command APDU; empty while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardCmd::get_Apdu, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_Apdu(ISCardCmd *iface, IByteBuffer **apdu)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_Apdu");
    struct secret_bytes bytes = no_bytes();

    if (!apdu) return com_call_end(&call, HR_POINTER);
    *apdu = NULL;
    enter(cmd);
    HRESULT hr = encode_locked(cmd, &bytes);
    leave(cmd);
    if (SUCCEEDED(hr)) hr = give(&bytes, apdu);
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

/**
 * The command APDU, short or extended.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL.
 * @retval E_INVALIDARG the lengths in it do not fit a command.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardCmd::put_Apdu, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_Apdu(ISCardCmd *iface, IByteBuffer *apdu)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_Apdu");
    struct secret_bytes raw = no_bytes(), data = no_bytes();
    struct door_command command = { 0 };
    bool is_extended;

    HRESULT hr = take(apdu, DOOR_COMMAND_LEN_MAX, &raw);
    if (SUCCEEDED(hr) && !door_command_decode(secret_bytes_span(&raw), &command, &is_extended))
    {
        call.fault.why = "the lengths in these bytes do not fit a command";
        hr = E_INVALIDARG;
    }
    if (SUCCEEDED(hr) && !secret_bytes_add(&data, command.data)) hr = E_OUTOFMEMORY;
    if (SUCCEEDED(hr))
    {
        enter(cmd);
        set_command_locked(cmd, &command, &data);
        cmd->is_extended = is_extended;
        leave(cmd);
    }
    secret_bytes_free(&data);
    secret_bytes_free(&raw);
    return com_call_end(&call, hr);
}

/**
 * Bytes in the command APDU; 0 while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ApduLength, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ApduLength(ISCardCmd *iface, LONG *len)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ApduLength");

    if (!len) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *len = (LONG)command_len_locked(cmd);
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * The reply APDU, its status word included.
 *
 * @retval S_OK and NULL while there is no reply.
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardCmd::get_ApduReply, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ApduReply(ISCardCmd *iface, IByteBuffer **reply)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ApduReply");
    struct secret_bytes bytes = no_bytes();

    if (!reply) return com_call_end(&call, HR_POINTER);
    *reply = NULL;
    enter(cmd);
    bool has_reply = cmd->has_reply;
    bool is_copied = has_reply && secret_bytes_add(&bytes, secret_bytes_span(&cmd->reply));
    leave(cmd);
    if (!has_reply) return com_call_end(&call, HR_OK);
    return com_call_end(&call, is_copied ? give(&bytes, reply) : E_OUTOFMEMORY);
}

/**
 * The reply APDU, its status word included.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL.
 * @retval E_INVALIDARG longer than any reply.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardCmd::put_ApduReply, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_ApduReply(ISCardCmd *iface, IByteBuffer *reply)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_ApduReply");
    struct secret_bytes bytes = no_bytes();

    HRESULT hr = take(reply, DOOR_COMMAND_REPLY_LEN_MAX, &bytes);
    if (FAILED(hr)) return com_call_end(&call, hr);
    enter(cmd);
    secret_bytes_free(&cmd->reply);
    cmd->reply = bytes;
    cmd->has_reply = true;
    cmd->status = status_at_end(secret_bytes_span(&bytes));
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Bytes in the reply APDU, its status word included.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ApduReplyLength, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ApduReplyLength(ISCardCmd *iface, LONG *len)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ApduReplyLength");

    if (!len) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *len = (LONG)cmd->reply.len;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Cuts the reply APDU, or fills it up with zeros.
 *
 * @retval S_OK
 * @retval E_INVALIDARG negative, or longer than any reply.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardCmd, type library; no page says what it is for.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_ApduReplyLength(ISCardCmd *iface, LONG len)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_ApduReplyLength");
    struct secret_bytes bytes = no_bytes();

    if (len < 0 || len > DOOR_COMMAND_REPLY_LEN_MAX) return com_call_end(&call, HR_INVALIDARG);
    if (!secret_bytes_reserve(&bytes, (size_t)len)) return com_call_end(&call, HR_OUTOFMEMORY);
    bytes.len = (size_t)len;
    enter(cmd);
    size_t kept = cmd->reply.len < bytes.len ? cmd->reply.len : bytes.len;
    if (kept) memcpy(bytes.data, cmd->reply.data, kept);
    secret_bytes_free(&cmd->reply);
    cmd->reply = bytes;
    cmd->has_reply = true;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/* The four bytes of the header: get is 0 while there is no command, put begins one. */
static HRESULT get_byte(ISCardCmd *iface, const char *method, size_t offset, BYTE *out)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, method);

    if (!out) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *out = *((const uint8_t *)&cmd->command + offset);
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

static HRESULT put_byte(ISCardCmd *iface, const char *method, size_t offset, BYTE value)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, method);

    enter(cmd);
    *((uint8_t *)&cmd->command + offset) = value;
    cmd->has_command = true;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Class byte of the command; 0 while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ClassId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ClassId(ISCardCmd *iface, BYTE *cla)
{
    return get_byte(iface, "get_ClassId", offsetof(struct door_command, cla), cla);
}

/**
 * Class byte of the command; begins a command where there is none.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::put_ClassId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_ClassId(ISCardCmd *iface, BYTE cla)
{
    return put_byte(iface, "put_ClassId", offsetof(struct door_command, cla), cla);
}

/**
 * Data field of the command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardCmd::get_Data, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_Data(ISCardCmd *iface, IByteBuffer **data)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_Data");
    struct secret_bytes bytes = no_bytes();

    if (!data) return com_call_end(&call, HR_POINTER);
    *data = NULL;
    enter(cmd);
    bool is_copied = secret_bytes_add(&bytes, cmd->command.data);
    leave(cmd);
    return com_call_end(&call, is_copied ? give(&bytes, data) : E_OUTOFMEMORY);
}

/**
 * Data field of the command; its length follows.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL.
 * @retval E_INVALIDARG more than 65535 bytes.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardCmd::put_Data, Microsoft Learn.
 * Differs: the list of properties has it read-only; it has a page and a slot.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_Data(ISCardCmd *iface, IByteBuffer *data)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_Data");
    struct secret_bytes bytes = no_bytes();

    HRESULT hr = take(data, DOOR_COMMAND_DATA_MAX, &bytes);
    if (FAILED(hr)) return com_call_end(&call, hr);
    enter(cmd);
    set_data_locked(cmd, &bytes);
    cmd->has_command = true;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Instruction byte of the command; 0 while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_InstructionId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_InstructionId(ISCardCmd *iface, BYTE *ins)
{
    return get_byte(iface, "get_InstructionId", offsetof(struct door_command, ins), ins);
}

/**
 * Instruction byte of the command; begins a command where there is none.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::put_InstructionId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_InstructionId(ISCardCmd *iface, BYTE ins)
{
    return put_byte(iface, "put_InstructionId", offsetof(struct door_command, ins), ins);
}

/**
 * How many bytes of reply the command asks for: 256 where Le is 00, 0 where there is no Le.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_LeField, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_LeField(ISCardCmd *iface, LONG *len)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_LeField");

    if (!len) return com_call_end(&call, HR_INVALIDARG);
    enter(cmd);
    *len = (LONG)cmd->command.ne;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * First parameter byte; 0 while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_P1, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_P1(ISCardCmd *iface, BYTE *p1)
{
    return get_byte(iface, "get_P1", offsetof(struct door_command, p1), p1);
}

/**
 * First parameter byte; begins a command where there is none.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::put_P1, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_P1(ISCardCmd *iface, BYTE p1)
{
    return put_byte(iface, "put_P1", offsetof(struct door_command, p1), p1);
}

/**
 * Second parameter byte; 0 while there is no command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_P2, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_P2(ISCardCmd *iface, BYTE *p2)
{
    return get_byte(iface, "get_P2", offsetof(struct door_command, p2), p2);
}

/**
 * Second parameter byte; begins a command where there is none.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::put_P2, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_P2(ISCardCmd *iface, BYTE p2)
{
    return put_byte(iface, "put_P2", offsetof(struct door_command, p2), p2);
}

/**
 * Third parameter byte, the length of a short command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_P3, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_P3(ISCardCmd *iface, BYTE *p3)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_P3");

    if (!p3) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *p3 = door_command_p3(&cmd->command, is_extended_locked(cmd));
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

static WORD status_of(struct scard_cmd *cmd)
{
    enter(cmd);
    WORD status = cmd->status;
    leave(cmd);
    return status;
}

/**
 * Status word of the reply; 0 while there is no reply.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ReplyStatus, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ReplyStatus(ISCardCmd *iface, WORD *status)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ReplyStatus");

    if (!status) return com_call_end(&call, HR_POINTER);
    *status = status_of(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Status word of the reply, which ends with it.
 *
 * @retval S_OK
 * @retval E_OUTOFMEMORY
 * Threads: any.
 * Source: ISCardCmd::put_ReplyStatus, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_ReplyStatus(ISCardCmd *iface, WORD status)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_ReplyStatus");
    const uint8_t bytes[STATUS_LEN] = { (uint8_t)(status >> 8), (uint8_t)status };
    struct secret_bytes alone = no_bytes();
    HRESULT hr = S_OK;

    enter(cmd);
    if (cmd->reply.len < STATUS_LEN)
    {
        if (secret_bytes_add(&alone, bytes_of(bytes, STATUS_LEN)))
        {
            secret_bytes_free(&cmd->reply);
            cmd->reply = alone;
        }
        else
            hr = E_OUTOFMEMORY;
    }
    if (SUCCEEDED(hr))
    {
        memcpy(cmd->reply.data + cmd->reply.len - STATUS_LEN, bytes, STATUS_LEN);
        cmd->has_reply = true;
        cmd->status = status;
    }
    leave(cmd);
    return com_call_end(&call, hr);
}

/**
 * First byte of the status word.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ReplyStatusSW1, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ReplyStatusSW1(ISCardCmd *iface, BYTE *sw1)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ReplyStatusSW1");

    if (!sw1) return com_call_end(&call, HR_POINTER);
    *sw1 = (BYTE)(status_of(cmd) >> 8);
    return com_call_end(&call, HR_OK);
}

/**
 * Second byte of the status word.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd::get_ReplyStatusSW2, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ReplyStatusSW2(ISCardCmd *iface, BYTE *sw2)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_ReplyStatusSW2");

    if (!sw2) return com_call_end(&call, HR_POINTER);
    *sw2 = (BYTE)status_of(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Which of the four cases the command is.
 *
 * Of the command that Encapsulate put inside; where there is none, of the command itself.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd, type library; no page.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_Type(ISCardCmd *iface, ISO_APDU_TYPE *type)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_Type");

    if (!type) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *type = cmd->inside ? cmd->inside : (ISO_APDU_TYPE)door_command_case(&cmd->command);
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * T=1 node address of the command.
 *
 * @retval S_OK
 * @retval E_POINTER the address for the result is NULL.
 * Threads: any.
 * Source: ISCardCmd, type library; no page.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_Nad(ISCardCmd *iface, BYTE *nad)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "get_Nad");

    if (!nad) return com_call_end(&call, HR_POINTER);
    enter(cmd);
    *nad = cmd->nad;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * T=1 node address of the command.
 *
 * @retval S_OK
 * @retval E_INVALIDARG source and target are the same, or a bit is set that addresses do not have.
 * Threads: any.
 * Source: ISCardCmd::put_Nad, Microsoft Learn; ISO/IEC 7816-3:2006 clause 11.3.2.1.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_Nad(ISCardCmd *iface, BYTE nad)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "put_Nad");

    if (!door_command_node_address_is_valid(nad)) return com_call_end(&call, HR_INVALIDARG);
    enter(cmd);
    cmd->nad = nad;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/* A byte that denies access while it is not set. */
static HRESULT get_optional(struct scard_cmd *cmd, const char *method,
                            const struct optional_byte *byte, BYTE *out)
{
    struct com_call call = com_call_begin(&cmd->object, method);

    if (!out) return com_call_end(&call, HR_INVALIDARG);
    enter(cmd);
    *out = byte->value;
    bool is_set = byte->is_set;
    leave(cmd);
    return com_call_end(&call, is_set ? HR_OK : HR_ACCESSDENIED);
}

static HRESULT put_optional(struct scard_cmd *cmd, const char *method, struct optional_byte *byte,
                            BYTE value)
{
    struct com_call call = com_call_begin(&cmd->object, method);

    enter(cmd);
    *byte = (struct optional_byte){ .is_set = true, .value = value };
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * T=1 node address of the reply.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_ACCESSDENIED there is none: no reply yet, or not on T=1.
 * Threads: any.
 * Source: ISCardCmd::get_ReplyNad, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_ReplyNad(ISCardCmd *iface, BYTE *nad)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    return get_optional(cmd, "get_ReplyNad", &cmd->reply_nad, nad);
}

/**
 * T=1 node address of the reply.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd, type library; no page.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_ReplyNad(ISCardCmd *iface, BYTE nad)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    return put_optional(cmd, "put_ReplyNad", &cmd->reply_nad, nad);
}

/* Le of 0 is none behind data; without data it asks for all there is. */
static HRESULT read_le(const LONG *le, struct door_command *command)
{
    if (!le) return S_OK;
    if (*le < 0 || *le > DOOR_COMMAND_ANSWER_MAX) return E_INVALIDARG;
    command->ne = (uint32_t)*le;
    if (*le == 0 && command->data.len == 0) command->ne = DOOR_COMMAND_ANSWER_SHORT;
    return S_OK;
}

/**
 * Builds a command from its parts; the reply of the one before goes.
 *
 * @retval S_OK
 * @retval E_INVALIDARG more than 65535 bytes of data, or Le not from 0 to 65536.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardCmd::BuildCmd, Microsoft Learn.
 * Differs: data, Le and the parameter bytes may be left out, as in the type library.
 */
static HRESULT STDMETHODCALLTYPE cmd_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1,
                                              BYTE p2, IByteBuffer *data, LONG *le)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "BuildCmd");
    struct door_command command = { .cla = cla, .ins = ins, .p1 = p1, .p2 = p2 };
    struct secret_bytes bytes = no_bytes();
    HRESULT hr = S_OK;

    if (data) hr = take(data, DOOR_COMMAND_DATA_MAX, &bytes);
    command.data = secret_bytes_span(&bytes);
    if (SUCCEEDED(hr)) hr = read_le(le, &command);
    if (SUCCEEDED(hr))
    {
        enter(cmd);
        set_command_locked(cmd, &command, &bytes);
        leave(cmd);
    }
    secret_bytes_free(&bytes);
    return com_call_end(&call, hr);
}

/**
 * Empties command and reply; node address and alternate class byte stay.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::Clear, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_Clear(ISCardCmd *iface)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "Clear");
    struct secret_bytes none = no_bytes();

    enter(cmd);
    set_command_locked(cmd, &(struct door_command){ 0 }, &none);
    cmd->has_command = false;
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Puts a command into another command, as its data. One that has no header yet becomes ENVELOPE.
 *
 * @retval S_OK
 * @retval E_POINTER the buffer is NULL.
 * @retval E_INVALIDARG the case is unknown; fewer bytes than a header, or more than 65535.
 * @retval E_OUTOFMEMORY
 * A failure of the caller's buffer unchanged.
 * Threads: any.
 * Source: ISCardCmd::Encapsulate, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_Encapsulate(ISCardCmd *iface, IByteBuffer *apdu,
                                                 ISO_APDU_TYPE type)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    struct com_call call = com_call_begin(&cmd->object, "Encapsulate");
    struct secret_bytes bytes = no_bytes();

    HRESULT hr = take(apdu, DOOR_COMMAND_DATA_MAX, &bytes);
    if (FAILED(hr)) return com_call_end(&call, hr);
    if (type < ISO_CASE_1 || type > ISO_CASE_4 || bytes.len < DOOR_COMMAND_HEADER_LEN)
    {
        secret_bytes_free(&bytes);
        return com_call_end(&call, HR_INVALIDARG);
    }
    enter(cmd);
    if (!cmd->has_command) cmd->command.ins = DOOR_COMMAND_ENVELOPE;
    cmd->has_command = true;
    set_data_locked(cmd, &bytes);
    cmd->inside = type;
    clear_reply_locked(cmd);
    leave(cmd);
    return com_call_end(&call, HR_OK);
}

/**
 * Class byte of GET RESPONSE and ENVELOPE on T=0.
 *
 * @retval S_OK
 * @retval E_INVALIDARG the address for the result is NULL.
 * @retval E_ACCESSDENIED it was not set.
 * Threads: any.
 * Source: ISCardCmd::get_AlternateClassId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_get_AlternateClassId(ISCardCmd *iface, BYTE *cla)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    return get_optional(cmd, "get_AlternateClassId", &cmd->alternate_class, cla);
}

/**
 * Class byte of GET RESPONSE and ENVELOPE on T=0.
 *
 * @retval S_OK
 * Threads: any.
 * Source: ISCardCmd::put_AlternateClassId, Microsoft Learn.
 */
static HRESULT STDMETHODCALLTYPE cmd_put_AlternateClassId(ISCardCmd *iface, BYTE cla)
{
    struct scard_cmd *cmd = impl_from_ISCardCmd(iface);
    return put_optional(cmd, "put_AlternateClassId", &cmd->alternate_class, cla);
}

static const ISCardCmdVtbl cmd_vtbl = {
    COM_OBJECT_VTABLE(cmd),
    .get_Apdu = cmd_get_Apdu,
    .put_Apdu = cmd_put_Apdu,
    .get_ApduLength = cmd_get_ApduLength,
    .get_ApduReply = cmd_get_ApduReply,
    .put_ApduReply = cmd_put_ApduReply,
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
    .get_ReplyStatus = cmd_get_ReplyStatus,
    .put_ReplyStatus = cmd_put_ReplyStatus,
    .get_ReplyStatusSW1 = cmd_get_ReplyStatusSW1,
    .get_ReplyStatusSW2 = cmd_get_ReplyStatusSW2,
    .get_Type = cmd_get_Type,
    .get_Nad = cmd_get_Nad,
    .put_Nad = cmd_put_Nad,
    .get_ReplyNad = cmd_get_ReplyNad,
    .put_ReplyNad = cmd_put_ReplyNad,
    .BuildCmd = cmd_BuildCmd,
    .Clear = cmd_Clear,
    .Encapsulate = cmd_Encapsulate,
    .get_AlternateClassId = cmd_get_AlternateClassId,
    .put_AlternateClassId = cmd_put_AlternateClassId,
};

static void destroy_cmd(struct com_object *object)
{
    struct scard_cmd *cmd = CONTAINING_RECORD(object, struct scard_cmd, object);

    secret_bytes_free(&cmd->data);
    secret_bytes_free(&cmd->reply);
    lock_destroy(cmd->lock);
    com_object_fini(object);
    memory_free(cmd);
}

static const struct com_class cmd_class = {
    .library = COM_LIBRARY_SCARDSSP,
    .clsid = &CLSID_CSCardCmd,
    .iid = &IID_ISCardCmd,
    .interface_name = "ISCardCmd",
    .prog_id = L"ScardManage.CSCardCmd.1",
    .destroy = destroy_cmd,
};

HRESULT scard_cmd_create(IUnknown *outer, REFIID iid, void **out)
{
    HRESULT hr = com_check_create(outer, iid, out);
    if (FAILED(hr)) return hr;
    struct scard_cmd *cmd = memory_alloc(sizeof(*cmd));
    if (!cmd) return E_OUTOFMEMORY;
    cmd->ISCardCmd_iface.lpVtbl = &cmd_vtbl;
    cmd->data = no_bytes();
    cmd->reply = no_bytes();
    cmd->lock = lock_create();
    hr = E_OUTOFMEMORY;
    if (cmd->lock)
        hr = com_object_init(&cmd->object, &cmd_class, (IDispatch *)&cmd->ISCardCmd_iface, outer);
    if (FAILED(hr))
    {
        lock_destroy(cmd->lock);
        memory_free(cmd);
        return hr;
    }
    return com_object_hand_out(&cmd->object, iid, out);
}
