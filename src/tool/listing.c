/*
 * listing - the command "ls": which files there are.
 * Layer: tool (a client of ISCardFileAccess).
 * Reference: ISCardFileAccess::Directory, GetProperties, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "tool/listing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/hex_dump.h"
#include "tool/output.h"
#include "tool/properties.h"
#include "tool/session.h"

/* No card goes deeper; one that seems to is not followed for ever. */
#define DEPTH_MAX 12
/* Columns: the names of a tree's files begin further right the deeper they are. */
#define INDENT_CHARS 2
#define NAME_COLUMN  14

/* One walk through the card. */
struct walk
{
    ISCardFileAccess *files;
    bool is_recursive;
};

struct entry
{
    BSTR element; /* as Open and ChangeDir take it */
    struct file_facts facts;
    bool is_locked;
};

struct entries
{
    struct entry *all;
    LONG count;
};

static void entries_free(struct entries *entries)
{
    for (LONG i = 0; i < entries->count; i++)
        SysFreeString(entries->all[i].element);
    free(entries->all);
    *entries = (struct entries){ 0 };
}

static LONG array_count(SAFEARRAY *list)
{
    LONG first = 0, last = -1;

    SafeArrayGetLBound(list, 1, &first);
    SafeArrayGetUBound(list, 1, &last);
    return last - first + 1;
}

static bool names_are_equal(BSTR a, BSTR b)
{
    return wcscmp(a, b) == 0;
}

/* Some cards do not tell what kind a file is; the server finds out when it is asked for one kind. */
static HRESULT find_kind(struct walk *walk, struct entries *entries, FILETYPE type,
                         enum file_kind kind)
{
    SAFEARRAY *list = NULL;
    HRESULT hr = ISCardFileAccess_Directory(walk->files, type, &list);
    LONG count = SUCCEEDED(hr) ? array_count(list) : 0;

    for (LONG i = 0; i < count; i++)
    {
        BSTR name = NULL;
        if (FAILED(SafeArrayGetElement(list, &i, &name))) continue;
        for (LONG j = 0; j < entries->count; j++)
            if (names_are_equal(entries->all[j].element, name)) entries->all[j].facts.kind = kind;
        SysFreeString(name);
    }
    if (SUCCEEDED(hr)) SafeArrayDestroy(list);
    return hr;
}

static HRESULT find_missing_kinds(struct walk *walk, struct entries *entries)
{
    static const struct
    {
        FILETYPE type;
        enum file_kind kind;
    } kinds[] = {
        { SC_TYPE_DIRECTORY_FILE, FILE_KIND_DIRECTORY },
        { SC_TYPE_TRANSPARENT_EF, FILE_KIND_TRANSPARENT },
        { SC_TYPE_FIXED_EF, FILE_KIND_FIXED },
        { SC_TYPE_CYCLIC_EF, FILE_KIND_CYCLIC },
        { SC_TYPE_VARIABLE_EF, FILE_KIND_VARIABLE },
    };
    bool is_missing = false;
    HRESULT hr = S_OK;

    for (LONG i = 0; i < entries->count; i++)
        if (entries->all[i].facts.kind == FILE_KIND_UNKNOWN && !entries->all[i].is_locked)
            is_missing = true;
    for (size_t i = 0; is_missing && SUCCEEDED(hr) && i < ARRAYSIZE(kinds); i++)
        hr = find_kind(walk, entries, kinds[i].type, kinds[i].kind);
    return hr;
}

/* All files of the current directory. */
static HRESULT read_entries(struct walk *walk, struct entries *entries)
{
    SAFEARRAY *list = NULL;
    HRESULT hr = ISCardFileAccess_Directory(walk->files, SC_TYPE_ALL_FILES, &list);

    if (FAILED(hr)) return hr;
    LONG count = array_count(list);
    entries->all = calloc(count > 0 ? (size_t)count : 1, sizeof(*entries->all));
    if (!entries->all) hr = E_OUTOFMEMORY;
    for (LONG i = 0; SUCCEEDED(hr) && i < count; i++)
    {
        struct entry *entry = &entries->all[i];
        hr = SafeArrayGetElement(list, &i, &entry->element);
        if (FAILED(hr)) break;
        entries->count++;
        hr = properties_read(walk->files, entry->element, &entry->facts);
        entry->is_locked = properties_are_locked(hr);
        if (entry->is_locked) hr = S_OK;
    }
    SafeArrayDestroy(list);
    if (SUCCEEDED(hr)) hr = find_missing_kinds(walk, entries);
    return hr;
}

static void print_line(const WCHAR *element, const struct file_facts *facts, bool is_locked,
                       unsigned depth)
{
    char size[FILE_SIZE_CHARS], hex[HEX_TEXT_CHARS(FILE_NAME_MAX)], ascii[FILE_NAME_MAX + 1];
    char *name = output_utf8(element);
    char line[128];

    file_facts_size(facts, size);
    hex_text(hex, facts->name, facts->name_len);
    ascii_text(ascii, facts->name, facts->name_len);
    int len = snprintf(line, sizeof(line), "%*s%-*s  %-15s  %9s", (int)(depth * INDENT_CHARS), "",
                       (int)(NAME_COLUMN - depth * INDENT_CHARS), name, file_kind_name(facts->kind),
                       size);
    free(name);
    /* Blanks at the end help nobody. */
    if (facts->name_len == 0 && !facts->is_deactivated && !is_locked)
        while (len > 0 && len < (int)sizeof(line) && line[len - 1] == ' ')
            line[--len] = 0;
    output_text("%s", line);
    if (facts->name_len > 0) output_text("  %s \"%s\"", hex, ascii);
    if (facts->is_deactivated) output_text("  deactivated");
    if (is_locked) output_text("  the card does not let us look");
    output_text("\n");
}

static HRESULT list_current(struct walk *walk, unsigned depth);

/* The files of a directory that is in the current one. Afterwards it is the current one again. */
static HRESULT list_child(struct walk *walk, BSTR element, unsigned depth)
{
    BSTR here = NULL;
    HRESULT hr = ISCardFileAccess_GetCurrentDir(walk->files, &here);

    if (FAILED(hr)) return hr;
    hr = ISCardFileAccess_ChangeDir(walk->files, REFERENCE_ANY, element);
    if (SUCCEEDED(hr))
        hr = list_current(walk, depth);
    else if (properties_are_locked(hr))
    {
        SysFreeString(here);
        return S_OK;
    }
    if (SUCCEEDED(hr)) hr = ISCardFileAccess_ChangeDir(walk->files, REFERENCE_ANY, here);
    SysFreeString(here);
    return hr;
}

static HRESULT list_current(struct walk *walk, unsigned depth)
{
    struct entries entries = { 0 };
    HRESULT hr = read_entries(walk, &entries);

    for (LONG i = 0; SUCCEEDED(hr) && i < entries.count; i++)
    {
        const struct entry *entry = &entries.all[i];
        print_line(entry->element, &entry->facts, entry->is_locked, depth);
        if (walk->is_recursive && entry->facts.kind == FILE_KIND_DIRECTORY && depth + 1 < DEPTH_MAX)
            hr = list_child(walk, entry->element, depth + 1);
    }
    entries_free(&entries);
    return hr;
}

static HRESULT list_file(struct walk *walk, BSTR path)
{
    struct file_facts facts;
    HRESULT hr = properties_read(walk->files, path, &facts);

    if (SUCCEEDED(hr)) print_line(path, &facts, false, 0);
    return hr;
}

static HRESULT list(struct walk *walk, BSTR path)
{
    BSTR here = NULL;
    HRESULT hr = S_OK;

    if (path) hr = ISCardFileAccess_ChangeDir(walk->files, REFERENCE_ANY, path);
    if (hr == (HRESULT)SCARD_E_NO_DIR) return list_file(walk, path);
    if (SUCCEEDED(hr)) hr = ISCardFileAccess_GetCurrentDir(walk->files, &here);
    if (FAILED(hr)) return hr;
    char *heading = output_utf8(here);
    SysFreeString(here);
    output_text("%s\n", heading);
    free(heading);
    return list_current(walk, 0);
}

static int explain(HRESULT hr)
{
    if (hr != E_NOTIMPL) return session_trouble(hr, "the directory cannot be listed");
    output_trouble("this card has no way to list its files; name them by their paths");
    return TOOL_REFUSED;
}

int listing_command(const struct options *options)
{
    struct session session;
    BSTR path = NULL;
    int code = TOOL_GOOD;

    if (options->argument_count > 0)
    {
        path = session_bstr(options->arguments[0]);
        if (!path) return TOOL_REFUSED;
    }
    if (session_open(&session, options))
    {
        struct walk walk = { session.files, (options->given & OPTION_RECURSIVE) != 0 };
        HRESULT hr = list(&walk, path);
        if (FAILED(hr)) code = explain(hr);
        session_close(&session);
    }
    else
        code = TOOL_REFUSED;
    SysFreeString(path);
    return code;
}
