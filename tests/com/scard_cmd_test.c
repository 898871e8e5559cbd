/*
 * scard_cmd_test - every property and method of ISCardCmd, good and bad, early and late bound.
 * Layer: tests. Needs the registered server; no reader.
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
    _Static_assert(offsetof(ISCardCmdVtbl, member) == (slot) * sizeof(void *), #member)
SLOT(get_Apdu, 7);
SLOT(put_Apdu, 8);
SLOT(get_ApduLength, 9);
SLOT(get_ApduReply, 10);
SLOT(put_ApduReply, 11);
SLOT(get_ApduReplyLength, 12);
SLOT(put_ApduReplyLength, 13);
SLOT(get_ClassId, 14);
SLOT(put_ClassId, 15);
SLOT(get_Data, 16);
SLOT(put_Data, 17);
SLOT(get_InstructionId, 18);
SLOT(put_InstructionId, 19);
SLOT(get_LeField, 20);
SLOT(get_P1, 21);
SLOT(put_P1, 22);
SLOT(get_P2, 23);
SLOT(put_P2, 24);
SLOT(get_P3, 25);
SLOT(get_ReplyStatus, 26);
SLOT(put_ReplyStatus, 27);
SLOT(get_ReplyStatusSW1, 28);
SLOT(get_ReplyStatusSW2, 29);
SLOT(get_Type, 30);
SLOT(get_Nad, 31);
SLOT(put_Nad, 32);
SLOT(get_ReplyNad, 33);
SLOT(put_ReplyNad, 34);
SLOT(BuildCmd, 35);
SLOT(Clear, 36);
SLOT(Encapsulate, 37);
SLOT(get_AlternateClassId, 38);
SLOT(put_AlternateClassId, 39);

#define POISON ((void *)(ULONG_PTR)0x5555)
#define NO_LE  (-1) /* in tables: a NULL pointer */

static ISCardCmd *create(void)
{
    return create_object(&CLSID_CSCardCmd, &IID_ISCardCmd);
}

static BYTE byte_by(HRESULT(STDMETHODCALLTYPE *get)(ISCardCmd *, BYTE *), ISCardCmd *cmd)
{
    BYTE byte = 0x55;
    check_hr(get(cmd, &byte), S_OK);
    return byte;
}

static LONG long_by(HRESULT(STDMETHODCALLTYPE *get)(ISCardCmd *, LONG *), ISCardCmd *cmd)
{
    LONG number = 0x5555;
    check_hr(get(cmd, &number), S_OK);
    return number;
}

/* Everything that can be told of a command. */
struct expected
{
    const char *apdu;
    BYTE cla, ins, p1, p2, p3;
    const char *data;
    LONG le;
    ISO_APDU_TYPE type;
};

#define check_command(cmd, ...) check_command_at(__LINE__, cmd, &(struct expected){ __VA_ARGS__ })
static void check_command_at(int line, ISCardCmd *cmd, const struct expected *expected)
{
    static BYTE bytes[70000];
    IByteBuffer *buffer = POISON;
    ISO_APDU_TYPE type = (ISO_APDU_TYPE)0x55;

    check_hr_at(__FILE__, line, ISCardCmd_get_Apdu(cmd, &buffer), S_OK, "get_Apdu");
    check_rest_at(__FILE__, line, buffer, expected->apdu); /* it is rewound */
    IByteBuffer_Release(buffer);
    check_int_at(__FILE__, line, long_by(cmd->lpVtbl->get_ApduLength, cmd),
                 bytes_of_hex(expected->apdu, bytes, sizeof(bytes)), "ApduLength");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_ClassId, cmd), expected->cla, "ClassId");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_InstructionId, cmd), expected->ins,
                 "InstructionId");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_P1, cmd), expected->p1, "P1");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_P2, cmd), expected->p2, "P2");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_P3, cmd), expected->p3, "P3");
    check_int_at(__FILE__, line, long_by(cmd->lpVtbl->get_LeField, cmd), expected->le, "LeField");
    check_hr_at(__FILE__, line, ISCardCmd_get_Type(cmd, &type), S_OK, "get_Type");
    check_int_at(__FILE__, line, type, expected->type, "Type");
    buffer = POISON;
    check_hr_at(__FILE__, line, ISCardCmd_get_Data(cmd, &buffer), S_OK, "get_Data");
    check_rest_at(__FILE__, line, buffer, expected->data);
    IByteBuffer_Release(buffer);
}

static void build_cmd(void)
{
    static const struct
    {
        const char *what;
        const char *data; /* NULL: no buffer */
        LONG le;
        struct expected expected;
    } rows[] = {
        { "case 1", NULL, NO_LE, { "01020304", 1, 2, 3, 4, 0, "", 0, ISO_CASE_1 } },
        { "case 1, no bytes", "", NO_LE, { "01020304", 1, 2, 3, 4, 0, "", 0, ISO_CASE_1 } },
        { "case 2", NULL, 5, { "0102030405", 1, 2, 3, 4, 5, "", 5, ISO_CASE_2 } },
        { "case 2, 255", NULL, 255, { "01020304FF", 1, 2, 3, 4, 255, "", 255, ISO_CASE_2 } },
        { "case 2, 256", NULL, 256, { "0102030400", 1, 2, 3, 4, 0, "", 256, ISO_CASE_2 } },
        { "case 2, all", NULL, 0, { "0102030400", 1, 2, 3, 4, 0, "", 256, ISO_CASE_2 } },
        { "case 3", "AABB", NO_LE, { "0102030402AABB", 1, 2, 3, 4, 2, "AABB", 0, ISO_CASE_3 } },
        { "case 3, Le of 0",
          "AABB",
          0,
          { "0102030402AABB", 1, 2, 3, 4, 2, "AABB", 0, ISO_CASE_3 } },
        { "case 3, 255",
          "AA*255",
          NO_LE,
          { "01020304FFAA*255", 1, 2, 3, 4, 255, "AA*255", 0, ISO_CASE_3 } },
        { "case 4", "AABB", 8, { "0102030402AABB08", 1, 2, 3, 4, 2, "AABB", 8, ISO_CASE_4 } },
        { "case 4, 256", "AA", 256, { "0102030401AA00", 1, 2, 3, 4, 1, "AA", 256, ISO_CASE_4 } },
        { "case 2E", NULL, 257, { "01020304000101", 1, 2, 3, 4, 0, "", 257, ISO_CASE_2 } },
        { "case 2E, most",
          NULL,
          65536,
          { "01020304000000", 1, 2, 3, 4, 0, "", 65536, ISO_CASE_2 } },
        { "case 3E",
          "AA*256",
          NO_LE,
          { "01020304000100AA*256", 1, 2, 3, 4, 0, "AA*256", 0, ISO_CASE_3 } },
        { "case 3E, most",
          "AA*65535",
          NO_LE,
          { "0102030400FFFFAA*65535", 1, 2, 3, 4, 0, "AA*65535", 0, ISO_CASE_3 } },
        { "case 4E by data",
          "AA*256",
          1,
          { "01020304000100AA*256 0001", 1, 2, 3, 4, 0, "AA*256", 1, ISO_CASE_4 } },
        { "case 4E by Le",
          "AA",
          1000,
          { "01020304000001AA03E8", 1, 2, 3, 4, 0, "AA", 1000, ISO_CASE_4 } },
    };
    ISCardCmd *cmd = create();

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        IByteBuffer *data = rows[i].data ? buffer_of_hex(rows[i].data) : NULL;
        LONG le = rows[i].le, position = 0;

        check_context("BuildCmd, %s", rows[i].what);
        /* Data is taken whole wherever the seek pointer stands, and that stays there. */
        if (data) IByteBuffer_Seek(data, 0, STREAM_SEEK_END, NULL);
        check_hr(ISCardCmd_BuildCmd(cmd, 1, 2, 3, 4, data, le == NO_LE ? NULL : &le), S_OK);
        check_int(le, rows[i].le);
        check_command_at(__LINE__, cmd, &rows[i].expected);
        if (!data) continue;
        check_hr(IByteBuffer_Seek(data, 0, STREAM_SEEK_CUR, &position), S_OK);
        check_hr(IByteBuffer_Seek(data, 0, STREAM_SEEK_END, &le), S_OK);
        check_int(position, le);
        check_int(IByteBuffer_Release(data), 0);
    }

    check_context("BuildCmd, refused");
    IByteBuffer *long_data = buffer_of_hex("AA*65536");
    static const LONG bad[] = { -2, (LONG)0x80000000, 65537, 0x7FFFFFFF };
    check_hr(ISCardCmd_BuildCmd(cmd, 9, 9, 9, 9, long_data, NULL), E_INVALIDARG);
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        LONG le = bad[i];
        check_hr(ISCardCmd_BuildCmd(cmd, 9, 9, 9, 9, NULL, &le), E_INVALIDARG);
    }
    /* What was there before is there still. */
    check_command(cmd, "01020304000001AA03E8", 1, 2, 3, 4, 0, "AA", 1000, ISO_CASE_4);
    check_hr(ISCardCmd_put_Data(cmd, long_data), E_INVALIDARG);
    IByteBuffer_Release(long_data);
    check_int(ISCardCmd_Release(cmd), 0);
}

static void raw_commands(void)
{
    static const struct
    {
        const char *raw;
        struct expected expected;
    } rows[] = {
        { "00840000", { "00840000", 0, 0x84, 0, 0, 0, "", 0, ISO_CASE_1 } },
        { "0084000008", { "0084000008", 0, 0x84, 0, 0, 8, "", 8, ISO_CASE_2 } },
        { "0084000000", { "0084000000", 0, 0x84, 0, 0, 0, "", 256, ISO_CASE_2 } },
        { "00A40000023F00", { "00A40000023F00", 0, 0xA4, 0, 0, 2, "3F00", 0, ISO_CASE_3 } },
        { "00A40000023F0000", { "00A40000023F0000", 0, 0xA4, 0, 0, 2, "3F00", 256, ISO_CASE_4 } },
        { "00B00000000010", { "00B00000000010", 0, 0xB0, 0, 0, 0, "", 16, ISO_CASE_2 } },
        { "00D60000000001AA", { "00D60000000001AA", 0, 0xD6, 0, 0, 0, "AA", 0, ISO_CASE_3 } },
        { "00880000000001AA0000",
          { "00880000000001AA0000", 0, 0x88, 0, 0, 0, "AA", 65536, ISO_CASE_4 } },
    };
    static const char *const bad[] = {
        "", "00A400", "00A4000002 3F", "00A4000001 3F00 0000", "00A400000000", "00D6000000 0002 AA"
    };
    ISCardCmd *cmd = create();

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        IByteBuffer *raw = buffer_of_hex(rows[i].raw);
        check_context("put_Apdu %s", rows[i].raw);
        IByteBuffer_Seek(raw, 3, STREAM_SEEK_SET, NULL);
        check_hr(ISCardCmd_put_Apdu(cmd, raw), S_OK);
        check_command_at(__LINE__, cmd, &rows[i].expected);
        check_int(IByteBuffer_Release(raw), 0);
    }
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
    {
        IByteBuffer *raw = buffer_of_hex(bad[i]);
        check_context("put_Apdu, bad: %s", bad[i]);
        check_hr(ISCardCmd_put_Apdu(cmd, raw), E_INVALIDARG);
        check_described(L"the lengths in these bytes do not fit a command");
        check_int(IByteBuffer_Release(raw), 0);
    }
    check_context("put_Apdu");
    check_hr(ISCardCmd_put_Apdu(cmd, NULL), E_POINTER);
    check_command(cmd, "00880000000001AA0000", 0, 0x88, 0, 0, 0, "AA", 65536, ISO_CASE_4);
    check_int(ISCardCmd_Release(cmd), 0);
}

/* A command made field by field, and one that has nothing yet. */
static void properties(void)
{
    ISCardCmd *cmd = create();
    IByteBuffer *data = buffer_of_hex("A000000001"), *none = buffer_of_hex("");
    LONG le = 12;

    check_context("an empty command");
    check_command(cmd, "", 0, 0, 0, 0, 0, "", 0, ISO_CASE_1);
    check_context("properties");
    check_hr(ISCardCmd_put_P1(cmd, 0x04), S_OK);
    check_command(cmd, "00000400", 0, 0, 4, 0, 0, "", 0, ISO_CASE_1);
    check_hr(ISCardCmd_put_InstructionId(cmd, 0xA4), S_OK);
    check_hr(ISCardCmd_put_ClassId(cmd, 0x80), S_OK);
    check_hr(ISCardCmd_put_P2(cmd, 0x0C), S_OK);
    check_hr(ISCardCmd_put_Data(cmd, data), S_OK);
    check_command(cmd, "80A4040C05A000000001", 0x80, 0xA4, 4, 0x0C, 5, "A000000001", 0, ISO_CASE_3);
    /* The copy is the command's own. */
    check_hr(IByteBuffer_SetSize(data, 0), S_OK);
    check_command(cmd, "80A4040C05A000000001", 0x80, 0xA4, 4, 0x0C, 5, "A000000001", 0, ISO_CASE_3);
    check_hr(ISCardCmd_put_Data(cmd, none), S_OK);
    check_command(cmd, "80A4040C", 0x80, 0xA4, 4, 0x0C, 0, "", 0, ISO_CASE_1);
    check_hr(ISCardCmd_put_Data(cmd, NULL), E_POINTER);
    check_context("Le stays when other fields change");
    check_hr(ISCardCmd_BuildCmd(cmd, 0, 0xB0, 0, 0, NULL, &le), S_OK);
    check_hr(ISCardCmd_put_P2(cmd, 0x10), S_OK);
    check_command(cmd, "00B000100C", 0, 0xB0, 0, 0x10, 12, "", 12, ISO_CASE_2);
    check_int(IByteBuffer_Release(data), 0);
    check_int(IByteBuffer_Release(none), 0);
    check_int(ISCardCmd_Release(cmd), 0);
}

#define check_reply(cmd, hex, status) check_reply_at(__LINE__, cmd, hex, status)
static void check_reply_at(int line, ISCardCmd *cmd, const char *hex, WORD status)
{
    IByteBuffer *reply = POISON;
    BYTE bytes[512];
    WORD got = 0x5555;

    check_hr_at(__FILE__, line, ISCardCmd_get_ApduReply(cmd, &reply), S_OK, "get_ApduReply");
    if (hex)
    {
        check_rest_at(__FILE__, line, reply, hex);
        IByteBuffer_Release(reply);
    }
    else
        check_true_at(__FILE__, line, reply == NULL, "no reply");
    check_int_at(__FILE__, line, long_by(cmd->lpVtbl->get_ApduReplyLength, cmd),
                 hex ? bytes_of_hex(hex, bytes, sizeof(bytes)) : 0, "ApduReplyLength");
    check_hr_at(__FILE__, line, ISCardCmd_get_ReplyStatus(cmd, &got), S_OK, "get_ReplyStatus");
    check_int_at(__FILE__, line, got, status, "ReplyStatus");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_ReplyStatusSW1, cmd), status >> 8, "SW1");
    check_int_at(__FILE__, line, byte_by(cmd->lpVtbl->get_ReplyStatusSW2, cmd), status & 0xFF,
                 "SW2");
}

static void replies(void)
{
    ISCardCmd *cmd = create();
    IByteBuffer *reply = buffer_of_hex("1122339000"), *status = buffer_of_hex("6A82"),
                *half = buffer_of_hex("90"), *none = buffer_of_hex(""),
                *most = buffer_of_hex("AA*65536 9000"), *too_long = buffer_of_hex("AA*65537 9000");
    LONG position;

    check_context("replies");
    check_reply(cmd, NULL, 0);
    IByteBuffer_Seek(reply, 4, STREAM_SEEK_SET, NULL);
    check_hr(ISCardCmd_put_ApduReply(cmd, reply), S_OK);
    check_reply(cmd, "1122339000", 0x9000);
    check_reply(cmd, "1122339000", 0x9000); /* rewound each time */
    check_hr(IByteBuffer_Seek(reply, 0, STREAM_SEEK_CUR, &position), S_OK);
    check_int(position, 4);
    check_hr(ISCardCmd_put_ApduReply(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_put_ApduReply(cmd, too_long), E_INVALIDARG);
    check_reply(cmd, "1122339000", 0x9000);
    check_hr(ISCardCmd_put_ReplyStatus(cmd, 0x6B00), S_OK);
    check_reply(cmd, "1122336B00", 0x6B00);
    check_hr(ISCardCmd_put_ApduReply(cmd, status), S_OK);
    check_reply(cmd, "6A82", 0x6A82);
    check_hr(ISCardCmd_put_ApduReply(cmd, half), S_OK);
    check_reply(cmd, "90", 0);
    check_hr(ISCardCmd_put_ApduReply(cmd, none), S_OK);
    check_reply(cmd, "", 0);
    check_hr(ISCardCmd_put_ReplyStatus(cmd, 0x9000), S_OK);
    check_reply(cmd, "9000", 0x9000);
    check_hr(ISCardCmd_put_ApduReply(cmd, most), S_OK);
    check_int(long_by(cmd->lpVtbl->get_ApduReplyLength, cmd), 65538);

    check_context("put_ApduReplyLength");
    check_hr(ISCardCmd_put_ApduReply(cmd, reply), S_OK);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, 3), S_OK);
    check_reply(cmd, "112233", 0x9000);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, 6), S_OK);
    check_reply(cmd, "112233000000", 0x9000);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, 0), S_OK);
    check_reply(cmd, "", 0x9000);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, -1), E_INVALIDARG);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, 0x7FFFFFFF), E_INVALIDARG);
    check_hr(ISCardCmd_put_ApduReplyLength(cmd, 65538), S_OK);

    check_context("another command has no reply yet");
    check_hr(ISCardCmd_put_ApduReply(cmd, reply), S_OK);
    check_hr(ISCardCmd_put_P1(cmd, 1), S_OK);
    check_reply(cmd, "1122339000", 0x9000);
    check_hr(ISCardCmd_BuildCmd(cmd, 0, 0x84, 0, 0, NULL, NULL), S_OK);
    check_reply(cmd, NULL, 0);
    check_hr(ISCardCmd_put_ApduReply(cmd, reply), S_OK);
    check_hr(ISCardCmd_Clear(cmd), S_OK);
    check_reply(cmd, NULL, 0);
    check_command(cmd, "", 0, 0, 0, 0, 0, "", 0, ISO_CASE_1);
    check_hr(ISCardCmd_Clear(cmd), S_OK);
    IByteBuffer *const all[] = { reply, status, half, none, most, too_long };
    for (size_t i = 0; i < ARRAYSIZE(all); i++)
        check_int(IByteBuffer_Release(all[i]), 0);
    check_int(ISCardCmd_Release(cmd), 0);
}

static void encapsulate(void)
{
    ISCardCmd *cmd = create();
    IByteBuffer *inner = buffer_of_hex("00A40000023F0000"), *header = buffer_of_hex("00840000"),
                *short_of = buffer_of_hex("008400"), *too_long = buffer_of_hex("AA*65536");
    ISO_APDU_TYPE type;

    check_context("Encapsulate");
    IByteBuffer_Seek(inner, 5, STREAM_SEEK_SET, NULL);
    check_hr(ISCardCmd_Encapsulate(cmd, inner, ISO_CASE_4), S_OK);
    check_command(cmd, "00C200000800A40000023F0000", 0, 0xC2, 0, 0, 8, "00A40000023F0000", 0,
                  ISO_CASE_4);
    /* A header that is there stays. */
    check_hr(ISCardCmd_BuildCmd(cmd, 0x8C, 0xC2, 1, 2, NULL, NULL), S_OK);
    check_hr(ISCardCmd_Encapsulate(cmd, header, ISO_CASE_1), S_OK);
    check_command(cmd, "8CC201020400840000", 0x8C, 0xC2, 1, 2, 4, "00840000", 0, ISO_CASE_1);
    check_hr(ISCardCmd_Encapsulate(cmd, NULL, ISO_CASE_1), E_POINTER);
    check_hr(ISCardCmd_Encapsulate(cmd, header, (ISO_APDU_TYPE)0), E_INVALIDARG);
    check_hr(ISCardCmd_Encapsulate(cmd, header, (ISO_APDU_TYPE)5), E_INVALIDARG);
    check_hr(ISCardCmd_Encapsulate(cmd, header, (ISO_APDU_TYPE)-1), E_INVALIDARG);
    check_hr(ISCardCmd_Encapsulate(cmd, short_of, ISO_CASE_1), E_INVALIDARG);
    check_hr(ISCardCmd_Encapsulate(cmd, too_long, ISO_CASE_3), E_INVALIDARG);
    check_command(cmd, "8CC201020400840000", 0x8C, 0xC2, 1, 2, 4, "00840000", 0, ISO_CASE_1);
    /* Data of another kind is no command any more. */
    check_hr(ISCardCmd_put_Data(cmd, inner), S_OK);
    check_hr(ISCardCmd_get_Type(cmd, &type), S_OK);
    check_int(type, ISO_CASE_3);
    IByteBuffer *const all[] = { inner, header, short_of, too_long };
    for (size_t i = 0; i < ARRAYSIZE(all); i++)
        check_int(IByteBuffer_Release(all[i]), 0);
    check_int(ISCardCmd_Release(cmd), 0);
}

static void addresses_and_class(void)
{
    ISCardCmd *cmd = create();
    BYTE byte = 0x55;

    check_context("node addresses");
    check_int(byte_by(cmd->lpVtbl->get_Nad, cmd), 0);
    check_hr(ISCardCmd_put_Nad(cmd, 0x21), S_OK);
    check_int(byte_by(cmd->lpVtbl->get_Nad, cmd), 0x21);
    static const BYTE bad[] = { 0xFF, 0x11, 0x80, 0x08, 0x77 };
    for (size_t i = 0; i < ARRAYSIZE(bad); i++)
        check_hr(ISCardCmd_put_Nad(cmd, bad[i]), E_INVALIDARG);
    check_int(byte_by(cmd->lpVtbl->get_Nad, cmd), 0x21);
    check_hr(ISCardCmd_get_ReplyNad(cmd, &byte), E_ACCESSDENIED);
    check_int(byte, 0);
    check_hr(ISCardCmd_put_ReplyNad(cmd, 0x12), S_OK);
    check_int(byte_by(cmd->lpVtbl->get_ReplyNad, cmd), 0x12);

    check_context("AlternateClassId");
    byte = 0x55;
    check_hr(ISCardCmd_get_AlternateClassId(cmd, &byte), E_ACCESSDENIED);
    check_int(byte, 0);
    check_hr(ISCardCmd_put_AlternateClassId(cmd, 0xA0), S_OK);
    check_int(byte_by(cmd->lpVtbl->get_AlternateClassId, cmd), 0xA0);
    check_hr(ISCardCmd_put_AlternateClassId(cmd, 0), S_OK);
    check_int(byte_by(cmd->lpVtbl->get_AlternateClassId, cmd), 0);

    check_context("Clear leaves what belongs to the connection");
    check_hr(ISCardCmd_Clear(cmd), S_OK);
    check_int(byte_by(cmd->lpVtbl->get_Nad, cmd), 0x21);
    check_int(byte_by(cmd->lpVtbl->get_AlternateClassId, cmd), 0);
    check_hr(ISCardCmd_get_ReplyNad(cmd, &byte), E_ACCESSDENIED); /* the reply's */
    check_int(ISCardCmd_Release(cmd), 0);
}

static void null_everywhere(void)
{
    ISCardCmd *cmd = create();

    check_context("NULL");
    check_hr(ISCardCmd_get_Apdu(cmd, NULL), E_POINTER);
    check_described(L"ISCardCmd::get_Apdu");
    check_hr(ISCardCmd_get_ApduLength(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ApduReply(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ApduReplyLength(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ClassId(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_Data(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_InstructionId(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_LeField(cmd, NULL), E_INVALIDARG);
    check_hr(ISCardCmd_get_P1(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_P2(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_P3(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ReplyStatus(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ReplyStatusSW1(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ReplyStatusSW2(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_Type(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_Nad(cmd, NULL), E_POINTER);
    check_hr(ISCardCmd_get_ReplyNad(cmd, NULL), E_INVALIDARG);
    check_hr(ISCardCmd_get_AlternateClassId(cmd, NULL), E_INVALIDARG);
    check_int(ISCardCmd_Release(cmd), 0);
}

/* A client's own buffer that hands out a byte at a time, or fails. */
struct foreign
{
    IByteBuffer IByteBuffer_iface;
    LONG refs;

    BYTE data[8];
    LONG len, position;
    HRESULT fails;
};

static struct foreign *foreign_from(IByteBuffer *iface)
{
    return CONTAINING_RECORD(iface, struct foreign, IByteBuffer_iface);
}

static ULONG STDMETHODCALLTYPE foreign_AddRef(IByteBuffer *iface)
{
    return (ULONG)++foreign_from(iface)->refs;
}

static ULONG STDMETHODCALLTYPE foreign_Release(IByteBuffer *iface)
{
    return (ULONG)--foreign_from(iface)->refs;
}

static HRESULT STDMETHODCALLTYPE foreign_Read(IByteBuffer *iface, BYTE *data, LONG len, LONG *got)
{
    struct foreign *foreign = foreign_from(iface);

    if (foreign->fails) return foreign->fails;
    *got = len > 0 && foreign->position < foreign->len;
    if (*got) *data = foreign->data[foreign->position++];
    return *got ? S_OK : S_FALSE;
}

static HRESULT STDMETHODCALLTYPE foreign_Seek(IByteBuffer *iface, LONG move, LONG origin, LONG *now)
{
    struct foreign *foreign = foreign_from(iface);

    if (origin == STREAM_SEEK_SET) foreign->position = move;
    if (origin == STREAM_SEEK_CUR) foreign->position += move;
    if (origin == STREAM_SEEK_END) foreign->position = foreign->len + move;
    if (now) *now = foreign->position;
    return S_OK;
}

static const IByteBufferVtbl foreign_vtbl = {
    .AddRef = foreign_AddRef,
    .Release = foreign_Release,
    .Read = foreign_Read,
    .Seek = foreign_Seek,
};

static void foreign_buffers(void)
{
    struct foreign foreign = { .IByteBuffer_iface = { (IByteBufferVtbl *)&foreign_vtbl },
                               .refs = 1,
                               .data = { 0x00, 0x84, 0x00, 0x00, 0x08 },
                               .len = 5,
                               .position = 2 };
    IByteBuffer *theirs = &foreign.IByteBuffer_iface;
    ISCardCmd *cmd = create();

    check_context("another's buffer");
    check_hr(ISCardCmd_put_Apdu(cmd, theirs), S_OK);
    check_command(cmd, "0084000008", 0, 0x84, 0, 0, 8, "", 8, ISO_CASE_2);
    check_int(foreign.position, 2);
    check_hr(ISCardCmd_put_Data(cmd, theirs), S_OK);
    check_command(cmd, "0084000005008400000808", 0, 0x84, 0, 0, 5, "0084000008", 8, ISO_CASE_4);
    check_hr(ISCardCmd_Encapsulate(cmd, theirs, ISO_CASE_2), S_OK);
    check_hr(ISCardCmd_put_ApduReply(cmd, theirs), S_OK);
    check_reply(cmd, "0084000008", 0x0008);
    foreign.fails = STG_E_REVERTED;
    check_hr(ISCardCmd_put_Apdu(cmd, theirs), STG_E_REVERTED);
    check_hr(ISCardCmd_put_Data(cmd, theirs), STG_E_REVERTED);
    check_hr(ISCardCmd_put_ApduReply(cmd, theirs), STG_E_REVERTED);
    check_hr(ISCardCmd_Encapsulate(cmd, theirs, ISO_CASE_2), STG_E_REVERTED);
    check_hr(ISCardCmd_BuildCmd(cmd, 1, 2, 3, 4, theirs, NULL), STG_E_REVERTED);
    check_reply(cmd, "0084000008", 0x0008);
    check_int(foreign.refs, 1);
    check_int(ISCardCmd_Release(cmd), 0);
}

static LONG late_get(IDispatch *cmd, const WCHAR *name)
{
    VARIANT result;
    VariantInit(&result);
    check_hr(late_call(cmd, name, DISPATCH_PROPERTYGET, NULL, 0, &result), S_OK);
    check_hr(VariantChangeType(&result, &result, 0, VT_I4), S_OK);
    return V_I4(&result);
}

static HRESULT late_put(IDispatch *cmd, const WCHAR *name, VARIANT value)
{
    return late_call(cmd, name, DISPATCH_PROPERTYPUT, &value, 1, NULL);
}

static void late_bound(void)
{
    IDispatch *cmd = create_object(&CLSID_CSCardCmd, &IID_IDispatch);
    IByteBuffer *data = buffer_of_hex("3F00");
    VARIANT arguments[6], result, le, missing, status;

    check_context("late bound");
    V_VT(&missing) = VT_ERROR;
    V_ERROR(&missing) = DISP_E_PARAMNOTFOUND;
    VariantInit(&result);

    arguments[0] = late_number(0);
    arguments[1] = late_number(0xA4);
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 2, NULL), S_OK);
    check_int(late_get(cmd, L"ApduLength"), 4);
    arguments[2] = late_number(1);
    arguments[3] = missing;
    arguments[4] = missing;
    arguments[5] = missing;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_int(late_get(cmd, L"ApduLength"), 4);
    check_int(late_get(cmd, L"P1"), 1);
    arguments[4] = late_object(data);
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 5, NULL), S_OK);
    check_int(late_get(cmd, L"ApduLength"), 7);
    /* Le as scripts give it: a number, a variable, a variable inside a variable. */
    le = late_number(16);
    arguments[5] = le;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_int(late_get(cmd, L"LeField"), 16);
    V_VT(&arguments[5]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&arguments[5]) = &le;
    V_I4(&le) = 17;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_int(late_get(cmd, L"LeField"), 17);
    LONG number = 18;
    V_VT(&arguments[5]) = VT_BYREF | VT_I4;
    V_I4REF(&arguments[5]) = &number;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_int(late_get(cmd, L"LeField"), 18);
    check_int(late_get(cmd, L"P3"), 2);
    check_int(late_get(cmd, L"Type"), ISO_CASE_4);
    /* And as no program should. */
    V_I4REF(&arguments[5]) = NULL;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_int(late_get(cmd, L"LeField"), 0);
    V_VT(&arguments[5]) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&arguments[5]) = NULL;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    V_VT(&arguments[1]) = VT_BYREF | VT_UI1;
    V_UI1REF(&arguments[1]) = NULL;
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), E_POINTER);
    arguments[1] = late_number(0xA4);
    arguments[5] = late_number(18);
    check_hr(late_call(cmd, L"BuildCmd", DISPATCH_METHOD, arguments, 6, NULL), S_OK);
    check_hr(late_call(cmd, L"Apdu", DISPATCH_PROPERTYGET, NULL, 0, &result), S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    check_rest((IByteBuffer *)V_DISPATCH(&result), "00A40100023F0012");
    VariantClear(&result);

    check_hr(late_put(cmd, L"ClassId", late_number(0x80)), S_OK);
    check_int(late_get(cmd, L"ClassId"), 0x80);
    check_hr(late_put(cmd, L"ClassId", late_number(256)), DISP_E_OVERFLOW);
    check_hr(late_put(cmd, L"ClassId", late_number(-1)), DISP_E_OVERFLOW);
    check_hr(late_put(cmd, L"Data", late_object(data)), S_OK);
    check_hr(late_put(cmd, L"Data", late_object(NULL)), E_POINTER);
    check_hr(late_put(cmd, L"Data", late_number(1)), DISP_E_TYPEMISMATCH);
    check_hr(late_put(cmd, L"P3", late_number(1)), DISP_E_MEMBERNOTFOUND);
    check_hr(late_call(cmd, L"ApduReply", DISPATCH_PROPERTYGET, NULL, 0, &result), S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    check(V_DISPATCH(&result) == NULL);

    /* &H9000 is a negative number of 16 bits in Basic. */
    V_VT(&status) = VT_I2;
    V_I2(&status) = (SHORT)0x9000;
    check_hr(late_put(cmd, L"ReplyStatus", status), S_OK);
    check_hr(late_call(cmd, L"ReplyStatus", DISPATCH_PROPERTYGET, NULL, 0, &result), S_OK);
    check_int(V_VT(&result), VT_I4); /* a type that scripts know */
    check_int(V_I4(&result), 0x9000);
    check_hr(late_put(cmd, L"ReplyStatus", late_number(0x10000)), DISP_E_OVERFLOW);
    check_int(late_get(cmd, L"ReplyStatusSW1"), 0x90);
    check_int(late_get(cmd, L"ReplyStatusSW2"), 0);
    check_hr(late_call(cmd, L"AlternateClassId", DISPATCH_PROPERTYGET, NULL, 0, &result),
             E_ACCESSDENIED);
    check_hr(late_put(cmd, L"Nad", late_number(0xFF)), E_INVALIDARG);
    arguments[0] = late_object(data);
    arguments[1] = late_number(ISO_CASE_3);
    check_hr(late_call(cmd, L"Encapsulate", DISPATCH_METHOD, arguments, 2, NULL), E_INVALIDARG);
    check_hr(late_call(cmd, L"Clear", DISPATCH_METHOD, NULL, 0, NULL), S_OK);
    check_int(late_get(cmd, L"ApduLength"), 0);
    check_int(IByteBuffer_Release(data), 0);
    check_int(IDispatch_Release(cmd), 0);
}

/* Two threads on one object: each sees whole commands. */
static DWORD WINAPI build_again_and_again(void *context)
{
    ISCardCmd *cmd = context;
    static const BYTE cla[] = { 0x00, 0x80 };

    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int i = 0; i < 2000; i++)
    {
        LONG le = 8 * (i % 2);
        ISCardCmd_BuildCmd(cmd, cla[i % 2], 0x84, cla[i % 2], cla[i % 2], NULL, &le);
    }
    CoUninitialize();
    return 0;
}

static void threads(void)
{
    ISCardCmd *cmd = create();
    HANDLE thread = CreateThread(NULL, 0, build_again_and_again, cmd, 0, NULL);

    check_context("threads");
    while (WaitForSingleObject(thread, 0) == WAIT_TIMEOUT)
    {
        IByteBuffer *apdu = NULL;
        BYTE bytes[8];
        LONG len = 0;
        if (FAILED(ISCardCmd_get_Apdu(cmd, &apdu))) break;
        IByteBuffer_Read(apdu, bytes, sizeof(bytes), &len);
        IByteBuffer_Release(apdu);
        if (len == 0) continue; /* not begun yet */
        if (len != 5 || bytes[0] != bytes[2] || bytes[2] != bytes[3] ||
            bytes[4] != (bytes[0] ? 8 : 0))
        {
            check(!"a whole command");
            break;
        }
    }
    check_int(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
    CloseHandle(thread);
    check_command(cmd, "8084808008", 0x80, 0x84, 0x80, 0x80, 8, "", 8, ISO_CASE_2);
    check_int(ISCardCmd_Release(cmd), 0);
}

int main(void)
{
    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    build_cmd();
    raw_commands();
    properties();
    replies();
    encapsulate();
    addresses_and_class();
    null_everywhere();
    foreign_buffers();
    late_bound();
    threads();
    check_context(NULL);
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
