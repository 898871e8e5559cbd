/*
 * registry_edit - the test's own hand in the registry: what others left there, and what is read back.
 * Layer: tests. Every function ends the program where the registry does not obey.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_REGISTRY_EDIT_H
#define SCM_TESTS_SUPPORT_REGISTRY_EDIT_H

#include <stdbool.h>
#include <windows.h>

/** The view of the other word size, for the functions below; 0 is the program's own. */
#define OTHER_VIEW (sizeof(void *) == 8 ? KEY_WOW64_32KEY : KEY_WOW64_64KEY)

/** Makes a key, with those above it. */
void edit_make_key(HKEY root, const WCHAR *path);

/** Sets a value of any type and length, making the key. */
void edit_put(HKEY root, REGSAM view, const WCHAR *path, const WCHAR *name, DWORD type,
              const void *data, DWORD len);

/** Sets a REG_SZ value of the program's own view. */
void edit_put_text(HKEY root, const WCHAR *path, const WCHAR *name, const WCHAR *text);

/** Deletes a key with everything below it; one that is not there is deleted. */
void edit_delete_tree(HKEY root, REGSAM view, const WCHAR *path);

bool edit_has_key(HKEY root, REGSAM view, const WCHAR *path);

/** Checks that a value is this text; NULL: that there is no such value. */
#define check_text(root, path, name, wanted)                                                       \
    edit_check_text(__FILE__, __LINE__, (root), (path), (name), (wanted))
bool edit_check_text(const char *file, int line, HKEY root, const WCHAR *path, const WCHAR *name,
                     const WCHAR *wanted);

#endif
