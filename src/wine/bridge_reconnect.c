/*
 * bridge_reconnect - reconnecting: another share mode, a reset, a new card.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any; of one card one at a time.
 * Reference: SCardReconnect, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_connection.h"

#include "wine/bridge_readers.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"

/**
 * The transactions a reconnected handle had are over, whatever pcsc-lite thinks. The lock that
 * makes an exclusive connection exclusive is one more; pcscd may leave it behind when that ends.
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
static struct winscard_result reconnect_lite(struct bridge_card *card, int64_t lite_card,
                                             uint32_t share, uint32_t lite_protocols,
                                             uint32_t initialization, uint32_t *protocol)
{
    struct unix_reconnect call = { .card = lite_card,
                                   .share = share,
                                   .protocols = lite_protocols,
                                   .initialization = initialization };
    struct lite_result result =
        lite_channel_call(&card->channel, UNIX_RECONNECT, &call, &call.result);

    if (!lite_ok(result)) return bridge_card_result(card, result);
    *protocol = difference_protocol_from_lite(call.protocol);
    return WINSCARD_OK;
}

/** Lets no more calls in until the connection is replaced, and those inside out. */
static void begin_changing(struct bridge_card *card)
{
    system_lock_take(&card->lock);
    card->is_changing = true;
    system_lock_give(&card->lock);
    bridge_card_wait_for_calls(card, 1); /* this one */
}

/**
 * Connects again in another share mode, or else in the old one.
 *
 * For what pcsc-lite's SCardReconnect does not do. To become exclusive it would wait, without end,
 * for all others to leave; SCardConnect says at once that there are others. And after a direct
 * connection, only SCardConnect powers the card. A card in use keeps its power meanwhile: pcscd
 * takes that away only some time after the last connection has ended.
 */
static struct winscard_result connect_again(struct bridge_card *card, uint32_t *share,
                                            int64_t *lite_card, uint32_t lite_protocols,
                                            uint32_t *protocol)
{
    char name[LITE_NAME_CAPACITY];
    uint32_t old_share = card->share == SHARE_DIRECT ? SHARE_DIRECT : SHARE_SHARED;
    struct winscard_result result, again;

    text_to_utf8(name, sizeof(name), card->lite_name);
    begin_changing(card);
    bridge_connection_disconnect_lite(&card->channel, *lite_card, LEAVE_CARD);
    result = bridge_connection_connect_lite(&card->channel, name, *share, lite_protocols, lite_card,
                                            protocol);
    if (winscard_ok(result)) return WINSCARD_OK;
    *share = old_share;
    again = bridge_connection_connect_lite(&card->channel, name, old_share, lite_protocols,
                                           lite_card, protocol);
    return winscard_ok(again) ? result : again;
}

/** The claim that a share mode wants, in place of another's; failing, the old one stays. */
static struct winscard_result change_claim(struct bridge_card *card, uint32_t from, uint32_t to)
{
    bool was_direct = from == SHARE_DIRECT, is_direct = to == SHARE_DIRECT;
    struct winscard_result result;

    if (was_direct == is_direct) return WINSCARD_OK;
    share_claim_give(&card->claim);
    result = share_claim_take(&card->claim, card->lite_name, is_direct);
    if (!winscard_ok(result)) share_claim_take(&card->claim, card->lite_name, was_direct);
    return result;
}

/** Whether the card of a connection was taken out since; another one may be there by now. */
static bool was_removed(struct bridge_card *card, int64_t lite_card)
{
    struct unix_status call;
    return winscard_is(bridge_card_lite_status(card, lite_card, &call), SC_W_REMOVED_CARD);
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
 * pcscd powers a card that is put in, and takes its power away 400 ms later where nobody connects.
 * Its SCardReconnect does not give that back, and counts the card as in use, so that even
 * SCardConnect leaves it without from then on. SCardConnect alone powers it, and leaves a card as
 * it is that another program has begun to work with.
 */
static struct winscard_result connect_beside(struct bridge_card *card, int64_t *lite_card,
                                             uint32_t lite_protocols, uint32_t *protocol)
{
    char name[LITE_NAME_CAPACITY];
    int64_t beside;
    struct winscard_result result;

    text_to_utf8(name, sizeof(name), card->lite_name);
    result = bridge_connection_connect_lite(&card->channel, name, SHARE_SHARED, lite_protocols,
                                            &beside, protocol);
    if (!winscard_ok(result)) return result;
    begin_changing(card);
    bridge_connection_disconnect_lite(&card->channel, *lite_card, LEAVE_CARD);
    *lite_card = beside;
    return WINSCARD_OK;
}

static struct winscard_result reconnect_card(struct bridge_card *card, int64_t lite_card,
                                             uint32_t share, uint32_t lite_protocols,
                                             uint32_t initialization, uint32_t *protocol)
{
    uint32_t old_share = card->share, new_share = share, new_protocol = 0;
    bool was_direct = old_share == SHARE_DIRECT, is_direct = share == SHARE_DIRECT;
    bool becomes_exclusive = share == SHARE_EXCLUSIVE && old_share != SHARE_EXCLUSIVE;
    bool is_connected_again = becomes_exclusive || (was_direct && !is_direct);
    bool is_beside = false;
    struct winscard_result result = change_claim(card, old_share, share);

    if (!winscard_ok(result)) return result;
    if (initialization == LEAVE_CARD && !was_direct && !is_direct && was_removed(card, lite_card))
    {
        /* The new card wants power; where others cannot use it yet, a reset gives it. */
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
    if (!winscard_ok(result))
    {
        change_claim(card, share, old_share);
        return result;
    }
    drop_transactions(card, lite_card, old_share == SHARE_EXCLUSIVE && share != SHARE_EXCLUSIVE);
    if (is_connected_again)
    {
        result = connect_again(card, &new_share, &lite_card, lite_protocols, &new_protocol);
        if (!winscard_ok(result)) change_claim(card, share, new_share);
    }
    system_lock_take(&card->lock);
    card->is_changing = false;
    /* Disconnected by another thread, which knew of the old connection only. */
    if (card->is_closed && (is_beside || is_connected_again)) card->is_spoilt = true;
    card->lite_card = lite_card;
    card->share = new_share;
    card->protocol = new_share == SHARE_DIRECT ? 0 : new_protocol;
    if (winscard_ok(result)) *protocol = card->protocol;
    system_lock_give(&card->lock);
    return result;
}

struct winscard_result bridge_reconnect(uintptr_t handle, uint32_t share, uint32_t protocols,
                                        uint32_t initialization, uint32_t *protocol)
{
    uint32_t lite_protocols = difference_protocols_to_lite(protocols);
    struct bridge_card *card;
    int64_t lite_card;
    struct winscard_result result = bridge_card_enter_to_wait(handle, &card, &lite_card);

    *protocol = 0;
    if (!winscard_ok(result)) return result;
    if (!bridge_connection_share_is_valid(share) || initialization > UNPOWER_CARD)
        result = winscard_code(SC_E_INVALID_VALUE);
    else if (share != SHARE_DIRECT && lite_protocols == 0)
        result = winscard_code(SC_E_PROTO_MISMATCH);
    else
    {
        struct bridge_card *same;

        system_lock_take(&card->reconnecting);
        /* After another reconnection, which may have changed the card's handle. */
        result = bridge_card_enter(handle, &same, &lite_card);
        if (winscard_ok(result))
        {
            result =
                reconnect_card(card, lite_card, share, lite_protocols, initialization, protocol);
            bridge_card_exit(same);
        }
        system_lock_give(&card->reconnecting);
    }
    bridge_card_give(card);
    return result;
}
