/*
 * registry_snapshot - the classes in the registry as text, to be compared: before and after.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_SUPPORT_REGISTRY_SNAPSHOT_H
#define SCM_TESTS_SUPPORT_REGISTRY_SNAPSHOT_H

#include <stdbool.h>
#include <windows.h>

/** One line each for every key and every value, sorted. */
struct registry_snapshot
{
    WCHAR **lines;
    size_t count;
    size_t capacity;
};

/**
 * Everything below Software\Classes of the machine and of the user, in both views of a computer
 * with two word sizes. A key is "HKLM\CLSID\{...}", a value "HKLM\CLSID\{...} @ name = type:data"; the
 * other view's lines begin with "other ". Ends the program where the registry cannot be read.
 */
struct registry_snapshot registry_snapshot_take(void);

/** The same for any key. */
struct registry_snapshot registry_snapshot_of(HKEY root, const WCHAR *path, const WCHAR *label);

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
