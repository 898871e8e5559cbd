/*
 * own_live - the contexts and cards that are open in Wine's own winscard.dll.
 * Layer: wine bridge (below the border; knows neither Windows nor pcsc-lite).
 * That DLL takes a handle for a pointer: a number that is none of its handles, or was closed, or is
 * closed meanwhile by another thread, ends the process or spoils its heap. So its handles never
 * leave; above the border they are numbers that are used once, and a handle is closed only when
 * nobody is inside with it.
 * Threads: any.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_OWN_LIVE_H
#define SCM_WINE_OWN_LIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "wine/system.h"

enum own_kind
{
    OWN_CONTEXT,
    OWN_CARD
};

struct own_live
{
    uintptr_t handle; /**< Wine's */

    /* The list's, under its lock. */
    struct own_live *next;
    int64_t number;
    int64_t context; /* of a card: the number of its context */
    enum own_kind kind;
    uint32_t users;
    bool is_closed;

    /* Of a context in which somebody waits, or has waited. */
    bool is_waiting;
    bool has_event;
    struct system_event cancelled;
};

/** Sets up the list, empty. */
void own_live_init(void);

/**
 * Enters a handle that has just been opened.
 *
 * @param[in] context 0 for a context.
 * @return its number above the border; 0 where there is no memory.
 */
int64_t own_live_add(enum own_kind kind, uintptr_t handle, int64_t context);

/** What is open under a number, with the caller counted in; NULL where nothing of the kind is. */
struct own_live *own_live_enter(enum own_kind kind, int64_t number);

/** Counts the caller out. */
void own_live_leave(struct own_live *live);

/** Whether somebody waits to close it: whoever is inside should come out. */
bool own_live_is_closed(const struct own_live *live);

/**
 * Takes a number out, and with a context those of the cards in it: none is found from now on. Waits
 * for whoever is inside with the context or with them.
 *
 * @return as own_live_enter; the handle is the caller's alone, to close.
 */
struct own_live *own_live_close(enum own_kind kind, int64_t number);

/** The context will wait, until own_live_end_wait. @retval false there is no memory. */
bool own_live_begin_wait(struct own_live *context);

void own_live_end_wait(struct own_live *context);

/** Ends a wait that has begun in the context. */
void own_live_cancel(struct own_live *context);

#endif
