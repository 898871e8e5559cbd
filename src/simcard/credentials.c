/*
 * credentials - the PINs and keys of a DF: values, counters, what has been proved since the reset.
 * Layer: simcard (uses access, cipher).
 * Standard: ISO/IEC 7816-4:2013 clause 7.5.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/credentials.h"

#include <stdlib.h>

#define PIN_DEFAULT_TRIES   3
#define PIN_DEFAULT_MIN_LEN 4
#define PIN_DEFAULT_MAX_LEN 8
#define KEY_DEFAULT_TRIES   10

struct pin *pin_new(uint8_t number)
{
    struct pin *pin = calloc(1, sizeof(*pin));
    if (!pin) return NULL;
    pin->number = number;
    pin->secret.tries_max = pin->secret.tries_left = PIN_DEFAULT_TRIES;
    pin->puk.tries_max = pin->puk.tries_left = KEY_DEFAULT_TRIES;
    pin->min_len = PIN_DEFAULT_MIN_LEN;
    pin->max_len = PIN_DEFAULT_MAX_LEN;
    pin->is_enabled = true;
    pin->change.kind = ACCESS_NEVER;
    pin->unblock.kind = ACCESS_NEVER;
    return pin;
}

void pin_free_all(struct pin *pins)
{
    while (pins)
    {
        struct pin *next = pins->next;
        explicit_bzero(pins, sizeof(*pins));
        free(pins);
        pins = next;
    }
}

struct pin *pin_find(struct pin *pins, uint8_t number)
{
    while (pins && pins->number != number)
        pins = pins->next;
    return pins;
}

bool pin_accepts_length(const struct pin *pin, struct bytes presented)
{
    if (pin->is_padded) return presented.len == pin->max_len;
    return presented.len >= pin->min_len && presented.len <= pin->max_len;
}

bool pin_accepts_new(const struct pin *pin, struct bytes value)
{
    if (!pin_accepts_length(pin, value)) return false;
    if (!pin->is_padded) return true;
    size_t digits = 0;
    while (digits < value.len && value.data[digits] != pin->padding)
        digits++;
    for (size_t i = digits; i < value.len; i++)
        if (value.data[i] != pin->padding) return false; /* padding in the middle */
    return digits >= pin->min_len;
}

/* Takes as long for a wrong first byte as for a wrong last one. */
static bool is_same_secret(struct bytes a, struct bytes b)
{
    if (a.len != b.len) return false;
    uint8_t difference = 0;
    for (size_t i = 0; i < a.len; i++)
        difference |= a.data[i] ^ b.data[i];
    return difference == 0;
}

enum secret_outcome secret_compare(struct secret *secret, struct bytes presented)
{
    if (secret->tries_left == 0) return SECRET_BLOCKED;
    secret->tries_left--;
    if (!is_same_secret(bytes_of(secret->value, secret->len), presented)) return SECRET_WRONG;
    secret->tries_left = secret->tries_max;
    return SECRET_RIGHT;
}

bool secret_set(struct secret *secret, struct bytes value)
{
    if (value.len > sizeof(secret->value)) return false;
    explicit_bzero(secret->value, sizeof(secret->value));
    if (value.len) memcpy(secret->value, value.data, value.len);
    secret->len = value.len;
    return true;
}

struct key *key_new(uint8_t number)
{
    struct key *key = calloc(1, sizeof(*key));
    if (!key) return NULL;
    key->number = number;
    key->tries_max = key->tries_left = KEY_DEFAULT_TRIES;
    key->is_for_internal = key->is_for_external = true;
    return key;
}

void key_free_all(struct key *keys)
{
    while (keys)
    {
        struct key *next = keys->next;
        explicit_bzero(keys, sizeof(*keys));
        free(keys);
        keys = next;
    }
}

struct key *key_find(struct key *keys, uint8_t number)
{
    while (keys && keys->number != number)
        keys = keys->next;
    return keys;
}
