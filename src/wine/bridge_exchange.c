/*
 * bridge_exchange - working with a connected card: transactions, status, exchanges.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardBeginTransaction, SCardEndTransaction, SCardStatus, SCardTransmit,
 *            Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_card.h"

#include <string.h>

#include "wine/bridge_session.h"
#include "wine/differences.h"

struct winscard_result bridge_begin(uintptr_t handle)
{
    struct unix_disposition call = { 0 };
    struct bridge_card *card;
    struct winscard_result result = bridge_card_enter_to_wait(handle, &card, &call.card);

    if (!winscard_ok(result)) return result;
    result = bridge_card_result(card,
                                lite_channel_call(&card->channel, UNIX_BEGIN, &call, &call.result));
    if (winscard_ok(result))
    {
        system_lock_take(&card->lock);
        card->transactions++;
        system_lock_give(&card->lock);
    }
    bridge_card_give(card);
    return result;
}

struct winscard_result bridge_end(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    bool is_open;
    struct lite_result ended;
    struct winscard_result result = bridge_card_enter(handle, &card, &call.card);

    if (!winscard_ok(result)) return result;
    if (disposition > EJECT_CARD)
    {
        bridge_card_exit(card);
        return winscard_code(SC_E_INVALID_VALUE);
    }
    /* pcsc-lite counts the locks of the reader, an exclusive connection's own among them. */
    system_lock_take(&card->lock);
    is_open = card->transactions > 0;
    if (is_open) card->transactions--;
    system_lock_give(&card->lock);
    if (!is_open)
    {
        bridge_card_exit(card);
        return winscard_code(SC_E_NOT_TRANSACTED);
    }
    ended = lite_channel_call(&card->channel, UNIX_END, &call, &call.result);
    if (lite_is(ended, SC_W_RESET_CARD) || lite_is(ended, SC_W_REMOVED_CARD))
    {
        /* pcsc-lite refuses before it unlocks; reconnecting makes up for it. */
        system_lock_take(&card->lock);
        card->stuck_transactions++;
        system_lock_give(&card->lock);
    }
    /* Which is what Windows calls it too here, other than in an exchange. */
    result = lite_is(ended, SC_E_NOT_TRANSACTED) ? winscard_code(SC_E_NOT_TRANSACTED)
                                                 : bridge_card_result(card, ended);
    bridge_card_exit(card);
    return result;
}

struct winscard_result bridge_status(uintptr_t handle, struct bridge_card_status *status)
{
    struct unix_status call;
    struct bridge_card *card;
    int64_t lite_card;
    struct winscard_result result = bridge_card_enter(handle, &card, &lite_card);

    memset(status, 0, sizeof(*status));
    if (!winscard_ok(result)) return result;
    result = bridge_card_lite_status(card, lite_card, &call);
    if (winscard_ok(result))
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

struct winscard_result bridge_transmit(uintptr_t handle, const uint32_t *send_protocol,
                                       const uint8_t *send, uint32_t send_len,
                                       uint32_t *receive_protocol, uint8_t *receive,
                                       uint32_t capacity, uint32_t *got)
{
    struct unix_transmit call = { .send = unix_address_of(send),
                                  .receive = unix_address_of(receive),
                                  .send_len = send_len };
    struct bridge_card *card;
    uint32_t protocol;
    struct winscard_result result = bridge_card_enter(handle, &card, &call.card);

    *got = 0;
    if (!winscard_ok(result)) return result;
    system_lock_take(&card->lock);
    protocol = send_protocol ? *send_protocol : card->protocol;
    card->transmit_count++;
    system_lock_give(&card->lock);
    call.send_protocol = difference_protocols_to_lite(protocol);
    call.receive_capacity = capacity < UNIX_MESSAGE_MAX ? capacity : UNIX_MESSAGE_MAX;
    if (send_len == 0 || send_len > UNIX_MESSAGE_MAX)
        result = winscard_code(SC_E_INVALID_PARAMETER);
    else
    {
        struct lite_result sent =
            lite_channel_call(&card->channel, UNIX_TRANSMIT, &call, &call.result);
        /* Some drivers call it a success when the card is gone before it answers. */
        if (lite_ok(sent) && call.receive_len == 0) sent.code = SC_E_NOT_TRANSACTED;
        result = bridge_card_exchange_result(card, call.card, sent);
    }
    if (winscard_ok(result) || winscard_is(result, SC_E_INSUFFICIENT_BUFFER))
        *got = call.receive_len;
    if (winscard_ok(result) && receive_protocol) *receive_protocol = protocol;
    bridge_card_exit(card);
    return result;
}

struct winscard_result bridge_card_reader(uintptr_t handle, uint16_t reader[READER_NAME_CAPACITY])
{
    struct bridge_card *card = bridge_card_use(handle);

    reader[0] = 0;
    if (!card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    memcpy(reader, card->shown_name, sizeof(card->shown_name));
    bridge_card_give(card);
    return WINSCARD_OK;
}

struct winscard_result bridge_transmit_count(uintptr_t handle, uint32_t *count)
{
    struct bridge_card *card = bridge_card_use(handle);

    *count = 0;
    if (!card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    system_lock_take(&card->lock);
    *count = card->transmit_count;
    system_lock_give(&card->lock);
    bridge_card_give(card);
    return WINSCARD_OK;
}
