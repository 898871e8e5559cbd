/*
 * calais_key - the registry keys of the smart card database, and typed access to their values.
 * Layer: wine bridge, PE side (advapi32).
 * Both halves of the database lie below HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\Cryptography\Calais:
 * `Readers` is one for 32-bit and 64-bit programs, `SmartCards` there is one of each.
 * A registry code that has no meaning of its own here is handed to the client as it is, as Windows
 * does (ERROR_ACCESS_DENIED for one who may not write).
 * Reference: "Registry Keys Affected by WOW64"; "Smart Card Minidriver Registration", Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_CALAIS_KEY_H
#define SCM_WINE_CALAIS_KEY_H

#include <windows.h>
#include <stdbool.h>

#include "wine/winscard_result.h"
#include "wine/multi_string.h"

enum calais_branch
{
    CALAIS_READERS,
    CALAIS_CARDS
};

/** Longest name of an entry: a registry key's. */
#define CALAIS_NAME_CAPACITY 256

/** Whether a name can be that of an entry: not empty, not too long, no backslash. */
bool calais_name_is_valid(const WCHAR *name);

/**
 * Opens an entry.
 *
 * @param[in]  name NULL: the branch itself.
 * @retval false there is none (or it may not be read).
 */
bool calais_open(enum calais_branch branch, const WCHAR *name, REGSAM access, HKEY *key);

/**
 * Makes an entry, with the keys above it.
 *
 * @param[out] is_new NULL allowed.
 * @retval WINSCARD_OK, or the registry's code.
 */
struct winscard_result calais_create(enum calais_branch branch, const WCHAR *name, HKEY *key,
                                     bool *is_new);

/** Deletes an entry. @retval ERROR_FILE_NOT_FOUND there is none; other codes of the registry. */
struct winscard_result calais_delete(enum calais_branch branch, const WCHAR *name);

/** The name of the entry at an index. @retval false there are no more. */
bool calais_enumerate(HKEY branch_key, DWORD index, WCHAR name[CALAIS_NAME_CAPACITY]);

/**
 * A value of a type.
 *
 * @param[out] len bytes.
 * @return its bytes and two terminating characters, to be freed with system_free; NULL where there
 *         is no such value, of another type, or no memory.
 */
void *calais_read(HKEY key, const WCHAR *value, DWORD type, DWORD *len);

struct winscard_result calais_write(HKEY key, const WCHAR *value, DWORD type, const void *data,
                                    size_t len);

#endif
