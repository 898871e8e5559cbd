/*
 * response - what an answer's status word asks of the sender: more data to fetch, a wrong Le to
 *            mend, or nothing more.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 5.6 (status bytes), 11.7.1 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_ISO7816_RESPONSE_H
#define SCM_ISO7816_RESPONSE_H

#include "base/bytes.h"

enum response_step
{
    RESPONSE_DONE,   /**< the status word is the command's result */
    RESPONSE_FETCH,  /**< send GET RESPONSE with `ne` */
    RESPONSE_REPEAT, /**< send the same command again with `ne` */
    RESPONSE_BROKEN, /**< the card goes on announcing data and gives none */
};

struct response_decision
{
    enum response_step step;
    uint32_t ne; /**< 1 to 256 */
};

/** What has been decided so far about one command; zero it before the first answer. */
struct response_progress
{
    bool was_repeated; /**< the last command sent was a repetition already */
    bool is_fetching;  /**< the last command sent was GET RESPONSE */
};

/** SW1 by which every card announces more data. */
#define RESPONSE_MORE_DATA 0x61

/**
 * Decides after each answer.
 *
 * @param[in] sw status word of the answer. @param[in] data_len bytes of data before it.
 * @param[in] more_data_sw1 another SW1 that announces more data on this card; RESPONSE_MORE_DATA
 *            when there is no other.
 * @param[in] may_repeat the command asked for an answer, so that its Le can be mended.
 */
struct response_decision response_next_step(struct response_progress *progress, uint16_t sw,
                                            size_t data_len, uint8_t more_data_sw1,
                                            bool may_repeat);

#endif
