/*
 * access - access conditions: their coding in file control parameters.
 * Layer: simcard (uses base, tlv).
 * Standard: ISO/IEC 7816-4:2013 clause 9.3.3 (compact format), 9.3.4 (expanded format).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/access.h"
#include "simcard/tlv.h"

/* Security condition byte, ISO/IEC 7816-4:2013 table 40. */
#define SC_ALWAYS           0x00
#define SC_NEVER            0xFF
#define SC_ALL_CONDITIONS   0x80
#define SC_SECURE_MESSAGING 0x40
#define SC_EXTERNAL_AUTH    0x20
#define SC_USER_AUTH        0x10
#define SC_ENVIRONMENT_MASK 0x0F
#define SC_ENVIRONMENT_MAX  14

/* Data objects, ISO/IEC 7816-4:2013 tables 42 and 43. */
#define DO_COMPACT             0x8C
#define DO_EXPANDED            0xAB
#define DO_ACCESS_MODE         0x80
#define DO_CONDITION_ALWAYS    0x90
#define DO_CONDITION_NEVER     0x97
#define DO_CONDITION_BYTE      0x9E
#define DO_CONDITION_REFERENCE 0xA4
#define DO_CONDITION_SECURE    0xB4 /* of a cryptographic checksum */
#define DO_CONDITION_OR        0xA0
#define DO_CONDITION_AND       0xAF
#define DO_REFERENCE           0x83
#define DO_USAGE               0x95
#define USAGE_PASSWORD         0x08
#define USAGE_EXTERNAL         0x80
#define USAGE_SECURE_MESSAGING 0x30 /* in commands and answers */

#define ACCESS_MODE_BITS    ((1u << ACCESS_OPERATIONS) - 1)
#define EXPANDED_VALUE_MAX  768
#define CONDITION_DEPTH_MAX 2

static bool is_secure(const struct access_term *term)
{
    return term->reference == REFERENCE_SECURE;
}

/* The condition in one byte, or -1 where the compact format cannot say it. */
static int compact_condition(const struct access_rule *rule)
{
    if (rule->kind == ACCESS_ALWAYS) return SC_ALWAYS;
    if (rule->kind == ACCESS_NEVER) return SC_NEVER;
    if (rule->term_count > 2) return -1;
    if (rule->term_count == 1 && is_secure(&rule->terms[0])) return SC_SECURE_MESSAGING;

    const struct access_term *first = &rule->terms[0];
    if (first->reference == 0 || first->reference > SC_ENVIRONMENT_MAX) return -1;
    int condition = first->reference | (first->is_key ? SC_EXTERNAL_AUTH : SC_USER_AUTH);
    if (rule->term_count == 1) return condition;

    const struct access_term *second = &rule->terms[1];
    if (second->reference != first->reference || second->is_key == first->is_key) return -1;
    condition |= SC_EXTERNAL_AUTH | SC_USER_AUTH;
    return second->starts_alternative ? condition : condition | SC_ALL_CONDITIONS;
}

static bool encode_compact(const struct access_rule rules[], struct byte_writer *value)
{
    uint8_t mode = 0;
    uint8_t conditions[ACCESS_OPERATIONS];
    size_t count = 0;
    for (int operation = ACCESS_OPERATIONS - 1; operation >= 0; operation--)
    {
        int condition = compact_condition(&rules[operation]);
        if (condition < 0) return false;
        mode |= (uint8_t)(1u << operation);
        conditions[count++] = (uint8_t)condition;
    }
    byte_writer_u8(value, mode);
    byte_writer_put(value, bytes_of(conditions, count));
    return true;
}

static void put_term(const struct access_term *term, struct byte_writer *writer)
{
    static const uint8_t secure[] = { DO_USAGE, 1, USAGE_SECURE_MESSAGING };
    if (is_secure(term))
    {
        tlv_put(writer, DO_CONDITION_SECURE, bytes_of(secure, sizeof(secure)));
        return;
    }
    const uint8_t template[] = { DO_REFERENCE, 1, term->reference,
                                 DO_USAGE,     1, term->is_key ? USAGE_EXTERNAL : USAGE_PASSWORD };
    tlv_put(writer, DO_CONDITION_REFERENCE, bytes_of(template, sizeof(template)));
}

static void put_terms(const struct access_rule *rule, struct byte_writer *writer)
{
    uint8_t whole_room[EXPANDED_VALUE_MAX], part_room[EXPANDED_VALUE_MAX];
    struct byte_writer whole = byte_writer_of(whole_room, sizeof(whole_room));
    bool has_alternatives = false;
    for (size_t i = 0; i < rule->term_count;)
    {
        struct byte_writer part = byte_writer_of(part_room, sizeof(part_room));
        size_t first = i;
        do
            put_term(&rule->terms[i++], &part);
        while (i < rule->term_count && !rule->terms[i].starts_alternative);
        if (i - first > 1)
            tlv_put(&whole, DO_CONDITION_AND, byte_writer_written(&part));
        else
            byte_writer_put(&whole, byte_writer_written(&part));
        has_alternatives |= first > 0;
    }
    if (has_alternatives)
        tlv_put(writer, DO_CONDITION_OR, byte_writer_written(&whole));
    else
        byte_writer_put(writer, byte_writer_written(&whole));
}

static void encode_expanded(const struct access_rule rules[], struct byte_writer *value)
{
    for (unsigned operation = 0; operation < ACCESS_OPERATIONS; operation++)
    {
        uint8_t mode = (uint8_t)(1u << operation);
        tlv_put(value, DO_ACCESS_MODE, bytes_of(&mode, 1));
        if (rules[operation].kind == ACCESS_TERMS)
            put_terms(&rules[operation], value);
        else
            tlv_put(value,
                    rules[operation].kind == ACCESS_NEVER ? DO_CONDITION_NEVER
                                                          : DO_CONDITION_ALWAYS,
                    bytes_of(NULL, 0));
    }
}

void access_rules_encode(const struct access_rule rules[ACCESS_OPERATIONS],
                         struct byte_writer *writer)
{
    bool is_open = true;
    for (int i = 0; i < ACCESS_OPERATIONS; i++)
        is_open &= rules[i].kind == ACCESS_ALWAYS;
    if (is_open) return;

    uint8_t room[EXPANDED_VALUE_MAX];
    struct byte_writer value = byte_writer_of(room, sizeof(room));
    if (encode_compact(rules, &value))
    {
        tlv_put(writer, DO_COMPACT, byte_writer_written(&value));
        return;
    }
    encode_expanded(rules, &value);
    if (value.failed) writer->failed = true;
    tlv_put(writer, DO_EXPANDED, byte_writer_written(&value));
}

static bool decode_condition_byte(uint8_t condition, struct access_rule *rule)
{
    *rule = (struct access_rule){ .kind = ACCESS_ALWAYS };
    if (condition == SC_ALWAYS) return true;
    if (condition == SC_NEVER)
    {
        rule->kind = ACCESS_NEVER;
        return true;
    }
    if (condition == SC_SECURE_MESSAGING)
    {
        rule->kind = ACCESS_TERMS;
        rule->terms[rule->term_count++] = (struct access_term){ true, false, REFERENCE_SECURE };
        return true;
    }
    uint8_t environment = condition & SC_ENVIRONMENT_MASK;
    if (environment == 0 || environment > SC_ENVIRONMENT_MAX) return false;
    if (condition & SC_SECURE_MESSAGING)
        return false; /* together with others it needs the expanded format */
    if (!(condition & (SC_EXTERNAL_AUTH | SC_USER_AUTH))) return false;

    rule->kind = ACCESS_TERMS;
    if (condition & SC_USER_AUTH)
        rule->terms[rule->term_count++] = (struct access_term){ true, false, environment };
    if (condition & SC_EXTERNAL_AUTH)
    {
        bool is_alternative = rule->term_count == 0 || !(condition & SC_ALL_CONDITIONS);
        rule->terms[rule->term_count++] = (struct access_term){ is_alternative, true, environment };
    }
    return true;
}

bool access_rules_decode_compact(struct bytes value, struct access_rule rules[ACCESS_OPERATIONS])
{
    struct byte_reader reader = byte_reader_of(value);
    uint8_t mode = byte_reader_u8(&reader);
    if (mode & ~ACCESS_MODE_BITS) return false; /* bit 8: proprietary meanings */
    for (int operation = ACCESS_OPERATIONS - 1; operation >= 0; operation--)
    {
        if (!(mode & 1u << operation)) continue;
        uint8_t condition = byte_reader_u8(&reader);
        if (reader.failed || !decode_condition_byte(condition, &rules[operation])) return false;
    }
    return !reader.failed && reader.rest.len == 0;
}

static bool add_secure_term(struct bytes template, bool starts_alternative,
                            struct access_rule *rule)
{
    struct bytes usage;
    if (rule->term_count == ACCESS_TERMS_MAX) return false;
    if (!tlv_find(template, DO_USAGE, &usage) || usage.len != 1) return false;
    if (usage.data[0] != USAGE_SECURE_MESSAGING) return false;
    rule->terms[rule->term_count++] =
        (struct access_term){ starts_alternative, false, REFERENCE_SECURE };
    return true;
}

static bool add_term(struct bytes template, bool starts_alternative, struct access_rule *rule)
{
    struct bytes reference, usage;
    if (rule->term_count == ACCESS_TERMS_MAX) return false;
    if (!tlv_find(template, DO_REFERENCE, &reference) || reference.len != 1) return false;
    if (!tlv_find(template, DO_USAGE, &usage) || usage.len != 1) return false;
    if (usage.data[0] != USAGE_PASSWORD && usage.data[0] != USAGE_EXTERNAL) return false;
    if ((reference.data[0] & REFERENCE_NUMBER_MASK) == 0 ||
        (reference.data[0] & ~(REFERENCE_LOCAL | REFERENCE_NUMBER_MASK)))
        return false;
    rule->terms[rule->term_count++] = (struct access_term){
        .starts_alternative = starts_alternative,
        .is_key = usage.data[0] == USAGE_EXTERNAL,
        .reference = reference.data[0],
    };
    return true;
}

/* Reads the members of an "and", or of an "or" of "and"s. A rule can hold no other form. */
static bool decode_group(struct bytes members, bool is_or, int depth, struct access_rule *rule)
{
    struct byte_reader reader = byte_reader_of(members);
    struct tlv member;
    while (tlv_next(&reader, &member))
    {
        bool starts = is_or || rule->term_count == 0;
        if (member.tag == DO_CONDITION_REFERENCE)
        {
            if (!add_term(member.value, starts, rule)) return false;
        }
        else if (member.tag == DO_CONDITION_SECURE)
        {
            if (!add_secure_term(member.value, starts, rule)) return false;
        }
        else if (member.tag == DO_CONDITION_AND && is_or && depth + 1 < CONDITION_DEPTH_MAX)
        {
            size_t before = rule->term_count;
            if (!decode_group(member.value, false, depth + 1, rule)) return false;
            if (rule->term_count == before) return false;
            rule->terms[before].starts_alternative = true;
        }
        else
            return false;
    }
    return !reader.failed;
}

static bool decode_condition(const struct tlv *condition, struct access_rule *rule)
{
    *rule = (struct access_rule){ .kind = ACCESS_TERMS };
    switch (condition->tag)
    {
    case DO_CONDITION_ALWAYS:
        rule->kind = ACCESS_ALWAYS;
        return condition->value.len == 0;
    case DO_CONDITION_NEVER:
        rule->kind = ACCESS_NEVER;
        return condition->value.len == 0;
    case DO_CONDITION_BYTE:
        return condition->value.len == 1 && decode_condition_byte(condition->value.data[0], rule);
    case DO_CONDITION_REFERENCE:
        return add_term(condition->value, true, rule);
    case DO_CONDITION_SECURE:
        return add_secure_term(condition->value, true, rule);
    case DO_CONDITION_OR:
    case DO_CONDITION_AND:
        return decode_group(condition->value, condition->tag == DO_CONDITION_OR, 0, rule) &&
               rule->term_count > 0;
    default:
        return false;
    }
}

bool access_rules_decode_expanded(struct bytes value, struct access_rule rules[ACCESS_OPERATIONS])
{
    struct byte_reader reader = byte_reader_of(value);
    struct tlv mode, condition;
    while (tlv_next(&reader, &mode))
    {
        if (mode.tag != DO_ACCESS_MODE || mode.value.len != 1) return false;
        if (mode.value.data[0] & ~ACCESS_MODE_BITS) return false;
        struct access_rule rule;
        if (!tlv_next(&reader, &condition) || !decode_condition(&condition, &rule)) return false;
        for (int operation = 0; operation < ACCESS_OPERATIONS; operation++)
            if (mode.value.data[0] & 1u << operation) rules[operation] = rule;
    }
    return !reader.failed;
}
