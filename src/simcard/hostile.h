/*
 * hostile - answers no honest card gives, to see what readers and libraries make of them.
 * Layer: simcard (between card and link; does no I/O).
 * Owns: nothing; struct hostile is a plain value.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_SIMCARD_HOSTILE_H
#define SCM_SIMCARD_HOSTILE_H

#include "base/bytes.h"

enum hostile_mode
{
    HOSTILE_OFF,
    HOSTILE_LONG,      /**< more data than Le asked for */
    HOSTILE_OVERSIZED, /**< the longest message there is, with the status word at its end */
    HOSTILE_EMPTY,     /**< no bytes at all */
    HOSTILE_ONE_BYTE,  /**< half a status word */
    HOSTILE_GARBAGE,   /**< the data, and a status word that means nothing */
    HOSTILE_MORE,      /**< 61xx without end */
    HOSTILE_WRONG_LE,  /**< 6Cxx without end */
    HOSTILE_MUTE,      /**< no answer */
    HOSTILE_CLOSE,     /**< half an answer, then the card is gone */
    HOSTILE_RANDOM /**< anything of the above but mute and close, damaged answers, honest ones */
};

/** What is done to which answers. */
struct hostile
{
    enum hostile_mode mode;
    uint32_t random; /**< state of the generator, from the seed */
    bool is_limited; /**< only `left` more answers */
    uint32_t left;
    bool is_for_one_ins; /**< only answers to `ins` */
    uint8_t ins;
};

/** What becomes of an answer. */
enum hostile_action
{
    HOSTILE_SEND,
    HOSTILE_KEEP_SILENT,
    HOSTILE_SEND_HALF_AND_CLOSE
};

/**
 * Reads "MODE [seed=N] [next=N] [ins=XX]".
 *
 * @return false where that is not what the text says; `hostile` is unchanged then.
 */
bool hostile_parse(const char *text, struct hostile *hostile);

/** The mode's name. */
const char *hostile_name(enum hostile_mode mode);

/**
 * Makes of an honest answer what the mode says.
 *
 * @param[in] command what is answered.
 * @param[in,out] answer the honest answer; the writer's capacity bounds what it becomes.
 */
enum hostile_action hostile_change(struct hostile *hostile, struct bytes command,
                                   struct byte_writer *answer);

#endif
