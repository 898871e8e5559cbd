/*
 * registry_snapshot - the classes in the registry as text, to be compared: before and after.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_REGISTRY_SNAPSHOT_H
#define SCM_TESTS_SUPPORT_REGISTRY_SNAPSHOT_H

#include <stdbool.h>
#include <windows.h>

#include "server/registry/journal.h"

/** One line each for every key and every value, sorted. */
struct registry_snapshot
{
    WCHAR **lines;
    size_t count;
    size_t capacity;
};

/**
 * The keys below Software\Classes of the machine and of the user, as the program sees it, with all that
 * is in those that belong to us or to the tests, and the names alone of the others. A key is
 * "HKLM\CLSID\{...}", a value "HKLM\CLSID\{...} @ name = text" or "... = type:hexadecimal". What only the
 * other word size sees begins with "HKLM\Wow6432Node" to a 64-bit program and with "other " to a
 * 32-bit one. Ends the program where the registry cannot be read.
 */
struct registry_snapshot registry_snapshot_take(void);

/** The same with all that is in any key; takes ten times as long. */
struct registry_snapshot registry_snapshot_take_all(void);

/** All that is in a key of this registry. */
struct registry_snapshot registry_snapshot_of(const struct registry_port *port, HKEY root,
                                              const WCHAR *path, const WCHAR *label);

void registry_snapshot_free(struct registry_snapshot *snapshot);

/** Whether a line is in it. */
bool registry_snapshot_has(const struct registry_snapshot *snapshot, const WCHAR *line);

/** Checks that two snapshots are the same; prints up to ten lines that are only in one. */
#define check_snapshot(actual, expected)                                                           \
    registry_snapshot_check(__FILE__, __LINE__, (actual), (expected))
bool registry_snapshot_check(const char *file, int line, const struct registry_snapshot *actual,
                             const struct registry_snapshot *expected);

/** Takes a snapshot and checks that it is the same as an earlier one. */
#define check_registry_is(expected) registry_snapshot_check_now(__FILE__, __LINE__, (expected))
bool registry_snapshot_check_now(const char *file, int line,
                                 const struct registry_snapshot *expected);

/** Whether the system has a view of the registry for each word size. */
bool registry_has_two_views(void);

#endif
