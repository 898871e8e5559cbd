/*
 * execution - a whole command carried out and answered, plain or under secure messaging.
 * Layer: simcard (core).
 * SPDX-License-Identifier: MIT
 */
#include "simcard/execution.h"
#include "simcard/answers.h"
#include "simcard/card.h"
#include "simcard/gsm_profile.h"
#include "simcard/security.h"

#include <stdlib.h>

/* Checks a command against the cases its instruction has. */
static uint16_t check_case(const struct card *card, const struct instruction *instruction,
                           const struct command_apdu *command)
{
    if (instruction->data == ABSENT && command->data.len) return SW_WRONG_LENGTH;
    if (instruction->data == REQUIRED && !command->data.len) return SW_WRONG_LENGTH;
    bool can_have_le = card->style.protocol != 0 || command->is_extended;
    if (can_have_le)
    {
        if (instruction->answer == ABSENT && command->has_le) return SW_WRONG_LENGTH;
        if (instruction->answer == REQUIRED && !command->has_le) return SW_WRONG_LENGTH;
    }
    if (command->data.len > card->style.max_command_data) return SW_WRONG_LENGTH;
    if (command->ne > card->style.max_answer_data && !command->is_le_open) return SW_WRONG_LENGTH;
    return SW_OK;
}

/* Runs a command, perhaps of an unknown instruction; its data goes to `out`. */
static uint16_t run(struct card *card, const struct instruction *instruction,
                    const struct command_apdu *command, struct byte_writer *out)
{
    bool is_gsm = card->style.profile == PROFILE_GSM;
    struct command_apdu prepared = *command;
    uint16_t sw = instruction ? check_case(card, instruction, command) : SW_UNKNOWN_INS;
    if (is_gsm && sw == SW_OK) sw = gsm_prepare(card, &prepared);
    if (sw != SW_OK) return sw;
    struct card_session *session = &card->session;
    if (!card->style.is_challenge_kept && instruction->ins != INS_EXTERNAL_AUTHENTICATE &&
        instruction->ins != INS_GET_CHALLENGE)
        session->challenge_len = 0; /* a challenge is good for the next command */
    sw = instruction->handler(card, &prepared, out);
    if (out->failed) sw = SW_MEMORY_FAILURE;
    if (is_gsm) gsm_conclude(card, &prepared, sw);
    return sw;
}

void execution_plain(struct card *card, const struct instruction *instruction,
                     const struct command_apdu *command, struct byte_writer *answer)
{
    struct byte_writer out = byte_writer_of(card->answer_room, CARD_ANSWER_MAX);
    struct card_file *df = security_find_channel(card->session.current_df);
    if (df && df->channel.ends_with_plain && df->channel.has_begun) df->channel.has_ended = true;
    uint16_t sw = run(card, instruction, command, &out);
    answer_send(card, instruction->data != ABSENT, command, byte_writer_written(&out), sw, answer);
    explicit_bzero(card->answer_room, out.len);
}

/* Stores the counters back. The command may have deleted the DF that has them. */
static void keep_channel(struct card *card, const struct card_file *owner,
                         const struct secure_channel *channel)
{
    for (struct card_file *file = card->mf; file; file = file_next_in_tree(card->mf, file))
        if (file == owner) file->channel = *channel;
}

void execution_wrapped(struct card *card, const struct instruction *instruction,
                       const struct command_apdu *wrapped, struct byte_writer *answer)
{
    const struct card_file *owner = security_find_channel(card->session.current_df);
    struct secure_channel channel = owner->channel;
    size_t room_len = wrapped->data.len ? wrapped->data.len : 1;
    uint8_t *room = malloc(room_len), *answer_room = malloc(CARD_ANSWER_MAX);
    struct byte_writer data = byte_writer_of(room, room ? room_len : 0);
    struct byte_writer out = byte_writer_of(card->answer_room, CARD_ANSWER_MAX);
    struct byte_writer coded = byte_writer_of(answer_room, answer_room ? CARD_ANSWER_MAX : 0);
    struct command_apdu command;
    uint16_t sw = room && answer_room ? SW_OK : SW_MEMORY_FAILURE;

    if (sw == SW_OK) sw = secure_channel_open(&channel, wrapped, &command, &data);
    bool is_open = sw == SW_OK;
    keep_channel(card, owner, &channel);
    if (is_open)
    {
        card->session.is_secure = true;
        sw = run(card, instruction, &command, &out);
        card->session.is_secure = false;
        struct bytes given = answer_is_failure(sw) ? bytes_of(NULL, 0) : byte_writer_written(&out);
        if (!command.has_le) given = bytes_of(NULL, 0); /* nobody asked for the data */
        is_open = secure_channel_wrap(&channel, wrapped->ins, given, sw, &coded);
        if (!is_open) sw = SW_MEMORY_FAILURE;
        keep_channel(card, owner, &channel);
    }
    if (is_open)
        answer_send_wrapped(card, wrapped, byte_writer_written(&coded), sw, answer);
    else
        answer_put_sw(answer, sw);
    explicit_bzero(card->answer_room, out.len);
    explicit_bzero(&channel, sizeof(channel));
    if (room) explicit_bzero(room, room_len);
    free(room);
    free(answer_room);
}
