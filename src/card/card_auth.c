/*
 * card_auth - authentication by keys: challenges, and cryptograms in both directions.
 * Layer: card (calls iso7816 through card_exchange; knows no COM).
 * Standard: ISO/IEC 7816-4:2020 clauses 11.6.2 to 11.6.4
 * SPDX-License-Identifier: MIT
 */
#include "card/card_auth.h"

#define REFERENCE_LOCAL 0x80
#define SW1_COUNTER     0x63

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

/* What status words of codes say of keys. */
static scm_result judge(scm_result result, struct card_fault *fault)
{
    if (!result_failed(result)) return result;
    fault->tries_left = status_word_tries(fault->sw);
    return fault->sw >> 8 == SW1_COUNTER ? (scm_result)SC_W_SECURITY_VIOLATION : result;
}

scm_result card_auth_get_challenge(struct card_files *files, struct card_key key, uint32_t wanted,
                                   struct bytes *challenge, struct card_fault *fault)
{
    struct apdu_command command = { .ins = APDU_INS_GET_CHALLENGE,
                                    .p1 = key.algorithm,
                                    .ne = answer_len(files, wanted) };
    struct card_answer answer = { 0 };

    *challenge = (struct bytes){ 0 };
    scm_result result = ensure_directory(files, key, fault);
    if (!result_failed(result))
        result = card_files_command(files, &command, STATUS_ANY, &answer, fault);
    if (!result_failed(result)) *challenge = answer.data;
    return result;
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
    return judge(card_files_command(files, &command, STATUS_ANY, NULL, fault), fault);
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
    scm_result result = ensure_directory(files, key, fault);
    if (result_failed(result)) return result;
    result = judge(card_files_command(files, &command, STATUS_ANY, &answer, fault), fault);
    if (!result_failed(result)) *cryptogram = answer.data;
    return result;
}
