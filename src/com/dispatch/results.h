/*
 * results - what a method gives, as the caller wants it.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_RESULTS_H
#define SCM_COM_DISPATCH_RESULTS_H

#include "com/dispatch/invocation.h"

/**
 * Makes memory that the method handed out into what a script can have (com_class::give_script).
 * Return codes of that function.
 */
HRESULT results_take_memory(struct invocation *invocation);

/**
 * Gives what comes out as the value of the call, where that is the only way: see JScript there. To be
 * called before results_store(), which turns what came out into what the caller's variables hold.
 *
 * @param[out] result NULL where the caller wants no value.
 * @retval S_OK also where there is nothing to give.
 * @retval E_UNEXPECTED the method reports more bytes than there was room for.
 * @retval E_OUTOFMEMORY
 */
HRESULT results_give_value(struct invocation *invocation, VARIANT *result);

/**
 * Stores what came out in the caller's variables.
 *
 * @param[out] result NULL where the caller wants no value.
 * @param[out] bad_argument the index of the variable that cannot take it; NULL allowed.
 * @retval S_OK
 * @retval DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, DISP_E_ARRAYISLOCKED a variable that cannot take it.
 * @retval E_UNEXPECTED the method reports more bytes than there was room for.
 * @retval E_OUTOFMEMORY
 */
HRESULT results_store(struct invocation *invocation, VARIANT *result, UINT *bad_argument);

#endif
