/*
 * type_library_test - the type library in the DLL, read back and held against the published one:
 *                     slots, dispids, names, parameters, enumerations, structures, classes.
 * Layer: tests. Needs the DLL, registered or not; no reader.
 * Reference: the type libraries of the provider that Windows XP came with and of scardssp.dll, as
 *            published; [out, retval] is ours where a method gives one thing as its last parameter.
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>

#include "scard_interfaces.h"
#include "support/check.h"
#include "support/regsvr32.h"

#ifdef _WIN64
#define HANDLE_TYPE L"UI8"
#else
#define HANDLE_TYPE L"UI4"
#endif
#define HSCARD_IN      L"[in] " HANDLE_TYPE
#define HSCARD_FILE_IN L"[in] " HANDLE_TYPE L" hFile"

/*
 * slot, dispid, then the method as in IDL; put and get for properties. Enumerations and structures
 * have the names of their tags there, as in the published libraries.
 */
static const WCHAR *const byte_buffer[] = {
    L"7 0 get Stream([out,retval] IStream** ppStream)",
    L"8 0 put Stream([in] IStream* pStream)",
    L"9 1 Clone([in,out] IByteBuffer** ppByteBuffer)",
    L"10 2 Commit([in] I4 grfCommitFlags)",
    L"11 3 CopyTo([in,out] IByteBuffer** ppByteBuffer, [in] I4 cb, [in,out,=0] I4* pcbRead, "
    L"[in,out,=0] I4* pcbWritten)",
    L"12 4 Initialize([in,=1] I4 lSize, [in,=0] UI1* pData)",
    L"13 5 LockRegion([in] I4 libOffset, [in] I4 cb, [in] I4 dwLockType)",
    L"14 6 Read([in,out] UI1* pByte, [in] I4 cb, [in,out,=0] I4* pcbRead)",
    L"15 7 Revert()",
    L"16 8 Seek([in] I4 dlibMove, [in] I4 dwOrigin, [in,out,=0] I4* plibNewPosition)",
    L"17 9 SetSize([in] I4 libNewSize)",
    L"18 10 Stat([in,out] tagSTATSTRUCT* pstatstg, [in] I4 grfStatFlag)",
    L"19 11 UnlockRegion([in] I4 libOffset, [in] I4 cb, [in] I4 dwLockType)",
    L"20 12 Write([in,out] UI1* pByte, [in] I4 cb, [in,out] I4* pcbWritten)",
    NULL,
};
static const WCHAR *const manage[] = {
    L"7 1 AttachByHandle(" HSCARD_IN L" hICC)",
    L"8 2 AttachByIFD([in] BSTR bstrIFDName, [in] tagSCARD_SHARE_MODES flags)",
    L"9 3 CreateFileAccess([out,retval] ISCardFileAccess** ppISCardFileAccess)",
    L"10 4 CreateCardAuth([out,retval] ISCardAuth** ppISCardAuth)",
    L"11 5 CreateCHVerification([out,retval] ISCardVerify** ppISCardVerify)",
    L"12 6 Detach()",
    L"13 7 SCardLock()",
    L"14 8 Reconnect()",
    L"15 9 Status([out] tagSCARD_STATES* pStatus, [out] tagSCARD_PROTOCOLS* pProtocol)",
    L"16 10 SCardUnlock([in] tagSCARD_DISPOSITIONS Disposition)",
    L"17 11 CreateInterface([in] GUID* pguidInterface, [in] BSTR bstrName, [in] I4* pUserData, "
    L"[out,retval] IUnknown** ppInterface)",
    NULL,
};
static const WCHAR *const file_access[] = {
    L"7 1 ChangeDir([in] tagREFTYPE refType, [in] BSTR bstrNewDir)",
    L"8 2 Close(" HSCARD_FILE_IN L")",
    L"9 3 Create([in] tagREFTYPE refType, [in] BSTR bstrPathSpec, [in,out] tagTLV_TABLE** ppTLVs, "
    L"[in,out] I4* lpcTLVs, [in] tagSCARD_FLAGS flags, [in] IByteBuffer* pDataBuffer)",
    L"10 4 Delete([in] tagREFTYPE refType, [in] BSTR bstrPathSpec, [in] tagSCARD_FLAGS flags)",
    L"11 5 Directory([in] tagFILETYPE fileType, [out,retval] SAFEARRAY(BSTR)* ppFileList)",
    L"12 6 GetCurrentDir([out,retval] BSTR* pbstrPathSpec)",
    L"13 7 GetFileCapabilities([in,out] tagTLV_TABLE** ppProperties, [in,out] I4* plProperties, "
    L"[in] tagSCARD_FLAGS flags)",
    L"14 8 GetProperties([in] tagREFTYPE refType, [in] BSTR bstrPathSpec, [in,out] tagTLV_TABLE** "
    L"ppTLV, "
    L"[in,out] I4* plcTLV, [in] tagSCARD_FLAGS flags)",
    L"15 9 Initialize([in] I4* lp)",
    L"16 10 Invalidate([in] BSTR bstrPathSpec, [in] tagSCARD_FLAGS flags)",
    L"17 11 Open([in] tagREFTYPE refType, [in] BSTR bstrPathSpec, "
    L"[out,retval] " HANDLE_TYPE L"* phFile)",
    L"18 12 Read(" HSCARD_FILE_IN L", [in,out] I4* lBytesToRead, [out] IByteBuffer** ppBuffer, "
    L"[in] tagSCARD_FLAGS flags)",
    L"19 13 Rehabilitate([in] BSTR bstrPathSpec, [in] tagSCARD_FLAGS flags)",
    L"20 14 Seek(" HSCARD_FILE_IN L", [in] I4 lOffset, [in] tagSEEKTYPE Seek)",
    L"21 15 SetProperties([in] tagREFTYPE refType, [in] BSTR bstrPathSpec, [in] tagTLV_TABLE* "
    L"pTLV, "
    L"[in] I4 lcTLV, [in] tagSCARD_FLAGS flags)",
    L"22 16 Write(" HSCARD_FILE_IN L", [in] I4 lLength, [in] IByteBuffer* pData, "
    L"[in] tagSCARD_FLAGS flags)",
    NULL,
};
static const WCHAR *const verify[] = {
    L"7 1 ChangeCode([in] IByteBuffer* pOldCode, [in] IByteBuffer* pNewCode, "
    L"[in] tagSCARD_FLAGS flags, [in] I4 lRef)",
    L"8 2 Initialize([in] I4* lp)",
    L"9 3 Unblock([in] I4 lData, [in] tagSCARD_FLAGS flags, [in] I4 lRef)",
    L"10 4 ResetSecurityState([in] tagSCARD_FLAGS flags)",
    L"11 5 Verify([in] IByteBuffer* pCode, [in] tagSCARD_FLAGS flags, [in,out] I4* lpRef)",
    NULL,
};
static const WCHAR *const auth[] = {
    L"7 1 APP_Auth([in] I4 lAlgoID, [in] IByteBuffer* pParam, [in] IByteBuffer* pBuffer)",
    L"8 2 GetChallenge([in] I4 lAlgoID, [in] IByteBuffer* pParam, [in,out] I4* "
    L"lpLengthOfChallenge, [in,out] IByteBuffer** ppBuffer)",
    L"9 3 ICC_Auth([in] I4 lAlgoID, [in] IByteBuffer* pParam, [in,out] I4* lpLength, "
    L"[in,out] IByteBuffer** ppBuffer)",
    L"10 4 Initialize([in] I4* lp)",
    L"11 5 User_Auth([in] I4 lAlgoID, [in] IByteBuffer* pParam, [in,out] I4* lpLength, "
    L"[in,out] IByteBuffer** ppBuffer)",
    NULL,
};

static const struct
{
    const IID *iid;
    const WCHAR *name;
    const WCHAR *const *methods;
} interfaces[] = {
    { &IID_IByteBuffer, L"IByteBuffer", byte_buffer },
    { &IID_ISCardManage, L"ISCardManage", manage },
    { &IID_ISCardFileAccess, L"ISCardFileAccess", file_access },
    { &IID_ISCardVerify, L"ISCardVerify", verify },
    { &IID_ISCardAuth, L"ISCardAuth", auth },
};

static const struct
{
    const WCHAR *name;
    struct
    {
        const WCHAR *name;
        LONG value;
    } members[18];
} enumerations[] = {
    { L"tagSCARD_SHARE_MODES", { { L"EXCLUSIVE", 1 }, { L"SHARED", 2 } } },
    { L"tagSCARD_STATES",
      { { L"ABSENT", 1 },
        { L"PRESENT", 2 },
        { L"SWALLOWED", 3 },
        { L"POWERED", 4 },
        { L"NEGOTIABLEMODE", 5 },
        { L"SPECIFICMODE", 6 } } },
    { L"tagSCARD_PROTOCOLS", { { L"T0", 1 }, { L"T1", 2 }, { L"RAW", 0xff } } },
    { L"tagSCARD_DISPOSITIONS",
      { { L"LEAVE", 0 }, { L"RESET", 1 }, { L"UNPOWER", 2 }, { L"EJECT", 3 } } },
    { L"tagREFTYPE",
      { { L"SC_TYPE_BY_NAME", 0 }, { L"SC_TYPE_BY_ID", 1 }, { L"SC_TYPE_BY_SHORT_ID", 2 } } },
    { L"tagFILETYPE",
      { { L"SC_TYPE_DIRECTORIES", 0 },
        { L"SC_TYPE_FILES", 1 },
        { L"SC_TYPE_ALL_FILES", 2 },
        { L"SC_TYPE_DIRECTORY_FILE", 3 },
        { L"SC_TYPE_TRANSPARENT_EF", 4 },
        { L"SC_TYPE_FIXED_EF", 5 },
        { L"SC_TYPE_CYCLIC_EF", 6 },
        { L"SC_TYPE_VARIABLE_EF", 7 } } },
    { L"tagSEEKTYPE",
      { { L"SC_SEEK_FROM_BEGINNING", 0 },
        { L"SC_SEEK_FROM_END", 1 },
        { L"SC_SEEK_RELATIVE", 2 } } },
    { L"tagSCARD_FLAGS",
      { { L"SC_FL_NO_FLAGS", 0 },
        { L"SC_FL_SECURE_MESSAGING", 0x1 },
        { L"SC_FL_REPLACE", 0x2 },
        { L"SC_FL_ERASE", 0x4 },
        { L"SC_FL_OR", 0x8 },
        { L"SC_FL_AND", 0x10 },
        { L"SC_FL_RECURSIVE", 0x20 },
        { L"SC_FL_NON_RECURSIVE", 0x40 },
        { L"SC_FL_IHV_GLOBAL", 0x80 },
        { L"SC_FL_IHV_LOCAL", 0x100 },
        { L"SC_FL_IHV_ENABLE", 0x200 },
        { L"SC_FL_IHV_DISABLE", 0x400 },
        { L"SC_FL_IHV_CHANGE", 0x800 },
        { L"SC_FL_PREALLOCATE", 0x1000 },
        { L"SC_FL_GET_ALL_PROPERTIES", 0x2000 },
        { L"SC_FL_STAT_DEFAULT", 0x4000 },
        { L"SC_FL_IHV_CHECKONLY", 0x8000 } } },
};

/* A text that grows to the right. */
struct line
{
    WCHAR text[1024];
    size_t chars;
};

static void add(struct line *line, const WCHAR *text)
{
    line->chars += (size_t)swprintf(line->text + line->chars, ARRAYSIZE(line->text) - line->chars,
                                    L"%ls", text);
}

/* GUID, which in Wine's headers is a structure without a tag, so that widl makes up a name for it. */
static bool is_guid(ITypeInfo *info, const TYPEATTR *attributes)
{
    BSTR name = NULL;
    bool has_name;

    if (attributes->typekind != TKIND_RECORD || attributes->cVars != 4 ||
        attributes->cbSizeInstance != sizeof(GUID))
        return false;
    ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &name, NULL, NULL, NULL);
    has_name = name && (wcscmp(name, L"GUID") == 0 || wcsncmp(name, L"__WIDL_", 7) == 0);
    SysFreeString(name);
    return has_name;
}

/* The name of a described type; of an alias, the type behind it. */
static void add_type(struct line *line, ITypeInfo *info, const TYPEDESC *type)
{
    static const struct
    {
        VARTYPE vt;
        const WCHAR *name;
    } plain[] = {
        { VT_I4, L"I4" },   { VT_UI4, L"UI4" },   { VT_UI8, L"UI8" },
        { VT_UI1, L"UI1" }, { VT_BSTR, L"BSTR" }, { VT_UNKNOWN, L"IUnknown*" },
    };

    if (type->vt == VT_PTR)
    {
        add_type(line, info, type->lptdesc);
        add(line, L"*");
        return;
    }
    if (type->vt == VT_SAFEARRAY)
    {
        add(line, L"SAFEARRAY(");
        add_type(line, info, type->lptdesc);
        add(line, L")");
        return;
    }
    if (type->vt == VT_USERDEFINED)
    {
        ITypeInfo *referred;
        BSTR name = NULL;
        TYPEATTR *attributes;
        if (FAILED(ITypeInfo_GetRefTypeInfo(info, type->hreftype, &referred)))
        {
            add(line, L"(no type)");
            return;
        }
        ITypeInfo_GetTypeAttr(referred, &attributes);
        if (attributes->typekind == TKIND_ALIAS)
            add_type(line, referred, &attributes->tdescAlias);
        else if (is_guid(referred, attributes))
            add(line, L"GUID");
        else
        {
            ITypeInfo_GetDocumentation(referred, MEMBERID_NIL, &name, NULL, NULL, NULL);
            add(line, name);
            SysFreeString(name);
        }
        ITypeInfo_ReleaseTypeAttr(referred, attributes);
        ITypeInfo_Release(referred);
        return;
    }
    for (size_t i = 0; i < ARRAYSIZE(plain); i++)
    {
        if (plain[i].vt != type->vt) continue;
        add(line, plain[i].name);
        return;
    }
    WCHAR number[16];
    swprintf(number, ARRAYSIZE(number), L"VT%u", type->vt);
    add(line, number);
}

static void add_parameter(struct line *line, ITypeInfo *info, const ELEMDESC *parameter,
                          const WCHAR *name)
{
    USHORT flags = parameter->paramdesc.wParamFlags;
    bool is_first = true;

    add(line, L"[");
    for (unsigned bit = 0; bit < 3; bit++)
    {
        static const struct
        {
            USHORT flag;
            const WCHAR *name;
        } names[] = {
            { PARAMFLAG_FIN, L"in" },
            { PARAMFLAG_FOUT, L"out" },
            { PARAMFLAG_FRETVAL, L"retval" },
        };
        if (!(flags & names[bit].flag)) continue;
        if (!is_first) add(line, L",");
        is_first = false;
        add(line, names[bit].name);
    }
    if (flags & PARAMFLAG_FHASDEFAULT)
    {
        WCHAR number[16];
        VARIANT value;
        VariantInit(&value);
        VariantChangeType(&value, &parameter->paramdesc.pparamdescex->varDefaultValue, 0, VT_I4);
        swprintf(number, ARRAYSIZE(number), L",=%ld", V_I4(&value));
        add(line, number);
    }
    add(line, L"] ");
    add_type(line, info, &parameter->tdesc);
    add(line, L" ");
    add(line, name);
}

/* "slot dispid name(parameters)" */
static void describe(struct line *line, ITypeInfo *info, const FUNCDESC *function)
{
    BSTR names[16] = { NULL };
    UINT count = 0;
    WCHAR numbers[32];

    *line = (struct line){ .chars = 0 };
    ITypeInfo_GetNames(info, function->memid, names, ARRAYSIZE(names), &count);
    swprintf(numbers, ARRAYSIZE(numbers), L"%d %ld ", function->oVft / (int)sizeof(void *),
             function->memid);
    add(line, numbers);
    if (function->invkind == INVOKE_PROPERTYGET) add(line, L"get ");
    if (function->invkind == INVOKE_PROPERTYPUT) add(line, L"put ");
    add(line, names[0]);
    add(line, L"(");
    for (SHORT i = 0; i < function->cParams; i++)
    {
        /* A property has its names from the first of its two functions. */
        const WCHAR *name = names[i + 1];
        if (function->invkind == INVOKE_PROPERTYPUT) name = L"pStream";
        if (i) add(line, L", ");
        add_parameter(line, info, &function->lprgelemdescParam[i], name ? name : L"(no name)");
    }
    add(line, L")");
    for (UINT i = 0; i < count; i++)
        SysFreeString(names[i]);
}

static void check_methods(ITypeLib *library, size_t i)
{
    ITypeInfo *dispatch = NULL, *info = NULL;
    TYPEATTR *attributes;
    HREFTYPE vtable;
    UINT method_count = 0;
    struct line line;

    check_context("%ls", interfaces[i].name);
    check_hr(ITypeLib_GetTypeInfoOfGuid(library, interfaces[i].iid, &dispatch), S_OK);
    if (!dispatch) return;
    check_hr(ITypeInfo_GetTypeAttr(dispatch, &attributes), S_OK);
    check_int(attributes->typekind, TKIND_DISPATCH);
    check(attributes->wTypeFlags & TYPEFLAG_FDUAL);
    check(attributes->wTypeFlags & TYPEFLAG_FDISPATCHABLE);
    ITypeInfo_ReleaseTypeAttr(dispatch, attributes);
    /* A dual interface is described twice: -1 is the description of its vtable. */
    check_hr(ITypeInfo_GetRefTypeOfImplType(dispatch, (UINT)-1, &vtable), S_OK);
    check_hr(ITypeInfo_GetRefTypeInfo(dispatch, vtable, &info), S_OK);
    check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
    check_int(attributes->typekind, TKIND_INTERFACE);
    check(IsEqualIID(&attributes->guid, interfaces[i].iid));
    while (interfaces[i].methods[method_count])
        method_count++;
    check_int(attributes->cFuncs, method_count);
    check_int(attributes->cbSizeVft, (method_count + 7) * sizeof(void *));

    for (UINT at = 0; at < attributes->cFuncs && at < method_count; at++)
    {
        FUNCDESC *function;
        BSTR help = NULL;
        check_hr(ITypeInfo_GetFuncDesc(info, at, &function), S_OK);
        describe(&line, info, function);
        check_wide(line.text, interfaces[i].methods[at]);
        check_int(function->elemdescFunc.tdesc.vt, VT_HRESULT);
        check_int(function->callconv, CC_STDCALL);
        check_hr(ITypeInfo_GetDocumentation(info, function->memid, NULL, &help, NULL, NULL), S_OK);
        check(help && help[0]);
        SysFreeString(help);
        ITypeInfo_ReleaseFuncDesc(info, function);
    }
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    ITypeInfo_Release(info);
    ITypeInfo_Release(dispatch);
    check_context(NULL);
}

static ITypeInfo *find_type(ITypeLib *library, const WCHAR *name)
{
    ITypeInfo *info = NULL;
    MEMBERID member;
    USHORT count = 1;
    WCHAR copy[64];

    wcscpy(copy, name);
    if (FAILED(ITypeLib_FindName(library, copy, 0, &info, &member, &count))) return NULL;
    return info;
}

static void check_enumeration(ITypeLib *library, size_t i)
{
    ITypeInfo *info = find_type(library, enumerations[i].name);
    TYPEATTR *attributes;
    UINT count = 0;

    check_context("%ls", enumerations[i].name);
    if (!check(info != NULL)) return;
    while (count < ARRAYSIZE(enumerations[i].members) && enumerations[i].members[count].name)
        count++;
    check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
    check_int(attributes->typekind, TKIND_ENUM);
    check_int(attributes->cVars, count);
    check_int(attributes->cbSizeInstance, 4);
    for (UINT at = 0; at < attributes->cVars && at < count; at++)
    {
        VARDESC *member;
        BSTR name = NULL;
        UINT name_count;
        check_hr(ITypeInfo_GetVarDesc(info, at, &member), S_OK);
        check_hr(ITypeInfo_GetNames(info, member->memid, &name, 1, &name_count), S_OK);
        check_wide(name, enumerations[i].members[at].name);
        check_int(V_I4(member->lpvarValue), enumerations[i].members[at].value);
        SysFreeString(name);
        ITypeInfo_ReleaseVarDesc(info, member);
    }
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    ITypeInfo_Release(info);
    check_context(NULL);
}

static void check_structure(ITypeLib *library, const WCHAR *name, UINT field_count, ULONG size,
                            ULONG last_offset)
{
    ITypeInfo *info = find_type(library, name);
    TYPEATTR *attributes;
    VARDESC *field;

    check_context("%ls", name);
    if (!check(info != NULL)) return;
    check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
    check_int(attributes->typekind, TKIND_RECORD);
    check_int(attributes->cVars, field_count);
    check_int(attributes->cbSizeInstance, size);
    check_hr(ITypeInfo_GetVarDesc(info, field_count - 1, &field), S_OK);
    check_int(field->oInst, last_offset);
    ITypeInfo_ReleaseVarDesc(info, field);
    ITypeInfo_ReleaseTypeAttr(info, attributes);
    ITypeInfo_Release(info);
    check_context(NULL);
}

static void check_classes(ITypeLib *library)
{
    static const struct
    {
        const CLSID *clsid;
        const WCHAR *name;
        const IID *iid;
    } classes[] = {
        { &CLSID_SCardManage, L"SCardManage", &IID_ISCardManage },
        { &CLSID_SCardFileAccess, L"SCardFileAccess", &IID_ISCardFileAccess },
        { &CLSID_SCardVerify, L"SCardVerify", &IID_ISCardVerify },
        { &CLSID_SCardAuth, L"SCardAuth", &IID_ISCardAuth },
    };

    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        ITypeInfo *info = NULL, *default_info = NULL;
        TYPEATTR *attributes;
        HREFTYPE reference;
        INT flags = 0;
        BSTR name = NULL;

        check_context("%ls", classes[i].name);
        check_hr(ITypeLib_GetTypeInfoOfGuid(library, classes[i].clsid, &info), S_OK);
        if (!info) continue;
        check_hr(ITypeInfo_GetDocumentation(info, MEMBERID_NIL, &name, NULL, NULL, NULL), S_OK);
        check_wide(name, classes[i].name);
        SysFreeString(name);
        check_hr(ITypeInfo_GetTypeAttr(info, &attributes), S_OK);
        check_int(attributes->typekind, TKIND_COCLASS);
        check(attributes->wTypeFlags & TYPEFLAG_FCANCREATE);
        check_int(attributes->cImplTypes, 1);
        ITypeInfo_ReleaseTypeAttr(info, attributes);
        check_hr(ITypeInfo_GetImplTypeFlags(info, 0, &flags), S_OK);
        check_int(flags, IMPLTYPEFLAG_FDEFAULT);
        check_hr(ITypeInfo_GetRefTypeOfImplType(info, 0, &reference), S_OK);
        check_hr(ITypeInfo_GetRefTypeInfo(info, reference, &default_info), S_OK);
        check_hr(ITypeInfo_GetTypeAttr(default_info, &attributes), S_OK);
        check(IsEqualIID(&attributes->guid, classes[i].iid));
        ITypeInfo_ReleaseTypeAttr(default_info, attributes);
        ITypeInfo_Release(default_info);
        ITypeInfo_Release(info);
    }
    check_context(NULL);
}

static void check_library(ITypeLib *library)
{
    TLIBATTR *attributes;
    BSTR name = NULL, help = NULL;

    check_hr(ITypeLib_GetLibAttr(library, &attributes), S_OK);
    check(IsEqualGUID(&attributes->guid, &LIBID_ScardManageLib));
    check_int(attributes->wMajorVerNum, 1);
    check_int(attributes->wMinorVerNum, 0);
    check_int(attributes->lcid, 0);
    check_int(attributes->syskind, sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32);
    ITypeLib_ReleaseTLibAttr(library, attributes);
    check_hr(ITypeLib_GetDocumentation(library, -1, &name, &help, NULL, NULL), S_OK);
    check_wide(name, L"ScardManageLib");
    /* What registration writes as the library's name. */
    check_wide(help, L"scardmanage 1.0 smart card provider");
    SysFreeString(name);
    SysFreeString(help);
}

int main(void)
{
    ITypeLib *library = NULL;

    check_hr(CoInitialize(NULL), S_OK);
    /* By its path, without the registry. */
    check_hr(LoadTypeLibEx(dll_under_test(), REGKIND_NONE, &library), S_OK);
    if (library)
    {
        check_library(library);
        for (size_t i = 0; i < ARRAYSIZE(interfaces); i++)
            check_methods(library, i);
        for (size_t i = 0; i < ARRAYSIZE(enumerations); i++)
            check_enumeration(library, i);
        check_structure(library, L"tagTLV_TABLE", 2, 2 * sizeof(void *), sizeof(void *));
        check_structure(library, L"tagSTATSTRUCT", 5, 20, 16);
        check_classes(library);
        ITypeLib_Release(library);
    }
    CoUninitialize();
    return check_finish();
}
