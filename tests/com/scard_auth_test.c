/*
 * scard_auth_test - every method of ISCardAuth, good and bad, with the demo card's keys; the other
 *                   side of each cryptogram is computed by the system's own ciphers.
 * Layer: tests. Needs the registered server, a reader with the demo card, and its control port.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <wincrypt.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/check.h"
#include "support/client.h"
#include "support/simcard_control.h"

#define SC(name)      ((HRESULT)SCARD_##name)
#define CIPHERED_MAX  64
#define KEY_1         1 /* 3DES, two parts */
#define KEY_2         2 /* AES, 128 bits */
#define KEY_ABSENT    5
#define KEY_MAX_BYTES 16

static BSTR reader;
static ISCardManage *manage;
static ISCardAuth *auth;

/* What the card computes, by advapi32: CBC from zero, data of whole blocks. */
static void encipher(int key_number, const BYTE *data, DWORD len, BYTE *out)
{
    static const struct
    {
        ALG_ID algorithm;
        BYTE bytes[KEY_MAX_BYTES];
    } keys[] = {
        { CALG_3DES_112,
          { 0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF, 0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54,
            0x32, 0x10 } },
        { CALG_AES_128, { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15 } },
    };
    struct
    {
        BLOBHEADER header;
        DWORD len;
        BYTE bytes[KEY_MAX_BYTES];
    } blob = { { PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, keys[key_number - 1].algorithm },
               KEY_MAX_BYTES,
               { 0 } };
    BYTE room[CIPHERED_MAX + KEY_MAX_BYTES] = { 0 };
    DWORD room_len = len;
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;

    memcpy(blob.bytes, keys[key_number - 1].bytes, KEY_MAX_BYTES);
    memcpy(room, data, len);
    check(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT));
    check(CryptImportKey(provider, (BYTE *)&blob, sizeof(blob), 0, 0, &key));
    check(CryptEncrypt(key, 0, FALSE, 0, room, &room_len, sizeof(room)));
    check_int(room_len, len);
    memcpy(out, room, len);
    CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
}

/* Reads as clients do: at the seek pointer, which is at the beginning. */
static LONG take(IByteBuffer *buffer, BYTE *bytes, LONG capacity)
{
    LONG len = 0;
    check_hr(IByteBuffer_Read(buffer, bytes, capacity, &len), S_OK);
    return len;
}

static void before_attach(void)
{
    ISCardManage *alone = NULL;
    ISCardAuth *detached = NULL;
    IByteBuffer *data = buffer_of("12345678", 8), *result = NULL;
    LONG len = 8;

    check_context("before attach");
    alone = client_manage();
    check_hr(ISCardManage_CreateCardAuth(alone, &detached), S_OK);
    check_hr(ISCardAuth_GetChallenge(detached, 0, NULL, &len, &result), SC(E_INVALID_HANDLE));
    check_int(len, 0);
    check(result == NULL);
    check_hr(ISCardAuth_APP_Auth(detached, 0, NULL, data), SC(E_INVALID_HANDLE));
    len = 8;
    check_hr(ISCardAuth_ICC_Auth(detached, 0, NULL, &len, &data), SC(E_INVALID_HANDLE));
    len = 8;
    check_hr(ISCardAuth_User_Auth(detached, 0, NULL, &len, &data), SC(E_INVALID_HANDLE));
    check_hr(ISCardAuth_Initialize(detached, &len), E_NOTIMPL);
    IByteBuffer_Release(data);
    ISCardAuth_Release(detached);
    ISCardManage_Release(alone);
}

static void challenges(void)
{
    IByteBuffer *buffer = NULL, *before;
    BYTE first[64], second[64];
    LONG len = 0;

    check_context("GetChallenge");
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer), S_OK);
    check_int(len, 8); /* as many as this card likes */
    check_int(take(buffer, first, sizeof(first)), 8);
    before = buffer;
    len = 16;
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer), S_OK);
    check_int(len, 16);
    check(buffer == before); /* the buffer that came in, with new content */
    check_int(take(buffer, second, sizeof(second)), 16);
    check(memcmp(first, second, 8) != 0);

    len = -1;
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer), E_INVALIDARG);
    check_int(len, 0);
    check_description(L"GetChallenge", L"negative");
    len = 8;
    check_hr(ISCardAuth_GetChallenge(auth, -1, NULL, &len, &buffer), E_INVALIDARG);
    check_hr(ISCardAuth_GetChallenge(auth, 256, NULL, &len, &buffer), E_INVALIDARG);
    check_description(L"algorithm");
    check_hr(ISCardAuth_GetChallenge(auth, 7, NULL, &len, &buffer), SC(E_INVALID_VALUE));
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, NULL, &buffer), E_POINTER);
    len = 8;
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, NULL), E_POINTER);
    check_int(len, 0);
    for (int i = 0; i < 2; i++)
    {
        IByteBuffer *none = NULL, **place = i ? &none : NULL;
        len = 8;
        check_hr(ISCardAuth_ICC_Auth(auth, 0, NULL, &len, place), E_POINTER);
        check_int(len, 0);
        len = 8;
        check_hr(ISCardAuth_User_Auth(auth, 0, NULL, &len, place), E_POINTER);
        check_int(len, 0);
    }
    IByteBuffer_Release(buffer);
}

/* The card in the reader with one quirk more; "reset-state" is the one without. */
static void change_card_by(const char *order)
{
    check(simcard_remove());
    check(simcard_order(order));
    check(simcard_insert());
    check_hr(ISCardManage_Reconnect(manage), S_OK);
}

/* What a card gives beyond the bytes that were asked for is not told. */
static void longer_challenges(void)
{
    static const char *const quirks[] = { "quirk answer 84 behind 4", "quirk answer 84 longer 58" };
    IByteBuffer *buffer = NULL;
    BYTE bytes[64];

    for (int i = 0; i < 2; i++)
    {
        LONG len = 4;
        check_context("GetChallenge, %s", quirks[i]);
        change_card_by(quirks[i]);
        check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer), S_OK);
        check_int(len, 4);
        check_int(take(buffer, bytes, sizeof(bytes)), 4);
        change_card_by("reset-state");
    }
    IByteBuffer_Release(buffer);
}

static HRESULT app_auth(BYTE key_number, const void *cryptogram, LONG len)
{
    IByteBuffer *param = buffer_of(&key_number, 1), *data = buffer_of(cryptogram, len);
    HRESULT hr = ISCardAuth_APP_Auth(auth, 0, param, data);
    IByteBuffer_Release(param);
    IByteBuffer_Release(data);
    return hr;
}

static void get_challenge(BYTE *challenge, LONG wanted)
{
    IByteBuffer *buffer = NULL;
    LONG len = wanted;
    check_hr(ISCardAuth_GetChallenge(auth, 0, NULL, &len, &buffer), S_OK);
    check_int(len, wanted);
    check_int(take(buffer, challenge, wanted), wanted);
    IByteBuffer_Release(buffer);
}

static void application(void)
{
    BYTE challenge[16], cryptogram[16];

    check_context("APP_Auth");
    check_hr(ISCardManage_SCardLock(manage), S_OK);
    check_hr(app_auth(KEY_1, "12345678", 8), SC(E_NO_ACCESS)); /* nothing was asked for */
    get_challenge(challenge, 8);
    encipher(KEY_1, challenge, 8, cryptogram);
    check_hr(app_auth(KEY_1, cryptogram, 8), S_OK);
    check_hr(app_auth(KEY_1, cryptogram, 8), SC(E_NO_ACCESS)); /* a challenge is good for once */
    get_challenge(challenge, 16);
    encipher(KEY_2, challenge, 16, cryptogram);
    check_hr(app_auth(KEY_2, cryptogram, 16), S_OK);

    check_context("APP_Auth, wrong");
    get_challenge(challenge, 8);
    check_hr(app_auth(KEY_1, "wrong...", 8), SC(W_SECURITY_VIOLATION));
    check_description(L"APP_Auth", L"63C4", L"Tries left: 4");
    get_challenge(challenge, 8);
    encipher(KEY_1, challenge, 8, cryptogram);
    check_hr(app_auth(KEY_1, cryptogram, 8), S_OK); /* all tries again */
    get_challenge(challenge, 8);
    check_hr(app_auth(KEY_ABSENT, "12345678", 8), SC(E_FILE_NOT_FOUND));
    get_challenge(challenge, 8);
    check_hr(app_auth(KEY_1, "short", 5), SC(E_INVALID_PARAMETER));
    check_hr(app_auth(KEY_1, "", 0), E_INVALIDARG);
    check_description(L"cryptogram is empty");
    check_hr(ISCardAuth_APP_Auth(auth, 0, NULL, NULL), E_POINTER);
    IByteBuffer *two = buffer_of("\1\2", 2), *data = buffer_of("12345678", 8);
    check_hr(ISCardAuth_APP_Auth(auth, 0, two, data), E_INVALIDARG);
    check_description(L"one byte");
    IByteBuffer_Release(two);
    IByteBuffer_Release(data);
    check_hr(ISCardManage_SCardUnlock(manage, LEAVE), S_OK);
}

static void card(void)
{
    static const struct
    {
        BYTE key;
        LONG len;
    } rows[] = { { KEY_1, 8 }, { KEY_2, 16 }, { KEY_1, 24 }, { KEY_2, 32 } };

    for (size_t i = 0; i < ARRAYSIZE(rows); i++)
    {
        BYTE data[32], expected[32], got[64];
        IByteBuffer *param = buffer_of(&rows[i].key, 1), *buffer, *before;
        LONG len = 0;

        check_context("ICC_Auth, row %u", (unsigned)i);
        for (LONG at = 0; at < rows[i].len; at++)
            data[at] = (BYTE)(at * 7 + (LONG)i);
        buffer = before = buffer_of(data, rows[i].len);
        check_hr(IByteBuffer_Seek(buffer, 0, STREAM_SEEK_END, NULL), S_OK);
        check_hr(ISCardAuth_ICC_Auth(auth, 0, param, &len, &buffer), S_OK);
        check(buffer == before);
        encipher(rows[i].key, data, (DWORD)rows[i].len, expected);
        check_int(len, rows[i].len);
        check_int(take(buffer, got, sizeof(got)), rows[i].len);
        check(memcmp(got, expected, (size_t)rows[i].len) == 0);
        IByteBuffer_Release(param);
        IByteBuffer_Release(buffer);
    }

    IByteBuffer *empty = buffer_of("", 0), *none = NULL, *data = buffer_of("12345678", 8);
    IByteBuffer *absent = buffer_of("\5", 1);
    LONG len = 8;
    check_context("ICC_Auth, bad");
    check_hr(ISCardAuth_ICC_Auth(auth, 0, NULL, &len, &none), E_POINTER);
    check_hr(ISCardAuth_ICC_Auth(auth, 0, NULL, NULL, &data), E_POINTER);
    check_hr(ISCardAuth_ICC_Auth(auth, 0, NULL, &len, NULL), E_POINTER);
    check_hr(ISCardAuth_ICC_Auth(auth, 0, NULL, &len, &empty), E_INVALIDARG);
    check_int(len, 0);
    check_hr(ISCardAuth_ICC_Auth(auth, 0, absent, &len, &data), SC(E_FILE_NOT_FOUND));
    check_description(L"ICC_Auth", L"6A88");
    IByteBuffer_Release(empty);
    IByteBuffer_Release(data);
    IByteBuffer_Release(absent);
}

static HRESULT user_auth(const void *param_bytes, LONG param_len, BYTE got[8])
{
    IByteBuffer *param = buffer_of(param_bytes, param_len), *buffer = buffer_of("remote!!", 8);
    LONG len = 0;
    HRESULT hr = ISCardAuth_User_Auth(auth, 0, param, &len, &buffer);

    check_int(len, SUCCEEDED(hr) ? 8 : 0);
    check_int(take(buffer, got, 8), 8);
    IByteBuffer_Release(param);
    IByteBuffer_Release(buffer);
    return hr;
}

static void user(void)
{
    BYTE expected[8], got[8];

    check_context("User_Auth");
    encipher(KEY_1, (const BYTE *)"remote!!", 8, expected);
    check_hr(user_auth("\1\1"
                       "1234",
                       6, got),
             S_OK);
    check(memcmp(got, expected, 8) == 0);
    check_hr(user_auth("\1", 1, got), S_OK); /* without a code */
    check(memcmp(got, expected, 8) == 0);
    /* No answer without the right code, and the data stay what they were. */
    check_hr(user_auth("\1\1"
                       "4321",
                       6, got),
             SC(W_WRONG_CHV));
    check_description(L"User_Auth", L"Tries left: 2");
    check(memcmp(got, "remote!!", 8) == 0);
    /* An empty PIN is typed at the reader, which has no keys. */
    check_hr(user_auth("\1\1", 2, got), SC(E_UNSUPPORTED_FEATURE));
    check_hr(user_auth("\1\1"
                       "1234",
                       6, got),
             S_OK);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    reader = SysAllocString(test_reader());
    if (!check(simcard_wait(true))) return check_finish();
    before_attach();
    manage = client_attached(reader, SHARED);
    check_hr(ISCardManage_CreateCardAuth(manage, &auth), S_OK);
    challenges();
    longer_challenges();
    application();
    card();
    user();
    ISCardAuth_Release(auth);
    ISCardManage_Release(manage);
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
