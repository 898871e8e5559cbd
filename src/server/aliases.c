/*
 * aliases - class ids of other products that lead to our SCardManage: made, recorded, undone.
 * Layer: server (calls registry; knows no COM object).
 * Threads: one transaction at a time; alias_is_recorded() any.
 * SPDX-License-Identifier: MIT
 */
#include "server/aliases.h"

#include "base/guid_text.h"
#include "server/register.h"
#include "server/registry/rows.h"
#include "server/registry/trees.h"
#include "system/memory.h"

#include <olectl.h>

#include "scard_interfaces.h"

/*
 * A process that is killed leaves what it has written. The server's path is written first of an alias and
 * removed last, so that what leads to us is known. What was saved is whole where it holds all that is left
 * under the class id: that is deleted only after all of it was copied.
 *
 * Placeholders: a alias, c our class id, l our type library id, d the DLL's path.
 */
static const struct registry_row alias_rows[] = {
    { L"CLSID\\%a", NULL, NULL },
    { L"CLSID\\%a\\InprocServer32", NULL, L"%d" },
    { L"CLSID\\%a", NULL, L"Smart card connection (alias of ScardManage.SCardManage)" },
    { L"CLSID\\%a\\InprocServer32", L"ThreadingModel", L"Both" },
    { L"CLSID\\%a\\TypeLib", NULL, L"%l" },
};

enum
{
    /* The row of record_rows that names the alias; before it are the keys above all records. */
    ALIAS_RECORD_AT = 2,
};

static const struct registry_row record_rows[] = {
    { L"CLSID\\%c", NULL, NULL },
    { L"CLSID\\%c\\Aliases", NULL, NULL },
    { L"CLSID\\%c\\Aliases\\%a", NULL, L"%d" },
};

struct alias
{
    struct row_texts texts;
    WCHAR own[GUID_TEXT_CAPACITY];
    WCHAR libid[GUID_TEXT_CAPACITY];
    WCHAR id[GUID_TEXT_CAPACITY];
};

static void alias_begin(struct alias *alias, const struct server_dll *dll, const WCHAR *id)
{
    *alias = (struct alias){ 0 };
    guid_to_text((const uint8_t *)&CLSID_SCardManage, alias->own);
    guid_to_text((const uint8_t *)&LIBID_ScardManageLib, alias->libid);
    lstrcpynW(alias->id, id, GUID_TEXT_CAPACITY);
    row_texts_set(&alias->texts, L'a', alias->id);
    row_texts_set(&alias->texts, L'c', alias->own);
    row_texts_set(&alias->texts, L'l', alias->libid);
    row_texts_set(&alias->texts, L'd', dll ? dll->path : NULL);
}

/* Whether the own root has a key; the path is a template. */
static bool has_key(struct registry *registry, const struct alias *alias, const WCHAR *template)
{
    return registry_row_has_key(registry, REGISTRY_OWN_ROOT, template, &alias->texts);
}

/* The unnamed value of a key; the path is a template. For memory_free(). */
static WCHAR *read_row(struct registry *registry, enum registry_place place,
                       const struct alias *alias, const WCHAR *template)
{
    return registry_row_read(registry, place, template, NULL, &alias->texts);
}

static LONG delete_tree(struct registry *registry, const struct alias *alias, const WCHAR *template)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(path, template, &alias->texts);
    return status == ERROR_SUCCESS ? registry_delete_tree(registry, path) : status;
}

static LONG copy_tree(struct registry *registry, const struct alias *alias, const WCHAR *from,
                      const WCHAR *to)
{
    WCHAR from_path[REGISTRY_PATH_CHARS], to_path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(from_path, from, &alias->texts);
    if (status == ERROR_SUCCESS) status = registry_row_path(to_path, to, &alias->texts);
    return status == ERROR_SUCCESS ? registry_copy_tree(registry, from_path, to_path) : status;
}

/* Whether the class id leads to us: this file, or the one that the record names. */
static bool leads_to_us(struct registry *registry, enum registry_place place,
                        const struct server_dll *dll, const struct alias *alias)
{
    WCHAR *server = read_row(registry, place, alias, L"CLSID\\%a\\InprocServer32");
    WCHAR *recorded = read_row(registry, place, alias, L"CLSID\\%c\\Aliases\\%a");
    bool is_ours =
        server_dll_is(dll, server) || (server && recorded && lstrcmpiW(server, recorded) == 0);

    memory_free(server);
    memory_free(recorded);
    return is_ours;
}

/*
 * COM prefers a user's class to the machine's, so an alias for the user takes the machine's class
 * from him as well.
 */
static bool is_anothers(struct registry *registry, const struct server_dll *dll,
                        const struct alias *alias)
{
    if (register_class_has_server(registry, REGISTRY_OWN_ROOT, alias->id) &&
        !leads_to_us(registry, REGISTRY_OWN_ROOT, dll, alias))
        return true;
    return registry->is_per_user &&
           register_class_has_server(registry, REGISTRY_MACHINE, alias->id) &&
           !leads_to_us(registry, REGISTRY_MACHINE, dll, alias);
}

/* Whether what was saved holds all that is under the class id. */
static LONG is_saved(struct registry *registry, const struct alias *alias, bool *saved)
{
    WCHAR class_path[REGISTRY_PATH_CHARS], saved_path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(class_path, L"CLSID\\%a", &alias->texts);

    *saved = false;
    if (!has_key(registry, alias, L"CLSID\\%c\\Aliases\\%a\\Saved")) return status;
    if (status == ERROR_SUCCESS)
        status = registry_row_path(saved_path, L"CLSID\\%c\\Aliases\\%a\\Saved", &alias->texts);
    return status == ERROR_SUCCESS ? registry_tree_holds(registry, saved_path, class_path, saved)
                                   : status;
}

/* Moves what stands under the class id into the record. */
static LONG save(struct registry *registry, const struct alias *alias)
{
    bool saved = false;
    /* An alias that was begun, or not all removed, has empty keys, which are not worth saving. */
    LONG status =
        registry_rows_remove_empty(registry, alias_rows, ARRAYSIZE(alias_rows), &alias->texts);

    if (status != ERROR_SUCCESS || !has_key(registry, alias, L"CLSID\\%a")) return status;
    status = is_saved(registry, alias, &saved);
    if (status == ERROR_SUCCESS && !saved)
    {
        status = delete_tree(registry, alias, L"CLSID\\%c\\Aliases\\%a\\Saved");
        if (status == ERROR_SUCCESS)
            status = copy_tree(registry, alias, L"CLSID\\%a", L"CLSID\\%c\\Aliases\\%a\\Saved");
    }
    return status == ERROR_SUCCESS ? delete_tree(registry, alias, L"CLSID\\%a") : status;
}

bool alias_is_allowed(REFCLSID alias)
{
    return !IsEqualCLSID(alias, &CLSID_NULL) && !register_is_own_class(alias);
}

static HRESULT alias_result(LONG status)
{
    return register_result(status, E_ACCESSDENIED, SELFREG_E_CLASS);
}

HRESULT alias_add(struct registry *registry, const struct server_dll *dll, REFCLSID clsid,
                  bool force)
{
    WCHAR id[GUID_TEXT_CAPACITY];
    struct alias alias;
    LONG status = ERROR_SUCCESS;

    guid_to_text((const uint8_t *)clsid, id);
    alias_begin(&alias, dll, id);
    if (!force && is_anothers(registry, dll, &alias)) return ALIAS_E_OWNED;

    bool is_ours = leads_to_us(registry, REGISTRY_OWN_ROOT, dll, &alias);
    status = registry_rows_write(registry, record_rows, ARRAYSIZE(record_rows), &alias.texts);
    if (status == ERROR_SUCCESS && !is_ours) status = save(registry, &alias);
    if (status == ERROR_SUCCESS)
        status = registry_rows_write(registry, alias_rows, ARRAYSIZE(alias_rows), &alias.texts);
    return alias_result(status);
}

static LONG remove_alias(struct registry *registry, const struct server_dll *dll,
                         const struct alias *alias)
{
    LONG status = ERROR_SUCCESS;
    bool restores = false;

    /* Without a record there can be the keys above it, of one that was killed. */
    if (!has_key(registry, alias, L"CLSID\\%c\\Aliases\\%a"))
        return registry_rows_remove_empty(registry, record_rows, ARRAYSIZE(record_rows),
                                          &alias->texts);
    if (leads_to_us(registry, REGISTRY_OWN_ROOT, dll, alias))
    {
        status = registry_rows_remove(registry, alias_rows, ARRAYSIZE(alias_rows), &alias->texts);
        restores = true;
    }
    else
    {
        status =
            registry_rows_remove_empty(registry, alias_rows, ARRAYSIZE(alias_rows), &alias->texts);
        /* Moving it here, or back, may have been cut short; a server that is not all ours to give
         * back came later, and stays. */
        if (status == ERROR_SUCCESS) status = is_saved(registry, alias, &restores);
        if (!register_class_has_server(registry, REGISTRY_OWN_ROOT, alias->id)) restores = true;
    }
    if (status == ERROR_SUCCESS && restores &&
        has_key(registry, alias, L"CLSID\\%c\\Aliases\\%a\\Saved"))
        status = copy_tree(registry, alias, L"CLSID\\%c\\Aliases\\%a\\Saved", L"CLSID\\%a");
    if (status == ERROR_SUCCESS) status = delete_tree(registry, alias, L"CLSID\\%c\\Aliases\\%a");
    if (status == ERROR_SUCCESS)
        status = registry_rows_remove(registry, record_rows, ARRAYSIZE(record_rows), &alias->texts);
    return status;
}

HRESULT alias_remove(struct registry *registry, const struct server_dll *dll, REFCLSID clsid)
{
    WCHAR id[GUID_TEXT_CAPACITY];
    struct alias alias;

    guid_to_text((const uint8_t *)clsid, id);
    alias_begin(&alias, dll, id);
    return alias_result(remove_alias(registry, dll, &alias));
}

/* Whether a record has no value yet: whoever made it was killed before that. */
static bool is_unfinished(const struct registry *registry, const struct alias *alias)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    BYTE *data = NULL;
    DWORD type, len;

    LONG status = registry_row_path(path, L"CLSID\\%c\\Aliases\\%a", &alias->texts);
    if (status == ERROR_SUCCESS)
        status = registry_read_value(registry, REGISTRY_OWN_ROOT, path, NULL, &type, &data, &len);
    memory_free(data);
    return status == ERROR_FILE_NOT_FOUND;
}

/* Whether a record was made by this file. */
static bool record_is_ours(struct registry *registry, const struct server_dll *dll,
                           const struct alias *alias)
{
    WCHAR *recorded = read_row(registry, REGISTRY_OWN_ROOT, alias, L"CLSID\\%c\\Aliases\\%a");
    bool is_ours = recorded ? server_dll_is(dll, recorded) : is_unfinished(registry, alias);
    memory_free(recorded);
    return is_ours;
}

HRESULT alias_remove_all(struct registry *registry, const struct server_dll *dll)
{
    WCHAR path[REGISTRY_PATH_CHARS], name[REGISTRY_NAME_CHARS];
    struct alias alias;
    LONG status;
    DWORD index = 0;

    alias_begin(&alias, dll, L"");
    status = registry_row_path(path, L"CLSID\\%c\\Aliases", &alias.texts);
    while (status == ERROR_SUCCESS)
    {
        uint8_t clsid[GUID_BYTES];
        status = registry_subkey(registry, path, index, name);
        if (status != ERROR_SUCCESS) break;
        /* A name that is no class id was not written here. */
        if (!guid_from_text(name, clsid))
        {
            index++;
            continue;
        }
        alias_begin(&alias, dll, name);
        if (!record_is_ours(registry, dll, &alias))
        {
            index++;
            continue;
        }
        status = remove_alias(registry, dll, &alias);
        /* The record is gone and the next one has its index, unless it could not go. */
        if (status == ERROR_SUCCESS && has_key(registry, &alias, L"CLSID\\%c\\Aliases\\%a"))
            index++;
    }
    if (status == ERROR_NO_MORE_ITEMS) status = ERROR_SUCCESS;
    /* The keys above the first record, of one that was killed before it wrote that. */
    if (status == ERROR_SUCCESS)
        status = registry_rows_remove_empty(registry, record_rows, ALIAS_RECORD_AT, &alias.texts);
    return alias_result(status);
}

bool alias_is_recorded(REFCLSID clsid)
{
    static const WCHAR record[] = L"CLSID\\%c\\Aliases\\%a";
    struct registry user = registry_of(&registry_port_windows, true);
    WCHAR id[GUID_TEXT_CAPACITY];
    struct alias alias;

    guid_to_text((const uint8_t *)clsid, id);
    alias_begin(&alias, NULL, id);
    return registry_row_has_key(&user, REGISTRY_OWN_ROOT, record, &alias.texts) ||
           registry_row_has_key(&user, REGISTRY_MACHINE, record, &alias.texts);
}
