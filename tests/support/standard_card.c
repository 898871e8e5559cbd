/*
 * standard_card - the card's ends: how commands arrive and answers leave, and its PINs.
 * Layer: tests. See standard_card.h; the files are in standard_card_files.c.
 * SPDX-License-Identifier: MIT
 */
#include "support/standard_card.h"

#include <stdio.h>
#include <string.h>

#include "support/script.h"

#define PIN_TRIES 3

uint16_t standard_card_or(uint16_t chosen, uint16_t usual)
{
    return chosen ? chosen : usual;
}

static struct standard_pin *find_pin(struct standard_card *card, uint8_t reference)
{
    for (size_t i = 0; i < 2; i++)
        if (card->pins[i].reference == reference &&
            (card->pins[i].df < 0 || card->pins[i].df == card->df))
            return &card->pins[i];
    return NULL;
}

static uint16_t blocked_word(const struct standard_card *card)
{
    return standard_card_or(card->personality->blocked_sw, 0x6983);
}

static uint16_t tries_word(const struct standard_card *card, unsigned tries)
{
    return card->personality->tells_no_tries ? 0x6300 : (uint16_t)(0x63C0 | tries);
}

/* A PIN of a client against the card's own; clause 11.5.6. */
static uint16_t present(struct standard_card *card, struct standard_pin *pin, struct bytes value)
{
    uint8_t wanted = card->personality->pin_len;

    if (pin->tries == 0) return blocked_word(card);
    if (wanted ? value.len != wanted : value.len > sizeof(pin->value)) return 0x6700;
    if (bytes_equal(value, bytes_of(pin->value, pin->len)))
    {
        pin->tries = PIN_TRIES;
        pin->is_verified = true;
        return 0x9000;
    }
    pin->is_verified = false;
    pin->tries--;
    if (pin->tries == 0 && card->personality->last_try_blocks) return blocked_word(card);
    return tries_word(card, pin->tries);
}

static uint16_t verify(struct standard_card *card, const struct standard_command *command)
{
    struct standard_pin *pin = find_pin(card, command->p2);

    if (command->p1 == 0xFF)
    {
        if (pin) pin->is_verified = false;
        return pin ? 0x9000 : 0x6A88;
    }
    if (command->p1 != 0) return 0x6A86;
    if (!pin) return 0x6A88;
    if (command->data.len == 0)
    {
        if (card->personality->check_costs) return present(card, pin, bytes_of("", 1));
        if (card->personality->check_sw) return card->personality->check_sw;
        if (pin->is_verified || pin->is_disabled) return 0x9000;
        return pin->tries ? tries_word(card, pin->tries) : blocked_word(card);
    }
    if (pin->is_disabled) return 0x6984;
    return present(card, pin, command->data);
}

static bool set_pin(struct standard_card *card, struct standard_pin *pin, struct bytes value)
{
    uint8_t wanted = card->personality->pin_len;

    if (value.len == 0 || value.len > sizeof(pin->value) || (wanted && value.len != wanted))
        return false;
    memcpy(pin->value, value.data, value.len);
    pin->len = (uint8_t)value.len;
    return true;
}

static uint16_t change(struct standard_card *card, const struct standard_command *command)
{
    struct standard_pin *pin = find_pin(card, command->p2);

    if (command->p1 > 1) return 0x6A86;
    if (!pin) return 0x6A88;
    if (command->p1 == 1) /* the new one only: by a right that nobody has here */
        return standard_card_or(card->personality->sw_not_allowed, 0x6982);
    if (command->data.len <= pin->len) return 0x6700;
    /* Both are as long as they are: where the old one ends is known by its length. */
    size_t old_len = card->personality->pin_len ? card->personality->pin_len : pin->len;
    uint16_t sw = present(card, pin, bytes_slice(command->data, 0, old_len));
    if (sw != 0x9000) return sw;
    return set_pin(card, pin, bytes_slice(command->data, old_len, command->data.len)) ? 0x9000
                                                                                      : 0x6A80;
}

static uint16_t reset_retry(struct standard_card *card, const struct standard_command *command)
{
    struct standard_pin *pin = find_pin(card, command->p2);

    if (command->p1 > 3) return 0x6A86;
    if (!pin || pin->unblocking_len == 0) return 0x6A88;
    if (command->p1 >= 2) return standard_card_or(card->personality->sw_not_allowed, 0x6982);
    if (command->data.len < pin->unblocking_len) return 0x6700;
    if (!bytes_equal(bytes_slice(command->data, 0, pin->unblocking_len),
                     bytes_of(pin->unblocking, pin->unblocking_len)))
        return tries_word(card, 9);
    struct bytes fresh = bytes_slice(command->data, pin->unblocking_len, command->data.len);
    if (command->p1 == 1 ? fresh.len != 0 : fresh.len == 0) return 0x6700;
    if (fresh.len && !set_pin(card, pin, fresh)) return 0x6A80;
    pin->tries = PIN_TRIES;
    return 0x9000;
}

static uint16_t require(struct standard_card *card, const struct standard_command *command)
{
    struct standard_pin *pin = find_pin(card, command->p2);
    bool disables = command->ins == 0x26;

    if (command->p1 > 1) return 0x6A86;
    if (!pin) return 0x6A88;
    if (pin->is_disabled == disables) return 0x6985;
    uint16_t sw = present(card, pin, command->data);
    if (sw == 0x9000) pin->is_disabled = disables;
    return sw;
}

static void challenge(struct standard_card *card, const struct standard_command *command,
                      struct standard_reply *reply)
{
    uint8_t only = card->personality->challenge_len;
    size_t len = only ? only : command->ne;

    reply->sw = 0x6A86;
    if (command->p1 || command->p2) return;
    reply->sw = 0x6700;
    if (!command->has_le) return;
    /* As many as the card likes, where the Le field is zero. */
    if (only && command->ne != only && command->ne < 256) return;
    if (!only && command->ne == 256) len = 8;
    for (size_t i = 0; i < len; i++)
        reply->data[i] = (uint8_t)(i * 31 + card->commands);
    reply->len = len;
    reply->sw = 0x9000;
}

/* GET DATA of a single object: the card's capabilities and its limits, clause 11.4. */
static void get_data(struct standard_card *card, const struct standard_command *command,
                     struct standard_reply *reply)
{
    static const uint8_t serial[] = { 0x5A, 0x04, 0x12, 0x34, 0x56, 0x78 };

    (void)card;
    reply->sw = 0x6A88;
    if (command->p1 != 0x00 || command->p2 != 0x5A) return;
    memcpy(reply->data, serial, sizeof(serial));
    reply->len = sizeof(serial);
    reply->sw = 0x9000;
}

static void carry_out(struct standard_card *card, const struct standard_command *command,
                      struct standard_reply *reply)
{
    reply->sw = 0x6E00;
    if (command->cla != 0x00) return;
    switch (command->ins)
    {
    case 0xA4:
        standard_select(card, command, reply);
        break;
    case 0xB0:
        standard_read_binary(card, command, reply);
        break;
    case 0xD6:
        standard_update_binary(card, command, reply);
        break;
    case 0xB2:
        standard_read_record(card, command, reply);
        break;
    case 0xDC:
        standard_update_record(card, command, reply);
        break;
    case 0xE2:
        standard_append_record(card, command, reply);
        break;
    case 0xE0:
        standard_create(card, command, reply);
        break;
    case 0xE4:
        standard_delete(card, command, reply);
        break;
    case 0x44:
    case 0x04:
        standard_set_active(card, command, reply);
        break;
    case 0x20:
        reply->sw = verify(card, command);
        break;
    case 0x24:
        reply->sw = change(card, command);
        break;
    case 0x2C:
        reply->sw = reset_retry(card, command);
        break;
    case 0x26:
    case 0x28:
        reply->sw = require(card, command);
        break;
    case 0x84:
        challenge(card, command, reply);
        break;
    case 0xCA:
        get_data(card, command, reply);
        break;
    default:
        reply->sw = standard_card_or(card->personality->sw_ins_unknown, 0x6D00);
        break;
    }
}

/* The instructions that have no data field, so that P3 of T=0 is Le; ISO/IEC 7816-3 clause 12.2. */
static bool is_outgoing(uint8_t ins)
{
    return ins == 0xB0 || ins == 0xB2 || ins == 0x84 || ins == 0xC0 || ins == 0xCA;
}

/* ISO/IEC 7816-3 clause 12.1.3. */
static bool decode_lengths(struct standard_command *command, struct bytes body, bool *is_extended)
{
    const uint8_t *at = body.data;

    *is_extended = false;
    if (body.len == 0) return true;
    if (body.len == 1)
    {
        command->has_le = true;
        command->ne = at[0] ? at[0] : 256;
        return true;
    }
    if (at[0] != 0)
    {
        size_t lc = at[0];
        if (body.len != 1 + lc && body.len != 2 + lc) return false;
        command->data = bytes_of(at + 1, lc);
        command->has_le = body.len == 2 + lc;
        if (command->has_le) command->ne = at[1 + lc] ? at[1 + lc] : 256;
        return true;
    }
    *is_extended = true;
    if (body.len < 3) return false;
    size_t first = (size_t)at[1] << 8 | at[2];
    if (body.len == 3)
    {
        command->has_le = true;
        command->ne = first ? first : 65536;
        return true;
    }
    if (first == 0 || (body.len != 3 + first && body.len != 5 + first)) return false;
    command->data = bytes_of(at + 3, first);
    command->has_le = body.len == 5 + first;
    if (command->has_le)
    {
        size_t le = (size_t)at[3 + first] << 8 | at[4 + first];
        command->ne = le ? le : 65536;
    }
    return true;
}

/* T=0: header, P3, and the data where the instruction takes some; nothing behind it. */
static bool decode_t0(struct standard_command *command, struct bytes raw)
{
    uint8_t p3 = raw.len > 4 ? raw.data[4] : 0;

    if (raw.len > 5 || !is_outgoing(command->ins))
    {
        command->data = bytes_slice(raw, 5, p3);
        /* Whatever there is to say is waiting for GET RESPONSE. */
        command->has_le = true;
        command->ne = 256;
        return raw.len <= 5 ? p3 == 0 : raw.len == 5 + (size_t)p3;
    }
    command->has_le = true;
    command->ne = p3 ? p3 : 256;
    return true;
}

static size_t put(uint8_t *answer, size_t capacity, const uint8_t *data, size_t len, uint16_t sw)
{
    if (len + 2 > capacity) return len + 2;
    if (len) memcpy(answer, data, len);
    answer[len] = (uint8_t)(sw >> 8);
    answer[len + 1] = (uint8_t)sw;
    return len + 2;
}

static uint16_t more_word(size_t len)
{
    return (uint16_t)(0x6100 | (len > 255 ? 0 : len));
}

/* What is waiting goes out, as much as is asked for; the rest stays. Clause 11.7.1 */
static size_t give_waiting(struct standard_card *card, size_t ne, uint8_t *answer, size_t capacity)
{
    uint8_t part[STANDARD_DATA_MAX];
    size_t len = card->waiting_len < ne ? card->waiting_len : ne;

    if (card->waiting_len == 0) return put(answer, capacity, NULL, 0, 0x6985);
    /* T=0: an Le that is not right is told, and nothing is lost. */
    if (card->personality->protocol == PCSC_PROTOCOL_T0 && ne > card->waiting_len &&
        !(ne == 256 && card->waiting_len == 256))
        return put(answer, capacity, NULL, 0, (uint16_t)(0x6C00 | (card->waiting_len & 0xFF)));
    memcpy(part, card->waiting, len);
    card->waiting_len -= len;
    memmove(card->waiting, card->waiting + len, card->waiting_len);
    return put(answer, capacity, part, len,
               card->waiting_len ? more_word(card->waiting_len) : card->waiting_sw);
}

static size_t send_reply(struct standard_card *card, const struct standard_command *command,
                         const struct standard_reply *reply, uint8_t *answer, size_t capacity)
{
    bool is_t0 = card->personality->protocol == PCSC_PROTOCOL_T0;
    bool waits = (is_t0 && !is_outgoing(command->ins)) ||
                 (card->personality->answers_wait && command->has_le);

    if (reply->len == 0) return put(answer, capacity, NULL, 0, reply->sw);
    if (is_t0 && !waits && reply->len < command->ne && reply->sw == 0x9000)
        return put(answer, capacity, NULL, 0, (uint16_t)(0x6C00 | (reply->len & 0xFF)));
    if (!waits && reply->len <= command->ne)
        return put(answer, capacity, reply->data, reply->len, reply->sw);
    if (!is_t0 && !command->has_le) /* case 1 or 3: nothing is wanted */
        return put(answer, capacity, NULL, 0, reply->sw);
    memcpy(card->waiting, reply->data, reply->len);
    card->waiting_len = reply->len;
    card->waiting_sw = reply->sw;
    if (waits) return put(answer, capacity, NULL, 0, more_word(reply->len));
    return give_waiting(card, command->ne, answer, capacity);
}

/* Command chaining, clause 5.3.3. @return whether the command is whole now. */
static bool chain(struct standard_card *card, struct standard_command *command, uint16_t *sw)
{
    bool has_more = command->cla & 0x10;

    *sw = 0x6884;
    if (!has_more && !card->is_chaining) return true;
    if (!card->personality->has_chaining) return false;
    *sw = 0x6700;
    if (card->chained_len + command->data.len > sizeof(card->chained)) return false;
    if (command->data.len)
        memcpy(card->chained + card->chained_len, command->data.data, command->data.len);
    card->chained_len += command->data.len;
    card->is_chaining = has_more;
    *sw = 0x9000;
    if (has_more) return false;
    command->data = bytes_of(card->chained, card->chained_len);
    card->chained_len = 0;
    return true;
}

static size_t answer_command(struct standard_card *card, struct bytes raw, uint8_t *answer,
                             size_t capacity)
{
    static struct standard_reply reply;
    struct standard_command command = {
        .cla = raw.data[0], .ins = raw.data[1], .p1 = raw.data[2], .p2 = raw.data[3]
    };
    bool is_t0 = card->personality->protocol == PCSC_PROTOCOL_T0, is_extended = false;
    uint16_t sw;

    if (is_t0 ? !decode_t0(&command, raw)
              : !decode_lengths(&command, bytes_slice(raw, 4, raw.len), &is_extended))
        return put(answer, capacity, NULL, 0, 0x6700);
    if (is_extended && (!card->personality->has_extended || raw.len > 512))
        return put(answer, capacity, NULL, 0, 0x6700);
    if (command.ins == 0xC0 && command.cla == 0x00)
        return give_waiting(card, command.ne, answer, capacity);
    card->waiting_len = 0;
    if (!chain(card, &command, &sw)) return put(answer, capacity, NULL, 0, sw);
    memset(&reply, 0, sizeof(reply));
    carry_out(card, &command, &reply);
    return send_reply(card, &command, &reply, answer, capacity);
}

static void trace(struct standard_card *card, const char *what, const uint8_t *bytes, size_t len)
{
    size_t room = sizeof(card->trace) - card->trace_len;

    if (room < 3 * len + 16) return;
    card->trace_len += (size_t)snprintf(card->trace + card->trace_len, room, "%s", what);
    for (size_t i = 0; i < len && i < 40; i++)
        card->trace_len +=
            (size_t)snprintf(card->trace + card->trace_len, 3, "%02X", (unsigned)bytes[i]);
    card->trace_len +=
        (size_t)snprintf(card->trace + card->trace_len, 5, len > 40 ? "...\n" : "\n");
}

static size_t play(void *context, const uint8_t *command, size_t command_len, uint8_t *answer,
                   size_t capacity)
{
    struct standard_card *card = context;

    card->commands++;
    trace(card, "> ", command, command_len);
    size_t len = answer_command(card, bytes_of(command, command_len), answer, capacity);
    trace(card, "< ", answer, len <= capacity ? len : 0);
    return len;
}

void standard_card_insert(struct faulty_port *port, struct standard_card *card,
                          const struct standard_personality *personality)
{
    static const struct standard_pin pins[] = {
        { 0x01, -1, "1234", 4, "12345678", 8, PIN_TRIES, false, false },
        { 0x81, 0, "5678", 4, "", 0, PIN_TRIES, false, false },
    };
    static const uint16_t application[] = { 0x7F10, 0 };

    memset(card, 0, sizeof(*card));
    card->personality = personality;
    card->ef = card->occurrence = -1;
    standard_card_make_files(card);
    memcpy(card->pins, pins, sizeof(pins));
    card->pins[1].df = (int)(standard_card_file(card, application) - card->files);
    faulty_port_set_atr(port, personality->atr);
    port->protocol = personality->protocol;
    port->answer = play;
    port->answer_context = card;
}
