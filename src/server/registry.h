/*
 * registry - changes of the registry that can be taken back: every change is journalled in memory
 *            before it is made, so that a failure half-way leaves the registry as it was.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Owns: the journal of one transaction; threads: one at a time.
 * Reference: "Registry Functions", "Registry Redirector", Microsoft Learn
 *
 * Design notes. Paths are relative to the root and always complete (`Software\Classes\...`), so
 * that Windows redirects them to the view of the process's word size; `Wow6432Node` appears nowhere.
 * HKEY_CLASSES_ROOT is not used: through it one cannot say which root is written. What is read is
 * not trusted: types and lengths are checked and text is terminated here. A key that was deleted and
 * is made again by a roll back has inherited permissions.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTRY_H
#define SCM_SERVER_REGISTRY_H

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

enum
{
    /** Characters of the longest path of a key used here, terminator included. */
    REGISTRY_PATH_CHARS = 512,
    /** Characters of a key's name: the registry's own limit and the terminator. */
    REGISTRY_NAME_CHARS = 256,
};

/** One transaction on one root. */
struct registry
{
    const struct registry_port *port;
    HKEY root;
    bool is_per_user;               /**< HKEY_CURRENT_USER */
    bool reads_failed;              /**< memory was out for a read: what it said is not so */
    struct registry_change *latest; /**< the journal, newest change first */
};

/** Where to read: the rest of the computer decides what is ours to change. */
enum registry_place
{
    REGISTRY_OWN_ROOT,
    REGISTRY_MACHINE,    /**< HKEY_LOCAL_MACHINE, whichever root the transaction has */
    REGISTRY_OTHER_VIEW, /**< the own root as the other word size sees it, where there are two */
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

/**
 * Makes sure that a key exists, with those above it.
 *
 * @retval ERROR_SUCCESS
 * @retval ERROR_ACCESS_DENIED
 * @retval ERROR_NOT_ENOUGH_MEMORY
 * Other Win32 codes unchanged.
 */
LONG registry_create_key(struct registry *registry, const WCHAR *path);

/**
 * Sets a value of any type, making the key where it is missing. Writes nothing where the value is
 * there already, type and bytes.
 *
 * @param[in] name NULL for the unnamed value.
 * @param[in] data may be NULL where `len` is 0.
 * Return codes as registry_create_key().
 */
LONG registry_set_value(struct registry *registry, const WCHAR *path, const WCHAR *name, DWORD type,
                        const void *data, DWORD len);

/** Sets a REG_SZ value; see registry_set_value(). */
LONG registry_set_text(struct registry *registry, const WCHAR *path, const WCHAR *name,
                       const WCHAR *text);

/** Deletes a value. One that is not there, or its key, is ERROR_SUCCESS. */
LONG registry_delete_value(struct registry *registry, const WCHAR *path, const WCHAR *name);

/** Deletes a key that has neither values nor subkeys; leaves any other, with ERROR_SUCCESS. */
LONG registry_delete_key_if_empty(struct registry *registry, const WCHAR *path);

/**
 * Deletes a key with everything below it.
 *
 * @retval ERROR_SUCCESS also when there is no such key.
 * @retval ERROR_FILENAME_EXCED_RANGE deeper than 24 levels or than REGISTRY_PATH_CHARS can name.
 * Other Win32 codes as registry_create_key().
 */
LONG registry_delete_tree(struct registry *registry, const WCHAR *path);

/** Copies values and subkeys into another key, which is made; return codes as registry_delete_tree(). */
LONG registry_copy_tree(struct registry *registry, const WCHAR *from, const WCHAR *to);

/** Whether a key exists; one that may not be read exists. */
bool registry_has_key(struct registry *registry, enum registry_place place, const WCHAR *path);

/**
 * Reads a text.
 *
 * @param[in] name NULL for the unnamed value.
 * @return memory for memory_free(), terminated; of REG_EXPAND_SZ with the environment's variables
 *         put in; NULL where there is no such value, or it is no text. Memory that is out gives NULL too, and sets `reads_failed`: a
 *         transaction that decided upon that must not be committed.
 */
WCHAR *registry_read_text(struct registry *registry, enum registry_place place, const WCHAR *path,
                          const WCHAR *name);

/**
 * The name of a subkey of the own root.
 *
 * @param[in] index from 0.
 * @param[out] name REGISTRY_NAME_CHARS characters.
 * @retval ERROR_SUCCESS
 * @retval ERROR_NO_MORE_ITEMS there is none, or no such key.
 * Other Win32 codes unchanged.
 */
LONG registry_subkey(const struct registry *registry, const WCHAR *path, DWORD index, WCHAR *name);

/**
 * Joins up to four parts, of which the last ones may be NULL, to a path.
 *
 * @param[out] path REGISTRY_PATH_CHARS characters.
 * @return false, and an empty path, where it does not fit.
 */
bool registry_join(WCHAR *path, const WCHAR *a, const WCHAR *b, const WCHAR *c, const WCHAR *d);

#endif
