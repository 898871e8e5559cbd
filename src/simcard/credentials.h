/*
 * credentials - the PINs and keys of a DF: values, counters, what has been proved since the reset.
 * Layer: simcard (uses access, cipher).
 * Owns: struct pin and struct key are list elements owned by their DF (see file_system.h); values
 * are wiped when freed.
 * Standard: ISO/IEC 7816-4:2013 clause 7.5 (security handling).
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_CREDENTIALS_H
#define SCM_SIMCARD_CREDENTIALS_H

#include "simcard/access.h"
#include "simcard/cipher.h"

#define PIN_LEN_MAX        32
#define PIN_TRIES_MAX      15 /* what 63Cx can express */
#define CREDENTIAL_NUMBERS 31 /* five bits of P2; 0 is "none given" */

/** A value that is compared, with its own counter: a PIN, or the PUK that unblocks it. */
struct secret
{
    uint8_t value[PIN_LEN_MAX];
    size_t len; /**< 0: there is none */
    uint8_t tries_max;
    uint8_t tries_left;
};

/** A PIN (reference data for VERIFY). */
struct pin
{
    uint8_t number; /**< 1 to CREDENTIAL_NUMBERS */
    struct secret secret;
    struct secret puk;
    uint8_t min_len;
    uint8_t max_len;
    bool is_padded; /**< presented with exactly max_len bytes, the rest filled with `padding` */
    uint8_t padding;
    bool is_enabled;
    struct access_rule change;  /**< CHANGE without the old PIN (P1 = 01) */
    struct access_rule unblock; /**< RESET RETRY COUNTER without a PUK (P1 = 02, 03) */
    struct access_rule disable; /**< DISABLE and ENABLE VERIFICATION, besides the PIN itself */
    bool is_verified;           /**< since the last reset; never saved */
    struct pin *next;
};

/** A symmetric key for INTERNAL and EXTERNAL AUTHENTICATE. */
struct key
{
    uint8_t number;
    enum cipher_algorithm algorithm;
    uint8_t value[CIPHER_KEY_MAX];
    size_t len;
    uint8_t tries_max;
    uint8_t tries_left;
    bool is_for_internal;
    bool is_for_external;
    struct access_rule use;
    bool is_authenticated; /**< since the last reset; never saved */
    struct key *next;
};

/** How a comparison ended. */
enum secret_outcome
{
    SECRET_RIGHT,
    SECRET_WRONG,  /**< a try was spent; `tries_left` tells what is left */
    SECRET_BLOCKED /**< no try was left: nothing was compared */
};

/** A new PIN with the defaults of the description; NULL without memory. */
struct pin *pin_new(uint8_t number);

/** Wipes and frees a list of PINs. */
void pin_free_all(struct pin *pins);

struct pin *pin_find(struct pin *pins, uint8_t number);

/** Whether a presented value has a length (and padding) this PIN can have at all. */
bool pin_accepts_length(const struct pin *pin, struct bytes presented);

/** Whether a value may become this PIN's new one. */
bool pin_accepts_new(const struct pin *pin, struct bytes value);

/** Compares, spending a try before looking and giving all tries back on success. */
enum secret_outcome secret_compare(struct secret *secret, struct bytes presented);

/** Stores a value; false where it is longer than PIN_LEN_MAX. */
bool secret_set(struct secret *secret, struct bytes value);

struct key *key_new(uint8_t number);
void key_free_all(struct key *keys);
struct key *key_find(struct key *keys, uint8_t number);

#endif
