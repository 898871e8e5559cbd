/*
 * bridge_control - attributes of readers and cards, and control codes.
 * Layer: wine bridge (the core: no Windows header).
 * Threads: any.
 * Reference: SCardGetAttrib, SCardSetAttrib, SCardControl, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_card.h"

#include <string.h>

#include "wine/bridge_session.h"
#include "wine/differences.h"

/* Values of the attribute that tells whether a card is there (PC/SC part 3: 1 and 2 are "present",
   without and with the card in position). */
#define ICC_ABSENT  0
#define ICC_PRESENT 2

static uint32_t read_number(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
           (uint32_t)bytes[3] << 24;
}

static void write_number(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
}

/**
 * What Windows makes a reader's name of, out of that name: the vendor is the first word, the type
 * what follows before the number. One word is both.
 */
static void take_vendor(const struct bridge_card *card, uint32_t id,
                        uint8_t value[BRIDGE_ATTRIBUTE_MAX], uint32_t *got)
{
    uint16_t name[READER_NAME_CAPACITY];
    char text[BRIDGE_ATTRIBUTE_MAX];
    size_t len = reader_name_base_len(card->lite_name), first = 0, begin = 0;

    memcpy(name, card->lite_name, sizeof(name));
    name[len] = 0;
    while (name[first] && name[first] != ' ')
        first++;
    if (name[first])
    {
        if (id == ATTRIBUTE_VENDOR_TYPE) begin = first + 1;
        name[first] = 0;
    }
    text_to_utf8(text, sizeof(text), name + begin);
    *got = (uint32_t)strlen(text) + 1;
    memcpy(value, text, *got);
}

/** Attributes that Windows has from every reader, where the driver does not know them. */
static struct winscard_result attribute_of_card(struct bridge_card *card, int64_t lite_card,
                                                uint32_t id, uint8_t value[BRIDGE_ATTRIBUTE_MAX],
                                                uint32_t *got)
{
    struct unix_status call;
    struct winscard_result result;

    if (id == ATTRIBUTE_VENDOR_NAME || id == ATTRIBUTE_VENDOR_TYPE)
    {
        take_vendor(card, id, value, got);
        return WINSCARD_OK;
    }
    if (id != ATTRIBUTE_ATR && id != ATTRIBUTE_CURRENT_PROTOCOL && id != ATTRIBUTE_ICC_PRESENCE)
        return winscard_code(SC_E_UNSUPPORTED_FEATURE);
    result = bridge_card_lite_status(card, lite_card, &call);
    if (!winscard_ok(result)) return result;
    switch (id)
    {
    case ATTRIBUTE_ATR:
        memcpy(value, call.atr, call.atr_len);
        *got = call.atr_len;
        break;
    case ATTRIBUTE_CURRENT_PROTOCOL:
        write_number(value, difference_protocol_from_lite(call.protocol));
        *got = 4;
        break;
    case ATTRIBUTE_ICC_PRESENCE:
        value[0] =
            difference_card_state(call.state) == WINDOWS_STATE_ABSENT ? ICC_ABSENT : ICC_PRESENT;
        *got = 1;
        break;
    }
    return WINSCARD_OK;
}

struct winscard_result bridge_get_attribute(uintptr_t handle, uint32_t id,
                                            uint8_t value[BRIDGE_ATTRIBUTE_MAX], uint32_t *got)
{
    struct unix_attribute call = { .value = unix_address_of(value),
                                   .id = id,
                                   .value_len = BRIDGE_ATTRIBUTE_MAX };
    struct bridge_card *card;
    struct winscard_result result = bridge_card_enter(handle, &card, &call.card);

    *got = 0;
    if (!winscard_ok(result)) return result;
    result = bridge_card_result(
        card, lite_channel_call(&card->channel, UNIX_GET_ATTRIBUTE, &call, &call.result));
    if (winscard_is(result, SC_E_UNSUPPORTED_FEATURE))
    {
        result = attribute_of_card(card, call.card, id, value, got);
    }
    else if (winscard_ok(result))
    {
        /* A driver's unsigned long: the low half comes first. */
        if (call.value_len == 8 && difference_attribute_is_number(id)) call.value_len = 4;
        if (call.value_len == 4 && id == ATTRIBUTE_CURRENT_PROTOCOL)
            write_number(value, difference_protocol_from_lite(read_number(value)));
        *got = call.value_len <= BRIDGE_ATTRIBUTE_MAX ? call.value_len : BRIDGE_ATTRIBUTE_MAX;
    }
    bridge_card_exit(card);
    return result;
}

struct winscard_result bridge_set_attribute(uintptr_t handle, uint32_t id, const uint8_t *value,
                                            uint32_t len)
{
    struct unix_attribute call = { .value = unix_address_of(value), .id = id, .value_len = len };
    struct bridge_card *card;
    struct winscard_result result = bridge_card_enter(handle, &card, &call.card);

    if (!winscard_ok(result)) return result;
    if (len > BRIDGE_ATTRIBUTE_MAX)
        result = winscard_code(SC_E_INVALID_PARAMETER);
    else
        result = bridge_card_result(
            card, lite_channel_call(&card->channel, UNIX_SET_ATTRIBUTE, &call, &call.result));
    bridge_card_exit(card);
    return result;
}

/** Puts bytes where a control's answer goes. */
static struct winscard_result answer_control(const uint8_t *value, uint32_t len, uint8_t *receive,
                                             uint32_t capacity, uint32_t *got)
{
    *got = len;
    if (len > capacity) return winscard_code(SC_E_INSUFFICIENT_BUFFER);
    if (len) memcpy(receive, value, len);
    return WINSCARD_OK;
}

static struct winscard_result control_power(uintptr_t handle, uint32_t what, uint8_t *receive,
                                            uint32_t capacity, uint32_t *got)
{
    /* SCARD_POWER_DOWN, SCARD_COLD_RESET, SCARD_WARM_RESET */
    static const uint32_t initialization[] = { UNPOWER_CARD, UNPOWER_CARD, RESET_CARD };
    struct bridge_card_status status;
    struct bridge_card *card = bridge_card_use(handle);
    uint32_t share, protocols, protocol;
    struct winscard_result result;

    if (!card) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    system_lock_take(&card->lock);
    share = card->share;
    protocols = card->protocol ? card->protocol : PROTOCOL_T0 | PROTOCOL_T1;
    system_lock_give(&card->lock);
    bridge_card_give(card);
    if (what >= sizeof(initialization) / sizeof(initialization[0]))
        return winscard_code(SC_E_INVALID_PARAMETER);
    result = bridge_reconnect(handle, share, protocols, initialization[what], &protocol);
    if (!winscard_ok(result) || what == 0) return result;
    result = bridge_status(handle, &status);
    if (!winscard_ok(result)) return result;
    return answer_control(status.atr, status.atr_len, receive, capacity, got);
}

/** The control codes that Windows' reader library itself answers. */
static struct winscard_result control_reader(uintptr_t handle, uint32_t code, const uint8_t *send,
                                             uint32_t send_len, uint8_t *receive, uint32_t capacity,
                                             uint32_t *got)
{
    struct bridge_card_status status;
    uint8_t value[BRIDGE_ATTRIBUTE_MAX];
    uint32_t value_len;
    struct winscard_result result;

    switch (code)
    {
    case WINDOWS_IOCTL_POWER:
        /* A driver that finds no number in there does nothing. */
        if (send_len < 4) return WINSCARD_OK;
        return control_power(handle, read_number(send), receive, capacity, got);
    case WINDOWS_IOCTL_GET_ATTRIBUTE:
        if (send_len < 4) return winscard_code(SC_E_INVALID_PARAMETER);
        result = bridge_get_attribute(handle, read_number(send), value, &value_len);
        if (!winscard_ok(result)) return result;
        return answer_control(value, value_len, receive, capacity, got);
    case WINDOWS_IOCTL_SET_ATTRIBUTE:
        if (send_len < 4) return winscard_code(SC_E_INVALID_PARAMETER);
        return bridge_set_attribute(handle, read_number(send), send + 4, send_len - 4);
    case WINDOWS_IOCTL_GET_STATE:
        result = bridge_status(handle, &status);
        if (!winscard_ok(result)) return result;
        write_number(value, status.state);
        return answer_control(value, 4, receive, capacity, got);
    default:
        return winscard_code(SC_E_UNSUPPORTED_FEATURE);
    }
}

struct winscard_result bridge_control(uintptr_t handle, uint32_t code, const uint8_t *send,
                                      uint32_t send_len, uint8_t *receive, uint32_t capacity,
                                      uint32_t *got)
{
    struct unix_control call = { .send = unix_address_of(send),
                                 .receive = unix_address_of(receive),
                                 .code = difference_control_to_lite(code),
                                 .send_len = send_len };
    struct bridge_card *card;
    struct winscard_result result = bridge_card_enter(handle, &card, &call.card);

    *got = 0;
    if (!winscard_ok(result)) return result;
    if (difference_control_is_reader(code))
    {
        bridge_card_exit(card);
        return control_reader(handle, code, send, send_len, receive, capacity, got);
    }
    call.receive_capacity = capacity < UNIX_MESSAGE_MAX ? capacity : UNIX_MESSAGE_MAX;
    if (send_len > UNIX_MESSAGE_MAX)
        result = winscard_code(SC_E_INVALID_PARAMETER);
    else
        result = bridge_card_exchange_result(
            card, call.card, lite_channel_call(&card->channel, UNIX_CONTROL, &call, &call.result));
    if (winscard_ok(result) || winscard_is(result, SC_E_INSUFFICIENT_BUFFER))
        *got = call.receive_len;
    if (winscard_ok(result) && code == WINDOWS_IOCTL_FEATURE_REQUEST &&
        call.receive_len <= capacity)
        difference_features_from_lite(receive, call.receive_len);
    bridge_card_exit(card);
    return result;
}
