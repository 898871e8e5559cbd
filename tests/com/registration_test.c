/*
 * registration_test - the registry before, after and without us: real regsvr32, every key, nothing
 *                     else, nothing left behind.
 * Layer: tests. Takes an existing registration away while it runs and puts it back; no reader.
 * Reference: the keys of an in-process dual-interface server, Microsoft Learn: "CLSID Key",
 *            "Registering a Type Library", "Interface Key", "Self-Registration", "Regsvr32"
 * SPDX-License-Identifier: MIT
 */
#include <stdio.h>
#include <stdlib.h>
#include <windows.h>
#include <ole2.h>
#include <olectl.h>

#include "scardmanage.h"
#include "support/check.h"
#include "support/registry_edit.h"
#include "support/registry_snapshot.h"
#include "support/regsvr32.h"

#ifdef _WIN64
#define PLATFORM       L"win64"
#define OTHER_PLATFORM L"win32"
#else
#define PLATFORM       L"win32"
#define OTHER_PLATFORM L"win64"
#endif

#define LIBID      L"{81C05811-F891-4977-948E-F737FC9A7498}"
#define BASE_LIBID L"{82C38704-19F1-11D3-A11F-00C04F79F800}"
#define BUFFER     L"{E126F8FF-A7AF-11D0-B88A-00C04FD424B9}"
#define AUTOMATION L"{00020424-0000-0000-C000-000000000046}"
#define MANAGE     L"{2D5B8F98-25C3-4C97-8936-3B3736623AFE}"
#define IID_CMD    L"{D5778AE3-43DE-11D0-9171-00AA00C18068}"
#define IID_MANAGE L"{5E586211-5A09-11D0-B84C-00C04FD424B9}"

static const struct
{
    const CLSID *clsid;
    const IID *iid;
    const WCHAR *id;
    const WCHAR *name;
    const WCHAR *progid;
    const WCHAR *library;
    bool is_shared; /* other servers have the id as well */
} classes[] = {
    { &CLSID_SCardManage, &IID_ISCardManage, MANAGE, L"Smart card connection",
      L"ScardManage.SCardManage", LIBID, false },
    { &CLSID_SCardFileAccess, &IID_ISCardFileAccess, L"{6625A2C6-7B2F-4F8E-B5A9-BAB35E98760F}",
      L"Smart card file access", L"ScardManage.SCardFileAccess", LIBID, false },
    { &CLSID_SCardVerify, &IID_ISCardVerify, L"{FF43A079-B2CA-4214-AEB4-E31D0C56C928}",
      L"Smart card holder verification", L"ScardManage.SCardVerify", LIBID, false },
    { &CLSID_SCardAuth, &IID_ISCardAuth, L"{FA57055C-26A9-4A7D-B640-5DE3A5C307F4}",
      L"Smart card authentication", L"ScardManage.SCardAuth", LIBID, false },
    { &CLSID_CSCardTypeConv, &IID_ISCardTypeConv, L"{53B6AA67-3F56-11D0-916B-00AA00C18068}",
      L"Byte conversions", L"ScardManage.CSCardTypeConv", BASE_LIBID, true },
    { &CLSID_CSCardCmd, &IID_ISCardCmd, L"{D5778AE7-43DE-11D0-9171-00AA00C18068}",
      L"Smart card command", L"ScardManage.CSCardCmd", BASE_LIBID, true },
    { &CLSID_CSCardISO7816, &IID_ISCardISO7816, L"{53B6AA6C-3F56-11D0-916B-00AA00C18068}",
      L"Builder of smart card commands", L"ScardManage.CSCardISO7816", BASE_LIBID, true },
    { &CLSID_CByteBuffer, &IID_IByteBuffer, BUFFER, L"Byte buffer", L"ScardManage.CByteBuffer",
      BASE_LIBID, true },
    { &CLSID_CSCard, &IID_ISCard, L"{1461AAC7-6810-11D0-918F-00AA00C18068}", L"Smart card",
      L"ScardManage.CSCard", BASE_LIBID, true },
    { &CLSID_CSCardDatabase, &IID_ISCardDatabase, L"{1461AACC-6810-11D0-918F-00AA00C18068}",
      L"Smart card database", L"ScardManage.CSCardDatabase", BASE_LIBID, true },
    { &CLSID_CSCardLocate, &IID_ISCardLocate, L"{1461AAD1-6810-11D0-918F-00AA00C18068}",
      L"Smart card search", L"ScardManage.CSCardLocate", BASE_LIBID, true },
};

static const struct
{
    const GUID *libid;
    const WCHAR *id;
    const WCHAR *title;
    const WCHAR *name;
    const WCHAR *resource; /* behind the path of the DLL */
} libraries[] = {
    { &LIBID_ScardManageLib, LIBID, L"scardmanage 1.0 smart card provider", L"ScardManageLib",
      L"" },
    { &LIBID_SCARDSSPLib, BASE_LIBID, L"scardmanage 1.0 base card services", L"SCARDSSPLib",
      L"\\2" },
};

static const struct
{
    const IID *iid;
    const WCHAR *id;
    const WCHAR *name;
    const WCHAR *slots;
    bool is_shared; /* described by the library whose id the original has as well */
} interfaces[] = {
    { &IID_ISCardManage, IID_MANAGE, L"ISCardManage", L"18", false },
    { &IID_ISCardFileAccess, L"{4029DD8A-5902-11D0-B84C-00C04FD424B9}", L"ISCardFileAccess", L"23",
      false },
    { &IID_ISCardVerify, L"{4029DD85-5902-11D0-B84C-00C04FD424B9}", L"ISCardVerify", L"12", false },
    { &IID_ISCardAuth, L"{7B063D61-6E40-11D0-B858-00C04FD424B9}", L"ISCardAuth", L"12", false },
    { &IID_IByteBuffer, L"{E126F8FE-A7AF-11D0-B88A-00C04FD424B9}", L"IByteBuffer", L"21", false },
    { &IID_ISCardTypeConv, L"{53B6AA63-3F56-11D0-916B-00AA00C18068}", L"ISCardTypeConv", L"17",
      true },
    { &IID_ISCardCmd, IID_CMD, L"ISCardCmd", L"40", true },
    { &IID_ISCardISO7816, L"{53B6AA68-3F56-11D0-916B-00AA00C18068}", L"ISCardISO7816", L"25",
      true },
    { &IID_ISCard, L"{1461AAC3-6810-11D0-918F-00AA00C18068}", L"ISCard", L"19", true },
    { &IID_ISCardDatabase, L"{1461AAC8-6810-11D0-918F-00AA00C18068}", L"ISCardDatabase", L"12",
      true },
    { &IID_ISCardLocate, L"{1461AACD-6810-11D0-918F-00AA00C18068}", L"ISCardLocate", L"10", true },
};

/* Nothing of ours is registered. */
static struct registry_snapshot clean;

/* The registry as it ought to be: `clean` and the lines added to it. */
static struct registry_snapshot expected;

static void expect_line(const WCHAR *line)
{
    struct registry_snapshot *snapshot = &expected;
    if (snapshot->count == snapshot->capacity)
    {
        snapshot->capacity += 256;
        snapshot->lines = realloc(snapshot->lines, snapshot->capacity * sizeof(WCHAR *));
    }
    snapshot->lines[snapshot->count++] = _wcsdup(line);
}

/* `format` has at most two texts in it. */
static void expect(const WCHAR *root, const WCHAR *format, const WCHAR *a, const WCHAR *b)
{
    static WCHAR line[33000];
    int chars = swprintf(line, ARRAYSIZE(line), L"%ls\\", root);
    swprintf(line + chars, ARRAYSIZE(line) - (size_t)chars, format, a, b);
    expect_line(line);
}

static int compare_lines(const void *a, const void *b)
{
    return wcscmp(*(WCHAR *const *)a, *(WCHAR *const *)b);
}

/* The folder of a file, valid until the next call. */
static const WCHAR *folder_of(const WCHAR *file)
{
    static WCHAR folder[4096];
    wcscpy(folder, file);
    *wcsrchr(folder, L'\\') = 0;
    return folder;
}

/* Every key and value of the reference, sections 1 to 3, in one root. */
static void expect_registration(const WCHAR *root, const WCHAR *dll)
{
    const WCHAR *folder = folder_of(dll);

    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        const WCHAR *id = classes[i].id, *progid = classes[i].progid;
        expect(root, L"CLSID\\%ls", id, NULL);
        expect(root, L"CLSID\\%ls @  = %ls", id, classes[i].name);
        expect(root, L"CLSID\\%ls\\InprocServer32", id, NULL);
        expect(root, L"CLSID\\%ls\\InprocServer32 @  = %ls", id, dll);
        expect(root, L"CLSID\\%ls\\InprocServer32 @ ThreadingModel = Both", id, NULL);
        expect(root, L"CLSID\\%ls\\ProgID", id, NULL);
        expect(root, L"CLSID\\%ls\\ProgID @  = %ls.1", id, progid);
        expect(root, L"CLSID\\%ls\\VersionIndependentProgID", id, NULL);
        expect(root, L"CLSID\\%ls\\VersionIndependentProgID @  = %ls", id, progid);
        expect(root, L"CLSID\\%ls\\TypeLib", id, NULL);
        expect(root, L"CLSID\\%ls\\TypeLib @  = %ls", id, classes[i].library);
        if (classes[i].is_shared) expect(root, L"CLSID\\%ls @ scardmanage = %ls", id, dll);
        expect(root, L"CLSID\\%ls\\Version", id, NULL);
        expect(root, L"CLSID\\%ls\\Version @  = 1.0", id, NULL);
        expect(root, L"CLSID\\%ls\\Programmable", id, NULL);
        expect(root, L"%ls.1", progid, NULL);
        expect(root, L"%ls.1 @  = %ls", progid, classes[i].name);
        expect(root, L"%ls.1\\CLSID", progid, NULL);
        expect(root, L"%ls.1\\CLSID @  = %ls", progid, id);
        expect(root, L"%ls", progid, NULL);
        expect(root, L"%ls @  = %ls", progid, classes[i].name);
        expect(root, L"%ls\\CLSID", progid, NULL);
        expect(root, L"%ls\\CLSID @  = %ls", progid, id);
        expect(root, L"%ls\\CurVer", progid, NULL);
        expect(root, L"%ls\\CurVer @  = %ls.1", progid, progid);
    }
    for (size_t i = 0; i < ARRAYSIZE(libraries); i++)
    {
        static WCHAR file[33000];
        const WCHAR *id = libraries[i].id;

        swprintf(file, ARRAYSIZE(file), L"%ls%ls", dll, libraries[i].resource);
        expect(root, L"TypeLib\\%ls", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0 @  = %ls", id, libraries[i].title);
        expect(root, L"TypeLib\\%ls\\1.0\\0", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0\\0\\" PLATFORM, id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0\\0\\" PLATFORM L" @  = %ls", id, file);
        if (libraries[i].libid == &LIBID_SCARDSSPLib)
            expect(root, L"TypeLib\\%ls\\1.0\\0\\" PLATFORM L" @ scardmanage = %ls", id, file);
        expect(root, L"TypeLib\\%ls\\1.0\\FLAGS", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0\\FLAGS @  = 0", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0\\HELPDIR", id, NULL);
        expect(root, L"TypeLib\\%ls\\1.0\\HELPDIR @  = %ls", id, folder);
    }
    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++)
    {
        const WCHAR *id = interfaces[i].id;
        expect(root, L"Interface\\%ls", id, NULL);
        expect(root, L"Interface\\%ls @  = %ls", id, interfaces[i].name);
        expect(root, L"Interface\\%ls\\ProxyStubClsid32", id, NULL);
        expect(root, L"Interface\\%ls\\ProxyStubClsid32 @  = " AUTOMATION, id, NULL);
        expect(root, L"Interface\\%ls\\TypeLib", id, NULL);
        expect(root, L"Interface\\%ls\\TypeLib @  = %ls", id,
               interfaces[i].is_shared ? BASE_LIBID : LIBID);
        if (interfaces[i].is_shared) expect(root, L"Interface\\%ls @ scardmanage = %ls", id, dll);
        expect(root, L"Interface\\%ls\\TypeLib @ Version = 1.0", id, NULL);
        expect(root, L"Interface\\%ls\\NumMethods", id, NULL);
        expect(root, L"Interface\\%ls\\NumMethods @  = %ls", id, interfaces[i].slots);
    }
    /* A user's registry need not have the folders of the keys. */
    if (wcscmp(root, L"HKCU") == 0)
    {
        if (!registry_snapshot_has(&clean, root)) expect_line(root);
        static const WCHAR *const folders[] = { L"CLSID", L"Interface", L"TypeLib" };
        for (size_t i = 0; i < ARRAYSIZE(folders); i++)
        {
            WCHAR line[64];
            swprintf(line, ARRAYSIZE(line), L"HKCU\\%ls", folders[i]);
            if (!registry_snapshot_has(&clean, line)) expect(root, L"%ls", folders[i], NULL);
        }
    }
}

/*
 * Registry lines differ from the ones expected in the case of their keys' names where a key was there
 * before, and 32-bit views spell their prefix differently: so the comparison is of what `actual` has
 * besides `clean`, without regard to case.
 */
static WCHAR *lower_case_of(const WCHAR *line)
{
    WCHAR *copy = _wcsdup(line);
    return _wcslwr(copy);
}

static struct registry_snapshot additions_to(const struct registry_snapshot *before)
{
    struct registry_snapshot now = registry_snapshot_take(), added = { 0 };

    added.lines = calloc(now.count + 1, sizeof(WCHAR *));
    for (size_t i = 0; i < now.count; i++)
        if (!registry_snapshot_has(before, now.lines[i]))
            added.lines[added.count++] = lower_case_of(now.lines[i]);
    for (size_t i = 0; i < before->count; i++)
        if (!registry_snapshot_has(&now, before->lines[i]))
            check_true_at(__FILE__, __LINE__, false, "a line is gone that was there before");
    qsort(added.lines, added.count, sizeof(WCHAR *), compare_lines);
    registry_snapshot_free(&now);
    return added;
}

/* Checks that exactly the expected lines came to the clean registry; forgets them. */
static void check_expected_at(int line)
{
    struct registry_snapshot added = additions_to(&clean);
    struct registry_snapshot *wanted = &expected;

    for (size_t i = 0; i < wanted->count; i++)
        _wcslwr(wanted->lines[i]);
    qsort(wanted->lines, wanted->count, sizeof(WCHAR *), compare_lines);
    check_true_at(__FILE__, line, wanted->count > 100, "the test expects a whole registration");
    registry_snapshot_check(__FILE__, line, &added, wanted);
    registry_snapshot_free(&added);
    registry_snapshot_free(wanted);
}
#define check_expected() check_expected_at(__LINE__)

/* Objects are there for class ids and both forms of the ProgIDs; COM unloads the DLL afterwards. */
static void check_activation(void)
{
    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        WCHAR versioned[64];
        IUnknown *object = NULL;
        CLSID clsid;

        check_context("%ls", classes[i].progid);
        swprintf(versioned, ARRAYSIZE(versioned), L"%ls.1", classes[i].progid);
        check_hr(CoCreateInstance(classes[i].clsid, NULL, CLSCTX_INPROC_SERVER, classes[i].iid,
                                  (void **)&object),
                 S_OK);
        if (object) IUnknown_Release(object);
        check_hr(CLSIDFromProgID(versioned, &clsid), S_OK);
        check(IsEqualCLSID(&clsid, classes[i].clsid));
        check_hr(CLSIDFromProgID(classes[i].progid, &clsid), S_OK);
        check(IsEqualCLSID(&clsid, classes[i].clsid));
    }
    check_context(NULL);
    CoFreeUnusedLibrariesEx(0, 0);
}

static void check_no_activation(void)
{
    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
    {
        IUnknown *object = NULL;
        CLSID clsid;
        check_hr(CoCreateInstance(classes[i].clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown,
                                  (void **)&object),
                 REGDB_E_CLASSNOTREG);
        check(FAILED(CLSIDFromProgID(classes[i].progid, &clsid)));
    }
}

static void check_type_library(const GUID *libid, const WCHAR *wanted)
{
    ITypeLib *library = NULL;
    BSTR name = NULL;
    TLIBATTR *attributes;

    check_hr(LoadRegTypeLib(libid, 1, 0, 0, &library), S_OK);
    if (!library) return;
    check_hr(ITypeLib_GetDocumentation(library, -1, &name, NULL, NULL, NULL), S_OK);
    check_wide(name, wanted);
    SysFreeString(name);
    check_hr(ITypeLib_GetLibAttr(library, &attributes), S_OK);
    check(IsEqualGUID(&attributes->guid, libid));
    check_int(attributes->syskind, sizeof(void *) == 8 ? SYS_WIN64 : SYS_WIN32);
    ITypeLib_ReleaseTLibAttr(library, attributes);
    ITypeLib_Release(library);
}

static void check_type_libraries(void)
{
    for (size_t i = 0; i < ARRAYSIZE(libraries); i++)
        check_type_library(libraries[i].libid, libraries[i].name);
    for (size_t i = 0; i < ARRAYSIZE(interfaces); i++)
    {
        static const CLSID automation = { 0x00020424, 0, 0, { 0xC0, 0, 0, 0, 0, 0, 0, 0x46 } };
        CLSID proxy;
        check_hr(CoGetPSClsid(interfaces[i].iid, &proxy), S_OK);
        check(IsEqualCLSID(&proxy, &automation));
    }
}

/* Whether classes of the user are seen at all: Wine's HKEY_CLASSES_ROOT shows the machine's only. */
static bool user_classes_are_seen(void)
{
    static const WCHAR probe[] = L"scardmanage.probe";
    static const WCHAR probe_path[] = L"Software\\Classes\\scardmanage.probe";
    bool had_classes = edit_has_key(HKEY_CURRENT_USER, 0, L"Software\\Classes");

    edit_put_text(HKEY_CURRENT_USER, probe_path, NULL, L"");
    bool are_seen = edit_has_key(HKEY_CLASSES_ROOT, 0, probe);
    edit_delete_tree(HKEY_CURRENT_USER, 0, probe_path);
    if (!had_classes) RegDeleteKeyW(HKEY_CURRENT_USER, L"Software\\Classes");
    return are_seen;
}

static void machine(void)
{
    WCHAR *dll = dll_copy_in(L"machine");

    check_no_activation();
    check_int(regsvr32(L"/s", dll), 0);
    expect_registration(L"HKLM", dll);
    check_expected();
    check_activation();
    check_type_libraries();

    struct registry_snapshot once = registry_snapshot_take();
    check_int(regsvr32(L"/s", dll), 0);
    check_registry_is(&once);
    /* Without options /i asks for what is done already. */
    check_int(regsvr32(L"/s /i", dll), 0);
    check_registry_is(&once);
    registry_snapshot_free(&once);

    check_int(regsvr32(L"/s /u", dll), 0);
    check_registry_is(&clean);
    check_no_activation();
    check_int(regsvr32(L"/s /u", dll), 0);
    check_registry_is(&clean);
    dll_copy_delete(dll);
}

static void user(void)
{
    bool are_seen = user_classes_are_seen();
    WCHAR *dll = dll_copy_in(L"user");

    check_int(regsvr32(L"/s /n /i:user", dll), 0);
    expect_registration(L"HKCU", dll);
    check_expected();
    if (are_seen)
    {
        check_activation();
        check_type_libraries();
    }
    else
        printf(
            "user's classes: this system does not look for them, so only the keys are checked\n");
    check_int(regsvr32(L"/s /n /i:user", dll), 0);
    expect_registration(L"HKCU", dll);
    check_expected();

    check_int(regsvr32(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&clean);
    check_int(regsvr32(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&clean);

    /* A removal without options finds the user's registration too. */
    check_int(regsvr32(L"/s /n /i:USER", dll), 0);
    check_int(regsvr32(L"/s /u", dll), 0);
    check_registry_is(&clean);

    /* Both roots at once; taking the user's away leaves the machine's. */
    check_int(regsvr32(L"/s /i:user", dll), 0);
    expect_registration(L"HKLM", dll);
    expect_registration(L"HKCU", dll);
    check_expected();
    check_int(regsvr32(L"/s /u /n /i:user", dll), 0);
    expect_registration(L"HKLM", dll);
    check_expected();
    check_int(regsvr32(L"/s /i:user", dll), 0);
    check_int(regsvr32(L"/s /u /i:user", dll), 0);
    check_registry_is(&clean);
    dll_copy_delete(dll);
}

/*
 * The entry points of a copy, called without regsvr32: for their HRESULT, and where there are many
 * calls.
 */
static HRESULT(WINAPI *install)(BOOL, const WCHAR *);
static HRESULT(WINAPI *add)(void);
static HRESULT(WINAPI *take_away)(void);

static HMODULE load(const WCHAR *dll)
{
    HMODULE module = LoadLibraryW(dll);
    if (!module)
    {
        printf("cannot load %ls: error %lu\n", dll, GetLastError());
        exit(2);
    }
    *(FARPROC *)&install = GetProcAddress(module, "DllInstall");
    *(FARPROC *)&add = GetProcAddress(module, "DllRegisterServer");
    *(FARPROC *)&take_away = GetProcAddress(module, "DllUnregisterServer");
    return module;
}

/* Whichever entry point comes first. */
static void either_order(void)
{
    WCHAR *dll = dll_copy_in(L"order");
    HMODULE module = load(dll);

    check_hr(install(TRUE, L"user"), S_OK);
    check_hr(add(), S_OK);
    expect_registration(L"HKLM", dll);
    expect_registration(L"HKCU", dll);
    check_expected();
    check_hr(install(FALSE, L"user"), S_OK);
    check_hr(take_away(), S_OK);
    check_registry_is(&clean);

    check_hr(add(), S_OK);
    check_hr(install(TRUE, L"user"), S_OK);
    check_hr(take_away(), S_OK);
    check_hr(install(FALSE, L"user"), S_OK);
    check_registry_is(&clean);

    /* Nothing is done for a line that is wrong anywhere. */
    static const WCHAR *const wrong[] = {
        L"nonsense",     L"user nonsense",
        L"user=1",       L"users",
        L"force",        L"user;force",
        L"alias=",       L"user alias",
        L"user alias={", L"user,alias={11111111-2222-3333-4444-555555555555}"
    };
    for (size_t i = 0; i < ARRAYSIZE(wrong); i++)
    {
        check_context("%ls", wrong[i]);
        check_hr(install(TRUE, wrong[i]), E_INVALIDARG);
        check_hr(install(FALSE, wrong[i]), E_INVALIDARG);
    }
    check_context(NULL);
    check_registry_is(&clean);
    check(regsvr32(L"/s /n /i:nonsense", dll) != 0);
    check_registry_is(&clean);

    FreeLibrary(module);
    dll_copy_delete(dll);
}

/* What others keep under our keys stays; what they point elsewhere is theirs. */
static void foreign_keys(void)
{
    static const WCHAR own[] = L"Software\\Classes\\CLSID\\" MANAGE;
    static const WCHAR treat_as[] = L"Software\\Classes\\CLSID\\" MANAGE L"\\TreatAs";
    WCHAR *dll = dll_copy_in(L"foreign");

    check_int(registered_here(L"/s", dll), 0);
    edit_put_text(HKEY_LOCAL_MACHINE, treat_as, NULL, L"{11111111-2222-3333-4444-555555555555}");
    edit_put_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\ScardManage.SCardAuth\\shell", L"of",
                  L"somebody");
    check_int(registered_here(L"/s /u", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, treat_as, NULL, L"{11111111-2222-3333-4444-555555555555}");
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\ScardManage.SCardAuth\\shell", L"of",
               L"somebody");
    check_text(HKEY_LOCAL_MACHINE, own, NULL, NULL);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, own);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\ScardManage.SCardAuth");
    check_registry_is(&clean);

    /* Another product took one of our ProgIDs. */
    check_int(registered_here(L"/s", dll), 0);
    edit_put_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\ScardManage.SCardVerify\\CLSID", NULL,
                  L"{11111111-2222-3333-4444-555555555555}");
    check_int(registered_here(L"/s /u", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\ScardManage.SCardVerify\\CLSID", NULL,
               L"{11111111-2222-3333-4444-555555555555}");
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\ScardManage.SCardVerify");
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\ScardManage.SCardVerify.1");
    check_registry_is(&clean);
    dll_copy_delete(dll);
}

/* The interface ids are everybody's: one that works for somebody is left to him. */
static void foreign_interfaces(void)
{
    static const WCHAR interface_key[] = L"Software\\Classes\\Interface\\" IID_MANAGE;
    static const WCHAR proxy_key[] =
        L"Software\\Classes\\Interface\\" IID_MANAGE L"\\ProxyStubClsid32";
    static const WCHAR library_key[] = L"Software\\Classes\\Interface\\" IID_MANAGE L"\\TypeLib";
    static const WCHAR other_library[] = L"Software\\Classes\\TypeLib\\"
                                         L"{11111111-2222-3333-4444-555555555555}";
    WCHAR *dll = dll_copy_in(L"interfaces");

    /* Works: its library is registered. Version numbers are hexadecimal. */
    edit_put_text(HKEY_LOCAL_MACHINE, interface_key, NULL, L"ISCardManage of another");
    edit_put_text(HKEY_LOCAL_MACHINE, proxy_key, NULL, AUTOMATION);
    edit_put_text(HKEY_LOCAL_MACHINE, library_key, NULL, L"{11111111-2222-3333-4444-555555555555}");
    edit_put_text(HKEY_LOCAL_MACHINE, library_key, L"Version", L"a.1");
    edit_put_text(HKEY_LOCAL_MACHINE,
                  L"Software\\Classes\\TypeLib\\{11111111-2222-3333-4444-555555555555}\\a.1", NULL,
                  L"another's library");
    struct registry_snapshot theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, interface_key, NULL, L"ISCardManage of another");
    check_text(HKEY_LOCAL_MACHINE, library_key, NULL, L"{11111111-2222-3333-4444-555555555555}");
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\CLSID\\" MANAGE L"\\InprocServer32", NULL,
               dll);
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    /* The user's registry would hide it. */
    check_int(registered_here(L"/s /n /i:user", dll), 0);
    check(!edit_has_key(HKEY_CURRENT_USER, 0, interface_key));
    check(edit_has_key(HKEY_CURRENT_USER, 0,
                       L"Software\\Classes\\Interface\\{4029DD8A-5902-11D0-B84C-00C04FD424B9}"));
    check_int(registered_here(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);

    /* Another version of that library than the registered one: calls cannot be marshalled. */
    edit_put_text(HKEY_LOCAL_MACHINE, library_key, L"Version", L"10.1");
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, interface_key, NULL, L"ISCardManage");
    check_text(HKEY_LOCAL_MACHINE, library_key, NULL, LIBID);
    check_text(HKEY_LOCAL_MACHINE, library_key, L"Version", L"1.0");
    check_int(registered_here(L"/s /u", dll), 0);
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, interface_key));
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, other_library);
    check_registry_is(&clean);

    /* A proxy DLL of its own works if it is registered, whatever the library. */
    edit_put_text(HKEY_LOCAL_MACHINE, proxy_key, NULL, L"{22222222-2222-3333-4444-555555555555}");
    edit_put_text(HKEY_LOCAL_MACHINE,
                  L"Software\\Classes\\CLSID\\{22222222-2222-3333-4444-555555555555}", NULL,
                  L"another's proxy");
    theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, proxy_key, NULL, L"{22222222-2222-3333-4444-555555555555}");
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0,
                     L"Software\\Classes\\CLSID\\{22222222-2222-3333-4444-555555555555}");
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, proxy_key, NULL, AUTOMATION);
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&clean);

    /* Broken: what is there is nobody's. */
    static const struct
    {
        DWORD type, len;
        const void *data;
        const char *what;
    } broken[] = {
        { REG_SZ, 2, L"", "empty" },
        { REG_SZ, 0, NULL, "no bytes" },
        { REG_SZ, 20, L"{0002042400000000", "cut off, not terminated" },
        { REG_SZ, 79, L"{00020424-0000-0000-C000-000000000046}", "half a character" },
        { REG_DWORD, 4, "\1\2\3\4", "a number" },
        { REG_BINARY, 3, "\1\2\3", "bytes" },
        { REG_MULTI_SZ, 4, L"\0", "a list" },
        { REG_SZ, 78, L"{00020424-0000-0000-C000-00000000004G}", "no hexadecimal" },
        { REG_SZ, 2 * 60, L"{00020424-0000-0000-C000-000000000046}and then something more",
          "long" },
    };
    HMODULE module = load(dll);
    for (size_t i = 0; i < ARRAYSIZE(broken); i++)
    {
        check_context("proxy: %s", broken[i].what);
        edit_put(HKEY_LOCAL_MACHINE, 0, proxy_key, NULL, broken[i].type, broken[i].data,
                 broken[i].len);
        check_hr(add(), S_OK);
        expect_registration(L"HKLM", dll);
        check_expected();
        check_hr(take_away(), S_OK);
        check_registry_is(&clean);
    }
    check_context(NULL);
    FreeLibrary(module);
    dll_copy_delete(dll);
}

/* The original classes, wherever they are still installed, stay what they are. */
static void foreign_base_classes(void)
{
    static const WCHAR class_key[] = L"Software\\Classes\\CLSID\\" BUFFER;
    static const WCHAR server[] = L"Software\\Classes\\CLSID\\" BUFFER L"\\InprocServer32";
    static const WCHAR local[] = L"Software\\Classes\\CLSID\\" BUFFER L"\\LocalServer32";
    static const WCHAR library[] = L"Software\\Classes\\TypeLib\\" BASE_LIBID;
    static const WCHAR version[] = L"Software\\Classes\\TypeLib\\" BASE_LIBID L"\\1.0";
    static const WCHAR file[] = L"Software\\Classes\\TypeLib\\" BASE_LIBID L"\\1.0\\0\\" PLATFORM;
    static const WCHAR other_file[] =
        L"Software\\Classes\\TypeLib\\" BASE_LIBID L"\\1.0\\0\\" OTHER_PLATFORM;
    static const WCHAR progid[] = L"Software\\Classes\\ScardManage.CByteBuffer";
    static const WCHAR original[] = L"C:\\windows\\system32\\scardssp.dll";
    static const WCHAR interface_key[] = L"Software\\Classes\\Interface\\" IID_CMD;
    static const WCHAR proxy[] = L"Software\\Classes\\Interface\\" IID_CMD L"\\ProxyStubClsid32";
    static const WCHAR interface_library[] = L"Software\\Classes\\Interface\\" IID_CMD L"\\TypeLib";
    WCHAR *dll = dll_copy_in(L"base"), *resource = malloc((wcslen(dll) + 3) * sizeof(WCHAR));

    swprintf(resource, wcslen(dll) + 3, L"%ls\\2", dll);

    /* The class and the library of another server. */
    edit_put_text(HKEY_LOCAL_MACHINE, class_key, NULL, L"CByteBuffer Class");
    edit_put_text(HKEY_LOCAL_MACHINE, server, NULL, original);
    edit_put_text(HKEY_LOCAL_MACHINE, server, L"ThreadingModel", L"Both");
    edit_put_text(HKEY_LOCAL_MACHINE, version, NULL, L"scardssp 1.0 Type Library");
    edit_put_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    struct registry_snapshot theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, server, NULL, original);
    check_text(HKEY_LOCAL_MACHINE, class_key, NULL, L"CByteBuffer Class");
    check_text(HKEY_LOCAL_MACHINE, class_key, L"scardmanage", NULL);
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, progid));
    check_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    check_text(HKEY_LOCAL_MACHINE, version, NULL, L"scardssp 1.0 Type Library");
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\CLSID\\" MANAGE L"\\InprocServer32", NULL,
               dll);
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    /* The user's registry would hide it. */
    check_int(registered_here(L"/s /n /i:user", dll), 0);
    check(!edit_has_key(HKEY_CURRENT_USER, 0, class_key));
    check(!edit_has_key(HKEY_CURRENT_USER, 0, library));
    check(edit_has_key(HKEY_CURRENT_USER, 0, L"Software\\Classes\\CLSID\\" MANAGE));
    check_int(registered_here(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, class_key);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, library);
    check_registry_is(&clean);

    /* An interface of another provider, which looks as ours does but for our record. */
    edit_put_text(HKEY_LOCAL_MACHINE, version, NULL, L"scardssp 1.0 Type Library");
    edit_put_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    edit_put_text(HKEY_LOCAL_MACHINE, interface_key, NULL, L"ISCardCmd");
    edit_put_text(HKEY_LOCAL_MACHINE, proxy, NULL, AUTOMATION);
    edit_put_text(HKEY_LOCAL_MACHINE, interface_library, NULL, BASE_LIBID);
    edit_put_text(HKEY_LOCAL_MACHINE, interface_library, L"Version", L"1.0");
    theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, interface_key, L"scardmanage", NULL);
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    check_int(registered_here(L"/s /n /i:user", dll), 0);
    check(!edit_has_key(HKEY_CURRENT_USER, 0, interface_key));
    check_int(registered_here(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    /* One that leads nowhere is nobody's. */
    edit_put_text(HKEY_LOCAL_MACHINE, interface_library, L"Version", L"7.0");
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, interface_library, L"Version", L"1.0");
    check_text(HKEY_LOCAL_MACHINE, interface_key, L"scardmanage", dll);
    check_int(registered_here(L"/s /u", dll), 0);
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, interface_key));
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, library);
    check_registry_is(&clean);

    /* A server of another kind. */
    edit_put_text(HKEY_LOCAL_MACHINE, local, NULL, L"C:\\other.exe");
    theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, server));
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, class_key);

    /* The library of the other word size only: ours stands beside it. */
    edit_put_text(HKEY_LOCAL_MACHINE, version, NULL, L"scardssp 1.0 Type Library");
    edit_put_text(HKEY_LOCAL_MACHINE, other_file, NULL, original);
    theirs = registry_snapshot_take();
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, file, NULL, resource);
    check_text(HKEY_LOCAL_MACHINE, other_file, NULL, original);
    check_text(HKEY_LOCAL_MACHINE, version, NULL, L"scardssp 1.0 Type Library");
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, library);
    check_registry_is(&clean);

    /* Taken over from us later: what is theirs stays. */
    check_int(registered_here(L"/s", dll), 0);
    edit_put_text(HKEY_LOCAL_MACHINE, server, NULL, original);
    edit_put_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    check_int(registered_here(L"/s", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, server, NULL, original);
    check_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    check_int(registered_here(L"/s /u", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, server, NULL, original);
    check_text(HKEY_LOCAL_MACHINE, file, NULL, original);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, class_key);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, library);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, progid);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\ScardManage.CByteBuffer.1");
    check_registry_is(&clean);
    free(resource);
    dll_copy_delete(dll);
}

/* Garbage where our own keys are: removed or replaced, never believed. */
static void garbage_under_our_keys(void)
{
    static const WCHAR server[] = L"Software\\Classes\\CLSID\\" MANAGE L"\\InprocServer32";
    static const struct
    {
        DWORD type, len;
        const void *data;
        const char *what;
    } garbage[] = {
        { REG_DWORD, 4, "\1\2\3\4", "a number" }, { REG_BINARY, 0, NULL, "no bytes" },
        { REG_SZ, 0, NULL, "no text" },           { REG_EXPAND_SZ, 2, L"", "an empty text" },
        { REG_NONE, 7, "garbage", "no type" },
    };
    WCHAR *dll = dll_copy_in(L"garbage");

    HMODULE module = load(dll);
    for (size_t i = 0; i < ARRAYSIZE(garbage); i++)
    {
        check_context("server: %s", garbage[i].what);
        check_hr(add(), S_OK);
        edit_put(HKEY_LOCAL_MACHINE, 0, server, NULL, garbage[i].type, garbage[i].data,
                 garbage[i].len);
        check_hr(take_away(), S_OK);
        check_registry_is(&clean);
        edit_put(HKEY_LOCAL_MACHINE, 0, server, NULL, garbage[i].type, garbage[i].data,
                 garbage[i].len);
        check_hr(add(), S_OK);
        expect_registration(L"HKLM", dll);
        check_expected();
        check_hr(take_away(), S_OK);
        check_registry_is(&clean);
    }
    check_context(NULL);

    /* The path of our file, but not terminated, or with a variable in it, still is our file. */
    check_hr(add(), S_OK);
    edit_put(HKEY_LOCAL_MACHINE, 0, server, NULL, REG_SZ, dll,
             (DWORD)(wcslen(dll) * sizeof(WCHAR)));
    check_hr(take_away(), S_OK);
    check_registry_is(&clean);

    SetEnvironmentVariableW(L"SCM_TEST_FOLDER", folder_of(dll));
    static const WCHAR with_variable[] = L"%SCM_TEST_FOLDER%\\scardmanage.dll";
    check_hr(add(), S_OK);
    edit_put(HKEY_LOCAL_MACHINE, 0, server, NULL, REG_EXPAND_SZ, with_variable,
             sizeof(with_variable));
    check_hr(take_away(), S_OK);
    check_registry_is(&clean);
    FreeLibrary(module);
    dll_copy_delete(dll);
}

/* Two copies: the last one registered is the one; the other's removal does not touch it. */
static void two_copies(void)
{
    WCHAR *first = dll_copy_in(L"first copy");
    WCHAR *second = dll_copy_in(L"second copy");

    check_int(regsvr32(L"/s", first), 0);
    check_int(regsvr32(L"/s", second), 0);
    expect_registration(L"HKLM", second);
    check_expected();
    check_int(regsvr32(L"/s /u", first), 0);
    expect_registration(L"HKLM", second);
    check_expected();
    check_activation();
    check_int(regsvr32(L"/s /u", second), 0);
    check_registry_is(&clean);
    dll_copy_delete(first);
    dll_copy_delete(second);
}

/* Paths with everything in them that a path may have. */
static void paths(void)
{
    static const WCHAR *const folders[] = {
        L"with spaces, and; semicolons",
        L"\x017Elu\x0165ou\x010Dk\x00FD k\x016F\x0148",
        L"\x65E5\x672C\x8A9E \x0639\x0631\x0628\x064A",
        L"\xD83D\xDCB3 card",
        L"100% of %PATH% 'quoted' (x86) {braces}",
        L"a-rather-long-name-of-a-folder-that-goes-on-for-a-while-and-then-some\\"
        L"another-long-name-of-a-folder-that-goes-on-for-quite-a-while-as-well-and-so-on\\end",
    };

    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
    {
        WCHAR *dll = dll_copy_in(folders[i]);
        check_context("path %u", (unsigned)i);
        check_int(regsvr32(L"/s", dll), 0);
        expect_registration(L"HKLM", dll);
        check_expected();
        check_activation();
        check_context("path %u", (unsigned)i);
        check_int(regsvr32(L"/s /u", dll), 0);
        check_registry_is(&clean);
        dll_copy_delete(dll);
    }
    check_context(NULL);

    /* Another name of the same file is the same file. */
    WCHAR *dll = dll_copy_in(L"one file"), other_name[MAX_PATH];
    check_int(regsvr32(L"/s", dll), 0);
    swprintf(other_name, ARRAYSIZE(other_name), L"%ls", dll);
    _wcsupr(other_name);
    check_int(regsvr32(L"/s /u", other_name), 0);
    check_registry_is(&clean);
    dll_copy_delete(dll);
}

/* The other word size keeps what it shares with this one. */
static void other_word_size(void)
{
    static const WCHAR server[] = L"Software\\Classes\\CLSID\\" MANAGE L"\\InprocServer32";
    static const WCHAR other_library[] =
        L"Software\\Classes\\TypeLib\\" LIBID L"\\1.0\\0\\" OTHER_PLATFORM;
    static const WCHAR progid[] = L"Software\\Classes\\ScardManage.SCardManage";
    WCHAR *dll = dll_copy_in(L"words");

    if (!registry_has_two_views())
    {
        dll_copy_delete(dll);
        return;
    }
    check_int(registered_here(L"/s", dll), 0);
    /* As the DLL of the other word size would have written it. */
    edit_put(HKEY_LOCAL_MACHINE, OTHER_VIEW, server, NULL, REG_SZ, L"C:\\other.dll", 26);
    edit_put(HKEY_LOCAL_MACHINE, OTHER_VIEW, progid, NULL, REG_SZ, L"Smart card connection", 44);
    edit_put_text(HKEY_LOCAL_MACHINE, other_library, NULL, L"C:\\other.dll");
    bool is_shared = edit_has_key(HKEY_LOCAL_MACHINE, OTHER_VIEW,
                                  L"Software\\Classes\\ScardManage.SCardManage\\CLSID");

    check_int(registered_here(L"/s /u", dll), 0);
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\CLSID\\" MANAGE));
    check(edit_has_key(HKEY_LOCAL_MACHINE, OTHER_VIEW, server));
    check_text(HKEY_LOCAL_MACHINE, other_library, NULL, L"C:\\other.dll");
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0,
                        L"Software\\Classes\\TypeLib\\" LIBID L"\\1.0\\0\\" PLATFORM));
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\TypeLib\\" LIBID L"\\1.0\\FLAGS", NULL,
               L"0");
    check_text(HKEY_LOCAL_MACHINE, L"Software\\Classes\\ScardManage.SCardManage\\CLSID", NULL,
               is_shared ? MANAGE : NULL);
    /* The other classes are not registered there. */
    check(!edit_has_key(HKEY_LOCAL_MACHINE, 0, L"Software\\Classes\\ScardManage.SCardAuth"));

    /* With the other one gone, everything goes. */
    check_int(registered_here(L"/s", dll), 0);
    edit_delete_tree(HKEY_LOCAL_MACHINE, OTHER_VIEW, L"Software\\Classes\\CLSID\\" MANAGE);
    if (!is_shared) edit_delete_tree(HKEY_LOCAL_MACHINE, OTHER_VIEW, progid);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, other_library);
    check_int(registered_here(L"/s /u", dll), 0);
    check_registry_is(&clean);
    dll_copy_delete(dll);
}

/* Both DLLs, where both are installed: whichever goes first, the other one keeps working. */
static void both_word_sizes(void)
{
    const WCHAR *other = registration_other_dll();

    if (!other)
    {
        printf("both word sizes: the other one is not installed, so its part is played above\n");
        return;
    }
    WCHAR *dll = dll_copy_in(L"both");
    check_int(regsvr32_other(L"/s", other), 0);
    struct registry_snapshot other_only = registry_snapshot_take();
    check_int(regsvr32(L"/s", dll), 0);
    check_activation();
    check_type_libraries();
    struct registry_snapshot both = registry_snapshot_take();

    /* The folder of the help file is the one thing the two cannot both have. */
    check_int(regsvr32(L"/s /u", dll), 0);
    for (size_t i = 0; i < ARRAYSIZE(libraries); i++)
    {
        WCHAR id[39], path[128];
        StringFromGUID2(libraries[i].libid, id, 39);
        swprintf(path, ARRAYSIZE(path), L"Software\\Classes\\TypeLib\\%ls\\1.0\\HELPDIR", id);
        edit_put_text(HKEY_LOCAL_MACHINE, path, NULL, folder_of(other));
    }
    check_registry_is(&other_only);
    check_int(regsvr32(L"/s", dll), 0);
    check_registry_is(&both);

    check_int(regsvr32_other(L"/s /u", other), 0);
    check_activation();
    check_type_libraries();
    expect_registration(L"HKLM", dll);
    check_expected();
    check_int(regsvr32(L"/s /u", dll), 0);
    check_registry_is(&clean);
    registry_snapshot_free(&other_only);
    registry_snapshot_free(&both);
    dll_copy_delete(dll);
}

/* The version resource says that the DLL registers itself. */
static void version_resource(void)
{
    DWORD handle, len = GetFileVersionInfoSizeW(dll_under_test(), &handle);
    void *info = malloc(len ? len : 1), *text = NULL;
    VS_FIXEDFILEINFO *fixed = NULL;
    UINT chars = 0, fixed_len = 0;

    check(len > 0);
    check(GetFileVersionInfoW(dll_under_test(), 0, len, info));
    check(VerQueryValueW(info, L"\\StringFileInfo\\040904B0\\OLESelfRegister", &text, &chars));
    check(VerQueryValueW(info, L"\\StringFileInfo\\040904B0\\OriginalFilename", &text, &chars));
    check_wide(text, L"scardmanage.dll");
    check(VerQueryValueW(info, L"\\", (void **)&fixed, &fixed_len));
    if (fixed) check_int(fixed->dwFileType, VFT_DLL);
    free(info);
}

int main(void)
{
    check_hr(CoInitialize(NULL), S_OK);
    registration_set_aside();
    clean = registry_snapshot_take();
    struct registry_snapshot all_clean = registry_snapshot_take_all();
    check(!registry_snapshot_has(&clean, L"HKLM\\CLSID\\" MANAGE));

    machine();
    user();
    either_order();
    foreign_keys();
    foreign_interfaces();
    foreign_base_classes();
    garbage_under_our_keys();
    two_copies();
    paths();
    other_word_size();
    both_word_sizes();
    version_resource();

    struct registry_snapshot all = registry_snapshot_take_all();
    check_snapshot(&all, &all_clean);
    registration_put_back();
    CoUninitialize();
    return check_finish();
}
