/*
 * handle_table - the values that clients hold as SCARDCONTEXT and SCARDHANDLE, and what is behind
 *                them.
 * Layer: wine bridge (pure but for its lock).
 * A handle is a number, never an address: it is looked up, not followed, so that garbage, a stale
 * handle or one of the other kind is refused without touching memory. It fits 32 bits, since
 * programs of Windows' early days keep handles in a DWORD.
 *
 * Design notes. A slot keeps a generation that changes with each use, so that an old handle does not
 * reach a newer object; freed slots wait in line, the longest-freed first, before they are used
 * again. Each object is counted: one reference for the table while the handle is open, one for
 * every call that works with the object. handle_table_close ends the handle at once and leaves the
 * object to the calls still inside; the last of them destroys it. The table's lock is never held
 * while an object is destroyed.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_HANDLE_TABLE_H
#define SCM_WINE_HANDLE_TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/system.h"

/** What a handle stands for; part of its value. */
enum handle_kind
{
    HANDLE_CONTEXT = 1,
    HANDLE_CARD = 2
};

/** The start of every object behind a handle. */
struct handle_object
{
    uint32_t refs;
    void (*destroy)(struct handle_object *object);
};

struct handle_slot
{
    struct handle_object *object; /**< NULL while the slot is free */
    uint32_t next_free;
    uint16_t generation;
    uint8_t kind;
};

struct handle_table
{
    struct system_lock lock;
    struct handle_slot *slots;
    uint32_t slot_count;
    uint32_t first_free; /**< HANDLE_TABLE_NONE: no free slot */
    uint32_t last_free;
    uint32_t open_count[3]; /**< by kind */
};

#define HANDLE_TABLE_NONE      UINT32_MAX
#define HANDLE_TABLE_SLOTS_MAX 0x10000u

void handle_table_init(struct handle_table *table);

/** Frees the slots. Objects still open are not destroyed: close them before. */
void handle_table_destroy(struct handle_table *table);

/**
 * Gives an object a handle; the reference the caller has becomes the table's.
 *
 * @return the handle, never 0; 0 where memory or slots ran out (the caller keeps its reference).
 * Threads: any.
 */
uint32_t handle_table_open(struct handle_table *table, enum handle_kind kind,
                           struct handle_object *object);

/**
 * The object behind a handle, with a reference for the caller.
 *
 * @param[in] handle any value at all, as wide as a pointer.
 * @return NULL where this is no open handle of this kind.
 * Threads: any.
 */
struct handle_object *handle_table_use(struct handle_table *table, enum handle_kind kind,
                                       uintptr_t handle);

/**
 * Ends a handle and hands the table's reference to the caller.
 *
 * @return NULL where this is no open handle of this kind; of several threads that close one handle
 *         only one gets the object.
 * Threads: any.
 */
struct handle_object *handle_table_close(struct handle_table *table, enum handle_kind kind,
                                         uintptr_t handle);

/** Any open handle of a kind, 0 where there is none: for closing them all. */
uint32_t handle_table_any(struct handle_table *table, enum handle_kind kind);

/** How many handles of a kind are open. */
uint32_t handle_table_count(struct handle_table *table, enum handle_kind kind);

/** One more reference to an object the caller has a reference to. */
void handle_object_use(struct handle_table *table, struct handle_object *object);

/** Gives back one reference; the last one destroys the object. NULL is allowed. */
void handle_object_give(struct handle_table *table, struct handle_object *object);

#endif
