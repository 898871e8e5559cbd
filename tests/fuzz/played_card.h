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

/** @param[in] script lives until played_card_end(). */
void played_card_begin(struct played_card *played, enum pcsc_protocol protocol,
                       struct bytes script);
void played_card_end(struct played_card *played);

#endif
