/*
 * scard_file_access_test - every method of ISCardFileAccess, good and bad, on the sample card in a
 *                          reader, through real COM activation.
 * Layer: tests. Needs the registered server, a reader with demo.card, and its control port.
 * SPDX-License-Identifier: MIT
 */
#include <stddef.h>
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(member, slot)                                                                         \
    _Static_assert(offsetof(ISCardFileAccessVtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ChangeDir, 7);
SLOT(Close, 8);
SLOT(Create, 9);
SLOT(Delete, 10);
SLOT(Directory, 11);
SLOT(GetCurrentDir, 12);
SLOT(GetFileCapabilities, 13);
SLOT(GetProperties, 14);
SLOT(Initialize, 15);
SLOT(Invalidate, 16);
SLOT(Open, 17);
SLOT(Read, 18);
SLOT(Rehabilitate, 19);
SLOT(Seek, 20);
SLOT(SetProperties, 21);
SLOT(Write, 22);

#define SC(name)    ((HRESULT)SCARD_##name)
#define BY_ANY      ((REFTYPE)3)
#define NO_FLAGS    SC_FL_NO_FLAGS
#define LONG_LEN    30000
#define PATTERN_LEN 40000

static BSTR reader;

struct client
{
    ISCardManage *manage;
    ISCardFileAccess *files;
};

static struct client attach(SCARD_SHARE_MODES mode)
{
    struct client client = { NULL, NULL };
    client.manage = client_attached(reader, mode);
    check_hr(ISCardManage_CreateFileAccess(client.manage, &client.files), S_OK);
    return client;
}

static void release(struct client *client)
{
    ISCardFileAccess_Release(client->files);
    ISCardManage_Release(client->manage);
}

/* The sample card as it was at first, freshly reset. */
static void restore_card(void)
{
    check(simcard_order("reset-state"));
    check(simcard_remove());
    check(simcard_insert());
}

/* Every failure here is of one interface. */
#undef check_description
#define check_description(...)                                                                     \
    check_description_of(L"ScardManage.SCardFileAccess.1", &IID_ISCardFileAccess, __VA_ARGS__)

static HRESULT open_as(const struct client *client, REFTYPE type, const WCHAR *path,
                       HSCARD_FILE *file)
{
    BSTR text = path ? SysAllocString(path) : NULL;
    *file = (HSCARD_FILE)0x5555;
    HRESULT hr = ISCardFileAccess_Open(client->files, type, text, file);
    SysFreeString(text);
    return hr;
}

static HSCARD_FILE open_file(const struct client *client, const WCHAR *path)
{
    HSCARD_FILE file;
    check_hr(open_as(client, SC_TYPE_BY_ID, path, &file), S_OK);
    check(file != 0);
    return file;
}

static HRESULT change_dir(const struct client *client, REFTYPE type, const WCHAR *path)
{
    BSTR text = SysAllocString(path);
    HRESULT hr = ISCardFileAccess_ChangeDir(client->files, type, text);
    SysFreeString(text);
    return hr;
}

#define check_read(client, file, wanted, hr, text)                                                 \
    check_read_at(__FILE__, __LINE__, client, file, wanted, hr, text)
static void check_read_at(const char *source, int line, const struct client *client,
                          HSCARD_FILE file, LONG wanted, HRESULT hr, const char *text)
{
    IByteBuffer *buffer = (IByteBuffer *)(ULONG_PTR)0x5555;
    BYTE bytes[256];
    LONG count = wanted, got = 0, len = (LONG)strlen(text);

    HRESULT actual = ISCardFileAccess_Read(client->files, file, &count, &buffer, NO_FLAGS);
    check_hr_at(source, line, actual, hr, "Read");
    check_int_at(source, line, count, len, "bytes read");
    if (FAILED(actual))
    {
        check_true_at(source, line, buffer == NULL, "no buffer after a failure");
        return;
    }
    check_hr_at(source, line, IByteBuffer_Read(buffer, bytes, sizeof(bytes), &got), S_OK, "buffer");
    check_int_at(source, line, got, len, "bytes in the buffer");
    check_true_at(source, line, got == len && memcmp(bytes, text, (size_t)len) == 0, text);
    check_int_at(source, line, IByteBuffer_Release(buffer), 0, "references left");
}

static IByteBuffer *buffer_with(const void *data, LONG len)
{
    IByteBuffer *buffer = NULL;
    LONG written = 0;

    check_hr(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                              (void **)&buffer),
             S_OK);
    if (!buffer) return NULL;
    check_hr(IByteBuffer_Initialize(buffer, len ? len : 1, NULL), S_OK);
    if (!len) check_hr(IByteBuffer_SetSize(buffer, 0), S_OK);
    if (len) check_hr(IByteBuffer_Write(buffer, (BYTE *)data, len, &written), S_OK);
    check_int(written, len);
    return buffer;
}

static HRESULT write_bytes(const struct client *client, HSCARD_FILE file, const void *data,
                           LONG len, SCARD_FLAGS flags)
{
    IByteBuffer *buffer = buffer_with(data, len);
    HRESULT hr = ISCardFileAccess_Write(client->files, file, len, buffer, flags);
    IByteBuffer_Release(buffer);
    return hr;
}

static BYTE pattern(size_t i)
{
    return (BYTE)(i ^ (i / 256) * 5);
}

static void check_bytes(const struct client *client, HSCARD_FILE file, const BYTE *expected,
                        LONG len)
{
    IByteBuffer *buffer = NULL;
    LONG count = len, got = 0;
    BYTE *bytes = CoTaskMemAlloc((SIZE_T)len + 1);

    check_hr(ISCardFileAccess_Read(client->files, file, &count, &buffer, NO_FLAGS), S_OK);
    check_int(count, len);
    if (!buffer) return;
    check_hr(IByteBuffer_Read(buffer, bytes, len + 1, &got), S_OK);
    check_int(got, len);
    check(memcmp(bytes, expected, (size_t)len) == 0);
    IByteBuffer_Release(buffer);
    CoTaskMemFree(bytes);
}

/* What another program does on the card: commands of its own, in shared mode. */
static void other_program_sends(const BYTE *command, DWORD len, WORD expected)
{
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    DWORD protocol = 0, answer_len = 258;
    BYTE answer[258];

    check_int(SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), 0);
    check_int(SCardConnectW(context, reader, SCARD_SHARE_SHARED, 3, &card, &protocol), 0);
    SCARD_IO_REQUEST request = { protocol, sizeof(request) };
    check_int(SCardTransmit(card, &request, command, len, NULL, answer, &answer_len), 0);
    check_int(answer[answer_len - 2] << 8 | answer[answer_len - 1], expected);
    SCardDisconnect(card, SCARD_LEAVE_CARD);
    SCardReleaseContext(context);
}
#define OTHER_SENDS(sw, ...)                                                                       \
    other_program_sends((const BYTE[]){ __VA_ARGS__ }, sizeof((const BYTE[]){ __VA_ARGS__ }), sw)
#define PRESENT_PIN() OTHER_SENDS(0x9000, 0x00, 0x20, 0x00, 0x01, 0x04, '1', '2', '3', '4')

static void null_pointers(void)
{
    struct client client = attach(SHARED);
    LONG count = 1;
    TLV_TABLE *table = NULL;
    IByteBuffer *buffer = NULL;

    check_context("NULL pointers");
    check_hr(ISCardFileAccess_Open(client.files, SC_TYPE_BY_ID, NULL, NULL), E_POINTER);
    check_hr(ISCardFileAccess_GetCurrentDir(client.files, NULL), E_POINTER);
    check_hr(ISCardFileAccess_Directory(client.files, SC_TYPE_FILES, NULL), E_POINTER);
    check_hr(ISCardFileAccess_Read(client.files, 1, NULL, &buffer, NO_FLAGS), E_POINTER);
    count = 4711;
    check_hr(ISCardFileAccess_Read(client.files, 1, &count, NULL, NO_FLAGS), E_POINTER);
    check_int(count, 0);
    check_hr(ISCardFileAccess_Write(client.files, 1, 1, NULL, NO_FLAGS), E_POINTER);
    check_hr(
        ISCardFileAccess_Create(client.files, SC_TYPE_BY_ID, NULL, NULL, &count, NO_FLAGS, NULL),
        E_POINTER);
    check_hr(
        ISCardFileAccess_Create(client.files, SC_TYPE_BY_ID, NULL, &table, NULL, NO_FLAGS, NULL),
        E_POINTER);
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, NULL, NULL, &count, NO_FLAGS),
        E_POINTER);
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, NULL, &table, NULL, NO_FLAGS),
        E_POINTER);
    check_hr(ISCardFileAccess_GetFileCapabilities(client.files, NULL, &count, NO_FLAGS), E_POINTER);
    check_hr(ISCardFileAccess_GetFileCapabilities(client.files, &table, NULL, NO_FLAGS), E_POINTER);
    check_hr(ISCardFileAccess_SetProperties(client.files, SC_TYPE_BY_ID, NULL, NULL, 0, NO_FLAGS),
             E_POINTER);
    check_hr(ISCardFileAccess_Initialize(client.files, NULL), E_NOTIMPL);
    release(&client);
}

static void without_attachment(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F01"), other;
    IByteBuffer *buffer = NULL;
    SAFEARRAY *list = NULL;
    TLV_TABLE *table = NULL;
    BSTR dir = NULL, path = SysAllocString(L"7F10");
    LONG count = 4;

    check_context("without attachment");
    check_hr(ISCardManage_Detach(client.manage), S_OK);
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), SC(E_INVALID_HANDLE));
    check_description(L"ISCardFileAccess::ChangeDir", L"7F10", L"AttachByIFD");
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"7F10\\6F01", &other), SC(E_INVALID_HANDLE));
    check_int(other, 0);
    check_hr(ISCardFileAccess_Close(client.files, file), SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Read(client.files, file, &count, &buffer, NO_FLAGS),
             SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING),
             SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_GetCurrentDir(client.files, &dir), SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Directory(client.files, SC_TYPE_FILES, &list), SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Delete(client.files, SC_TYPE_BY_ID, path, NO_FLAGS),
             SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Invalidate(client.files, path, NO_FLAGS), SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_Rehabilitate(client.files, path, NO_FLAGS), SC(E_INVALID_HANDLE));
    check_hr(ISCardFileAccess_GetFileCapabilities(client.files, &table, &count, NO_FLAGS),
             SC(E_INVALID_HANDLE));

    /* Handles and directory belong to one attachment. */
    check_hr(ISCardManage_AttachByIFD(client.manage, reader, SHARED), S_OK);
    check_read(&client, file, 4, E_INVALIDARG, "");
    check_description(L"Read", L"file handle");
    SysFreeString(path);
    release(&client);
}

static void references(void)
{
    static const struct
    {
        REFTYPE type;
        const WCHAR *path;
        HRESULT hr;
        const WCHAR *described;
    } rows[] = {
        { SC_TYPE_BY_ID, L"3F00\\7F10\\6F01", S_OK, NULL },
        { SC_TYPE_BY_ID, L"3f007f106f01", S_OK, NULL },
        { SC_TYPE_BY_ID, L"/7F10/6F01", S_OK, NULL },
        { SC_TYPE_BY_ID, L"7F10\\5F01\\..\\6F01", S_OK, NULL },
        { SC_TYPE_BY_SHORT_ID, L"7F10\\1", S_OK, NULL },
        { SC_TYPE_BY_SHORT_ID, L"7F10\\0x01", S_OK, NULL },
        { SC_TYPE_BY_NAME, L"F053434D44454D4F01\\6F01", S_OK, NULL },
        { BY_ANY, L"<F053434D44454D4F01>\\1", S_OK, NULL },
        { SC_TYPE_BY_ID, L"7F10\\6FFF", SC(E_FILE_NOT_FOUND), L"6A82" },
        { SC_TYPE_BY_ID, L"7F10", SC(E_NO_FILE), L"ChangeDir" },
        { SC_TYPE_BY_ID, L"3F00", SC(E_NO_FILE), L"3F00" },
        { SC_TYPE_BY_NAME, L"A000000000", SC(E_FILE_NOT_FOUND), L"6A82" },
        { SC_TYPE_BY_ID, L"7F10\\6F0B", SC(E_NO_ACCESS), L"deactivated" },
        { SC_TYPE_BY_ID, L"7F10\\6F0", E_INVALIDARG, L"character 6" },
        { SC_TYPE_BY_SHORT_ID, L"31", E_INVALIDARG, L"1 to 30" },
        { SC_TYPE_BY_ID, L"", E_INVALIDARG, L"empty" },
        { SC_TYPE_BY_ID, NULL, E_INVALIDARG, L"empty" },
        { (REFTYPE)4, L"3F00", E_INVALIDARG, L"0 to 3" },
        { (REFTYPE)-1, L"3F00", E_INVALIDARG, L"0 to 3" },
        { SC_TYPE_BY_ID, L"..", SC(E_DIR_NOT_FOUND), L"above the MF" },
        { SC_TYPE_BY_ID, L"7F10\\\x00e4\xd800", SC(E_FILE_NOT_FOUND), L"6A82" },
    };
    struct client client = attach(SHARED);
    HSCARD_FILE file;

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        check_context("reference %u: %ls", (unsigned)i, rows[i].path ? rows[i].path : L"(null)");
        check_hr(open_as(&client, rows[i].type, rows[i].path, &file), rows[i].hr);
        if (FAILED(rows[i].hr))
        {
            check_int(file, 0);
            check_description(L"ISCardFileAccess::Open", rows[i].described);
            continue;
        }
        check_read(&client, file, 28, S_OK, "Hello from a simulated card.");
        check_hr(ISCardFileAccess_Close(client.files, file), S_OK);
        check_hr(ISCardFileAccess_Close(client.files, file), E_INVALIDARG);
    }
    /* Texts of any length, with anything in them. */
    BSTR huge = SysAllocStringLen(NULL, 70000), padded = SysAllocStringLen(L"2F02\0\0\0", 7);
    BSTR torn = SysAllocStringLen(L"2F\00002", 5);
    for (int i = 0; i < 70000; i++)
        huge[i] = L'6';
    check_context("odd texts");
    check_hr(ISCardFileAccess_Open(client.files, SC_TYPE_BY_ID, huge, &file), E_INVALIDARG);
    check_hr(ISCardFileAccess_Open(client.files, SC_TYPE_BY_ID, torn, &file), E_INVALIDARG);
    check_hr(ISCardFileAccess_Open(client.files, SC_TYPE_BY_ID, padded, &file), S_OK);
    check_read(&client, file, 100, S_OK, "SCM-0001");
    SysFreeString(huge);
    SysFreeString(padded);
    SysFreeString(torn);
    release(&client);
}

#define check_dir(client, expected) check_dir_at(__FILE__, __LINE__, client, expected)
static void check_dir_at(const char *source, int line, const struct client *client,
                         const WCHAR *expected)
{
    BSTR dir = NULL;
    check_hr_at(source, line, ISCardFileAccess_GetCurrentDir(client->files, &dir), S_OK,
                "GetCurrentDir");
    check_wide_at(source, line, dir, expected, "current directory");
    if (dir)
        check_hr_at(source, line, ISCardFileAccess_ChangeDir(client->files, SC_TYPE_BY_ID, dir),
                    S_OK, "back to where we are");
    SysFreeString(dir);
}

static void directories(void)
{
    struct client client = attach(SHARED);

    check_context("directories");
    check_dir(&client, L"3F00");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), S_OK);
    check_dir(&client, L"3F00\\7F10");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"5F01"), S_OK);
    check_dir(&client, L"3F00\\7F10\\5F01");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"..\\..\\7F20"), S_OK);
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F77"), SC(E_DIR_NOT_FOUND));
    check_description(L"ChangeDir", L"7F77", L"6A82", L"Directory lists");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"6F01"), SC(E_NO_DIR));
    check_dir(&client, L"3F00\\7F20");
    check_hr(change_dir(&client, SC_TYPE_BY_NAME, L"F053434D44454D4F01"), S_OK);
    check_dir(&client, L"3F00\\<F053434D44454D4F01>");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"\\"), S_OK);
    check_dir(&client, L"3F00");

    /* Two children of one manager are in the same directory: it is the attachment's. */
    ISCardFileAccess *second = NULL;
    BSTR dir = NULL;
    check_hr(ISCardManage_CreateFileAccess(client.manage, &second), S_OK);
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), S_OK);
    check_hr(ISCardFileAccess_GetCurrentDir(second, &dir), S_OK);
    check_wide(dir, L"3F00\\7F10");
    SysFreeString(dir);
    ISCardFileAccess_Release(second);
    release(&client);
}

#define check_listing(client, type, expected)                                                      \
    check_listing_at(__FILE__, __LINE__, client, type, expected)
static void check_listing_at(const char *source, int line, const struct client *client,
                             FILETYPE type, const WCHAR *expected)
{
    SAFEARRAY *list = NULL;
    VARTYPE vt = 0;
    LONG last = -2;
    WCHAR found[512] = L"";

    /* The card has no list of its own. */
    if (!check_hr_at(source, line, ISCardFileAccess_Directory(client->files, type, &list), S_FALSE,
                     "Directory"))
        return;
    check_hr_at(source, line, SafeArrayGetVartype(list, &vt), S_OK, "element type");
    check_int_at(source, line, vt, VT_BSTR, "element type");
    SafeArrayGetUBound(list, 1, &last);
    for (LONG i = 0; i <= last; i++)
    {
        BSTR name = NULL;
        SafeArrayGetElement(list, &i, &name);
        lstrcatW(found, name);
        lstrcatW(found, L" ");
        SysFreeString(name);
    }
    SafeArrayDestroy(list);
    check_wide_at(source, line, found, expected, "files");
}

static void listings(void)
{
    struct client client = attach(SHARED);
    SAFEARRAY *list = (SAFEARRAY *)(ULONG_PTR)0x5555;

    check_context("Directory");
    check_listing(&client, SC_TYPE_ALL_FILES, L"2F00 2F01 2F02 7F10 7F20 ");
    check_listing(&client, SC_TYPE_DIRECTORIES, L"7F10 7F20 ");
    check_listing(&client, SC_TYPE_VARIABLE_EF, L"2F00 ");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), S_OK);
    check_listing(&client, SC_TYPE_DIRECTORY_FILE, L"5F01 ");
    check_listing(&client, SC_TYPE_FIXED_EF, L"6F04 ");
    check_listing(&client, SC_TYPE_CYCLIC_EF, L"6F07 ");
    check_listing(&client, SC_TYPE_TRANSPARENT_EF, L"6F01 6F02 6F03 6F08 6F09 6F0A 6F0B ");
    check_hr(ISCardFileAccess_Directory(client.files, (FILETYPE)8, &list), E_INVALIDARG);
    check(list == NULL);
    check_hr(ISCardFileAccess_Directory(client.files, (FILETYPE)-1, &list), E_INVALIDARG);
    release(&client);
}

static void transparent_files(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F01"), old = open_file(&client, L"2F02");
    IByteBuffer *buffer = NULL;
    LONG count;

    check_context("transparent files");
    check_read(&client, file, 5, S_OK, "Hello");
    check_read(&client, file, 0, S_OK, "");
    check_read(&client, file, 5, S_OK, " from");
    check_read(&client, file, -1, E_INVALIDARG, "");
    check_read(&client, file, (LONG)0x80000000, E_INVALIDARG, "");
    check_hr(ISCardFileAccess_Seek(client.files, file, -10, SC_SEEK_RELATIVE), S_OK);
    check_read(&client, file, 5, S_OK, "Hello");
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_END), S_OK);
    check_read(&client, file, 5, SC(W_EOF), "");
    check_hr(ISCardFileAccess_Seek(client.files, file, 1, SC_SEEK_FROM_END), SC(E_BAD_SEEK));
    check_hr(ISCardFileAccess_Seek(client.files, file, -1, SC_SEEK_FROM_BEGINNING), SC(E_BAD_SEEK));
    check_hr(ISCardFileAccess_Seek(client.files, file, 0x7FFFFFFF, SC_SEEK_RELATIVE),
             SC(E_BAD_SEEK));
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, (SEEKTYPE)3), E_INVALIDARG);
    check_read(&client, old, 0x7FFFFFFF, S_OK, "SCM-0001");

    check_hr(ISCardFileAccess_Seek(client.files, file, 6, SC_SEEK_FROM_BEGINNING), S_OK);
    check_hr(write_bytes(&client, file, "FROM", 4, SC_FL_REPLACE), S_OK);
    check_read(&client, file, 2, S_OK, " a");
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
    check_read(&client, file, 12, S_OK, "Hello FROM a");
    check_hr(ISCardFileAccess_Seek(client.files, file, -2, SC_SEEK_FROM_END), S_OK);
    check_hr(write_bytes(&client, file, "abc", 3, NO_FLAGS), SC(E_WRITE_TOO_MANY));
    check_description(L"Write", L"SCARD_E_WRITE_TOO_MANY", L"after 0 bytes were written");
    check_hr(write_bytes(&client, file, "ab", 2, NO_FLAGS), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, file, 6, SC_SEEK_FROM_BEGINNING), S_OK);
    check_hr(write_bytes(&client, file, "from", 4, NO_FLAGS), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, file, -2, SC_SEEK_FROM_END), S_OK);
    check_hr(ISCardFileAccess_Write(client.files, file, 2, NULL, SC_FL_ERASE), S_OK);

    /* Lengths that the buffer does not have, flags that contradict. */
    buffer = buffer_with("abc", 3);
    check_hr(ISCardFileAccess_Write(client.files, file, 4, buffer, NO_FLAGS), E_INVALIDARG);
    check_hr(ISCardFileAccess_Write(client.files, file, -1, buffer, NO_FLAGS), E_INVALIDARG);
    check_hr(ISCardFileAccess_Write(client.files, file, 0x7FFFFFFF, buffer, NO_FLAGS),
             E_INVALIDARG);
    check_hr(ISCardFileAccess_Write(client.files, file, 1, buffer, SC_FL_OR | SC_FL_AND),
             E_INVALIDARG);
    check_hr(ISCardFileAccess_Write(client.files, file, 1, buffer, (SCARD_FLAGS)0x10000),
             E_INVALIDARG);
    check_hr(ISCardFileAccess_Write(client.files, file, 1, buffer, SC_FL_SECURE_MESSAGING),
             SC(E_UNSUPPORTED_FEATURE));
    check_description(L"secure messaging", L"keys");
    check_int(IByteBuffer_Release(buffer), 0);
    count = 1;
    check_hr(ISCardFileAccess_Read(client.files, file, &count, &buffer, SC_FL_SECURE_MESSAGING),
             SC(E_UNSUPPORTED_FEATURE));
    check_int(count, 0);
    check_hr(ISCardFileAccess_Read(client.files, file, &count, &buffer, SC_FL_ERASE), E_INVALIDARG);

    const HSCARD_FILE foreign[] = { 0, 0x7FFFFFFF, (HSCARD_FILE)-1, (HSCARD_FILE)&client };
    for (size_t i = 0; i < ARRAYSIZE(foreign); i++)
    {
        check_read(&client, foreign[i], 1, E_INVALIDARG, "");
        check_hr(ISCardFileAccess_Close(client.files, foreign[i]), E_INVALIDARG);
        check_hr(ISCardFileAccess_Seek(client.files, foreign[i], 0, SC_SEEK_RELATIVE),
                 E_INVALIDARG);
    }
    release(&client);
}

static void or_writes(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F0A");

    check_context("WRITE BINARY");
    check_hr(write_bytes(&client, file, "@@", 2, SC_FL_OR), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
    check_hr(write_bytes(&client, file, "\x01\x02", 2, SC_FL_OR), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
    check_read(&client, file, 2, S_OK, "AB");
    check_hr(write_bytes(&client, file, "x", 1, SC_FL_AND), SC(E_UNSUPPORTED_FEATURE));
    release(&client);
}

static void record_files(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE fixed = open_file(&client, L"7F10\\6F04");
    HSCARD_FILE variable = open_file(&client, L"7F10\\6F05");
    HSCARD_FILE cyclic = open_file(&client, L"7F10\\6F07");

    check_context("records");
    check_read(&client, fixed, 15, S_OK, "Alice  555-0100");
    check_read(&client, fixed, 3, S_OK, "Bob");
    check_read(&client, fixed, 5, S_OK, "Carol");
    check_hr(ISCardFileAccess_Seek(client.files, fixed, -1, SC_SEEK_FROM_END), S_OK);
    check_read(&client, fixed, 4, S_OK, "Dave");
    check_read(&client, fixed, 4, SC(W_EOF), "");
    check_hr(write_bytes(&client, fixed, "Erin   555-0104 ", 16, NO_FLAGS), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, fixed, -1, SC_SEEK_FROM_END), S_OK);
    check_read(&client, fixed, 4, S_OK, "Erin");
    check_read(&client, variable, 255, S_OK, "one");
    check_read(&client, variable, 255, S_OK, "second");
    check_read(&client, variable, 255, S_OK, "the third record");
    check_read(&client, variable, 255, SC(W_EOF), "");
    check_hr(ISCardFileAccess_Seek(client.files, variable, 1, SC_SEEK_FROM_BEGINNING), S_OK);
    check_hr(write_bytes(&client, variable, "2", 1, NO_FLAGS), S_OK);
    check_read(&client, variable, 255, S_OK, "the third record");
    check_read(&client, cyclic, 255, S_OK, "entry 03");
    check_hr(write_bytes(&client, cyclic, "entry 04", 8, NO_FLAGS), S_OK);
    check_read(&client, cyclic, 255, S_OK, "entry 03");
    check_hr(write_bytes(&client, cyclic, "entry 04 and more", 17, NO_FLAGS), SC(E_WRITE_TOO_MANY));
    check_hr(ISCardFileAccess_Seek(client.files, cyclic, 0, SC_SEEK_FROM_BEGINNING), S_OK);
    check_read(&client, cyclic, 255, S_OK, "entry 04");
    release(&client);
}

static void rights(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F02");

    check_context("rights");
    check_read(&client, file, 8, SC(W_SECURITY_VIOLATION), "");
    check_description(L"6982", L"security status", L"ISCardVerify");
    PRESENT_PIN();
    check_read(&client, file, 8, S_OK, "This was");
    release(&client);
}

static void others_selections(void)
{
    struct client client = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F01");

    check_context("others' selections");
    check_read(&client, file, 5, S_OK, "Hello");
    OTHER_SENDS(0x9000, 0x00, 0xA4, 0x08, 0x0C, 0x04, 0x7F, 0x20, 0x6F, 0x01);
    check_read(&client, file, 5, S_OK, " from");
    check_hr(ISCardManage_SCardLock(client.manage), S_OK);
    check_read(&client, file, 5, S_OK, " a si");
    check_read(&client, file, 5, S_OK, "mulat");
    check_hr(ISCardManage_SCardUnlock(client.manage, RESET), S_OK);
    check_read(&client, file, 8, S_OK, "ed card."); /* after a reset of our own */
    release(&client);
}

/* A record of a table. */
static TLV_TABLE record_of(const void *bytes, LONG len)
{
    return (TLV_TABLE){ len, (BYTE *)bytes };
}

static HRESULT create_file(const struct client *client, const WCHAR *path, TLV_TABLE *table,
                           LONG count, const void *data, LONG len)
{
    BSTR text = SysAllocString(path);
    IByteBuffer *buffer = data ? buffer_with(data, len) : NULL;
    TLV_TABLE *given = table;
    HRESULT hr = ISCardFileAccess_Create(client->files, SC_TYPE_BY_ID, text, &given, &count,
                                         data ? SC_FL_PREALLOCATE : NO_FLAGS, buffer);
    check(given == table);
    if (buffer) IByteBuffer_Release(buffer);
    SysFreeString(text);
    return hr;
}

static HRESULT delete_file(const struct client *client, const WCHAR *path, SCARD_FLAGS flags)
{
    BSTR text = SysAllocString(path);
    HRESULT hr = ISCardFileAccess_Delete(client->files, SC_TYPE_BY_ID, text, flags);
    SysFreeString(text);
    return hr;
}

static void creation_and_deletion(void)
{
    struct client client = attach(SHARED);
    TLV_TABLE table[] = { record_of("\x82\x02\x01\x01", 4), record_of("\x80\x02\x00\x20", 4) };
    TLV_TABLE df[] = { record_of("\x82\x01\x38", 3) };
    TLV_TABLE bad[] = { record_of("\x80\x05\x00", 3) }, negative[] = { { -1, NULL } };
    TLV_TABLE empty[] = { { 4, NULL } };
    HSCARD_FILE file;

    check_context("Create and Delete");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F20"), S_OK);
    check_hr(create_file(&client, L"6F10", table, 2, "first", 5), S_OK);
    file = open_file(&client, L"6F10");
    check_read(&client, file, 5, S_OK, "first");
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_END), S_OK);
    check_hr(create_file(&client, L"6F11", NULL, 0, "all by its data", 15), S_OK);
    check_read(&client, open_file(&client, L"6F11"), 99, S_OK, "all by its data");
    check_hr(create_file(&client, L"5F20", df, 1, NULL, 0), S_OK);
    check_hr(create_file(&client, L"5F20\\6F01", table, 2, NULL, 0), S_OK);
    check_hr(create_file(&client, L"5F20\\1234", table, 2, NULL, 0),
             S_OK); /* no listing finds it */
    check_hr(create_file(&client, L"6F10", table, 2, NULL, 0), E_INVALIDARG);
    check_description(L"Create", L"6A89", L"exists already");
    check_hr(create_file(&client, L"6F20", bad, 1, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", negative, 1, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", empty, 1, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", table, -1, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", NULL, 5, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", NULL, 0, NULL, 0), E_INVALIDARG);
    check_hr(create_file(&client, L"6F20", table, 2, "this is more than thirty-two bytes", 34),
             SC(E_WRITE_TOO_MANY));
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"6F20", &file), SC(E_FILE_NOT_FOUND));

    file = open_file(&client, L"6F10");
    check_hr(delete_file(&client, L"6F10", NO_FLAGS), S_OK);
    check_read(&client, file, 1, E_INVALIDARG, "");
    check_hr(delete_file(&client, L"6F10", NO_FLAGS), SC(E_FILE_NOT_FOUND));
    check_hr(delete_file(&client, L"5F20\\6F01", NO_FLAGS), S_OK);
    check_hr(delete_file(&client, L"5F20", SC_FL_NON_RECURSIVE), SC(E_NO_ACCESS));
    check_description(L"Delete", L"cannot be proven to be empty", L"SC_FL_RECURSIVE");
    check_hr(delete_file(&client, L"5F20", NO_FLAGS), SC(E_NO_ACCESS));
    check_description(L"Delete", L"cannot be proven to be empty", L"SC_FL_RECURSIVE");
    file = open_file(&client, L"5F20\\1234");
    check_hr(delete_file(&client, L"5F20", SC_FL_RECURSIVE), SC(E_NO_ACCESS));
    check_description(L"Delete", L"is open", L"5F20");
    check_hr(ISCardFileAccess_Close(client.files, file), S_OK);
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"5F20"), S_OK);
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L".."), S_OK);
    check_hr(delete_file(&client, L"5F20", SC_FL_RECURSIVE | SC_FL_NON_RECURSIVE), E_INVALIDARG);
    check_hr(delete_file(&client, L"5F20", SC_FL_RECURSIVE), S_OK);
    check_hr(delete_file(&client, L"6F11", NO_FLAGS), S_OK);
    check_hr(delete_file(&client, L"3F00", SC_FL_RECURSIVE), E_INVALIDARG);
    check_hr(delete_file(&client, L"3F00\\7F10", SC_FL_RECURSIVE), SC(W_SECURITY_VIOLATION));

    /* By a short identifier, which DELETE FILE cannot name. */
    TLV_TABLE with_short_id[] = { record_of("\x80\x02\x00\x20", 4), record_of("\x88\x01\x48", 3) };
    BSTR short_id = SysAllocString(L"9");
    check_hr(create_file(&client, L"6F10", with_short_id, 2, NULL, 0), S_OK);
    check_hr(ISCardFileAccess_Delete(client.files, SC_TYPE_BY_SHORT_ID, short_id, NO_FLAGS), S_OK);
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"6F10", &file), SC(E_FILE_NOT_FOUND));
    check_hr(ISCardFileAccess_Delete(client.files, SC_TYPE_BY_SHORT_ID, short_id, NO_FLAGS),
             SC(E_FILE_NOT_FOUND));
    SysFreeString(short_id);

    /* What nobody else can have touched is known to be empty. */
    check_hr(ISCardManage_SCardLock(client.manage), S_OK);
    check_hr(create_file(&client, L"5F20", df, 1, NULL, 0), S_OK);
    check_hr(delete_file(&client, L"5F20", NO_FLAGS), S_OK);
    check_hr(create_file(&client, L"5F20", df, 1, NULL, 0), S_OK);
    check_hr(create_file(&client, L"5F20\\1234", table, 2, NULL, 0), S_OK);
    check_hr(delete_file(&client, L"5F20", NO_FLAGS), SC(E_NO_ACCESS));
    check_hr(delete_file(&client, L"5F20", SC_FL_RECURSIVE), S_OK);
    check_hr(ISCardManage_SCardUnlock(client.manage, LEAVE), S_OK);
    release(&client);
}

/* Cards see DELETE FILE differently: one takes no identifier, on another a command without one removes
 * the current directory. Whatever the card, the file that was named goes, and nothing else. */
static void deletion_on_other_cards(void)
{
    static const char *const quirks[] = { "quirk delete-no-id", "quirk delete-current-df" };
    TLV_TABLE table[] = { record_of("\x82\x02\x01\x01", 4), record_of("\x80\x02\x00\x20", 4) };

    for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
    {
        struct client client;
        HSCARD_FILE file;

        check_context("Delete, %s", quirks[i]);
        check(simcard_order(quirks[i]));
        check(simcard_remove() && simcard_insert());
        client = attach(SHARED);
        check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F20"), S_OK);
        check_hr(create_file(&client, L"6F10", table, 2, "goes", 4), S_OK);
        check_hr(create_file(&client, L"6F11", table, 2, "stays", 5), S_OK);
        check_hr(delete_file(&client, L"6F10", NO_FLAGS), S_OK);
        check_hr(open_as(&client, SC_TYPE_BY_ID, L"6F10", &file), SC(E_FILE_NOT_FOUND));
        check_read(&client, open_file(&client, L"3F00\\7F20\\6F11"), 5, S_OK, "stays");
        check_hr(delete_file(&client, L"3F00\\7F20\\6F11", NO_FLAGS), S_OK);
        release(&client);
        restore_card();
    }
}

/* The card in the reader with one or two quirks more; NULL: no second one. */
static void change_card_by(const char *quirk, const char *second)
{
    check(simcard_order(quirk));
    if (second) check(simcard_order(second));
    check(simcard_remove() && simcard_insert());
}

/* Cards know records by number or only one after the other, count those that are there or those that
 * there can be, and have words of their own where there is none. To a client they are the same. */
static void contents_on_other_cards(void)
{
    static const char *const quirks[] = { "quirk records-in-turn", "quirk count-room",
                                          "quirk record-missing 6A88", "quirk record-missing 6A82",
                                          "quirk read-at-most 100" };
    static BYTE bytes[1000];

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = pattern(i);
    for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
    {
        check_context("contents, %s", quirks[i]);
        change_card_by(quirks[i], NULL);
        struct client client = attach(SHARED);
        HSCARD_FILE file = open_file(&client, L"7F10\\6F05");
        check_read(&client, file, 100, S_OK, "one");
        check_read(&client, file, 100, S_OK, "second");
        check_read(&client, file, 9, S_OK, "the third");
        check_read(&client, file, 100, SC(W_EOF), "");
        check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_END), S_OK);
        check_hr(write_bytes(&client, file, "fourth", 6, NO_FLAGS), S_OK);
        check_hr(ISCardFileAccess_Seek(client.files, file, -2, SC_SEEK_FROM_END), S_OK);
        check_read(&client, file, 100, S_OK, "the third record");
        check_read(&client, file, 100, S_OK, "fourth");
        check_hr(ISCardFileAccess_Seek(client.files, file, 1, SC_SEEK_FROM_BEGINNING), S_OK);
        check_hr(write_bytes(&client, file, "2nd", 3, NO_FLAGS), S_OK);
        check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
        check_read(&client, file, 100, S_OK, "one");
        check_read(&client, file, 100, S_OK, "2nd");
        check_bytes(&client, open_file(&client, L"7F10\\6F03"), bytes, sizeof(bytes));
        release(&client);
        restore_card();
    }
}

/* Cards that take a few forms of SELECT only: what is missing is missing, what is there is found. */
static void selection_on_other_cards(void)
{
    static const char *const quirks[][2] = {
        { "quirk select-mf 02", "quirk select-p1 00 01 02" },
        { "quirk path-with-mf", NULL },
        { "quirk path-with-mf", "quirk select-p1 08" },
        { "quirk select-mf never", "quirk select-p1 00 03" },
    };
    struct client client;
    HSCARD_FILE file;

    check_context("EFs and names only");
    change_card_by("quirk select-p1 02 04", "quirk select-p2 0C");
    client = attach(SHARED);
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"6FFF", &file), SC(E_FILE_NOT_FOUND));
    check_read(&client, open_file(&client, L"2F02"), 3, S_OK, "SCM");
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"6FFF", &file), SC(E_FILE_NOT_FOUND));
    release(&client);
    for (size_t i = 0; i < sizeof(quirks) / sizeof(quirks[0]); i++)
    {
        check_context("%s", quirks[i][0]);
        restore_card();
        change_card_by(quirks[i][0], quirks[i][1]);
        client = attach(SHARED);
        check_hr(open_as(&client, SC_TYPE_BY_ID, L"7F10\\6FFF", &file), SC(E_FILE_NOT_FOUND));
        check_read(&client, open_file(&client, L"7F10\\6F01"), 5, S_OK, "Hello");
        check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), S_OK);
        check_hr(change_dir(&client, SC_TYPE_BY_ID, L".."), S_OK);
        check_read(&client, open_file(&client, L"2F02"), 3, S_OK, "SCM");
        release(&client);
    }
    restore_card();
}

/* The files of the current directory; only whether they are told. */
static HRESULT list_all(const struct client *client)
{
    SAFEARRAY *list = (SAFEARRAY *)(ULONG_PTR)0x5555;
    HRESULT hr = ISCardFileAccess_Directory(client->files, SC_TYPE_ALL_FILES, &list);

    if (SUCCEEDED(hr))
        SafeArrayDestroy(list);
    else
        check(list == NULL);
    return hr;
}

static struct client attach_with(const char *quirk)
{
    check_context("%s", quirk);
    check(simcard_order(quirk));
    check(simcard_remove() && simcard_insert());
    return attach(SHARED);
}

/* Cards that go on and on: a call ends by its budget, says so, and gives the card back. */
static void cards_without_end(void)
{
    HSCARD_FILE file;

    struct client client = attach_with("quirk answer any endless");
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"7F10", &file), SC(E_COMM_DATA_LOST));
    check_description(L"announcing more data", L"Try once more");
    check_hr(list_all(&client), SC(E_COMM_DATA_LOST));
    release(&client);
    restore_card();

    client = attach_with("quirk answer A4 chain 900 6A82");
    check_hr(open_as(&client, SC_TYPE_BY_ID, L"2F02", &file), SC(E_FILE_NOT_FOUND));
    check_hr(list_all(&client), SC(E_COMM_DATA_LOST));
    check_description(L"Directory", L"more commands than a call may send");
    release(&client);
    restore_card();

    client = attach_with("quirk answer B0 at-most 1");
    file = open_file(&client, L"7F10\\6F03");
    check_read(&client, file, PATTERN_LEN, SC(E_COMM_DATA_LOST), "");
    check_description(L"Read", L"more commands than a call may send");
    OTHER_SENDS(0x9000, 0x00, 0xA4, 0x00, 0x0C, 0x02, 0x3F, 0x00);
    check_read(&client, open_file(&client, L"7F10\\6F01"), 6, S_OK, "Hello ");
    release(&client);
    restore_card();
}

/* Lists, until that ends otherwise than by the budget. */
static DWORD WINAPI list_on(void *argument)
{
    HRESULT hr = SC(E_COMM_DATA_LOST);
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int i = 0; i < 100 && hr == SC(E_COMM_DATA_LOST); i++)
        hr = list_all(argument);
    CoUninitialize();
    return (DWORD)hr;
}

/* Detach ends what another thread has under way; between two calls it finds nothing to end. */
static void detach_meanwhile(void)
{
    struct client client = attach_with("quirk answer A4 chain 900 6A82");
    bool was_cancelled = false;

    for (int i = 0; i < 20 && !was_cancelled; i++)
    {
        DWORD result = 0;
        HANDLE thread = CreateThread(NULL, 0, list_on, &client, 0, NULL);
        Sleep(100);
        check_hr(ISCardManage_Detach(client.manage), S_OK);
        check_int(WaitForSingleObject(thread, 60000), WAIT_OBJECT_0);
        GetExitCodeThread(thread, &result);
        CloseHandle(thread);
        was_cancelled = (HRESULT)result == SC(E_CANCELLED);
        if (!was_cancelled) check_hr((HRESULT)result, SC(E_INVALID_HANDLE));
        check_hr(ISCardManage_AttachByIFD(client.manage, reader, SHARED), S_OK);
    }
    check(was_cancelled);
    release(&client);
    restore_card();
}

static void blocking(void)
{
    struct client client = attach(SHARED);
    BSTR path = SysAllocString(L"3F00\\7F20\\6F01"), asleep = SysAllocString(L"7F10\\6F0B");
    HSCARD_FILE file;

    check_context("Invalidate and Rehabilitate");
    check_hr(ISCardFileAccess_Invalidate(client.files, path, NO_FLAGS), S_OK);
    check_hr(open_as(&client, SC_TYPE_BY_ID, path, &file), SC(E_NO_ACCESS));
    check_hr(ISCardFileAccess_Rehabilitate(client.files, path, NO_FLAGS), S_OK);
    check_read(&client, open_file(&client, path), 6, S_OK, "second");
    check_hr(ISCardFileAccess_Rehabilitate(client.files, NULL, NO_FLAGS), E_INVALIDARG);
    check_hr(ISCardFileAccess_Rehabilitate(client.files, path, SC_FL_SECURE_MESSAGING),
             SC(E_UNSUPPORTED_FEATURE));
    check_hr(ISCardFileAccess_Rehabilitate(client.files, asleep, NO_FLAGS),
             SC(W_SECURITY_VIOLATION));
    PRESENT_PIN();
    check_hr(ISCardFileAccess_Rehabilitate(client.files, asleep, NO_FLAGS), S_OK);
    check_read(&client, open_file(&client, asleep), 6, S_OK, "asleep");
    check_hr(ISCardFileAccess_Invalidate(client.files, asleep, NO_FLAGS), S_OK);
    SysFreeString(path);
    SysFreeString(asleep);
    release(&client);
}

static void free_table(TLV_TABLE *table, LONG count)
{
    for (LONG i = 0; i < count; i++)
        CoTaskMemFree(table[i].byData);
    CoTaskMemFree(table);
}

static void properties(void)
{
    struct client client = attach(SHARED);
    TLV_TABLE wanted[] = { record_of("\x83", 1), record_of("\x80\x00", 2) };
    TLV_TABLE name[] = { record_of("\x5F\x20\x03"
                                   "Eve",
                                   6) };
    TLV_TABLE *table = wanted;
    BSTR path = SysAllocString(L"7F10\\6F01"), mf = SysAllocString(L"3F00");
    BSTR guarded = SysAllocString(L"7F10\\6F02");
    LONG count = 2;

    check_context("properties");
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, path, &table, &count, NO_FLAGS),
        S_OK);
    check(table != wanted);
    check_int(count, 2);
    check_int(table[0].cbSize, 4);
    check(memcmp(table[0].byData, "\x83\x02\x6F\x01", 4) == 0);
    check(memcmp(table[1].byData, "\x80\x02\x00\x40", 4) == 0);
    free_table(table, count);
    table = NULL;
    count = 0;
    check_hr(ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, path, &table, &count,
                                            SC_FL_STAT_DEFAULT),
             S_OK);
    check_int(count, 5);
    free_table(table, count);
    table = NULL;
    check_hr(ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, guarded, &table, &count,
                                            SC_FL_GET_ALL_PROPERTIES),
             S_OK);
    check(count > 5);
    free_table(table, count);
    table = wanted;
    count = -1;
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, path, &table, &count, NO_FLAGS),
        E_INVALIDARG);
    check(table == wanted && count == -1);
    table = NULL;
    check_hr(ISCardFileAccess_GetFileCapabilities(client.files, &table, &count, NO_FLAGS), S_OK);
    check(count >= 2);
    free_table(table, count);

    check_hr(ISCardFileAccess_SetProperties(client.files, SC_TYPE_BY_ID, mf, name, 1, NO_FLAGS),
             SC(W_SECURITY_VIOLATION));
    PRESENT_PIN();
    check_hr(ISCardFileAccess_SetProperties(client.files, SC_TYPE_BY_ID, mf, name, 1, NO_FLAGS),
             S_OK);
    table = name;
    count = 1;
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, mf, &table, &count, NO_FLAGS),
        S_OK);
    check(count == 1 && table[0].cbSize == 6 && memcmp(table[0].byData, name[0].byData, 6) == 0);
    free_table(table, count);
    check_hr(ISCardFileAccess_SetProperties(client.files, SC_TYPE_BY_ID, mf, name, -1, NO_FLAGS),
             E_INVALIDARG);
    SysFreeString(path);
    SysFreeString(guarded);
    SysFreeString(mf);
    release(&client);
}

/* FCP and FMD as templates inside the FCI: who asks for a property means the one in there. */
static void properties_in_templates(void)
{
    TLV_TABLE wanted[] = { record_of("\x83", 1), record_of("\x80\x00", 2) };
    TLV_TABLE *table = wanted;
    BSTR path = SysAllocString(L"7F10\\6F01");
    LONG count = 2;

    check_context("properties in templates");
    change_card_by("quirk select-p2 00", "quirk nested-fci");
    struct client client = attach(SHARED);
    check_hr(
        ISCardFileAccess_GetProperties(client.files, SC_TYPE_BY_ID, path, &table, &count, NO_FLAGS),
        S_OK);
    check_int(count, 2);
    if (table && table != wanted && count == 2)
    {
        check(table[0].cbSize == 4 && memcmp(table[0].byData, "\x83\x02\x6F\x01", 4) == 0);
        check(table[1].cbSize == 4 && memcmp(table[1].byData, "\x80\x02\x00\x40", 4) == 0);
        free_table(table, count);
    }
    SysFreeString(path);
    release(&client);
    restore_card();
}

static void thirty_thousand_bytes(void)
{
    static BYTE bytes[PATTERN_LEN];
    struct client client = attach(SHARED);

    check_context("long files");
    for (size_t i = 0; i < PATTERN_LEN; i++)
        bytes[i] = pattern(i);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F03");
    check_bytes(&client, file, bytes, PATTERN_LEN);
    check_read(&client, file, 1, SC(W_EOF), "");

    for (size_t i = 0; i < LONG_LEN; i++)
        bytes[5000 + i] ^= 0xA5;
    check_hr(ISCardFileAccess_Seek(client.files, file, 5000, SC_SEEK_FROM_BEGINNING), S_OK);
    check_hr(write_bytes(&client, file, bytes + 5000, LONG_LEN, NO_FLAGS), S_OK);
    check_hr(ISCardFileAccess_Seek(client.files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
    check_bytes(&client, file, bytes, PATTERN_LEN);
    release(&client);
}

/* Late bound, as scripts call: by name, with Variants by reference. Arguments last to first. */
static HRESULT invoke(IDispatch *object, const WCHAR *member, VARIANT *arguments, UINT count,
                      VARIANT *result)
{
    DISPPARAMS params = { arguments, NULL, count, 0 };
    LPOLESTR name = (LPOLESTR)(ULONG_PTR)member;
    DISPID id;

    HRESULT hr = IDispatch_GetIDsOfNames(object, &IID_NULL, &name, 1, 0, &id);
    if (FAILED(hr)) return hr;
    return IDispatch_Invoke(object, id, &IID_NULL, 0, DISPATCH_METHOD, &params, result, NULL, NULL);
}

static VARIANT variant_of(LONG number)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_I4;
    V_I4(&value) = number;
    return value;
}

static VARIANT variant_text(const WCHAR *text)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BSTR;
    V_BSTR(&value) = SysAllocString(text);
    return value;
}

static VARIANT variant_ref(VARIANT *target)
{
    VARIANT value;
    VariantInit(&value);
    V_VT(&value) = VT_BYREF | VT_VARIANT;
    V_VARIANTREF(&value) = target;
    return value;
}

static void late_bound(void)
{
    struct client client = attach(SHARED);
    IDispatch *files = (IDispatch *)client.files;
    VARIANT handle, count, buffer, list, dir, path = variant_text(L"7F10\\6F01");

    check_context("late bound");
    VariantInit(&handle);
    VariantInit(&buffer);
    VARIANT open[] = { path, variant_of(SC_TYPE_BY_ID) };
    check_hr(invoke(files, L"Open", open, 2, &handle), S_OK);
    check_int(V_VT(&handle), VT_I4);

    VARIANT seek[] = { variant_of(SC_SEEK_FROM_BEGINNING), variant_of(6), handle };
    check_hr(invoke(files, L"Seek", seek, 3, NULL), S_OK);
    count = variant_of(4);
    VARIANT read[] = { variant_of(0), variant_ref(&buffer), variant_ref(&count), handle };
    check_hr(invoke(files, L"Read", read, 4, NULL), S_OK);
    check_int(V_I4(&count), 4);
    check_int(V_VT(&buffer), VT_DISPATCH);
    check_hr(invoke(files, L"Seek", seek, 3, NULL), S_OK);
    VARIANT write[] = { variant_of(0), buffer, variant_of(4), handle };
    check_hr(invoke(files, L"Write", write, 4, NULL), S_OK);
    VariantClear(&buffer);

    /* What cannot be handed out by reference is the value of the call; bytes are an array then. */
    VARIANT nothing, bytes;
    VariantInit(&nothing);
    V_VT(&nothing) = VT_NULL;
    VARIANT by_value[] = { variant_of(0), nothing, variant_of(4), handle };
    check_hr(invoke(files, L"Seek", seek, 3, NULL), S_OK);
    check_hr(invoke(files, L"Read", by_value, 4, &buffer), S_OK);
    check_int(V_VT(&buffer), VT_DISPATCH);
    VARIANT all[] = { variant_of(0), variant_of(9), nothing };
    check_hr(invoke(V_DISPATCH(&buffer), L"Read", all, 3, &bytes), S_OK);
    check_int(V_VT(&bytes), VT_ARRAY | VT_VARIANT);
    check_int(V_ARRAY(&bytes)->rgsabound[0].cElements, 4);
    LONG third = 2;
    VARIANT byte;
    VariantInit(&byte);
    check_hr(SafeArrayGetElement(V_ARRAY(&bytes), &third, &byte), S_OK);
    check_int(V_I4(&byte), 'o');
    VariantClear(&bytes);
    /* Wherever else the count goes, it counts these bytes. */
    BYTE counted = 0;
    check_hr(IByteBuffer_Seek((IByteBuffer *)V_DISPATCH(&buffer), 0, STREAM_SEEK_SET, NULL), S_OK);
    V_VT(&all[0]) = VT_BYREF | VT_UI1;
    V_UI1REF(&all[0]) = &counted;
    check_hr(invoke(V_DISPATCH(&buffer), L"Read", all, 3, &bytes), S_OK);
    check_int(counted, 4);
    check_int(V_VT(&bytes), VT_ARRAY | VT_VARIANT);
    VariantClear(&bytes);
    VariantClear(&buffer);
    VARIANT close[] = { handle };
    check_hr(invoke(files, L"Close", close, 1, NULL), S_OK);
    check_hr(invoke(files, L"Close", close, 1, NULL), DISP_E_EXCEPTION);

    VARIANT into[] = { variant_text(L"3F00/7F10"), variant_of(SC_TYPE_BY_ID) };
    check_hr(invoke(files, L"ChangeDir", into, 2, NULL), S_OK);
    VariantClear(&into[0]);
    VariantInit(&dir);
    check_hr(invoke(files, L"GetCurrentDir", NULL, 0, &dir), S_OK);
    check_wide(V_BSTR(&dir), L"3F00\\7F10");
    VariantClear(&dir);

    /* Script engines look into arrays of Variants only. */
    VARIANT kind[] = { variant_of(SC_TYPE_DIRECTORIES) };
    VariantInit(&list);
    check_hr(invoke(files, L"Directory", kind, 1, &list), S_OK);
    check_int(V_VT(&list), VT_ARRAY | VT_VARIANT);
    LONG first = 0;
    VARIANT element;
    VariantInit(&element);
    check_hr(SafeArrayGetElement(V_ARRAY(&list), &first, &element), S_OK);
    check_wide(V_BSTR(&element), L"5F01");
    VariantClear(&element);
    VariantClear(&list);
    VariantClear(&path);
    release(&client);
}

static void reset_and_removal(void)
{
    struct client client = attach(SHARED), other = attach(SHARED);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F01");

    check_context("reset and removal");
    check_hr(change_dir(&client, SC_TYPE_BY_ID, L"7F10"), S_OK);
    check_hr(ISCardManage_SCardLock(other.manage), S_OK);
    check_hr(ISCardManage_SCardUnlock(other.manage, RESET), S_OK);
    check_read(&client, file, 5, SC(W_RESET_CARD), "");
    check_hr(ISCardManage_Reconnect(client.manage), S_OK);
    check_read(&client, file, 5, S_OK, "Hello");
    check_dir(&client, L"3F00\\7F10");
    check(simcard_remove());
    check_read(&client, file, 5, SC(W_REMOVED_CARD), "");
    check(simcard_insert());
    check_hr(ISCardManage_Reconnect(client.manage), S_OK);
    check_read(&client, file, 5, E_INVALIDARG, ""); /* perhaps another card */
    check_dir(&client, L"3F00");
    release(&client);
    release(&other);
}

/* A child outlives its manager and holds the attachment; handles stay good. */
static void child_alone(void)
{
    struct client client = attach(EXCLUSIVE);
    HSCARD_FILE file = open_file(&client, L"7F10\\6F01");

    check_context("child alone");
    ISCardManage_Release(client.manage);
    check_read(&client, file, 5, S_OK, "Hello");
    check_int(ISCardFileAccess_Release(client.files), 0);
}

#define THREADS 4
#define ROUNDS  15

static DWORD WINAPI work(void *argument)
{
    const struct client *client = argument;
    CoInitializeEx(NULL, COINIT_MULTITHREADED);
    for (int i = 0; i < ROUNDS; i++)
    {
        HSCARD_FILE file = open_file(client, i % 2 ? L"3F00\\7F10\\6F01" : L"3F00\\7F20\\6F01");
        check_read(client, file, 6, S_OK, i % 2 ? "Hello " : "second");
        check_hr(ISCardFileAccess_Close(client->files, file), S_OK);
    }
    CoUninitialize();
    return 0;
}

static void many_threads(void)
{
    struct client client = attach(SHARED), second = attach(SHARED);
    HANDLE threads[THREADS];

    check_context("threads");
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, work, i % 2 ? &client : &second, 0, NULL);
    check_int(WaitForMultipleObjects(THREADS, threads, TRUE, 120000), WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
        CloseHandle(threads[i]);
    release(&client);
    release(&second);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    restore_card();
    null_pointers();
    without_attachment();
    references();
    directories();
    listings();
    transparent_files();
    or_writes();
    record_files();
    rights();
    restore_card();
    others_selections();
    creation_and_deletion();
    restore_card();
    deletion_on_other_cards();
    contents_on_other_cards();
    selection_on_other_cards();
    cards_without_end();
    detach_meanwhile();
    blocking();
    restore_card();
    properties();
    properties_in_templates();
    restore_card();
    thirty_thousand_bytes();
    late_bound();
    reset_and_removal();
    child_alone();
    many_threads();
    restore_card();
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
