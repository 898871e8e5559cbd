/*
 * dispatch_test - IDispatch as script engines and Visual Basic use it: names, dispids, arguments of
 *                 every form, results by reference, errors as exceptions.
 * Layer: tests. Needs the registered server; no reader.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <windows.h>
#include <ole2.h>
#include <winscard.h>

#include "scard_interfaces.h"
#include "support/check.h"

struct name_row
{
    const WCHAR *name;
    DISPID dispid;
};

static const struct name_row manage_names[] = {
    { L"AttachByHandle", 1 },   { L"AttachByIFD", 2 }, { L"CreateFileAccess", 3 },
    { L"CreateCardAuth", 4 },   { L"CreateAuth", 4 },  { L"CreateCHVerification", 5 },
    { L"CreateVerify", 5 },     { L"Detach", 6 },      { L"SCardLock", 7 },
    { L"Reconnect", 8 },        { L"Status", 9 },      { L"SCardUnlock", 10 },
    { L"CreateInterface", 11 }, { L"attachbyifd", 2 }, { L"createverify", 5 },
    { L"STATUS", 9 },           { NULL, 0 },
};
static const struct name_row file_access_names[] = {
    { L"ChangeDir", 1 },
    { L"Close", 2 },
    { L"Create", 3 },
    { L"Delete", 4 },
    { L"Directory", 5 },
    { L"GetCurrentDir", 6 },
    { L"Initialize", 9 },
    { L"GetProperties", 8 },
    { L"GetFileCapabilities", 7 },
    { L"Invalidate", 10 },
    { L"Open", 11 },
    { L"Read", 12 },
    { L"Rehabilitate", 13 },
    { L"Seek", 14 },
    { L"SetProperties", 15 },
    { L"Write", 16 },
    { NULL, 0 },
};
static const struct name_row verify_names[] = {
    { L"ChangeCode", 1 },         { L"Initialize", 2 }, { L"Unblock", 3 },
    { L"ResetSecurityState", 4 }, { L"Verify", 5 },     { NULL, 0 },
};
static const struct name_row auth_names[] = {
    { L"APP_Auth", 1 },   { L"GetChallenge", 2 }, { L"ICC_Auth", 3 },
    { L"Initialize", 4 }, { L"User_Auth", 5 },    { NULL, 0 },
};

static IDispatch *create(const CLSID *clsid)
{
    IDispatch *dispatch = NULL;
    check_hr(
        CoCreateInstance(clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&dispatch),
        S_OK);
    return dispatch;
}

static void names_of(const CLSID *clsid, const struct name_row *rows)
{
    IDispatch *dispatch = create(clsid);
    DISPID id;

    for (; rows->name; rows++)
    {
        LPOLESTR name = (LPOLESTR)rows->name;
        check_context("%ls", rows->name);
        id = 4711;
        check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &name, 1, 0x409, &id), S_OK);
        check_int(id, rows->dispid);
    }
    check_context(NULL);
    LPOLESTR unknown = (LPOLESTR)L"NoSuchMember";
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &unknown, 1, 0, &id), DISP_E_UNKNOWNNAME);
    check_int(id, DISPID_UNKNOWN);
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_IUnknown, &unknown, 1, 0, &id),
             DISP_E_UNKNOWNINTERFACE);
    check_hr(IDispatch_GetIDsOfNames(dispatch, NULL, &unknown, 1, 0, &id), DISP_E_UNKNOWNNAME);
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, NULL, 1, 0, &id), E_POINTER);
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &unknown, 1, 0, NULL), E_POINTER);
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, &unknown, 0, 0, &id), E_INVALIDARG);
    IDispatch_Release(dispatch);
}

static void type_info(void)
{
    IDispatch *dispatch = create(&CLSID_SCardManage);
    ITypeInfo *info = NULL;
    TYPEATTR *attributes;
    UINT count = 99;

    check_hr(IDispatch_GetTypeInfoCount(dispatch, NULL), E_POINTER);
    check_hr(IDispatch_GetTypeInfoCount(dispatch, &count), S_OK);
    check_int(count, 1);
    check_hr(IDispatch_GetTypeInfo(dispatch, 0, 0, NULL), E_POINTER);
    check_hr(IDispatch_GetTypeInfo(dispatch, 1, 0, &info), DISP_E_BADINDEX);
    check(info == NULL);
    check_hr(IDispatch_GetTypeInfo(dispatch, 0, 0, &info), S_OK);
    if (info && check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK))
    {
        check(IsEqualGUID(&attributes->guid, &IID_ISCardManage));
        ITypeInfo_ReleaseTypeAttr(info, attributes);
    }
    if (info) ITypeInfo_Release(info);
    IDispatch_Release(dispatch);
}

static VARIANT number(LONG value)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_I4;
    V_I4(&variant) = value;
    return variant;
}

static VARIANT string(const WCHAR *value)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_BSTR;
    V_BSTR(&variant) = SysAllocString(value);
    return variant;
}

static VARIANT by_ref(VARTYPE vt, void *target)
{
    VARIANT variant = { 0 };
    V_VT(&variant) = VT_BYREF | vt;
    V_BYREF(&variant) = target;
    return variant;
}

/* Arguments as IDispatch wants them: the last one first. Strings are freed. */
static HRESULT invoke_flags(IDispatch *dispatch, DISPID id, WORD flags, VARIANT *arguments,
                            UINT count, VARIANT *result, EXCEPINFO *exception, UINT *bad)
{
    DISPPARAMS params = { .rgvarg = arguments, .cArgs = count };
    if (exception) ZeroMemory(exception, sizeof(*exception));
    HRESULT hr =
        IDispatch_Invoke(dispatch, id, &IID_NULL, 0x409, flags, &params, result, exception, bad);
    for (UINT i = 0; i < count; i++)
        if (V_VT(&arguments[i]) == VT_BSTR) VariantClear(&arguments[i]);
    return hr;
}

static HRESULT invoke(IDispatch *dispatch, DISPID id, VARIANT *arguments, UINT count,
                      VARIANT *result, EXCEPINFO *exception)
{
    UINT bad;
    return invoke_flags(dispatch, id, DISPATCH_METHOD, arguments, count, result, exception, &bad);
}

static void clear(EXCEPINFO *exception)
{
    SysFreeString(exception->bstrSource);
    SysFreeString(exception->bstrDescription);
    SysFreeString(exception->bstrHelpFile);
}

/* A failure comes as exception with the code and the description; what was given by reference is
 * zeroed, whatever form it has. */
static void results_by_reference(void)
{
    IDispatch *dispatch = create(&CLSID_SCardManage);
    EXCEPINFO exception;
    VARIANT state = string(L"old content"), protocol = number(7);
    VARIANT arguments[2] = { by_ref(VT_VARIANT, &protocol), by_ref(VT_VARIANT, &state) };

    check_context("VARIANT by reference");
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, SCARD_E_INVALID_HANDLE);
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"AttachByIFD"));
    check_wide(exception.bstrSource, L"ScardManage.SCardManage.1");
    clear(&exception);
    check_int(V_VT(&state), VT_I4);
    check_int(V_I4(&state), 0);
    check_int(V_VT(&protocol), VT_I4);
    check_int(V_I4(&protocol), 0);

    check_context("typed references");
    LONG state_long = 0x55555555;
    SHORT protocol_short = 0x5555;
    arguments[0] = by_ref(VT_I2, &protocol_short);
    arguments[1] = by_ref(VT_I4, &state_long);
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, NULL), DISP_E_EXCEPTION);
    check_int(state_long, 0);
    check_int(protocol_short, 0);
    double state_double = 5.5;
    BSTR protocol_text = SysAllocString(L"old");
    arguments[0] = by_ref(VT_BSTR, &protocol_text);
    arguments[1] = by_ref(VT_R8, &state_double);
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, NULL), DISP_E_EXCEPTION);
    check(state_double == 0.0);
    check_wide(protocol_text, L"0");
    SysFreeString(protocol_text);

    check_context("a procedure's own parameters, which refer to its caller's variables");
    state_long = 0x55555555;
    protocol_text = SysAllocString(L"old");
    state = by_ref(VT_I4, &state_long);
    protocol = by_ref(VT_BSTR, &protocol_text);
    arguments[0] = by_ref(VT_VARIANT, &protocol);
    arguments[1] = by_ref(VT_VARIANT, &state);
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, NULL), DISP_E_EXCEPTION);
    check_int(state_long, 0);
    check_wide(protocol_text, L"0");
    check_int(V_VT(&state), VT_BYREF | VT_I4);
    check_int(V_VT(&protocol), VT_BYREF | VT_BSTR);
    SysFreeString(protocol_text);

    check_context("by value");
    arguments[0] = number(1);
    arguments[1] = number(2);
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, NULL), DISP_E_EXCEPTION);
    arguments[0] = by_ref(VT_I4, NULL);
    arguments[1] = by_ref(VT_VARIANT, NULL);
    check_hr(invoke(dispatch, 9, arguments, 2, NULL, NULL), DISP_E_EXCEPTION);
    check_context(NULL);
    IDispatch_Release(dispatch);
}

static void arguments_of_every_kind(void)
{
    IDispatch *dispatch = create(&CLSID_SCardManage);
    VARIANT arguments[8], result, inner;
    EXCEPINFO exception;
    UINT bad;

    check_context("counts");
    for (int i = 0; i < 8; i++)
        arguments[i] = number(1);
    check_hr(invoke(dispatch, 2, arguments, 0, NULL, NULL), DISP_E_BADPARAMCOUNT);
    check_hr(invoke(dispatch, 2, arguments, 1, NULL, NULL), DISP_E_BADPARAMCOUNT);
    check_hr(invoke(dispatch, 2, arguments, 3, NULL, NULL), DISP_E_BADPARAMCOUNT);
    check_hr(invoke(dispatch, 6, arguments, 1, NULL, NULL), DISP_E_BADPARAMCOUNT);
    check_hr(invoke(dispatch, 99, arguments, 0, NULL, NULL), DISP_E_MEMBERNOTFOUND);
    check_hr(invoke_flags(dispatch, 9, DISPATCH_PROPERTYPUT, arguments, 1, NULL, NULL, &bad),
             DISP_E_MEMBERNOTFOUND);
    check_hr(IDispatch_Invoke(dispatch, 6, &IID_NULL, 0, DISPATCH_METHOD, NULL, NULL, NULL, NULL),
             E_POINTER);
    DISPPARAMS none = { 0 };
    check_hr(
        IDispatch_Invoke(dispatch, 6, &IID_IUnknown, 0, DISPATCH_METHOD, &none, NULL, NULL, NULL),
        DISP_E_UNKNOWNINTERFACE);
    check_hr(IDispatch_Invoke(dispatch, 99, NULL, 0, DISPATCH_METHOD, &none, NULL, NULL, NULL),
             DISP_E_MEMBERNOTFOUND);

    check_context("types");
    /* The mode as text, the name through a VARIANT by reference. */
    inner = string(L"No such reader");
    arguments[1] = by_ref(VT_VARIANT, &inner);
    arguments[0] = string(L"2");
    check_hr(invoke(dispatch, 2, arguments, 2, NULL, &exception), DISP_E_EXCEPTION);
    check_int(HRESULT_FACILITY(exception.scode), FACILITY_SCARD); /* whatever service there is */
    clear(&exception);
    VariantClear(&inner);
    arguments[1] = string(L"No such reader");
    arguments[0] = string(L"two");
    bad = 99;
    check_hr(invoke_flags(dispatch, 2, DISPATCH_METHOD, arguments, 2, NULL, NULL, &bad),
             DISP_E_TYPEMISMATCH);
    check_int(bad, 0);
    /* Nothing for a string is no string. */
    VariantInit(&arguments[1]);
    V_VT(&arguments[1]) = VT_NULL;
    arguments[0] = number(SHARED);
    check_hr(invoke(dispatch, 2, arguments, 2, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);
    clear(&exception);
    /* A handle as scripts have it: signed, or as floating point number. */
    arguments[0] = number(-1);
    check_hr(invoke(dispatch, 1, arguments, 1, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);
    clear(&exception);
    V_VT(&arguments[0]) = VT_R8;
    V_R8(&arguments[0]) = 4026531840.0;
    check_hr(invoke(dispatch, 1, arguments, 1, NULL, &exception), DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);
    clear(&exception);
    V_R8(&arguments[0]) = 1e30;
    check_hr(invoke(dispatch, 1, arguments, 1, NULL, NULL), DISP_E_OVERFLOW);

    check_context("named arguments");
    DISPID named[2];
    LPOLESTR names[3] = { (LPOLESTR)L"AttachByIFD", (LPOLESTR)L"flags", (LPOLESTR)L"bstrIFDName" };
    DISPID ids[3];
    check_hr(IDispatch_GetIDsOfNames(dispatch, &IID_NULL, names, 3, 0, ids), S_OK);
    named[0] = ids[1];
    named[1] = ids[2];
    arguments[0] = number(77); /* a mode that does not exist */
    arguments[1] = string(L"A reader");
    DISPPARAMS params = { arguments, named, 2, 2 };
    ZeroMemory(&exception, sizeof(exception));
    check_hr(IDispatch_Invoke(dispatch, 2, &IID_NULL, 0, DISPATCH_METHOD, &params, NULL, &exception,
                              NULL),
             DISP_E_EXCEPTION);
    check_hr(exception.scode, E_INVALIDARG);
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"A reader"));
    clear(&exception);
    /* One by its name behind one by its place, and a name that no parameter has. */
    named[0] = ids[1];
    params.cNamedArgs = 1;
    ZeroMemory(&exception, sizeof(exception));
    check_hr(IDispatch_Invoke(dispatch, 2, &IID_NULL, 0, DISPATCH_METHOD, &params, NULL, &exception,
                              NULL),
             DISP_E_EXCEPTION);
    check(exception.bstrDescription && wcsstr(exception.bstrDescription, L"A reader"));
    clear(&exception);
    named[0] = 2;
    check_hr(
        IDispatch_Invoke(dispatch, 2, &IID_NULL, 0, DISPATCH_METHOD, &params, NULL, NULL, NULL),
        DISP_E_PARAMNOTFOUND);
    VariantClear(&arguments[1]);

    check_context("children as results");
    VariantInit(&result);
    check_hr(invoke_flags(dispatch, 3, DISPATCH_METHOD | DISPATCH_PROPERTYGET, NULL, 0, &result,
                          NULL, &bad),
             S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    ISCardFileAccess *file_access = NULL;
    if (V_VT(&result) == VT_DISPATCH)
        check_hr(IDispatch_QueryInterface(V_DISPATCH(&result), &IID_ISCardFileAccess,
                                          (void **)&file_access),
                 S_OK);
    if (file_access) ISCardFileAccess_Release(file_access);
    VariantClear(&result);
    /* The way of programs whose type library did not mark the pointer as result. */
    VariantInit(&result);
    arguments[0] = by_ref(VT_VARIANT, &result);
    check_hr(invoke(dispatch, 5, arguments, 1, NULL, NULL), S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    VariantClear(&result);
    IDispatch *typed = NULL;
    arguments[0] = by_ref(VT_DISPATCH, &typed);
    check_hr(invoke(dispatch, 4, arguments, 1, NULL, NULL), S_OK);
    check(typed != NULL);
    if (typed) check_int(IDispatch_Release(typed), 0);
    /* Nobody wants it: it must not leak, or the module never unloads. */
    check_hr(invoke(dispatch, 4, NULL, 0, NULL, NULL), S_OK);

    check_context("CreateInterface");
    VariantInit(&result);
    VariantInit(&arguments[0]);
    arguments[1] = string(L"");
    arguments[2] = string(L"{4029DD85-5902-11D0-B84C-00C04FD424B9}");
    check_hr(invoke(dispatch, 11, arguments, 3, &result, NULL), S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    VariantClear(&result);
    VariantInit(&arguments[0]);
    arguments[1] = string(L"ISCardAuth");
    VariantInit(&arguments[2]);
    check_hr(invoke(dispatch, 11, arguments, 3, &result, NULL), S_OK);
    check_int(V_VT(&result), VT_DISPATCH);
    VariantClear(&result);
    VariantInit(&arguments[0]);
    arguments[1] = string(L"");
    arguments[2] = string(L"no guid");
    bad = 99;
    check_hr(invoke_flags(dispatch, 11, DISPATCH_METHOD, arguments, 3, &result, NULL, &bad),
             DISP_E_TYPEMISMATCH);
    check_int(bad, 2);
    check_context(NULL);
    check_int(IDispatch_Release(dispatch), 0);
}

/* What a script, or a careless program, may have in its hands. From FORM_NULL_NUMBER on there are
 * references that lead nowhere, to other references, and round in circles. */
enum
{
    FORM_EMPTY,
    FORM_NUMBER,
    FORM_TEXT,
    FORM_EMPTY_BY_VALUE,
    FORM_NULL_NUMBER,
    FORM_NULL_TEXT,
    FORM_NULL_VARIANT,
    FORM_NULL_BEHIND_TWO,
    FORM_NUMBER_BEHIND_TWO,
    FORM_CIRCLE,
    FORM_COUNT,
};

static VARIANT argument_of_form(int form, VARIANT *variable, VARIANT *further)
{
    VariantInit(variable);
    *further = form == FORM_NUMBER_BEHIND_TWO ? number(1) : by_ref(VT_I4, NULL);
    switch (form)
    {
    case FORM_NUMBER:
        *variable = number(1);
        break;
    case FORM_TEXT:
        *variable = string(L"3F00");
        break;
    case FORM_EMPTY_BY_VALUE:
        return *variable;
    case FORM_NULL_NUMBER:
        *variable = by_ref(VT_I4, NULL);
        break;
    case FORM_NULL_TEXT:
        *variable = by_ref(VT_BSTR, NULL);
        break;
    case FORM_NULL_VARIANT:
        *variable = by_ref(VT_VARIANT, NULL);
        break;
    case FORM_NULL_BEHIND_TWO:
    case FORM_NUMBER_BEHIND_TWO:
        *variable = by_ref(VT_VARIANT, further);
        break;
    case FORM_CIRCLE:
        *variable = by_ref(VT_VARIANT, variable);
        break;
    }
    return by_ref(VT_VARIANT, variable);
}

/* A reference to a variant is followed, but not to one that refers to a third. */
static void references_to_references(void)
{
    IDispatch *dispatch = create(&CLSID_SCardManage);
    VARIANT variable, further, arguments[2];

    check_context("references to references");
    for (int form = FORM_NULL_BEHIND_TWO; form <= FORM_CIRCLE; form++)
    {
        arguments[1] = string(L"A reader");
        arguments[0] = argument_of_form(form, &variable, &further);
        check_hr(invoke(dispatch, 2, arguments, 2, NULL, NULL), DISP_E_TYPEMISMATCH);
        arguments[1] = argument_of_form(form, &variable, &further);
        arguments[0] = number(SHARED);
        check_hr(invoke(dispatch, 2, arguments, 2, NULL, NULL), DISP_E_TYPEMISMATCH);
    }
    arguments[1] = string(L"A reader");
    arguments[0] = argument_of_form(FORM_NULL_NUMBER, &variable, &further);
    check_hr(invoke(dispatch, 2, arguments, 2, NULL, NULL), E_POINTER);
    check_context(NULL);
    IDispatch_Release(dispatch);
}

/* Every member of every class, called the way a script does with nothing sensible in its hands:
 * an answer each time, no crash, and by-reference variables left in a usable state. */
static void every_member(const CLSID *clsid, const struct name_row *rows)
{
    IDispatch *dispatch = create(clsid);
    ITypeInfo *info = NULL;

    check_hr(IDispatch_GetTypeInfo(dispatch, 0, 0, &info), S_OK);
    for (; info && rows->name; rows++)
    {
        for (UINT count = 0; count <= 7; count++)
        {
            for (int form = 0; form < FORM_COUNT; form++)
            {
                VARIANT arguments[7], variables[7], further[7], result;
                EXCEPINFO exception;
                VariantInit(&result);
                for (UINT i = 0; i < count; i++)
                    arguments[i] = argument_of_form(form, &variables[i], &further[i]);
                HRESULT hr = invoke(dispatch, rows->dispid, arguments, count, &result, &exception);
                check_context("%ls, %u arguments, form %d", rows->name, count, form);
                check(hr == S_OK || hr == DISP_E_EXCEPTION || hr == DISP_E_BADPARAMCOUNT ||
                      hr == DISP_E_TYPEMISMATCH || hr == DISP_E_PARAMNOTOPTIONAL ||
                      (hr == E_POINTER && form >= FORM_NULL_NUMBER));
                if (hr == DISP_E_EXCEPTION)
                {
                    check(exception.bstrDescription != NULL);
                    clear(&exception);
                }
                for (UINT i = 0; i < count; i++)
                    if (form != FORM_EMPTY_BY_VALUE) check_hr(VariantClear(&variables[i]), S_OK);
                VariantClear(&result);
            }
        }
    }
    check_context(NULL);
    if (info) ITypeInfo_Release(info);
    check_int(IDispatch_Release(dispatch), 0);
}

int main(void)
{
    CoInitializeEx(NULL, COINIT_APARTMENTTHREADED);
    names_of(&CLSID_SCardManage, manage_names);
    names_of(&CLSID_SCardFileAccess, file_access_names);
    names_of(&CLSID_SCardVerify, verify_names);
    names_of(&CLSID_SCardAuth, auth_names);
    type_info();
    results_by_reference();
    arguments_of_every_kind();
    references_to_references();
    every_member(&CLSID_SCardManage, manage_names);
    every_member(&CLSID_SCardFileAccess, file_access_names);
    every_member(&CLSID_SCardVerify, verify_names);
    every_member(&CLSID_SCardAuth, auth_names);
    CoUninitialize();
    return check_finish();
}
