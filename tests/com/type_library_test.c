/*
 * type_library_test - the type libraries in the DLL, read back and held against the published ones:
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
#include "scardssp_interfaces.h"
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
    L"8 0 put Stream([in] IStream* value)",
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

static const WCHAR *const type_conv[] = {
    L"7 0 ConvertByteArrayToByteBuffer([in] UI1* pbyArray, [in] UI4 dwArraySize, "
    L"[out,retval] IByteBuffer** ppbyBuffer)",
    L"8 1 ConvertByteBufferToByteArray([in] IByteBuffer* pbyBuffer, "
    L"[out,retval] tagBYTEARRAY** ppArray)",
    L"9 2 ConvertByteBufferToSafeArray([in] IByteBuffer* pbyBuffer, "
    L"[out,retval] SAFEARRAY(UI1)* ppbyArray)",
    L"10 3 ConvertSafeArrayToByteBuffer([in] SAFEARRAY(UI1) pbyArray, "
    L"[out,retval] IByteBuffer** ppbyBuff)",
    L"11 4 CreateByteArray([in] UI4 dwAllocSize, [out,retval] UI1** ppbyArray)",
    L"12 5 CreateByteBuffer([in] UI4 dwAllocSize, [out,retval] IByteBuffer** ppbyBuff)",
    L"13 6 CreateSafeArray([in] UINT nAllocSize, [out,retval] SAFEARRAY(UI1)* ppArray)",
    L"14 7 FreeIStreamMemoryPtr([in] IStream* pStrm, [in] UI1* pMem)",
    L"15 8 GetAtIStreamMemory([in] IStream* pStrm, [out,retval] tagBYTEARRAY** ppMem)",
    L"16 9 SizeOfIStream([in] IStream* pStrm, [out,retval] _ULARGE_INTEGER* puliSize)",
    NULL,
};
static const WCHAR *const cmd[] = {
    L"7 0 get Apdu([out,retval] IByteBuffer** ppApdu)",
    L"8 0 put Apdu([in] IByteBuffer* value)",
    L"9 1 get ApduLength([out,retval] I4* plSize)",
    L"10 2 get ApduReply([out,retval] IByteBuffer** ppReplyApdu)",
    L"11 2 put ApduReply([in] IByteBuffer* value)",
    L"12 3 get ApduReplyLength([out,retval] I4* plSize)",
    L"13 3 put ApduReplyLength([in] I4 value)",
    L"14 4 get ClassId([out,retval] UI1* pbyClass)",
    L"15 4 put ClassId([in,=0] UI1 value)",
    L"16 5 get Data([out,retval] IByteBuffer** ppData)",
    L"17 5 put Data([in] IByteBuffer* value)",
    L"18 6 get InstructionId([out,retval] UI1* pbyIns)",
    L"19 6 put InstructionId([in,=0] UI1 value)",
    L"20 7 get LeField([out,retval] I4* plSize)",
    L"21 8 get P1([out,retval] UI1* pbyP1)",
    L"22 8 put P1([in,=0] UI1 value)",
    L"23 9 get P2([out,retval] UI1* pbyP2)",
    L"24 9 put P2([in,=0] UI1 value)",
    L"25 10 get P3([out,retval] UI1* pbyP3)",
    L"26 11 get ReplyStatus([out,retval] UI2* pwStatus)",
    L"27 11 put ReplyStatus([in] UI2 value)",
    L"28 12 get ReplyStatusSW1([out,retval] UI1* pbySW1)",
    L"29 13 get ReplyStatusSW2([out,retval] UI1* pbySW2)",
    L"30 14 get type([out,retval] tagISO_APDU_TYPE* pType)",
    L"31 18 get Nad([out,retval] UI1* pbNad)",
    L"32 18 put Nad([in] UI1 value)",
    L"33 19 get ReplyNad([out,retval] UI1* pbNad)",
    L"34 19 put ReplyNad([in] UI1 value)",
    L"35 15 BuildCmd([in] UI1 byClassId, [in] UI1 byInsId, [in,=0] UI1 byP1, "
    L"[in,=0] UI1 byP2, [in,=0] IByteBuffer* pbyData, [in,=0] I4* plLe)",
    L"36 16 Clear()",
    L"37 17 Encapsulate([in] IByteBuffer* pApdu, [in] tagISO_APDU_TYPE ApduType)",
    L"38 20 get AlternateClassId([out,retval] UI1* pbyClass)",
    L"39 20 put AlternateClassId([in] UI1 value)",
    NULL,
};
static const WCHAR *const iso7816[] = {
    L"7 0 AppendRecord([in] UI1 byRefCtrl, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"8 1 EraseBinary([in] UI1 byP1, [in] UI1 byP2, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"9 2 ExternalAuthenticate([in] UI1 byAlgorithmRef, [in] UI1 bySecretRef, "
    L"[in] IByteBuffer* pChallenge, [in,out] ISCardCmd** ppCmd)",
    L"10 3 GetChallenge([in] I4 lBytesExpected, [in,out] ISCardCmd** ppCmd)",
    L"11 4 GetData([in] UI1 byP1, [in] UI1 byP2, [in] I4 lBytesToGet, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"12 5 GetResponse([in] UI1 byP1, [in] UI1 byP2, [in] I4 lDataLength, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"13 6 InternalAuthenticate([in] UI1 byAlgorithmRef, [in] UI1 bySecretRef, "
    L"[in] IByteBuffer* pChallenge, [in] I4 lReplyBytes, [in,out] ISCardCmd** ppCmd)",
    L"14 7 ManageChannel([in] UI1 byChannelState, [in] UI1 byChannel, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"15 8 PutData([in] UI1 byP1, [in] UI1 byP2, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"16 9 ReadBinary([in] UI1 byP1, [in] UI1 byP2, [in] I4 lBytesToRead, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"17 10 ReadRecord([in] UI1 byRecordId, [in] UI1 byRefCtrl, [in] I4 lBytesToRead, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"18 11 SelectFile([in] UI1 byP1, [in] UI1 byP2, [in] IByteBuffer* pData, "
    L"[in] I4 lBytesToRead, [in,out] ISCardCmd** ppCmd)",
    L"19 12 SetDefaultClassId([in] UI1 byClass)",
    L"20 13 UpdateBinary([in] UI1 byP1, [in] UI1 byP2, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"21 14 UpdateRecord([in] UI1 byRecordId, [in] UI1 byRefCtrl, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"22 15 Verify([in] UI1 byRefCtrl, [in] IByteBuffer* pData, [in,out] ISCardCmd** ppCmd)",
    L"23 16 WriteBinary([in] UI1 byP1, [in] UI1 byP2, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    L"24 17 WriteRecord([in] UI1 byRecordId, [in] UI1 byRefCtrl, [in] IByteBuffer* pData, "
    L"[in,out] ISCardCmd** ppCmd)",
    NULL,
};
static const WCHAR *const card[] = {
    L"7 0 get Atr([out,retval] IByteBuffer** ppAtr)",
    L"8 1 get CardHandle([out,retval] " HANDLE_TYPE L"* pHandle)",
    L"9 2 get Context([out,retval] " HANDLE_TYPE L"* pContext)",
    L"10 3 get Protocol([out,retval] tagSCARD_PROTOCOLS* pProtocol)",
    L"11 4 get Status([out,retval] tagSCARD_STATES* pStatus)",
    L"12 5 AttachByHandle([in] " HANDLE_TYPE L" hCard)",
    L"13 6 AttachByReader([in] BSTR bstrReaderName, [in,=1] tagSCARD_SHARE_MODES ShareMode, "
    L"[in,=1] tagSCARD_PROTOCOLS PrefProtocol)",
    L"14 7 Detach([in,=0] tagSCARD_DISPOSITIONS Disposition)",
    L"15 8 LockSCard()",
    L"16 9 ReAttach([in,=1] tagSCARD_SHARE_MODES ShareMode, "
    L"[in,=0] tagSCARD_DISPOSITIONS InitState)",
    L"17 10 Transaction([in,out] ISCardCmd** ppCmd)",
    L"18 11 UnlockSCard([in,=0] tagSCARD_DISPOSITIONS Disposition)",
    NULL,
};
static const WCHAR *const database[] = {
    L"7 0 GetProviderCardId([in] BSTR bstrCardName, [out,retval] GUID** ppguidProviderId)",
    L"8 1 ListCardInterfaces([in] BSTR bstrCardName, "
    L"[out,retval] SAFEARRAY(BSTR)* ppInterfaceGuids)",
    L"9 2 ListCards([in] IByteBuffer* pAtr, [in] SAFEARRAY(BSTR) pInterfaceGuids, "
    L"[in] I4 localeId, [out,retval] SAFEARRAY(BSTR)* ppCardNames)",
    L"10 3 ListReaderGroups([in] I4 localeId, [out,retval] SAFEARRAY(BSTR)* ppReaderGroups)",
    L"11 4 ListReaders([in] I4 localeId, [out,retval] SAFEARRAY(BSTR)* ppReaders)",
    NULL,
};
static const WCHAR *const locate[] = {
    L"7 0 ConfigureCardGuidSearch([in] SAFEARRAY(BSTR) pCardGuids, "
    L"[in] SAFEARRAY(BSTR) pGroupNames, [in,=\"\"] BSTR bstrTitle, [in,=1] I4 lFlags)",
    L"8 1 ConfigureCardNameSearch([in] SAFEARRAY(BSTR) pCardNames, "
    L"[in] SAFEARRAY(BSTR) pGroupNames, [in,=\"\"] BSTR bstrTitle, [in,=1] I4 lFlags)",
    L"9 2 FindCard([in] tagSCARD_SHARE_MODES ShareMode, [in] tagSCARD_PROTOCOLS Protocols, "
    L"[in] I4 lFlags, [out,retval] tagSCARDINFO** ppCardInfo)",
    NULL,
};

/* The libraries by the places of their resources. */
enum
{
    OWN,
    BASE,
    LIBRARY_COUNT,
};

static const struct
{
    const GUID *libid;
    const WCHAR *resource; /* behind the path of the DLL */
    const WCHAR *name;
    const WCHAR *help; /* what registration writes as the library's name */
} libraries[LIBRARY_COUNT] = {
    [OWN] = { &LIBID_ScardManageLib, L"", L"ScardManageLib",
              L"scardmanage 1.0 smart card provider" },
    [BASE] = { &LIBID_SCARDSSPLib, L"\\2", L"SCARDSSPLib", L"scardmanage 1.0 base card services" },
};

static const struct
{
    int library;
    const IID *iid;
    const WCHAR *name;
    const WCHAR *const *methods;
} interfaces[] = {
    { OWN, &IID_IByteBuffer, L"IByteBuffer", byte_buffer },
    { OWN, &IID_ISCardManage, L"ISCardManage", manage },
    { OWN, &IID_ISCardFileAccess, L"ISCardFileAccess", file_access },
    { OWN, &IID_ISCardVerify, L"ISCardVerify", verify },
    { OWN, &IID_ISCardAuth, L"ISCardAuth", auth },
    { BASE, &IID_IByteBuffer, L"IByteBuffer", byte_buffer },
    { BASE, &IID_ISCardTypeConv, L"ISCardTypeConv", type_conv },
    { BASE, &IID_ISCardCmd, L"ISCardCmd", cmd },
    { BASE, &IID_ISCardISO7816, L"ISCardISO7816", iso7816 },
    { BASE, &IID_ISCard, L"ISCard", card },
    { BASE, &IID_ISCardDatabase, L"ISCardDatabase", database },
    { BASE, &IID_ISCardLocate, L"ISCardLocate", locate },
};

static const struct
{
    int library;
    const WCHAR *name;
    struct
    {
        const WCHAR *name;
        LONG value;
    } members[18];
} enumerations[] = {
    { OWN, L"tagSCARD_SHARE_MODES", { { L"EXCLUSIVE", 1 }, { L"SHARED", 2 } } },
    { OWN,
      L"tagSCARD_STATES",
      { { L"ABSENT", 1 },
        { L"PRESENT", 2 },
        { L"SWALLOWED", 3 },
        { L"POWERED", 4 },
        { L"NEGOTIABLEMODE", 5 },
        { L"SPECIFICMODE", 6 } } },
    { OWN, L"tagSCARD_PROTOCOLS", { { L"T0", 1 }, { L"T1", 2 }, { L"RAW", 0xff } } },
    { OWN,
      L"tagSCARD_DISPOSITIONS",
      { { L"LEAVE", 0 }, { L"RESET", 1 }, { L"UNPOWER", 2 }, { L"EJECT", 3 } } },
    { OWN,
      L"tagREFTYPE",
      { { L"SC_TYPE_BY_NAME", 0 }, { L"SC_TYPE_BY_ID", 1 }, { L"SC_TYPE_BY_SHORT_ID", 2 } } },
    { OWN,
      L"tagFILETYPE",
      { { L"SC_TYPE_DIRECTORIES", 0 },
        { L"SC_TYPE_FILES", 1 },
        { L"SC_TYPE_ALL_FILES", 2 },
        { L"SC_TYPE_DIRECTORY_FILE", 3 },
        { L"SC_TYPE_TRANSPARENT_EF", 4 },
        { L"SC_TYPE_FIXED_EF", 5 },
        { L"SC_TYPE_CYCLIC_EF", 6 },
        { L"SC_TYPE_VARIABLE_EF", 7 } } },
    { OWN,
      L"tagSEEKTYPE",
      { { L"SC_SEEK_FROM_BEGINNING", 0 },
        { L"SC_SEEK_FROM_END", 1 },
        { L"SC_SEEK_RELATIVE", 2 } } },
    { OWN,
      L"tagSCARD_FLAGS",
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
    { BASE,
      L"tagISO_APDU_TYPE",
      { { L"ISO_CASE_1", 1 }, { L"ISO_CASE_2", 2 }, { L"ISO_CASE_3", 3 }, { L"ISO_CASE_4", 4 } } },
    { BASE, L"tagSCARD_SHARE_MODES", { { L"EXCLUSIVE", 1 }, { L"SHARED", 2 } } },
    { BASE, L"tagSCARD_PROTOCOLS", { { L"T0", 1 }, { L"T1", 2 }, { L"RAW", 0xff } } },
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
        { VT_I4, L"I4" },
        { VT_UI4, L"UI4" },
        { VT_UI8, L"UI8" },
        { VT_UINT, L"UINT" },
        { VT_UI1, L"UI1" },
        { VT_BSTR, L"BSTR" },
        { VT_UNKNOWN, L"IUnknown*" },
        { VT_UI2, L"UI2" },
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
        WCHAR text[16];
        VARIANT value;
        VariantInit(&value);
        const VARIANT *standard = &parameter->paramdesc.pparamdescex->varDefaultValue;
        VariantChangeType(&value, (VARIANT *)standard, 0, VT_BSTR);
        swprintf(text, ARRAYSIZE(text), V_VT(standard) == VT_BSTR ? L",=\"%ls\"" : L",=%ls",
                 V_BSTR(&value));
        add(line, text);
        VariantClear(&value);
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
        const WCHAR *name = names[i + 1];
        /* A property has its names from the first of its two functions. */
        if (function->invkind == INVOKE_PROPERTYPUT) name = L"value";
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

static void check_classes(ITypeLib *library, int which)
{
    static const struct
    {
        const CLSID *clsid;
        const WCHAR *name;
        const IID *iid;
        int library;
    } classes[] = {
        { &CLSID_SCardManage, L"SCardManage", &IID_ISCardManage, OWN },
        { &CLSID_SCardFileAccess, L"SCardFileAccess", &IID_ISCardFileAccess, OWN },
        { &CLSID_SCardVerify, L"SCardVerify", &IID_ISCardVerify, OWN },
        { &CLSID_SCardAuth, L"SCardAuth", &IID_ISCardAuth, OWN },
        { &CLSID_CByteBuffer, L"CByteBuffer", &IID_IByteBuffer, BASE },
        { &CLSID_CSCardTypeConv, L"CSCardTypeConv", &IID_ISCardTypeConv, BASE },
        { &CLSID_CSCardCmd, L"CSCardCmd", &IID_ISCardCmd, BASE },
        { &CLSID_CSCardISO7816, L"CSCardISO7816", &IID_ISCardISO7816, BASE },
        { &CLSID_CSCard, L"CSCard", &IID_ISCard, BASE },
        { &CLSID_CSCardDatabase, L"CSCardDatabase", &IID_ISCardDatabase, BASE },
        { &CLSID_CSCardLocate, L"CSCardLocate", &IID_ISCardLocate, BASE },
    };

    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        if (classes[i].library != which) continue;
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

static void check_library(ITypeLib *library, int which)
{
    TLIBATTR *attributes;
    BSTR name = NULL, help = NULL;

    check_hr(ITypeLib_GetLibAttr(library, &attributes), S_OK);
    check(IsEqualGUID(&attributes->guid, libraries[which].libid));
    check_int(attributes->wMajorVerNum, 1);
    check_int(attributes->wMinorVerNum, 0);
    check_int(attributes->lcid, 0);
    check_int(attributes->syskind, sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32);
    ITypeLib_ReleaseTLibAttr(library, attributes);
    check_hr(ITypeLib_GetDocumentation(library, -1, &name, &help, NULL, NULL), S_OK);
    check_wide(name, libraries[which].name);
    check_wide(help, libraries[which].help);
    SysFreeString(name);
    SysFreeString(help);
}

/* By its path, without the registry. */
static ITypeLib *load(int which)
{
    WCHAR path[MAX_PATH];
    ITypeLib *library = NULL;

    swprintf(path, ARRAYSIZE(path), L"%ls%ls", dll_under_test(), libraries[which].resource);
    check_hr(LoadTypeLibEx(path, REGKIND_NONE, &library), S_OK);
    return library;
}

/* A union has no form in Basic, nor one of ours in Pascal: none is drawn in with a system's type. */
static void check_no_union(ITypeLib *library)
{
    for (UINT i = 0; i < ITypeLib_GetTypeInfoCount(library); i++)
    {
        TYPEKIND kind = TKIND_UNION;
        check_context("type %u", i);
        check_hr(ITypeLib_GetTypeInfoType(library, i, &kind), S_OK);
        check(kind != TKIND_UNION);
    }
    check_context(NULL);
}

/* A folder whose name makes the path of the DLL in it this long; NULL where none can be made. */
static bool make_long_path(WCHAR *path, size_t chars)
{
    static const WCHAR file[] = L"\\scardmanage.dll";
    DWORD len = GetTempPathW(MAX_PATH, path);

    if (len == 0 || len + wcslen(file) + 2 > chars) return false;
    /* No single name is longer than 255. */
    while (len < chars - wcslen(file))
    {
        size_t rest = chars - wcslen(file) - len, name = rest > 101 ? 100 : rest;
        if (path[len - 1] != L'\\') path[len++] = L'\\', name = name > 1 ? name - 1 : 0;
        for (size_t i = 0; i < name; i++)
            path[len++] = L'x';
        path[len] = 0;
        if (!CreateDirectoryW(path, NULL) && GetLastError() != ERROR_ALREADY_EXISTS) return false;
    }
    wcscat(path, file);
    return wcslen(path) == chars && CopyFileW(dll_under_test(), path, FALSE);
}

static void check_describes_itself(HMODULE server, const CLSID *clsid)
{
    HRESULT(STDMETHODCALLTYPE * get_class_object)(REFCLSID, REFIID, void **);
    IClassFactory *factory = NULL;
    IDispatch *object = NULL;
    ITypeInfo *info = NULL;

    get_class_object = (HRESULT(STDMETHODCALLTYPE *)(REFCLSID, REFIID, void **))(
        void *)GetProcAddress(server, "DllGetClassObject");
    if (!check_hr(get_class_object(clsid, &IID_IClassFactory, (void **)&factory), S_OK)) return;
    if (check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_IDispatch, (void **)&object),
                 S_OK))
    {
        if (check_hr(IDispatch_GetTypeInfo(object, 0, 0, &info), S_OK)) ITypeInfo_Release(info);
        IDispatch_Release(object);
    }
    IClassFactory_Release(factory);
}

/* Wherever the system loads the DLL from, its objects find their descriptions in it. */
static void longest_paths(void)
{
    for (size_t chars = MAX_PATH - 4; chars < MAX_PATH; chars++)
    {
        WCHAR path[MAX_PATH + 1];
        HMODULE server = make_long_path(path, chars) ? LoadLibraryW(path) : NULL;

        if (!server)
        {
            check_skip("no DLL is loaded from a path of %u characters", (unsigned)chars);
            continue;
        }
        check_context("a path of %u characters", (unsigned)chars);
        check_describes_itself(server, &CLSID_SCardManage);
        check_describes_itself(server, &CLSID_CByteBuffer);
        FreeLibrary(server);
        DeleteFileW(path);
    }
    check_context(NULL);
}

int main(void)
{
    check_hr(CoInitialize(NULL), S_OK);
    for (int which = 0; which < LIBRARY_COUNT; which++)
    {
        ITypeLib *library = load(which);
        if (!library) continue;
        check_library(library, which);
        for (size_t i = 0; i < ARRAYSIZE(interfaces); i++)
            if (interfaces[i].library == which) check_methods(library, i);
        for (size_t i = 0; i < ARRAYSIZE(enumerations); i++)
            if (enumerations[i].library == which) check_enumeration(library, i);
        if (which == OWN)
            check_structure(library, L"tagTLV_TABLE", 2, 2 * sizeof(void *), sizeof(void *));
        if (which == BASE)
        {
            bool is_wide = sizeof(void *) == 8;
            check_structure(library, L"tagBYTEARRAY", 3, is_wide ? 24 : 12, is_wide ? 16 : 8);
            check_structure(library, L"tagSCARDINFO", 8, is_wide ? 56 : 32, is_wide ? 48 : 28);
        }
        check_structure(library, L"tagSTATSTRUCT", 5, 20, 16);
        check_no_union(library);
        check_classes(library, which);
        ITypeLib_Release(library);
    }
    longest_paths();
    CoUninitialize();
    return check_finish();
}
