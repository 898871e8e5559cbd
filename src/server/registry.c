/*
 * registry - changes of the registry that can be taken back.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Owns: the journal of one transaction; threads: one at a time.
 * SPDX-License-Identifier: MIT
 */
#include "server/registry.h"

#include "system/memory.h"

#include <string.h>

enum
{
    /* A value larger than this is not one that COM reads; it is refused rather than copied. */
    VALUE_LEN_MAX = 1024 * 1024,
    /* The registry's own limit of a value's name. */
    VALUE_NAME_CHARS = 16384,
    /* Class keys are three levels deep; the bound keeps the stack small in anything else. */
    TREE_DEPTH_MAX = 24,
};

const struct registry_port registry_port_windows = {
    .create_key = RegCreateKeyExW,
    .open_key = RegOpenKeyExW,
    .close_key = RegCloseKey,
    .delete_key = RegDeleteKeyW,
    .set_value = RegSetValueExW,
    .delete_value = RegDeleteValueW,
    .query_value = RegQueryValueExW,
    .query_info = RegQueryInfoKeyW,
    .enum_key = RegEnumKeyExW,
    .enum_value = RegEnumValueW,
};

/* What to do to take a change back. */
enum undo
{
    UNDO_DELETE_KEY,
    UNDO_CREATE_KEY,
    UNDO_DELETE_VALUE,
    UNDO_SET_VALUE,
};

/* path, name and data point into the memory behind the struct; data comes first, being aligned. */
struct registry_change
{
    struct registry_change *older;
    enum undo undo;
    DWORD type;
    DWORD len;
    BYTE *data;
    WCHAR *path;
    WCHAR *name; /* NULL for the unnamed value */
};

static DWORD text_len(const WCHAR *text)
{
    return text ? ((DWORD)lstrlenW(text) + 1) * sizeof(WCHAR) : 0;
}

/*
 * Makes a journal entry ahead of its change: a change that cannot be journalled is not made.
 * The entry counts only after journal_push().
 */
static struct registry_change *journal_entry(enum undo undo, const WCHAR *path, const WCHAR *name,
                                             DWORD type, const void *data, DWORD len)
{
    DWORD padded_len = (len + 1) & ~(DWORD)1;
    struct registry_change *change =
        memory_alloc(sizeof(*change) + padded_len + text_len(path) + text_len(name));
    if (!change) return NULL;

    BYTE *at = (BYTE *)(change + 1);
    change->undo = undo;
    change->type = type;
    change->len = len;
    change->data = at;
    if (len) memcpy(at, data, len);
    at += padded_len;
    change->path = (WCHAR *)(void *)at;
    memcpy(at, path, text_len(path));
    at += text_len(path);
    if (name)
    {
        change->name = (WCHAR *)(void *)at;
        memcpy(at, name, text_len(name));
    }
    return change;
}

static void journal_push(struct registry *registry, struct registry_change *change)
{
    change->older = registry->latest;
    registry->latest = change;
}

struct registry registry_of(const struct registry_port *port, bool is_per_user)
{
    return (struct registry){
        .port = port,
        .root = is_per_user ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE,
        .is_per_user = is_per_user,
    };
}

void registry_commit(struct registry *registry)
{
    while (registry->latest)
    {
        struct registry_change *change = registry->latest;
        registry->latest = change->older;
        memory_free(change);
    }
}

static void undo_change(const struct registry *registry, const struct registry_change *change)
{
    const struct registry_port *port = registry->port;
    HKEY key;
    DWORD disposition;

    switch (change->undo)
    {
    case UNDO_DELETE_KEY:
        port->delete_key(registry->root, change->path);
        break;
    case UNDO_CREATE_KEY:
        if (port->create_key(registry->root, change->path, 0, NULL, REG_OPTION_NON_VOLATILE,
                             KEY_READ | KEY_WRITE, NULL, &key, &disposition) == ERROR_SUCCESS)
            port->close_key(key);
        break;
    case UNDO_DELETE_VALUE:
    case UNDO_SET_VALUE:
        if (port->open_key(registry->root, change->path, 0, KEY_SET_VALUE, &key) != ERROR_SUCCESS)
            break;
        if (change->undo == UNDO_DELETE_VALUE)
            port->delete_value(key, change->name);
        else
            port->set_value(key, change->name, 0, change->type, change->data, change->len);
        port->close_key(key);
        break;
    }
}

void registry_roll_back(struct registry *registry)
{
    while (registry->latest)
    {
        struct registry_change *change = registry->latest;
        registry->latest = change->older;
        undo_change(registry, change);
        memory_free(change);
    }
}

/* Makes one key below one that exists; `key` is open for writing afterwards. */
static LONG create_one_key(struct registry *registry, const WCHAR *path, HKEY *key)
{
    struct registry_change *change = journal_entry(UNDO_DELETE_KEY, path, NULL, 0, NULL, 0);
    DWORD disposition = 0;
    if (!change) return ERROR_NOT_ENOUGH_MEMORY;

    LONG status = registry->port->create_key(registry->root, path, 0, NULL, REG_OPTION_NON_VOLATILE,
                                             KEY_READ | KEY_WRITE, NULL, key, &disposition);
    if (status == ERROR_SUCCESS && disposition == REG_CREATED_NEW_KEY)
        journal_push(registry, change);
    else
        memory_free(change);
    return status;
}

/*
 * Opens a key for writing, making it and those above it as needed: one at a time, since the journal
 * has to know which of them are new.
 */
static LONG open_or_create(struct registry *registry, const WCHAR *path, REGSAM access, HKEY *key)
{
    LONG status = registry->port->open_key(registry->root, path, 0, access, key);
    if (status != ERROR_FILE_NOT_FOUND) return status;

    WCHAR prefix[REGISTRY_PATH_CHARS];
    DWORD chars = (DWORD)lstrlenW(path);
    if (chars >= REGISTRY_PATH_CHARS) return ERROR_FILENAME_EXCED_RANGE;
    for (DWORD i = 0; i < chars; i++)
    {
        if (path[i] == L'\\')
        {
            HKEY above;
            prefix[i] = 0;
            status = registry->port->open_key(registry->root, prefix, 0, KEY_QUERY_VALUE, &above);
            if (status == ERROR_FILE_NOT_FOUND) status = create_one_key(registry, prefix, &above);
            if (status != ERROR_SUCCESS) return status;
            registry->port->close_key(above);
        }
        prefix[i] = path[i];
    }
    return create_one_key(registry, path, key);
}

LONG registry_create_key(struct registry *registry, const WCHAR *path)
{
    HKEY key;
    LONG status = open_or_create(registry, path, KEY_QUERY_VALUE, &key);
    if (status == ERROR_SUCCESS) registry->port->close_key(key);
    return status;
}

/*
 * Reads a value into new memory, followed by two zero characters. ERROR_FILE_NOT_FOUND where there
 * is none. The size is asked for again until it holds still: another process may be writing.
 */
static LONG read_value(const struct registry *registry, HKEY key, const WCHAR *name, DWORD *type,
                       BYTE **data, DWORD *len)
{
    const DWORD terminators_len = 2 * sizeof(WCHAR);
    LONG status = registry->port->query_value(key, name, NULL, type, NULL, len);

    *data = NULL;
    while (status == ERROR_SUCCESS || status == ERROR_MORE_DATA)
    {
        DWORD capacity = *len;
        if (capacity > VALUE_LEN_MAX) return ERROR_FILE_TOO_LARGE;
        *data = memory_alloc(capacity + terminators_len);
        if (!*data) return ERROR_NOT_ENOUGH_MEMORY;
        status = registry->port->query_value(key, name, NULL, type, *data, len);
        if (status == ERROR_SUCCESS && *len <= capacity) return ERROR_SUCCESS;
        memory_free(*data);
        *data = NULL;
        if (status == ERROR_MORE_DATA && *len <= capacity) *len = capacity + 1024;
    }
    return status;
}

/* Journals what a value is now, ahead of its change. */
static LONG journal_value(const struct registry *registry, HKEY key, const WCHAR *path,
                          const WCHAR *name, struct registry_change **change)
{
    BYTE *data;
    DWORD type = REG_NONE, len = 0;
    LONG status = read_value(registry, key, name, &type, &data, &len);

    if (status == ERROR_FILE_NOT_FOUND)
        *change = journal_entry(UNDO_DELETE_VALUE, path, name, 0, NULL, 0);
    else if (status == ERROR_SUCCESS)
        *change = journal_entry(UNDO_SET_VALUE, path, name, type, data, len);
    else
        return status;
    memory_free(data);
    return *change ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
}

LONG registry_set_value(struct registry *registry, const WCHAR *path, const WCHAR *name, DWORD type,
                        const void *data, DWORD len)
{
    const struct registry_port *port = registry->port;
    struct registry_change *change;
    HKEY key;

    LONG status = open_or_create(registry, path, KEY_QUERY_VALUE, &key);
    if (status != ERROR_SUCCESS) return status;
    status = journal_value(registry, key, path, name, &change);
    port->close_key(key);
    if (status != ERROR_SUCCESS) return status;

    if (change->undo == UNDO_SET_VALUE && change->type == type && change->len == len &&
        (len == 0 || memcmp(change->data, data, len) == 0))
    {
        memory_free(change);
        return ERROR_SUCCESS;
    }

    status = port->open_key(registry->root, path, 0, KEY_SET_VALUE, &key);
    if (status == ERROR_SUCCESS)
    {
        status = port->set_value(key, name, 0, type, data, len);
        port->close_key(key);
    }
    if (status == ERROR_SUCCESS)
        journal_push(registry, change);
    else
        memory_free(change);
    return status;
}

LONG registry_set_text(struct registry *registry, const WCHAR *path, const WCHAR *name,
                       const WCHAR *text)
{
    return registry_set_value(registry, path, name, REG_SZ, text, text_len(text));
}

/* ERROR_SUCCESS for what is not there: to delete it is to have nothing to do. */
static LONG missing_is_done(LONG status)
{
    return status == ERROR_FILE_NOT_FOUND || status == ERROR_PATH_NOT_FOUND ? ERROR_SUCCESS
                                                                            : status;
}

LONG registry_delete_value(struct registry *registry, const WCHAR *path, const WCHAR *name)
{
    const struct registry_port *port = registry->port;
    struct registry_change *change;
    HKEY key;

    LONG status = port->open_key(registry->root, path, 0, KEY_QUERY_VALUE, &key);
    if (status != ERROR_SUCCESS) return missing_is_done(status);
    status = journal_value(registry, key, path, name, &change);
    port->close_key(key);
    if (status != ERROR_SUCCESS) return status;
    if (change->undo == UNDO_DELETE_VALUE)
    {
        memory_free(change);
        return ERROR_SUCCESS;
    }

    status = port->open_key(registry->root, path, 0, KEY_SET_VALUE, &key);
    if (status == ERROR_SUCCESS)
    {
        status = port->delete_value(key, name);
        port->close_key(key);
    }
    if (status == ERROR_SUCCESS)
        journal_push(registry, change);
    else
        memory_free(change);
    return missing_is_done(status);
}

/* Counts what a key holds. */
static LONG key_contents(const struct registry *registry, const WCHAR *path, DWORD *subkey_count,
                         DWORD *value_count)
{
    HKEY key;
    LONG status = registry->port->open_key(registry->root, path, 0, KEY_QUERY_VALUE, &key);
    if (status != ERROR_SUCCESS) return status;
    status = registry->port->query_info(key, NULL, NULL, NULL, subkey_count, NULL, NULL,
                                        value_count, NULL, NULL, NULL, NULL);
    registry->port->close_key(key);
    return status;
}

LONG registry_delete_key_if_empty(struct registry *registry, const WCHAR *path)
{
    DWORD subkey_count, value_count;
    LONG status = key_contents(registry, path, &subkey_count, &value_count);
    if (status != ERROR_SUCCESS) return missing_is_done(status);
    if (subkey_count || value_count) return ERROR_SUCCESS;

    struct registry_change *change = journal_entry(UNDO_CREATE_KEY, path, NULL, 0, NULL, 0);
    if (!change) return ERROR_NOT_ENOUGH_MEMORY;
    status = registry->port->delete_key(registry->root, path);
    if (status == ERROR_SUCCESS)
        journal_push(registry, change);
    else
        memory_free(change);
    return missing_is_done(status);
}

static LONG delete_values(struct registry *registry, const WCHAR *path)
{
    WCHAR *name = memory_alloc(VALUE_NAME_CHARS * sizeof(WCHAR));
    LONG status = ERROR_SUCCESS;
    if (!name) return ERROR_NOT_ENOUGH_MEMORY;

    while (status == ERROR_SUCCESS)
    {
        HKEY key;
        DWORD name_chars = VALUE_NAME_CHARS;
        status = registry->port->open_key(registry->root, path, 0, KEY_QUERY_VALUE, &key);
        if (status != ERROR_SUCCESS) break;
        status = registry->port->enum_value(key, 0, name, &name_chars, NULL, NULL, NULL, NULL);
        registry->port->close_key(key);
        if (status != ERROR_SUCCESS) break;
        status = registry_delete_value(registry, path, name);
    }
    memory_free(name);
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

LONG registry_subkey(const struct registry *registry, const WCHAR *path, DWORD index, WCHAR *name)
{
    HKEY key;
    DWORD name_chars = REGISTRY_NAME_CHARS;
    LONG status = registry->port->open_key(registry->root, path, 0, KEY_ENUMERATE_SUB_KEYS, &key);

    name[0] = 0;
    if (status == ERROR_FILE_NOT_FOUND) return ERROR_NO_MORE_ITEMS;
    if (status != ERROR_SUCCESS) return status;
    status = registry->port->enum_key(key, index, name, &name_chars, NULL, NULL, NULL, NULL);
    registry->port->close_key(key);
    return status;
}

static LONG delete_tree(struct registry *registry, const WCHAR *path, unsigned depth)
{
    WCHAR name[REGISTRY_NAME_CHARS], below[REGISTRY_PATH_CHARS];
    DWORD subkey_count, value_count;
    LONG status = key_contents(registry, path, &subkey_count, &value_count);

    if (status != ERROR_SUCCESS) return missing_is_done(status);
    if (depth == TREE_DEPTH_MAX) return ERROR_FILENAME_EXCED_RANGE;
    /* Each subkey is gone when the next one is asked for, so its index is always 0. */
    for (; subkey_count > 0; subkey_count--)
    {
        status = registry_subkey(registry, path, 0, name);
        if (status == ERROR_NO_MORE_ITEMS) break;
        if (status != ERROR_SUCCESS) return status;
        if (!registry_join(below, path, L"\\", name, NULL)) return ERROR_FILENAME_EXCED_RANGE;
        status = delete_tree(registry, below, depth + 1);
        if (status != ERROR_SUCCESS) return status;
    }
    status = delete_values(registry, path);
    if (status != ERROR_SUCCESS) return status;
    return registry_delete_key_if_empty(registry, path);
}

LONG registry_delete_tree(struct registry *registry, const WCHAR *path)
{
    return delete_tree(registry, path, 0);
}

static LONG copy_values(struct registry *registry, const WCHAR *from, const WCHAR *to)
{
    const struct registry_port *port = registry->port;
    WCHAR *name = memory_alloc(VALUE_NAME_CHARS * sizeof(WCHAR));
    LONG status = ERROR_SUCCESS;
    HKEY key;

    if (!name) return ERROR_NOT_ENOUGH_MEMORY;
    status = port->open_key(registry->root, from, 0, KEY_QUERY_VALUE, &key);
    if (status == ERROR_SUCCESS)
    {
        for (DWORD i = 0; status == ERROR_SUCCESS; i++)
        {
            DWORD name_chars = VALUE_NAME_CHARS, type = REG_NONE, len = 0;
            BYTE *data = NULL;
            status = port->enum_value(key, i, name, &name_chars, NULL, NULL, NULL, NULL);
            if (status != ERROR_SUCCESS) break;
            status = read_value(registry, key, name, &type, &data, &len);
            if (status == ERROR_SUCCESS)
                status = registry_set_value(registry, to, name, type, data, len);
            memory_free(data);
        }
        port->close_key(key);
    }
    memory_free(name);
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

static LONG copy_tree(struct registry *registry, const WCHAR *from, const WCHAR *to, unsigned depth)
{
    WCHAR name[REGISTRY_NAME_CHARS], from_below[REGISTRY_PATH_CHARS], to_below[REGISTRY_PATH_CHARS];
    LONG status = registry_create_key(registry, to);

    if (depth == TREE_DEPTH_MAX) return ERROR_FILENAME_EXCED_RANGE;
    if (status == ERROR_SUCCESS) status = copy_values(registry, from, to);
    for (DWORD i = 0; status == ERROR_SUCCESS; i++)
    {
        status = registry_subkey(registry, from, i, name);
        if (status == ERROR_NO_MORE_ITEMS) return ERROR_SUCCESS;
        if (status != ERROR_SUCCESS) return status;
        if (!registry_join(from_below, from, L"\\", name, NULL) ||
            !registry_join(to_below, to, L"\\", name, NULL))
            return ERROR_FILENAME_EXCED_RANGE;
        status = copy_tree(registry, from_below, to_below, depth + 1);
    }
    return status;
}

LONG registry_copy_tree(struct registry *registry, const WCHAR *from, const WCHAR *to)
{
    return copy_tree(registry, from, to, 0);
}

static HKEY root_of(const struct registry *registry, enum registry_place place)
{
    return place == REGISTRY_MACHINE ? HKEY_LOCAL_MACHINE : registry->root;
}

static REGSAM view_of(enum registry_place place)
{
    if (place != REGISTRY_OTHER_VIEW) return 0;
    return sizeof(void *) == 8 ? KEY_WOW64_32KEY : KEY_WOW64_64KEY;
}

static void note_read(struct registry *registry, LONG status)
{
    if (status == ERROR_NOT_ENOUGH_MEMORY || status == ERROR_OUTOFMEMORY)
        registry->reads_failed = true;
}

bool registry_has_key(struct registry *registry, enum registry_place place, const WCHAR *path)
{
    HKEY key;
    LONG status = registry->port->open_key(root_of(registry, place), path, 0,
                                           KEY_QUERY_VALUE | view_of(place), &key);
    note_read(registry, status);
    if (status == ERROR_SUCCESS) registry->port->close_key(key);
    return status == ERROR_SUCCESS || status == ERROR_ACCESS_DENIED;
}

/* A text with the environment's variables put in; the original is freed. NULL with the error. */
static WCHAR *expand(WCHAR *text, LONG *status)
{
    DWORD capacity = ExpandEnvironmentStringsW(text, NULL, 0);
    WCHAR *expanded = NULL;

    *status = ERROR_FILE_TOO_LARGE;
    if (capacity > 0 && capacity <= VALUE_LEN_MAX / sizeof(WCHAR))
    {
        expanded = memory_alloc(capacity * sizeof(WCHAR));
        *status = expanded ? ERROR_SUCCESS : ERROR_NOT_ENOUGH_MEMORY;
    }
    if (expanded && ExpandEnvironmentStringsW(text, expanded, capacity) != capacity)
    {
        memory_free(expanded);
        expanded = NULL;
        *status = ERROR_MORE_DATA;
    }
    memory_free(text);
    return expanded;
}

WCHAR *registry_read_text(struct registry *registry, enum registry_place place, const WCHAR *path,
                          const WCHAR *name)
{
    HKEY key;
    BYTE *data = NULL;
    DWORD type = REG_NONE, len = 0;
    LONG status = registry->port->open_key(root_of(registry, place), path, 0,
                                           KEY_QUERY_VALUE | view_of(place), &key);

    if (status == ERROR_SUCCESS)
    {
        status = read_value(registry, key, name, &type, &data, &len);
        registry->port->close_key(key);
    }
    WCHAR *text = NULL;
    if (status == ERROR_SUCCESS && (type == REG_SZ || type == REG_EXPAND_SZ))
        text = (WCHAR *)(void *)data;
    else
        memory_free(data);
    if (text && type == REG_EXPAND_SZ) text = expand(text, &status);
    note_read(registry, status);
    return text;
}

bool registry_join(WCHAR *path, const WCHAR *a, const WCHAR *b, const WCHAR *c, const WCHAR *d)
{
    const WCHAR *parts[] = { a, b, c, d };
    size_t chars = 0;

    for (size_t i = 0; i < ARRAYSIZE(parts) && parts[i]; i++)
    {
        for (const WCHAR *at = parts[i]; *at; at++)
        {
            if (chars == REGISTRY_PATH_CHARS - 1)
            {
                path[0] = 0;
                return false;
            }
            path[chars++] = *at;
        }
    }
    path[chars] = 0;
    return true;
}
