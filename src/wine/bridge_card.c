/*
 * bridge_card - calls on a connected card: who is inside, and what pcsc-lite's answer means.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_card.h"

#include <string.h>

#include "wine/differences.h"

/** pcscd looks for a card twice in this time: a removal is known then. */
#define REMOVAL_NOTICED_MS 800u
#define REMOVAL_LOOK_MS    50u

/** How long ending a connection waits for other threads' calls with it. */
#define CALLS_END_LIMIT_MS 2000u

struct bridge_card *bridge_card_use(uintptr_t handle)
{
    return (struct bridge_card *)handle_table_use(&bridge.handles, HANDLE_CARD, handle);
}

void bridge_card_give(struct bridge_card *card)
{
    handle_object_give(&bridge.handles, &card->object);
}

static struct winscard_result enter(uintptr_t handle, struct bridge_card **card, int64_t *lite_card,
                                    uint32_t counts)
{
    bool is_inside = false;

    *card = bridge_card_use(handle);
    if (!*card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    while (!is_inside)
    {
        struct winscard_result result = WINSCARD_OK;

        system_lock_take(&(*card)->lock);
        if ((*card)->is_closed)
            result = winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
        else if (!lite_epoch_is_current((*card)->channel.epoch))
            result = winscard_code(SC_E_SERVICE_STOPPED);
        else if (!(*card)->is_changing)
        {
            is_inside = true;
            *lite_card = (*card)->lite_card;
            (*card)->calls += counts;
        }
        system_lock_give(&(*card)->lock);
        if (!winscard_ok(result))
        {
            bridge_card_give(*card);
            return result;
        }
        if (!is_inside) system_pause_ms(1);
    }
    return WINSCARD_OK;
}

struct winscard_result bridge_card_enter(uintptr_t handle, struct bridge_card **card,
                                         int64_t *lite_card)
{
    return enter(handle, card, lite_card, 1);
}

struct winscard_result bridge_card_enter_to_wait(uintptr_t handle, struct bridge_card **card,
                                                 int64_t *lite_card)
{
    return enter(handle, card, lite_card, 0);
}

void bridge_card_exit(struct bridge_card *card)
{
    system_lock_take(&card->lock);
    card->calls--;
    system_lock_give(&card->lock);
    bridge_card_give(card);
}

void bridge_card_wait_for_calls(struct bridge_card *card, uint32_t left)
{
    for (uint32_t waited = 0; waited < CALLS_END_LIMIT_MS; waited++)
    {
        bool is_alone;

        system_lock_take(&card->lock);
        is_alone = card->calls <= left;
        system_lock_give(&card->lock);
        if (is_alone) return;
        system_pause_ms(1);
    }
}

/**
 * Whether a call failed because another thread ended its connection under it. pcscd hangs up on
 * whoever comes with a card handle that has just been closed; that is not the end of the service,
 * but of the channel.
 */
static bool is_closed_under_call(struct bridge_card *card, struct lite_result result)
{
    bool is_closed;

    if (!lite_is(result, SC_E_INVALID_HANDLE) && !lite_means_service_is_gone(result)) return false;
    system_lock_take(&card->lock);
    is_closed = card->is_closed;
    if (is_closed && !lite_is(result, SC_E_INVALID_HANDLE)) card->is_spoilt = true;
    system_lock_give(&card->lock);
    return is_closed;
}

struct winscard_result bridge_card_result(struct bridge_card *card, struct lite_result result)
{
    /* Nobody is refused a card that he has: so libpcsclite tells, at times, that the daemon hung up. */
    if (lite_is(result, SC_W_SECURITY_VIOLATION)) result = (struct lite_result){ SC_F_COMM_ERROR };
    if (lite_is(result, SC_E_INVALID_VALUE)) return winscard_code(SC_E_READER_UNAVAILABLE);
    if (is_closed_under_call(card, result)) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    if (lite_is(result, SC_E_INVALID_HANDLE)) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    return lite_channel_result(card->channel.epoch, result);
}

struct winscard_result bridge_card_lite_status(struct bridge_card *card, int64_t lite_card,
                                               struct unix_status *call)
{
    memset(call, 0, sizeof(*call));
    call->card = lite_card;
    return bridge_card_result(card,
                              lite_channel_call(&card->channel, UNIX_STATUS, call, &call->result));
}

struct winscard_result bridge_card_exchange_result(struct bridge_card *card, int64_t lite_card,
                                                   struct lite_result result)
{
    if (lite_is(result, SC_E_NO_SMARTCARD)) return winscard_code(SC_W_REMOVED_CARD);
    if (!lite_is(result, SC_E_NOT_TRANSACTED)) return bridge_card_result(card, result);
    for (uint32_t waited = 0; waited <= REMOVAL_NOTICED_MS; waited += REMOVAL_LOOK_MS)
    {
        struct unix_status call;
        struct winscard_result status = bridge_card_lite_status(card, lite_card, &call);

        if (winscard_is(status, SC_W_REMOVED_CARD) || winscard_is(status, SC_W_RESET_CARD))
            return status;
        if (!winscard_ok(status)) break;
        if (difference_card_state(call.state) == WINDOWS_STATE_ABSENT)
            return winscard_code(SC_W_REMOVED_CARD);
        system_pause_ms(REMOVAL_LOOK_MS);
    }
    return bridge_card_result(card, result);
}
