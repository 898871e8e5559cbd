/*
 * file_system - the tree of files on the card and what an elementary file holds.
 * Layer: simcard (uses base, access, credentials; knows no command).
 * Standard: ISO/IEC 7816-4:2013 clause 7.2.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/file_system.h"

#include <stdlib.h>

#define FILE_OVERHEAD   16 /* what a card's directory entry takes, about */
#define OBJECT_OVERHEAD 4

struct card_file *file_new(enum file_kind kind, uint16_t id)
{
    struct card_file *file = calloc(1, sizeof(*file));
    if (!file) return NULL;
    file->kind = kind;
    file->id = id;
    file->life_cycle = LIFE_ACTIVATED;
    file->write_mode = FILE_WRITE_REPLACE;
    file->erased_value = 0x00;
    return file;
}

static void free_contents(struct card_file *file)
{
    for (size_t i = 0; i < file->record_count; i++)
        free(file->records[i].data);
    free(file->records);
    free(file->data);
    free(file->control_info);
    pin_free_all(file->pins);
    key_free_all(file->keys);
    while (file->objects)
    {
        struct data_object *next = file->objects->next;
        free(file->objects->value);
        free(file->objects);
        file->objects = next;
    }
}

void file_free(struct card_file *file)
{
    if (!file) return;
    while (file->first_child)
    {
        struct card_file *child = file->first_child;
        file->first_child = child->next_sibling;
        file_free(child); /* as deep as the tree, which FILE_DEPTH_MAX bounds */
    }
    free_contents(file);
    explicit_bzero(&file->channel, sizeof(file->channel));
    free(file);
}

void file_attach(struct card_file *parent, struct card_file *child)
{
    struct card_file **link = &parent->first_child;
    while (*link)
        link = &(*link)->next_sibling;
    *link = child;
    child->parent = parent;
    child->next_sibling = NULL;
}

void file_detach(struct card_file *file)
{
    if (!file->parent) return;
    struct card_file **link = &file->parent->first_child;
    while (*link != file)
        link = &(*link)->next_sibling;
    *link = file->next_sibling;
    file->parent = NULL;
    file->next_sibling = NULL;
}

struct card_file *file_df_of(struct card_file *file)
{
    return file_is_df(file) ? file : file->parent;
}

struct card_file *file_child(struct card_file *df, uint16_t id)
{
    struct card_file *child = df->first_child;
    while (child && child->id != id)
        child = child->next_sibling;
    return child;
}

struct card_file *file_child_with_short_id(struct card_file *df, uint8_t short_id)
{
    struct card_file *child = df->first_child;
    while (child && (file_is_df(child) || child->short_id != short_id))
        child = child->next_sibling;
    return child;
}

bool file_is_within(const struct card_file *file, const struct card_file *ancestor)
{
    while (file && file != ancestor)
        file = file->parent;
    return file != NULL;
}

size_t file_depth(const struct card_file *file)
{
    size_t depth = 0;
    while (file->parent)
    {
        file = file->parent;
        depth++;
    }
    return depth;
}

struct card_file *file_next_in_tree(const struct card_file *root, struct card_file *file)
{
    if (file->first_child) return file->first_child;
    while (file && file != root && !file->next_sibling)
        file = file->parent;
    return !file || file == root ? NULL : file->next_sibling;
}

size_t file_records_len(const struct card_file *file)
{
    size_t len = 0;
    for (size_t i = 0; i < file->record_count; i++)
        len += file->records[i].len;
    return len;
}

static size_t own_memory(const struct card_file *file)
{
    size_t memory = FILE_OVERHEAD;
    if (file->kind == FILE_LINEAR_FIXED || file->kind == FILE_CYCLIC)
        memory += file->record_len * file->record_count_max;
    else
        memory += file->size;
    for (const struct data_object *object = file->objects; object; object = object->next)
        memory += OBJECT_OVERHEAD + object->len;
    return memory;
}

size_t file_memory(struct card_file *root)
{
    size_t memory = 0;
    for (struct card_file *file = root; file; file = file_next_in_tree(root, file))
        memory += own_memory(file);
    return memory;
}

bool file_allocate(struct card_file *file, size_t size)
{
    uint8_t *data = size ? malloc(size) : NULL;
    if (size && !data) return false;
    if (size) memset(data, file->erased_value, size);
    free(file->data);
    file->data = data;
    file->size = size;
    return true;
}

static enum record_outcome check_length(const struct card_file *file, size_t len, size_t replaced)
{
    if (file->kind != FILE_LINEAR_VARIABLE)
        return len == file->record_len ? RECORD_STORED : RECORD_WRONG_LEN;
    if (len > file->record_len) return RECORD_NO_ROOM;
    return file_records_len(file) - replaced + len <= file->size ? RECORD_STORED : RECORD_NO_ROOM;
}

enum record_outcome file_record_append(struct card_file *file, struct bytes content)
{
    enum record_outcome outcome = check_length(file, content.len, 0);
    if (outcome != RECORD_STORED) return outcome;
    bool is_full = file->record_count >= file->record_count_max;
    if (is_full && (file->kind != FILE_CYCLIC || file->record_count == 0)) return RECORD_NO_ROOM;

    uint8_t *data = malloc(content.len ? content.len : 1);
    if (!data) return RECORD_OUT_OF_MEMORY;
    if (content.len) memcpy(data, content.data, content.len);
    if (!is_full)
    {
        struct record *grown =
            realloc(file->records, (file->record_count + 1) * sizeof(*file->records));
        if (!grown)
        {
            free(data);
            return RECORD_OUT_OF_MEMORY;
        }
        file->records = grown;
        file->record_count++;
    }
    else
        free(file->records[file->record_count - 1].data); /* the oldest of a full cyclic file */

    size_t index = file->record_count - 1;
    if (file->kind == FILE_CYCLIC)
    {
        memmove(file->records + 1, file->records, index * sizeof(*file->records));
        index = 0;
    }
    file->records[index].data = data;
    file->records[index].len = content.len;
    return RECORD_STORED;
}

enum record_outcome file_record_replace(struct card_file *file, size_t index, struct bytes content)
{
    struct record *record = &file->records[index];
    enum record_outcome outcome = check_length(file, content.len, record->len);
    if (outcome != RECORD_STORED) return outcome;
    uint8_t *data = malloc(content.len ? content.len : 1);
    if (!data) return RECORD_OUT_OF_MEMORY;
    if (content.len) memcpy(data, content.data, content.len);
    free(record->data);
    record->data = data;
    record->len = content.len;
    return RECORD_STORED;
}

struct data_object *file_object_find(const struct card_file *df, uint32_t tag)
{
    struct data_object *object = df->objects;
    while (object && object->tag != tag)
        object = object->next;
    return object;
}

struct data_object *file_object_add(struct card_file *df, uint32_t tag)
{
    struct data_object *object = calloc(1, sizeof(*object));
    if (!object) return NULL;
    object->tag = tag;
    struct data_object **link = &df->objects;
    while (*link)
        link = &(*link)->next;
    *link = object;
    return object;
}

bool data_object_set(struct data_object *object, struct bytes value)
{
    uint8_t *copy = malloc(value.len ? value.len : 1);
    if (!copy) return false;
    if (value.len) memcpy(copy, value.data, value.len);
    free(object->value);
    object->value = copy;
    object->len = value.len;
    return true;
}
