/*
 * scard_database_test - every method of ISCardDatabase, good and bad, compiled and late bound, on
 *                       kinds of cards that it introduces itself.
 * Layer: tests. Needs the registered server and a reader with a card.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stddef.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"
#include "support/card_types.h"
#include "support/check.h"
#include "support/late_bound.h"
#include "support/simcard_control.h"
#include "support/text_array.h"

/* The vtable is the contract with compiled clients: slots of the published type library. */
#define SLOT(interface, member, slot)                                                              \
    _Static_assert(offsetof(interface##Vtbl, member) == (slot) * sizeof(void *), #member)
SLOT(ISCardDatabase, GetProviderCardId, 7);
SLOT(ISCardDatabase, ListCardInterfaces, 8);
SLOT(ISCardDatabase, ListCards, 9);
SLOT(ISCardDatabase, ListReaderGroups, 10);
SLOT(ISCardDatabase, ListReaders, 11);

#define SC(name) ((HRESULT)SCARD_##name)
#define ENGLISH  0x0409

static ISCardDatabase *database;
static BSTR here, elsewhere, unknown;
static BYTE atr[SCARD_ATR_LENGTH];
static DWORD atr_len;

static IByteBuffer *buffer_of(const void *bytes, LONG len)
{
    IByteBuffer *buffer = NULL;
    check_hr(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                              (void **)&buffer),
             S_OK);
    check_hr(IByteBuffer_Initialize(buffer, len, (BYTE *)bytes), S_OK);
    return buffer;
}

/* How many texts an array has; -1 where it is none of texts, from 0, in one dimension. */
static LONG count_of(SAFEARRAY *array)
{
    VARTYPE type = VT_EMPTY;
    LONG first = -1, last = -1;

    if (!array || SafeArrayGetDim(array) != 1) return -1;
    SafeArrayGetVartype(array, &type);
    SafeArrayGetLBound(array, 1, &first);
    SafeArrayGetUBound(array, 1, &last);
    return type == VT_BSTR && first == 0 ? last + 1 : -1;
}

static bool has_text(SAFEARRAY *array, const WCHAR *wanted)
{
    BSTR *texts;
    bool found = false;

    if (count_of(array) <= 0 || FAILED(SafeArrayAccessData(array, (void **)&texts))) return false;
    for (LONG i = 0; i < count_of(array); i++)
        if (texts[i] && lstrcmpW(texts[i], wanted) == 0) found = true;
    SafeArrayUnaccessData(array);
    return found;
}

static void providers(void)
{
    GUID *id = NULL, expected;
    BSTR empty = SysAllocString(L"");

    check_context("GetProviderCardId");
    CLSIDFromString(CARD_TYPE_PROVIDER, &expected);
    check_hr(ISCardDatabase_GetProviderCardId(database, here, &id), S_OK);
    check(id && IsEqualGUID(id, &expected));
    CoTaskMemFree(id);
    id = (GUID *)(ULONG_PTR)0x5555;
    check(FAILED(ISCardDatabase_GetProviderCardId(database, elsewhere, &id))); /* it has none */
    check(id == NULL);
    id = (GUID *)(ULONG_PTR)0x5555;
    check_hr(ISCardDatabase_GetProviderCardId(database, unknown, &id), SC(E_UNKNOWN_CARD));
    check(id == NULL);
    check_hr(ISCardDatabase_GetProviderCardId(database, NULL, &id), E_INVALIDARG);
    check_hr(ISCardDatabase_GetProviderCardId(database, empty, &id), E_INVALIDARG);
    check_hr(ISCardDatabase_GetProviderCardId(database, here, NULL), E_POINTER);
    SysFreeString(empty);
}

static void interfaces(void)
{
    SAFEARRAY *ids = NULL;

    check_context("ListCardInterfaces");
    check_hr(ISCardDatabase_ListCardInterfaces(database, here, &ids), S_OK);
    check_int(count_of(ids), 2);
    check(has_text(ids, CARD_TYPE_SIGNS_TEXT) && has_text(ids, CARD_TYPE_CALLS_TEXT));
    SafeArrayDestroy(ids);
    ids = NULL;
    HRESULT hr = ISCardDatabase_ListCardInterfaces(database, elsewhere, &ids);
    check(FAILED(hr) ? ids == NULL : count_of(ids) == 0);
    if (ids) SafeArrayDestroy(ids);
    ids = (SAFEARRAY *)(ULONG_PTR)0x5555;
    check_hr(ISCardDatabase_ListCardInterfaces(database, unknown, &ids), SC(E_UNKNOWN_CARD));
    check(ids == NULL);
    check_hr(ISCardDatabase_ListCardInterfaces(database, NULL, &ids), E_INVALIDARG);
    check_hr(ISCardDatabase_ListCardInterfaces(database, here, NULL), E_POINTER);
}

static void cards(void)
{
    static const WCHAR *const both[] = { CARD_TYPE_SIGNS_TEXT, CARD_TYPE_CALLS_TEXT };
    static const WCHAR *const nobody[] = { CARD_TYPE_SIGNS_TEXT, CARD_TYPE_NOBODY_TEXT };
    static const WCHAR *const wrong[] = { CARD_TYPE_SIGNS_TEXT, L"ScardManage.CSCard" };
    IByteBuffer *this_atr = buffer_of(atr, (LONG)atr_len), *no_atr = buffer_of("\x3B\0", 2);
    IByteBuffer *empty = buffer_of("", 0), *raw = NULL;
    BYTE long_bytes[SCARD_ATR_LENGTH + 1] = { 0x3B };
    IByteBuffer *long_atr = buffer_of(long_bytes, sizeof(long_bytes));
    SAFEARRAY *names = NULL, *given;

    check_context("ListCards");
    check_hr(IByteBuffer_Seek(this_atr, 0, STREAM_SEEK_END, NULL), S_OK);
    check_hr(ISCardDatabase_ListCards(database, NULL, NULL, ENGLISH, &names), S_OK);
    check(count_of(names) >= 2);
    check(has_text(names, CARD_TYPE_HERE) && has_text(names, CARD_TYPE_ELSEWHERE));
    SafeArrayDestroy(names);
    check_hr(ISCardDatabase_ListCards(database, this_atr, NULL, 0, &names), S_OK);
    check(has_text(names, CARD_TYPE_HERE) && !has_text(names, CARD_TYPE_ELSEWHERE));
    SafeArrayDestroy(names);
    check_hr(ISCardDatabase_ListCards(database, no_atr, NULL, 0, &names), S_OK);
    check_int(count_of(names), 0);
    SafeArrayDestroy(names);
    given = text_array(VT_BSTR, both, 2);
    check_hr(ISCardDatabase_ListCards(database, NULL, given, 0, &names), S_OK);
    check_int(count_of(names), 1);
    check(has_text(names, CARD_TYPE_HERE));
    SafeArrayDestroy(names);
    check_hr(ISCardDatabase_ListCards(database, this_atr, given, 0, &names), S_OK);
    check_int(count_of(names), 1);
    SafeArrayDestroy(names);
    SafeArrayDestroy(given);
    given = text_array(VT_BSTR, nobody, 2);
    check_hr(ISCardDatabase_ListCards(database, this_atr, given, 0, &names), S_OK);
    check_int(count_of(names), 0);
    SafeArrayDestroy(names);
    SafeArrayDestroy(given);

    check_context("ListCards, bad");
    names = (SAFEARRAY *)(ULONG_PTR)0x5555;
    given = text_array(VT_BSTR, wrong, 2);
    check_hr(ISCardDatabase_ListCards(database, NULL, given, 0, &names), E_INVALIDARG);
    check(names == NULL);
    SafeArrayDestroy(given);
    given = SafeArrayCreateVector(VT_UI1, 0, 3);
    check_hr(ISCardDatabase_ListCards(database, NULL, given, 0, &names), E_INVALIDARG);
    SafeArrayDestroy(given);
    SAFEARRAYBOUND bounds[2] = { { 1, 0 }, { 1, 0 } };
    given = SafeArrayCreate(VT_BSTR, 2, bounds);
    check_hr(ISCardDatabase_ListCards(database, NULL, given, 0, &names), E_INVALIDARG);
    SafeArrayDestroy(given);
    given = SafeArrayCreateVector(VT_BSTR, 0, 2); /* NULL texts */
    check_hr(ISCardDatabase_ListCards(database, NULL, given, 0, &names), E_INVALIDARG);
    SafeArrayDestroy(given);
    check_hr(ISCardDatabase_ListCards(database, empty, NULL, 0, &names), E_INVALIDARG);
    check_hr(ISCardDatabase_ListCards(database, long_atr, NULL, 0, &names), E_INVALIDARG);
    check_hr(ISCardDatabase_ListCards(database, this_atr, NULL, 0, NULL), E_POINTER);
    check_hr(CoCreateInstance(&CLSID_CByteBuffer, NULL, CLSCTX_INPROC_SERVER, &IID_IByteBuffer,
                              (void **)&raw),
             S_OK);
    check(FAILED(ISCardDatabase_ListCards(database, raw, NULL, 0, &names))); /* uninitialised */
    check(names == NULL);
    IByteBuffer_Release(raw);
    IByteBuffer_Release(empty);
    IByteBuffer_Release(long_atr);
    IByteBuffer_Release(no_atr);
    IByteBuffer_Release(this_atr);
}

static void readers_and_groups(void)
{
    SAFEARRAY *names = NULL;

    check_context("ListReaders");
    check_hr(ISCardDatabase_ListReaders(database, 0, &names), S_OK);
    check(has_text(names, test_reader()));
    SafeArrayDestroy(names);
    check_hr(ISCardDatabase_ListReaders(database, ENGLISH, NULL), E_POINTER);
    check_context("ListReaderGroups");
    check_hr(ISCardDatabase_ListReaderGroups(database, ENGLISH, &names), S_OK);
    check(has_text(names, L"SCard$DefaultReaders"));
    SafeArrayDestroy(names);
    check_hr(ISCardDatabase_ListReaderGroups(database, 0, NULL), E_POINTER);
}

static HRESULT call(const WCHAR *member, VARIANT *arguments, UINT count, VARIANT *result)
{
    return late_call((IDispatch *)database, member, DISPATCH_METHOD, arguments, count, result);
}

/* As a script sees it: arrays of Variants, ids as texts. */
static void late_bound(void)
{
    static const WCHAR *const both[] = { CARD_TYPE_SIGNS_TEXT, CARD_TYPE_CALLS_TEXT };
    IByteBuffer *this_atr = buffer_of(atr, (LONG)atr_len);
    VARIANT arguments[3], result;

    check_context("late bound");
    VariantInit(&result);
    arguments[0] = late_text(here);
    check_hr(call(L"GetProviderCardId", arguments, 1, &result), S_OK);
    check_int(V_VT(&result), VT_BSTR);
    if (V_VT(&result) == VT_BSTR) check_wide(V_BSTR(&result), CARD_TYPE_PROVIDER);
    VariantClear(&result);
    check_hr(call(L"ListCardInterfaces", arguments, 1, &result), S_OK);
    check_int(V_VT(&result), VT_ARRAY | VT_VARIANT);
    VariantClear(&result);
    arguments[0] = late_text(unknown);
    check_hr(call(L"GetProviderCardId", arguments, 1, &result), SC(E_UNKNOWN_CARD));
    VariantClear(&result);

    SAFEARRAY *given = text_array(VT_VARIANT, both, 2);
    arguments[0] = late_object(this_atr);
    arguments[1] = late_array(given);
    arguments[2] = late_number(0);
    check_hr(call(L"ListCards", arguments, 3, &result), S_OK);
    check_int(V_VT(&result), VT_ARRAY | VT_VARIANT);
    if (V_VT(&result) == (VT_ARRAY | VT_VARIANT))
    {
        VARIANT *elements;
        check_hr(SafeArrayAccessData(V_ARRAY(&result), (void **)&elements), S_OK);
        check(V_VT(&elements[0]) == VT_BSTR && lstrcmpW(V_BSTR(&elements[0]), CARD_TYPE_HERE) == 0);
        SafeArrayUnaccessData(V_ARRAY(&result));
    }
    VariantClear(&result);
    SafeArrayDestroy(given);
    /* Nothing, and Null. */
    V_DISPATCH(&arguments[0]) = NULL;
    V_VT(&arguments[1]) = VT_NULL;
    check_hr(call(L"ListCards", arguments, 3, &result), S_OK);
    VariantClear(&result);
    check_hr(call(L"ListReaders", &arguments[2], 1, &result), S_OK);
    check_int(V_VT(&result), VT_ARRAY | VT_VARIANT);
    VariantClear(&result);
    check_hr(call(L"ListReaderGroups", &arguments[2], 1, &result), S_OK);
    VariantClear(&result);
    IByteBuffer_Release(this_atr);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    if (!check(simcard_wait(true)) || !check(card_types_introduce(atr, &atr_len)))
        return check_finish();
    here = SysAllocString(CARD_TYPE_HERE);
    elsewhere = SysAllocString(CARD_TYPE_ELSEWHERE);
    unknown = SysAllocString(L"no card has this name");
    check_hr(CoCreateInstance(&CLSID_CSCardDatabase, NULL, CLSCTX_INPROC_SERVER,
                              &IID_ISCardDatabase, (void **)&database),
             S_OK);
    providers();
    interfaces();
    cards();
    readers_and_groups();
    late_bound();
    check_int(ISCardDatabase_Release(database), 0);
    SysFreeString(here);
    SysFreeString(elsewhere);
    SysFreeString(unknown);
    card_types_forget();
    check_nothing_alive();
    CoUninitialize();
    return check_finish();
}
