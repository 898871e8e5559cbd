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
#include "tool/listing_limits.h"
#include "tool/output.h"
#include "tool/properties.h"
#include "tool/session.h"

/* What a list says at its end, where the card does not say what it has. */
#define MORE_FILES "There may be more files: this card does not tell all that it has."
/* Columns: the names of a tree's files begin further right the deeper they are. */
#define INDENT_CHARS 2
#define NAME_COLUMN  14

/* One walk through the card. */
struct walk
{
    ISCardFileAccess *files;
    bool may_miss_files; /* the card has not told all that is in one of its directories */
    bool is_recursive;
    struct listing_limits limits;
};

struct entry
{
    BSTR element; /* as Open and ChangeDir take it */
    struct file_facts facts;
    const char *trouble; /* why there are no facts; or NULL */
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

/* Whether a failure is the card's word on one file, so that the others can be listed. */
static bool is_cards_word(HRESULT hr)
{
    static const HRESULT words[] = {
        (HRESULT)SCARD_E_FILE_NOT_FOUND,
        (HRESULT)SCARD_E_DIR_NOT_FOUND,
        (HRESULT)SCARD_E_NO_FILE,
        (HRESULT)SCARD_E_NO_DIR,
        (HRESULT)SCARD_E_NO_ACCESS,
        (HRESULT)SCARD_W_SECURITY_VIOLATION,
        (HRESULT)SCARD_W_CHV_BLOCKED,
        (HRESULT)SCARD_E_UNEXPECTED,
        (HRESULT)SCARD_E_UNSUPPORTED_FEATURE,
        (HRESULT)SCARD_E_INVALID_PARAMETER,
        (HRESULT)SCARD_E_INVALID_VALUE,
        (HRESULT)SCARD_E_BAD_SEEK,
        (HRESULT)SCARD_W_EOF,
        E_NOTIMPL,
    };
    for (size_t i = 0; i < ARRAYSIZE(words); i++)
        if (words[i] == hr) return true;
    return false;
}

static const char *trouble_of(HRESULT hr)
{
    if (properties_are_locked(hr)) return "the card does not let us look";
    return hr == (HRESULT)SCARD_E_FILE_NOT_FOUND || hr == (HRESULT)SCARD_E_DIR_NOT_FOUND
               ? "cannot be selected: the card does not find it"
               : "cannot be selected";
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

/* An element that is a DF name and no identifier. */
static bool is_df_name(BSTR element)
{
    return element[0] == L'<';
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
        if (entries->all[i].facts.kind == FILE_KIND_UNKNOWN && !entries->all[i].trouble)
            is_missing = true;
    for (size_t i = 0; is_missing && SUCCEEDED(hr) && i < ARRAYSIZE(kinds); i++)
        hr = find_kind(walk, entries, kinds[i].type, kinds[i].kind);
    /* The files are known all the same. */
    return is_cards_word(hr) ? S_OK : hr;
}

/* All files of the current directory. */
static HRESULT read_entries(struct walk *walk, struct entries *entries)
{
    SAFEARRAY *list = NULL;
    HRESULT hr = ISCardFileAccess_Directory(walk->files, SC_TYPE_ALL_FILES, &list);

    if (FAILED(hr)) return hr;
    if (hr == S_FALSE) walk->may_miss_files = true;
    hr = S_OK;
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
        if (entry->facts.kind == FILE_KIND_UNKNOWN && is_df_name(entry->element))
            entry->facts.kind = FILE_KIND_DIRECTORY;
        if (SUCCEEDED(hr) || !is_cards_word(hr)) continue;
        entry->trouble = trouble_of(hr);
        hr = S_OK;
    }
    SafeArrayDestroy(list);
    if (SUCCEEDED(hr)) hr = find_missing_kinds(walk, entries);
    return hr;
}

static void print_line(const WCHAR *element, const struct file_facts *facts, const char *trouble,
                       unsigned depth)
{
    char size[FILE_SIZE_CHARS], hex[HEX_TEXT_CHARS(FILE_NAME_MAX)], ascii[FILE_NAME_MAX + 1];
    char *name = output_utf8(element);
    char line[128];
    int indent = (int)depth * INDENT_CHARS;
    int column = indent < NAME_COLUMN ? NAME_COLUMN - indent : 0;

    file_facts_size(facts, size);
    hex_text(hex, facts->name, facts->name_len);
    ascii_text(ascii, facts->name, facts->name_len);
    int len = snprintf(line, sizeof(line), "%*s%-*s  %-15s  %9s", indent, "", column, name,
                       file_kind_name(facts->kind), size);
    free(name);
    /* Blanks at the end help nobody. */
    if (facts->name_len == 0 && !facts->is_deactivated && !trouble)
        while (len > 0 && len < (int)sizeof(line) && line[len - 1] == ' ')
            line[--len] = 0;
    output_text("%s", line);
    if (facts->name_len > 0) output_text("  %s \"%s\"", hex, ascii);
    if (facts->is_deactivated) output_text("  deactivated");
    if (trouble) output_text("  %s", trouble);
    output_text("\n");
}

static HRESULT list_current(struct walk *walk, unsigned depth);

static void print_note(const char *note, unsigned depth)
{
    output_text("%*s%s\n", (int)(depth * INDENT_CHARS), "", note);
}

/* The files of a directory that is in the current one. Afterwards it is the current one again. */
static HRESULT list_child(struct walk *walk, BSTR element, unsigned depth)
{
    BSTR here = NULL;
    HRESULT hr = ISCardFileAccess_GetCurrentDir(walk->files, &here);

    if (FAILED(hr)) return hr;
    hr = ISCardFileAccess_ChangeDir(walk->files, REFERENCE_ANY, element);
    if (SUCCEEDED(hr))
    {
        hr = list_current(walk, depth);
        if (is_cards_word(hr))
        {
            print_note("cannot be listed", depth);
            hr = S_OK;
        }
        if (SUCCEEDED(hr)) hr = ISCardFileAccess_ChangeDir(walk->files, REFERENCE_ANY, here);
        /* On some cards no way leads back from an application. Names are found from there, too. */
        if (is_cards_word(hr)) hr = S_OK;
    }
    else if (is_cards_word(hr))
    {
        print_note(trouble_of(hr), depth);
        hr = S_OK;
    }
    SysFreeString(here);
    return hr;
}

/* A directory in the current one that is not listed. */
static HRESULT leave_out(struct walk *walk, BSTR element, unsigned depth)
{
    BSTR here = NULL;
    HRESULT hr = ISCardFileAccess_GetCurrentDir(walk->files, &here);

    if (FAILED(hr)) return hr;
    char *parent = output_utf8(here), *name = output_utf8(element);
    listing_limits_name(&walk->limits, parent, name);
    free(name);
    free(parent);
    SysFreeString(here);
    print_note("not listed", depth);
    return S_OK;
}

static HRESULT list_current(struct walk *walk, unsigned depth)
{
    struct entries entries = { 0 };
    HRESULT hr = read_entries(walk, &entries);

    for (LONG i = 0; SUCCEEDED(hr) && i < entries.count; i++)
    {
        const struct entry *entry = &entries.all[i];
        bool is_directory = entry->facts.kind == FILE_KIND_DIRECTORY && !entry->trouble;
        print_line(entry->element, &entry->facts, entry->trouble, depth);
        if (!walk->is_recursive || !is_directory) continue;
        hr = listing_limits_follow(&walk->limits, depth + 1)
                 ? list_child(walk, entry->element, depth + 1)
                 : leave_out(walk, entry->element, depth + 1);
    }
    entries_free(&entries);
    return hr;
}

static HRESULT list_file(struct walk *walk, BSTR path)
{
    struct file_facts facts;
    HRESULT hr = properties_read(walk->files, path, &facts);

    if (SUCCEEDED(hr)) print_line(path, &facts, NULL, 0);
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
    listing_limits_follow(&walk->limits, 0);
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
        struct walk walk = { .files = session.files,
                             .is_recursive = (options->given & OPTION_RECURSIVE) != 0 };
        HRESULT hr = list(&walk, path);
        if (FAILED(hr)) code = explain(hr);
        if (SUCCEEDED(hr) && walk.may_miss_files) print_note(MORE_FILES, 0);
        if (SUCCEEDED(hr) && walk.limits.left_out > 0)
        {
            char where[sizeof(walk.limits.where) + 128];
            listing_limits_text(&walk.limits, where, sizeof(where));
            output_trouble("%s", where);
            code = TOOL_REFUSED;
        }
        session_close(&session);
    }
    else
        code = TOOL_REFUSED;
    SysFreeString(path);
    return code;
}
