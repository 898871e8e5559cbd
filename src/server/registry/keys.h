/*
 * keys - the keys and values of the registry: one at a time, read, and changed so that it can be taken
 *        back.
 * Layer: server (calls advapi32 through a table; knows no COM class of ours).
 * Threads: one transaction at a time.
 *
 * Design notes. Paths are relative to the root and always complete (`Software\Classes\...`), so
 * that Windows redirects them to the view of the process's word size; `Wow6432Node` appears nowhere.
 * HKEY_CLASSES_ROOT is not used: through it one cannot say which root is written. What is read is
 * not trusted: types and lengths are checked and text is terminated here.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTRY_KEYS_H
#define SCM_SERVER_REGISTRY_KEYS_H

#include "server/registry/journal.h"

enum
{
    /** Characters of the longest path of a key used here, terminator included. */
    REGISTRY_PATH_CHARS = 512,
    /** Characters of a key's name: the registry's own limit and the terminator. */
    REGISTRY_NAME_CHARS = 256,
    /** Characters of a value's name, the same way. */
    REGISTRY_VALUE_NAME_CHARS = 16384,
};

/** Where to read: the rest of the computer decides what is ours to change. */
enum registry_place
{
    REGISTRY_OWN_ROOT,
    REGISTRY_MACHINE,    /**< HKEY_LOCAL_MACHINE, whichever root the transaction has */
    REGISTRY_OTHER_VIEW, /**< the own root as the other word size sees it, where there are two */
};

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

/** ERROR_SUCCESS for what is not there: to delete it is to have nothing to do. */
static inline LONG registry_missing_is_done(LONG status)
{
    return status == ERROR_FILE_NOT_FOUND || status == ERROR_PATH_NOT_FOUND ? ERROR_SUCCESS
                                                                            : status;
}

/** Deletes a value. One that is not there, or its key, is ERROR_SUCCESS. */
LONG registry_delete_value(struct registry *registry, const WCHAR *path, const WCHAR *name);

/** Deletes a key that has neither values nor subkeys; leaves any other, with ERROR_SUCCESS. */
LONG registry_delete_key_if_empty(struct registry *registry, const WCHAR *path);

/** Whether a key exists; one that may not be read exists. */
bool registry_has_key(struct registry *registry, enum registry_place place, const WCHAR *path);

/**
 * Reads a value of any type.
 *
 * @param[in] name NULL for the unnamed value.
 * @param[out] data memory for memory_free(), two zero characters behind its `len` bytes; NULL on
 *             failure.
 * @retval ERROR_SUCCESS
 * @retval ERROR_FILE_NOT_FOUND there is no such value, or no such key.
 * @retval ERROR_FILE_TOO_LARGE longer than 1 MiB.
 * @retval ERROR_NOT_ENOUGH_MEMORY
 * Other Win32 codes unchanged.
 */
LONG registry_read_value(const struct registry *registry, enum registry_place place,
                         const WCHAR *path, const WCHAR *name, DWORD *type, BYTE **data,
                         DWORD *len);

/**
 * Reads a text. In a REG_EXPAND_SZ the environment's variables are put in.
 *
 * Out of memory gives NULL too, and sets `reads_failed`: a transaction that decided upon that must not
 * be committed.
 *
 * @param[in] name NULL for the unnamed value.
 * @return memory for memory_free(), terminated; NULL where there is no such value, or it is no text.
 */
WCHAR *registry_read_text(struct registry *registry, enum registry_place place, const WCHAR *path,
                          const WCHAR *name);

/** Counts the subkeys and values of a key of the own root; Win32 codes unchanged. */
LONG registry_count(const struct registry *registry, const WCHAR *path, DWORD *subkey_count,
                    DWORD *value_count);

/**
 * The name of a value of a key of the own root.
 *
 * @param[in] index from 0.
 * @param[out] name REGISTRY_VALUE_NAME_CHARS characters.
 * @retval ERROR_SUCCESS
 * @retval ERROR_NO_MORE_ITEMS there is none.
 * Other Win32 codes unchanged.
 */
LONG registry_value_name(const struct registry *registry, const WCHAR *path, DWORD index,
                         WCHAR *name);

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
