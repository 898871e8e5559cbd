/*
 * bridge_connection - connecting to cards and disconnecting.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardConnect, SCardDisconnect, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_connection.h"

#include <string.h>

#include "wine/bridge_readers.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"

/** How long releasing a context or ending a process waits for each card left connected. */
#define ABANDON_LIMIT_MS 2000u

bool bridge_connection_share_is_valid(uint32_t share)
{
    return share >= SHARE_EXCLUSIVE && share <= SHARE_DIRECT;
}

static void card_destroy(struct handle_object *object)
{
    struct bridge_card *card = (struct bridge_card *)object;

    if (card->channel_use == CHANNEL_REUSABLE && !card->is_spoilt)
        lite_channel_give(&card->channel);
    else if (card->channel_use != CHANNEL_CLOSED)
        lite_channel_drop(&card->channel);
    share_claim_give(&card->claim);
    system_lock_destroy(&card->lock);
    system_lock_destroy(&card->reconnecting);
    bridge_context_give(card->context);
    system_free(card);
}

/** Whether a program outside Wine has the reader in use: asked before a direct connection. */
static bool is_used_elsewhere(struct lite_channel *channel, const char *name)
{
    struct unix_reader_state state = { .reader = unix_address_of(name) };
    struct unix_status_change call = { .context = channel->context,
                                       .states = unix_address_of(&state),
                                       .count = 1 };
    struct lite_result result;
    int mistakes = 0;

    do
        result = lite_channel_call(channel, UNIX_STATUS_CHANGE, &call, &call.result);
    while (lite_is(result, SC_E_UNKNOWN_READER) && ++mistakes < BRIDGE_MISTAKES_MAX);
    return lite_ok(result) && (state.event_state & (STATE_EXCLUSIVE | STATE_INUSE));
}

struct winscard_result bridge_connection_connect_lite(struct lite_channel *channel,
                                                      const char *name, uint32_t share,
                                                      uint32_t lite_protocols, int64_t *lite_card,
                                                      uint32_t *protocol)
{
    struct unix_connect call = { .context = channel->context,
                                 .reader = unix_address_of(name),
                                 .share = share,
                                 .protocols = lite_protocols };
    struct lite_result result = lite_channel_call(channel, UNIX_CONNECT, &call, &call.result);

    for (int i = 0; i < BRIDGE_MISTAKES_MAX && lite_is(result, SC_E_UNKNOWN_READER); i++)
    {
        char found[LITE_NAME_CAPACITY];
        struct winscard_result is_there;

        memcpy(found, name, strlen(name) + 1);
        is_there = bridge_readers_find_now(channel, found);
        if (!winscard_ok(is_there)) return is_there;
        if (memcmp(found, name, strlen(name)) != 0) return winscard_code(SC_E_UNKNOWN_READER);
        result = lite_channel_call(channel, UNIX_CONNECT, &call, &call.result);
    }
    if (lite_is(result, SC_E_UNKNOWN_READER)) return winscard_code(SC_E_READER_UNAVAILABLE);
    if (lite_is(result, SC_W_UNPOWERED_CARD)) return winscard_code(SC_W_UNRESPONSIVE_CARD);
    if (!lite_ok(result)) return lite_channel_result(channel->epoch, result);
    *lite_card = call.card;
    *protocol = share == SHARE_DIRECT ? 0 : difference_protocol_from_lite(call.protocol);
    return WINSCARD_OK;
}

void bridge_connection_disconnect_lite(struct lite_channel *channel, int64_t lite_card,
                                       uint32_t disposition)
{
    struct unix_disposition call = { .card = lite_card, .disposition = disposition };
    lite_channel_call(channel, UNIX_DISCONNECT, &call, &call.result);
}

static struct winscard_result connect_card(struct bridge_card *card, const char *name,
                                           uint32_t lite_protocols)
{
    bool is_direct = card->share == SHARE_DIRECT;
    struct winscard_result result = share_claim_take(&card->claim, card->lite_name, is_direct);

    if (!winscard_ok(result)) return result;
    if (is_direct && is_used_elsewhere(&card->channel, name))
        return winscard_code(SC_E_SHARING_VIOLATION);
    return bridge_connection_connect_lite(&card->channel, name, card->share, lite_protocols,
                                          &card->lite_card, &card->protocol);
}

/** The same by the name that the service has for the reader, where it is in another case. */
static struct winscard_result connect_card_by_found_name(struct bridge_card *card,
                                                         char name[LITE_NAME_CAPACITY],
                                                         uint32_t lite_protocols)
{
    struct winscard_result result = bridge_readers_find_now(&card->channel, name);

    if (!winscard_ok(result)) return result;
    share_claim_give(&card->claim);
    utf8_to_utf16(card->lite_name, name, strlen(name) + 1);
    return connect_card(card, name, lite_protocols);
}

/** A client that wrote the name in another case is told the proper one. */
static void correct_shown_name(struct bridge_card *card)
{
    uint16_t proper[READER_NAME_CAPACITY];

    reader_name_from_lite(&bridge.names, card->lite_name, proper);
    if (text_equal_ignoring_case(card->shown_name, proper))
        text_copy(card->shown_name, READER_NAME_CAPACITY, proper);
}

/** Makes a card in a context the caller has a reference to; the card takes one of its own. */
static struct winscard_result connect_in_context(struct bridge_context *context,
                                                 const uint16_t *reader, const uint16_t *shown,
                                                 uint32_t share, uint32_t lite_protocols,
                                                 uint32_t *handle, uint32_t *protocol)
{
    struct bridge_card *card = system_alloc(sizeof(*card));
    char name[LITE_NAME_CAPACITY];
    struct winscard_result result;

    if (!card) return winscard_code(SC_E_NO_MEMORY);
    if (!bridge_readers_lite_name(context->epoch, reader, card->lite_name, name))
        result = winscard_code(SC_E_UNKNOWN_READER);
    else
        result = lite_channel_take_for_card(context->epoch, &card->channel);
    if (!winscard_ok(result))
    {
        system_free(card);
        return result;
    }
    system_lock_init(&card->lock);
    system_lock_init(&card->reconnecting);
    handle_object_use(&bridge.handles, &context->object);
    card->context = context;
    card->object.refs = 1;
    card->object.destroy = card_destroy;
    card->share = share;
    text_copy(card->shown_name, READER_NAME_CAPACITY, shown);

    result = connect_card(card, name, lite_protocols);
    if (winscard_is(result, SC_E_UNKNOWN_READER))
        result = connect_card_by_found_name(card, name, lite_protocols);
    if (winscard_ok(result))
    {
        correct_shown_name(card);
        *protocol = card->protocol;
        result = bridge_context_add_card(context, &card->in_context, &card->object);
        if (winscard_ok(result))
        {
            *handle = card->in_context.handle;
            return WINSCARD_OK;
        }
        bridge_connection_disconnect_lite(&card->channel, card->lite_card, LEAVE_CARD);
    }
    if (!winscard_is(result, SC_E_SERVICE_STOPPED)) card->channel_use = CHANNEL_REUSABLE;
    bridge_card_give(card);
    return result;
}

struct winscard_result bridge_connect(uintptr_t context_handle, const uint16_t *reader,
                                      const uint16_t *shown, uint32_t share, uint32_t protocols,
                                      uint32_t *card, uint32_t *protocol)
{
    struct bridge_context *context = bridge_context_use(context_handle);
    uint32_t lite_protocols = difference_protocols_to_lite(protocols);
    struct winscard_result result;

    *card = 0;
    *protocol = 0;
    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    if (!bridge_connection_share_is_valid(share))
        result = winscard_code(SC_E_INVALID_VALUE);
    else if (share != SHARE_DIRECT && lite_protocols == 0)
        result = winscard_code(SC_E_PROTO_MISMATCH);
    else
        result = connect_in_context(context, reader, shown, share, lite_protocols, card, protocol);
    bridge_context_give(context);
    return result;
}

/** Closes a card's handle and takes it out of its context; the caller gets the reference. */
static struct bridge_card *close_card(uintptr_t handle)
{
    struct bridge_card *card =
        (struct bridge_card *)handle_table_close(&bridge.handles, HANDLE_CARD, handle);

    if (!card) return NULL;
    bridge_context_remove_card(card->context, &card->in_context);
    system_lock_take(&card->lock);
    card->is_closed = true;
    system_lock_give(&card->lock);
    return card;
}

struct winscard_result bridge_disconnect(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    struct winscard_result result;

    if (disposition > EJECT_CARD)
    {
        card = bridge_card_use(handle);
        if (!card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
        bridge_card_give(card);
        return winscard_code(SC_E_INVALID_VALUE);
    }
    card = close_card(handle);
    if (!card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);

    bridge_card_wait_for_calls(card, 0);
    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    result = winscard_code(SC_E_SERVICE_STOPPED);
    if (lite_epoch_is_current(card->channel.epoch))
        result = lite_channel_result(
            card->channel.epoch,
            lite_channel_call(&card->channel, UNIX_DISCONNECT, &call, &call.result));
    /* The channel can serve again only if nothing is left in it. */
    system_lock_take(&card->lock);
    card->channel_use = winscard_ok(result) ? CHANNEL_REUSABLE : CHANNEL_SPOILT;
    system_lock_give(&card->lock);
    bridge_card_give(card);
    return result;
}

void bridge_connection_abandon(uintptr_t handle)
{
    struct bridge_card *card = close_card(handle);
    struct unix_abandon call = { .disposition = RESET_CARD, .limit_ms = ABANDON_LIMIT_MS };

    if (!card) return;
    bridge_card_wait_for_calls(card, 0);
    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    call.context = card->channel.context;
    if (lite_epoch_is_current(card->channel.epoch))
    {
        struct lite_result result;

        lite_channel_withdraw(&card->channel);
        result = lite_channel_call(&card->channel, UNIX_ABANDON, &call, &call.result);
        /* What could not be done in time is done, to the end, without us. */
        system_lock_take(&card->lock);
        card->channel_use = lite_is(result, SC_E_TIMEOUT) ? CHANNEL_CLOSED : CHANNEL_SPOILT;
        system_lock_give(&card->lock);
    }
    bridge_card_give(card);
}
