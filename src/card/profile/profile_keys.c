/*
 * profile_keys - the words of a profile's text and the members of a profile that they mean.
 * Layer: card/profile.
 * SPDX-License-Identifier: MIT
 */
#include "card/profile/profile_keys.h"

#include "base/hex_digits.h"
#include "iso7816/apdu.h"

#define CLASS_NEVER  0xFF
#define SW1_SUCCESS  0x90
#define LENGTH_MAX   65536
#define PIN_LEN_MAX  255
#define STORED_MAX   127
#define ID_DIGITS    4
#define DECIMALS_MAX 5

#define OF_CARD(member) .offset = offsetof(struct card_profile, member)
#define OF_PINS(member) .is_pins = true, .offset = offsetof(struct card_pin_rules, member)

/* clang-format off */
const struct profile_key profile_keys[] = {
    { "class", PROFILE_VALUE_CLASS, OF_CARD(cla) },
    { "more-data", PROFILE_VALUE_STATUS, OF_CARD(more_data_sw1) },
    { "wrong-length", PROFILE_VALUE_STATUS_OR_NONE, OF_CARD(wrong_le_sw1) },
    { "select-answer", PROFILE_VALUE_ANSWER, OF_CARD(select.answer) },
    { "select-answer-form", PROFILE_VALUE_ANSWER_FORM, OF_CARD(select.answer_is_sim) },
    { "select-by-path", PROFILE_VALUE_YES, OF_CARD(select.by_path) },
    { "select-path-with-mf", PROFILE_VALUE_YES, OF_CARD(select.path_begins_at_mf) },
    { "select-by-path-from-df", PROFILE_VALUE_YES_FOR_FALSE, OF_CARD(select.lacks_path_from_df) },
    { "select-by-kind", PROFILE_VALUE_YES, OF_CARD(select.by_kind) },
    { "plain-ends-secure-messaging", PROFILE_VALUE_YES, OF_CARD(plain_ends_channel) },
    { "try-known-names", PROFILE_VALUE_YES_FOR_FALSE, OF_CARD(select.asks_no_names) },
    { "longest-command", PROFILE_VALUE_LENGTH, OF_CARD(command_data_max) },
    { "longest-answer", PROFILE_VALUE_LENGTH, OF_CARD(answer_data_max) },
    { "look-for", PROFILE_VALUE_RANGES, OF_CARD(ranges) },
    { "pin-global", PROFILE_VALUE_BYTE, OF_PINS(global_p2) },
    { "pin-local", PROFILE_VALUE_BYTE, OF_PINS(local_p2) },
    { "pin-length", PROFILE_VALUE_PIN_LENGTHS, OF_PINS(len_min) },
    { "pin-length-for-new-only", PROFILE_VALUE_YES, OF_PINS(is_min_for_new) },
    { "pin-stored-length", PROFILE_VALUE_PIN_STORED, OF_PINS(stored_len) },
    { "pin-padding", PROFILE_VALUE_PIN_PADDING, OF_PINS(padding) },
    { "pin-encoding", PROFILE_VALUE_PIN_ENCODING, OF_PINS(encoding) },
    { "pin-first-unblocks-as-0", PROFILE_VALUE_YES, OF_PINS(first_unblocks_as_0) },
};
/* clang-format on */

const size_t profile_keys_count = sizeof(profile_keys) / sizeof(profile_keys[0]);

/* A word and the number it stands for. */
struct word
{
    const char *text;
    uint8_t value;
};

static const struct word answers[] = {
    { "fcp", APDU_SELECT_FCP },
    { "fci", APDU_SELECT_FCI },
    { "none", APDU_SELECT_NO_ANSWER },
    { NULL, 0 },
};

static const struct word encodings[] = {
    { "characters", CARD_PIN_CHARACTERS },
    { "bcd", CARD_PIN_BCD },
    { "half-nibble", CARD_PIN_HALF_NIBBLE },
    { "block", CARD_PIN_BLOCK },
    { NULL, 0 },
};

static const struct word yes_or_no[] = { { "yes", true }, { "no", false }, { NULL, 0 } };
static const struct word no_or_yes[] = { { "yes", false }, { "no", true }, { NULL, 0 } };
static const struct word forms[] = { { "standard", false }, { "sim", true }, { NULL, 0 } };

/* The words of a form of values that has nothing but words, and what they are. */
static const struct word *words_of(enum profile_value value, const char **why)
{
    switch (value)
    {
    case PROFILE_VALUE_YES:
        *why = "yes or no is wanted";
        return yes_or_no;
    case PROFILE_VALUE_YES_FOR_FALSE:
        *why = "yes or no is wanted";
        return no_or_yes;
    case PROFILE_VALUE_ANSWER:
        *why = "fcp, fci or none is wanted";
        return answers;
    case PROFILE_VALUE_ANSWER_FORM:
        *why = "standard or sim is wanted";
        return forms;
    case PROFILE_VALUE_PIN_ENCODING:
        *why = "characters, bcd, half-nibble or block is wanted";
        return encodings;
    default:
        return NULL;
    }
}

bool profile_text_is(struct bytes span, const char *text)
{
    return bytes_equal(span, bytes_of(text, strlen(text)));
}

static bool is_blank(uint8_t character)
{
    return character == ' ' || character == '\t';
}

struct bytes profile_word_take(struct bytes *text)
{
    size_t begin = 0, end;

    while (begin < text->len && is_blank(text->data[begin]))
        begin++;
    for (end = begin; end < text->len && !is_blank(text->data[end]);)
        end++;
    struct bytes word = bytes_slice(*text, begin, end - begin);
    *text = bytes_slice(*text, end, text->len);
    return word;
}

const struct profile_key *profile_key_find(struct bytes name)
{
    for (size_t i = 0; i < profile_keys_count; i++)
        if (profile_text_is(name, profile_keys[i].name)) return &profile_keys[i];
    return NULL;
}

/* Exactly so many hexadecimal digits. */
static bool read_hex(struct bytes text, size_t digits, uint16_t *value)
{
    unsigned sum = 0;

    if (text.len != digits) return false;
    for (size_t i = 0; i < digits; i++)
    {
        int digit = hex_digit_value(text.data[i]);
        if (digit < 0) return false;
        sum = sum << 4 | (unsigned)digit;
    }
    *value = (uint16_t)sum;
    return true;
}

static bool read_decimal(struct bytes text, uint32_t min, uint32_t max, uint32_t *value)
{
    uint32_t sum = 0;

    if (text.len == 0 || text.len > DECIMALS_MAX) return false;
    for (size_t i = 0; i < text.len; i++)
    {
        if (text.data[i] < '0' || text.data[i] > '9') return false;
        sum = sum * 10 + (uint32_t)(text.data[i] - '0');
    }
    *value = sum;
    return sum >= min && sum <= max;
}

/* Parts a text at its first hyphen; without one both are the whole. */
static void split_range(struct bytes text, struct bytes *first, struct bytes *last)
{
    *first = *last = text;
    for (size_t i = 0; i < text.len; i++)
        if (text.data[i] == '-')
        {
            *first = bytes_slice(text, 0, i);
            *last = bytes_slice(text, i + 1, text.len);
            return;
        }
}

static const char *read_byte(enum profile_value form, struct bytes value, uint8_t *member)
{
    uint16_t number = 0;
    bool is_none = form == PROFILE_VALUE_STATUS_OR_NONE && profile_text_is(value, "none");

    if (!is_none && !read_hex(value, 2, &number)) return "two hexadecimal digits are wanted";
    if (form == PROFILE_VALUE_CLASS && number == CLASS_NEVER) return "FF is never a class";
    bool is_status = form == PROFILE_VALUE_STATUS || form == PROFILE_VALUE_STATUS_OR_NONE;
    bool is_sw1 = number != SW1_SUCCESS && (number >> 4 == 6 || number >> 4 == 9);
    if (is_status && !is_none && !is_sw1)
        return "the first byte of a status word is wanted, 6x or 9x and not 90";
    *member = (uint8_t)number;
    return NULL;
}

static const char *read_ranges(struct bytes value, struct card_id_range *ranges)
{
    struct card_id_range read[CARD_PROFILE_RANGES_MAX] = { { 0, 0 } };
    size_t count = 0;

    if (!profile_text_is(value, "none"))
        for (struct bytes word; word = profile_word_take(&value), word.len > 0; count++)
        {
            struct bytes first, last;
            split_range(word, &first, &last);
            if (count == CARD_PROFILE_RANGES_MAX) return "there are more than 12 ranges";
            if (!read_hex(first, ID_DIGITS, &read[count].first) ||
                !read_hex(last, ID_DIGITS, &read[count].last) || read[count].last == 0 ||
                read[count].first > read[count].last)
                return "identifiers of four hexadecimal digits are wanted, as in 2F00-2F0F 5031";
        }
    memcpy(ranges, read, sizeof(read));
    return NULL;
}

static const char *read_lengths(struct bytes value, struct card_pin_rules *rules)
{
    struct bytes first, last;
    uint32_t min, max;

    split_range(value, &first, &last);
    if (!read_decimal(first, 1, PIN_LEN_MAX, &min) || !read_decimal(last, min, PIN_LEN_MAX, &max))
        return "lengths from 1 to 255 are wanted, as in 4-8";
    rules->len_min = (uint8_t)min;
    rules->len_max = (uint8_t)max;
    return NULL;
}

static const char *read_padding(struct bytes value, struct card_pin_rules *rules)
{
    uint16_t number = 0;

    rules->is_padded = !profile_text_is(value, "none");
    if (rules->is_padded && !read_hex(value, 2, &number))
        return "two hexadecimal digits are wanted, or none";
    rules->padding = (uint8_t)number;
    return NULL;
}

static const char *read_stored(struct bytes value, struct card_pin_rules *rules)
{
    uint32_t number = 0;

    if (!profile_text_is(value, "none") && !read_decimal(value, 1, STORED_MAX, &number))
        return "a number of bytes from 1 to 127 is wanted, or none";
    rules->stored_len = (uint8_t)number;
    return NULL;
}

static const char *read_length(struct bytes value, uint32_t *member)
{
    uint32_t number = 0;

    if (!profile_text_is(value, "any") && !read_decimal(value, 1, LENGTH_MAX, &number))
        return "a number of bytes from 1 to 65536 is wanted, or any";
    *member = number;
    return NULL;
}

const char *profile_value_read(const struct profile_key *key, struct bytes value, void *object)
{
    uint8_t *member = (uint8_t *)object + key->offset;
    const char *why = NULL;
    const struct word *words = words_of((enum profile_value)key->value, &why);

    for (; words && words->text; words++)
        if (profile_text_is(value, words->text))
        {
            *member = words->value;
            return NULL;
        }
    if (words) return why;
    switch ((enum profile_value)key->value)
    {
    case PROFILE_VALUE_LENGTH:
        return read_length(value, (uint32_t *)(void *)member);
    case PROFILE_VALUE_RANGES:
        return read_ranges(value, (struct card_id_range *)(void *)member);
    case PROFILE_VALUE_PIN_LENGTHS:
        return read_lengths(value, object);
    case PROFILE_VALUE_PIN_STORED:
        return read_stored(value, object);
    case PROFILE_VALUE_PIN_PADDING:
    {
        struct card_pin_rules rules = *(struct card_pin_rules *)object;
        why = read_padding(value, &rules);
        if (!why) *(struct card_pin_rules *)object = rules;
        return why;
    }
    default:
        return read_byte((enum profile_value)key->value, value, member);
    }
}

static void write_ranges(const struct card_id_range *ranges, struct text *text)
{
    if (!ranges[0].last) text_add(text, "none");
    for (size_t i = 0; i < CARD_PROFILE_RANGES_MAX && ranges[i].last; i++)
    {
        text_add(text, i ? " " : "");
        text_add_hex(text, ranges[i].first, ID_DIGITS);
        if (ranges[i].first == ranges[i].last) continue;
        text_add(text, "-");
        text_add_hex(text, ranges[i].last, ID_DIGITS);
    }
}

static void write_length(uint32_t length, struct text *text)
{
    if (length)
        text_add_dec(text, length);
    else
        text_add(text, "any");
}

static void write_lengths(const struct card_pin_rules *rules, struct text *text)
{
    text_add_dec(text, rules->len_min);
    if (rules->len_min == rules->len_max) return;
    text_add(text, "-");
    text_add_dec(text, rules->len_max);
}

void profile_value_write(const struct profile_key *key, const void *object, struct text *text)
{
    const uint8_t *member = (const uint8_t *)object + key->offset;
    const struct card_pin_rules *rules = object;
    const char *ignored;

    for (const struct word *words = words_of((enum profile_value)key->value, &ignored);
         words && words->text; words++)
        if (words->value == *member)
        {
            text_add(text, words->text);
            return;
        }
    switch ((enum profile_value)key->value)
    {
    case PROFILE_VALUE_LENGTH:
        write_length(*(const uint32_t *)(const void *)member, text);
        break;
    case PROFILE_VALUE_RANGES:
        write_ranges((const struct card_id_range *)(const void *)member, text);
        break;
    case PROFILE_VALUE_PIN_LENGTHS:
        write_lengths(rules, text);
        break;
    case PROFILE_VALUE_PIN_STORED:
        if (*member)
            text_add_dec(text, *member);
        else
            text_add(text, "none");
        break;
    default:
        if ((key->value == PROFILE_VALUE_PIN_PADDING && !rules->is_padded) ||
            (key->value == PROFILE_VALUE_STATUS_OR_NONE && !*member))
            text_add(text, "none");
        else
            text_add_hex(text, *member, 2);
        break;
    }
}
