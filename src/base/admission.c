/*
 * admission - how pcsc-lite's daemon lets a client in.
 * Layer: base (pure).
 * SPDX-License-Identifier: MIT
 */
#include "base/admission.h"

/* Measured with 1.9.9 on an idle and on a busy machine: up to 202 times NO_SERVICE on end and 1,041
 * times SECURITY_VIOLATION, at a twentieth to a quarter of a millisecond each. */
#define NOT_THERE_TRIES 1024
#define HUNG_UP_TRIES   96
#define HUNG_UP_MS      300

scm_result admission_ask(admission_attempt *attempt, void *context, uint32_t (*now_ms)(void))
{
    unsigned hung_up = 0, not_there = 0;
    uint32_t began = now_ms();

    for (;;)
    {
        scm_result result = attempt(context);
        if (result == SC_E_NO_SERVICE)
            not_there++;
        else if (result == SC_W_SECURITY_VIOLATION || result == SC_F_COMM_ERROR)
            hung_up++;
        else
            return result;
        if (not_there && hung_up > 1) return SC_E_SERVER_TOO_BUSY;
        if (not_there >= NOT_THERE_TRIES) return SC_E_NO_SERVICE;
        if (hung_up >= HUNG_UP_TRIES && now_ms() - began >= HUNG_UP_MS) return result;
    }
}
