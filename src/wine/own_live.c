/*
 * own_live - the contexts and cards that are open in Wine's own winscard.dll.
 * Layer: wine bridge (below the border; knows neither Windows nor pcsc-lite).
 * SPDX-License-Identifier: MIT
 */
#include "wine/own_live.h"

static struct
{
    struct system_lock lock;
    struct own_live *first;
    int64_t last_number;
} list;

void own_live_init(void)
{
    system_lock_init(&list.lock);
    list.first = NULL;
}

int64_t own_live_add(enum own_kind kind, uintptr_t handle, int64_t context)
{
    struct own_live *live = system_alloc(sizeof(*live));

    if (!live) return 0;
    live->kind = kind;
    live->handle = handle;
    live->context = context;
    system_lock_take(&list.lock);
    live->number = ++list.last_number;
    live->next = list.first;
    list.first = live;
    system_lock_give(&list.lock);
    return live->number;
}

static struct own_live *find_locked(enum own_kind kind, int64_t number)
{
    struct own_live *live = list.first;

    while (live && (live->number != number || live->kind != kind))
        live = live->next;
    return live;
}

struct own_live *own_live_enter(enum own_kind kind, int64_t number)
{
    struct own_live *live;

    system_lock_take(&list.lock);
    live = find_locked(kind, number);
    if (live) live->users++;
    system_lock_give(&list.lock);
    return live;
}

void own_live_leave(struct own_live *live)
{
    bool is_last;

    system_lock_take(&list.lock);
    is_last = --live->users == 0 && live->is_closed;
    system_lock_give(&list.lock);
    if (!is_last) return;
    if (live->has_event) system_event_destroy(&live->cancelled);
    system_free(live);
}

bool own_live_is_closed(const struct own_live *live)
{
    bool is_closed;

    system_lock_take(&list.lock);
    is_closed = live->is_closed;
    system_lock_give(&list.lock);
    return is_closed;
}

/* Out of the list, with the caller counted in. */
static void take_out_locked(struct own_live *live)
{
    struct own_live **at = &list.first;

    while (*at != live)
        at = &(*at)->next;
    *at = live->next;
    live->is_closed = true;
    live->users++;
}

/* The same of any card of a context; NULL where none is left. */
static struct own_live *take_out_card(int64_t context)
{
    struct own_live *card;

    system_lock_take(&list.lock);
    card = list.first;
    while (card && (card->kind != OWN_CARD || card->context != context))
        card = card->next;
    if (card) take_out_locked(card);
    system_lock_give(&list.lock);
    return card;
}

static void wait_for_others(struct own_live *live)
{
    bool is_alone;

    do
    {
        system_lock_take(&list.lock);
        is_alone = live->users == 1;
        system_lock_give(&list.lock);
        if (!is_alone) system_pause_ms(1);
    } while (!is_alone);
}

struct own_live *own_live_close(enum own_kind kind, int64_t number)
{
    struct own_live *live, *card;

    system_lock_take(&list.lock);
    live = find_locked(kind, number);
    if (live) take_out_locked(live);
    system_lock_give(&list.lock);
    if (!live) return NULL;
    wait_for_others(live);
    while (kind == OWN_CONTEXT && (card = take_out_card(number)) != NULL)
    {
        wait_for_others(card);
        own_live_leave(card);
    }
    return live;
}

bool own_live_begin_wait(struct own_live *context)
{
    /* Most contexts never wait, and an event costs Wine's server two turns. */
    if (!context->has_event && !system_event_init(&context->cancelled)) return false;
    context->has_event = true;
    system_lock_take(&list.lock);
    system_event_clear(&context->cancelled);
    context->is_waiting = true;
    system_lock_give(&list.lock);
    return true;
}

void own_live_end_wait(struct own_live *context)
{
    system_lock_take(&list.lock);
    context->is_waiting = false;
    system_lock_give(&list.lock);
}

void own_live_cancel(struct own_live *context)
{
    system_lock_take(&list.lock);
    if (context->is_waiting) system_event_set(&context->cancelled);
    system_lock_give(&list.lock);
}
