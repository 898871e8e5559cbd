/*
 * response - what an answer's status word asks of the sender.
 * Layer: iso7816 (pure; no I/O).
 * Standard: ISO/IEC 7816-4:2020 clause 5.6 (status bytes), 11.7.1 (GET RESPONSE)
 * SPDX-License-Identifier: MIT
 */
#include "iso7816/response.h"

#include "iso7816/apdu.h"

#define SW1_WRONG_LE 0x6C

static uint32_t ne_of(uint8_t sw2)
{
    return sw2 ? sw2 : APDU_SHORT_NE_MAX;
}

struct response_decision response_next_step(struct response_progress *progress, uint16_t sw,
                                            size_t data_len, uint8_t more_data_sw1, bool may_repeat)
{
    uint8_t sw1 = (uint8_t)(sw >> 8), sw2 = (uint8_t)sw;
    struct response_decision decision = { RESPONSE_DONE, ne_of(sw2) };

    if (sw1 == RESPONSE_MORE_DATA || sw1 == more_data_sw1)
    {
        /* A GET RESPONSE that gave nothing would be followed by the same for ever. */
        decision.step = progress->is_fetching && data_len == 0 ? RESPONSE_BROKEN : RESPONSE_FETCH;
        *progress = (struct response_progress){ .is_fetching = true };
    }
    else if (sw1 == SW1_WRONG_LE && may_repeat && !progress->was_repeated)
    {
        decision.step = RESPONSE_REPEAT;
        progress->was_repeated = true;
    }
    return decision;
}
