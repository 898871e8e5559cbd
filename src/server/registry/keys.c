/*
 * keys - the keys and values of the registry, read, and changed so that it can be taken back.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Threads: one transaction at a time.
 * SPDX-License-Identifier: MIT
 */
#include "server/registry/keys.h"

#include "system/memory.h"

#include <string.h>

enum
{
    /* A value larger than this is not one that COM reads; it is refused rather than copied. */
    VALUE_LEN_MAX = 1024 * 1024,
};

/* Makes one key below one that exists; `key` is open for writing afterwards. */
static LONG create_one_key(struct registry *registry, const WCHAR *path, HKEY *key)
{
    struct registry_change *change = journal_entry(UNDO_DELETE_KEY, path, NULL, 0, NULL, 0);
    DWORD disposition = 0;
    if (!change) return ERROR_NOT_ENOUGH_MEMORY;

    LONG status = registry->port->create_key(registry->root, path, 0, NULL, REG_OPTION_NON_VOLATILE,
                                             KEY_READ | KEY_WRITE, NULL, key, &disposition);
    journal_settle(registry, change, status == ERROR_SUCCESS && disposition == REG_CREATED_NEW_KEY);
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
        journal_settle(registry, change, false);
        return ERROR_SUCCESS;
    }

    status = port->open_key(registry->root, path, 0, KEY_SET_VALUE, &key);
    if (status == ERROR_SUCCESS)
    {
        status = port->set_value(key, name, 0, type, data, len);
        port->close_key(key);
    }
    journal_settle(registry, change, status == ERROR_SUCCESS);
    return status;
}

LONG registry_set_text(struct registry *registry, const WCHAR *path, const WCHAR *name,
                       const WCHAR *text)
{
    DWORD len = ((DWORD)lstrlenW(text) + 1) * sizeof(WCHAR);
    return registry_set_value(registry, path, name, REG_SZ, text, len);
}

LONG registry_delete_value(struct registry *registry, const WCHAR *path, const WCHAR *name)
{
    const struct registry_port *port = registry->port;
    struct registry_change *change;
    HKEY key;

    LONG status = port->open_key(registry->root, path, 0, KEY_QUERY_VALUE, &key);
    if (status != ERROR_SUCCESS) return registry_missing_is_done(status);
    status = journal_value(registry, key, path, name, &change);
    port->close_key(key);
    if (status != ERROR_SUCCESS) return status;
    if (change->undo == UNDO_DELETE_VALUE)
    {
        journal_settle(registry, change, false);
        return ERROR_SUCCESS;
    }

    status = port->open_key(registry->root, path, 0, KEY_SET_VALUE, &key);
    if (status == ERROR_SUCCESS)
    {
        status = port->delete_value(key, name);
        port->close_key(key);
    }
    journal_settle(registry, change, status == ERROR_SUCCESS);
    return registry_missing_is_done(status);
}

LONG registry_count(const struct registry *registry, const WCHAR *path, DWORD *subkey_count,
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
    LONG status = registry_count(registry, path, &subkey_count, &value_count);
    if (status != ERROR_SUCCESS) return registry_missing_is_done(status);
    if (subkey_count || value_count) return ERROR_SUCCESS;

    struct registry_change *change = journal_entry(UNDO_CREATE_KEY, path, NULL, 0, NULL, 0);
    if (!change) return ERROR_NOT_ENOUGH_MEMORY;
    status = registry->port->delete_key(registry->root, path);
    journal_settle(registry, change, status == ERROR_SUCCESS);
    return registry_missing_is_done(status);
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

LONG registry_value_name(const struct registry *registry, const WCHAR *path, DWORD index,
                         WCHAR *name)
{
    HKEY key;
    DWORD name_chars = REGISTRY_VALUE_NAME_CHARS;
    LONG status = registry->port->open_key(registry->root, path, 0, KEY_QUERY_VALUE, &key);

    if (status != ERROR_SUCCESS) return status;
    status = registry->port->enum_value(key, index, name, &name_chars, NULL, NULL, NULL, NULL);
    registry->port->close_key(key);
    return status;
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

static LONG open_to_read(const struct registry *registry, enum registry_place place,
                         const WCHAR *path, HKEY *key)
{
    return registry->port->open_key(root_of(registry, place), path, 0,
                                    KEY_QUERY_VALUE | view_of(place), key);
}

static void note_read(struct registry *registry, LONG status)
{
    if (status == ERROR_NOT_ENOUGH_MEMORY || status == ERROR_OUTOFMEMORY)
        registry->reads_failed = true;
}

bool registry_has_key(struct registry *registry, enum registry_place place, const WCHAR *path)
{
    HKEY key;
    LONG status = open_to_read(registry, place, path, &key);
    note_read(registry, status);
    if (status == ERROR_SUCCESS) registry->port->close_key(key);
    return status == ERROR_SUCCESS || status == ERROR_ACCESS_DENIED;
}

LONG registry_read_value(const struct registry *registry, enum registry_place place,
                         const WCHAR *path, const WCHAR *name, DWORD *type, BYTE **data, DWORD *len)
{
    HKEY key;
    LONG status = open_to_read(registry, place, path, &key);

    *data = NULL;
    if (status != ERROR_SUCCESS) return status;
    status = read_value(registry, key, name, type, data, len);
    registry->port->close_key(key);
    return status;
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
    BYTE *data = NULL;
    DWORD type = REG_NONE, len = 0;
    LONG status = registry_read_value(registry, place, path, name, &type, &data, &len);

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
