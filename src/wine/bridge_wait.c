/*
 * bridge_wait - waiting for readers and for what happens in them.
 * Layer: wine bridge (the core: no Windows header).
 * Reference: SCardGetStatusChange, SCARD_READERSTATE, Microsoft Learn; winscard.h of pcsc-lite
 * SPDX-License-Identifier: MIT
 */
#include "wine/bridge_context.h"

#include <string.h>

#include "base/portions.h"
#include "wine/bridge_readers.h"
#include "wine/bridge_session.h"
#include "wine/differences.h"

/**
 * Longest single wait asked of pcsc-lite. Its clock is a signed long; and it cancels by one more
 * connection, which a daemon that takes no more never hears of: the wait ends with its slice then.
 */
#define WAIT_SLICE_MS 10000u

/** A wait from inside: the client's entries but those it ignores, and pcsc-lite's for them. */
struct waiting
{
    struct bridge_context *context;
    struct bridge_wait entry;
    struct lite_channel channel;
    size_t count;
    struct bridge_reader_state **states;
    struct unix_reader_state *lite;
    char (*names)[LITE_NAME_CAPACITY]; /* an empty one: no reader can have that name */
};

static bool is_notification(const struct bridge_reader_state *state)
{
    return text_equal_ignoring_case(state->reader, READER_NAME_PNP);
}

static bool has_notification(const struct waiting *waiting)
{
    for (size_t i = 0; i < waiting->count; i++)
        if (is_notification(waiting->states[i])) return true;
    return false;
}

/** One SCardGetStatusChange of pcsc-lite. */
static struct winscard_result ask_lite(struct waiting *waiting, struct unix_reader_state *states,
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

/** The same of a part of the entries: a portions_look. */
static scm_result look_at(void *watch, size_t first, size_t count, uint32_t timeout_ms)
{
    struct waiting *waiting = watch;

    return ask_lite(waiting, waiting->lite + first, count, timeout_ms).code;
}

/** Waits for all entries; where they are too many at once, not for the whole time. */
static struct winscard_result wait_once(struct waiting *waiting, uint32_t timeout_ms)
{
    return winscard_code(portions_watch(look_at, waiting, waiting->count, timeout_ms));
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

        if (!is_notification(waiting->states[i])) continue;
        lite->current_state = 0;
        result = ask_lite(waiting, lite, 1, 0);
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
        if (is_notification(waiting->states[i]) &&
            waiting->states[i]->current_state >> STATE_NUMBER_SHIFT != number)
            return true;
    return false;
}

/**
 * Which readers the service does not have, after it said so of one: their event states say it too.
 *
 * @retval WINSCARD_OK it has all of them, perhaps with another case of letters, as the entries have
 *         it now.
 */
static struct winscard_result find_unknown(struct waiting *waiting)
{
    char *names = NULL;
    size_t len = 0;
    struct winscard_result result = bridge_readers_read(&waiting->channel, &names, &len);

    if (!winscard_ok(result) && !winscard_is(result, SC_E_NO_READERS_AVAILABLE)) return result;
    result = WINSCARD_OK;
    for (size_t i = 0; i < waiting->count; i++)
    {
        if (is_notification(waiting->states[i]) ||
            bridge_readers_find(names, len, waiting->names[i]))
            continue;
        waiting->states[i]->event_state = STATE_UNKNOWN | STATE_CHANGED | STATE_IGNORE;
        result = winscard_code(SC_E_UNKNOWN_READER);
    }
    system_free(names);
    return result;
}

/** Waits in slices that pcsc-lite's clock can count, for as long as was asked. */
static struct winscard_result wait_in_slices(struct waiting *waiting, uint32_t timeout_ms,
                                             uint32_t *number)
{
    uint32_t began = system_tick_ms();
    bool has_changed = false;
    int mistakes = 0;
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
        result = wait_once(waiting, has_changed ? 0 : left);
        if (has_changed && winscard_is(result, SC_E_TIMEOUT)) return WINSCARD_OK;
        if (bridge_context_wait_is_cancelled(waiting->context, &waiting->entry) &&
            !winscard_ok(result))
            return winscard_code(SC_E_CANCELLED);
        if (winscard_is(result, SC_E_UNKNOWN_READER))
        {
            result = find_unknown(waiting);
            if (!winscard_ok(result)) return result;
            if (++mistakes > BRIDGE_MISTAKES_MAX) return winscard_code(SC_E_READER_UNAVAILABLE);
            continue;
        }
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
    if (lite->event_state & STATE_UNKNOWN)
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
}

static struct winscard_result wait_in_channel(struct waiting *waiting, uint32_t timeout_ms)
{
    uint32_t number = 0;
    struct winscard_result result = WINSCARD_OK, counted = WINSCARD_OK;

    for (size_t i = 0; i < waiting->count; i++)
        if (!waiting->names[i][0]) return find_unknown(waiting);
    if (waiting->count) result = wait_in_slices(waiting, timeout_ms, &number);
    if (winscard_is(result, SC_E_UNKNOWN_READER)) return result;
    /* One may have come or gone during the wait. */
    if (has_notification(waiting) && (winscard_ok(result) || winscard_is(result, SC_E_TIMEOUT)))
        counted = count_readers(waiting, &number);
    for (size_t i = 0; i < waiting->count; i++)
    {
        if (is_notification(waiting->states[i]))
            take_notification(waiting->states[i], &waiting->lite[i], number);
        else
            take_reader_state(waiting->states[i], &waiting->lite[i]);
    }
    return winscard_ok(counted) ? result : counted;
}

/** pcsc-lite's entries for the client's. One that is ignored may be of a reader that has gone. */
static void prepare(struct waiting *waiting, struct bridge_reader_state *states, size_t count)
{
    for (size_t i = 0; i < count; i++)
    {
        uint16_t lite_name[READER_NAME_CAPACITY];
        size_t at = waiting->count;

        if (states[i].current_state & STATE_IGNORE)
        {
            states[i].event_state = STATE_IGNORE;
            continue;
        }
        waiting->count++;
        waiting->states[at] = &states[i];
        waiting->lite[at].reader = unix_address_of(waiting->names[at]);
        waiting->lite[at].current_state = states[i].current_state;
        if (!bridge_readers_lite_name(waiting->context->epoch, states[i].reader, lite_name,
                                      waiting->names[at]))
            waiting->names[at][0] = 0;
    }
}

static struct winscard_result borrow_and_wait(struct waiting *waiting, uint32_t timeout_ms)
{
    struct bridge_context *context = waiting->context;
    struct winscard_result result = lite_channel_take(context->epoch, &waiting->channel);

    if (!winscard_ok(result)) return result;
    waiting->entry.channel = waiting->channel.context;
    if (!bridge_context_begin_wait(context, &waiting->entry))
    {
        lite_channel_give(&waiting->channel);
        return winscard_code(SC_E_CANCELLED);
    }
    result = wait_in_channel(waiting, timeout_ms);
    bridge_context_end_wait(context, &waiting->entry);
    /* A cancel may still be on its way to this channel: nobody else shall get it. */
    if (waiting->entry.is_cancelled)
        lite_channel_drop(&waiting->channel);
    else
        lite_channel_give(&waiting->channel);
    return result;
}

static struct winscard_result wait_in_context(struct bridge_context *context, uint32_t timeout_ms,
                                              struct bridge_reader_state *states, size_t count)
{
    struct waiting waiting = { .context = context };
    struct winscard_result result = winscard_code(SC_E_NO_MEMORY);

    waiting.states = system_alloc((count + 1) * sizeof(*waiting.states));
    waiting.lite = system_alloc((count + 1) * sizeof(*waiting.lite));
    waiting.names = system_alloc((count + 1) * sizeof(*waiting.names));
    if (waiting.states && waiting.lite && waiting.names)
    {
        prepare(&waiting, states, count);
        result = borrow_and_wait(&waiting, timeout_ms);
    }
    system_free(waiting.names);
    system_free(waiting.lite);
    system_free(waiting.states);
    return result;
}

struct winscard_result bridge_wait(uintptr_t handle, uint32_t timeout_ms,
                                   struct bridge_reader_state *states, size_t count)
{
    struct bridge_context *context = bridge_context_use(handle);
    struct winscard_result result;

    if (!context) return winscard_code(WINDOWS_ERROR_INVALID_HANDLE);
    result = count > UNIX_STATES_MAX ? winscard_code(SC_E_INVALID_PARAMETER)
                                     : wait_in_context(context, timeout_ms, states, count);
    bridge_context_give(context);
    return result;
}
