/*
 * bridge_card - working with a connected card: transactions, status, exchanges.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardBeginTransaction, SCardEndTransaction, SCardStatus, SCardTransmit, Microsoft Learn; winscard.h of pcsc-lite.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_private.h"

#include <string.h>

#include "wine/differences.h"

/** pcscd looks for a card twice in this time: a removal is known then. */
#define REMOVAL_NOTICED_MS 800u
#define REMOVAL_LOOK_MS    50u

/** How long ending a connection waits for other threads' calls with it. */
#define CALLS_END_LIMIT_MS 2000u

static scm_result enter(uintptr_t handle, struct bridge_card **card, int64_t *lite_card,
                        uint32_t counts)
{
    bool is_inside = false;

    *card = bridge_use_card(handle);
    if (!*card) return WINDOWS_ERROR_INVALID_HANDLE;
    while (!is_inside)
    {
        scm_result result = HR_OK;

        system_lock_take(&(*card)->lock);
        if ((*card)->is_closed)
            result = WINDOWS_ERROR_INVALID_HANDLE;
        else if (!lite_epoch_is_current((*card)->channel.epoch))
            result = SC_E_SERVICE_STOPPED;
        else if (!(*card)->is_changing)
        {
            is_inside = true;
            *lite_card = (*card)->lite_card;
            (*card)->calls += counts;
        }
        system_lock_give(&(*card)->lock);
        if (result != HR_OK)
        {
            bridge_give_card(*card);
            return result;
        }
        if (!is_inside) system_pause_ms(1);
    }
    return HR_OK;
}

scm_result bridge_enter_card(uintptr_t handle, struct bridge_card **card, int64_t *lite_card)
{
    return enter(handle, card, lite_card, 1);
}

scm_result bridge_enter_to_wait(uintptr_t handle, struct bridge_card **card, int64_t *lite_card)
{
    return enter(handle, card, lite_card, 0);
}

void bridge_exit_card(struct bridge_card *card)
{
    system_lock_take(&card->lock);
    card->calls--;
    system_lock_give(&card->lock);
    bridge_give_card(card);
}

void bridge_wait_for_calls(struct bridge_card *card, uint32_t left)
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
 * Whether a call failed because another thread ended its connection under it. pcscd hangs up on whoever
 * comes with a card handle that has just been closed; that is not the end of the service, but of the
 * channel.
 */
static bool is_closed_under_call(struct bridge_card *card, scm_result result)
{
    bool is_closed;

    if (result != SC_E_INVALID_HANDLE && !lite_means_service_is_gone(result)) return false;
    system_lock_take(&card->lock);
    is_closed = card->is_closed;
    if (is_closed && result != SC_E_INVALID_HANDLE) card->is_spoilt = true;
    system_lock_give(&card->lock);
    return is_closed;
}

scm_result bridge_judge_card(struct bridge_card *card, scm_result result)
{
    if (result == SC_E_INVALID_VALUE) return SC_E_READER_UNAVAILABLE;
    if (is_closed_under_call(card, result)) return WINDOWS_ERROR_INVALID_HANDLE;
    if (result == SC_E_INVALID_HANDLE) return WINDOWS_ERROR_INVALID_HANDLE;
    return lite_judge(card->channel.epoch, result);
}

scm_result bridge_begin(uintptr_t handle)
{
    struct unix_disposition call = { 0 };
    struct bridge_card *card;
    scm_result result = bridge_enter_to_wait(handle, &card, &call.card);

    if (result != HR_OK) return result;
    result =
        bridge_judge_card(card, lite_channel_call(&card->channel, UNIX_BEGIN, &call, &call.result));
    if (result == HR_OK)
    {
        system_lock_take(&card->lock);
        card->transactions++;
        system_lock_give(&card->lock);
    }
    bridge_give_card(card);
    return result;
}

scm_result bridge_end(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    bool is_open;
    scm_result result = bridge_enter_card(handle, &card, &call.card);

    if (result != HR_OK) return result;
    if (disposition > EJECT_CARD)
    {
        bridge_exit_card(card);
        return SC_E_INVALID_VALUE;
    }
    /* pcsc-lite counts the locks of the reader, an exclusive connection's own among them. */
    system_lock_take(&card->lock);
    is_open = card->transactions > 0;
    if (is_open) card->transactions--;
    system_lock_give(&card->lock);
    if (!is_open)
    {
        bridge_exit_card(card);
        return SC_E_NOT_TRANSACTED;
    }
    result = lite_channel_call(&card->channel, UNIX_END, &call, &call.result);
    if (result == SC_W_RESET_CARD || result == SC_W_REMOVED_CARD)
    {
        /* pcsc-lite refuses before it unlocks; reconnecting makes up for it. */
        system_lock_take(&card->lock);
        card->stuck_transactions++;
        system_lock_give(&card->lock);
    }
    if (result != SC_E_NOT_TRANSACTED) result = bridge_judge_card(card, result);
    bridge_exit_card(card);
    return result;
}

scm_result bridge_lite_status(struct bridge_card *card, int64_t lite_card, struct unix_status *call)
{
    memset(call, 0, sizeof(*call));
    call->card = lite_card;
    return bridge_judge_card(card,
                             lite_channel_call(&card->channel, UNIX_STATUS, call, &call->result));
}

scm_result bridge_status(uintptr_t handle, struct bridge_card_status *status)
{
    struct unix_status call;
    struct bridge_card *card;
    int64_t lite_card;
    scm_result result = bridge_enter_card(handle, &card, &lite_card);

    memset(status, 0, sizeof(*status));
    if (result != HR_OK) return result;
    result = bridge_lite_status(card, lite_card, &call);
    if (result == HR_OK)
    {
        status->state = difference_card_state(call.state);
        system_lock_take(&card->lock);
        if (card->share != SHARE_DIRECT)
            status->protocol = difference_protocol_from_lite(call.protocol);
        system_lock_give(&card->lock);
        if (status->state == WINDOWS_STATE_NEGOTIABLE && status->protocol)
            status->state = WINDOWS_STATE_SPECIFIC;
        status->atr_len = call.atr_len;
        memcpy(status->atr, call.atr, sizeof(status->atr));
        memcpy(status->reader, card->shown_name, sizeof(status->reader));
    }
    bridge_exit_card(card);
    return result;
}

scm_result bridge_judge_exchange(struct bridge_card *card, int64_t lite_card, scm_result result)
{
    if (result == SC_E_NO_SMARTCARD) return SC_W_REMOVED_CARD;
    if (result != SC_E_NOT_TRANSACTED) return bridge_judge_card(card, result);
    for (uint32_t waited = 0; waited <= REMOVAL_NOTICED_MS; waited += REMOVAL_LOOK_MS)
    {
        struct unix_status call;
        scm_result status = bridge_lite_status(card, lite_card, &call);

        if (status == SC_W_REMOVED_CARD || status == SC_W_RESET_CARD) return status;
        if (status != HR_OK) break;
        if (difference_card_state(call.state) == WINDOWS_STATE_ABSENT) return SC_W_REMOVED_CARD;
        system_pause_ms(REMOVAL_LOOK_MS);
    }
    return bridge_judge_card(card, result);
}

scm_result bridge_transmit(uintptr_t handle, const uint32_t *send_protocol, const uint8_t *send,
                           uint32_t send_len, uint32_t *receive_protocol, uint8_t *receive,
                           uint32_t capacity, uint32_t *got)
{
    struct unix_transmit call = { .send = unix_address_of(send),
                                  .receive = unix_address_of(receive),
                                  .send_len = send_len };
    struct bridge_card *card;
    uint32_t protocol;
    scm_result result = bridge_enter_card(handle, &card, &call.card);

    *got = 0;
    if (result != HR_OK) return result;
    system_lock_take(&card->lock);
    protocol = send_protocol ? *send_protocol : card->protocol;
    card->transmit_count++;
    system_lock_give(&card->lock);
    call.send_protocol = difference_protocols_to_lite(protocol);
    call.receive_capacity = capacity < UNIX_MESSAGE_MAX ? capacity : UNIX_MESSAGE_MAX;
    if (send_len == 0 || send_len > UNIX_MESSAGE_MAX)
        result = SC_E_INVALID_PARAMETER;
    else
    {
        result = lite_channel_call(&card->channel, UNIX_TRANSMIT, &call, &call.result);
        /* Some drivers call it a success when the card is gone before it answers. */
        if (result == HR_OK && call.receive_len == 0) result = SC_E_NOT_TRANSACTED;
        result = bridge_judge_exchange(card, call.card, result);
    }
    if (result == HR_OK || result == SC_E_INSUFFICIENT_BUFFER) *got = call.receive_len;
    if (result == HR_OK && receive_protocol) *receive_protocol = protocol;
    bridge_exit_card(card);
    return result;
}

scm_result bridge_card_reader(uintptr_t handle, uint16_t reader[READER_NAME_CAPACITY])
{
    struct bridge_card *card = bridge_use_card(handle);

    reader[0] = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    memcpy(reader, card->shown_name, sizeof(card->shown_name));
    bridge_give_card(card);
    return HR_OK;
}

scm_result bridge_transmit_count(uintptr_t handle, uint32_t *count)
{
    struct bridge_card *card = bridge_use_card(handle);

    *count = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    system_lock_take(&card->lock);
    *count = card->transmit_count;
    system_lock_give(&card->lock);
    bridge_give_card(card);
    return HR_OK;
}
