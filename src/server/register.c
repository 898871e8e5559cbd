/*
 * register - the registry keys of our classes, type libraries and interfaces: written, and removed.
 * Layer: server (calls registry; knows no COM object).
 * Threads: one transaction at a time.
 * Reference: "CLSID Key", "InprocServer32", "ProgID", "Registering a Type Library", "Interface Key",
 *            "Registry Keys Affected by WOW64", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "server/register.h"

#include "base/guid_text.h"
#include "server/registry/rows.h"
#include "system/memory.h"

#include <olectl.h>

#include "scard_interfaces.h"
#include "scardssp_interfaces.h"

#ifdef _WIN64
#define PLATFORM L"win64"
#else
#define PLATFORM L"win32"
#endif

/* Marshals interfaces by their description in the registered type library. */
#define AUTOMATION_MARSHALER L"{00020424-0000-0000-C000-000000000046}"

/* What is registered under an id that other servers have as well carries a value of this name: the
 * path that was registered, so that another copy of this DLL is known from another server. */
#define RECORD L"scardmanage"

struct server_library
{
    const GUID *libid;
    const WCHAR *name;
    const WCHAR *resource; /* what stands behind the DLL's path */
    bool is_shared;        /* the id is that of the original, which may be registered */
};

static const struct server_library own_library = { &LIBID_ScardManageLib,
                                                   L"scardmanage 1.0 smart card provider", L"",
                                                   false };
static const struct server_library base_library = { &LIBID_SCARDSSPLib,
                                                    L"scardmanage 1.0 base card services", L"\\2",
                                                    true };

struct server_class
{
    const CLSID *clsid;
    const WCHAR *name;
    const WCHAR *progid; /* without the version */
    const struct server_library *library;
    bool is_shared; /* the id is that of the original class */
};

static const struct server_class classes[] = {
    { &CLSID_SCardManage, L"Smart card connection", L"ScardManage.SCardManage", &own_library,
      false },
    { &CLSID_SCardFileAccess, L"Smart card file access", L"ScardManage.SCardFileAccess",
      &own_library, false },
    { &CLSID_SCardVerify, L"Smart card holder verification", L"ScardManage.SCardVerify",
      &own_library, false },
    { &CLSID_SCardAuth, L"Smart card authentication", L"ScardManage.SCardAuth", &own_library,
      false },
    { &CLSID_CSCardTypeConv, L"Byte conversions", L"ScardManage.CSCardTypeConv", &base_library,
      true },
    { &CLSID_CSCardCmd, L"Smart card command", L"ScardManage.CSCardCmd", &base_library, true },
    { &CLSID_CSCardISO7816, L"Builder of smart card commands", L"ScardManage.CSCardISO7816",
      &base_library, true },
    { &CLSID_CByteBuffer, L"Byte buffer", L"ScardManage.CByteBuffer", &base_library, true },
    { &CLSID_CSCard, L"Smart card", L"ScardManage.CSCard", &base_library, true },
    { &CLSID_CSCardDatabase, L"Smart card database", L"ScardManage.CSCardDatabase", &base_library,
      true },
    { &CLSID_CSCardLocate, L"Smart card search", L"ScardManage.CSCardLocate", &base_library, true },
};

struct server_interface
{
    const IID *iid;
    const WCHAR *name;
    const WCHAR *slot_count;              /* of the vtable, IUnknown and IDispatch included */
    const struct server_library *library; /* that describes it */
};

static const struct server_interface interfaces[] = {
    { &IID_ISCardManage, L"ISCardManage", L"18", &own_library },
    { &IID_ISCardFileAccess, L"ISCardFileAccess", L"23", &own_library },
    { &IID_ISCardVerify, L"ISCardVerify", L"12", &own_library },
    { &IID_ISCardAuth, L"ISCardAuth", L"12", &own_library },
    { &IID_IByteBuffer, L"IByteBuffer", L"21", &own_library },
    { &IID_ISCardTypeConv, L"ISCardTypeConv", L"17", &base_library },
    { &IID_ISCardCmd, L"ISCardCmd", L"40", &base_library },
    { &IID_ISCardISO7816, L"ISCardISO7816", L"25", &base_library },
    { &IID_ISCard, L"ISCard", L"19", &base_library },
    { &IID_ISCardDatabase, L"ISCardDatabase", L"12", &base_library },
    { &IID_ISCardLocate, L"ISCardLocate", L"10", &base_library },
};

/*
 * A process that is killed leaves what it has written. In each table the first value is what tells ours from
 * another's: it is written first and removed last, so that whatever is left is known, written on or
 * removed; of the classes, libraries and interfaces that others have as well the record is that row. Before
 * it there can only be empty keys.
 *
 * Placeholders: c class id, n readable name, p ProgID, l type library id, d this DLL, f its folder,
 * r resource of the type library, i interface id, m slots.
 */
static const struct registry_row class_rows[] = {
    { L"CLSID\\%c", NULL, L"%n" },
    { L"CLSID\\%c\\InprocServer32", NULL, L"%d" },
    { L"CLSID\\%c\\InprocServer32", L"ThreadingModel", L"Both" },
    { L"CLSID\\%c\\ProgID", NULL, L"%p.1" },
    { L"CLSID\\%c\\VersionIndependentProgID", NULL, L"%p" },
    { L"CLSID\\%c\\TypeLib", NULL, L"%l" },
    { L"CLSID\\%c\\Version", NULL, L"1.0" },
    { L"CLSID\\%c\\Programmable", NULL, NULL },
};

static const struct registry_row shared_class_rows[] = {
    { L"CLSID\\%c", RECORD, L"%d" },
};

/* Any of these makes a class id somebody's: what COM activates or follows. */
static const WCHAR *const server_keys[] = {
    L"CLSID\\%c\\InprocServer32", L"CLSID\\%c\\InprocHandler32", L"CLSID\\%c\\InprocServer",
    L"CLSID\\%c\\LocalServer32",  L"CLSID\\%c\\LocalServer",     L"CLSID\\%c\\TreatAs",
};

static const struct registry_row progid_rows[] = {
    { L"%p", NULL, NULL },    { L"%p\\CLSID", NULL, L"%c" },   { L"%p", NULL, L"%n" },
    { L"%p.1", NULL, L"%n" }, { L"%p.1\\CLSID", NULL, L"%c" }, { L"%p\\CurVer", NULL, L"%p.1" },
};

/* What both word sizes share, where the system has both. */
static const struct registry_row library_rows[] = {
    { L"TypeLib\\%l", NULL, NULL },
    { L"TypeLib\\%l\\1.0", NULL, L"%n" },
    { L"TypeLib\\%l\\1.0\\FLAGS", NULL, L"0" },
    { L"TypeLib\\%l\\1.0\\HELPDIR", NULL, L"%f" },
};

static const struct registry_row platform_rows[] = {
    { L"TypeLib\\%l\\1.0\\0", NULL, NULL },
    { L"TypeLib\\%l\\1.0\\0\\" PLATFORM, NULL, L"%d%r" },
};

static const struct registry_row shared_platform_rows[] = {
    { L"TypeLib\\%l\\1.0\\0\\" PLATFORM, RECORD, L"%d%r" },
};

/* The keys that are there before the first value of shared_platform_rows. */
static const struct registry_row begun_library_rows[] = {
    { L"TypeLib\\%l", NULL, NULL },
    { L"TypeLib\\%l\\1.0", NULL, NULL },
    { L"TypeLib\\%l\\1.0\\0", NULL, NULL },
    { L"TypeLib\\%l\\1.0\\0\\" PLATFORM, NULL, NULL },
};

static const struct registry_row interface_rows[] = {
    { L"Interface\\%i\\TypeLib", NULL, L"%l" },
    { L"Interface\\%i", NULL, L"%n" },
    { L"Interface\\%i\\ProxyStubClsid32", NULL, AUTOMATION_MARSHALER },
    { L"Interface\\%i\\TypeLib", L"Version", L"1.0" },
    { L"Interface\\%i\\NumMethods", NULL, L"%m" },
};

static const struct registry_row shared_interface_rows[] = {
    { L"Interface\\%i", RECORD, L"%d" },
};

static const struct registry_row user_folders[] = {
    { L"CLSID", NULL, NULL },
    { L"Interface", NULL, NULL },
    { L"TypeLib", NULL, NULL },
};

/* What a whole registration needs: the texts, and where they live. */
struct registration
{
    struct registry *registry;
    const struct server_dll *dll;
    struct row_texts texts;
    WCHAR libid[GUID_TEXT_CAPACITY];
    WCHAR id[GUID_TEXT_CAPACITY]; /* of the class or interface at hand */
};

static void registration_begin(struct registration *registration, struct registry *registry,
                               const struct server_dll *dll)
{
    *registration = (struct registration){ .registry = registry, .dll = dll };
    row_texts_set(&registration->texts, L'd', dll->path);
    row_texts_set(&registration->texts, L'f', dll->folder);
}

static void set_library(struct registration *registration, const struct server_library *library)
{
    guid_to_text((const uint8_t *)library->libid, registration->libid);
    row_texts_set(&registration->texts, L'l', registration->libid);
    row_texts_set(&registration->texts, L'n', library->name);
    row_texts_set(&registration->texts, L'r', library->resource);
}

static void set_class(struct registration *registration, const struct server_class *class)
{
    set_library(registration, class->library);
    guid_to_text((const uint8_t *)class->clsid, registration->id);
    row_texts_set(&registration->texts, L'c', registration->id);
    row_texts_set(&registration->texts, L'n', class->name);
    row_texts_set(&registration->texts, L'p', class->progid);
}

static void set_interface(struct registration *registration,
                          const struct server_interface *described)
{
    set_library(registration, described->library);
    guid_to_text((const uint8_t *)described->iid, registration->id);
    row_texts_set(&registration->texts, L'i', registration->id);
    row_texts_set(&registration->texts, L'n', described->name);
    row_texts_set(&registration->texts, L'm', described->slot_count);
}

#define WRITE_ROWS(registration, rows)                                                             \
    registry_rows_write((registration)->registry, rows, ARRAYSIZE(rows), &(registration)->texts)
/* A value of ours that is there for a moment: see other_word_size_needs_progid(). */
#define PROBE L"scardmanage.shared"

#define REMOVE_ROWS(registration, rows)                                                            \
    registry_rows_remove((registration)->registry, rows, ARRAYSIZE(rows), &(registration)->texts)
#define REMOVE_EMPTY(registration, rows)                                                           \
    registry_rows_remove_empty((registration)->registry, rows, ARRAYSIZE(rows),                    \
                               &(registration)->texts)

/* The text of a value; the path is a template. For memory_free(). */
static WCHAR *read_row(const struct registration *registration, enum registry_place place,
                       const WCHAR *template, const WCHAR *name)
{
    return registry_row_read(registration->registry, place, template, name, &registration->texts);
}

/* Whether the own root has a key; the path is a template. */
static bool row_is_there(const struct registration *registration, const WCHAR *template)
{
    return registry_row_has_key(registration->registry, REGISTRY_OWN_ROOT, template,
                                &registration->texts);
}

/* Whether we registered something under an id that others have as well. */
static bool has_record(const struct registration *registration, const WCHAR *template)
{
    WCHAR *record = read_row(registration, REGISTRY_OWN_ROOT, template, RECORD);
    bool is_there = record != NULL;
    memory_free(record);
    return is_there;
}

/* Compares without regard to case and frees `text`; a NULL equals nothing. */
static bool text_is(WCHAR *text, const WCHAR *expected)
{
    bool is_same = text && lstrcmpiW(text, expected) == 0;
    memory_free(text);
    return is_same;
}

static bool is_guid_text(const WCHAR *text)
{
    uint8_t guid[GUID_BYTES];
    return text && guid_from_text(text, guid);
}

HRESULT register_result(LONG status, HRESULT denied, HRESULT other)
{
    switch (status)
    {
    case ERROR_SUCCESS:
        return S_OK;
    case ERROR_ACCESS_DENIED:
        return denied;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return E_OUTOFMEMORY;
    default:
        return other;
    }
}

static HRESULT class_result(LONG status)
{
    return register_result(status, TYPE_E_REGISTRYACCESS, SELFREG_E_CLASS);
}

static HRESULT library_result(LONG status)
{
    return register_result(status, TYPE_E_REGISTRYACCESS, SELFREG_E_TYPELIB);
}

bool register_is_own_class(REFCLSID clsid)
{
    for (size_t i = 0; i < ARRAYSIZE(classes); i++)
        if (IsEqualCLSID(clsid, classes[i].clsid)) return true;
    return false;
}

/* Whether the machine has a key, or for a user's class the user has. */
static bool somebody_has_key(const struct registration *registration, enum registry_place place,
                             const WCHAR *template, const struct row_texts *texts)
{
    return registry_row_has_key(registration->registry, place, template, texts) ||
           (place != REGISTRY_MACHINE &&
            registry_row_has_key(registration->registry, REGISTRY_MACHINE, template, texts));
}

/*
 * Whether calls through an interface key can be marshalled: it names a proxy that is registered, and
 * for the automation marshaler a type library that is registered.
 */
static bool interface_key_works(const struct registration *registration, enum registry_place place)
{
    struct row_texts texts = registration->texts;
    WCHAR *proxy = read_row(registration, place, L"Interface\\%i\\ProxyStubClsid32", NULL);
    WCHAR *library = read_row(registration, place, L"Interface\\%i\\TypeLib", NULL);
    WCHAR *version = read_row(registration, place, L"Interface\\%i\\TypeLib", L"Version");
    bool works = false;

    if (is_guid_text(proxy) && lstrcmpiW(proxy, AUTOMATION_MARSHALER) == 0)
    {
        row_texts_set(&texts, L'l', library);
        row_texts_set(&texts, L'v', version);
        works = is_guid_text(library) && version && version[0] &&
                somebody_has_key(registration, place, L"TypeLib\\%l\\%v", &texts);
    }
    else if (is_guid_text(proxy))
    {
        row_texts_set(&texts, L'c', proxy);
        works = somebody_has_key(registration, place, L"CLSID\\%c", &texts);
    }
    memory_free(proxy);
    memory_free(library);
    memory_free(version);
    return works;
}

/*
 * An interface that only our own library describes is ours where a key leads to that library; one
 * that the original's library describes too, where we left our record.
 */
static bool interface_key_is_ours(const struct registration *registration,
                                  const struct server_interface *described,
                                  enum registry_place place)
{
    if (described->library->is_shared)
    {
        WCHAR *record = read_row(registration, place, L"Interface\\%i", RECORD);
        memory_free(record);
        return record != NULL;
    }
    return text_is(read_row(registration, place, L"Interface\\%i\\TypeLib", NULL),
                   registration->libid);
}

/*
 * The interface ids belong to every provider on the computer. One that works for another provider
 * is left to it; a user's registration would hide the machine's, so it asks there as well.
 */
static bool interface_is_taken(const struct registration *registration,
                               const struct server_interface *described)
{
    if (row_is_there(registration, L"Interface\\%i"))
        return !interface_key_is_ours(registration, described, REGISTRY_OWN_ROOT) &&
               interface_key_works(registration, REGISTRY_OWN_ROOT);
    return registration->registry->is_per_user &&
           !interface_key_is_ours(registration, described, REGISTRY_MACHINE) &&
           interface_key_works(registration, REGISTRY_MACHINE);
}

bool register_class_has_server(struct registry *registry, enum registry_place place,
                               const WCHAR *id)
{
    struct row_texts texts = { 0 };

    row_texts_set(&texts, L'c', id);
    for (size_t i = 0; i < ARRAYSIZE(server_keys); i++)
        if (registry_row_has_key(registry, place, server_keys[i], &texts)) return true;
    return false;
}

/* Whether a path in a value is this DLL's, with the number of the library's resource or without. */
static bool is_this_dll(const struct registration *registration, WCHAR *path)
{
    const WCHAR *resource = registration->texts.of[L'r' - L'a'];
    int chars = lstrlenW(path), resource_chars = lstrlenW(resource);

    if (resource_chars && chars > resource_chars &&
        lstrcmpiW(path + chars - resource_chars, resource) == 0)
        path[chars - resource_chars] = 0;
    return server_dll_is(registration->dll, path);
}

/*
 * Whether the path under an id that others have as well is this DLL's, or as our record has it. A record
 * without a path is a registration of ours that was cut short.
 */
static bool leads_to_us(const struct registration *registration, enum registry_place place,
                        const WCHAR *path_template, const WCHAR *record_template)
{
    WCHAR *path = read_row(registration, place, path_template, NULL);
    WCHAR *record = read_row(registration, place, record_template, RECORD);
    bool is_ours = record && (!path || lstrcmpiW(path, record) == 0);

    if (path && !is_ours) is_ours = is_this_dll(registration, path);
    memory_free(path);
    memory_free(record);
    return is_ours;
}

static bool class_is_taken_in(const struct registration *registration, enum registry_place place)
{
    return register_class_has_server(registration->registry, place, registration->id) &&
           !leads_to_us(registration, place, L"CLSID\\%c\\InprocServer32", L"CLSID\\%c");
}

/* Whether another server has the class. COM prefers a user's classes to the machine's. */
static bool class_is_taken(const struct registration *registration)
{
    return class_is_taken_in(registration, REGISTRY_OWN_ROOT) ||
           (registration->registry->is_per_user &&
            class_is_taken_in(registration, REGISTRY_MACHINE));
}

/* A removal that was killed while it tried may have left its value. */
static LONG remove_probe(const struct registration *registration, struct registry *registry)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(path, L"%p\\CLSID", &registration->texts);
    return status == ERROR_SUCCESS ? registry_delete_value(registry, path, PROBE) : status;
}

static LONG write_class(struct registration *registration, const struct server_class *class)
{
    LONG status = ERROR_SUCCESS;

    set_class(registration, class);
    if (class->is_shared && class_is_taken(registration)) return ERROR_SUCCESS;
    /* A new class gets its record first; one that moves here from another copy of ours gets it when its
     * server is this one: with either it is known as ours. */
    bool is_new = class->is_shared && !has_record(registration, L"CLSID\\%c");
    if (is_new) status = WRITE_ROWS(registration, shared_class_rows);
    if (status == ERROR_SUCCESS) status = WRITE_ROWS(registration, class_rows);
    if (status == ERROR_SUCCESS && class->is_shared && !is_new)
        status = WRITE_ROWS(registration, shared_class_rows);
    if (status == ERROR_SUCCESS) status = WRITE_ROWS(registration, progid_rows);
    return status == ERROR_SUCCESS ? remove_probe(registration, registration->registry) : status;
}

/* Whether what the word sizes share of a library is there, and not as we write it. */
static bool library_is_anothers(const struct registration *registration, enum registry_place place)
{
    const WCHAR *name = registration->texts.of[L'n' - L'a'];
    WCHAR *registered = read_row(registration, place, L"TypeLib\\%l\\1.0", NULL);
    bool is_anothers = registered && lstrcmpiW(registered, name) != 0;

    memory_free(registered);
    return is_anothers;
}

static bool library_file_is_taken(const struct registration *registration)
{
    static const WCHAR file[] = L"TypeLib\\%l\\1.0\\0\\" PLATFORM;

    /* A user's library hides the machine's, of the other word size too. */
    if (registration->registry->is_per_user && library_is_anothers(registration, REGISTRY_MACHINE))
        return true;
    WCHAR *path = read_row(registration, REGISTRY_OWN_ROOT, file, NULL);
    bool is_there = path != NULL;
    memory_free(path);
    return is_there && !leads_to_us(registration, REGISTRY_OWN_ROOT, file, file);
}

static LONG write_library(struct registration *registration, const struct server_library *library)
{
    static const WCHAR file[] = L"TypeLib\\%l\\1.0\\0\\" PLATFORM;
    LONG status = ERROR_SUCCESS;

    set_library(registration, library);
    if (library->is_shared && library_file_is_taken(registration)) return ERROR_SUCCESS;
    bool is_new = library->is_shared && !has_record(registration, file);
    if (is_new) status = WRITE_ROWS(registration, shared_platform_rows);
    if (status == ERROR_SUCCESS &&
        (!library->is_shared || !library_is_anothers(registration, REGISTRY_OWN_ROOT)))
        status = WRITE_ROWS(registration, library_rows);
    if (status == ERROR_SUCCESS) status = WRITE_ROWS(registration, platform_rows);
    if (status == ERROR_SUCCESS && library->is_shared && !is_new)
        status = WRITE_ROWS(registration, shared_platform_rows);
    return status;
}

static LONG write_interface(struct registration *registration,
                            const struct server_interface *described)
{
    set_interface(registration, described);
    if (interface_is_taken(registration, described)) return ERROR_SUCCESS;
    LONG status = ERROR_SUCCESS;
    if (described->library->is_shared) status = WRITE_ROWS(registration, shared_interface_rows);
    return status == ERROR_SUCCESS ? WRITE_ROWS(registration, interface_rows) : status;
}

HRESULT register_server(struct registry *registry, const struct server_dll *dll)
{
    struct registration registration;
    LONG status = ERROR_SUCCESS;

    /* The system says so in words; it loads neither DLLs nor type libraries from there. */
    if (lstrlenW(dll->path) >= MAX_PATH) return HRESULT_FROM_WIN32(ERROR_FILENAME_EXCED_RANGE);
    registration_begin(&registration, registry, dll);
    for (size_t i = 0; i < ARRAYSIZE(classes) && status == ERROR_SUCCESS; i++)
        status = write_class(&registration, &classes[i]);
    if (status != ERROR_SUCCESS) return class_result(status);

    status = write_library(&registration, &own_library);
    if (status == ERROR_SUCCESS) status = write_library(&registration, &base_library);
    for (size_t i = 0; i < ARRAYSIZE(interfaces) && status == ERROR_SUCCESS; i++)
        status = write_interface(&registration, &interfaces[i]);
    return library_result(status);
}

/* Whether a value names another file than this DLL. */
static bool names_another_file(const struct registration *registration, const WCHAR *template)
{
    WCHAR *path = read_row(registration, REGISTRY_OWN_ROOT, template, NULL);
    bool is_anothers = path && path[0] && !is_this_dll(registration, path);
    memory_free(path);
    return is_anothers;
}

static bool other_word_size_has_class(const struct registration *registration)
{
    WCHAR *server = read_row(registration, REGISTRY_OTHER_VIEW, L"CLSID\\%c\\InprocServer32", NULL);
    bool has_class = server && server[0];
    memory_free(server);
    return has_class;
}

/*
 * ProgIDs are shared between the word sizes on Windows 7 and later, and not everywhere else. One
 * that the other word size needs is left only where removing it would take it from there as well;
 * whether it would is tried with a value of ours.
 */
static LONG other_word_size_needs_progid(const struct registration *registration, bool *needs)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    struct registry *registry = registration->registry;
    struct registry trial = registry_of(registry->port, registry->is_per_user);

    *needs = false;
    if (!other_word_size_has_class(registration)) return ERROR_SUCCESS;
    LONG status = registry_row_path(path, L"%p\\CLSID", &registration->texts);
    if (status == ERROR_SUCCESS)
        status = registry_set_text(&trial, path, PROBE, registration->libid);
    if (status == ERROR_SUCCESS)
        *needs = text_is(registry_read_text(registry, REGISTRY_OTHER_VIEW, path, PROBE),
                         registration->libid);
    /* A roll back would leave the value that was there already, of a removal that was killed here. */
    if (status == ERROR_SUCCESS) status = remove_probe(registration, &trial);
    if (status == ERROR_SUCCESS)
        registry_commit(&trial);
    else
        registry_roll_back(&trial);
    return status;
}

/*
 * A ProgID whose class id is another's is left to it. One without a class id was never finished, or not
 * all removed: of it goes what is as we write it.
 */
static LONG remove_progid(struct registration *registration)
{
    WCHAR *owner = read_row(registration, REGISTRY_OWN_ROOT, L"%p\\CLSID", NULL);
    bool is_begun = owner == NULL;
    bool is_needed = false;

    if (!is_begun && !text_is(owner, registration->id)) return ERROR_SUCCESS;
    if (is_begun)
        return registry_rows_remove_same(registration->registry, progid_rows,
                                         ARRAYSIZE(progid_rows), &registration->texts);
    LONG status = other_word_size_needs_progid(registration, &is_needed);
    if (status != ERROR_SUCCESS || is_needed) return status;
    return REMOVE_ROWS(registration, progid_rows);
}

static LONG remove_class(struct registration *registration, const struct server_class *class)
{
    LONG status = ERROR_SUCCESS;

    set_class(registration, class);
    if (class->is_shared && !has_record(registration, L"CLSID\\%c"))
    {
        status = REMOVE_EMPTY(registration, shared_class_rows);
        return status == ERROR_SUCCESS ? remove_progid(registration) : status;
    }
    if (names_another_file(registration, L"CLSID\\%c\\InprocServer32")) return ERROR_SUCCESS;
    status = REMOVE_ROWS(registration, class_rows);
    if (status == ERROR_SUCCESS && class->is_shared)
        status = REMOVE_ROWS(registration, shared_class_rows);
    return status == ERROR_SUCCESS ? remove_progid(registration) : status;
}

/* Whether the library's language has more than this word size's file. */
static LONG others_use_library(const struct registration *registration, bool *use)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    DWORD subkey_count = 0, value_count = 0;
    LONG status = registry_row_path(path, L"TypeLib\\%l\\1.0\\0", &registration->texts);

    if (status == ERROR_SUCCESS)
        status = registry_missing_is_done(
            registry_count(registration->registry, path, &subkey_count, &value_count));
    if (status == ERROR_SUCCESS && subkey_count > 0 &&
        row_is_there(registration, L"TypeLib\\%l\\1.0\\0\\" PLATFORM))
        subkey_count--;
    *use = subkey_count > 0 || value_count > 0;
    return status;
}

/* `*is_anothers`: another file is registered as this word size's library, and keeps everything. */
static LONG remove_library(struct registration *registration, const struct server_library *library,
                           bool *is_anothers)
{
    static const WCHAR file[] = L"TypeLib\\%l\\1.0\\0\\" PLATFORM;
    bool is_unrecorded, is_used;
    LONG status;

    set_library(registration, library);
    is_unrecorded = library->is_shared && !has_record(registration, file);
    *is_anothers = is_unrecorded || names_another_file(registration, file);
    if (is_unrecorded) return REMOVE_EMPTY(registration, begun_library_rows);
    if (*is_anothers) return ERROR_SUCCESS;

    status = others_use_library(registration, &is_used);
    /* What both word sizes share goes with the last of them, and before the record. */
    if (status == ERROR_SUCCESS && !is_used &&
        !(library->is_shared && library_is_anothers(registration, REGISTRY_OWN_ROOT)))
        status = REMOVE_ROWS(registration, library_rows);
    if (status == ERROR_SUCCESS) status = REMOVE_ROWS(registration, platform_rows);
    if (status == ERROR_SUCCESS && library->is_shared)
        status = REMOVE_ROWS(registration, shared_platform_rows);
    return status == ERROR_SUCCESS ? REMOVE_EMPTY(registration, begun_library_rows) : status;
}

/* `keeps_own`: another file is registered as our own library, and describes its interfaces. */
static LONG remove_interface(struct registration *registration,
                             const struct server_interface *described, bool keeps_own)
{
    bool is_shared = described->library->is_shared;

    set_interface(registration, described);
    if (!is_shared && keeps_own) return ERROR_SUCCESS;
    if (!interface_key_is_ours(registration, described, REGISTRY_OWN_ROOT))
    {
        /* Empty keys that lead nowhere: one that was killed before its first value, or after the last. */
        if (interface_key_works(registration, REGISTRY_OWN_ROOT)) return ERROR_SUCCESS;
        return REMOVE_EMPTY(registration, interface_rows);
    }
    if (is_shared)
    {
        WCHAR *record = read_row(registration, REGISTRY_OWN_ROOT, L"Interface\\%i", RECORD);
        bool is_other_copy = record && record[0] && !server_dll_is(registration->dll, record);
        memory_free(record);
        if (is_other_copy) return ERROR_SUCCESS;
    }
    LONG status = REMOVE_ROWS(registration, interface_rows);
    if (status == ERROR_SUCCESS && is_shared)
        status = REMOVE_ROWS(registration, shared_interface_rows);
    return status;
}

HRESULT unregister_server(struct registry *registry, const struct server_dll *dll)
{
    struct registration registration;
    bool is_anothers = false;
    LONG status = ERROR_SUCCESS;

    registration_begin(&registration, registry, dll);
    for (size_t i = 0; i < ARRAYSIZE(classes) && status == ERROR_SUCCESS; i++)
        status = remove_class(&registration, &classes[i]);
    if (status != ERROR_SUCCESS) return class_result(status);

    status = remove_library(&registration, &base_library, &is_anothers);
    if (status == ERROR_SUCCESS) status = remove_library(&registration, &own_library, &is_anothers);
    for (size_t i = 0; i < ARRAYSIZE(interfaces) && status == ERROR_SUCCESS; i++)
        status = remove_interface(&registration, &interfaces[i], is_anothers);
    return library_result(status);
}

LONG register_prune(struct registry *registry)
{
    static const struct row_texts no_texts;

    if (!registry->is_per_user) return ERROR_SUCCESS;
    LONG status = registry_rows_remove(registry, user_folders, ARRAYSIZE(user_folders), &no_texts);
    /* Wine makes the topmost one with the first class; on Windows it is the root of a hive, which
     * cannot be deleted, nor need it be. */
    if (status == ERROR_SUCCESS) registry_delete_key_if_empty(registry, L"Software\\Classes");
    return status;
}
