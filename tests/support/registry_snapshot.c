/*
 * registry_snapshot - the classes in the registry as text, to be compared: before and after.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/registry_snapshot.h"

#include "support/check.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const WCHAR classes_path[] = L"Software\\Classes";
/* What reading calls; not the server's table, which not every test is linked with. */
static const struct registry_port windows = {
    .open_key = RegOpenKeyExW,
    .close_key = RegCloseKey,
    .query_info = RegQueryInfoKeyW,
    .enum_key = RegEnumKeyExW,
    .enum_value = RegEnumValueW,
};
static const REGSAM other_view = sizeof(void *) == 8 ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;

static void *must_have(void *memory)
{
    if (memory) return memory;
    printf("registry_snapshot: out of memory\n");
    exit(2);
}

static void add_line(struct registry_snapshot *snapshot, WCHAR *line)
{
    if (snapshot->count == snapshot->capacity)
    {
        snapshot->capacity = snapshot->capacity ? snapshot->capacity * 2 : 4096;
        snapshot->lines =
            must_have(realloc(snapshot->lines, snapshot->capacity * sizeof(*snapshot->lines)));
    }
    snapshot->lines[snapshot->count++] = line;
}

static WCHAR *copy_of(const WCHAR *text)
{
    WCHAR *copy = must_have(malloc((wcslen(text) + 1) * sizeof(WCHAR)));
    wcscpy(copy, text);
    return copy;
}

static WCHAR *joined(const WCHAR *path, const WCHAR *name)
{
    size_t chars = wcslen(path) + wcslen(name) + 2;
    WCHAR *below = must_have(malloc(chars * sizeof(WCHAR)));
    swprintf(below, chars, L"%ls\\%ls", path, name);
    return below;
}

/* Text as it is, anything else in hexadecimal, so that a wrong type or terminator shows. */
static WCHAR *value_line(const WCHAR *path, const WCHAR *name, DWORD type, const BYTE *data,
                         DWORD len)
{
    size_t chars = wcslen(path) + wcslen(name) + 32 + 2 * (size_t)len;
    WCHAR *line = must_have(malloc(chars * sizeof(WCHAR)));
    const WCHAR *text = (const WCHAR *)(const void *)data;
    bool is_plain = type == REG_SZ && len >= 2 && len % 2 == 0 && text[len / 2 - 1] == 0 &&
                    wcslen(text) == len / 2 - 1;

    int at = swprintf(line, chars, L"%ls @ %ls = ", path, name);
    if (is_plain)
    {
        wcscpy(line + at, text);
        return line;
    }
    at += swprintf(line + at, chars - (size_t)at, L"%lu:", type);
    for (DWORD i = 0; i < len; i++)
        at += swprintf(line + at, chars - (size_t)at, L"%02X", data[i]);
    return line;
}

static void add_values(struct registry_snapshot *snapshot, const struct registry_port *port,
                       HKEY key, const WCHAR *label, DWORD name_chars_max, DWORD data_len_max)
{
    WCHAR *name = must_have(malloc((name_chars_max + 1) * sizeof(WCHAR)));
    BYTE *data = must_have(malloc(data_len_max + 2));

    for (DWORD i = 0;; i++)
    {
        DWORD name_chars = name_chars_max + 1, len = data_len_max, type = REG_NONE;
        LONG status = port->enum_value(key, i, name, &name_chars, NULL, &type, data, &len);
        if (status == ERROR_NO_MORE_ITEMS) break;
        if (status != ERROR_SUCCESS)
        {
            printf("registry_snapshot: a value of %ls: error %ld\n", label, status);
            exit(2);
        }
        add_line(snapshot, value_line(label, name, type, data, len));
    }
    free(name);
    free(data);
}

/* Keys that are seen a second time below their real place. */
static bool is_second_name(const WCHAR *label)
{
    /* To a 32-bit program its own view lies below Wow6432Node, too. */
    if (sizeof(void *) == 4)
        return wcscmp(label, L"HKLM\\Wow6432Node") == 0 || wcscmp(label, L"HKCU\\Wow6432Node") == 0;
    /* To a 64-bit one this is a link to the one that both word sizes share. */
    return wcscmp(label, L"HKLM\\Wow6432Node\\TypeLib") == 0;
}

/* How much of a tree is looked at. */
enum detail
{
    EVERYTHING,
    WATCHED_KEYS, /* of the other ones only the names */
};

/* What the tests' own keys and those of the DLL have in their names. */
/* clang-format off */
static const WCHAR *const watched[] = {
    L"ScardManage",
    /* type libraries */
    L"{81C05811", L"{82C38704",
    /* classes */
    L"{2D5B8F98", L"{6625A2C6", L"{FF43A079", L"{FA57055C",
    /* interfaces, and the base providers' classes beside theirs */
    L"{5E586211", L"{4029DD8", L"{7B063D61", L"{E126F8F", L"{53B6AA6", L"{D5778AE", L"{1461AA",
    /* other vendors, and inventions of the tests */
    L"{A80F11", L"{11111111", L"{22222222", L"{33333333",
};
/* clang-format on */

static bool is_watched(const WCHAR *name)
{
    for (size_t i = 0; i < ARRAYSIZE(watched); i++)
        if (_wcsnicmp(name, watched[i], wcslen(watched[i])) == 0) return true;
    return false;
}

/* Keys that hold the watched ones. */
static bool is_folder(const WCHAR *name)
{
    static const WCHAR *const folders[] = { L"CLSID", L"Interface", L"TypeLib", L"Wow6432Node" };
    for (size_t i = 0; i < ARRAYSIZE(folders); i++)
        if (_wcsicmp(name, folders[i]) == 0) return true;
    return false;
}

/* `path` is complete: which view a key is in is decided by the whole path. */
static void add_key(struct registry_snapshot *snapshot, const struct registry_port *port, HKEY root,
                    const WCHAR *path, REGSAM view, const WCHAR *label, enum detail detail)
{
    HKEY key;
    DWORD name_chars_max = 0, data_len_max = 0;
    WCHAR name[256];

    if (is_second_name(label)) return;
    LONG status = port->open_key(root, path, 0, KEY_READ | view, &key);
    if (status == ERROR_FILE_NOT_FOUND) return;
    if (status != ERROR_SUCCESS)
    {
        printf("registry_snapshot: %ls: error %ld\n", label, status);
        exit(2);
    }
    add_line(snapshot, copy_of(label));
    port->query_info(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &name_chars_max, &data_len_max,
                     NULL, NULL);
    add_values(snapshot, port, key, label, name_chars_max, data_len_max);
    for (DWORD i = 0;; i++)
    {
        DWORD name_chars = ARRAYSIZE(name);
        if (port->enum_key(key, i, name, &name_chars, NULL, NULL, NULL, NULL) != ERROR_SUCCESS)
            break;
        WCHAR *label_below = joined(label, name), *path_below = joined(path, name);
        if (detail == EVERYTHING || is_watched(name))
            add_key(snapshot, port, root, path_below, view, label_below, EVERYTHING);
        else if (is_folder(name))
            add_key(snapshot, port, root, path_below, view, label_below, WATCHED_KEYS);
        else
            add_line(snapshot, copy_of(label_below));
        free(label_below);
        free(path_below);
    }
    port->close_key(key);
}

static int compare_lines(const void *a, const void *b)
{
    return wcscmp(*(WCHAR *const *)a, *(WCHAR *const *)b);
}

static void sort(struct registry_snapshot *snapshot)
{
    qsort(snapshot->lines, snapshot->count, sizeof(*snapshot->lines), compare_lines);
}

bool registry_has_two_views(void)
{
    typedef BOOL(WINAPI * is_wow64_function)(HANDLE, BOOL *);
    BOOL is_wow64 = FALSE;

    if (sizeof(void *) == 8) return true;
    is_wow64_function is_wow64_process = (is_wow64_function)(void (*)(void))GetProcAddress(
        GetModuleHandleW(L"kernel32.dll"), "IsWow64Process");
    return is_wow64_process && is_wow64_process(GetCurrentProcess(), &is_wow64) && is_wow64;
}

/*
 * From 64 bit, the other view's keys are seen as Wow6432Node. From 32 bit they are not, and what both
 * views share would be seen twice: so of the other view only what this one does not have.
 */
static void add_other_view(struct registry_snapshot *snapshot, enum detail detail)
{
    static const WCHAR prefix[] = L"other ";
    struct registry_snapshot other = { 0 }, added = { 0 };

    add_key(&other, &windows, HKEY_LOCAL_MACHINE, classes_path, other_view, L"HKLM", detail);
    add_key(&other, &windows, HKEY_CURRENT_USER, classes_path, other_view, L"HKCU", detail);
    sort(snapshot);
    for (size_t i = 0; i < other.count; i++)
    {
        if (registry_snapshot_has(snapshot, other.lines[i])) continue;
        WCHAR *line = must_have(malloc(sizeof(prefix) + wcslen(other.lines[i]) * sizeof(WCHAR)));
        wcscpy(line, prefix);
        wcscat(line, other.lines[i]);
        add_line(&added, line);
    }
    for (size_t i = 0; i < added.count; i++)
        add_line(snapshot, added.lines[i]);
    free(added.lines);
    registry_snapshot_free(&other);
}

static struct registry_snapshot take(enum detail detail)
{
    struct registry_snapshot snapshot = { 0 };

    add_key(&snapshot, &windows, HKEY_LOCAL_MACHINE, classes_path, 0, L"HKLM", detail);
    add_key(&snapshot, &windows, HKEY_CURRENT_USER, classes_path, 0, L"HKCU", detail);
    if (sizeof(void *) == 4 && registry_has_two_views()) add_other_view(&snapshot, detail);
    sort(&snapshot);
    return snapshot;
}

struct registry_snapshot registry_snapshot_take(void)
{
    return take(WATCHED_KEYS);
}

struct registry_snapshot registry_snapshot_take_all(void)
{
    return take(EVERYTHING);
}

struct registry_snapshot registry_snapshot_of(const struct registry_port *port, HKEY root,
                                              const WCHAR *path, const WCHAR *label)
{
    struct registry_snapshot snapshot = { 0 };
    add_key(&snapshot, port, root, path, 0, label, EVERYTHING);
    sort(&snapshot);
    return snapshot;
}

void registry_snapshot_free(struct registry_snapshot *snapshot)
{
    for (size_t i = 0; i < snapshot->count; i++)
        free(snapshot->lines[i]);
    free(snapshot->lines);
    *snapshot = (struct registry_snapshot){ 0 };
}

bool registry_snapshot_has(const struct registry_snapshot *snapshot, const WCHAR *line)
{
    return snapshot->count && bsearch(&line, snapshot->lines, snapshot->count,
                                      sizeof(*snapshot->lines), compare_lines);
}

static size_t print_missing(const char *label, const struct registry_snapshot *from,
                            const struct registry_snapshot *in)
{
    size_t missing = 0;
    for (size_t i = 0; i < from->count; i++)
    {
        if (registry_snapshot_has(in, from->lines[i])) continue;
        if (missing++ < 10) printf("    %s: %ls\n", label, from->lines[i]);
    }
    return missing;
}

bool registry_snapshot_check(const char *file, int line, const struct registry_snapshot *actual,
                             const struct registry_snapshot *expected)
{
    size_t different =
        print_missing("too much", actual, expected) + print_missing("missing", expected, actual);
    return check_int_at(file, line, (int64_t)different, 0, "lines of the registry that differ");
}

bool registry_snapshot_check_now(const char *file, int line,
                                 const struct registry_snapshot *expected)
{
    struct registry_snapshot now = registry_snapshot_take();
    bool is_same = registry_snapshot_check(file, line, &now, expected);
    registry_snapshot_free(&now);
    return is_same;
}
