/*
 * call_text - a call of winscard.dll and its answer as lines of a trace.
 * Layer: wine bridge (pure; of iso7816 it asks what of a command may be shown).
 * SPDX-License-Identifier: MIT
 */
#include "wine/call_text.h"

#include "base/result.h"
#include "wine/winscard_result.h"

#define APDU_HEADER  4
#define STATUS_WORD  2
#define STATES_SHOWN 8

static void add_character(struct text *line, uint16_t character)
{
    char one[2] = { (char)character, 0 };

    if (character >= ' ' && character < 0x7F)
    {
        text_add(line, one);
        return;
    }
    text_add(line, "\\u");
    text_add_hex(line, character, 4);
}

/* A client's text may be of any length. */
static bool is_full(const struct text *line)
{
    return line->len + 1 >= line->capacity;
}

static void add_client_text(struct text *line, const void *string, bool is_wide)
{
    const uint16_t *wide = string;
    const uint8_t *ansi = string;

    if (!string)
    {
        text_add(line, "NULL");
        return;
    }
    text_add(line, "\"");
    for (size_t i = 0; (is_wide ? wide[i] : ansi[i]) && !is_full(line); i++)
        add_character(line, is_wide ? wide[i] : ansi[i]);
    text_add(line, "\"");
}

static void add_number(struct text *line, uint64_t value, bool is_hex)
{
    if (is_hex)
    {
        text_add(line, "0x");
        text_add_hex(line, value, value >> 32 ? 16 : 8);
    }
    else
        text_add_dec(line, (int64_t)value);
}

static void add_states(struct text *line, const struct call_reader_state *states, uint32_t count,
                       bool is_wide, bool is_answer)
{
    if (!states)
    {
        text_add(line, "NULL");
        return;
    }
    text_add(line, "[");
    for (uint32_t i = 0; i < count && i < STATES_SHOWN; i++)
    {
        if (i) text_add(line, ", ");
        add_client_text(line, states[i].name, is_wide);
        text_add(line, " ");
        add_number(line, is_answer ? states[i].event_state : states[i].current_state, true);
    }
    if (count > STATES_SHOWN) text_add(line, ", ...");
    text_add(line, "]");
}

static void add_name(struct text *line, const char *name, size_t len)
{
    text_add(line, " ");
    for (size_t i = 0; i < len; i++)
        add_character(line, (uint8_t)name[i]);
    text_add(line, "=");
}

/* Shows the arguments of one direction; all of them are taken from the list. */
static void add_arguments(struct text *line, const char *format, bool is_answer, va_list arguments)
{
    while (*format)
    {
        const char *name = format;
        size_t len = 0;

        while (name[len] && name[len] != ':')
            len++;
        if (!name[len]) return;
        char type = name[len + 1];
        bool is_both = type == 'D' || type == 's' || type == 'S';
        bool is_shown = is_both || is_answer == (type == 'H' || type == 'X');
        if (is_shown) add_name(line, name, len);
        if (type == 'd' || type == 'x')
        {
            uint32_t number = va_arg(arguments, uint32_t);
            if (is_shown) add_number(line, number, type == 'x');
        }
        else if (type == 'h')
        {
            uintptr_t handle = va_arg(arguments, uintptr_t);
            if (is_shown) add_number(line, handle, true);
        }
        else
        {
            const void *pointer = va_arg(arguments, const void *);
            uint32_t count = 0;

            if (type == 's' || type == 'S') count = va_arg(arguments, uint32_t);
            if (!is_shown)
                ;
            else if (type == 's' || type == 'S')
                add_states(line, pointer, count, type == 'S', is_answer);
            else if (type == 'a' || type == 'w')
                add_client_text(line, pointer, type == 'w');
            else if (type == 'p' || !pointer)
                text_add(line, pointer ? "given" : "NULL");
            else if (type == 'H')
                add_number(line, *(const uintptr_t *)pointer, true);
            else
                add_number(line, *(const uint32_t *)pointer, type == 'X');
        }
        format = name + len + 2;
        while (*format == ' ')
            format++;
    }
}

void call_text_begin(struct text *line, const char *name, const char *format, va_list arguments)
{
    text_add(line, "-> ");
    text_add(line, name);
    add_arguments(line, format, false, arguments);
}

void call_text_end(struct text *line, const char *name, const char *format, int32_t result,
                   uint32_t took_ms, va_list arguments)
{
    const char *known = result == WINDOWS_ERROR_INVALID_HANDLE ? "ERROR_INVALID_HANDLE"
                        : result == 0                          ? "SCARD_S_SUCCESS"
                                                               : result_name(result);

    text_add(line, "<- ");
    text_add(line, name);
    text_add(line, " = 0x");
    text_add_hex(line, (uint32_t)result, 8);
    if (known) text_add(line, " ");
    text_add(line, known);
    text_add(line, " ");
    text_add_dec(line, took_ms);
    text_add(line, "ms");
    add_arguments(line, format, true, arguments);
}

void call_text_bytes(struct text *line, struct bytes bytes, size_t hidden_offset, size_t hidden)
{
    if (hidden_offset > bytes.len) hidden_offset = bytes.len;
    if (hidden > bytes.len - hidden_offset) hidden = bytes.len - hidden_offset;
    text_add_bytes(line, bytes_slice(bytes, 0, hidden_offset));
    if (hidden)
    {
        text_add(line, "[");
        text_add_dec(line, (int64_t)hidden);
        text_add(line, " secret bytes]");
    }
    text_add_bytes(line,
                   bytes_slice(bytes, hidden_offset + hidden, bytes.len - hidden_offset - hidden));
}

static struct disclosure *state_of(struct call_cards *cards, uintptr_t handle)
{
    size_t room = CALL_CARDS_MAX;

    for (size_t i = 0; i < CALL_CARDS_MAX; i++)
    {
        if (cards->cards[i].handle == handle) return &cards->cards[i].state;
        if (!cards->cards[i].handle && room == CALL_CARDS_MAX) room = i;
    }
    if (room == CALL_CARDS_MAX) return NULL;
    cards->cards[room].handle = handle;
    cards->cards[room].state = (struct disclosure){ 0 };
    return &cards->cards[room].state;
}

struct disclosed call_cards_disclose(struct call_cards *cards, uintptr_t handle,
                                     struct bytes command, struct bytes answer)
{
    struct disclosure *state = state_of(cards, handle);
    struct disclosed parts = { 0 };

    if (!state)
    {
        parts.command_offset = command.len < APDU_HEADER ? command.len : APDU_HEADER;
        parts.command_hidden = command.len - parts.command_offset;
        parts.answer_hidden = answer.len > STATUS_WORD ? answer.len - STATUS_WORD : 0;
        cards->is_opened = true;
        return parts;
    }
    /* Two handles, and two programs' worth of readers, may be one card. */
    if (cards->is_opened) disclosure_open(state);
    parts = disclosure_of(state, command, answer);
    if (state->is_opened) cards->is_opened = true;
    return parts;
}

void call_cards_open(struct call_cards *cards)
{
    cards->is_opened = true;
}

void call_cards_forget(struct call_cards *cards, uintptr_t handle)
{
    for (size_t i = 0; i < CALL_CARDS_MAX; i++)
        if (cards->cards[i].handle == handle) cards->cards[i].handle = 0;
}
