/*
 * handle_table - handles as numbers with kind, generation and slot.
 * Layer: wine bridge (pure but for its lock).
 * SPDX-License-Identifier: MIT
 */
#include "wine/handle_table.h"

#include <string.h>

/*
 * A handle's value: bits 30-31 kind, 16-29 generation, 0-15 slot. Kind is never 0, so neither is a
 * handle, nor is it a small number.
 */
#define SLOT_MASK        0xFFFFu
#define GENERATION_SHIFT 16
#define GENERATION_MASK  0x3FFFu
#define KIND_SHIFT       30
#define GROWTH           256u

static uint32_t handle_of(const struct handle_table *table, uint32_t index)
{
    const struct handle_slot *slot = &table->slots[index];
    return (uint32_t)slot->kind << KIND_SHIFT | (uint32_t)slot->generation << GENERATION_SHIFT |
           index;
}

void handle_table_init(struct handle_table *table)
{
    memset(table, 0, sizeof(*table));
    system_lock_init(&table->lock);
    table->first_free = table->last_free = HANDLE_TABLE_NONE;
}

void handle_table_destroy(struct handle_table *table)
{
    system_free(table->slots);
    system_lock_destroy(&table->lock);
}

static void append_free_locked(struct handle_table *table, uint32_t index)
{
    table->slots[index].next_free = HANDLE_TABLE_NONE;
    if (table->last_free == HANDLE_TABLE_NONE)
        table->first_free = index;
    else
        table->slots[table->last_free].next_free = index;
    table->last_free = index;
}

static bool grow_locked(struct handle_table *table)
{
    uint32_t count = table->slot_count + GROWTH;
    struct handle_slot *slots;

    if (count > HANDLE_TABLE_SLOTS_MAX) return false;
    slots = system_alloc(count * sizeof(*slots));
    if (!slots) return false;
    if (table->slot_count) memcpy(slots, table->slots, table->slot_count * sizeof(*slots));
    system_free(table->slots);
    table->slots = slots;
    for (uint32_t index = table->slot_count; index < count; index++)
        append_free_locked(table, index);
    table->slot_count = count;
    return true;
}

uint32_t handle_table_open(struct handle_table *table, enum handle_kind kind,
                           struct handle_object *object)
{
    uint32_t handle = 0;

    system_lock_take(&table->lock);
    if (table->first_free != HANDLE_TABLE_NONE || grow_locked(table))
    {
        uint32_t index = table->first_free;
        struct handle_slot *slot = &table->slots[index];

        table->first_free = slot->next_free;
        if (table->first_free == HANDLE_TABLE_NONE) table->last_free = HANDLE_TABLE_NONE;
        slot->object = object;
        slot->kind = (uint8_t)kind;
        slot->generation = (uint16_t)((slot->generation + 1u) & GENERATION_MASK);
        table->open_count[kind]++;
        handle = handle_of(table, index);
    }
    system_lock_give(&table->lock);
    return handle;
}

/** The slot of an open handle, or NULL. */
static struct handle_slot *slot_of_locked(struct handle_table *table, enum handle_kind kind,
                                          uintptr_t handle)
{
    uint32_t index = (uint32_t)handle & SLOT_MASK;

    if (handle > UINT32_MAX || index >= table->slot_count) return NULL;
    if (!table->slots[index].object || table->slots[index].kind != kind) return NULL;
    return handle_of(table, index) == handle ? &table->slots[index] : NULL;
}

struct handle_object *handle_table_use(struct handle_table *table, enum handle_kind kind,
                                       uintptr_t handle)
{
    struct handle_object *object = NULL;
    struct handle_slot *slot;

    system_lock_take(&table->lock);
    slot = slot_of_locked(table, kind, handle);
    if (slot)
    {
        object = slot->object;
        object->refs++;
    }
    system_lock_give(&table->lock);
    return object;
}

struct handle_object *handle_table_close(struct handle_table *table, enum handle_kind kind,
                                         uintptr_t handle)
{
    struct handle_object *object = NULL;
    struct handle_slot *slot;

    system_lock_take(&table->lock);
    slot = slot_of_locked(table, kind, handle);
    if (slot)
    {
        object = slot->object;
        slot->object = NULL;
        table->open_count[kind]--;
        append_free_locked(table, (uint32_t)handle & SLOT_MASK);
    }
    system_lock_give(&table->lock);
    return object;
}

uint32_t handle_table_any(struct handle_table *table, enum handle_kind kind)
{
    uint32_t handle = 0;

    system_lock_take(&table->lock);
    for (uint32_t i = 0; i < table->slot_count && handle == 0; i++)
        if (table->slots[i].object && table->slots[i].kind == kind) handle = handle_of(table, i);
    system_lock_give(&table->lock);
    return handle;
}

uint32_t handle_table_count(struct handle_table *table, enum handle_kind kind)
{
    uint32_t count;

    system_lock_take(&table->lock);
    count = table->open_count[kind];
    system_lock_give(&table->lock);
    return count;
}

void handle_object_use(struct handle_table *table, struct handle_object *object)
{
    system_lock_take(&table->lock);
    object->refs++;
    system_lock_give(&table->lock);
}

void handle_object_give(struct handle_table *table, struct handle_object *object)
{
    bool is_last;

    if (!object) return;
    system_lock_take(&table->lock);
    is_last = --object->refs == 0;
    system_lock_give(&table->lock);
    if (is_last) object->destroy(object);
}
