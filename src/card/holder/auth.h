/*
 * auth - authentication by keys: challenges, and cryptograms in both directions.
 * Layer: card/holder (calls iso7816 through card_exchange; knows no COM).
 * Threads: the caller has begun work on the session (card_session_begin_work).
 *
 * Design notes. Most cards take a challenge as good for the very next command, so nothing is sent
 * between the two unless it must be: a key of the current directory needs that directory selected.
 * Who locks the card, or has it exclusively, keeps the selection from challenge to cryptogram.
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.3 (GET CHALLENGE), 11.6.2 (INTERNAL AUTHENTICATE),
 *           11.6.4 (EXTERNAL AUTHENTICATE)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_HOLDER_AUTH_H
#define SCM_CARD_HOLDER_AUTH_H

#include "base/bytes.h"
#include "base/result.h"
#include "card/link/fault.h"
#include "system/block_cipher.h"

struct card_files;

/** P1 and P2 of the commands: 0 is "the card knows". */
struct card_key
{
    uint8_t algorithm;
    uint8_t reference; /**< bit 8: a key of the current directory */
};

/**
 * Asks for a challenge.
 *
 * @param[in] key its reference only says whether the directory has to be selected first.
 * @param[in] wanted bytes; 0: as many as the card likes, up to 256.
 * @param[out] challenge never more than wanted: what is beyond is cut off. It belongs to the link
 *             until its next exchange.
 * @retval HR_OK
 * @retval SC_E_UNSUPPORTED_FEATURE and so on: status_words.h; any code of card_exchange().
 */
scm_result card_auth_get_challenge(struct card_files *files, struct card_key key, uint32_t wanted,
                                   struct bytes *challenge, struct card_fault *fault);

/**
 * Proves to the card who the application is: presents the answer to its challenge, once.
 *
 * @param[out] fault has the status word and the tries left.
 * @retval HR_OK
 * @retval SC_W_SECURITY_VIOLATION the cryptogram is wrong.
 * @retval SC_W_CHV_BLOCKED the key has no tries left.
 * @retval SC_E_FILE_NOT_FOUND the card has no such key.
 * @retval SC_E_NO_ACCESS no challenge was asked for, or it is used up.
 * @retval other codes of status_words.h, and of card_exchange().
 */
scm_result card_auth_external(struct card_files *files, struct card_key key,
                              struct bytes cryptogram, struct card_fault *fault);

/**
 * Lets the card prove who it is.
 *
 * @param[in] data the application's challenge, not empty.
 * @param[in] wanted bytes of answer, and what is beyond is cut off; 0: all.
 * @param[out] cryptogram belongs to the link until its next exchange.
 * Return codes as card_auth_external().
 */
scm_result card_auth_internal(struct card_files *files, struct card_key key, struct bytes data,
                              uint32_t wanted, struct bytes *cryptogram, struct card_fault *fault);

/** Longest challenge that is answered here. */
#define CARD_CHALLENGE_MAX 255

/** How a challenge is answered with a key. */
enum card_answering
{
    CARD_ANSWER_CBC, /**< enciphered from zero, filled with zero bytes to whole blocks */
    CARD_ANSWER_ECB, /**< the same, each block by itself */
    CARD_ANSWER_MAC, /**< 3DES: the retail MAC, padding method 2; AES: CMAC */
};

/** A key that the client knows; the span stays its owner's. */
struct card_known_key
{
    enum block_cipher_kind cipher; /**< BLOCK_CIPHER_3DES or BLOCK_CIPHER_AES */
    enum card_answering how;
    struct bytes value;
};

/**
 * Proves who the application is with a key: asks for a challenge and answers it.
 *
 * @param[in] challenge_len bytes to ask for; 0: one block of the cipher.
 * @retval HR_INVALIDARG the key has a length that the algorithm does not have, or equal parts;
 *         nothing was sent.
 * @retval SC_E_COMM_DATA_LOST the card gave a challenge of no or another length.
 * @retval as card_auth_get_challenge() and card_auth_external().
 */
scm_result card_auth_prove(struct card_files *files, struct card_key key,
                           const struct card_known_key *known, uint32_t challenge_len,
                           struct card_fault *fault);

/**
 * Lets the card prove who it is, and compares its answer with that of the key.
 *
 * @param[in] challenge empty: one block of random bytes.
 * @param[out] cryptogram the card's answer; empty where it is wrong. Belongs to the link.
 * @retval HR_OK it is the card that has the key.
 * @retval SC_W_SECURITY_VIOLATION the answer is another.
 * @retval HR_INVALIDARG as card_auth_prove(); a challenge of more than CARD_CHALLENGE_MAX bytes.
 * @retval as card_auth_internal().
 */
scm_result card_auth_check(struct card_files *files, struct card_key key,
                           const struct card_known_key *known, struct bytes challenge,
                           struct bytes *cryptogram, struct card_fault *fault);

/**
 * Both sides prove that they have the same static triple DES keys, and agree on the session keys of
 * secure messaging, which replace what was there: ICAO's basic access control.
 *
 * @param[in] encryption, mac 16 bytes each.
 * @param[in] covers_all whether every command is to be wrapped from then on.
 * @retval HR_OK the link has a channel.
 * @retval HR_INVALIDARG keys of another length, or of equal parts; what was there stays.
 * @retval SC_W_SECURITY_VIOLATION one side does not have the keys; there is no channel then.
 * @retval as card_auth_get_challenge() and card_auth_external(); likewise.
 * Standard: ICAO Doc 9303 part 11 clause 4.3
 */
scm_result card_auth_agree(struct card_files *files, struct card_key key, struct bytes encryption,
                           struct bytes mac, bool covers_all, struct card_fault *fault);

#endif
