/*
 * journal - a transaction on the registry: every change is written down in memory before it is made, so
 *           that a failure half-way leaves the registry as it was.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Owns: the entries of one transaction; threads: one at a time.
 * Reference: "Registry Functions", Microsoft Learn
 *
 * Design notes. A key that was deleted and is made again by a roll back has inherited permissions.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTRY_JOURNAL_H
#define SCM_SERVER_REGISTRY_JOURNAL_H

#include <stdbool.h>
#include <windows.h>

/** The registry functions used; the signatures are advapi32's. Tests put failing ones in. */
struct registry_port
{
    LONG(WINAPI *create_key)
    (HKEY, LPCWSTR, DWORD, LPWSTR, DWORD, REGSAM, LPSECURITY_ATTRIBUTES, PHKEY, LPDWORD);
    LONG(WINAPI *open_key)(HKEY, LPCWSTR, DWORD, REGSAM, PHKEY);
    LONG(WINAPI *close_key)(HKEY);
    LONG(WINAPI *delete_key)(HKEY, LPCWSTR);
    LONG(WINAPI *set_value)(HKEY, LPCWSTR, DWORD, DWORD, const BYTE *, DWORD);
    LONG(WINAPI *delete_value)(HKEY, LPCWSTR);
    LONG(WINAPI *query_value)(HKEY, LPCWSTR, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
    LONG(WINAPI *query_info)
    (HKEY, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPDWORD, LPDWORD, LPDWORD, LPDWORD, LPDWORD, LPDWORD,
     PFILETIME);
    LONG(WINAPI *enum_key)(HKEY, DWORD, LPWSTR, LPDWORD, LPDWORD, LPWSTR, LPDWORD, PFILETIME);
    LONG(WINAPI *enum_value)(HKEY, DWORD, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD);
};

extern const struct registry_port registry_port_windows;

/** One transaction on one root. */
struct registry
{
    const struct registry_port *port;
    HKEY root;
    bool is_per_user;               /**< HKEY_CURRENT_USER */
    bool reads_failed;              /**< out of memory in a read: what it said is not so */
    struct registry_change *latest; /**< the journal, newest change first */
};

/**
 * A transaction without changes on HKEY_LOCAL_MACHINE or, per user, on HKEY_CURRENT_USER. Ends with
 * registry_commit() or registry_roll_back().
 */
struct registry registry_of(const struct registry_port *port, bool is_per_user);

/** Whether anything was changed since the beginning. */
static inline bool registry_has_changes(const struct registry *registry)
{
    return registry->latest != NULL;
}

/** Keeps the changes made since the beginning. */
void registry_commit(struct registry *registry);

/**
 * Takes the changes back, newest first. What cannot be taken back stays; the rest is done anyway.
 */
void registry_roll_back(struct registry *registry);

/** What to do to take a change back. */
enum registry_undo
{
    UNDO_DELETE_KEY,
    UNDO_CREATE_KEY,
    UNDO_DELETE_VALUE,
    UNDO_SET_VALUE,
};

/** One change: where it was made, and what was there before. */
struct registry_change
{
    struct registry_change *older;
    enum registry_undo undo;
    DWORD type;
    DWORD len;
    BYTE *data;
    WCHAR *path;
    WCHAR *name; /**< NULL for the unnamed value */
};

/**
 * Writes an entry ahead of its change: a change that cannot be written down is not made. The entry counts
 * once the change is made, which journal_settle() says.
 *
 * @param[in] path, name, type, data, len what undoing it needs; copied.
 * @return NULL when out of memory.
 */
struct registry_change *journal_entry(enum registry_undo undo, const WCHAR *path, const WCHAR *name,
                                      DWORD type, const void *data, DWORD len);

/** Takes the entry of a change that was made into the journal; drops that of one that was not. */
void journal_settle(struct registry *registry, struct registry_change *change, bool was_made);

#endif
