/*
 * budget - how many commands one call may send, so that no card decides how long it takes.
 * Layer: card/link (pure: no card is asked).
 * SPDX-License-Identifier: MIT
 */
#include "card/link/budget.h"

#include "system/trace.h"

static scm_result end_call(struct card_budget *budget, scm_result result, const char *why)
{
    if (result_failed(budget->ended_by)) return budget->ended_by;
    budget->ended_by = result;
    budget->why = why;
    trace_line("card", "the call ends", why);
    return result;
}

void card_budget_begin(struct card_budget *budget)
{
    *budget = (struct card_budget){ .endings = budget->endings };
}

void card_budget_allow_contents(struct card_budget *budget)
{
    budget->moves_contents = true;
}

void card_budget_moved(struct card_budget *budget, size_t len)
{
    budget->moved += len;
}

void card_budget_undo(struct card_budget *budget)
{
    budget->undoings = CARD_BUDGET_FOR_UNDOING;
}

void card_budget_begin_exchange(struct card_budget *budget)
{
    budget->responses = 0;
}

scm_result card_budget_check_ending(struct card_budget *budget)
{
    if (!budget->endings || atomic_load(budget->endings) == 0) return HR_OK;
    return end_call(budget, SC_E_CANCELLED, CARD_BUDGET_WHY_ENDING);
}

static scm_result check(struct card_budget *budget)
{
    size_t allowed = CARD_BUDGET_COMMANDS - CARD_BUDGET_FOR_UNDOING;

    if (result_failed(budget->ended_by)) return budget->ended_by;
    if (budget->moves_contents) allowed += budget->moved / CARD_BUDGET_BYTES_EACH;
    if (budget->commands < allowed) return card_budget_check_ending(budget);
    return end_call(budget, SC_E_COMM_DATA_LOST,
                    "with this card the call takes more commands than a call may send");
}

scm_result card_budget_pay(struct card_budget *budget)
{
    scm_result result = check(budget);

    if (result_failed(result))
    {
        if (budget->undoings == 0) return result;
        budget->undoings--;
    }
    budget->commands++;
    return HR_OK;
}

scm_result card_budget_count_response(struct card_budget *budget)
{
    if (budget->responses >= CARD_BUDGET_RESPONSES)
        return end_call(budget, SC_E_COMM_DATA_LOST,
                        "the card went on announcing more data, without an end");
    budget->responses++;
    return HR_OK;
}
