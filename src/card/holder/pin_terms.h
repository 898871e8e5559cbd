/*
 * pin_terms - on what terms a card takes one PIN: reference, form, directory; and its PUK's.
 * Layer: card/holder (calls files; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. What is known comes from the first of these that says something: the current
 * application's row (card_applications), the card's profile, what the card itself tells
 * (files/passwords.h), the standard.
 *
 * Which PIN a number means, where the card itself tells of its PINs: the one that has it as its
 * reference, local ones with or without bit 8; of several, the one whose directory the current one
 * is or lies in. Where none has it and the number comes with a scope, it counts the holder's PINs
 * as the card lists them, and means that one if its scope is the same. A number that means none goes
 * to the card as it is.
 * Standard: ISO/IEC 7816-4:2020 clause 11.6.2 (P2); ISO/IEC 7816-15:2016 clause 8.9.2
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_HOLDER_PIN_TERMS_H
#define SCM_CARD_HOLDER_PIN_TERMS_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/files/path.h"
#include "card/link/fault.h"
#include "card/profile/profile.h"

struct card_files;

/** Longest PIN, as far as the length byte of a command goes with two of them. */
#define CARD_PIN_LEN_MAX 127

/** Whose PIN a number means. */
enum card_pin_scope
{
    CARD_PIN_AS_NUMBERED, /**< the number is P2 of the command */
    CARD_PIN_GLOBAL,      /**< the card's */
    CARD_PIN_LOCAL,       /**< the current directory's */
};

struct card_pin_reference
{
    enum card_pin_scope scope;
    int32_t number;
};

struct card_pin_terms
{
    uint8_t p2;
    bool is_local; /**< presented where its directory is the current one */
    bool has_dir;  /**< `dir` is that directory; else it is the client's current one */
    struct card_path dir;
    struct card_pin_rules rules;
    struct card_pin_rules puk_rules;
    bool has_puk; /**< the PUK has a reference of its own */
    uint8_t puk_p2;
};

/**
 * Finds the terms; the card may be asked, once (card_passwords_learn()).
 *
 * @retval HR_OK
 * @retval HR_INVALIDARG the number cannot be a PIN's, or means several; `fault` says why.
 * @retval any code of card_passwords_learn().
 */
scm_result card_pin_find_terms(struct card_files *files, struct card_pin_reference reference,
                               struct card_pin_terms *terms, struct card_fault *fault);

/** How many bytes a PIN has that is filled up; 0: as many as it has characters. */
uint8_t card_pin_block_len(const struct card_pin_rules *rules);

/**
 * Appends a PIN as the card wants it. One that the client has brought into that form already, as
 * long as such PINs are and not of digits alone, goes as it is.
 *
 * @param[in] is_new it is to be the PIN from now on.
 * @retval HR_OK
 * @retval HR_INVALIDARG the card has no such PINs; `fault` says why, nothing of the PIN is in it.
 */
scm_result card_pin_put(const struct card_pin_rules *rules, struct bytes pin, bool is_new,
                        struct byte_writer *data, struct card_fault *fault);

#endif
