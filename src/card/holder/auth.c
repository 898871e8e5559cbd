/*
 * auth - authentication by keys: challenges, and cryptograms in both directions.
 * Layer: card/holder (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.2 to 11.6.4; ISO/IEC 9798-2:2019 (the answers)
 * SPDX-License-Identifier: MIT
 */
#include "card/holder/auth.h"

#include "card/files/info.h"
#include "card/files/select.h"
#include "base/wipe.h"
#include "system/block_mac.h"
#include "iso7816/secure_messaging.h"
#include "iso7816/mutual_authentication.h"

#define REFERENCE_LOCAL 0x80

#define CRYPTOGRAM_MAX (CARD_CHALLENGE_MAX + BLOCK_CIPHER_BLOCK_MAX)

static scm_result ensure_directory(struct card_files *files, struct card_key key,
                                   struct card_fault *fault)
{
    if (!(key.reference & REFERENCE_LOCAL)) return HR_OK;
    return card_files_ensure_selected(files, &files->current_dir, STATUS_SELECT_DIR, fault);
}

/* As many bytes of answer as the caller, the card and its reader can take. */
static uint32_t answer_len(const struct card_files *files, uint32_t wanted)
{
    uint32_t most = card_link_answer_max(files->link);
    if (wanted) return wanted < most ? wanted : most;
    return most < APDU_SHORT_NE_MAX ? most : APDU_SHORT_NE_MAX;
}

/* Tells the tries left besides, which cards count for keys as for PINs. */
static scm_result judge(scm_result result, struct card_fault *fault)
{
    if (result_failed(result)) fault->tries_left = status_word_tries(fault->sw);
    return result;
}

static scm_result ask_challenge(struct card_files *files, struct card_key key, uint32_t wanted,
                                struct card_answer *answer, struct card_fault *fault)
{
    struct apdu_command command = { .ins = APDU_INS_GET_CHALLENGE,
                                    .p1 = key.algorithm,
                                    .ne = answer_len(files, wanted) };

    *answer = (struct card_answer){ 0 };
    scm_result result = ensure_directory(files, key, fault);
    if (!result_failed(result))
        result = card_exchange_judged(files->link, &command, STATUS_ANY, answer, fault);
    answer->data = bytes_slice(answer->data, 0, command.ne);
    return result;
}

scm_result card_auth_get_challenge(struct card_files *files, struct card_key key, uint32_t wanted,
                                   struct bytes *challenge, struct card_fault *fault)
{
    struct card_answer answer;

    scm_result result = ask_challenge(files, key, wanted, &answer, fault);
    *challenge = result_failed(result) ? bytes_of(NULL, 0) : answer.data;
    return result;
}

/* What is answered here has to be the challenge that the card means, to the last byte. */
static scm_result get_whole_challenge(struct card_files *files, struct card_key key, uint32_t len,
                                      struct bytes *challenge, struct card_fault *fault)
{
    struct card_answer answer;

    scm_result result = ask_challenge(files, key, len, &answer, fault);
    if (result_failed(result)) return result;
    *challenge = answer.data;
    if (answer.data.len == len && !answer.has_exceeded) return HR_OK;
    fault->why = "the card's challenge is not as long as it was asked to be";
    return SC_E_COMM_DATA_LOST;
}

scm_result card_auth_external(struct card_files *files, struct card_key key,
                              struct bytes cryptogram, struct card_fault *fault)
{
    struct apdu_command command = { .ins = APDU_INS_EXTERNAL_AUTHENTICATE,
                                    .p1 = key.algorithm,
                                    .p2 = key.reference,
                                    .data = cryptogram };

    if (cryptogram.len == 0)
    {
        /* Without data the command would ask for the tries, and prove nothing. */
        fault->why = "the cryptogram is empty";
        return HR_INVALIDARG;
    }
    scm_result result = ensure_directory(files, key, fault);
    if (result_failed(result)) return result;
    return judge(card_exchange_judged(files->link, &command, STATUS_KEY, NULL, fault), fault);
}

scm_result card_auth_internal(struct card_files *files, struct card_key key, struct bytes data,
                              uint32_t wanted, struct bytes *cryptogram, struct card_fault *fault)
{
    struct apdu_command command = { .ins = APDU_INS_INTERNAL_AUTHENTICATE,
                                    .p1 = key.algorithm,
                                    .p2 = key.reference,
                                    .data = data,
                                    .ne = answer_len(files, wanted) };
    struct card_answer answer = { 0 };

    *cryptogram = (struct bytes){ 0 };
    if (data.len == 0)
    {
        fault->why = "there are no data to compute with";
        return HR_INVALIDARG;
    }
    card_info_learn_for_command(files, data.len);
    scm_result result = ensure_directory(files, key, fault);
    if (result_failed(result)) return result;
    result = judge(card_exchange_judged(files->link, &command, STATUS_KEY, &answer, fault), fault);
    if (!result_failed(result))
        *cryptogram = wanted ? bytes_slice(answer.data, 0, wanted) : answer.data;
    return result;
}

static const char *wrong_with(const struct card_known_key *known)
{
    bool is_retail = known->cipher == BLOCK_CIPHER_3DES && known->how == CARD_ANSWER_MAC;

    if (!block_cipher_accepts_key_len(known->cipher, known->value.len))
        return known->cipher == BLOCK_CIPHER_3DES ? "a triple DES key has 16 or 24 bytes"
                                                  : "an AES key has 16, 24 or 32 bytes";
    if (is_retail && known->value.len != 16) return "a key of the retail MAC has 16 bytes";
    if (block_cipher_is_key_weak(known->cipher, known->value))
        return "the parts of the key are the same, so that it is a single DES key";
    return NULL;
}

static scm_result check_key(const struct card_known_key *known, struct card_fault *fault)
{
    fault->why = wrong_with(known);
    return fault->why ? HR_INVALIDARG : HR_OK;
}

static scm_result encipher(const struct card_known_key *known, struct bytes challenge,
                           struct byte_writer *answer)
{
    static const uint8_t zeros[BLOCK_CIPHER_BLOCK_MAX];
    size_t block_len = block_cipher_block_len(known->cipher);
    struct block_cipher *cipher;

    byte_writer_put(answer, challenge);
    byte_writer_put(answer, bytes_of(zeros, (block_len - challenge.len % block_len) % block_len));
    if (answer->failed) return HR_INVALIDARG;
    scm_result result = block_cipher_create(known->cipher, known->value, &cipher);
    if (result_failed(result)) return result;
    result = known->how == CARD_ANSWER_ECB
                 ? block_cipher_encrypt(cipher, answer->data, answer->len)
                 : block_cipher_cbc_encrypt(cipher, NULL, answer->data, answer->len);
    block_cipher_destroy(cipher);
    return result;
}

static scm_result compute_mac(const struct card_known_key *known, struct bytes challenge,
                              struct byte_writer *answer)
{
    enum block_mac_kind kind =
        known->cipher == BLOCK_CIPHER_AES ? BLOCK_MAC_CMAC : BLOCK_MAC_RETAIL;
    uint8_t code[BLOCK_MAC_MAX];
    struct block_mac *mac;

    scm_result result = block_mac_create(kind, known->value, &mac);
    if (result_failed(result)) return result;
    result = block_mac_compute(mac, &challenge, 1, code);
    if (!result_failed(result)) byte_writer_put(answer, bytes_of(code, block_mac_len(kind)));
    block_mac_destroy(mac);
    wipe(code, sizeof(code));
    return result;
}

static scm_result answer_challenge(const struct card_known_key *known, struct bytes challenge,
                                   struct byte_writer *answer)
{
    return known->how == CARD_ANSWER_MAC ? compute_mac(known, challenge, answer)
                                         : encipher(known, challenge, answer);
}

scm_result card_auth_prove(struct card_files *files, struct card_key key,
                           const struct card_known_key *known, uint32_t challenge_len,
                           struct card_fault *fault)
{
    uint8_t cryptogram[CRYPTOGRAM_MAX];
    struct byte_writer writer = byte_writer_of(cryptogram, sizeof(cryptogram));
    struct bytes challenge;

    scm_result result = check_key(known, fault);
    if (result_failed(result)) return result;
    if (challenge_len == 0) challenge_len = (uint32_t)block_cipher_block_len(known->cipher);
    result = get_whole_challenge(files, key, challenge_len, &challenge, fault);
    if (!result_failed(result)) result = answer_challenge(known, challenge, &writer);
    if (!result_failed(result))
        result = card_auth_external(files, key, byte_writer_written(&writer), fault);
    wipe(cryptogram, sizeof(cryptogram));
    return result;
}

scm_result card_auth_check(struct card_files *files, struct card_key key,
                           const struct card_known_key *known, struct bytes challenge,
                           struct bytes *cryptogram, struct card_fault *fault)
{
    uint8_t expected[CRYPTOGRAM_MAX], own[BLOCK_CIPHER_BLOCK_MAX];
    struct byte_writer writer = byte_writer_of(expected, sizeof(expected));

    *cryptogram = bytes_of(NULL, 0);
    scm_result result = check_key(known, fault);
    if (result_failed(result)) return result;
    if (challenge.len > CARD_CHALLENGE_MAX)
    {
        fault->why = "the challenge is longer than 255 bytes";
        return HR_INVALIDARG;
    }
    if (challenge.len == 0)
    {
        challenge = bytes_of(own, block_cipher_block_len(known->cipher));
        if (!block_cipher_random(own, challenge.len)) return SC_F_INTERNAL_ERROR;
    }
    result = answer_challenge(known, challenge, &writer);
    if (!result_failed(result))
        result = card_auth_internal(files, key, challenge, 0, cryptogram, fault);
    if (!result_failed(result) &&
        (cryptogram->len != writer.len || !block_mac_equal(cryptogram->data, expected, writer.len)))
    {
        *cryptogram = bytes_of(NULL, 0);
        fault->why = "the card's answer is not that of the key";
        result = SC_W_SECURITY_VIOLATION;
    }
    wipe(expected, sizeof(expected));
    return result;
}

/* Challenge, message, answer, keys; the exchange has the ciphers of the static keys. */
static scm_result converse_mutually(struct card_files *files, struct card_key key,
                                    struct mutual_exchange *exchange, struct mutual_keys *keys,
                                    struct card_fault *fault)
{
    uint8_t message[MUTUAL_MESSAGE_LEN];
    struct bytes challenge;
    struct card_answer answer;

    scm_result result = get_whole_challenge(files, key, MUTUAL_CHALLENGE_LEN, &challenge, fault);
    if (result_failed(result)) return result;
    memcpy(exchange->card_challenge, challenge.data, MUTUAL_CHALLENGE_LEN);
    if (!block_cipher_random(exchange->own_challenge, sizeof(exchange->own_challenge)) ||
        !block_cipher_random(exchange->own_half, sizeof(exchange->own_half)))
        return SC_F_INTERNAL_ERROR;
    result = mutual_authentication_ask(exchange, message);
    if (result_failed(result)) return result;
    struct apdu_command command = { .ins = APDU_INS_EXTERNAL_AUTHENTICATE,
                                    .p2 = key.reference,
                                    .data = bytes_of(message, sizeof(message)),
                                    .ne = MUTUAL_MESSAGE_LEN };
    result = judge(card_exchange_judged(files->link, &command, STATUS_KEY, &answer, fault), fault);
    if (result_failed(result)) return result;
    if (answer.has_exceeded) answer.data = bytes_of(NULL, 0); /* no message of the card's */
    result = mutual_authentication_finish(exchange, answer.data, keys);
    if (result == SC_W_SECURITY_VIOLATION) fault->why = "the card does not have the keys";
    return result;
}

scm_result card_auth_agree(struct card_files *files, struct card_key key, struct bytes encryption,
                           struct bytes mac, bool covers_all, struct card_fault *fault)
{
    static const uint8_t no_counter[DES_BLOCK_LEN];
    struct card_channel_keys given = { .cipher = BLOCK_CIPHER_3DES,
                                       .encryption = encryption,
                                       .mac = mac,
                                       .counter = bytes_of(no_counter, sizeof(no_counter)) };
    struct mutual_exchange exchange = { 0 };
    struct mutual_keys keys = { 0 };
    struct card_channel *made;

    /* Static keys are session keys to begin with: the same lengths, the same ciphers. */
    scm_result result = card_channel_create(&given, &made, fault);
    if (result_failed(result)) return result;
    card_link_set_channel(files->link, NULL);
    files->link->is_secure = false;
    exchange.cipher = card_channel_messages(made)->cipher;
    exchange.mac = card_channel_messages(made)->mac;
    result = converse_mutually(files, key, &exchange, &keys, fault);
    card_channel_destroy(made);
    if (!result_failed(result))
    {
        given = (struct card_channel_keys){ .cipher = BLOCK_CIPHER_3DES,
                                            .encryption = bytes_of(keys.encryption, MUTUAL_KEY_LEN),
                                            .mac = bytes_of(keys.mac, MUTUAL_KEY_LEN),
                                            .counter = bytes_of(keys.counter, sizeof(keys.counter)),
                                            .covers_all = covers_all };
        result = card_channel_create(&given, &made, fault);
        if (!result_failed(result)) card_link_set_channel(files->link, made);
    }
    wipe(&keys, sizeof(keys));
    wipe(&exchange, sizeof(exchange));
    return result;
}
