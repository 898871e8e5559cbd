/*
 * arguments - a caller's arguments as a method takes them.
 * Layer: com.
 * SPDX-License-Identifier: MIT
 */
#ifndef SCM_COM_DISPATCH_ARGUMENTS_H
#define SCM_COM_DISPATCH_ARGUMENTS_H

#include "com/dispatch/invocation.h"

/** An invocation of a member of at most INVOCATION_PARAMETERS_MAX parameters; arguments_free() ends it. */
void arguments_begin(struct invocation *invocation, const struct com_class *class,
                     const struct member *member);

/**
 * Fills in what the method gets.
 *
 * @param[in] params the caller's; they outlive the invocation.
 * @param[out] bad_argument the index of the argument that is refused; NULL allowed.
 * @retval S_OK
 * @retval DISP_E_BADPARAMCOUNT, DISP_E_PARAMNOTOPTIONAL too few or too many.
 * @retval DISP_E_PARAMNOTFOUND one by the name of no parameter.
 * @retval DISP_E_TYPEMISMATCH, DISP_E_OVERFLOW, E_POINTER not what the parameter can hold.
 * @retval E_INVALIDARG fewer bytes than are counted.
 * @retval E_OUTOFMEMORY
 */
HRESULT arguments_prepare(struct invocation *invocation, const DISPPARAMS *params,
                          UINT *bad_argument);

/** Frees what was copied, and wipes bytes: they may have been a PIN. */
void arguments_free(struct invocation *invocation);

#endif
