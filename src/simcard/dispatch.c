/*
 * dispatch - one command as the reader sends it: its class, its coding, the parts of a chain or of
 *            an ENVELOPE, and who carries it out.
 * Layer: simcard (core; above everything of the card, implements card_command).
 * Standard: ISO/IEC 7816-4:2013 clauses 5.3 (chaining), 5.4.1 (classes), 11.7.2 (ENVELOPE).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/card.h"
#include "simcard/answer_quirks.h"
#include "simcard/answers.h"
#include "simcard/execution.h"
#include "simcard/gsm_profile.h"
#include "simcard/replay.h"
#include "simcard/security.h"
#include "simcard/session.h"

#define CLA_PROPRIETARY   0x80
#define CLA_FURTHER       0x40 /* further interindustry: channels 4 to 19 */
#define CLA_RESERVED_MASK 0xE0
#define CLA_RESERVED      0x20
#define CLA_SM_MASK       0x0C
#define CLA_SM_HEADER     0x0C /* secure messaging, the header counted for the checksum */
#define CLA_CHANNEL_MASK  0x03

#define ENVELOPED_COMMAND_MAX (APDU_HEADER_LEN + 3 + 65535 + 2)

/* What every wrapped command looks like from outside. */
static const struct instruction wrapped_command = { 0, REQUIRED, OPTIONAL, false, NULL };

bool card_command_is_secret(struct bytes command)
{
    if (command.len < 2) return false;
    uint8_t ins = command.data[1];
    const struct instruction *instruction = instruction_find(ins);
    if (!instruction)
        instruction = instruction_find(ins & 0xFE); /* the odd form carries the same */
    return instruction && instruction->is_secret;
}

static bool is_wrapped(const struct card *card, uint8_t cla)
{
    return card->style.class_byte == 0 && (cla & CLA_SM_MASK) == CLA_SM_HEADER;
}

/* Whether this card serves a class; what is wrong with it otherwise. */
static uint16_t check_class(const struct card *card, uint8_t cla)
{
    if (card->style.class_byte) return cla == card->style.class_byte ? SW_OK : SW_UNKNOWN_CLASS;
    if (cla & CLA_PROPRIETARY || (cla & CLA_RESERVED_MASK) == CLA_RESERVED) return SW_UNKNOWN_CLASS;
    if (cla & CLA_FURTHER) return SW_CHANNEL_UNSUPPORTED;
    if (cla & CLA_CHANNEL_MASK) return SW_CHANNEL_UNSUPPORTED;
    bool has_keys = security_find_channel(card->session.current_df) != NULL;
    if (cla & CLA_SM_MASK && (!is_wrapped(card, cla) || !has_keys)) return SW_SM_UNSUPPORTED;
    if (cla & CLA_SM_MASK && cla & APDU_CLA_CHAINING) return SW_CHAINING_UNSUPPORTED;
    if (cla & APDU_CLA_CHAINING && !card->style.has_chaining) return SW_CHAINING_UNSUPPORTED;
    return SW_OK;
}

/* Class and instruction of a command. A wrapped one names its instruction when it is opened. */
static uint16_t check_header(const struct card *card, struct bytes bytes,
                             const struct instruction *instruction)
{
    uint8_t cla = bytes.data[0], ins = bytes.data[1];
    uint16_t sw = check_class(card, cla);
    if (sw != SW_OK) return sw;
    if (!is_wrapped(card, cla)) return instruction ? SW_OK : SW_UNKNOWN_INS;
    /* GET RESPONSE and ENVELOPE carry messages; they are never wrapped themselves. */
    return ins == INS_GET_RESPONSE || ins == INS_ENVELOPE ? SW_SM_UNSUPPORTED : SW_OK;
}

static enum apdu_coding coding_of(const struct card *card, const struct instruction *instruction)
{
    if (card->style.protocol == 0)
        return instruction->data == ABSENT && instruction->answer != ABSENT
                   ? APDU_CODING_T0_OUTGOING
                   : APDU_CODING_T0_INCOMING;
    return card->style.has_extended ? APDU_CODING_EXTENDED : APDU_CODING_SHORT;
}

/* One command of a chain: collected until the last one comes. */
static void continue_chain(struct card *card, const struct instruction *instruction,
                           struct command_apdu *command, struct byte_writer *answer)
{
    struct card_session *session = &card->session;
    bool is_last = !(command->cla & APDU_CLA_CHAINING) || card->style.class_byte;
    if (session->is_chaining &&
        (session->chain_ins != command->ins || session->chain_p1 != command->p1 ||
         session->chain_p2 != command->p2))
    {
        session_clear_chain(card);
        answer_put_sw(answer, SW_LAST_OF_CHAIN_EXPECTED);
        return;
    }
    if (!session->is_chaining && is_last)
    {
        execution_plain(card, instruction, command, answer);
        return;
    }
    if (!is_last && (instruction->data == ABSENT || !command->data.len ||
                     (command->has_le && card->style.protocol != 0)))
    {
        /* Only data can be chained, and only the last command may want an answer. */
        session_clear_chain(card);
        answer_put_sw(answer,
                      instruction->data == ABSENT ? SW_CHAINING_UNSUPPORTED : SW_WRONG_LENGTH);
        return;
    }
    if (!collected_add(&session->chain, command->data, card->style.max_command_data))
    {
        session_clear_chain(card);
        answer_put_sw(answer, SW_WRONG_LENGTH);
        return;
    }
    session->is_chaining = true;
    session->chain_ins = command->ins;
    session->chain_p1 = command->p1;
    session->chain_p2 = command->p2;
    if (!is_last)
    {
        answer_put_sw(answer, SW_OK);
        return;
    }
    command->data = bytes_of(session->chain.data, session->chain.len);
    execution_plain(card, instruction, command, answer);
    session_clear_chain(card);
}

/* Whether collected bytes are a whole extended command: its header tells how long it is. */
static bool is_whole_command(struct bytes bytes)
{
    struct command_apdu command;
    return command_apdu_decode(bytes, APDU_CODING_EXTENDED, false, &command) &&
           command.data.len > 0;
}

/*
 * ENVELOPE: a command in pieces. It ends with an empty ENVELOPE, or as soon as it is complete
 * (ISO/IEC 7816-3:2006 clause 12.2.5); with the chaining bit only after the last piece. Gives the
 * whole command, which is still to be answered, or none.
 */
static struct bytes open_envelope(struct card *card, const struct command_apdu *command,
                                  struct byte_writer *answer)
{
    struct collected *collected = &card->session.envelope;
    struct bytes none = bytes_of(NULL, 0);
    if (command->p1 || command->p2)
    {
        answer_put_sw(answer, SW_BAD_P1_P2);
        return none;
    }
    if (!collected_add(collected, command->data, ENVELOPED_COMMAND_MAX))
    {
        collected_clear(collected);
        answer_put_sw(answer, SW_WRONG_LENGTH);
        return none;
    }
    bool goes_on = command->cla & APDU_CLA_CHAINING && !card->style.class_byte;
    struct bytes whole = bytes_of(collected->data, collected->len);
    if (goes_on || (command->data.len && !is_whole_command(whole)))
    {
        answer_put_sw(answer, SW_OK);
        return none;
    }
    if (whole.len >= APDU_HEADER_LEN && whole.data[1] != INS_ENVELOPE) return whole;
    answer_put_sw(answer, SW_WRONG_LENGTH);
    collected_clear(collected);
    return none;
}

/*
 * Answers one command, or gives the command that its ENVELOPE completes. That one belongs to the
 * session; it is processed with `is_enveloped`.
 */
static struct bytes process(struct card *card, struct bytes bytes, bool is_enveloped,
                            struct byte_writer *answer)
{
    const struct instruction *instruction = instruction_find_for(&card->style, bytes.data[1]);
    bool is_secured = is_wrapped(card, bytes.data[0]);
    uint8_t ins = bytes.data[1];
    struct command_apdu command;
    uint16_t sw = check_header(card, bytes, instruction);
    if (sw == SW_OK)
    {
        enum apdu_coding coding =
            is_enveloped ? APDU_CODING_EXTENDED
                         : coding_of(card, is_secured ? &wrapped_command : instruction);
        if (!command_apdu_decode(bytes, coding, card->style.is_dropping_le, &command))
            sw = SW_WRONG_LENGTH;
        command.is_extended |= is_enveloped;
    }
    if (ins != INS_GET_RESPONSE) session_clear_pending(card);
    if (ins != INS_ENVELOPE && !is_enveloped) collected_clear(&card->session.envelope);
    if (sw != SW_OK || is_secured) session_clear_chain(card);
    if (sw != SW_OK)
        answer_put_sw(answer, sw);
    else if (is_secured)
        execution_wrapped(card, instruction, &command, answer);
    else if (ins == INS_GET_RESPONSE)
        answer_get_response(card, &command, answer);
    else if (ins == INS_ENVELOPE)
        return open_envelope(card, &command, answer);
    else
        continue_chain(card, instruction, &command, answer);
    return bytes_of(NULL, 0);
}

/* Puts a SIM's status word in the place of ours. */
static void speak_gsm(uint8_t ins, struct byte_writer *answer)
{
    if (answer->failed || answer->len < 2) return;
    const uint8_t *end = answer->data + answer->len;
    uint16_t sw = gsm_status_word(ins, (uint16_t)(end[-2] << 8 | end[-1]));
    answer->len -= 2;
    answer_put_sw(answer, sw);
}

static void answer_honestly(struct card *card, struct bytes command, struct byte_writer *answer)
{
    if (command.len < APDU_HEADER_LEN)
    {
        answer_put_sw(answer, SW_WRONG_LENGTH);
        return;
    }
    struct bytes enveloped = process(card, command, false, answer);
    if (enveloped.len)
    {
        process(card, enveloped, true, answer);
        collected_clear(&card->session.envelope);
    }
    if (card->style.profile == PROFILE_GSM) speak_gsm(command.data[1], answer);
}

void card_command(struct card *card, struct bytes command, struct byte_writer *answer)
{
    if (card->replay)
    {
        replay_command(card->replay, command, answer);
        return;
    }
    if (answer_quirks_replace(card, command, answer)) return;
    answer_honestly(card, command, answer);
    answer_quirks_change(card, command, answer);
}
