/*
 * profile_keys - the words of a profile's text and the members of a profile that they mean: a table
 *                that texts are read and written by.
 * Layer: card/profile (pure: no file, no card).
 * Owns: nothing; threads: any.
 * The page for users: packaging/doc/profiles.md.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_PROFILE_KEYS_H
#define SCM_CARD_PROFILE_KEYS_H

#include "base/text.h"
#include "card/profile/profile.h"

/** The forms of values. */
enum profile_value
{
    PROFILE_VALUE_CLASS,  /**< two hexadecimal digits, not FF */
    PROFILE_VALUE_STATUS, /**< an SW1: two hexadecimal digits, 6x or 9x but 90 */
    PROFILE_VALUE_STATUS_OR_NONE,
    PROFILE_VALUE_BYTE,          /**< two hexadecimal digits */
    PROFILE_VALUE_YES,           /**< yes or no */
    PROFILE_VALUE_YES_FOR_FALSE, /**< the same for a member that means the opposite */
    PROFILE_VALUE_ANSWER,        /**< fcp, fci or none */
    PROFILE_VALUE_ANSWER_FORM,   /**< standard or sim */
    PROFILE_VALUE_LENGTH,        /**< bytes in decimal, 1 to 65536, or any */
    PROFILE_VALUE_RANGES,        /**< 2F00-2F0F 5031, or none */
    PROFILE_VALUE_PIN_LENGTHS,   /**< 4-8, or 6 */
    PROFILE_VALUE_PIN_PADDING,   /**< two hexadecimal digits, or none */
    PROFILE_VALUE_PIN_STORED,    /**< bytes in decimal, 1 to 127, or none */
    PROFILE_VALUE_PIN_ENCODING,  /**< characters, bcd, half-nibble or block */
};

/** One key. */
struct profile_key
{
    const char *name;
    uint8_t value;   /**< enum profile_value */
    bool is_pins;    /**< `offset` is that of a struct card_pin_rules */
    uint16_t offset; /**< of the first member that it means */
};

extern const struct profile_key profile_keys[];
extern const size_t profile_keys_count;

/** The key of this name; NULL where there is none. */
const struct profile_key *profile_key_find(struct bytes name);

/**
 * Reads a value.
 *
 * @param[in] value without blanks at its ends.
 * @param[in,out] object the struct card_profile or struct card_pin_rules; unchanged on failure.
 * @return NULL, or what would have been right.
 */
const char *profile_value_read(const struct profile_key *key, struct bytes value, void *object);

/** Appends the value as text that profile_value_read() takes. */
void profile_value_write(const struct profile_key *key, const void *object, struct text *text);

/** Takes the next word, up to a blank, off the front of a text; empty at the end. */
struct bytes profile_word_take(struct bytes *text);

/** Whether a span is this text. */
bool profile_text_is(struct bytes span, const char *text);

#endif
