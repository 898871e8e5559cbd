/*
 * journal - a transaction on the registry, and how its changes are taken back.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Owns: the entries of one transaction; threads: one at a time.
 * SPDX-License-Identifier: MIT
 */
#include "server/registry/journal.h"

#include "system/memory.h"

#include <string.h>

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

struct registry registry_of(const struct registry_port *port, bool is_per_user)
{
    return (struct registry){
        .port = port,
        .root = is_per_user ? HKEY_CURRENT_USER : HKEY_LOCAL_MACHINE,
        .is_per_user = is_per_user,
    };
}

static DWORD text_len(const WCHAR *text)
{
    return text ? ((DWORD)lstrlenW(text) + 1) * sizeof(WCHAR) : 0;
}

/* path, name and data point into the memory behind the struct; data comes first, being aligned. */
struct registry_change *journal_entry(enum registry_undo undo, const WCHAR *path, const WCHAR *name,
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

void journal_settle(struct registry *registry, struct registry_change *change, bool was_made)
{
    if (!was_made)
    {
        memory_free(change);
        return;
    }
    change->older = registry->latest;
    registry->latest = change;
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
