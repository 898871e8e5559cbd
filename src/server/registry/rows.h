/*
 * rows - tables of registry values with placeholders, written and removed as a whole.
 * Layer: server.
 * Threads: one transaction at a time.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SERVER_REGISTRY_ROWS_H
#define SCM_SERVER_REGISTRY_ROWS_H

#include <windows.h>

#include "server/registry/keys.h"

/** One value. In `path` and `data`, %x stands for the text of the letter x. */
struct registry_row
{
    const WCHAR *path; /**< below `Software\Classes\` */
    const WCHAR *name; /**< NULL for the unnamed value */
    const WCHAR *data; /**< NULL for a key without a value of ours */
};

/** What the placeholders %a to %z stand for; NULL for those a table does not use. */
struct row_texts
{
    const WCHAR *of[26];
};

static inline void row_texts_set(struct row_texts *texts, WCHAR letter, const WCHAR *text)
{
    texts->of[letter - L'a'] = text;
}

/** Writes every row, in order; return codes as registry_set_value(). */
LONG registry_rows_write(struct registry *registry, const struct registry_row *rows,
                         size_t row_count, const struct row_texts *texts);

/**
 * Deletes every row's value and then every row's key that is empty by now, last row first: a table
 * names its keys from the top down.
 */
LONG registry_rows_remove(struct registry *registry, const struct registry_row *rows,
                          size_t row_count, const struct row_texts *texts);

/** The same, but only of values that are as registry_rows_write() writes them. */
LONG registry_rows_remove_same(struct registry *registry, const struct registry_row *rows,
                               size_t row_count, const struct row_texts *texts);

/** The same of no values: only the keys that are empty go. */
LONG registry_rows_remove_empty(struct registry *registry, const struct registry_row *rows,
                                size_t row_count, const struct row_texts *texts);

/** Fills in a row's path, REGISTRY_PATH_CHARS characters; ERROR_FILENAME_EXCED_RANGE if too long. */
LONG registry_row_path(WCHAR *path, const WCHAR *template, const struct row_texts *texts);

/** Whether a row's key exists (registry_has_key()); false too where its path is too long. */
bool registry_row_has_key(struct registry *registry, enum registry_place place,
                          const WCHAR *template, const struct row_texts *texts);

/** The text of a row's value (registry_read_text()); NULL too where its path is too long. */
WCHAR *registry_row_read(struct registry *registry, enum registry_place place,
                         const WCHAR *template, const WCHAR *name, const struct row_texts *texts);

#endif
