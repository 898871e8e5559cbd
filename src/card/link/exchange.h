/*
 * exchange - one command to the card and its whole answer: plain, or under secure messaging.
 * Layer: card/link (calls iso7816; knows no COM).
 * Threads: the caller holds the session and a transaction.
 *
 * Design notes. Callers say what they want of the card; how it travels is the conversation's
 * business. Work that is to go under secure messaging is wrapped and opened here, so that no
 * command of it can go out plain: without a channel nothing is sent.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_EXCHANGE_H
#define SCM_CARD_LINK_EXCHANGE_H

#include "card/link/fault.h"
#include "card/link/link.h"
#include "iso7816/apdu.h"
#include "iso7816/status_words.h"

/** The answer to a command; data belongs to the link and lasts until its next exchange. */
struct card_answer
{
    struct bytes data; /**< never more than was asked for, where that is a number of bytes */
    uint16_t sw;
    bool has_exceeded; /**< the card had more than was asked for */
};

/**
 * Sends a command and collects its answer.
 *
 * @param[in] command its class is put in here (the profile's, unless the command has one).
 * @param[out] answer data collected, perhaps with a status word that is a failure; empty, SW 0,
 *             where the result is one.
 * @retval HR_OK the card answered; whether it did what was asked is in the status word.
 * @retval HR_OUTOFMEMORY
 * @retval SC_E_UNSUPPORTED_FEATURE the command is too long for this card.
 * @retval SC_E_COMM_DATA_LOST an answer without status word, or without end; the call's budget.
 * @retval SC_E_CANCELLED the attachment is ending: budget.h.
 * @retval SC_W_SECURITY_VIOLATION under secure messaging: the answer is not in order, or there are
 *         no keys any more; the channel has ended, channel_why tells why.
 * @retval any PC/SC code of transmit(); a disturbance is counted then, and the channel ends.
 */
scm_result card_exchange(struct card_link *link, const struct apdu_command *command,
                         struct card_answer *answer);

/**
 * The same, and judges the status word.
 *
 * @param[in] context what is being done: a few status words mean different things.
 * @param[out] answer NULL allowed.
 * @param[out] fault the status word, where it is a failure.
 * @retval HR_OK the card did what was asked; else the result of the status word (status_words.h).
 * @retval as card_exchange().
 */
scm_result card_exchange_judged(struct card_link *link, const struct apdu_command *command,
                                enum status_context context, struct card_answer *answer,
                                struct card_fault *fault);

/**
 * Sends a client's own command as it stands and tells the card's answer as it comes.
 *
 * With T=0 the answer's data is fetched with GET RESPONSE (61xx), a wrong Le is mended (6Cxx) and
 * an Le behind data stays here, as that protocol wants it. With T=1 and raw cards nothing is added:
 * every status word is the client's to judge.
 *
 * @param[in] command up to APDU_COMMAND_MAX bytes; not with T=0: any.
 * @param[in] following_cla class of what follows by itself; NULL: the command's own.
 * @param[out] answer as for card_exchange().
 * @retval HR_OK the card answered.
 * @retval HR_INVALIDARG shorter than a header, too long, or, with T=0, no command.
 * @retval SC_E_UNSUPPORTED_FEATURE with T=0: more data than a short command has.
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code of transmit().
 */
scm_result card_exchange_relay(struct card_link *link, struct bytes command,
                               const uint8_t *following_cla, struct card_answer *answer);

#endif
