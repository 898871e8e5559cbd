/*
 * bridge_exchange - working with a connected card: transactions, status, exchanges.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardBeginTransaction, SCardEndTransaction, SCardStatus, SCardTransmit, Microsoft Learn;
 *            winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_card.h"

#include <string.h>

#include "wine/bridge_session.h"
#include "wine/differences.h"

scm_result bridge_begin(uintptr_t handle)
{
    struct unix_disposition call = { 0 };
    struct bridge_card *card;
    scm_result result = bridge_card_enter_to_wait(handle, &card, &call.card);

    if (result != HR_OK) return result;
    result = bridge_card_result(card,
                                lite_channel_call(&card->channel, UNIX_BEGIN, &call, &call.result));
    if (result == HR_OK)
    {
        system_lock_take(&card->lock);
        card->transactions++;
        system_lock_give(&card->lock);
    }
    bridge_card_give(card);
    return result;
}

scm_result bridge_end(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    bool is_open;
    scm_result result = bridge_card_enter(handle, &card, &call.card);

    if (result != HR_OK) return result;
    if (disposition > EJECT_CARD)
    {
        bridge_card_exit(card);
        return SC_E_INVALID_VALUE;
    }
    /* pcsc-lite counts the locks of the reader, an exclusive connection's own among them. */
    system_lock_take(&card->lock);
    is_open = card->transactions > 0;
    if (is_open) card->transactions--;
    system_lock_give(&card->lock);
    if (!is_open)
    {
        bridge_card_exit(card);
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
    if (result != SC_E_NOT_TRANSACTED) result = bridge_card_result(card, result);
    bridge_card_exit(card);
    return result;
}

scm_result bridge_status(uintptr_t handle, struct bridge_card_status *status)
{
    struct unix_status call;
    struct bridge_card *card;
    int64_t lite_card;
    scm_result result = bridge_card_enter(handle, &card, &lite_card);

    memset(status, 0, sizeof(*status));
    if (result != HR_OK) return result;
    result = bridge_card_lite_status(card, lite_card, &call);
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
    bridge_card_exit(card);
    return result;
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
    scm_result result = bridge_card_enter(handle, &card, &call.card);

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
        result = bridge_card_exchange_result(card, call.card, result);
    }
    if (result == HR_OK || result == SC_E_INSUFFICIENT_BUFFER) *got = call.receive_len;
    if (result == HR_OK && receive_protocol) *receive_protocol = protocol;
    bridge_card_exit(card);
    return result;
}

scm_result bridge_card_reader(uintptr_t handle, uint16_t reader[READER_NAME_CAPACITY])
{
    struct bridge_card *card = bridge_card_use(handle);

    reader[0] = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    memcpy(reader, card->shown_name, sizeof(card->shown_name));
    bridge_card_give(card);
    return HR_OK;
}

scm_result bridge_transmit_count(uintptr_t handle, uint32_t *count)
{
    struct bridge_card *card = bridge_card_use(handle);

    *count = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    system_lock_take(&card->lock);
    *count = card->transmit_count;
    system_lock_give(&card->lock);
    bridge_card_give(card);
    return HR_OK;
}
