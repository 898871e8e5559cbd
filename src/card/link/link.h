/*
 * link - one card: the way to it, what is known of it, the buffers for its commands and answers.
 * Layer: card/link (calls iso7816 and pcsc; knows no COM).
 * Owns: buffers, the channel of secure messaging; threads: the caller holds the session.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_LINK_H
#define SCM_CARD_LINK_LINK_H

#include "base/secret_bytes.h"
#include "card/link/budget.h"
#include "card/link/channel.h"
#include "card/profile/profile.h"
#include "iso7816/atr.h"
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
    bool lacks_envelope;   /**< T=0: the card refused ENVELOPE */
    bool has_lost_card;    /**< a command found no card, whatever else the port may say */
    bool has_local_rights; /**< a PIN or key of a directory was right: they may end outside of it */
    /** How often somebody else, or a failed exchange, may have changed what is selected. */
    unsigned disturbances;
    /** Ne and data of the command whose extended length was refused; both 0: none was. */
    uint32_t refused_ne;
    size_t refused_data_len;

    struct card_budget budget; /**< of the call under way */

    unsigned channel_number;      /**< counts the channels; of the last one */
    bool has_spoken_plain;        /**< a plain command was sent since that one began */
    struct card_channel *channel; /**< keys of secure messaging; NULL: none given, or they ended */
    bool is_secure;               /**< the work under way is wrapped; set by the session */
    const char *channel_why;      /**< why the channel ended, during this work; or NULL */
    uint16_t channel_sw;          /**< the unproven status word then, or 0 */

    uint8_t *buffers;           /**< command and answer of one transmission */
    struct secret_bytes answer; /**< what was collected */
    bool has_exceeded;          /**< the card had more than was asked for */
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

/**
 * Has the reader itself do something: pcsc_port.h, `control`.
 *
 * @param[in] data what the code wants; may be empty.
 * @param[out] answer `capacity` bytes. @param[out] got bytes of answer; 0 on failure.
 * @retval HR_OK
 * @retval SC_E_COMM_DATA_LOST, SC_E_CANCELLED the call has ended: card_budget_pay().
 * @retval any PC/SC code of control().
 */
scm_result card_link_control(struct card_link *link, uint32_t code, struct bytes data,
                             uint8_t *answer, size_t capacity, size_t *got);

/** Begins secure messaging with new keys, which the link owns then; NULL ends it. */
void card_link_set_channel(struct card_link *link, struct card_channel *channel);

/**
 * The card tells what it can do. A refusal of extended length counts more, unless it was for a
 * length beyond the limits that are told now.
 *
 * @param[in] told nothing in it is taken back by what it does not say.
 * @param[in] command_max, answer_max most data bytes; 0: not told.
 */
void card_link_learn(struct card_link *link, const struct card_capabilities *told,
                     uint32_t command_max, uint32_t answer_max);

/** A command was answered that may have given rights: by its instruction and P2. */
void card_link_note_rights(struct card_link *link, uint8_t ins, uint8_t p2, uint16_t sw);

/** Extended length was refused, for a command with so much data and this Ne. */
void card_link_refuse_extended(struct card_link *link, size_t data_len, uint32_t ne);

/** Whether commands may go in extended length now. T=0 carries it only in ENVELOPE. */
bool card_link_may_extend(const struct card_link *link);

/**
 * Whether the channel in use proves that nobody else has spoken to the card since it began: it would
 * have ended.
 */
bool card_link_channel_proves(const struct card_link *link);

/** Most bytes of command data, and of answer, that one command can carry now. */
size_t card_link_data_max(const struct card_link *link);
uint32_t card_link_answer_max(const struct card_link *link);

/**
 * How many bytes a command with this Ne asks for; 0 where it asks for as many as there are. Le of
 * all zeros says that, and so does the most that one command can carry.
 */
uint32_t card_link_bytes_asked(const struct card_link *link, uint32_t ne);

#endif
