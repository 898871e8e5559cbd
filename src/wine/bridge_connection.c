/*
 * bridge_connection - connecting to cards, sharing, reconnecting, disconnecting.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardConnect, SCardReconnect, SCardDisconnect, Microsoft Learn; winscard.h of pcsc-lite.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_private.h"

#include <string.h>

#include "wine/differences.h"

/** How long releasing a context or ending a process waits for each card left connected. */
#define LEAVE_LIMIT_MS 2000u

static bool share_is_valid(uint32_t share)
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
    bridge_give_context(card->context);
    system_free(card);
}

/** Whether a program outside Wine has the reader in use: asked before a direct connection. */
static bool is_used_elsewhere(struct lite_channel *channel, const char *name)
{
    struct unix_reader_state state = { .reader = unix_address_of(name) };
    struct unix_status_change call = { .context = channel->context,
                                       .states = unix_address_of(&state),
                                       .count = 1 };
    return lite_channel_call(channel, UNIX_STATUS_CHANGE, &call, &call.result) == HR_OK &&
           (state.event_state & (STATE_EXCLUSIVE | STATE_INUSE));
}

/** One SCardConnect of pcsc-lite, with its reasons for failing as Windows gives them. */
static scm_result connect_lite(struct lite_channel *channel, const char *name, uint32_t share,
                               uint32_t lite_protocols, int64_t *lite_card, uint32_t *protocol)
{
    struct unix_connect call = { .context = channel->context,
                                 .reader = unix_address_of(name),
                                 .share = share,
                                 .protocols = lite_protocols };
    scm_result result = lite_channel_call(channel, UNIX_CONNECT, &call, &call.result);

    if (result == SC_W_UNPOWERED_CARD) return SC_W_UNRESPONSIVE_CARD;
    if (result != HR_OK) return lite_judge(channel->epoch, result);
    *lite_card = call.card;
    *protocol = share == SHARE_DIRECT ? 0 : difference_protocol_from_lite(call.protocol);
    return HR_OK;
}

static void disconnect_lite(struct lite_channel *channel, int64_t lite_card, uint32_t disposition)
{
    struct unix_disposition call = { .card = lite_card, .disposition = disposition };
    lite_channel_call(channel, UNIX_DISCONNECT, &call, &call.result);
}

/** Gives a connected card its handle and its place in the context. */
static scm_result publish_card(struct bridge_card *card)
{
    struct bridge_context *context = card->context;
    scm_result result = HR_OK;

    system_lock_take(&context->lock);
    if (context->is_released)
        result = WINDOWS_ERROR_INVALID_HANDLE;
    else
        card->handle = handle_table_open(&bridge.handles, HANDLE_CARD, &card->object);
    if (card->handle)
    {
        card->next = context->cards;
        context->cards = card;
    }
    else if (result == HR_OK)
    {
        result = SC_E_NO_MEMORY;
    }
    system_lock_give(&context->lock);
    return result;
}

static scm_result connect_card(struct bridge_card *card, const char *name, uint32_t lite_protocols)
{
    bool is_direct = card->share == SHARE_DIRECT;
    scm_result result = share_claim_take(&card->claim, card->lite_name, is_direct);

    if (result != HR_OK) return result;
    if (is_direct && is_used_elsewhere(&card->channel, name)) return SC_E_SHARING_VIOLATION;
    return connect_lite(&card->channel, name, card->share, lite_protocols, &card->lite_card,
                        &card->protocol);
}

/** Makes a card in a context the caller has a reference to; the card takes one of its own. */
static scm_result connect_in_context(struct bridge_context *context, const uint16_t *reader,
                                     const uint16_t *shown, uint32_t share, uint32_t lite_protocols,
                                     uint32_t *handle, uint32_t *protocol)
{
    struct bridge_card *card = system_alloc(sizeof(*card));
    char name[LITE_NAME_CAPACITY];
    scm_result result;

    if (!card) return SC_E_NO_MEMORY;
    if (!bridge_lite_name(context->epoch, reader, card->lite_name, name))
        result = SC_E_UNKNOWN_READER;
    else
        result = lite_channel_take(context->epoch, &card->channel);
    if (result != HR_OK)
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
    if (result == HR_OK)
    {
        *protocol = card->protocol;
        result = publish_card(card);
        if (result == HR_OK)
        {
            *handle = card->handle;
            return HR_OK;
        }
        disconnect_lite(&card->channel, card->lite_card, LEAVE_CARD);
    }
    if (result != SC_E_SERVICE_STOPPED) card->channel_use = CHANNEL_REUSABLE;
    bridge_give_card(card);
    return result;
}

scm_result bridge_connect(uintptr_t context_handle, const uint16_t *reader, const uint16_t *shown,
                          uint32_t share, uint32_t protocols, uint32_t *card, uint32_t *protocol)
{
    struct bridge_context *context = bridge_use_context(context_handle);
    uint32_t lite_protocols = difference_protocols_to_lite(protocols);
    scm_result result;

    *card = 0;
    *protocol = 0;
    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    if (!share_is_valid(share))
        result = SC_E_INVALID_VALUE;
    else if (share != SHARE_DIRECT && lite_protocols == 0)
        result = SC_E_PROTO_MISMATCH;
    else
        result = connect_in_context(context, reader, shown, share, lite_protocols, card, protocol);
    bridge_give_context(context);
    return result;
}

/** Closes a card's handle and takes it out of its context; the caller gets the reference. */
static struct bridge_card *close_card(uintptr_t handle)
{
    struct bridge_card *card =
        (struct bridge_card *)handle_table_close(&bridge.handles, HANDLE_CARD, handle);
    struct bridge_context *context;

    if (!card) return NULL;
    context = card->context;
    system_lock_take(&context->lock);
    for (struct bridge_card **at = &context->cards; *at; at = &(*at)->next)
    {
        if (*at != card) continue;
        *at = card->next;
        break;
    }
    system_lock_give(&context->lock);
    system_lock_take(&card->lock);
    card->is_closed = true;
    system_lock_give(&card->lock);
    return card;
}

scm_result bridge_disconnect(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    scm_result result;

    if (disposition > EJECT_CARD)
    {
        card = bridge_use_card(handle);
        if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
        bridge_give_card(card);
        return SC_E_INVALID_VALUE;
    }
    card = close_card(handle);
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;

    bridge_wait_for_calls(card, 0);
    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    result = lite_epoch_is_current(card->channel.epoch)
                 ? lite_channel_call(&card->channel, UNIX_DISCONNECT, &call, &call.result)
                 : SC_E_SERVICE_STOPPED;
    /* The channel can serve again only if nothing is left in it. */
    system_lock_take(&card->lock);
    card->channel_use = result == HR_OK ? CHANNEL_REUSABLE : CHANNEL_SPOILT;
    system_lock_give(&card->lock);
    result = lite_judge(card->channel.epoch, result);
    bridge_give_card(card);
    return result;
}

void bridge_leave_card(uintptr_t handle)
{
    struct bridge_card *card = close_card(handle);
    struct unix_leave call = { .disposition = RESET_CARD, .limit_ms = LEAVE_LIMIT_MS };

    if (!card) return;
    bridge_wait_for_calls(card, 0);
    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    call.context = card->channel.context;
    if (lite_epoch_is_current(card->channel.epoch))
    {
        scm_result result;

        lite_channel_withdraw(&card->channel);
        result = lite_channel_call(&card->channel, UNIX_LEAVE, &call, &call.result);
        /* What could not be done in time is done, to the end, without us. */
        system_lock_take(&card->lock);
        card->channel_use = result == SC_E_TIMEOUT ? CHANNEL_CLOSED : CHANNEL_SPOILT;
        system_lock_give(&card->lock);
    }
    bridge_give_card(card);
}

/* ---- Reconnecting ---- */

/**
 * The transactions a reconnected handle had are over, whatever pcsc-lite thinks. The lock that makes
 * an exclusive connection exclusive is one more; pcscd may leave it behind when that ends.
 */
static void drop_transactions(struct bridge_card *card, int64_t lite_card, bool was_exclusive)
{
    uint32_t count;

    system_lock_take(&card->lock);
    count = card->transactions + card->stuck_transactions + was_exclusive;
    card->transactions = card->stuck_transactions = 0;
    system_lock_give(&card->lock);
    while (count--)
    {
        struct unix_disposition call = { .card = lite_card, .disposition = LEAVE_CARD };
        lite_channel_call(&card->channel, UNIX_END, &call, &call.result);
    }
}

/** One SCardReconnect of pcsc-lite. */
static scm_result reconnect_lite(struct bridge_card *card, int64_t lite_card, uint32_t share,
                                 uint32_t lite_protocols, uint32_t initialization,
                                 uint32_t *protocol)
{
    struct unix_reconnect call = { .card = lite_card,
                                   .share = share,
                                   .protocols = lite_protocols,
                                   .initialization = initialization };
    scm_result result = lite_channel_call(&card->channel, UNIX_RECONNECT, &call, &call.result);

    if (result != HR_OK) return bridge_judge_card(card, result);
    *protocol = difference_protocol_from_lite(call.protocol);
    return HR_OK;
}

/** Lets no more calls in until the connection is replaced, and those inside out. */
static void begin_changing(struct bridge_card *card)
{
    system_lock_take(&card->lock);
    card->is_changing = true;
    system_lock_give(&card->lock);
    bridge_wait_for_calls(card, 1); /* this one */
}

/**
 * Connects again in another share mode, or else in the old one.
 *
 * For what pcsc-lite's SCardReconnect does not do. To become exclusive it would wait, without end,
 * for all others to leave; SCardConnect says at once that there are others. And after a direct
 * connection, only SCardConnect powers the card. A card in use keeps its power meanwhile: pcscd
 * takes that away only some time after the last connection has ended.
 */
static scm_result connect_again(struct bridge_card *card, uint32_t *share, int64_t *lite_card,
                                uint32_t lite_protocols, uint32_t *protocol)
{
    char name[LITE_NAME_CAPACITY];
    uint32_t old_share = card->share == SHARE_DIRECT ? SHARE_DIRECT : SHARE_SHARED;
    scm_result result, again;

    text_to_utf8(name, sizeof(name), card->lite_name);
    begin_changing(card);
    disconnect_lite(&card->channel, *lite_card, LEAVE_CARD);
    result = connect_lite(&card->channel, name, *share, lite_protocols, lite_card, protocol);
    if (result == HR_OK) return HR_OK;
    *share = old_share;
    again = connect_lite(&card->channel, name, old_share, lite_protocols, lite_card, protocol);
    return again == HR_OK ? result : again;
}

/** The claim that a share mode wants, in place of another's; where that fails, the old one stays. */
static scm_result change_claim(struct bridge_card *card, uint32_t from, uint32_t to)
{
    bool was_direct = from == SHARE_DIRECT, is_direct = to == SHARE_DIRECT;
    scm_result result;

    if (was_direct == is_direct) return HR_OK;
    share_claim_give(&card->claim);
    result = share_claim_take(&card->claim, card->lite_name, is_direct);
    if (result != HR_OK) share_claim_take(&card->claim, card->lite_name, was_direct);
    return result;
}

/** Whether the card of a connection was taken out since; another one may be in the reader by now. */
static bool was_removed(struct bridge_card *card, int64_t lite_card)
{
    struct unix_status call;
    return bridge_lite_status(card, lite_card, &call) == SC_W_REMOVED_CARD;
}

/** Whether a connection keeps other programs from the card. */
static bool keeps_others_out(struct bridge_card *card)
{
    bool keeps;

    system_lock_take(&card->lock);
    keeps = card->share == SHARE_EXCLUSIVE || card->transactions || card->stuck_transactions;
    system_lock_give(&card->lock);
    return keeps;
}

/**
 * A shared connection whose card was taken out, made once more beside the old one and in its place.
 *
 * pcscd powers a card that is put in, and takes its power away 400 ms later where nobody connects. Its
 * SCardReconnect does not give that back, and counts the card as in use, so that even SCardConnect
 * leaves it without from then on. SCardConnect alone powers it, and leaves a card as it is that
 * another program has begun to work with.
 */
static scm_result connect_beside(struct bridge_card *card, int64_t *lite_card,
                                 uint32_t lite_protocols, uint32_t *protocol)
{
    char name[LITE_NAME_CAPACITY];
    int64_t beside;
    scm_result result;

    text_to_utf8(name, sizeof(name), card->lite_name);
    result = connect_lite(&card->channel, name, SHARE_SHARED, lite_protocols, &beside, protocol);
    if (result != HR_OK) return result;
    begin_changing(card);
    disconnect_lite(&card->channel, *lite_card, LEAVE_CARD);
    *lite_card = beside;
    return HR_OK;
}

static scm_result reconnect_card(struct bridge_card *card, int64_t lite_card, uint32_t share,
                                 uint32_t lite_protocols, uint32_t initialization,
                                 uint32_t *protocol)
{
    uint32_t old_share = card->share, new_share = share, new_protocol = 0;
    bool was_direct = old_share == SHARE_DIRECT, is_direct = share == SHARE_DIRECT;
    bool becomes_exclusive = share == SHARE_EXCLUSIVE && old_share != SHARE_EXCLUSIVE;
    bool is_connected_again = becomes_exclusive || (was_direct && !is_direct);
    bool is_beside = false;
    scm_result result = change_claim(card, old_share, share);

    if (result != HR_OK) return result;
    if (initialization == LEAVE_CARD && !was_direct && !is_direct && was_removed(card, lite_card))
    {
        /* What is in the reader now wants power; where others cannot use it yet, a reset gives it. */
        if (keeps_others_out(card))
            initialization = RESET_CARD;
        else
            is_beside = true;
    }
    if (is_beside) result = connect_beside(card, &lite_card, lite_protocols, &new_protocol);
    /* First what pcsc-lite does: the reset, if one is wanted, and forgetting what happened. */
    else if (!was_direct || initialization != LEAVE_CARD || !is_connected_again)
        result = reconnect_lite(card, lite_card, is_connected_again ? old_share : share,
                                lite_protocols, initialization, &new_protocol);
    if (result != HR_OK)
    {
        change_claim(card, share, old_share);
        return result;
    }
    drop_transactions(card, lite_card, old_share == SHARE_EXCLUSIVE && share != SHARE_EXCLUSIVE);
    if (is_connected_again)
    {
        result = connect_again(card, &new_share, &lite_card, lite_protocols, &new_protocol);
        if (result != HR_OK) change_claim(card, share, new_share);
    }
    system_lock_take(&card->lock);
    card->is_changing = false;
    /* Disconnected by another thread, which knew of the old connection only. */
    if (card->is_closed && (is_beside || is_connected_again)) card->is_spoilt = true;
    card->lite_card = lite_card;
    card->share = new_share;
    card->protocol = new_share == SHARE_DIRECT ? 0 : new_protocol;
    if (result == HR_OK) *protocol = card->protocol;
    system_lock_give(&card->lock);
    return result;
}

scm_result bridge_reconnect(uintptr_t handle, uint32_t share, uint32_t protocols,
                            uint32_t initialization, uint32_t *protocol)
{
    uint32_t lite_protocols = difference_protocols_to_lite(protocols);
    struct bridge_card *card;
    int64_t lite_card;
    scm_result result = bridge_enter_to_wait(handle, &card, &lite_card);

    *protocol = 0;
    if (result != HR_OK) return result;
    if (!share_is_valid(share) || initialization > UNPOWER_CARD)
        result = SC_E_INVALID_VALUE;
    else if (share != SHARE_DIRECT && lite_protocols == 0)
        result = SC_E_PROTO_MISMATCH;
    else
    {
        struct bridge_card *same;

        system_lock_take(&card->reconnecting);
        /* After another reconnection, which may have changed the card's handle. */
        result = bridge_enter_card(handle, &same, &lite_card);
        if (result == HR_OK)
        {
            result =
                reconnect_card(card, lite_card, share, lite_protocols, initialization, protocol);
            bridge_exit_card(same);
        }
        system_lock_give(&card->reconnecting);
    }
    bridge_give_card(card);
    return result;
}
