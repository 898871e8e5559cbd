/*
 * base_services_client - a program as the card frameworks of the first years of .NET were: it connects
 *                        by CSCard, fills CByteBuffers by SetSize and Write, builds commands by
 *                        CSCardCmd with Le by reference, and reads replies. Everything is done
 *                        twice, by the vtables and by IDispatch; as a test it holds every answer
 *                        against the reference.
 * Usage: base_services_client READER
 * Layer: a client (includes only what a client includes).
 * Reference: ISCard, ISCardCmd, IByteBuffer, Microsoft Learn ("Building an ISO7816-4 APDU Command")
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <shellapi.h>
#include "scardmanage.h"

#define REPLY_MAX     300
#define ARGUMENTS_MAX 6

static unsigned passed, failed;

/* Counts one expectation and prints it. */
static BOOL expect(BOOL holds, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    printf(holds ? "  ok      " : "  FAILED  ");
    vprintf(format, arguments);
    putchar('\n');
    va_end(arguments);
    fflush(stdout);
    if (holds)
        passed++;
    else
        failed++;
    return holds;
}

static BOOL expect_success(HRESULT hr, const char *what)
{
    return expect(hr == S_OK, "%s: %08lX", what, (unsigned long)hr);
}

/* What came back from the card. */
struct reply
{
    WORD status;
    LONG len; /* SW1 SW2 included */
    BYTE bytes[REPLY_MAX];
};

/* A command as such a framework takes it. */
struct command
{
    BYTE cla, ins, p1, p2;
    const void *data; /* NULL: none */
    LONG data_len;
    LONG le; /* -1: none */
};

/* How a client of one kind makes the calls; all of them say whether everything went well. */
struct binding
{
    const char *name;
    HRESULT (*attach)(IDispatch *card, BSTR reader, LONG protocols);
    HRESULT (*detach)(IDispatch *card);
    HRESULT (*transact)(IDispatch *card, const struct command *command, struct reply *reply);
};

static IDispatch *create(const WCHAR *prog_id)
{
    IDispatch *object = NULL;
    CLSID clsid;

    HRESULT hr = CLSIDFromProgID(prog_id, &clsid);
    if (SUCCEEDED(hr))
        hr = CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object);
    if (hr != S_OK) expect(FALSE, "%ls: %08lX", prog_id, (unsigned long)hr);
    return object;
}

/* ---- By the vtables, as a class library imported from the type library does ---- */

static void *create_early(const CLSID *clsid, const IID *iid)
{
    void *object = NULL;
    HRESULT hr = CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, iid, &object);
    if (hr != S_OK) expect(FALSE, "CoCreateInstance: %08lX", (unsigned long)hr);
    return object;
}

static HRESULT early_attach(IDispatch *card, BSTR reader, LONG protocols)
{
    return ISCard_AttachByReader((ISCard *)card, reader, SHARED, (SCARD_PROTOCOLS)protocols);
}

static HRESULT early_detach(IDispatch *card)
{
    return ISCard_Detach((ISCard *)card, LEAVE);
}

/* A buffer that was never initialised: SetSize and Write make its content. */
static IByteBuffer *early_buffer(const struct command *command)
{
    LONG written = 0;

    if (!command->data) return NULL;
    IByteBuffer *buffer = create_early(&CLSID_CByteBuffer, &IID_IByteBuffer);
    if (!buffer) return NULL;
    if (IByteBuffer_SetSize(buffer, command->data_len) != S_OK ||
        IByteBuffer_Write(buffer, (BYTE *)command->data, command->data_len, &written) != S_OK ||
        written != command->data_len)
        expect(FALSE, "SetSize and Write");
    return buffer;
}

static HRESULT early_take_reply(ISCardCmd *cmd, struct reply *reply)
{
    IByteBuffer *buffer = NULL;
    LONG announced = 0;

    HRESULT hr = ISCardCmd_get_ReplyStatus(cmd, &reply->status);
    if (SUCCEEDED(hr)) hr = ISCardCmd_get_ApduReplyLength(cmd, &announced);
    if (SUCCEEDED(hr)) hr = ISCardCmd_get_ApduReply(cmd, &buffer);
    if (FAILED(hr) || !buffer || announced > REPLY_MAX) return FAILED(hr) ? hr : E_FAIL;
    hr = IByteBuffer_Read(buffer, reply->bytes, announced, &reply->len);
    IByteBuffer_Release(buffer);
    return reply->len == announced ? hr : E_FAIL;
}

static HRESULT early_transact(IDispatch *card, const struct command *command, struct reply *reply)
{
    ISCardCmd *cmd = create_early(&CLSID_CSCardCmd, &IID_ISCardCmd);
    IByteBuffer *data = early_buffer(command);
    LONG le = command->le;

    if (!cmd) return E_FAIL;
    HRESULT hr = ISCardCmd_BuildCmd(cmd, command->cla, command->ins, command->p1, command->p2, data,
                                    command->le < 0 ? NULL : &le);
    if (SUCCEEDED(hr)) hr = ISCard_Transaction((ISCard *)card, &cmd);
    if (SUCCEEDED(hr)) hr = early_take_reply(cmd, reply);
    if (data) IByteBuffer_Release(data);
    ISCardCmd_Release(cmd);
    return hr;
}

/* ---- By IDispatch, as reflection does: every argument a VARIANT, results by reference ---- */

static HRESULT call(IDispatch *object, const WCHAR *member, WORD flags, VARIANT *arguments,
                    UINT count, VARIANT *result)
{
    VARIANT reversed[ARGUMENTS_MAX];
    DISPPARAMS params = { reversed, NULL, count, 0 };
    LPOLESTR name = (LPOLESTR)(ULONG_PTR)member;
    EXCEPINFO exception = { 0 };
    DISPID id;

    for (UINT i = 0; i < count; i++)
        reversed[count - 1 - i] = arguments[i];
    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, 0, &id);
    if (SUCCEEDED(hr))
        hr = IDispatch_Invoke(object, id, &IID_NULL, 0, flags, &params, result, &exception, NULL);
    if (hr != DISP_E_EXCEPTION) return hr;
    SysFreeString(exception.bstrSource);
    SysFreeString(exception.bstrDescription);
    SysFreeString(exception.bstrHelpFile);
    return exception.scode;
}

static VARIANT number(LONG value)
{
    return (VARIANT){ .vt = VT_I4, .lVal = value };
}

static VARIANT byte_value(BYTE value)
{
    return (VARIANT){ .vt = VT_UI1, .bVal = value };
}

static VARIANT object_value(IDispatch *object)
{
    return (VARIANT){ .vt = VT_DISPATCH, .pdispVal = object };
}

static VARIANT number_by_reference(LONG *value)
{
    return (VARIANT){ .vt = VT_I4 | VT_BYREF, .plVal = value };
}

/* `ref bytes[0]`, as C# writes it. */
static VARIANT first_byte(const void *bytes)
{
    return (VARIANT){ .vt = VT_UI1 | VT_BYREF, .pbVal = (BYTE *)bytes };
}

static HRESULT get_number(IDispatch *object, const WCHAR *member, LONG *value)
{
    VARIANT result;

    VariantInit(&result);
    HRESULT hr = call(object, member, DISPATCH_PROPERTYGET, NULL, 0, &result);
    if (SUCCEEDED(hr)) hr = VariantChangeType(&result, &result, 0, VT_I4);
    *value = SUCCEEDED(hr) ? V_I4(&result) : 0;
    return hr;
}

static HRESULT late_attach(IDispatch *card, BSTR reader, LONG protocols)
{
    VARIANT arguments[] = { { .vt = VT_BSTR, .bstrVal = reader },
                            number(SHARED),
                            number(protocols) };
    return call(card, L"AttachByReader", DISPATCH_METHOD, arguments, 3, NULL);
}

static HRESULT late_detach(IDispatch *card)
{
    VARIANT disposition = number(LEAVE);
    return call(card, L"Detach", DISPATCH_METHOD, &disposition, 1, NULL);
}

static IDispatch *late_buffer(const struct command *command)
{
    LONG written = 0;

    if (!command->data) return NULL;
    IDispatch *buffer = create(SCARDMANAGE_PROGID_BYTE_BUFFER_CURRENT);
    if (!buffer) return NULL;
    VARIANT size = number(command->data_len);
    VARIANT write[] = { first_byte(command->data), number(command->data_len),
                        number_by_reference(&written) };
    if (call(buffer, L"SetSize", DISPATCH_METHOD, &size, 1, NULL) != S_OK ||
        call(buffer, L"Write", DISPATCH_METHOD, write, 3, NULL) != S_OK ||
        written != command->data_len)
        expect(FALSE, "SetSize and Write");
    return buffer;
}

static HRESULT late_take_reply(IDispatch *cmd, struct reply *reply)
{
    LONG status = 0, announced = 0;
    VARIANT buffer;

    VariantInit(&buffer);
    HRESULT hr = get_number(cmd, L"ReplyStatus", &status);
    reply->status = (WORD)status;
    if (SUCCEEDED(hr)) hr = get_number(cmd, L"ApduReplyLength", &announced);
    if (SUCCEEDED(hr)) hr = call(cmd, L"ApduReply", DISPATCH_PROPERTYGET, NULL, 0, &buffer);
    if (FAILED(hr)) return hr;
    if (V_VT(&buffer) != VT_DISPATCH || !V_DISPATCH(&buffer) || announced > REPLY_MAX)
        return E_FAIL;
    VARIANT read[] = { first_byte(reply->bytes), number(announced),
                       number_by_reference(&reply->len) };
    hr = call(V_DISPATCH(&buffer), L"Read", DISPATCH_METHOD, read, 3, NULL);
    VariantClear(&buffer);
    return reply->len == announced ? hr : E_FAIL;
}

static HRESULT late_transact(IDispatch *card, const struct command *command, struct reply *reply)
{
    IDispatch *cmd = create(SCARDMANAGE_PROGID_CMD_CURRENT), *data = late_buffer(command);
    LONG le = command->le;

    if (!cmd) return E_FAIL;
    VARIANT build[] = {
        byte_value(command->cla), byte_value(command->ins), byte_value(command->p1),
        byte_value(command->p2),  object_value(data),       number_by_reference(&le)
    };
    HRESULT hr = call(cmd, L"BuildCmd", DISPATCH_METHOD, build, command->le < 0 ? 5 : 6, NULL);
    VARIANT used = { .vt = VT_DISPATCH | VT_BYREF, .ppdispVal = &cmd };
    if (SUCCEEDED(hr)) hr = call(card, L"Transaction", DISPATCH_METHOD, &used, 1, NULL);
    if (SUCCEEDED(hr)) hr = late_take_reply(cmd, reply);
    if (data) IDispatch_Release(data);
    IDispatch_Release(cmd);
    return hr;
}

static const struct binding bindings[] = {
    { "by vtable", early_attach, early_detach, early_transact },
    { "by IDispatch", late_attach, late_detach, late_transact },
};

/* ---- The work itself ---- */

struct work
{
    const struct binding *binding;
    IDispatch *card;
    LONG protocol;
};

static struct reply send_command(struct work *work, const char *what, WORD wanted, BYTE ins,
                                 BYTE p1, BYTE p2, const void *data, LONG data_len, LONG le)
{
    struct command command = { 0, ins, p1, p2, data, data_len, le };
    struct reply reply = { 0 };

    HRESULT hr = work->binding->transact(work->card, &command, &reply);
    expect(hr == S_OK && reply.status == wanted, "%s: %08lX, status %04X", what, (unsigned long)hr,
           reply.status);
    if (hr == S_OK)
        expect(reply.len >= 2 &&
                   (reply.bytes[reply.len - 2] << 8 | reply.bytes[reply.len - 1]) == reply.status,
               "its reply of %ld bytes ends with the status", (long)reply.len);
    return reply;
}

/* Frameworks ask for one protocol after the other. */
static void attach_with_either(struct work *work, BSTR reader)
{
    static const LONG protocols[] = { T0, T1 };

    for (size_t i = 0; i < ARRAYSIZE(protocols) && !work->protocol; i++)
    {
        HRESULT hr = work->binding->attach(work->card, reader, protocols[i]);
        if (hr == S_OK)
            work->protocol = protocols[i];
        else
            expect(hr == (HRESULT)0x8010000F,
                   "AttachByReader, a protocol the card does not have: %08lX", (unsigned long)hr);
    }
    expect(work->protocol != 0, "attached, SHARED, protocol T=%ld", (long)work->protocol - 1);
}

static void walk_files(struct work *work)
{
    struct reply reply = send_command(work, "SELECT the MF, asking for its description", 0x9000,
                                      0xA4, 0, 0, "\x3F\x00", 2, 0);
    reply = send_command(work, "SELECT EF.DIR", 0x9000, 0xA4, 2, 0x0C, "\x2F\x00", 2, -1);
    LONG records = 0;
    for (BYTE record = 1; record < 20; record++)
    {
        struct command command = { 0, 0xB2, record, 0x04, NULL, 0, 0 };
        HRESULT hr = work->binding->transact(work->card, &command, &reply);
        if (hr != S_OK || reply.status != 0x9000) break;
        if (reply.len > 4 && reply.bytes[0] == 0x61) records++;
    }
    expect(records >= 1 && reply.status == 0x6A83, "%ld applications in EF.DIR, then %04X",
           (long)records, reply.status);
    send_command(work, "SELECT a DF", 0x9000, 0xA4, 1, 0x0C, "\x7F\x10", 2, -1);
    send_command(work, "SELECT an EF in it", 0x9000, 0xA4, 2, 0x0C, "\x6F\x01", 2, -1);
    reply = send_command(work, "READ BINARY", 0x9000, 0xB0, 0, 0, NULL, 0, 12);
    expect(reply.len == 14 && memcmp(reply.bytes, "Hello from a", 12) == 0, "it says Hello");
    send_command(work, "SELECT a file that is not there", 0x6A82, 0xA4, 2, 0x0C, "\x12\x34", 2, -1);
}

static void read_much(struct work *work)
{
    BOOL is_right = TRUE;
    LONG total = 0;

    send_command(work, "SELECT a long EF", 0x9000, 0xA4, 2, 0x0C, "\x6F\x03", 2, -1);
    for (LONG offset = 0; offset < 4096; offset += 128)
    {
        struct command command = { 0, 0xB0, (BYTE)(offset >> 8), (BYTE)offset, NULL, 0, 128 };
        struct reply reply = { 0 };
        if (work->binding->transact(work->card, &command, &reply) != S_OK || reply.len != 130)
            break;
        for (LONG i = 0; i < 128; i++)
        {
            LONG at = offset + i;
            if (reply.bytes[i] != (BYTE)(at ^ (at / 256) * 5)) is_right = FALSE;
        }
        total += reply.len - 2;
    }
    expect(total == 4096 && is_right, "%ld bytes, each where it belongs", (long)total);
}

static void verify_pin(struct work *work)
{
    send_command(work, "SELECT a protected EF", 0x9000, 0xA4, 2, 0x0C, "\x6F\x02", 2, -1);
    send_command(work, "READ BINARY before the PIN", 0x6982, 0xB0, 0, 0, NULL, 0, 8);
    send_command(work, "VERIFY, wrong", 0x63C2, 0x20, 0, 1, "4321", 4, -1);
    send_command(work, "VERIFY", 0x9000, 0x20, 0, 1, "1234", 4, -1);
    struct reply reply = send_command(work, "READ BINARY", 0x9000, 0xB0, 0, 0, NULL, 0, 8);
    expect(memcmp(reply.bytes, "This was", 8) == 0, "it says what was behind the PIN");
}

static void work_with(const struct binding *binding, BSTR reader)
{
    struct work work = { .binding = binding };

    printf("%s\n", binding->name);
    work.card = create(SCARDMANAGE_PROGID_CARD_CURRENT);
    if (!expect(work.card != NULL, "CSCard")) return;
    ISCard *card = NULL;
    if (!expect_success(IDispatch_QueryInterface(work.card, &IID_ISCard, (void **)&card), "ISCard"))
        return;
    IDispatch_Release(work.card);
    work.card = (IDispatch *)card;
    attach_with_either(&work, reader);
    walk_files(&work);
    read_much(&work);
    verify_pin(&work);
    expect_success(ISCard_ReAttach(card, SHARED, RESET),
                   "ReAttach, which takes the PIN's right away");
    expect_success(binding->detach(work.card), "Detach");
    expect(binding->detach(work.card) == (HRESULT)0x80100003, "Detach, once more");
    expect(ISCard_Release(card) == 0, "nothing keeps the card");
}

int main(void)
{
    int count;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count);

    if (!arguments || count != 2)
    {
        fprintf(stderr, "usage: base_services_client READER\n");
        return 2;
    }
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    BSTR reader = SysAllocString(arguments[1]);
    for (size_t i = 0; i < ARRAYSIZE(bindings); i++)
        work_with(&bindings[i], reader);
    SysFreeString(reader);
    LocalFree(arguments);
    CoUninitialize();
    printf("%u passed, %u failed\n", passed, failed);
    return failed || !passed;
}
