/*
 * fake_unix_part - the bridge's unix part in memory.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#include "support/fake_unix_part.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

#include "base/result.h"
#include "wine/share_claim.h"

#define OPEN_MAX     4096
#define READER       "Fake Reader 00 00"
#define NOTIFICATION "\\\\?PnP?\\Notification"

static const uint8_t fake_atr[] = { 0x3B, 0x80, 0x80, 0x01, 0x01 };

struct fake_unix_part fake_unix_part;

static struct
{
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    bool is_context[OPEN_MAX];
    bool is_cancelled[OPEN_MAX];
    bool is_waiting[OPEN_MAX];
    bool is_busy[OPEN_MAX];
    int64_t context_of_card[OPEN_MAX];
    uint32_t transactions_of_card[OPEN_MAX];
    bool was_removed[OPEN_MAX]; /* a card's, until it is reconnected */
    bool is_unpowered, counts_as_used;
    uint32_t readers, reader_events;
    int changed_reader; /* the one in which something happens during waits; -1: none */
    int64_t next;
    bool is_direct_claimed;
    uint32_t claims;
} fake = { .mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };

void fake_unix_part_reset(void)
{
    pthread_mutex_lock(&fake.mutex);
    memset(&fake_unix_part, 0, sizeof(fake_unix_part));
    memset(fake.is_context, 0, sizeof(fake.is_context));
    memset(fake.is_cancelled, 0, sizeof(fake.is_cancelled));
    memset(fake.is_waiting, 0, sizeof(fake.is_waiting));
    memset(fake.is_busy, 0, sizeof(fake.is_busy));
    memset(fake.context_of_card, 0, sizeof(fake.context_of_card));
    memset(fake.transactions_of_card, 0, sizeof(fake.transactions_of_card));
    memset(fake.was_removed, 0, sizeof(fake.was_removed));
    fake.is_unpowered = fake.counts_as_used = false;
    fake.next = 1;
    fake.readers = 1;
    fake.changed_reader = -1;
    fake.reader_events = 3;
    fake.claims = 0;
    fake.is_direct_claimed = false;
    fake_unix_part.card_state = 0x34;
    fake_unix_part.card_protocol = 2;
    fake_unix_part.receive_len = 2;
    fake_unix_part.event_state = 0x22;
    pthread_mutex_unlock(&fake.mutex);
}

void fake_unix_part_replace_card(void)
{
    pthread_mutex_lock(&fake.mutex);
    for (int card = 1; card < OPEN_MAX; card++)
        fake.was_removed[card] = fake.context_of_card[card] != 0;
    fake.is_unpowered = true;
    fake.counts_as_used = false;
    pthread_mutex_unlock(&fake.mutex);
}

void fake_unix_part_set_readers(uint32_t count)
{
    pthread_mutex_lock(&fake.mutex);
    fake.readers = count;
    fake.reader_events++;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.mutex);
}

void fake_unix_part_change_reader(int number)
{
    pthread_mutex_lock(&fake.mutex);
    fake.changed_reader = number;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.mutex);
}

uint32_t fake_unix_part_count(const uint32_t *counter)
{
    pthread_mutex_lock(&fake.mutex);
    uint32_t count = *counter;
    pthread_mutex_unlock(&fake.mutex);
    return count;
}

void fake_unix_part_let_waits_end(void)
{
    pthread_mutex_lock(&fake.mutex);
    fake_unix_part.waits = false;
    fake_unix_part.other_has_transaction = false;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.mutex);
}

void fake_unix_part_let_looks_end(void)
{
    pthread_mutex_lock(&fake.mutex);
    fake_unix_part.looks_take_long = false;
    pthread_cond_broadcast(&fake.changed);
    pthread_mutex_unlock(&fake.mutex);
}

static bool context_is_open(int64_t context)
{
    return context > 0 && context < OPEN_MAX && fake.is_context[context];
}

static bool card_is_open(int64_t card)
{
    return card > 0 && card < OPEN_MAX && fake.context_of_card[card] != 0;
}

static void close_card(int64_t card)
{
    fake_unix_part.cards_open--;
    fake_unix_part.transactions_open -= fake.transactions_of_card[card];
    fake.transactions_of_card[card] = 0;
    fake.context_of_card[card] = 0;
    pthread_cond_broadcast(&fake.changed);
}

static int32_t establish(struct unix_establish *call)
{
    if (fake.next >= OPEN_MAX) return SC_E_NO_MEMORY;
    /* pcscd hangs up; what libpcsclite makes of that depends on when. */
    if (fake_unix_part.contexts_max && fake_unix_part.contexts_open >= fake_unix_part.contexts_max)
        return fake_unix_part.calls[UNIX_ESTABLISH] % 3 ? SC_W_SECURITY_VIOLATION : SC_E_NO_SERVICE;
    call->context = fake.next++;
    fake.is_context[call->context] = true;
    fake_unix_part.contexts_open++;
    return 0;
}

static int32_t release(int64_t context)
{
    if (!context_is_open(context)) return SC_E_INVALID_HANDLE;
    for (int64_t card = 1; card < OPEN_MAX; card++)
        if (fake.context_of_card[card] == context) close_card(card);
    fake.is_context[context] = false;
    fake_unix_part.contexts_open--;
    return 0;
}

/* As libpcsclite does: a cancel without a wait is a success and nothing else. */
static int32_t cancel(int64_t context)
{
    if (!context_is_open(context)) return SC_E_INVALID_HANDLE;
    if (fake.is_waiting[context]) fake.is_cancelled[context] = true;
    pthread_cond_broadcast(&fake.changed);
    return 0;
}

/** "Fake Reader XX 00". */
static void name_reader(char name[sizeof(READER)], uint32_t number)
{
    memcpy(name, READER, sizeof(READER));
    name[sizeof(READER) - 6] = "0123456789ABCDEF"[number / 16 % 16];
    name[sizeof(READER) - 5] = "0123456789ABCDEF"[number % 16];
}

/** The number of a reader that is there; -1 of another. */
static int number_of(const char *wanted)
{
    char name[sizeof(READER)];

    for (uint32_t i = 0; i < fake.readers; i++)
    {
        name_reader(name, i);
        if (strcmp(name, wanted) == 0) return (int)i;
    }
    return -1;
}

/** Whether a reader is unknown: it is not there, or the fault is pcsc-lite's. */
static bool is_unknown(const char *name)
{
    if (number_of(name) < 0) return true;
    if (!fake_unix_part.mistakes) return false;
    fake_unix_part.mistakes--;
    return true;
}

static int32_t list_readers(struct unix_list_readers *call)
{
    uint32_t len = fake.readers * (uint32_t)sizeof(READER) + 1;
    char *names = (void *)(uintptr_t)call->readers;

    if (!context_is_open(call->context)) return SC_E_INVALID_HANDLE;
    if (fake.is_busy[call->context]) fake_unix_part.asked_in_use++;
    if (!fake.readers) return SC_E_NO_READERS_AVAILABLE;
    call->len = len;
    if (!names) return 0;
    if (call->capacity < len) return SC_E_INSUFFICIENT_BUFFER;
    for (uint32_t i = 0; i < fake.readers; i++)
    {
        name_reader(names + i * sizeof(READER), i);
    }
    names[len - 1] = 0;
    return 0;
}

static bool is_notification(const struct unix_reader_state *state)
{
    return strcmp((const char *)(uintptr_t)state->reader, NOTIFICATION) == 0;
}

/** What is told of readers that come and go; until 2.2 they are compared with the call's begin. */
static bool take_notification(struct unix_reader_state *state, uint32_t events_before)
{
    bool has_changed = fake_unix_part.counts_readers_events
                           ? state->current_state >> 16 != fake.reader_events
                           : fake.reader_events != events_before;

    state->event_state = fake_unix_part.counts_readers_events ? fake.reader_events << 16 : 0;
    if (has_changed) state->event_state |= 0x2;
    return has_changed;
}

static bool is_changed_reader(const struct unix_reader_state *state)
{
    return fake.changed_reader >= 0 &&
           number_of((const char *)(uintptr_t)state->reader) == fake.changed_reader;
}

static int32_t status_change(struct unix_status_change *call)
{
    struct unix_reader_state *states = (void *)(uintptr_t)call->states;
    uint32_t number = fake_unix_part.calls[UNIX_STATUS_CHANGE] - 1, before = fake.reader_events;
    bool has_changed = false, is_for_reader = false;
    struct timespec until;

    if (!context_is_open(call->context)) return SC_E_INVALID_HANDLE;
    if (fake_unix_part.states_max && call->count > fake_unix_part.states_max)
        return SC_E_INVALID_PARAMETER;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_nsec += (long)(call->timeout_ms % 1000) * 1000000;
    until.tv_sec += (long)(call->timeout_ms / 1000) + until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    if (number < sizeof(fake_unix_part.timeouts) / sizeof(fake_unix_part.timeouts[0]))
        fake_unix_part.timeouts[number] = call->timeout_ms;
    for (uint32_t i = 0; i < call->count; i++)
    {
        if (is_notification(&states[i])) continue;
        if (is_unknown((const char *)(uintptr_t)states[i].reader)) return SC_E_UNKNOWN_READER;
        is_for_reader = true;
    }
    fake.is_waiting[call->context] = fake.is_busy[call->context] = true;
    fake_unix_part.waits_under_way++;
    for (;;)
    {
        for (uint32_t i = 0; i < call->count; i++)
            if (is_notification(&states[i]) ? take_notification(&states[i], before)
                                            : is_changed_reader(&states[i]))
                has_changed = true;
        if (has_changed || fake.is_cancelled[call->context] || call->timeout_ms == 0 ||
            fake_unix_part.results[UNIX_STATUS_CHANGE] || !(fake_unix_part.waits || !is_for_reader))
            break;
        if (pthread_cond_timedwait(&fake.changed, &fake.mutex, &until) != 0) break;
    }
    fake_unix_part.waits_under_way--;
    fake.is_waiting[call->context] = fake.is_busy[call->context] = false;
    if (fake.is_cancelled[call->context]) return SC_E_CANCELLED;
    if (fake_unix_part.results[UNIX_STATUS_CHANGE])
        return fake_unix_part.results[UNIX_STATUS_CHANGE];
    for (uint32_t i = 0; i < call->count; i++)
    {
        if (is_notification(&states[i])) continue;
        states[i].event_state = fake_unix_part.event_state;
        if (fake_unix_part.waits && !is_changed_reader(&states[i])) states[i].event_state &= ~0x2u;
        states[i].atr_len = sizeof(fake_atr);
        memcpy(states[i].atr, fake_atr, sizeof(fake_atr));
    }
    return is_for_reader && !fake_unix_part.waits ? 0 : has_changed ? 0 : SC_E_TIMEOUT;
}

static int32_t connect_card(struct unix_connect *call)
{
    fake_unix_part.share = call->share;
    fake_unix_part.protocols = call->protocols;
    if (!context_is_open(call->context)) return SC_E_INVALID_HANDLE;
    if (is_unknown((const char *)(uintptr_t)call->reader)) return SC_E_UNKNOWN_READER;
    if (call->share == 1 && (fake_unix_part.is_shared_by_another || fake_unix_part.cards_open))
        return SC_E_SHARING_VIOLATION;
    if (fake_unix_part.transactions_open) fake_unix_part.connected_in_transaction = true;
    if (call->share != 3 && !fake.counts_as_used) fake.is_unpowered = false;
    call->card = fake.next++;
    call->protocol = fake_unix_part.card_protocol;
    fake.context_of_card[call->card] = call->context;
    fake_unix_part.cards_open++;
    return 0;
}

static int32_t reconnect(struct unix_reconnect *call)
{
    fake_unix_part.share = call->share;
    fake_unix_part.protocols = call->protocols;
    fake_unix_part.initialization = call->initialization;
    call->protocol = fake_unix_part.card_protocol;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    fake.was_removed[call->card] = false;
    fake.counts_as_used = call->share != 3;
    if (call->initialization) fake.is_unpowered = false;
    fake_unix_part.resets += call->initialization != 0;
    return 0;
}

static int32_t disconnect(struct unix_disposition *call)
{
    if (fake_unix_part.looks_under_way) fake_unix_part.closed_while_looking = true;
    fake_unix_part.disposition = call->disposition;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    close_card(call->card);
    return 0;
}

static int32_t abandon(struct unix_abandon *call)
{
    if (fake_unix_part.looks_under_way) fake_unix_part.closed_while_looking = true;
    fake_unix_part.disposition = call->disposition;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    close_card(call->card);
    return 0;
}

static int32_t begin(struct unix_disposition *call)
{
    while (fake_unix_part.other_has_transaction && card_is_open(call->card))
        pthread_cond_wait(&fake.changed, &fake.mutex);
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    fake.transactions_of_card[call->card]++;
    fake_unix_part.transactions_open++;
    return 0;
}

static int32_t end(struct unix_disposition *call)
{
    fake_unix_part.disposition = call->disposition;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    if (fake.was_removed[call->card]) return SC_W_REMOVED_CARD;
    if (!fake.transactions_of_card[call->card]) return SC_E_NOT_TRANSACTED;
    fake.transactions_of_card[call->card]--;
    fake_unix_part.transactions_open--;
    return 0;
}

static int32_t status(struct unix_status *call)
{
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    if (fake.was_removed[call->card]) return SC_W_REMOVED_CARD;
    fake_unix_part.looks_under_way++;
    fake.is_busy[fake.context_of_card[call->card]] = true;
    while (fake_unix_part.looks_take_long)
        pthread_cond_wait(&fake.changed, &fake.mutex);
    fake_unix_part.looks_under_way--;
    fake.is_busy[fake.context_of_card[call->card]] = false;
    call->state = fake_unix_part.card_state;
    call->protocol = fake_unix_part.card_protocol;
    call->atr_len = sizeof(fake_atr);
    memcpy(call->atr, fake_atr, sizeof(fake_atr));
    return 0;
}

static int32_t transmit(struct unix_transmit *call)
{
    fake_unix_part.protocols = call->send_protocol;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    if (fake.was_removed[call->card]) return SC_W_REMOVED_CARD;
    call->receive_len = fake.is_unpowered ? 0 : fake_unix_part.receive_len;
    call->receive_protocol = call->send_protocol;
    if (call->receive_len > call->receive_capacity) return SC_E_INSUFFICIENT_BUFFER;
    memset((void *)(uintptr_t)call->receive, 0x90, call->receive_len);
    return 0;
}

static int32_t control(struct unix_control *call)
{
    fake_unix_part.control_code = call->code;
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    if (fake_unix_part.control_answer_len == 0) return (int32_t)0x8010001F;
    call->receive_len = fake_unix_part.control_answer_len;
    if (call->receive_len > call->receive_capacity) return SC_E_INSUFFICIENT_BUFFER;
    memcpy((void *)(uintptr_t)call->receive, fake_unix_part.control_answer, call->receive_len);
    return 0;
}

static int32_t get_attribute(struct unix_attribute *call)
{
    if (!card_is_open(call->card)) return SC_E_INVALID_HANDLE;
    if (fake_unix_part.attribute_len == 0) return (int32_t)0x8010001F;
    call->value_len = fake_unix_part.attribute_len;
    memcpy((void *)(uintptr_t)call->value, fake_unix_part.attribute, call->value_len);
    return 0;
}

static int32_t *answer_locked(uint32_t function, void *arguments, int32_t *answer)
{
    switch (function)
    {
    case UNIX_ATTACH:
        *answer = 0;
        return &((struct unix_attach *)arguments)->result;
    case UNIX_ESTABLISH:
        *answer = fake_unix_part.results[function] ? 0 : establish(arguments);
        return &((struct unix_establish *)arguments)->result;
    case UNIX_RELEASE:
        *answer = release(((struct unix_context *)arguments)->context);
        return &((struct unix_context *)arguments)->result;
    case UNIX_CANCEL:
        *answer = cancel(((struct unix_context *)arguments)->context);
        return &((struct unix_context *)arguments)->result;
    case UNIX_LIST_READERS:
        *answer = list_readers(arguments);
        return &((struct unix_list_readers *)arguments)->result;
    case UNIX_STATUS_CHANGE:
        *answer = status_change(arguments);
        return &((struct unix_status_change *)arguments)->result;
    case UNIX_CONNECT:
        *answer = fake_unix_part.results[function] ? 0 : connect_card(arguments);
        return &((struct unix_connect *)arguments)->result;
    case UNIX_RECONNECT:
        *answer = reconnect(arguments);
        return &((struct unix_reconnect *)arguments)->result;
    case UNIX_DISCONNECT:
        *answer = disconnect(arguments);
        return &((struct unix_disposition *)arguments)->result;
    case UNIX_ABANDON:
        *answer = abandon(arguments);
        return &((struct unix_abandon *)arguments)->result;
    case UNIX_BEGIN:
        *answer = begin(arguments);
        return &((struct unix_disposition *)arguments)->result;
    case UNIX_END:
        *answer = fake_unix_part.results[function] ? 0 : end(arguments);
        return &((struct unix_disposition *)arguments)->result;
    case UNIX_STATUS:
        *answer = status(arguments);
        return &((struct unix_status *)arguments)->result;
    case UNIX_TRANSMIT:
        *answer = transmit(arguments);
        return &((struct unix_transmit *)arguments)->result;
    case UNIX_CONTROL:
        *answer = control(arguments);
        return &((struct unix_control *)arguments)->result;
    default:
        *answer = get_attribute(arguments);
        return &((struct unix_attribute *)arguments)->result;
    }
}

int32_t fake_unix_call(uint32_t function, void *arguments)
{
    int32_t answer, *result;

    pthread_mutex_lock(&fake.mutex);
    if (fake_unix_part.is_absent)
    {
        pthread_mutex_unlock(&fake.mutex);
        return -1;
    }
    fake_unix_part.calls[function]++;
    result = answer_locked(function, arguments, &answer);
    if (fake_unix_part.results[function]) answer = fake_unix_part.results[function];
    *result = answer;
    pthread_mutex_unlock(&fake.mutex);
    return 0;
}

/* ---- Claims, without a registry of names ---- */

struct winscard_result share_claim_take(struct share_claim *claim, const uint16_t *reader,
                                        bool is_direct)
{
    struct winscard_result result = winscard_code(SC_E_SHARING_VIOLATION);
    (void)reader;
    pthread_mutex_lock(&fake.mutex);
    claim->object = NULL;
    if (!fake.is_direct_claimed && !(is_direct && fake.claims))
    {
        fake.is_direct_claimed = is_direct;
        fake.claims++;
        claim->object = &fake;
        result = WINSCARD_OK;
    }
    pthread_mutex_unlock(&fake.mutex);
    return result;
}

void share_claim_give(struct share_claim *claim)
{
    pthread_mutex_lock(&fake.mutex);
    if (claim->object)
    {
        fake.claims--;
        fake.is_direct_claimed = false;
    }
    claim->object = NULL;
    pthread_mutex_unlock(&fake.mutex);
}
