/*
 * imitations_test - the COM objects on cards of other makes, one after the other in the reader: a SIM,
 *                   a PIV application, a PKCS#15 card, one whose answers tell little, one of T=0,
 *                   one that tells of itself in EF.ATR/INFO alone.
 * Layer: tests. Needs the registered server, a reader with simcard in it, and its control port.
 * SPDX-License-Identifier: MIT
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

#define SC(name) ((HRESULT)SCARD_##name)
#define BY_ANY   ((REFTYPE)3)
#define LONG_LEN 30000
#define PIV      L"<A000000308000010000100>"

static BSTR reader;
static ISCardManage *manage;
static ISCardFileAccess *files;
static ISCardVerify *verify;

/* Another card into the reader, and the objects attached to it. */
static bool insert_card(const char *name)
{
    char order[64];

    check_context("%s", name);
    snprintf(order, sizeof(order), "card %s", name);
    if (!check(simcard_remove()) || !check(simcard_order(order)) || !check(simcard_insert()))
        return false;
    manage = client_manage();
    check_hr(ISCardManage_CreateFileAccess(manage, &files), S_OK);
    check_hr(ISCardManage_CreateCHVerification(manage, &verify), S_OK);
    return check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK);
}

static void release(void)
{
    ISCardVerify_Release(verify);
    ISCardFileAccess_Release(files);
    ISCardManage_Release(manage);
}

static void check_protocol(SCARD_PROTOCOLS expected)
{
    SCARD_STATES state;
    SCARD_PROTOCOLS protocol = 0;
    check_hr(ISCardManage_Status(manage, &state, &protocol), S_OK);
    check_int(protocol, expected);
}

#define check_open(path, expected) check_open_at(__LINE__, path, expected)
static HSCARD_FILE check_open_at(int line, const WCHAR *path, HRESULT expected)
{
    BSTR text = SysAllocString(path);
    HSCARD_FILE file = 0;
    check_hr_at(__FILE__, line, ISCardFileAccess_Open(files, BY_ANY, text, &file), expected,
                "Open");
    SysFreeString(text);
    return file;
}

#define check_dir(path, expected) check_dir_at(__LINE__, path, expected)
static void check_dir_at(int line, const WCHAR *path, HRESULT expected)
{
    BSTR text = SysAllocString(path);
    check_hr_at(__FILE__, line, ISCardFileAccess_ChangeDir(files, BY_ANY, text), expected,
                "ChangeDir");
    SysFreeString(text);
}

/* Reads, and holds the bytes against those expected; `len` -1: the result alone counts. */
#define check_read(file, wanted, hr, bytes, len)                                                   \
    check_read_at(__LINE__, file, wanted, hr, (const BYTE *)(bytes), len)
static void check_read_at(int line, HSCARD_FILE file, LONG wanted, HRESULT hr, const BYTE *bytes,
                          LONG len)
{
    static BYTE room[LONG_LEN + 1];
    IByteBuffer *buffer = NULL;
    LONG count = wanted, got = 0;

    HRESULT actual = ISCardFileAccess_Read(files, file, &count, &buffer, SC_FL_NO_FLAGS);
    if (!check_hr_at(__FILE__, line, actual, hr, "Read") || FAILED(actual)) return;
    check_hr_at(__FILE__, line, IByteBuffer_Read(buffer, room, sizeof(room), &got), S_OK, "buffer");
    check_int_at(__FILE__, line, got, count, "bytes in the buffer");
    if (len >= 0)
    {
        check_int_at(__FILE__, line, count, len, "bytes read");
        check_true_at(__FILE__, line, count == len && memcmp(room, bytes, (size_t)len) == 0,
                      "the bytes");
    }
    IByteBuffer_Release(buffer);
}

static IByteBuffer *buffer_with(const void *data, LONG len)
{
    IByteBuffer *buffer = NULL;
    LONG written = 0;
    check_hr(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                              (void **)&buffer),
             S_OK);
    check_hr(IByteBuffer_Initialize(buffer, len ? len : 1, NULL), S_OK);
    if (!len) check_hr(IByteBuffer_SetSize(buffer, 0), S_OK);
    if (len) check_hr(IByteBuffer_Write(buffer, (BYTE *)data, len, &written), S_OK);
    return buffer;
}

#define check_write(file, data, len, hr) check_write_at(__LINE__, file, data, len, hr)
static void check_write_at(int line, HSCARD_FILE file, const void *data, LONG len, HRESULT hr)
{
    IByteBuffer *buffer = buffer_with(data, len);
    check_hr_at(__FILE__, line, ISCardFileAccess_Write(files, file, len, buffer, SC_FL_NO_FLAGS),
                hr, "Write");
    IByteBuffer_Release(buffer);
}

static void rewind_to(HSCARD_FILE file, LONG offset)
{
    check_hr(ISCardFileAccess_Seek(files, file, offset, SC_SEEK_FROM_BEGINNING), S_OK);
}

/* S_OK where the card tells how many files there are, S_FALSE where it does not. */
#define check_list(hr, type, ...)                                                                  \
    check_list_at(__LINE__, hr, type, (const WCHAR *[]){ __VA_ARGS__, NULL })
static void check_list_at(int line, HRESULT hr, FILETYPE type, const WCHAR **expected)
{
    SAFEARRAY *list = NULL;
    LONG upper = -1, count = 0;
    BSTR *names = NULL;

    if (!check_hr_at(__FILE__, line, ISCardFileAccess_Directory(files, type, &list), hr,
                     "Directory"))
        return;
    SafeArrayGetUBound(list, 1, &upper);
    SafeArrayAccessData(list, (void **)&names);
    for (; expected[count]; count++)
    {
        bool is_there = false;
        for (LONG i = 0; i <= upper; i++)
            is_there = is_there || wcscmp(names[i], expected[count]) == 0;
        if (!check_true_at(__FILE__, line, is_there, "listed"))
            printf("  %ls is missing\n", expected[count]);
    }
    check_int_at(__FILE__, line, upper + 1, count, "files");
    SafeArrayUnaccessData(list);
    SafeArrayDestroy(list);
}

#define check_code(code, flags, reference, hr, described)                                          \
    check_code_at(__LINE__, code, flags, reference, hr, described)
static void check_code_at(int line, const char *code, unsigned flags, LONG reference, HRESULT hr,
                          const WCHAR *described)
{
    IByteBuffer *buffer = code ? buffer_with(code, (LONG)strlen(code)) : NULL;
    IErrorInfo *error = NULL;
    BSTR text = NULL;

    check_hr_at(__FILE__, line, ISCardVerify_Verify(verify, buffer, (SCARD_FLAGS)flags, &reference),
                hr, "Verify");
    if (described && GetErrorInfo(0, &error) == S_OK)
    {
        IErrorInfo_GetDescription(error, &text);
        IErrorInfo_Release(error);
    }
    if (described && !check_true_at(__FILE__, line, text && wcsstr(text, described), "described"))
        printf("  \"%ls\" is not in \"%ls\"\n", described, text ? text : L"(none)");
    SysFreeString(text);
    if (buffer) IByteBuffer_Release(buffer);
}

/* One property; its bytes begin with those expected, and it has so many. */
#define check_property(path, tag, tag_len, hr, bytes, bytes_len, len)                              \
    check_property_at(__LINE__, path, tag, tag_len, hr, bytes, bytes_len, len)
static void check_property_at(int line, const WCHAR *path, const char *tag, LONG tag_len,
                              HRESULT hr, const void *bytes, size_t bytes_len, LONG len)
{
    TLV_TABLE wanted = { tag_len, (BYTE *)tag }, *table = &wanted;
    BSTR text = SysAllocString(path);
    LONG count = 1;

    HRESULT actual =
        ISCardFileAccess_GetProperties(files, BY_ANY, text, &table, &count, SC_FL_NO_FLAGS);
    SysFreeString(text);
    if (!check_hr_at(__FILE__, line, actual, hr, "GetProperties") || FAILED(actual)) return;
    check_int_at(__FILE__, line, count, 1, "records");
    check_int_at(__FILE__, line, table[0].cbSize, len, "bytes of the record");
    check_true_at(__FILE__, line,
                  (size_t)table[0].cbSize >= bytes_len &&
                      memcmp(table[0].byData, bytes, bytes_len) == 0,
                  "the record");
    CoTaskMemFree(table[0].byData);
    CoTaskMemFree(table);
}

static BYTE pattern(size_t i)
{
    return (BYTE)(i ^ (i / 256) * 5);
}

static void check_pattern(const WCHAR *path, LONG len)
{
    static BYTE bytes[LONG_LEN];
    for (LONG i = 0; i < len; i++)
        bytes[i] = pattern((size_t)i);
    check_read(check_open(path, S_OK), LONG_LEN, S_OK, bytes, len);
}

/* 30,000 bytes there and back, each where it belongs. */
static void long_file(const WCHAR *path)
{
    static BYTE bytes[LONG_LEN];
    HSCARD_FILE file = check_open(path, S_OK);

    for (size_t i = 0; i < LONG_LEN; i++)
        bytes[i] = (BYTE)(pattern(i) ^ 0xA5);
    check_write(file, bytes, LONG_LEN, S_OK);
    rewind_to(file, 0);
    check_read(file, LONG_LEN, S_OK, bytes, LONG_LEN);
    bytes[12345] = 0x11;
    rewind_to(file, 12345);
    check_write(file, bytes + 12345, 1, S_OK);
    rewind_to(file, 12000);
    check_read(file, 1000, S_OK, bytes + 12000, 1000);
}

static void sim(void)
{
    static const char imsi[] = "\x08\x29\x26\x10\x00\x00\x00\x00\x10";
    static const char carol[] = "Carol\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x06\x81\x21\x43\x65"
                                "\x87\x09\xFF\xFF\xFF\xFF\xFF\xFF\xFF";

    if (!insert_card("gsm.card")) return;
    check_protocol(T0);
    /* The first thing a program does with it. */
    check_code("4321", SC_FL_IHV_GLOBAL, 1, SC(W_WRONG_CHV), L"9804");
    check_code(NULL, SC_FL_IHV_GLOBAL | SC_FL_IHV_CHECKONLY, 1, SC(W_CARD_NOT_AUTHENTICATED),
               L"Tries left: 2");
    check_list(S_OK, SC_TYPE_ALL_FILES, L"2FE2", L"7F10", L"7F20");
    check_dir(L"7F20", S_OK);
    HSCARD_FILE file = check_open(L"6F07", S_OK);
    check_read(file, 9, SC(W_SECURITY_VIOLATION), NULL, -1);
    check_code("1234", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    check_read(file, 9, S_OK, imsi, 9);
    check_open(L"6FFF", SC(E_FILE_NOT_FOUND));
    check_dir(L"..\\7F10", S_OK);
    check_list(S_OK, SC_TYPE_FIXED_EF, L"6F3A", L"6F3C");
    file = check_open(L"6F3A", S_OK);
    rewind_to(file, 2);
    check_write(file, carol, 28, S_OK);
    rewind_to(file, 0);
    check_read(file, 5, S_OK, "Alice", 5);
    check_read(file, 3, S_OK, "Bob", 3);
    check_read(file, 100, S_OK, carol, 28);
    release();
}

static void piv(void)
{
    static BYTE object[6 + 400] = { 0x5F, 0xC1, 0x0C, 0x82, 0x01, 0x90 };
    TLV_TABLE table = { sizeof(object), object };
    BSTR path = SysAllocString(PIV);

    if (!insert_card("piv.card")) return;
    check_protocol(T1);
    /* There is no EF.DIR, and no file; the application is found by its name. */
    check_list(S_FALSE, SC_TYPE_DIRECTORIES, L"<A00000030800001000>");
    check_dir(PIV, S_OK);
    check_property(PIV, "\x7E", 1, S_OK, "\x7E\x12\x4F\x0B\xA0", 5, 20);
    check_property(PIV, "\x5F\xC1\x05", 3, S_OK, "\x5F\xC1\x05\x82\x03\xF1\x70\x82\x03\xE8", 10,
                   6 + 4 + 1000 + 5);
    check_property(PIV, "\x5F\xC1\x09", 3, SC(W_SECURITY_VIOLATION), NULL, 0, 0);
    check_code("654321", SC_FL_IHV_LOCAL, 0, SC(W_WRONG_CHV), L"Tries left: 2");
    check_code("123456", SC_FL_IHV_LOCAL, 0, S_OK, NULL);
    check_property(PIV, "\x5F\xC1\x09", 3, S_OK, "\x5F\xC1\x09\x24\x01\x08", 6, 40);
    for (size_t i = 6; i < sizeof(object); i++)
        object[i] = (BYTE)i;
    check_hr(ISCardFileAccess_SetProperties(files, BY_ANY, path, &table, 1, SC_FL_NO_FLAGS), S_OK);
    check_property(PIV, "\x5F\xC1\x0C", 3, S_OK, object, sizeof(object), sizeof(object));
    check_open(L"3F00\\2F00", SC(E_UNSUPPORTED_FEATURE));
    SysFreeString(path);
    release();
}

static void pkcs15(void)
{
    if (!insert_card("pkcs15.card")) return;
    check_protocol(T1);
    check_list(S_FALSE, SC_TYPE_ALL_FILES, L"2F00", L"5015");
    check_read(check_open(L"2F00", S_OK), 4, S_OK, "\x61\x27\x4F\x0C", 4);
    check_dir(L"5015", S_OK);
    check_list(S_FALSE, SC_TYPE_TRANSPARENT_EF, L"5031", L"5032", L"4401", L"4402", L"4403",
               L"4301", L"4302");
    check_pattern(L"4301", 1200);
    check_pattern(L"<A000000063504B43532D3135>\\4301", 1200);
    check_read(check_open(L"4302", S_OK), 4, SC(W_SECURITY_VIOLATION), NULL, -1);
    /* Filled up with zero bytes, as the card tells. */
    check_code("654321", SC_FL_IHV_GLOBAL, 1, SC(W_WRONG_CHV), L"Tries left: 2");
    check_code("123456", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    check_read(check_open(L"4302", S_OK), 6, S_OK, "Behind", 6);
    release();
}

/* PINs as identity cards have them, by their first number and without a profile. */
static void identity_cards(void)
{
    if (!insert_card("belgian_eid.card")) return;
    check_code("1234", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    check_read(check_open(L"3F00\\DF01\\4031", S_OK), 6, S_OK, "Behind", 6);
    release();

    if (!insert_card("fineid.card")) return;
    check_code(NULL, SC_FL_IHV_GLOBAL | SC_FL_IHV_CHECKONLY, 1, SC(W_CARD_NOT_AUTHENTICATED),
               L"Tries left: 5");
    check_code("1234", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    check_read(check_open(L"3F00\\5015\\5015", S_OK), 6, S_OK, "Behind", 6);
    check_code("654321", SC_FL_IHV_LOCAL, 2, SC(W_WRONG_CHV), L"Tries left: 4");
    check_code("123456", SC_FL_IHV_LOCAL, 2, S_OK, NULL);
    check_read(check_open(L"3F00\\5016\\5017", S_OK), 6, S_OK, "Behind", 6);
    check_code("1234", SC_FL_IHV_GLOBAL, 9, SC(E_INVALID_CHV), L"6A88");
    release();

    /* The PUK of this one goes by itself, and the form without it follows. */
    if (!insert_card("estonian_eid.card")) return;
    for (int i = 0; i < 3; i++)
        check_code("4321", SC_FL_IHV_GLOBAL, 1, i < 2 ? SC(W_WRONG_CHV) : SC(W_CHV_BLOCKED), NULL);
    check_hr(ISCardVerify_Unblock(verify, 87654321, SC_FL_IHV_GLOBAL, 1), SC(W_WRONG_CHV));
    check_hr(ISCardVerify_Unblock(verify, 12345678, SC_FL_IHV_GLOBAL, 1), S_OK);
    check_code("1234", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    release();

    if (!insert_card("myeid.card")) return;
    check_code("1234", SC_FL_IHV_GLOBAL, 1, S_OK, NULL);
    check_read(check_open(L"3F00\\5015\\4D01", S_OK), 6, S_OK, "Behind", 6);
    release();
}

static void odd(void)
{
    if (!insert_card("odd.card")) return;
    check_pattern(L"7F10\\6F01", 700);
    check_pattern(L"7F10\\6F03", 257);
    check_pattern(L"7F10\\6F07", 40);
    HSCARD_FILE records = check_open(L"7F10\\6F04", S_OK);
    check_read(records, 100, S_OK, "first", 5);
    check_read(records, 100, S_OK, "the second", 10);
    check_read(records, 100, SC(W_EOF), NULL, -1);
    long_file(L"7F10\\6F08"); /* T=1, short commands, and no size */
    release();
}

static void t0(void)
{
    if (!insert_card("t0.card")) return;
    check_protocol(T0);
    long_file(L"7F10\\6F03");
    release();
}

/* --- what EF.ATR/INFO alone tells --- */

/* The commands in the trace. */
struct traced
{
    unsigned count, looks, extended;
    unsigned longest_read; /* Le of one READ BINARY */
    unsigned longest_data; /* Lc of one command */
};

#define COMMAND_MARK " apdu -> "

static WCHAR trace_path[MAX_PATH];

static unsigned byte_at(const char *hex)
{
    const char digits[] = { hex[0], hex[1], 0 };
    return (unsigned)strtoul(digits, NULL, 16);
}

/* One command, in hexadecimal; a long one is cut off, but not before its lengths. */
static void note_command(struct traced *traced, const char *hex, size_t len)
{
    unsigned p3 = len >= 5 ? byte_at(hex + 8) : 0;
    bool is_extended = len >= 7 && p3 == 0;
    unsigned length = is_extended ? byte_at(hex + 10) << 8 | byte_at(hex + 12) : p3;
    bool has_data = len > (is_extended ? 7 : 5);
    bool is_read = byte_at(hex + 2) == 0xB0;

    traced->count++;
    traced->extended += is_extended;
    traced->looks += (has_data && strncmp(hex + 2 * len - 6, "2F01", 4) == 0) ||
                     (has_data && strncmp(hex + 2 * len - 4, "2F01", 4) == 0) ||
                     strncmp(hex, "00B09D", 6) == 0;
    if (is_read && !has_data && length > traced->longest_read) traced->longest_read = length;
    if (has_data && length > traced->longest_data) traced->longest_data = length;
}

/* What was traced since the last time. */
static struct traced traced_since(void)
{
    static DWORD place;
    static char text[1 << 20];
    struct traced traced = { 0 };
    DWORD len = 0;

    HANDLE file = CreateFileW(trace_path, GENERIC_READ,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (!check(file != INVALID_HANDLE_VALUE)) return traced;
    SetFilePointer(file, (LONG)place, NULL, FILE_BEGIN);
    check(ReadFile(file, text, sizeof(text) - 1, &len, NULL));
    CloseHandle(file);
    check(len < sizeof(text) - 1);
    text[len] = 0;
    place += len;
    for (const char *at = strstr(text, COMMAND_MARK); at; at = strstr(at, COMMAND_MARK))
    {
        at += sizeof(COMMAND_MARK) - 1;
        note_command(&traced, at, strspn(at, "0123456789ABCDEF") / 2);
    }
    return traced;
}

/* Extended length and its limits, from the first command that they matter for, and not before. */
static void told_in_ef_atr(void)
{
    static BYTE bytes[LONG_LEN];

    if (!insert_card("ef_atr.card")) return;
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (BYTE)(i ^ (i / 256) * 5);
    traced_since();
    HSCARD_FILE file = check_open(L"7F10\\6F01", S_OK);
    check_read(file, 5, S_OK, "a few", 5);
    struct traced traced = traced_since();
    check_int(traced.count, 3); /* SELECT twice and READ */
    check_int(traced.looks, 0);

    file = check_open(L"7F10\\6F03", S_OK);
    traced_since();
    check_read(file, LONG_LEN, S_OK, bytes, LONG_LEN);
    traced = traced_since();
    check_int(traced.looks, 1);
    check_int(traced.longest_read, 900);
    check(traced.count <= 3 + LONG_LEN / 900 + 1);

    rewind_to(file, 0);
    traced_since();
    check_write(file, bytes, LONG_LEN, S_OK);
    traced = traced_since();
    check_int(traced.looks, 0);
    check_int(traced.longest_data, 1000);
    rewind_to(file, 0);
    check_read(file, LONG_LEN, S_OK, bytes, LONG_LEN);
    check_int(traced_since().looks, 0);
    release();
}

static void begin_trace(void)
{
    WCHAR folder[MAX_PATH];
    check(GetTempPathW(MAX_PATH, folder) > 0);
    check(GetTempFileNameW(folder, L"scm", 0, trace_path) > 0);
    check(SetEnvironmentVariableW(L"SCARDMANAGE_TRACE", trace_path));
}

int main(void)
{
    /* Before the server is there: it looks for the trace once. */
    begin_trace();
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    check(simcard_wait(true));
    told_in_ef_atr();
    sim();
    piv();
    pkcs15();
    identity_cards();
    odd();
    t0();
    check_context("the card that was there before");
    check(simcard_remove());
    check(simcard_order("card demo.card"));
    check(simcard_insert());
    SysFreeString(reader);
    CoUninitialize();
    DeleteFileW(trace_path);
    return check_finish();
}
