/*
 * rows - tables of registry values with placeholders, written and removed as a whole.
 * Layer: server.
 * Threads: one transaction at a time.
 * SPDX-License-Identifier: MIT
 */
#include "server/registry/rows.h"

#include "system/memory.h"

#include <string.h>

/* The characters of a template filled in, without terminator; `to` NULL only counts. */
static size_t fill_in(const WCHAR *template, const struct row_texts *texts, WCHAR *to)
{
    size_t chars = 0;

    for (; *template; template ++)
    {
        const WCHAR *part = template;
        size_t part_chars = 1;
        if (*template == L'%' && template[1] >= L'a' && template[1] <= L'z')
        {
            template ++;
            part = texts->of[*template - L'a'];
            part_chars = part ? (size_t)lstrlenW(part) : 0;
        }
        if (to && part_chars) memcpy(to + chars, part, part_chars * sizeof(WCHAR));
        chars += part_chars;
    }
    if (to) to[chars] = 0;
    return chars;
}

LONG registry_row_path(WCHAR *path, const WCHAR *template, const struct row_texts *texts)
{
    static const WCHAR classes[] = L"Software\\Classes\\";
    const size_t prefix_chars = ARRAYSIZE(classes) - 1;

    path[0] = 0;
    if (prefix_chars + fill_in(template, texts, NULL) >= REGISTRY_PATH_CHARS)
        return ERROR_FILENAME_EXCED_RANGE;
    memcpy(path, classes, sizeof(classes));
    fill_in(template, texts, path + prefix_chars);
    return ERROR_SUCCESS;
}

/* The text of a row, filled in; for memory_free(). */
static WCHAR *row_data(const struct registry_row *row, const struct row_texts *texts)
{
    WCHAR *data = memory_alloc((fill_in(row->data, texts, NULL) + 1) * sizeof(WCHAR));
    if (data) fill_in(row->data, texts, data);
    return data;
}

static LONG write_row(struct registry *registry, const struct registry_row *row,
                      const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(path, row->path, texts);

    if (status != ERROR_SUCCESS) return status;
    if (!row->data) return registry_create_key(registry, path);

    WCHAR *data = row_data(row, texts);
    if (!data) return ERROR_NOT_ENOUGH_MEMORY;
    status = registry_set_text(registry, path, row->name, data);
    memory_free(data);
    return status;
}

LONG registry_rows_write(struct registry *registry, const struct registry_row *rows,
                         size_t row_count, const struct row_texts *texts)
{
    for (size_t i = 0; i < row_count; i++)
    {
        LONG status = write_row(registry, &rows[i], texts);
        if (status != ERROR_SUCCESS) return status;
    }
    return ERROR_SUCCESS;
}

LONG registry_rows_remove_empty(struct registry *registry, const struct registry_row *rows,
                                size_t row_count, const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];

    for (size_t i = row_count; i-- > 0;)
    {
        LONG status = registry_row_path(path, rows[i].path, texts);
        if (status == ERROR_SUCCESS) status = registry_delete_key_if_empty(registry, path);
        if (status != ERROR_SUCCESS) return status;
    }
    return ERROR_SUCCESS;
}

LONG registry_rows_remove(struct registry *registry, const struct registry_row *rows,
                          size_t row_count, const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];

    for (size_t i = row_count; i-- > 0;)
    {
        LONG status = registry_row_path(path, rows[i].path, texts);
        if (status == ERROR_SUCCESS && rows[i].data)
            status = registry_delete_value(registry, path, rows[i].name);
        if (status != ERROR_SUCCESS) return status;
    }
    return registry_rows_remove_empty(registry, rows, row_count, texts);
}

static LONG remove_same_value(struct registry *registry, const struct registry_row *row,
                              const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    LONG status = registry_row_path(path, row->path, texts);

    if (status != ERROR_SUCCESS || !row->data) return status;
    WCHAR *now = registry_read_text(registry, REGISTRY_OWN_ROOT, path, row->name);
    WCHAR *data = row_data(row, texts);
    if (!data)
        status = ERROR_NOT_ENOUGH_MEMORY;
    else if (now && lstrcmpiW(now, data) == 0)
        status = registry_delete_value(registry, path, row->name);
    memory_free(now);
    memory_free(data);
    return status;
}

LONG registry_rows_remove_same(struct registry *registry, const struct registry_row *rows,
                               size_t row_count, const struct row_texts *texts)
{
    for (size_t i = row_count; i-- > 0;)
    {
        LONG status = remove_same_value(registry, &rows[i], texts);
        if (status != ERROR_SUCCESS) return status;
    }
    return registry_rows_remove_empty(registry, rows, row_count, texts);
}

bool registry_row_has_key(struct registry *registry, enum registry_place place,
                          const WCHAR *template, const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    return registry_row_path(path, template, texts) == ERROR_SUCCESS &&
           registry_has_key(registry, place, path);
}

WCHAR *registry_row_read(struct registry *registry, enum registry_place place,
                         const WCHAR *template, const WCHAR *name, const struct row_texts *texts)
{
    WCHAR path[REGISTRY_PATH_CHARS];
    if (registry_row_path(path, template, texts) != ERROR_SUCCESS) return NULL;
    return registry_read_text(registry, place, path, name);
}
