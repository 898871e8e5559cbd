/*
 * commands_verify - VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, ENABLE and DISABLE
 *                   VERIFICATION REQUIREMENT.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clauses 11.5.6 to 11.5.10.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/security.h"

#define VERIFY_COMPARE 0x00
#define VERIFY_FORGET  0xFF

#define CHANGE_OLD_AND_NEW 0x00
#define CHANGE_NEW_ONLY    0x01

#define RESET_PUK_AND_NEW 0x00
#define RESET_PUK_ONLY    0x01
#define RESET_NEW_ONLY    0x02
#define RESET_NO_DATA     0x03

#define REQUIREMENT_WITH_PIN    0x00
#define REQUIREMENT_WITHOUT_PIN 0x01

static uint16_t tries_sw(const struct secret *secret)
{
    return (uint16_t)(SW_TRIES_LEFT | secret->tries_left);
}

static uint16_t find(struct card *card, const struct command_apdu *command, struct pin **pin)
{
    if (command->p2 & ~(REFERENCE_LOCAL | REFERENCE_NUMBER_MASK)) return SW_BAD_P1_P2;
    *pin = security_find_pin(card, card->session.current_df, command->p2);
    if (!*pin) return SW_REFERENCE_NOT_FOUND;
    return card->mf->life_cycle == LIFE_TERMINATED ? SW_CONDITIONS_OF_USE : SW_OK;
}

/* Compares a presented PIN; a wrong one also ends what was proved before. */
static uint16_t compare(struct pin *pin, struct bytes presented)
{
    if (pin->secret.tries_left == 0) return SW_METHOD_BLOCKED;
    if (!pin_accepts_length(pin, presented)) return SW_WRONG_LENGTH;
    if (secret_compare(&pin->secret, presented) == SECRET_RIGHT) return SW_OK;
    pin->is_verified = false;
    return tries_sw(&pin->secret);
}

static uint16_t set_value(struct pin *pin, struct bytes value)
{
    if (!pin_accepts_new(pin, value)) return SW_BAD_DATA;
    return secret_set(&pin->secret, value) ? SW_OK : SW_BAD_DATA;
}

/* VERIFY without data on a card that does not tell the tries left. */
static uint16_t answer_query_otherwise(const struct card_quirks *quirks, struct pin *pin)
{
    if (!quirks->is_query_spending) return quirks->query_sw;
    if (pin->secret.tries_left == 0) return SW_METHOD_BLOCKED;
    pin->secret.tries_left--;
    pin->is_verified = false;
    return quirks->query_sw;
}

uint16_t command_verify(struct card *card, const struct command_apdu *command,
                        struct byte_writer *out)
{
    (void)out;
    struct pin *pin;
    if (command->p1 != VERIFY_COMPARE && command->p1 != VERIFY_FORGET) return SW_BAD_P1_P2;
    uint16_t sw = find(card, command, &pin);
    if (sw != SW_OK) return sw;
    if (command->p1 == VERIFY_FORGET)
    {
        if (command->data.len) return SW_WRONG_LENGTH;
        pin->is_verified = false;
        return SW_OK;
    }
    if (command->data.len == 0 && card->style.quirks.query_sw)
        return answer_query_otherwise(&card->style.quirks, pin);
    if (command->data.len == 0)
    {
        /* Whether a verification is needed, and how many tries are left for it. */
        if (!pin->is_enabled || pin->is_verified) return SW_OK;
        return pin->secret.tries_left ? tries_sw(&pin->secret) : SW_METHOD_BLOCKED;
    }
    if (!pin->is_enabled) return SW_REFERENCE_NOT_USABLE;
    sw = compare(pin, command->data);
    if (sw == SW_OK) pin->is_verified = true;
    return sw;
}

/* The new PIN follows the old one, whose length the card knows. */
static uint16_t change_with_old(struct pin *pin, struct bytes data)
{
    if (pin->secret.tries_left == 0) return SW_METHOD_BLOCKED;
    size_t old_len = pin->secret.len;
    struct bytes new_value = bytes_slice(data, old_len, SIZE_MAX);
    if (!pin_accepts_length(pin, new_value)) return SW_WRONG_LENGTH;
    uint16_t sw = compare(pin, bytes_slice(data, 0, old_len));
    return sw == SW_OK ? set_value(pin, new_value) : sw;
}

uint16_t command_change_reference_data(struct card *card, const struct command_apdu *command,
                                       struct byte_writer *out)
{
    (void)out;
    struct pin *pin;
    if (command->p1 != CHANGE_OLD_AND_NEW && command->p1 != CHANGE_NEW_ONLY) return SW_BAD_P1_P2;
    uint16_t sw = find(card, command, &pin);
    if (sw != SW_OK) return sw;
    if (!pin->is_enabled) return SW_REFERENCE_NOT_USABLE;
    if (command->p1 == CHANGE_OLD_AND_NEW) return change_with_old(pin, command->data);
    if (!security_is_satisfied(card, &pin->change, card->session.current_df))
        return SW_SECURITY_STATUS;
    if (!pin_accepts_length(pin, command->data)) return SW_WRONG_LENGTH;
    return set_value(pin, command->data);
}

static void give_tries_back(struct pin *pin)
{
    pin->secret.tries_left = pin->secret.tries_max;
    pin->is_verified = false;
}

static uint16_t reset_with_puk(struct pin *pin, struct bytes data, bool has_new)
{
    struct secret *puk = &pin->puk;
    if (puk->len == 0) return SW_CONDITIONS_OF_USE; /* this PIN has no PUK */
    if (puk->tries_left == 0) return SW_METHOD_BLOCKED;
    struct bytes new_value = bytes_slice(data, puk->len, SIZE_MAX);
    if (data.len < puk->len) return SW_WRONG_LENGTH;
    if (has_new ? !pin_accepts_length(pin, new_value) : new_value.len != 0) return SW_WRONG_LENGTH;
    if (secret_compare(puk, bytes_slice(data, 0, puk->len)) != SECRET_RIGHT) return tries_sw(puk);
    uint16_t sw = has_new ? set_value(pin, new_value) : SW_OK;
    if (sw == SW_OK) give_tries_back(pin);
    return sw;
}

/* Whether the card knows RESET RETRY COUNTER with this P1. */
static bool knows_reset(const struct card *card, uint8_t p1)
{
    const struct quirk_bytes *known = &card->style.quirks.unblock_p1;
    for (size_t i = 0; i < known->count; i++)
        if (known->bytes[i] == p1) return p1 <= RESET_NO_DATA;
    return known->count == 0 && p1 <= RESET_NO_DATA;
}

uint16_t command_reset_retry_counter(struct card *card, const struct command_apdu *command,
                                     struct byte_writer *out)
{
    (void)out;
    struct pin *pin;
    if (!knows_reset(card, command->p1)) return SW_BAD_P1_P2;
    uint16_t sw = find(card, command, &pin);
    if (sw != SW_OK) return sw;
    if (command->p1 == RESET_PUK_AND_NEW || command->p1 == RESET_PUK_ONLY)
        return reset_with_puk(pin, command->data, command->p1 == RESET_PUK_AND_NEW);

    bool has_new = command->p1 == RESET_NEW_ONLY;
    if (has_new ? !pin_accepts_length(pin, command->data) : command->data.len != 0)
        return SW_WRONG_LENGTH;
    if (!security_is_satisfied(card, &pin->unblock, card->session.current_df))
        return SW_SECURITY_STATUS;
    sw = has_new ? set_value(pin, command->data) : SW_OK;
    if (sw == SW_OK) give_tries_back(pin);
    return sw;
}

static uint16_t set_requirement(struct card *card, const struct command_apdu *command,
                                bool is_enabled)
{
    struct pin *pin;
    if (command->p1 != REQUIREMENT_WITH_PIN && command->p1 != REQUIREMENT_WITHOUT_PIN)
        return SW_BAD_P1_P2;
    bool has_pin = command->p1 == REQUIREMENT_WITH_PIN;
    uint16_t sw = find(card, command, &pin);
    if (sw != SW_OK) return sw;
    if (has_pin != (command->data.len != 0)) return SW_WRONG_LENGTH;
    if (pin->is_enabled == is_enabled) return SW_CONDITIONS_OF_USE;
    if (!security_is_satisfied(card, &pin->disable, card->session.current_df))
        return SW_SECURITY_STATUS;
    if (has_pin)
        sw = compare(pin, command->data);
    else if (!pin->is_verified && !is_enabled)
        sw = SW_SECURITY_STATUS; /* without the PIN only who has verified it disables */
    if (sw != SW_OK) return sw;
    pin->is_enabled = is_enabled;
    pin->is_verified = has_pin;
    return SW_OK;
}

uint16_t command_enable_verification(struct card *card, const struct command_apdu *command,
                                     struct byte_writer *out)
{
    (void)out;
    return set_requirement(card, command, true);
}

uint16_t command_disable_verification(struct card *card, const struct command_apdu *command,
                                      struct byte_writer *out)
{
    (void)out;
    return set_requirement(card, command, false);
}
