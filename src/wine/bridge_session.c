/*
 * bridge_session - contexts and card connections with Windows' behaviour, over pcsc-lite.
 * Layer: wine bridge (the core: no Windows header).
 * Owns: the handle table, and behind it contexts and cards; threads: any.
 * Reference: SCardEstablishContext to SCardSetAttrib, Microsoft Learn; winscard.h of pcsc-lite.
 *
 * Design notes. A context holds no connection to the service, only the list of its cards and of the
 * waits under way in it. A card owns a channel from connecting to disconnecting. Locks: a context's
 * lock guards its two lists, a card's lock its own state; the handle table's and the pool's locks
 * are leaves below both; a context's and a card's lock are never held together. No call that can
 * wait for a card or for a user is made under a lock (cancelling is: it answers at once, and the
 * wait it cancels must not lose its channel meanwhile).
 * A card keeps its context alive by a reference; the context only lists handles of cards, so that
 * there is no circle.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_session.h"

#include <string.h>

#include "wine/differences.h"
#include "wine/handle_table.h"
#include "wine/share_claim.h"
#include "wine/system.h"

enum share_mode
{
    SHARE_EXCLUSIVE = 1,
    SHARE_SHARED = 2,
    SHARE_DIRECT = 3
};

enum disposition
{
    LEAVE_CARD = 0,
    RESET_CARD = 1,
    UNPOWER_CARD = 2,
    EJECT_CARD = 3
};

#define SCOPE_LAST 2u

/* Values of the attribute that tells whether a card is there (PC/SC part 3: 1 and 2 are "present",
   without and with the card in position). */
#define ICC_ABSENT  0
#define ICC_PRESENT 2

/** A cancelled wait that has not ended yet is asked again after this. */
#define CANCEL_REPEAT_MS 5u

/** pcscd looks for a card twice in this time: a removal is known then. */
#define REMOVAL_NOTICED_MS 800u
#define REMOVAL_LOOK_MS    50u

/** How long releasing a context or ending a process waits for each card left connected. */
#define LEAVE_LIMIT_MS 2000u

/** Longest single wait asked of pcsc-lite, whose clock is a signed long. */
#define WAIT_SLICE_MS 3600000u

/** Bytes of a reader's name for pcsc-lite, NUL included: its MAX_READERNAME. */
#define LITE_NAME_CAPACITY 128

#define FIRST_LIST_CAPACITY 2048

/** What is to become of a card's channel when the card is destroyed. */
enum channel_use
{
    CHANNEL_SPOILT,   /* something may be open in it: to be closed */
    CHANNEL_REUSABLE, /* back into the pool */
    CHANNEL_CLOSED    /* closed already */
};

struct bridge_wait
{
    struct bridge_wait *next;
    int64_t channel;
    bool is_cancelled;
};

struct bridge_context
{
    struct handle_object object; /* first: the table's pointer is this one */
    uint32_t epoch;

    struct system_lock lock;
    struct bridge_wait *waits;
    struct bridge_card *cards;
    bool is_released;
};

struct bridge_card
{
    struct handle_object object; /* first */
    struct bridge_context *context;
    struct bridge_card *next; /* the context's lock */
    uint32_t handle;
    struct lite_channel channel;
    uint16_t shown_name[READER_NAME_CAPACITY];
    uint16_t lite_name[READER_NAME_CAPACITY];

    struct system_lock lock;
    int64_t lite_card;
    struct share_claim claim;
    uint32_t share;
    uint32_t protocol;           /* Windows' number */
    uint32_t transactions;       /* begun and not ended by the client */
    uint32_t stuck_transactions; /* ended for the client, but not by pcsc-lite */
    uint32_t transmit_count;
    enum channel_use channel_use;
};

static struct
{
    struct handle_table handles;
    enum reader_names_style style;
    struct system_lock lock;
    uint32_t calls_inside; /* threads between entering and leaving the unix part */
} bridge;

/* The handle table's object of a context or card. */
static struct bridge_context *use_context(uintptr_t handle)
{
    return (struct bridge_context *)handle_table_use(&bridge.handles, HANDLE_CONTEXT, handle);
}

static struct bridge_card *use_card(uintptr_t handle)
{
    return (struct bridge_card *)handle_table_use(&bridge.handles, HANDLE_CARD, handle);
}

static void give_context(struct bridge_context *context)
{
    handle_object_give(&bridge.handles, &context->object);
}

static void give_card(struct bridge_card *card)
{
    handle_object_give(&bridge.handles, &card->object);
}

/** Counts the threads inside the unix part: see bridge_process_ends. */
static scm_result counted_call(enum unix_function function, void *arguments, const int32_t *result)
{
    scm_result answer;

    system_lock_take(&bridge.lock);
    bridge.calls_inside++;
    system_lock_give(&bridge.lock);
    answer = lite_call(function, arguments, result);
    system_lock_take(&bridge.lock);
    bridge.calls_inside--;
    system_lock_give(&bridge.lock);
    return answer;
}

void bridge_init(lite_call_function call, enum reader_names_style style)
{
    memset(&bridge, 0, sizeof(bridge));
    system_lock_init(&bridge.lock);
    handle_table_init(&bridge.handles);
    bridge.style = style;
    lite_channels_init(call);
}

void bridge_shutdown(void)
{
    uint32_t handle;

    while ((handle = handle_table_any(&bridge.handles, HANDLE_CONTEXT)) != 0)
        bridge_release(handle);
    handle_table_destroy(&bridge.handles);
    system_lock_destroy(&bridge.lock);
    lite_channels_forget();
}

/* ---- Contexts ---- */

static void context_destroy(struct handle_object *object)
{
    struct bridge_context *context = (struct bridge_context *)object;
    lite_channels_leave();
    system_lock_destroy(&context->lock);
    system_free(context);
}

scm_result bridge_establish(uint32_t scope, uint32_t *handle)
{
    struct bridge_context *context;
    scm_result result;

    *handle = 0;
    if (scope > SCOPE_LAST) return SC_E_INVALID_VALUE;
    context = system_alloc(sizeof(*context));
    if (!context) return SC_E_NO_MEMORY;
    result = lite_channels_join(&context->epoch);
    if (result != HR_OK)
    {
        system_free(context);
        return result;
    }
    system_lock_init(&context->lock);
    context->object.refs = 1;
    context->object.destroy = context_destroy;
    *handle = handle_table_open(&bridge.handles, HANDLE_CONTEXT, &context->object);
    if (*handle == 0)
    {
        context_destroy(&context->object);
        return SC_E_NO_MEMORY;
    }
    return HR_OK;
}

/** Ends all waits of a context: asks pcsc-lite again until each has noticed. */
static void cancel_waits(struct bridge_context *context)
{
    struct bridge_wait *wait;

    system_lock_take(&context->lock);
    for (wait = context->waits; wait; wait = wait->next)
        wait->is_cancelled = true;
    for (;;)
    {
        bool any = false;
        for (wait = context->waits; wait; wait = wait->next)
        {
            struct unix_context call = { .context = wait->channel };
            if (!wait->is_cancelled) continue; /* begun after this cancel */
            any = true;
            counted_call(UNIX_CANCEL, &call, &call.result);
        }
        if (!any) break;
        /* A cancel that arrives before pcsc-lite waits is lost: ask again, unless it has ended. */
        system_lock_give(&context->lock);
        system_pause_ms(CANCEL_REPEAT_MS);
        system_lock_take(&context->lock);
    }
    system_lock_give(&context->lock);
}

scm_result bridge_cancel(uintptr_t handle)
{
    struct bridge_context *context = use_context(handle);

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    cancel_waits(context);
    give_context(context);
    return HR_OK;
}

scm_result bridge_check(uintptr_t handle)
{
    struct bridge_context *context = use_context(handle);
    scm_result result;

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = lite_epoch_is_current(context->epoch) ? HR_OK : SC_E_SERVICE_STOPPED;
    give_context(context);
    return result;
}

/** The handle of any card still connected in a context, 0 where there is none. */
static uint32_t any_card(struct bridge_context *context)
{
    uint32_t handle;

    system_lock_take(&context->lock);
    handle = context->cards ? context->cards->handle : 0;
    system_lock_give(&context->lock);
    return handle;
}

static void leave_card(uintptr_t handle);

scm_result bridge_release(uintptr_t handle)
{
    struct bridge_context *context =
        (struct bridge_context *)handle_table_close(&bridge.handles, HANDLE_CONTEXT, handle);
    uint32_t card;

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    system_lock_take(&context->lock);
    context->is_released = true;
    system_lock_give(&context->lock);
    cancel_waits(context);
    while ((card = any_card(context)) != 0)
        leave_card(card);
    give_context(context);
    return HR_OK;
}

/* ---- Readers ---- */

static scm_result read_names(const struct lite_channel *channel, char **names, size_t *names_len)
{
    size_t capacity = FIRST_LIST_CAPACITY;

    for (;;)
    {
        struct unix_list_readers call = { .context = channel->context };
        char *buffer = system_alloc(capacity);
        scm_result result;

        if (!buffer) return SC_E_NO_MEMORY;
        call.readers = unix_address_of(buffer);
        call.capacity = (uint32_t)capacity;
        result = counted_call(UNIX_LIST_READERS, &call, &call.result);
        if (result == HR_OK && call.len <= capacity)
        {
            *names = buffer;
            *names_len = call.len;
            return HR_OK;
        }
        system_free(buffer);
        if (result != SC_E_INSUFFICIENT_BUFFER) return lite_judge(channel->epoch, result);
        /* A reader came in between: ask with room to spare. */
        capacity *= 2;
    }
}

static void add_names(struct text_list *list, const char *names, size_t len)
{
    for (size_t at = 0; at < len && names[at];)
    {
        uint16_t wide[READER_NAME_CAPACITY], shown[READER_NAME_CAPACITY];
        size_t name_len = 0;

        while (at + name_len < len && names[at + name_len])
            name_len++;
        if (name_len < READER_NAME_CAPACITY)
        {
            wide[utf8_to_utf16(wide, names + at, name_len)] = 0;
            reader_name_from_lite(bridge.style, wide, shown);
            text_list_add(list, shown);
        }
        at += name_len + 1;
    }
}

static scm_result list_in_epoch(uint32_t epoch, struct text_list *list)
{
    struct lite_channel channel;
    char *names = NULL;
    size_t len = 0;
    scm_result result = lite_channel_take(epoch, &channel);

    if (result != HR_OK) return result;
    result = read_names(&channel, &names, &len);
    lite_channel_give(&channel);
    if (result != HR_OK) return result;
    add_names(list, names, len);
    system_free(names);
    if (list->failed) return SC_E_NO_MEMORY;
    return list->count ? HR_OK : SC_E_NO_READERS_AVAILABLE;
}

scm_result bridge_list_readers(uintptr_t handle, struct text_list *names)
{
    struct bridge_context *context;
    scm_result result;

    if (handle == 0)
    {
        uint32_t epoch;
        result = lite_channels_join(&epoch);
        if (result != HR_OK) return result;
        result = list_in_epoch(epoch, names);
        lite_channels_leave();
        return result;
    }
    context = use_context(handle);
    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = list_in_epoch(context->epoch, names);
    give_context(context);
    return result;
}

/** A reader's name for pcsc-lite; false where no reader can have such a name. */
static bool lite_name_of(const uint16_t *reader, uint16_t lite[READER_NAME_CAPACITY],
                         char utf8[LITE_NAME_CAPACITY])
{
    return reader_name_to_lite(bridge.style, reader, lite) &&
           text_to_utf8(utf8, LITE_NAME_CAPACITY, lite);
}

/** Enters a wait into its context, unless that is released already. */
static bool wait_begins(struct bridge_context *context, struct bridge_wait *wait)
{
    bool may_wait;

    system_lock_take(&context->lock);
    may_wait = !context->is_released;
    if (may_wait)
    {
        wait->next = context->waits;
        context->waits = wait;
    }
    system_lock_give(&context->lock);
    return may_wait;
}

static void wait_ends(struct bridge_context *context, struct bridge_wait *wait)
{
    system_lock_take(&context->lock);
    for (struct bridge_wait **at = &context->waits; *at; at = &(*at)->next)
    {
        if (*at != wait) continue;
        *at = wait->next;
        break;
    }
    system_lock_give(&context->lock);
}

static bool wait_is_cancelled(struct bridge_context *context, const struct bridge_wait *wait)
{
    bool is_cancelled;

    system_lock_take(&context->lock);
    is_cancelled = wait->is_cancelled;
    system_lock_give(&context->lock);
    return is_cancelled;
}

/** Waits in one channel, in slices that pcsc-lite's clock can count, for as long as was asked. */
static scm_result wait_in_channel(struct bridge_context *context, struct bridge_wait *wait,
                                  struct unix_status_change *call, uint32_t timeout_ms)
{
    uint32_t began = system_tick_ms();

    for (;;)
    {
        uint32_t passed = system_tick_ms() - began;
        uint32_t left = passed >= timeout_ms ? 0 : timeout_ms - passed;
        scm_result result;

        if (timeout_ms == BRIDGE_WAIT_FOR_EVER || left > WAIT_SLICE_MS) left = WAIT_SLICE_MS;
        call->timeout_ms = left;
        result = counted_call(UNIX_STATUS_CHANGE, call, &call->result);
        if (wait_is_cancelled(context, wait) && result != HR_OK) return SC_E_CANCELLED;
        if (result != SC_E_TIMEOUT) return result;
        if (timeout_ms != BRIDGE_WAIT_FOR_EVER && system_tick_ms() - began >= timeout_ms)
            return SC_E_TIMEOUT;
    }
}

/** Which readers of a list the service does not have: their event states say so. */
static scm_result mark_unknown(uint32_t epoch, struct bridge_reader_state *states, size_t count)
{
    struct text_list names = { 0 };
    scm_result result = list_in_epoch(epoch, &names);

    if (result != HR_OK && result != SC_E_NO_READERS_AVAILABLE) return result;
    for (size_t i = 0; i < count; i++)
    {
        uint16_t lite[READER_NAME_CAPACITY], shown[READER_NAME_CAPACITY];
        bool is_known = text_equal_ignoring_case(states[i].reader, READER_NAME_PNP);

        if (!is_known && reader_name_to_lite(bridge.style, states[i].reader, lite) && names.chars)
        {
            reader_name_from_lite(bridge.style, lite, shown);
            is_known = multi_string_contains_ignoring_case(names.chars, shown);
        }
        if (!is_known) states[i].event_state = STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE;
    }
    text_list_free(&names);
    return SC_E_UNKNOWN_READER;
}

/** What pcsc-lite says of a reader as Windows says it. */
static void take_event_state(struct bridge_reader_state *state,
                             const struct unix_reader_state *lite)
{
    state->event_state = lite->event_state;
    if (state->current_state & STATE_IGNORE)
        state->event_state = STATE_IGNORE;
    else if (lite->event_state & STATE_UNKNOWN)
        state->event_state = (lite->event_state & ~STATE_UNAVAILABLE) | STATE_IGNORE;
    state->atr_len = lite->atr_len;
    memcpy(state->atr, lite->atr, sizeof(state->atr));
}

static scm_result wait_in_context(struct bridge_context *context, uint32_t timeout_ms,
                                  struct bridge_reader_state *states, size_t count)
{
    struct unix_reader_state lite[UNIX_READER_STATES_MAX] = { 0 };
    char names[UNIX_READER_STATES_MAX][LITE_NAME_CAPACITY];
    struct unix_status_change call = { .states = unix_address_of(lite), .count = (uint32_t)count };
    struct bridge_wait wait = { 0 };
    struct lite_channel channel;
    scm_result result;

    for (size_t i = 0; i < count; i++)
    {
        uint16_t lite_name[READER_NAME_CAPACITY];
        if (!lite_name_of(states[i].reader, lite_name, names[i]))
            return mark_unknown(context->epoch, states, count);
        lite[i].reader = unix_address_of(names[i]);
        lite[i].current_state = states[i].current_state;
    }
    result = lite_channel_take(context->epoch, &channel);
    if (result != HR_OK) return result;
    call.context = wait.channel = channel.context;
    if (!wait_begins(context, &wait))
    {
        lite_channel_give(&channel);
        return SC_E_CANCELLED;
    }
    result = wait_in_channel(context, &wait, &call, timeout_ms);
    wait_ends(context, &wait);
    /* A cancel may still be on its way to this channel: nobody else shall get it. */
    if (wait.is_cancelled)
        lite_channel_drop(&channel);
    else
        lite_channel_give(&channel);

    if (result == SC_E_UNKNOWN_READER) return mark_unknown(context->epoch, states, count);
    for (size_t i = 0; i < count; i++)
        take_event_state(&states[i], &lite[i]);
    return lite_judge(context->epoch, result);
}

scm_result bridge_wait(uintptr_t handle, uint32_t timeout_ms, struct bridge_reader_state *states,
                       size_t count)
{
    struct bridge_context *context = use_context(handle);
    scm_result result;

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = count > UNIX_READER_STATES_MAX ? SC_E_INVALID_PARAMETER
                                            : wait_in_context(context, timeout_ms, states, count);
    give_context(context);
    return result;
}

/* ---- Connecting ---- */

static bool share_is_valid(uint32_t share)
{
    return share >= SHARE_EXCLUSIVE && share <= SHARE_DIRECT;
}

static void card_destroy(struct handle_object *object)
{
    struct bridge_card *card = (struct bridge_card *)object;

    if (card->channel_use == CHANNEL_REUSABLE) lite_channel_give(&card->channel);
    if (card->channel_use == CHANNEL_SPOILT) lite_channel_drop(&card->channel);
    share_claim_give(&card->claim);
    system_lock_destroy(&card->lock);
    give_context(card->context);
    system_free(card);
}

/** Whether a program outside Wine has the reader in use: asked before a direct connection. */
static bool is_used_elsewhere(const struct lite_channel *channel, const char *name)
{
    struct unix_reader_state state = { .reader = unix_address_of(name) };
    struct unix_status_change call = { .context = channel->context,
                                       .states = unix_address_of(&state),
                                       .count = 1 };
    return counted_call(UNIX_STATUS_CHANGE, &call, &call.result) == HR_OK &&
           (state.event_state & (STATE_EXCLUSIVE | STATE_INUSE));
}

/** One SCardConnect of pcsc-lite, with its reasons for failing as Windows gives them. */
static scm_result connect_lite(const struct lite_channel *channel, const char *name, uint32_t share,
                               uint32_t lite_protocols, int64_t *lite_card, uint32_t *protocol)
{
    struct unix_connect call = { .context = channel->context,
                                 .reader = unix_address_of(name),
                                 .share = share,
                                 .protocols = lite_protocols };
    scm_result result = counted_call(UNIX_CONNECT, &call, &call.result);

    if (result == SC_W_UNPOWERED_CARD) return SC_W_UNRESPONSIVE_CARD;
    if (result != HR_OK) return lite_judge(channel->epoch, result);
    *lite_card = call.card;
    *protocol = share == SHARE_DIRECT ? 0 : difference_protocol_from_lite(call.protocol);
    return HR_OK;
}

static void disconnect_lite(int64_t lite_card, uint32_t disposition)
{
    struct unix_disposition call = { .card = lite_card, .disposition = disposition };
    counted_call(UNIX_DISCONNECT, &call, &call.result);
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
    if (!lite_name_of(reader, card->lite_name, name))
        result = SC_E_UNKNOWN_READER;
    else
        result = lite_channel_take(context->epoch, &card->channel);
    if (result != HR_OK)
    {
        system_free(card);
        return result;
    }
    system_lock_init(&card->lock);
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
        disconnect_lite(card->lite_card, LEAVE_CARD);
    }
    if (result != SC_E_SERVICE_STOPPED) card->channel_use = CHANNEL_REUSABLE;
    give_card(card);
    return result;
}

scm_result bridge_connect(uintptr_t context_handle, const uint16_t *reader, const uint16_t *shown,
                          uint32_t share, uint32_t protocols, uint32_t *card, uint32_t *protocol)
{
    struct bridge_context *context = use_context(context_handle);
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
    give_context(context);
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
    return card;
}

scm_result bridge_disconnect(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    scm_result result;

    if (disposition > EJECT_CARD)
    {
        card = use_card(handle);
        if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
        give_card(card);
        return SC_E_INVALID_VALUE;
    }
    card = close_card(handle);
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;

    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    result = lite_epoch_is_current(card->channel.epoch)
                 ? counted_call(UNIX_DISCONNECT, &call, &call.result)
                 : SC_E_SERVICE_STOPPED;
    /* The channel can serve again only if nothing is left in it. */
    system_lock_take(&card->lock);
    card->channel_use = result == HR_OK ? CHANNEL_REUSABLE : CHANNEL_SPOILT;
    share_claim_give(&card->claim);
    system_lock_give(&card->lock);
    result = lite_judge(card->channel.epoch, result);
    give_card(card);
    return result;
}

/** A card whose client forgot it: reset, as Windows does, but not waited for without end. */
static void leave_card(uintptr_t handle)
{
    struct bridge_card *card = close_card(handle);
    struct unix_leave call = { .disposition = RESET_CARD, .limit_ms = LEAVE_LIMIT_MS };

    if (!card) return;
    system_lock_take(&card->lock);
    call.card = card->lite_card;
    system_lock_give(&card->lock);
    call.context = card->channel.context;
    if (lite_epoch_is_current(card->channel.epoch) &&
        counted_call(UNIX_LEAVE, &call, &call.result) != SC_E_NO_MEMORY)
    {
        system_lock_take(&card->lock);
        card->channel_use = CHANNEL_CLOSED;
        system_lock_give(&card->lock);
    }
    give_card(card);
}

/* ---- Working with a card ---- */

/** The card behind a handle, its pcsc-lite handle, and whether its service is still there. */
static scm_result enter_card(uintptr_t handle, struct bridge_card **card, int64_t *lite_card)
{
    *card = use_card(handle);
    if (!*card) return WINDOWS_ERROR_INVALID_HANDLE;
    if (!lite_epoch_is_current((*card)->channel.epoch))
    {
        give_card(*card);
        return SC_E_SERVICE_STOPPED;
    }
    system_lock_take(&(*card)->lock);
    *lite_card = (*card)->lite_card;
    system_lock_give(&(*card)->lock);
    return HR_OK;
}

/** A result of an operation on a card, whose arguments were checked here. */
static scm_result judge_card(const struct bridge_card *card, scm_result result)
{
    if (result == SC_E_INVALID_VALUE) return SC_E_READER_UNAVAILABLE;
    /* Disconnected by another thread meanwhile. */
    if (result == SC_E_INVALID_HANDLE) return WINDOWS_ERROR_INVALID_HANDLE;
    return lite_judge(card->channel.epoch, result);
}

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
        counted_call(UNIX_END, &call, &call.result);
    }
}

static scm_result reconnect_lite(int64_t lite_card, uint32_t share, uint32_t lite_protocols,
                                 uint32_t initialization, uint32_t *lite_protocol)
{
    struct unix_reconnect call = { .card = lite_card,
                                   .share = share,
                                   .protocols = lite_protocols,
                                   .initialization = initialization };
    scm_result result = counted_call(UNIX_RECONNECT, &call, &call.result);
    *lite_protocol = call.protocol;
    return result;
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
    disconnect_lite(*lite_card, LEAVE_CARD);
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

static scm_result reconnect_card(struct bridge_card *card, int64_t lite_card, uint32_t share,
                                 uint32_t lite_protocols, uint32_t initialization,
                                 uint32_t *protocol)
{
    uint32_t lite_protocol, old_share = card->share, new_share = share, new_protocol = 0;
    bool becomes_exclusive = share == SHARE_EXCLUSIVE && old_share != SHARE_EXCLUSIVE;
    bool is_connected_again =
        becomes_exclusive || (old_share == SHARE_DIRECT && share != SHARE_DIRECT);
    scm_result result = change_claim(card, old_share, share);

    if (result != HR_OK) return result;
    /* First what pcsc-lite does: the reset, if one is wanted, and forgetting what happened. */
    if (old_share != SHARE_DIRECT || initialization != LEAVE_CARD || !is_connected_again)
    {
        result = reconnect_lite(lite_card, is_connected_again ? old_share : share, lite_protocols,
                                initialization, &lite_protocol);
        if (result != HR_OK)
        {
            change_claim(card, share, old_share);
            return judge_card(card, result);
        }
        new_protocol = difference_protocol_from_lite(lite_protocol);
    }
    drop_transactions(card, lite_card, old_share == SHARE_EXCLUSIVE && share != SHARE_EXCLUSIVE);
    if (is_connected_again)
    {
        result = connect_again(card, &new_share, &lite_card, lite_protocols, &new_protocol);
        if (result != HR_OK) change_claim(card, share, new_share);
    }
    system_lock_take(&card->lock);
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
    scm_result result = enter_card(handle, &card, &lite_card);

    *protocol = 0;
    if (result != HR_OK) return result;
    if (!share_is_valid(share) || initialization > UNPOWER_CARD)
        result = SC_E_INVALID_VALUE;
    else if (share != SHARE_DIRECT && lite_protocols == 0)
        result = SC_E_PROTO_MISMATCH;
    else
        result = reconnect_card(card, lite_card, share, lite_protocols, initialization, protocol);
    give_card(card);
    return result;
}

scm_result bridge_begin(uintptr_t handle)
{
    struct unix_disposition call = { 0 };
    struct bridge_card *card;
    scm_result result = enter_card(handle, &card, &call.card);

    if (result != HR_OK) return result;
    result = judge_card(card, counted_call(UNIX_BEGIN, &call, &call.result));
    if (result == HR_OK)
    {
        system_lock_take(&card->lock);
        card->transactions++;
        system_lock_give(&card->lock);
    }
    give_card(card);
    return result;
}

scm_result bridge_end(uintptr_t handle, uint32_t disposition)
{
    struct unix_disposition call = { .disposition = disposition };
    struct bridge_card *card;
    bool is_open;
    scm_result result = enter_card(handle, &card, &call.card);

    if (result != HR_OK) return result;
    if (disposition > EJECT_CARD)
    {
        give_card(card);
        return SC_E_INVALID_VALUE;
    }
    /* pcsc-lite counts the locks of the reader, an exclusive connection's own among them. */
    system_lock_take(&card->lock);
    is_open = card->transactions > 0;
    if (is_open) card->transactions--;
    system_lock_give(&card->lock);
    if (!is_open)
    {
        give_card(card);
        return SC_E_NOT_TRANSACTED;
    }
    result = counted_call(UNIX_END, &call, &call.result);
    if (result == SC_W_RESET_CARD || result == SC_W_REMOVED_CARD)
    {
        /* pcsc-lite refuses before it unlocks; reconnecting makes up for it. */
        system_lock_take(&card->lock);
        card->stuck_transactions++;
        system_lock_give(&card->lock);
    }
    if (result != SC_E_NOT_TRANSACTED) result = judge_card(card, result);
    give_card(card);
    return result;
}

static scm_result status_lite(const struct bridge_card *card, int64_t lite_card,
                              struct unix_status *call)
{
    memset(call, 0, sizeof(*call));
    call->card = lite_card;
    return judge_card(card, counted_call(UNIX_STATUS, call, &call->result));
}

scm_result bridge_status(uintptr_t handle, struct bridge_card_status *status)
{
    struct unix_status call;
    struct bridge_card *card;
    int64_t lite_card;
    scm_result result = enter_card(handle, &card, &lite_card);

    memset(status, 0, sizeof(*status));
    if (result != HR_OK) return result;
    result = status_lite(card, lite_card, &call);
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
    give_card(card);
    return result;
}

/**
 * Why an exchange failed: a card that went away is told from one that does not answer. pcscd may
 * see that it went some time after the exchange did.
 */
static scm_result judge_exchange(const struct bridge_card *card, int64_t lite_card,
                                 scm_result result)
{
    if (result == SC_E_NO_SMARTCARD) return SC_W_REMOVED_CARD;
    if (result != SC_E_NOT_TRANSACTED) return judge_card(card, result);
    for (uint32_t waited = 0; waited <= REMOVAL_NOTICED_MS; waited += REMOVAL_LOOK_MS)
    {
        struct unix_status call;
        scm_result status = status_lite(card, lite_card, &call);

        if (status == SC_W_REMOVED_CARD || status == SC_W_RESET_CARD) return status;
        if (status != HR_OK) break;
        if (difference_card_state(call.state) == WINDOWS_STATE_ABSENT) return SC_W_REMOVED_CARD;
        system_pause_ms(REMOVAL_LOOK_MS);
    }
    return judge_card(card, result);
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
    scm_result result = enter_card(handle, &card, &call.card);

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
        result = judge_exchange(card, call.card, counted_call(UNIX_TRANSMIT, &call, &call.result));
    if (result == HR_OK || result == SC_E_INSUFFICIENT_BUFFER) *got = call.receive_len;
    if (result == HR_OK && receive_protocol) *receive_protocol = protocol;
    give_card(card);
    return result;
}

scm_result bridge_card_reader(uintptr_t handle, uint16_t reader[READER_NAME_CAPACITY])
{
    struct bridge_card *card = use_card(handle);

    reader[0] = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    memcpy(reader, card->shown_name, sizeof(card->shown_name));
    give_card(card);
    return HR_OK;
}

scm_result bridge_transmit_count(uintptr_t handle, uint32_t *count)
{
    struct bridge_card *card = use_card(handle);

    *count = 0;
    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    system_lock_take(&card->lock);
    *count = card->transmit_count;
    system_lock_give(&card->lock);
    give_card(card);
    return HR_OK;
}

/* ---- Attributes and control ---- */

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

/** Attributes that Windows has from every reader, where the driver does not know them. */
static scm_result attribute_of_card(const struct bridge_card *card, int64_t lite_card, uint32_t id,
                                    uint8_t value[BRIDGE_ATTRIBUTE_MAX], uint32_t *got)
{
    struct unix_status call;
    scm_result result;

    if (id != ATTRIBUTE_ATR && id != ATTRIBUTE_CURRENT_PROTOCOL && id != ATTRIBUTE_ICC_PRESENCE)
        return SC_E_UNSUPPORTED_FEATURE;
    result = status_lite(card, lite_card, &call);
    if (result != HR_OK) return result;
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
    return HR_OK;
}

scm_result bridge_get_attribute(uintptr_t handle, uint32_t id, uint8_t value[BRIDGE_ATTRIBUTE_MAX],
                                uint32_t *got)
{
    struct unix_attribute call = { .value = unix_address_of(value),
                                   .id = id,
                                   .value_len = BRIDGE_ATTRIBUTE_MAX };
    struct bridge_card *card;
    scm_result result = enter_card(handle, &card, &call.card);

    *got = 0;
    if (result != HR_OK) return result;
    result = judge_card(card, counted_call(UNIX_GET_ATTRIBUTE, &call, &call.result));
    if (result == SC_E_UNSUPPORTED_FEATURE)
    {
        result = attribute_of_card(card, call.card, id, value, got);
    }
    else if (result == HR_OK)
    {
        /* A driver's unsigned long: the low half comes first. */
        if (call.value_len == 8 && difference_attribute_is_number(id)) call.value_len = 4;
        if (call.value_len == 4 && id == ATTRIBUTE_CURRENT_PROTOCOL)
            write_number(value, difference_protocol_from_lite(read_number(value)));
        *got = call.value_len <= BRIDGE_ATTRIBUTE_MAX ? call.value_len : BRIDGE_ATTRIBUTE_MAX;
    }
    give_card(card);
    return result;
}

scm_result bridge_set_attribute(uintptr_t handle, uint32_t id, const uint8_t *value, uint32_t len)
{
    struct unix_attribute call = { .value = unix_address_of(value), .id = id, .value_len = len };
    struct bridge_card *card;
    scm_result result = enter_card(handle, &card, &call.card);

    if (result != HR_OK) return result;
    if (len > BRIDGE_ATTRIBUTE_MAX)
        result = SC_E_INVALID_PARAMETER;
    else
        result = judge_card(card, counted_call(UNIX_SET_ATTRIBUTE, &call, &call.result));
    give_card(card);
    return result;
}

/** Puts bytes where a control's answer goes. */
static scm_result answer_control(const uint8_t *value, uint32_t len, uint8_t *receive,
                                 uint32_t capacity, uint32_t *got)
{
    *got = len;
    if (len > capacity) return SC_E_INSUFFICIENT_BUFFER;
    if (len) memcpy(receive, value, len);
    return HR_OK;
}

static scm_result control_power(uintptr_t handle, uint32_t what, uint8_t *receive,
                                uint32_t capacity, uint32_t *got)
{
    /* SCARD_POWER_DOWN, SCARD_COLD_RESET, SCARD_WARM_RESET */
    static const uint32_t initialization[] = { UNPOWER_CARD, UNPOWER_CARD, RESET_CARD };
    struct bridge_card_status status;
    struct bridge_card *card = use_card(handle);
    uint32_t share, protocols, protocol;
    scm_result result;

    if (!card) return WINDOWS_ERROR_INVALID_HANDLE;
    system_lock_take(&card->lock);
    share = card->share;
    protocols = card->protocol ? card->protocol : PROTOCOL_T0 | PROTOCOL_T1;
    system_lock_give(&card->lock);
    give_card(card);
    if (what >= sizeof(initialization) / sizeof(initialization[0])) return SC_E_INVALID_PARAMETER;
    result = bridge_reconnect(handle, share, protocols, initialization[what], &protocol);
    if (result != HR_OK || what == 0) return result;
    result = bridge_status(handle, &status);
    if (result != HR_OK) return result;
    return answer_control(status.atr, status.atr_len, receive, capacity, got);
}

/** The control codes that Windows' reader library itself answers. */
static scm_result control_reader(uintptr_t handle, uint32_t code, const uint8_t *send,
                                 uint32_t send_len, uint8_t *receive, uint32_t capacity,
                                 uint32_t *got)
{
    struct bridge_card_status status;
    uint8_t value[BRIDGE_ATTRIBUTE_MAX];
    uint32_t value_len;
    scm_result result;

    switch (code)
    {
    case WINDOWS_IOCTL_POWER:
        if (send_len < 4) return SC_E_INVALID_PARAMETER;
        return control_power(handle, read_number(send), receive, capacity, got);
    case WINDOWS_IOCTL_GET_ATTRIBUTE:
        if (send_len < 4) return SC_E_INVALID_PARAMETER;
        result = bridge_get_attribute(handle, read_number(send), value, &value_len);
        if (result != HR_OK) return result;
        return answer_control(value, value_len, receive, capacity, got);
    case WINDOWS_IOCTL_SET_ATTRIBUTE:
        if (send_len < 4) return SC_E_INVALID_PARAMETER;
        return bridge_set_attribute(handle, read_number(send), send + 4, send_len - 4);
    case WINDOWS_IOCTL_GET_STATE:
        result = bridge_status(handle, &status);
        if (result != HR_OK) return result;
        write_number(value, status.state);
        return answer_control(value, 4, receive, capacity, got);
    default:
        return SC_E_UNSUPPORTED_FEATURE;
    }
}

scm_result bridge_control(uintptr_t handle, uint32_t code, const uint8_t *send, uint32_t send_len,
                          uint8_t *receive, uint32_t capacity, uint32_t *got)
{
    struct unix_control call = { .send = unix_address_of(send),
                                 .receive = unix_address_of(receive),
                                 .code = difference_control_to_lite(code),
                                 .send_len = send_len };
    struct bridge_card *card;
    scm_result result = enter_card(handle, &card, &call.card);

    *got = 0;
    if (result != HR_OK) return result;
    if (difference_control_is_reader(code))
    {
        give_card(card);
        return control_reader(handle, code, send, send_len, receive, capacity, got);
    }
    call.receive_capacity = capacity < UNIX_MESSAGE_MAX ? capacity : UNIX_MESSAGE_MAX;
    if (send_len > UNIX_MESSAGE_MAX)
        result = SC_E_INVALID_PARAMETER;
    else
        result = judge_exchange(card, call.card, counted_call(UNIX_CONTROL, &call, &call.result));
    if (result == HR_OK || result == SC_E_INSUFFICIENT_BUFFER) *got = call.receive_len;
    if (result == HR_OK && code == WINDOWS_IOCTL_FEATURE_REQUEST && call.receive_len <= capacity)
        difference_features_from_lite(receive, call.receive_len);
    give_card(card);
    return result;
}

/* ---- The end of the process ---- */

void bridge_process_ends(void)
{
    uint32_t handle;

    if (bridge.calls_inside) return;
    while ((handle = handle_table_any(&bridge.handles, HANDLE_CARD)) != 0)
        leave_card(handle);
}
