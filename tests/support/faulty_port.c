/*
 * faulty_port - a resource manager in memory behind the PC/SC port, for unit tests.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/faulty_port.h"

#include <string.h>

static struct faulty_port *impl(const struct pcsc_port *port)
{
    return (struct faulty_port *)(uintptr_t)port; /* the table is the first member */
}

/* Counts the call and tells of a fault that a test asked for, or of the missing service. */
static scm_result enter(struct faulty_port *port, enum faulty_call call)
{
    port->calls[call]++;
    if (port->fail_count[call] > 0)
    {
        port->fail_count[call]--;
        return port->fail_result[call];
    }
    return port->service_runs ? HR_OK : SC_E_NO_SERVICE;
}

static size_t context_index(const struct faulty_port *port, pcsc_context number)
{
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (number && port->contexts[i].number == number) return i;
    return FAULTY_OPEN_MAX;
}

struct faulty_card *faulty_port_card(struct faulty_port *port, pcsc_card number)
{
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (number && port->cards[i].number == number) return &port->cards[i];
    return NULL;
}

static scm_result faulty_establish(const struct pcsc_port *iface, pcsc_context *context)
{
    struct faulty_port *port = impl(iface);
    *context = 0;
    scm_result result = enter(port, FAULTY_ESTABLISH);
    if (result_failed(result)) return result;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
    {
        if (port->contexts[i].number) continue;
        *context = port->contexts[i].number = ++port->next_number;
        port->contexts[i].generation = port->generation;
        return HR_OK;
    }
    return HR_OUTOFMEMORY;
}

static scm_result faulty_release(const struct pcsc_port *iface, pcsc_context context)
{
    struct faulty_port *port = impl(iface);
    size_t i = context_index(port, context);
    scm_result result = enter(port, FAULTY_RELEASE);
    if (i == FAULTY_OPEN_MAX) return SC_E_INVALID_HANDLE;
    port->contexts[i].number = 0; /* the library's side is gone in any case */
    for (size_t j = 0; j < FAULTY_OPEN_MAX; j++)
        if (port->cards[j].context == context) port->cards[j].number = 0;
    return result;
}

/* As libpcsclite does: looks only at its own table, so a restarted service is not noticed. */
static scm_result faulty_is_valid(const struct pcsc_port *iface, pcsc_context context)
{
    struct faulty_port *port = impl(iface);
    port->calls[FAULTY_IS_VALID]++;
    return context_index(port, context) < FAULTY_OPEN_MAX ? HR_OK : SC_E_INVALID_HANDLE;
}

static scm_result faulty_connect(const struct pcsc_port *iface, pcsc_context context,
                                 const char *reader_name, enum pcsc_share share, unsigned protocols,
                                 pcsc_card *card, enum pcsc_protocol *active)
{
    struct faulty_port *port = impl(iface);
    *card = 0;
    *active = PCSC_PROTOCOL_NONE;
    scm_result result = enter(port, FAULTY_CONNECT);
    if (result_failed(result)) return result;
    size_t i = context_index(port, context);
    if (i == FAULTY_OPEN_MAX) return SC_E_INVALID_HANDLE;
    if (port->contexts[i].generation != port->generation) return SC_E_NO_SERVICE;
    if (strcmp(reader_name, FAULTY_READER) != 0) return SC_E_UNKNOWN_READER;
    for (size_t j = 0; j < FAULTY_OPEN_MAX; j++)
    {
        /* As pcsc-lite does: for ever, while a handle has the card to itself for some commands. */
        if (port->cards[j].number && port->cards[j].in_transaction) port->has_waited_in_vain = true;
        if (port->cards[j].number && port->cards[j].share == PCSC_SHARE_EXCLUSIVE &&
            port->cards[j].generation == port->generation && port->keeps_exclusive)
            return SC_E_SHARING_VIOLATION;
    }
    if (!port->card_present) return SC_E_NO_SMARTCARD;
    port->has_no_power = false;
    port->last_share = share;
    port->last_protocols = protocols;
    for (size_t j = 0; j < FAULTY_OPEN_MAX; j++)
    {
        if (port->cards[j].number) continue;
        port->cards[j] = (struct faulty_card){ .number = ++port->next_number,
                                               .context = context,
                                               .generation = port->generation,
                                               .share = share,
                                               .protocols = protocols };
        *card = port->cards[j].number;
        *active = port->protocol;
        return HR_OK;
    }
    return HR_OUTOFMEMORY;
}

/* What every function with a card begins with. */
static scm_result enter_card(struct faulty_port *port, enum faulty_call call, pcsc_card number,
                             struct faulty_card **card)
{
    scm_result result = enter(port, call);
    *card = faulty_port_card(port, number);
    if (!*card) return SC_E_INVALID_HANDLE;
    if (result_failed(result)) return result;
    return (*card)->generation == port->generation ? HR_OK : SC_E_NO_SERVICE;
}

/* Another handle has the card to itself: here, where there is one thread, a real one would wait for
 * ever. */
static bool waits_in_vain(struct faulty_port *port, const struct faulty_card *card)
{
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (port->cards[i].number && port->cards[i].in_transaction && &port->cards[i] != card &&
            port->cards[i].generation == port->generation)
            port->has_waited_in_vain = true;
    return port->has_waited_in_vain;
}

static struct pcsc_traits faulty_traits(const struct pcsc_port *iface)
{
    const struct faulty_port *port = (const struct faulty_port *)iface;
    return port->traits;
}

static scm_result faulty_reconnect(const struct pcsc_port *iface, pcsc_card number,
                                   enum pcsc_share share, unsigned protocols,
                                   enum pcsc_disposition initialization, enum pcsc_protocol *active)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;

    *active = PCSC_PROTOCOL_NONE;
    scm_result result = enter_card(port, FAULTY_RECONNECT, number, &card);
    if (result_failed(result)) return result;
    if (port->traits.everybody_waits && waits_in_vain(port, card)) return SC_F_INTERNAL_ERROR;
    port->last_initialization = initialization;
    port->last_share = share;
    port->last_protocols = protocols;
    card->in_transaction = false;
    if (!port->card_present) return SC_E_NO_SMARTCARD;
    card->share = share;
    card->is_stale = false;
    /* As pcsc-lite does: success without power. */
    if (initialization != PCSC_LEAVE_CARD) port->has_no_power = false;
    *active = port->protocol;
    return HR_OK;
}

static scm_result faulty_disconnect(const struct pcsc_port *iface, pcsc_card number,
                                    enum pcsc_disposition disposition)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;

    scm_result result = enter_card(port, FAULTY_DISCONNECT, number, &card);
    if (card && port->traits.everybody_waits && disposition != PCSC_LEAVE_CARD)
        waits_in_vain(port, card);
    port->last_disposition = disposition;
    if (card) card->number = 0;
    return result;
}

static scm_result faulty_begin(const struct pcsc_port *iface, pcsc_card number)
{
    struct faulty_card *card;
    scm_result result = enter_card(impl(iface), FAULTY_BEGIN, number, &card);
    if (result_failed(result)) return result;
    if (waits_in_vain(impl(iface), card)) return SC_F_INTERNAL_ERROR;
    if (card->is_stale) return card->stale_because;
    if (card->in_transaction) return SC_F_INTERNAL_ERROR; /* taken twice: the session must count */
    card->in_transaction = true;
    return HR_OK;
}

static scm_result faulty_end(const struct pcsc_port *iface, pcsc_card number,
                             enum pcsc_disposition disposition)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;
    scm_result result = enter_card(port, FAULTY_END, number, &card);
    if (result_failed(result)) return result;
    if (!card->in_transaction) return SC_E_NOT_TRANSACTED;
    card->in_transaction = false;
    port->last_disposition = disposition;
    if (card->is_stale) return card->stale_because;
    /* As pcsc-lite does: everybody has to reconnect, who asked for the reset as well. */
    if (disposition != PCSC_LEAVE_CARD) faulty_port_disturb_card(port, SC_W_RESET_CARD);
    return HR_OK;
}

static scm_result faulty_status(const struct pcsc_port *iface, pcsc_card number,
                                struct pcsc_status *status)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;

    memset(status, 0, sizeof(*status));
    scm_result result = enter_card(port, FAULTY_STATUS, number, &card);
    if (result_failed(result)) return result;
    if (port->traits.everybody_waits && waits_in_vain(port, card)) return SC_F_INTERNAL_ERROR;
    if (card->is_stale) return card->stale_because;
    status->state = port->state;
    status->protocol = port->protocol;
    strcpy(status->reader_name, FAULTY_READER);
    memcpy(status->atr, port->atr, port->atr_len);
    status->atr_len = port->atr_len;
    return HR_OK;
}

static scm_result faulty_transmit(const struct pcsc_port *iface, pcsc_card number,
                                  enum pcsc_protocol protocol, const uint8_t *command,
                                  size_t command_len, uint8_t *answer, size_t capacity, size_t *got)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;

    *got = 0;
    scm_result result = enter_card(port, FAULTY_TRANSMIT, number, &card);
    if (result_failed(result)) return result;
    if (card->is_stale) return card->stale_because;
    if (port->has_no_power) return SC_W_REMOVED_CARD;
    if (protocol != port->protocol) return SC_E_PROTO_MISMATCH;
    /* Commands of ours that belong together must not be torn apart: none goes without, but a
     * client's own with a protocol that makes it whole. */
    if (!port->answer) return SC_F_INTERNAL_ERROR;
    if (!card->in_transaction && (!port->lets_clients_send || protocol == PCSC_PROTOCOL_T0))
        return SC_F_INTERNAL_ERROR;
    *got = port->answer(port->answer_context, command, command_len, answer, capacity);
    return *got <= capacity ? HR_OK : SC_E_INSUFFICIENT_BUFFER;
}

static scm_result faulty_control(const struct pcsc_port *iface, pcsc_card number, uint32_t code,
                                 const uint8_t *data, size_t data_len, uint8_t *answer,
                                 size_t capacity, size_t *got)
{
    struct faulty_port *port = impl(iface);
    struct faulty_card *card;

    *got = 0;
    scm_result result = enter_card(port, FAULTY_CONTROL, number, &card);
    if (result_failed(result)) return result;
    if (card->is_stale) return card->stale_because;
    if (!card->in_transaction) return SC_F_INTERNAL_ERROR;
    if (!port->control) return SC_E_UNSUPPORTED_FEATURE;
    return port->control(port->answer_context, code, data, data_len, answer, capacity, got);
}

static scm_result faulty_is_exclusive(const struct pcsc_port *iface, pcsc_context context,
                                      const char *reader_name, bool *exclusive)
{
    struct faulty_port *port = impl(iface);

    *exclusive = false;
    scm_result result = enter(port, FAULTY_IS_EXCLUSIVE);
    if (result_failed(result)) return result;
    size_t index = context_index(port, context);
    if (index == FAULTY_OPEN_MAX) return SC_E_INVALID_HANDLE;
    if (port->contexts[index].generation != port->generation) return SC_E_NO_SERVICE;
    if (strcmp(reader_name, FAULTY_READER) != 0) return SC_E_UNKNOWN_READER;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        if (port->cards[i].number && port->cards[i].share == PCSC_SHARE_EXCLUSIVE)
            *exclusive = true;
    return HR_OK;
}

/* The state of a reader as a number that changes when anything does. */
static uint32_t state_of(const struct faulty_port *port, bool is_news)
{
    if (is_news) return port->has_no_reader ? 0x10000 : 0;
    return 0x100 + port->events * 4 + (port->card_present ? 2 : 0);
}

static scm_result look(struct faulty_port *port, struct pcsc_watched *readers, size_t count,
                       bool *has_changed)
{
    *has_changed = false;
    for (size_t i = 0; i < count; i++)
    {
        bool is_news = strcmp(readers[i].reader_name, PCSC_READER_NEWS) == 0;
        if (!is_news && (port->has_no_reader || strcmp(readers[i].reader_name, FAULTY_READER) != 0))
            return SC_E_UNKNOWN_READER;
        uint32_t state = state_of(port, is_news);
        readers[i].has_changed = readers[i].known != state;
        readers[i].known = state;
        readers[i].has_card = !is_news && port->card_present;
        readers[i].is_exclusive = false;
        for (size_t j = 0; !is_news && j < FAULTY_OPEN_MAX; j++)
            if (port->cards[j].number && port->cards[j].share == PCSC_SHARE_EXCLUSIVE)
                readers[i].is_exclusive = true;
        readers[i].atr_len = readers[i].has_card ? port->atr_len : 0;
        memcpy(readers[i].atr, port->atr, readers[i].atr_len);
        if (readers[i].has_changed) *has_changed = true;
    }
    return HR_OK;
}

static scm_result faulty_watch(const struct pcsc_port *iface, pcsc_context context,
                               uint32_t timeout_ms, struct pcsc_watched *readers, size_t count)
{
    struct faulty_port *port = impl(iface);
    bool has_changed;

    scm_result result = enter(port, FAULTY_WATCH);
    if (result_failed(result)) return result;
    if (context_index(port, context) == FAULTY_OPEN_MAX) return SC_E_INVALID_HANDLE;
    port->watched_in = context;
    result = look(port, readers, count, &has_changed);
    if (result_failed(result) || has_changed) return result;
    if (timeout_ms == 0) return SC_E_TIMEOUT;
    if (port->while_waiting) port->while_waiting(port);
    result = look(port, readers, count, &has_changed);
    if (result_failed(result)) return result;
    if (has_changed) return HR_OK;
    return timeout_ms == PCSC_FOREVER ? SC_E_CANCELLED : SC_E_TIMEOUT;
}

static scm_result faulty_cancel(const struct pcsc_port *iface, pcsc_context context)
{
    struct faulty_port *port = impl(iface);

    scm_result result = enter(port, FAULTY_CANCEL);
    if (result_failed(result)) return result;
    return context_index(port, context) < FAULTY_OPEN_MAX ? HR_OK : SC_E_INVALID_HANDLE;
}

void faulty_port_init(struct faulty_port *port)
{
    memset(port, 0, sizeof(*port));
    port->port = (struct pcsc_port){
        .establish = faulty_establish,
        .release = faulty_release,
        .is_valid = faulty_is_valid,
        .connect = faulty_connect,
        .reconnect = faulty_reconnect,
        .disconnect = faulty_disconnect,
        .begin = faulty_begin,
        .end = faulty_end,
        .status = faulty_status,
        .transmit = faulty_transmit,
        .control = faulty_control,
        .is_exclusive = faulty_is_exclusive,
        .watch = faulty_watch,
        .cancel = faulty_cancel,
        .traits = faulty_traits,
    };
    port->service_runs = true;
    port->card_present = true;
    port->protocol = PCSC_PROTOCOL_T1;
    port->state = PCSC_STATE_SPECIFIC;
    port->next_number = 100;
}

void faulty_port_fail(struct faulty_port *port, enum faulty_call call, scm_result result,
                      unsigned count)
{
    port->fail_result[call] = result;
    port->fail_count[call] = count;
}

void faulty_port_restart_service(struct faulty_port *port)
{
    port->generation++;
    port->service_runs = true;
}

void faulty_port_disturb_card(struct faulty_port *port, scm_result because)
{
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
    {
        port->cards[i].is_stale = true;
        port->cards[i].stale_because = because;
    }
}

pcsc_card faulty_port_client_connect(struct faulty_port *port, enum pcsc_share share)
{
    pcsc_context context;
    pcsc_card card;
    enum pcsc_protocol active;

    port->clients++;
    faulty_establish(&port->port, &context);
    faulty_connect(&port->port, context, FAULTY_READER, share, PCSC_PROTOCOL_ANY, &card, &active);
    return card;
}

unsigned faulty_port_open_contexts(const struct faulty_port *port)
{
    unsigned count = 0;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        count += port->contexts[i].number != 0;
    return count;
}

unsigned faulty_port_open_cards(const struct faulty_port *port)
{
    unsigned count = 0;
    for (size_t i = 0; i < FAULTY_OPEN_MAX; i++)
        count += port->cards[i].number != 0;
    return count;
}
