/*
 * played_card - a card that answers what it is told to, byte by byte.
 * Layer: tests.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_TESTS_FUZZ_PLAYED_CARD_H
#define SCM_TESTS_FUZZ_PLAYED_CARD_H

#include "card/files/memory.h"
#include "support/faulty_port.h"

struct played_card
{
    struct faulty_port port;
    struct card_files *files;
    struct bytes script; /**< answers: a length byte and that many bytes each; then 9000 for ever */
    unsigned commands;
};

/** Most commands one input may lead to; a card answers 6F00 from then on. */
#define PLAYED_COMMANDS_MAX 20000

/**
 * Puts the card into the port's reader, and nobody uses it yet.
 * @param[in] script lives as long as the card is used.
 */
void played_card_insert(struct played_card *played, enum pcsc_protocol protocol,
                        struct bytes script);

/** The card's answer, in the manner of faulty_port's; `context` is the played card. */
size_t played_card_answer(void *context, const uint8_t *command, size_t command_len,
                          uint8_t *answer, size_t capacity);

/** Inserts the card and begins to use its files. @param[in] script lives until played_card_end(). */
void played_card_begin(struct played_card *played, enum pcsc_protocol protocol,
                       struct bytes script);
void played_card_end(struct played_card *played);

#endif
