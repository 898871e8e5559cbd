/*
 * scard_secure_messaging_test - keys given to ISCardAuth and used: cryptograms made and compared, and
 *                               files that only secure messaging opens, in triple DES and AES.
 * Layer: tests. Needs the registered server, a reader with a simulated card, and its control port,
 *        through which it puts secure.card in and, at the end, demo.card again.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

#define SC(name)    ((HRESULT)SCARD_##name)
#define SECURE      SC_FL_SECURE_MESSAGING
#define PLAIN       SC_FL_NO_FLAGS
#define PATTERN_LEN 2000
#define BYTES_MAX   96

/* Algorithm ids of ISCardAuth; see scard_auth.c. */
enum
{
    DES_CBC = 0x100,
    AES_CBC = 0x101,
    DES_ECB = 0x102,
    AES_ECB = 0x103,
    DES_MAC = 0x104,
    AES_MAC = 0x105,
    DES_SESSION = 0x200,
    AES_SESSION = 0x201,
    DES_AGREEMENT = 0x210,
};

/* Keys of secure.card: encryption, code, counter. */
#define DES_KEYS                                                                                   \
    "979EC13B1CBFE9DCD01AB0FED307EAE5"                                                             \
    "F1CB1F1FB5ADF208806B89DC579DC1F8"                                                             \
    "887022120C06C226"
#define AES_KEYS                                                                                   \
    "000102030405060708090A0B0C0D0E0F"                                                             \
    "F0E0D0C0B0A090807060504030201000"                                                             \
    "00000000000000000000000000000000"
#define BIG_KEYS                                                                                   \
    "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"                             \
    "1F1E1D1C1B1A191817161514131211100F0E0D0C0B0A09080706050403020100"                             \
    "0102030405060708090A0B0C0D0E0F10"
#define STATIC_KEYS                                                                                \
    "AB94FDECF2674FDFB9B391F85D7F76F2"                                                             \
    "7962D9ECE03D1ACD4C76089DCE131543"
#define KEY_1 "0123456789ABCDEFFEDCBA9876543210"
#define KEY_2 "000102030405060708090A0B0C0D0E0F"
#define KEY_3 "0123456789ABCDEFFEDCBA987654321089ABCDEF01234567"
#define KEY_4 "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static BSTR reader;
static ISCardManage *manage;
static ISCardAuth *auth;
static ISCardFileAccess *files;

static BYTE digit(char c)
{
    return (BYTE)(c <= '9' ? c - '0' : c - 'A' + 10);
}

static IByteBuffer *buffer_of_hex(const char *hex)
{
    BYTE bytes[BYTES_MAX];
    LONG len = 0;
    for (; *hex && len < BYTES_MAX; hex += 2)
        bytes[len++] = (BYTE)(digit(hex[0]) << 4 | digit(hex[1]));
    check(!*hex);
    return buffer_of(bytes, len);
}

/* Both in hexadecimal; NULL parameters are none. */
static HRESULT app_auth(LONG algorithm, const char *param_hex, const char *data_hex)
{
    IByteBuffer *param = param_hex ? buffer_of_hex(param_hex) : NULL;
    IByteBuffer *data = buffer_of_hex(data_hex);
    HRESULT hr = ISCardAuth_APP_Auth(auth, algorithm, param, data);
    if (param) IByteBuffer_Release(param);
    IByteBuffer_Release(data);
    return hr;
}

static HRESULT icc_auth(LONG algorithm, const char *param_hex, const char *key_hex, LONG *len,
                        BYTE *answer)
{
    IByteBuffer *param = param_hex ? buffer_of_hex(param_hex) : NULL;
    IByteBuffer *buffer = buffer_of_hex(key_hex), *before = buffer;
    LONG got = 0;
    *len = 0;
    HRESULT hr = ISCardAuth_ICC_Auth(auth, algorithm, param, len, &buffer);
    check(buffer == before);
    check_hr(IByteBuffer_Read(buffer, answer, BYTES_MAX, &got), S_OK);
    if (SUCCEEDED(hr)) check_int(got, *len);
    if (param) IByteBuffer_Release(param);
    IByteBuffer_Release(buffer);
    return hr;
}

static void application_proves_itself(void)
{
    static const struct
    {
        LONG algorithm;
        const char *param, *key;
        HRESULT hr;
        const WCHAR *said;
    } rows[] = {
        { DES_CBC, "01", KEY_1, S_OK, NULL },
        { DES_ECB, "01", KEY_1, S_OK, NULL },
        { DES_CBC, "0118", KEY_1, S_OK, NULL }, /* a challenge of three blocks */
        { DES_CBC, "0109", KEY_1, S_OK, NULL }, /* one that has to be filled */
        { AES_CBC, "02", KEY_2, S_OK, NULL },
        { AES_ECB, "02", KEY_2, S_OK, NULL },
        { DES_CBC, "03", KEY_3, S_OK, NULL },
        { AES_CBC, "04", KEY_4, S_OK, NULL },
        { DES_CBC, "01", KEY_3, SC(W_SECURITY_VIOLATION), L"Tries left: 4" },
        { DES_CBC, "01", KEY_1, S_OK, NULL },
        { DES_MAC, "01", KEY_1, SC(W_SECURITY_VIOLATION), L"Tries left" },
        { AES_MAC, "02", KEY_2, SC(W_SECURITY_VIOLATION), L"Tries left" },
        { AES_CBC, "02", KEY_2, S_OK, NULL },
        { DES_CBC, "05", KEY_1, SC(E_FILE_NOT_FOUND), L"6A88" },
        { DES_CBC, "01", KEY_4, E_INVALIDARG, L"16 or 24 bytes" },
        { AES_CBC, "02", "00", E_INVALIDARG, L"16, 24 or 32 bytes" },
        { AES_CBC, "02", "", E_INVALIDARG, L"16, 24 or 32 bytes" },
        { DES_MAC, "01", KEY_3, E_INVALIDARG, L"retail MAC" },
        { DES_CBC, "01", "0123456789ABCDEF0123456789ABCDEF", E_INVALIDARG, L"single DES" },
        { DES_CBC, "010801", KEY_1, E_INVALIDARG, L"challenge's length" },
        { 0x106, "01", KEY_1, E_INVALIDARG, L"algorithm" },
        { 0x1FF, "01", KEY_1, E_INVALIDARG, L"algorithm" },
    };

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        check_context("APP_Auth with a key, row %u", (unsigned)i);
        check_hr(app_auth(rows[i].algorithm, rows[i].param, rows[i].key), rows[i].hr);
        if (rows[i].said) check_description(L"APP_Auth", rows[i].said);
    }
}

static void card_proves_itself(void)
{
    static const struct
    {
        LONG algorithm;
        const char *param, *key;
        HRESULT hr;
        LONG len;
        const WCHAR *said;
    } rows[] = {
        { DES_CBC, "01", KEY_1, S_OK, 8, NULL }, /* random bytes */
        { AES_CBC, "02", KEY_2, S_OK, 16, NULL },
        { DES_CBC, "01000102030405060708090A0B0C", KEY_1, S_OK, 16, NULL },
        { AES_CBC, "04AABBCC", KEY_4, S_OK, 16, NULL },
        { DES_CBC, "01", KEY_3, SC(W_SECURITY_VIOLATION), 0, L"not that of the key" },
        { AES_CBC, "02", KEY_4, SC(W_SECURITY_VIOLATION), 0, L"not that of the key" },
        { DES_MAC, "01", KEY_1, SC(W_SECURITY_VIOLATION), 0, L"not that of the key" },
        { AES_CBC, "02", "0001", E_INVALIDARG, 0, L"16, 24 or 32 bytes" },
        { DES_SESSION, "01", KEY_1, E_INVALIDARG, 0, L"algorithm" },
        { DES_CBC, "07", KEY_1, SC(E_FILE_NOT_FOUND), 0, L"6A88" },
    };
    BYTE answer[BYTES_MAX], again[BYTES_MAX];
    LONG len;

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        check_context("ICC_Auth with a key, row %u", (unsigned)i);
        check_hr(icc_auth(rows[i].algorithm, rows[i].param, rows[i].key, &len, answer), rows[i].hr);
        check_int(len, rows[i].len);
        if (rows[i].said) check_description(L"ICC_Auth", rows[i].said);
    }
    check_context("ICC_Auth, challenges of ours");
    check_hr(icc_auth(AES_CBC, "02", KEY_2, &len, answer), S_OK);
    check_hr(icc_auth(AES_CBC, "02", KEY_2, &len, again), S_OK);
    check(memcmp(answer, again, 16) != 0);
    check_context("User_Auth takes no keys");
    IByteBuffer *buffer = buffer_of_hex(KEY_1);
    check_hr(ISCardAuth_User_Auth(auth, DES_CBC, NULL, &len, &buffer), E_INVALIDARG);
    check_description(L"User_Auth", L"0 to 255");
    IByteBuffer_Release(buffer);
}

static HSCARD_FILE open_file(const WCHAR *path)
{
    HSCARD_FILE file = 0;
    BSTR text = SysAllocString(path);
    check_hr(ISCardFileAccess_Open(files, SC_TYPE_BY_ID, text, &file), S_OK);
    SysFreeString(text);
    return file;
}

#define check_read(file, flags, wanted, hr, text)                                                  \
    check_read_at(__LINE__, file, flags, wanted, hr, text)
static void check_read_at(int line, HSCARD_FILE file, SCARD_FLAGS flags, LONG wanted, HRESULT hr,
                          const char *text)
{
    IByteBuffer *buffer = NULL;
    BYTE bytes[BYTES_MAX] = { 0 };
    LONG count = wanted, got = 0, len = (LONG)strlen(text);

    HRESULT actual = ISCardFileAccess_Read(files, file, &count, &buffer, flags);
    check_hr_at(__FILE__, line, actual, hr, "Read");
    check_int_at(__FILE__, line, count, len, "bytes read");
    check_true_at(__FILE__, line, !buffer == FAILED(actual), "a buffer where there is success");
    if (!buffer) return;
    check_hr_at(__FILE__, line, IByteBuffer_Read(buffer, bytes, sizeof(bytes), &got), S_OK,
                "buffer");
    check_true_at(__FILE__, line, got == len && memcmp(bytes, text, (size_t)len) == 0, "content");
    IByteBuffer_Release(buffer);
}

static HRESULT write_text(HSCARD_FILE file, SCARD_FLAGS flags, const char *text)
{
    IByteBuffer *buffer = buffer_of(text, (LONG)strlen(text));
    HRESULT hr = ISCardFileAccess_Write(files, file, (LONG)strlen(text), buffer, flags);
    IByteBuffer_Release(buffer);
    return hr;
}

static void rewind_file(HSCARD_FILE file)
{
    check_hr(ISCardFileAccess_Seek(files, file, 0, SC_SEEK_FROM_BEGINNING), S_OK);
}

/* The card begins to count anew, and so does the client. */
static void reset_card(void)
{
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(ISCardManage_SCardUnlock(manage, RESET), S_OK);
}

static void without_keys(void)
{
    HSCARD_FILE file = open_file(L"7F30\\6F01");

    check_context("without keys");
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");
    check_description(L"Read", L"needs keys");
    check_hr(write_text(file, SECURE, "no"), SC(E_UNSUPPORTED_FEATURE));
    check_read(file, PLAIN, 6, SC(W_SECURITY_VIOLATION), "");
    check_description(L"6982");
    check_hr(write_text(file, PLAIN, "no"), SC(W_SECURITY_VIOLATION));
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
}

static void with_keys(LONG algorithm, const char *keys, const WCHAR *path, const char *first_word)
{
    HSCARD_FILE file = open_file(path);

    check_context("%ls", path);
    check_hr(app_auth(algorithm, NULL, keys), S_OK);
    check_read(file, SECURE, 6, S_OK, first_word);
    check_read(file, PLAIN, 6, SC(W_SECURITY_VIOLATION), "");
    rewind_file(file);
    check_hr(write_text(file, SECURE, "SEALED"), S_OK);
    check_hr(write_text(file, PLAIN, "open"), SC(W_SECURITY_VIOLATION));
    rewind_file(file);
    check_read(file, SECURE, 6, S_OK, "SEALED");
    rewind_file(file);
    check_hr(write_text(file, SECURE, "sealed"), S_OK);
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    reset_card();
}

/* More than one command carries. */
static void long_file(LONG algorithm, const char *keys, const WCHAR *path)
{
    static BYTE expected[PATTERN_LEN], bytes[PATTERN_LEN + 1];
    HSCARD_FILE file = open_file(path);
    IByteBuffer *buffer = NULL;
    LONG count = PATTERN_LEN + 100, got = 0;

    check_context("%ls", path);
    for (LONG i = 0; i < PATTERN_LEN; i++)
        expected[i] = (BYTE)(i ^ (i / 256) * 5);
    check_hr(app_auth(algorithm, "00", keys), S_OK);
    check_hr(ISCardFileAccess_Read(files, file, &count, &buffer, SECURE), S_OK);
    check_int(count, PATTERN_LEN);
    check_hr(IByteBuffer_Read(buffer, bytes, sizeof(bytes), &got), S_OK);
    check_int(got, PATTERN_LEN);
    check(memcmp(bytes, expected, PATTERN_LEN) == 0);
    IByteBuffer_Release(buffer);

    for (LONG i = 0; i < PATTERN_LEN; i++)
        expected[i] = (BYTE)~expected[i];
    buffer = buffer_of(expected, PATTERN_LEN);
    rewind_file(file);
    check_hr(ISCardFileAccess_Write(files, file, PATTERN_LEN, buffer, SECURE), S_OK);
    IByteBuffer_Release(buffer);
    buffer = NULL;
    rewind_file(file);
    count = PATTERN_LEN;
    check_hr(ISCardFileAccess_Read(files, file, &count, &buffer, SECURE), S_OK);
    check_hr(IByteBuffer_Read(buffer, bytes, sizeof(bytes), &got), S_OK);
    check_int(got, PATTERN_LEN);
    check(memcmp(bytes, expected, PATTERN_LEN) == 0);
    IByteBuffer_Release(buffer);
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    reset_card();
}

static void other_methods(void)
{
    static BYTE wanted[] = { 0x80, 0x83 };
    TLV_TABLE tags[] = { { 1, &wanted[0] }, { 1, &wanted[1] } }, *table = tags;
    BSTR path = SysAllocString(L"7F30\\6F01"), open_path = SysAllocString(L"7F30\\6F05");
    LONG count = 2;
    HSCARD_FILE file = open_file(L"7F30\\6F05");

    check_context("other methods");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_hr(ISCardFileAccess_GetProperties(files, SC_TYPE_BY_ID, path, &table, &count, SECURE),
             S_OK);
    check_int(count, 2);
    check(table != tags && table[0].cbSize == 4 && memcmp(table[0].byData, "\x80\2\0\x40", 4) == 0);
    for (LONG i = 0; i < count; i++)
        CoTaskMemFree(table[i].byData);
    CoTaskMemFree(table);
    check_hr(ISCardFileAccess_Invalidate(files, open_path, SECURE), S_OK);
    check_hr(ISCardFileAccess_Rehabilitate(files, open_path, SECURE), S_OK);
    check_read(file, SECURE, 4, S_OK, "open");
    check_read(file, PLAIN, 13, S_OK, " to everybody");
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    SysFreeString(path);
    SysFreeString(open_path);
    reset_card();
}

static void keys_end(void)
{
    HSCARD_FILE file = open_file(L"7F30\\6F01");
    ISCardManage *other = NULL;

    check_context("wrong keys");
    check_hr(app_auth(DES_SESSION, NULL,
                      "979EC13B1CBFE9DCD01AB0FED307EAE5"
                      "F1CB1F1FB5ADF208806B89DC579DC1F9"
                      "887022120C06C227"),
             S_OK);
    check_read(file, SECURE, 6, SC(W_SECURITY_VIOLATION), "");
    check_description(L"Read", L"6988", L"have ended");
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK); /* the card has ended it as well */
    check_read(file, SECURE, 6, SC(W_SECURITY_VIOLATION), "");
    check_description(L"6985");

    check_context("reset in between");
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    reset_card();
    file = open_file(L"7F30\\6F01"); /* to where the card has its keys */
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_read(file, SECURE, 6, S_OK, "sealed");
    reset_card();
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");

    check_context("reset by another program");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    other = client_attached(reader, SHARED);
    check_hr(ISCardManage_SCardLock(other), S_OK);
    check_hr(ISCardManage_SCardUnlock(other, RESET), S_OK);
    ISCardManage_Release(other);
    check_read(file, SECURE, 6, SC(W_RESET_CARD), "");
    check_hr(ISCardManage_Reconnect(manage), S_OK);
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");

    check_context("keys taken away");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_hr(app_auth(DES_SESSION, NULL, ""), S_OK);
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");

    check_context("another attachment");
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_hr(ISCardManage_AttachByIFD(manage, reader, SHARED), S_OK);
    file = open_file(L"7F30\\6F01");
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
}

static void keys_are_checked(void)
{
    static const struct
    {
        LONG algorithm;
        const char *param, *keys;
        const WCHAR *said;
    } rows[] = {
        { DES_SESSION, NULL, "00", L"two keys and a counter" },
        { DES_SESSION, NULL, KEY_1 KEY_2, L"16 bytes" },
        { DES_SESSION, NULL, KEY_1 KEY_1 "887022120C06C2", L"two keys and a counter" },
        { DES_SESSION, NULL, KEY_3 KEY_3 "887022120C06C226", L"16 bytes" },
        { DES_SESSION, NULL, "0123456789ABCDEF0123456789ABCDEF" KEY_1 "887022120C06C226",
          L"single DES" },
        { AES_SESSION, NULL, KEY_2 "00112233445566778899AABBCCDDEEFF", L"16, 24 or 32" },
        { AES_SESSION, NULL, DES_KEYS, L"16, 24 or 32" },
        { AES_SESSION, "02", AES_KEYS, L"0 or 1" },
        { AES_SESSION, "0100", AES_KEYS, L"0 or 1" },
        { 0x202, NULL, AES_KEYS, L"algorithm" },
    };
    ISCardManage *alone = NULL;
    ISCardAuth *detached = NULL;
    IByteBuffer *data = buffer_of_hex(DES_KEYS);

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        check_context("keys for secure messaging, row %u", (unsigned)i);
        check_hr(app_auth(rows[i].algorithm, rows[i].param, rows[i].keys), E_INVALIDARG);
        check_description(L"APP_Auth", rows[i].said);
    }
    check_context("keys without attachment");
    alone = client_manage();
    check_hr(ISCardManage_CreateCardAuth(alone, &detached), S_OK);
    check_hr(ISCardAuth_APP_Auth(detached, DES_SESSION, NULL, data), SC(E_INVALID_HANDLE));
    ISCardAuth_Release(detached);
    ISCardManage_Release(alone);
    IByteBuffer_Release(data);
}

/* A card that lets nothing plain in between. */
static void keys_for_all(void)
{
    BSTR dir = SysAllocString(L"\\7F32");
    HSCARD_FILE file;

    check_context("keys for all commands");
    check_hr(ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, dir), S_OK);
    check_hr(app_auth(AES_SESSION, "01", BIG_KEYS), S_OK);
    file = open_file(L"6F01");
    check_read(file, PLAIN, 6, S_OK, "sealed");
    check_read(file, SECURE, 5, S_OK, " with");
    check_hr(app_auth(AES_CBC, "04", KEY_4), S_OK); /* wrapped as well */
    check_read(file, PLAIN, 4, S_OK, " AES");
    check_hr(app_auth(AES_SESSION, NULL, ""), S_OK);
    check_read(file, PLAIN, 6, SC(W_SECURITY_VIOLATION), "");
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    SysFreeString(dir);
    reset_card();
}

/* Keys that both sides make of static ones. */
static void keys_agreed_on(void)
{
    BSTR dir = SysAllocString(L"\\7F33");
    HSCARD_FILE file;

    check_context("keys agreed on");
    check_hr(ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, dir), S_OK);
    check_hr(app_auth(DES_AGREEMENT, "0001", STATIC_KEYS), S_OK);
    file = open_file(L"6F01");
    check_read(file, SECURE, 6, S_OK, "sealed");
    check_read(file, PLAIN, 5, S_OK, " with");
    check_hr(app_auth(DES_AGREEMENT, "0001", STATIC_KEYS), S_OK);
    check_read(file, PLAIN, 5, S_OK, " keys");
    check_hr(app_auth(DES_AGREEMENT, "0001", KEY_1 KEY_2), SC(W_SECURITY_VIOLATION));
    check_description(L"APP_Auth", L"6300");
    check_read(file, SECURE, 6, SC(E_UNSUPPORTED_FEATURE), "");
    check_hr(app_auth(DES_AGREEMENT, NULL, KEY_1), E_INVALIDARG);
    check_description(L"16 bytes");
    check_hr(app_auth(DES_AGREEMENT, NULL, ""), E_INVALIDARG);
    check_hr(app_auth(DES_AGREEMENT, "000100", STATIC_KEYS), E_INVALIDARG);
    check_description(L"key's reference");
    check_hr(app_auth(DES_AGREEMENT, "0002", STATIC_KEYS), E_INVALIDARG);
    check_description(L"0 or 1");
    check_hr(ISCardFileAccess_Close(files, file), S_OK);
    SysFreeString(dir);
    reset_card();
}

/* Codes that travel wrapped. */
static void codes(void)
{
    const SCARD_FLAGS secure = (SCARD_FLAGS)(SC_FL_SECURE_MESSAGING | SC_FL_IHV_GLOBAL);
    IByteBuffer *wrong = buffer_of("4321", 4), *right = buffer_of("1234", 4);
    BSTR dir = SysAllocString(L"\\7F30");
    ISCardVerify *verify = NULL;
    LONG number = 1;

    check_context("codes");
    check_hr(ISCardManage_CreateCHVerification(manage, &verify), S_OK);
    check_hr(ISCardVerify_Verify(verify, right, secure, &number), SC(E_UNSUPPORTED_FEATURE));
    check_hr(ISCardVerify_ChangeCode(verify, right, wrong, secure, 1), SC(E_UNSUPPORTED_FEATURE));
    check_hr(ISCardVerify_Unblock(verify, 0, secure, 1), SC(E_UNSUPPORTED_FEATURE));
    check_hr(ISCardFileAccess_ChangeDir(files, SC_TYPE_BY_ID, dir), S_OK);
    check_hr(app_auth(DES_SESSION, NULL, DES_KEYS), S_OK);
    check_hr(ISCardVerify_Verify(verify, wrong, secure, &number), SC(W_WRONG_CHV));
    check_description(L"Verify", L"63C2", L"Tries left: 2");
    check_hr(ISCardVerify_Verify(verify, right, secure, &number), S_OK);
    check_hr(ISCardVerify_ChangeCode(verify, right, wrong, secure, 1), S_OK);
    check_hr(ISCardVerify_ChangeCode(verify, wrong, right, secure, 1), S_OK);
    check_hr(ISCardVerify_Verify(verify, NULL, secure | SC_FL_IHV_CHECKONLY, &number), S_OK);
    /* Plain in between, and what it was is over. */
    check_hr(ISCardVerify_Verify(verify, right, SC_FL_IHV_GLOBAL, &number), S_OK);
    check_hr(app_auth(DES_SESSION, NULL, ""), S_OK);
    check_hr(ISCardVerify_Verify(verify, right, secure, &number), SC(E_UNSUPPORTED_FEATURE));
    ISCardVerify_Release(verify);
    IByteBuffer_Release(wrong);
    IByteBuffer_Release(right);
    SysFreeString(dir);
    reset_card();
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    check(simcard_remove());
    if (check(simcard_order("card secure.card")) && check(simcard_insert()))
    {
        manage = client_attached(reader, SHARED);
        check_hr(ISCardManage_CreateCardAuth(manage, &auth), S_OK);
        check_hr(ISCardManage_CreateFileAccess(manage, &files), S_OK);
        application_proves_itself();
        card_proves_itself();
        without_keys();
        with_keys(DES_SESSION, DES_KEYS, L"7F30\\6F01", "sealed");
        with_keys(AES_SESSION, AES_KEYS, L"7F31\\6F01", "sealed");
        long_file(DES_SESSION, DES_KEYS, L"7F30\\6F03");
        long_file(AES_SESSION, AES_KEYS, L"7F31\\6F03");
        other_methods();
        keys_end();
        keys_are_checked();
        keys_for_all();
        keys_agreed_on();
        codes();
        ISCardFileAccess_Release(files);
        ISCardAuth_Release(auth);
        ISCardManage_Release(manage);
    }
    check_context(NULL);
    check(simcard_remove());
    check(simcard_order("card demo.card"));
    check(simcard_insert());
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
