/*
 * call_text - a call of winscard.dll and its answer as lines of a trace.
 * Layer: wine bridge (pure; of iso7816 it asks what of a command may be shown: PINs and keys may not).
 *
 * A format names the arguments of a function in their order, as in "context:h reader:w card:H". The
 * letter after the colon is the argument's type; all are shown when the call begins, but for those
 * marked "answer", and only answers when it has ended.
 *   h  a handle                        H  where a handle goes, answer
 *   d  a number                        D  where a number stands: before, and as answer
 *   x  a number, hexadecimal           X  where one goes, answer
 *   a  a text, ANSI                    w  a text, UTF-16
 *   s  reader states and their number, ANSI     S  the same, UTF-16; both before, and as answer
 *   p  any other pointer: only whether it is NULL
 * Bytes that only SCardTransmit has: call_text_command(), call_text_answer().
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_WINE_CALL_TEXT_H
#define SCM_WINE_CALL_TEXT_H

#include <stdarg.h>
#include <stdbool.h>

#include "base/bytes.h"
#include "base/text.h"
#include "iso7816/disclosure.h"
#include "wine/unix_call.h"

/** SCARD_READERSTATE, its name of either type. */
struct call_reader_state
{
    const void *name;
    void *user_data;
    uint32_t current_state, event_state, atr_len;
    uint8_t atr[UNIX_ATR_CAPACITY];
};

/** The arguments of a call that begins. */
void call_text_begin(struct text *line, const char *name, const char *format, va_list arguments);

/**
 * The answer: the result by name and value, how long it took, and what was handed out.
 *
 * @param[in] result a smart card code or a Win32 error.
 */
void call_text_end(struct text *line, const char *name, const char *format, int32_t result,
                   uint32_t took_ms, va_list arguments);

/** One command, or answer, without its hidden part, which is counted. */
void call_text_bytes(struct text *line, struct bytes bytes, size_t hidden_offset, size_t hidden);

/* What is remembered of the cards in use, for disclosure_of(). */

#define CALL_CARDS_MAX 32

struct call_cards
{
    bool is_opened; /**< somebody proved something to one of them: no contents are shown any more */
    struct
    {
        uintptr_t handle;
        struct disclosure state;
    } cards[CALL_CARDS_MAX];
};

/**
 * Decides what of an exchange is shown. Whoever has no room in `cards` shows header and SW only.
 *
 * @param[in] answer empty where the exchange failed.
 */
struct disclosed call_cards_disclose(struct call_cards *cards, uintptr_t handle,
                                     struct bytes command, struct bytes answer);

/** Something besides a command, such as a PIN pad, may have opened a card. */
void call_cards_open(struct call_cards *cards);

/** The handle was closed. */
void call_cards_forget(struct call_cards *cards, uintptr_t handle);

#endif
