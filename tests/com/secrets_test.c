/*
 * secrets_test - PINs and keys that a client gave, early and late bound, are nowhere in its process
 *                once the calls are over and it has wiped its own copies.
 * Layer: tests. Needs the registered server and a reader with a card, which it leaves as new.
 *
 * Design notes. What is looked for is kept masked, and compared byte by byte: this program itself
 * never holds it but where it is given, and wipes it there. The PINs and keys are wrong ones: what is
 * kept or forgotten does not depend on the card's answer.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <wincrypt.h>

#include "support/check.h"
#include "support/client.h"
#include "support/late_bound.h"
#include "support/simcard_control.h"

#define MASK 0xA5

enum
{
    SECRET_LEN = 8,
    KEYS_LEN = 40, /* two keys and a counter */
    PUK = 71948362,
};

/* Digits, so that a PIN may be made of them. */
static const BYTE masked[SECRET_LEN] = { '7' ^ MASK, '1' ^ MASK, '9' ^ MASK, '4' ^ MASK,
                                         '8' ^ MASK, '3' ^ MASK, '6' ^ MASK, '2' ^ MASK };

/* The secret over and over, each time with another last byte: the parts of a key differ, and not by
 * their parity alone. */
static void fill(BYTE *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++)
        bytes[i] = (BYTE)((masked[i % SECRET_LEN] ^ MASK) ^
                          (i % SECRET_LEN == SECRET_LEN - 1 ? i / SECRET_LEN * 2 : 0));
}

/* Seven bytes of it in a row, a byte or a character each. */
static bool is_here(const volatile BYTE *at, size_t step)
{
    for (size_t i = 0; i < SECRET_LEN - 1; i++)
        if ((at[i * step] ^ MASK) != masked[i]) return false;
    return true;
}

static int find_in(const BYTE *base, size_t len)
{
    int found = 0;

    for (size_t i = 0; i + 2 * SECRET_LEN <= len; i++)
    {
        if ((base[i] ^ MASK) != masked[0] || !(is_here(base + i, 1) || is_here(base + i, 2)))
            continue;
        found++;
        printf("  found at %p\n", (const void *)(base + i));
    }
    return found;
}

/* Everything that this process can read and write. */
static int find_secret(void)
{
    const DWORD writable = PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE;
    MEMORY_BASIC_INFORMATION region;
    BYTE *at = NULL;
    int found = 0;

    while (VirtualQuery(at, &region, sizeof(region)) == sizeof(region))
    {
        if (region.State == MEM_COMMIT && region.Protect & writable &&
            !(region.Protect & PAGE_GUARD))
            found += find_in(region.BaseAddress, region.RegionSize);
        BYTE *next = (BYTE *)region.BaseAddress + region.RegionSize;
        if (next <= at) break;
        at = next;
    }
    return found;
}

static IByteBuffer *early_buffer(LONG len)
{
    BYTE bytes[KEYS_LEN];

    fill(bytes, (size_t)len);
    IByteBuffer *buffer = buffer_of(bytes, len);
    SecureZeroMemory(bytes, sizeof(bytes));
    return buffer;
}

/* As a script fills it: a text with a character for each byte. */
static IByteBuffer *late_buffer(LONG len)
{
    IByteBuffer *buffer = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    BYTE bytes[KEYS_LEN];
    VARIANT arguments[3] = { late_number(0), late_number(len), late_number(0) };
    BSTR text = SysAllocStringLen(NULL, (UINT)len);

    fill(bytes, (size_t)len);
    for (LONG i = 0; i < len; i++)
        text[i] = bytes[i];
    SecureZeroMemory(bytes, sizeof(bytes));
    V_VT(&arguments[0]) = VT_BSTR;
    V_BSTR(&arguments[0]) = text;
    check_hr(late_call((IDispatch *)buffer, L"Write", DISPATCH_METHOD, arguments, 3, NULL), S_OK);
    SecureZeroMemory(text, (size_t)len * sizeof(WCHAR));
    SysFreeString(text);
    return buffer;
}

/* The same as an array of bytes, or of VARIANTs with numbers in them. */
static IByteBuffer *array_buffer(VARTYPE vt, LONG len)
{
    IByteBuffer *buffer = create_object(&CLSID_CByteBuffer, &IID_IByteBuffer);
    SAFEARRAY *array = SafeArrayCreateVector(vt, 0, (ULONG)len);
    BYTE bytes[KEYS_LEN];
    VARIANT arguments[3] = { late_number(0), late_number(len), late_number(0) };

    fill(bytes, (size_t)len);
    for (LONG i = 0; i < len; i++)
    {
        if (vt == VT_UI1)
            ((BYTE *)array->pvData)[i] = bytes[i];
        else
            ((VARIANT *)array->pvData)[i] = late_number(bytes[i]);
    }
    SecureZeroMemory(bytes, sizeof(bytes));
    V_VT(&arguments[0]) = VT_ARRAY | vt;
    V_ARRAY(&arguments[0]) = array;
    check_hr(late_call((IDispatch *)buffer, L"Write", DISPATCH_METHOD, arguments, 3, NULL), S_OK);
    SecureZeroMemory(array->pvData, (size_t)len * array->cbElements);
    SafeArrayDestroy(array);
    return buffer;
}

/* The objects of one client. */
static struct
{
    ISCardManage *manage;
    ISCardVerify *verify;
    ISCardAuth *auth;
} client;

static void call_late(void *object, const WCHAR *name, VARIANT *arguments, UINT count)
{
    check(FAILED(late_call((IDispatch *)object, name, DISPATCH_METHOD, arguments, count, NULL)));
}

static void use_pins(IByteBuffer *pin, IByteBuffer *other, IByteBuffer *answer, bool is_late)
{
    IByteBuffer *param = buffer_of("\1", 1);
    LONG reference = 1;

    if (is_late)
    {
        VARIANT flags = late_number(SC_FL_IHV_GLOBAL), number = late_number(1);
        call_late(client.verify, L"Verify", (VARIANT[]){ late_object(pin), flags, number }, 3);
        call_late(client.verify, L"ChangeCode",
                  (VARIANT[]){ late_object(pin), late_object(other), flags, number }, 4);
        call_late(client.verify, L"Unblock", (VARIANT[]){ late_number(PUK), flags, number }, 3);
        call_late(client.auth, L"APP_Auth",
                  (VARIANT[]){ late_number(1), late_object(param), late_object(answer) }, 3);
    }
    else
    {
        check(FAILED(ISCardVerify_Verify(client.verify, pin, SC_FL_IHV_GLOBAL, &reference)));
        check(FAILED(ISCardVerify_ChangeCode(client.verify, pin, other, SC_FL_IHV_GLOBAL, 1)));
        check(FAILED(ISCardVerify_Unblock(client.verify, PUK, SC_FL_IHV_GLOBAL, 1)));
        check(FAILED(ISCardAuth_APP_Auth(client.auth, 1, param, answer)));
    }
    IByteBuffer_Release(param);
}

static void use_keys(IByteBuffer *key, IByteBuffer *keys, bool is_late)
{
    IByteBuffer *param = buffer_of("\1", 1);

    if (is_late)
    {
        VARIANT channel[3] = { late_number(0x200), late_object(NULL), late_object(keys) };
        call_late(client.auth, L"APP_Auth",
                  (VARIANT[]){ late_number(0x101), late_object(param), late_object(key) }, 3);
        check_hr(
            late_call((IDispatch *)client.auth, L"APP_Auth", DISPATCH_METHOD, channel, 3, NULL),
            S_OK);
    }
    else
    {
        check(FAILED(ISCardAuth_APP_Auth(client.auth, 0x101, param, key)));
        check_hr(ISCardAuth_APP_Auth(client.auth, 0x200, NULL, keys), S_OK);
    }
    IByteBuffer_Release(param);
}

/* A key that was given to the system's ciphers, and taken back. */
static bool the_system_forgets(void)
{
    struct
    {
        BLOBHEADER header;
        DWORD len;
        BYTE bytes[16];
    } blob = { { PLAINTEXTKEYBLOB, CUR_BLOB_VERSION, 0, CALG_3DES_112 }, 16, { 0 } };
    HCRYPTPROV provider = 0;
    HCRYPTKEY key = 0;

    if (!check(CryptAcquireContextW(&provider, NULL, NULL, PROV_RSA_AES, CRYPT_VERIFYCONTEXT)))
        return false;
    fill(blob.bytes, sizeof(blob.bytes));
    check(CryptImportKey(provider, (const BYTE *)&blob, sizeof(blob), 0, 0, &key));
    SecureZeroMemory(&blob, sizeof(blob));
    CryptDestroyKey(key);
    CryptReleaseContext(provider, 0);
    return find_secret() == 0;
}

static void attach(BSTR reader)
{
    client.manage = client_attached(reader, SHARED);
    check_hr(ISCardManage_CreateCHVerification(client.manage, &client.verify), S_OK);
    check_hr(ISCardManage_CreateCardAuth(client.manage, &client.auth), S_OK);
}

static void detach(void)
{
    check_hr(ISCardManage_Detach(client.manage), S_OK);
    ISCardAuth_Release(client.auth);
    ISCardVerify_Release(client.verify);
    ISCardManage_Release(client.manage);
}

/* Two secrets of these lengths go through `use`, and are gone. */
static void check_forgotten(const char *what, bool is_late, BSTR reader, bool are_keys)
{
    IByteBuffer *(*buffer_with)(LONG len) = is_late ? late_buffer : early_buffer;
    IByteBuffer *first = buffer_with(are_keys ? 16 : SECRET_LEN);
    IByteBuffer *second = buffer_with(are_keys ? KEYS_LEN : SECRET_LEN), *clone = NULL;

    check_context("%s, %s bound", what, is_late ? "late" : "early");
    attach(reader);
    if (are_keys)
        use_keys(first, second, is_late);
    else
        use_pins(first, second, second, is_late);
    detach();
    /* Buffers that grow, are copied, and cut. */
    check_hr(IByteBuffer_SetSize(first, 4000), S_OK);
    check_hr(IByteBuffer_Clone(first, &clone), S_OK);
    check_hr(IByteBuffer_SetSize(clone, 3), S_OK);
    IByteBuffer_Release(clone);
    IByteBuffer_Release(first);
    IByteBuffer_Release(second);
    check_int(find_secret(), 0);
    check_context(NULL);
}

/* What is looked for is found where it is. */
static void the_search_finds(void)
{
    IByteBuffer *buffer = early_buffer(SECRET_LEN);

    check_context("it is found while it is there");
    check(find_secret() > 0);
    IByteBuffer_Release(buffer);
    check_int(find_secret(), 0);
    check_context("what is written late bound is copied nowhere else");
    /* Long ones: the system keeps words of its own in the first bytes of what is free. */
    IByteBuffer *buffers[] = { late_buffer(KEYS_LEN), array_buffer(VT_UI1, KEYS_LEN),
                               array_buffer(VT_VARIANT, KEYS_LEN) };
    check_int(find_secret(), ARRAYSIZE(buffers) * KEYS_LEN / SECRET_LEN);
    for (size_t i = 0; i < ARRAYSIZE(buffers); i++)
        IByteBuffer_Release(buffers[i]);
    check_int(find_secret(), 0);
    check_context(NULL);
}

int main(void)
{
    BSTR reader = SysAllocString(test_reader());

    check_hr(CoInitializeEx(NULL, COINIT_MULTITHREADED), S_OK);
    the_search_finds();
    check_forgotten("PINs", false, reader, false);
    check_forgotten("PINs", true, reader, false);
    if (the_system_forgets())
    {
        check_forgotten("keys", false, reader, true);
        check_forgotten("keys", true, reader, true);
    }
    else
        check_skip("the ciphers of this system keep the keys that they were given");
    check_nothing_alive();
    check(simcard_remove() && simcard_order("card demo.card") && simcard_insert());
    SysFreeString(reader);
    CoUninitialize();
    return check_finish();
}
