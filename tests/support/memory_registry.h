/*
 * memory_registry - a registry in memory behind the table of functions that the server calls: it
 *                   has nothing but what a test puts there, and costs no call of the system.
 * Layer: tests. As the real one: names in any case, keys and values in the order of their names, a
 * key with others below it is not deleted, one that is open when it is deleted answers
 * ERROR_KEY_DELETED. Not as the real one: no access rights, no views, no limit but memory, and out
 * of memory ends the program. One thread.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_MEMORY_REGISTRY_H
#define SCM_TESTS_SUPPORT_MEMORY_REGISTRY_H

#include "server/registry/journal.h"

extern const struct registry_port memory_registry;

/** The key that everything is below; it is always open. */
HKEY memory_registry_root(void);

/** How often keys are open, those of the caller among them. */
unsigned long memory_registry_open_keys(void);

#endif
