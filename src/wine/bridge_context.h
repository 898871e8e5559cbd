/*
 * bridge_context - a context from inside: what is open in it, and what of it all threads share.
 * Layer: wine bridge (the core: no Windows header).
 * Owns: the table of handles and behind it contexts and cards; the numbers of the readers.
 *
 * Design notes. A context holds no connection to the service, only the list of its cards and of the
 * waits under way in it. A card keeps its context alive by a reference; the context lists its cards
 * without one, and a card leaves that list when its handle is closed, so that there is no circle.
 * Locks: a context's lock guards its two lists. Under it only the locks of the handle table and of
 * the pool of channels are taken, and one call is made of the unix part, cancelling, which answers
 * at once: the wait it cancels must not lose its channel meanwhile.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_BRIDGE_CONTEXT_H
#define SCM_WINE_BRIDGE_CONTEXT_H

#include "wine/winscard_result.h"
#include "wine/handle_table.h"
#include "wine/lite_channel.h"
#include "wine/reader_names.h"
#include "wine/system.h"

struct bridge_state
{
    struct handle_table handles;
    struct reader_names names;
};

extern struct bridge_state bridge;

/** A wait under way. */
struct bridge_wait
{
    struct bridge_wait *next;
    int64_t channel;
    bool is_cancelled;
};

/** A card in the list of its context. */
struct context_card
{
    struct context_card *next;
    uint32_t handle;
};

struct bridge_context
{
    struct handle_object object; /* first: the table's pointer is this one */
    uint32_t epoch;

    struct system_lock lock;
    struct bridge_wait *waits;
    struct context_card *cards;
    bool is_released;
};

/** The context behind a handle, with a reference for the caller, or NULL. */
struct bridge_context *bridge_context_use(uintptr_t handle);

/** Gives such a reference back. */
void bridge_context_give(struct bridge_context *context);

/**
 * Ends a context's handle; nothing is opened in it and no wait begins from here on.
 *
 * @return the table's reference, for the caller to give back; NULL where this is no open context.
 */
struct bridge_context *bridge_context_close(uintptr_t handle);

/**
 * Gives a connected card its handle and its place in the context.
 *
 * @param[in] object the card; its reference becomes the table's where the result is WINSCARD_OK.
 * @retval WINDOWS_ERROR_INVALID_HANDLE the context is released.
 * @retval SC_E_NO_MEMORY
 */
struct winscard_result bridge_context_add_card(struct bridge_context *context,
                                               struct context_card *card,
                                               struct handle_object *object);

/** Takes a card out of its context's list; one that is not in it is allowed. */
void bridge_context_remove_card(struct bridge_context *context, struct context_card *card);

/** The handle of any card still connected in a context, 0 where there is none. */
uint32_t bridge_context_any_card(struct bridge_context *context);

/** Enters a wait into its context. @retval false the context is released. */
bool bridge_context_begin_wait(struct bridge_context *context, struct bridge_wait *wait);

void bridge_context_end_wait(struct bridge_context *context, struct bridge_wait *wait);

bool bridge_context_wait_is_cancelled(struct bridge_context *context,
                                      const struct bridge_wait *wait);

/** Ends all waits of a context: asks pcsc-lite again until each has noticed. */
void bridge_context_cancel_waits(struct bridge_context *context);

#endif
