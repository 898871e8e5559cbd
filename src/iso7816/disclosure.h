/*
 * disclosure - what of a command and its answer may be shown to others than the card's holder.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clauses 5.4.1 (classes: secure messaging), 11 (commands)
 * SPDX-License-Identifier: MIT
 *
 * Design notes. A list of what is shown, and not of what is hidden: a command that nobody here knows
 * may carry a PIN. Shown is what finds a file and reads it, as long as the card would show it to
 * anybody. From the first command on that proved something to the card until its reset, only what
 * tells of selection is shown. What is written is never shown: on some cards keys and PINs are files.
 */
#ifndef SCM_ISO7816_DISCLOSURE_H
#define SCM_ISO7816_DISCLOSURE_H

#include "base/bytes.h"

/** What has to be remembered of a card from one command to the next. All zeros after its reset. */
struct disclosure
{
    bool is_opened;       /**< to somebody who proved who he is */
    bool is_answer_shown; /**< of the last command that was no GET RESPONSE */
    bool may_open;        /**< that command does, if it succeeds */
};

/** Parts that are not to be shown; both counted in bytes, either may be empty. */
struct disclosed
{
    size_t command_offset, command_hidden; /**< from command_offset on */
    size_t answer_hidden;                  /**< from the answer's beginning on */
};

/**
 * Decides about a command that was answered. Header, lengths and status word are always shown.
 *
 * @param[in,out] state of the card.
 * @param[in] command as it was sent; any bytes at all.
 * @param[in] answer data and status word; empty where the exchange failed.
 */
struct disclosed disclosure_of(struct disclosure *state, struct bytes command, struct bytes answer);

/** Something besides a command, such as the reader's own keys, may have opened the card. */
void disclosure_open(struct disclosure *state);

#endif
