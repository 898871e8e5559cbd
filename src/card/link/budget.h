/*
 * budget - how many commands one call may send, so that no card decides how long it takes.
 * Layer: card/link (pure: no card is asked).
 * Threads: the caller holds the session; what others change is atomic.
 *
 * Design notes. Every command and every order to the reader is paid for here before it goes out:
 * card_transmit_bytes() and card_link_control() are the only two ways to the port. Once a call has
 * ended, nothing more of it goes out, and the session gives its result whatever the functions
 * between made of it: a listing that swallows the failure of one file cannot succeed by that.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_CARD_LINK_BUDGET_H
#define SCM_CARD_LINK_BUDGET_H

#include "base/result.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/** Most commands of one call, whatever they are; one more for so many bytes of contents. */
#define CARD_BUDGET_COMMANDS   4096
#define CARD_BUDGET_BYTES_EACH 16
/** Of these, the last ones are for undoing what a call that ends has half done. */
#define CARD_BUDGET_FOR_UNDOING 32
/** Most GET RESPONSE that belong to one exchange. */
#define CARD_BUDGET_RESPONSES 1024

/** Why a call ends whose attachment is ending. */
#define CARD_BUDGET_WHY_ENDING "its attachment was ended while it was under way"

/** What the call under way has spent; all zero is a new one. */
struct card_budget
{
    const atomic_uint *endings; /**< how many wait to end the attachment; NULL: nobody can */
    unsigned commands;
    unsigned responses;  /**< GET RESPONSE of the exchange under way */
    size_t moved;        /**< bytes of contents */
    bool moves_contents; /**< the call is one that reads or writes contents for its client */
    unsigned undoings; /**< commands left to take back what the call did, also where it has ended */
    scm_result ended_by; /**< HR_OK while the call may go on */
    const char *why;     /**< for the description; NULL while the call may go on */
};

/** A call begins. */
void card_budget_begin(struct card_budget *budget);

/** The call reads or writes contents for its client: bytes moved allow for more commands. */
void card_budget_allow_contents(struct card_budget *budget);

/** So many bytes of contents have come or gone. */
void card_budget_moved(struct card_budget *budget, size_t len);

/** The call has failed and takes back what it did: that goes on, a little, where it has ended. */
void card_budget_undo(struct card_budget *budget);

/** An exchange begins: a command and what has to follow it. */
void card_budget_begin_exchange(struct card_budget *budget);

/**
 * Pays for one command; before it is sent.
 *
 * @retval HR_OK
 * @retval SC_E_COMM_DATA_LOST the call has sent all that it may.
 * @retval SC_E_CANCELLED another thread waits to end the attachment.
 *         Both stay the call's result from then on.
 */
scm_result card_budget_pay(struct card_budget *budget);

/**
 * Counts one GET RESPONSE of the exchange; before it is paid for.
 * @retval HR_OK
 * @retval SC_E_COMM_DATA_LOST the exchange has had all that it may; and so the call has ended.
 */
scm_result card_budget_count_response(struct card_budget *budget);

/**
 * Whether another thread waits to end the attachment, which ends the call.
 * @retval HR_OK @retval SC_E_CANCELLED
 */
scm_result card_budget_check_ending(struct card_budget *budget);

/** What a call gives that thinks to have this result. */
static inline scm_result card_budget_result(const struct card_budget *budget, scm_result result)
{
    return result_failed(budget->ended_by) ? budget->ended_by : result;
}

#endif
