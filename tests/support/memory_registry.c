/*
 * memory_registry - a registry in memory behind the table of functions that the server calls.
 * Layer: tests.
 * Reference: "Registry Functions", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "support/memory_registry.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct value
{
    WCHAR *name;
    DWORD type, len;
    BYTE *data;
};

/* A handle is the key itself. */
struct key
{
    WCHAR *name;
    struct key *parent; /* NULL: deleted, or the root */
    struct key **keys;
    struct value *values;
    DWORD key_count, value_count;
    unsigned long open_count;
    bool is_deleted;
};

static struct key root;
static unsigned long open_keys;

static void *must_have(void *memory)
{
    if (memory) return memory;
    printf("memory_registry: out of memory\n");
    exit(2);
}

static WCHAR *text_of(const WCHAR *start, size_t chars)
{
    WCHAR *text = must_have(calloc(chars + 1, sizeof(WCHAR)));
    memcpy(text, start, chars * sizeof(WCHAR));
    return text;
}

static struct key *key_of(HKEY handle)
{
    return (struct key *)(void *)handle;
}

static int compare_names(const WCHAR *name, size_t chars, const WCHAR *other)
{
    int order = _wcsnicmp(name, other, chars);
    return order ? order : other[chars] ? -1 : 0;
}

/* Where a key of this name is, or would be. */
static bool find_key(const struct key *key, const WCHAR *name, size_t chars, DWORD *at)
{
    DWORD low = 0, high = key->key_count;
    while (low < high)
    {
        DWORD middle = (low + high) / 2;
        int order = compare_names(name, chars, key->keys[middle]->name);
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
        if (order == 0)
        {
            *at = middle;
            return true;
        }
    }
    *at = low;
    return false;
}

static bool find_value(const struct key *key, const WCHAR *name, DWORD *at)
{
    if (!name) name = L"";
    for (*at = 0; *at < key->value_count; ++*at)
    {
        int order = _wcsicmp(name, key->values[*at].name);
        if (order <= 0) return order == 0;
    }
    return false;
}

static struct key *new_key(struct key *parent, DWORD at, const WCHAR *name, size_t chars)
{
    struct key *key = must_have(calloc(1, sizeof(*key)));
    key->name = text_of(name, chars);
    key->parent = parent;
    parent->keys =
        must_have(realloc(parent->keys, (parent->key_count + 1) * sizeof(*parent->keys)));
    memmove(parent->keys + at + 1, parent->keys + at,
            (parent->key_count - at) * sizeof(*parent->keys));
    parent->keys[at] = key;
    parent->key_count++;
    return key;
}

static void free_value(const struct value *value)
{
    free(value->name);
    free(value->data);
}

static void free_if_unused(struct key *key)
{
    if (!key->is_deleted || key->open_count) return;
    for (DWORD i = 0; i < key->value_count; i++)
        free_value(&key->values[i]);
    free(key->values);
    free(key->keys);
    free(key->name);
    free(key);
}

/* The key at a path; NULL where there is none, and it is not to be made. */
static LONG walk(HKEY handle, const WCHAR *path, bool makes, struct key **found, DWORD *disposition)
{
    struct key *key = key_of(handle);
    DWORD at;

    *disposition = REG_OPENED_EXISTING_KEY;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    while (path && *path)
    {
        size_t chars = wcscspn(path, L"\\");
        if (find_key(key, path, chars, &at))
            key = key->keys[at];
        else if (!makes)
            return ERROR_FILE_NOT_FOUND;
        else
        {
            key = new_key(key, at, path, chars);
            *disposition = REG_CREATED_NEW_KEY;
        }
        path += chars;
        if (*path) path++;
    }
    *found = key;
    return ERROR_SUCCESS;
}

static LONG open_at(HKEY handle, const WCHAR *path, bool makes, HKEY *opened, DWORD *disposition)
{
    struct key *key;
    LONG status = walk(handle, path, makes, &key, disposition);
    if (status != ERROR_SUCCESS) return status;
    key->open_count++;
    open_keys++;
    *opened = (HKEY)(void *)key;
    return ERROR_SUCCESS;
}

static LONG WINAPI create_key(HKEY handle, LPCWSTR path, DWORD reserved, LPWSTR class,
                              DWORD options, REGSAM access, LPSECURITY_ATTRIBUTES security,
                              PHKEY opened, LPDWORD disposition)
{
    DWORD ignored;
    (void)reserved, (void)class, (void)options, (void)access, (void)security;
    return open_at(handle, path, true, opened, disposition ? disposition : &ignored);
}

static LONG WINAPI open_key(HKEY handle, LPCWSTR path, DWORD options, REGSAM access, PHKEY opened)
{
    DWORD disposition;
    (void)options, (void)access;
    return open_at(handle, path, false, opened, &disposition);
}

static LONG WINAPI close_key(HKEY handle)
{
    struct key *key = key_of(handle);
    if (!key->open_count) return ERROR_INVALID_HANDLE;
    key->open_count--;
    open_keys--;
    free_if_unused(key);
    return ERROR_SUCCESS;
}

static LONG WINAPI delete_key(HKEY handle, LPCWSTR path)
{
    struct key *key;
    DWORD disposition, at;

    LONG status = walk(handle, path, false, &key, &disposition);
    if (status != ERROR_SUCCESS) return status;
    if (key->key_count || !key->parent) return ERROR_ACCESS_DENIED;
    struct key *parent = key->parent;
    find_key(parent, key->name, wcslen(key->name), &at);
    memmove(parent->keys + at, parent->keys + at + 1,
            (parent->key_count - at - 1) * sizeof(*parent->keys));
    parent->key_count--;
    key->parent = NULL;
    key->is_deleted = true;
    free_if_unused(key);
    return ERROR_SUCCESS;
}

static LONG WINAPI set_value(HKEY handle, LPCWSTR name, DWORD reserved, DWORD type,
                             const BYTE *data, DWORD len)
{
    struct key *key = key_of(handle);
    DWORD at;

    (void)reserved;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    if (find_value(key, name, &at))
        free(key->values[at].data);
    else
    {
        key->values =
            must_have(realloc(key->values, (key->value_count + 1) * sizeof(*key->values)));
        memmove(key->values + at + 1, key->values + at,
                (key->value_count - at) * sizeof(*key->values));
        key->value_count++;
        key->values[at].name = text_of(name ? name : L"", name ? wcslen(name) : 0);
    }
    struct value *value = &key->values[at];
    value->type = type;
    value->len = len;
    value->data = must_have(malloc(len ? len : 1));
    if (len) memcpy(value->data, data, len);
    return ERROR_SUCCESS;
}

static LONG WINAPI delete_value(HKEY handle, LPCWSTR name)
{
    struct key *key = key_of(handle);
    DWORD at;

    if (key->is_deleted) return ERROR_KEY_DELETED;
    if (!find_value(key, name, &at)) return ERROR_FILE_NOT_FOUND;
    free_value(&key->values[at]);
    memmove(key->values + at, key->values + at + 1,
            (key->value_count - at - 1) * sizeof(*key->values));
    key->value_count--;
    return ERROR_SUCCESS;
}

/* Type and data of a value, as far as they are asked for. */
static LONG give(const struct value *value, DWORD *type, BYTE *data, DWORD *len)
{
    DWORD capacity = len ? *len : 0;
    if (type) *type = value->type;
    if (len) *len = value->len;
    if (!data) return ERROR_SUCCESS;
    if (capacity < value->len) return ERROR_MORE_DATA;
    memcpy(data, value->data, value->len);
    return ERROR_SUCCESS;
}

static LONG give_name(const WCHAR *name, WCHAR *to, DWORD *chars)
{
    DWORD needed = (DWORD)wcslen(name);
    if (*chars <= needed) return ERROR_MORE_DATA;
    wcscpy(to, name);
    *chars = needed;
    return ERROR_SUCCESS;
}

static LONG WINAPI query_value(HKEY handle, LPCWSTR name, LPDWORD reserved, LPDWORD type,
                               LPBYTE data, LPDWORD len)
{
    const struct key *key = key_of(handle);
    DWORD at;

    (void)reserved;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    if (!find_value(key, name, &at)) return ERROR_FILE_NOT_FOUND;
    return give(&key->values[at], type, data, len);
}

static LONG WINAPI query_info(HKEY handle, LPWSTR class, LPDWORD class_chars, LPDWORD reserved,
                              LPDWORD subkeys, LPDWORD subkey_chars, LPDWORD class_chars_max,
                              LPDWORD values, LPDWORD name_chars, LPDWORD data_len,
                              LPDWORD security_len, PFILETIME written)
{
    const struct key *key = key_of(handle);
    DWORD key_chars_max = 0, name_chars_max = 0, data_len_max = 0;

    (void)class, (void)class_chars, (void)reserved, (void)class_chars_max, (void)security_len;
    (void)written;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    for (DWORD i = 0; i < key->key_count; i++)
        key_chars_max = max(key_chars_max, (DWORD)wcslen(key->keys[i]->name));
    for (DWORD i = 0; i < key->value_count; i++)
    {
        name_chars_max = max(name_chars_max, (DWORD)wcslen(key->values[i].name));
        data_len_max = max(data_len_max, key->values[i].len);
    }
    if (subkeys) *subkeys = key->key_count;
    if (subkey_chars) *subkey_chars = key_chars_max;
    if (values) *values = key->value_count;
    if (name_chars) *name_chars = name_chars_max;
    if (data_len) *data_len = data_len_max;
    return ERROR_SUCCESS;
}

static LONG WINAPI enum_key(HKEY handle, DWORD index, LPWSTR name, LPDWORD chars, LPDWORD reserved,
                            LPWSTR class, LPDWORD class_chars, PFILETIME written)
{
    const struct key *key = key_of(handle);
    (void)reserved, (void)class, (void)class_chars, (void)written;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    return index < key->key_count ? give_name(key->keys[index]->name, name, chars)
                                  : ERROR_NO_MORE_ITEMS;
}

static LONG WINAPI enum_value(HKEY handle, DWORD index, LPWSTR name, LPDWORD chars,
                              LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD len)
{
    const struct key *key = key_of(handle);

    (void)reserved;
    if (key->is_deleted) return ERROR_KEY_DELETED;
    if (index >= key->value_count) return ERROR_NO_MORE_ITEMS;
    LONG status = give_name(key->values[index].name, name, chars);
    return status ? status : give(&key->values[index], type, data, len);
}

const struct registry_port memory_registry = {
    .create_key = create_key,
    .open_key = open_key,
    .close_key = close_key,
    .delete_key = delete_key,
    .set_value = set_value,
    .delete_value = delete_value,
    .query_value = query_value,
    .query_info = query_info,
    .enum_key = enum_key,
    .enum_value = enum_value,
};

HKEY memory_registry_root(void)
{
    return (HKEY)(void *)&root;
}

unsigned long memory_registry_open_keys(void)
{
    return open_keys;
}
