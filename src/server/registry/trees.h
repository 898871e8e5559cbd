/*
 * trees - whole trees of keys, deleted and copied.
 * Layer: server.
 * Threads: one transaction at a time.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTRY_TREES_H
#define SCM_SERVER_REGISTRY_TREES_H

#include "server/registry/journal.h"

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

/**
 * Whether a tree has every value, type and bytes, and every key of another.
 *
 * @param[in] part the other; one that is not there is held by any tree.
 * @param[out] holds not set on failure.
 * Return codes as registry_delete_tree().
 */
LONG registry_tree_holds(const struct registry *registry, const WCHAR *whole, const WCHAR *part,
                         bool *holds);

#endif
