/*
 * bridge_context - contexts: their handles, and the cards and waits in each.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: SCardEstablishContext, SCardIsValidContext, SCardCancel, Microsoft Learn
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_context.h"

#include "wine/bridge_session.h"
#include "wine/differences.h"

#define SCOPE_LAST 2u

/** A cancelled wait that has not ended yet is asked again after this. */
#define CANCEL_REPEAT_MS 5u

struct bridge_state bridge;

struct bridge_context *bridge_context_use(uintptr_t handle)
{
    return (struct bridge_context *)handle_table_use(&bridge.handles, HANDLE_CONTEXT, handle);
}

void bridge_context_give(struct bridge_context *context)
{
    handle_object_give(&bridge.handles, &context->object);
}

static void context_destroy(struct handle_object *object)
{
    struct bridge_context *context = (struct bridge_context *)object;
    lite_channels_leave();
    system_lock_destroy(&context->lock);
    system_free(context);
}

struct winscard_result bridge_establish(uint32_t scope, uint32_t *handle)
{
    struct bridge_context *context;
    struct winscard_result result;

    *handle = 0;
    if (scope > SCOPE_LAST) return winscard_code(SC_E_INVALID_VALUE);
    context = system_alloc(sizeof(*context));
    if (!context) return winscard_code(SC_E_NO_MEMORY);
    result = lite_channels_join(&context->epoch);
    if (!winscard_ok(result))
    {
        system_free(context);
        return result;
    }
    system_lock_init(&context->lock);
    context->object.refs = 1;
    context->object.destroy = context_destroy;
    *handle = handle_table_open(&bridge.handles, HANDLE_CONTEXT, &context->object);
    if (*handle == 0)
    {
        context_destroy(&context->object);
        return winscard_code(SC_E_NO_MEMORY);
    }
    return WINSCARD_OK;
}

struct winscard_result bridge_check(uintptr_t handle)
{
    struct bridge_context *context = bridge_context_use(handle);
    struct winscard_result result;

    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    result =
        lite_epoch_is_current(context->epoch) ? WINSCARD_OK : winscard_code(SC_E_SERVICE_STOPPED);
    bridge_context_give(context);
    return result;
}

struct bridge_context *bridge_context_close(uintptr_t handle)
{
    struct bridge_context *context =
        (struct bridge_context *)handle_table_close(&bridge.handles, HANDLE_CONTEXT, handle);

    if (!context) return NULL;
    system_lock_take(&context->lock);
    context->is_released = true;
    system_lock_give(&context->lock);
    return context;
}

/* ---- Its cards ---- */

struct winscard_result bridge_context_add_card(struct bridge_context *context,
                                               struct context_card *card,
                                               struct handle_object *object)
{
    struct winscard_result result = WINSCARD_OK;

    system_lock_take(&context->lock);
    if (context->is_released)
        result = winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    else
        card->handle = handle_table_open(&bridge.handles, HANDLE_CARD, object);
    if (card->handle)
    {
        card->next = context->cards;
        context->cards = card;
    }
    else if (winscard_ok(result))
    {
        result = winscard_code(SC_E_NO_MEMORY);
    }
    system_lock_give(&context->lock);
    return result;
}

void bridge_context_remove_card(struct bridge_context *context, struct context_card *card)
{
    system_lock_take(&context->lock);
    for (struct context_card **at = &context->cards; *at; at = &(*at)->next)
    {
        if (*at != card) continue;
        *at = card->next;
        break;
    }
    system_lock_give(&context->lock);
}

uint32_t bridge_context_any_card(struct bridge_context *context)
{
    uint32_t handle;

    system_lock_take(&context->lock);
    handle = context->cards ? context->cards->handle : 0;
    system_lock_give(&context->lock);
    return handle;
}

/* ---- Its waits ---- */

bool bridge_context_begin_wait(struct bridge_context *context, struct bridge_wait *wait)
{
    bool may_wait;

    system_lock_take(&context->lock);
    may_wait = !context->is_released;
    if (may_wait)
    {
        wait->next = context->waits;
        context->waits = wait;
    }
    system_lock_give(&context->lock);
    return may_wait;
}

void bridge_context_end_wait(struct bridge_context *context, struct bridge_wait *wait)
{
    system_lock_take(&context->lock);
    for (struct bridge_wait **at = &context->waits; *at; at = &(*at)->next)
    {
        if (*at != wait) continue;
        *at = wait->next;
        break;
    }
    system_lock_give(&context->lock);
}

bool bridge_context_wait_is_cancelled(struct bridge_context *context,
                                      const struct bridge_wait *wait)
{
    bool is_cancelled;

    system_lock_take(&context->lock);
    is_cancelled = wait->is_cancelled;
    system_lock_give(&context->lock);
    return is_cancelled;
}

void bridge_context_cancel_waits(struct bridge_context *context)
{
    struct bridge_wait *wait;

    system_lock_take(&context->lock);
    for (wait = context->waits; wait; wait = wait->next)
        wait->is_cancelled = true;
    for (;;)
    {
        bool any = false;
        for (wait = context->waits; wait; wait = wait->next)
        {
            if (!wait->is_cancelled) continue; /* begun after this cancel */
            any = true;
            lite_channel_cancel(wait->channel);
        }
        if (!any) break;
        /* A cancel that arrives before pcsc-lite waits is lost: ask again, unless it has ended. */
        system_lock_give(&context->lock);
        system_pause_ms(CANCEL_REPEAT_MS);
        system_lock_take(&context->lock);
    }
    system_lock_give(&context->lock);
}

struct winscard_result bridge_cancel(uintptr_t handle)
{
    struct bridge_context *context = bridge_context_use(handle);

    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    bridge_context_cancel_waits(context);
    bridge_context_give(context);
    return WINSCARD_OK;
}
