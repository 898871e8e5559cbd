/*
 * bridge_wait - waiting for readers and for what happens in them.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: SCardGetStatusChange, SCARD_READERSTATE, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_context.h"

#include <string.h>

#include "wine/bridge_readers.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"

/**
 * Longest single wait asked of pcsc-lite. Its clock is a signed long; and it cancels by one more
 * connection, which a daemon that takes no more never hears of: the wait ends with its slice then.
 */
#define WAIT_SLICE_MS 10000u

/** Which readers of a list the service does not have: their event states say so. */
static struct winscard_result mark_unknown(uint32_t epoch, struct bridge_reader_state *states,
                                           size_t count)
{
    struct text_list names = { 0 };
    struct winscard_result result = bridge_readers_list(epoch, &names);

    if (!winscard_ok(result) && !winscard_is(result, SC_E_NO_READERS_AVAILABLE)) return result;
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
    return winscard_code(SC_E_UNKNOWN_READER);
}

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

static bool is_notification(const struct bridge_reader_state *state)
{
    return text_equal_ignoring_case(state->reader, READER_NAME_PNP);
}

static bool has_notification(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (is_notification(&waiting->states[i])) return true;
    return false;
}

/** One SCardGetStatusChange of pcsc-lite. */
static struct winscard_result wait_once(struct waiting *waiting, struct unix_reader_state *states,
                                        size_t count, uint32_t timeout_ms)
{
    struct unix_status_change call = { .context = waiting->channel.context,
                                       .states = unix_address_of(states),
                                       .count = (uint32_t)count,
                                       .timeout_ms = timeout_ms };
    return lite_channel_result(
        waiting->channel.epoch,
        lite_channel_call(&waiting->channel, UNIX_STATUS_CHANGE, &call, &call.result));
}

/**
 * What pcsc-lite counts itself for readers that come and go: nothing, or from 2.3.0 on how many
 * have. Asked for before the readers are counted, so that whatever comes afterwards ends the wait.
 */
static struct winscard_result take_lite_count(struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
    {
        struct unix_reader_state *lite = &waiting->lite[i];
        struct winscard_result result;

        if (!is_notification(&waiting->states[i])) continue;
        lite->current_state = 0;
        result = wait_once(waiting, lite, 1, 0);
        if (!winscard_ok(result) && !winscard_is(result, SC_E_TIMEOUT)) return result;
        lite->current_state = lite->event_state & ~STATE_BITS;
    }
    return WINSCARD_OK;
}

static struct winscard_result count_readers(struct waiting *waiting, uint32_t *number)
{
    char *names;
    size_t len;
    struct winscard_result result = bridge_readers_read(&waiting->channel, &names, &len);

    *number = 0;
    if (winscard_is(result, SC_E_NO_READERS_AVAILABLE)) return WINSCARD_OK;
    if (!winscard_ok(result)) return result;
    for (size_t at = 0; at < len && names[at]; at += strlen(names + at) + 1)
        ++*number;
    system_free(names);
    return WINSCARD_OK;
}

/** Whether an entry knows of another number of readers. */
static bool number_has_changed(const struct waiting *waiting, uint32_t number)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (is_notification(&waiting->states[i]) &&
            waiting->states[i].current_state >> STATE_NUMBER_SHIFT != number)
            return true;
    return false;
}

/** Waits in slices that pcsc-lite's clock can count, for as long as was asked. */
static struct winscard_result wait_in_slices(struct waiting *waiting, uint32_t timeout_ms,
                                             uint32_t *number)
{
    uint32_t began = system_tick_ms();
    bool has_changed = false;
    struct winscard_result result;

    for (;;)
    {
        uint32_t passed, left;

        if (has_notification(waiting))
        {
            result = take_lite_count(waiting);
            if (winscard_ok(result)) result = count_readers(waiting, number);
            if (!winscard_ok(result)) return result;
            has_changed = number_has_changed(waiting, *number);
        }
        passed = system_tick_ms() - began;
        left = passed >= timeout_ms ? 0 : timeout_ms - passed;
        if (timeout_ms == BRIDGE_WAIT_FOR_EVER || left > WAIT_SLICE_MS) left = WAIT_SLICE_MS;
        result = wait_once(waiting, waiting->lite, waiting->count, has_changed ? 0 : left);
        if (has_changed && winscard_is(result, SC_E_TIMEOUT)) return WINSCARD_OK;
        if (bridge_context_wait_is_cancelled(waiting->context, &waiting->entry) &&
            !winscard_ok(result))
            return winscard_code(SC_E_CANCELLED);
        if (!winscard_is(result, SC_E_TIMEOUT)) return result;
        if (timeout_ms != BRIDGE_WAIT_FOR_EVER && system_tick_ms() - began >= timeout_ms)
            return winscard_code(SC_E_TIMEOUT);
    }
}

/** What pcsc-lite says of a reader as Windows says it. */
static void take_reader_state(struct bridge_reader_state *state,
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

/** The same of readers that come and go: how many there are, and whether the caller knew. */
static void take_notification(struct bridge_reader_state *state,
                              const struct unix_reader_state *lite, uint32_t number)
{
    bool has_changed =
        state->current_state >> STATE_NUMBER_SHIFT != number || (lite->event_state & STATE_CHANGED);

    state->event_state = number << STATE_NUMBER_SHIFT | (has_changed ? STATE_CHANGED : 0);
    if (state->current_state & STATE_IGNORE) state->event_state = STATE_IGNORE;
}

static struct winscard_result wait_in_channel(struct waiting *waiting, uint32_t timeout_ms)
{
    uint32_t number = 0;
    struct winscard_result result = wait_in_slices(waiting, timeout_ms, &number),
                           counted = WINSCARD_OK;

    /* One may have come or gone during the wait. */
    if (has_notification(waiting) && (winscard_ok(result) || winscard_is(result, SC_E_TIMEOUT)))
        counted = count_readers(waiting, &number);
    for (size_t i = 0; i < waiting->count; i++)
    {
        if (is_notification(&waiting->states[i]))
            take_notification(&waiting->states[i], &waiting->lite[i], number);
        else
            take_reader_state(&waiting->states[i], &waiting->lite[i]);
    }
    return winscard_ok(counted) ? result : counted;
}

static struct winscard_result wait_in_context(struct bridge_context *context, uint32_t timeout_ms,
                                              struct bridge_reader_state *states, size_t count)
{
    struct waiting waiting = { .context = context, .states = states, .count = count };
    struct winscard_result result;

    for (size_t i = 0; i < count; i++)
    {
        uint16_t lite_name[READER_NAME_CAPACITY];
        if (!bridge_readers_lite_name(context->epoch, states[i].reader, lite_name,
                                      waiting.names[i]))
            return mark_unknown(context->epoch, states, count);
        waiting.lite[i].reader = unix_address_of(waiting.names[i]);
        waiting.lite[i].current_state = states[i].current_state;
    }
    result = lite_channel_take(context->epoch, &waiting.channel);
    if (!winscard_ok(result)) return result;
    waiting.entry.channel = waiting.channel.context;
    if (!bridge_context_begin_wait(context, &waiting.entry))
    {
        lite_channel_give(&waiting.channel);
        return winscard_code(SC_E_CANCELLED);
    }
    result = wait_in_channel(&waiting, timeout_ms);
    bridge_context_end_wait(context, &waiting.entry);
    /* A cancel may still be on its way to this channel: nobody else shall get it. */
    if (waiting.entry.is_cancelled)
        lite_channel_drop(&waiting.channel);
    else
        lite_channel_give(&waiting.channel);
    if (winscard_is(result, SC_E_UNKNOWN_READER))
        return mark_unknown(context->epoch, states, count);
    return result;
}

struct winscard_result bridge_wait(uintptr_t handle, uint32_t timeout_ms,
                                   struct bridge_reader_state *states, size_t count)
{
    struct bridge_context *context = bridge_context_use(handle);
    struct winscard_result result;

    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    result = count > UNIX_READER_STATES_MAX ? winscard_code(SC_E_INVALID_PARAMETER)
                                            : wait_in_context(context, timeout_ms, states, count);
    bridge_context_give(context);
    return result;
}
