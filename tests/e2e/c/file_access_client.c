/*
 * file_access_client - files and codes of a card as a program in C uses them: browses, reads, writes
 *                      and reads back, presents a wrong PIN and the right one.
 * Layer: a client (includes only what a client includes). The card is the sample card, as it was at
 * first, and is left so.
 * Usage: file_access_client.exe READER
 * Reference: ISCardFileAccess ("Write to a file"), ISCardVerify, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>
#include "scardmanage.h"

#define LONG_LEN 30000

static unsigned passed, failed;

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

static BOOL expect_result(HRESULT hr, HRESULT wanted, const char *what)
{
    if (hr == wanted) return expect(TRUE, "%s: %08lX", what, (unsigned long)hr);
    return expect(FALSE, "%s: %08lX instead of %08lX", what, (unsigned long)hr,
                  (unsigned long)wanted);
}

/* The description that the last failure left says this. */
static void expect_description(const WCHAR *part)
{
    IErrorInfo *info = NULL;
    BSTR text = NULL;

    if (GetErrorInfo(0, &info) == S_OK)
    {
        IErrorInfo_GetDescription(info, &text);
        IErrorInfo_Release(info);
    }
    expect(text && wcsstr(text, part), "it says: %ls", text ? text : L"(nothing)");
    SysFreeString(text);
}

static IByteBuffer *buffer_with(const void *bytes, LONG len)
{
    IByteBuffer *buffer = NULL;
    LONG written = 0;

    if (FAILED(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                                (void **)&buffer)))
        return NULL;
    IByteBuffer_Initialize(buffer, len, NULL);
    IByteBuffer_Write(buffer, (BYTE *)bytes, len, &written);
    return buffer;
}

static HRESULT read_file(ISCardFileAccess *files, HSCARD_FILE file, BYTE *bytes, LONG wanted,
                         LONG *got)
{
    IByteBuffer *buffer = NULL;
    LONG count = wanted;
    HRESULT hr = ISCardFileAccess_Read(files, file, &count, &buffer, SC_FL_NO_FLAGS);

    *got = 0;
    if (FAILED(hr)) return hr;
    hr = IByteBuffer_Read(buffer, bytes, wanted, got);
    IByteBuffer_Release(buffer);
    return hr;
}

static HRESULT write_file(ISCardFileAccess *files, HSCARD_FILE file, const void *bytes, LONG len)
{
    IByteBuffer *buffer = buffer_with(bytes, len);
    HRESULT hr = ISCardFileAccess_Write(files, file, len, buffer, SC_FL_NO_FLAGS);

    IByteBuffer_Release(buffer);
    return hr;
}

static HRESULT open_file(ISCardFileAccess *files, const WCHAR *path, HSCARD_FILE *file)
{
    BSTR text = SysAllocString(path);
    HRESULT hr = ISCardFileAccess_Open(files, SC_TYPE_BY_ID, text, file);

    SysFreeString(text);
    return hr;
}

static void browse(ISCardFileAccess *files)
{
    SAFEARRAY *list = NULL;
    LONG upper = -1;
    BSTR *names = NULL, dir = NULL, path = SysAllocString(L"7F10");

    puts("browsing");
    expect_result(ISCardFileAccess_Directory(files, SC_TYPE_DIRECTORIES, &list), S_FALSE,
                  "Directory, of a card that does not tell all that it has");
    if (list)
    {
        SafeArrayGetUBound(list, 1, &upper);
        SafeArrayAccessData(list, (void **)&names);
        for (LONG i = 0; i <= upper; i++)
            printf("          %ls\n", names[i]);
        expect(upper == 1 && wcscmp(names[0], L"7F10") == 0 && wcscmp(names[1], L"7F20") == 0,
               "two directories");
        SafeArrayUnaccessData(list);
        SafeArrayDestroy(list);
    }
    expect_result(ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, path), S_OK, "ChangeDir");
    expect_result(ISCardFileAccess_GetCurrentDir(files, &dir), S_OK, "GetCurrentDir");
    expect(dir && wcscmp(dir, L"3F00\\7F10") == 0, "we are in %ls", dir ? dir : L"(nothing)");
    SysFreeString(dir);
    SysFreeString(path);
}

static void read_and_write(ISCardFileAccess *files)
{
    BYTE bytes[64] = { 0 };
    HSCARD_FILE file = 0;
    LONG got = 0;

    puts("reading and writing");
    expect_result(open_file(files, L"6FFF", &file), SCARD_E_FILE_NOT_FOUND, "Open, no such file");
    expect_description(L"6A82");
    expect_result(open_file(files, L"6F01", &file), S_OK, "Open");
    expect_result(read_file(files, file, bytes, 28, &got), S_OK, "Read");
    expect(got == 28 && memcmp(bytes, "Hello from a simulated card.", 28) == 0, "it says: %.28s",
           (char *)bytes);
    expect_result(ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK, "Seek");
    expect_result(write_file(files, file, "C client", 8), S_OK, "Write");
    ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING);
    expect_result(read_file(files, file, bytes, 12, &got), S_OK, "Read");
    expect(got == 12 && memcmp(bytes, "C clientom a", 12) == 0, "read back: %.12s", (char *)bytes);
    ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING);
    expect_result(write_file(files, file, "Hello fr", 8), S_OK, "Write, what was there before");
    expect_result(ISCardFileAccess_Close(files, file), S_OK, "Close");
}

/* Byte for byte, there and back; at the end what was there before. */
static void much(ISCardFileAccess *files)
{
    static BYTE original[LONG_LEN], changed[LONG_LEN], again[LONG_LEN];
    HSCARD_FILE file = 0;
    LONG got = 0;

    puts("30,000 bytes");
    expect_result(open_file(files, L"6F03", &file), S_OK, "Open");
    expect_result(read_file(files, file, original, LONG_LEN, &got), S_OK, "Read");
    expect(got == LONG_LEN, "%ld bytes", (long)got);
    for (size_t i = 0; i < LONG_LEN; i++)
        changed[i] = (BYTE)(original[i] ^ (i % 251));
    ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING);
    expect_result(write_file(files, file, changed, LONG_LEN), S_OK, "Write");
    ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING);
    expect_result(read_file(files, file, again, LONG_LEN, &got), S_OK, "Read");
    expect(got == LONG_LEN && memcmp(again, changed, LONG_LEN) == 0, "every byte as written");
    ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING);
    expect_result(write_file(files, file, original, LONG_LEN), S_OK,
                  "Write, what was there before");
    ISCardFileAccess_Close(files, file);
}

static HRESULT present(ISCardVerify *verify, const char *code, SCARD_FLAGS flags)
{
    IByteBuffer *buffer = buffer_with(code, (LONG)strlen(code));
    LONG reference = 1;
    HRESULT hr = ISCardVerify_Verify(verify, buffer, flags, &reference);

    IByteBuffer_Release(buffer);
    return hr;
}

static void behind_the_code(ISCardFileAccess *files, ISCardVerify *verify)
{
    BYTE bytes[64] = { 0 };
    HSCARD_FILE file = 0;
    LONG got = 0;

    puts("behind the code");
    /* Whatever programs before us have proved. */
    expect_result(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK,
                  "ResetSecurityState");
    expect_result(open_file(files, L"6F02", &file), S_OK, "Open");
    expect_result(read_file(files, file, bytes, 22, &got), SCARD_W_SECURITY_VIOLATION,
                  "Read without the code");
    expect_result(present(verify, "4321", SC_FL_IHV_GLOBAL), SCARD_W_WRONG_CHV,
                  "Verify, a wrong PIN");
    expect_description(L"Tries left: 2");
    expect_result(present(verify, "1234", SC_FL_IHV_GLOBAL), S_OK, "Verify, the right code");
    expect_result(read_file(files, file, bytes, 22, &got), S_OK, "Read with the code");
    expect(got == 22 && memcmp(bytes, "This was behind PIN 1.", 22) == 0, "it says: %.22s",
           (char *)bytes);
    ISCardFileAccess_Close(files, file);
    expect_result(ISCardVerify_ResetSecurityState(verify, SC_FL_NO_FLAGS), S_OK,
                  "ResetSecurityState");
}

static void work(const WCHAR *name)
{
    ISCardManage *manage = NULL;
    ISCardFileAccess *files = NULL;
    ISCardVerify *verify = NULL;
    BSTR reader = SysAllocString(name);
    HRESULT hr = CoCreateInstance(&CLSID_SCardManage, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage,
                                  (void **)&manage);

    if (expect_result(hr, S_OK, "CoCreateInstance") &&
        expect_result(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK, "AttachByIFD") &&
        expect_result(ISCardManage_CreateFileAccess(manage, &files), S_OK, "CreateFileAccess") &&
        expect_result(ISCardManage_CreateCHVerification(manage, &verify), S_OK,
                      "CreateCHVerification"))
    {
        browse(files);
        read_and_write(files);
        much(files);
        behind_the_code(files, verify);
    }
    if (verify) ISCardVerify_Release(verify);
    if (files) ISCardFileAccess_Release(files);
    if (manage) ISCardManage_Release(manage);
    SysFreeString(reader);
}

int main(void)
{
    int count = 0;
    WCHAR **arguments = CommandLineToArgvW(GetCommandLineW(), &count);

    if (expect_result(CoInitialize(NULL), S_OK, "CoInitialize"))
    {
        if (expect(arguments && count > 1, "a reader's name is given")) work(arguments[1]);
        CoUninitialize();
    }
    LocalFree(arguments);
    printf("%u passed, %u failed\n", passed, failed);
    return failed == 0 && passed > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
