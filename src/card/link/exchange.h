/*
 * exchange - one command to the card and its whole answer: the place where iso7816 meets pcsc.
 * Layer: card (calls iso7816 and pcsc; knows no COM).
 * Owns: the link's buffers; threads: the caller holds the session and a transaction.
 *
 * Design notes. Callers say what they want of the card; how it travels is decided here: GET
 * RESPONSE after 61xx, a wrong Le mended once, long data by extended length or command chaining
 * where the card announces them, T=0's own form and there ENVELOPE for what is longer still. Where a card or reader that announces extended
 * length refuses it, it is not tried again on this link. An answer is collected up to 16 MiB and
 * 65536 commands, whatever the card announces. Work that is to go under secure messaging is wrapped
 * and opened here too, so that no command of it can go out plain: without a channel nothing is sent.
 * Standard: ISO/IEC 7816-4:2020 clauses 5.3 (chaining), 5.6 (status words), 11.7 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_EXCHANGE_H
#define SCM_CARD_LINK_EXCHANGE_H

#include "base/secret_bytes.h"
#include "card/link/channel.h"
#include "card/link/profile.h"
#include "iso7816/apdu.h"
#include "iso7816/atr.h"
#include "iso7816/status_words.h"
#include "pcsc/pcsc_port.h"

/** Longest answer that is collected, in bytes. */
#define CARD_ANSWER_LEN_MAX (16u * 1024 * 1024)

/** What we know and remember of one card; lives as long as the card stays the same. */
struct card_link
{
    const struct pcsc_port *port;
    pcsc_card card; /**< renewed by the session */
    enum pcsc_protocol protocol;
    uint8_t atr_bytes[PCSC_ATR_MAX];
    size_t atr_len;
    struct atr atr; /**< spans lie in atr_bytes */

    struct card_profile profile; /**< the card's profile, corrected by what it answered */
    bool has_extended;           /**< announced, and not refused so far */
    bool has_chaining;
    bool lacks_envelope; /**< T=0: the card refused ENVELOPE */
    bool has_lost_card;  /**< a command found no card, whatever else the port may say */
    /** How often what is selected may have been changed by somebody else, or by a failed exchange. */
    unsigned disturbances;

    struct card_channel *channel; /**< keys of secure messaging; NULL: none given, or they ended */
    bool is_secure;               /**< the work under way is wrapped; set by the session */
    const char *channel_why;      /**< why the channel ended, during this work; or NULL */
    uint16_t channel_sw;          /**< the unproven status word then, or 0 */

    uint8_t *buffers;           /**< command and answer of one transmission */
    struct secret_bytes answer; /**< what was collected */
};

/** The answer to a command; data belongs to the link and lasts until its next exchange. */
struct card_answer
{
    struct bytes data;
    uint16_t sw;
};

/**
 * A link to the card behind a handle.
 *
 * @param[in] status what the port says about it: ATR and protocol.
 * @return NULL when out of memory.
 */
struct card_link *card_link_create(const struct pcsc_port *port, pcsc_card card,
                                   const struct pcsc_status *status);

/** Wipes and frees a link; NULL is allowed. */
void card_link_destroy(struct card_link *link);

/** What is selected may have been changed: `disturbances` counts one more. */
void card_link_disturb(struct card_link *link);

/** Begins secure messaging with new keys, which the link owns then; NULL ends it. */
void card_link_set_channel(struct card_link *link, struct card_channel *channel);

/** Most bytes of command data, and of answer, that one command can carry now. */
size_t card_link_data_max(const struct card_link *link);
uint32_t card_link_answer_max(const struct card_link *link);

/**
 * Sends a command and collects its answer.
 *
 * @param[in] command its class is put in here (the profile's, unless the command has one).
 * @param[out] answer data collected, perhaps with a status word that is a failure; empty, SW 0,
 *             where the result is one.
 * @retval HR_OK the card answered; whether it did what was asked is in the status word.
 * @retval HR_OUTOFMEMORY
 * @retval SC_E_UNSUPPORTED_FEATURE the command is too long for this card.
 * @retval SC_E_COMM_DATA_LOST an answer without status word, or without end.
 * @retval SC_W_SECURITY_VIOLATION under secure messaging: the answer is not in order, or there are no
 *         keys any more; the channel has ended, channel_why tells why.
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
 * With T=0 the answer's data is fetched with GET RESPONSE (61xx), a wrong Le is mended (6Cxx) and an
 * Le behind data stays here, as that protocol wants it. With T=1 and raw cards nothing is added:
 * every status word is the client's to judge.
 *
 * @param[in] command up to APDU_COMMAND_MAX bytes; not with T=0: any.
 * @param[in] following_cla class of the commands that follow by themselves; NULL: the command's own.
 * @param[out] answer as for card_exchange().
 * @retval HR_OK the card answered.
 * @retval HR_INVALIDARG shorter than a header, too long, or, with T=0, no command.
 * @retval SC_E_UNSUPPORTED_FEATURE with T=0: more data than a short command has.
 * @retval HR_OUTOFMEMORY, SC_E_COMM_DATA_LOST, any PC/SC code of transmit().
 */
scm_result card_exchange_relay(struct card_link *link, struct bytes command,
                               const uint8_t *following_cla, struct card_answer *answer);

#endif
