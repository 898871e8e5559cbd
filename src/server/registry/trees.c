/*
 * trees - whole trees of keys, deleted and copied.
 * Layer: server.
 * Threads: one transaction at a time.
 * SPDX-License-Identifier: MIT
 */
#include "server/registry/trees.h"

#include "server/registry/keys.h"
#include "system/memory.h"

#include <string.h>

enum
{
    /* Class keys are three levels deep; the bound keeps the stack small in anything else. */
    TREE_DEPTH_MAX = 24,
};

static LONG delete_values(struct registry *registry, const WCHAR *path)
{
    WCHAR *name = memory_alloc(REGISTRY_VALUE_NAME_CHARS * sizeof(WCHAR));
    LONG status = ERROR_SUCCESS;
    if (!name) return ERROR_NOT_ENOUGH_MEMORY;

    while (status == ERROR_SUCCESS)
    {
        /* The one before it is gone, so the index is always 0. */
        status = registry_value_name(registry, path, 0, name);
        if (status == ERROR_SUCCESS) status = registry_delete_value(registry, path, name);
    }
    memory_free(name);
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

static LONG delete_tree(struct registry *registry, const WCHAR *path, unsigned depth)
{
    WCHAR name[REGISTRY_NAME_CHARS], below[REGISTRY_PATH_CHARS];
    DWORD subkey_count, value_count;
    LONG status = registry_count(registry, path, &subkey_count, &value_count);

    if (status != ERROR_SUCCESS) return registry_missing_is_done(status);
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
    WCHAR *name = memory_alloc(REGISTRY_VALUE_NAME_CHARS * sizeof(WCHAR));
    LONG status = ERROR_SUCCESS;
    if (!name) return ERROR_NOT_ENOUGH_MEMORY;

    for (DWORD i = 0; status == ERROR_SUCCESS; i++)
    {
        DWORD type = REG_NONE, len = 0;
        BYTE *data = NULL;

        status = registry_value_name(registry, from, i, name);
        if (status != ERROR_SUCCESS) break;
        status = registry_read_value(registry, REGISTRY_OWN_ROOT, from, name, &type, &data, &len);
        if (status == ERROR_SUCCESS)
            status = registry_set_value(registry, to, name, type, data, len);
        memory_free(data);
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

/* Whether a key has a value as another has it. */
static LONG holds_value(const struct registry *registry, const WCHAR *whole, const WCHAR *part,
                        const WCHAR *name, bool *holds)
{
    DWORD types[2] = { REG_NONE, REG_NONE }, lens[2] = { 0, 0 };
    BYTE *data[2] = { NULL, NULL };
    LONG status =
        registry_read_value(registry, REGISTRY_OWN_ROOT, part, name, &types[0], &data[0], &lens[0]);

    if (status == ERROR_SUCCESS)
    {
        status = registry_read_value(registry, REGISTRY_OWN_ROOT, whole, name, &types[1], &data[1],
                                     &lens[1]);
        *holds = status == ERROR_SUCCESS && types[0] == types[1] && lens[0] == lens[1] &&
                 memcmp(data[0], data[1], lens[0]) == 0;
        status = registry_missing_is_done(status);
    }
    memory_free(data[0]);
    memory_free(data[1]);
    return status;
}

static LONG holds_values(const struct registry *registry, const WCHAR *whole, const WCHAR *part,
                         bool *holds)
{
    WCHAR *name = memory_alloc(REGISTRY_VALUE_NAME_CHARS * sizeof(WCHAR));
    LONG status = ERROR_SUCCESS;
    if (!name) return ERROR_NOT_ENOUGH_MEMORY;

    for (DWORD i = 0; status == ERROR_SUCCESS && *holds; i++)
    {
        status = registry_value_name(registry, part, i, name);
        if (status == ERROR_SUCCESS) status = holds_value(registry, whole, part, name, holds);
    }
    memory_free(name);
    return status == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : status;
}

static LONG tree_holds(const struct registry *registry, const WCHAR *whole, const WCHAR *part,
                       unsigned depth, bool *holds)
{
    WCHAR name[REGISTRY_NAME_CHARS], whole_below[REGISTRY_PATH_CHARS];
    WCHAR part_below[REGISTRY_PATH_CHARS];
    DWORD subkey_count, value_count;
    LONG status = registry_count(registry, part, &subkey_count, &value_count);

    *holds = true;
    if (status != ERROR_SUCCESS) return registry_missing_is_done(status);
    if (depth == TREE_DEPTH_MAX) return ERROR_FILENAME_EXCED_RANGE;
    status = registry_count(registry, whole, &subkey_count, &value_count);
    *holds = status == ERROR_SUCCESS;
    if (status != ERROR_SUCCESS) return registry_missing_is_done(status);

    status = holds_values(registry, whole, part, holds);
    for (DWORD i = 0; status == ERROR_SUCCESS && *holds; i++)
    {
        status = registry_subkey(registry, part, i, name);
        if (status == ERROR_NO_MORE_ITEMS) return ERROR_SUCCESS;
        if (status != ERROR_SUCCESS) return status;
        if (!registry_join(whole_below, whole, L"\\", name, NULL) ||
            !registry_join(part_below, part, L"\\", name, NULL))
            return ERROR_FILENAME_EXCED_RANGE;
        status = tree_holds(registry, whole_below, part_below, depth + 1, holds);
    }
    return status;
}

LONG registry_tree_holds(const struct registry *registry, const WCHAR *whole, const WCHAR *part,
                         bool *holds)
{
    return tree_holds(registry, whole, part, 0, holds);
}
