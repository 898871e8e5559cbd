/*
 * description_security - conditions, PINs, keys and data objects of a card description.
 * Layer: simcard (core, private to description_*.c).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/description_parser.h"

#define TAG_DIGITS      4 /* P1-P2 of the even instructions */
#define LONG_TAG_DIGITS 6

static bool read_term(struct parser *parser, const struct word *word, bool starts_alternative,
                      struct access_rule *rule)
{
    static const struct named_value terms[] = {
        { "pin", 0 },       { "local-pin", 1 }, { "key", 2 },
        { "local-key", 3 }, { "secure", 4 },    { NULL, 0 },
    };
    uint32_t kind = 0, number = 0;
    if (!parser_choose(parser, "a condition", word, terms, &kind)) return false;
    bool is_secure = kind == 4;
    if (!is_secure && !parser_number(parser, "the number of a PIN or key", kind == 1 ? 0 : 1,
                                     CREDENTIAL_NUMBERS, &number))
        return false;
    if (rule->term_count == ACCESS_TERMS_MAX)
        return parser_fail(parser, "more than %d terms in a condition", ACCESS_TERMS_MAX);
    rule->terms[rule->term_count++] = (struct access_term){
        .starts_alternative = starts_alternative,
        .is_key = kind >= 2 && !is_secure,
        .reference =
            is_secure ? REFERENCE_SECURE : (uint8_t)(number | (kind & 1 ? REFERENCE_LOCAL : 0)),
    };
    return true;
}

/* always | never | TERM { and TERM | or TERM } */
bool parser_condition(struct parser *parser, struct access_rule *rule)
{
    struct word word;
    *rule = (struct access_rule){ .kind = ACCESS_ALWAYS };
    if (!parser_word(parser, "a condition", &word)) return false;
    if (word_is(&word, "always")) return true;
    rule->kind = ACCESS_NEVER;
    if (word_is(&word, "never")) return true;
    rule->kind = ACCESS_TERMS;
    if (!read_term(parser, &word, true, rule)) return false;
    while (parser_next_word(parser, &word))
    {
        bool is_or = word_is(&word, "or");
        if (!is_or && !word_is(&word, "and"))
            return parser_fail(parser, "\"and\" or \"or\" expected, not \"%.*s\"",
                               word_shown_len(&word), word.text);
        if (!parser_word(parser, "a condition", &word)) return false;
        if (!read_term(parser, &word, is_or, rule)) return false;
    }
    return !parser->has_failed;
}

static bool read_tries(struct parser *parser, struct secret *secret, bool is_maximum)
{
    if (!is_maximum)
        return parser_small_number(parser, "the tries left", 0, PIN_TRIES_MAX, &secret->tries_left);
    if (!parser_small_number(parser, "the number of tries", 1, PIN_TRIES_MAX, &secret->tries_max))
        return false;
    secret->tries_left = secret->tries_max;
    return true;
}

static bool read_pin_line(struct parser *parser, const struct word *keyword, struct pin *pin)
{
    if (word_is(keyword, "value"))
        return parser_bytes_into(parser, "value", pin->secret.value, PIN_LEN_MAX, &pin->secret.len);
    if (word_is(keyword, "tries")) return read_tries(parser, &pin->secret, true);
    if (word_is(keyword, "left")) return read_tries(parser, &pin->secret, false);
    if (word_is(keyword, "length"))
        return parser_small_number(parser, "the shortest length", 1, PIN_LEN_MAX, &pin->min_len) &&
               parser_small_number(parser, "the longest length", pin->min_len, PIN_LEN_MAX,
                                   &pin->max_len);
    if (word_is(keyword, "pad"))
    {
        uint32_t padding = 0;
        pin->is_padded = parser_hex(parser, "pad", 2, &padding);
        pin->padding = (uint8_t)padding;
        return pin->is_padded;
    }
    /* Descriptions of earlier versions say "unblock-code". */
    if (word_is(keyword, "unblock-pin") || word_is(keyword, "unblock-code"))
        return parser_bytes_into(parser, "unblock-pin", pin->puk.value, PIN_LEN_MAX, &pin->puk.len);
    if (word_is(keyword, "unblock-tries")) return read_tries(parser, &pin->puk, true);
    if (word_is(keyword, "unblock-left")) return read_tries(parser, &pin->puk, false);
    if (word_is(keyword, "enabled")) return parser_flag(parser, "enabled", &pin->is_enabled);
    if (word_is(keyword, "change")) return parser_condition(parser, &pin->change);
    if (word_is(keyword, "unblock")) return parser_condition(parser, &pin->unblock);
    if (word_is(keyword, "disable")) return parser_condition(parser, &pin->disable);
    return parser_unknown_keyword(parser, keyword, "a pin");
}

static void pad(struct secret *secret, const struct pin *pin)
{
    while (secret->len && secret->len < pin->max_len)
        secret->value[secret->len++] = pin->padding;
}

static bool finish_pin(struct parser *parser, struct pin *pin)
{
    if (pin->secret.len == 0) return parser_fail(parser, "a pin needs a value");
    if (pin->secret.len < pin->min_len || pin->secret.len > pin->max_len)
        return parser_fail(parser, "the pin's value is not %u to %u bytes long", pin->min_len,
                           pin->max_len);
    if (pin->is_padded)
    {
        pad(&pin->secret, pin);
        pad(&pin->puk, pin);
    }
    if (!pin_accepts_new(pin, bytes_of(pin->secret.value, pin->secret.len)))
        return parser_fail(parser, "the pin's value contains its padding");
    if (pin->secret.tries_left > pin->secret.tries_max || pin->puk.tries_left > pin->puk.tries_max)
        return parser_fail(parser, "more tries left than there are");
    return true;
}

bool parser_pin(struct parser *parser, struct card_file *df)
{
    uint8_t number = 0;
    /* P2 00 is not a number of its own: only a DF's PIN can have it, with P2 80. */
    if (!parser_small_number(parser, "the number of a pin", file_is_mf(df) ? 1 : 0,
                             CREDENTIAL_NUMBERS, &number))
        return false;
    if (!parser_end_of_line(parser)) return false;
    if (pin_find(df->pins, number))
        return parser_fail(parser, "there is a pin %u here already", number);
    struct pin *pin = pin_new(number);
    if (!pin) return parser_out_of_memory(parser);
    struct pin **link = &df->pins;
    while (*link)
        link = &(*link)->next;
    *link = pin;

    struct word keyword;
    while (parser_next_in_block(parser, "a pin", &keyword))
        if (!read_pin_line(parser, &keyword, pin) || !parser_end_of_line(parser)) return false;
    return !parser->has_failed && finish_pin(parser, pin);
}

static bool read_key_line(struct parser *parser, const struct word *keyword, struct key *key)
{
    if (word_is(keyword, "algorithm"))
    {
        uint32_t algorithm = 0;
        if (!parser_choice(parser, "algorithm", algorithm_words, &algorithm)) return false;
        key->algorithm = (enum cipher_algorithm)algorithm;
        return true;
    }
    if (word_is(keyword, "value"))
        return parser_bytes_into(parser, "value", key->value, CIPHER_KEY_MAX, &key->len);
    if (word_is(keyword, "tries"))
    {
        if (!parser_small_number(parser, "the number of tries", 1, PIN_TRIES_MAX, &key->tries_max))
            return false;
        key->tries_left = key->tries_max;
        return true;
    }
    if (word_is(keyword, "left"))
        return parser_small_number(parser, "the tries left", 0, PIN_TRIES_MAX, &key->tries_left);
    if (word_is(keyword, "use"))
    {
        static const struct named_value uses[] = {
            { "internal", 1 },
            { "external", 2 },
            { "both", 3 },
            { NULL, 0 },
        };
        uint32_t use = 0;
        if (!parser_choice(parser, "use", uses, &use)) return false;
        key->is_for_internal = use & 1;
        key->is_for_external = use & 2;
        return true;
    }
    if (word_is(keyword, "condition")) return parser_condition(parser, &key->use);
    return parser_unknown_keyword(parser, keyword, "a key");
}

bool parser_key(struct parser *parser, struct card_file *df)
{
    uint8_t number = 0;
    if (!parser_small_number(parser, "the number of a key", 1, CREDENTIAL_NUMBERS, &number))
        return false;
    if (!parser_end_of_line(parser)) return false;
    if (key_find(df->keys, number))
        return parser_fail(parser, "there is a key %u here already", number);
    struct key *key = key_new(number);
    if (!key) return parser_out_of_memory(parser);
    struct key **link = &df->keys;
    while (*link)
        link = &(*link)->next;
    *link = key;

    struct word keyword;
    while (parser_next_in_block(parser, "a key", &keyword))
        if (!read_key_line(parser, &keyword, key) || !parser_end_of_line(parser)) return false;
    if (parser->has_failed) return false;
    if (!cipher_accepts_key_len(key->algorithm, key->len))
        return parser_fail(parser, "no %s key has %zu bytes",
                           named_value_name(algorithm_words, key->algorithm), key->len);
    if (key->tries_left > key->tries_max)
        return parser_fail(parser, "more tries left than there are");
    return true;
}

static bool read_channel_line(struct parser *parser, const struct word *keyword,
                              struct secure_channel *channel)
{
    if (word_is(keyword, "encryption-key"))
        return parser_bytes_into(parser, "encryption-key", channel->encryption_key, CIPHER_KEY_MAX,
                                 &channel->encryption_len);
    if (word_is(keyword, "mac-key"))
        return parser_bytes_into(parser, "mac-key", channel->mac_key, CIPHER_KEY_MAX,
                                 &channel->mac_len);
    if (word_is(keyword, "counter"))
        return parser_bytes_into(parser, "counter", channel->first_counter, CIPHER_BLOCK_MAX,
                                 &channel->counter_len);
    if (word_is(keyword, "agreed")) return parser_flag(parser, "agreed", &channel->is_agreed);
    if (word_is(keyword, "ends-with-plain"))
        return parser_flag(parser, "ends-with-plain", &channel->ends_with_plain);
    return parser_unknown_keyword(parser, keyword, "secure-messaging");
}

static bool finish_channel(struct parser *parser, struct secure_channel *channel)
{
    bool is_3des = channel->algorithm == CIPHER_3DES;
    if (channel->encryption_len != channel->mac_len)
        return parser_fail(parser, "the two keys are not of the same length");
    if (is_3des ? channel->mac_len != 16
                : !cipher_accepts_key_len(channel->algorithm, channel->mac_len))
        return parser_fail(parser, "no %s key for secure messaging has %zu bytes",
                           named_value_name(algorithm_words, channel->algorithm), channel->mac_len);
    if (channel->is_agreed && (!is_3des || channel->counter_len))
        return parser_fail(parser, "keys are agreed on with 3des, and the counter with them");
    if (channel->is_agreed) channel->counter_len = cipher_block_len(channel->algorithm);
    if (channel->counter_len != cipher_block_len(channel->algorithm))
        return parser_fail(parser, "the counter has %zu bytes",
                           cipher_block_len(channel->algorithm));
    channel->is_there = true;
    secure_channel_reset(channel);
    return true;
}

bool parser_channel(struct parser *parser, struct card_file *df)
{
    struct secure_channel *channel = &df->channel;
    uint32_t algorithm = 0;
    struct word keyword;
    if (channel->is_there) return parser_fail(parser, "secure-messaging is here already");
    if (!parser_choice(parser, "the algorithm of secure-messaging", algorithm_words, &algorithm) ||
        !parser_end_of_line(parser))
        return false;
    channel->algorithm = (enum cipher_algorithm)algorithm;
    while (parser_next_in_block(parser, "secure-messaging", &keyword))
        if (!read_channel_line(parser, &keyword, channel) || !parser_end_of_line(parser))
            return false;
    return !parser->has_failed && finish_channel(parser, channel);
}

bool parser_object(struct parser *parser, struct card_file *df)
{
    uint32_t tag = 0;
    const char *rest = parser->at;
    struct word word;
    if (!parser_word(parser, "the tag of an object", &word)) return false;
    parser->at = rest;
    size_t digits = word.len == LONG_TAG_DIGITS ? LONG_TAG_DIGITS : TAG_DIGITS;
    if (!parser_hex(parser, "the tag of an object", digits, &tag)) return false;
    if (!parser_end_of_line(parser)) return false;
    if (file_object_find(df, tag))
        return parser_fail(parser, "there is an object %04X here already", tag);
    struct data_object *object = file_object_add(df, tag);
    if (!object) return parser_out_of_memory(parser);

    struct word keyword;
    while (parser_next_in_block(parser, "an object", &keyword))
    {
        bool is_read = word_is(&keyword, "value")
                           ? parser_take_bytes(parser, RECORD_LEN_MAX, &object->value, &object->len)
                       : word_is(&keyword, "get") ? parser_condition(parser, &object->get)
                       : word_is(&keyword, "put")
                           ? parser_condition(parser, &object->put)
                           : parser_unknown_keyword(parser, &keyword, "an object");
        if (!is_read || !parser_end_of_line(parser)) return false;
    }
    parser->memory_used += object->len;
    if (parser->memory_used > parser->card->style.memory)
        return parser_fail(parser, "the card has only %u bytes of memory",
                           parser->card->style.memory);
    return !parser->has_failed;
}
