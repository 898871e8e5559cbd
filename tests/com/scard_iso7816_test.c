/*
 * scard_iso7816_test - every method of ISCardISO7816, good and bad, early and late bound, into
 *                      commands of the server and of a client; and aggregated, as its page asks.
 * Layer: tests. Needs the registered server; no reader.
 * Standard: ISO/IEC 7816-4:1995 clauses 6 and 7.1
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <stdio.h>
#include <windows.h>
#include <ole2.h>

#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/late_bound.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(member, slot)                                                                         \
    _Static_assert(offsetof(ISCardISO7816Vtbl, member) == (slot) * sizeof(void *), #member)
SLOT(AppendRecord, 7);
SLOT(EraseBinary, 8);
SLOT(ExternalAuthenticate, 9);
SLOT(GetChallenge, 10);
SLOT(GetData, 11);
SLOT(GetResponse, 12);
SLOT(InternalAuthenticate, 13);
SLOT(ManageChannel, 14);
SLOT(PutData, 15);
SLOT(ReadBinary, 16);
SLOT(ReadRecord, 17);
SLOT(SelectFile, 18);
SLOT(SetDefaultClassId, 19);
SLOT(UpdateBinary, 20);
SLOT(UpdateRecord, 21);
SLOT(Verify, 22);
SLOT(WriteBinary, 23);
SLOT(WriteRecord, 24);

#define POISON ((void *)(ULONG_PTR)0x5555)

/* What a row gives: bytes, then data or none, then a length, as far as the method takes them. */
struct given
{
    BYTE first, second;
    IByteBuffer *data;
    LONG len;
};

typedef HRESULT early_call(ISCardISO7816 *iso, const struct given *given, ISCardCmd **cmd);

#define EARLY(method, ...)                                                                         \
    static HRESULT early_##method(ISCardISO7816 *iso, const struct given *g, ISCardCmd **cmd)      \
    {                                                                                              \
        return ISCardISO7816_##method(iso, __VA_ARGS__, cmd);                                      \
    }                                                                                              \
    static HRESULT early_##method(ISCardISO7816 *iso, const struct given *g, ISCardCmd **cmd)
EARLY(AppendRecord, g->second, g->data);
EARLY(EraseBinary, g->first, g->second, g->data);
EARLY(ExternalAuthenticate, g->first, g->second, g->data);
EARLY(GetChallenge, g->len);
EARLY(GetData, g->first, g->second, g->len);
EARLY(GetResponse, g->first, g->second, g->len);
EARLY(InternalAuthenticate, g->first, g->second, g->data, g->len);
EARLY(ManageChannel, g->first, g->second);
EARLY(PutData, g->first, g->second, g->data);
EARLY(ReadBinary, g->first, g->second, g->len);
EARLY(ReadRecord, g->first, g->second, g->len);
EARLY(SelectFile, g->first, g->second, g->data, g->len);
EARLY(UpdateBinary, g->first, g->second, g->data);
EARLY(UpdateRecord, g->first, g->second, g->data);
EARLY(Verify, g->second, g->data);
EARLY(WriteBinary, g->first, g->second, g->data);
EARLY(WriteRecord, g->first, g->second, g->data);

/* Which parameters a method has, in this order. */
enum
{
    FIRST = 1,
    SECOND = 2,
    DATA = 4,
    LEN = 8,
};

#define METHOD(name) L## #name, early_##name
static const struct method_row
{
    const WCHAR *name;
    early_call *call;
    unsigned parameters;
    bool needs_data;
    struct
    {
        BYTE first, second;
        const char *data; /* NULL: none */
        LONG len;
        const char *apdu;
    } rows[4];
} methods[] = {
    { METHOD(AppendRecord), SECOND | DATA, true, { { 0, 0xF0, "5A5B", 0, "00E200F0025A5B" } } },
    { METHOD(EraseBinary),
      FIRST | SECOND | DATA,
      false,
      { { 0x00, 0x10, NULL, 0, "000E0010" }, { 0x81, 0x10, "0020", 0, "000E8110020020" } } },
    { METHOD(ExternalAuthenticate),
      FIRST | SECOND | DATA,
      false,
      { { 1, 0x82, "1122334455667788", 0, "00820182081122334455667788" },
        { 0, 0x01, NULL, 0, "00820001" } } },
    { METHOD(GetChallenge),
      LEN,
      false,
      { { 0, 0, NULL, 8, "0084000008" },
        { 0, 0, NULL, 0, "0084000000" },
        { 0, 0, NULL, 300, "0084000000012C" } } },
    { METHOD(GetData),
      FIRST | SECOND | LEN,
      false,
      { { 0x5F, 0x24, NULL, 3, "00CA5F2403" }, { 0, 0x42, NULL, 0, "00CA004200" } } },
    { METHOD(GetResponse),
      FIRST | SECOND | LEN,
      false,
      { { 0, 0, NULL, 0x1F, "00C000001F" }, { 0, 0, NULL, 256, "00C0000000" } } },
    { METHOD(InternalAuthenticate),
      FIRST | SECOND | DATA | LEN,
      true,
      { { 1, 0x82, "1122", 8, "0088018202112208" }, { 0, 0, "1122", 0, "0088000002112200" } } },
    { METHOD(ManageChannel),
      FIRST | SECOND,
      false,
      { { 0, 0, NULL, 0, "0070000001" },
        { 0, 2, NULL, 0, "00700002" },
        { 0x80, 2, NULL, 0, "00708002" } } },
    { METHOD(PutData), FIRST | SECOND | DATA, true, { { 2, 0x33, "AABB", 0, "00DA023302AABB" } } },
    { METHOD(ReadBinary),
      FIRST | SECOND | LEN,
      false,
      { { 1, 0x80, NULL, 16, "00B0018010" },
        { 0x9E, 5, NULL, 0, "00B09E0500" },
        { 0, 0, NULL, 65536, "00B00000000000" } } },
    { METHOD(ReadRecord),
      FIRST | SECOND | LEN,
      false,
      { { 3, 4, NULL, 0, "00B2030400" }, { 0, 2, NULL, 12, "00B200020C" } } },
    { METHOD(SelectFile),
      FIRST | SECOND | DATA | LEN,
      false,
      { { 0, 0, "3F00", 0, "00A40000023F00" },
        { 4, 0, "A000000001", 20, "00A4040005A00000000114" },
        { 3, 0x0C, NULL, 0, "00A4030C" },
        { 0, 0, "3F00", 256, "00A40000023F0000" } } },
    { METHOD(UpdateBinary),
      FIRST | SECOND | DATA,
      true,
      { { 0x7F, 0xFF, "0102", 0, "00D67FFF020102" },
        { 0, 0, "AA*256", 0, "00D60000000100AA*256" } } },
    { METHOD(UpdateRecord), FIRST | SECOND | DATA, true, { { 0, 3, "5A", 0, "00DC0003015A" } } },
    { METHOD(Verify),
      SECOND | DATA,
      false,
      { { 0, 0x81, "31323334", 0, "002000810431323334" }, { 0, 1, NULL, 0, "00200001" } } },
    { METHOD(WriteBinary), FIRST | SECOND | DATA, true, { { 0, 0x10, "A5", 0, "00D0001001A5" } } },
    { METHOD(WriteRecord), FIRST | SECOND | DATA, true, { { 2, 4, "5A", 0, "00D20204015A" } } },
};

static ISCardISO7816 *create(void)
{
    return create_object(&CLSID_CSCardISO7816, &IID_ISCardISO7816);
}

#define check_apdu(cmd, hex) check_apdu_at(__LINE__, cmd, hex)
static void check_apdu_at(int line, ISCardCmd *cmd, const char *hex)
{
    IByteBuffer *apdu = NULL;

    if (!check_true_at(__FILE__, line, cmd != NULL && cmd != POISON, "there is a command")) return;
    check_hr_at(__FILE__, line, ISCardCmd_get_Apdu(cmd, &apdu), S_OK, "get_Apdu");
    check_rest_at(__FILE__, line, apdu, hex);
    if (apdu) IByteBuffer_Release(apdu);
}

/* The same call by name; a command that comes out is the caller's. */
static HRESULT call_late(IDispatch *iso, const struct method_row *method, const struct given *given,
                         VARIANT *cmd)
{
    VARIANT arguments[5];
    UINT count = 0;

    if (method->parameters & FIRST) arguments[count++] = late_number(given->first);
    if (method->parameters & SECOND) arguments[count++] = late_number(given->second);
    if (method->parameters & DATA) arguments[count++] = late_object(given->data);
    if (method->parameters & LEN) arguments[count++] = late_number(given->len);
    V_VT(&arguments[count]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&arguments[count++]) = cmd;
    return late_call(iso, method->name, DISPATCH_METHOD, arguments, count, NULL);
}

static void every_command(ISCardISO7816 *iso, const struct method_row *method)
{
    ISCardCmd *existing = create_object(&CLSID_CSCardCmd, &IID_ISCardCmd), *same = existing;
    VARIANT late, late_existing;

    for (size_t i = 0; i < ARRAYSIZE(method->rows) && method->rows[i].apdu; i++)
    {
        struct given given = { method->rows[i].first, method->rows[i].second, NULL,
                               method->rows[i].len };
        ISCardCmd *created = NULL;
        LONG position = 0, end = 0;

        check_context("%ls, row %u", method->name, (unsigned)i);
        if (method->rows[i].data) given.data = buffer_of_hex(method->rows[i].data);
        if (given.data) IByteBuffer_Seek(given.data, 0, STREAM_SEEK_END, &end);
        check_hr(method->call(iso, &given, &created), S_OK);
        check_apdu(created, method->rows[i].apdu);
        if (created) check_int(ISCardCmd_Release(created), 0);
        /* An object that comes in is filled, and stays the caller's. */
        check_hr(method->call(iso, &given, &same), S_OK);
        check(same == existing);
        check_apdu(existing, method->rows[i].apdu);

        VariantInit(&late);
        check_hr(call_late((IDispatch *)iso, method, &given, &late), S_OK);
        check_int(V_VT(&late), VT_DISPATCH);
        check_apdu((ISCardCmd *)V_DISPATCH(&late), method->rows[i].apdu);
        VariantClear(&late);
        V_VT(&late_existing) = VT_DISPATCH;
        V_DISPATCH(&late_existing) = (IDispatch *)existing;
        check_hr(ISCardCmd_Clear(existing), S_OK);
        check_hr(call_late((IDispatch *)iso, method, &given, &late_existing), S_OK);
        check((ISCardCmd *)V_DISPATCH(&late_existing) == existing);
        check_apdu(existing, method->rows[i].apdu);
        if (!given.data) continue;
        check_hr(IByteBuffer_Seek(given.data, 0, STREAM_SEEK_CUR, &position), S_OK);
        check_int(position, end);
        check_int(IByteBuffer_Release(given.data), 0);
    }
    check_int(ISCardCmd_Release(existing), 0);
}

static void bad_arguments(ISCardISO7816 *iso, const struct method_row *method)
{
    IByteBuffer *some = buffer_of_hex("AABB"), *none = buffer_of_hex(""),
                *too_long = buffer_of_hex("AA*65536");
    ISCardCmd *cmd = NULL;
    struct given given = { 1, 2, some, 3 };

    check_context("%ls, bad arguments", method->name);
    check_hr(method->call(iso, &given, NULL), E_POINTER);
    check_described(L"ISCardISO7816::");
    if (method->parameters & DATA)
    {
        given.data = NULL;
        check_hr(method->call(iso, &given, &cmd), method->needs_data ? E_POINTER : S_OK);
        if (cmd) ISCardCmd_Release(cmd);
        cmd = NULL;
        given.data = none;
        check_hr(method->call(iso, &given, &cmd), method->needs_data ? E_INVALIDARG : S_OK);
        if (cmd) ISCardCmd_Release(cmd);
        cmd = NULL;
        given.data = too_long;
        check_hr(method->call(iso, &given, &cmd), E_INVALIDARG);
        check_described(L"65535 bytes of data");
        check(cmd == NULL);
        given.data = some;
    }
    static const LONG bad[] = { -1, (LONG)0x80000000, 65537, 0x7FFFFFFF };
    for (size_t i = 0; i < ARRAYSIZE(bad) && method->parameters & LEN; i++)
    {
        given.len = bad[i];
        check_hr(method->call(iso, &given, &cmd), E_INVALIDARG);
        check(cmd == NULL);
    }
    check_int(IByteBuffer_Release(some), 0);
    check_int(IByteBuffer_Release(none), 0);
    check_int(IByteBuffer_Release(too_long), 0);
}

static void default_class(void)
{
    ISCardISO7816 *iso = create(), *other = create();
    ISCardCmd *cmd = NULL;

    check_context("SetDefaultClassId");
    check_hr(ISCardISO7816_GetChallenge(iso, 8, &cmd), S_OK);
    check_apdu(cmd, "0084000008");
    check_hr(ISCardISO7816_SetDefaultClassId(iso, 0x80), S_OK);
    check_apdu(cmd, "0084000008"); /* what is built stays */
    check_hr(ISCardISO7816_GetChallenge(iso, 8, &cmd), S_OK);
    check_apdu(cmd, "8084000008");
    check_hr(ISCardISO7816_GetChallenge(other, 8, &cmd), S_OK);
    check_apdu(cmd, "0084000008");
    check_int(ISCardCmd_Release(cmd), 0);
    check_int(ISCardISO7816_Release(iso), 0);
    check_int(ISCardISO7816_Release(other), 0);
}

/* A client's own command: it gets BuildCmd, and nothing else of it is used. */
struct foreign_cmd
{
    ISCardCmd ISCardCmd_iface;
    LONG refs;

    HRESULT fails;
    LONG calls;
    BYTE header[4];
    BYTE data[8];
    LONG len;
    LONG le; /* -1: NULL */
};

static struct foreign_cmd *foreign_from(ISCardCmd *iface)
{
    return CONTAINING_RECORD(iface, struct foreign_cmd, ISCardCmd_iface);
}

static ULONG STDMETHODCALLTYPE foreign_AddRef(ISCardCmd *iface)
{
    return (ULONG)++foreign_from(iface)->refs;
}

static ULONG STDMETHODCALLTYPE foreign_Release(ISCardCmd *iface)
{
    return (ULONG)--foreign_from(iface)->refs;
}

/* As a careless client does: it reads from wherever the seek pointer stands. */
static HRESULT STDMETHODCALLTYPE foreign_BuildCmd(ISCardCmd *iface, BYTE cla, BYTE ins, BYTE p1,
                                                  BYTE p2, IByteBuffer *data, LONG *le)
{
    struct foreign_cmd *foreign = foreign_from(iface);
    const BYTE header[4] = { cla, ins, p1, p2 };

    foreign->calls++;
    memcpy(foreign->header, header, sizeof(header));
    foreign->len = 0;
    if (data) IByteBuffer_Read(data, foreign->data, sizeof(foreign->data), &foreign->len);
    foreign->le = le ? *le : -1;
    return foreign->fails;
}

static const ISCardCmdVtbl foreign_vtbl = {
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .BuildCmd = foreign_BuildCmd,
};

static void anothers_command(void)
{
    struct foreign_cmd foreign = { { (ISCardCmdVtbl *)&foreign_vtbl }, .refs = 1 };
    ISCardCmd *cmd = &foreign.ISCardCmd_iface;
    IByteBuffer *data = buffer_of_hex("3F00");
    ISCardISO7816 *iso = create();
    LONG position = 0;

    check_context("another's command");
    IByteBuffer_Seek(data, 2, STREAM_SEEK_SET, NULL);
    check_hr(ISCardISO7816_SelectFile(iso, 1, 2, data, 0, &cmd), S_OK);
    check(cmd == &foreign.ISCardCmd_iface);
    check_int(foreign.calls, 1);
    check(memcmp(foreign.header, "\x00\xA4\x01\x02", 4) == 0);
    check_int(foreign.len, 2);
    check(memcmp(foreign.data, "\x3F\x00", 2) == 0);
    check_int(foreign.le, -1);
    check_hr(IByteBuffer_Seek(data, 0, STREAM_SEEK_CUR, &position), S_OK);
    check_int(position, 2);
    check_hr(ISCardISO7816_ReadBinary(iso, 0, 0, 0, &cmd), S_OK);
    check_int(foreign.len, 0);
    check_int(foreign.le, 256);
    foreign.fails = STG_E_ACCESSDENIED;
    check_hr(ISCardISO7816_ReadBinary(iso, 0, 0, 9, &cmd), STG_E_ACCESSDENIED);
    check(cmd == &foreign.ISCardCmd_iface);
    check_int(foreign.refs, 1);
    check_int(IByteBuffer_Release(data), 0);
    check_int(ISCardISO7816_Release(iso), 0);
}

/* An object with its own interface for cards beyond the standard, around ours: "Building an APDU". */
struct outer
{
    IUnknown IUnknown_iface;
    LONG refs;

    IUnknown *inner;
};

static HRESULT STDMETHODCALLTYPE outer_QueryInterface(IUnknown *iface, REFIID iid, void **out)
{
    struct outer *outer = CONTAINING_RECORD(iface, struct outer, IUnknown_iface);

    *out = NULL;
    if (!IsEqualIID(iid, &IID_IUnknown)) return IUnknown_QueryInterface(outer->inner, iid, out);
    outer->refs++;
    *out = iface;
    return S_OK;
}

static ULONG STDMETHODCALLTYPE outer_AddRef(IUnknown *iface)
{
    return (ULONG)++CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->refs;
}

static ULONG STDMETHODCALLTYPE outer_Release(IUnknown *iface)
{
    return (ULONG)--CONTAINING_RECORD(iface, struct outer, IUnknown_iface)->refs;
}

static const IUnknownVtbl outer_vtbl = { outer_QueryInterface, outer_AddRef, outer_Release };

static void aggregated(void)
{
    struct outer outer = { { (IUnknownVtbl *)&outer_vtbl }, .refs = 1 };
    ISCardISO7816 *iso = NULL;
    ISCardCmd *cmd = NULL;

    check_context("aggregated");
    check_hr(CoCreateInstance(&CLSID_CSCardISO7816, &outer.IUnknown_iface, CLSCTX_INPROC_SERVER,
                              &IID_IUnknown, (void **)&outer.inner),
             S_OK);
    if (!outer.inner) return;
    check_hr(IUnknown_QueryInterface(&outer.IUnknown_iface, &IID_ISCardISO7816, (void **)&iso),
             S_OK);
    check_int(outer.refs, 2);
    check_hr(ISCardISO7816_SetDefaultClassId(iso, 0xA0), S_OK);
    check_hr(ISCardISO7816_GetResponse(iso, 0, 0, 15, &cmd), S_OK);
    check_apdu(cmd, "A0C000000F");
    check_int(ISCardCmd_Release(cmd), 0);
    ISCardISO7816_Release(iso);
    check_int(outer.refs, 1);
    check_int(IUnknown_Release(outer.inner), 0);
}

int main(void)
{
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    ISCardISO7816 *iso = create();
    for (size_t i = 0; i < ARRAYSIZE(methods); i++)
    {
        every_command(iso, &methods[i]);
        bad_arguments(iso, &methods[i]);
    }
    check_context(NULL);
    check_int(ISCardISO7816_Release(iso), 0);
    default_class();
    anothers_command();
    aggregated();
    check_context(NULL);
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
