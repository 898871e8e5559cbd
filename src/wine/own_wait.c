/*
 * own_wait - SCardGetStatusChange over Wine's own winscard.dll, which never waits.
 * Layer: wine bridge (below the border, PE side; no Windows header).
 * Reference: SCARD_READERSTATE, winscard.h of pcsc-lite: which states make a wait end
 * SPDX-License-Identifier: MIT
 */
#include "wine/own_wait.h"

#include <string.h>

#include "wine/differences.h"
#include "wine/multi_string.h"
#include "wine/reader_names.h"

#define FOR_EVER 0xFFFFFFFFu

/* The one bit of a reader's state that only pcsc-lite's side of the bridge looks at. */
#define STATE_MUTE 0x00000200u

/* Entries that one call of pcsc-lite before 2.5 takes. */
#define ENTRIES_MAX 16u

/** A wait from inside. */
struct wait
{
    const struct own_functions *functions;
    own_handle context;
    struct unix_reader_state *states;
    uint32_t count;
    struct own_reader_state *asked; /* of the readers: in their order, without notifications */
    uint32_t asked_count;
    uint16_t *names; /* of those, one after the other */
};

static const char *name_of(const struct unix_reader_state *state)
{
    return (const char *)(uintptr_t)state->reader;
}

static bool is_notification(const struct unix_reader_state *state)
{
    uint16_t wide[READER_NAME_CAPACITY];
    size_t len = strlen(name_of(state));

    if (len >= READER_NAME_CAPACITY) return false;
    wide[utf8_to_utf16(wide, name_of(state), len)] = 0;
    return text_equal_ignoring_case(wide, READER_NAME_PNP);
}

static bool wait_init(struct wait *wait)
{
    size_t chars = 0;

    for (uint32_t i = 0; i < wait->count; i++)
        chars += strlen(name_of(&wait->states[i])) + 1;
    wait->asked = system_alloc(wait->count * sizeof(*wait->asked));
    wait->names = system_alloc(chars * sizeof(*wait->names));
    if (!wait->asked || !wait->names) return false;
    chars = 0;
    for (uint32_t i = 0; i < wait->count; i++)
    {
        const char *name = name_of(&wait->states[i]);

        if (is_notification(&wait->states[i])) continue;
        wait->asked[wait->asked_count++].reader = wait->names + chars;
        chars += utf8_to_utf16(wait->names + chars, name, strlen(name));
        wait->names[chars++] = 0;
    }
    return true;
}

static void wait_free(struct wait *wait)
{
    system_free(wait->asked);
    system_free(wait->names);
}

/** Whether pcsc-lite would end the wait of somebody who knows one state, for another is there. */
static bool is_change(uint32_t known, uint32_t now)
{
    const uint32_t in_use = STATE_INUSE | STATE_EXCLUSIVE;

    if (known == 0 || (known & STATE_UNKNOWN)) return true;
    if (known >> STATE_NUMBER_SHIFT && (known ^ now) >> STATE_NUMBER_SHIFT) return true;
    if ((known ^ now) & STATE_UNAVAILABLE) return true;
    if ((now & STATE_EMPTY) && (known & STATE_PRESENT)) return true;
    if ((now & STATE_PRESENT) && ((known & STATE_EMPTY) || ((known ^ now) & STATE_MUTE)))
        return true;
    /* Who begins to use a card is no change. */
    return (known & in_use) && (known ^ now) & in_use;
}

static int32_t count_readers(const struct wait *wait, uint32_t *count)
{
    uint16_t *names;
    int32_t result = own_list_readers(wait->functions, wait->context, &names);

    *count = 0;
    if (result == SC_E_NO_READERS_AVAILABLE) return 0;
    if (result) return result;
    for (const uint16_t *name = multi_string_first(names); name; name = multi_string_next(name))
        ++*count;
    system_free(names);
    return 0;
}

static int32_t ask_for_states(struct wait *wait)
{
    int32_t result = 0;

    for (uint32_t at = 0; at < wait->asked_count && !result; at += ENTRIES_MAX)
    {
        uint32_t count = wait->asked_count - at;

        if (count > ENTRIES_MAX) count = ENTRIES_MAX;
        for (uint32_t i = at; i < at + count; i++)
        {
            struct own_reader_state *asked = &wait->asked[i];
            asked->current_state = asked->event_state = asked->atr_len = 0;
        }
        result = wait->functions->get_status_change(wait->context, 0, wait->asked + at, count);
    }
    return result;
}

/** How the readers are now, and whether their caller knew. */
static int32_t look(struct wait *wait, bool *has_changed)
{
    const struct own_reader_state *asked = wait->asked;
    uint32_t number = 0;
    int32_t result = ask_for_states(wait);

    *has_changed = false;
    if (!result && wait->asked_count < wait->count) result = count_readers(wait, &number);
    if (result) return result;
    for (uint32_t i = 0; i < wait->count; i++)
    {
        struct unix_reader_state *state = &wait->states[i];
        const struct own_reader_state *reader = is_notification(state) ? NULL : asked++;
        uint32_t now = reader ? reader->event_state & ~STATE_CHANGED : number << STATE_NUMBER_SHIFT;
        bool is_new = reader ? is_change(state->current_state, now)
                             : state->current_state >> STATE_NUMBER_SHIFT != number;

        if (state->current_state & STATE_IGNORE) continue;
        state->event_state = now | (is_new ? STATE_CHANGED : 0);
        *has_changed |= is_new;
        if (!reader || reader->atr_len > sizeof(state->atr)) continue;
        state->atr_len = reader->atr_len;
        memcpy(state->atr, reader->atr, reader->atr_len);
    }
    return 0;
}

/** The same after a reader that was there has become unknown; the others are as they were. */
static int32_t look_for_vanished(struct wait *wait, bool *has_changed)
{
    const struct own_reader_state *asked = wait->asked;
    uint16_t *names;
    int32_t result = own_list_readers(wait->functions, wait->context, &names);

    *has_changed = false;
    if (result && result != SC_E_NO_READERS_AVAILABLE) return result;
    for (uint32_t i = 0; i < wait->count; i++)
    {
        struct unix_reader_state *state = &wait->states[i];

        if (is_notification(state)) continue;
        if (multi_string_contains_ignoring_case(names, asked++->reader)) continue;
        if (state->current_state & STATE_IGNORE) continue;
        state->event_state = STATE_UNKNOWN | STATE_UNAVAILABLE | STATE_CHANGED;
        state->atr_len = 0;
        *has_changed = true;
    }
    system_free(names);
    return 0;
}

static int32_t wait_for_change(struct wait *wait, struct own_live *context, uint32_t timeout_ms)
{
    uint32_t began = system_tick_ms(), pause_ms = OWN_WAIT_FIRST_MS;

    for (bool is_first = true;; is_first = false)
    {
        bool has_changed;
        uint32_t passed, left = FOR_EVER;
        int32_t result = look(wait, &has_changed);

        if (result == SC_E_UNKNOWN_READER && !is_first)
            result = look_for_vanished(wait, &has_changed);
        if (result || has_changed) return result;
        passed = system_tick_ms() - began;
        if (timeout_ms != FOR_EVER) left = passed < timeout_ms ? timeout_ms - passed : 0;
        if (left == 0) return SC_E_TIMEOUT;
        if (system_event_wait(&context->cancelled, pause_ms < left ? pause_ms : left))
            return SC_E_CANCELLED;
        pause_ms = pause_ms < OWN_WAIT_LAST_MS / 2 ? pause_ms * 2 : OWN_WAIT_LAST_MS;
    }
}

static bool all_are_ignored(const struct unix_status_change *call)
{
    const struct unix_reader_state *states =
        (const struct unix_reader_state *)(uintptr_t)call->states;

    for (uint32_t i = 0; i < call->count; i++)
        if (!(states[i].current_state & STATE_IGNORE)) return false;
    return true;
}

void own_wait_for_change(const struct own_functions *functions, struct own_live *context,
                         struct unix_status_change *call)
{
    struct wait wait = { .functions = functions,
                         .context = context->handle,
                         .states = (struct unix_reader_state *)(uintptr_t)call->states,
                         .count = call->count };

    for (uint32_t i = 0; i < wait.count; i++)
        wait.states[i].event_state = wait.states[i].atr_len = 0;
    call->result = 0;
    if (all_are_ignored(call)) return;
    call->result = SC_E_NO_MEMORY;
    if (wait_init(&wait) && own_live_begin_wait(context))
    {
        call->result = wait_for_change(&wait, context, call->timeout_ms);
        own_live_end_wait(context);
    }
    wait_free(&wait);
}
