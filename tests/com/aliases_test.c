/*
 * aliases_test - class ids of other products lead to our SCardManage: through real regsvr32 and
 *                CoCreateInstance, and back to what was there before.
 * Layer: tests. Takes an existing registration away while it runs and puts it back; no reader.
 * Reference: "DllInstall", "CLSID Key", Microsoft Learn; the class ids are those of the provider that
 *            Windows XP came with, and invented ones.
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

#define CLASSES_KEY L"Software\\Classes\\CLSID\\"
#define MANAGE      L"{2D5B8F98-25C3-4C97-8936-3B3736623AFE}"
#define VENDOR_1    L"{A80F1101-D1F8-11D0-B5C5-00A024297ED9}"
#define VENDOR_2    L"{11111111-2222-3333-4444-555555555501}"
#define VENDOR_3    L"{11111111-2222-3333-4444-555555555502}"

/* HRESULT of an alias that another server owns. */
#define E_OWNED HRESULT_FROM_WIN32(ERROR_ALREADY_EXISTS)

static struct registry_snapshot clean;
static WCHAR *dll;

/* The entry points of the copy under test, called directly to see their HRESULT. */
static HMODULE module;
static HRESULT(WINAPI *install)(BOOL, const WCHAR *);
static HRESULT(WINAPI *add_server)(void);
static HRESULT(WINAPI *remove_server)(void);
static HRESULT(WINAPI *get_class_object)(REFCLSID, REFIID, void **);
static HRESULT(WINAPI *can_unload_now)(void);

static bool load(void)
{
    module = LoadLibraryW(dll);
    if (!check(module != NULL)) return false;
    *(FARPROC *)&install = GetProcAddress(module, "DllInstall");
    *(FARPROC *)&add_server = GetProcAddress(module, "DllRegisterServer");
    *(FARPROC *)&remove_server = GetProcAddress(module, "DllUnregisterServer");
    *(FARPROC *)&get_class_object = GetProcAddress(module, "DllGetClassObject");
    *(FARPROC *)&can_unload_now = GetProcAddress(module, "DllCanUnloadNow");
    return check(install && add_server && remove_server && get_class_object && can_unload_now);
}

/* Whether CoCreateInstance of a class id gives a smart card manager that works. */
static void check_leads_to_us_at(int line, const WCHAR *id)
{
    ISCardManage *manage = NULL;
    CLSID clsid;
    SCARD_STATES state = SPECIFICMODE;
    SCARD_PROTOCOLS protocol = RAW;

    CLSIDFromString((WCHAR *)id, &clsid);
    check_hr_at(
        __FILE__, line,
        CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_ISCardManage, (void **)&manage),
        S_OK, "CoCreateInstance");
    if (!manage) return;
    check_hr_at(__FILE__, line, ISCardManage_Status(manage, &state, &protocol), (HRESULT)0x80100003,
                "Status while nothing is attached");
    ISCardManage_Release(manage);
}
#define check_leads_to_us(id) check_leads_to_us_at(__LINE__, id)

static void check_no_class_at(int line, const WCHAR *id)
{
    IUnknown *object = NULL;
    CLSID clsid;

    CLSIDFromString((WCHAR *)id, &clsid);
    check_hr_at(
        __FILE__, line,
        CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&object),
        REGDB_E_CLASSNOTREG, "CoCreateInstance");
}
#define check_no_class(id) check_no_class_at(__LINE__, id)

/* A vendor's class with everything in it that a registry may hold. */
static void register_vendor(HKEY root, const WCHAR *id)
{
    WCHAR path[256];
    size_t chars = (size_t)swprintf(path, ARRAYSIZE(path), CLASSES_KEY L"%ls", id);

    edit_put_text(root, path, NULL, L"vendor's provider");
    edit_put(root, 0, path, L"AppID", REG_BINARY, "\0\1\2", 3);
    edit_put(root, 0, path, L"Empty", REG_NONE, NULL, 0);
    edit_put(root, 0, path, L"Cut off", REG_SZ, L"abc", 5);
    edit_put(root, 0, path, L"List", REG_MULTI_SZ, L"a\0b\0", 10);
    wcscpy(path + chars, L"\\InprocServer32");
    edit_put(root, 0, path, NULL, REG_EXPAND_SZ, L"%SystemRoot%\\vendor.dll", 48);
    edit_put_text(root, path, L"ThreadingModel", L"Apartment");
    wcscpy(path + chars, L"\\ProgID");
    edit_put_text(root, path, NULL, L"Vendor.Provider.1");
    wcscpy(path + chars, L"\\Implemented Categories\\{00000000-0000-0000-0000-000000000001}");
    edit_put(root, 0, path, L"\x017E", REG_DWORD, "\1\0\0\0", 4);
}

static void one_alias(void)
{
    check_no_class(VENDOR_1);
    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_1, dll), 0);
    check_leads_to_us(VENDOR_1);
    check_no_class(MANAGE);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, dll);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", L"ThreadingModel",
               L"Both");
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\TypeLib", NULL,
               L"{81C05811-F891-4977-948E-F737FC9A7498}");

    struct registry_snapshot once = registry_snapshot_take();
    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_1, dll), 0);
    check_registry_is(&once);
    registry_snapshot_free(&once);

    check_int(regsvr32(L"/s /n /i:unalias=" VENDOR_1, dll), 0);
    check_registry_is(&clean);
    check_no_class(VENDOR_1);
    check_int(regsvr32(L"/s /n /i:unalias=" VENDOR_1, dll), 0);
    check_registry_is(&clean);
}

static void lists_and_registration(void)
{
    /* With the registration, in both of regsvr32's orders. */
    check_int(regsvr32(L"/s /i:alias=" VENDOR_1 L"," VENDOR_2, dll), 0);
    check_leads_to_us(VENDOR_1);
    check_leads_to_us(VENDOR_2);
    check_leads_to_us(MANAGE);
    check_int(regsvr32(L"/s /u", dll), 0);
    check_registry_is(&clean);
    check_hr(install(TRUE, L"alias=" VENDOR_1), S_OK);
    check_hr(add_server(), S_OK);
    check_leads_to_us(VENDOR_1);
    check_leads_to_us(MANAGE);
    check_hr(remove_server(), S_OK);
    check_registry_is(&clean);

    /* Several options in a line, in any case, and one class id twice. */
    check_int(regsvr32(L"/s /n "
                       L"\"/"
                       L"i:"
                       L"alias"
                       L"=" VENDOR_1 L" ; "
                       L"ALIAS"
                       L"=" VENDOR_2 L"," VENDOR_2 L";unAlias={11111111-2222-3333-"
                       L"4444-555555555599}\"",
                       dll),
              0);
    check_leads_to_us(VENDOR_1);
    check_leads_to_us(VENDOR_2);
    check_hr(install(TRUE, L"alias=" VENDOR_3 L" unalias=" VENDOR_1), S_OK);
    check_no_class(VENDOR_1);
    check_leads_to_us(VENDOR_2);
    check_leads_to_us(VENDOR_3);
    /* Removal by naming them, as regsvr32 /u /i: asks for it. */
    check_int(regsvr32(L"/s /u /n /i:alias=" VENDOR_2, dll), 0);
    check_no_class(VENDOR_2);
    check_leads_to_us(VENDOR_3);
    check_int(regsvr32(L"/s /u /n /i:unalias=" VENDOR_3, dll), 0);
    check_registry_is(&clean);

    /* /u with the registration there and a second alias: all of it goes. */
    check_int(regsvr32(L"/s", dll), 0);
    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_1 L"," VENDOR_2 L"," VENDOR_3, dll), 0);
    check_int(regsvr32(L"/s /u /i:alias=" VENDOR_1, dll), 0);
    check_registry_is(&clean);
    /* Quotes that were not taken off. */
    check_hr(install(TRUE, L"\"alias=" VENDOR_1 L"\""), S_OK);
    check_leads_to_us(VENDOR_1);
    check_hr(install(FALSE, L"\"alias=" VENDOR_1 L"\""), S_OK);
    check_registry_is(&clean);
}

static void owned_by_another(void)
{
    register_vendor(HKEY_LOCAL_MACHINE, VENDOR_1);
    struct registry_snapshot theirs = registry_snapshot_take();

    check_hr(install(TRUE, L"alias=" VENDOR_1), E_OWNED);
    check_registry_is(&theirs);
    check(regsvr32(L"/s /n /i:alias=" VENDOR_1, dll) != 0);
    check_registry_is(&theirs);
    /* One of a list is owned: none is taken. */
    check_hr(install(TRUE, L"alias=" VENDOR_2 L"," VENDOR_1), E_OWNED);
    check_registry_is(&theirs);
    check_hr(install(TRUE, L"user alias=" VENDOR_1), E_OWNED);
    check_registry_is(&theirs);
    /* What was never an alias is not touched by a removal. */
    check_hr(install(TRUE, L"unalias=" VENDOR_1), S_OK);
    check_hr(remove_server(), S_OK);
    check_registry_is(&theirs);

    /* Any kind of server is one. */
    static const WCHAR *const servers[] = { L"LocalServer32", L"InprocHandler32", L"TreatAs" };
    for (size_t i = 0; i < ARRAYSIZE(servers); i++)
    {
        WCHAR path[256];
        check_context("%ls", servers[i]);
        swprintf(path, ARRAYSIZE(path), CLASSES_KEY VENDOR_2 L"\\%ls", servers[i]);
        edit_put_text(HKEY_LOCAL_MACHINE, path, NULL, L"something");
        check_hr(install(TRUE, L"alias=" VENDOR_2), E_OWNED);
        edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_2);
        check_registry_is(&theirs);
    }
    check_context(NULL);

    /* By force it is taken, and comes back: once, twice, with the whole removal. */
    for (int i = 0; i < 3; i++)
    {
        check_hr(install(TRUE, L"force alias=" VENDOR_1), S_OK);
        check_leads_to_us(VENDOR_1);
        check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\ProgID", NULL, NULL);
        if (i == 1) check_hr(install(TRUE, L"alias=" VENDOR_1 L" force"), S_OK);
        if (i == 2)
            check_hr(remove_server(), S_OK);
        else
            check_int(regsvr32(L"/s /n /i:unalias=" VENDOR_1, dll), 0);
        check_registry_is(&theirs);
    }

    /* The vendor's setup ran again meanwhile: then it is the vendor's, whatever was saved. */
    check_hr(install(TRUE, L"force alias=" VENDOR_1), S_OK);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_1);
    register_vendor(HKEY_LOCAL_MACHINE, VENDOR_1);
    check_hr(install(TRUE, L"alias=" VENDOR_1), E_OWNED);
    check_hr(remove_server(), S_OK);
    check_registry_is(&theirs);
    check_hr(install(TRUE, L"force alias=" VENDOR_1), S_OK);
    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL,
                  L"C:\\new.dll");
    check_hr(install(TRUE, L"force alias=" VENDOR_1), S_OK);
    check_leads_to_us(VENDOR_1);
    check_hr(install(TRUE, L"unalias=" VENDOR_1), S_OK);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, L"C:\\new.dll");
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_1);
    check_registry_is(&clean);
    registry_snapshot_free(&theirs);

    /* A key without a server is nobody's; what is in it comes back all the same. */
    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_2, NULL, L"left behind");
    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_2 L"\\ProgID", NULL, L"Left.Behind");
    struct registry_snapshot husk = registry_snapshot_take();
    check_hr(install(TRUE, L"alias=" VENDOR_2), S_OK);
    check_leads_to_us(VENDOR_2);
    check_hr(install(TRUE, L"unalias=" VENDOR_2), S_OK);
    check_registry_is(&husk);
    registry_snapshot_free(&husk);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_2);
    check_registry_is(&clean);
}

/* An alias for the user is in the user's registry alone. */
static void for_the_user(void)
{
    check_int(regsvr32(L"/s /n \"/i:user alias=" VENDOR_1 L"\"", dll), 0);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, dll);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY MANAGE L"\\InprocServer32", NULL, dll);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1, NULL, NULL);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY MANAGE, NULL, NULL);
    check_int(regsvr32(L"/s /n \"/i:user unalias=" VENDOR_1 L"\"", dll), 0);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY VENDOR_1, NULL, NULL);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY MANAGE L"\\InprocServer32", NULL, dll);
    check_int(regsvr32(L"/s /u /n /i:user", dll), 0);
    check_registry_is(&clean);

    /* Removal without `user` finds the alias where it is. */
    check_hr(install(TRUE, L"user alias=" VENDOR_1), S_OK);
    check_hr(install(TRUE, L"unalias=" VENDOR_1), S_OK);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY VENDOR_1, NULL, NULL);
    check_hr(install(TRUE, L"user alias=" VENDOR_1), S_OK);
    check_hr(remove_server(), S_OK);
    check_registry_is(&clean);

    /* The vendor's class of the machine is hidden by force, and seen again afterwards. */
    register_vendor(HKEY_LOCAL_MACHINE, VENDOR_1);
    struct registry_snapshot theirs = registry_snapshot_take();
    check_hr(install(TRUE, L"user force alias=" VENDOR_1), S_OK);
    check_text(HKEY_CURRENT_USER, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, dll);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1, NULL, L"vendor's provider");
    check_hr(install(FALSE, L"user"), S_OK);
    check_registry_is(&theirs);
    registry_snapshot_free(&theirs);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_1);
    check_registry_is(&clean);
}

static void wrong_requests(void)
{
    static const WCHAR *const wrong[] = {
        L"alias",
        L"alias=",
        L"alias=,",
        L"alias=" VENDOR_1 L",",
        L"alias=," VENDOR_1,
        L"alias=" VENDOR_1 L" nonsense",
        L"alias=" VENDOR_1 L" alias=x",
        L"alias=A80F1101-D1F8-11D0-B5C5-00A024297ED9",
        L"alias={A80F1101-D1F8-11D0-B5C5-00A024297ED",
        L"alias={A80F1101-D1F8-11D0-B5C5-00A024297ED9}}",
        L"alias={A80F1101-D1F8-11D0-B5C5-00A024297EDG}",
        L"alias={A80F1101+D1F8+11D0+B5C5+00A024297ED9}",
        L"alias=Word.Application.0000000000000000000000",
        L"alias={00000000-0000-0000-0000-000000000000}",
        L"alias=" MANAGE,
        L"alias={6625a2c6-7b2f-4f8e-b5a9-bab35e98760f}",
        L"unalias=" MANAGE,
        L"unalias=",
        L"force unalias=" VENDOR_1,
        L"\"alias=" VENDOR_1,
        L"alias=\"" VENDOR_1 L"\"",
        L"alias= " VENDOR_1,
    };

    for (size_t i = 0; i < ARRAYSIZE(wrong); i++)
    {
        check_context("%ls", wrong[i]);
        check_hr(install(TRUE, wrong[i]), E_INVALIDARG);
        check_hr(install(FALSE, wrong[i]), E_INVALIDARG);
    }
    check_context(NULL);

    /* As long as a command line can be. */
    WCHAR *line = calloc(70000, sizeof(WCHAR));
    for (size_t i = 0; i < 69999; i++)
        line[i] = L"alias={"[i % 7];
    check_hr(install(TRUE, line), E_INVALIDARG);
    for (size_t i = 0; i < 69999; i++)
        line[i] = L' ';
    wcscpy(line + 60000, L"nonsense");
    check_hr(install(TRUE, line), E_INVALIDARG);
    free(line);
    check_registry_is(&clean);
}

/* Records that somebody has tampered with. */
static void garbage_records(void)
{
    static const WCHAR records[] = CLASSES_KEY MANAGE L"\\Aliases";
    struct registry_snapshot garbage;

    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY MANAGE L"\\Aliases\\no class id", NULL, dll);
    edit_put_text(HKEY_LOCAL_MACHINE,
                  CLASSES_KEY MANAGE L"\\Aliases\\{11111111-2222-3333-4444-5555555555GG}", NULL,
                  dll);
    edit_put_text(HKEY_LOCAL_MACHINE,
                  CLASSES_KEY MANAGE L"\\Aliases\\" VENDOR_3 L" and a name that goes on", NULL,
                  dll);
    /* Another copy's, and one whose path is no text. */
    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY MANAGE L"\\Aliases\\" VENDOR_2, NULL,
                  L"C:\\copy.dll");
    edit_put(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY MANAGE L"\\Aliases\\" VENDOR_3, NULL, REG_DWORD,
             "\1\2\3\4", 4);
    register_vendor(HKEY_LOCAL_MACHINE, VENDOR_3);
    garbage = registry_snapshot_take();
    check_hr(install(TRUE, L"alias=" VENDOR_1), S_OK);
    check_leads_to_us(VENDOR_1);
    check_hr(remove_server(), S_OK);
    check_registry_is(&garbage);
    /* Named explicitly, a record goes, and leaves the class that does not lead to us. */
    check_hr(install(TRUE, L"unalias=" VENDOR_3 L"," VENDOR_2), S_OK);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_3, NULL, L"vendor's provider");
    registry_snapshot_free(&garbage);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, records);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY MANAGE);
    edit_delete_tree(HKEY_LOCAL_MACHINE, 0, CLASSES_KEY VENDOR_3);
    check_registry_is(&clean);

    /* A class id that leads here without a record is not served. */
    edit_put_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_2 L"\\InprocServer32", NULL, dll);
    IUnknown *object = NULL;
    CLSID clsid;
    CLSIDFromString((WCHAR *)VENDOR_2, &clsid);
    check_hr(CoCreateInstance(&clsid, NULL, CLSCTX_INPROC_SERVER, &IID_IUnknown, (void **)&object),
             CLASS_E_CLASSNOTAVAILABLE);
    /* But it may be made an alias without force: the file is ours. */
    check_hr(install(TRUE, L"alias=" VENDOR_2), S_OK);
    check_leads_to_us(VENDOR_2);
    check_hr(install(TRUE, L"unalias=" VENDOR_2), S_OK);
    check_registry_is(&clean);
}

/* Two copies: each removes its own aliases. */
static void two_copies(void)
{
    WCHAR *other = dll_copy_in(L"another copy");

    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_1, dll), 0);
    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_2, other), 0);
    check_int(regsvr32(L"/s /u", other), 0);
    check_leads_to_us(VENDOR_1);
    check_no_class(VENDOR_2);
    /* An alias of ours may move to another copy without force, and be undone from either. */
    check_int(regsvr32(L"/s /n /i:alias=" VENDOR_1, other), 0);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, other);
    check_int(regsvr32(L"/s /u", dll), 0);
    check_text(HKEY_LOCAL_MACHINE, CLASSES_KEY VENDOR_1 L"\\InprocServer32", NULL, other);
    check_int(regsvr32(L"/s /n /i:unalias=" VENDOR_1, dll), 0);
    check_registry_is(&clean);
    dll_copy_delete(other);
}

/* The class factory of an alias is SCardManage's; the entry points with bad arguments. */
static void class_objects(void)
{
    static const CLSID unknown = { 0x11111111, 1, 2, { 3 } };
    IClassFactory *factory = NULL;
    ISCardManage *manage = NULL;
    void *out;
    CLSID alias;

    CLSIDFromString((WCHAR *)VENDOR_1, &alias);
    check_hr(get_class_object(&CLSID_SCardManage, &IID_IClassFactory, NULL), E_POINTER);
    out = &alias;
    check_hr(get_class_object(NULL, &IID_IClassFactory, &out), E_INVALIDARG);
    check(out == NULL);
    out = &alias;
    check_hr(get_class_object(&CLSID_SCardManage, NULL, &out), E_INVALIDARG);
    check(out == NULL);
    out = &alias;
    check_hr(get_class_object(&unknown, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    check(out == NULL);
    check_hr(get_class_object(&alias, &IID_IClassFactory, &out), CLASS_E_CLASSNOTAVAILABLE);
    out = &alias;
    check_hr(get_class_object(&CLSID_SCardManage, &IID_IDispatch, &out), E_NOINTERFACE);
    check(out == NULL);
    check_hr(can_unload_now(), S_OK);

    check_hr(install(TRUE, L"alias=" VENDOR_1), S_OK);
    check_hr(get_class_object(&alias, &IID_IClassFactory, (void **)&factory), S_OK);
    check_hr(install(TRUE, L"unalias=" VENDOR_1), S_OK);
    check_hr(can_unload_now(), S_FALSE);
    /* A factory outlives its alias. */
    check_hr(IClassFactory_CreateInstance(factory, NULL, &IID_ISCardManage, (void **)&manage),
             S_OK);
    if (manage) ISCardManage_Release(manage);
    IClassFactory_Release(factory);
    check_hr(can_unload_now(), S_OK);
    check_registry_is(&clean);
}

int main(void)
{
    check_hr(CoInitialize(NULL), S_OK);
    registration_set_aside();
    clean = registry_snapshot_take();
    struct registry_snapshot all_clean = registry_snapshot_take_all();
    dll = dll_copy_in(L"aliases");
    if (load())
    {
        one_alias();
        lists_and_registration();
        owned_by_another();
        for_the_user();
        wrong_requests();
        garbage_records();
        two_copies();
        class_objects();
        CoFreeUnusedLibrariesEx(0, 0);
        FreeLibrary(module);
    }
    dll_copy_delete(dll);
    struct registry_snapshot all = registry_snapshot_take_all();
    check_snapshot(&all, &all_clean);
    registration_put_back();
    CoUninitialize();
    return check_finish();
}
