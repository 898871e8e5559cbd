/*
 * security - whether an operation is allowed now: conditions against what has been proved.
 * Layer: simcard (core).
 * Standard: ISO/IEC 7816-4:2013 clause 9.2.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/security.h"

/* The one PIN that can be seen from a DF, or NULL where there are several or none. */
static struct pin *only_pin(struct card_file *df)
{
    struct pin *only = NULL;
    for (; df; df = df->parent)
    {
        for (struct pin *pin = df->pins; pin; pin = pin->next)
        {
            if (only) return NULL;
            only = pin;
        }
    }
    return only;
}

struct pin *security_find_pin(struct card *card, struct card_file *df, uint8_t reference)
{
    if (reference == 0) return only_pin(df);
    if (reference & ~(REFERENCE_LOCAL | REFERENCE_NUMBER_MASK)) return NULL;
    uint8_t number = reference & REFERENCE_NUMBER_MASK;
    if (!(reference & REFERENCE_LOCAL)) return pin_find(card->mf->pins, number);
    for (; !file_is_mf(df); df = df->parent)
    {
        struct pin *pin = pin_find(df->pins, number);
        if (pin) return pin;
    }
    return NULL;
}

struct key *security_find_key(struct card *card, struct card_file *df, uint8_t reference)
{
    if (reference & ~(REFERENCE_LOCAL | REFERENCE_NUMBER_MASK)) return NULL;
    uint8_t number = reference & REFERENCE_NUMBER_MASK;
    if (!(reference & REFERENCE_LOCAL)) return key_find(card->mf->keys, number);
    for (; !file_is_mf(df); df = df->parent)
    {
        struct key *key = key_find(df->keys, number);
        if (key) return key;
    }
    return NULL;
}

static bool is_proved(struct card *card, const struct access_term *term, struct card_file *df)
{
    if (term->reference == REFERENCE_SECURE) return card->session.is_secure;
    if (term->is_key)
    {
        const struct key *key = security_find_key(card, df, term->reference);
        return key && key->is_authenticated;
    }
    const struct pin *pin = security_find_pin(card, df, term->reference);
    return pin && (pin->is_verified || !pin->is_enabled);
}

bool security_is_satisfied(struct card *card, const struct access_rule *rule, struct card_file *df)
{
    if (rule->kind == ACCESS_ALWAYS) return true;
    if (rule->kind == ACCESS_NEVER) return false;
    bool holds = false;
    for (size_t i = 0; i < rule->term_count; i++)
    {
        const struct access_term *term = &rule->terms[i];
        if (term->starts_alternative)
        {
            if (holds) return true;
            holds = true;
        }
        holds = holds && is_proved(card, term, df);
    }
    return holds;
}

/* Whether the life cycle leaves an operation possible at all. */
static bool is_operation_alive(const struct card_file *file, enum access_operation operation)
{
    switch (file->life_cycle)
    {
    case LIFE_TERMINATED:
        return operation == ACCESS_DELETE;
    case LIFE_DEACTIVATED:
        return operation == ACCESS_ACTIVATE || operation == ACCESS_TERMINATE ||
               operation == ACCESS_DELETE;
    default:
        return true;
    }
}

uint16_t security_check(struct card *card, struct card_file *file, enum access_operation operation)
{
    if (!is_operation_alive(file, operation)) return SW_CONDITIONS_OF_USE;
    for (const struct card_file *df = file->parent; df; df = df->parent)
        if (df->life_cycle == LIFE_DEACTIVATED || df->life_cycle == LIFE_TERMINATED)
            return SW_CONDITIONS_OF_USE;
    if (file->life_cycle == LIFE_CREATION || file->life_cycle == LIFE_INITIALISATION) return SW_OK;
    return security_is_satisfied(card, &file->access[operation], file_df_of(file))
               ? SW_OK
               : SW_SECURITY_STATUS;
}

struct card_file *security_find_channel(struct card_file *df)
{
    while (df && !df->channel.is_there)
        df = df->parent;
    return df;
}

void security_forget(struct card_file *df)
{
    for (struct pin *pin = df->pins; pin; pin = pin->next)
        pin->is_verified = false;
    for (struct key *key = df->keys; key; key = key->next)
        key->is_authenticated = false;
}
