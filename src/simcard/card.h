/*
 * card - the simulated card as its reader sees it: commands in, answers out, reset.
 * Layer: simcard (the core's face; the core does no I/O). Implemented by card.c, below the command
 *        families, and dispatch.c, above them.
 * Owns: a card owns everything on it; threads: one card belongs to one thread.
 * Standard: ISO/IEC 7816-4:2013; ISO/IEC 7816-3:2006 clause 12 for what T=0 and T=1 leave of it.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_CARD_H
#define SCM_SIMCARD_CARD_H

#include "base/bytes.h"

struct card;

/** A card without files and with the default style, to be filled; NULL: out of memory. */
struct card *card_new(void);

/** The longest command and the longest answer (with status word) a card handles, in bytes. */
#define CARD_COMMAND_MAX 65544
#define CARD_ANSWER_MAX  65535

/**
 * Carries out one command and gives its answer: data and status word.
 *
 * @param[in,out] card changes as the command says.
 * @param[in] command the bytes the reader sent; any bytes at all.
 * @param[out] answer an empty writer of at least CARD_ANSWER_MAX bytes; gets 2 bytes or more.
 */
void card_command(struct card *card, struct bytes command, struct byte_writer *answer);

/** Power on or warm reset: selection, security status and unfinished business are forgotten. */
void card_reset(struct card *card);

/** The answer to reset, 2 to 33 bytes. */
struct bytes card_atr(const struct card *card);

/** The name the description gives the card; never NULL. */
const char *card_name(const struct card *card);

/**
 * Whether the data field of a command is a secret that no trace may show: PINs, PUKs,
 * cryptograms, and what may contain them (ENVELOPE).
 */
bool card_command_is_secret(struct bytes command);

/**
 * Replaces the source of challenges, so that tests can foresee them.
 *
 * @param[in] fill gives `len` bytes; returns false when it cannot. NULL: libcrypto's generator.
 */
void card_set_random(struct card *card, bool (*fill)(uint8_t *buffer, size_t len));

/** Wipes and frees a card; NULL is allowed. */
void card_free(struct card *card);

#endif
