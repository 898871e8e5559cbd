/*
 * bridge_context - contexts, the readers' names, waiting for readers.
 * Layer: wine bridge (the core: no Windows header).
 * Owns: the handle table, and behind it contexts and cards; threads: any.
 * Reference: SCardEstablishContext to SCardGetStatusChange, Microsoft Learn; winscard.h of pcsc-lite.
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_private.h"

#include <string.h>

#include "wine/differences.h"

#define SCOPE_LAST 2u

/** A cancelled wait that has not ended yet is asked again after this. */
#define CANCEL_REPEAT_MS 5u

/**
 * Longest single wait asked of pcsc-lite. Its clock is a signed long; and it cancels by one more
 * connection, which a daemon that takes no more never hears of: the wait ends with its slice then.
 */
#define WAIT_SLICE_MS 10000u

#define FIRST_LIST_CAPACITY 2048

struct bridge_state bridge;

struct bridge_context *bridge_use_context(uintptr_t handle)
{
    return (struct bridge_context *)handle_table_use(&bridge.handles, HANDLE_CONTEXT, handle);
}

struct bridge_card *bridge_use_card(uintptr_t handle)
{
    return (struct bridge_card *)handle_table_use(&bridge.handles, HANDLE_CARD, handle);
}

void bridge_give_context(struct bridge_context *context)
{
    handle_object_give(&bridge.handles, &context->object);
}

void bridge_give_card(struct bridge_card *card)
{
    handle_object_give(&bridge.handles, &card->object);
}

void bridge_init(lite_call_function call, enum reader_names_style style)
{
    memset(&bridge, 0, sizeof(bridge));
    handle_table_init(&bridge.handles);
    reader_names_init(&bridge.names, style);
    lite_channels_init(call);
}

void bridge_shutdown(void)
{
    uint32_t handle;

    while ((handle = handle_table_any(&bridge.handles, HANDLE_CONTEXT)) != 0)
        bridge_release(handle);
    handle_table_destroy(&bridge.handles);
    reader_names_destroy(&bridge.names);
    lite_channels_forget();
}

void bridge_process_ends(void)
{
    uint32_t handle;

    if (lite_calls_inside()) return;
    while ((handle = handle_table_any(&bridge.handles, HANDLE_CARD)) != 0)
        bridge_leave_card(handle);
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
            if (!wait->is_cancelled) continue; /* begun after this cancel */
            any = true;
            lite_channel_cancel(wait->channel);
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
    struct bridge_context *context = bridge_use_context(handle);

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    cancel_waits(context);
    bridge_give_context(context);
    return HR_OK;
}

scm_result bridge_check(uintptr_t handle)
{
    struct bridge_context *context = bridge_use_context(handle);
    scm_result result;

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = lite_epoch_is_current(context->epoch) ? HR_OK : SC_E_SERVICE_STOPPED;
    bridge_give_context(context);
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
        bridge_leave_card(card);
    bridge_give_context(context);
    return HR_OK;
}

/* ---- Readers ---- */

static scm_result read_names(struct lite_channel *channel, char **names, size_t *names_len)
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
        result = lite_channel_call(channel, UNIX_LIST_READERS, &call, &call.result);
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

/** pcsc-lite's names in UTF-16. */
static void widen_names(struct text_list *list, const char *names, size_t len)
{
    for (size_t at = 0; at < len && names[at];)
    {
        uint16_t wide[READER_NAME_CAPACITY];
        size_t name_len = 0;

        while (at + name_len < len && names[at + name_len])
            name_len++;
        if (name_len < READER_NAME_CAPACITY)
        {
            wide[utf8_to_utf16(wide, names + at, name_len)] = 0;
            text_list_add(list, wide);
        }
        at += name_len + 1;
    }
}

/** Adds pcsc-lite's names as clients see them. */
static void add_names(struct text_list *list, const char *names, size_t len)
{
    struct text_list lite = { 0 };
    uint16_t shown[READER_NAME_CAPACITY];

    widen_names(&lite, names, len);
    reader_names_update(&bridge.names, lite.chars);
    for (const uint16_t *name = multi_string_first(lite.chars); name;
         name = multi_string_next(name))
    {
        reader_name_from_lite(&bridge.names, name, shown);
        text_list_add(list, shown);
    }
    list->failed |= lite.failed;
    text_list_free(&lite);
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
    context = bridge_use_context(handle);
    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = list_in_epoch(context->epoch, names);
    bridge_give_context(context);
    return result;
}

bool bridge_lite_name(uint32_t epoch, const uint16_t *reader, uint16_t lite[READER_NAME_CAPACITY],
                      char utf8[LITE_NAME_CAPACITY])
{
    /* No name is that of a place where no reader is, to pcsc-lite. */
    if (!*reader) return false;
    if (reader_name_wants_update(&bridge.names, reader))
    {
        struct text_list names = { 0 };
        /* Where that fails, so does what the name is for. */
        list_in_epoch(epoch, &names);
        text_list_free(&names);
    }
    return reader_name_to_lite(&bridge.names, reader, lite) &&
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

        if (!is_known && reader_name_to_lite(&bridge.names, states[i].reader, lite) && names.chars)
        {
            reader_name_from_lite(&bridge.names, lite, shown);
            is_known = multi_string_contains_ignoring_case(names.chars, shown);
        }
        if (!is_known) states[i].event_state = STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE;
    }
    text_list_free(&names);
    return SC_E_UNKNOWN_READER;
}

/* ---- Waiting ---- */

/** A wait from inside: the client's entries, and pcsc-lite's for them. */
struct waiting
{
    struct bridge_context *context;
    struct bridge_reader_state *states;
    size_t count;

    struct bridge_wait entry;
    struct lite_channel channel;
    struct unix_reader_state lite[UNIX_READER_STATES_MAX];
    char names[UNIX_READER_STATES_MAX][LITE_NAME_CAPACITY];
};

static bool is_for_news(const struct bridge_reader_state *state)
{
    return text_equal_ignoring_case(state->reader, READER_NAME_PNP);
}

static bool waits_for_news(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (is_for_news(&waiting->states[i])) return true;
    return false;
}

/** One SCardGetStatusChange of pcsc-lite on all entries. */
static scm_result look(struct waiting *waiting, uint32_t timeout_ms)
{
    struct unix_status_change call = { .context = waiting->channel.context,
                                       .states = unix_address_of(waiting->lite),
                                       .count = (uint32_t)waiting->count,
                                       .timeout_ms = timeout_ms };
    return lite_channel_call(&waiting->channel, UNIX_STATUS_CHANGE, &call, &call.result);
}

/**
 * What pcsc-lite counts itself for readers that come and go: nothing, or from 2.3.0 on how many have.
 * Asked for before the readers are counted, so that whatever comes afterwards ends the wait.
 */
static scm_result take_lite_count(struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
    {
        struct unix_reader_state *lite = &waiting->lite[i];
        struct unix_status_change call = { .context = waiting->channel.context,
                                           .states = unix_address_of(lite),
                                           .count = 1 };
        scm_result result;

        if (!is_for_news(&waiting->states[i])) continue;
        lite->current_state = 0;
        result = lite_channel_call(&waiting->channel, UNIX_STATUS_CHANGE, &call, &call.result);
        if (result != HR_OK && result != SC_E_TIMEOUT) return result;
        lite->current_state = lite->event_state & ~STATE_BITS;
    }
    return HR_OK;
}

static scm_result count_readers(struct waiting *waiting, uint32_t *number)
{
    char *names;
    size_t len;
    scm_result result = read_names(&waiting->channel, &names, &len);

    *number = 0;
    if (result == SC_E_NO_READERS_AVAILABLE) return HR_OK;
    if (result != HR_OK) return result;
    for (size_t at = 0; at < len && names[at]; at += strlen(names + at) + 1)
        ++*number;
    system_free(names);
    return HR_OK;
}

/** Whether an entry knows of another number of readers. */
static bool number_is_news(const struct waiting *waiting, uint32_t number)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (is_for_news(&waiting->states[i]) &&
            waiting->states[i].current_state >> STATE_NUMBER_SHIFT != number)
            return true;
    return false;
}

/** Waits in slices that pcsc-lite's clock can count, for as long as was asked. */
static scm_result wait_in_slices(struct waiting *waiting, uint32_t timeout_ms, uint32_t *number)
{
    uint32_t began = system_tick_ms();
    bool has_news = false;
    scm_result result;

    for (;;)
    {
        uint32_t passed, left;

        if (waits_for_news(waiting))
        {
            result = take_lite_count(waiting);
            if (result == HR_OK) result = count_readers(waiting, number);
            if (result != HR_OK) return result;
            has_news = number_is_news(waiting, *number);
        }
        passed = system_tick_ms() - began;
        left = passed >= timeout_ms ? 0 : timeout_ms - passed;
        if (timeout_ms == BRIDGE_WAIT_FOR_EVER || left > WAIT_SLICE_MS) left = WAIT_SLICE_MS;
        result = look(waiting, has_news ? 0 : left);
        if (has_news && result == SC_E_TIMEOUT) return HR_OK;
        if (wait_is_cancelled(waiting->context, &waiting->entry) && result != HR_OK)
            return SC_E_CANCELLED;
        if (result != SC_E_TIMEOUT) return result;
        if (timeout_ms != BRIDGE_WAIT_FOR_EVER && system_tick_ms() - began >= timeout_ms)
            return SC_E_TIMEOUT;
    }
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

/** The same of readers that come and go: how many there are, and whether that is news. */
static void take_news(struct bridge_reader_state *state, const struct unix_reader_state *lite,
                      uint32_t number)
{
    bool has_changed =
        state->current_state >> STATE_NUMBER_SHIFT != number || (lite->event_state & STATE_CHANGED);

    state->event_state = number << STATE_NUMBER_SHIFT | (has_changed ? STATE_CHANGED : 0);
    if (state->current_state & STATE_IGNORE) state->event_state = STATE_IGNORE;
}

static scm_result wait_in_channel(struct waiting *waiting, uint32_t timeout_ms)
{
    uint32_t number = 0;
    scm_result result = wait_in_slices(waiting, timeout_ms, &number), counted = HR_OK;

    /* One may have come or gone during the wait. */
    if (waits_for_news(waiting) && (result == HR_OK || result == SC_E_TIMEOUT))
        counted = count_readers(waiting, &number);
    for (size_t i = 0; i < waiting->count; i++)
    {
        if (is_for_news(&waiting->states[i]))
            take_news(&waiting->states[i], &waiting->lite[i], number);
        else
            take_event_state(&waiting->states[i], &waiting->lite[i]);
    }
    return counted == HR_OK ? result : counted;
}

static scm_result wait_in_context(struct bridge_context *context, uint32_t timeout_ms,
                                  struct bridge_reader_state *states, size_t count)
{
    struct waiting waiting = { .context = context, .states = states, .count = count };
    scm_result result;

    for (size_t i = 0; i < count; i++)
    {
        uint16_t lite_name[READER_NAME_CAPACITY];
        if (!bridge_lite_name(context->epoch, states[i].reader, lite_name, waiting.names[i]))
            return mark_unknown(context->epoch, states, count);
        waiting.lite[i].reader = unix_address_of(waiting.names[i]);
        waiting.lite[i].current_state = states[i].current_state;
    }
    result = lite_channel_take(context->epoch, &waiting.channel);
    if (result != HR_OK) return result;
    waiting.entry.channel = waiting.channel.context;
    if (!wait_begins(context, &waiting.entry))
    {
        lite_channel_give(&waiting.channel);
        return SC_E_CANCELLED;
    }
    result = wait_in_channel(&waiting, timeout_ms);
    wait_ends(context, &waiting.entry);
    /* A cancel may still be on its way to this channel: nobody else shall get it. */
    if (waiting.entry.is_cancelled)
        lite_channel_drop(&waiting.channel);
    else
        lite_channel_give(&waiting.channel);
    if (result == SC_E_UNKNOWN_READER) return mark_unknown(context->epoch, states, count);
    return lite_judge(context->epoch, result);
}

scm_result bridge_wait(uintptr_t handle, uint32_t timeout_ms, struct bridge_reader_state *states,
                       size_t count)
{
    struct bridge_context *context = bridge_use_context(handle);
    scm_result result;

    if (!context) return WINDOWS_ERROR_INVALID_HANDLE;
    result = count > UNIX_READER_STATES_MAX ? SC_E_INVALID_PARAMETER
                                            : wait_in_context(context, timeout_ms, states, count);
    bridge_give_context(context);
    return result;
}
