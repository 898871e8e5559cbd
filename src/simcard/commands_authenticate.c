/*
 * commands_authenticate - GET CHALLENGE, INTERNAL and EXTERNAL AUTHENTICATE with symmetric keys.
 * Layer: simcard (core, command family).
 * Standard: ISO/IEC 7816-4:2013 clauses 11.5.2 to 11.5.4. The cryptogram is cipher.h's.
 * SPDX-License-Identifier: MIT
 */
#include "simcard/commands.h"
#include "simcard/security.h"

#define CHALLENGE_ROUNDED_MAX (CARD_CHALLENGE_MAX + CIPHER_BLOCK_MAX)
#define INTERNAL_DATA_MAX     256

uint16_t command_get_challenge(struct card *card, const struct command_apdu *command,
                               struct byte_writer *out)
{
    struct card_session *session = &card->session;
    session->challenge_len = 0;
    if (command->p1 || command->p2) return SW_BAD_P1_P2;
    size_t len = command->is_le_open ? card->style.challenge_len : command->ne;
    if (len > sizeof(session->challenge)) return SW_WRONG_LENGTH;
    if (!card->random_fill(session->challenge, len)) return SW_MEMORY_FAILURE;
    byte_writer_put(out, bytes_of(session->challenge, len));
    /* T=0 corrects an open Le: these bytes are not sent, and are no challenge. */
    if (card->style.protocol != 0 || !command->is_le_open) session->challenge_len = len;
    return SW_OK;
}

/* The key that P2 names. P1 is 00: the key knows its algorithm. */
static uint16_t find(struct card *card, const struct command_apdu *command, struct key **key)
{
    if (command->p1) return SW_BAD_P1_P2;
    if (command->p2 & ~(REFERENCE_LOCAL | REFERENCE_NUMBER_MASK)) return SW_BAD_P1_P2;
    *key = security_find_key(card, card->session.current_df, command->p2);
    if (!*key) return SW_REFERENCE_NOT_FOUND;
    return card->mf->life_cycle == LIFE_TERMINATED ? SW_CONDITIONS_OF_USE : SW_OK;
}

uint16_t command_internal_authenticate(struct card *card, const struct command_apdu *command,
                                       struct byte_writer *out)
{
    struct key *key;
    uint16_t sw = find(card, command, &key);
    if (sw != SW_OK) return sw;
    if (!key->is_for_internal) return SW_REFERENCE_NOT_USABLE;
    if (!security_is_satisfied(card, &key->use, card->session.current_df))
        return SW_SECURITY_STATUS;
    if (command->data.len > INTERNAL_DATA_MAX) return SW_WRONG_LENGTH;
    return cipher_authenticate(key->algorithm, bytes_of(key->value, key->len), command->data, out)
               ? SW_OK
               : SW_MEMORY_FAILURE;
}

/* EXTERNAL AUTHENTICATE with an Le: both sides prove that they have this DF's static keys. */
static uint16_t authenticate_mutually(struct card *card, const struct command_apdu *command,
                                      struct bytes challenge, struct byte_writer *out)
{
    struct card_file *df = security_find_channel(card->session.current_df);
    uint8_t half[CIPHER_BLOCK_MAX];
    if (!df || !df->channel.is_agreed) return SW_WRONG_LENGTH;
    if (command->p1 || command->p2) return SW_BAD_P1_P2;
    if (command->data.len != MUTUAL_MESSAGE_LEN) return SW_WRONG_LENGTH;
    /* New session keys are not agreed on under the old ones. */
    if (challenge.len == 0 || card->session.is_secure) return SW_CONDITIONS_OF_USE;
    if (!card->random_fill(half, sizeof(half))) return SW_MEMORY_FAILURE;
    return secure_channel_agree(&df->channel, challenge, command->data, half, out);
}

uint16_t command_external_authenticate(struct card *card, const struct command_apdu *command,
                                       struct byte_writer *out)
{
    struct card_session *session = &card->session;
    struct bytes challenge = bytes_of(session->challenge, session->challenge_len);
    session->challenge_len = 0; /* good for one attempt, whatever comes of it */
    bool is_t0 = card->style.protocol == 0 && !command->is_extended;
    const struct card_file *df = security_find_channel(card->session.current_df);
    bool has_agreement = df && df->channel.is_agreed;
    if (command->has_le || (is_t0 && has_agreement && command->data.len == MUTUAL_MESSAGE_LEN))
        return authenticate_mutually(card, command, challenge, out);

    struct key *key;
    uint16_t sw = find(card, command, &key);
    if (sw != SW_OK) return sw;
    if (!key->is_for_external) return SW_REFERENCE_NOT_USABLE;
    if (!security_is_satisfied(card, &key->use, card->session.current_df))
        return SW_SECURITY_STATUS;
    if (key->tries_left == 0) return SW_METHOD_BLOCKED;
    if (challenge.len == 0) return SW_CONDITIONS_OF_USE;

    uint8_t room[CHALLENGE_ROUNDED_MAX];
    struct byte_writer expected = byte_writer_of(room, sizeof(room));
    if (!cipher_authenticate(key->algorithm, bytes_of(key->value, key->len), challenge, &expected))
        return SW_MEMORY_FAILURE;
    if (command->data.len != expected.len) return SW_WRONG_LENGTH;

    key->tries_left--;
    uint8_t difference = 0;
    for (size_t i = 0; i < expected.len; i++)
        difference |= room[i] ^ command->data.data[i];
    if (difference)
    {
        key->is_authenticated = false;
        return (uint16_t)(SW_TRIES_LEFT | key->tries_left);
    }
    key->tries_left = key->tries_max;
    key->is_authenticated = true;
    return SW_OK;
}
